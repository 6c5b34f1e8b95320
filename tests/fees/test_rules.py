"""Sums of the ledger, and what may be written into it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.fees.rules import (
    LARGEST,
    ChargeKind,
    Owed,
    Paid,
    Standing,
    balance,
    check_charge,
    check_payment,
    check_refund,
    open_parts,
    overdue,
    receipt_number,
    standing,
    sums,
)

DUE = date(2026, 11, 30)
METHODS = ("account_transfer", "card")
WON = st.integers(0, 100_000).map(lambda tens: tens * 10)
DAYS = st.integers(0, 40).map(lambda n: DUE + timedelta(days=n))


def codes(problems: list[object]) -> list[str]:
    return [problem.code for problem in problems]  # type: ignore[attr-defined]


@given(st.lists(st.integers(-LARGEST, LARGEST)), st.lists(st.integers(-LARGEST, LARGEST)))
def test_the_balance_is_what_was_charged_less_what_was_paid(charges: list[int], payments: list[int]) -> None:
    assert balance(charges, payments) == sum(charges) - sum(payments)
    whole = sums(charges, [Paid(amount, "card") for amount in payments])
    assert whole.balance == balance(charges, payments)
    assert whole.kept == sum(amount for _, amount in whole.by_method)
    assert min(whole.paid, whole.refunded) >= 0


def test_sums_of_a_month() -> None:
    moved = [Paid(3000, "card"), Paid(6000, "account_transfer"), Paid(-1000, "card")]
    whole = sums([6000, -1000], moved)
    assert (whole.charged, whole.paid, whole.refunded, whole.kept) == (5000, 9000, 1000, 8000)
    assert whole.by_method == (("account_transfer", 6000), ("card", 2000))


@given(st.lists(st.tuples(WON, DAYS)), st.lists(WON, max_size=3), st.integers(0, 3_000_000))
def test_open_parts_add_up_to_what_is_owed_and_oldest_are_paid_first(
    charges: list[tuple[int, date]], reductions: list[int], paid: int
) -> None:
    owed = [Owed(amount, due) for amount, due in charges] + [Owed(-amount, DUE) for amount in reductions]
    parts = open_parts(owed, paid)
    assert sum(part.amount for part in parts) == max(balance((c.amount for c in owed), (paid,)), 0)
    assert all(part.amount > 0 for part in parts)
    assert [part.due_on for part in parts] == sorted(part.due_on for part in parts)
    whole = {(c.amount, c.due_on) for c in owed}
    assert all((part.amount, part.due_on) in whole for part in parts[1:]), "only the oldest is part-paid"


@pytest.mark.rule("GC-03")
@pytest.mark.parametrize(
    ("on", "late", "stands"),
    [
        (DUE - timedelta(days=1), 0, Standing.OWED),
        (DUE, 0, Standing.OWED),
        (DUE + timedelta(days=1), 3000, Standing.OVERDUE),
    ],
)
def test_the_due_date_itself_is_in_time(on: date, late: int, stands: Standing) -> None:
    owed = [Owed(3000, DUE)]
    assert overdue(owed, 0, on) == late
    assert standing(owed, 0, on) is stands


@pytest.mark.parametrize(
    ("paid", "stands"),
    [(2990, Standing.OWED), (3000, Standing.SETTLED), (3010, Standing.CREDIT)],
)
def test_how_an_account_stands(paid: int, stands: Standing) -> None:
    assert standing([Owed(6000, DUE), Owed(-3000, DUE)], paid, DUE) is stands


@pytest.mark.parametrize(
    ("kind", "amount", "found"),
    [
        (ChargeKind.BOOKING, 0, []),
        (ChargeKind.BOOKING, 3000, []),
        (ChargeKind.BOOKING, -10, ["fees.wrong_sign"]),
        (ChargeKind.OVERRUN, 3005, ["fees.not_a_fee"]),
        (ChargeKind.REDUCTION, -3000, []),
        (ChargeKind.REDUCTION, 0, ["fees.wrong_sign"]),
        (ChargeKind.REDUCTION, 10, ["fees.wrong_sign"]),
        (ChargeKind.CORRECTION, -10, []),
        (ChargeKind.CORRECTION, 10, []),
        (ChargeKind.CORRECTION, 0, ["fees.wrong_sign"]),
        (ChargeKind.MEAL, LARGEST, []),
        (ChargeKind.MEAL, LARGEST + 10, ["fees.amount_too_large"]),
        (ChargeKind.CORRECTION, -LARGEST - 10, ["fees.amount_too_large"]),
    ],
)
@pytest.mark.rule("GC-16")
def test_what_may_be_charged(kind: ChargeKind, amount: int, found: list[str]) -> None:
    assert codes(check_charge(kind, amount)) == found


@pytest.mark.rule("AD-13")
@pytest.mark.parametrize(
    ("amount", "method", "found"),
    [
        (1, "card", []),
        (LARGEST - 1, "card", []),
        (0, "card", ["fees.amount_missing"]),
        (-1, "card", ["fees.amount_missing"]),
        (LARGEST, "account_transfer", []),
        (LARGEST + 1, "card", ["fees.amount_too_large"]),
        (3000, "cash", ["fees.method"]),
        (3000, "", ["fees.method"]),
    ],
)
def test_what_may_be_paid(amount: int, method: str, found: list[str]) -> None:
    assert codes(check_payment(amount, method, METHODS, LARGEST)) == found


@pytest.mark.rule("AD-13")
@pytest.mark.parametrize(
    ("amount", "owed", "why", "found"),
    [
        (2999, 3000, "", []),
        (3000, 3000, "", []),
        (3001, 3000, "", ["fees.too_much"]),
        (3001, 3000, "  ", ["fees.too_much"]),
        (3001, 3000, "보호자가 더 보냄", []),
        (1, 0, "", ["fees.too_much"]),
        (1, -3000, "", ["fees.too_much"]),
        (0, 0, "", ["fees.amount_missing"]),
    ],
)
def test_more_than_is_open_needs_a_word(amount: int, owed: int, why: str, found: list[str]) -> None:
    problems = check_payment(amount, "card", METHODS, owed, why)
    assert codes(problems) == found
    assert all(problem.soft == (problem.code == "fees.too_much") for problem in problems)


@pytest.mark.rule("AD-14")
@pytest.mark.parametrize(
    ("amount", "paid", "reason", "found"),
    [
        (2999, 3000, "한 시간 덜 이용", []),
        (3000, 3000, "한 시간 덜 이용", []),
        (3001, 3000, "한 시간 덜 이용", ["fees.more_than_paid"]),
        (1, 0, "한 시간 덜 이용", ["fees.nothing_paid"]),
        (3000, 3000, "  ", ["fees.reason"]),
        (-1, 3000, "취소", ["fees.amount_missing"]),
    ],
)
def test_what_may_be_given_back(amount: int, paid: int, reason: str, found: list[str]) -> None:
    assert codes(check_refund(amount, "card", METHODS, paid, 0, reason)) == found


@pytest.mark.rule("AD-14")
@pytest.mark.parametrize(
    ("amount", "charged", "why", "found"),
    [
        (3000, 6000, "", []),
        (3001, 6000, "", ["fees.more_than_credit"]),
        (3001, 6000, "카드로 다시 받음", []),
        (1, 9000, "", ["fees.more_than_credit"]),
        (1, 12_000, "", ["fees.more_than_credit"]),
        (9000, 12_000, "카드로 다시 받음", []),
        (9001, 12_000, "카드로 다시 받음", ["fees.more_than_paid"]),
    ],
)
def test_more_than_was_too_much_needs_a_word_of_its_own(
    amount: int, charged: int, why: str, found: list[str]
) -> None:
    assert codes(check_refund(amount, "card", METHODS, 9000, charged, "취소", why)) == found


@pytest.mark.parametrize(
    ("counter", "number"), [(1, "2026-0001"), (9999, "2026-9999"), (10000, "2026-10000")]
)
def test_receipt_numbers_grow(counter: int, number: str) -> None:
    assert receipt_number(2026, counter) == number
