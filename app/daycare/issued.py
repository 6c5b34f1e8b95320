"""What was issued of a day's records, and whether the records still say the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.daycare.rules.ledgers import says_the_same
from app.daycare.times import local
from app.documents.model import BadFormData, validate
from app.documents.models import Paper
from app.documents.rules import PaperState
from app.kernel.db import UnitOfWork

DAY = "daycare_day"
"""Subject of the ledgers' papers; its id is the daycare's, the day stands in the data."""


@dataclass(frozen=True, slots=True)
class Issued:
    """``changed``: the records say something else by now."""

    ref: str
    number: str
    at: datetime
    changed: bool


def issued_of(
    paper: Paper | None, now: Mapping[str, Any], *, besides: frozenset[str] = frozenset()
) -> Issued | None:
    """None for a paper that is not in force. ``now``: the data as they would be issued today, ``besides`` some of them
    that are too dear to make for a look."""
    if paper is None or paper.state != PaperState.ISSUED or paper.issued_at is None:
        return None
    stored = {key: value for key, value in paper.data.items() if key not in besides}
    try:
        same = says_the_same(stored, validate(paper.form_id, now, partial=True))
    except BadFormData:
        same = False
    return Issued(paper.ref, paper.number or "", local(paper.issued_at), not same)


def last_paper(uow: UnitOfWork, daycare_id: int, form_id: str, day: date) -> Paper | None:
    """The newest paper of a ledger's day that ever had a number: in force, or void."""
    return uow.session.scalars(
        select(Paper)
        .where(
            Paper.institution_id == daycare_id,
            Paper.form_id == form_id,
            Paper.subject == DAY,
            Paper.number.is_not(None),
            Paper.data["date"].astext == day.isoformat(),
        )
        .order_by(Paper.id.desc())
        .limit(1)
    ).first()


def issued_days(uow: UnitOfWork, daycare_id: int, form_id: str, first: date, last: date) -> dict[date, str]:
    """Operating days with a paper in force → its ref."""
    day = Paper.data["date"].astext
    rows = uow.session.execute(
        select(day.label("day"), Paper.ref)
        .where(
            Paper.institution_id == daycare_id,
            Paper.form_id == form_id,
            Paper.subject == DAY,
            Paper.state == PaperState.ISSUED,
            day.between(first.isoformat(), last.isoformat()),
        )
        .order_by(Paper.id)
    ).all()
    return {date.fromisoformat(row.day): row.ref for row in rows}
