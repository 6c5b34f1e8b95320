"""A family's pages of the 24-hour daycare: the application, the reservation, the own bookings, the child's days."""

from __future__ import annotations

from app.daycare import parent_apply, parent_book, parent_care, parent_confirm, parent_meals, parent_own
from app.daycare.parent_pages import SERVICE, pages
from app.kernel import navigation
from app.kernel.actor import Role
from app.kernel.errors import N_

__all__ = [
    "pages",
    "parent_apply",
    "parent_book",
    "parent_care",
    "parent_confirm",
    "parent_meals",
    "parent_own",
]

PARENTS = frozenset({Role.GUARDIAN})
navigation.register(
    navigation.Entry(N_("어린이집 예약"), "daycare_parent.child_step", PARENTS, 6, SERVICE),
    navigation.Entry(N_("내 어린이집"), "daycare_parent.own_list", PARENTS, 11, SERVICE),
    navigation.Entry(N_("이용신청서"), "daycare_parent.applications", PARENTS, 12, SERVICE),
)
