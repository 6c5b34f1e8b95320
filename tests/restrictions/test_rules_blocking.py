"""What a restriction closes, on which days, and what the refusal says (AS-01, AS-19, AS-20, AS-24 – AS-26, AE-22)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.kernel.calendar import HolidayCalendar
from app.kernel.ranges import Period, kst
from app.restrictions.rules.blocking import Binding, agency_problem, holiday_problem, refuses
from app.restrictions.rules.kinds import Family, State

FIRST, LAST = date(2027, 12, 31), date(2028, 2, 29)
BEFORE, AFTER = FIRST - timedelta(days=1), LAST + timedelta(days=1)


def binding(
    state: State = State.ACTIVE,
    first: date | None = FIRST,
    last: date | None = LAST,
    *,
    family: Family = Family.ANYTIME,
    daycare: int | None = None,
    hold: date | None = None,
) -> Binding:
    return Binding(family, daycare, state, first, last, hold)


@pytest.mark.rule("AS-01")
@pytest.mark.rule("AS-25")
@pytest.mark.parametrize(
    ("service", "daycare", "of_all", "of_one"),
    [
        ("FACILITY", None, True, False),
        ("VISITING", None, True, False),
        ("DAYCARE", 7, True, True),
        ("DAYCARE", 8, True, False),
        ("DAYCARE", None, True, False),
        ("FACILITY", 7, True, False),
        ("KIUM", None, False, False),
        ("KIUM", 7, False, False),
    ],
)
def test_one_closes_all_of_it_and_a_daycares_own_its_own_door(
    service: str, daycare: int | None, of_all: bool, of_one: bool
) -> None:
    assert binding().closes(service, daycare) is of_all
    assert binding(family=Family.DAYCARE, daycare=7).closes(service, daycare) is of_one


@pytest.mark.rule("AS-20")
@pytest.mark.rule("AS-22")
@pytest.mark.parametrize(
    ("day", "inside"),
    [(BEFORE, False), (FIRST, True), (date(2028, 1, 15), True), (LAST, True), (AFTER, False)],
)
@pytest.mark.parametrize("state", [State.NOTIFIED, State.ACTIVE, State.SHORTENED])
def test_first_and_last_day_are_inside(state: State, day: date, inside: bool) -> None:
    assert binding(state).on(day) is inside


@pytest.mark.rule("AS-21")
@pytest.mark.parametrize(
    "state", sorted(set(State) - {State.NOTIFIED, State.ACTIVE, State.SHORTENED, State.DECIDED})
)
def test_what_does_not_bind_closes_nothing(state: State) -> None:
    assert not binding(state).on(FIRST)
    assert refuses(binding(state), [FIRST], FIRST) is None


@pytest.mark.rule("AE-22")
@pytest.mark.parametrize(
    ("today", "days", "refused"),
    [
        (BEFORE, [BEFORE], False),
        (BEFORE, [BEFORE, FIRST], True),
        (BEFORE, [LAST], True),
        (BEFORE, [AFTER], False),
        (FIRST, [AFTER], True),
        (LAST, [AFTER], True),
        (AFTER, [AFTER], False),
        (AFTER, [], False),
    ],
    ids=[
        "the day before, for that day",
        "the day before, into it",
        "the day before, for its last",
        "the day before, for after it",
        "on the first, for after it",
        "on the last, for after it",
        "the day after",
        "the day after, no day named",
    ],
)
def test_asked_today_for_these_days(today: date, days: list[date], refused: bool) -> None:
    problem = refuses(binding(), days, today)
    assert (problem is not None) is refused
    if problem is not None:
        assert problem.code == "restricted"
        assert "2028년 2월 29일(화)" in problem.sentence


@pytest.mark.rule("AS-16")
def test_for_good_says_so_and_names_no_day() -> None:
    problem = refuses(binding(last=None), [], date(2040, 1, 1))
    assert problem is not None
    assert problem.code == "restricted_for_good"


@pytest.mark.rule("AS-19")
@pytest.mark.parametrize("state", sorted(State))
def test_a_hold_waits_for_the_decision_and_no_longer(state: State) -> None:
    today = date(2026, 12, 3)
    held = binding(state, None, None, hold=today)
    waits = state in {State.REPORTED, State.FACT_CHECK, State.STATEMENT, State.DECIDED, State.NOTIFIED}
    problem = refuses(held, [], today)
    assert held.held(today) is waits
    assert (problem is not None) is waits
    if problem is not None:
        assert (problem.code, "2026년 12월 3일(목) 밤 12시" in problem.sentence) == ("on_hold", True)
    assert refuses(held, [], today + timedelta(days=1)) is None
    assert refuses(binding(state, None, None), [], today) is None


CALENDAR = HolidayCalendar({date(2026, 12, 25): ("성탄절", "christmas")})


@pytest.mark.rule("AS-24")
@pytest.mark.parametrize(
    ("used", "wanted", "most", "words"),
    [
        (300, 61, 360, ("하루 6시간", "11월 21일(토)에 60분 남아")),
        (360, 1, 360, ("하루 6시간", "에 0분 남아")),
        (400, 10, 360, ("에 0분 남아",)),
        (0, 451, 450, ("하루 7.5시간", "에 450분 남아")),
    ],
    ids=["an hour left", "nothing left", "an overrun leaves no less than nothing", "half hours"],
)
def test_the_refusal_says_what_is_left(used: int, wanted: int, most: int, words: tuple[str, ...]) -> None:
    saturday = date(2026, 11, 21)
    booked = [Period(kst(saturday, 0), kst(saturday, used))] if used else []
    problem = holiday_problem(booked, Period(kst(saturday, 720), kst(saturday, 720 + wanted)), CALENDAR, most)
    assert problem is not None
    assert [word for word in words if word not in problem.sentence] == []


@pytest.mark.rule("AS-26")
def test_the_agencys_day_is_the_last() -> None:
    problem = agency_problem(date(2026, 12, 1), date(2026, 12, 1))
    assert problem is not None
    assert "2026년 12월 1일(화)" in problem.sentence
    assert agency_problem(date(2026, 12, 1), date(2026, 12, 2)) is None
