"""One signature on a paper's frozen data: drawn, typed, or a scan that staff upload on behalf (GC-24)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.documents.actions import SCAN_PAPER, SIGN_PAPER
from app.documents.catalogue import Signature as Place
from app.documents.catalogue import load
from app.documents.models import Paper, Signature
from app.documents.queries import signatures_of
from app.documents.rules import (
    NO_SUCH_PLACE,
    NOT_THE_SIGNER,
    NOTHING_SIGNED,
    PAPER_STEPS,
    SIGNED_ALREADY,
    PaperState,
    SignatureMethod,
    clean_signer,
    is_family_place,
    read_strokes,
)
from app.documents.service.issuing import issue_when_complete
from app.documents.service.locking import locked
from app.documents.uploads import store_upload
from app.kernel import audit
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem, RuleBroken, StaleVersion


@dataclass(frozen=True, slots=True)
class Scan:
    """A signed sheet of paper, scanned by staff on the signer's behalf."""

    filename: str
    content: bytes


def sign_paper(
    uow: UnitOfWork,
    paper_ref: str,
    field: str,
    *,
    signer: str,
    strokes: Any = None,
    typed: str | None = None,
    scan: Scan | None = None,
    seen: str | None = None,
) -> Paper:
    """Put one signature on the frozen data: drawn strokes, a typed name, or a scan that staff upload on behalf.

    ``seen`` is the fingerprint of the page that was read; a paper that changed since raises StaleVersion. The last
    required signature issues the paper and plans its PDF.
    """
    (SIGN_PAPER if scan is None else SCAN_PAPER).reach(uow.actor.role)
    paper = locked(uow, paper_ref)
    place = _place_to_sign(uow, paper, field, on_behalf=scan is not None)
    if seen is not None and seen != paper.data_sha256:
        raise StaleVersion("paper")
    if problem := PAPER_STEPS.check(PaperState(paper.state), PaperState.ISSUED, uow.actor.role):
        raise RuleBroken(SIGNED_ALREADY if paper.state == PaperState.ISSUED else problem)
    if any(done.field == field for done in signatures_of(uow, paper.id)):
        raise RuleBroken(SIGNED_ALREADY)
    made = _signature(uow, paper, place, signer, strokes, typed, scan)
    uow.session.add(made)
    uow.session.flush()
    paper.version += 1
    audit.record(
        uow, "paper.signed", "paper", paper.id, diff={"field": [None, field], "method": [None, made.method]}
    )
    issue_when_complete(uow, paper)
    return paper


def _place_to_sign(uow: UnitOfWork, paper: Paper, field: str, *, on_behalf: bool) -> Place:
    """The place in the form, if the actor may sign there: the family its own, staff theirs, scans by staff only."""
    place = next(
        (p for p in load(paper.form_id).signatures if p.name == field and p.type == "signature"), None
    )
    if place is None:
        raise RuleBroken(NO_SUCH_PLACE)
    family = uow.actor.role is Role.GUARDIAN
    if family != is_family_place(field) and not on_behalf:
        raise RuleBroken(NOT_THE_SIGNER.of(who=place.who))
    return place


def _signature(
    uow: UnitOfWork,
    paper: Paper,
    place: Place,
    signer: str,
    strokes: Any,
    typed: str | None,
    scan: Scan | None,
) -> Signature:
    name = clean_signer(typed if typed and not signer else signer)
    if isinstance(name, Problem):
        raise RuleBroken(name)
    made = Signature(
        paper_id=paper.id,
        field=place.name,
        signer=name,
        data_sha256=paper.data_sha256,
        form_version=paper.form_version,
        user_id=uow.actor.user_id,
        ip=uow.actor.ip,
        signed_at=uow.now,
    )
    if scan is not None:
        upload = store_upload(
            uow,
            owner="paper",
            owner_id=paper.id,
            kind="signed_paper",
            filename=scan.filename,
            content=scan.content,
            on_paper=True,
            institution_id=paper.institution_id,
        )
        made.method, made.upload_id = SignatureMethod.SCAN, upload.id
    elif strokes:
        lines = read_strokes(strokes)
        if isinstance(lines, Problem):
            raise RuleBroken(lines)
        made.method, made.strokes = SignatureMethod.DRAWN, lines
    elif typed:
        words = clean_signer(typed)
        if isinstance(words, Problem):
            raise RuleBroken(words)
        made.method, made.signer = SignatureMethod.TYPED, words
    else:
        raise RuleBroken(NOTHING_SIGNED)
    return made
