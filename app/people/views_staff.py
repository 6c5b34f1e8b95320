"""이용자: finding and registering families by telephone or visit, checking evidence, confirming links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext

from app.kernel import audit, navigation, web
from app.kernel.actor import CENTRE_STAFF
from app.kernel.errors import Problem, RuleBroken, StaleVersion
from app.kernel.submission import answered_at, submit_once
from app.people.actions import (
    DECIDE_LINK,
    FAMILY_DESK,
    READ_CHILD,
    SEARCH_CHILDREN,
    VERIFY_EVIDENCE,
)
from app.people.forms import CorrectGuardianForm, NewFamilyForm, SearchForm, chosen, show
from app.people.models import Guardian
from app.people.queries import ChildRow, FoundChild, child_row, find_children, guardian_for
from app.people.rules import Channel, ConsentKind
from app.people.service import (
    LikelyTwice,
    SearchWords,
    consent_text,
    correct_guardian,
    evidence_to_verify,
    invite_guardian,
    link_requests,
    open_contacts,
    register_family,
    reject_evidence,
    search_children,
    take_on_child,
    verify_evidence,
)

pages = web.tenant_blueprint("people_staff", __name__)
navigation.register(navigation.Entry("이용자", "people_staff.search", CENTRE_STAFF, order=40))


def tabs(active: str) -> list[dict[str, object]]:
    """The room's pages, for the head of each."""
    entries = (
        ("search", gettext("이용자 찾기")),
        ("evidence", gettext("증빙서류 확인")),
        ("links", gettext("아이 연결 확인")),
    )
    return [
        {"label": label, "url": url_for(f"people_staff.{name}"), "active": name == active}
        for name, label in entries
    ]


@web.page(pages, "/users", SEARCH_CHILDREN)
def search() -> Any:
    return _search_page(SearchForm(formdata=None), None)


@web.page(pages, "/users", SEARCH_CHILDREN, methods=["POST"])
def found() -> Any:
    """By POST: no name and no number ever stands in an address or a log."""
    form = SearchForm()
    if not form.validate():
        return _search_page(form, None, 422)
    words = SearchWords(form.name.data or "", form.phone_tail.data or "", form.birth_date.data)
    try:
        with web.unit() as uow:
            rows = search_children(uow, words)
    except RuleBroken as refused:
        show(form, refused.problems)
        return _search_page(form, None, 422)
    return _search_page(form, rows)


def _search_page(form: SearchForm, rows: Sequence[FoundChild] | None, status: int = 200) -> Any:
    return web.render(
        "people/staff/search.html", block="rows", f=form, rows=rows, tabs=tabs("search"), status=status
    )


@web.page(pages, "/users/new", FAMILY_DESK)
def new_family() -> Any:
    return _new_page(NewFamilyForm(formdata=None, channel="PHONE", consent_by="PHONE", schooling="yes"))


@web.page(pages, "/users/new", FAMILY_DESK, methods=["POST"])
def add_family() -> Any:
    form = NewFamilyForm()
    if not form.validate():
        return _new_page(form, 422)
    if known := request.form.get("use", ""):
        return _take_on(known, form)
    request_id = request.form.get("request_id", "")
    try:
        with web.unit() as uow:
            submit_once(uow, request_id)
            _, child = register_family(
                uow,
                guardian_name=form.guardian_name.data or "",
                phone=form.phone.data or "",
                child=form.child(),
                relation=form.kin(),
                consent=form.consent(),
                channel=chosen(Channel, form.channel.data) or Channel.PHONE,
                confirmed_new=bool(form.confirmed_new.data),
            )
            url = url_for("people.child", ref=child.ref)
            answered_at(uow, request_id, url)
    except LikelyTwice as twice:
        return _new_page(form, 422, twice.matches)
    except RuleBroken as refused:
        show(form, refused.problems)
        return _new_page(form, 422)
    flash(gettext("아동을 등록했어요. 비회원 보호자에게는 가입 안내를 보내 주세요."), "success")
    return web.see_other(url)


def _take_on(ref: str, form: NewFamilyForm) -> Any:
    """The family is registered already: this centre uses the same record."""
    typed = form.child()
    try:
        with web.unit() as uow:
            take_on_child(uow, ref, name=typed.name, birth_date=typed.birth_date, phone=form.phone.data or "")
    except RuleBroken as refused:
        show(form, refused.problems)
        return _new_page(form, 422)
    flash(gettext("이미 등록된 아동을 우리 센터 이용자로 추가했어요."), "success")
    return web.see_other(url_for("people.child", ref=ref))


def _new_page(form: NewFamilyForm, status: int = 200, matches: Sequence[ChildRow] = ()) -> Any:
    with web.unit() as uow:
        text = consent_text(uow, ConsentKind.PRIVACY)
    return web.render(
        "people/staff/new_family.html",
        f=form,
        text=text,
        matches=matches,
        request_id=request.form.get("request_id") or web.new_request_id(),
        status=status,
    )


@web.page(pages, "/children/<ref>/contacts", READ_CHILD, methods=["POST"])
def contacts(ref: str) -> Any:
    """Unmask numbers and address, saying why; the opening is logged."""
    with web.unit() as uow:
        opened = open_contacts(uow, ref, reason=request.form.get("reason", ""))
    return web.render(
        "people/staff/contacts.html",
        block="contacts",
        child=child_row(opened.child),
        address=opened.child.address,
        guardians=opened.guardians,
        pickups=opened.pickups,
    )


@web.page(pages, "/guardians/<ref>", FAMILY_DESK)
def guardian(ref: str) -> Any:
    with web.unit() as uow:
        row = guardian_for(uow, ref)
        audit.record_access(uow, "guardian.read", "guardian", row.id)
    return _guardian_page(row, CorrectGuardianForm(formdata=None, obj=row))


@web.page(pages, "/guardians/<ref>", FAMILY_DESK, methods=["POST"])
def save_guardian(ref: str) -> Any:
    form = CorrectGuardianForm()
    with web.unit() as uow:
        row = guardian_for(uow, ref)
    if not form.validate():
        return _guardian_page(row, form, 422)
    try:
        with web.unit() as uow:
            correct_guardian(
                uow,
                ref,
                version=request.form.get("version", 0, int),
                name=form.name.data or "",
                phone=form.phone.data or "",
                address=form.address.data or "",
                workplace=form.workplace.data or "",
            )
    except RuleBroken as refused:
        show(form, refused.problems)
        return _guardian_page(row, form, 422)
    except StaleVersion:
        fresh = CorrectGuardianForm(formdata=None, obj=row)
        fresh.form_errors = [
            gettext("그사이 다른 곳에서 바뀌었어요. 지금 내용을 확인하고 다시 저장해 주세요.")
        ]
        return _guardian_page(row, fresh, 409)
    flash(gettext("보호자 정보를 고쳤어요. 다음 문자부터 새 번호로 보내요."), "success")
    return web.see_other(url_for("people_staff.guardian", ref=ref))


def _guardian_page(row: Guardian, form: CorrectGuardianForm, status: int = 200) -> Any:
    return web.render("people/staff/guardian.html", row=row, f=form, status=status)


@web.page(pages, "/guardians/<ref>/invite", FAMILY_DESK, methods=["POST"])
def invite(ref: str) -> Any:
    with web.unit() as uow:
        invite_guardian(uow, ref)
    flash(gettext("회원가입 안내 문자를 보냈어요."), "success")
    return web.see_other(url_for("people_staff.guardian", ref=ref))


@web.page(pages, "/desk/evidence", VERIFY_EVIDENCE)
def evidence() -> Any:
    return _evidence_page()


def _evidence_page(problems: Sequence[Problem] = (), status: int = 200) -> Any:
    with web.unit() as uow:
        rows = evidence_to_verify(uow)
        audit.record_access(uow, "evidence.queue", "evidence", None, row_count=len(rows))
    return web.render(
        "people/staff/evidence.html",
        block="rows",
        rows=rows,
        problems=problems,
        tabs=tabs("evidence"),
        status=status,
    )


@web.page(pages, "/desk/evidence/<ref>", VERIFY_EVIDENCE, methods=["POST"])
def decide_evidence(ref: str) -> Any:
    posted = request.form
    version = posted.get("version", 0, int)
    try:
        with web.unit() as uow:
            if posted.get("decision") == "verify":
                verify_evidence(uow, ref, version=version)
            else:
                reject_evidence(uow, ref, version=version, reason=posted.get("reason", ""))
    except RuleBroken as refused:
        return _evidence_page(refused.problems, 422)
    flash(gettext("증빙서류를 처리했어요."), "success")
    return web.see_other(url_for("people_staff.evidence"))


@web.page(pages, "/desk/links", DECIDE_LINK)
def links() -> Any:
    return links_page()


def links_page(problems: Sequence[Problem] = (), status: int = 200) -> Any:
    """The queue, with what was wrong with the last answer; the answer itself is taken by booking."""
    with web.unit() as uow:
        rows = link_requests(uow)
        audit.record_access(uow, "links.list", "link_request", None, row_count=len(rows))
        near = {
            row.ref: find_children(uow, birth_date=row.birth_date, size=10) for row in rows if not row.matched
        }
    return web.render(
        "people/staff/links.html",
        block="rows",
        rows=rows,
        near=near,
        problems=problems,
        tabs=tabs("links"),
        status=status,
    )
