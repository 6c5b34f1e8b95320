"""Temporary demand that keeps coming back: a reason to look at the opening hours (KB-41)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.booking.rules.policy import BookingPolicy
from app.kernel.ranges import WEEKDAYS, TimeSpan

Slot = tuple[str, int]


@dataclass(frozen=True, slots=True)
class WeekUse:
    """Temporary children and temporary seats of one slot in one week."""

    used: int
    seats: int


@dataclass(frozen=True, slots=True)
class DemandLine:
    """A slot (weekday key, start minute) that has been nearly full for the last ``weeks`` weeks."""

    slot: Slot
    weeks: int


def repeated_demand(history: Mapping[Slot, Sequence[WeekUse]], policy: BookingPolicy) -> list[DemandLine]:
    """The slots to report, in order; each history runs from the oldest week to the newest without gaps."""
    runs = ((slot, _busy_weeks(weeks, policy)) for slot, weeks in history.items())
    return sorted(
        (DemandLine(slot, run) for slot, run in runs if run >= policy.demand_weeks),
        key=lambda line: line.slot,
    )


def demand_spans(lines: Sequence[DemandLine], slot_minutes: int) -> list[tuple[str, TimeSpan]]:
    """The reported slots from Monday on, neighbours joined: (weekday key, hours)."""
    spans: list[tuple[str, TimeSpan]] = []
    for day, minute in sorted((line.slot for line in lines), key=lambda s: (WEEKDAYS.index(s[0]), s[1])):
        joins = bool(spans) and spans[-1][0] == day and spans[-1][1].end == minute
        begin = spans.pop()[1].start if joins else minute
        spans.append((day, TimeSpan(begin, minute + slot_minutes)))
    return spans


def _busy_weeks(weeks: Sequence[WeekUse], policy: BookingPolicy) -> int:
    """How many of the newest weeks in a row were busy; a week without use never is."""
    run = 0
    for week in reversed(weeks):
        if week.used == 0 or week.used < policy.demand_ratio * week.seats:
            break
        run += 1
    return run
