"""급·간식 합의: what a guardian says after the application, written down by whoever hears it (AD-23)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from app.centres.forms import refuse
from app.daycare import actions, service
from app.daycare.forms_staff import AgreementForm
from app.daycare.queries import PersonRow, agreement_history, application_detail
from app.daycare.staff_pages import SERVICE, done, pages, posted_request_id, posted_version, tried
from app.kernel import submission, web
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem
from app.kernel.ranges import kst_date
from app.kernel.texts import clock_text

ANSWERS = {"yes": True, "no": False}


@web.page(pages, "/applications/<ref>/meals", actions.HEAR_AGREEMENT, service=SERVICE)
def agreement(ref: str) -> Any:
    return _page(ref)


def _page(
    ref: str, form: AgreementForm | None = None, problems: Sequence[Problem] = (), status: int = 200
) -> Any:
    with web.unit() as uow:
        detail = application_detail(uow, ref)
        said = agreement_history(uow, detail.row.id)
        now = uow.now
    if form is None:
        form = AgreementForm(formdata=None, said_on=kst_date(now), said_at=clock_text(now))
    form.offer(_guardians(detail))
    if problems:
        refuse(form, problems)
    return web.render(
        "daycare/staff/agreement.html",
        status=status,
        row=detail.row,
        agreed=bool(detail.consents.get("meals")),
        said=said,
        form=form,
        request_id=posted_request_id(),
    )


def _guardians(detail: Any) -> list[PersonRow]:
    return [
        PersonRow(position, one.name, one.relation, one.phone)
        for position, one in enumerate(detail.guardians, 1)
        if one is not None
    ]


@web.page(pages, "/applications/<ref>/meals", actions.HEAR_AGREEMENT, methods=["POST"], service=SERVICE)
def record_agreement(ref: str) -> Any:
    with web.unit() as uow:
        detail = application_detail(uow, ref)
    form = AgreementForm().offer(_guardians(detail))
    if not form.validate():
        return _page(ref, form, (), 422)
    request_id = request.form.get("request_id", "")
    url = url_for("daycare_staff.agreement", ref=ref)
    word = service.Word(
        ANSWERS.get(form.answer.data or ""), form.said_by.data or "", form.how.data or "", form.moment()
    )

    def command(uow: UnitOfWork) -> None:
        submission.submit_once(uow, request_id)
        service.record_agreement(uow, ref, word, version=posted_version())
        submission.answered_at(uow, request_id, url)

    problems, status = tried(command)
    if problems:
        return _page(ref, form, problems, status)
    return done(url, _("적었어요. 보호자에게 적은 내용을 알려요."))
