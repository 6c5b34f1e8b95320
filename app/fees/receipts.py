"""The paper of a payment: one in force for each, made anew when it was voided or says what is no longer so (AD-13).

It adds up: what is to be paid in all = this payment + the others - what went back + what is still open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.documents import hooks
from app.documents.actions import REISSUE_PAPER
from app.documents.models import Paper
from app.documents.rules import PaperState
from app.documents.service.preparing import prepare_paper
from app.documents.service.reissuing import reissue_paper
from app.fees.models import Payment
from app.fees.rules import Paid as Moved
from app.fees.rules import PaymentKind, Sums, sums
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound

FORM = "daycare-receipt"
METHODS = {"account_transfer": "transfer", "card": "card"}
PAYMENT = "payment"
OF_THE_LEDGER = frozenset(
    {
        "receipt_no",
        "issued_date",
        "sign_date",
        "total",
        "others",
        "refunded",
        "open",
        "back",
        "method",
        "payment_ref",
    }
)
"""Fields that are true as of the day of issue, whatever is paid later."""


def issue_receipt(
    uow: UnitOfWork,
    payment_ref: str,
    data: Mapping[str, Any],
    *,
    child_id: int | None = None,
    form_id: str = FORM,
) -> Paper:
    """The paper in force: a second press gives the same one, after it was voided a desk's press gives a new one.

    ``data``: the form's own fields (guardian, child, lines, the place's name) and ``due``, won to be paid in all;
    number, day and what was paid come from the ledger. NotFound for a refund's ref.
    """
    row = _payment(uow, payment_ref)
    last = uow.session.get(Paper, row.paper_id) if row.paper_id is not None else None
    if last is not None and last.state == PaperState.VOID and REISSUE_PAPER.allows(uow.actor.role):
        return reissue_paper(uow, last.ref, last.void_reason, {**data, **_facts(uow, row, data)})
    if last is not None:
        return last
    paper = prepare_paper(
        uow,
        form_id,
        {**data, **_facts(uow, row, data)},
        subject=PAYMENT,
        subject_id=row.id,
        institution_id=row.institution_id,
        guardian_id=row.guardian_id,
        child_id=child_id,
    )
    audit.record(uow, "fees.receipt_issued", "payment", row.id, diff={"paper": [None, paper.id]})
    return paper


def renew_receipt(uow: UnitOfWork, payment_ref: str, data: Mapping[str, Any], reason: str) -> Paper:
    """A new paper in place of the one that was issued, which is void from now on (GC-18).

    NotFound where none was issued; RuleBroken without a reason.
    """
    row = _payment(uow, payment_ref)
    if row.paper_id is None:
        raise NotFound("paper")
    last = uow.session.get_one(Paper, row.paper_id)
    return reissue_paper(uow, last.ref, reason, {**data, **_facts(uow, row, data)})


def _payment(uow: UnitOfWork, ref: str) -> Payment:
    row = uow.session.scalars(
        select(Payment)
        .where(Payment.ref == ref)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()
    if row is None or row.kind != PaymentKind.PAYMENT:
        raise NotFound("payment")
    return row


def _facts(uow: UnitOfWork, row: Payment, data: Mapping[str, Any]) -> dict[str, Any]:
    """What the ledger knows, as of today."""
    moved = _moved(uow, row)
    left = data["due"] - moved.kept
    return {
        "receipt_no": row.receipt_number,
        "issued_date": uow.today.isoformat(),
        "sign_date": uow.today.isoformat(),
        "total": row.amount,
        "others": moved.paid - row.amount,
        "refunded": moved.refunded,
        "open": max(left, 0),
        "back": max(-left, 0),
        "method": METHODS.get(row.method, row.method),
        "payment_ref": row.payer,
    }


def _moved(uow: UnitOfWork, row: Payment) -> Sums:
    rows = uow.session.execute(
        select(Payment.amount, Payment.method).where(
            Payment.subject == row.subject, Payment.subject_id == row.subject_id
        )
    )
    return sums((), [Moved(amount, method) for amount, method in rows])


def _follow(uow: UnitOfWork, paper: Paper) -> None:
    """The payment leads to its newest paper, also to one that was made anew on the paper's own page."""
    if paper.subject != PAYMENT or paper.subject_id is None:
        return
    row = uow.session.get(Payment, paper.subject_id)
    if row is not None:
        row.paper_id = paper.id
        uow.session.flush()


hooks.on_issued(_follow)
