"""The worker makes one PDF of many sheets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from app.documents.models import Paper
from app.documents.printer import the_renderer
from app.documents.sheets import sheet_of, stamp
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.files import files
from app.kernel.work import Work

if TYPE_CHECKING:
    from app.documents.render import Sheet


def print_batch(tenant: TenantRef, work_id: int, payload: dict[str, Any]) -> dict[str, Any]:
    """Many sheets into one PDF; progress stands in the work row while it is made."""
    with unit_of_work(tenant, SYSTEM) as uow:
        footer = f"{payload['by']} · {stamp(uow.now)} 출력"
        sheets = list(_sheets(uow, payload["sheets"], footer))
    with the_renderer() as renderer:
        content = renderer.batch(sheets, on_progress=_progress(tenant, work_id))
    with unit_of_work(tenant, SYSTEM) as uow:
        name = files().put(tenant, content)
        # The filled data has done its work; what stays is the PDF.
        uow.session.execute(
            update(Work).where(Work.id == work_id).values(payload={**payload, "sheets": len(sheets)})
        )
    return {"file": name, "rows": len(sheets)}


def _sheets(uow: UnitOfWork, items: list[dict[str, Any]], footer: str) -> Iterator[Sheet]:
    from app.documents.render import Sheet

    for item in items:
        if "paper" in item:
            yield sheet_of(uow, uow.session.get_one(Paper, item["paper"]), footer)
        else:
            yield Sheet(item["form"], item["data"], None, footer)


def _progress(tenant: TenantRef, work_id: int) -> Callable[[int], None]:
    """Writes how many sheets are laid out, in steps, each in its own short transaction."""

    def note(done: int) -> None:
        if done % 10 == 0:
            with unit_of_work(tenant, SYSTEM) as uow:
                uow.session.execute(update(Work).where(Work.id == work_id).values(progress=done))

    return note
