"""What the household says before the decision: all of it stays, with who, when and how (AS-18)."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask

from app.kernel.actor import Actor, Role
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.ranges import kst
from app.restrictions import service
from app.restrictions.models import Restriction
from app.restrictions.rules.kinds import Channel, EventKind, State
from app.restrictions.statements import statements_of
from tests.restrictions.office import TODAY, Office, restriction
from tests.restrictions.test_cases import codes
from tests.restrictions.test_views import HOME, MINE, Browser, press


def asked(office: Office) -> Restriction:
    office.event(EventKind.INSULT)
    (case,) = office.cases()
    with office.acting(office.coordinator) as uow:
        case = service.check_facts(uow, case.ref, version=case.version)
        return service.ask_statement(uow, case.ref, version=case.version, found="확인")


def say(office: Office, ref: str, by: Actor, text: str, channel: Channel = Channel.ONLINE) -> Restriction:
    with office.acting(by) as uow:
        return service.give_statement(uow, ref, version=office.case(ref).version, text=text, channel=channel)


@pytest.mark.rule("AS-18")
def test_none_is_written_over_another(office: Office) -> None:
    ref = asked(office).ref
    said = [
        (office.parent, "사정이 있었어요", Channel.ONLINE),
        (office.coordinator, "전화로 덧붙임", Channel.PHONE),
        (office.coordinator, "우편으로 온 말씀", Channel.PAPER),
        (office.parent, "하나 더 있어요", Channel.ONLINE),
    ]
    for minute, (by, text, channel) in enumerate(said):
        with time_machine.travel(kst(TODAY, 700 + minute), tick=False):
            say(office, ref, by, text, channel)
    case = office.case(ref)
    assert [(row.role, row.user_id, row.text, row.channel, row.at) for row in statements_of(case)] == [
        (by.role, by.user_id, text, channel, kst(TODAY, 700 + minute))
        for minute, (by, text, channel) in enumerate(said)
    ]
    assert all(text in case.statement for _, text, _ in said)
    assert case.statement_at == kst(TODAY, 703)


@pytest.mark.rule("AS-18")
def test_only_who_was_asked_is_heard_and_until_somebody_decided(office: Office) -> None:
    office.event(EventKind.INSULT)
    (case,) = office.cases()
    with pytest.raises(NotFound):
        say(office, case.ref, office.parent, "아직 묻지 않았다")
    case = office.heard(case.ref)
    with pytest.raises(NotFound):
        say(office, case.ref, office.stranger, "남의 일")
    with office.acting(office.director) as uow:
        service.decide(uow, case.ref, version=case.version, reason="기준")
    with pytest.raises(RuleBroken) as caught:
        say(office, case.ref, office.coordinator, "늦은 말", Channel.PHONE)
    assert codes(caught) == {"statement.not_asked"}
    assert [row.text for row in statements_of(office.case(case.ref))] == ["죄송합니다"]


def test_one_kept_without_its_particulars_stays_in_front(office: Office) -> None:
    case = restriction(
        office,
        state=State.STATEMENT,
        starts_on=None,
        ends_on=None,
        notified_at=None,
        statement="먼저 한 말",
        statement_at=kst(TODAY, 500),
        details={"statement_channel": "PAPER"},
    )
    case = say(office, case.ref, office.coordinator, "나중 말", Channel.PHONE)
    rows = [(row.text, row.channel, row.at) for row in statements_of(case)]
    assert rows == [
        ("먼저 한 말", Channel.PAPER, kst(TODAY, 500)),
        ("나중 말", Channel.PHONE, kst(TODAY, 600)),
    ]
    assert statements_of(restriction(office)) == []


@pytest.mark.rule("AS-18")
def test_both_pages_show_all_of_it(app: Flask, office: Office) -> None:
    who, ref = Browser(app, office), asked(office).ref
    parent, coordinator = who.parent(), who.of(Role.COORDINATOR)
    assert press(parent, f"{MINE}/{ref}", "statement", words="첫 줄\n<둘째 줄>") == 303
    page = parent.get(f"{MINE}/{ref}").text
    assert "먼저 보내신 말씀도 그대로 남아요" in page
    assert "<textarea" in page
    assert "첫 줄</textarea>" not in page, "the form adds, it does not change"
    assert press(coordinator, f"{HOME}/cases/{ref}", "statement", channel="PHONE", words="전화 말씀") == 303
    for page in (parent.get(f"{MINE}/{ref}").text, coordinator.get(f"{HOME}/cases/{ref}").text):
        assert "첫 줄<br>&lt;둘째 줄&gt;" in page
        assert page.index("누리집") < page.index("첫 줄") < page.index("전화 말씀")
        assert "11월 20일(금) 10:00" in page
    assert "보호자 김보호" in coordinator.get(f"{HOME}/cases/{ref}").text
