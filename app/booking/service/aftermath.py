"""What follows when a booking gives back its seat: younger ones left alone, and the next in line."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from app.booking.models import Booking, UsageDay
from app.booking.place import Place
from app.booking.rules.request import siblings_left_alone
from app.booking.rules.states import HOLDING, BookingState, UsageDayState
from app.booking.seats import cancel_from, days_held, end_booking_days, release
from app.booking.service.case import cases_in, set_state, tell
from app.booking.service.offers import ELDER_GONE, offer_next
from app.booking.times import hours_between
from app.kernel.db import UnitOfWork


def seats_freed(uow: UnitOfWork, place: Place, booking: Booking, freed: Collection[date]) -> list[str]:
    """Cancel what hung on this booking (KB-36), then offer all that is free now. Returns refs of new offers."""
    uow.session.flush()
    days = [*freed, *_cancel_younger(uow, place, booking)]
    return offer_next(uow, place, days) if days else []


def _cancel_younger(uow: UnitOfWork, place: Place, elder: Booking) -> list[date]:
    rows = uow.session.execute(
        select(Booking.id, Booking.ref, UsageDay.day, UsageDay.start_minute, UsageDay.end_minute)
        .join(UsageDay, UsageDay.booking_id == Booking.id)
        .where(
            Booking.sibling_booking_id == elder.id,
            Booking.state.in_(HOLDING),
            UsageDay.state == UsageDayState.PLANNED,
        )
    ).all()
    younger = [(row.ref, row.day, hours_between(row.start_minute, row.end_minute)) for row in rows]
    alone = set(siblings_left_alone(younger, days_held(uow, elder.id)))
    freed: list[date] = []
    for case in cases_in(uow, place, {row.id for row in rows if row.ref in alone}):
        if case.state is BookingState.APPLIED:
            set_state(
                uow, case.booking, BookingState.WITHDRAWN, "booking.sibling_cancelled", reason=ELDER_GONE
            )
            freed += release(uow, case.booking.id)
        else:
            set_state(
                uow, case.booking, BookingState.CANCELLED, "booking.sibling_cancelled", reason=ELDER_GONE
            )
            end_booking_days(uow, case.booking.id, uow.today)
            freed += cancel_from(uow, case.booking.id, uow.today)
        tell(uow, case, "booking.sibling_cancelled")
    return freed
