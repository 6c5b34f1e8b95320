"""Reads of the registry, the holidays and the institutions."""

from __future__ import annotations

import time
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.calendar import HolidayCalendar
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.tenancy.models import Institution, PublicHoliday, Tenant
from app.tenancy.rules import InstitutionKind, Service, TenantInfo, TenantKind


def tenant_info(row: Tenant) -> TenantInfo:
    return TenantInfo(
        code=row.code,
        slug=row.slug,
        name=row.name,
        kind=TenantKind(row.kind),
        services=frozenset(Service(name) for name in row.services),
        active=row.active,
        official=row.official,
        demo=row.demo,
        service_title=row.service_title,
        phone=row.phone,
        operator=row.operator,
        revision=row.revision,
    )


FRESH_SECONDS = 30.0
_remembered: tuple[float, HolidayCalendar] | None = None


def holidays(uow: UnitOfWork) -> HolidayCalendar:
    """The platform's holidays (GC-11): the same for everybody, so each process remembers them for half a minute."""
    global _remembered
    if _remembered is None or time.monotonic() - _remembered[0] > FRESH_SECONDS:
        rows = uow.session.execute(select(PublicHoliday.day, PublicHoliday.name, PublicHoliday.closure_key))
        _remembered = (time.monotonic(), HolidayCalendar({day: (name, key) for day, name, key in rows}))
    return _remembered[1]


def forget_holidays() -> None:
    """Read anew at the next question (after an operator edited them)."""
    global _remembered
    _remembered = None


def institution_by_ref(session: Session, ref: str, kind: InstitutionKind | None = None) -> Institution:
    """Raises NotFound."""
    row = session.scalars(select(Institution).where(Institution.ref == ref)).first()
    if row is None or (kind is not None and row.kind != kind):
        raise NotFound("institution")
    return row


def districts(session: Session) -> list[Institution]:
    return list(
        session.scalars(
            select(Institution).where(Institution.kind == InstitutionKind.DISTRICT).order_by(Institution.name)
        )
    )


def holidays_of_year(session: Session, year: int) -> list[PublicHoliday]:
    span = (date(year, 1, 1), date(year, 12, 31))
    return list(
        session.scalars(
            select(PublicHoliday).where(PublicHoliday.day.between(*span)).order_by(PublicHoliday.day)
        )
    )
