"""Where higher rooms say what a restriction ends with them: which services inside it are cancelled (AS-20).

A room says so at import (its ``account_hooks.py``), so that it holds in every process:

    hooks.on_begin(cancel_inside)      # cancel_inside(uow, begun: Begun) -> what was cancelled, in words

It runs on the first day, in the transaction that makes the restriction active. What is under way is finished, what is
cancelled costs nothing. The room tells whoever booked, which need not be the guardian; the lines stand in the
guardian's message as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from app.kernel.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class Begun:
    """A restriction on its first day. ``last``: None for good. ``institution_id``: the one daycare, or None for all."""

    restriction_id: int
    ref: str
    guardian_id: int | None
    child_ids: frozenset[int]
    """The household: every child that lives with the guardian, whoever booked for it."""
    services: frozenset[str]
    institution_id: int | None
    first: date
    last: date | None


Command = Callable[[UnitOfWork, Begun], Iterable[str]]
_begin: list[Command] = []


def on_begin(command: Command) -> None:
    if command not in _begin:
        _begin.append(command)


def begun(uow: UnitOfWork, what: Begun) -> list[str]:
    """Everything that was cancelled, one line each."""
    return [line for command in _begin for line in command(uow, what)]
