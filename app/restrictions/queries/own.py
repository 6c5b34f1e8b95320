"""What a guardian sees of the own household: what counts, what was decided, and until when to answer (AS-23, XX-23)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from app.documents.models import Paper
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.restrictions.models import Restriction
from app.restrictions.queries.counters import standing_now, window_words
from app.restrictions.queries.lists import EventRow, events_of_case, standing_of
from app.restrictions.rules.kinds import BINDING, HEARD, Family, Ground, Level, Outcome, State
from app.restrictions.rules.next_step import days_left, deadline_words
from app.restrictions.service.taking import within_reach
from app.restrictions.statements import Statement, statements_of
from app.restrictions.subjects import Office, of_subject, office_of, subject_of


@dataclass(frozen=True, slots=True)
class Count:
    """One kind that adds up. ``left``: how many more lead to a restriction."""

    kind: str
    window: str
    count: int
    threshold: int
    level: Level

    @property
    def left(self) -> int:
        return self.threshold - self.count


@dataclass(frozen=True, slots=True)
class OwnCase:
    """One case as its guardian reads it. ``answer_by``/``object_by``: open deadlines; None: nothing to answer."""

    ref: str
    version: int
    number: str
    ground: Ground
    family: Family
    place: str
    state: State
    level: Level
    months: int | None
    words: str
    report: str
    decision: str
    starts_on: date | None
    ends_on: date | None
    statements: list[Statement]
    answer_by: date | None
    object_by: date | None
    left: str
    objection: str
    outcome: Outcome | None
    outcome_reason: str
    paper_ref: str
    binding: bool
    phone: str


def own_counts(uow: UnitOfWork) -> list[Count]:
    """What stands against the household now."""
    if uow.actor.guardian_id is None:
        return []
    return [
        Count(tally.line.kind.label, window_words(tally), tally.count, tally.threshold, tally.line.level)
        for tally in standing_now(uow, subject_of(uow, uow.actor.guardian_id))
    ]


def own_cases(uow: UnitOfWork) -> list[OwnCase]:
    """Cases the guardian was told of, newest first."""
    if uow.actor.guardian_id is None:
        return []
    rows = uow.session.scalars(
        select(Restriction)
        .where(
            of_subject(Restriction, subject_of(uow, uow.actor.guardian_id)),
            or_(Restriction.statement_asked_at.is_not(None), Restriction.notified_at.is_not(None)),
        )
        .order_by(Restriction.id.desc())
    )
    return [_own(uow, row) for row in rows]


def own_case(uow: UnitOfWork, ref: str) -> tuple[OwnCase, list[EventRow]]:
    """With the events it rests on. NotFound for others' and for those nobody has told of yet."""
    row = uow.session.scalars(select(Restriction).where(Restriction.ref == ref)).first()
    if row is None or not within_reach(uow, row):
        raise NotFound("restriction")
    return _own(uow, row), events_of_case(uow, row.id)


def _own(uow: UnitOfWork, row: Restriction) -> OwnCase:
    standing, office = standing_of(row, uow.today), _office(uow, row)
    asking = standing.state is State.STATEMENT and row.decided_by is None
    may_object = (
        standing.state in HEARD
        and row.objection_at is None
        and row.objection_due is not None
        and uow.today <= row.objection_due
    )
    answer_by = row.statement_due if asking else None
    object_by = row.objection_due if may_object else None
    due = answer_by or object_by
    paper = uow.session.get(Paper, row.paper_id) if row.paper_id else None
    return OwnCase(
        ref=row.ref,
        version=row.version,
        number=row.number,
        ground=Ground(row.ground),
        family=Family(row.service),
        place=office.name,
        state=standing.state,
        level=Level(row.level),
        months=row.months,
        words=deadline_words(standing, uow.today),
        report=row.found,
        decision=row.decision_reason if standing.state is not State.STATEMENT else "",
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        statements=statements_of(row),
        answer_by=answer_by,
        object_by=object_by,
        left=days_left(due, uow.today) if due else "",
        objection=row.objection,
        outcome=Outcome(row.objection_decision) if row.objection_decision else None,
        outcome_reason=row.objection_reason,
        paper_ref=paper.ref if paper else "",
        binding=standing.state in BINDING,
        phone=office.phone,
    )


def _office(uow: UnitOfWork, row: Restriction) -> Office:
    return office_of(uow, row.institution_id)
