"""A child who is inside past its booked end: which limits that breaks (GC-19). It is recorded, never refused."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from app.daycare.rules.capacity import touched
from app.daycare.rules.days import OpeningOf, days_of
from app.daycare.rules.policy import DaycarePolicy
from app.daycare.rules.request import touches_night
from app.kernel.errors import N_
from app.kernel.ranges import Period

CROWDED, NIGHT, CLOSED = "AD-02", "AD-06", "AD-30"
WORDS: Mapping[str, str] = {
    CROWDED: N_("정원을 넘긴 시간이 있음"),
    NIGHT: N_("출입 제한 시간에 드나들거나 머무름"),
    CLOSED: N_("운영시간이 지난 뒤까지 머무름"),
}
"""Limits that facts may break, as the desk reads them."""


def broken_limits(
    past: Period, crowded: Collection[int], opening_of: OpeningOf, policy: DaycarePolicy
) -> list[str]:
    """``past``: from the booked end until the child left, or until now.

    ``crowded``: half hours in which its class has more children than may be; ``opening_of``: by operating day.
    A child who is fetched late breaks nothing while its class has room and its daycare is open: that is only paid for.
    """
    opened = [slot for part in _while_open(past, opening_of) for slot in touched(part)]
    found = []
    if not set(crowded).isdisjoint(opened):
        found.append(CROWDED)
    if touches_night(past, policy):
        found.append(NIGHT)
    if sum(part.minutes for part in _while_open(past, opening_of)) < past.minutes:
        found.append(CLOSED)
    return found


def _while_open(past: Period, opening_of: OpeningOf) -> Iterator[Period]:
    """Its parts in which the daycare is open, by operating day."""
    for day in days_of(past):
        opening = opening_of(day)
        if opening.is_open:
            hours = opening.on(day)
            start, end = max(past.start, hours.start), min(past.end, hours.end)
            if start < end:
                yield Period(start, end)
