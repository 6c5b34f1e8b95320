"""이용료: prepayment and cash-up, refund, correction, receipt, and the list of a month (AD-13, AD-14, AD-32)."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.daycare import actions, service
from app.daycare.forms_staff import CorrectionForm, PaymentForm, RefundForm
from app.daycare.models import DaycareBooking
from app.daycare.queries import booking_detail, policy_of
from app.daycare.receipts import issued_receipts, receipt_paper, renewed_receipt
from app.daycare.staff_bookings import booking_page
from app.daycare.staff_ledgers import asked_daycare, asked_month, officers_address
from app.daycare.staff_pages import SERVICE, done, own_daycare, pages, read_reasons, tried
from app.fees.queries import month_list
from app.fees.rules import METHODS
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.kernel.ranges import add_months
from app.kernel.submission import answered_at


@web.page(pages, "/bookings/<ref>/pay", actions.PAY, methods=["POST"], service=SERVICE)
def pay(ref: str) -> Any:
    form = PaymentForm().offer(_methods())
    if not form.validate():
        return booking_page(ref, (), 422, open_name="pay", forms={"pay": form})
    request_id = request.form.get("request_id", "")

    def command(uow: UnitOfWork) -> None:
        service.record_payment(
            uow,
            request_id,
            ref,
            amount=form.amount.data or 0,
            method=form.method.data or "",
            payer=form.payer.data or "",
            reasons=read_reasons(request.form),
        )
        answered_at(uow, request_id, _url(ref))

    problems, status = tried(command)
    if problems:
        return booking_page(ref, problems, status, open_name="pay", forms={"pay": form})
    return done(_url(ref), _("이용료를 받은 것으로 적었어요. 영수증을 드릴 수 있어요."))


@web.page(pages, "/bookings/<ref>/refund", actions.REFUND, methods=["POST"], service=SERVICE)
def refund(ref: str) -> Any:
    form = RefundForm().offer(_methods())
    if not form.validate():
        return booking_page(ref, (), 422, open_name="refund", forms={"refund": form})
    request_id = request.form.get("request_id", "")

    def command(uow: UnitOfWork) -> None:
        service.refund(
            uow,
            request_id,
            ref,
            amount=form.amount.data or 0,
            method=form.method.data or "",
            reason=form.reason.data or "",
            reasons=read_reasons(request.form),
        )
        answered_at(uow, request_id, _url(ref))

    problems, status = tried(command)
    if problems:
        return booking_page(ref, problems, status, open_name="refund", forms={"refund": form})
    return done(_url(ref), _("돌려드린 것으로 적었어요."))


@web.page(pages, "/bookings/<ref>/correct", actions.REFUND, methods=["POST"], service=SERVICE)
def correct(ref: str) -> Any:
    form = CorrectionForm()
    if not form.validate():
        return booking_page(ref, (), 422, open_name="correct", forms={"correct": form})
    request_id = request.form.get("request_id", "")

    def command(uow: UnitOfWork) -> None:
        service.correct_charge(
            uow, request_id, ref, amount=form.amount.data or 0, reason=form.reason.data or ""
        )
        answered_at(uow, request_id, _url(ref))

    problems, status = tried(command)
    if problems:
        return booking_page(ref, problems, status, open_name="correct", forms={"correct": form})
    return done(_url(ref), _("이용료를 고쳐 적었어요. 먼저 적은 금액도 그대로 남아요."))


@web.page(pages, "/bookings/<ref>/receipts/<payment>", actions.PAY, methods=["POST"], service=SERVICE)
def receipt(ref: str, payment: str) -> Any:
    """The paper of a payment: a second press opens the same one."""
    made: list[str] = []

    def command(uow: UnitOfWork) -> None:
        daycare, detail = own_daycare(uow), booking_detail(uow, ref)
        made.append(receipt_paper(uow, daycare, detail, payment).ref)

    problems, status = tried(command)
    if problems:
        return booking_page(ref, problems, status)
    return web.see_other(url_for("documents.paper", ref=made[-1]))


@web.page(pages, "/bookings/<ref>/receipts/<payment>/renew", actions.PAY, methods=["POST"], service=SERVICE)
def renew_receipt(ref: str, payment: str) -> Any:
    """The final one: what was issued before the use says other sums, and is void from now on (AD-14)."""
    made: list[str] = []

    def command(uow: UnitOfWork) -> None:
        daycare, detail = own_daycare(uow), booking_detail(uow, ref)
        if payment not in {key for key, one in issued_receipts(uow, daycare, detail).items() if one.changed}:
            raise NotFound("receipt")
        made.append(renewed_receipt(uow, daycare, detail, payment).ref)

    problems, status = tried(command)
    if problems:
        return booking_page(ref, problems, status)
    return web.see_other(url_for("documents.paper", ref=made[-1]))


@web.page(pages, "/ledgers/fees", actions.LEDGERS, service=SERVICE)
def fees() -> Any:
    """What a month asked for and took in, by booking."""
    with web.unit() as uow:
        daycare = asked_daycare(uow)
        month = asked_month(uow)
        listed = month_list(uow, daycare.id, month)
        names = _numbers(uow, [row.subject_id for row in listed.rows])
        this_month = uow.today.replace(day=1)
    return web.render(
        "daycare/staff/fees.html",
        daycare=daycare,
        listed=listed,
        month=month,
        numbers=names,
        methods=METHODS,
        address=officers_address(daycare),
        earlier=add_months(month, -1),
        later=add_months(month, 1) if month < this_month else None,
    )


def _numbers(uow: UnitOfWork, ids: list[int]) -> dict[int, tuple[str, str]]:
    rows = uow.session.execute(
        select(DaycareBooking.id, DaycareBooking.number, DaycareBooking.ref).where(DaycareBooking.id.in_(ids))
    )
    return {row.id: (row.number, row.ref) for row in rows}


def _methods() -> tuple[str, ...]:
    with web.unit() as uow:
        return policy_of(uow, own_daycare(uow)).methods


def _url(ref: str) -> str:
    return f"{url_for('daycare_staff.booking', ref=ref)}#pay"
