"""A centre's pages of bookings: 신청, 예약, 대기, 일일 명단, and the printing of their papers."""

from __future__ import annotations

from app.booking import (
    staff_booking,
    staff_excel,
    staff_links,
    staff_print,
    staff_queue,
    staff_users,
    staff_waiting,
)
from app.booking.staff_pages import pages
from app.kernel import navigation
from app.kernel.actor import CENTRE_STAFF
from app.kernel.errors import N_

__all__ = [
    "pages",
    "staff_booking",
    "staff_excel",
    "staff_links",
    "staff_print",
    "staff_queue",
    "staff_users",
    "staff_waiting",
]
"""The other files' pages hang on the same blueprint."""

navigation.register(
    navigation.Entry(N_("신청"), "booking_staff.applications", CENTRE_STAFF, 20, "KIUM"),
    navigation.Entry(N_("예약"), "booking_staff.users", CENTRE_STAFF, 30, "KIUM"),
    navigation.Entry(N_("대기"), "booking_staff.waiting", CENTRE_STAFF, 31, "KIUM"),
    navigation.Entry(N_("일일 명단"), "booking_staff.daily", CENTRE_STAFF, 32, "KIUM"),
)
