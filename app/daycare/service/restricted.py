"""What ends with a restriction: planned stays inside it are cancelled without fee (AS-20)."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from sqlalchemy import ColumnElement, or_, select

from app.daycare.gate import enter_gate
from app.daycare.models import DaycareBooking, DaycareStay
from app.daycare.rules.states import StayState
from app.daycare.service.running import cancel_stays
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_
from app.restrictions.hooks import Begun


def cancel_inside(uow: UnitOfWork, begun: Begun) -> list[str]:
    """Gate by gate in order; a stay under way is finished. Returns what was cancelled, in words."""
    if "DAYCARE" not in begun.services:
        return []
    told = []
    rows = _inside(uow, begun)
    for daycare_id, _ in groupby(rows, key=lambda row: row.daycare_id):
        daycare = enter_gate(uow, daycare_id, [row.child_id for row in rows if row.daycare_id == daycare_id])
        still = [row for row in _inside(uow, begun) if row.daycare_id == daycare_id]
        told += cancel_stays(uow, daycare, still, N_("이용제한"))
    return told


def _inside(uow: UnitOfWork, begun: Begun) -> list[DaycareStay]:
    household: list[ColumnElement[bool]] = [DaycareBooking.child_id.in_(list(begun.child_ids))]
    if begun.guardian_id is not None:
        household.append(DaycareBooking.guardian_id == begun.guardian_id)
    wanted = (
        select(DaycareStay)
        .join(DaycareBooking, DaycareBooking.id == DaycareStay.booking_id)
        .where(
            DaycareStay.state == StayState.PLANNED,
            DaycareStay.operating_day.between(begun.first, begun.last or date.max),
            or_(*household),
        )
        .order_by(DaycareStay.daycare_id, DaycareStay.id)
    )
    if begun.institution_id is not None:
        wanted = wanted.where(DaycareStay.daycare_id == begun.institution_id)
    return list(uow.session.scalars(wanted))
