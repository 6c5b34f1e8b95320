"""Where to reach the people of an institution."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from app.accounts.models import RoleAssignment, UserAccount
from app.accounts.queries import in_force_on
from app.accounts.rules import UserState
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork


def contacts_of(uow: UnitOfWork, institution_id: int | None, roles: Collection[Role]) -> list[str]:
    """The phone, or without one the address, of each who acts there today in one of these roles.

    ``institution_id`` None: those whose role is bound to no place, e.g. a city's officers.
    """
    rows = uow.session.execute(
        select(UserAccount.phone, UserAccount.email)
        .join(RoleAssignment, RoleAssignment.user_id == UserAccount.id)
        .where(
            RoleAssignment.institution_id == institution_id,
            RoleAssignment.role.in_(roles),
            in_force_on(uow.today),
            UserAccount.state == UserState.ACTIVE,
        )
        .order_by(UserAccount.id)
    )
    return list(dict.fromkeys(to for phone, email in rows if (to := phone or email)))
