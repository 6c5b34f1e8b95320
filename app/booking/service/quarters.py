"""A centre's calendar changes: its bookings follow, in the same unit (KQ-04, KQ-11, KQ-15, KW-05).

``change_quarter`` and its fellows are the commands. ``CentreBookings`` answers what the room of centres asks of the
one above it; it is plugged in when this room is imported.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import Select, func, or_, select, update

from app.booking.models import Booking, UsageDay, WaitlistEntry
from app.booking.place import Place, enter, forget_openings, loads_on, openings, place_of
from app.booking.queries.seats import month_seats
from app.booking.queries.staff import enrolled_by_day
from app.booking.rules.capacity import over_limit
from app.booking.rules.states import (
    FINAL,
    BookingKind,
    BookingState,
    UsageDayState,
    WaitState,
)
from app.booking.seats import cancel_from, cancel_on, end_booking_days, release
from app.booking.service.aftermath import seats_freed
from app.booking.service.case import Case, cases_in, end_wait, set_state, tell
from app.booking.service.offers import offer_next
from app.booking.times import span_of, when_text
from app.centres import actions as centre_actions
from app.centres.bookings import Named, QuarterContent, Seats, plug_in
from app.centres.queries import CentreRow, QuarterRow, centre_by_id, lock_gate, quarter_by_ref
from app.centres.rules import Opening, QuarterPlan, QuarterUse
from app.centres.service import quarters as centre_quarters
from app.centres.service import special_days as centre_days
from app.kernel import audit
from app.kernel.actions import Action
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_
from app.kernel.ranges import DateSpan
from app.kernel.texts import day_text
from app.people.models import Child

CLIPPED = N_("운영기간 변경")
CLOSED_DAY = N_("센터 휴원")


def change_quarter(
    uow: UnitOfWork, quarter_ref: str, plan: QuarterPlan, version: int
) -> centre_quarters.QuarterChange:
    """KQ-04: save the quarter and refit what is booked in it. ``impact`` lists who was clipped and who could grow."""
    quarter = _at_the_gate(uow, quarter_ref, centre_actions.CHANGE_QUARTERS)
    changed = centre_quarters.set_quarter(uow, quarter_ref, plan, version, content_of(uow, quarter))
    refit_quarter(uow, changed.before, changed.after)
    return changed


def delete_quarter(uow: UnitOfWork, quarter_ref: str, version: int) -> CentreRow:
    """KQ-15: refused with the counts while anything refers to its days."""
    quarter = _at_the_gate(uow, quarter_ref, centre_actions.PLAN_QUARTERS)
    return centre_quarters.delete_quarter(uow, quarter_ref, version, content_of(uow, quarter).use)


def _at_the_gate(uow: UnitOfWork, quarter_ref: str, action: Action) -> QuarterRow:
    """Who may not is turned away before anybody has to wait for the gate."""
    quarter = quarter_by_ref(uow, quarter_ref)
    centre = centre_by_id(uow, quarter.centre_id)
    action.check(uow.actor, centre.id, centre.district_id)
    lock_gate(uow, centre.id)
    return quarter


def declare_special_day(
    uow: UnitOfWork, centre_ref: str, new: centre_days.NewSpecialDay
) -> centre_days.SpecialDayChange:
    """KQ-11, KQ-12; a closed day cancels what was booked on it, and the families are told."""
    changed = centre_days.declare_special_day(uow, centre_ref, new)
    refit_day(uow, changed.centre, changed.day)
    return changed


def remove_special_day(uow: UnitOfWork, ref: str) -> centre_days.SpecialDayChange:
    """Back to the ordinary week. What a closed day cancelled stays cancelled; seats may be free again."""
    changed = centre_days.remove_special_day(uow, ref)
    refit_day(uow, changed.centre, changed.day)
    return changed


def content_of(uow: UnitOfWork, quarter: QuarterRow) -> QuarterContent:
    """What refers to days of the quarter. Called under the gate where something is saved."""
    rows = uow.session.execute(
        select(Booking.ref, Booking.starts_on, Booking.ends_on, Booking.state).where(
            Booking.quarter_id == quarter.id
        )
    ).all()
    standing = [(ref, DateSpan(first, last)) for ref, first, last, state in rows if state not in FINAL]
    attended = uow.session.scalars(
        select(UsageDay.day)
        .distinct()
        .where(
            UsageDay.centre_id == quarter.centre_id,
            UsageDay.day.between(quarter.span.first, quarter.span.last),
            UsageDay.state == UsageDayState.ENDED,
        )
    ).all()
    return QuarterContent(standing, frozenset(attended), QuarterUse(bookings=len(rows)))


def refit_quarter(uow: UnitOfWork, before: QuarterRow, after: QuarterRow) -> None:
    """Clip the bookings that no longer fit, tell their families, and offer what became free (KQ-04).

    None is ever lengthened; a booking of which no day is left ends.
    """
    forget_openings(uow, after.centre_id)
    outside = or_(Booking.starts_on < after.span.first, Booking.ends_on > after.span.last)
    ids = uow.session.execute(
        select(Booking.id, Booking.child_id).where(
            Booking.quarter_id == after.id, Booking.state.not_in(FINAL), outside
        )
    ).all()
    place = enter(uow, after.centre_id, children=[c for _, c in ids], bookings=[b for b, _ in ids])
    freed: list[date] = []
    for case in cases_in(uow, place, [booking_id for booking_id, _ in ids]):
        freed += _clip(uow, case, after.span)
    uow.session.flush()
    _mark_over_limit(uow, place, after.span)
    offer_next(uow, place)


def _clip(uow: UnitOfWork, case: Case, quarter: DateSpan) -> list[date]:
    booking, span, before = case.booking, span_of(case.booking), when_text(case.booking)
    left = span.intersection(quarter)
    if left is None:
        freed = _drop(uow, case, CLIPPED)
        _tell_dropped(uow, case)
        return freed
    booking.starts_on, booking.ends_on = left.first, left.last
    booking.version += 1
    freed = _cancel_outside(uow, booking.id, left)
    audit.record(
        uow,
        "booking.clip",
        "booking",
        booking.id,
        reason=CLIPPED,
        diff={"span": [str(span), str(left)]},
    )
    tell(uow, case, "booking.shortened", before=before)
    seats_freed(uow, case.place, booking, ())
    return freed


def _tell_dropped(uow: UnitOfWork, case: Case) -> None:
    if case.state is BookingState.CANCELLED:
        tell(uow, case, "booking.cancelled", from_day=day_text(uow.today), reason=CLIPPED)
    else:
        tell(uow, case, "booking.disapproved", reason=CLIPPED)


def _cancel_outside(uow: UnitOfWork, booking_id: int, left: DateSpan) -> list[date]:
    outside = uow.session.scalars(
        select(UsageDay.day).where(
            UsageDay.booking_id == booking_id,
            UsageDay.state == UsageDayState.PLANNED,
            or_(UsageDay.day < left.first, UsageDay.day > left.last),
        )
    ).all()
    for day in outside:
        cancel_on(uow, [booking_id], day)
    return list(outside)


def _drop(uow: UnitOfWork, case: Case, reason: str) -> list[date]:
    """None of its days is left: an approved booking is cancelled, an undecided one ends. Returns the freed days."""
    booking, state = case.booking, case.state
    after = {
        BookingState.APPLIED: BookingState.DISAPPROVED,
        BookingState.WAITING: BookingState.WITHDRAWN,
    }.get(state, BookingState.CANCELLED)
    if case.entry is not None and state is BookingState.WAITING:
        end_wait(uow, case.entry, WaitState.WITHDRAWN)
    booking.decision_reason = reason
    set_state(uow, booking, after, "booking.drop", reason=reason)
    uow.session.flush()
    cancelled = after is BookingState.CANCELLED
    if cancelled:
        end_booking_days(uow, booking.id, uow.today)
    freed = cancel_from(uow, booking.id, uow.today) if cancelled else release(uow, booking.id)
    seats_freed(uow, case.place, booking, ())
    return freed


def refit_day(uow: UnitOfWork, centre: CentreRow, day: date) -> None:
    """A special day was declared or taken back: a closed day gives its seats back, an open one may have more."""
    forget_openings(uow, centre.id)
    booked = uow.session.execute(
        _on_day(centre.id, day).with_only_columns(Booking.id, Booking.child_id)
    ).all()
    place = enter(uow, centre.id, children=[c for _, c in booked], bookings=[b for b, _ in booked])
    opening = openings(uow, place, [day])[day]
    if opening.is_open:
        _mark_over_limit(uow, place, DateSpan(day, day))
        offer_next(uow, place, [day])
        return
    for case in cases_in(uow, place, {booking_id for booking_id, _ in booked}):
        if case.kind is BookingKind.REGULAR:
            cancel_on(uow, [case.booking.id], day)
            seats_freed(uow, place, case.booking, ())
        else:
            _drop(uow, case, CLOSED_DAY)
        tell(uow, case, "booking.day_closed", day=day_text(day), reason=_why(opening))


def _on_day(centre_id: int, day: date) -> Select[Booking]:
    """What a closing of ``day`` reaches: bookings with a stay on it, and whoever waits for it."""
    return (
        select(Booking)
        .outerjoin(
            UsageDay,
            (UsageDay.booking_id == Booking.id)
            & (UsageDay.day == day)
            & (UsageDay.state == UsageDayState.PLANNED),
        )
        .outerjoin(WaitlistEntry, WaitlistEntry.booking_id == Booking.id)
        .where(
            Booking.centre_id == centre_id,
            Booking.state.not_in(FINAL),
            or_(UsageDay.day == day, WaitlistEntry.day == day),
        )
    )


def _why(opening: Opening) -> str:
    return opening.reason.label if opening.reason else ""


def seats_changed(uow: UnitOfWork, centre: CentreRow) -> None:
    """Capacity or staff changed: flag what is over the limit now, offer what is free now (KW-05, KC-08)."""
    forget_openings(uow, centre.id)
    place = enter(uow, centre.id)
    last = uow.session.scalar(select(func.max(UsageDay.day)).where(UsageDay.centre_id == centre.id))
    if last is not None and last >= uow.today:
        _mark_over_limit(uow, place, DateSpan(uow.today, last))
    offer_next(uow, place)


def _mark_over_limit(uow: UnitOfWork, place: Place, span: DateSpan) -> None:
    """What is booked stays booked; that it stands above the limit is recorded with it (KC-08, GC-19)."""
    if span.last < uow.today:
        return
    loads = loads_on(uow, place, list(DateSpan(max(span.first, uow.today), span.last)), with_enrolled=False)
    for day, load in loads.items():
        minutes = over_limit(load)
        if not minutes:
            continue
        touched = select(UsageDay.booking_id).where(
            UsageDay.centre_id == place.centre.id,
            UsageDay.day == day,
            UsageDay.state == UsageDayState.PLANNED,
            UsageDay.start_minute < minutes[-1] + load.slot_minutes,
            UsageDay.end_minute > minutes[0],
        )
        uow.session.execute(update(Booking).where(Booking.id.in_(touched)).values(over_limit=True))


def named(uow: UnitOfWork, centre: CentreRow, refs: Collection[str]) -> dict[str, Named]:
    """Bookings of this centre by ref; reading names is logged."""
    if not refs:
        return {}
    rows = uow.session.execute(
        select(Booking, Child.name)
        .join(Child, Child.id == Booking.child_id)
        .where(Booking.ref.in_(refs), Booking.centre_id == centre.id)
    ).all()
    audit.record_access(uow, "booking.calendar_effect", "centre", centre.id, row_count=len(rows))
    return {row.ref: Named(row.ref, row.number, child, when_text(row)) for row, child in rows}


def touched_on(uow: UnitOfWork, centre: CentreRow, day: date) -> list[Named]:
    """Whoever a special day on ``day`` reaches, by the hour of the stay; those who wait come last."""
    refs = uow.session.scalars(
        _on_day(centre.id, day)
        .with_only_columns(Booking.ref)
        .order_by(UsageDay.start_minute.nulls_last(), Booking.id)
    ).all()
    rows = named(uow, centre, refs)
    return [rows[ref] for ref in refs]


def holding(uow: UnitOfWork, centre: CentreRow) -> int:
    """Bookings of today and later that are not over: held seats and waits."""
    return (
        uow.session.scalar(
            select(func.count()).where(
                Booking.centre_id == centre.id, Booking.state.not_in(FINAL), Booking.ends_on >= uow.today
            )
        )
        or 0
    )


class CentreBookings:
    """What centres may ask of bookings without knowing them."""

    def content(self, uow: UnitOfWork, quarter: QuarterRow) -> QuarterContent:
        return content_of(uow, quarter)

    def enrolled(self, uow: UnitOfWork, centre_id: int, since: date) -> Mapping[date, int]:
        return enrolled_by_day(uow, centre_id, since)

    def refit_quarter(self, uow: UnitOfWork, before: QuarterRow, after: QuarterRow) -> None:
        refit_quarter(uow, before, after)

    def refit_day(self, uow: UnitOfWork, centre: CentreRow, day: date) -> None:
        refit_day(uow, centre, day)

    def seats_changed(self, uow: UnitOfWork, centre: CentreRow) -> None:
        seats_changed(uow, centre)

    def seats(self, uow: UnitOfWork, centre: CentreRow) -> Seats | None:
        """Temporary seats of the next open day within reach, in words."""
        window = range(place_of(uow, centre).terms.booking.temp_window_days + 1)
        days = {uow.today + timedelta(days=n) for n in window}
        months = [uow.today, max(days)] if max(days).month != uow.today.month else [uow.today]
        for month in months:
            for row in month_seats(uow, centre, month, BookingKind.TEMPORARY):
                if row.opening is not None and row.day in days:
                    left = f"{row.most}자리" if row.most else N_("마감")
                    return Seats(f"{day_text(row.day)} 일시돌봄 {left}")
        return None

    def named(self, uow: UnitOfWork, centre: CentreRow, refs: Collection[str]) -> Mapping[str, Named]:
        return named(uow, centre, refs)

    def touched_on(self, uow: UnitOfWork, centre: CentreRow, day: date) -> Sequence[Named]:
        return touched_on(uow, centre, day)

    def holding(self, uow: UnitOfWork, centre: CentreRow) -> int:
        return holding(uow, centre)


plug_in(CentreBookings())
