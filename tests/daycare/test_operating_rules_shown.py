"""A city with other figures reads them where families promise to keep them: screen, signed paper, blank form."""

from __future__ import annotations

import secrets

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import UserAccount
from app.daycare import parameters
from app.documents.models import Paper
from app.documents.print_runs import PART
from app.kernel.work import Work
from app.tenancy import settings
from app.tenancy.rules import Service
from tests.cast import offer
from tests.cast_accounts import sign_in
from tests.cast_daycare import MONDAY, DaycareTown
from tests.daycare.parents import new_family, words
from tests.daycare.test_views_parent_apply import YES, drafted, step

HERE = ("0세부터 12세 이하", "1시간에 1,000원이며", "취약계층은 무료")
ELSEWHERE = ("6개월 이상", "3천원", "3,000원")


@pytest.fixture
def icheon(town: DaycareTown) -> DaycareTown:
    with town.unit() as uow:
        for parameter, value in (
            (parameters.MIN_MONTHS, 0),
            (parameters.AGE_MAX, 12),
            (parameters.PRESCHOOL_ONLY, False),
            (parameters.FEE_HOUR, 1000),
            (parameters.FREE, ["vulnerable"]),
        ):
            settings.set_value(uow, parameter, value, effective_from=MONDAY, reason="우리 시")
    return town


@pytest.mark.rule("AD-12")
@pytest.mark.rule("AE-18")
def test_on_the_screen_and_on_the_signed_paper(app: Flask, icheon: DaycareTown) -> None:
    father = new_family(app, icheon)[0]
    draft = drafted(father)
    page = words(father.get(f"{draft}/sign"))
    assert all(part in page for part in HERE)
    assert not any(part in page for part in ELSEWHERE)
    assert step(father, draft, "sign", {**YES, "typed": father.name}).status_code == 303
    with icheon.unit() as uow:
        paper = uow.session.scalars(select(Paper).where(Paper.subject == "daycare_application")).one()
    text = " ".join(str(value) for key, value in paper.data.items() if key.startswith("rules_"))
    assert all(part in text for part in HERE)
    assert not any(part in text for part in ELSEWHERE)


@pytest.mark.rule("AD-12")
@pytest.mark.rule("AE-18")
@pytest.mark.parametrize("who", ["director", "officer"])
def test_on_a_blank_form(app: Flask, icheon: DaycareTown, who: str) -> None:
    offer(icheon.place, Service.DAYCARE)
    client = app.test_client()
    with icheon.unit() as uow:
        sign_in(client, uow, uow.session.get_one(UserAccount, getattr(icheon, who).user_id))
    data = {"request_id": secrets.token_hex(16), "copies": "2"}
    answer = client.post("/gwacheon/forms/daycare-application/blank", data=data)
    assert answer.status_code == 303
    with icheon.unit() as uow:
        [part] = uow.session.scalars(select(Work).where(Work.kind == PART)).all()
    for sheet in part.payload["sheets"]:
        assert all(any(words_ in str(text) for text in sheet["data"].values()) for words_ in HERE)
