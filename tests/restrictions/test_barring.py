"""Nobody judges what is their own, and the page says who may instead (AS-16, AS-17, AS-21)."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import UserAccount
from app.accounts.rules import UserState
from app.kernel.actor import Actor, Role
from app.restrictions import service
from app.restrictions.models import Restriction
from app.restrictions.rules.barring import Hands, barred
from app.restrictions.rules.kinds import EventKind, State
from app.restrictions.rules.next_step import Step
from tests.cast_accounts import make_user, sign_in
from tests.restrictions.office import TODAY, Office, restriction
from tests.restrictions.test_views import HOME, press

PDF = b"%PDF-1.4\n%%EOF\n"
HANDS = Hands(frozenset({1, 2}), decided_by=3, also_decided_by=4, proposed_by=5)
OWN = {
    Step.DECIDE: {1: "decision.own_report", 2: "decision.own_report"},
    Step.SECOND: {1: "decision.own_report", 2: "decision.own_report", 3: "decision.same_person"},
    Step.OBJECTION: {3: "objection.own_decision", 4: "objection.own_decision"},
    Step.CONSENT: {5: "lift.own_proposal"},
}


@pytest.mark.rule("AS-16")
@pytest.mark.rule("AS-17")
@pytest.mark.rule("AS-21")
@pytest.mark.parametrize("step", list(Step))
def test_who_is_barred_from_which_step(step: Step) -> None:
    found = {person: barred(HANDS, step, person) for person in (1, 2, 3, 4, 5, 6, None)}
    assert {person: problem.code for person, problem in found.items() if problem} == OWN.get(step, {})


def officer(office: Office, name: str, role: Role = Role.CITY_OFFICER, **more: object) -> Actor:
    """With an account of its own."""
    scope = office.centre_id if role is not Role.CITY_OFFICER else None
    with office.acting() as uow:
        user = make_user(uow, role, scope, name=name, **more)  # type: ignore[arg-type]
        return Actor(role, user_id=user.id, name=name, scope=scope)


def browser(app: Flask, office: Office, actor: Actor) -> FlaskClient:
    client = app.test_client()
    with office.acting() as uow:
        user = uow.session.get_one(UserAccount, actor.user_id)
    sign_in(client, office.place, user)
    return client


def reported(office: Office, by: Actor, kind: EventKind = EventKind.INSULT) -> Restriction:
    office.event(kind, by=by)
    return office.heard(office.cases()[-1].ref, by=by)


@pytest.mark.rule("AS-17")
def test_in_a_city_alone_the_reporter_sees_who_decides_and_no_button(app: Flask, small_city: Office) -> None:
    first = officer(small_city, "최신고")
    case = reported(small_city, first)
    url = f"{HOME}/cases/{case.ref}"
    mine = browser(app, small_city, first)
    page = mine.get(url).text
    assert "직접 신고했거나" in page
    assert f"{url}/decide" not in page
    assert f"{url}/dismiss" not in page
    assert "지금 이 일을 할 수 있는 다른 시군 담당자가 없어요" in page
    assert 'href="/gwacheon/accounts"' in page
    second = officer(small_city, "이결정")
    officer(small_city, "박정지", state=UserState.SUSPENDED)
    officer(small_city, "오퇴직", ends_on=TODAY.replace(day=19))
    page = mine.get(url).text
    assert "<b>이결정</b>" in page
    assert "계정 만들기" not in page
    assert mine.post(f"{url}/decide", data={"version": str(case.version), "reason": "x"}).status_code == 422
    assert press(browser(app, small_city, second), url, "decide", reason="기준에 따름") == 303
    assert small_city.case(case.ref).state == State.NOTIFIED


@pytest.mark.rule("AS-17")
@pytest.mark.rule("AS-18")
def test_while_the_family_is_asked_the_reporter_knows_it_already(app: Flask, small_city: Office) -> None:
    first = officer(small_city, "최신고")
    small_city.event(EventKind.INSULT, by=first)
    (case,) = small_city.cases()
    with small_city.acting(first) as uow:
        case = service.check_facts(uow, case.ref, version=case.version)
        case = service.ask_statement(uow, case.ref, version=case.version, found="확인")
    page = browser(app, small_city, first).get(f"{HOME}/cases/{case.ref}").text
    assert "직접 신고했거나" in page
    assert "밤 12시까지 답할 수 있어요" in page
    assert "소명 적기" in page, "a call is still taken down"


@pytest.mark.rule("AS-16")
def test_the_first_of_two_is_told_that_nothing_is_sent_and_who_confirms(app: Flask, office: Office) -> None:
    case = reported(office, office.coordinator, EventKind.FRAUD)
    director = officer(office, "최센터", Role.REGIONAL_DIRECTOR)
    first = browser(app, office, director)
    url = f"{HOME}/cases/{case.ref}"
    answer = first.post(
        f"{url}/decide", data={"version": str(case.version), "reason": "확인됨", "months": "3"}
    )
    assert answer.status_code == 303
    page = first.get(url).text
    assert "보호자에게는 아직 알리지 않았어요" in page
    assert "통지서와 문자로 알려요" not in page
    assert "다른 시군 담당자의 계정이 있어야" in page
    assert "시군 담당자에게 계정을 만들어 달라고" in page
    assert "restriction.notice" not in office.told()
    second = officer(office, "한확인")
    assert "<b>한확인</b>" in first.get(url).text
    assert press(browser(app, office, second), url, "confirm") == 303
    assert office.case(case.ref).state == State.NOTIFIED


@pytest.mark.rule("AS-16")
def test_in_a_city_alone_a_third_officer_confirms_for_good(app: Flask, small_city: Office) -> None:
    one, two = officer(small_city, "가신고"), officer(small_city, "나결정")
    case = reported(small_city, one, EventKind.CRIME_PROVEN)
    url = f"{HOME}/cases/{case.ref}"
    deciding = browser(app, small_city, two)
    three = officer(small_city, "다확인")
    data = {"version": str(case.version), "reason": "판결", "file": (io.BytesIO(PDF), "결과.pdf")}
    assert deciding.post(f"{url}/decide", data=data).status_code == 303
    page = deciding.get(url).text
    assert "확인해야 통지돼요: 다확인" in page
    for client in (deciding, browser(app, small_city, one)):
        page = client.get(url).text
        assert f"{url}/confirm" not in page
        assert "<b>다확인</b>" in page
    assert press(browser(app, small_city, three), url, "confirm") == 303
    assert small_city.case(case.ref).state == State.NOTIFIED


@pytest.mark.rule("AS-21")
def test_who_decided_reads_the_objection_and_leaves_the_answer_to_another(
    app: Flask, small_city: Office
) -> None:
    one, two = officer(small_city, "가결정"), officer(small_city, "나심사")
    case = restriction(small_city, decided_by=one.user_id, objection_due=TODAY)
    with small_city.acting(small_city.parent) as uow:
        service.object_to(uow, case.ref, version=1, text="아니에요")
    url = f"{HOME}/cases/{case.ref}"
    page = browser(app, small_city, one).get(url).text
    assert "스스로 내린 결정" in page
    assert f"{url}/answer" not in page
    assert "<b>나심사</b>" in page
    other = browser(app, small_city, two)
    assert "기간을 줄임" in other.get(url).text
    assert press(other, url, "answer", outcome="UPHELD", reason="사실") == 303


@pytest.mark.rule("AS-21")
@pytest.mark.parametrize(
    ("last", "offered"),
    [(19, False), (20, False), (21, True), (None, True)],
    ids=["over", "the last day", "a day left", "for good"],
)
def test_shortening_is_offered_while_there_is_something_to_shorten(
    app: Flask, office: Office, last: int | None, offered: bool
) -> None:
    case = restriction(
        office,
        level="M1" if last else "PERMANENT",
        ends_on=TODAY.replace(day=last) if last else None,
        objection="아니에요",
        objection_at=office.case(restriction(office).ref).notified_at,
    )
    page = browser(app, office, officer(office, "한심사")).get(f"{HOME}/cases/{case.ref}").text
    assert "심사 결과" in page
    assert ("기간을 줄임" in page, 'name="ends_on"' in page) == (offered, offered)


@pytest.mark.rule("AS-21")
def test_who_proposed_lifting_does_not_consent_but_may_take_it_back(app: Flask, small_city: Office) -> None:
    one = officer(small_city, "가제안")
    case = restriction(small_city)
    with small_city.acting(one) as uow:
        service.propose_lift(uow, case.ref, version=1, reason="미납금을 냈음")
    url = f"{HOME}/cases/{case.ref}"
    client = browser(app, small_city, one)
    page = client.get(url).text
    assert "제안한 사람은 동의할 수 없어요" in page
    assert f"{url}/consent-lift" not in page
    assert press(client, url, "decline-lift", decline_reason="잘못 제안함") == 303
    assert small_city.case(case.ref).lift_proposed_by is None
