"""What the worker does for papers. The renderer is imported inside the functions: web processes never load it."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from app.documents.models import Paper, Signature, Upload
from app.documents.rules import PaperState
from app.documents.service.issuing import RENDER
from app.documents.service.printing import BATCH
from app.documents.wording import bodies
from app.kernel import audit
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.files import files
from app.kernel.ranges import kst_date
from app.kernel.texts import clock_text, dotted
from app.kernel.work import Work, WorkKind

if TYPE_CHECKING:
    from app.documents.render import Renderer, Sheet

TO_SIGN_MARK = "서명용"
_renderer: Renderer | None = None
_one_at_a_time = threading.Lock()


def _the_renderer() -> Renderer:
    """One per worker process: reading fonts and style sheet costs as much as a page."""
    global _renderer
    if _renderer is None:
        from app.documents.render import Renderer

        _renderer = Renderer()
    return _renderer


@atexit.register
def _forget_renderer() -> None:
    """Its fonts want to be freed while the interpreter still stands."""
    global _renderer
    _renderer = None


def render_paper(tenant: TenantRef, work_id: int, payload: dict[str, Any]) -> dict[str, Any]:
    """Render an issued paper once, store it, note its hash. A second run finds it done."""
    with unit_of_work(tenant, SYSTEM) as uow:
        paper = uow.session.get_one(Paper, payload["paper"])
        if paper.pdf_sha256 is not None or paper.state != PaperState.ISSUED:
            return {"file": paper.pdf_sha256}
        footer = f"{paper.number} · {_stamp(paper.issued_at or uow.now)} 발급"
        sheet = _sheet(uow, paper, footer)
    with _one_at_a_time:
        content = _the_renderer().pdf(
            sheet.form_id, sheet.data, footer=sheet.footer, signatures=sheet.signatures, texts=sheet.texts
        )
    with unit_of_work(tenant, SYSTEM) as uow:
        name = files().put(tenant, content)
        uow.session.execute(
            update(Paper)
            .where(Paper.id == payload["paper"], Paper.pdf_sha256.is_(None))
            .values(pdf_sha256=name)
        )
        audit.record(uow, "paper.rendered", "paper", payload["paper"])
    return {"file": name}


def print_batch(tenant: TenantRef, work_id: int, payload: dict[str, Any]) -> dict[str, Any]:
    """Many sheets into one PDF; progress stands in the work row while it is made."""
    with unit_of_work(tenant, SYSTEM) as uow:
        footer = f"{payload['by']} · {_stamp(uow.now)} 출력"
        sheets = list(_sheets(uow, payload["sheets"], footer))
    with _one_at_a_time:
        content = _the_renderer().batch(sheets, on_progress=_progress(tenant, work_id))
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
            yield _sheet(uow, uow.session.get_one(Paper, item["paper"]), footer)
        else:
            yield Sheet(item["form"], item["data"], None, footer)


def _sheet(uow: UnitOfWork, paper: Paper, footer: str) -> Sheet:
    from app.documents.render import Sheet

    mark = {PaperState.ISSUED: None, PaperState.VOID: PaperState.VOID.label}.get(
        PaperState(paper.state), TO_SIGN_MARK
    )
    line = footer if paper.number is None or paper.number in footer else f"{paper.number} · {footer}"
    return Sheet(
        paper.form_id,
        paper.data,
        mark,
        line,
        _signatures(uow, paper),
        bodies(uow, paper.form_id, paper.texts),
    )


def _signatures(uow: UnitOfWork, paper: Paper) -> dict[str, Any]:
    """What is drawn in each place: strokes, a typed name, or for a scan the words that the original is kept."""
    from app.documents.catalogue import load

    drawn: dict[str, Any] = {}
    for row in uow.session.scalars(select(Signature).where(Signature.paper_id == paper.id)):
        drawn[row.field] = row.strokes or (f"{row.signer} (서면)" if row.method == "SCAN" else row.signer)
    seals = [place.name for place in load(paper.form_id).signatures if place.type == "seal"]
    if seals and (picture := _seal(uow, paper.institution_id)):
        drawn.update(dict.fromkeys(seals, picture))
    return drawn


def _seal(uow: UnitOfWork, institution_id: int | None) -> bytes | None:
    """The picture of the institution's seal, if one was handed in (kind ``seal``)."""
    row = uow.session.scalars(
        select(Upload)
        .where(
            Upload.owner == "institution",
            Upload.owner_id == institution_id,
            Upload.kind == "seal",
            Upload.media_type.in_(["image/png", "image/jpeg"]),
            Upload.purged_at.is_(None),
        )
        .order_by(Upload.id.desc())
        .limit(1)
    ).first()
    return files().read(uow.tenant, row.sha256) if row is not None else None


def _progress(tenant: TenantRef, work_id: int) -> Callable[[int], None]:
    """Writes how many sheets are laid out, in steps, each in its own short transaction."""

    def note(done: int) -> None:
        if done % 10 == 0:
            with unit_of_work(tenant, SYSTEM) as uow:
                uow.session.execute(update(Work).where(Work.id == work_id).values(progress=done))

    return note


def _stamp(moment: datetime) -> str:
    return f"{dotted(kst_date(moment))} {clock_text(moment)}"


WORK = (WorkKind(RENDER, render_paper), WorkKind(BATCH, print_batch))
