"""Where higher rooms say what follows when a paper is issued, e.g. that a signed form is a consent.

A room says so at import: ``hooks.on_issued(record_answers)``; ``record_answers(uow, paper)`` runs in the same
transaction, after the paper has its number.
"""

from __future__ import annotations

from collections.abc import Callable

from app.documents.models import Paper
from app.kernel.db import UnitOfWork

Issued = Callable[[UnitOfWork, Paper], None]

_issued: list[Issued] = []


def on_issued(command: Issued) -> None:
    if command not in _issued:
        _issued.append(command)


def issued(uow: UnitOfWork, paper: Paper) -> None:
    for command in _issued:
        command(uow, paper)
