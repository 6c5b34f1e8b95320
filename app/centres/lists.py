"""Lists of centres: what the public searches (KP-14), what officers oversee."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from app.centres import rules
from app.centres.models import CapacityChange, KiumCentre
from app.centres.queries import (
    CapacityChangeRow,
    CentreRow,
    District,
    QuarterRow,
    capacity_change_row,
    centre_policy,
    centre_row,
    quarter_on,
    quarters_by_centre,
    select_centres,
)
from app.centres.rules import CapacityChangeState, CentreKind, QuarterKind
from app.kernel.db import UnitOfWork
from app.tenancy.models import Institution

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search; ``total`` counts all of it."""

    rows: list[CentreRow]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return -(-self.total // PAGE_SIZE)


def search_centres(
    uow: UnitOfWork, *, district_ref: str = "", kind: CentreKind | None = None, words: str = "", page: int = 1
) -> Found:
    """Active centres by district, kind and words in name or address (KP-14)."""
    conditions: list[ColumnElement[bool]] = [Institution.active.is_(True)]
    if district_ref:
        conditions.append(District.ref == district_ref)
    if kind is not None:
        conditions.append(KiumCentre.kind == kind)
    for word in words.split():
        conditions.append(
            or_(
                Institution.name.icontains(word, autoescape=True),
                Institution.address.icontains(word, autoescape=True),
            )
        )
    matching = select_centres().where(*conditions)
    total = uow.session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    page = min(max(page, 1), max(1, -(-total // PAGE_SIZE)))
    rows = uow.session.execute(
        matching.order_by(District.name, Institution.name).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    )
    return Found([centre_row(row) for row in rows], total, page)


@dataclass(frozen=True, slots=True)
class Overseen:
    """A centre as its officer sees it: what waits for a decision, what is missing for the year (KQ-05, KQ-14)."""

    centre: CentreRow
    separate_quota: int
    now: QuarterRow | None
    missing_this_year: tuple[QuarterKind, ...]
    missing_next_year: tuple[QuarterKind, ...]
    short_summer: bool
    request: CapacityChangeRow | None


def overseen(uow: UnitOfWork, district_id: int | None) -> list[Overseen]:
    """Every centre of a district (None: of the municipality), also those that are not active."""
    statement = select_centres().order_by(District.name, Institution.name)
    if district_id is not None:
        statement = statement.where(District.id == district_id)
    centres = [centre_row(row) for row in uow.session.execute(statement)]
    waiting = _waiting_requests(uow)
    quarters = quarters_by_centre(uow, [centre.id for centre in centres])
    return [_overseen(uow, centre, quarters[centre.id], waiting.get(centre.id)) for centre in centres]


def _overseen(
    uow: UnitOfWork, centre: CentreRow, quarters: list[QuarterRow], request: CapacityChangeRow | None
) -> Overseen:
    policy = centre_policy(uow, centre)
    plans = [quarter.plan for quarter in quarters]
    year = uow.today.year
    return Overseen(
        centre=centre,
        separate_quota=rules.separate_quota(centre.kind, centre.base_capacity, policy),
        now=quarter_on(quarters, uow.today),
        missing_this_year=rules.year_completeness(plans, year),
        missing_next_year=rules.year_completeness(plans, year + 1),
        short_summer=any(
            plan.year_label >= year and rules.needs_notice(plan.kind, plan.span, policy) for plan in plans
        ),
        request=request,
    )


def _waiting_requests(uow: UnitOfWork) -> dict[int, CapacityChangeRow]:
    rows = uow.session.scalars(
        select(CapacityChange).where(CapacityChange.state == CapacityChangeState.REQUESTED)
    )
    return {row.centre_id: capacity_change_row(row) for row in rows}


def without_quarters(uow: UnitOfWork, year: int) -> list[CentreRow]:
    """Active centres that have not entered every quarter of ``year`` (KQ-16)."""
    rows = uow.session.execute(select_centres().where(Institution.active).order_by(District.name))
    centres = [centre_row(row) for row in rows]
    quarters = quarters_by_centre(uow, [centre.id for centre in centres])
    return [
        centre
        for centre in centres
        if rules.year_completeness((quarter.plan for quarter in quarters[centre.id]), year)
    ]
