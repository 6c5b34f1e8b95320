"""Which centres a parent is offered, the own district first, with what is free there in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.booking.models import Booking
from app.booking.parent_month import gives
from app.booking.place import place_of
from app.booking.rules.states import HOLDING, BookingKind
from app.booking.wizard import seat_month
from app.centres.lists import search_centres
from app.centres.queries import CentreRow
from app.kernel.db import UnitOfWork
from app.kernel.ranges import KST
from app.people.models import Child, Guardian
from app.tenancy.models import Institution
from app.tenancy.queries import districts


@dataclass(frozen=True, slots=True)
class CentreChoice:
    """A centre with one line about it; a page holds at most twenty."""

    ref: str
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class CentrePage:
    rows: list[CentreChoice]
    page: int
    pages: int


def own_district(uow: UnitOfWork, child: Child) -> str:
    """Where the child was last booked, else the district its or the guardian's address names; "" if none does."""
    centre, district = aliased(Institution), aliased(Institution)
    last = uow.session.scalar(
        select(district.ref)
        .join(centre, centre.parent_id == district.id)
        .join(Booking, Booking.centre_id == centre.id)
        .where(Booking.child_id == child.id)
        .order_by(Booking.id.desc())
        .limit(1)
    )
    if last:
        return last
    home = uow.session.scalar(select(Guardian.address).where(Guardian.id == uow.actor.guardian_id))
    words = f"{child.address} {home or ''}".split()
    return next((row.ref for row in districts(uow.session) if row.name in words), "")


def centres_for(uow: UnitOfWork, kind: BookingKind, district: str, page: int) -> CentrePage:
    """Centres that give this kind of care (KB-01, KB-47)."""
    found = search_centres(uow, district_ref=district, page=page)
    enrolled = _enrolled(uow, found.rows) if kind is BookingKind.REGULAR else {}
    rows = [
        CentreChoice(
            row.ref, row.name, _note(uow, row, kind, enrolled.get(row.id, 0), with_district=not district)
        )
        for row in found.rows
        if gives(row, kind)
    ]
    return CentrePage(rows, found.page, found.pages)


def _note(
    uow: UnitOfWork, centre: CentreRow, kind: BookingKind, enrolled: int, *, with_district: bool
) -> str:
    parts = [centre.district_name] if with_district else []
    parts.append(centre.kind.label)
    if kind is BookingKind.REGULAR:
        left = max(0, centre.base_capacity - enrolled)
        parts.append(_("정기 %(n)d자리", n=left) if left else _("정기 자리 없음(대기)"))
    else:
        parts.append(_next_days(uow, centre, kind))
    return " · ".join(part for part in parts if part)


def _next_days(uow: UnitOfWork, centre: CentreRow, kind: BookingKind) -> str:
    """오늘 3자리, 내일 마감: the most seats of any half hour still to come."""
    today, tomorrow = uow.today, uow.today + timedelta(days=1)
    month = seat_month(uow, place_of(uow, centre), kind, today, tomorrow)
    local = uow.now.astimezone(KST)
    words = []
    for name, day, since in ((_("오늘"), today, local.hour * 60 + local.minute), (_("내일"), tomorrow, 0)):
        view = month.days.get(day)
        if view is None or view.opening.span is None:
            words.append(_("%(day)s 쉼", day=name))
        elif seats := month.seats(view, None, since)[1]:
            words.append(_("%(day)s %(n)d자리", day=name, n=seats))
        else:
            words.append(_("%(day)s 자리 없음", day=name))
    return ", ".join(words)


def _enrolled(uow: UnitOfWork, rows: Sequence[CentreRow]) -> dict[int, int]:
    """Heads with regular care valid today or later, per centre."""
    counted = uow.session.execute(
        select(Booking.centre_id, func.count(func.distinct(Booking.child_id)))
        .where(
            Booking.centre_id.in_([row.id for row in rows]),
            Booking.kind == BookingKind.REGULAR,
            Booking.state.in_(HOLDING),
            Booking.ends_on >= uow.today,
        )
        .group_by(Booking.centre_id)
    )
    return {row[0]: row[1] for row in counted}
