"""A freed seat is offered under the gate that freed it; offers are answered, or lapse (KW-05 … KW-09)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from app.booking import actions
from app.booking.facts import busy_times
from app.booking.models import Booking, WaitlistEntry
from app.booking.place import Loads, Place, enter, fits, loads_on, place_of, seat
from app.booking.rules.request import overlap, siblings_left_alone
from app.booking.rules.states import (
    BOOKING_AFTER_WAIT,
    OPEN_WAIT,
    BookingKind,
    BookingState,
    WaitState,
)
from app.booking.rules.waiting import (
    WaitEntry,
    check_acceptance,
    next_fitting,
    offer_expiry,
    waits_until,
    withdrawn_by,
)
from app.booking.seats import days_held, hold, release
from app.booking.service.case import Case, cases_in, end_wait, move, open_case, set_state, tell
from app.booking.times import hours_of, planned_days, span_of, starts_at
from app.booking.waits import UNRANKED, Wait, days_to_load, open_waits, rule_entry
from app.centres import queries as centres
from app.centres.models import Quarter
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.ranges import DateSpan, kst
from app.kernel.texts import moment_text

NO_OFFER = Problem(
    "waiting.no_offer",
    N_("지금 답할 자리 제안이 없어요. 대기 순서를 확인해 주세요."),
    rule="KW-06",
)
NOBODY_FITS = Problem(
    "waiting.nobody_fits",
    N_("지금 빈자리에 맞는 대기자가 없어요. 자리가 나면 다시 눌러 주세요."),
    rule="KW-05",
)
OVERLAPPED = N_("같은 시간에 다른 예약이 있음")
ELDER_GONE = N_("함께 오던 형제·자매의 예약이 없어짐")


def offer_next(
    uow: UnitOfWork, place: Place, days: Collection[date] | None = None, *, by_hand: bool = False
) -> list[str]:
    """Offer every seat that is free now to the first in order whom it fits (KW-05). Returns the bookings' refs.

    The caller holds the gate and the waiting children's rows. ``days``: where seats became free (None: anywhere).
    """
    if not (place.terms.auto_offer or by_hand):
        return []
    waits = [wait for wait in open_waits(uow, place, days=days) if _may_be_seated(wait, days)]
    offered: list[str] = []
    for kind in BookingKind:
        of_kind = {wait.booking.ref: wait for wait in waits if wait.booking.kind == kind}
        if of_kind:
            offered += _offer_list(uow, place, kind, of_kind)
    return offered


def _may_be_seated(wait: Wait, freed: Collection[date] | None) -> bool:
    if wait.entry.state != WaitState.WAITING or not wait.days:
        return False
    return freed is None or any(day in wait.span for day in freed)


def _offer_list(uow: UnitOfWork, place: Place, kind: BookingKind, waits: dict[str, Wait]) -> list[str]:
    regular = kind is BookingKind.REGULAR
    loads = loads_on(uow, place, days_to_load(list(waits.values())), with_enrolled=regular)
    offered = []
    while waits:
        chosen = next_fitting(
            [wait.rule for wait in waits.values()],
            lambda entry: fits(loads, kind, waits[entry.ref].span, waits[entry.ref].days),
        )
        if chosen is None:
            break
        wait = waits.pop(chosen.ref)
        if _offer(uow, place, wait, loads):
            offered.append(chosen.ref)
    return offered


def _offer(uow: UnitOfWork, place: Place, wait: Wait, loads: Loads) -> bool:
    """Hold the seat for this child, unless its time has come or it is taken elsewhere meanwhile."""
    case = Case(place, wait.booking, wait.entry, wait.child)
    first = starts_at(wait.days, wait.span.first)
    if first <= uow.now:
        _end(uow, case, WaitState.EXPIRED, "waiting.expired")
        return False
    if _elder_gone(uow, wait):
        _end(uow, case, WaitState.WITHDRAWN, "booking.sibling_cancelled", reason=ELDER_GONE)
        return False
    busy = busy_times(uow, wait.child.id, wait.span.first, wait.span.last)
    if overlap(wait.days, busy):
        _end(uow, case, WaitState.WITHDRAWN, "waiting.withdrawn", reason=OVERLAPPED)
        return False
    booking, entry, kind = wait.booking, wait.entry, case.kind
    booking.starts_on = wait.span.first
    entry.state = WaitState.OFFERED
    entry.offered_at = uow.now
    entry.expires_at = offer_expiry(uow.now, kind, first, place.terms.booking)
    entry.version += 1
    uow.session.flush()
    hold(uow, booking, wait.days)
    seat(loads, kind, wait.span, wait.days)
    audit.record(
        uow,
        "waiting.offer",
        "waitlist_entry",
        entry.id,
        from_state=WaitState.WAITING,
        to_state=WaitState.OFFERED,
    )
    tell(
        uow,
        case,
        "waiting.offered",
        urgent=kind is not BookingKind.REGULAR,
        until=moment_text(entry.expires_at),
    )
    return True


def _elder_gone(uow: UnitOfWork, wait: Wait) -> bool:
    """A preschool sibling is seated only beside the elder it came with (KB-36)."""
    elder = wait.booking.sibling_booking_id
    if elder is None:
        return False
    younger = [(wait.booking.ref, day, hours) for day, hours in wait.days]
    return bool(siblings_left_alone(younger, days_held(uow, elder)))


def _end(uow: UnitOfWork, case: Case, after: WaitState, message: str, reason: str | None = None) -> None:
    """The entry ends, and its booking with it."""
    assert case.entry is not None  # noqa: S101
    end_wait(uow, case.entry, after)
    set_state(uow, case.booking, BOOKING_AFTER_WAIT[after], "booking.wait_ended", reason=reason)
    tell(uow, case, message)


def offer_by_hand(uow: UnitOfWork, centre_ref: str) -> list[str]:
    """Where offers are not made by themselves, the director makes those the order allows (KW-05, KW-10)."""
    centre = centres.centre_by_ref(uow, centre_ref)
    actions.OFFER.check(uow.actor, centre.id, centre.district_id)
    offered = offer_next(uow, enter(uow, centre.id), by_hand=True)
    if not offered:
        raise RuleBroken(NOBODY_FITS)
    return offered


def accept_offer(uow: UnitOfWork, ref: str) -> None:
    """WAITING → APPLIED, for the director to decide (KW-06). Staff answer for a family on the telephone."""
    case = open_case(uow, ref, actions.ANSWER_OFFER)
    entry = _standing_offer(case)
    if refused := check_acceptance(WaitState(entry.state), entry.expires_at, uow.now):
        raise RuleBroken(refused)
    end_wait(uow, entry, WaitState.ACCEPTED)
    move(uow, case, BookingState.APPLIED, "booking.accept_offer", role="guardian")
    uow.session.flush()
    withdraw_overlapped(uow, case)


def decline_offer(uow: UnitOfWork, ref: str) -> None:
    """The seat goes to the next in line at once."""
    case = open_case(uow, ref, actions.ANSWER_OFFER)
    entry = _standing_offer(case)
    end_wait(uow, entry, WaitState.DECLINED)
    move(uow, case, BookingState.WITHDRAWN, "booking.decline_offer", role="guardian")
    uow.session.flush()
    offer_next(uow, case.place, release(uow, case.booking.id))


def _standing_offer(case: Case) -> WaitlistEntry:
    if case.entry is None or not case.offered:
        raise RuleBroken(NO_OFFER)
    return case.entry


def withdraw_overlapped(uow: UnitOfWork, seated: Case) -> None:
    """KW-08: the child's other waiting entries, at any centre, whose time its seat now takes.

    Only WAITING ones: they hold nothing, so the child's row, which is locked, guards them without their gates.
    """
    days = days_held(uow, seated.booking.id)
    rows = uow.session.execute(
        select(WaitlistEntry, Booking)
        .join(Booking, Booking.id == WaitlistEntry.booking_id)
        .where(
            Booking.child_id == seated.child.id,
            WaitlistEntry.state == WaitState.WAITING,
            Booking.id != seated.booking.id,
        )
        .execution_options(populate_existing=True)
    ).all()
    waits: dict[str, tuple[WaitEntry, Case]] = {}
    for entry, booking in rows:
        place = place_of(uow, centres.centre_by_id(uow, booking.centre_id))
        calendar = centres.opening_calendar(uow, booking.centre_id, span_of(booking), place.centre)
        wished = planned_days(booking, calendar.__getitem__)
        rule = rule_entry(booking, seated.child, UNRANKED, wished, WaitState(entry.state))
        waits[booking.ref] = rule, Case(place, booking, entry, seated.child)
    for gone in withdrawn_by(seated.child.id, days, [rule for rule, _ in waits.values()]):
        _end(uow, waits[gone.ref][1], WaitState.WITHDRAWN, "waiting.withdrawn", reason=OVERLAPPED)


def expire_offers(uow: UnitOfWork, centre_id: int) -> int:
    """J-03: offers whose time is over; in the same unit the seat goes to the next (KW-06, KW-07)."""
    place = enter(uow, centre_id)
    over = _entries(
        uow, centre_id, WaitlistEntry.state == WaitState.OFFERED, WaitlistEntry.expires_at <= uow.now
    )
    freed: list[date] = []
    for case in cases_in(uow, place, over):
        _end(uow, case, WaitState.EXPIRED, "waiting.offer_expired")
        uow.session.flush()
        freed += release(uow, case.booking.id)
    if freed:
        offer_next(uow, place, freed)
    return len(over)


def expire_started_waits(uow: UnitOfWork, centre_id: int) -> int:
    """J-03, J-01: temporary entries whose time begins, regular ones whose quarter is over (KW-09)."""
    place = enter(uow, centre_id)
    over = 0
    for case in cases_in(uow, place, _entries(uow, centre_id, WaitlistEntry.state == WaitState.WAITING)):
        quarter = uow.session.get_one(Quarter, case.booking.quarter_id)
        begins = kst(case.booking.starts_on)
        if case.kind is not BookingKind.REGULAR:
            begins = kst(case.booking.starts_on, hours_of(case.booking).start)
        until = waits_until(case.kind, begins, DateSpan(quarter.starts_on, quarter.ends_on))
        if uow.now >= until:
            _end(uow, case, WaitState.EXPIRED, "waiting.expired")
            over += 1
    return over


def keep_waiting_list(uow: UnitOfWork, centre_id: int) -> None:
    """J-03 as a whole: what ran out ends, what is free by now is offered (a crowded day may just have passed)."""
    if not _entries(uow, centre_id, WaitlistEntry.state.in_(OPEN_WAIT)):
        return
    expire_offers(uow, centre_id)
    expire_started_waits(uow, centre_id)
    uow.session.flush()
    offer_next(uow, enter(uow, centre_id))


def _entries(uow: UnitOfWork, centre_id: int, *conditions: object) -> list[int]:
    return list(
        uow.session.scalars(
            select(WaitlistEntry.booking_id).where(WaitlistEntry.centre_id == centre_id, *conditions)  # type: ignore[arg-type]
        )
    )
