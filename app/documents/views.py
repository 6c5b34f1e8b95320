"""One paper, for the family and the centre alike: read it, fill it in, take its PDF home."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext

from app.documents.actions import OPEN_PAPER, PRINT_PAPERS
from app.documents.catalogue import load
from app.documents.issued import issue_facts
from app.documents.models import Paper, Upload
from app.documents.queries import paper_by_ref, signatures_of
from app.documents.reading import reading_of
from app.documents.rules import PaperState, SignatureMethod
from app.documents.rules.printing import EDITED_KINDS
from app.documents.serving import send_file
from app.documents.signers import pad_in_place, signers_of
from app.documents.uploads import open_upload
from app.kernel import audit, web
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem
from app.kernel.files import files

pages = web.tenant_blueprint("documents", __name__)
METHODS = {method.value: method.label for method in SignatureMethod}


def layout() -> str:
    """The frame of a page that several audiences share."""
    return "layouts/staff.html" if web.actor().is_staff else "layouts/parent.html"


@web.page(pages, "/papers/<ref>", OPEN_PAPER)
def paper(ref: str) -> Any:
    return paper_page(ref)


def paper_page(ref: str, problems: Sequence[Problem] = (), status: int = 200) -> Any:
    with web.unit() as uow:
        row = paper_by_ref(uow, ref)
        audit.record_access(uow, "paper.read", "paper", row.id)
        context = _paper_context(uow, row)
    return web.render(
        "documents/shared/paper.html",
        layout=layout(),
        problems=problems,
        posted=request.form,
        status=status,
        **context,
    )


def _paper_context(uow: UnitOfWork, row: Paper) -> dict[str, Any]:
    signers = signers_of(uow, row)
    return {
        "paper": row,
        "state": PaperState(row.state),
        "parts": reading_of(uow, row),
        "signers": signers,
        "pad": pad_in_place(signers),
        "methods": METHODS,
        "family": uow.actor.role is Role.GUARDIAN,
        "issue": issue_facts(uow, row),
        "prints": PRINT_PAPERS.allows(uow.actor.role),
        "as_hangul": load(row.form_id).kind in EDITED_KINDS,
    }


@web.page(pages, "/papers/<ref>/pdf", OPEN_PAPER)
def pdf(ref: str) -> Any:
    """The finished PDF; while the worker still makes it, the page says so."""
    with web.unit() as uow:
        row = paper_by_ref(uow, ref)
        if row.pdf_sha256 is None:
            flash(gettext("PDF를 만들고 있어요. 잠시 뒤에 다시 눌러 주세요."))
            return web.see_other(url_for("documents.paper", ref=ref))
        audit.record_access(uow, "paper.download", "paper", row.id)
        try:
            content = files().read(uow.tenant, row.pdf_sha256)
        except FileNotFoundError:
            raise NotFound("paper file") from None
    void = f"[{PaperState.VOID.label}] " if row.state == PaperState.VOID else ""
    return send_file(content, "application/pdf", f"{void}{row.title} {row.number}.pdf")


@web.page(pages, "/papers/<ref>/scan/<field>", OPEN_PAPER)
def scan(ref: str, field: str) -> Any:
    """The scanned sheet behind a signature."""
    with web.unit() as uow:
        row = paper_by_ref(uow, ref)
        found = next((s for s in signatures_of(uow, row.id) if s.field == field and s.upload_id), None)
        if found is None:
            raise NotFound("scan")
        upload, content = open_upload(uow, uow.session.get_one(Upload, found.upload_id).ref)
    return send_file(content, upload.media_type, upload.name)
