"""The centre's papers: scans on behalf, originals to give back, printing many as one PDF."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext

from app.documents.actions import (
    PRINT_PAPERS,
    READ_PAPERS,
    RETURN_ORIGINAL,
    SCAN_PAPER,
    VOID_PAPER,
)
from app.documents.catalogue import all_forms
from app.documents.queries import own_prints, own_work, papers_in_reach
from app.documents.rules import PaperState
from app.documents.service.issuing import void_paper
from app.documents.service.printing import BATCH, PrintItem, request_print
from app.documents.service.signing import Scan, sign_paper
from app.documents.serving import send_file
from app.documents.uploads import originals_to_return, return_original
from app.documents.views import paper_page
from app.kernel import audit, navigation, web
from app.kernel.actor import CENTRE_STAFF
from app.kernel.errors import NotFound, Problem, RuleBroken
from app.kernel.files import files
from app.kernel.submission import answered_at, submit_once
from app.kernel.work import Work, WorkState

WAIT_SECONDS = 2.0
LOOK_EVERY = 0.2

pages = web.tenant_blueprint("documents_staff", __name__)
navigation.register(navigation.Entry("서류·출력", "documents_staff.papers", CENTRE_STAFF, order=60))


@web.page(pages, "/desk/papers", READ_PAPERS)
def papers() -> Any:
    return _papers_page()


def _papers_page(problems: Sequence[Problem] = (), status: int = 200) -> Any:
    chosen = request.args.get("state", "")
    states = frozenset({PaperState(chosen)}) if chosen in set(PaperState) else None
    form_id = request.args.get("form", "")
    with web.unit() as uow:
        rows = papers_in_reach(uow, states=states, form_id=form_id or None)
        audit.record_access(uow, "papers.list", "paper", None, row_count=len(rows))
        late = len(originals_to_return(uow, uow.actor.scope or 0, only_late=True))
    return web.render(
        "documents/staff/papers.html",
        block="rows",
        rows=rows,
        states=list(PaperState),
        state=chosen,
        forms=all_forms(),
        form_id=form_id,
        late=late,
        problems=problems,
        posted=request.form,
        status=status,
    )


@web.page(pages, "/desk/papers/<ref>/scan/<field>", SCAN_PAPER, methods=["POST"])
def add_scan(ref: str, field: str) -> Any:
    """A sheet that was signed by hand: on behalf of the one who signed it."""
    file = request.files.get("file")
    scan = Scan(file.filename or "", file.read()) if file is not None else Scan("", b"")
    try:
        with web.unit() as uow:
            sign_paper(uow, ref, field, signer=request.form.get("signer", ""), scan=scan)
    except RuleBroken as refused:
        return paper_page(ref, refused.problems, 422)
    flash(gettext("스캔한 서류를 올렸어요. 원본은 보호자에게 돌려주세요."), "success")
    return web.see_other(url_for("documents.paper", ref=ref))


@web.page(pages, "/desk/papers/<ref>/void", VOID_PAPER, methods=["POST"])
def void(ref: str) -> Any:
    try:
        with web.unit() as uow:
            void_paper(uow, ref, request.form.get("reason", ""))
    except RuleBroken as refused:
        return paper_page(ref, refused.problems, 422)
    flash(gettext("서류를 무효로 처리했어요."), "success")
    return web.see_other(url_for("documents.paper", ref=ref))


@web.page(pages, "/desk/originals", RETURN_ORIGINAL)
def originals() -> Any:
    with web.unit() as uow:
        rows = originals_to_return(uow, uow.actor.scope or 0)
    return web.render("documents/staff/originals.html", block="rows", rows=rows)


@web.page(pages, "/desk/originals/<ref>", RETURN_ORIGINAL, methods=["POST"])
def returned(ref: str) -> Any:
    with web.unit() as uow:
        return_original(uow, ref)
    flash(gettext("원본을 돌려준 것으로 적었어요."), "success")
    return web.see_other(url_for("documents_staff.originals"))


@web.page(pages, "/desk/prints", PRINT_PAPERS)
def prints() -> Any:
    with web.unit() as uow:
        runs = own_prints(uow, BATCH)
    return web.render("documents/staff/prints.html", runs=runs)


@web.page(pages, "/desk/prints", PRINT_PAPERS, methods=["POST"])
def start_print() -> Any:
    """The ticked papers, and blank copies of a form, as one PDF."""
    posted = request.form
    items = [PrintItem(ref) for ref in posted.getlist("pick")]
    if blank := posted.get("blank", ""):
        known = {form.id for form in all_forms()}
        if blank not in known:
            raise NotFound("form")
        items.append(PrintItem(form_id=blank))
    request_id = posted.get("request_id", "")
    try:
        with web.unit() as uow:
            submit_once(uow, request_id)
            ref = request_print(uow, items, gettext("서류 출력"), reason=posted.get("reason", ""))
            answered_at(uow, request_id, url_for("documents_staff.print_run", ref=ref))
    except RuleBroken as refused:
        return _papers_page(refused.problems, 422)
    return web.see_other(url_for("documents_staff.print_run", ref=ref))


@web.page(pages, "/desk/prints/<ref>", PRINT_PAPERS)
def print_run(ref: str) -> Any:
    """Waits a moment for a short run, so that one sheet needs no second look; then the page asks by itself."""
    work = _look(ref)
    end = time.monotonic() + (0 if web.htmx else WAIT_SECONDS)
    while work.state in (WorkState.PENDING, WorkState.RUNNING) and time.monotonic() < end:
        time.sleep(LOOK_EVERY)
        work = _look(ref)
    return web.render(
        "documents/staff/print.html", block="progress", work=work, done=work.state == WorkState.DONE
    )


def _look(ref: str) -> Work:
    with web.unit() as uow:
        return own_work(uow, ref, BATCH)


@web.page(pages, "/desk/prints/<ref>/file", PRINT_PAPERS)
def print_file(ref: str) -> Any:
    with web.unit() as uow:
        work = own_work(uow, ref, BATCH)
        if work.state != WorkState.DONE:
            raise NotFound("print file")
        audit.record_access(
            uow, "print.download", "print", work.id, row_count=work.total, reason=work.payload.get("title")
        )
        try:
            content = files().read(uow.tenant, work.result["file"])
        except FileNotFoundError:
            raise NotFound("print file") from None
    return send_file(content, "application/pdf", f"{work.payload.get('title', '출력')} {work.ref}.pdf")
