"""The waiting list: who is next, for how long an offer stands, when waiting ends (KW-01 … KW-10)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.booking.rules.policy import BookingPolicy, WaitBase
from app.booking.rules.priority import OrderKey, order_key
from app.booking.rules.states import OPEN_WAIT, BookingKind, WaitState
from app.kernel.errors import N_, Problem
from app.kernel.ranges import KST, MINUTES_PER_DAY, DateSpan, TimeSpan, kst

LIST_FULL = Problem(
    "waiting.list_full",
    N_("대기가 마감됐어요. 다른 시간이나 다른 센터를 찾아 주세요."),
    rule="KW-03",
    field="hours",
)
ALREADY_WAITING = Problem(
    "waiting.already",
    N_("같은 시간에 이미 대기하고 있어요. 그 대기의 순서를 확인해 주세요."),
    rule="KW-08",
    field="hours",
)
OFFER_OVER = Problem(
    "waiting.offer_over",
    N_("제안을 받을 수 있는 시간이 지났어요. 계속 원하시면 다시 신청해 주세요."),
    rule="KW-06",
)


@dataclass(frozen=True, slots=True)
class WaitEntry:
    """A waiting booking. ``ref`` names it; ``days`` are the hours it needs, by date (regular: its usage days)."""

    ref: str
    child: int
    centre: int
    kind: BookingKind
    quarter: int
    days: tuple[tuple[date, TimeSpan], ...]
    rank: int
    applied_at: datetime
    birth: date
    state: WaitState = WaitState.WAITING

    @property
    def order(self) -> tuple[OrderKey, str]:
        """KB-38; the ref only parts what is equal, such as twins of one submission."""
        return order_key(self.rank, self.applied_at, self.birth), self.ref


def same_list(a: WaitEntry, b: WaitEntry) -> bool:
    """KW-02: regular entries of one quarter share a list; others share it where their hours meet."""
    if (a.centre, a.kind) != (b.centre, b.kind):
        return False
    return a.quarter == b.quarter if a.kind is BookingKind.REGULAR else times_overlap(a.days, b.days)


def times_overlap(a: Iterable[tuple[date, TimeSpan]], b: Iterable[tuple[date, TimeSpan]]) -> bool:
    by_day: dict[date, list[TimeSpan]] = {}
    for day, hours in b:
        by_day.setdefault(day, []).append(hours)
    return any(hours.overlaps(other) for day, hours in a for other in by_day.get(day, ()))


def position(entry: WaitEntry, entries: Iterable[WaitEntry]) -> int:
    """1 plus the open entries of the same list that stand before it (KW-10)."""
    return 1 + sum(
        other.state in OPEN_WAIT
        and other.ref != entry.ref
        and same_list(entry, other)
        and other.order < entry.order
        for other in entries
    )


def positions(entries: Iterable[WaitEntry]) -> dict[str, int]:
    """``position`` of every entry among all of them, by ref."""
    lists: dict[object, list[WaitEntry]] = {}
    found = {}
    for entry in sorted(entries, key=lambda entry: entry.order):
        before = lists.setdefault(_list_of(entry), [])
        if entry.kind is BookingKind.REGULAR:
            ahead = len(before)
        else:
            ahead = sum(times_overlap(entry.days, other.days) for other in before)
        found[entry.ref] = 1 + ahead
        if entry.state in OPEN_WAIT:
            before.append(entry)
    return found


def _list_of(entry: WaitEntry) -> object:
    """Entries of different lists never meet (KW-02)."""
    if entry.kind is BookingKind.REGULAR:
        return entry.centre, entry.kind, entry.quarter
    return entry.centre, entry.kind


def next_fitting(entries: Iterable[WaitEntry], fits: Callable[[WaitEntry], bool]) -> WaitEntry | None:
    """The first in order that fits every slot it needs; those who do not fit keep their place (KW-05)."""
    waiting = (entry for entry in entries if entry.state is WaitState.WAITING)
    return next((entry for entry in sorted(waiting, key=lambda entry: entry.order) if fits(entry)), None)


def must_wait(entries: Iterable[WaitEntry], fits: Callable[[WaitEntry], bool], *, seat_free: bool) -> bool:
    """KW-01, KC-07: no seat, or somebody who would fit is already waiting: nobody overtakes the list.

    ``entries`` are those who compete for the same seats.
    """
    return not seat_free or next_fitting(entries, fits) is not None


def wait_limit(kind: BookingKind, base: int, separate: int, policy: BookingPolicy) -> int | None:
    """How many may wait per slot (KW-03) or quarter (KW-04); None is unlimited."""
    if kind is BookingKind.REGULAR:
        return None if policy.regular_multiple is None else policy.regular_multiple * base
    counted = separate if policy.temp_base is WaitBase.SEPARATE_QUOTA and separate > 0 else base
    return policy.temp_multiple * counted


def check_wait_room(waiting: Iterable[int], limit: int | None) -> Problem | None:
    """``waiting`` counts those who wait, per slot the request touches (regular: one count); room in each (KW-03)."""
    return LIST_FULL if limit is not None and any(count >= limit for count in waiting) else None


def waiting_per_slot(entries: Iterable[WaitEntry], day: date, hours: TimeSpan, step: int) -> list[int]:
    """How many open entries want each slot of ``hours`` on ``day``."""
    wanted = [span for entry in entries if entry.state in OPEN_WAIT for at, span in entry.days if at == day]
    slots = (TimeSpan(start, start + step) for start in hours.slots(step))
    return [sum(span.overlaps(slot) for span in wanted) for slot in slots]


def check_duplicate(new: WaitEntry, entries: Iterable[WaitEntry]) -> Problem | None:
    """KW-08: one open entry per child, centre, kind and overlapping time."""
    twice = any(
        entry.child == new.child
        and entry.ref != new.ref
        and entry.state in OPEN_WAIT
        and (entry.centre, entry.kind) == (new.centre, new.kind)
        and times_overlap(new.days, entry.days)
        for entry in entries
    )
    return ALREADY_WAITING if twice else None


def withdrawn_by(
    child: int, seated: Sequence[tuple[date, TimeSpan]], entries: Iterable[WaitEntry]
) -> list[WaitEntry]:
    """KW-08: the child's other open entries, at any centre, whose time overlaps the seat it now has."""
    return [
        entry
        for entry in entries
        if entry.child == child and entry.state in OPEN_WAIT and times_overlap(seated, entry.days)
    ]


def offer_expiry(
    offered_at: datetime, kind: BookingKind, starts_at: datetime, policy: BookingPolicy
) -> datetime:
    """When an offer lapses: 24 hours (regular) or 2 hours, never after the start; nights do not count (KW-06)."""
    hours = policy.offer_hours_regular if kind is BookingKind.REGULAR else policy.offer_hours_temp
    return min(_after_quiet(offered_at, policy.quiet_hours) + timedelta(hours=hours), starts_at)


def check_acceptance(state: WaitState, expires_at: datetime | None, now: datetime) -> Problem | None:
    """KW-06: only a standing offer can be accepted; its last instant is already over."""
    standing = state is WaitState.OFFERED and expires_at is not None and now < expires_at
    return None if standing else OFFER_OVER


def waits_until(kind: BookingKind, starts_at: datetime, quarter: DateSpan) -> datetime:
    """KW-09: a temporary entry lives to the start of its time, a regular one to 24:00 of its quarter's last day."""
    return kst(quarter.last, MINUTES_PER_DAY) if kind is BookingKind.REGULAR else starts_at


def _after_quiet(moment: datetime, quiet: tuple[int, int]) -> datetime:
    """The moment itself, or the end of the quiet hours it falls into."""
    start, end = quiet
    local = moment.astimezone(KST)
    minute = local.hour * 60 + local.minute
    evening = start > end and minute >= start
    if evening or (minute < end and (start > end or minute >= start)):
        return kst(local.date() + timedelta(days=1 if evening else 0), end)
    return local
