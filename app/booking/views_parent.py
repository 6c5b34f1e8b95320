"""A parent's pages of booking: the wizard, its last step, and the own bookings."""

from __future__ import annotations

from app.booking import parent_apply, parent_bookings, parent_confirm, parent_edit
from app.booking.parent_pages import pages
from app.kernel import navigation
from app.kernel.actor import Role
from app.kernel.errors import N_

__all__ = ["pages", "parent_apply", "parent_bookings", "parent_confirm", "parent_edit"]

PARENTS = frozenset({Role.GUARDIAN})
navigation.register(
    navigation.Entry(N_("예약하기"), "booking_parent.child_step", PARENTS, 5, "KIUM"),
    navigation.Entry(N_("내 예약"), "booking_parent.own_list", PARENTS, 10, "KIUM"),
)
