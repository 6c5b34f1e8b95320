"""Many sheets in one run: stored papers, forms with plain data, blank forms; asked for, cancelled, cleared (XX-12).

A run is one row of work (``BATCH``) that waits for its parts, rows of their own (``PART``) of at most ``PART_SHEETS``
sheets. So any number of workers share a long run, a message never waits behind it, and a worker that dies costs one
part. The part that comes last wakes the run, which joins them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update

from app.documents.actions import PRINT_PAPERS
from app.documents.catalogue import load
from app.documents.parameters import EXPORT_REASON_ROWS, PRINT_KEEP_DAYS, PRINT_MOST
from app.documents.print_runs import BATCH, PART, own_run, part_files, part_keys
from app.documents.queries import paper_by_ref
from app.documents.rules.printing import (
    EDITED_KINDS,
    NO_HANGUL_COPY,
    NOTHING_TO_PRINT,
    PRINT_IS_OVER,
    PRINT_REASON_MISSING,
    TOO_MANY_SHEETS,
    PrintAs,
)
from app.documents.service.checking import checked
from app.kernel import audit, work
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem, RuleBroken
from app.kernel.work import Work, WorkState
from app.tenancy import settings

__all__ = ["BATCH", "PART", "PrintItem", "cancel_print", "clear_prints", "request_print"]

PART_SHEETS = 60
"""Fewer share their fonts with less profit; more let the cancel button and other work wait longer."""
WAIT_FOR_PARTS = timedelta(days=1)
"""A run whose parts do not come looks after them itself after this."""
PERSON_FIELDS = ("child_name", "guardian_name", "applicant_name", "name")


@dataclass(frozen=True, slots=True)
class PrintItem:
    """One sheet of a print run: a stored paper by its ref, or a form with plain data (None: a blank form)."""

    paper_ref: str | None = None
    form_id: str = ""
    data: Mapping[str, Any] | None = None
    person: str = ""
    """Whose sheet it is, for file names and for saying what was left out; else taken from the data."""
    signatures: Mapping[str, Any] = field(default_factory=dict)
    """By place, for a form with data: strokes or a typed name given elsewhere, e.g. a medicine request (AD-27)."""
    mark: str = ""
    """Printed faintly across each page of a form with data: that it is no issued paper."""


def request_print(
    uow: UnitOfWork,
    items: Sequence[PrintItem],
    title: str,
    *,
    reason: str = "",
    print_as: PrintAs = PrintAs.PDF,
    masked: bool = False,
) -> str:
    """Plan a run; returns the ref of the work to watch. Unsigned papers are marked 서명용.

    A sheet whose data do not fit its form is left out and told on the result page. Raises NotFound for a paper
    outside the actor's reach; RuleBroken when nothing is left, when there are too many, and for a missing reason
    (XX-12). ``masked``: names in file names are masked.
    """
    PRINT_PAPERS.reach(uow.actor.role)
    if problem := _refused(uow, len(items), reason):
        raise RuleBroken(problem)
    sheets, left_out = _sheets(uow, items, print_as)
    parts = [sheets[at : at + PART_SHEETS] for at in range(0, len(sheets), PART_SHEETS)]
    common = {"title": title[:80], "by": uow.actor.name, "as": print_as, "masked": masked}
    run = {**common, "place": uow.actor.scope, "parts": len(parts), "left_out": left_out}
    ref = work.plan(uow, BATCH, run, total=len(sheets), not_before=uow.now + WAIT_FOR_PARTS) or ""
    for number, (key, part) in enumerate(zip(part_keys(ref, len(parts)), parts, strict=True)):
        work.plan(uow, PART, {**common, "run": ref, "part": number, "sheets": part}, key=key, total=len(part))
    audit.record_access(uow, "print.requested", "print", None, row_count=len(sheets), reason=reason or title)
    return ref


def _refused(uow: UnitOfWork, count: int, reason: str) -> Problem | None:
    if count < 1:
        return NOTHING_TO_PRINT
    if count > (most := settings.value(uow, PRINT_MOST)):
        return TOO_MANY_SHEETS.of(most=most, asked=count)
    if count > (rows := settings.value(uow, EXPORT_REASON_ROWS)) and not reason.strip():
        return PRINT_REASON_MISSING.of(rows=rows)
    return None


def _sheets(
    uow: UnitOfWork, items: Sequence[PrintItem], print_as: PrintAs
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The sheets as the worker reads them, numbered as asked for, and those left out with the reason."""
    sheets: list[dict[str, Any]] = []
    left_out: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for number, item in enumerate(items, 1):
        paper = None if item.paper_ref is None else paper_by_ref(uow, item.paper_ref)
        form = load(item.form_id if paper is None else paper.form_id)
        whose = item.person or person_in(item.data or {} if paper is None else paper.data)
        try:
            if print_as is PrintAs.HWPX and form.kind not in EDITED_KINDS:
                raise RuleBroken(NO_HANGUL_COPY)
            content = _filled(item) if paper is None else {"paper": paper.id}
        except RuleBroken as refused:
            problems += refused.problems
            why = " ".join(problem.sentence for problem in refused.problems[:3])
            left_out.append({"no": number, "what": what(form.id, whose), "why": why})
        else:
            sheets.append({"no": number, "person": whose, **content})
    if not sheets:
        raise RuleBroken({problem.sentence: problem for problem in problems}.values())
    return sheets, left_out


def _filled(item: PrintItem) -> dict[str, Any]:
    data = None if item.data is None else checked(item.form_id, item.data, partial=True)
    content: dict[str, Any] = {"form": item.form_id, "data": data}
    if item.signatures:
        content["signatures"] = dict(item.signatures)
    return {**content, "mark": item.mark} if item.mark else content


def person_in(data: Mapping[str, Any]) -> str:
    """Whom filled data are about; empty when they name nobody."""
    return next((str(data[name]) for name in PERSON_FIELDS if data.get(name)), "")


def what(form_id: str, whose: str) -> str:
    """``서비스 신청서 · 윤서담``, for saying which sheet is meant."""
    return " · ".join(word for word in (load(form_id).title, whose) if word)


def cancel_print(uow: UnitOfWork, ref: str) -> None:
    """Stop a run: parts that wait are never begun, one under way ends with its present sheet.

    Raises RuleBroken when the run is over, NotFound for somebody else's.
    """
    PRINT_PAPERS.reach(uow.actor.role)
    run = own_run(uow, ref)
    mine = select(Work.id).where(or_(Work.id == run.id, Work.key.in_(part_keys(ref, run.parts))))
    locked = uow.session.scalars(mine.order_by(Work.id).with_for_update()).all()
    ended = uow.session.scalars(
        update(Work)
        .where(Work.id.in_(locked), Work.state.in_([WorkState.PENDING, WorkState.RUNNING]))
        .values(state=WorkState.CANCELLED, done_at=uow.now, payload=Work.payload.op("-")("sheets"))
        .returning(Work.id)
    ).all()
    if run.id not in ended:
        raise RuleBroken(PRINT_IS_OVER)
    audit.record(uow, "print.cancelled", "print", run.id)


def clear_prints(uow: UnitOfWork) -> list[str]:
    """Forget what waited long enough; returns the names of files to delete once this is committed.

    A joined run loses its parts after a day, its file and its list of what was left out after ``xx.print_keep_days``.
    """
    day_ago, too_old = (uow.now - timedelta(days=n) for n in (1, settings.value(uow, PRINT_KEEP_DAYS)))
    over = Work.state.in_([WorkState.DONE, WorkState.DEAD, WorkState.CANCELLED])
    uow.session.execute(delete(Work).where(Work.kind == PART, over, Work.done_at < day_ago))
    names: set[str] = set()
    holds = or_(Work.result.has_key("file"), Work.result.has_key("parts"))
    runs = select(Work).where(Work.kind == BATCH, over, Work.done_at < day_ago, holds)
    for run in uow.session.scalars(runs):
        parts, file = part_files(run.result), run.result.get("file")
        kept = {key: value for key, value in run.result.items() if key != "parts"}
        if run.done_at is not None and run.done_at < too_old:
            names |= {file} if file else set()
            run.payload = {key: value for key, value in run.payload.items() if key != "left_out"}
            kept = {"rows": kept.get("rows", 0)}
        names |= {name for name in parts if name != file}
        run.result = kept
    uow.session.flush()
    results = uow.session.scalars(select(Work.result).where(Work.kind == BATCH, holds))
    return sorted(names - {name for result in results for name in (result.get("file"), *part_files(result))})
