"""A paper gets its number and its PDF when the last required signature is in; or it is taken out of use (GC-18)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from app.documents import hooks
from app.documents.actions import VOID_PAPER
from app.documents.catalogue import Form, load
from app.documents.catalogue import Signature as Place
from app.documents.models import Paper
from app.documents.queries import signatures_of
from app.documents.rules import PAPER_STEPS, REASON_MISSING, PaperState
from app.documents.rules.verifying import ALPHABET, CODE_LENGTH
from app.documents.service.locking import locked
from app.kernel import audit, work
from app.kernel.db import UnitOfWork
from app.kernel.errors import RuleBroken
from app.kernel.numbering import next_number

RENDER = "paper.render"


def issue_when_complete(uow: UnitOfWork, paper: Paper) -> None:
    done = {row.field for row in signatures_of(uow, paper.id)}
    if any(place.name not in done for place in required_places(load(paper.form_id), paper.data)):
        return
    counter = next_number(uow, "paper", "documents", uow.today.year)
    paper.state, paper.issued_at = PaperState.ISSUED, uow.now
    paper.number = f"D{uow.today.year}-{counter:06d}"
    paper.verify_code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    audit.record(
        uow,
        "paper.issued",
        "paper",
        paper.id,
        from_state=PaperState.TO_SIGN,
        to_state=PaperState.ISSUED,
        diff={"number": [None, paper.number]},
    )
    work.plan(uow, RENDER, {"paper": paper.id}, key=f"{RENDER}:{paper.id}")
    hooks.issued(uow, paper)


def required_places(form: Form, data: Mapping[str, Any]) -> list[Place]:
    """The signatures a person must give. A seal is stamped when the paper is printed, nobody waits for it."""
    return [place for place in form.places(data) if place.required and place.type == "signature"]


def void_paper(uow: UnitOfWork, ref: str, reason: str) -> Paper:
    """Take a paper out of use; it stays readable with its reason (GC-18)."""
    VOID_PAPER.reach(uow.actor.role)
    paper = locked(uow, ref)
    if not reason.strip():
        raise RuleBroken(REASON_MISSING)
    if problem := PAPER_STEPS.check(PaperState(paper.state), PaperState.VOID, uow.actor.role):
        raise RuleBroken(problem)
    before, paper.state, paper.void_reason = paper.state, PaperState.VOID, reason.strip()[:500]
    paper.version += 1
    audit.record(
        uow, "paper.voided", "paper", paper.id, from_state=before, to_state=paper.state, reason=reason
    )
    return paper
