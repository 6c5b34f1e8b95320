"""Reads of bookings: free seats, one family's bookings, a centre's lists."""

from app.booking.queries.detail import BookingDetail, booking_detail
from app.booking.queries.family import FamilyBooking, OwnDay, bookings_of_guardian, own_days, papers_missing
from app.booking.queries.seats import DaySeats, SlotSeats, day_slots, month_seats, seats_for
from app.booking.queries.staff import (
    Counts,
    DailyUser,
    WaitingRow,
    counts_for,
    daily_users,
    enrolled_by_day,
    waiting_list,
)
from app.booking.queries.worklist import QueueFilter, QueuePage, QueueRow, queue

__all__ = [
    "BookingDetail",
    "Counts",
    "DailyUser",
    "DaySeats",
    "FamilyBooking",
    "OwnDay",
    "QueueFilter",
    "QueuePage",
    "QueueRow",
    "SlotSeats",
    "WaitingRow",
    "booking_detail",
    "bookings_of_guardian",
    "counts_for",
    "daily_users",
    "day_slots",
    "enrolled_by_day",
    "month_seats",
    "own_days",
    "papers_missing",
    "queue",
    "seats_for",
    "waiting_list",
]
