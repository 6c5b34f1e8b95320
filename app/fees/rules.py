"""The law of the ledger: what is owed, what may be given back, what a month adds up to. Amounts are whole won."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.kernel.errors import N_, Problem

LARGEST = 10_000_000
"""No single entry of a family is larger; a typing mistake of one digit too many is caught here."""

AMOUNT_MISSING = Problem(
    "fees.amount_missing", N_("금액을 1원 이상 적어 주세요."), rule="AD-13", field="amount"
)
AMOUNT_TOO_LARGE = Problem(
    "fees.amount_too_large",
    N_("한 번에 {max:,}원까지 적을 수 있어요. 금액을 다시 확인해 주세요."),
    rule="AD-13",
    field="amount",
)
METHOD_UNKNOWN = Problem(
    "fees.method", N_("받을 수 있는 결제 방법 가운데 하나를 골라 주세요."), rule="AD-13", field="method"
)
REASON_MISSING = Problem("fees.reason", N_("사유를 적어 주세요."), rule="GC-18", field="reason")
MORE_THAN_PAID = Problem(
    "fees.more_than_paid",
    N_("받은 금액({paid:,}원)보다 많이 돌려줄 수 없어요. 금액을 다시 확인해 주세요."),
    rule="AD-14",
    field="amount",
)
NOTHING_PAID = Problem(
    "fees.nothing_paid", N_("받은 돈이 없어 돌려줄 것이 없어요."), rule="AD-14", field="amount"
)
TOO_MUCH = Problem(
    "fees.too_much",
    N_("더 받을 금액은 {open:,}원이에요. 정말 그보다 많이 받았으면 까닭을 적어 주세요."),
    rule="AD-13",
    field="amount",
    soft=True,
)
MORE_THAN_CREDIT = Problem(
    "fees.more_than_credit",
    N_("돌려드릴 금액은 {credit:,}원이에요. 더 돌려드려야 하면 까닭을 적어 주세요."),
    rule="AD-14",
    field="amount",
    soft=True,
)
NOT_A_FEE = Problem(
    "fees.not_a_fee", N_("이용료는 10원 단위예요. 금액을 다시 적어 주세요."), rule="GC-16", field="amount"
)
WRONG_SIGN = Problem(
    "fees.wrong_sign", N_("이 항목에는 적을 수 없는 금액이에요."), rule="GC-16", field="amount"
)


class ChargeKind(StrEnum):
    BOOKING = "BOOKING"
    OVERRUN = "OVERRUN"
    REDUCTION = "REDUCTION"
    MEAL = "MEAL"
    NO_SHOW = "NO_SHOW"
    CORRECTION = "CORRECTION"

    @property
    def label(self) -> str:
        return _CHARGES[self]


class PaymentKind(StrEnum):
    PAYMENT = "PAYMENT"
    REFUND = "REFUND"

    @property
    def label(self) -> str:
        return {"PAYMENT": N_("수납"), "REFUND": N_("환불")}[self.value]


class Standing(StrEnum):
    """How a subject stands on a day."""

    SETTLED = "SETTLED"
    OWED = "OWED"
    OVERDUE = "OVERDUE"
    CREDIT = "CREDIT"

    @property
    def label(self) -> str:
        return _STANDINGS[self][0]

    @property
    def tone(self) -> str:
        return _STANDINGS[self][1]


_CHARGES = {
    ChargeKind.BOOKING: N_("이용료"),
    ChargeKind.OVERRUN: N_("추가 이용료"),
    ChargeKind.REDUCTION: N_("이용료 줄임"),
    ChargeKind.MEAL: N_("급·간식비"),
    ChargeKind.NO_SHOW: N_("미이용 요금"),
    ChargeKind.CORRECTION: N_("정정"),
}
_STANDINGS = {
    Standing.SETTLED: (N_("정산 완료"), "success"),
    Standing.OWED: (N_("납부 전"), "warning"),
    Standing.OVERDUE: (N_("납부 기한 지남"), "danger"),
    Standing.CREDIT: (N_("돌려줄 돈 있음"), "info"),
}
METHODS = {"account_transfer": N_("계좌입금"), "card": N_("신용카드"), "cash": N_("현금")}


def method_label(method: str) -> str:
    return METHODS.get(method, method)


@dataclass(frozen=True, slots=True)
class Owed:
    """One charge as far as sums look at it; a negative ``amount`` is no longer owed."""

    amount: int
    due_on: date


@dataclass(frozen=True, slots=True)
class Paid:
    """One movement of money; a negative ``amount`` went back."""

    amount: int
    method: str = ""


def balance(charges: Iterable[int], payments: Iterable[int]) -> int:
    """Σ charges - Σ payments: positive is owed by the family, negative is owed to it."""
    return sum(charges) - sum(payments)


def open_parts(charges: Sequence[Owed], paid: int) -> list[Owed]:
    """What is still open, earliest due date first: reductions and payments cover the oldest debts first.

    ``paid``: won that came in, refunds taken off; never negative (``check_refund``).
    """
    covered = paid - sum(charge.amount for charge in charges if charge.amount < 0)
    parts = []
    for charge in sorted((c for c in charges if c.amount > 0), key=lambda c: c.due_on):
        share = min(charge.amount, max(covered, 0))
        covered -= share
        if charge.amount > share:
            parts.append(Owed(charge.amount - share, charge.due_on))
    return parts


def overdue(charges: Sequence[Owed], paid: int, on: date) -> int:
    """Won whose due date has passed; the due date itself still counts as in time (GC-03)."""
    return sum(part.amount for part in open_parts(charges, paid) if part.due_on < on)


def standing(charges: Sequence[Owed], paid: int, on: date) -> Standing:
    left = balance((charge.amount for charge in charges), (paid,))
    if left < 0:
        return Standing.CREDIT
    if left == 0:
        return Standing.SETTLED
    return Standing.OVERDUE if overdue(charges, paid, on) > 0 else Standing.OWED


def check_charge(kind: ChargeKind, amount: int) -> list[Problem]:
    """A reduction takes away, a correction does either, everything else adds (0 for who pays nothing)."""
    problems = []
    if abs(amount) > LARGEST:
        problems.append(AMOUNT_TOO_LARGE.of(max=LARGEST))
    if amount % 10:
        problems.append(NOT_A_FEE)
    if kind is ChargeKind.CORRECTION:
        fits = amount != 0
    elif kind is ChargeKind.REDUCTION:
        fits = amount < 0
    else:
        fits = amount >= 0
    return problems if fits else [*problems, WRONG_SIGN]


def check_payment(
    amount: int, method: str, methods: Collection[str], owed: int, too_much: str = ""
) -> list[Problem]:
    """``methods``: those the municipality takes (``ad.methods``); ``owed``: won still open, negative is a credit.

    ``too_much``: why more came in all the same (GC-19).
    """
    problems = _check_move(amount, method, methods)
    if not problems and amount > max(owed, 0) and not too_much.strip():
        problems.append(TOO_MUCH.of(open=max(owed, 0)))
    return problems


def check_refund(
    amount: int,
    method: str,
    methods: Collection[str],
    paid: int,
    charged: int,
    reason: str,
    beyond: str = "",
) -> list[Problem]:
    """``paid``: what the subject has paid so far, refunds taken off; ``charged``: what it has to pay in all.

    ``beyond``: why more goes back than was paid too much.
    """
    problems = _check_move(amount, method, methods)
    credit = max(paid - charged, 0)
    if paid <= 0:
        problems.append(NOTHING_PAID)
    elif amount > paid:
        problems.append(MORE_THAN_PAID.of(paid=paid))
    elif amount > credit and not beyond.strip():
        problems.append(MORE_THAN_CREDIT.of(credit=credit))
    if not reason.strip():
        problems.append(REASON_MISSING)
    return problems


def _check_move(amount: int, method: str, methods: Collection[str]) -> list[Problem]:
    problems = []
    if amount <= 0:
        problems.append(AMOUNT_MISSING)
    elif amount > LARGEST:
        problems.append(AMOUNT_TOO_LARGE.of(max=LARGEST))
    return problems if method in methods else [*problems, METHOD_UNKNOWN]


def receipt_number(year: int, counter: int) -> str:
    """``2026-0231``; above 9999 the number grows by a digit (as GC-17)."""
    return f"{year}-{counter:04d}"


@dataclass(frozen=True, slots=True)
class Sums:
    """What came together: ``paid`` and ``refunded`` are positive, ``by_method`` is paid less refunded of each."""

    charged: int = 0
    paid: int = 0
    refunded: int = 0
    by_method: tuple[tuple[str, int], ...] = ()

    @property
    def kept(self) -> int:
        return self.paid - self.refunded

    @property
    def balance(self) -> int:
        return self.charged - self.kept


def sums(charges: Iterable[int], payments: Iterable[Paid]) -> Sums:
    paid = refunded = 0
    methods: dict[str, int] = {}
    for payment in payments:
        paid += max(payment.amount, 0)
        refunded += max(-payment.amount, 0)
        methods[payment.method] = methods.get(payment.method, 0) + payment.amount
    return Sums(sum(charges), paid, refunded, tuple(sorted(methods.items())))
