"""이용자: the approved, running and ended bookings of a centre, by date."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, select

from app.booking import actions
from app.booking.models import Booking
from app.booking.rules.states import BookingKind, BookingState
from app.booking.times import when_text
from app.centres.queries import CentreRow
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.people.models import Child, Guardian

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class UserFilter:
    """None does not filter; ``child_ids``: a search by name made by POST; ``refs``: a selection."""

    states: Collection[BookingState]
    kind: BookingKind | None = None
    first: date | None = None
    last: date | None = None
    child_ids: Collection[int] | None = None
    cancel_asked: bool = False


@dataclass(frozen=True, slots=True)
class UserRow:
    ref: str
    number: str
    kind: BookingKind
    state: BookingState
    child_ref: str
    child_name: str
    grade: int | None
    guardian_name: str
    contact_phone: str
    starts_on: date
    when: str
    cancel_asked: bool
    notified: bool
    may_start: bool


@dataclass(frozen=True, slots=True)
class UserPage:
    rows: tuple[UserRow, ...]
    total: int
    page: int
    pages: int


def user_page(uow: UnitOfWork, centre: CentreRow, wanted: UserFilter, page: int = 1) -> UserPage:
    """The next to come first; what is over, the latest first. Reading it is logged."""
    actions.QUEUE.check(uow.actor, centre.id, centre.district_id)
    conditions = _conditions(centre, wanted)
    total = uow.session.scalar(select(func.count()).select_from(Booking).where(*conditions)) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(page, 1), pages)
    rows = _rows(uow, _ordered(wanted, conditions).limit(PAGE_SIZE).offset(PAGE_SIZE * (page - 1)))
    audit.record_access(uow, "booking.users", "centre", centre.id, row_count=len(rows))
    return UserPage(rows, total, page, pages)


def every_user(uow: UnitOfWork, centre: CentreRow, wanted: UserFilter, limit: int) -> tuple[UserRow, ...]:
    """The whole filtered list in its order; whoever takes it away logs that."""
    actions.QUEUE.check(uow.actor, centre.id, centre.district_id)
    return _rows(uow, _ordered(wanted, _conditions(centre, wanted)).limit(limit))


def _ordered(wanted: UserFilter, conditions: list[ColumnElement[bool]]) -> Select[Booking, Child, str]:
    over = BookingState.ENDED in wanted.states and BookingState.IN_USE not in wanted.states
    order = (Booking.starts_on.desc(), Booking.id.desc()) if over else (Booking.starts_on, Booking.id)
    return (
        select(Booking, Child, Guardian.name)
        .join(Child, Child.id == Booking.child_id)
        .join(Guardian, Guardian.id == Booking.guardian_id)
        .where(*conditions)
        .order_by(*order)
    )


def _rows(uow: UnitOfWork, statement: Select[Booking, Child, str]) -> tuple[UserRow, ...]:
    return tuple(
        _row(booking, child, guardian, uow.today)
        for booking, child, guardian in uow.session.execute(statement)
    )


def refs_of(uow: UnitOfWork, centre: CentreRow, wanted: UserFilter, limit: int) -> list[str]:
    """Every booking of the filtered list, for printing all of it."""
    actions.QUEUE.check(uow.actor, centre.id, centre.district_id)
    statement = (
        select(Booking.ref).where(*_conditions(centre, wanted)).order_by(Booking.starts_on, Booking.id)
    )
    return list(uow.session.scalars(statement.limit(limit)))


def _conditions(centre: CentreRow, wanted: UserFilter) -> list[ColumnElement[bool]]:
    found = [Booking.centre_id == centre.id, Booking.state.in_(wanted.states)]
    if wanted.kind is not None:
        found.append(Booking.kind == wanted.kind)
    if wanted.first is not None:
        found.append(Booking.ends_on >= wanted.first)
    if wanted.last is not None:
        found.append(Booking.starts_on <= wanted.last)
    if wanted.child_ids is not None:
        found.append(Booking.child_id.in_(wanted.child_ids))
    if wanted.cancel_asked:
        found.append(Booking.cancel_asked_at.is_not(None))
    return found


def _row(booking: Booking, child: Child, guardian: str, today: date) -> UserRow:
    state = BookingState(booking.state)
    return UserRow(
        booking.ref,
        booking.number,
        BookingKind(booking.kind),
        state,
        child.ref,
        child.name,
        child.grade,
        guardian,
        booking.contact_phone,
        booking.starts_on,
        when_text(booking),
        booking.cancel_asked_at is not None,
        booking.notified_at is not None,
        state is BookingState.SCHEDULED and booking.starts_on <= today,
    )
