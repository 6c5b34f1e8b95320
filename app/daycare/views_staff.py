"""The daycare's desk: the room now, the door, bookings, applications, records and money."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import bindparam, func, select

from app.daycare import (
    staff_another_child,
    staff_applications,
    staff_applying,
    staff_bookings,
    staff_circle,
    staff_contacts,
    staff_correcting,
    staff_door,
    staff_incidents,
    staff_intake,
    staff_journal,
    staff_ledgers,
    staff_meals,
    staff_medicine,
    staff_money,
    staff_room,
    staff_sheet,
)
from app.daycare.models import DaycareApplication, DaycareBooking
from app.daycare.rules.states import ApplicationState, BookingState
from app.daycare.staff_pages import SERVICE, pages
from app.kernel import navigation
from app.kernel.actor import DAYCARE_STAFF
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_

__all__ = [
    "pages",
    "staff_another_child",
    "staff_applications",
    "staff_applying",
    "staff_bookings",
    "staff_circle",
    "staff_contacts",
    "staff_correcting",
    "staff_door",
    "staff_incidents",
    "staff_intake",
    "staff_journal",
    "staff_ledgers",
    "staff_meals",
    "staff_medicine",
    "staff_money",
    "staff_room",
    "staff_sheet",
]
"""The other files' pages hang on the same blueprint; ``staff_circle`` tells the incidents room who is in care."""

ENTRIES = (
    (N_("지금"), "room", 10),
    (N_("예약"), "bookings", 20),
    (N_("이용신청서"), "applications_page", 25),
    (N_("보육일지"), "journal", 30),
    (N_("투약"), "medicine", 35),
    (N_("전화 기록"), "contacts", 40),
    (N_("대장"), "handover", 50),
)
navigation.register(
    *(
        navigation.Entry(label, f"daycare_staff.{page}", DAYCARE_STAFF, order, SERVICE)
        for label, page, order in ENTRIES
    )
)
navigation.fold(
    DAYCARE_STAFF,
    N_("기록"),
    ("daycare_staff.contacts", "daycare_staff.handover", "incidents_staff.listing"),
)
navigation.fold(
    DAYCARE_STAFF,
    N_("운영"),
    (
        "daycare_officer.house",
        "insurance_staff.overview",
        "restrictions.daycare",
        "documents_staff.papers",
        "documents_gallery.gallery",
        "settings.index",
    ),
)


def waiting(uow: UnitOfWork) -> Mapping[str, int]:
    """Requests and applications without an answer, in one statement: every page bears it."""
    asked, handed_in = uow.rows(_WAITING, daycare=uow.actor.scope or 0).one()
    return {"daycare_staff.bookings": asked, "daycare_staff.applications_page": handed_in}


_WAITING = select(
    select(func.count())
    .where(DaycareBooking.daycare_id == bindparam("daycare"), DaycareBooking.state == BookingState.REQUESTED)
    .scalar_subquery(),
    select(func.count())
    .where(
        DaycareApplication.daycare_id == bindparam("daycare"),
        DaycareApplication.state == ApplicationState.SUBMITTED,
    )
    .scalar_subquery(),
)
navigation.count_for(DAYCARE_STAFF, waiting)
