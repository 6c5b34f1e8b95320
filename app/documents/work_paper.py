"""The worker makes the PDF of an issued paper, once: drawn, tidied, sealed, stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog

from app.documents.keys import CannotSeal, OpenKey, key_to_seal_with, still_seals
from app.documents.models import Paper
from app.documents.printer import the_renderer
from app.documents.rules import PaperState
from app.documents.sheets import sheet_of, stamp
from app.kernel import audit
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.files import files
from app.kernel.work import RetryLater
from app.tenancy.registry import registry

log = structlog.get_logger()
KEY_PAUSE = 6 * 3600
"""Seconds until a paper without a key asks again by itself; a new key wakes it at once."""
KEY_LOST = "전자직인 열쇠가 그사이 폐지되어 다음 열쇠를 기다립니다."


def render_paper(tenant: TenantRef, work_id: int, payload: dict[str, Any]) -> dict[str, Any]:
    """Make, seal and store the PDF; note its hash. A second run, and a second worker, find it done.

    While the municipality's key may not seal, the paper stays issued and waits (RetryLater).
    """
    with unit_of_work(tenant, SYSTEM) as uow:
        paper = uow.session.get_one(Paper, payload["paper"])
        if not _is_to_make(paper):
            return {"file": paper.pdf_sha256}
        try:
            key = key_to_seal_with(uow)
        except CannotSeal as reason:
            raise RetryLater(str(reason), KEY_PAUSE) from None
        when = uow.now
        footer = f"{paper.number} · {stamp(paper.issued_at or when)} 발급"
        sheet = sheet_of(uow, paper, footer)
    with the_renderer() as renderer:
        drawn = renderer.pdf(
            sheet.form_id,
            sheet.data,
            footer=sheet.footer,
            signatures=sheet.signatures,
            texts=sheet.texts,
            verify_url=sheet.verify_url,
        )
    content = _sealed(tenant, drawn, key, when)
    with unit_of_work(tenant, SYSTEM) as uow:
        return {"file": store_pdf(uow, payload["paper"], content, key)}


def _is_to_make(paper: Paper) -> bool:
    return paper.pdf_sha256 is None and paper.state == PaperState.ISSUED


def _sealed(tenant: TenantRef, drawn: bytes, key: OpenKey | None, when: datetime) -> bytes:
    """The final bytes. What a mistake of ours would break in PDF/A-3a is looked for here and told to the log."""
    from app.documents import conformity

    content = conformity.tidied(drawn)
    if key is not None:
        from app.documents.sealing import seal

        info = registry.find(tenant.slug)
        town = info.name if info else tenant.slug
        content = seal(
            content, private=key.private, certificates=key.certificates, where=town, who=town, when=when
        )
    if found := conformity.faults(content):
        log.warning("issued PDF is no PDF/A-3a", tenant=tenant.slug, faults=found)
    return content


def store_pdf(uow: UnitOfWork, paper_id: int, content: bytes, key: OpenKey | None) -> str | None:
    """The first to come stores; whoever comes second finds its file. A paper voided meanwhile gets none."""
    paper = uow.session.get_one(Paper, paper_id, with_for_update=True, populate_existing=True)
    if not _is_to_make(paper):
        return paper.pdf_sha256
    if key is not None and not still_seals(uow, key.id):
        raise RetryLater(KEY_LOST)
    paper.pdf_sha256 = files().put(uow.tenant, content)
    if key is not None:
        paper.key_id, paper.sealed_at = key.id, uow.now
    audit.record(
        uow,
        "paper.rendered",
        "paper",
        paper.id,
        diff={"key": [None, paper.key_id], "sha256": [None, paper.pdf_sha256]},
    )
    return paper.pdf_sha256
