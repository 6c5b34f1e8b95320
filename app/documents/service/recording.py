"""A paper of what was signed before the paper was made: at a door, under a page of a journal (GC-24).

Such a paper is a record: it is issued in the step that writes it, with the signatures where and when they were given.
What is wrong in it is put right by a later one in its place (GC-18).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.documents.actions import FILL_PAPER, REISSUE_PAPER
from app.documents.issued import successor_of
from app.documents.models import Paper, Signature
from app.documents.rules import PaperState, SignatureMethod, read_strokes
from app.documents.service.issuing import void_paper
from app.documents.service.preparing import complete_paper, prepare_paper
from app.documents.service.rows import signed_part
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken

SIGNATURE_LACKS = Problem(
    "paper.signature_lacks",
    N_("서명이 빠진 곳이 있어 발급할 수 없어요. 기록의 서명을 먼저 확인해 주세요."),
    rule="GC-24",
)


@dataclass(frozen=True, slots=True)
class Given:
    """One signature as it was given: ``field`` names its place in the form, in a row ``table.0.column``; ``strokes``
    as the pad wrote them, None for a typed name."""

    field: str
    signer: str
    at: datetime
    strokes: Sequence[Any] | None = None
    user_id: int | None = None


def issue_record(
    uow: UnitOfWork,
    form_id: str,
    data: Mapping[str, Any],
    given: Sequence[Given],
    *,
    subject: str,
    subject_id: int,
    institution_id: int,
    former: Paper | None = None,
    reason: str = "",
) -> Paper:
    """The issued paper. ``former``: what it replaces; one still in force is voided with ``reason``.

    Raises RuleBroken when the data do not fit, when a signature is missing that the form needs, without a reason.
    """
    FILL_PAPER.reach(uow.actor.role)
    if former is not None:
        _make_room(uow, former, reason)
    paper = prepare_paper(
        uow,
        form_id,
        data,
        subject=subject,
        subject_id=subject_id,
        institution_id=institution_id,
        draft=True,
    )
    for hand in given:
        uow.session.add(_signature(paper, hand))
    uow.session.flush()
    audit.record(
        uow, "paper.signed", "paper", paper.id, diff={"fields": [None, [hand.field for hand in given]]}
    )
    complete_paper(uow, paper.ref, {}, version=paper.version)
    if paper.state != PaperState.ISSUED:
        raise RuleBroken(SIGNATURE_LACKS)
    if former is not None:
        paper.replaces_id = former.id
        uow.session.flush()
        replaced = {"replaces": [None, former.number]}
        audit.record(uow, "paper.reissued", "paper", paper.id, reason=reason.strip() or None, diff=replaced)
    return paper


def _signature(paper: Paper, hand: Given) -> Signature:
    """Strokes as the pad speaks of them are fitted into the stored box; what is too short for that stays as it was."""
    strokes = read_strokes(list(hand.strokes)) if hand.strokes else None
    if isinstance(strokes, Problem):
        strokes = [list(line) for line in hand.strokes or ()]
    return Signature(
        paper_id=paper.id,
        field=hand.field,
        signer=hand.signer[:40],
        method=SignatureMethod.DRAWN if strokes else SignatureMethod.TYPED,
        strokes=strokes,
        data_sha256=signed_part(paper, hand.field),
        form_version=paper.form_version,
        user_id=hand.user_id,
        signed_at=hand.at,
    )


def _make_room(uow: UnitOfWork, former: Paper, reason: str) -> None:
    """The former paper is in force no more, and nothing that was begun in its place stands in the way."""
    REISSUE_PAPER.reach(uow.actor.role)
    if former.state == PaperState.ISSUED:
        void_paper(uow, former.ref, reason)
    begun = successor_of(uow, former.id)
    if begun is None:
        return
    if begun.state in (PaperState.DRAFT, PaperState.TO_SIGN):
        void_paper(uow, begun.ref, reason or former.void_reason)
    begun.replaces_id = None
    uow.session.flush()
