"""Beds: how many children a class may hold at every half hour, who fits, and what is full (AD-02, AD-03, AD-34).

Half hours have numbers (``slot_of``): whole half hours since 1970, which no time zone of Korea ever shifts.
A child counts in every half hour it touches, a teacher in every one they cover whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from app.daycare.rules.days import clock_minute, minute_of, operating_day
from app.daycare.rules.policy import STEP, DaycarePolicy
from app.daycare.rules.request import Wish
from app.kernel.errors import N_, Problem
from app.kernel.ranges import KST, Period
from app.kernel.texts import day_text

SLOT = STEP * 60
FULL = Problem(
    "daycare.full",
    N_("{hours}에 자리가 모두 찼어요."),
    rule="AD-34",
    field="hours",
)
NO_CLASS = Problem(
    "daycare.no_class",
    N_("그 시간에 열리는 반이 없어요. 다른 시간을 고르거나 어린이집에 전화해 주세요."),
    rule="AD-34",
    field="hours",
)
ROOM_FULL = Problem(
    "daycare.room_full",
    N_(
        "지금 반 정원({limit}명)이 찼고 다른 반에도 자리가 없어요. "
        "나갈 아이를 보낸 뒤 받거나, 원장이 까닭을 적어 주세요."
    ),
    rule="AD-02",
    field="crowded_reason",
    soft=True,
)
BAD_PLACES = Problem(
    "daycare.bad_places", N_("한 반은 1명에서 {most}명까지예요."), rule="AD-02", field="places"
)


@dataclass(frozen=True, slots=True)
class Duty:
    """So many teachers in a class over a time; outside every duty the class is closed."""

    period: Period
    teachers: int


@dataclass(frozen=True, slots=True)
class Group:
    """A class (반) with its duties; of several duties at once the teachers add up."""

    id: int
    name: str
    places: int
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class Occupant:
    """A child who holds a bed; ``small_until``: until then under 24 months, or disabled (AD-03)."""

    period: Period
    small_until: datetime | None = None

    @property
    def held(self) -> Held:
        slots = touched(self.period)
        return Held(slots.start, slots.stop, 0 if self.small_until is None else slot_of(self.small_until))


class Held(NamedTuple):
    """The same in half hours: from ``first`` until before ``stop``, small until before ``small_stop``."""

    first: int
    stop: int
    small_stop: int

    def touches(self, period: Period) -> bool:
        slots = touched(period)
        return self.first < slots.stop and slots.start < self.stop


def slot_of(moment: datetime) -> int:
    return int(moment.timestamp()) // SLOT


def slot_start(slot: int) -> datetime:
    return datetime.fromtimestamp(slot * SLOT, KST)


def touched(period: Period) -> range:
    """The half hours a period touches, also in part."""
    return range(slot_of(period.start), -(-int(period.end.timestamp()) // SLOT))


class Load:
    """Who is in one class at every half hour of a period."""

    __slots__ = ("_first", "children", "group", "policy", "small", "teachers")

    def __init__(
        self, group: Group, occupants: Iterable[Occupant | Held], over: Period, policy: DaycarePolicy
    ) -> None:
        slots = touched(over)
        self.group, self.policy, self._first = group, policy, slots.start
        there = [one.held if isinstance(one, Occupant) else one for one in occupants]
        covered = [(_covered(duty.period), duty.teachers) for duty in group.duties]
        self.teachers = _steps(slots, ((span.start, span.stop, heads) for span, heads in covered))
        self.children = _steps(slots, ((first, stop, 1) for first, stop, _ in there))
        self.small = _steps(slots, ((first, min(stop, small), 1) for first, stop, small in there if small))

    def limit(self, slot: int, *, small: bool = False) -> int:
        """Children the class may hold then; ``small``: one more small child comes (AD-02, AD-03)."""
        index = slot - self._first
        ratio = self.policy.ratio_normal
        if self.policy.ratio_auto and (small or self.small[index]):
            ratio = self.policy.ratio_small
        return min(self.group.places, self.policy.group_max, self.teachers[index] * ratio)

    def count(self, slot: int) -> int:
        """Children who are there or hold a bed then."""
        return self.children[slot - self._first]

    def free(self, slot: int, *, small: bool = False) -> int:
        """How many more such children fit then; negative when more are there than may be."""
        return self.limit(slot, small=small) - self.children[slot - self._first]

    def all_free(self, *, small: bool = False) -> list[int]:
        """Free beds of every half hour in order, never below 0; -1 where the class is closed."""
        policy, most = self.policy, min(self.group.places, self.policy.group_max)
        usual = policy.ratio_small if small and policy.ratio_auto else policy.ratio_normal
        few = policy.ratio_small if policy.ratio_auto else policy.ratio_normal
        heads = range(max(self.teachers, default=0) + 1)
        limits = [min(most, head * usual) for head in heads]
        strict = [min(most, head * few) for head in heads]
        rows = zip(self.teachers, self.children, self.small, strict=True)
        return [
            (free if (free := (strict if babies else limits)[head] - count) > 0 else 0) if head else -1
            for head, count, babies in rows
        ]

    def is_open(self, slot: int) -> bool:
        return self.teachers[slot - self._first] > 0

    def over(self) -> list[int]:
        """Half hours in which more children are there than may be."""
        return [
            self._first + index
            for index, count in enumerate(self.children)
            if count and count > self.limit(self._first + index)
        ]

    def full(self, newcomer: Occupant) -> list[int]:
        """Half hours of the newcomer's stay in which there is no bed for it."""
        until = newcomer.small_until
        small = slot_of(until) if until is not None else 0
        return [slot for slot in touched(newcomer.period) if self.free(slot, small=slot < small) < 1]

    def add(self, newcomer: Occupant) -> None:
        """Count one more, so that a brother or sister of the same form sees it."""
        for slot in touched(newcomer.period):
            self.children[slot - self._first] += 1
        for slot in range(newcomer.held.first, min(newcomer.held.stop, newcomer.held.small_stop)):
            self.small[slot - self._first] += 1


@dataclass(frozen=True, slots=True)
class Placement:
    """The first class that fits, or what is full in the one that comes closest."""

    group: Group | None
    full: tuple[int, ...]
    opens: bool = True
    """False: no class is open during the whole stay."""


def place(loads: Sequence[Load], newcomer: Occupant) -> Placement:
    """Into the first class that fits the whole stay: nobody who is placed already is moved (AD-34)."""
    best: tuple[int, ...] | None = None
    opens = False
    for load in loads:
        full = tuple(load.full(newcomer))
        if not full:
            load.add(newcomer)
            return Placement(load.group, ())
        open_all = all(load.is_open(slot) for slot in touched(newcomer.period))
        if best is None or (open_all, -len(full)) > (opens, -len(best)):
            best, opens = full, open_all
    return Placement(None, best or (), opens)


def full_spans(slots: Iterable[int]) -> list[Period]:
    """Neighbouring half hours as periods."""
    spans: list[list[int]] = []
    for slot in sorted(set(slots)):
        if spans and spans[-1][1] == slot:
            spans[-1][1] = slot + 1
        else:
            spans.append([slot, slot + 1])
    return [Period(slot_start(first), slot_start(last)) for first, last in spans]


def spans_words(spans: Iterable[Period]) -> str:
    """11월 24일(화) 20:00–다음 날 07:30, …: by operating day, as parents see it."""
    words = []
    for span in spans:
        day = operating_day(span.start)
        hours = f"{clock_minute(minute_of(span.start, day))}–{clock_minute(minute_of(span.end, day))}"
        words.append(f"{day_text(day)} {hours}")
    return ", ".join(words)


def refusal(full: Sequence[int], opens: bool) -> Problem:
    """The sentence that names the full hours (AD-34)."""
    return FULL.of(hours=spans_words(full_spans(full))) if full and opens else NO_CLASS


def nearest(
    wish: Wish, fits: Callable[[Wish], bool], *, most: int = 3, reach: int = 720, days: int = 3
) -> list[Wish]:
    """Wishes like this one that fit: the same days earlier or later by the half hour, then neighbouring days.

    ``fits`` asks everything (rules and beds); ``reach`` in minutes.
    """
    found: list[Wish] = []
    for candidate in _around(wish, reach, days):
        if fits(candidate):
            found.append(candidate)
            if len(found) == most:
                break
    return found


def check_places(places: int, policy: DaycarePolicy) -> Problem | None:
    """AD-02: no class is larger than five."""
    return None if 1 <= places <= policy.group_max else BAD_PLACES.of(most=policy.group_max)


def _around(wish: Wish, reach: int, days: int) -> Iterator[Wish]:
    for distance in range(STEP, reach + 1, STEP):
        for shift in (-distance, distance):
            yield Wish(wish.first_day, wish.last_day, wish.start + shift, wish.end + shift, wish.continuous)
    for distance in range(1, days + 1):
        for step in (timedelta(days=distance), timedelta(days=-distance)):
            yield Wish(wish.first_day + step, wish.last_day + step, wish.start, wish.end, wish.continuous)


def _covered(period: Period) -> range:
    """The half hours a period covers whole."""
    return range(-(-int(period.start.timestamp()) // SLOT), slot_of(period.end))


def _steps(slots: range, parts: Iterable[tuple[int, int, int]]) -> list[int]:
    """Sums per half hour of what begins and ends (first, stop, count): one pass, however long a stay is."""
    offset, length = slots.start, len(slots)
    change = [0] * (length + 1)
    for first, stop, count in parts:
        begin, end = max(0, first - offset), min(length, stop - offset)
        if begin < end:
            change[begin] += count
            change[end] -= count
    return list(accumulate(change[:length]))


def until_slot_end(moment: datetime) -> datetime:
    """The end of the half hour an instant lies in: a child who is still there holds its bed at least so long."""
    return slot_start(slot_of(moment) + 1)
