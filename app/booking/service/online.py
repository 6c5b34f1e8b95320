"""A guardian's application from the web: the booking, and what they tell of an illness sealed beside it (KB-47)."""

from __future__ import annotations

from app.booking.rules.states import BookingKind
from app.booking.service.apply import Application, Applied, apply_booking
from app.kernel.db import UnitOfWork
from app.people.rules import HealthKind
from app.people.service import add_health_note


def apply_online(uow: UnitOfWork, application: Application, *, illness: str = "") -> Applied:
    """As ``apply_booking``; of sick-child care the note goes where only those who give the care read it."""
    applied = apply_booking(uow, application)
    if application.kind is BookingKind.SICK and illness:
        add_health_note(uow, application.child, HealthKind.DISEASE, illness)
    return applied
