"""A new paper in place of an issued one: the same or corrected data, its signatures anew (GC-18)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.documents import numbers
from app.documents.actions import REISSUE_PAPER
from app.documents.catalogue import load
from app.documents.issued import successor_of, was_dropped
from app.documents.models import Paper
from app.documents.rules.papers import PaperState
from app.documents.rules.verifying import NOT_ISSUED, REPLACED_ALREADY
from app.documents.service.issuing import void_paper
from app.documents.service.locking import locked
from app.documents.service.preparing import prepare_paper
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import RuleBroken


def reissue_paper(
    uow: UnitOfWork, ref: str, reason: str, data: Mapping[str, Any] | None = None, *, draft: bool = False
) -> Paper:
    """Void an issued paper (if it is not void yet) and make a new one in its place, with a number of its own.

    ``data``: what is corrected, the rest is taken over; ``draft`` leaves the new one open for corrections on screen.
    It is issued when those who must sign have signed it anew, at once when nobody must. Raises NotFound, RuleBroken.
    """
    REISSUE_PAPER.reach(uow.actor.role)
    old = locked(uow, ref)
    if old.number is None:
        raise RuleBroken(NOT_ISSUED)
    _let_go_of_a_dropped_one(uow, old)
    if old.state != PaperState.VOID:
        void_paper(uow, ref, reason)
    known = numbers.opened_data(old, load(old.form_id), uow.tenant.slug)
    new = prepare_paper(
        uow,
        old.form_id,
        {**known, **(data or {})},
        subject=old.subject,
        subject_id=old.subject_id,
        institution_id=old.institution_id,
        guardian_id=old.guardian_id,
        child_id=old.child_id,
        draft=draft,
    )
    new.replaces_id = old.id
    uow.session.flush()
    audit.record(
        uow,
        "paper.reissued",
        "paper",
        new.id,
        reason=reason.strip() or None,
        diff={"replaces": [None, old.number]},
    )
    return new


def _let_go_of_a_dropped_one(uow: UnitOfWork, old: Paper) -> None:
    """One paper takes the place of another; a successor that was dropped before its issue took no place."""
    before = successor_of(uow, old.id)
    if before is None:
        return
    if not was_dropped(before):
        raise RuleBroken(REPLACED_ALREADY)
    before.replaces_id = None
    uow.session.flush()
