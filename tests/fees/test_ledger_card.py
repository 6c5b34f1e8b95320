"""The shared part of a page that shows an account in words."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask, render_template_string

from app.fees import queries, service
from app.fees.rules import ChargeKind
from app.kernel.actor import SYSTEM
from app.kernel.db import unit_of_work
from tests.fees.conftest import METHODS, Family

CARD = '{% from "fees/_ledger.html" import ledger_card %}{{ ledger_card(ledger) }}'


@pytest.mark.parametrize(
    ("paid", "back", "words"),
    [
        (0, 0, ["낼 금액 6,000원 · 11월 20일(금)까지", "납부 전"]),
        (6000, 0, ["낼 금액이 없어요", "정산 완료", "신용카드", "영수증 2026-0001"]),
        (9000, 0, ["돌려받을 금액 3,000원", "돌려줄 돈 있음"]),
        (9000, 3000, ["정산 완료", "-3,000원", "잘못 받은 돈"]),
    ],
)
def test_an_account_in_words(app: Flask, family: Family, paid: int, back: int, words: list[str]) -> None:
    with unit_of_work(family.place, SYSTEM) as uow:
        family.charge(uow, 6000)
        if paid:
            service.record_payment(uow, family.account, paid, "card", METHODS, too_much="더 보냄")
        if back:
            service.refund(uow, family.account, back, "card", METHODS, "잘못 받은 돈")
        ledger = queries.ledger_of(uow, "daycare_booking", 1)
    with app.test_request_context():
        page = render_template_string(CARD, ledger=ledger)
    assert [word for word in words if word not in page] == []


def test_nothing_yet_says_what_will_appear_and_late_is_late(app: Flask, family: Family) -> None:
    with unit_of_work(family.place, SYSTEM) as uow:
        empty = queries.ledger_of(uow, "daycare_booking", 1)
        service.charge(
            uow,
            family.account,
            ChargeKind.BOOKING,
            3000,
            child_id=family.child_id,
            service_date=date(2026, 11, 19),
            due_on=date(2026, 11, 19),
        )
        late = queries.ledger_of(uow, "daycare_booking", 1)
    with app.test_request_context():
        assert "이용료가 정해지면" in render_template_string(CARD, ledger=empty)
        assert "납부 기한 지남" in render_template_string(CARD, ledger=late)
