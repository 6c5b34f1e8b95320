"""What a parent is shown before applying: seats by day and by half hour in words, and what would become of a choice.

Reads without a lock: a picture of this moment. The application itself asks everything again behind the gate.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, func, select

from app.booking.choice import Choice
from app.booking.models import WaitlistEntry
from app.booking.month_rows import MonthRows, free_seats, month_rows
from app.booking.place import Place, fits, loads_on
from app.booking.rules.capacity import seats_left, sick_seats_left
from app.booking.rules.request import Busy
from app.booking.rules.states import OPEN_WAIT, BookingKind
from app.booking.rules.waiting import LIST_FULL, check_wait_room, wait_limit, waiting_per_slot
from app.booking.service.contest import limit_of
from app.booking.service.judge import Judged, judge_regular, judge_single
from app.booking.waits import rivals
from app.centres.rules import Opening, separate_quota
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem
from app.kernel.ranges import DateSpan, TimeSpan, kst, to_minute
from app.people.queries import SeenChild


@dataclass(frozen=True, slots=True)
class DayView:
    """One bookable date: its opening, the free seats of every slot, who waits, what the child has on it already.

    ``free`` is empty where the centre does not open.
    """

    day: date
    opening: Opening
    free: tuple[int, ...]
    waiting: int
    busy: tuple[Busy, ...] = ()


@dataclass(frozen=True, slots=True)
class SeatMonth:
    """The dates of a month that can be asked for; ``most_waiting`` is None where nobody is turned away."""

    kind: BookingKind
    window: DateSpan
    days: Mapping[date, DayView]
    slot_minutes: int
    most_waiting: int | None

    def seats(self, view: DayView, hours: TimeSpan | None, since: int = 0) -> tuple[int, int]:
        """The least and the most free seats of a half hour: within ``hours``, else from minute ``since`` on."""
        span = view.opening.span
        if span is None or (hours is not None and not span.contains(hours)):
            return 0, 0
        if hours is not None:
            least = min(self.free(view, hours))
            return least, least
        starts = [minute for minute in span.slots(self.slot_minutes) if minute >= since]
        free = self.free(view, TimeSpan(starts[0], span.end)) if starts else ()
        return (min(free), max(free)) if free else (0, 0)

    def free(self, view: DayView, hours: TimeSpan) -> tuple[int, ...]:
        """The free seats of every slot the hours touch."""
        return view.free[hours.start // self.slot_minutes : -(-hours.end // self.slot_minutes)]

    def may_wait(self, view: DayView) -> bool:
        return self.most_waiting is None or view.waiting < self.most_waiting


def seat_month(
    uow: UnitOfWork,
    place: Place,
    kind: BookingKind,
    first: date,
    last: date,
    child: SeenChild | None = None,
    *,
    without: Collection[int] = (),
) -> SeatMonth:
    """Seats from ``first`` to ``last`` as far as the window for single dates reaches (KB-08).

    ``child``: also what it has on these days; bookings in ``without`` count neither as seats nor as its own.

    One read beside the centre's figures, however many days are shown.
    """
    policy, centre = place.terms.booking, place.centre
    window = DateSpan(uow.today, uow.today + timedelta(days=policy.temp_window_days))
    separate = separate_quota(centre.kind, centre.base_capacity, place.terms.centre)
    most = wait_limit(kind, centre.base_capacity, separate, policy)
    shown = window.intersection(DateSpan(first, last))
    if shown is None:
        return SeatMonth(kind, window, {}, policy.slot_minutes, most)
    rows = month_rows(uow, place, kind, shown, child.id if child else None, without)
    views = {day: _view(kind, day, rows, policy.slot_minutes) for day in shown}
    return SeatMonth(kind, window, views, policy.slot_minutes, most)


def _view(kind: BookingKind, day: date, rows: MonthRows, slot_minutes: int) -> DayView:
    opening = rows.openings[day]
    free: tuple[int, ...] = ()
    busy: tuple[Busy, ...] = ()
    if opening.is_open:
        free = free_seats(kind, rows.limits.on(day), opening, rows.seats.get(day, ()), slot_minutes)
    if rows.busy:
        whole = TimeSpan(0, 1440).on(day)
        busy = tuple(taken for taken in rows.busy if taken.period.overlaps(whole))
    return DayView(day, opening, free, rows.waiting.get(day, 0), busy)


def _waiting(uow: UnitOfWork, centre_id: int, kind: BookingKind, span: DateSpan) -> dict[date, int]:
    rows = uow.rows(_WAITING, centre=centre_id, kind=kind.value, first=span.first, last=span.last)
    return {day: count for day, count in rows if day is not None}


_WAITING = (
    select(WaitlistEntry.day, func.count())
    .where(
        WaitlistEntry.centre_id == bindparam("centre"),
        WaitlistEntry.kind == bindparam("kind"),
        WaitlistEntry.state.in_(OPEN_WAIT),
        WaitlistEntry.day.between(bindparam("first"), bindparam("last")),
    )
    .group_by(WaitlistEntry.day)
)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would become of one booking now. ``seats`` is None for regular care and where a problem stands."""

    span: DateSpan
    free: bool
    seats: int | None
    waiting: int
    problems: tuple[Problem, ...]
    notice: Problem | None = None

    @property
    def possible(self) -> bool:
        return not self.problems


def forecast(uow: UnitOfWork, place: Place, child: SeenChild, choice: Choice) -> list[Forecast]:
    """Every date of the choice by itself, as the application would judge it; nothing is written."""
    kind = choice.kind or BookingKind.TEMPORARY
    if kind is BookingKind.REGULAR:
        span = DateSpan(choice.first, choice.last) if choice.first and choice.last else None
        judged = [judge_regular(uow, place, child, span, dict(choice.week))]
    else:
        assert choice.hours is not None  # noqa: S101 - the caller asks for the hours first
        wishes = [(day, choice.hours) for day in choice.days]
        # The illness is asked on the page this forecast is for.
        judged = judge_single(uow, place, child, kind, wishes, illness="?")
    return _forecasts(uow, place, kind, judged)


def _forecasts(uow: UnitOfWork, place: Place, kind: BookingKind, judged: Sequence[Judged]) -> list[Forecast]:
    good = [one for one in judged if not one.problems]
    regular = kind is BookingKind.REGULAR
    wanted = {day for one in good for day in (one.span if regular else [one.span.first])}
    loads = loads_on(uow, place, wanted, with_enrolled=regular)
    waiting = _waiting_for(uow, place, kind, good)
    found = []
    for one in judged:
        if one.problems:
            found.append(Forecast(one.span, False, None, 0, one.problems))
            continue
        seats = None
        if not regular:
            left = sick_seats_left if kind is BookingKind.SICK else seats_left
            seats = left(loads[one.span.first], one.days[0][1])
        free = fits(loads, kind, one.span, one.days)
        ahead = waiting.get(None if regular else one.span.first, 0)
        closed = () if free else _line_closed(uow, place, kind, one, ahead)
        found.append(Forecast(one.span, free, seats, ahead, closed, one.notice))
    return found


def _line_closed(
    uow: UnitOfWork, place: Place, kind: BookingKind, wanted: Judged, ahead: int
) -> tuple[Problem, ...]:
    """As many wait as may: nobody is promised a place in line that the application would refuse (KW-03, KW-04)."""
    limit = limit_of(place, kind)
    if check_wait_room([ahead], limit) is None:
        return ()
    if kind is BookingKind.REGULAR:
        return (LIST_FULL,)
    step = place.terms.booking.slot_minutes
    entries = [rival.rule for rival in rivals(uow, place, kind, [day for day, _ in wanted.days])]
    counts = [count for day, hours in wanted.days for count in waiting_per_slot(entries, day, hours, step)]
    return tuple(problem for problem in [check_wait_room(counts, limit)] if problem)


def _waiting_for(
    uow: UnitOfWork, place: Place, kind: BookingKind, judged: Sequence[Judged]
) -> dict[date | None, int]:
    """Open entries per date; of regular care those of the quarter, under None."""
    if not judged:
        return {}
    if kind is not BookingKind.REGULAR:
        days = [one.span.first for one in judged]
        by_day = _waiting(uow, place.centre.id, kind, DateSpan(min(days), max(days)))
        return {day: by_day.get(day, 0) for day in days}
    count = uow.session.scalar(
        select(func.count()).where(
            WaitlistEntry.centre_id == place.centre.id,
            WaitlistEntry.kind == kind,
            WaitlistEntry.quarter_id == judged[0].quarter_id,
            WaitlistEntry.state.in_(OPEN_WAIT),
        )
    )
    return {None: count or 0}


class Unfit(StrEnum):
    """Why a half hour cannot be part of a stay."""

    OUTSIDE = "OUTSIDE"
    PASSED = "PASSED"
    BUSY = "BUSY"

    @property
    def label(self) -> str:
        return {
            "OUTSIDE": N_("운영시간 밖"),
            "PASSED": N_("지난 시각"),
            "BUSY": N_("다른 예약과 겹침"),
        }[self.value]


@dataclass(frozen=True, slots=True)
class SlotView:
    """A half hour of the chosen days: free seats on the scarcest of them, or why and on which it does not fit."""

    minute: int
    seats: int
    unfit: Unfit | None = None
    day: date | None = None


def slots_of(month: SeatMonth, days: Sequence[date], now: datetime) -> list[SlotView]:
    """The half hours in which the centre is open on any of the days, judged over all of them."""
    views = [month.days[day] for day in days if day in month.days and month.days[day].opening.span]
    spans = [view.opening.span for view in views if view.opening.span]
    if not spans:
        return []
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    return [
        _slot(month, views, TimeSpan(minute, minute + month.slot_minutes), to_minute(now))
        for minute in range(start, end, month.slot_minutes)
    ]


def _slot(month: SeatMonth, views: Sequence[DayView], slot: TimeSpan, now: datetime) -> SlotView:
    for view in views:
        if unfit := _unfit(view, slot, now):
            return SlotView(slot.start, 0, unfit, view.day)
    return SlotView(slot.start, min(min(month.free(view, slot)) for view in views))


def _unfit(view: DayView, slot: TimeSpan, now: datetime) -> Unfit | None:
    if view.opening.span is None or not view.opening.span.contains(slot):
        return Unfit.OUTSIDE
    if kst(view.day, slot.start) < now:
        return Unfit.PASSED
    period = slot.on(view.day)
    return Unfit.BUSY if any(busy.period.overlaps(period) for busy in view.busy) else None
