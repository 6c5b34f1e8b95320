"""Who may not book: judged by dates whenever somebody asks, never by whether the clock has run (AS-22)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, or_, select

from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem
from app.people.models import Guardian, GuardianChild
from app.restrictions.models import Restriction
from app.restrictions.rules.blocking import Binding, refuses
from app.restrictions.rules.kinds import BINDING, UNDECIDED, Family, State


@dataclass(frozen=True, slots=True)
class Block:
    """Why a booking is refused: until when (None: for good), never for what (separation rule 4)."""

    problem: Problem
    until: date | None
    held: bool


def blocks(
    uow: UnitOfWork,
    *,
    service: str,
    days: Collection[date],
    guardian_ids: Collection[int] = (),
    child_ids: Collection[int] = (),
    institution_id: int | None = None,
) -> list[Block]:
    """What stands against booking ``service`` (FACILITY, VISITING, DAYCARE) for these days; empty: nothing.

    ``child_ids`` are refused with the household they live in, whoever books; ``institution_id``: the daycare.
    """
    rows = [row for row in _bindings(uow, guardian_ids, child_ids) if row.closes(service, institution_id)]
    found = []
    for row in rows:
        problem = refuses(row, days, uow.today)
        if problem is not None:
            held = problem.code == "on_hold"
            found.append(Block(problem, row.hold_until if held else row.last, held))
    return sorted(found, key=lambda block: block.until or date.max, reverse=True)


def _bindings(uow: UnitOfWork, guardian_ids: Collection[int], child_ids: Collection[int]) -> list[Binding]:
    """Restrictions of these guardians, and of everybody these children live with."""
    at_home = select(GuardianChild.guardian_id).where(
        GuardianChild.child_id.in_(list(child_ids)), GuardianChild.lives_together
    )
    people = uow.session.execute(
        select(Guardian.id, Guardian.phone).where(
            or_(Guardian.id.in_(list(guardian_ids)), Guardian.id.in_(at_home))
        )
    ).all()
    if not people:
        return []
    phones = [phone for _, phone in people if phone]
    rows = uow.session.execute(
        select(
            Restriction.service,
            Restriction.institution_id,
            Restriction.state,
            Restriction.starts_on,
            Restriction.ends_on,
            Restriction.hold_until,
        ).where(
            or_(
                Restriction.guardian_id.in_([row.id for row in people]),
                and_(Restriction.guardian_id.is_(None), Restriction.phone.in_(phones)),
            ),
            Restriction.state.in_([*BINDING, *UNDECIDED, State.DECIDED]),
        )
    )
    return [
        Binding(Family(service), institution, State(state), first, last, hold)
        for service, institution, state, first, last, hold in rows
    ]
