"""The director's queue: applications with their rank, papers and effect on the seats."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.booking import actions
from app.booking.facts import Claim, Rank, district_papers, documents_of, evidence_required, rank_for
from app.booking.place import Loads, Place, loads_on, place_of, seat
from app.booking.queries.lines import FILTERS, lines_of
from app.booking.queries.rivals import Rival, rivals_of
from app.booking.rules.capacity import seats_left, sick_seats_left
from app.booking.rules.decision import DocumentKind, missing_documents
from app.booking.rules.priority import Ground
from app.booking.rules.request import UsageDays
from app.booking.rules.states import BookingKind, BookingState
from app.booking.seats import days_of_many
from app.booking.times import span_of, when_text
from app.centres.queries import CentreRow
from app.kernel import audit
from app.kernel.db import UnitOfWork

PAGE_SIZE = 50
MOST_ASKED = 5000
"""Of this many rows at most it is asked whether their papers are complete."""


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What to show; None does not filter. ``child_ids``: a search by name made by POST; ``refs``: a selection."""

    states: Collection[BookingState] = (BookingState.APPLIED,)
    kind: BookingKind | None = None
    first: date | None = None
    last: date | None = None
    ground: Ground | None = None
    complete: bool | None = None
    child_ids: Collection[int] | None = None
    refs: Collection[str] | None = None


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
    cut = _cut if wanted.complete is None else _cut_by_papers
    shown, total, page = cut(uow, place, wanted, page)
    audit.record_access(uow, "booking.queue", "centre", centre.id, row_count=len(shown))
    return QueuePage(tuple(_rows(uow, place, shown)), total, page, _pages(total))


def _pages(total: int) -> int:
    return max(1, -(-total // PAGE_SIZE))


def _lines(uow: UnitOfWork, place: Place, wanted: QueueFilter, **part: int) -> Sequence[Any]:
    asked = {name: getattr(wanted, name) for name in FILTERS}
    lists = {name: list(asked[name]) for name in ("child_ids", "refs") if asked[name] is not None}
    return lines_of(uow, place, wanted.states, {**asked, **lists}, **part)


def _cut(uow: UnitOfWork, place: Place, wanted: QueueFilter, page: int) -> tuple[Sequence[Any], int, int]:
    """The rows of one page, how many there are, and which page it is: the last one when there are fewer."""
    page = max(page, 1)
    rows = _lines(uow, place, wanted, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    if rows or page == 1:
        return rows, rows[0].total if rows else 0, page
    first = _lines(uow, place, wanted, limit=1)
    return _cut(uow, place, wanted, _pages(first[0].total if first else 0))


def _cut_by_papers(
    uow: UnitOfWork, place: Place, wanted: QueueFilter, page: int
) -> tuple[Sequence[Any], int, int]:
    """Whether papers are complete is asked of every row, so the page is cut here."""
    every = _lines(uow, place, wanted, limit=MOST_ASKED)
    missing = _missing(uow, place, every)
    kept = [line for line in every if wanted.complete is not bool(missing[line.id])]
    page = min(max(page, 1), _pages(len(kept)))
    return kept[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], len(kept), page


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


def _rows(uow: UnitOfWork, place: Place, lines: Sequence[Any]) -> list[QueueRow]:
    ranks = {line.id: rank_for(place, Ground(line.ground), line.proven, line.grade) for line in lines}
    missing = _missing(uow, place, lines)
    days = days_of_many(uow, [line.id for line in lines])
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
