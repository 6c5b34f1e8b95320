"""Free beds of many daycares over many days, straight from the rows in one range query (AD-02, AD-03, AD-34)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.daycare import beds
from app.daycare.policy import policy_at
from app.daycare.queries.place import DaycareRow, plans_of
from app.daycare.rules.capacity import Load, full_spans, slot_of, touched
from app.daycare.rules.days import CLOSED, Opening, operating_span
from app.daycare.rules.policy import DAY_START, STEP
from app.kernel.db import UnitOfWork
from app.kernel.ranges import DateSpan, Period

HALF_HOURS = 48
SHUT = -1


@dataclass(frozen=True, slots=True)
class DayFree:
    """One operating day: free beds per half hour from 07:30 on; -1 where it is closed.

    Beds of different classes are not added up: a child stays in one class, so each half hour shows the freest one.
    """

    day: date
    opening: Opening
    free: tuple[int, ...]

    @property
    def any_free(self) -> bool:
        return max(self.free) > 0

    def least(self, start: int, end: int) -> int:
        """The fewest free beds between two minutes of the operating day; -1 when it is closed in between."""
        return min(self.free[(start - DAY_START) // STEP : -(-(end - DAY_START) // STEP)], default=SHUT)

    def full_spans(self) -> list[Period]:
        """The full hours."""
        first = slot_of(operating_span(self.day).start)
        return full_spans(first + index for index, free in enumerate(self.free) if free == 0)


def availability(
    uow: UnitOfWork, daycares: Sequence[DaycareRow], first: date, last: date, *, small: bool = False
) -> dict[int, list[DayFree]]:
    """By daycare id, day by day. ``small``: for a child under 24 months or with a disability (AD-03)."""
    span = DateSpan(first, last)
    over = Period(operating_span(first).start, operating_span(last).end)
    plans = plans_of(uow, daycares, span)
    held = beds.occupants(uow, list(plans), over)
    found = {}
    for daycare in daycares:
        plan, policy = plans[daycare.id], policy_at(uow, daycare.place, first)
        loads = [Load(group, held[daycare.id].get(group.id, ()), over, policy) for group in plan.groups]
        best = _freest(loads, len(touched(over)), small)
        begin = slot_of(over.start)
        found[daycare.id] = [
            _day(daycare, plan.opening_of(day), day, best, slot_of(operating_span(day).start) - begin)
            for day in span
        ]
    return found


def _freest(loads: Sequence[Load], length: int, small: bool) -> list[int]:
    best = [SHUT] * length
    for load in loads:
        best = [max(now, free) for now, free in zip(best, load.all_free(small=small), strict=True)]
    return best


def _day(daycare: DaycareRow, opening: Opening, day: date, best: list[int], begin: int) -> DayFree:
    if not daycare.designated(day) or not daycare.active:
        return DayFree(day, CLOSED, (SHUT,) * HALF_HOURS)
    return DayFree(day, opening, tuple(best[begin : begin + HALF_HOURS]))
