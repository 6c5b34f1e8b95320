"""What its page says of an issued paper: its seal, how a stranger verifies it, what it replaces, what replaced it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.documents.models import Paper, SigningKey
from app.documents.rules.papers import PaperState
from app.documents.rules.sealing import KeyFacts, KeyState, why_not_sealing
from app.documents.rules.verifying import printed_code
from app.kernel.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class Seal:
    """The electronic seal of a PDF: whose, when, and whether the key was revoked since."""

    subject: str
    at: datetime
    for_test: bool
    revoked: bool


@dataclass(frozen=True, slots=True)
class Other:
    """A paper beside this one."""

    ref: str
    number: str | None
    state: PaperState


@dataclass(frozen=True, slots=True)
class IssueFacts:
    """``waits``: why the PDF is not there yet, if the key is the reason; ``made``: the PDF is there."""

    code: str
    made: bool
    seal: Seal | None
    waits: str
    replaces: Other | None
    successor: Other | None


def issue_facts(uow: UnitOfWork, paper: Paper) -> IssueFacts | None:
    """None for a paper that never had a number."""
    if paper.number is None:
        return None
    made, after = paper.pdf_sha256 is not None, successor_of(uow, paper.id)
    before = uow.session.get(Paper, paper.replaces_id) if paper.replaces_id else None
    return IssueFacts(
        code=printed_code(paper.verify_code or ""),
        made=made,
        seal=seal_of(uow, paper),
        waits="" if made or paper.state != PaperState.ISSUED else _why_it_waits(uow),
        replaces=_other(before),
        successor=_other(after),
    )


def seal_of(uow: UnitOfWork, paper: Paper) -> Seal | None:
    if paper.key_id is None or paper.sealed_at is None:
        return None
    key = uow.session.get_one(SigningKey, paper.key_id)
    return Seal(key.subject, paper.sealed_at, key.for_test, key.state == KeyState.REVOKED)


def successor_of(uow: UnitOfWork, paper_id: int) -> Paper | None:
    """The paper made in place of this one, in whatever state."""
    return uow.session.scalars(select(Paper).where(Paper.replaces_id == paper_id)).first()


def was_dropped(paper: Paper) -> bool:
    """Given up before it was issued: it took nobody's place."""
    return paper.number is None and paper.state in (PaperState.VOID, PaperState.DROPPED)


def _other(paper: Paper | None) -> Other | None:
    if paper is None or was_dropped(paper):
        return None
    return Other(paper.ref, paper.number, PaperState(paper.state))


def _why_it_waits(uow: UnitOfWork) -> str:
    keys = uow.session.execute(select(SigningKey.state, SigningKey.not_before, SigningKey.not_after))
    facts = [KeyFacts(KeyState(state), since, until) for state, since, until in keys]
    return why_not_sealing(facts, uow.now) or ""
