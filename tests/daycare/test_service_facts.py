"""What happened is recorded as it happened: who fetched the child, and which limits it broke (AD-22, GC-19)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from app.daycare import queries, service
from app.daycare.checks import data_checks
from app.daycare.jobs import keep_rooms
from app.daycare.models import ApplicationGuardian, DaycareApplication, DaycareStay
from app.daycare.queries import handover_rows, room_now
from app.daycare.service import ContactData
from app.daycare.service.booking import Booked
from app.kernel.db import TenantRef
from app.kernel.ranges import KST
from tests.cast_daycare import (
    ADDRESS,
    SATURDAY,
    TUESDAY,
    WEDNESDAY,
    DaycareTown,
    Home,
    evening,
    found_daycare,
)


def at(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}:00").replace(tzinfo=KST)


def tick(town: DaycareTown, clock: time_machine.Coordinates, day: date, time: str) -> None:
    clock.move_to(at(day, time))
    keep_rooms(town.place, at(day, time))


def paid(town: DaycareTown, home: Home, wish: Any = None) -> Booked:
    booked = town.confirmed(home, wish or evening(TUESDAY))
    town.pay(booked)
    return booked


def announced(town: DaycareTown, home: Home, person: str, relation: str, phone: str = "") -> str:
    data = ContactData(town.daycare, home.child, "어머니", home.phone, person, relation, TUESDAY, phone=phone)
    with town.unit(town.teacher) as uow:
        return service.record_contact(uow, data).ref


def second_guardian(town: DaycareTown, home: Home, name: str = "김아버지") -> None:
    with town.unit() as uow:
        row = uow.session.scalars(
            select(DaycareApplication).where(DaycareApplication.ref == home.application)
        ).one()
        uow.session.add(
            ApplicationGuardian(
                application_id=row.id,
                position=2,
                relation="부",
                name=name,
                birth_date=date(1989, 1, 1),
                phone="01077778888",
                address=ADDRESS,
            )
        )


def ledger(town: DaycareTown) -> tuple[str, str, str]:
    """Who brought it, who fetched it, and the call that the row names."""
    with town.unit(town.director) as uow:
        [row] = handover_rows(uow, town.row(uow), TUESDAY)
    return row.in_person, row.out_person, row.prior_contact


@pytest.mark.rule("AD-22")
def test_who_brought_the_child_says_nothing_of_who_fetches_it(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    home = town.family()
    booked = paid(town, home)
    clock.move_to(at(TUESDAY, "18:00"))
    town.enter(booked, person=0, contact=announced(town, home, "박이모", "이모"))
    assert ledger(town) == ("박이모(이모)", "", "")
    clock.move_to(at(TUESDAY, "21:00"))
    town.leave(booked, person=1)
    assert ledger(town) == ("박이모(이모)", "김하늘 어머니(모)", "")
    town.check()


@pytest.mark.rule("AD-22")
def test_a_call_about_somebody_who_then_does_not_come_leaves_no_mark(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    home = town.family()
    second_guardian(town, home)
    booked = paid(town, home)
    clock.move_to(at(TUESDAY, "18:00"))
    town.enter(booked)
    announced(town, home, "박이모", "이모")
    clock.move_to(at(TUESDAY, "21:00"))
    town.leave(booked, person=2)
    assert ledger(town)[1:] == ("김아버지(부)", "")


@pytest.mark.rule("AD-22")
@pytest.mark.parametrize(
    ("person", "relation", "phone", "listed"),
    [
        ("김아버지", "부", "", True),
        ("김아버지", "아빠", "01077778888", True),
        ("김아버지", "삼촌", "01012341234", False),
        ("박이모", "이모", "01077778888", False),
    ],
)
def test_a_listed_guardian_stays_one_when_a_call_announced_them(
    town: DaycareTown, clock: time_machine.Coordinates, person: str, relation: str, phone: str, listed: bool
) -> None:
    home = town.family()
    second_guardian(town, home)
    booked = paid(town, home)
    clock.move_to(at(TUESDAY, "18:00"))
    town.enter(booked)
    clock.move_to(at(TUESDAY, "21:00"))
    town.leave(booked, person=0, contact=announced(town, home, person, relation, phone))
    _, fetched, call = ledger(town)
    assert fetched == ("김아버지(부)" if listed else f"{person}({relation})")
    assert bool(call) is not listed


def test_a_very_long_name_keeps_its_relation(town: DaycareTown, clock: time_machine.Coordinates) -> None:
    home = town.family()
    second_guardian(town, home, "가" * 40)
    with town.unit() as uow:
        uow.session.execute(
            update(ApplicationGuardian).where(ApplicationGuardian.position == 2).values(relation="나" * 20)
        )
    booked = paid(town, home)
    clock.move_to(at(TUESDAY, "18:00"))
    stay = town.enter(booked, person=2)
    assert stay.in_person == f"{'가' * 38}({'나' * 20})"


@pytest.mark.rule("GC-19")
def test_late_is_no_violation_while_there_is_room(town: DaycareTown, clock: time_machine.Coordinates) -> None:
    booked = paid(town, town.family())
    clock.move_to(at(TUESDAY, "18:00"))
    town.enter(booked)
    tick(town, clock, TUESDAY, "21:35")
    assert town.stays(booked)[0].violations == []
    clock.move_to(at(TUESDAY, "21:40"))
    town.leave(booked)
    assert town.stays(booked)[0].violations == []
    town.check()


@pytest.fixture
def one_bed(gwacheon: TenantRef, clock: time_machine.Coordinates) -> tuple[DaycareTown, Booked, Booked]:
    """One bed: the second child's time begins at 21:00, when the first one's ends; the first is inside."""
    town = found_daycare(gwacheon, places=1)
    first = paid(town, town.family())
    second = paid(town, town.family("이바다"), evening(TUESDAY, 1260, 1320))
    clock.move_to(at(TUESDAY, "18:00"))
    town.enter(first)
    return town, first, second


@pytest.mark.rule("GC-19")
@pytest.mark.parametrize(("left", "marks"), [("20:59", []), ("21:00", []), ("21:01", ["AD-02"])])
def test_who_leaves_a_full_class_late_is_marked(
    one_bed: tuple[DaycareTown, Booked, Booked],
    clock: time_machine.Coordinates,
    left: str,
    marks: list[str],
) -> None:
    town, first, second = one_bed
    clock.move_to(at(TUESDAY, left))
    town.leave(first)
    assert town.stays(first)[0].violations == marks
    assert town.stays(second)[0].violations == []
    town.check()


@pytest.mark.rule("GC-19")
def test_the_clock_marks_who_is_still_there_and_the_room_says_so(
    one_bed: tuple[DaycareTown, Booked, Booked], clock: time_machine.Coordinates
) -> None:
    town, first, _ = one_bed
    clock.move_to(at(TUESDAY, "21:09"))
    town.check()
    clock.move_to(at(TUESDAY, "21:10"))
    with town.unit() as uow:
        assert ["정원보다 많은" in line for line in data_checks(uow)] == [True]
    tick(town, clock, TUESDAY, "21:10")
    tick(town, clock, TUESDAY, "21:15")
    town.check()
    assert town.stays(first)[0].violations == ["AD-02"]
    with town.unit(town.teacher) as uow:
        [inside] = room_now(uow, town.row(uow)).inside
        detail = queries.booking_detail(uow, first.ref)
    assert (inside.overdue, inside.broken) == (True, ("정원을 넘긴 시간이 있음",))
    assert detail.stays[0].violations == ("정원을 넘긴 시간이 있음",)


@pytest.mark.rule("GC-19")
@pytest.mark.rule("AD-06")
@pytest.mark.parametrize(("by_clock", "left"), [(True, "07:30"), (False, "07:30"), (False, "08:10")])
def test_who_is_not_fetched_before_the_night_is_marked(
    town: DaycareTown, clock: time_machine.Coordinates, by_clock: bool, left: str
) -> None:
    """Also where the clock stood still all night: the door writes it down in the morning."""
    booked = paid(town, town.family())
    clock.move_to(at(TUESDAY, "18:00"))
    town.enter(booked)
    if by_clock:
        tick(town, clock, TUESDAY, "22:05")
        assert town.stays(booked)[0].planned.upper == at(WEDNESDAY, "07:30")
    clock.move_to(at(WEDNESDAY, left))
    town.leave(booked)
    assert town.stays(booked)[0].violations == ["AD-06"]
    town.check()


@pytest.mark.rule("GC-19")
@pytest.mark.rule("AD-30")
@pytest.mark.parametrize(("left", "marks"), [("18:00", []), ("18:01", ["AD-30"])])
def test_who_stays_after_closing_is_marked(
    gwacheon: TenantRef, clock: time_machine.Coordinates, left: str, marks: list[str]
) -> None:
    town = found_daycare(gwacheon, hours={"holiday": ["09:00", "18:00"]})
    booked = paid(town, town.family(), evening(SATURDAY, 600, 1080))
    clock.move_to(at(SATURDAY, "10:00"))
    town.enter(booked)
    clock.move_to(at(SATURDAY, left))
    town.leave(booked)
    assert town.stays(booked)[0].violations == marks
    town.check()


@pytest.mark.rule("GC-19")
def test_a_fact_of_the_night_without_its_mark_is_found(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    booked = paid(town, town.family())
    clock.move_to(at(TUESDAY, "18:00"))
    town.enter(booked)
    clock.move_to(at(TUESDAY, "21:00"))
    town.leave(booked)
    stay = town.stays(booked)[0]
    for out, found in (("22:00", 0), ("22:01", 1)):
        with town.unit() as uow:
            uow.session.execute(
                update(DaycareStay).where(DaycareStay.id == stay.id).values(out_at=at(TUESDAY, out))
            )
            assert len([line for line in data_checks(uow) if "위반 표시" in line]) == found
