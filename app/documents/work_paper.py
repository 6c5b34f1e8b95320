"""The worker makes the PDF of an issued paper: once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from app.documents.models import Paper
from app.documents.printer import the_renderer
from app.documents.rules import PaperState
from app.documents.sheets import sheet_of, stamp
from app.kernel import audit
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.files import files


def render_paper(tenant: TenantRef, work_id: int, payload: dict[str, Any]) -> dict[str, Any]:
    """Render an issued paper once, store it, note its hash. A second run finds it done."""
    with unit_of_work(tenant, SYSTEM) as uow:
        paper = uow.session.get_one(Paper, payload["paper"])
        if paper.pdf_sha256 is not None or paper.state != PaperState.ISSUED:
            return {"file": paper.pdf_sha256}
        footer = f"{paper.number} · {stamp(paper.issued_at or uow.now)} 발급"
        sheet = sheet_of(uow, paper, footer)
    with the_renderer() as renderer:
        content = renderer.pdf(
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
