"""The wording of consents and pledges: a municipality puts its official words in place of the form's."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

from flask import request, url_for

from app.documents.actions import PUBLISH_TEXT
from app.documents.catalogue import UnknownForm, all_forms, load
from app.documents.proposing import proposals, propose_text
from app.documents.reading import text_names
from app.documents.rules import TEXT_IN_THE_PAST
from app.documents.wording import current_text, text_kind, texts_of
from app.kernel import navigation, web
from app.kernel.actor import Role
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.ranges import parse_day

WAIT_SECONDS = 2.0
LOOK_EVERY = 0.2

pages = web.tenant_blueprint("documents_officer", __name__)
navigation.register(
    navigation.Entry(
        "동의서 문구", "documents_officer.texts", frozenset({Role.SEOUL_ADMIN, Role.CITY_OFFICER}), order=70
    )
)


@web.page(pages, "/office/texts", PUBLISH_TEXT)
def texts() -> Any:
    forms = [form for form in all_forms() if form.texts]
    return web.render("documents/officer/texts.html", forms=forms)


@web.page(pages, "/office/texts/<form_id>", PUBLISH_TEXT)
def form_texts(form_id: str) -> Any:
    """After a wording was proposed (``key``) the page waits a moment for the answer, then it asks by itself."""
    key, end = request.args.get("key", ""), time.monotonic() + WAIT_SECONDS
    while key and not web.htmx and _under_way(form_id, key) and time.monotonic() < end:
        time.sleep(LOOK_EVERY)
    return _page(form_id, shown=key)


def _under_way(form_id: str, key: str) -> bool:
    with web.unit() as uow:
        found = proposals(uow, form_id).get(key)
    return found is not None and found.under_way


@web.page(pages, "/office/texts/<form_id>/<key>", PUBLISH_TEXT, methods=["POST"])
def publish(form_id: str, key: str) -> Any:
    try:
        with web.unit() as uow:
            current_text(uow, text_kind(form_id, key))
            propose_text(uow, text_kind(form_id, key), request.form.get("body", ""), _day())
    except RuleBroken as refused:
        return _page(form_id, key, refused.problems, 422)
    return web.see_other(url_for("documents_officer.form_texts", form_id=form_id, key=key))


def _day() -> date:
    try:
        return parse_day(request.form.get("effective_from", ""))
    except ValueError:
        raise RuleBroken(TEXT_IN_THE_PAST) from None


def _page(form_id: str, key: str = "", problems: Any = (), status: int = 200, *, shown: str = "") -> Any:
    """``key``: the text whose new wording was refused at once; ``shown``: the one that was proposed a moment ago."""
    try:
        form = load(form_id)
    except UnknownForm:
        raise NotFound("form") from None
    with web.unit() as uow:
        rows = texts_of(uow, form_id)
        proposed = proposals(uow, form_id)
        today = uow.today
    return web.render(
        "documents/officer/form_texts.html",
        block="texts",
        form=form,
        rows=rows,
        names=text_names(form),
        today=today,
        proposed=proposed,
        refused=key,
        shown=shown if shown in rows else "",
        problems=problems,
        posted=request.form,
        status=status,
    )
