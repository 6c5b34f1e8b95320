"""What a household said before the decision: every statement as it came, none in place of another (AS-18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.restrictions.models import Restriction
from app.restrictions.rules.kinds import Channel

KEPT = "statements"
BETWEEN = "\n\n"


@dataclass(frozen=True, slots=True)
class Statement:
    """``role``, ``user_id``: who wrote it down, the guardian or the office that took the call."""

    at: datetime
    role: Role
    user_id: int | None
    channel: Channel
    text: str


def statements_of(case: Restriction) -> list[Statement]:
    """Oldest first; one that was kept without its particulars counts as the guardian's own."""
    kept = case.details.get(KEPT)
    if kept is None:
        if case.statement_at is None:
            return []
        channel = Channel(case.details.get("statement_channel") or Channel.ONLINE)
        return [Statement(case.statement_at, Role.GUARDIAN, None, channel, case.statement)]
    return [
        Statement(
            datetime.fromisoformat(row["at"]),
            Role(row["role"]),
            row["by"],
            Channel(row["channel"]),
            row["text"],
        )
        for row in kept
    ]


def add_statement(uow: UnitOfWork, case: Restriction, text: str, channel: Channel) -> None:
    """Behind those that are there. The column holds all the words, the details whose they are."""
    new = Statement(uow.now, uow.actor.role, uow.actor.user_id, channel, text)
    said = [*statements_of(case), new]
    rows = [
        {
            "at": one.at.isoformat(),
            "role": one.role.value,
            "by": one.user_id,
            "channel": one.channel.value,
            "text": one.text,
        }
        for one in said
    ]
    case.details = {**case.details, KEPT: rows}
    case.statement, case.statement_at = BETWEEN.join(one.text for one in said), uow.now
