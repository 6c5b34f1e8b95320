"""Applications as lists and pages show them; opening the sealed answers is logged (XX-03)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import aliased

from app.daycare import actions
from app.daycare.accepted import was_accepted
from app.daycare.family import is_outdated
from app.daycare.listed import lists_of
from app.daycare.models import ApplicationChild, ApplicationGuardian, DaycareApplication
from app.daycare.queries.place import DaycareRow
from app.daycare.rules.application import ChildAnswers, GuardianAnswers
from app.daycare.rules.states import VALID, ApplicationState, Channel
from app.daycare.sealed import unseal
from app.kernel import audit
from app.kernel.actions import Reach
from app.kernel.actor import DAYCARE_STAFF
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.people.models import Child, Guardian
from app.tenancy.models import Institution


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """One family's application; ``state`` is what it is worth today (out of date as soon as something changed);
    ``accepted``: by the director, now or before something changed."""

    id: int
    ref: str
    version: int
    state: ApplicationState
    daycare_id: int
    daycare_ref: str
    daycare: str
    guardian_ref: str
    guardian: str
    phone: str
    channel: Channel
    children: tuple[str, ...]
    child_refs: tuple[str, ...]
    submitted_at: datetime | None
    decision_reason: str
    family_checked: bool
    identity_checked: bool
    paper_id: int | None
    accepted: bool


class Place(StrEnum):
    """Where an application stands among those of the same family and daycare."""

    NEWEST = "newest"
    CHANGED = "changed"
    """The newest, while an earlier one still says whom the child is given to."""
    COUNTS = "counts"
    """That earlier one (AD-22)."""
    HISTORY = "history"


def places_of(rows: Sequence[ApplicationRow]) -> dict[str, Place]:
    """By ref, of one family's applications as ``own_applications`` brings them."""
    found = {}
    for row in rows:
        same = [
            one for one in rows if (one.daycare_ref, one.guardian_ref) == (row.daycare_ref, row.guardian_ref)
        ]
        standing = [one for one in same if one.state is not ApplicationState.WITHDRAWN] or same
        newest = max(standing, key=lambda one: one.id)
        earlier = [one for one in standing if one.accepted and one.id < newest.id]
        counts = max(earlier, key=lambda one: one.id, default=None) if not newest.accepted else None
        if row.id == newest.id:
            found[row.ref] = Place.CHANGED if counts else Place.NEWEST
        else:
            found[row.ref] = Place.COUNTS if counts and row.id == counts.id else Place.HISTORY
    return found


@dataclass(frozen=True, slots=True)
class ApplicationDetail:
    """``guardians`` by position, None for an empty line; ``free``: child ref → category whose proof was seen."""

    row: ApplicationRow
    purpose: str
    purpose_words: str
    consents: dict[str, bool]
    passed: tuple[tuple[str, str], ...]
    checks: dict[str, Any]
    children: tuple[ChildAnswers, ...]
    guardians: tuple[GuardianAnswers | None, ...]
    free: dict[str, str]


@dataclass(frozen=True, slots=True)
class Special:
    """What must be watched with one child, opened from its newest application."""

    child_ref: str
    disease: bool | None = None
    disease_words: str = ""
    allergy: bool | None = None
    allergy_food: str = ""
    allergy_symptom: str = ""
    allergy_substitute: str = ""
    medicine: bool | None = None
    medicine_words: str = ""
    habits: str = ""
    blood_type: str = ""


def applications(
    uow: UnitOfWork, daycare: DaycareRow, states: Collection[ApplicationState] | None = None
) -> list[ApplicationRow]:
    """Of one daycare, what was handed in last first; a draft that a family writes itself is its own."""
    wanted = _ROWS.where(
        DaycareApplication.daycare_id == daycare.id,
        or_(DaycareApplication.state != ApplicationState.DRAFT, DaycareApplication.channel != Channel.ONLINE),
    )
    rows = _rows(uow, wanted)
    if states is not None:
        rows = [row for row in rows if row.state in states]
    audit.record_access(uow, "daycare.applications", "daycare", daycare.id, row_count=len(rows))
    return rows


def own_applications(uow: UnitOfWork) -> list[ApplicationRow]:
    """Of the signed-in guardian, newest first."""
    return _rows(uow, _ROWS.where(DaycareApplication.guardian_id == (uow.actor.guardian_id or 0)))


def application_detail(uow: UnitOfWork, ref: str) -> ApplicationDetail:
    """Everything of the form. NotFound for unknown and foreign ones alike; staff's opening is logged."""
    application = uow.session.scalars(select(DaycareApplication).where(DaycareApplication.ref == ref)).first()
    if application is None:
        raise NotFound("daycare_application")
    actions.READ_APPLICATIONS.check(uow.actor, application.daycare_id)
    own = actions.READ_APPLICATIONS.reach(uow.actor.role) is Reach.OWN
    if own and application.guardian_id != uow.actor.guardian_id:
        raise NotFound("daycare_application")
    if not own:
        if is_unseen_draft(uow, application):
            raise NotFound("daycare_application")
        audit.record_access(uow, "daycare.application", "daycare_application", application.id)
    children, free = _children(uow, application.id)
    return ApplicationDetail(
        row=_rows(uow, _ROWS.where(DaycareApplication.id == application.id))[0],
        purpose=application.purpose,
        purpose_words=application.purpose_words,
        consents=dict(application.consents),
        passed=tuple((code, reason) for code, reason in application.passed),
        checks=application.checks,
        children=children,
        guardians=_guardians(uow, application.id),
        free=free,
    )


def is_superseded(uow: UnitOfWork, ref: str) -> bool:
    """The family has a newer one at the same daycare: this one is history, or only counts until that is accepted."""
    newer = aliased(DaycareApplication)
    return bool(
        uow.session.scalar(
            select(newer.id)
            .join(
                DaycareApplication,
                (DaycareApplication.daycare_id == newer.daycare_id)
                & (DaycareApplication.guardian_id == newer.guardian_id),
            )
            .where(
                DaycareApplication.ref == ref,
                newer.id > DaycareApplication.id,
                newer.state != ApplicationState.WITHDRAWN,
            )
            .limit(1)
        )
    )


def is_unseen_draft(uow: UnitOfWork, application: DaycareApplication) -> bool:
    """What a family writes itself is not shown to staff before it is handed in; what staff wrote down is."""
    return (
        application.state == ApplicationState.DRAFT
        and application.channel == Channel.ONLINE
        and uow.actor.role in DAYCARE_STAFF
    )


def special_of(uow: UnitOfWork, child_ref: str, daycare: DaycareRow) -> Special:
    """The sealed answers about one child at one daycare, for whoever cares for it now; logged."""
    actions.ROOM.check(uow.actor, daycare.id)
    row = uow.session.execute(
        select(ApplicationChild, Child.id)
        .join(Child, Child.id == ApplicationChild.child_id)
        .join(DaycareApplication, DaycareApplication.id == ApplicationChild.application_id)
        .where(
            Child.ref == child_ref,
            DaycareApplication.daycare_id == daycare.id,
            DaycareApplication.state != ApplicationState.DRAFT,
        )
        .order_by(DaycareApplication.id.desc())
        .limit(1)
    ).first()
    if row is None:
        raise NotFound("child")
    audit.record_access(uow, "daycare.special", "child", row[1])
    return Special(child_ref, **unseal(uow, "application_child", row[0].id, row[0].sealed))


def marks_of(uow: UnitOfWork, daycare_id: int, child_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """DISEASE, ALLERGY, MEDICINE by child, without their words; the caller logs the list."""
    rows = uow.session.execute(
        select(ApplicationChild)
        .join(DaycareApplication, DaycareApplication.id == ApplicationChild.application_id)
        .where(
            ApplicationChild.child_id.in_(list(child_ids)),
            DaycareApplication.daycare_id == daycare_id,
            DaycareApplication.state != ApplicationState.DRAFT,
        )
        .order_by(DaycareApplication.id)
    ).scalars()
    found: dict[int, frozenset[str]] = {child_id: frozenset() for child_id in child_ids}
    for entry in rows:
        words = unseal(uow, "application_child", entry.id, entry.sealed)
        kinds = {name.upper() for name in ("disease", "allergy", "medicine") if words.get(name)}
        found[entry.child_id] = frozenset(kinds)
    return found


_ROWS: Any = (
    select(DaycareApplication, Institution, Guardian)
    .join(Institution, Institution.id == DaycareApplication.daycare_id)
    .join(Guardian, Guardian.id == DaycareApplication.guardian_id)
    .order_by(DaycareApplication.submitted_at.desc().nulls_first(), DaycareApplication.id.desc())
)


def _rows(uow: UnitOfWork, wanted: Select[Any]) -> list[ApplicationRow]:
    found = uow.session.execute(wanted).all()
    names: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for application_id, name, ref in uow.session.execute(
        select(ApplicationChild.application_id, Child.name, Child.ref)
        .join(Child, Child.id == ApplicationChild.child_id)
        .where(ApplicationChild.application_id.in_([row[0].id for row in found]))
        .order_by(ApplicationChild.position)
    ):
        names[application_id].append((name, ref))
    return [_row(uow, row, place, guardian, names[row.id]) for row, place, guardian in found]


def _row(
    uow: UnitOfWork,
    row: DaycareApplication,
    place: Institution,
    guardian: Guardian,
    names: list[tuple[str, str]],
) -> ApplicationRow:
    state = ApplicationState(row.state)
    if state in VALID and is_outdated(uow, row):
        state = ApplicationState.OUTDATED
    return ApplicationRow(
        row.id,
        row.ref,
        row.version,
        state,
        row.daycare_id,
        place.ref,
        place.name,
        guardian.ref,
        guardian.name,
        guardian.phone,
        Channel(row.channel),
        tuple(name for name, _ in names),
        tuple(ref for _, ref in names),
        row.submitted_at,
        row.decision_reason,
        bool(row.checks.get("family", {}).get("returned")),
        bool(row.checks.get("identity", {}).get("returned")),
        row.paper_id,
        was_accepted(row),
    )


def _children(uow: UnitOfWork, application_id: int) -> tuple[tuple[ChildAnswers, ...], dict[str, str]]:
    rows = uow.session.execute(
        select(ApplicationChild, Child)
        .join(Child, Child.id == ApplicationChild.child_id)
        .where(ApplicationChild.application_id == application_id)
        .order_by(ApplicationChild.position)
    ).all()
    answers = tuple(
        ChildAnswers(
            child=child.ref,
            name=child.name,
            qualification=entry.qualification,
            **unseal(uow, "application_child", entry.id, entry.sealed),
        )
        for entry, child in rows
    )
    return answers, {child.ref: entry.free_category for entry, child in rows if entry.free_category}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A guardian of an application, in the order of emergency calls."""

    position: int
    name: str
    relation: str
    phone: str
    birth_date: date | None = None


def people_by_application(
    uow: UnitOfWork, application_ids: Collection[int]
) -> dict[int, tuple[PersonRow, ...]]:
    found: dict[int, list[PersonRow]] = {application_id: [] for application_id in application_ids}
    for row in uow.session.scalars(
        select(ApplicationGuardian)
        .where(ApplicationGuardian.application_id.in_(list(application_ids)))
        .order_by(ApplicationGuardian.position)
    ):
        found[row.application_id].append(_person(row))
    return {application_id: tuple(people) for application_id, people in found.items()}


def people_at_door(
    uow: UnitOfWork, daycare_id: int, guardian_ids: Collection[int]
) -> dict[int, tuple[PersonRow, ...]]:
    """To whom a child is given, by the guardian who booked: the list that was accepted last (AD-22)."""
    lists = lists_of(uow, daycare_id, guardian_ids)
    return {guardian_id: tuple(_person(row) for row in people) for guardian_id, people in lists.items()}


def _person(row: ApplicationGuardian) -> PersonRow:
    return PersonRow(row.position, row.name, row.relation, row.phone, row.birth_date)


def _guardians(uow: UnitOfWork, application_id: int) -> tuple[GuardianAnswers | None, ...]:
    rows = uow.session.execute(
        select(ApplicationGuardian, Guardian.ref)
        .outerjoin(Guardian, Guardian.id == ApplicationGuardian.guardian_id)
        .where(ApplicationGuardian.application_id == application_id)
        .order_by(ApplicationGuardian.position)
    ).all()
    lines: list[GuardianAnswers | None] = []
    for row, ref in rows:
        while len(lines) < row.position - 1:
            lines.append(None)
        lines.append(
            GuardianAnswers(row.relation, row.name, row.phone, row.birth_date, row.address, ref or "")
        )
    return tuple(lines)
