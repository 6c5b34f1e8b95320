"""Days on which the ordinary week does not hold, and the calendar that all bookings read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
import time_machine

from app.centres import parameters
from app.centres.models import KiumCentre
from app.centres.queries import centre_by_id, opening_calendar, special_days
from app.centres.rules import ClosedReason, QuarterKind, SpecialDayKind
from app.centres.service.special_days import (
    NewSpecialDay,
    SpecialDayChange,
    declare_special_day,
    remove_special_day,
)
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.ranges import DateSpan, TimeSpan
from app.tenancy import settings
from tests.cast import make_centre, make_district, make_quarter
from tests.centres.people_of import ADMIN, director, teacher

TUESDAY, SATURDAY, CHRISTMAS = date(2026, 11, 24), date(2026, 11, 28), date(2026, 12, 25)
NINE_TO_SIX = TimeSpan.parse("09:00-18:00")
MORNING = TimeSpan.parse("09:00-13:00")


@dataclass
class World:
    place: TenantRef
    centre: KiumCentre
    ref: str

    def declare(self, new: NewSpecialDay) -> SpecialDayChange:
        with unit_of_work(self.place, teacher(self.centre)) as uow:
            return declare_special_day(uow, self.ref, new)


@pytest.fixture
def world(seoul: TenantRef) -> Iterator[World]:
    with time_machine.travel("2026-11-20 10:00+09:00", tick=False):
        with unit_of_work(seoul, SYSTEM) as uow:
            centre = make_centre(uow, district=make_district(uow))
            make_quarter(uow, centre, date(2026, 8, 17), date(2026, 12, 31))
            ref = centre_by_id(uow, centre.id).ref
        yield World(seoul, centre, ref)


def codes(error: pytest.ExceptionInfo[RuleBroken]) -> set[str]:
    return {problem.code for problem in error.value.problems}


@pytest.mark.rule("KQ-11")
@pytest.mark.parametrize("kind", [SpecialDayKind.SHORT_VACATION, SpecialDayKind.DISCRETIONARY_CLOSURE])
def test_when_school_is_out_the_vacation_hours_hold(world: World, kind: SpecialDayKind) -> None:
    change = world.declare(NewSpecialDay(TUESDAY, kind))
    assert change.before.span == TimeSpan.parse("11:00-19:00")
    assert (change.after.span, change.after.vacation_hours) == (NINE_TO_SIX, True)


@pytest.mark.rule("KQ-11")
def test_a_closed_day_and_the_way_back(world: World) -> None:
    assert not world.declare(NewSpecialDay(TUESDAY, SpecialDayKind.CENTRE_CLOSED)).after.is_open
    with unit_of_work(world.place, director(world.centre)) as uow:
        (row,) = special_days(uow, world.centre.id, DateSpan(TUESDAY, TUESDAY))
        assert remove_special_day(uow, row.ref).after.span == TimeSpan.parse("11:00-19:00")
        assert special_days(uow, world.centre.id, DateSpan(TUESDAY, TUESDAY)) == []


@pytest.mark.rule("KQ-12")
@pytest.mark.parametrize(
    ("day", "heads", "code"),
    [
        (SATURDAY, 0, "special_day.staff_missing"),
        (SATURDAY, 1, None),
        (CHRISTMAS, 0, "special_day.staff_missing"),
        (CHRISTMAS, 1, None),
        (TUESDAY, 0, None),
    ],
)
def test_opening_on_a_free_day_needs_somebody(world: World, day: date, heads: int, code: str | None) -> None:
    new = NewSpecialDay(day, SpecialDayKind.EXTRA_OPEN, MORNING, heads)
    if code is None:
        assert world.declare(new).after.span == MORNING
    else:
        with pytest.raises(RuleBroken) as refused:
            world.declare(new)
        assert codes(refused) == {code}


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2026, 11, 19), "special_day.past"),
        (date(2026, 11, 20), None),
        (date(2026, 12, 31), None),
        (date(2027, 1, 1), "special_day.no_quarter"),
    ],
)
def test_only_coming_days_of_a_quarter(world: World, day: date, code: str | None) -> None:
    new = NewSpecialDay(day, SpecialDayKind.CENTRE_CLOSED)
    if code is None:
        assert world.declare(new)
    else:
        with pytest.raises(RuleBroken) as refused:
            world.declare(new)
        assert codes(refused) == {code}


def test_a_day_is_declared_once(world: World) -> None:
    world.declare(NewSpecialDay(TUESDAY, SpecialDayKind.CENTRE_CLOSED))
    with pytest.raises(RuleBroken) as refused:
        world.declare(NewSpecialDay(TUESDAY, SpecialDayKind.SHORT_VACATION))
    assert codes(refused) == {"special_day.twice"}


def test_another_centre_s_day_is_unknown(world: World) -> None:
    world.declare(NewSpecialDay(TUESDAY, SpecialDayKind.CENTRE_CLOSED))
    with unit_of_work(world.place, SYSTEM) as uow:
        stranger = make_centre(uow, name="다른 센터", district=make_district(uow, "은평구"))
        (row,) = special_days(uow, world.centre.id, DateSpan(TUESDAY, TUESDAY))
    with pytest.raises(NotFound), unit_of_work(world.place, director(stranger)) as uow:
        remove_special_day(uow, row.ref)


@pytest.mark.rule("KQ-06")
def test_the_calendar_of_a_span(world: World) -> None:
    with unit_of_work(world.place, SYSTEM) as uow:
        make_quarter(
            uow,
            world.centre,
            date(2027, 1, 4),
            date(2027, 2, 28),
            kind=QuarterKind.WINTER,
            hours={key: ["09:00", "18:00"] for key in ("mon", "tue", "wed", "thu", "fri")},
        )
        days = opening_calendar(uow, world.centre.id, DateSpan(date(2026, 12, 24), date(2027, 1, 5)))
    assert len(days) == 13
    assert days[date(2026, 12, 24)].span == TimeSpan.parse("11:00-19:00")
    assert days[CHRISTMAS].reason is ClosedReason.HOLIDAY
    assert days[date(2026, 12, 26)].reason is ClosedReason.WEEKDAY_OFF
    assert days[date(2027, 1, 3)].reason is ClosedReason.NO_QUARTER
    assert days[date(2027, 1, 4)].span == NINE_TO_SIX


@pytest.mark.rule("GC-20")
def test_each_special_day_follows_the_vacation_hours_of_its_own_date(world: World) -> None:
    for day in (TUESDAY, date(2026, 12, 1)):
        world.declare(NewSpecialDay(day, SpecialDayKind.SHORT_VACATION))
    with unit_of_work(world.place, ADMIN) as uow:
        settings.set_value(
            uow, parameters.VACATION, "08:00-18:00", effective_from=date(2026, 12, 1), reason="조기 개원"
        )
    with unit_of_work(world.place, SYSTEM) as uow:
        days = opening_calendar(uow, world.centre.id, DateSpan(TUESDAY, date(2026, 12, 1)))
    assert days[TUESDAY].span == NINE_TO_SIX
    assert days[date(2026, 12, 1)].span == TimeSpan.parse("08:00-18:00")
