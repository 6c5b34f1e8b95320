"""Charges, payments, refunds and receipts as rows, and what the lists say of them."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, datetime

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.documents.models import Paper
from app.fees import queries, receipts, service
from app.fees.models import Charge, Payment
from app.fees.rules import ChargeKind, Standing
from app.kernel.actor import SYSTEM
from app.kernel.audit import AccessLog, AuditLog
from app.kernel.db import UnitOfWork, unit_of_work
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.ranges import KST
from tests.fees.conftest import METHODS, NOW, TODAY, Family

STEPS = st.lists(
    st.tuples(st.sampled_from(["charge", "pay", "refund", "reduce", "correct"]), st.integers(1, 900)),
    max_size=8,
)


NUMBERS = itertools.count(100)
EARLY = "이용료가 정해지기 전에 보냄"


def act(uow: UnitOfWork, family: Family, step: str, tens: int) -> tuple[int, int]:
    """What one command adds to charges and to payments; (0, 0) when a rule refuses it."""
    amount = tens * 10
    try:
        if step == "charge":
            family.charge(uow, amount)
            return amount, 0
        if step == "reduce":
            family.charge(uow, -amount, ChargeKind.REDUCTION)
            return -amount, 0
        if step == "correct":
            mine = select(Charge.ref).where(Charge.subject_id == family.account.subject_id)
            ref = uow.session.scalars(mine.order_by(Charge.id)).first() or "none"
            service.correct(uow, ref, -amount, "잘못 적음")
            return -amount, 0
        if step == "pay":
            service.record_payment(uow, family.account, amount, "card", METHODS)
            return 0, amount
        service.refund(uow, family.account, amount, "card", METHODS, "덜 이용")
        return 0, -amount
    except (RuleBroken, NotFound):
        return 0, 0


@given(steps=STEPS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_sequence_the_balance_is_charges_less_payments(
    family: Family, steps: list[tuple[str, int]]
) -> None:
    number = next(NUMBERS)
    mine = replace(family, account=replace(family.account, subject_id=number))
    charged = paid = 0
    with unit_of_work(family.place, SYSTEM) as uow:
        for step, tens in steps:
            more_charged, more_paid = act(uow, mine, step, tens)
            charged, paid = charged + more_charged, paid + more_paid
            assert queries.balance_of(uow, "daycare_booking", number) == charged - paid
            assert paid >= 0, "more went back than came in"
        ledger = queries.ledger_of(uow, "daycare_booking", number)
        assert sum(part.amount for part in ledger.open_parts) == max(ledger.balance, 0)


def test_an_account_as_its_page_shows_it(family: Family) -> None:
    with unit_of_work(family.place, SYSTEM) as uow:
        assert queries.ledger_of(uow, "daycare_booking", 1).standing is Standing.SETTLED
        family.charge(uow, 6000)
        ledger = queries.ledger_of(uow, "daycare_booking", 1)
        assert (ledger.balance, ledger.due_on, ledger.standing) == (6000, TODAY, Standing.OWED)
        service.record_payment(uow, family.account, 6000, "card", METHODS, payer="김보호")
    with time_machine.travel("2026-11-20 21:00+09:00", tick=False), unit_of_work(family.place, SYSTEM) as uow:
        family.charge(uow, -3000, ChargeKind.REDUCTION)
        assert queries.ledger_of(uow, "daycare_booking", 1).standing is Standing.CREDIT
        service.refund(uow, family.account, 3000, "account_transfer", METHODS, "1시간 덜 이용")
        ledger = queries.ledger_of(uow, "daycare_booking", 1)
        assert (ledger.balance, ledger.due_on, ledger.standing) == (0, None, Standing.SETTLED)
        assert [(line.label, line.amount, line.receipt_number) for line in ledger.lines] == [
            ("이용료", 6000, ""),
            ("수납", 6000, "2026-0001"),
            ("이용료 줄임", -3000, ""),
            ("환불", -3000, "2026-0002"),
        ]
        assert queries.open_accounts(uow, family.account.guardian_id) == {}


@pytest.mark.rule("AD-14")
def test_a_refused_refund_writes_nothing(family: Family) -> None:
    with unit_of_work(family.place, SYSTEM) as uow:
        service.record_payment(uow, family.account, 3000, "card", METHODS, too_much=EARLY)
    with pytest.raises(RuleBroken) as refused, unit_of_work(family.place, SYSTEM) as uow:
        service.refund(uow, family.account, 3010, "card", METHODS, "취소")
    assert "3,000원" in refused.value.problems[0].sentence
    other = replace(family.account, subject_id=2)
    with pytest.raises(RuleBroken, match="nothing_paid"), unit_of_work(family.place, SYSTEM) as uow:
        service.refund(uow, other, 10, "card", METHODS, "다른 예약에서 낸 돈이에요")
    with unit_of_work(family.place, SYSTEM) as uow:
        assert uow.session.scalar(select(func.count()).select_from(Payment)) == 1


@pytest.mark.rule("GC-18")
def test_a_correction_needs_its_reason_and_leaves_the_first_row_alone(family: Family) -> None:
    with unit_of_work(family.place, SYSTEM) as uow:
        ref = family.charge(uow, 6000)
    with pytest.raises(RuleBroken, match=r"fees\.reason"), unit_of_work(family.place, SYSTEM) as uow:
        service.correct(uow, ref, -3000, " ")
    with pytest.raises(RuleBroken, match="wrong_sign"), unit_of_work(family.place, SYSTEM) as uow:
        service.correct(uow, ref, -6010, "다 지우기")
    with unit_of_work(family.place, SYSTEM) as uow:
        service.correct(uow, ref, -3000, "시간을 잘못 적음")
        assert uow.session.scalars(select(Charge.amount).order_by(Charge.id)).all() == [6000, -3000]
        row = uow.session.scalars(select(AuditLog).order_by(AuditLog.id.desc())).first()
        assert row is not None
        assert (row.action, row.to_state, row.reason) == ("fees.charged", "CORRECTION", "시간을 잘못 적음")
    with pytest.raises(NotFound), unit_of_work(family.place, SYSTEM) as uow:
        service.correct(uow, "0" * 16, -10, "없는 것")


@pytest.mark.rule("AD-13")
def test_a_receipt_is_one_paper(family: Family) -> None:
    data = {
        "guardian_name": "김보호",
        "child_name": "김하늘",
        "daycare_name": "김포 어린이집",
        "due": 6000,
        "lines": [
            {
                "use_date": "2026-11-20",
                "from_time": "18:00",
                "to_time": "20:00",
                "hours": 2,
                "rate": 3000,
                "subsidy": "self",
                "amount": 6000,
            }
        ],
    }
    with unit_of_work(family.place, SYSTEM) as uow:
        family.charge(uow, 6000)
        payment = service.record_payment(
            uow, family.account, 6000, "account_transfer", METHODS, payer="김보호"
        )
        back = service.refund(uow, family.account, 10, "card", METHODS, "잔돈", beyond="거스름돈")
        assert back.reason == "잔돈 (거스름돈)"
    for _twice in range(2):
        with unit_of_work(family.place, SYSTEM) as uow:
            paper = receipts.issue_receipt(uow, payment.ref, data, child_id=family.child_id)
            assert paper.data["receipt_no"] == payment.receipt_number
            assert (paper.data["total"], paper.data["method"]) == (6000, "transfer")
            assert [paper.data[key] for key in ("others", "refunded", "open", "back")] == [0, 10, 10, 0]
    with unit_of_work(family.place, SYSTEM) as uow:
        assert uow.session.scalar(select(func.count()).select_from(Paper)) == 1
    with pytest.raises(NotFound), unit_of_work(family.place, SYSTEM) as uow:
        receipts.issue_receipt(uow, back.ref, data)


def test_a_month_counts_charges_by_their_day_and_money_by_when_it_moved(family: Family) -> None:
    second = replace(family.account, subject_id=2)
    with unit_of_work(family.place, SYSTEM) as uow:
        for account, day, amount in (
            (family.account, date(2026, 11, 1), 3000),
            (family.account, date(2026, 11, 30), 6000),
            (second, date(2026, 10, 31), 9000),
            (replace(second, subject_id=3), date(2026, 12, 1), 30),
        ):
            service.charge(
                uow,
                account,
                ChargeKind.BOOKING,
                amount,
                child_id=family.child_id,
                service_date=day,
                due_on=day,
            )
        for account, at, amount in (
            (family.account, datetime(2026, 11, 30, 23, 59, tzinfo=KST), 3000),
            (family.account, datetime(2026, 12, 1, 0, 0, tzinfo=KST), 500),
            (second, datetime(2026, 10, 31, 23, 59, tzinfo=KST), 4000),
            (second, datetime(2026, 11, 1, 0, 0, tzinfo=KST), 5000),
        ):
            service.record_payment(uow, account, amount, "card", METHODS, paid_at=at)
        service.refund(uow, second, 1000, "account_transfer", METHODS, "덜 이용", beyond="카드로 다시 받음")
    with unit_of_work(family.place, SYSTEM) as uow:
        month = queries.month_list(uow, family.account.institution_id, TODAY)
        assert [(row.subject_id, row.child, row.sums.charged, row.sums.kept) for row in month.rows] == [
            (1, "김하늘", 9000, 3000),
            (2, "김하늘", 0, 4000),
        ]
        assert [(row.balance, row.standing) for row in month.rows] == [
            (5500, Standing.OWED),
            (1000, Standing.OVERDUE),
        ]
        whole = month.sums
        assert (whole.charged, whole.paid, whole.refunded) == (9000, 8000, 1000)
        assert whole.by_method == (("account_transfer", -1000), ("card", 8000))
        assert (month.owed, month.credit) == (6500, 0)
        place = family.account.institution_id
        assert queries.month_sums(uow, [place, 0], TODAY) == {place: whole, 0: queries.Sums()}
        looked = uow.session.scalars(select(AccessLog).where(AccessLog.what == "fees.month")).one()
        assert (looked.subject_id, looked.row_count) == (place, 2)


def test_an_empty_month_is_empty(family: Family) -> None:
    with unit_of_work(family.place, SYSTEM) as uow:
        month = queries.month_list(uow, family.account.institution_id, date(2020, 2, 29))
        assert (month.rows, month.sums, month.owed) == ([], queries.Sums(), 0)


def test_receipt_numbers_begin_anew_each_year(family: Family) -> None:
    numbers = []
    for now in ("2026-12-31 23:59:59+09:00", "2027-01-01 00:00+09:00", "2027-01-01 00:01+09:00"):
        with time_machine.travel(now, tick=False), unit_of_work(family.place, SYSTEM) as uow:
            paid = service.record_payment(uow, family.account, 10, "card", METHODS, too_much=EARLY)
            numbers.append(paid.receipt_number)
    assert numbers == ["2026-0001", "2027-0001", "2027-0002"]


def test_another_municipality_has_its_own_ledger(family: Family, seoul: object) -> None:
    with unit_of_work(family.place, SYSTEM) as uow:
        family.charge(uow, 3000)
    with time_machine.travel(NOW, tick=False), unit_of_work(seoul, SYSTEM) as uow:  # type: ignore[arg-type]
        assert queries.balance_of(uow, "daycare_booking", 1) == 0
