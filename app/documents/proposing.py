"""A municipality proposes its own wording; the worker lays the form out with it, then it is published or refused.

The row of work holds the proposal and, afterwards, the answer: so it waits for whoever proposed it, and the wording in
force stays in force until the new one has proven to fit (XX-01).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.documents.rules.wording import TEXT_GROWS
from app.documents.wording import checked_wording
from app.kernel import work
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem
from app.kernel.work import Work, WorkState

CHECK = "text.check"
CHECK_FAILED = Problem(
    "text.check_failed",
    N_("문구를 서식에 넣어 보다가 오류가 났어요. 다시 게시해 주세요. 되풀이되면 운영자에게 알려 주세요."),
)
PUBLISHED_SINCE = Problem(
    "text.day_passed", N_("확인하는 사이에 적용일이 지났어요. 날짜를 바꿔 다시 게시해 주세요."), rule="XX-01"
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The latest proposal for one text that is not published: under way, or refused with its reason."""

    body: str
    effective_from: str
    problem: Problem | None

    @property
    def under_way(self) -> bool:
        return self.problem is None


def propose_text(uow: UnitOfWork, kind: str, body: str, effective_from: date) -> None:
    """Have the worker try the wording out. RuleBroken for what is plainly wrong with it."""
    words = checked_wording(uow, kind, body, effective_from)
    proposal = {
        "kind": kind,
        "body": words,
        "from": effective_from.isoformat(),
        "role": uow.actor.role.value,
        "name": uow.actor.name,
    }
    work.plan(uow, CHECK, proposal)


def proposals(uow: UnitOfWork, form_id: str) -> dict[str, Proposal]:
    """What is not published yet of a form's texts, by key."""
    kind = Work.payload["kind"].as_string()
    rows = uow.session.execute(
        select(Work.payload, Work.state, Work.result)
        .where(Work.kind == CHECK, kind.startswith(f"{form_id}.", autoescape=True))
        .order_by(Work.id)
    )
    latest = {row.payload["kind"].partition(".")[2]: row for row in rows}
    return {
        key: Proposal(row.payload["body"], row.payload["from"], _problem(row.state, row.result))
        for key, row in latest.items()
        if not (row.state == WorkState.DONE and "version" in row.result)
    }


def _problem(state: str, result: Mapping[str, Any]) -> Problem | None:
    if state in (WorkState.PENDING, WorkState.RUNNING):
        return None
    if state == WorkState.DONE and "line" in result:
        return TEXT_GROWS.of(line=result["line"], pages=result["pages"])
    return PUBLISHED_SINCE if state == WorkState.DONE else CHECK_FAILED
