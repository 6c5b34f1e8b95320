"""A district's or the city's centres in numbers, with last month beside them; no child data (KB-50)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.booking.models import Booking, UsageDay, WaitlistEntry
from app.booking.rules.states import OPEN_WAIT, BookingState, UsageDayState
from app.centres.models import CapacityChange
from app.centres.queries import CentreRow, District, centre_row, select_centres
from app.centres.rules import CapacityChangeState
from app.kernel.db import UnitOfWork
from app.kernel.ranges import kst
from app.tenancy.models import Institution

LATE_DAYS = 2
"""An application without a decision for longer than this is overdue."""
SAME_WEEKDAY = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class CentreNumbers:
    """Counts of one centre, each beside what it is compared with.

    ``today``: children whose seat is held today, ``four_weeks_ago``: on the same weekday then. ``used``: usage days of
    this month up to today, ``made``: applications of this month; ``…_before``: of the whole month before.
    ``late``: applications undecided for more than two days.
    """

    centre: CentreRow
    today: int = 0
    four_weeks_ago: int = 0
    used: int = 0
    used_before: int = 0
    made: int = 0
    made_before: int = 0
    applied: int = 0
    late: int = 0
    waiting: int = 0
    requests: int = 0

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


@dataclass(frozen=True, slots=True)
class Months:
    """The first of this month and of the one before."""

    this: date
    before: date

    @classmethod
    def of(cls, today: date) -> Months:
        this = today.replace(day=1)
        return cls(this, (this - timedelta(days=1)).replace(day=1))


def overview(uow: UnitOfWork, district_ref: str = "") -> Overview:
    """The actor's own district, or every centre of the municipality; one statement for each table counted."""
    statement = select_centres().where(Institution.active).order_by(District.name, Institution.name)
    if uow.actor.scope is not None:
        statement = statement.where(District.id == uow.actor.scope)
    if district_ref:
        statement = statement.where(District.ref == district_ref)
    centres = [centre_row(row) for row in uow.session.execute(statement)]
    ids, months = [centre.id for centre in centres], Months.of(uow.today)
    counted: dict[int, dict[str, int]] = {centre_id: {} for centre_id in ids}
    for found in (
        _days(uow, ids, months),
        _applications(uow, ids, months),
        _count(uow, WaitlistEntry.centre_id, ids, WaitlistEntry.state.in_(OPEN_WAIT), waiting=None),
        _count(
            uow,
            CapacityChange.centre_id,
            ids,
            CapacityChange.state == CapacityChangeState.REQUESTED,
            requests=None,
        ),
    ):
        for centre_id, numbers in found.items():
            counted[centre_id].update(numbers)
    return Overview(tuple(CentreNumbers(centre, **counted[centre.id]) for centre in centres))


def _days(uow: UnitOfWork, ids: Collection[int], months: Months) -> dict[int, Mapping[str, int]]:
    return _count(
        uow,
        UsageDay.centre_id,
        ids,
        UsageDay.day.between(months.before, uow.today),
        UsageDay.state != UsageDayState.CANCELLED,
        today=UsageDay.day == uow.today,
        four_weeks_ago=UsageDay.day == uow.today - SAME_WEEKDAY,
        used=UsageDay.day >= months.this,
        used_before=UsageDay.day < months.this,
    )


def _applications(uow: UnitOfWork, ids: Collection[int], months: Months) -> dict[int, Mapping[str, int]]:
    undecided = Booking.state == BookingState.APPLIED
    this_month, month_before = kst(months.this), kst(months.before)
    return _count(
        uow,
        Booking.centre_id,
        ids,
        undecided | (Booking.created_at >= month_before),
        made=Booking.created_at >= this_month,
        made_before=(Booking.created_at >= month_before) & (Booking.created_at < this_month),
        applied=undecided,
        late=undecided & (Booking.applied_at < uow.now - timedelta(days=LATE_DAYS)),
    )


def _count(
    uow: UnitOfWork,
    column: InstrumentedAttribute[int],
    ids: Collection[int],
    *conditions: ColumnElement[bool],
    **numbers: ColumnElement[bool] | None,
) -> dict[int, Mapping[str, int]]:
    """Per centre the rows that meet ``conditions``, counted once for each of ``numbers`` (None: all of them)."""
    counts = [
        (func.count() if only is None else func.count().filter(only)).label(name)
        for name, only in numbers.items()
    ]
    rows = uow.session.execute(select(column, *counts).where(column.in_(ids), *conditions).group_by(column))
    return {row[0]: dict(zip(numbers, row[1:], strict=True)) for row in rows}
