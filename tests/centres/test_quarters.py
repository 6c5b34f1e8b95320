"""A centre's year: first set up whole, then changed quarter by quarter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.centres import parameters
from app.centres.bookings import QuarterContent
from app.centres.lists import without_quarters
from app.centres.models import KiumCentre, Quarter
from app.centres.queries import centre_by_id, centre_policy, quarters_of
from app.centres.rules import (
    CentreKind,
    Meals,
    QuarterKind,
    QuarterPlan,
    QuarterState,
    QuarterUse,
    WeekHours,
    proposed_quarters,
)
from app.centres.service.quarters import (
    add_quarter,
    delete_quarter,
    fresh_plan,
    preview,
    proposal,
    set_first_year,
    set_quarter,
)
from app.kernel.actor import SYSTEM
from app.kernel.audit import AuditLog
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.errors import Forbidden, NotFound, RuleBroken, StaleVersion
from app.kernel.ranges import DateSpan
from app.tenancy import settings
from tests.cast import make_centre, make_district
from tests.centres.people_of import ADMIN, director, officer, teacher

YEAR = 2026
LONGER = {key: ["10:00", "19:30"] for key in ("mon", "tue", "wed", "thu", "fri")}


@dataclass
class World:
    place: TenantRef
    centre: KiumCentre
    ref: str
    kind: CentreKind = CentreKind.GENERAL

    def plans(self, year: int = YEAR) -> list[QuarterPlan]:
        with unit_of_work(self.place, SYSTEM) as uow:
            policy = centre_policy(uow, centre_by_id(uow, self.centre.id))
        return [fresh_plan(self.kind, kind, year, span, policy) for kind, span in proposed_quarters(year)]

    def set_year(self, year: int = YEAR) -> dict[QuarterKind, str]:
        with unit_of_work(self.place, director(self.centre)) as uow:
            rows = set_first_year(uow, self.ref, self.plans(year))
            return {row.plan.kind: row.ref for row in rows}

    def rows(self) -> dict[QuarterKind, Quarter]:
        with unit_of_work(self.place, SYSTEM) as uow:
            return {QuarterKind(row.kind): row for row in uow.session.scalars(select(Quarter))}


@pytest.fixture
def world(seoul: TenantRef) -> Iterator[World]:
    with time_machine.travel("2026-11-20 10:00+09:00", tick=False):
        with unit_of_work(seoul, SYSTEM) as uow:
            centre = make_centre(uow, district=make_district(uow))
            ref = centre_by_id(uow, centre.id).ref
        yield World(seoul, centre, ref)


def codes(error: pytest.ExceptionInfo[RuleBroken]) -> set[str]:
    return {problem.code for problem in error.value.problems}


@pytest.mark.rule("KQ-03")
@pytest.mark.parametrize("count", [1, 3])
def test_the_first_year_needs_all_four(world: World, count: int) -> None:
    plans = world.plans()
    with unit_of_work(world.place, director(world.centre)) as uow, pytest.raises(RuleBroken) as refused:
        set_first_year(uow, world.ref, plans[:count])
    assert "quarter.year_incomplete" in codes(refused)


@pytest.mark.rule("KQ-03")
def test_a_centre_without_quarters_does_not_start_with_one(world: World) -> None:
    plans = world.plans()
    with unit_of_work(world.place, director(world.centre)) as uow, pytest.raises(RuleBroken) as refused:
        add_quarter(uow, world.ref, plans[0])
    assert "quarter.year_incomplete" in codes(refused)


@pytest.mark.rule("KQ-03")
def test_the_first_year_keeps_real_dates_and_states(world: World) -> None:
    world.set_year()
    states = {kind: row.state for kind, row in world.rows().items()}
    assert states == {
        QuarterKind.WINTER: QuarterState.CLOSED,
        QuarterKind.SEM1: QuarterState.CLOSED,
        QuarterKind.SUMMER: QuarterState.CLOSED,
        QuarterKind.SEM2: QuarterState.CURRENT,
    }


@pytest.mark.rule("KQ-05")
def test_four_quarters_of_one_year(world: World) -> None:
    plans = world.plans()
    plans[0] = replace(plans[0], year_label=2027)
    with unit_of_work(world.place, director(world.centre)) as uow, pytest.raises(RuleBroken) as refused:
        set_first_year(uow, world.ref, plans)
    assert codes(refused) == {"quarter.mixed_years"}


@pytest.mark.rule("KQ-02")
@pytest.mark.parametrize(("first", "fine"), [(date(2026, 12, 31), False), (date(2027, 1, 1), True)])
def test_no_day_belongs_to_two_quarters(world: World, first: date, fine: bool) -> None:
    world.set_year()
    winter = replace(world.plans(2027)[0], span=DateSpan(first, date(2027, 2, 28)))
    with unit_of_work(world.place, director(world.centre)) as uow:
        if fine:
            assert add_quarter(uow, world.ref, winter).state is QuarterState.PLANNED
        else:
            with pytest.raises(RuleBroken) as refused:
                add_quarter(uow, world.ref, winter)
            assert codes(refused) == {"quarter.overlap"}


@pytest.mark.rule("KQ-02")
def test_the_database_refuses_an_overlap_too(world: World) -> None:
    """Should a plan ever pass the rule with an old view of the quarters, the exclusion constraint answers."""
    refs = world.set_year()
    with unit_of_work(world.place, SYSTEM) as uow:
        uow.session.execute(
            Quarter.__table__.update()
            .where(Quarter.ref == refs[QuarterKind.SUMMER])
            .values(ends_on=date(2026, 8, 10))
        )
    with pytest.raises(IntegrityError), unit_of_work(world.place, SYSTEM) as uow:
        uow.session.execute(
            Quarter.__table__.update()
            .where(Quarter.ref == refs[QuarterKind.SEM2])
            .values(starts_on=date(2026, 8, 10))
        )


def change(
    world: World, ref: str, plan: QuarterPlan, version: int = 1, content: QuarterContent | None = None
):  # type: ignore[no-untyped-def]
    with unit_of_work(world.place, director(world.centre)) as uow:
        return set_quarter(uow, ref, plan, version, content)


def sem2(world: World, last: date = date(2026, 12, 31), first: date = date(2026, 8, 17)) -> QuarterPlan:
    return replace(world.plans()[3], span=DateSpan(first, last))


@pytest.mark.rule("KQ-04")
@pytest.mark.parametrize(("last", "fine"), [(date(2026, 11, 19), False), (date(2026, 11, 20), True)])
def test_a_running_quarter_ends_today_at_the_earliest(world: World, last: date, fine: bool) -> None:
    ref = world.set_year()[QuarterKind.SEM2]
    if fine:
        assert change(world, ref, sem2(world, last)).after.span.last == last
    else:
        with pytest.raises(RuleBroken) as refused:
            change(world, ref, sem2(world, last))
        assert codes(refused) == {"quarter.ends_in_past"}


@pytest.mark.rule("KQ-04")
def test_a_change_says_what_it_does_to_bookings(world: World) -> None:
    ref = world.set_year()[QuarterKind.SEM2]
    inside = DateSpan(date(2026, 9, 1), date(2026, 12, 10))
    to_the_end = DateSpan(date(2026, 9, 1), date(2026, 12, 31))
    content = QuarterContent(bookings=[("in", inside), ("end", to_the_end)])
    done = change(world, ref, sem2(world, date(2026, 12, 20)), content=content)
    assert [(row.ref, row.after) for row in done.impact.shortened] == [
        ("end", DateSpan(date(2026, 9, 1), date(2026, 12, 20)))
    ]
    assert (done.before.span.last, done.after.version) == (date(2026, 12, 31), 2)
    with unit_of_work(world.place, SYSTEM) as uow:
        diff = uow.session.scalars(select(AuditLog).where(AuditLog.action == "quarter.change")).one().diff
        assert diff == {"ends_on": ["2026-12-31", "2026-12-20"]}


@pytest.mark.rule("KQ-04")
@pytest.mark.parametrize(("first", "fine"), [(date(2026, 9, 2), False), (date(2026, 9, 1), True)])
def test_the_start_stays_before_attendance(world: World, first: date, fine: bool) -> None:
    ref = world.set_year()[QuarterKind.SEM2]
    content = QuarterContent(attended={date(2026, 9, 1)})
    if fine:
        assert change(world, ref, sem2(world, first=first), content=content)
    else:
        with pytest.raises(RuleBroken) as refused:
            change(world, ref, sem2(world, first=first), content=content)
        assert codes(refused) == {"quarter.attendance_outside"}


@pytest.mark.rule("KQ-04")
def test_a_past_quarter_stays_as_it_was(world: World) -> None:
    ref = world.set_year()[QuarterKind.SEM1]
    with pytest.raises(RuleBroken) as refused:
        change(world, ref, world.plans()[1])
    assert "quarter.closed" in codes(refused)


def test_two_people_change_the_same_quarter(world: World) -> None:
    ref = world.set_year()[QuarterKind.SEM2]
    change(world, ref, sem2(world, date(2026, 12, 30)))
    with pytest.raises(StaleVersion):
        change(world, ref, sem2(world, date(2026, 12, 29)))
    assert world.rows()[QuarterKind.SEM2].ends_on == date(2026, 12, 30)


@pytest.mark.rule("KQ-06")
def test_a_gap_warns_but_is_saved(world: World) -> None:
    ref = world.set_year()[QuarterKind.SEM2]
    plan = sem2(world, first=date(2026, 8, 19))
    with unit_of_work(world.place, director(world.centre)) as uow:
        row = next(row for row in quarters_of(uow, world.centre.id) if row.ref == ref)
        seen = preview(uow, centre_by_id(uow, world.centre.id), plan, row)
    assert [problem.code for problem in seen.warnings] == ["quarter.gap"]
    assert seen.impact.gaps == (DateSpan(date(2026, 8, 17), date(2026, 8, 18)),)
    assert change(world, ref, plan)


@pytest.mark.rule("KQ-07")
def test_the_next_year_is_copied_from_the_last_of_its_kind(world: World) -> None:
    refs = world.set_year()
    changed = replace(
        sem2(world),
        meals=Meals(dinner=True, snack=True),
        hours=WeekHours.from_json(LONGER),
    )
    change(world, refs[QuarterKind.SEM2], changed)
    with unit_of_work(world.place, SYSTEM) as uow:
        centre = centre_by_id(uow, world.centre.id)
        rows = quarters_of(uow, centre.id)
        copied = proposal(centre, rows, QuarterKind.SEM2, 2027, centre_policy(uow, centre))
    assert copied.span == DateSpan(date(2027, 8, 16), date(2027, 12, 31))
    assert (copied.hours, copied.meals) == (changed.hours, changed.meals)


@pytest.mark.rule("KQ-13")
@pytest.mark.parametrize("kind", list(CentreKind))
@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_the_proposed_year_can_be_saved_as_it_is(world: World, kind: CentreKind, year: int) -> None:
    with unit_of_work(world.place, SYSTEM) as uow:
        centre = make_centre(uow, kind=kind, name="새 센터", district=make_district(uow, "은평구"))
        other = World(world.place, centre, centre_by_id(uow, centre.id).ref, kind)
    assert len(other.set_year(year)) == 4


@pytest.mark.rule("KQ-08")
def test_the_municipality_s_own_standard_hours_hold_from_their_day(world: World) -> None:
    world.set_year()
    with unit_of_work(world.place, ADMIN) as uow:
        settings.set_value(
            uow, parameters.VACATION, "08:00-18:00", effective_from=date(2027, 1, 1), reason="방학 조기 개원"
        )
    plan = replace(world.plans(2027)[0], span=DateSpan(date(2027, 1, 1), date(2027, 2, 28)))
    with unit_of_work(world.place, director(world.centre)) as uow, pytest.raises(RuleBroken) as refused:
        add_quarter(uow, world.ref, plan)
    assert codes(refused) == {"quarter.standard_hours"}


@pytest.mark.rule("KQ-14")
def test_a_short_summer_is_marked(world: World) -> None:
    world.set_year()
    with unit_of_work(world.place, SYSTEM) as uow:
        centre = centre_by_id(uow, world.centre.id)
        summer = world.plans()[2]
        for days, short in ((34, True), (35, False)):
            span = DateSpan(summer.span.first, date.fromordinal(summer.span.first.toordinal() + days - 1))
            assert preview(uow, centre, replace(summer, span=span)).short is short


@pytest.mark.rule("KQ-15")
@pytest.mark.parametrize(
    ("use", "fine"),
    [
        (QuarterUse(), True),
        (QuarterUse(bookings=1), False),
        (QuarterUse(extensions=1), False),
        (QuarterUse(attendances=1), False),
    ],
)
def test_only_an_empty_quarter_is_deleted(world: World, use: QuarterUse, fine: bool) -> None:
    ref = world.set_year()[QuarterKind.SEM2]
    with unit_of_work(world.place, director(world.centre)) as uow:
        if not fine:
            with pytest.raises(RuleBroken) as refused:
                delete_quarter(uow, ref, 1, use)
            assert codes(refused) == {"quarter.in_use"}
            return
        delete_quarter(uow, ref, 1, use)
    assert QuarterKind.SEM2 not in world.rows()


def test_deleting_an_old_version_is_noticed(world: World) -> None:
    ref = world.set_year()[QuarterKind.SEM2]
    change(world, ref, sem2(world, date(2026, 12, 30)))
    with pytest.raises(StaleVersion), unit_of_work(world.place, director(world.centre)) as uow:
        delete_quarter(uow, ref, 1, QuarterUse())


@pytest.mark.rule("KQ-16")
def test_who_has_not_entered_next_year(world: World) -> None:
    world.set_year()
    with unit_of_work(world.place, SYSTEM) as uow:
        assert without_quarters(uow, 2026) == []
        assert [row.id for row in without_quarters(uow, 2027)] == [world.centre.id]


def test_who_may_plan(world: World) -> None:
    ref = world.set_year()[QuarterKind.SEM2]
    plan = sem2(world, date(2026, 12, 30))
    with unit_of_work(world.place, teacher(world.centre)) as uow:
        assert set_quarter(uow, ref, plan, 1)
    with pytest.raises(Forbidden), unit_of_work(world.place, teacher(world.centre)) as uow:
        delete_quarter(uow, ref, 2, QuarterUse())
    with unit_of_work(world.place, SYSTEM) as uow:
        stranger = make_centre(uow, name="다른 센터", district=make_district(uow, "은평구"))
    with pytest.raises(NotFound), unit_of_work(world.place, director(stranger)) as uow:
        set_quarter(uow, ref, plan, 2)
    with pytest.raises(Forbidden), unit_of_work(world.place, officer(stranger)) as uow:  # type: ignore[arg-type]
        set_quarter(uow, ref, plan, 2)
