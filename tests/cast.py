"""People and places tests speak of. Visible, invented, few."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import update

from app.centres.models import Gate, KiumCentre, Quarter
from app.centres.rules import CentreKind, QuarterKind, QuarterState
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, UnitOfWork, platform_ref, unit_of_work
from app.kernel.ranges import KST
from app.people.models import Child, Guardian, GuardianChild
from app.tenancy.models import Institution, Tenant
from app.tenancy.registry import registry
from app.tenancy.rules import InstitutionKind, Service

LONG_AGO = datetime(2026, 1, 2, 9, 0, tzinfo=KST)
WEEKDAY_HOURS = {key: ["11:00", "19:00"] for key in ("mon", "tue", "wed", "thu", "fri")}
CLOSED = {"sat": None, "sun": None, "holiday": None}


def make_district(uow: UnitOfWork, name: str = "구로구") -> Institution:
    row = Institution(kind=InstitutionKind.DISTRICT, name=name, code="11530")
    uow.session.add(row)
    uow.session.flush()
    return row


def make_centre(
    uow: UnitOfWork,
    *,
    name: str = "온수동 키움센터",
    kind: CentreKind = CentreKind.GENERAL,
    capacity: int = 20,
    area: str = "80.00",
    district: Institution | None = None,
) -> KiumCentre:
    """A centre without quarters."""
    district = district or make_district(uow)
    place = Institution(
        kind=InstitutionKind.KIUM_CENTRE, parent_id=district.id, name=name, phone="0226001234"
    )
    uow.session.add(place)
    uow.session.flush()
    centre = KiumCentre(id=place.id, kind=kind, exclusive_area=Decimal(area), base_capacity=capacity)
    uow.session.add(centre)
    uow.session.flush()
    uow.session.add(Gate(centre_id=centre.id))
    uow.session.flush()
    return centre


def make_quarter(
    uow: UnitOfWork,
    centre: KiumCentre,
    starts_on: date,
    ends_on: date,
    *,
    kind: QuarterKind = QuarterKind.SEM2,
    heads: int = 2,
    hours: dict[str, list[str] | None] | None = None,
) -> Quarter:
    """A current quarter, weekdays 11:00–19:00 unless told, ``heads`` essential staff all the time."""
    opening = {**CLOSED, **(hours or WEEKDAY_HOURS)}
    row = Quarter(
        centre_id=centre.id,
        year_label=starts_on.year,
        kind=kind,
        starts_on=starts_on,
        ends_on=ends_on,
        hours=opening,
        staff={key: [[*span, heads]] for key, span in opening.items() if span},
        meals={"lunch": False, "dinner": False, "snack": True},
        state=QuarterState.CURRENT,
        created_at=LONG_AGO,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def make_family(
    uow: UnitOfWork,
    *,
    guardian: str = "김보호",
    phone: str = "01011112222",
    child: str = "김하늘",
    birth: date = date(2018, 5, 5),
    user_id: int | None = None,
    grade: int | None = 2,
) -> tuple[Guardian, Child]:
    parent = Guardian(name=guardian, phone=phone, user_id=user_id, created_at=LONG_AGO)
    kid = Child(
        name=child,
        birth_date=birth,
        sex="FEMALE",
        in_school=True,
        grade=grade,
        school="온수초",
        created_at=LONG_AGO,
    )
    uow.session.add_all([parent, kid])
    uow.session.flush()
    uow.session.add(
        GuardianChild(guardian_id=parent.id, child_id=kid.id, relation="PARENT", created_at=LONG_AGO)
    )
    uow.session.flush()
    return parent, kid


def offer(place: TenantRef, *services: Service) -> None:
    """The municipality offers these services and no others, until the test ends."""
    with unit_of_work(platform_ref(), SYSTEM) as uow:
        offered = update(Tenant).where(Tenant.slug == place.slug).values(services=list(services))
        uow.session.execute(offered)
    registry.forget()
