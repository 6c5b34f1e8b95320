"""What still stands against a household when one of its restrictions ends (AS-20, AS-21)."""

from __future__ import annotations

from sqlalchemy import or_, select

from app.kernel.db import UnitOfWork
from app.kernel.texts import long_day
from app.restrictions.models import Restriction
from app.restrictions.rules.kinds import BINDING, Family, State
from app.restrictions.service.taking import move, subject_of_case
from app.restrictions.subjects import of_subject

FREE = "다시 신청하실 수 있어요."


def again_words(uow: UnitOfWork, ended: Restriction) -> str:
    """Whether the household may ask again now: of parallel restrictions the later end counts."""
    rows = uow.session.scalars(
        select(Restriction).where(
            of_subject(Restriction, subject_of_case(uow, ended)),
            Restriction.id != ended.id,
            Restriction.state.in_(BINDING),
            or_(Restriction.ends_on.is_(None), Restriction.ends_on >= uow.today),
            or_(
                Restriction.service == Family.ANYTIME,
                Restriction.institution_id == (ended.institution_id or 0),
            ),
        )
    ).all()
    ends = [row.ends_on for row in rows if row.ends_on is not None]
    if len(ends) < len(rows):
        return "기한 없는 다른 제한이 있어 아직 신청하실 수 없어요."
    return f"다른 제한이 {long_day(max(ends))}까지 있어 그다음 날부터 신청하실 수 있어요." if ends else FREE


def run_again(uow: UnitOfWork, cancelled: Restriction) -> None:
    """What a cancelled restriction had replaced runs on to its own last day, as if nothing had taken its place."""
    replaced = select(Restriction).where(
        Restriction.replaced_by_id == cancelled.id,
        Restriction.state == State.REPLACED,
        or_(Restriction.ends_on.is_(None), Restriction.ends_on >= uow.today),
    )
    for row in uow.session.scalars(replaced.order_by(Restriction.id).with_for_update()):
        row.replaced_by_id = None
        move(uow, row, State.ACTIVE, by_clock=True)
