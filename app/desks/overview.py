"""A district's or the city's centres in numbers; no child data (KB-50)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.booking.models import Booking, UsageDay, WaitlistEntry
from app.booking.rules.states import OPEN_WAIT, BookingState, UsageDayState
from app.centres.models import CapacityChange
from app.centres.queries import CentreRow, District, centre_row, select_centres
from app.centres.rules import CapacityChangeState
from app.kernel.db import UnitOfWork
from app.tenancy.models import Institution

LATE_DAYS = 2
"""An application without a decision for longer than this is overdue."""


@dataclass(frozen=True, slots=True)
class CentreNumbers:
    """``today``: children whose seat is held today; ``late``: applications undecided for more than two days."""

    centre: CentreRow
    today: int
    applied: int
    late: int
    waiting: int
    requests: int

    @property
    def share(self) -> int:
        """Children expected today per cent of the base capacity."""
        return round(100 * self.today / self.centre.base_capacity) if self.centre.base_capacity else 0


@dataclass(frozen=True, slots=True)
class Overview:
    rows: tuple[CentreNumbers, ...]

    def total(self, name: str) -> int:
        return sum(getattr(row, name) for row in self.rows)

    @property
    def capacity(self) -> int:
        return sum(row.centre.base_capacity for row in self.rows)


def overview(uow: UnitOfWork, district_ref: str = "") -> Overview:
    """The actor's own district, or every centre of the municipality; four counts in one statement each."""
    statement = select_centres().where(Institution.active).order_by(District.name, Institution.name)
    if uow.actor.scope is not None:
        statement = statement.where(District.id == uow.actor.scope)
    if district_ref:
        statement = statement.where(District.ref == district_ref)
    centres = [centre_row(row) for row in uow.session.execute(statement)]
    ids = [centre.id for centre in centres]
    late = uow.now - timedelta(days=LATE_DAYS)
    held = _count(
        uow, UsageDay.centre_id, ids, UsageDay.day == uow.today, UsageDay.state != UsageDayState.CANCELLED
    )
    applied = _count(uow, Booking.centre_id, ids, Booking.state == BookingState.APPLIED)
    overdue = _count(
        uow, Booking.centre_id, ids, Booking.state == BookingState.APPLIED, Booking.applied_at < late
    )
    waiting = _count(uow, WaitlistEntry.centre_id, ids, WaitlistEntry.state.in_(OPEN_WAIT))
    requests = _count(
        uow, CapacityChange.centre_id, ids, CapacityChange.state == CapacityChangeState.REQUESTED
    )
    return Overview(
        tuple(
            CentreNumbers(
                centre,
                held.get(centre.id, 0),
                applied.get(centre.id, 0),
                overdue.get(centre.id, 0),
                waiting.get(centre.id, 0),
                requests.get(centre.id, 0),
            )
            for centre in centres
        )
    )


def _count(
    uow: UnitOfWork, column: InstrumentedAttribute[int], ids: Iterable[int], *conditions: ColumnElement[bool]
) -> dict[int, int]:
    rows = uow.session.execute(
        select(column, func.count()).where(column.in_(list(ids)), *conditions).group_by(column)
    )
    return {row[0]: row[1] for row in rows}
