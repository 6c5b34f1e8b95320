"""우리 아이: a parent's children, a new one, one that a centre registered, and one's own details."""

from __future__ import annotations

from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext
from sqlalchemy import select

from app.kernel import navigation, web
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import RuleBroken
from app.kernel.submission import answered_at, submit_once
from app.people.actions import ASK_LINK, MY_CHILDREN, REGISTER_OWN_CHILD
from app.people.forms import LinkForm, NewChildForm, OwnDetailsForm, chosen, show
from app.people.models import Guardian
from app.people.queries import children_of
from app.people.rules import ConsentKind, Relation
from app.people.service import (
    LikelyTwice,
    ask_link,
    consent_text,
    edit_own_details,
    link_requests,
    register_child,
)
from app.tenancy.models import Institution
from app.tenancy.rules import InstitutionKind

pages = web.tenant_blueprint("people_parent", __name__)
navigation.register(
    navigation.Entry("우리 아이", "people_parent.children", frozenset({Role.GUARDIAN}), order=30)
)


@web.page(pages, "/children", MY_CHILDREN)
def children() -> Any:
    with web.unit() as uow:
        rows = children_of(uow, uow.actor.guardian_id or 0)
        asked = link_requests(uow)
    return web.render("people/parent/children.html", rows=rows, asked=asked)


@web.page(pages, "/children/new", REGISTER_OWN_CHILD)
def new_child() -> Any:
    # where no service is for pupils alone, the child is more likely a small one
    schooling = "yes" if g.tenant.offers("KIUM") else "no"
    return _new_page(NewChildForm(formdata=None, schooling=schooling, disability="NONE"))


@web.page(pages, "/children/new", REGISTER_OWN_CHILD, methods=["POST"])
def add_child() -> Any:
    form = NewChildForm()
    if not form.validate():
        return _new_page(form, 422)
    request_id = request.form.get("request_id", "")
    try:
        with web.unit() as uow:
            submit_once(uow, request_id)
            child = register_child(
                uow, uow.actor.guardian_id or 0, form.child(), relation=form.kin(), consent=form.consent()
            )
            url = url_for("people.child", ref=child.ref)
            answered_at(uow, request_id, url)
    except LikelyTwice:
        return _new_page(form, 422, offer_link=True)
    except RuleBroken as refused:
        show(form, refused.problems)
        return _new_page(form, 422)
    flash(gettext("아이를 등록했어요. 남은 동의까지 하면 바로 예약할 수 있어요."), "success")
    return web.see_other(url)


def _new_page(form: NewChildForm, status: int = 200, *, offer_link: bool = False) -> Any:
    with web.unit() as uow:
        text = consent_text(uow, ConsentKind.PRIVACY)
    return web.render(
        "people/parent/new_child.html",
        f=form,
        text=text,
        offer_link=offer_link,
        request_id=request.form.get("request_id") or web.new_request_id(),
        status=status,
    )


@web.page(pages, "/children/link", ASK_LINK)
def link() -> Any:
    return _link_page(LinkForm(formdata=None))


@web.page(pages, "/children/link", ASK_LINK, methods=["POST"])
def send_link() -> Any:
    form = LinkForm()
    with web.unit() as uow:
        form.centre.choices = _centres(uow)
    if not form.validate() or form.birth_date.data is None:
        return _link_page(form, 422)
    request_id = request.form.get("request_id", "")
    url = url_for("people_parent.children")
    try:
        with web.unit() as uow:
            submit_once(uow, request_id)
            ask_link(
                uow,
                child_name=form.child_name.data or "",
                birth_date=form.birth_date.data,
                relation=chosen(Relation, form.relation.data),
                centre_ref=form.centre.data or "",
            )
            answered_at(uow, request_id, url)
    except RuleBroken as refused:
        show(form, refused.problems)
        return _link_page(form, 422)
    flash(gettext("센터에 확인을 요청했어요. 확인되면 문자로 알려 드려요."), "success")
    return web.see_other(url)


def _link_page(form: LinkForm, status: int = 200) -> Any:
    with web.unit() as uow:
        form.centre.choices = _centres(uow)
    return web.render(
        "people/parent/link.html",
        f=form,
        request_id=request.form.get("request_id") or web.new_request_id(),
        status=status,
    )


def _centres(uow: UnitOfWork) -> list[tuple[str, str]]:
    rows = uow.session.execute(
        select(Institution.ref, Institution.name)
        .where(Institution.kind == InstitutionKind.KIUM_CENTRE, Institution.active)
        .order_by(Institution.name)
    )
    return [("", gettext("센터를 골라 주세요")), *((ref, name) for ref, name in rows)]


@web.page(pages, "/me", MY_CHILDREN)
def me() -> Any:
    with web.unit() as uow:
        row = uow.session.get_one(Guardian, uow.actor.guardian_id or 0)
    return _me_page(OwnDetailsForm(formdata=None, obj=row), row)


@web.page(pages, "/me", MY_CHILDREN, methods=["POST"])
def save_me() -> Any:
    form = OwnDetailsForm()
    try:
        with web.unit() as uow:
            edit_own_details(
                uow,
                version=request.form.get("version", 0, int),
                email=form.email.data or "",
                address=form.address.data or "",
                workplace=form.workplace.data or "",
            )
    except RuleBroken as refused:
        show(form, refused.problems)
        with web.unit() as uow:
            return _me_page(form, uow.session.get_one(Guardian, uow.actor.guardian_id or 0), 422)
    flash(gettext("내 정보를 저장했어요."), "success")
    return web.see_other(url_for("people_parent.me"))


def _me_page(form: OwnDetailsForm, row: Guardian, status: int = 200) -> Any:
    return web.render("people/parent/me.html", f=form, row=row, status=status)
