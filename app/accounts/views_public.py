"""Before anybody is signed in: joining, a forgotten password, an invitation."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, flash, session, url_for
from flask_babel import gettext

from app.accounts import sessions
from app.accounts.actions import ENTER
from app.accounts.forms import (
    AgreeForm,
    CodeForm,
    JoinAccountForm,
    JoinPhoneForm,
    NewPasswordForm,
    RecoverCodeForm,
    RecoverForm,
)
from app.accounts.rules import NOT_AGREED
from app.accounts.service import issuing, joining, recovery
from app.accounts.views import agent, home, never_stored, refuse
from app.kernel import web
from app.kernel.errors import RuleBroken
from app.kernel.texts import masked_phone

pages = web.tenant_blueprint("accounts_public", __name__)
pages.after_request(never_stored)
AGREED = f"{joining.TERMS_VERSION}.{joining.PRIVACY_VERSION}"


@web.page(pages, "/join", ENTER)
def join() -> Any:
    return web.render("accounts/public/join_agree.html", f=AgreeForm(formdata=None))


@web.page(pages, "/join", ENTER, methods=["POST"])
def agree() -> Any:
    form = AgreeForm()
    if not (form.validate() and form.terms.data and form.privacy.data):
        refuse(form, [NOT_AGREED])
        return web.render("accounts/public/join_agree.html", f=form, status=422)
    session["join_agreed"] = AGREED
    return web.see_other(url_for("accounts_public.join_phone"))


@web.page(pages, "/join/phone", ENTER)
def join_phone() -> Any:
    if session.get("join_agreed") != AGREED:
        return web.see_other(url_for("accounts_public.join"))
    return web.render("accounts/public/join_phone.html", f=JoinPhoneForm(formdata=None))


@web.page(pages, "/join/phone", ENTER, methods=["POST"])
def send_join_code() -> Any:
    if session.get("join_agreed") != AGREED:
        return web.see_other(url_for("accounts_public.join"))
    form = JoinPhoneForm()
    if form.validate():
        try:
            with web.unit() as uow:
                ref = joining.ask_code(uow, form.name.data or "", form.phone.data or "")
        except RuleBroken as error:
            refuse(form, error.problems)
        else:
            session["join_code"], session["join_phone"] = ref, masked_phone(form.phone.data or "")
            return web.see_other(url_for("accounts_public.join_code"))
    return web.render("accounts/public/join_phone.html", f=form, status=422)


@web.page(pages, "/join/code", ENTER)
def join_code() -> Any:
    if "join_code" not in session:
        return web.see_other(url_for("accounts_public.join"))
    return _code_page(CodeForm(formdata=None), 200)


@web.page(pages, "/join/code", ENTER, methods=["POST"])
def check_join_code() -> Any:
    form = CodeForm()
    if not form.validate():
        return _code_page(form, 422)
    with web.unit() as uow:
        problem = joining.prove_phone(uow, session.get("join_code", ""), form.code.data or "")
    if problem is None:
        return web.see_other(url_for("accounts_public.join_account"))
    refuse(form, [problem])
    return _code_page(form, 422)


def _outbox() -> str:
    """Where a demonstration reads its messages; nothing in production."""
    return "" if current_app.config["SETTINGS"].production else url_for("messaging.outbox")


def _code_page(form: CodeForm, status: int) -> Response:
    phone = session.get("join_phone", "")
    return web.render("accounts/public/join_code.html", f=form, phone=phone, outbox=_outbox(), status=status)


@web.page(pages, "/join/account", ENTER)
def join_account() -> Any:
    if "join_code" not in session:
        return web.see_other(url_for("accounts_public.join"))
    return web.render("accounts/public/join_account.html", f=JoinAccountForm(formdata=None))


@web.page(pages, "/join/account", ENTER, methods=["POST"])
def make_account() -> Any:
    form = JoinAccountForm()
    if form.validate():
        try:
            with web.unit() as uow:
                joined = joining.join(
                    uow,
                    session.get("join_code", ""),
                    login_id=form.login_id.data or "",
                    password=form.password.data or "",
                    again=form.again.data or "",
                    agent=agent(),
                )
        except RuleBroken as error:
            refuse(form, error.problems)
        else:
            sessions.begin(joined.sid)
            flash(gettext("가입했어요. 이제 아이를 등록하면 예약할 수 있어요."), "success")
            return web.see_other(home())
    return web.render("accounts/public/join_account.html", f=form, status=422)


@web.page(pages, "/recover", ENTER)
def recover() -> Any:
    return web.render("accounts/public/recover.html", f=RecoverForm(formdata=None))


@web.page(pages, "/recover", ENTER, methods=["POST"])
def send_recovery_code() -> Any:
    form = RecoverForm()
    if form.validate():
        try:
            with web.unit() as uow:
                ref = recovery.ask_code(uow, form.login_id.data or "", form.facility_phone.data or "")
        except RuleBroken as error:
            refuse(form, error.problems)
        else:
            session["recover_code"] = ref
            return web.see_other(url_for("accounts_public.recover_code"))
    return web.render("accounts/public/recover.html", f=form, status=422)


@web.page(pages, "/recover/code", ENTER)
def recover_code() -> Any:
    if "recover_code" not in session:
        return web.see_other(url_for("accounts_public.recover"))
    return _recovery_page(_recovery_form(fresh=True), 200)


@web.page(pages, "/recover/code", ENTER, methods=["POST"])
def set_password() -> Any:
    form = _recovery_form()
    if not form.validate():
        return _recovery_page(form, 422)
    with web.unit() as uow:
        recovered = recovery.set_password(
            uow,
            session.get("recover_code", ""),
            code=form.code.data if "code" in form else "",
            password=form.password.data or "",
            again=form.again.data or "",
        )
    if recovered.problems:
        refuse(form, recovered.problems)
        return _recovery_page(form, 422)
    sessions.forget()
    flash(gettext("새 비밀번호로 바꾸었어요. 로그인해 주세요."), "success")
    return web.see_other(url_for("accounts.login"))


def _recovery_form(*, fresh: bool = False) -> Any:
    """Without the box for the code where the municipality asks for none."""
    with web.unit() as uow:
        needed = recovery.code_needed(uow)
    form = RecoverCodeForm(formdata=None) if fresh else RecoverCodeForm()
    if not needed:
        del form.code
    return form


def _recovery_page(form: Any, status: int) -> Response:
    return web.render("accounts/public/recover_code.html", f=form, outbox=_outbox(), status=status)


@web.page(pages, "/invitation/<token>", ENTER)
def invitation(token: str) -> Any:
    with web.unit() as uow:
        _, user = issuing.invited(uow, token)
    return _invitation_page(NewPasswordForm(formdata=None), token, user, 200)


@web.page(pages, "/invitation/<token>", ENTER, methods=["POST"])
def accept_invitation(token: str) -> Any:
    form = NewPasswordForm()
    if form.validate():
        try:
            with web.unit() as uow:
                issuing.accept_invitation(
                    uow, token, password=form.password.data or "", again=form.again.data or ""
                )
        except RuleBroken as error:
            refuse(form, error.problems)
        else:
            flash(gettext("비밀번호를 정했어요. 로그인해 주세요."), "success")
            return web.see_other(url_for("accounts.login"))
    with web.unit() as uow:
        _, user = issuing.invited(uow, token)
    return _invitation_page(form, token, user, 422)


def _invitation_page(form: Any, token: str, user: Any, status: int) -> Response:
    return web.render("accounts/public/invitation.html", f=form, token=token, user=user, status=status)
