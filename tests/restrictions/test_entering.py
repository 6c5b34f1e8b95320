"""Written down by hand: what is too old, elsewhere, no number, or there already (AS-03 – AS-12)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask

from app.kernel.actor import Role
from app.kernel.errors import RuleBroken
from app.kernel.ranges import kst
from app.people.models import Child
from app.restrictions import service
from app.restrictions.rules.counting import age_problem, elsewhere_problem
from app.restrictions.rules.kinds import EventKind
from app.restrictions.service import NewEvent
from app.tenancy.rules import Service
from tests.cast import offer
from tests.restrictions.office import TODAY, Office
from tests.restrictions.test_cases import codes
from tests.restrictions.test_views import HOME, Browser, once

FORM = {"kind": "DEMAND", "service": "FACILITY", "occurred_on": "2026-11-03", "note": "당장 보내 달라 함"}


@pytest.fixture
def who(app: Flask, office: Office) -> Browser:
    return Browser(app, office)


@pytest.mark.parametrize(
    ("day", "today", "fine"),
    [
        (date(2025, 11, 19), TODAY, False),
        (date(2025, 11, 20), TODAY, True),
        (date(2026, 11, 20), TODAY, True),
        (date(1900, 1, 1), TODAY, False),
        (date(2027, 2, 28), date(2028, 2, 29), False),
        (date(2027, 3, 1), date(2028, 2, 29), True),
    ],
    ids=["a day more", "a year", "today", "long ago", "leap day, a day more", "leap day, a year"],
)
@pytest.mark.rule("AS-17")
def test_no_older_than_a_year(day: date, today: date, fine: bool) -> None:
    problem = age_problem(day, today)
    assert (problem is None) == fine
    if problem and today == TODAY:
        assert "2025년 11월 20일(목)부터" in problem.sentence


@pytest.mark.rule("AS-04")
@pytest.mark.parametrize(
    ("kind", "where", "fine"),
    [
        (EventKind.LATE_CANCEL, "DAYCARE", True),
        (EventKind.LATE_CANCEL, "FACILITY", False),
        (EventKind.LATE_CANCEL, "VISITING", False),
        (EventKind.CANCELLATION, "FACILITY", True),
        (EventKind.NO_SHOW, "DAYCARE", True),
    ],
)
def test_a_kind_of_the_daycares_is_theirs_alone(kind: EventKind, where: str, fine: bool) -> None:
    problem = elsewhere_problem(kind, where)
    assert (problem is None) == fine
    if problem:
        assert (problem.field, "‘야간보육 늦은 취소’" in problem.sentence) == ("kind", True)


def test_what_a_booking_says_is_refused_elsewhere_too(office: Office) -> None:
    new = NewEvent(EventKind.LATE_CANCEL, "FACILITY", kst(TODAY), guardian_id=office.guardian_id)
    with office.acting() as uow, pytest.raises(RuleBroken) as caught:
        service.record_event(uow, new)
    assert codes(caught) == {"event.elsewhere"}
    office.event(EventKind.LATE_CANCEL, service_name="DAYCARE")


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"phone": "1"}, "phone", "010-1234-5678처럼"),
        ({"phone": "abc"}, "phone", "010-1234-5678처럼"),
        ({"phone": "9" * 500}, "phone", "010-1234-5678처럼"),
        ({"phone": "010-1234-567"}, "phone", "010-1234-5678처럼"),
        ({"phone": "  "}, "phone", "전화번호를 적어 주세요"),
        ({"occurred_on": "0001-01-01"}, "occurred_on", "2026-11-20처럼"),
        ({"occurred_on": "2025-11-19"}, "occurred_on", "1년이 지난 일"),
        ({"occurred_on": "2026-11-21"}, "occurred_on", "아직 오지 않은 때"),
        ({"occurred_on": "9999-12-31"}, "occurred_on", "2026-11-20처럼"),
        ({"note": " "}, "note", "내용을 적어"),
    ],
)
@pytest.mark.rule("AS-06")
def test_beside_the_field_it_says_what_is_wrong(
    who: Browser, office: Office, typed: dict[str, str], field: str, words: str
) -> None:
    data = {**FORM, "phone": "010-4444-0000", "request_id": once(), **typed}
    answer = who.of(Role.COORDINATOR).post(f"{HOME}/events/new", data=data)
    assert answer.status_code == 422
    beside = answer.text.partition(f'id="{field}-error"')[2][:200]
    assert words in beside
    assert office.events() == []


@pytest.mark.parametrize("number", ["010-4444-0000", "+82 10-4444-0000", "031-988-0271", "02-2600-1234"])
@pytest.mark.rule("AS-06")
def test_every_real_number_is_taken(office: Office, number: str) -> None:
    office.event(EventKind.DEMAND, phone=number)
    (event,) = office.events()
    assert event.phone.startswith("0")
    assert event.phone.isdigit()


@pytest.mark.rule("GC-22")
def test_the_form_offers_what_the_municipality_has(who: Browser, office: Office) -> None:
    page = f"{HOME}/events/new?guardian={office.guardian_ref}"
    coordinator = who.of(Role.COORDINATOR)
    whole = coordinator.get(page).text
    assert "야간보육 늦은 취소 (언제나어린이집만)" in whole
    assert 'value="VISITING"' not in whole
    offer(office.place, Service.FACILITY)
    alone = coordinator.get(page).text
    assert "LATE_CANCEL" not in alone
    assert 'value="DAYCARE"' not in alone


def enter(office: Office, whose: str = "guardian_id", *, again: bool = False, **other: object) -> None:
    """The same late end as `office.event` writes it, but for what is told."""
    given = {"guardian_id": getattr(office, whose), "kind": EventKind.LATE_END, "again": again, **other}
    if given.pop("child", False):
        given["child_id"] = office.child_id
    office.event(**given)  # type: ignore[arg-type]


@pytest.mark.rule("AS-11")
@pytest.mark.parametrize(
    ("first", "second", "twice"),
    [
        ({}, {}, True),
        ({"child": True}, {"child": True}, True),
        ({}, {"child": True}, True),
        ({"child": True}, {}, True),
        ({}, {"minute": 420}, True),
        ({}, {"whose": "spouse_id"}, True),
        ({}, {"whose": "stranger_id"}, False),
        ({}, {"day": TODAY - timedelta(days=1)}, False),
        ({}, {"kind": EventKind.CANCELLATION}, False),
        ({}, {"service_name": "DAYCARE"}, False),
        ({"child": True}, {"child_id": "another"}, False),
    ],
    ids=[
        "the same", "of the same child", "the child named later", "the child named first", "another hour",
        "of the other parent", "another family", "another day", "another kind", "another service",
        "another child",
    ],
)  # fmt: skip
def test_two_people_write_the_same_down(
    office: Office, first: dict[str, object], second: dict[str, object], twice: bool
) -> None:
    if second.get("child_id") == "another":
        second = {"child_id": _sibling(office)}
    enter(office, **first)  # type: ignore[arg-type]
    if not twice:
        enter(office, **second)  # type: ignore[arg-type]
        return
    with pytest.raises(RuleBroken) as caught:
        enter(office, **second)  # type: ignore[arg-type]
    (problem,) = caught.value.problems
    assert (problem.code, problem.soft) == ("event.twice", True)
    assert "이미 적은 같은 일이 있어요(11월 20일(금) 종료시간 미준수)" in problem.sentence
    assert len(office.events()) == 1
    enter(office, **second, again=True)  # type: ignore[arg-type]
    assert len(office.events()) == 2


def _sibling(office: Office) -> int:
    with office.acting() as uow:
        row = Child(name="김둘째", birth_date=date(2021, 1, 1), sex="MALE", created_at=uow.now)
        uow.session.add(row)
        uow.session.flush()
        return row.id


def test_an_excused_one_is_not_in_the_way(office: Office) -> None:
    ref = office.event()
    with office.acting(office.director) as uow:
        service.excuse_event(uow, ref, version=1, reason="잘못 적음")
    office.event()
    assert len(office.events()) == 2


@pytest.mark.rule("AS-11")
def test_the_tick_appears_when_it_is_needed(who: Browser, office: Office) -> None:
    coordinator = who.of(Role.COORDINATOR)
    data = {**FORM, "kind": "LATE_END", "guardian": office.guardian_ref}
    page = f"{HOME}/events/new?guardian={office.guardian_ref}"
    assert 'name="again"' not in coordinator.get(page).text
    assert coordinator.post(f"{HOME}/events/new", data={**data, "request_id": once("1")}).status_code == 303
    answer = coordinator.post(f"{HOME}/events/new", data={**data, "request_id": once("2")})
    assert answer.status_code == 422
    assert 'name="again"' in answer.text
    assert "당장 보내 달라 함" in answer.text
    answer = coordinator.post(f"{HOME}/events/new", data={**data, "request_id": once("2"), "again": "y"})
    assert answer.status_code == 303
    assert len(office.events()) == 2


@pytest.mark.rule("AS-06")
def test_demands_of_a_bare_number_are_compared_too(office: Office) -> None:
    office.event(EventKind.DEMAND, phone="010-4444-0000")
    with pytest.raises(RuleBroken) as caught:
        office.event(EventKind.DEMAND, phone="01044440000")
    assert codes(caught) == {"event.twice"}
    office.event(EventKind.DEMAND, phone="01044440001")


def test_the_year_is_counted_from_the_day_of_writing(office: Office) -> None:
    with time_machine.travel(kst(TODAY + timedelta(days=1), 600), tick=False):
        with pytest.raises(RuleBroken) as caught:
            office.event(day=date(2025, 11, 20))
        assert codes(caught) == {"event.too_old"}
        office.event(day=date(2025, 11, 21))
