"""서식: every official form of one's side, found, looked at, printed blank, begun; and the drafts of one's house."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext

from app.documents import gallery as forms_on_show
from app.documents.actions import BROWSE_FORMS, DROP_DRAFT, PRINT_PAPERS, START_PAPER
from app.documents.catalogue import Form, UnknownForm, load
from app.documents.draft_rows import count_drafts, drafts_in_reach
from app.documents.hooks import blank_data
from app.documents.previews import KINDS, Preview, preview_of
from app.documents.queries import papers_in_reach
from app.documents.rules import PaperState
from app.documents.rules.printing import EDITED_KINDS
from app.documents.service.drafts import BY_HAND, drop_draft, restore_draft, start_draft
from app.documents.service.printing import PrintItem, request_print
from app.documents.serving import send_file
from app.kernel import audit, navigation, web
from app.kernel.actor import OFFICERS, PLACE_STAFF
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.kernel.files import files
from app.kernel.submission import answered_at, submit_once

COPIES_MAX = 100
COPIES = Problem("print.copies", N_("부수는 1부터 {max}까지 숫자로 적어 주세요."), field="copies")
SHOWN_AFTER_DROP = timedelta(days=7)
FINISHED = frozenset({PaperState.TO_SIGN, PaperState.ISSUED, PaperState.VOID})

pages = web.tenant_blueprint("documents_gallery", __name__)
navigation.register(navigation.Entry("서식", "documents_gallery.gallery", PLACE_STAFF | OFFICERS, order=58))


@web.page(pages, "/forms", BROWSE_FORMS)
def gallery() -> Any:
    query = request.args.get("q", "")[: forms_on_show.QUERY_MAX]
    service = request.args.get("service", "")
    forms = _visible()
    services = {form.service: form.service_name for form in forms}
    chosen = [form for form in forms if service not in services or form.service == service]
    shelves = forms_on_show.shelves(forms_on_show.found(chosen, query))
    with web.unit() as uow:
        waiting = count_drafts(uow)
    return web.render(
        "documents/gallery/list.html",
        block="shelves",
        shelves=shelves,
        count=sum(len(shelf.forms) for shelf in shelves),
        services=services,
        service=service if service in services else "",
        query=query,
        waiting=waiting,
    )


def _visible() -> list[Form]:
    return forms_on_show.visible_forms(web.actor().role, g.tenant.services)


def _form(form_id: str) -> Form:
    """A form this person may see; NotFound for any other."""
    try:
        form = load(form_id)
    except UnknownForm:
        raise NotFound("form") from None
    if form not in _visible():
        raise NotFound("form")
    return form


@web.page(pages, "/forms/<form_id>", BROWSE_FORMS)
def entry(form_id: str) -> Any:
    return _entry_page(_form(form_id))


def _entry_page(form: Form, problems: tuple[Problem, ...] = (), status: int = 200) -> Any:
    kind = request.args.get("look", KINDS[0])
    kind = kind if kind in KINDS else KINDS[0]
    with web.unit() as uow:
        preview = preview_of(uow, form, kind)
    written_by, received_by = forms_on_show.route(form)
    return web.render(
        "documents/gallery/entry.html",
        block="look",
        form=form,
        occasion=forms_on_show.occasion(form),
        written_by=written_by,
        received_by=received_by,
        needs=forms_on_show.needs(form),
        signing=forms_on_show.signing_order(form),
        due=forms_on_show.in_korean(form.when),
        source=forms_on_show.in_korean(form.source),
        as_hangul=form.kind in EDITED_KINDS,
        fillable=forms_on_show.fillable(form, web.actor().role),
        kind=kind,
        preview=preview,
        problems=problems,
        posted=request.form,
        status=status,
    )


@web.page(pages, "/forms/<form_id>/look/<kind>/<int:number>", BROWSE_FORMS)
def look(form_id: str, kind: str, number: int) -> Any:
    """The picture of one page. It shows nothing of anybody: the form is blank or filled with invented people."""
    form, preview = _preview(form_id, kind)
    if not 1 <= number <= len(preview.pages):
        raise NotFound("page")
    return _file(preview.pages[number - 1], "image/png", f"{form.title} {number}.png")


@web.page(pages, "/forms/<form_id>/look/<kind>/pdf", BROWSE_FORMS)
def look_pdf(form_id: str, kind: str) -> Any:
    form, preview = _preview(form_id, kind)
    return _file(preview.pdf, "application/pdf", f"{form.title}.pdf")


def _preview(form_id: str, kind: str) -> tuple[Form, Preview]:
    form = _form(form_id)
    if kind not in KINDS:
        raise NotFound("preview")
    with web.unit() as uow:
        preview = preview_of(uow, form, kind)
    if not preview.ready:
        raise NotFound("preview")
    return form, preview


def _file(name: str, media_type: str, title: str) -> Any:
    try:
        return send_file(files().read(web.place(), name), media_type, title)
    except FileNotFoundError:
        raise NotFound("preview file") from None


@web.page(pages, "/forms/<form_id>/blank", PRINT_PAPERS, methods=["POST"])
def print_blank(form_id: str) -> Any:
    """n blank copies as one PDF."""
    form = _form(form_id)
    request_id, copies = request.form.get("request_id", ""), request.form.get("copies", 0, int)
    try:
        if not 1 <= copies <= COPIES_MAX:
            raise RuleBroken(COPIES.of(max=COPIES_MAX))
        with web.unit() as uow:
            submit_once(uow, request_id)
            title = gettext("빈 서식: %(title)s", title=form.title)
            item = PrintItem(form_id=form.id, data=blank_data(uow, form.id))
            run = request_print(uow, [item] * copies, title)
            target = url_for("documents_print.print_run", ref=run)
            answered_at(uow, request_id, target)
    except RuleBroken as refused:
        return _entry_page(form, refused.problems, 422)
    return web.see_other(target)


@web.page(pages, "/forms/<form_id>/start", START_PAPER, methods=["POST"])
def start(form_id: str) -> Any:
    """A new draft, with what is known already."""
    form, request_id = _form(form_id), request.form.get("request_id", "")
    try:
        with web.unit() as uow:
            submit_once(uow, request_id)
            target = url_for("documents_fill.fill", ref=start_draft(uow, form.id).ref)
            answered_at(uow, request_id, target)
    except RuleBroken as refused:
        return _entry_page(form, refused.problems, 422)
    return web.see_other(target)


@web.page(pages, "/drafts", BROWSE_FORMS)
def drafts() -> Any:
    """What one's own house has begun, and what it threw away lately."""
    with web.unit() as uow:
        rows = drafts_in_reach(uow, PaperState.DRAFT)
        dropped = drafts_in_reach(uow, PaperState.DROPPED, since=uow.now - SHOWN_AFTER_DROP)
        finished = papers_in_reach(uow, states=FINISHED, subject=BY_HAND, limit=50)
        audit.record_access(
            uow, "drafts.list", "paper", None, row_count=len(rows) + len(dropped) + len(finished)
        )
    return web.render("documents/gallery/drafts.html", rows=rows, dropped=dropped, finished=finished)


@web.page(pages, "/drafts/<ref>/drop", DROP_DRAFT, methods=["POST"])
def drop(ref: str) -> Any:
    return _moved(ref, drop_draft, gettext("서류를 버렸어요. 아래에서 되돌릴 수 있어요."))


@web.page(pages, "/drafts/<ref>/restore", DROP_DRAFT, methods=["POST"])
def restore(ref: str) -> Any:
    return _moved(ref, restore_draft, gettext("서류를 되돌렸어요. 이어서 쓸 수 있어요."))


def _moved(ref: str, command: Any, words: str) -> Any:
    try:
        with web.unit() as uow:
            command(uow, ref)
        flash(words, "success")
    except RuleBroken as refused:
        flash(web.sentence(refused.problems[0]), "warning")
    return web.see_other(url_for("documents_gallery.drafts"))
