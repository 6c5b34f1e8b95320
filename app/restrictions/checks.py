"""Data checks of restrictions: what must be true of the rows at any time (entities §11, AS-17, AS-22).

Each returns lines that name cases by number, never a person.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import exists, select

from app.kernel.db import UnitOfWork
from app.restrictions.models import Restriction, RestrictionGround
from app.restrictions.rules.grounds import TARIFFS
from app.restrictions.rules.kinds import BINDING, UNDECIDED, Family, Level, State

TWO_PEOPLE = sorted(ground for ground, line in TARIFFS[-1][1].items() if line.two_people)


def data_checks(uow: UnitOfWork) -> list[str]:
    """Everything that is wrong, one line each; empty when all is well."""
    found: list[str] = []
    for check in (_ends, _notices, _grounds, _two_people):
        found.extend(check(uow))
    return found


def _ends(uow: UnitOfWork) -> Iterator[str]:
    rows = uow.session.execute(
        select(Restriction.number, Restriction.level, Restriction.ends_on)
        .where(Restriction.starts_on.is_not(None))
        .order_by(Restriction.id)
    )
    for number, level, ends_on in rows:
        if level == Level.PERMANENT and ends_on is not None:
            yield f"이용제한 {number}: 영구 제한에 마지막 날이 있습니다."
        if level != Level.PERMANENT and ends_on is None:
            yield f"이용제한 {number}: 마지막 날이 없습니다."


def _notices(uow: UnitOfWork) -> Iterator[str]:
    rows = uow.session.execute(
        select(Restriction.number, Restriction.state, Restriction.notified_at, Restriction.starts_on)
        .where(Restriction.state.in_([*BINDING, *UNDECIDED]))
        .order_by(Restriction.id)
    )
    for number, state, notified_at, starts_on in rows:
        if state in BINDING and (notified_at is None or starts_on is None):
            yield f"이용제한 {number}: 통지하지 않은 제한이 걸려 있습니다."
        if state in UNDECIDED and starts_on is not None:
            yield f"이용제한 {number}: 결정하기 전인데 첫날이 있습니다."


def _grounds(uow: UnitOfWork) -> Iterator[str]:
    resting = exists().where(RestrictionGround.restriction_id == Restriction.id)
    rows = uow.session.scalars(
        select(Restriction.number)
        .where(Restriction.service == Family.ANYTIME, ~resting)
        .order_by(Restriction.id)
    )
    for number in rows:
        yield f"이용제한 {number}: 근거가 된 일이 없습니다."


def _two_people(uow: UnitOfWork) -> Iterator[str]:
    rows = uow.session.execute(
        select(Restriction.number, Restriction.decided_by, Restriction.also_decided_by)
        .where(
            Restriction.ground.in_(TWO_PEOPLE),
            Restriction.state.in_([*BINDING, State.EXPIRED]),
        )
        .order_by(Restriction.id)
    )
    for number, first, second in rows:
        if first is None or second is None or first == second:
            yield f"이용제한 {number}: 두 사람이 정해야 하는데 한 사람이 정했습니다."
