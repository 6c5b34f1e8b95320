"""Who takes the next step of a case, and who of them may not because it is their own (AS-16, AS-17, AS-21)."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts.models import RoleAssignment, UserAccount
from app.accounts.queries import in_force_on
from app.accounts.rules import UserState
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.restrictions.models import Restriction, RestrictionEvent, RestrictionGround
from app.restrictions.rules.barring import Hands, barred
from app.restrictions.rules.next_step import WHOSE, Step
from app.restrictions.subjects import regional_centre


def hands_of(uow: UnitOfWork, case: Restriction) -> Hands:
    """Reporters: who reported it, and who wrote down what it rests on."""
    writers = uow.session.scalars(
        select(RestrictionEvent.created_by)
        .join(RestrictionGround, RestrictionGround.event_id == RestrictionEvent.id)
        .where(RestrictionGround.restriction_id == case.id)
    )
    reporters = frozenset(person for person in (case.reported_by, *writers) if person is not None)
    return Hands(reporters, case.decided_by, case.also_decided_by, case.lift_proposed_by)


def taker_of(uow: UnitOfWork, step: Step) -> Role:
    """Whose step it is here: the city's officer stands in where there is no regional centre."""
    return WHOSE[step] if regional_centre(uow) else Role.CITY_OFFICER


def others_who_may(uow: UnitOfWork, hands: Hands, step: Step) -> list[str]:
    """Names of those who may take it today, the actor left out."""
    rows = uow.session.execute(
        select(UserAccount.id, UserAccount.name)
        .join(RoleAssignment, RoleAssignment.user_id == UserAccount.id)
        .where(
            RoleAssignment.role == taker_of(uow, step),
            in_force_on(uow.today),
            UserAccount.state == UserState.ACTIVE,
            UserAccount.id != (uow.actor.user_id or 0),
        )
        .distinct()
        .order_by(UserAccount.name, UserAccount.id)
    )
    return [name for person, name in rows if barred(hands, step, person) is None]
