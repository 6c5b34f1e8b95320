"""Running the place, designation, restrictions that begin (AD-02, AD-03, AD-12, AD-28 – AD-30, AD-33, AS-20, GC-13)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from app.daycare import queries, service
from app.daycare.checks import data_checks
from app.daycare.models import DaycareStay, RosterShift
from app.daycare.parameters import CLOSED_DAYS, FEE_HOUR, FREE, HOLIDAY_OPEN
from app.daycare.rules.request import Wish
from app.daycare.rules.states import BookingState
from app.daycare.service import ClassData, Designation, FacilityData, WouldBreak
from app.daycare.service.restricted import cancel_inside
from app.fees.queries import balance_of
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.db import unit_of_work
from app.kernel.errors import Forbidden, NotFound, RuleBroken
from app.kernel.ranges import KST
from app.restrictions.hooks import Begun
from app.tenancy import settings
from app.tenancy.models import Institution
from app.tenancy.rules import InstitutionKind
from app.tenancy.seed import read_seeds
from tests.cast_daycare import (
    EVERY_DAY,
    MONDAY,
    SATURDAY,
    SUNDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    DaycareTown,
    evening,
    night,
)
from tests.conftest import SEOUL


def codes(refused: pytest.ExceptionInfo[RuleBroken]) -> set[str]:
    return {problem.code.removeprefix("daycare.") for problem in refused.value.problems}


def at(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}:00").replace(tzinfo=KST)


def class_data(**changes: object) -> ClassData:
    usual = {
        "name": "새싹반",
        "places": 5,
        "weekdays": EVERY_DAY,
        "start": 450,
        "end": 1890,
        "teachers": 1,
        "starts_on": date(2024, 7, 1),
    }
    return ClassData(**{**usual, **changes})


@pytest.mark.rule("AD-02")
def test_a_smaller_class_shows_whom_it_breaks_before_it_is_saved(town: DaycareTown) -> None:
    booked = [town.confirmed(town.family(f"아이{n}"), evening(TUESDAY)) for n in range(3)]
    smaller = class_data(places=2)
    with pytest.raises(WouldBreak) as refused, town.unit(town.director) as uow:
        service.save_class(uow, town.daycare, smaller, ref=town.class_ref)
    assert {row.number for row in refused.value.broken} == {one.number for one in booked}
    with town.unit(town.director) as uow:
        assert [row.places for row in queries.classes_of(uow, town.daycare_id)] == [5]
        service.save_class(uow, town.daycare, smaller, ref=town.class_ref, accept=True)
    assert [stay.violations for one in booked for stay in town.stays(one)] == [["AD-02"]] * 3
    town.check()
    with pytest.raises(RuleBroken) as six, town.unit(town.director) as uow:
        service.save_class(uow, town.daycare, class_data(places=6), ref=town.class_ref)
    assert codes(six) == {"bad_places"}


@pytest.mark.rule("AD-03")
def test_a_shift_that_leaves_the_evening_without_a_teacher(town: DaycareTown) -> None:
    town.confirmed(town.family(), evening(TUESDAY))
    with pytest.raises(WouldBreak), town.unit(town.director) as uow:
        service.add_shift(uow, town.class_ref, TUESDAY, "이보람", 450, 1080)
    with town.unit(town.director) as uow:
        service.add_shift(uow, town.class_ref, TUESDAY, "이보람", 450, 1890)
        late = service.add_shift(uow, town.class_ref, TUESDAY, "정하루", 1080, 1890)
    for n in range(2):
        town.book(town.family(f"아기{n}", date(2025, 9, 1)), evening(TUESDAY))
    town.book(town.family("넷째"), evening(TUESDAY))
    with pytest.raises(WouldBreak), town.unit(town.director) as uow:
        service.remove_shift(uow, late.ref)
    with town.unit() as uow:
        assert len(uow.session.scalars(select(RosterShift)).all()) == 2
    town.check()


@pytest.mark.rule("GC-13")
def test_a_closed_day_lists_who_is_booked_and_then_cancels_only_that_day(town: DaycareTown) -> None:
    home = town.family()
    run = town.confirmed(home, Wish(TUESDAY, THURSDAY, 1080, 1140))
    town.pay(run)
    with pytest.raises(WouldBreak) as refused, town.unit(town.director) as uow:
        service.close_day(uow, town.daycare, WEDNESDAY, "방역")
    assert [row.when for row in refused.value.broken] == ["11월 18일(수) 18:00–19:00"]
    with town.unit(town.director) as uow:
        service.close_day(uow, town.daycare, WEDNESDAY, "방역", accept=True)
    assert [stay.operating_day for stay in town.stays(run)] == [TUESDAY, THURSDAY]
    assert town.state(run) is BookingState.PAID
    with town.unit() as uow:
        assert balance_of(uow, "daycare_booking", town.booking(run).id) == -3000
    with pytest.raises(RuleBroken) as closed:
        town.book(town.family("바다"), evening(WEDNESDAY))
    assert codes(closed) == {"closed_day"}
    town.check()


@pytest.mark.rule("AD-30")
def test_own_hours_are_shown_and_bind(town: DaycareTown) -> None:
    data = FacilityData("031-555-0199", "농협 1", "", "", {"weekday": ["07:30", "22:00"], "holiday": None})
    with town.unit(town.director) as uow:
        service.save_facility(uow, town.daycare, data, version=1)
        openings = queries.openings(uow, town.row(uow), MONDAY, SUNDAY)
    assert [str(openings[day]) for day in (MONDAY, SATURDAY)] == ["07:30–22:00", "00:00–00:00"]
    assert not openings[SATURDAY].is_open
    with pytest.raises(RuleBroken) as refused:
        town.book(town.family(), night(WEDNESDAY))
    assert codes(refused) == {"outside_opening"}
    with pytest.raises(RuleBroken) as bad, town.unit(town.director) as uow:
        service.save_facility(
            uow,
            town.daycare,
            FacilityData("031-555-0199", "", "", "", {"weekday": ["06:00", "22:00"]}),
            version=2,
        )
    assert codes(bad) == {"bad_hours"}


def decide(town: DaycareTown, parameter: settings.Parameter, value: object) -> None:
    with town.unit(town.officer) as uow:
        settings.set_value(uow, parameter, value, effective_from=MONDAY, reason="조례")


@pytest.mark.rule("AD-12")
def test_the_fee_never_passes_the_ceiling_and_is_kept_as_booked(town: DaycareTown) -> None:
    for wrong in (3001, 3010, 999):
        with pytest.raises(RuleBroken):
            decide(town, FEE_HOUR, wrong)
    before = town.confirmed(town.family(), evening(TUESDAY))
    decide(town, FEE_HOUR, 1000)
    decide(town, FREE, ["vulnerable"])
    assert town.confirmed(town.family("바다"), evening(TUESDAY)).quoted == 3000
    assert town.confirmed(town.family("새봄", free="vulnerable"), evening(TUESDAY)).quoted == 0
    assert town.booking(before).fee_hour == 3000
    town.check()


@pytest.mark.rule("AD-28")
@pytest.mark.rule("AD-29")
def test_what_icheon_and_bucheon_are_born_with(town: DaycareTown) -> None:
    seeds = read_seeds()
    assert seeds["icheon"].parameters["ad.fee_hour"] == 1000
    assert seeds["icheon"].parameters["gc.closed_days_daycare"] == []
    decide(town, HOLIDAY_OPEN, seeds["bucheon"].parameters["ad.holiday_open"])
    with pytest.raises(RuleBroken) as refused:
        town.book(town.family(), Wish(SATURDAY, SATURDAY, 1080, 1140))
    assert codes(refused) == {"outside_opening"}
    decide(town, CLOSED_DAYS, [])
    christmas = date(2026, 12, 25)
    with town.unit() as uow:
        assert queries.openings(uow, town.row(uow), christmas, christmas)[christmas].is_open


@pytest.mark.rule("AD-33")
def test_a_designation_makes_the_daycare(town: DaycareTown) -> None:
    with town.unit() as uow:
        place = Institution(kind=InstitutionKind.DAYCARE, name="시립별빛 어린이집", phone="0315550111")
        uow.session.add(place)
        uow.session.flush()
        ref = place.ref
    with pytest.raises(Forbidden), town.unit(town.director) as uow:
        service.designate(uow, ref, Designation("보육-2", MONDAY))
    with pytest.raises(RuleBroken) as refused, town.unit(town.officer) as uow:
        service.designate(uow, ref, Designation(" ", MONDAY, MONDAY - timedelta(days=1)))
    assert codes(refused) == {"letter_missing", "ends_before"}
    with town.unit(town.officer) as uow:
        made = service.designate(uow, ref, Designation("보육-2", TUESDAY, groups=2))
        assert [(row.name, row.places) for row in queries.classes_of(uow, made.id, TUESDAY)] == [
            ("1반", 5),
            ("2반", 5),
        ]
        found = queries.availability(uow, [made], MONDAY, TUESDAY)[made.id]
    assert [day.any_free for day in found] == [False, True]


@pytest.mark.rule("AS-20")
def test_a_restriction_cancels_what_is_planned_inside_it_and_lets_a_stay_end(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    home, other = town.family(), town.family("바다")
    running = town.confirmed(home, evening(MONDAY, 1080, 1260))
    inside = town.confirmed(home, evening(WEDNESDAY))
    after = town.confirmed(home, evening(THURSDAY))
    theirs = town.confirmed(other, evening(WEDNESDAY))
    town.pay(running)
    clock.move_to(at(MONDAY, "18:00"))
    town.enter(running)
    begun = Begun(
        1, "r", home.guardian_id, frozenset(home.child_ids), frozenset({"DAYCARE"}), None, MONDAY, WEDNESDAY
    )
    with town.unit() as uow:
        lines = cancel_inside(uow, begun)
    assert len(lines) == 1
    assert inside.number in lines[0]
    states = [town.state(one) for one in (running, inside, after, theirs)]
    assert states == [
        BookingState.IN_CARE,
        BookingState.CANCELLED,
        BookingState.CONFIRMED,
        BookingState.CONFIRMED,
    ]
    clock.move_to(at(MONDAY, "21:00"))
    town.leave(running)
    town.check()


def test_other_municipalities_and_roles_have_no_hand_in_it(town: DaycareTown) -> None:
    stranger = Actor(Role.DAYCARE_DIRECTOR, None, "남", scope=town.daycare_id + 1)
    for actor, error in ((stranger, NotFound), (town.teacher, Forbidden), (town.officer, Forbidden)):
        with pytest.raises(error), town.unit(actor) as uow:
            service.close_day(uow, town.daycare, WEDNESDAY, "방역")

    with unit_of_work(SEOUL, SYSTEM) as uow:
        assert queries.daycares(uow) == []
        with pytest.raises(NotFound):
            queries.daycare_by_ref(uow, town.daycare)


def test_the_checks_find_what_is_wrong(town: DaycareTown) -> None:
    """Rows bent by hand behind the services' back."""

    booked = [town.confirmed(town.family(f"아이{n}"), evening(TUESDAY)) for n in range(2)]
    with town.unit() as uow:
        assert data_checks(uow) == []
        uow.session.execute(
            update(DaycareStay)
            .where(DaycareStay.ref == town.stays(booked[0])[0].ref)
            .values(state="INSIDE", in_at=uow.now, in_signature=None)
        )
        found = "\n".join(data_checks(uow))
    for words in ("보육 중인 아동이", "서명이 빠졌습니다"):
        assert words in found
