"""The pages: the centre and the city work a case through, the guardian answers, a daycare restricts for itself."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import UserAccount
from app.kernel.actor import Role
from app.kernel.ranges import kst
from app.restrictions.queries import lists
from app.restrictions.rules.kinds import EventKind, State
from app.tenancy.rules import Service
from tests.cast import offer
from tests.cast_accounts import sign_in
from tests.restrictions.office import TODAY, Office, restriction
from tests.restrictions.test_after_notice import run

HOME = "/gwacheon/restrictions"
MINE = "/gwacheon/my/restrictions"
OWN = "/gwacheon/daycare/restrictions"


@pytest.fixture
def who(app: Flask, office: Office) -> Browser:
    return Browser(app, office)


class Browser:
    """Signed-in browsers by role; every page it fetches must be whole."""

    def __init__(self, app: Flask, office: Office) -> None:
        self.app, self.office = app, office

    def of(self, role: Role) -> FlaskClient:
        client = self.app.test_client()
        scope = {
            Role.COORDINATOR: self.office.centre_id,
            Role.REGIONAL_DIRECTOR: self.office.centre_id,
            Role.DAYCARE_DIRECTOR: self.office.daycare_id,
        }.get(role)
        sign_in(client, self.office.place, role, scope)
        return client

    def parent(self, *, stranger: bool = False) -> FlaskClient:
        client = self.app.test_client()
        actor = self.office.stranger if stranger else self.office.parent
        with self.office.acting() as uow:
            user = uow.session.get_one(UserAccount, actor.user_id)
        sign_in(client, self.office.place, user)
        return client


def press(client: FlaskClient, page: str, step: str, **typed: str) -> int:
    """Fill in the page's own form for this step and send it; the status of the answer."""
    form = client.get(page).text.partition(f'action="{page}/{step}"')[2]
    found = re.search(r'name="version" value="(\d+)"', form)
    assert found, f"the page offers {step}"
    return client.post(f"{page}/{step}", data={"version": found.group(1), **typed}).status_code


def once(sign: str = "a") -> str:
    return sign * 32


def test_from_the_entry_form_to_the_answered_objection(who: Browser, office: Office) -> None:
    """The issue's journey: the third event, a case, the hearing, the decision, the objection, the end."""
    coordinator, director = who.of(Role.COORDINATOR), who.of(Role.REGIONAL_DIRECTOR)
    officer, parent = who.of(Role.CITY_OFFICER), who.parent()
    page = coordinator.post(f"{HOME}/events/find", data={"q": "김보호"}).text
    assert f"guardian={office.guardian_ref}" in page
    assert "01011112222" not in page
    for number in (3, 4, 5):
        answer = coordinator.post(
            f"{HOME}/events/new",
            data={
                "request_id": once(str(number)),
                "guardian": office.guardian_ref,
                "kind": "LATE_END",
                "service": "FACILITY",
                "occurred_on": f"2026-11-{number:02d}",
                "occurred_time": "18:10",
                "note": "10분 늦게 오심",
            },
        )
        assert answer.status_code == 303
        assert f"{number - 2}번" in parent.get(MINE).text
    assert "검토하고 있거나" in parent.get(MINE).text
    (case,) = office.cases()
    url = f"{HOME}/cases/{case.ref}"
    assert case.number in coordinator.get(HOME).text
    assert press(coordinator, url, "check") == 303
    assert press(coordinator, url, "ask", found="기록으로 확인") == 303
    own = f"{MINE}/{case.ref}"
    page = parent.get(own).text
    assert "11월 30일(월)" in page
    assert "10일 남음" in page
    assert press(parent, own, "statement", words="차가 막혔어요") == 303
    assert "차가 막혔어요" in director.get(url).text
    assert press(director, url, "decide", reason="월 3회") == 303
    done = office.case(case.ref)
    assert (done.state, done.ends_on) == (State.NOTIFIED, date(2027, 2, 20))
    page = parent.get(own).text
    assert "통지서 보기" in page
    assert "12월 4일(금)" in page
    assert press(parent, own, "objection", words="한 번은 제때 왔어요") == 303
    assert "한 번은 제때 왔어요" in officer.get(url).text
    answered = {"outcome": "SHORTENED", "ends_on": "2026-12-20", "reason": "사정을 참작함"}
    assert press(officer, url, "answer", **answered) == 303
    assert office.case(case.ref).ends_on == date(2026, 12, 20)
    run("J-29", office.place, kst(date(2026, 12, 21), 5))
    with time_machine.travel(kst(date(2026, 12, 21), 600), tick=False):
        assert "기간 끝남" in who.parent().get(own).text


def test_what_is_typed_wrong_stays_and_says_why(who: Browser, office: Office) -> None:
    coordinator = who.of(Role.COORDINATOR)
    form = {"request_id": once(), "guardian": office.guardian_ref, "note": "늦음", "occurred_time": "25:99"}
    answer = coordinator.post(
        f"{HOME}/events/new", data={**form, "kind": "X", "service": "?", "occurred_on": "어제"}
    )
    assert answer.status_code == 422
    answer = coordinator.post(
        f"{HOME}/events/new",
        data={**form, "kind": "LATE_END", "service": "FACILITY", "occurred_on": "2026-11-03"},
    )
    assert answer.status_code == 422
    assert "14:30처럼" in answer.text
    assert "늦음" in answer.text
    answer = coordinator.post(
        f"{HOME}/events/new",
        data={
            **form,
            "kind": "LATE_END",
            "service": "FACILITY",
            "occurred_on": "2026-12-24",
            "occurred_time": "",
        },
    )
    assert answer.status_code == 422
    assert "아직 오지 않은 때" in answer.text
    assert coordinator.post(f"{HOME}/events/find", data={"q": "김"}).status_code == 422


def test_a_number_nobody_registered(who: Browser, office: Office) -> None:
    coordinator = who.of(Role.COORDINATOR)
    assert coordinator.get(f"{HOME}/events/new").status_code == 200
    answer = coordinator.post(
        f"{HOME}/events/new",
        data={
            "request_id": once(),
            "phone": "010-4444-0000",
            "kind": "DEMAND",
            "service": "FACILITY",
            "occurred_on": "2026-11-03",
            "note": "등록 없이 당장 보내 달라 함",
        },
    )
    assert answer.status_code == 303
    assert "010-4444-0000" in coordinator.get(f"{HOME}/events").text


def test_a_long_list_of_events_goes_on_by_pages(
    who: Browser, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "EVENTS_PAGE", 2)
    for _ in range(5):
        office.event(EventKind.DEMAND, again=True)
    coordinator = who.of(Role.COORDINATOR)
    counts = [coordinator.get(f"{HOME}/events?page={page}").text.count("<tr data-row") for page in (1, 2, 3)]
    assert counts == [2, 2, 1]
    first = coordinator.get(f"{HOME}/events?page=x").text
    assert "모두 5건" in first
    assert f'href="{HOME}/events?page=2"' in first


def test_a_tab_a_day_old_is_told_and_a_wrong_step_explained(who: Browser, office: Office) -> None:
    office.event(EventKind.INSULT)
    (case,) = office.cases()
    coordinator = who.of(Role.COORDINATOR)
    url = f"{HOME}/cases/{case.ref}"
    assert coordinator.post(f"{url}/check", data={"version": "7"}).status_code == 409
    assert coordinator.post(f"{url}/ask", data={"version": "1", "found": "x"}).status_code == 422
    assert who.of(Role.REGIONAL_DIRECTOR).post(f"{url}/check").status_code == 403
    assert coordinator.post(f"{url}/decide", data={"version": "1"}).status_code == 403


def test_an_upload_proves_it_and_only_the_office_opens_it(who: Browser, office: Office) -> None:
    coordinator = who.of(Role.COORDINATOR)
    answer = coordinator.post(
        f"{HOME}/events/new",
        data={
            "request_id": once(),
            "guardian": office.guardian_ref,
            "kind": "VIOLENCE",
            "service": "FACILITY",
            "occurred_on": "2026-11-03",
            "note": "문 앞에서",
            "file": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "확인서.pdf"),
        },
    )
    assert answer.status_code == 303
    (case,) = office.cases()
    page = who.of(Role.REGIONAL_DIRECTOR).get(f"{HOME}/cases/{case.ref}").text
    found = re.search(r"/cases/\w+/files/(\w+)", page)
    assert found
    assert coordinator.get(f"{HOME}/cases/{case.ref}/files/{found.group(1)}").data.startswith(b"%PDF")
    other = restriction(office)
    assert coordinator.get(f"{HOME}/cases/{other.ref}/files/{found.group(1)}").status_code == 404


@pytest.mark.rule("XX-05")
def test_who_sees_nothing(who: Browser, office: Office) -> None:
    mine = restriction(office)
    of_daycare = restriction(office, service="DAYCARE", institution_id=office.other_daycare_id, months=None)
    assert who.parent(stranger=True).get(f"{MINE}/{mine.ref}").status_code == 404
    assert who.parent().get(f"{MINE}/{mine.ref}").status_code == 200
    assert who.parent().get(HOME).status_code == 403
    assert who.of(Role.DAYCARE_DIRECTOR).get(f"{HOME}/cases/{mine.ref}").status_code == 403
    assert who.of(Role.DAYCARE_DIRECTOR).get(f"{OWN}/{of_daycare.ref}").status_code == 404
    assert who.of(Role.COORDINATOR).get(f"{HOME}/cases/{of_daycare.ref}").status_code == 404
    assert who.of(Role.CITY_OFFICER).get(f"{HOME}/cases/{of_daycare.ref}").status_code == 200
    assert who.of(Role.CENTRE_DIRECTOR).get(HOME).status_code == 403


@pytest.mark.rule("GC-22")
def test_where_no_such_service_is_offered_there_is_no_page(who: Browser, office: Office) -> None:
    officer = who.of(Role.CITY_OFFICER)
    assert "이용제한" in officer.get(HOME).text
    offer(office.place, Service.KIUM)
    assert officer.get(HOME).status_code == 404
    assert who.parent().get(MINE).status_code == 404


@pytest.mark.rule("AS-25")
def test_a_daycare_restricts_and_lifts(who: Browser, office: Office) -> None:
    director = who.of(Role.DAYCARE_DIRECTOR)
    assert "제한한 가정이 없어요" in director.get(OWN).text
    assert office.guardian_ref in director.post(f"{OWN}/find", data={"q": "2222"}).text
    assert "찾은 보호자가 없어요" in director.post(f"{OWN}/find", data={"q": "남모르"}).text
    page = director.get(f"{OWN}/new?guardian={office.guardian_ref}").text
    assert 'value="2026-11-21"' in page
    assert 'value="2026-12-20"' in page
    form = {
        "request_id": once(),
        "guardian": office.guardian_ref,
        "ground": "LEISURE",
        "starts_on": "2026-11-20",
        "ends_on": "2026-12-20",
        "reason": "여행마다 주말 내내 맡김",
    }
    answer = director.post(f"{OWN}/new", data=form)
    assert answer.status_code == 422
    assert "통지한 다음 날" in answer.text
    assert "여행마다" in answer.text
    answer = director.post(f"{OWN}/new", data={**form, "starts_on": "2026-11-21"})
    assert answer.status_code == 303
    again = director.post(f"{OWN}/new", data={**form, "starts_on": "2026-11-21"})
    assert again.location == answer.location
    page = director.get(answer.location).text
    assert "여행마다" in page
    assert office.blocked(TODAY + timedelta(days=1), service_name="DAYCARE", daycare=office.daycare_id)
    assert press(director, answer.location, "lift", reason="약속함") == 303
    assert "일찍 풀림" in director.get(OWN).text


def test_the_parent_with_nothing_counted(who: Browser) -> None:
    assert "걸려 있는 제한이 없어요" in who.parent().get(MINE).text


@pytest.mark.rule("AS-16")
def test_two_people_press_for_good(who: Browser, office: Office) -> None:
    office.event(EventKind.CRIME_PROVEN)
    case = office.heard(office.cases()[0].ref)
    url = f"{HOME}/cases/{case.ref}"
    director, officer = who.of(Role.REGIONAL_DIRECTOR), who.of(Role.CITY_OFFICER)
    answer = director.post(f"{url}/decide", data={"version": str(case.version), "reason": "판결"})
    assert answer.status_code == 422
    assert "결과 문서" in answer.text
    answer = director.post(
        f"{url}/decide",
        data={
            "version": str(case.version),
            "reason": "판결",
            "file": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "결과.pdf"),
        },
    )
    assert answer.status_code == 303
    page = officer.get(url).text
    assert "확인하고 통지하기" in page
    assert press(officer, url, "confirm") == 303
    assert office.case(case.ref).state == State.NOTIFIED
    assert "영구" in officer.get(url).text


@pytest.mark.rule("AS-21")
def test_a_letter_to_the_city_and_a_lift_it_does_not_want(who: Browser, office: Office) -> None:
    case = restriction(office)
    url = f"{HOME}/cases/{case.ref}"
    officer, director = who.of(Role.CITY_OFFICER), who.of(Role.REGIONAL_DIRECTOR)
    assert press(officer, url, "objection", channel="PAPER", received_on="2026-10-30", words="우편") == 422
    assert press(officer, url, "objection", channel="PAPER", received_on="2026-11-16", words="우편") == 303
    assert press(officer, url, "answer", outcome="UPHELD", reason="사실로 확인됨") == 303
    assert press(director, url, "propose-lift", lift_reason="미납금을 냈음") == 303
    assert press(officer, url, "decline-lift", decline_reason="") == 422
    assert press(officer, url, "decline-lift", decline_reason="다시 어길 염려가 있음") == 303
    assert "다시 어길 염려가 있음" in director.get(url).text
    assert office.case(case.ref).state == State.ACTIVE


@pytest.mark.rule("AS-21")
@pytest.mark.rule("AS-25")
def test_after_a_short_one_is_over_the_city_still_takes_the_call(who: Browser, office: Office) -> None:
    restriction(
        office,
        service="DAYCARE",
        level="DAYCARE",
        months=None,
        institution_id=office.daycare_id,
        ends_on=TODAY - timedelta(days=1),
        objection_due=TODAY,
    )
    (case,) = office.cases()
    url = f"{HOME}/cases/{case.ref}"
    officer = who.of(Role.CITY_OFFICER)
    assert "기간 끝남" in officer.get(url).text, "no clock has run"
    assert press(officer, url, "objection", channel="PHONE", received_on=f"{TODAY}", words="전화") == 303
    assert press(officer, url, "answer", outcome="OVERTURNED", reason="여행이 아니었음") == 303
    assert office.case(case.ref).state == State.OVERTURNED
