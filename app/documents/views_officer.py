"""The wording of consents and pledges: a municipality puts its official words in place of the form's."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext

from app.documents.actions import PUBLISH_TEXT
from app.documents.catalogue import UnknownForm, all_forms, load
from app.documents.rules import TEXT_IN_THE_PAST
from app.documents.wording import current_text, publish_text, text_kind, texts_of
from app.kernel import navigation, web
from app.kernel.actor import Role
from app.kernel.errors import NotFound, RuleBroken

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
    return _page(form_id)


@web.page(pages, "/office/texts/<form_id>/<key>", PUBLISH_TEXT, methods=["POST"])
def publish(form_id: str, key: str) -> Any:
    try:
        with web.unit() as uow:
            current_text(uow, text_kind(form_id, key))
            publish_text(uow, text_kind(form_id, key), request.form.get("body", ""), _day())
    except RuleBroken as refused:
        return _page(form_id, key, refused.problems, 422)
    flash(gettext("새 문구를 게시했어요. 적용일부터 새로 동의를 받아요."), "success")
    return web.see_other(url_for("documents_officer.form_texts", form_id=form_id))


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("effective_from", ""))
    except ValueError:
        raise RuleBroken(TEXT_IN_THE_PAST) from None


def _page(form_id: str, key: str = "", problems: Any = (), status: int = 200) -> Any:
    try:
        form = load(form_id)
    except UnknownForm:
        raise NotFound("form") from None
    with web.unit() as uow:
        rows = texts_of(uow, form_id)
        today = uow.today
    return web.render(
        "documents/officer/form_texts.html",
        form=form,
        rows=rows,
        today=today,
        refused=key,
        problems=problems,
        posted=request.form,
        status=status,
    )
