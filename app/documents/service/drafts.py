"""A form filled on the screen: begun from the gallery, saved as often as one likes, finished, or thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.documents import audience, numbers
from app.documents.actions import DROP_DRAFT, FILL_PAPER, START_PAPER
from app.documents.catalogue import load
from app.documents.filling.fitting import fit, whole
from app.documents.filling.known import known
from app.documents.models import Paper
from app.documents.rules import PAPER_STEPS, PaperState
from app.documents.service.locking import locked
from app.documents.service.preparing import complete_paper, prepare_paper
from app.documents.service.rows import keep_signed_rows
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import Forbidden, Problem, RuleBroken, StaleVersion

BY_HAND = "form"
"""The subject of a paper that somebody began from the gallery: no service stands behind it."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft after it was saved; ``problems``: what of it does not fit yet."""

    paper: Paper
    problems: tuple[Problem, ...]


def start_draft(uow: UnitOfWork, form_id: str) -> Paper:
    """Begin a paper from the gallery, with what is known already. Forbidden for a form that others fill in."""
    START_PAPER.reach(uow.actor.role)
    form = load(form_id)
    if not audience.may_fill(form, uow.actor.role):
        raise Forbidden(START_PAPER.key)
    first = fit(form, known(uow, form))
    paper = prepare_paper(
        uow,
        form_id,
        first.data,
        subject=BY_HAND,
        subject_id=None,
        institution_id=uow.actor.scope,
        draft=True,
    )
    _touched(uow, paper, "")
    return paper


def save_draft(
    uow: UnitOfWork, ref: str, data: Mapping[str, Any], *, version: int, page: str = "", quiet: bool = False
) -> Saved:
    """Keep what was typed: what fits as the paper's data, the rest as words.

    ``page`` names the opened page; a version that only this page itself has made old is no conflict. StaleVersion
    when somebody else saved meanwhile, RuleBroken when a row that is signed already would change or the paper is no
    draft any more. ``quiet``: the page saves by itself; only what a person asks for stands in the audit log.
    """
    FILL_PAPER.reach(uow.actor.role)
    paper = locked(uow, ref)
    if problem := PAPER_STEPS.check(PaperState(paper.state), PaperState.TO_SIGN, uow.actor.role):
        raise RuleBroken(problem)
    if paper.version != version and not (page and page == paper.saved_from):
        raise StaleVersion("paper")
    form, place = load(paper.form_id), numbers.place_of(paper, uow.tenant.slug)
    before = numbers.opened(form, paper.data, place)
    fitted = fit(form, {**before, **numbers.opened(form, data, place)})
    if fitted.data != before or fitted.unfit != paper.unfit:
        fresh = numbers.sealed(form, fitted.data, place, paper.data)
        keep_signed_rows(uow, paper, fresh)
        paper.data, paper.unfit = fresh, fitted.unfit
        paper.version += 1
        _touched(uow, paper, page)
        if not quiet:
            audit.record(uow, "paper.draft_saved", "paper", paper.id)
    return Saved(paper, fitted.problems)


def finish_draft(uow: UnitOfWork, ref: str) -> Paper:
    """Freeze the saved draft: it waits for its signatures or is issued. RuleBroken with everything that is amiss."""
    FILL_PAPER.reach(uow.actor.role)
    paper = locked(uow, ref)
    form, place = load(paper.form_id), numbers.place_of(paper, uow.tenant.slug)
    if problems := whole(form, numbers.opened(form, paper.data, place), paper.unfit):
        raise RuleBroken(problems)
    return complete_paper(uow, ref, {}, version=paper.version)


def drop_draft(uow: UnitOfWork, ref: str) -> Paper:
    """Throw a draft away; it can be taken up again."""
    return _step(uow, ref, PaperState.DROPPED, "paper.dropped")


def restore_draft(uow: UnitOfWork, ref: str) -> Paper:
    """Take a thrown-away draft up again."""
    return _step(uow, ref, PaperState.DRAFT, "paper.restored")


def _step(uow: UnitOfWork, ref: str, after: PaperState, word: str) -> Paper:
    DROP_DRAFT.reach(uow.actor.role)
    paper = locked(uow, ref)
    before = PaperState(paper.state)
    if problem := PAPER_STEPS.check(before, after, uow.actor.role):
        raise RuleBroken(problem)
    paper.state = after
    paper.version += 1
    _touched(uow, paper, "")
    audit.record(uow, word, "paper", paper.id, from_state=before, to_state=after)
    return paper


def _touched(uow: UnitOfWork, paper: Paper, page: str) -> None:
    paper.saved_at, paper.saved_by, paper.saved_from = uow.now, uow.actor.user_id, page[:32]
