"""Drafts: begun from the gallery, saved by themselves and by button, shared among colleagues, finished, thrown away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.documents.catalogue import load
from app.documents.draft_rows import drafts_in_reach
from app.documents.filling.known import known
from app.documents.rules import PaperState
from app.documents.service.drafts import start_draft
from app.documents.views_gallery import SHOWN_AFTER_DROP
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.audit import AuditLog
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.errors import Forbidden
from app.kernel.ranges import kst
from tests.documents.desks import Desks, flat, make_desks
from tests.documents.papers import sample

LIST = "kium-waiting-list"
CONSENT = "kium-consent-5"
NOW = kst(date(2026, 11, 20), 600)
QUIET = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desks(app: Flask, seoul: TenantRef) -> Desks:
    return make_desks(app, seoul)


def fill_url(ref: str) -> str:
    return f"/seoul/papers/{ref}/fill"


def version_of(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found is not None
    return found[1]


def test_pressing_twice_begins_one_draft(desks: Desks) -> None:
    assert desks.begin(desks.director, LIST) == desks.begin(desks.director, LIST)
    assert desks.begin(desks.director, LIST, 2) != desks.begin(desks.director, LIST)
    assert desks.director.post(f"/seoul/forms/{LIST}/start", data={"request_id": "x"}).status_code == 422


def test_what_is_known_stands_there_already(desks: Desks) -> None:
    paper = desks.paper(desks.begin(desks.director, CONSENT))
    assert paper.data["centre_name"] == "온수동 키움센터"
    assert paper.data["sign_date"] == "2026-11-20"
    assert (paper.state, paper.institution_id, paper.subject) == ("DRAFT", desks.centre_id, "form")


def test_an_office_is_known_by_its_own_name(desks: Desks) -> None:
    actor = Actor(Role.SEOUL_ADMIN, desks.users["city"], "시담당")
    with unit_of_work(desks.place, actor) as uow:
        words = known(uow, load("anytime-1-1"))
    assert "centre_name" not in words
    assert words["sign_date"] == "2026-11-20"


@pytest.mark.parametrize(
    ("who", "form_id", "status"),
    [
        ("director", LIST, 303),
        ("teacher", LIST, 303),
        ("director", CONSENT, 303),  # at the counter, for a family without an account
        ("district", LIST, 404),
        ("parent", CONSENT, 403),
        ("city", LIST, 303),
        ("director", "anytime-1-1", 404),  # a service this municipality does not run
        ("director", "no-such-form", 404),
    ],
)
def test_who_may_begin_which_form(desks: Desks, who: str, form_id: str, status: int) -> None:
    client = getattr(desks, who)
    answer = client.post(f"/seoul/forms/{form_id}/start", data={"request_id": "1" * 32})
    assert answer.status_code == status


def test_a_command_checks_the_role_itself(desks: Desks) -> None:
    form = next(f for f in map(load, ["kium-decision-notice", LIST]) if "kium_centre" in f.from_)
    actor = Actor(Role.DISTRICT_OFFICER, desks.users["district"], "구담당", scope=1)
    with pytest.raises(Forbidden), unit_of_work(desks.place, actor) as uow:
        start_draft(uow, form.id)


@pytest.mark.rule("XX-05")
def test_a_draft_belongs_to_its_house(desks: Desks) -> None:
    ref = desks.begin(desks.director, LIST)
    for client, status in (
        (desks.director, 200),
        (desks.teacher, 200),
        (desks.stranger, 404),
        (desks.district, 404),
        (desks.city, 404),
        (desks.parent, 404),
    ):
        assert client.get(fill_url(ref)).status_code == status
        assert (ref in client.get("/seoul/drafts").text) is (status == 200)
    assert desks.stranger.post(f"/seoul/drafts/{ref}/drop").status_code == 404
    assert desks.stranger.post(fill_url(ref), data={"do": "save", "version": "1"}).status_code == 404


def test_the_page_saves_by_itself_and_never_stands_in_its_own_way(desks: Desks) -> None:
    ref = desks.begin(desks.director, CONSENT)
    typed = {"version": "1", "page": "a" * 32, "do": ""}
    first = desks.director.post(fill_url(ref), data={**typed, "child_name": "윤서담"}, headers=QUIET)
    assert first.status_code == 200
    assert "저장됨" in first.text
    assert "<html" not in first.text
    assert version_of(first.text) == "2"
    late = desks.director.post(
        fill_url(ref), data={**typed, "child_name": "윤서담", "school": "온수초"}, headers=QUIET
    )
    assert late.status_code == 200, "the answer to the first save had not come back yet"
    assert desks.paper(ref).data["school"] == "온수초"
    same = desks.director.post(
        fill_url(ref),
        data={**typed, "version": "3", "child_name": "윤서담", "school": "온수초"},
        headers=QUIET,
    )
    assert version_of(same.text) == "3", "nothing new, no new version"
    with unit_of_work(desks.place, SYSTEM) as uow:
        words = uow.session.scalars(select(AuditLog.action).where(AuditLog.entity == "paper")).all()
    assert "paper.draft_saved" not in words, "the log says what a person asked for"


def test_nothing_typed_is_lost_when_it_does_not_fit(desks: Desks) -> None:
    ref = desks.begin(desks.director, CONSENT)
    typed = {
        "child_name": "윤서담",
        "child_birth_date": "작년 봄",
        "contacts.0.phone": "없어요",
        "version": "1",
    }
    refused = desks.director.post(fill_url(ref), data={**typed, "do": "save"})
    assert refused.status_code == 422
    assert 'href="#contacts.0.phone"' in refused.text
    again = desks.teacher.get(fill_url(ref)).text
    for words in ("윤서담", "작년 봄", "없어요", "날짜를 2026-03-02처럼"):
        assert words in again
    assert desks.paper(ref).data["child_birth_date"] is None
    mended = {**typed, "child_birth_date": "2018-05-14", "contacts.0.phone": "010-1111-2222", "version": "2"}
    assert desks.teacher.post(fill_url(ref), data={**mended, "do": "save"}).status_code == 303
    assert desks.paper(ref).unfit == {}


def test_rows_come_and_go_without_javascript(desks: Desks) -> None:
    ref = desks.begin(desks.director, CONSENT)
    data = {"contacts.0.name": "한지원", "contacts.1.name": "한도윤", "rows.contacts": "3", "version": "1"}
    more = desks.director.post(fill_url(ref), data={**data, "do": "add:contacts"})
    assert (more.status_code, more.location.split("#")) == (
        303,
        [f"{fill_url(ref)}?rows=contacts.4", "contacts.3"],
    )
    page = desks.director.get(more.location).text
    assert 'name="contacts.3.name"' in page
    assert 'name="contacts.4.name"' not in page
    less = desks.director.post(
        fill_url(ref), data={**data, "rows.contacts": "4", "version": "2", "do": "remove:contacts.0"}
    )
    assert less.status_code == 303
    assert [row["name"] for row in desks.paper(ref).data["contacts"]] == ["한도윤"]
    page = desks.director.get(less.location).text
    assert 'name="contacts.2.name"' in page
    assert 'name="contacts.3.name"' not in page


@pytest.mark.parametrize(
    "do",
    [
        "add",
        "add:",
        "add:nothing",
        "remove:contacts.x",
        "remove:contacts.999",
        "remove",
        "add:contacts.1.2",
        "???",
    ],
)
def test_a_strange_button_breaks_nothing(desks: Desks, do: str) -> None:
    ref = desks.begin(desks.director, CONSENT)
    data = {"do": do, "version": "1", "child_name": "윤서담", "rows.contacts": "-5", "page": "x" * 500}
    assert desks.director.post(fill_url(ref), data=data).status_code in (303, 422)
    assert desks.paper(ref).data["child_name"] == "윤서담"
    odd = f"{fill_url(ref)}?rows=contacts.99999&rows=x&rows=contacts.-1&rows=contacts.0"
    assert desks.director.get(odd).status_code == 200


def test_the_first_button_saves_so_that_enter_takes_nothing_away(desks: Desks) -> None:
    page = desks.director.get(fill_url(desks.begin(desks.director, CONSENT))).text
    assert re.findall(r'name="do" value="([^"]+)"', page)[0] == "save"


def test_two_colleagues_see_both_when_they_cross(desks: Desks) -> None:
    ref = desks.begin(desks.director, CONSENT)
    mine = {"version": "1", "page": "a" * 32, "do": "save", "child_name": "윤서담", "school": "온수초"}
    theirs = {"version": "1", "page": "b" * 32, "do": "save", "child_name": "윤서담", "school": "구로초"}
    assert desks.teacher.post(fill_url(ref), data=theirs).status_code == 303
    answer = desks.director.post(fill_url(ref), data=mine)
    assert answer.status_code == 409
    assert "이돌봄" in answer.text
    assert "구로초" in answer.text
    assert 'value="온수초"' in answer.text
    assert desks.paper(ref).data["school"] == "구로초"
    quiet = desks.director.post(fill_url(ref), data={**mine, "do": ""}, headers=QUIET)
    assert quiet.status_code == 409
    assert "먼저 저장했어요" in quiet.text
    again = desks.director.post(fill_url(ref), data={**mine, "version": version_of(answer.text)})
    assert again.status_code == 303
    assert desks.paper(ref).data["school"] == "온수초"


def test_what_crosses_a_finished_paper_is_still_shown(desks: Desks) -> None:
    ref = desks.begin(desks.director, LIST)
    form = load(LIST)
    posted = {**flat(form, sample(form)), "version": "1"}
    assert desks.teacher.post(fill_url(ref), data={**posted, "do": "finish"}).status_code == 303
    late = desks.director.post(
        fill_url(ref), data={"waiting.0.child_name": "남은말", "version": "1", "do": "save"}
    )
    assert late.status_code == 422
    assert "남은말" in late.text
    assert 'value="finish"' not in late.text


def test_finishing_asks_for_what_is_missing_and_then_freezes(desks: Desks) -> None:
    form, ref = load(CONSENT), desks.begin(desks.director, CONSENT)
    refused = desks.director.post(
        fill_url(ref), data={"version": "1", "do": "finish", "child_birth_date": "x"}
    )
    assert refused.status_code == 422
    for target in ("child_birth_date", "school", "consent_outdoor"):
        assert f'href="#{target}"' in refused.text
    done = desks.director.post(
        fill_url(ref), data={**flat(form, sample(form)), "version": version_of(refused.text), "do": "finish"}
    )
    assert (done.status_code, done.location) == (303, f"/seoul/papers/{ref}")
    paper = desks.paper(ref)
    assert (paper.state, len(paper.data_sha256)) == ("TO_SIGN", 64)
    assert desks.director.get(fill_url(ref)).location == f"/seoul/papers/{ref}"
    assert "서명만 남았어요" in desks.director.get(f"/seoul/papers/{ref}").text


def test_a_form_nobody_signs_is_issued_at_once(desks: Desks) -> None:
    form, ref = load(LIST), desks.begin(desks.teacher, LIST)
    data = {**flat(form, sample(form)), "version": "1", "do": "finish"}
    assert desks.teacher.post(fill_url(ref), data=data).status_code == 303
    assert desks.paper(ref).state == "ISSUED"


def test_a_draft_is_looked_at_as_pdf(desks: Desks) -> None:
    ref = desks.begin(desks.director, LIST)
    answer = desks.director.post(fill_url(ref), data={"version": "1", "do": "print"})
    assert answer.status_code == 303
    assert answer.location.startswith("/seoul/desk/prints/")


def test_a_draft_is_thrown_away_and_taken_up_again(desks: Desks) -> None:
    ref = desks.begin(desks.director, LIST)
    assert desks.teacher.post(f"/seoul/drafts/{ref}/drop").status_code == 303
    page = desks.director.get("/seoul/drafts").text
    assert "최근에 버린 서류" in page
    assert fill_url(ref) not in page
    assert ref not in desks.director.get("/seoul/desk/papers").text
    assert desks.director.get(fill_url(ref)).status_code == 303
    again = desks.director.post(f"/seoul/drafts/{ref}/drop", follow_redirects=True)
    assert "지금 상태에서는 할 수 없는 처리" in again.text
    assert desks.director.post(f"/seoul/drafts/{ref}/restore").status_code == 303
    assert fill_url(ref) in desks.director.get("/seoul/drafts").text


@pytest.mark.parametrize(("days", "shown"), [(7, True), (8, False)])
def test_what_was_thrown_away_is_offered_for_a_week(desks: Desks, days: int, shown: bool) -> None:
    ref = desks.begin(desks.director, LIST)
    desks.director.post(f"/seoul/drafts/{ref}/drop")
    later = time_machine.travel(NOW + timedelta(days=days), tick=False)
    with later, unit_of_work(desks.place, desks.as_director) as uow:
        rows = drafts_in_reach(uow, PaperState.DROPPED, since=uow.now - SHOWN_AFTER_DROP)
    assert bool(rows) is shown


def test_an_office_writes_signs_and_finds_its_own_papers(desks: Desks) -> None:
    form = load("kium-decision-notice")
    ref = desks.begin(desks.city, form.id)
    assert desks.paper(ref).institution_id is None
    data = {**flat(form, sample(form)), "version": "1", "do": "finish"}
    assert desks.city.post(fill_url(ref), data=data).status_code == 303
    assert desks.city.get(f"/seoul/papers/{ref}").status_code == 200
    assert form.title in desks.city.get("/seoul/drafts").text
    for other in (desks.director, desks.district):
        assert other.get(f"/seoul/papers/{ref}").status_code == 404
