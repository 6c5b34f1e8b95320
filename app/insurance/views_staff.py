"""보험: a daycare's director keeps its policies (AD-25)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from app.centres.forms import given, refuse
from app.documents.filetypes import NO_FILE
from app.documents.serving import send_file
from app.insurance import actions, rules
from app.insurance.forms import ACCEPT, PolicyForm
from app.insurance.queries import kinds_of, policies_of
from app.insurance.rules import Cover, PolicyKind, PolicyState
from app.insurance.service import (
    NewPolicy,
    Scan,
    add_policy,
    end_policy,
    open_certificate,
    replace_certificate,
)
from app.kernel import navigation, submission, web
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken, StaleVersion
from app.kernel.ranges import parse_day

pages = web.tenant_blueprint("insurance_staff", __name__)
navigation.register(
    navigation.Entry(
        N_("보험"), "insurance_staff.overview", frozenset({Role.DAYCARE_DIRECTOR}), 80, "DAYCARE"
    )
)
STALE = Problem(
    "insurance.stale", N_("그 사이 다른 사람이 먼저 고쳤어요. 지금 저장된 내용을 확인하고 다시 해 주세요.")
)
BAD_DAY = Problem("insurance.bad_day", N_("해지일을 2026-12-31처럼 적어 주세요."), field="last_day")


@web.page(pages, "/insurance", actions.OWN, service="DAYCARE")
def overview() -> Response:
    return _page(PolicyForm(formdata=None))


@web.page(pages, "/insurance", actions.EDIT, methods=["POST"], service="DAYCARE")
def add() -> Response:
    form = PolicyForm()
    if not form.validate():
        return _page(form, status=422)
    request_id, done = request.form.get("request_id", ""), url_for("insurance_staff.overview")
    cover = Cover(PolicyKind(form.insured.data), given(form.starts_on.data), given(form.ends_on.data))
    new = NewPolicy(cover, form.insurer.data or "", form.number.data or "")
    try:
        with web.unit() as uow:
            submission.submit_once(uow, request_id)
            add_policy(uow, _place(uow), new, _scan())
            submission.answered_at(uow, request_id, done)
    except RuleBroken as error:
        refuse(form, error.problems)
        return _page(form, status=422)
    flash(_("보험을 등록했어요. 끝나기 30일 전, 7일 전, 마지막 날에 알려 드려요."), "success")
    return web.see_other(done)


@web.page(pages, "/insurance/<ref>/end", actions.EDIT, methods=["POST"], service="DAYCARE")
def end(ref: str) -> Response:
    try:
        last_day = _typed_day(request.form.get("last_day", ""))
        with web.unit() as uow:
            end_policy(
                uow,
                ref,
                last_day,
                request.form.get("reason", ""),
                version=request.form.get("version", 0, int),
            )
    except RuleBroken as error:
        return _page(PolicyForm(formdata=None), error.problems, 422)
    except StaleVersion:
        return _page(PolicyForm(formdata=None), (STALE,), 409)
    flash(_("해지일을 적었어요. 그 다음 날부터는 이 보험으로 예약을 받을 수 없어요."), "success")
    return web.see_other(url_for("insurance_staff.overview"))


@web.page(pages, "/insurance/<ref>/certificate", actions.EDIT, methods=["POST"], service="DAYCARE")
def replace(ref: str) -> Response:
    try:
        with web.unit() as uow:
            scan = _scan()
            if scan is None:
                raise RuleBroken(NO_FILE)
            replace_certificate(uow, ref, scan, version=request.form.get("version", 0, int))
    except RuleBroken as error:
        return _page(PolicyForm(formdata=None), error.problems, 422)
    except StaleVersion:
        return _page(PolicyForm(formdata=None), (STALE,), 409)
    flash(_("증권 사본을 바꿨어요."), "success")
    return web.see_other(url_for("insurance_staff.overview"))


@web.page(pages, "/insurance/<ref>/certificate", actions.CERTIFICATE, service="DAYCARE")
def certificate(ref: str) -> Response:
    with web.unit() as uow:
        upload, content = open_certificate(uow, ref)
    return send_file(content, upload.media_type, upload.name)


def _page(form: PolicyForm, problems: Sequence[Problem] = (), status: int = 200) -> Response:
    with web.unit() as uow:
        policies = policies_of(uow, _place(uow))
        kinds = kinds_of(policies, rules.DAYCARE_KINDS, uow.today)
    return web.render(
        "insurance/staff/overview.html",
        status=status,
        form=form,
        # a policy's own small forms stand in its row: their problems are told at the top, without a field
        problems=[problem.of(field="") for problem in problems],
        policies=policies,
        kinds=kinds,
        ended=PolicyState.ENDED,
        accept=ACCEPT,
    )


def _place(uow: UnitOfWork) -> int:
    if uow.actor.scope is None:
        raise NotFound("institution")
    return uow.actor.scope


def _scan() -> Scan | None:
    file = request.files.get("file")
    return Scan(file.filename, file.read()) if file is not None and file.filename else None


def _typed_day(text: str) -> date:
    try:
        return parse_day(text)
    except ValueError:
        raise RuleBroken(BAD_DAY) from None
