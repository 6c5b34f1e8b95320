"""Login, logout, the acting role, and one's own account."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response, flash, g, request, url_for
from flask_babel import gettext
from flask_login import current_user

from app.accounts import session_rows, sessions
from app.accounts.actions import ENTER, OWN, PEOPLE_WITH_ACCOUNTS
from app.accounts.forms import ChangePasswordForm, LoginForm
from app.accounts.queries import roles_in_force
from app.accounts.rules import TOO_MANY
from app.accounts.service import entering, own
from app.kernel import navigation, web
from app.kernel.actor import Role
from app.kernel.errors import Problem

pages = web.tenant_blueprint("accounts", __name__)
navigation.register(
    navigation.Entry("내 계정", "accounts.own_account", PEOPLE_WITH_ACCOUNTS, order=900, where="who")
)


@pages.after_request
def never_stored(response: Response) -> Response:
    """Pages with passwords and sessions stay in no cache, signed in or not."""
    response.headers["Cache-Control"] = "no-store"
    return response


def home() -> str:
    """The municipality's first page; each role finds its own there."""
    return f"{request.script_root}/{g.tenant.slug}/"


def agent() -> str:
    return request.headers.get("User-Agent", "")


def refuse(form: Any, problems: Iterable[Problem]) -> None:
    """Problems beside their fields, the others at the head of the form."""
    form.form_errors = [*form.form_errors, *map(web.sentence, web.attach(form, problems))]


@web.page(pages, "/login", ENTER)
def login() -> Any:
    if current_user.is_authenticated:
        return web.see_other(web.safe_next(request.args.get("next")) or home())
    form = LoginForm(formdata=None, next=request.args.get("next", ""))
    return web.render("accounts/public/login.html", f=form, timed_out=sessions.was_timed_out())


@web.page(pages, "/login", ENTER, methods=["POST"])
def sign_in() -> Any:
    form = LoginForm()
    if not form.validate():
        return _login_again(form, 422)
    with web.unit() as uow:
        entrance = entering.log_in(uow, form.login_id.data or "", form.password.data or "", agent=agent())
        if entrance.sid and current_user.is_authenticated:
            session_rows.end_session(uow, current_user.session_id)
    if entrance.problem is not None:
        refuse(form, [entrance.problem])
        return _login_again(form, 429 if entrance.problem.code == TOO_MANY.code else 422)
    sessions.begin(entrance.sid)
    wanted = web.safe_next(form.next.data)
    if entrance.has_choice:
        return web.see_other(url_for("accounts.choose_role", next=wanted))
    return web.see_other(wanted or home())


def _login_again(form: LoginForm, status: int) -> Response:
    return web.render("accounts/public/login.html", f=form, timed_out=False, status=status)


@web.page(pages, "/logout", ENTER, methods=["POST"])
def logout() -> Any:
    if current_user.is_authenticated:
        with web.unit() as uow:
            entering.log_out(uow, current_user.session_id)
    sessions.forget()
    flash(gettext("로그아웃했어요."), "success")
    return web.see_other(url_for("accounts.login"))


@web.page(pages, "/role", OWN)
def choose_role() -> Any:
    with web.unit() as uow:
        roles = roles_in_force(uow.session, uow.actor.user_id or 0, uow.today)
    return web.render(
        "accounts/own/role.html", roles=roles, next=web.safe_next(request.args.get("next")) or ""
    )


@web.page(pages, "/role/<ref>", OWN, methods=["POST"])
def act_as(ref: str) -> Any:
    with web.unit() as uow:
        sid = entering.act_as(uow, ref, current_user.session_id, agent=agent())
    sessions.begin(sid)
    return web.see_other(web.safe_next(request.form.get("next")) or home())


@web.page(pages, "/account", OWN)
def own_account() -> Any:
    with web.unit() as uow:
        user_id = uow.actor.user_id or 0
        opened = session_rows.open_sessions(uow, user_id)
        roles = roles_in_force(uow.session, user_id, uow.today)
    return web.render("accounts/own/account.html", opened=opened, roles=roles, mine=current_user.session_id)


@web.page(pages, "/account/sessions/<ref>", OWN, methods=["POST"])
def end_session(ref: str) -> Any:
    with web.unit() as uow:
        session_rows.end_own_session(uow, ref)
    flash(gettext("그 기기에서 로그아웃했어요."), "success")
    return web.see_other(url_for("accounts.own_account"))


@web.page(pages, "/account/sessions", OWN, methods=["POST"])
def end_other_sessions() -> Any:
    with web.unit() as uow:
        session_rows.end_sessions(uow, uow.actor.user_id or 0, but=current_user.session_id)
    flash(gettext("다른 기기에서 모두 로그아웃했어요."), "success")
    return web.see_other(url_for("accounts.own_account"))


@web.page(pages, "/account/password", OWN)
def change_password() -> Any:
    return _password_page(ChangePasswordForm(formdata=None), 200)


@web.page(pages, "/account/password", OWN, methods=["POST"])
def save_password() -> Any:
    form = ChangePasswordForm()
    if not form.validate():
        return _password_page(form, 422)
    with web.unit() as uow:
        change = own.change_password(
            uow,
            current_user.session_id,
            current=form.current.data or "",
            password=form.password.data or "",
            again=form.again.data or "",
        )
    if change.problems:
        refuse(form, change.problems)
        return _password_page(form, 422)
    sessions.begin(change.sid)
    flash(gettext("비밀번호를 바꾸었어요. 다른 기기에서는 모두 로그아웃했어요."), "success")
    return web.see_other(url_for("accounts.own_account"))


def _password_page(form: ChangePasswordForm, status: int) -> Response:
    sitting = current_user.sitting
    return web.render(
        "accounts/own/password.html",
        f=form,
        must_change=sitting.must_change,
        staff=sitting.role is not Role.GUARDIAN,
        status=status,
    )
