"""Numbers beside the menu: what waits for a decision. One counted index range, because every page bears it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import bindparam, func, select

from app.booking.models import Booking
from app.booking.rules.states import BookingState
from app.centres.models import CapacityChange
from app.centres.rules import CapacityChangeState
from app.kernel import navigation
from app.kernel.actor import CENTRE_STAFF, Role
from app.kernel.db import UnitOfWork
from app.tenancy.models import Institution


def applications_waiting(uow: UnitOfWork) -> Mapping[str, int]:
    """신청: applications without a decision at the acting person's own centre."""
    return {"booking_staff.applications": uow.rows(_APPLIED, centre=uow.actor.scope).scalar() or 0}


_APPLIED = select(func.count()).where(
    Booking.centre_id == bindparam("centre"), Booking.state == BookingState.APPLIED
)


def requests_waiting(uow: UnitOfWork) -> Mapping[str, int]:
    """센터: requests for another capacity, of one's own district or of the whole city."""
    statement = select(func.count()).where(CapacityChange.state == CapacityChangeState.REQUESTED)
    if uow.actor.scope is not None:
        own = select(Institution.id).where(Institution.parent_id == uow.actor.scope)
        statement = statement.where(CapacityChange.centre_id.in_(own))
    return {"centres_officer.centres": uow.session.scalar(statement) or 0}


navigation.count_for(CENTRE_STAFF, applications_waiting)
navigation.count_for((Role.DISTRICT_OFFICER, Role.SEOUL_ADMIN), requests_waiting)
