"""One paper, for the family and the centre alike: read it, fill it in, sign it, take its PDF home."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext

from app.documents import filling
from app.documents.actions import FILL_PAPER, OPEN_PAPER, SIGN_PAPER
from app.documents.catalogue import load
from app.documents.filetypes import ACCEPT
from app.documents.models import Paper, Upload
from app.documents.queries import paper_by_ref, signatures_of
from app.documents.reading import read_paper
from app.documents.rules import (
    BAD_STROKES,
    PaperState,
    SignatureMethod,
    is_family_place,
)
from app.documents.service.preparing import complete_paper
from app.documents.service.signing import sign_paper
from app.documents.serving import send_file
from app.documents.uploads import open_upload
from app.documents.wording import bodies, heading
from app.kernel import audit, web
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem, RuleBroken
from app.kernel.files import files

pages = web.tenant_blueprint("documents", __name__)


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
        accept=ACCEPT,
        status=status,
        **context,
    )


def _paper_context(uow: UnitOfWork, row: Paper) -> dict[str, Any]:
    form = load(row.form_id)
    done = {signature.field: signature for signature in signatures_of(uow, row.id)}
    family = uow.actor.role is Role.GUARDIAN
    places = [place for place in form.signatures if place.type == "signature"]
    open_places = [place for place in places if place.name not in done and row.state == PaperState.TO_SIGN]
    return {
        "paper": row,
        "state": PaperState(row.state),
        "parts": read_paper(form, row.data),
        "texts": _words(uow, row),
        "signatures": [(place, done.get(place.name)) for place in places],
        "methods": {method.value: method.label for method in SignatureMethod},
        "mine": [place for place in open_places if is_family_place(place.name) == family],
        "to_scan": [] if family else open_places,
        "family": family,
    }


def _words(uow: UnitOfWork, row: Paper) -> list[tuple[str, str]]:
    """(heading, words) of the wording shown, in the form's order."""
    form, shown = load(row.form_id), bodies(uow, row.form_id, row.texts)
    return [(heading(key), shown[key]) for key in form.texts if key in shown]


@web.page(pages, "/papers/<ref>/sign/<field>", SIGN_PAPER, methods=["POST"])
def sign(ref: str, field: str) -> Any:
    posted = request.form
    try:
        with web.unit() as uow:
            done = sign_paper(
                uow,
                ref,
                field,
                signer=posted.get("signer", ""),
                strokes=_strokes(posted.get("strokes", "")),
                typed=posted.get("typed", ""),
                seen=posted.get("seen"),
            )
    except RuleBroken as refused:
        return paper_page(ref, refused.problems, 422)
    if done.state == PaperState.ISSUED:
        flash(gettext("서명했어요. 서류가 완성되었어요."), "success")
    else:
        flash(gettext("서명했어요. 다른 분의 서명을 기다리고 있어요."), "success")
    return web.see_other(url_for("documents.paper", ref=ref))


def _strokes(text: str) -> Any:
    """What the pad sent; RuleBroken when it is no JSON at all."""
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise RuleBroken(BAD_STROKES) from None


@web.page(pages, "/papers/<ref>/fill", FILL_PAPER)
def fill(ref: str) -> Any:
    with web.unit() as uow:
        row = paper_by_ref(uow, ref)
    if row.state != PaperState.DRAFT:
        return web.see_other(url_for("documents.paper", ref=ref))
    return _fill_page(row, row.data)


@web.page(pages, "/papers/<ref>/fill", FILL_PAPER, methods=["POST"])
def save(ref: str) -> Any:
    with web.unit() as uow:
        row = paper_by_ref(uow, ref)
    data = filling.posted_data(load(row.form_id), request.form)
    try:
        with web.unit() as uow:
            complete_paper(uow, ref, data, version=request.form.get("version", 0, int))
    except RuleBroken as refused:
        return _fill_page(row, {**row.data, **data}, refused.problems, 422)
    return web.see_other(url_for("documents.paper", ref=ref))


def _fill_page(row: Paper, data: dict[str, Any], problems: Sequence[Problem] = (), status: int = 200) -> Any:
    return web.render(
        "documents/shared/fill.html",
        layout=layout(),
        paper=row,
        sections=filling.asked(load(row.form_id)),
        data=data,
        filling=filling,
        problems=problems,
        errors={problem.field: web.sentence(problem) for problem in problems},
        status=status,
    )


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
    return send_file(content, "application/pdf", f"{row.title} {row.number}.pdf")


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
