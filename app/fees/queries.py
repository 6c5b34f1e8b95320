"""Reads of the ledger: one subject's account, many subjects' balances, a month of an institution."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, select, tuple_

from app.fees import rules
from app.fees.models import Charge, Payment
from app.fees.rules import ChargeKind, Owed, Paid, PaymentKind, Standing, Sums
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.ranges import add_months, kst, kst_date
from app.people.models import Child, Guardian


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a ledger as people read it: a charge (positive is owed) or money that moved (positive came in)."""

    ref: str
    day: date
    at: datetime
    label: str
    amount: int
    is_money: bool
    method: str = ""
    receipt_number: str = ""
    due_on: date | None = None
    reason: str = ""
    payer: str = ""
    paper_id: int | None = None
    kind: str = ""

    @property
    def method_label(self) -> str:
        return rules.method_label(self.method) if self.method else ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """One subject's account: its lines in the order they were written, and how it stands today."""

    lines: Sequence[Line]
    sums: Sums
    standing: Standing
    open_parts: Sequence[Owed]

    @property
    def balance(self) -> int:
        """Positive is owed by the family, negative is owed to it."""
        return self.sums.balance

    @property
    def due_on(self) -> date | None:
        return self.open_parts[0].due_on if self.open_parts else None


def balance_of(uow: UnitOfWork, subject: str, subject_id: int) -> int:
    """Won: positive is owed, negative is a credit, 0 also when nothing was ever charged."""
    return ledger_of(uow, subject, subject_id).balance


def ledger_of(uow: UnitOfWork, subject: str, subject_id: int) -> Ledger:
    return ledgers_of(uow, subject, (subject_id,))[subject_id]


def ledgers_of(uow: UnitOfWork, subject: str, subject_ids: Collection[int]) -> dict[int, Ledger]:
    """The accounts of many subjects of one kind in two statements; every one asked for is there."""
    charges, payments = _rows(
        uow,
        and_(Charge.subject == subject, Charge.subject_id.in_(subject_ids)),
        and_(Payment.subject == subject, Payment.subject_id.in_(subject_ids)),
    )
    charged, paid = _by_subject(charges), _by_subject(payments)
    return {one: _ledger(charged[subject, one], paid[subject, one], uow.today) for one in subject_ids}


def open_accounts(uow: UnitOfWork, guardian_id: int) -> dict[tuple[str, int], Ledger]:
    """What a family still owes or has to get back, by (subject, id): for its home page."""
    charges, payments = _rows(uow, Charge.guardian_id == guardian_id, Payment.guardian_id == guardian_id)
    ledgers = _ledgers(charges, payments, uow.today)
    return {key: ledger for key, ledger in ledgers.items() if ledger.balance}


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One subject in a month's list; ``sums`` are the month's own, ``balance`` is what the account comes to today."""

    subject: str
    subject_id: int
    guardian: str
    child: str
    first_day: date
    sums: Sums
    balance: int
    standing: Standing
    receipts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MonthList:
    """What an institution charged for days of a month and what money moved in it."""

    month: date
    rows: Sequence[MonthRow]
    sums: Sums

    @property
    def owed(self) -> int:
        """What the listed accounts still owe today."""
        return sum(max(row.balance, 0) for row in self.rows)

    @property
    def credit(self) -> int:
        """What they still have to get back today."""
        return sum(max(-row.balance, 0) for row in self.rows)


def month_list(uow: UnitOfWork, institution_id: int, month: date) -> MonthList:
    """By day, then child; charges count in the month of their day, money in that it moved in. Reading is logged."""
    made = _month(uow, institution_id, month.replace(day=1))
    audit.record_access(uow, "fees.month", "institution", institution_id, row_count=len(made.rows))
    return made


def month_sums(uow: UnitOfWork, institution_ids: Collection[int], month: date) -> dict[int, Sums]:
    """The same sums for an office, without a name; every institution asked for is there."""
    charges, payments = _rows(uow, *_within(institution_ids, month.replace(day=1)))
    return {
        place: rules.sums(
            (c.amount for c in charges if c.institution_id == place),
            _money(p for p in payments if p.institution_id == place),
        )
        for place in institution_ids
    }


def _month(uow: UnitOfWork, institution_id: int, first: date) -> MonthList:
    charges, payments = _rows(uow, *_within((institution_id,), first))
    charged, paid = _by_subject(charges), _by_subject(payments)
    touched = list({**charged, **paid})
    here = (
        tuple_(Charge.subject, Charge.subject_id).in_(touched),
        tuple_(Payment.subject, Payment.subject_id).in_(touched),
    )
    all_charges, all_payments = _rows(uow, *here)
    ledgers = _ledgers(all_charges, all_payments, uow.today)
    first_charge = {key: rows[0] for key, rows in _by_subject(all_charges).items()}
    guardians = _names(
        uow, Guardian, {c.guardian_id for c in all_charges} | {p.guardian_id for p in all_payments}
    )
    children = _names(uow, Child, {row.child_id for row in all_charges})
    rows = []
    for key in touched:
        of_month, money = charged.get(key, []), paid.get(key, [])
        origin = first_charge.get(key)
        guardian_id = origin.guardian_id if origin else money[0].guardian_id
        days = [row.service_date for row in of_month] or [kst_date(row.paid_at) for row in money]
        rows.append(
            MonthRow(
                *key,
                guardian=guardians[guardian_id],
                child=children[origin.child_id] if origin else "",
                first_day=min(days),
                sums=rules.sums((row.amount for row in of_month), _money(money)),
                balance=ledgers[key].balance,
                standing=ledgers[key].standing,
                receipts=tuple(row.receipt_number for row in money),
            )
        )
    rows.sort(key=lambda row: (row.first_day, row.child, row.subject_id))
    return MonthList(first, rows, rules.sums((row.amount for row in charges), _money(payments)))


def _within(institution_ids: Collection[int], first: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    after = add_months(first, 1)
    return (
        and_(
            Charge.institution_id.in_(institution_ids),
            Charge.service_date >= first,
            Charge.service_date < after,
        ),
        and_(
            Payment.institution_id.in_(institution_ids),
            Payment.paid_at >= kst(first),
            Payment.paid_at < kst(after),
        ),
    )


def _rows(
    uow: UnitOfWork, charges: ColumnElement[bool], payments: ColumnElement[bool]
) -> tuple[Sequence[Charge], Sequence[Payment]]:
    return (
        uow.session.scalars(select(Charge).where(charges).order_by(Charge.id)).all(),
        uow.session.scalars(select(Payment).where(payments).order_by(Payment.id)).all(),
    )


Row = TypeVar("Row", Charge, Payment)


def _by_subject(rows: Iterable[Row]) -> defaultdict[tuple[str, int], list[Row]]:
    found: defaultdict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rows:
        found[row.subject, row.subject_id].append(row)
    return found


def _names(uow: UnitOfWork, model: type[Guardian] | type[Child], ids: Collection[int]) -> dict[int, str]:
    rows = uow.session.execute(select(model.id, model.name).where(model.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _money(rows: Iterable[Payment]) -> list[Paid]:
    return [Paid(row.amount, row.method) for row in rows]


def _ledgers(
    charges: Sequence[Charge], payments: Sequence[Payment], today: date
) -> dict[tuple[str, int], Ledger]:
    charged, paid = _by_subject(charges), _by_subject(payments)
    return {key: _ledger(charged[key], paid[key], today) for key in {**charged, **paid}}


def _ledger(charges: Sequence[Charge], payments: Sequence[Payment], today: date) -> Ledger:
    owed = [Owed(row.amount, row.due_on) for row in charges]
    sums = rules.sums((row.amount for row in charges), _money(payments))
    lines = [*map(_charge_line, charges), *map(_money_line, payments)]
    return Ledger(
        sorted(lines, key=lambda line: line.at),
        sums,
        rules.standing(owed, sums.kept, today),
        rules.open_parts(owed, sums.kept),
    )


def _charge_line(row: Charge) -> Line:
    return Line(
        row.ref,
        row.service_date,
        row.created_at,
        ChargeKind(row.kind).label,
        row.amount,
        is_money=False,
        due_on=row.due_on,
        reason=row.reason,
        kind=row.kind,
    )


def _money_line(row: Payment) -> Line:
    return Line(
        row.ref,
        kst_date(row.paid_at),
        row.created_at,
        PaymentKind(row.kind).label,
        row.amount,
        is_money=True,
        method=row.method,
        receipt_number=row.receipt_number,
        reason=row.reason,
        payer=row.payer,
        paper_id=row.paper_id,
        kind=row.kind,
    )
