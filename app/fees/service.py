"""Writing the ledger: only ever a row more. The caller has checked that the actor may, and for a form pressed twice
has asked ``submission.submit_once``; one family's money is written by one unit at a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from app.documents.text import clean
from app.fees import rules
from app.fees.models import Charge, Payment
from app.fees.rules import ChargeKind, PaymentKind
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.numbering import next_number
from app.people.models import Guardian

RECEIPTS = "receipt"
PAYER_MAX, REASON_MAX = 40, 500


@dataclass(frozen=True, slots=True)
class Account:
    """Whose money for what: e.g. service DAYCARE, subject ``daycare_booking`` and its id."""

    service: str
    institution_id: int
    guardian_id: int
    subject: str
    subject_id: int


def charge(
    uow: UnitOfWork,
    account: Account,
    kind: ChargeKind,
    amount: int,
    *,
    child_id: int,
    service_date: date,
    due_on: date,
    minutes: int = 0,
    reason: str = "",
) -> Charge:
    """Something is owed from now on, or with a negative amount no longer. Raises RuleBroken on a wrong amount."""
    if problems := rules.check_charge(kind, amount):
        raise RuleBroken(problems)
    row = Charge(
        service=account.service,
        institution_id=account.institution_id,
        guardian_id=account.guardian_id,
        child_id=child_id,
        subject=account.subject,
        subject_id=account.subject_id,
        kind=kind,
        minutes=minutes,
        amount=amount,
        service_date=service_date,
        due_on=due_on,
        reason=clean(reason)[:REASON_MAX],
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(row)
    uow.session.flush()
    audit.record(
        uow,
        "fees.charged",
        "charge",
        row.id,
        to_state=kind,
        reason=row.reason or None,
        diff={"amount": [None, amount], account.subject: [None, account.subject_id]},
    )
    return row


def correct(uow: UnitOfWork, charge_ref: str, amount: int, reason: str) -> Charge:
    """Add ``amount`` (may be negative) to what an earlier charge asked; that one stays as it was written.

    Raises RuleBroken without a reason, or when the charge would become less than nothing.
    """
    wrong = uow.session.scalars(select(Charge).where(Charge.ref == charge_ref)).first()
    if wrong is None:
        raise NotFound("charge")
    if not reason.strip():
        raise RuleBroken(rules.REASON_MISSING)
    _lock(uow, wrong.guardian_id)
    if amount < 0 and _charged(uow, wrong.subject, wrong.subject_id) + amount < 0:
        raise RuleBroken(rules.WRONG_SIGN)
    account = Account(wrong.service, wrong.institution_id, wrong.guardian_id, wrong.subject, wrong.subject_id)
    return charge(
        uow,
        account,
        ChargeKind.CORRECTION,
        amount,
        child_id=wrong.child_id,
        service_date=wrong.service_date,
        due_on=max(wrong.due_on, uow.today),
        reason=reason,
    )


def record_payment(
    uow: UnitOfWork,
    account: Account,
    amount: int,
    method: str,
    methods: Collection[str],
    *,
    payer: str = "",
    paid_at: datetime | None = None,
    too_much: str = "",
) -> Payment:
    """Money came in (``paid_at``: now unless told). ``methods``: what the municipality takes, e.g. ``ad.methods``.

    More than what is owed is a slip of the hand unless somebody says why (``too_much``): money that is there is
    written down (GC-19), and the difference is a credit.
    """
    _lock(uow, account.guardian_id)
    owed = _charged(uow, account.subject, account.subject_id) - _paid(
        uow, account.subject, account.subject_id
    )
    if problems := rules.check_payment(amount, method, methods, owed, too_much):
        raise RuleBroken(problems)
    why = too_much if amount > max(owed, 0) else ""
    at = paid_at or uow.now
    return _move(uow, account, PaymentKind.PAYMENT, amount, method, payer=payer, reason=why, at=at)


def refund(
    uow: UnitOfWork,
    account: Account,
    amount: int,
    method: str,
    methods: Collection[str],
    reason: str,
    *,
    payer: str = "",
    beyond: str = "",
) -> Payment:
    """Money goes back: never more than came in for the same subject, never without a reason, and more than was paid
    too much only with another one (``beyond``)."""
    _lock(uow, account.guardian_id)
    paid = _paid(uow, account.subject, account.subject_id)
    charged = _charged(uow, account.subject, account.subject_id)
    if problems := rules.check_refund(amount, method, methods, paid, charged, reason, beyond):
        raise RuleBroken(problems)
    why = f"{reason.strip()} ({beyond.strip()})" if amount > paid - charged else reason
    return _move(uow, account, PaymentKind.REFUND, -amount, method, payer=payer, reason=why, at=uow.now)


def _move(
    uow: UnitOfWork,
    account: Account,
    kind: PaymentKind,
    amount: int,
    method: str,
    *,
    at: datetime,
    payer: str,
    reason: str = "",
) -> Payment:
    year = uow.today.year
    row = Payment(
        service=account.service,
        institution_id=account.institution_id,
        guardian_id=account.guardian_id,
        subject=account.subject,
        subject_id=account.subject_id,
        kind=kind,
        method=method,
        amount=amount,
        paid_at=at,
        receipt_number=rules.receipt_number(year, next_number(uow, RECEIPTS, "fees", year)),
        payer=clean(payer)[:PAYER_MAX],
        reason=clean(reason)[:REASON_MAX],
        recorded_by=uow.actor.user_id,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(row)
    uow.session.flush()
    audit.record(
        uow,
        f"fees.{kind.lower()}",
        "payment",
        row.id,
        to_state=kind,
        reason=row.reason or None,
        diff={
            "amount": [None, amount],
            "number": [None, row.receipt_number],
            account.subject: [None, account.subject_id],
        },
    )
    return row


def _lock(uow: UnitOfWork, guardian_id: int) -> None:
    """One family's money moves one unit at a time. Sums are read in a later statement: this one's snapshot is older."""
    uow.session.execute(
        select(Guardian.id).where(Guardian.id == guardian_id).with_for_update(key_share=True)
    ).one()


def _paid(uow: UnitOfWork, subject: str, subject_id: int) -> int:
    wanted = select(func.coalesce(func.sum(Payment.amount), 0))
    return int(
        uow.session.execute(
            wanted.where(Payment.subject == subject, Payment.subject_id == subject_id)
        ).scalar_one()
    )


def _charged(uow: UnitOfWork, subject: str, subject_id: int) -> int:
    wanted = select(func.coalesce(func.sum(Charge.amount), 0))
    return int(
        uow.session.execute(
            wanted.where(Charge.subject == subject, Charge.subject_id == subject_id)
        ).scalar_one()
    )
