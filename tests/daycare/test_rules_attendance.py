"""Cancelling, not coming, and the door (AD-06, AD-13, AD-16 – AD-18, AD-21, AD-22)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from app.daycare.rules.cancellation import (
    Caller,
    Ending,
    cancellation,
    check_no_show,
    is_booker,
)
from app.daycare.rules.handover import (
    Person,
    check_entry,
    check_exit,
    check_paid,
    check_papers,
    has_ink,
)
from app.daycare.rules.policy import STANDARD
from app.daycare.rules.states import ApplicationState, StayState
from app.kernel.ranges import KST, Period, kst

TUESDAY = date(2026, 11, 17)
INK = [[[10, 10], [20, 18]]]
OTHER = [[[11, 10], [20, 18]]]
MOTHER = Person(listed=True, identity="id_card")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


def stay(start: int, end: int, day: date = TUESDAY) -> Period:
    return Period(kst(day, start), kst(day, end))


@pytest.mark.rule("AD-16")
@pytest.mark.parametrize(
    ("now", "ending"),
    [
        ("2026-11-16 23:59:59", Ending.CANCELLED),
        ("2026-11-17 15:00:59", Ending.CANCELLED),
        ("2026-11-17 15:01:00", Ending.LATE_CANCELLED),
        ("2026-11-17 19:59:59", Ending.LATE_CANCELLED),
        ("2026-11-17 20:00:00", None),
    ],
)
def test_a_night_is_cancelled_by_telephone_until_three(now: str, ending: Ending | None) -> None:
    found = cancellation([stay(1200, 1890)], at(now), STANDARD, by_phone=True, identified=True)
    assert found.ending == ending
    assert found.fee_hours == 0


@pytest.mark.rule("AD-16")
@pytest.mark.parametrize(
    ("now", "code"),
    [
        ("2026-11-16 23:59:59", None),
        ("2026-11-17 00:00:00", "daycare.by_phone"),
        ("2026-11-17 14:00:00", "daycare.by_phone"),
        ("2026-11-17 16:00:00", "daycare.by_phone"),
        ("2026-11-17 20:00:00", "daycare.begun"),
    ],
)
def test_on_the_day_itself_a_night_is_not_cancelled_online(now: str, code: str | None) -> None:
    found = cancellation([stay(1200, 1890)], at(now), STANDARD, by_phone=False, identified=True)
    assert (found.refused.code if found.refused else None) == code


@pytest.mark.rule("AD-16")
@pytest.mark.parametrize(
    ("now", "ending"),
    [
        ("2026-11-17 17:59:59", Ending.CANCELLED),
        ("2026-11-17 18:00:00", None),
    ],
)
def test_everything_else_can_be_taken_back_until_it_starts(now: str, ending: Ending | None) -> None:
    found = cancellation([stay(1080, 1260)], at(now), STANDARD, by_phone=False, identified=True)
    assert found.ending == ending


@pytest.mark.rule("AD-16")
def test_a_late_cancellation_costs_what_the_municipality_says() -> None:
    policy = replace(STANDARD, late_cancel_fee_hours=2)
    late = at("2026-11-17 16:00")
    assert cancellation([stay(1200, 1890)], late, policy, by_phone=True, identified=True).fee_hours == 2


@pytest.mark.rule("AD-16")
@pytest.mark.parametrize(
    ("caller", "known"),
    [
        (Caller("01011112222"), True),
        (Caller("01099998888"), False),
        (Caller("01099998888", "김보호", "예약번호와 아이 생년월일을 맞게 말함"), True),
        (Caller("01099998888", "김보호", "  "), False),
        (Caller(""), False),
    ],
)
def test_who_calls_must_be_who_booked(caller: Caller, known: bool) -> None:
    assert is_booker(caller, {"01011112222"}) is known
    found = cancellation(
        [stay(1080, 1260)], at("2026-11-17 09:00"), STANDARD, by_phone=True, identified=known
    )
    assert (found.ending is not None) is known


@pytest.mark.rule("AD-17")
@pytest.mark.parametrize(
    ("now", "missed"), [("18:59:59", False), ("19:00:00", True), ("19:01:00", True), ("18:00:00", False)]
)
def test_a_no_show_is_one_after_sixty_minutes(now: str, missed: bool) -> None:
    refused = check_no_show(kst(TUESDAY, 1080), at(f"2026-11-17 {now}"), STANDARD)
    assert (refused is None) is missed


def entry_codes(**changes: Any) -> set[str]:
    given: dict[str, Any] = {
        "state": StayState.PLANNED,
        "person": MOTHER,
        "signature": INK,
        "now": at("2026-11-17 18:00"),
        "policy": STANDARD,
        **changes,
    }
    return {problem.code.removeprefix("daycare.") for problem in check_entry(**given)}


def exit_codes(**changes: Any) -> set[str]:
    given: dict[str, Any] = {
        "state": StayState.INSIDE,
        "entered_at": at("2026-11-17 18:00"),
        "entry_signature": INK,
        "person": MOTHER,
        "signature": OTHER,
        "now": at("2026-11-17 21:00"),
        "policy": STANDARD,
        **changes,
    }
    return {problem.code.removeprefix("daycare.") for problem in check_exit(**given)}


@pytest.mark.rule("AD-21")
@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, set()),
        ({"state": StayState.INSIDE}, {"not_planned"}),
        ({"state": StayState.CANCELLED}, {"not_planned"}),
        ({"signature": None}, {"no_signature"}),
        ({"signature": []}, {"no_signature"}),
        ({"signature": [[[1, 1]]]}, {"no_signature"}),
    ],
)
def test_an_entry_is_signed(changes: dict[str, Any], found: set[str]) -> None:
    assert entry_codes(**changes) == found


@pytest.mark.rule("AD-21")
@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, set()),
        ({"state": StayState.PLANNED}, {"not_inside"}),
        ({"state": StayState.LEFT}, {"not_inside"}),
        ({"entry_signature": None}, {"not_inside"}),
        ({"signature": None}, {"no_signature"}),
        ({"signature": INK}, {"same_signature"}),
        ({"now": at("2026-11-17 18:00:59")}, {"same_moment"}),
        ({"now": at("2026-11-17 18:01")}, set()),
    ],
)
def test_an_exit_has_a_signature_of_its_own_after_the_entry(changes: dict[str, Any], found: set[str]) -> None:
    assert exit_codes(**changes) == found


@pytest.mark.rule("AD-22")
@pytest.mark.parametrize(
    ("person", "found"),
    [
        (Person(True, "id_card"), set()),
        (Person(False, "id_card"), {"not_listed"}),
        (Person(True, ""), {"no_identity"}),
        (Person(True, "smile"), {"no_identity"}),
        (Person(False, ""), {"not_listed", "no_identity"}),
    ],
)
def test_a_child_is_given_only_to_who_is_listed_and_identified(person: Person, found: set[str]) -> None:
    assert exit_codes(person=person) == found
    assert entry_codes(person=person) == found


@pytest.mark.rule("AD-06")
@pytest.mark.parametrize(
    ("now", "emergency", "found"),
    [
        ("2026-11-17 22:00", "", set()),
        ("2026-11-17 22:01", "", {"curfew"}),
        ("2026-11-17 22:01", "119 이송", set()),
        ("2026-11-18 07:29", "", {"curfew"}),
        ("2026-11-18 07:30", "", set()),
    ],
)
def test_the_door_stays_shut_at_night_but_for_an_emergency(now: str, emergency: str, found: set[str]) -> None:
    assert exit_codes(now=at(now), emergency=emergency) == found


@pytest.mark.rule("AD-13")
@pytest.mark.parametrize(
    ("balance", "reason", "director", "lets_in"),
    [
        (0, "", False, True),
        (-3000, "", False, True),
        (1, "", True, False),
        (9000, "이체 확인 중", False, False),
        (9000, "이체 확인 중", True, True),
        (9000, "  ", True, False),
    ],
)
def test_unpaid_only_with_the_directors_reason(
    balance: int, reason: str, director: bool, lets_in: bool
) -> None:
    assert (check_paid(balance, reason, director=director) is None) is lets_in


@pytest.mark.rule("AD-18")
@pytest.mark.parametrize(
    ("state", "checks", "found"),
    [
        (ApplicationState.ACCEPTED, {"family": {"returned": True}, "identity": {"returned": True}}, []),
        (ApplicationState.ACCEPTED, {"family": {"returned": True}}, ["daycare.papers_open"]),
        (ApplicationState.ACCEPTED, {}, ["daycare.papers_open"]),
        (
            ApplicationState.ACCEPTED,
            {"family": {"returned": False}, "identity": {"returned": True}},
            ["daycare.papers_open"],
        ),
        (ApplicationState.SUBMITTED, {}, ["daycare.application_open"]),
        (ApplicationState.OUTDATED, {}, ["daycare.application_old"]),
    ],
)
def test_papers_are_seen_and_returned_before_the_first_use(
    state: ApplicationState, checks: dict[str, Any], found: list[str]
) -> None:
    assert [problem.code for problem in check_papers(state, checks)] == found


@pytest.mark.rule("AD-21")
@pytest.mark.parametrize(
    ("strokes", "ink"),
    [
        (INK, True),
        ([], False),
        (None, False),
        ("drawn", False),
        ([["a", "b"]], False),
        ([[[1, 2, 3], [1, 2]]], False),
        ([[[1, float("inf")], [1, 2]]], False),
        ([[[True, False], [1, 2]]], False),
        ([[[n, n] for n in range(20_001)]], False),
    ],
)
def test_what_counts_as_a_signature(strokes: Any, ink: bool) -> None:
    assert has_ink(strokes) is ink
