"""Reads of incidents: the room's list, one record opened, and the city's view without names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.incidents import actions, rules
from app.incidents.circle import of_this_house
from app.incidents.models import Incident
from app.incidents.rules import Attempt, Contact, IncidentKind, Stage
from app.incidents.service import ENTITY, Words, attempts_of, opened
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.kernel.ranges import DateSpan, kst
from app.people.models import Child
from app.tenancy.models import Institution


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident in a list of its place. ``minutes``: until a guardian knew, or until now."""

    ref: str
    version: int
    kind: IncidentKind
    child: str
    subject: str
    subject_id: int | None
    happened_at: datetime
    place: str
    stage: Stage
    minutes: int
    tries: int
    notified_at: datetime | None
    ambulance_at: datetime | None
    closed_at: datetime | None

    @property
    def told_words(self) -> str:
        return rules.minutes_words(self.minutes)


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """One record with its sealed words, who is to be called and what was tried. Never kept, logged or cached."""

    row: IncidentRow
    institution_id: int
    child_id: int | None
    words: Words
    people: Sequence[Contact]
    attempts: Sequence[Attempt]
    next: Contact | None
    all_silent: bool
    paper_id: int | None

    @property
    def others(self) -> list[Contact]:
        return [person for person in self.people if person != self.next]


def incidents(uow: UnitOfWork, institution_id: int, since: date) -> list[IncidentRow]:
    """A place's incidents since a day, and every one that is still open; the newest first. The reading is logged."""
    actions.LIST.check(uow.actor, institution_id)
    shown = or_(Incident.closed_at.is_(None), Incident.happened_at >= kst(since))
    rows = _rows(uow, and_(Incident.institution_id == institution_id, shown))
    audit.record_access(uow, "incident.list", "institution", institution_id, row_count=len(rows))
    return rows


def open_count(uow: UnitOfWork, institution_id: int) -> int:
    """How many records of a place nobody has closed."""
    wanted = select(func.count()).select_from(Incident)
    here = (Incident.institution_id == institution_id, Incident.closed_at.is_(None))
    return uow.session.execute(wanted.where(*here)).scalar_one()


def incidents_between(
    uow: UnitOfWork, institution_id: int, start: datetime, end: datetime
) -> list[IncidentRow]:
    """Those that happened in [start, end), e.g. an operating day, for its journal. The caller logs the reading."""
    within = (Incident.happened_at >= start, Incident.happened_at < end)
    return _rows(uow, and_(Incident.institution_id == institution_id, *within))


def incidents_during(
    uow: UnitOfWork, subject: str, subject_ids: Collection[int]
) -> dict[int, list[IncidentRow]]:
    """By what they happened during, e.g. ``daycare_stay``. The caller logs the reading."""
    found: dict[int, list[IncidentRow]] = {one: [] for one in subject_ids}
    for row in _rows(uow, and_(Incident.subject == subject, Incident.subject_id.in_(found))):
        if row.subject_id is not None:
            found[row.subject_id].append(row)
    return found


def open_incident(uow: UnitOfWork, ref: str) -> OpenIncident:
    """One record for those who care for the child; the opening is logged (XX-03). NotFound for another place's."""
    found = uow.session.execute(
        _select().where(Incident.ref == ref).execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound(ENTITY)
    row: Incident = found[0]
    actions.READ.check(uow.actor, row.institution_id)
    people: Sequence[Contact] = ()
    if row.child_id is not None:
        circle = of_this_house()
        people = circle.to_call(uow, row.institution_id, row.child_id, row.subject, row.subject_id)
    attempts = attempts_of(row)
    audit.record_access(uow, "incident.opened", "child" if row.child_id else ENTITY, row.child_id or row.id)
    return OpenIncident(
        row=_row(row, found[1], uow.now),
        institution_id=row.institution_id,
        child_id=row.child_id,
        words=opened(uow, row),
        people=people,
        attempts=attempts,
        next=rules.next_to_call(people, attempts),
        all_silent=row.child_id is not None and rules.all_silent(people, attempts),
        paper_id=row.paper_id,
    )


@dataclass(frozen=True, slots=True)
class CityRow:
    """An incident as the city sees it: where, what kind, how soon a guardian knew. No name, no words."""

    institution: str
    kind: IncidentKind
    happened_at: datetime
    stage: Stage
    has_child: bool
    minutes: int
    ambulance_at: datetime | None

    @property
    def told_words(self) -> str:
        return rules.minutes_words(self.minutes)


def city_list(uow: UnitOfWork, span: DateSpan) -> list[CityRow]:
    """What happened on these days in the municipality, and whatever is still open; the newest first."""
    actions.OVERSEE.reach(uow.actor.role)
    within = and_(Incident.happened_at >= kst(span.first), Incident.happened_at < kst(span.last, 1440))
    rows = uow.session.execute(
        select(Incident, Institution.name)
        .join(Institution, Institution.id == Incident.institution_id)
        .where(or_(Incident.closed_at.is_(None), within))
        .order_by(Incident.happened_at.desc(), Incident.id.desc())
    )
    return [
        CityRow(
            institution=name,
            kind=IncidentKind(row.kind),
            happened_at=row.happened_at,
            stage=_stage(row),
            has_child=row.child_id is not None,
            minutes=rules.minutes_until_told(row.happened_at, row.notified_at, uow.now),
            ambulance_at=row.ambulance_at,
        )
        for row, name in rows
    ]


def _select() -> Select[Incident, str | None]:
    return select(Incident, Child.name).outerjoin(Child, Child.id == Incident.child_id)


def _rows(uow: UnitOfWork, where: ColumnElement[bool]) -> list[IncidentRow]:
    found = uow.session.execute(
        _select().where(where).order_by(Incident.happened_at.desc(), Incident.id.desc())
    )
    return [_row(row, child, uow.now) for row, child in found]


def _stage(row: Incident) -> Stage:
    return rules.stage(
        has_child=row.child_id is not None, notified_at=row.notified_at, closed_at=row.closed_at
    )


def _row(row: Incident, child: str | None, now: datetime) -> IncidentRow:
    return IncidentRow(
        ref=row.ref,
        version=row.version,
        kind=IncidentKind(row.kind),
        child=child or "",
        subject=row.subject,
        subject_id=row.subject_id,
        happened_at=row.happened_at,
        place=row.place,
        stage=_stage(row),
        minutes=rules.minutes_until_told(row.happened_at, row.notified_at, now),
        tries=len(row.contacts),
        notified_at=row.notified_at,
        ambulance_at=row.ambulance_at,
        closed_at=row.closed_at,
    )
