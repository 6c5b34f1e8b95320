"""Where the rooms above tell accounts what it cannot know itself.

A guardian's family record stands in a higher room. That room says at import how to find it, and what to do when
somebody joins:

    def guardian_of(user_id):
        return select(Guardian.id).where(Guardian.user_id == user_id).scalar_subquery()

    hooks.register_actor_detail(guardian_of)
    hooks.on_guardian_joined(make_guardian)      # make_guardian(uow, user: UserAccount) -> None, same transaction
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, ScalarSelect, cast, null

from app.accounts.models import UserAccount
from app.kernel.db import UnitOfWork

GuardianOf = Callable[[Any], ScalarSelect[Any]]
Joined = Callable[[UnitOfWork, UserAccount], None]

_guardian_of: GuardianOf | None = None
_joined: list[Joined] = []


def register_actor_detail(guardian_of: GuardianOf) -> None:
    """``guardian_of(user id column)`` is a scalar subquery: it rides in the one query every page makes."""
    global _guardian_of
    _guardian_of = guardian_of


def guardian_column(user_id: Any) -> ColumnElement[Any]:
    return cast(null(), BigInteger) if _guardian_of is None else _guardian_of(user_id)


def on_guardian_joined(command: Joined) -> None:
    if command not in _joined:
        _joined.append(command)


def guardian_joined(uow: UnitOfWork, user: UserAccount) -> None:
    for command in _joined:
        command(uow, user)
