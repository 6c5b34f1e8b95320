"""Many sheets in one PDF: stored papers, forms with plain data, blank forms (XX-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.documents.actions import PRINT_PAPERS
from app.documents.catalogue import load
from app.documents.parameters import EXPORT_REASON_ROWS
from app.documents.queries import paper_by_ref
from app.documents.rules import NOTHING_TO_PRINT, PRINT_REASON_MISSING
from app.documents.service.checking import checked
from app.kernel import audit, work
from app.kernel.db import UnitOfWork
from app.kernel.errors import RuleBroken
from app.tenancy import settings

BATCH = "paper.batch"


@dataclass(frozen=True, slots=True)
class PrintItem:
    """One sheet of a print run: a stored paper by its ref, or a form with plain data (None: a blank form)."""

    paper_ref: str | None = None
    form_id: str = ""
    data: Mapping[str, Any] | None = None


def request_print(uow: UnitOfWork, items: Sequence[PrintItem], title: str, *, reason: str = "") -> str:
    """Plan one PDF of many sheets; returns the ref of the work to watch. Unsigned papers are marked 서명용.

    Raises NotFound for a paper outside the actor's reach, RuleBroken for wrong data or a missing reason (XX-12).
    """
    PRINT_PAPERS.reach(uow.actor.role)
    if not items:
        raise RuleBroken(NOTHING_TO_PRINT)
    limit = settings.value(uow, EXPORT_REASON_ROWS)
    if len(items) > limit and not reason.strip():
        raise RuleBroken(PRINT_REASON_MISSING.of(rows=limit))
    sheets: list[dict[str, Any]] = []
    for item in items:
        if item.paper_ref is not None:
            sheets.append({"paper": paper_by_ref(uow, item.paper_ref).id})
        else:
            load(item.form_id)
            data = None if item.data is None else checked(item.form_id, item.data, partial=True)
            sheets.append({"form": item.form_id, "data": data})
    payload = {"sheets": sheets, "title": title[:80], "by": uow.actor.name, "place": uow.actor.scope}
    ref = work.plan(uow, BATCH, payload, total=len(sheets))
    audit.record_access(uow, "print.requested", "print", None, row_count=len(sheets), reason=reason or title)
    return ref or ""
