"""The law of restrictions by itself, at its boundaries (AS-02 – AS-26)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.actor import Role
from app.kernel.calendar import HolidayCalendar
from app.kernel.ranges import Period, kst
from app.restrictions.rules.blocking import Binding, agency_problem, holiday_problem, refuses
from app.restrictions.rules.counting import (
    CountedEvent,
    due_cases,
    end_event,
    tallies,
    unannounced,
    unpaid_due,
    unpaid_problem,
    warnings,
)
from app.restrictions.rules.deciding import CaseFacts, accumulates, decision_problems, verdict
from app.restrictions.rules.grounds import line_of, tariff_on
from app.restrictions.rules.kinds import EventKind, Family, Ground, Level, State
from app.restrictions.rules.period import (
    hold_last_day,
    months_of,
    months_problem,
    objection_due,
    objection_problem,
    span_from_notice,
    statement_due,
)
from app.restrictions.rules.policy import RestrictionPolicy
from app.restrictions.rules.states import STEPS, acts_as, step_problem

POLICY = RestrictionPolicy()
CALENDAR = HolidayCalendar({date(2026, 12, 25): ("성탄절", "christmas"), date(2027, 1, 1): ("신정", "0101")})
START = kst(date(2026, 11, 20), 18 * 60)


def event(
    number: int,
    kind: EventKind,
    on: date = date(2026, 11, 10),
    *spent: Ground,
    service: str = "FACILITY",
    void: bool = False,
    today: bool = False,
) -> CountedEvent:
    return CountedEvent(number, kind, service, on, frozenset(spent), void, today)


@pytest.mark.rule("AS-02")
@pytest.mark.parametrize(
    ("level", "months"),
    [(Level.M1, 1), (Level.M3, 3), (Level.M6, 6), (Level.YEAR, 7), (Level.PERMANENT, None)],
)
def test_levels_have_their_months(level: Level, months: int | None) -> None:
    assert months_of(level, 7) == months


@pytest.mark.rule("AS-02")
def test_the_tariff_is_dated() -> None:
    assert tariff_on(date(2023, 12, 31)) == {}
    assert Ground.UNPAID in tariff_on(date(2024, 1, 1))
    assert tallies([event(1, EventKind.INSULT, date(2023, 12, 31))], POLICY) == []


@pytest.mark.rule("AS-03")
@pytest.mark.parametrize(
    ("service_day", "due"),
    [
        (date(2026, 11, 20), date(2026, 11, 23)),
        (date(2026, 11, 18), date(2026, 11, 23)),
        (date(2026, 12, 22), date(2026, 12, 28)),
        (date(2026, 11, 17), date(2026, 11, 20)),
    ],
    ids=["Friday → Monday", "Wednesday → Saturday rolls", "onto Christmas rolls past the weekend", "plain"],
)
def test_when_an_amount_is_due(service_day: date, due: date) -> None:
    assert unpaid_due(service_day, 3, CALENDAR) == due


@pytest.mark.rule("AS-03")
@pytest.mark.parametrize(
    ("balance", "days_after", "code"),
    [(1, 0, "event.not_due_yet"), (1, 1, None), (0, 1, "event.nothing_owed"), (10, 1, None)],
)
def test_only_what_is_owed_after_the_day_is_unpaid(balance: int, days_after: int, code: str | None) -> None:
    due = date(2026, 11, 23)
    problem = unpaid_problem(balance, due, due + timedelta(days=days_after))
    assert (problem.code if problem else None) == code


@pytest.mark.rule("AS-04")
@pytest.mark.parametrize(
    ("cancelled", "notice", "counts"),
    [
        (START - timedelta(seconds=1), 0, False),
        (START, 0, True),
        (START + timedelta(minutes=5), 0, True),
        (START - timedelta(minutes=60), 60, False),
        (START - timedelta(minutes=59), 60, True),
    ],
)
def test_a_cancellation_before_the_start_is_announced(cancelled: datetime, notice: int, counts: bool) -> None:
    assert unannounced(cancelled, START, notice) is counts


@pytest.mark.rule("AS-04")
@pytest.mark.rule("AS-06")
@pytest.mark.rule("AS-09")
@pytest.mark.rule("AS-11")
@pytest.mark.parametrize(
    ("kind", "ground", "threshold"),
    [
        (EventKind.CANCELLATION, Ground.CANCELLATIONS, 2),
        (EventKind.DEMAND, Ground.DEMANDS, 3),
        (EventKind.UNREACHABLE, Ground.UNREACHABLE, 3),
        (EventKind.LATE_END, Ground.LATE_ENDS, 3),
    ],
)
def test_monthly_counts(kind: EventKind, ground: Ground, threshold: int) -> None:
    inside = [event(n, kind, date(2026, 11, 30)) for n in range(1, threshold)]
    assert due_cases(inside, POLICY) == []
    assert due_cases([*inside, event(9, kind, date(2026, 12, 1))], POLICY) == []
    (case,) = due_cases([*inside, event(9, kind, date(2026, 11, 1))], POLICY)
    assert (case.line.ground, case.count) == (ground, threshold)


@pytest.mark.rule("AS-05")
@pytest.mark.parametrize(
    ("third", "opens"),
    [(date(2026, 12, 31), True), (date(2027, 1, 1), False)],
)
def test_no_shows_are_counted_by_the_calendar_year(third: date, opens: bool) -> None:
    events = [
        event(1, EventKind.NO_SHOW, date(2026, 1, 1)),
        event(2, EventKind.NO_SHOW, date(2026, 6, 1)),
        event(3, EventKind.NO_SHOW, third),
    ]
    assert [case.line.ground for case in due_cases(events, POLICY)] == [Ground.NO_SHOWS] * opens


@pytest.mark.rule("AS-05")
def test_no_shows_may_be_counted_by_the_month() -> None:
    policy = RestrictionPolicy(noshow_window="calendar_month")
    events = [event(n, EventKind.NO_SHOW, date(2026, month, 1)) for n, month in enumerate((1, 2, 3), 1)]
    assert due_cases(events, policy) == []


@pytest.mark.rule("AS-04")
@pytest.mark.rule("AS-05")
def test_one_event_opens_at_most_one_case_a_day() -> None:
    """Where a no-show counts as a cancellation too, the second opens one case; the third's other case waits a day."""
    policy = RestrictionPolicy(noshow_counts_as_cancellation=True)
    fresh = [event(n, EventKind.NO_SHOW) for n in (1, 2, 3)]
    assert [case.line.ground for case in due_cases(fresh, policy)] == [Ground.CANCELLATIONS]
    same_day = [
        event(n, EventKind.NO_SHOW, date(2026, 11, 10), Ground.CANCELLATIONS, today=True) for n in (1, 2, 3)
    ]
    assert due_cases(same_day, policy) == []
    next_day = [event(n, EventKind.NO_SHOW, date(2026, 11, 10), Ground.CANCELLATIONS) for n in (1, 2, 3)]
    assert [case.line.ground for case in due_cases(next_day, policy)] == [Ground.NO_SHOWS]


def test_events_of_a_daycare_stand_under_no_counted_ground() -> None:
    events = [event(n, EventKind.NO_SHOW, service="DAYCARE") for n in range(5)]
    assert tallies(events, POLICY) == []
    assert due_cases([event(9, EventKind.VIOLENCE, service="DAYCARE")], POLICY)


@pytest.mark.rule("AS-09")
@pytest.mark.rule("AS-11")
@pytest.mark.parametrize(
    ("minutes", "reached", "fault", "kind"),
    [
        (4, True, True, None),
        (5, True, True, EventKind.LATE_END),
        (4, False, True, None),
        (5, False, True, EventKind.UNREACHABLE),
        (60, False, True, EventKind.UNREACHABLE),
        (60, True, False, None),
    ],
)
def test_a_late_end_is_one_kind_or_the_other(
    minutes: int, reached: bool, fault: bool, kind: EventKind | None
) -> None:
    ended = START + timedelta(minutes=minutes, seconds=59)
    assert end_event(START, ended, reached=reached, users_fault=fault) is kind


@pytest.mark.rule("AS-10")
@pytest.mark.rule("AS-12")
def test_the_third_conflict_of_all_time_replaces_the_three_months() -> None:
    earlier = [event(n, EventKind.CONFLICT, date(2024 + n, 5, 1), Ground.CONFLICT) for n in (1, 2)]
    (case,) = due_cases([*earlier, event(3, EventKind.CONFLICT)], POLICY)
    assert (case.line.ground, case.line.level, case.count) == (Ground.CONFLICTS, Level.YEAR, 3)
    judged = [*earlier, event(3, EventKind.CONFLICT, date(2026, 11, 10), Ground.CONFLICTS)]
    assert due_cases(judged, POLICY) == [], "nor another the next day"
    (plain,) = due_cases([earlier[0], event(3, EventKind.CONFLICT)], POLICY)
    assert plain.line.ground is Ground.CONFLICT


@pytest.mark.rule("AS-12")
def test_a_conflict_that_was_cancelled_does_not_add_up() -> None:
    earlier = [
        event(1, EventKind.CONFLICT, date(2025, 5, 1), Ground.CONFLICT, void=True),
        event(2, EventKind.CONFLICT, date(2025, 6, 1), Ground.CONFLICT),
    ]
    (case,) = due_cases([*earlier, event(3, EventKind.CONFLICT)], POLICY)
    assert case.line.ground is Ground.CONFLICT


@pytest.mark.rule("AS-13")
@pytest.mark.parametrize(
    ("starts", "today", "six"),
    [
        ((date(2026, 3, 11), date(2026, 6, 1)), date(2027, 3, 10), True),
        ((date(2026, 3, 10), date(2026, 6, 1)), date(2027, 3, 10), False),
        ((date(2026, 6, 1),), date(2026, 11, 20), False),
        ((date(2024, 2, 29), date(2024, 6, 1)), date(2025, 2, 28), True),
        ((date(2024, 2, 29), date(2024, 6, 1)), date(2025, 3, 1), False),
        ((date(2026, 2, 1), date(2026, 4, 1), date(2026, 6, 1)), date(2026, 11, 20), True),
    ],
)
def test_the_third_month_within_twelve_becomes_six(starts: tuple[date, ...], today: date, six: bool) -> None:
    assert accumulates(starts, today, POLICY) is six
    found = verdict(line_of(Ground.INSULT), months=None, m1_starts=starts, today=today, policy=POLICY)
    assert (found.level, found.months) == ((Level.M6, 6) if six else (Level.M1, 1))


@pytest.mark.rule("AS-13")
def test_a_longer_ground_keeps_its_own_length() -> None:
    starts = [date(2026, 6, 1), date(2026, 8, 1)]
    found = verdict(
        line_of(Ground.LATE_ENDS), months=None, m1_starts=starts, today=date(2026, 11, 20), policy=POLICY
    )
    assert (found.level, found.months, found.accumulated) == (Level.M3, 3, False)


@pytest.mark.rule("AS-14")
@pytest.mark.parametrize(
    ("months", "reason", "code"),
    [
        (0, "이유", "restriction.months"),
        (1, "", "restriction.less_needs_reason"),
        (1, "이유", None),
        (11, " ", "restriction.less_needs_reason"),
        (12, "", None),
        (13, "이유", "restriction.months"),
        (None, "이유", "restriction.months"),
    ],
)
def test_up_to_a_year(months: int | None, reason: str, code: str | None) -> None:
    problem = months_problem(Level.YEAR, months, reason, POLICY)
    assert (problem.code if problem else None) == code


def facts(**changed: object) -> CaseFacts:
    known = {
        "line": line_of(Ground.VIOLENCE),
        "standing": 1,
        "statement_given": True,
        "statement_due": date(2026, 11, 23),
        "has_document": False,
        "reporters": frozenset({7}),
        **changed,
    }
    return CaseFacts(**known)  # type: ignore[arg-type]


@pytest.mark.rule("AS-15")
@pytest.mark.rule("AS-16")
@pytest.mark.rule("AS-17")
@pytest.mark.rule("AS-18")
@pytest.mark.parametrize(
    ("changed", "decider", "codes"),
    [
        ({}, 8, []),
        ({}, 7, ["decision.own_report"]),
        ({"statement_given": False}, 8, ["decision.hearing_open"]),
        ({"statement_given": False, "statement_due": None}, 8, ["decision.hearing_missing"]),
        ({"statement_given": False, "statement_due": date(2026, 11, 22)}, 8, []),
        ({"line": line_of(Ground.CRIME_PROVEN)}, 8, ["decision.document_missing"]),
        ({"line": line_of(Ground.CRIME_PROVEN), "has_document": True}, 8, []),
        ({"line": line_of(Ground.LATE_ENDS), "standing": 2}, 8, ["decision.too_few"]),
        ({"line": line_of(Ground.LATE_ENDS), "standing": 3}, 8, []),
    ],
)
def test_what_a_decision_needs(changed: dict[str, object], decider: int, codes: list[str]) -> None:
    problems = decision_problems(
        facts(**changed), decider=decider, months=12, reason="기준", today=date(2026, 11, 23), policy=POLICY
    )
    assert [problem.code for problem in problems] == codes


def test_a_decision_says_why() -> None:
    problems = decision_problems(
        facts(), decider=8, months=12, reason=" ", today=date(2026, 11, 23), policy=POLICY
    )
    assert [problem.code for problem in problems] == ["decision.no_reason"]


@pytest.mark.rule("AS-15")
@pytest.mark.rule("AS-16")
def test_which_grounds_take_two_people() -> None:
    two = {ground for ground, line in tariff_on(date(2026, 1, 1)).items() if line.two_people}
    assert two == {Ground.FRAUD, Ground.CRIME_PROVEN}


@pytest.mark.rule("AS-17")
@pytest.mark.parametrize(
    ("before", "after", "role", "may"),
    [
        (State.REPORTED, State.FACT_CHECK, Role.COORDINATOR, True),
        (State.REPORTED, State.FACT_CHECK, Role.REGIONAL_DIRECTOR, False),
        (State.REPORTED, State.STATEMENT, Role.COORDINATOR, False),
        (State.FACT_CHECK, State.STATEMENT, Role.COORDINATOR, True),
        (State.FACT_CHECK, State.DECIDED, Role.REGIONAL_DIRECTOR, False),
        (State.STATEMENT, State.DECIDED, Role.REGIONAL_DIRECTOR, True),
        (State.STATEMENT, State.DECIDED, Role.COORDINATOR, False),
        (State.STATEMENT, State.DISMISSED, Role.REGIONAL_DIRECTOR, True),
        (State.DECIDED, State.NOTIFIED, Role.SYSTEM, True),
        (State.NOTIFIED, State.ACTIVE, Role.SYSTEM, True),
        (State.NOTIFIED, State.OVERTURNED, Role.CITY_OFFICER, True),
        (State.ACTIVE, State.SHORTENED, Role.CITY_OFFICER, True),
        (State.ACTIVE, State.LIFTED, Role.REGIONAL_DIRECTOR, False),
        (State.ACTIVE, State.REPLACED, Role.SYSTEM, True),
        (State.ACTIVE, State.EXPIRED, Role.CITY_OFFICER, False),
        (State.DISMISSED, State.DECIDED, Role.REGIONAL_DIRECTOR, False),
        (State.EXPIRED, State.ACTIVE, Role.SYSTEM, False),
    ],
)
def test_who_takes_which_step(before: State, after: State, role: Role, may: bool) -> None:
    assert (step_problem(before, after, frozenset({role})) is None) is may


@pytest.mark.rule("AS-17")
def test_where_there_is_no_regional_centre_the_city_takes_its_steps() -> None:
    alone = acts_as(Role.CITY_OFFICER, regional_centre=False)
    assert step_problem(State.STATEMENT, State.DECIDED, alone) is None
    assert step_problem(State.STATEMENT, State.DECIDED, acts_as(Role.CITY_OFFICER, regional_centre=True))
    assert acts_as(Role.COORDINATOR, regional_centre=False) == {Role.COORDINATOR}


@pytest.mark.rule("AS-17")
@pytest.mark.rule("AS-21")
def test_what_is_over_stays_over_but_for_an_objection_in_time() -> None:
    onward = {
        state: {after for before, after in STEPS.steps if before is state}
        for state in (State.DISMISSED, State.OVERTURNED, State.LIFTED, State.EXPIRED, State.REPLACED)
    }
    assert onward == {
        State.DISMISSED: set(),
        State.OVERTURNED: set(),
        State.LIFTED: {State.OVERTURNED},
        State.EXPIRED: {State.OVERTURNED},
        State.REPLACED: {State.OVERTURNED, State.ACTIVE},
    }


@pytest.mark.rule("AS-18")
@pytest.mark.parametrize(
    ("asked", "level", "due"),
    [
        (date(2026, 11, 17), Level.M1, date(2026, 11, 20)),
        (date(2026, 11, 18), Level.M1, date(2026, 11, 23)),
        (date(2026, 11, 16), Level.M3, date(2026, 11, 26)),
        (date(2026, 12, 22), Level.PERMANENT, date(2027, 1, 4)),
    ],
    ids=["three days", "Saturday rolls", "ten days", "New Year rolls"],
)
def test_how_long_a_statement_may_take(asked: date, level: Level, due: date) -> None:
    assert statement_due(asked, level, POLICY, CALENDAR) == due


@pytest.mark.rule("AS-19")
@pytest.mark.parametrize(("day", "held"), [(3, True), (4, False)])
def test_a_hold_ends_after_fourteen_days_the_first_counted(day: int, held: bool) -> None:
    until = hold_last_day(date(2026, 11, 20), POLICY)
    binding = Binding(Family.ANYTIME, None, State.FACT_CHECK, None, None, until)
    assert until == date(2026, 12, 3)
    assert binding.held(date(2026, 12, day)) is held


@pytest.mark.rule("AS-19")
@pytest.mark.parametrize(
    ("state", "held"),
    [
        (State.REPORTED, True),
        (State.STATEMENT, True),
        (State.NOTIFIED, True),
        (State.ACTIVE, False),
        (State.DISMISSED, False),
    ],
)
def test_a_hold_lasts_until_the_decision_takes_over(state: State, held: bool) -> None:
    binding = Binding(Family.ANYTIME, None, state, None, None, date(2026, 12, 3))
    assert binding.held(date(2026, 11, 21)) is held


@pytest.mark.rule("AS-20")
@pytest.mark.parametrize(
    ("notified", "months", "first", "last"),
    [
        (date(2026, 3, 4), 1, date(2026, 3, 5), date(2026, 4, 4)),
        (date(2026, 1, 30), 1, date(2026, 1, 31), date(2026, 2, 28)),
        (date(2028, 1, 30), 1, date(2028, 1, 31), date(2028, 2, 29)),
        (date(2028, 2, 28), 12, date(2028, 2, 29), date(2029, 2, 28)),
        (date(2026, 12, 31), 1, date(2027, 1, 1), date(2027, 1, 31)),
        (date(2026, 8, 30), 6, date(2026, 8, 31), date(2027, 2, 28)),
        (date(2026, 8, 30), None, date(2026, 8, 31), None),
    ],
)
def test_from_the_day_after_the_notice_to_the_end(
    notified: date, months: int | None, first: date, last: date | None
) -> None:
    assert span_from_notice(notified, months) == (first, last)


@pytest.mark.rule("AS-21")
@pytest.mark.parametrize(
    ("notified", "due"),
    [
        (date(2026, 11, 20), date(2026, 12, 4)),
        (date(2026, 11, 21), date(2026, 12, 7)),
        (date(2026, 12, 11), date(2026, 12, 28)),
    ],
    ids=["day 14", "Saturday rolls", "Christmas rolls"],
)
def test_the_last_day_for_an_objection(notified: date, due: date) -> None:
    assert objection_due(notified, POLICY, CALENDAR) == due
    assert objection_problem(notified, due, due) is None
    assert objection_problem(notified, due, due + timedelta(days=1)) is not None


@pytest.mark.rule("AS-22")
@given(
    notified=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    months=st.integers(1, 12),
    offset=st.integers(-40, 420),
)
def test_in_force_exactly_from_first_to_last(notified: date, months: int, offset: int) -> None:
    first, last = span_from_notice(notified, months)
    day = first + timedelta(days=offset)
    assert last is not None
    binding = Binding(Family.ANYTIME, None, State.ACTIVE, first, last)
    assert binding.on(day) is (first <= day <= last)
    assert (refuses(binding, [], day) is not None) is (first <= day <= last)


@pytest.mark.rule("AS-23")
@pytest.mark.parametrize(("count", "warned"), [(1, False), (2, True), (3, False)])
def test_one_before_the_threshold(count: int, warned: bool) -> None:
    events = [event(n, EventKind.LATE_END) for n in range(count)]
    assert bool(warnings(events, POLICY, date(2026, 11, 30))) is warned
    assert not warnings(events, POLICY, date(2026, 12, 1)), "last month's count warns nobody"
    assert not warnings(events, RestrictionPolicy(warn_before=False), date(2026, 11, 30))


SATURDAY, SUNDAY, MONDAY = date(2026, 11, 21), date(2026, 11, 22), date(2026, 11, 23)


def hours(day: date, start: int, end: int) -> Period:
    return Period(kst(day, start * 60), kst(day, end * 60))


@pytest.mark.rule("AS-24")
@pytest.mark.parametrize(
    ("booked", "wanted", "refused"),
    [
        ([], hours(SATURDAY, 9, 15), False),
        ([], Period(kst(SATURDAY, 540), kst(SATURDAY, 901)), True),
        ([hours(SATURDAY, 9, 12)], hours(SATURDAY, 13, 16), False),
        ([hours(SATURDAY, 9, 12)], hours(SATURDAY, 13, 17), True),
        ([hours(SATURDAY, 9, 15)], hours(SUNDAY, 9, 15), False),
        ([hours(SUNDAY, 9, 15)], hours(MONDAY, 7, 20), False),
        ([], hours(date(2026, 12, 25), 9, 16), True),
        ([hours(SATURDAY, 9, 15)], Period(kst(SATURDAY, 1380), kst(SUNDAY, 60)), True),
    ],
    ids=[
        "six hours", "six hours and a minute", "3 + 3", "3 + 4", "each day its own", "a weekday", "a holiday",
        "across midnight belongs to its first day",
    ],
)  # fmt: skip
def test_six_hours_on_weekends_and_holidays(booked: list[Period], wanted: Period, refused: bool) -> None:
    assert (holiday_problem(booked, wanted, CALENDAR, POLICY.holiday_max_minutes) is not None) is refused


@pytest.mark.rule("AS-26")
@pytest.mark.parametrize(
    ("until", "refused"),
    [(None, False), (date(2026, 11, 19), False), (date(2026, 11, 20), True), (date(2026, 12, 1), True)],
)
def test_what_the_agency_reports_blocks_to_its_day(until: date | None, refused: bool) -> None:
    assert (agency_problem(until, date(2026, 11, 20)) is not None) is refused
