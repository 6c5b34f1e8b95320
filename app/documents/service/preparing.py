"""A form is filled, checked and frozen: from then on it waits for its signatures, or is issued at once (GC-24)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from sqlalchemy import update

from app.documents import numbers, wording
from app.documents.actions import FILL_PAPER
from app.documents.catalogue import load
from app.documents.models import Paper
from app.documents.queries import signatures_of
from app.documents.rules import PAPER_STEPS, PaperState
from app.documents.service.checking import checked
from app.documents.service.issuing import issue_when_complete
from app.documents.service.locking import locked
from app.documents.service.rows import keep_signed_rows
from app.kernel import audit
from app.kernel.columns import new_ref
from app.kernel.db import UnitOfWork
from app.kernel.errors import RuleBroken, StaleVersion


def fingerprint(form_id: str, form_version: str, data: Mapping[str, Any], texts: Mapping[str, int]) -> str:
    """What is signed, as one sha-256: the data, the form's version and the versions of the wording shown."""
    content = {"form": form_id, "version": form_version, "data": data, "texts": texts}
    return sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def prepare_paper(
    uow: UnitOfWork,
    form_id: str,
    data: Mapping[str, Any],
    *,
    subject: str,
    subject_id: int | None,
    institution_id: int | None = None,
    guardian_id: int | None = None,
    child_id: int | None = None,
    texts: Mapping[str, int] | None = None,
    draft: bool = False,
) -> Paper:
    """Fill a form and freeze it: TO_SIGN when somebody must sign, else ISSUED and planned for rendering.

    ``texts``: the versions of the wording that was shown (default: today's). ``draft`` keeps it open, with required
    fields still empty, until ``complete_paper``. Raises RuleBroken (fields by their names) when the data do not fit.
    """
    form = load(form_id)
    shown = {key: row.version for key, row in wording.texts_of(uow, form_id).items()} | dict(texts or {})
    paper = Paper(
        ref=new_ref(),
        form_id=form_id,
        form_version=form.version,
        subject=subject,
        subject_id=subject_id,
        institution_id=institution_id,
        guardian_id=guardian_id,
        child_id=child_id,
        title=form.title,
        data={},
        data_sha256="",
        texts=shown,
        state=PaperState.DRAFT,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    _fill(uow, paper, data, partial=draft)
    uow.session.add(paper)
    uow.session.flush()
    audit.record(
        uow, "paper.prepared", "paper", paper.id, to_state=paper.state, diff={"form": [None, form_id]}
    )
    if not draft:
        _close(uow, paper)
    return paper


def complete_paper(uow: UnitOfWork, ref: str, data: Mapping[str, Any], *, version: int) -> Paper:
    """Fill in what a draft still lacks and freeze it. StaleVersion when it changed since the page was fetched."""
    FILL_PAPER.reach(uow.actor.role)
    paper = locked(uow, ref)
    if paper.version != version:
        raise StaleVersion("paper")
    if problem := PAPER_STEPS.check(PaperState(paper.state), PaperState.TO_SIGN, uow.actor.role):
        raise RuleBroken(problem)
    if not signatures_of(uow, paper.id):
        paper.form_version = load(paper.form_id).version
    _fill(uow, paper, {**paper.data, **data}, partial=False)
    keep_signed_rows(uow, paper, paper.data)
    paper.version += 1
    _close(uow, paper)
    return paper


def hand_over_papers(uow: UnitOfWork, child_id: int, old_guardian_id: int, new_guardian_id: int) -> int:
    """A child's papers follow it from a guardian without an account to the same person's account (KB-34)."""
    result = uow.session.execute(
        update(Paper)
        .where(Paper.child_id == child_id, Paper.guardian_id == old_guardian_id)
        .values(guardian_id=new_guardian_id)
        .returning(Paper.id)
    )
    return len(result.all())


def _fill(uow: UnitOfWork, paper: Paper, data: Mapping[str, Any], *, partial: bool) -> None:
    """Check the data and lay it down, its registration numbers sealed to this paper."""
    form, place = load(paper.form_id), numbers.place_of(paper, uow.tenant.slug)
    fitting = checked(form.id, numbers.opened(form, data, place), partial=partial)
    paper.data = numbers.sealed(form, fitting, place, paper.data)
    paper.data_sha256 = fingerprint(paper.form_id, paper.form_version, paper.data, paper.texts)


def _close(uow: UnitOfWork, paper: Paper) -> None:
    """The data are final: wait for signatures, or issue at once when nobody has to sign."""
    paper.state = PaperState.TO_SIGN
    audit.record(
        uow, "paper.frozen", "paper", paper.id, from_state=PaperState.DRAFT, to_state=PaperState.TO_SIGN
    )
    issue_when_complete(uow, paper)
