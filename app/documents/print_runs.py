"""Print runs as the one who asked for them sees them: how far, what was left out, until when the file waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, or_, select

from app.documents.parameters import PRINT_KEEP_DAYS
from app.documents.rules.printing import PrintAs
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.kernel.work import Work, WorkState
from app.tenancy import settings

BATCH = "paper.batch"
"""The row of a whole run."""
PART = "paper.part"
"""The rows of its parts."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A sheet that is not in the result: its number in the list, what it is, and why, in Korean."""

    number: int
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class PrintRun:
    """``sheets`` are those of the run, ``done`` how many of them the workers are through with; ``file`` is empty until
    all are joined, and again after ``until``."""

    id: int
    ref: str
    title: str
    state: WorkState
    print_as: PrintAs
    sheets: int
    done: int
    parts: int
    made: int
    """Sheets in the finished file."""
    created_at: datetime
    until: datetime | None
    """When the file is deleted."""
    file: str
    ending: str
    left_out: tuple[LeftOut, ...]

    @property
    def under_way(self) -> bool:
        return self.state in (WorkState.PENDING, WorkState.RUNNING)

    @property
    def gone(self) -> bool:
        """Its file has been deleted, or is about to be."""
        return self.state == WorkState.DONE and not self.file


def part_keys(ref: str, parts: int) -> list[str]:
    return [f"{PART}:{ref}:{number}" for number in range(parts)]


def part_files(result: Mapping[str, Any]) -> list[str]:
    """The files of the finished parts, in order, as the run's result names them."""
    parts: Mapping[str, Any] = result.get("parts") or {}
    return [parts[number]["file"] for number in sorted(parts, key=int) if parts[number]["file"]]


def own_run(uow: UnitOfWork, ref: str) -> PrintRun:
    """A run this person asked for; NotFound for anybody else's."""
    row = uow.session.execute(_runs(uow).where(Work.ref == ref)).first()
    if row is None or uow.actor.user_id is None:
        raise NotFound("print")
    return _run(uow, row)


def own_runs(uow: UnitOfWork, limit: int = 20) -> list[PrintRun]:
    """This person's latest runs, newest first."""
    return [_run(uow, row) for row in uow.session.execute(_runs(uow).order_by(Work.id.desc()).limit(limit))]


def _runs(uow: UnitOfWork) -> Select[Any]:
    """Asked for by this person in the place of today's role: what a former centre printed stays there.

    Without the payloads: they hold what is printed.
    """
    place = Work.payload["place"].as_integer()
    here = or_(place.is_(None), place == uow.actor.scope)
    text = {name: Work.payload[name].as_string().label(name) for name in ("title", "as")}
    return select(
        Work.id,
        Work.ref,
        Work.state,
        Work.total,
        Work.progress,
        Work.created_at,
        Work.done_at,
        Work.result,
        Work.payload["parts"].as_integer().label("parts"),
        Work.payload["left_out"].label("left_out"),
        *text.values(),
    ).where(Work.kind == BATCH, Work.created_by == uow.actor.user_id, here)


def _run(uow: UnitOfWork, row: Row[Any]) -> PrintRun:
    until = row.done_at and row.done_at + timedelta(days=settings.value(uow, PRINT_KEEP_DAYS))
    kept = until is not None and uow.now < until
    state, done = WorkState(row.state), row.progress
    if state is WorkState.PENDING:
        state, done = _of_parts(uow, part_keys(row.ref, row.parts or 0))
    return PrintRun(
        id=row.id,
        ref=row.ref,
        title=row.title,
        state=state,
        print_as=PrintAs(row._mapping["as"]),
        sheets=row.total,
        done=done,
        parts=row.parts or 0,
        made=row.result.get("rows", 0),
        created_at=row.created_at,
        until=until,
        file=row.result.get("file", "") if kept else "",
        ending=row.result.get("ending", ""),
        left_out=tuple(
            LeftOut(each["no"], each["what"], each["why"])
            for each in row.result.get("left_out") or row.left_out or ()
        ),
    )


def _of_parts(uow: UnitOfWork, keys: list[str]) -> tuple[WorkState, int]:
    """A run whose parts are being made: it is as well as the worst of them."""
    states: dict[WorkState, int] = {
        WorkState(state): done
        for state, done in uow.session.execute(
            select(Work.state, func.sum(Work.progress)).where(Work.key.in_(keys)).group_by(Work.state)
        )
    }
    worst = next((s for s in (WorkState.DEAD, WorkState.RUNNING) if s in states), WorkState.PENDING)
    return worst, sum(states.values())
