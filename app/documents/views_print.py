"""출력: many papers as one file, made by the worker; how far it is, what was left out, until when it waits (XX-12)."""

from __future__ import annotations

import time
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext

from app.documents.actions import PRINT_PAPERS
from app.documents.catalogue import all_forms
from app.documents.hooks import blank_data
from app.documents.parameters import PRINT_MOST
from app.documents.print_choice import asked_masked, asked_way
from app.documents.print_runs import PrintRun, own_run, own_runs
from app.documents.queries import papers_in_reach
from app.documents.service.printing import PrintItem, cancel_print, request_print
from app.documents.serving import send_file
from app.documents.views_staff import asked_papers, papers_page
from app.kernel import audit, web
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.files import files
from app.kernel.submission import answered_at, submit_once
from app.tenancy import settings

WAIT_SECONDS = 2.0
LOOK_EVERY = 0.2
MEDIA = {"pdf": "application/pdf", "zip": "application/zip", "hwpx": "application/hwp+zip"}

pages = web.tenant_blueprint("documents_print", __name__)


@web.page(pages, "/desk/prints", PRINT_PAPERS)
def prints() -> Any:
    with web.unit() as uow:
        runs = own_runs(uow)
    return web.render("documents/staff/prints.html", runs=runs)


@web.page(pages, "/desk/prints", PRINT_PAPERS, methods=["POST"])
def start_print() -> Any:
    """The ticked papers or the whole list as it is filtered, and a blank copy of a form, as one file."""
    posted = request.form
    items = [PrintItem(ref) for ref in (_all_refs() if posted.get("all") else posted.getlist("pick"))]
    blank = posted.get("blank", "")
    if blank and blank not in {form.id for form in all_forms()}:
        raise NotFound("form")
    request_id = posted.get("request_id", "")
    try:
        with web.unit() as uow:
            submit_once(uow, request_id)
            if blank:
                items.append(PrintItem(form_id=blank, data=blank_data(uow, blank)))
            title, reason = gettext("서류 출력"), posted.get("reason", "")
            ref = request_print(uow, items, title, reason=reason, print_as=asked_way(), masked=asked_masked())
            answered_at(uow, request_id, url_for("documents_print.print_run", ref=ref))
    except RuleBroken as refused:
        return papers_page(refused.problems, 422)
    return web.see_other(url_for("documents_print.print_run", ref=ref))


def _all_refs() -> list[str]:
    """Every paper of the list, not only those the page has room for; one too many says that there are too many."""
    states, form_id = asked_papers()
    with web.unit() as uow:
        most = settings.value(uow, PRINT_MOST)
        return [row.ref for row in papers_in_reach(uow, states=states, form_id=form_id, limit=most + 1)]


@web.page(pages, "/desk/prints/<ref>", PRINT_PAPERS)
def print_run(ref: str) -> Any:
    """Waits a moment for a short run, so that one sheet needs no second look; then the page asks by itself."""
    run = _look(ref)
    end = time.monotonic() + (0 if web.htmx else WAIT_SECONDS)
    while run.under_way and time.monotonic() < end:
        time.sleep(LOOK_EVERY)
        run = _look(ref)
    return _run_page(run)


def _run_page(run: PrintRun, problems: Any = (), status: int = 200) -> Any:
    return web.render(
        "documents/staff/print.html", block="progress", run=run, problems=problems, status=status
    )


def _look(ref: str) -> PrintRun:
    with web.unit() as uow:
        return own_run(uow, ref)


@web.page(pages, "/desk/prints/<ref>/cancel", PRINT_PAPERS, methods=["POST"])
def cancel(ref: str) -> Any:
    try:
        with web.unit() as uow:
            cancel_print(uow, ref)
    except RuleBroken as refused:
        return _run_page(_look(ref), refused.problems, 422)
    flash(gettext("출력을 취소했어요."), "success")
    return web.see_other(url_for("documents_print.print_run", ref=ref))


@web.page(pages, "/desk/prints/<ref>/file", PRINT_PAPERS)
def print_file(ref: str) -> Any:
    with web.unit() as uow:
        run = own_run(uow, ref)
        if not run.file:
            raise NotFound("print file")
        audit.record_access(uow, "print.download", "print", run.id, row_count=run.made, reason=run.title)
        try:
            content = files().read(uow.tenant, run.file)
        except FileNotFoundError:
            raise NotFound("print file") from None
    return send_file(content, MEDIA[run.ending], f"{run.title} {run.ref}.{run.ending}")
