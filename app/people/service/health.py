"""Health notes: sealed, opened only by family and care staff, each opening logged (XX-03, XX-08)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.documents.text import clean
from app.kernel import audit
from app.kernel.crypto import keys
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, RuleBroken
from app.people.actions import EDIT_HEALTH, READ_HEALTH
from app.people.models import HealthNote
from app.people.problems import (
    HEALTH_KIND_MISSING,
    HEALTH_TEXT_MISSING,
    LINE_TOO_LONG,
    SENSITIVE_CONSENT_MISSING,
)
from app.people.queries import child_for
from app.people.rules import ConsentKind, HealthKind
from app.people.service.consents import has_consent

TEXT_MAX = 1000


@dataclass(frozen=True, slots=True)
class OpenNote:
    """A note as its readers see it. Never kept, logged or cached."""

    ref: str
    kind: HealthKind
    text: str
    written_at: datetime


def add_health_note(uow: UnitOfWork, child_ref: str, kind: HealthKind | None, text: str) -> HealthNote:
    """Write a note down, sealed to its own row. Needs the standing consent to sensitive data (XX-01)."""
    EDIT_HEALTH.reach(uow.actor.role)
    child = child_for(uow, child_ref)
    words = clean(text)
    problems = []
    if kind is None:
        problems.append(HEALTH_KIND_MISSING)
    if not words:
        problems.append(HEALTH_TEXT_MISSING)
    if len(words) > TEXT_MAX:
        problems.append(LINE_TOO_LONG.of(field="text", max=TEXT_MAX))
    if not has_consent(uow, child.id, ConsentKind.SENSITIVE):
        problems.append(SENSITIVE_CONSENT_MISSING)
    if problems or kind is None:
        raise RuleBroken(problems)
    row = HealthNote(
        child_id=child.id, kind=kind, sealed=b"", created_at=uow.now, created_by=uow.actor.user_id
    )
    uow.session.add(row)
    uow.session.flush()
    row.sealed = keys().encrypt(words, _place(uow, row))
    uow.session.flush()
    audit.record(uow, "health_note.added", "health_note", row.id, diff={"child": [None, child.id]})
    return row


def open_health_notes(uow: UnitOfWork, child_ref: str, *, reason: str | None = None) -> list[OpenNote]:
    """The texts, oldest first; one access row says who opened whose notes and why, also when there are none."""
    READ_HEALTH.reach(uow.actor.role)
    child = child_for(uow, child_ref)
    rows = uow.session.scalars(
        select(HealthNote).where(HealthNote.child_id == child.id, HealthNote.active).order_by(HealthNote.id)
    ).all()
    audit.record_access(
        uow, "health_note.opened", "child", child.id, row_count=len(rows), reason=reason or None
    )
    return [
        OpenNote(row.ref, HealthKind(row.kind), keys().decrypt(row.sealed, _place(uow, row)), row.created_at)
        for row in rows
    ]


def remove_health_note(uow: UnitOfWork, child_ref: str, ref: str) -> None:
    """The note no longer applies; it leaves every list at once."""
    EDIT_HEALTH.reach(uow.actor.role)
    child = child_for(uow, child_ref)
    row = uow.session.scalars(
        select(HealthNote).where(HealthNote.ref == ref, HealthNote.child_id == child.id, HealthNote.active)
    ).first()
    if row is None:
        raise NotFound("health note")
    row.active = False
    uow.session.flush()
    audit.record(uow, "health_note.removed", "health_note", row.id, diff={"child": [child.id, None]})


def _place(uow: UnitOfWork, row: HealthNote) -> str:
    return f"{uow.tenant.slug}|health_note.sealed|{row.id}"
