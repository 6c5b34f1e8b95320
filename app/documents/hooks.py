"""Where higher rooms say what this one cannot know, each at import.

``hooks.on_issued(record_answers)``: what follows when a paper is issued, e.g. that a signed form is a consent;
``record_answers(uow, paper)`` runs in the same transaction, after the paper has its number.
``hooks.on_blank(form_id, rules_here)``: what even a blank form says of the house it is printed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.documents.models import Paper
from app.kernel.db import UnitOfWork

Issued = Callable[[UnitOfWork, Paper], None]
Blank = Callable[[UnitOfWork], Mapping[str, Any]]

_issued: list[Issued] = []
_blanks: dict[str, Blank] = {}


def on_issued(command: Issued) -> None:
    if command not in _issued:
        _issued.append(command)


def issued(uow: UnitOfWork, paper: Paper) -> None:
    for command in _issued:
        command(uow, paper)


def on_blank(form_id: str, values: Blank) -> None:
    _blanks[form_id] = values


def blank_data(uow: UnitOfWork, form_id: str) -> Mapping[str, Any] | None:
    """What is printed into a blank form here; None: nothing."""
    values = _blanks.get(form_id)
    return dict(values(uow)) if values else None
