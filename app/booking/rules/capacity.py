"""Who fits: seats per half hour of one day (KC-06 … KC-09, KC-13, KC-14).

A ``DayLoad`` counts, for every slot of a day, the children who hold a seat then (from the application on, C-49)
and the essential staff on duty. It is built without the child one asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.centres.rules import CentreKind, CentrePolicy, separate_quota
from app.kernel.errors import N_, Problem
from app.kernel.ranges import MINUTES_PER_DAY, DateSpan, TimeSpan, minute_text
from app.kernel.texts import day_text

SLOT_MINUTES = 30
NO_SEAT = Problem(
    "booking.no_seat",
    N_("그 시간에는 빈자리가 없어요. 시간을 바꾸거나 대기를 신청해 주세요."),
    rule="KC-07",
    field="hours",
)


@dataclass(frozen=True, slots=True)
class SeatLimits:
    """``base`` B, ``separate`` S (KC-04), children per essential staff member (KC-08), sick-child seats (KB-47)."""

    base: int
    separate: int
    per_staff: int = 20
    sick: int = 0

    @classmethod
    def of_centre(cls, kind: CentreKind, base: int, policy: CentrePolicy, sick: int = 0) -> SeatLimits:
        return cls(base, separate_quota(kind, base, policy), policy.children_per_staff, sick)


@dataclass(frozen=True, slots=True)
class DayLoad:
    """One day of one centre. The lists hold one integer per slot: r(t), b(t), sick children, n(t).

    ``enrolled`` counts heads with a regular booking valid on the day, whether or not they come on its weekday.
    """

    limits: SeatLimits
    regular: list[int]
    temporary: list[int]
    sick: list[int]
    staff: list[int]
    enrolled: int = 0
    slot_minutes: int = SLOT_MINUTES


def day_load(
    limits: SeatLimits,
    *,
    staff: Iterable[tuple[TimeSpan, int]] = (),
    regular: Iterable[TimeSpan] = (),
    temporary: Iterable[TimeSpan] = (),
    sick: Iterable[TimeSpan] = (),
    enrolled: int = 0,
    slot_minutes: int = SLOT_MINUTES,
) -> DayLoad:
    """Counts the spans of children into every slot they touch, and staff into every slot they cover whole."""
    on_duty = [0] * (MINUTES_PER_DAY // slot_minutes)
    for span, heads in staff:
        for slot in range(-(-span.start // slot_minutes), span.end // slot_minutes):
            on_duty[slot] += heads
    return DayLoad(
        limits=limits,
        regular=_per_slot(regular, slot_minutes),
        temporary=_per_slot(temporary, slot_minutes),
        sick=_per_slot(sick, slot_minutes),
        staff=on_duty,
        enrolled=enrolled,
        slot_minutes=slot_minutes,
    )


def temp_seats(load: DayLoad, slot: int) -> int:
    """Free temporary seats of the slot with that index (KC-07): never negative, 0 without staff."""
    limits, regular = load.limits, load.regular[slot]
    places = limits.base - regular + limits.separate
    staffed = limits.per_staff * load.staff[slot] - regular - load.sick[slot]
    return max(0, min(places, staffed) - load.temporary[slot])


def seats_left(load: DayLoad, span: TimeSpan) -> int:
    """Temporary seats free in every slot of the span."""
    return min(temp_seats(load, slot) for slot in _slots(span, load.slot_minutes))


def can_seat_temporary(load: DayLoad, span: TimeSpan) -> bool:
    """A seat in every slot it touches (KC-07); siblings before school and walk-ins count alike (KC-14)."""
    return seats_left(load, span) > 0


def sick_seats_left(load: DayLoad, span: TimeSpan) -> int:
    """Sick-child seats free: their own number (KB-47), bounded only by the staff ratio (KC-14)."""
    return max(0, min(_sick_room(load, slot) for slot in _slots(span, load.slot_minutes)))


class ConflictKind(StrEnum):
    ENROLLED = "ENROLLED"
    PLACES = "PLACES"
    STAFF = "STAFF"

    @property
    def label(self) -> str:
        return {
            "ENROLLED": N_("정기돌봄 등록이 정원에 찼어요"),
            "PLACES": N_("일시돌봄 예약으로 자리가 없어요"),
            "STAFF": N_("돌봄필수인력이 모자라요"),
        }[self.value]


@dataclass(frozen=True, slots=True)
class SeatConflict:
    """Why one more regular child does not fit: the day, and the first minute where a slot is the reason."""

    day: date
    kind: ConflictKind
    minute: int | None = None

    @property
    def sentence(self) -> str:
        at = f" {minute_text(self.minute)}" if self.minute is not None else ""
        return f"{day_text(self.day)}{at} {self.kind.label}"


def can_seat_regular(
    loads: Mapping[date, DayLoad], span: DateSpan, days: Sequence[tuple[date, TimeSpan]]
) -> list[SeatConflict]:
    """What keeps one more regular child out (KC-06, KC-08), in order of date; empty means it fits.

    Enrolment is counted on every day of ``span`` that ``loads`` holds, slots on the usage days, which it must hold.
    """
    found = [
        SeatConflict(day, ConflictKind.ENROLLED)
        for day, load in loads.items()
        if day in span and load.enrolled >= load.limits.base
    ]
    for day, hours in days:
        load = loads[day]
        for slot in _slots(hours, load.slot_minutes):
            if kind := _slot_conflict(load, slot):
                found.append(SeatConflict(day, kind, slot * load.slot_minutes))
                break
    return sorted(found, key=lambda conflict: (conflict.day, conflict.minute is not None))


def over_limit(load: DayLoad) -> list[int]:
    """Start minutes of the slots in which more children hold a seat than places or staff allow (KC-08, GC-19)."""
    places = load.limits.base + load.limits.separate
    return [
        slot * load.slot_minutes
        for slot, (regular, temporary) in enumerate(zip(load.regular, load.temporary, strict=True))
        if regular + temporary > places
        or regular + temporary + load.sick[slot] > load.limits.per_staff * load.staff[slot]
    ]


def _per_slot(spans: Iterable[TimeSpan], slot_minutes: int) -> list[int]:
    counts = [0] * (MINUTES_PER_DAY // slot_minutes)
    for span in spans:
        for slot in _slots(span, slot_minutes):
            counts[slot] += 1
    return counts


def _slots(span: TimeSpan, slot_minutes: int) -> range:
    return range(span.start // slot_minutes, -(-span.end // slot_minutes))


def _sick_room(load: DayLoad, slot: int) -> int:
    sick, children = load.sick[slot], load.regular[slot] + load.temporary[slot]
    return min(load.limits.sick - sick, load.limits.per_staff * load.staff[slot] - children - sick)


def _slot_conflict(load: DayLoad, slot: int) -> ConflictKind | None:
    children = load.regular[slot] + load.temporary[slot]
    if children >= load.limits.base + load.limits.separate:
        return ConflictKind.PLACES
    staffed = load.limits.per_staff * load.staff[slot]
    return ConflictKind.STAFF if children + load.sick[slot] >= staffed else None
