"""Officers' pages: the accounts of their centres (KP-05, KP-09)."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext

from app.accounts.actions import ISSUE
from app.accounts.forms import STATE_CHOICES, EndRoleForm, NewAccountForm, PersonForm, PostForm, ReasonForm
from app.accounts.queries import PAGE, AccountFilter, places_for_roles, staff_accounts
from app.accounts.rules import UserState
from app.accounts.service import issuing
from app.accounts.service.issuing import Person, Post
from app.accounts.views import refuse
from app.kernel import audit, navigation, submission, web
from app.kernel.actions import Reach
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import RuleBroken

pages = web.tenant_blueprint("accounts_officer", __name__, "/accounts")
OFFICER_ROLES = frozenset(ISSUE.grants)
navigation.register(navigation.Entry("계정", "accounts_officer.accounts", OFFICER_ROLES, order=800))


def _scope() -> int | None:
    """The district an officer is bound to; None for the whole municipality."""
    acting = web.actor()
    return acting.scope if ISSUE.reach(acting.role) is Reach.SCOPE else None


def _link(token: str) -> str:
    return url_for("accounts_public.invitation", token=token, _external=True)


def _page_number() -> int:
    typed = request.args.get("page", "1")
    return max(1, int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1


@web.page(pages, "", ISSUE)
def accounts() -> Any:
    state = request.args.get("state", "")
    wanted = AccountFilter(
        _scope(), state if state in {s.value for s in UserState} else "", page=_page_number()
    )
    return _list(wanted)


@web.page(pages, "/search", ISSUE, methods=["POST"])
def search() -> Any:
    """By POST: a name never stands in an address."""
    return _list(AccountFilter(_scope(), name=request.form.get("q", "").strip()[:40]))


def _list(wanted: AccountFilter) -> Response:
    with web.unit() as uow:
        rows, total = staff_accounts(uow.session, wanted)
        audit.record_access(uow, "accounts.list", "user_account", None, row_count=len(rows))
    return web.render(
        "accounts/officer/list.html",
        rows=rows,
        total=total,
        page=wanted.page,
        pages=max(1, -(-total // PAGE)),
        wanted=wanted,
        states=STATE_CHOICES,
    )


def _places(uow: UnitOfWork) -> list[tuple[str, str]]:
    return [(place.ref, place.name) for place in places_for_roles(uow.session, _scope())]


def _person(form: Any) -> Person:
    return Person(
        form.login_id.data or "", form.name.data or "", form.phone.data or "", form.email.data or ""
    )


def _post(form: Any) -> Post:
    return Post(Role(form.role.data), form.institution.data or "", form.starts_on.data, form.ends_on.data)


@web.page(pages, "/new", ISSUE)
def new_account() -> Any:
    with web.unit() as uow:
        form = NewAccountForm(formdata=None, starts_on=uow.today)
        form.offer(uow.actor.role, _places(uow))
    return web.render("accounts/officer/new.html", f=form)


@web.page(pages, "/new", ISSUE, methods=["POST"])
def issue_account() -> Any:
    form = NewAccountForm()
    with web.unit() as uow:
        form.offer(uow.actor.role, _places(uow))
    if form.validate():
        request_id = request.form.get("request_id", "")
        try:
            with web.unit() as uow:
                submission.submit_once(uow, request_id)
                user = issuing.issue_account(uow, _person(form), _post(form), _link)
                target = url_for("accounts_officer.account", ref=user.ref)
                submission.answered_at(uow, request_id, target)
        except RuleBroken as error:
            refuse(form, error.problems)
        else:
            flash(gettext("계정을 만들고 안내 문자를 보냈어요."), "success")
            return web.see_other(target)
    return web.render("accounts/officer/new.html", f=form, status=422)


@web.page(pages, "/<ref>", ISSUE)
def account(ref: str) -> Any:
    return _detail(ref, [], 200)


def _detail(ref: str, problems: list[Any], status: int, **forms: Any) -> Response:
    """One account with its forms; a form that was refused comes back as it was typed."""
    with web.unit() as uow:
        user, roles = issuing.managed_account(uow, ref)
        places, today, acting = _places(uow), uow.today, uow.actor
        audit.record_access(uow, "account.read", "user_account", user.id)
    person = forms.get("person") or PersonForm(formdata=None, obj=user)
    post = forms.get("post") or PostForm(formdata=None, starts_on=today)
    post.offer(acting.role, places)
    return web.render(
        "accounts/officer/detail.html",
        user=user,
        state=UserState(user.state),
        roles=[row for row in roles if row.role is not Role.GUARDIAN],
        own=user.id == acting.user_id,
        person=person,
        post=post,
        today=today,
        problems=problems,
        status=status,
    )


def _done(ref: str, words: str) -> Any:
    flash(words, "success")
    return web.see_other(url_for("accounts_officer.account", ref=ref))


@web.page(pages, "/<ref>/person", ISSUE, methods=["POST"])
def change_person(ref: str) -> Any:
    form = PersonForm()
    if form.validate():
        version = request.form.get("version", "")
        try:
            with web.unit() as uow:
                issuing.change_person(uow, ref, int(version) if version.isdecimal() else 0, _person(form))
        except RuleBroken as error:
            refuse(form, error.problems)
        else:
            return _done(ref, gettext("고쳤어요."))
    return _detail(ref, [], 422, person=form)


@web.page(pages, "/<ref>/roles", ISSUE, methods=["POST"])
def give_role(ref: str) -> Any:
    form = PostForm()
    with web.unit() as uow:
        form.offer(uow.actor.role, _places(uow))
    if form.validate():
        try:
            with web.unit() as uow:
                issuing.give_role(uow, ref, _post(form))
        except RuleBroken as error:
            refuse(form, error.problems)
        else:
            return _done(ref, gettext("역할을 주었어요."))
    return _detail(ref, [], 422, post=form)


@web.page(pages, "/<ref>/roles/<role_ref>/end", ISSUE, methods=["POST"])
def end_role(ref: str, role_ref: str) -> Any:
    form = EndRoleForm()
    if not form.validate() or form.ends_on.data is None:
        return _detail(ref, [str(line) for line in form.ends_on.errors], 422)
    try:
        with web.unit() as uow:
            issuing.end_role(uow, ref, role_ref, form.ends_on.data)
    except RuleBroken as error:
        return _detail(ref, list(error.problems), 422)
    return _done(ref, gettext("역할이 끝나는 날을 정했어요."))


@web.page(pages, "/<ref>/suspend", ISSUE, methods=["POST"])
def suspend(ref: str) -> Any:
    return _with_reason(ref, issuing.suspend, gettext("사용중지했어요. 지금부터 로그인할 수 없어요."))


@web.page(pages, "/<ref>/reactivate", ISSUE, methods=["POST"])
def reactivate(ref: str) -> Any:
    return _with_reason(ref, issuing.reactivate, gettext("다시 쓸 수 있게 했어요."))


def _with_reason(ref: str, command: Any, words: str) -> Any:
    form = ReasonForm()
    form.validate()
    try:
        with web.unit() as uow:
            command(uow, ref, form.reason.data or "")
    except RuleBroken as error:
        return _detail(ref, list(error.problems), 422)
    return _done(ref, words)


@web.page(pages, "/<ref>/invite", ISSUE, methods=["POST"])
def invite_again(ref: str) -> Any:
    try:
        with web.unit() as uow:
            issuing.invite_again(uow, ref, _link)
    except RuleBroken as error:
        return _detail(ref, list(error.problems), 422)
    return _done(ref, gettext("안내 문자를 다시 보냈어요."))
