"""What adds up and what is forgotten: windows, warnings, conflicts, what was judged (AS-03 – AS-12, AS-23)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.kernel.ranges import kst
from app.restrictions.rules.counting import (
    CountedEvent,
    Tally,
    due_cases,
    end_event,
    tallies,
    unpaid_problem,
    warnings,
    window_of,
)
from app.restrictions.rules.grounds import Window, line_of
from app.restrictions.rules.kinds import EventKind, Ground, Level
from app.restrictions.rules.policy import RestrictionPolicy

POLICY = RestrictionPolicy()
DAY = date(2026, 11, 10)


def event(
    number: int,
    kind: EventKind,
    on: date = DAY,
    *spent: Ground,
    void: bool = False,
    today: bool = False,
) -> CountedEvent:
    return CountedEvent(number, kind, "FACILITY", on, frozenset(spent), void, today)


def grounds(found: list[Tally]) -> list[Ground]:
    return [tally.line.ground for tally in found]


@pytest.mark.rule("AS-23")
@pytest.mark.parametrize(
    ("kind", "threshold"),
    [
        (EventKind.CANCELLATION, 2),
        (EventKind.NO_SHOW, 3),
        (EventKind.DEMAND, 3),
        (EventKind.UNREACHABLE, 3),
        (EventKind.LATE_END, 3),
        (EventKind.CONFLICT, 3),
    ],
)
def test_every_kind_that_adds_up_warns_one_before_and_only_then(kind: EventKind, threshold: int) -> None:
    for count in range(threshold + 2):
        found = warnings([event(n, kind) for n in range(count)], POLICY, DAY)
        assert [(tally.count, tally.threshold) for tally in found] == (
            [(threshold - 1, threshold)] if count == threshold - 1 else []
        )


@pytest.mark.rule("AS-12")
@pytest.mark.rule("AS-23")
def test_the_second_conflict_warns_of_the_year_although_each_has_its_own_case() -> None:
    judged = [event(n, EventKind.CONFLICT, date(2024 + n, 1, 1), Ground.CONFLICT) for n in (1, 2)]
    (found,) = warnings(judged, POLICY, DAY)
    assert (found.line.ground, found.line.level, found.count) == (Ground.CONFLICTS, Level.YEAR, 2)
    cancelled = event(2, EventKind.CONFLICT, date(2026, 1, 1), Ground.CONFLICT, void=True)
    assert warnings([judged[0], cancelled], POLICY, DAY) == []


@pytest.mark.rule("AS-23")
@pytest.mark.parametrize(
    ("on", "warned"), [(date(2026, 12, 31), True), (date(2027, 1, 1), False), (date(2025, 12, 31), False)]
)
def test_a_years_count_warns_through_its_year(on: date, warned: bool) -> None:
    shows = [event(n, EventKind.NO_SHOW, date(2026, n, 1)) for n in (1, 2)]
    assert bool(warnings(shows, POLICY, on)) is warned


@pytest.mark.rule("AS-23")
def test_what_is_a_case_at_once_is_never_announced() -> None:
    every = [EventKind.UNPAID, EventKind.ILLNESS, EventKind.INSULT, EventKind.CRIME_SUSPECT, EventKind.FRAUD]
    assert warnings([event(n, kind) for n, kind in enumerate(every)], POLICY, DAY) == []
    once = RestrictionPolicy(late_end_month_count=1)
    assert warnings([event(1, EventKind.LATE_END)], once, DAY) == []


@pytest.mark.rule("AS-05")
@pytest.mark.rule("AS-21")
def test_what_was_cancelled_or_dismissed_counts_under_no_other_ground_either() -> None:
    policy = RestrictionPolicy(noshow_counts_as_cancellation=True)
    cancelled = [event(n, EventKind.NO_SHOW, DAY, Ground.CANCELLATIONS, void=True) for n in (1, 2)]
    third = event(3, EventKind.NO_SHOW, date(2026, 12, 1))
    assert due_cases([*cancelled, third], policy) == []
    standing = [event(n, EventKind.NO_SHOW, DAY, Ground.CANCELLATIONS) for n in (1, 2)]
    assert grounds(due_cases([*standing, third], policy)) == [Ground.NO_SHOWS]


@pytest.mark.rule("AS-11")
def test_judged_once_is_judged() -> None:
    judged = [event(n, EventKind.LATE_END, DAY, Ground.LATE_ENDS) for n in (1, 2, 3)]
    again = [event(n, EventKind.LATE_END, DAY + timedelta(days=n)) for n in (4, 5)]
    assert due_cases([*judged, *again], POLICY) == []
    sixth = event(6, EventKind.LATE_END, DAY)
    (case,) = due_cases([*judged, *again, sixth], POLICY)
    assert set(case.events) == {4, 5, 6}


@pytest.mark.rule("AS-10")
@pytest.mark.rule("AS-12")
def test_a_conflict_judged_as_the_third_is_no_conflict_of_its_own_afterwards() -> None:
    third = [event(n, EventKind.CONFLICT, DAY, Ground.CONFLICTS) for n in (1, 2, 3)]
    assert tallies(third, POLICY) == []
    fourth = event(4, EventKind.CONFLICT, DAY)
    assert grounds(due_cases([*third, fourth], POLICY)) == [Ground.CONFLICTS], "the fourth in total, too"


def test_every_ground_that_is_full_opens_its_own_case() -> None:
    """A full window that waits holds up no other one, and one event is in one new case."""
    policy = RestrictionPolicy(noshow_counts_as_cancellation=True)
    shows = [event(n, EventKind.NO_SHOW) for n in (1, 2, 3)]
    other = [event(n, EventKind.INSULT) for n in (4, 5)]
    found = due_cases([*shows, *other], policy)
    assert grounds(found) == [Ground.CANCELLATIONS, Ground.INSULT, Ground.INSULT]
    conflicts = [event(n, EventKind.CONFLICT, DAY) for n in (6, 7, 8)]
    assert grounds(due_cases([*conflicts, *other], POLICY)) == [
        Ground.CONFLICTS,
        Ground.INSULT,
        Ground.INSULT,
    ]


@pytest.mark.rule("AS-05")
def test_an_event_that_opened_a_case_today_holds_up_only_its_own() -> None:
    policy = RestrictionPolicy(noshow_counts_as_cancellation=True)
    opened = [event(n, EventKind.NO_SHOW, DAY, Ground.CANCELLATIONS, today=True) for n in (1, 2)]
    late = [event(n, EventKind.LATE_END) for n in (4, 5, 6)]
    third = event(3, EventKind.NO_SHOW)
    assert grounds(due_cases([*opened, third, *late], policy)) == [Ground.LATE_ENDS]


@pytest.mark.rule("AS-08")
def test_events_judged_one_by_one_are_never_added_up() -> None:
    found = tallies([event(n, EventKind.INSULT) for n in (1, 2)], POLICY)
    assert [(tally.window, tally.count) for tally in found] == [("#1", 1), ("#2", 1)]
    assert {line.window for line in map(line_of, (Ground.UNPAID, Ground.ILLNESS, Ground.FRAUD))} == {
        Window.EACH
    }


@pytest.mark.parametrize(
    ("window", "key"),
    [(Window.EACH, "#7"), (Window.MONTH, "2028-02"), (Window.YEAR, "2028"), (Window.ALWAYS, "")],
)
def test_the_window_an_event_falls_into(window: Window, key: str) -> None:
    assert window_of(window, event(7, EventKind.LATE_END, date(2028, 2, 29))) == key


@pytest.mark.rule("AS-04")
@pytest.mark.rule("AS-11")
@pytest.mark.parametrize(
    ("before", "after"),
    [(date(2028, 2, 29), date(2028, 3, 1)), (date(2026, 12, 31), date(2027, 1, 1))],
)
def test_a_month_ends_at_its_midnight(before: date, after: date) -> None:
    two = [event(n, EventKind.CANCELLATION, day) for n, day in enumerate((before, after))]
    assert due_cases(two, POLICY) == []
    assert grounds(due_cases([*two, event(9, EventKind.CANCELLATION, before)], POLICY)) == [
        Ground.CANCELLATIONS
    ]


@pytest.mark.rule("AS-11")
def test_a_late_end_is_the_users_unless_somebody_says_otherwise() -> None:
    end = kst(DAY, 1080)
    assert end_event(end, end + timedelta(minutes=5), reached=True) is EventKind.LATE_END


@pytest.mark.rule("AS-03")
def test_not_yet_unpaid_names_the_day() -> None:
    problem = unpaid_problem(1, date(2026, 11, 23), date(2026, 11, 23))
    assert problem is not None
    assert "11월 23일(월)" in problem.sentence
