"""Recording what happened, telling the guardian, closing the record (AD-26). What happened lies sealed (XX-08)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.documents.text import clean
from app.incidents import actions, rules
from app.incidents.models import Incident
from app.incidents.rules import Attempt, Contact, How, IncidentKind
from app.kernel import audit
from app.kernel.crypto import keys
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, RuleBroken, StaleVersion

ENTITY = "incident"
WORDS_MAX, PLACE_MAX = 2000, 80


@dataclass(frozen=True, slots=True)
class NewIncident:
    """What somebody saw. ``child_id`` None only for OTHER; ``done``: the first measure, may be empty."""

    kind: IncidentKind
    happened_at: datetime
    what: str
    child_id: int | None = None
    place: str = ""
    done: str = ""
    subject: str = ""
    subject_id: int | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """The sealed half of a record."""

    what: str
    done: tuple[Measure, ...] = ()


def record(uow: UnitOfWork, institution_id: int, new: NewIncident) -> Incident:
    """Write down what happened. The caller has checked that the child is in this place's care."""
    actions.RECORD.check(uow.actor, institution_id)
    what, done = clean(new.what)[:WORDS_MAX], clean(new.done)[:WORDS_MAX]
    if problems := rules.check_new(
        new.kind, new.happened_at, uow.now, what=what, has_child=new.child_id is not None
    ):
        raise RuleBroken(problems)
    row = Incident(
        institution_id=institution_id,
        child_id=new.child_id,
        subject=new.subject,
        subject_id=new.subject_id,
        kind=new.kind,
        happened_at=new.happened_at,
        place=clean(new.place)[:PLACE_MAX],
        sealed=b"",
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(row)
    uow.session.flush()
    first = (Measure(uow.now, uow.actor.name, done),) if done else ()
    _seal(uow, row, Words(what, first))
    audit.record(
        uow, "incident.recorded", ENTITY, row.id, to_state=new.kind, diff={"child": [None, new.child_id]}
    )
    return row


def add_contact(
    uow: UnitOfWork,
    ref: str,
    people: Sequence[Contact],
    order: int,
    *,
    reached: bool,
    how: How = How.PHONE,
    at: datetime | None = None,
) -> Incident:
    """One try to tell somebody of ``people`` (the emergency order). The first that succeeds is when a guardian knew.

    ``at``: now unless told. A call out of turn is kept with its mark in the audit.
    """
    row = _locked(uow, ref)
    actions.TELL.check(uow.actor, row.institution_id)
    _still_open(row)
    when = at or uow.now
    if problems := rules.check_attempt(people, order, when, row.happened_at, uow.now):
        raise RuleBroken(problems)
    before = attempts_of(row)
    who = next(person for person in people if person.order == order)
    attempt = Attempt(when, order, who.name, reached, uow.actor.name, how)
    row.contacts = [*row.contacts, _as_json(attempt)]
    row.notified_at = rules.first_reached([*before, attempt])
    uow.session.flush()
    audit.record(
        uow,
        "incident.contact",
        ENTITY,
        row.id,
        diff={
            "order": [None, order],
            "reached": [None, reached],
            "out_of_turn": [None, rules.out_of_turn(people, before, order)],
        },
    )
    return row


def call_ambulance(uow: UnitOfWork, ref: str) -> Incident:
    """119 was called, now; a second press changes nothing."""
    row = _locked(uow, ref)
    actions.TELL.check(uow.actor, row.institution_id)
    if row.ambulance_at is not None:
        return row
    _still_open(row)
    row.ambulance_at = uow.now
    uow.session.flush()
    audit.record(uow, "incident.ambulance", ENTITY, row.id)
    return row


def add_measure(uow: UnitOfWork, ref: str, text: str) -> Incident:
    """What was done, also after the record was closed; nothing written earlier is changed."""
    row = _locked(uow, ref)
    actions.RECORD.check(uow.actor, row.institution_id)
    words = clean(text)[:WORDS_MAX]
    if not words:
        raise RuleBroken(rules.MEASURE_MISSING)
    before = opened(uow, row)
    _seal(uow, row, Words(before.what, (*before.done, Measure(uow.now, uow.actor.name, words))))
    audit.record(uow, "incident.measure", ENTITY, row.id, diff={"measures": [None, len(before.done) + 1]})
    return row


def close(uow: UnitOfWork, ref: str, *, version: int) -> Incident:
    """RuleBroken as long as no guardian was told or nothing is said of what was done (AD-26)."""
    row = _locked(uow, ref)
    actions.CLOSE.check(uow.actor, row.institution_id)
    if row.version != version:
        raise StaleVersion(ENTITY)
    _still_open(row)
    measures = [measure.text for measure in opened(uow, row).done]
    if problems := rules.check_close(
        has_child=row.child_id is not None, notified_at=row.notified_at, measures=measures
    ):
        raise RuleBroken(problems)
    row.closed_at = uow.now
    row.version += 1
    uow.session.flush()
    audit.record(uow, "incident.closed", ENTITY, row.id, to_state="CLOSED")
    return row


def attach_paper(uow: UnitOfWork, ref: str, paper_id: int) -> Incident:
    """The printed record of it; the paper itself is prepared by the caller."""
    row = _locked(uow, ref)
    actions.RECORD.check(uow.actor, row.institution_id)
    before, row.paper_id = row.paper_id, paper_id
    uow.session.flush()
    audit.record(uow, "incident.paper", ENTITY, row.id, diff={"paper": [before, paper_id]})
    return row


def opened(uow: UnitOfWork, row: Incident) -> Words:
    """The sealed words; whoever shows them logs the opening."""
    raw = json.loads(keys().decrypt(row.sealed, _place(uow, row)))
    return Words(
        raw["what"],
        tuple(Measure(datetime.fromisoformat(m["at"]), m["by"], m["text"]) for m in raw["done"]),
    )


def attempts_of(row: Incident) -> list[Attempt]:
    return [
        Attempt(
            datetime.fromisoformat(one["at"]),
            one["order"],
            one["who"],
            one["reached"],
            one["by"],
            How(one.get("how", How.PHONE)),
        )
        for one in row.contacts
    ]


def _as_json(attempt: Attempt) -> dict[str, Any]:
    return {
        "at": attempt.at.isoformat(),
        "order": attempt.order,
        "who": attempt.who,
        "reached": attempt.reached,
        "by": attempt.by,
        "how": attempt.how.value,
    }


def _seal(uow: UnitOfWork, row: Incident, words: Words) -> None:
    done = [{"at": m.at.isoformat(), "by": m.by, "text": m.text} for m in words.done]
    plain = json.dumps({"what": words.what, "done": done}, ensure_ascii=False)
    row.sealed = keys().encrypt(plain, _place(uow, row))
    uow.session.flush()


def _place(uow: UnitOfWork, row: Incident) -> str:
    return f"{uow.tenant.slug}|incident.sealed|{row.id}"


def _locked(uow: UnitOfWork, ref: str) -> Incident:
    row = uow.session.scalars(
        select(Incident)
        .where(Incident.ref == ref)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound(ENTITY)
    return row


def _still_open(row: Incident) -> None:
    if row.closed_at is not None:
        raise RuleBroken(rules.CLOSED_ALREADY)
