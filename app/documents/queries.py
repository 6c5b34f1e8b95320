"""Reads of papers and signatures, each within the actor's reach (XX-05)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, select, true

from app.documents.models import Paper, Signature
from app.documents.rules import PaperState
from app.kernel.actor import OFFICERS, PLACE_STAFF, Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound


def within_reach(uow: UnitOfWork) -> ColumnElement[bool]:
    """The papers this actor may see: a guardian's own, a centre's or an office's own; the system's all.

    An office reads what it wrote itself: no paper of a family, and none of its centres' (separation rule 5).
    """
    actor = uow.actor
    if actor.role is Role.SYSTEM:
        return true()
    if actor.role is Role.GUARDIAN and actor.guardian_id is not None:
        return Paper.guardian_id == actor.guardian_id
    if actor.role in PLACE_STAFF | {Role.DISTRICT_OFFICER} and actor.scope is not None:
        return Paper.institution_id == actor.scope
    if actor.role in OFFICERS and actor.role is not Role.DISTRICT_OFFICER and actor.scope is None:
        return and_(Paper.institution_id.is_(None), Paper.guardian_id.is_(None), Paper.child_id.is_(None))
    return false()


def paper_by_ref(uow: UnitOfWork, ref: str) -> Paper:
    """Raises NotFound for an unknown paper and for one outside the actor's reach alike."""
    row = uow.session.scalars(select(Paper).where(Paper.ref == ref, within_reach(uow))).first()
    if row is None:
        raise NotFound("paper")
    return row


def signatures_of(uow: UnitOfWork, paper_id: int) -> list[Signature]:
    return list(
        uow.session.scalars(select(Signature).where(Signature.paper_id == paper_id).order_by(Signature.id))
    )


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One line of a list of papers."""

    ref: str
    form_id: str
    title: str
    state: PaperState
    number: str | None
    child_id: int | None
    about: str
    """The child's name as the form holds it; empty for a paper about nobody."""
    created_at: datetime
    issued_at: datetime | None
    has_pdf: bool


def papers_in_reach(
    uow: UnitOfWork,
    *,
    states: frozenset[PaperState] | None = None,
    child_id: int | None = None,
    subject: str | None = None,
    subject_id: int | None = None,
    form_id: str | None = None,
    limit: int = 200,
) -> list[PaperRow]:
    """The actor's papers, newest first, optionally of some states, one child, one subject or one form."""
    wanted = [within_reach(uow)]
    if states is None:
        wanted.append(Paper.state != PaperState.DROPPED)
    else:
        wanted.append(Paper.state.in_(sorted(states)))
    for column, value in (
        (Paper.child_id, child_id),
        (Paper.subject, subject),
        (Paper.subject_id, subject_id),
        (Paper.form_id, form_id),
    ):
        if value is not None:
            wanted.append(column == value)
    rows = uow.session.scalars(
        select(Paper).where(*wanted).order_by(Paper.created_at.desc(), Paper.id.desc()).limit(limit)
    )
    return [
        PaperRow(
            r.ref,
            r.form_id,
            r.title,
            PaperState(r.state),
            r.number,
            r.child_id,
            str(r.data.get("child_name") or ""),
            r.created_at,
            r.issued_at,
            r.pdf_sha256 is not None,
        )
        for r in rows
    ]


WAITING = frozenset({PaperState.DRAFT, PaperState.TO_SIGN})


def papers_waiting(uow: UnitOfWork) -> list[PaperRow]:
    """What the actor's family or centre has still to fill in or sign."""
    return papers_in_reach(uow, states=WAITING)
