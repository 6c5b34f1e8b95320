"""AD-26 as pure rules: who is called next, when 119, what must be there before a record is closed."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app.incidents.rules import (
    Attempt,
    Contact,
    IncidentKind,
    Stage,
    all_silent,
    check_attempt,
    check_close,
    check_new,
    first_reached,
    minutes_until_told,
    minutes_words,
    next_to_call,
    out_of_turn,
    stage,
)
from app.kernel.ranges import KST

NOW = datetime(2026, 11, 21, 0, 10, 30, tzinfo=KST)
PEOPLE = [Contact(n, f"보호자{n}", "부모", f"0101111000{n}") for n in (1, 2, 3)]
pytestmark = pytest.mark.rule("AD-26")


def tried(*orders: int, reached: int = 0) -> list[Attempt]:
    """Calls in that order, a minute apart; the number ``reached`` answered."""
    return [
        Attempt(NOW + timedelta(minutes=n), order, f"보호자{order}", order == reached, "박교사")
        for n, order in enumerate(orders)
    ]


@pytest.mark.parametrize(
    ("attempts", "following", "silent"),
    [
        (tried(), 1, False),
        (tried(1), 2, False),
        (tried(1, 2), 3, False),
        (tried(2), 1, False),
        (tried(1, 2, 3), 1, True),
        (tried(1, 2, 3, 1), 2, True),
        (tried(1, 2, reached=2), None, False),
        (tried(1, 2, 3, 1, reached=1), None, False),
    ],
)
def test_after_no_answer_the_next_in_order_is_called(
    attempts: list[Attempt], following: int | None, silent: bool
) -> None:
    found = next_to_call(PEOPLE, attempts)
    assert (found.order if found else None) == following
    assert all_silent(PEOPLE, attempts) is silent


def test_with_nobody_to_call_it_is_119() -> None:
    assert next_to_call([], []) is None
    assert all_silent([], []) is True


@pytest.mark.parametrize(
    ("before", "order", "out"),
    [((), 1, False), ((), 2, True), ((1,), 2, False), ((1,), 3, True), ((2,), 1, False), ((1, 2), 3, False)],
)
def test_a_call_out_of_turn_is_noticed(before: tuple[int, ...], order: int, out: bool) -> None:
    assert out_of_turn(PEOPLE, tried(*before), order) is out


def test_the_first_who_answered_counts() -> None:
    assert first_reached(tried(1, 2)) is None
    assert first_reached(reversed(tried(1, 2, 2, reached=2))) == NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("happened_at", "codes"),
    [
        (NOW - timedelta(days=400), []),
        (NOW, []),
        (NOW + timedelta(seconds=29), []),
        (NOW + timedelta(seconds=30), ["incident.future"]),
        (NOW + timedelta(hours=23), ["incident.future"]),
    ],
)
@pytest.mark.rule("GC-19")
def test_what_has_happened_can_always_be_recorded(happened_at: datetime, codes: list[str]) -> None:
    found = check_new(IncidentKind.ACCIDENT, happened_at, NOW, what="넘어짐", has_child=True)
    assert [p.code for p in found] == codes


@pytest.mark.parametrize(
    ("kind", "has_child", "what", "codes"),
    [
        (IncidentKind.ILLNESS, False, "열", ["incident.child"]),
        (IncidentKind.INFECTION, True, " ", ["incident.what"]),
        (IncidentKind.OTHER, False, "정전", []),
    ],
)
def test_what_a_record_needs(kind: IncidentKind, has_child: bool, what: str, codes: list[str]) -> None:
    assert [p.code for p in check_new(kind, NOW, NOW, what=what, has_child=has_child)] == codes


@pytest.mark.parametrize(
    ("order", "at", "codes"),
    [
        (1, NOW, []),
        (3, NOW - timedelta(minutes=10), []),
        (4, NOW, ["incident.not_on_list"]),
        (0, NOW, ["incident.not_on_list"]),
        (1, NOW - timedelta(minutes=11), ["incident.call_early"]),
        (1, NOW + timedelta(minutes=1), ["incident.call_future"]),
    ],
)
def test_an_attempt_lies_between_then_and_now(order: int, at: datetime, codes: list[str]) -> None:
    found = check_attempt(PEOPLE, order, at, NOW - timedelta(minutes=10), NOW)
    assert [p.code for p in found] == codes


@pytest.mark.parametrize(
    ("has_child", "notified_at", "measures", "codes"),
    [
        (True, None, ["얼음찜질"], ["incident.not_told"]),
        (True, NOW, ["얼음찜질"], []),
        (True, NOW, [" "], ["incident.no_measures"]),
        (True, None, [], ["incident.not_told", "incident.no_measures"]),
        (False, None, ["전기 점검"], []),
    ],
)
def test_closed_only_when_a_guardian_knows(
    has_child: bool, notified_at: datetime | None, measures: list[str], codes: list[str]
) -> None:
    found = check_close(has_child=has_child, notified_at=notified_at, measures=measures)
    assert [p.code for p in found] == codes


@pytest.mark.parametrize(
    ("has_child", "notified", "closed", "found"),
    [
        (True, False, False, Stage.UNTOLD),
        (True, True, False, Stage.TOLD),
        (False, False, False, Stage.TOLD),
        (True, True, True, Stage.CLOSED),
    ],
)
def test_stages(has_child: bool, notified: bool, closed: bool, found: Stage) -> None:
    moments = {"notified_at": NOW if notified else None, "closed_at": NOW if closed else None}
    assert stage(has_child=has_child, **moments) is found


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "바로"), (59, "59분"), (60, "1시간"), (65, "1시간 5분"), (1439, "23시간 59분"), (1440, "1일")],
)
def test_minutes_in_words(minutes: int, words: str) -> None:
    assert minutes_words(minutes) == words
    assert minutes_until_told(NOW, NOW + timedelta(minutes=minutes), NOW) == minutes


def test_minutes_go_on_until_somebody_knows() -> None:
    assert minutes_until_told(NOW - timedelta(minutes=12), None, NOW) == 12
