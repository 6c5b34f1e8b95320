"""The director's queue: applications with their rank, papers and effect on the seats."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, any_, bindparam, select

from app.booking import actions
from app.booking.facts import Claim, Rank, district_papers, documents_of, evidence_required, ranks_of
from app.booking.models import Booking
from app.booking.place import Loads, Place, loads_on, place_of, seat
from app.booking.queries.rivals import Rival, rivals_of
from app.booking.rules.capacity import seats_left, sick_seats_left
from app.booking.rules.decision import DocumentKind, missing_documents
from app.booking.rules.priority import Ground, order_key
from app.booking.rules.request import UsageDays
from app.booking.rules.states import BookingKind, BookingState
from app.booking.seats import days_of_many
from app.booking.times import span_of, when_text
from app.centres.queries import CentreRow
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.people.models import Child, Guardian

PAGE_SIZE = 50
MOST_RANKED = 5000
"""A queue is ordered by rank, which is computed; this many rows are ranked at most."""


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What to show; None does not filter. ``child_ids``: a search by name made by POST."""

    states: Collection[BookingState] = (BookingState.APPLIED,)
    kind: BookingKind | None = None
    first: date | None = None
    last: date | None = None
    ground: Ground | None = None
    complete: bool | None = None
    child_ids: Collection[int] | None = None


@dataclass(frozen=True, slots=True)
class QueueRow:
    """``seats_before``: free without this booking, ``seats_after``: with it (None where it holds no seat)."""

    ref: str
    number: str
    version: int
    kind: BookingKind
    state: BookingState
    channel: str
    child_ref: str
    child_name: str
    guardian_name: str
    contact_phone: str
    starts_on: date
    ends_on: date
    when: str
    applied_at: datetime
    rank: Rank
    missing: tuple[DocumentKind, ...]
    counselled_on: date | None
    other_service: str
    parallel_use_reason: str
    paper_asked: str
    cancel_asked_at: datetime | None
    walk_in: bool
    over_limit: bool
    seats_before: int | None
    seats_after: int | None
    rivals: tuple[Rival, ...]


@dataclass(frozen=True, slots=True)
class QueuePage:
    rows: tuple[QueueRow, ...]
    total: int
    page: int
    pages: int


def queue(uow: UnitOfWork, centre: CentreRow, filters: QueueFilter | None = None, page: int = 1) -> QueuePage:
    """Applications in the order in which they should be decided: rank, time, younger child (KB-38). Logged."""
    actions.QUEUE.check(uow.actor, centre.id, centre.district_id)
    wanted = filters or QueueFilter()
    place = place_of(uow, centre)
    claims = uow.session.execute(_claims(centre, wanted)).all()
    ranks = ranks_of(uow, place, claims, {claim.child_id: claim.grade for claim in claims})
    missing = _missing(uow, place, claims) if wanted.complete is not None else {}
    order = sorted(
        (claim for claim in claims if wanted.complete in (None, not missing.get(claim.id))),
        key=lambda claim: order_key(ranks[claim.id].number, claim.applied_at, claim.birth_date),
    )
    pages = max(1, -(-len(order) // PAGE_SIZE))
    page = min(max(page, 1), pages)
    shown = [claim.id for claim in order[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]]
    audit.record_access(uow, "booking.queue", "centre", centre.id, row_count=len(shown))
    return QueuePage(tuple(_rows(uow, place, shown, ranks)), len(order), page, pages)


def _claims(centre: CentreRow, wanted: QueueFilter) -> Select[*tuple[Any, ...]]:
    """Only the columns that decide the order; whole rows are read for one page."""
    return (
        select(
            Booking.id,
            Booking.child_id,
            Booking.kind,
            Booking.channel,
            Booking.ground,
            Booking.applied_at,
            Child.birth_date,
            Child.grade,
        )
        .join(Child, Child.id == Booking.child_id)
        .where(*_conditions(centre, wanted))
        .order_by(Booking.applied_at)
        .limit(MOST_RANKED)
    )


def _conditions(centre: CentreRow, wanted: QueueFilter) -> list[ColumnElement[bool]]:
    found = [Booking.centre_id == centre.id, Booking.state.in_(wanted.states)]
    if wanted.kind is not None:
        found.append(Booking.kind == wanted.kind)
    if wanted.first is not None:
        found.append(Booking.ends_on >= wanted.first)
    if wanted.last is not None:
        found.append(Booking.starts_on <= wanted.last)
    if wanted.ground is not None:
        found.append(Booking.ground == wanted.ground)
    if wanted.child_ids is not None:
        found.append(Booking.child_id.in_(wanted.child_ids))
    return found


def _missing(uow: UnitOfWork, place: Place, claims: Sequence[Claim]) -> dict[int, tuple[DocumentKind, ...]]:
    documents = documents_of(uow, claims)
    papers = district_papers(uow, place.centre.district_id)
    return {
        claim.id: missing_documents(
            BookingKind(claim.kind),
            documents[claim.id],
            evidence_required=evidence_required(claim, papers),
        )
        for claim in claims
    }


def _rows(uow: UnitOfWork, place: Place, ids: Sequence[int], ranks: dict[int, Rank]) -> list[QueueRow]:
    found = {row.id: row for row in uow.session.execute(_LINE, {"ids": list(ids)})}
    lines = [found[id_] for id_ in ids]
    missing = _missing(uow, place, lines)
    days = days_of_many(uow, ids)
    loads = _loads(uow, place, lines, days)
    rivals = rivals_of(uow, place, lines, ranks, days)
    return [
        _row(
            line,
            ranks[line.id],
            missing[line.id],
            _effect(loads, line, days.get(line.id, [])),
            rivals.get(line.id, ()),
        )
        for line in lines
    ]


_LINE = (
    select(
        Booking.id,
        Booking.ref,
        Booking.number,
        Booking.version,
        Booking.kind,
        Booking.state,
        Booking.channel,
        Booking.ground,
        Booking.quarter_id,
        Booking.child_id,
        Booking.contact_phone,
        Booking.starts_on,
        Booking.ends_on,
        Booking.times,
        Booking.applied_at,
        Booking.counselled_on,
        Booking.other_service,
        Booking.parallel_use_reason,
        Booking.paper_asked,
        Booking.cancel_asked_at,
        Booking.walk_in,
        Booking.over_limit,
        Child.ref.label("child_ref"),
        Child.name.label("child_name"),
        Guardian.name.label("guardian_name"),
    )
    .join(Child, Child.id == Booking.child_id)
    .join(Guardian, Guardian.id == Booking.guardian_id)
    .where(Booking.id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
)
"""Columns, not entities: the list is read a hundred times a day and never changed."""


def _row(
    line: Any,
    rank: Rank,
    missing: tuple[DocumentKind, ...],
    effect: tuple[int | None, int | None],
    rivals: tuple[Rival, ...],
) -> QueueRow:
    return QueueRow(
        ref=line.ref,
        number=line.number,
        version=line.version,
        kind=BookingKind(line.kind),
        state=BookingState(line.state),
        channel=line.channel,
        child_ref=line.child_ref,
        child_name=line.child_name,
        guardian_name=line.guardian_name,
        contact_phone=line.contact_phone,
        starts_on=line.starts_on,
        ends_on=line.ends_on,
        when=when_text(line),
        applied_at=line.applied_at,
        rank=rank,
        missing=missing,
        counselled_on=line.counselled_on,
        other_service=line.other_service,
        parallel_use_reason=line.parallel_use_reason,
        paper_asked=line.paper_asked,
        cancel_asked_at=line.cancel_asked_at,
        walk_in=line.walk_in,
        over_limit=line.over_limit,
        seats_before=effect[0],
        seats_after=effect[1],
        rivals=rivals,
    )


def _loads(uow: UnitOfWork, place: Place, lines: Sequence[Any], days: dict[int, UsageDays]) -> Loads:
    wanted: set[date] = set()
    for line in lines:
        held = days.get(line.id, [])
        if held:
            wanted.update(span_of(line) if line.kind == BookingKind.REGULAR else (day for day, _ in held))
    return loads_on(uow, place, wanted)


def _effect(loads: Loads, line: Any, days: UsageDays) -> tuple[int | None, int | None]:
    """Seats free at its hours without and with it; regular care counts heads on its fullest day."""
    if not days:
        return None, None
    kind, span = BookingKind(line.kind), span_of(line)
    if kind is BookingKind.REGULAR:
        left = min(load.limits.base - load.enrolled for day, load in loads.items() if day in span)
        return max(0, left + 1), max(0, left)
    count = sick_seats_left if kind is BookingKind.SICK else seats_left
    after = min(count(loads[day], hours) for day, hours in days)
    seat(loads, kind, span, days, heads=-1)
    before = min(count(loads[day], hours) for day, hours in days)
    seat(loads, kind, span, days)
    return before, after
