"""Drafts as a list shows them: what, about whom, who saved it last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.accounts.models import UserAccount
from app.documents.models import Paper
from app.documents.queries import within_reach
from app.documents.rules import PaperState
from app.kernel.db import UnitOfWork

NAMES = ("child_name", "name", "carer_name", "applicant_name", "title", "provider_name")
"""Fields that say what a paper is about, in this order."""


@dataclass(frozen=True, slots=True)
class DraftRow:
    """``own``: the acting person began it; ``for_family``: a guardian is to fill it in."""

    ref: str
    title: str
    about: str
    begun_by: str
    saved_by: str
    saved_at: datetime
    own: bool
    for_family: bool


def drafts_in_reach(
    uow: UnitOfWork, state: PaperState, *, since: datetime | None = None, limit: int = 200
) -> list[DraftRow]:
    """Drafts of the actor's own house (or, ``DROPPED``, those thrown away ``since``), last saved first."""
    begun, saved = aliased(UserAccount), aliased(UserAccount)
    when = func.coalesce(Paper.saved_at, Paper.created_at)
    about = func.coalesce(*(func.nullif(Paper.data[name].astext, "") for name in NAMES), "")
    query = (
        select(
            Paper.ref, Paper.title, about, begun.name, saved.name, when, Paper.created_by, Paper.guardian_id
        )
        .outerjoin(begun, begun.id == Paper.created_by)
        .outerjoin(saved, saved.id == Paper.saved_by)
        .where(within_reach(uow), Paper.state == state)
        .order_by(when.desc(), Paper.id.desc())
        .limit(limit)
    )
    if since is not None:
        query = query.where(when >= since)
    return [
        DraftRow(
            ref, title, words, first or "", last or "", at, author == uow.actor.user_id, guardian is not None
        )
        for ref, title, words, first, last, at, author, guardian in uow.session.execute(query)
    ]


def count_drafts(uow: UnitOfWork) -> int:
    query = select(func.count()).select_from(Paper)
    return uow.session.execute(query.where(within_reach(uow), Paper.state == PaperState.DRAFT)).scalar_one()
