"""Two hands at the till: one press counts once, and no won goes back twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from app.fees import queries, service
from app.fees.models import Payment
from app.fees.rules import ChargeKind
from app.fees.service import Account
from app.kernel.actor import SYSTEM
from app.kernel.db import Database, UnitOfWork, unit_of_work
from app.kernel.errors import AlreadySubmitted, RuleBroken
from app.kernel.submission import answered_at, submit_once
from tests.conftest import GWACHEON
from tests.fees.conftest import METHODS, make_account
from tests.racing import at_once

pytestmark = pytest.mark.race
TRIES = 5
REQUEST_ID = "0123456789abcdef0123456789abcdef"


@dataclass
class Till:
    account: Account
    child_id: int

    def at_once(self, command: Callable[[UnitOfWork], object]) -> list[object]:
        def act() -> object:
            with unit_of_work(GWACHEON, SYSTEM) as uow:
                return command(uow)

        return at_once(*[act] * TRIES)


@pytest.fixture
def till(own_house: Database) -> Till:
    with unit_of_work(GWACHEON, SYSTEM) as uow:
        account, child_id = make_account(uow)
    return Till(account, child_id)


def test_a_payment_pressed_many_times_at_once_is_one(till: Till) -> None:
    def pay(uow: UnitOfWork) -> object:
        submit_once(uow, REQUEST_ID)
        row = service.record_payment(uow, till.account, 3000, "card", METHODS, too_much="먼저 보냄")
        answered_at(uow, REQUEST_ID, "/paid")
        return row

    answers = till.at_once(pay)
    assert sum(isinstance(answer, AlreadySubmitted) for answer in answers) == TRIES - 1
    with unit_of_work(GWACHEON, SYSTEM) as uow:
        assert uow.session.scalar(select(func.sum(Payment.amount))) == 3000


@pytest.mark.rule("AD-13")
def test_from_two_screens_no_won_comes_in_that_is_not_open(till: Till) -> None:
    with unit_of_work(GWACHEON, SYSTEM) as uow:
        service.charge(
            uow,
            till.account,
            ChargeKind.BOOKING,
            5000,
            child_id=till.child_id,
            service_date=uow.today,
            due_on=uow.today,
        )
    answers = till.at_once(lambda uow: service.record_payment(uow, till.account, 3000, "card", METHODS))
    refused = [answer.problems[0].code for answer in answers if isinstance(answer, RuleBroken)]
    assert refused == ["fees.too_much"] * (TRIES - 1)
    with unit_of_work(GWACHEON, SYSTEM) as uow:
        assert queries.balance_of(uow, "daycare_booking", 1) == 2000


@pytest.mark.rule("AD-14")
def test_refunds_at_once_never_exceed_what_was_paid(till: Till) -> None:
    with unit_of_work(GWACHEON, SYSTEM) as uow:
        service.record_payment(uow, till.account, 5000, "card", METHODS, too_much="먼저 보냄")
    answers = till.at_once(
        lambda uow: service.refund(uow, till.account, 2000, "card", METHODS, "같은 취소를 여럿이 처리")
    )
    refused = [answer for answer in answers if isinstance(answer, RuleBroken)]
    assert [error.problems[0].code for error in refused] == ["fees.more_than_paid"] * (TRIES - 2)
    with unit_of_work(GWACHEON, SYSTEM) as uow:
        assert queries.balance_of(uow, "daycare_booking", 1) == -1000
        numbers = uow.session.scalars(select(Payment.receipt_number)).all()
        assert len(set(numbers)) == len(numbers) == 3
