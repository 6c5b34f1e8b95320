"""From the desk's button to the signer's phone and back, with browsers' eyes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.documents.models import Paper, SignLink
from app.documents.rules.links import LINK_PAUSE
from app.documents.work_paper import render_paper
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.audit import AccessLog
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.ranges import kst
from tests.cast_accounts import last_code, last_message, sign_in
from tests.documents.to_sign import prepared

PHONE = "01055556666"
START = kst(date(2026, 11, 20), 600)
DRAWN = json.dumps([[[10, 10], [200, 80], [300, 40]]])


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(START, tick=False) as moved:
        yield moved


@dataclass
class Stage:
    """A director at the desk, the signer's own phone, and somebody else's."""

    place: TenantRef
    paper: str
    desk: FlaskClient
    colleague: FlaskClient
    phone: FlaskClient
    other: FlaskClient

    def invite(self, **more: str) -> str:
        """Press the button; the address that stands in the message."""
        url = f"/seoul/desk/papers/{self.paper}/invite/guardian_signature"
        answer = self.desk.post(url, data={"signer": "한지원", "phone": "010-5555-6666", **more})
        assert (answer.status_code, answer.location) == (303, f"/seoul/papers/{self.paper}")
        found = re.search(r"http://localhost(/seoul/sign/[\w-]{32})$", last_message(self.place, PHONE).body)
        assert found is not None
        return found[1]

    def prove(self, link: str, client: FlaskClient | None = None) -> None:
        client = client or self.phone
        assert client.post(f"{link}/code").location == f"{link}/code"
        answer = client.post(f"{link}/check", data={"code": last_code(self.place, PHONE)})
        assert (answer.status_code, answer.location) == (303, f"{link}/paper")

    def row(self) -> Paper:
        with unit_of_work(self.place, SYSTEM) as uow:
            return uow.session.scalars(select(Paper).where(Paper.ref == self.paper)).one()


@pytest.fixture
def stage(app: Flask, seoul: TenantRef, teacher: Actor) -> Stage:
    paper = prepared(seoul, teacher)
    clients = [app.test_client() for _ in range(4)]
    sign_in(clients[0], seoul, Role.CENTRE_DIRECTOR, teacher.scope)
    sign_in(clients[1], seoul, Role.CARE_TEACHER, (teacher.scope or 0) - 1)
    return Stage(seoul, paper.ref, *clients)


def seen_on(page: str) -> str:
    found = re.search(r'name="seen" value="(\w{64})"', page)
    assert found is not None
    return found[1]


@pytest.mark.rule("GC-24")
def test_the_whole_way(stage: Stage) -> None:
    assert "서명 링크 보내기" in stage.desk.get(f"/seoul/papers/{stage.paper}").text
    form = stage.desk.get(f"/seoul/desk/papers/{stage.paper}/invite/guardian_signature").text
    assert 'value="한지원"' in form  # what the form says of the guardian
    link = stage.invite()
    assert "010-****-6666" in stage.desk.get(f"/seoul/papers/{stage.paper}").text

    first = stage.phone.get(link)
    assert first.status_code == 200
    assert "온수동 키움센터" in first.text
    assert not re.search("윤서담|한지원|6666", first.text)
    assert stage.phone.get(f"{link}/paper").location == link
    assert stage.phone.get(f"{link}/code").location == link
    stage.prove(link)
    page = stage.phone.get(f"{link}/paper")
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    for words in ("윤서담", "한지원 님", "거부할 권리", "서명하고 내기"):
        assert words in page.text
    assert stage.phone.get(link).location == f"{link}/paper"
    seen = seen_on(page.text)
    dot = stage.phone.post(f"{link}/paper", data={"strokes": "[[[1,1]]]", "seen": seen})
    assert (dot.status_code, "서명이 너무 짧아요" in dot.text) == (422, True)
    done = stage.phone.post(f"{link}/paper", data={"strokes": DRAWN, "seen": seen})
    assert done.status_code == 303
    assert stage.row().state == "ISSUED"
    assert "PDF를 만들고 있어요" in stage.phone.get(done.location).text
    assert stage.phone.get(f"{link}/pdf").status_code == 404
    render_paper(stage.place, 0, {"paper": stage.row().id})
    assert "PDF 받기" in stage.phone.get(f"{link}/paper").text
    assert stage.phone.get(f"{link}/pdf").data.startswith(b"%PDF-")
    assert stage.other.get(f"{link}/pdf").status_code == 404
    assert "본인 휴대전화" in stage.desk.get(f"/seoul/papers/{stage.paper}").text
    record = stage.desk.get(f"/seoul/papers/{stage.paper}/signatures").text
    assert "휴대전화 인증번호 010-****-6666" in record
    assert "같아요" in record
    assert seen in record.replace(" ", "")
    again = stage.other.get(link)
    assert (again.status_code, "이미 서명을 마쳤어요" in again.text) == (410, True)
    with unit_of_work(stage.place, SYSTEM) as uow:
        logged = uow.session.execute(
            select(AccessLog.what, AccessLog.reason).where(AccessLog.role == "visitor").order_by(AccessLog.id)
        ).all()
        ref = uow.session.scalars(select(SignLink.ref)).one()
    assert set(logged) == {("paper.read", f"서명 링크 {ref}"), ("paper.download", f"서명 링크 {ref}")}


@pytest.mark.rule("GC-24")
def test_without_javascript_the_name_is_typed(stage: Stage) -> None:
    link = stage.invite()
    stage.prove(link)
    seen = seen_on(stage.phone.get(f"{link}/paper").text)
    wrong = stage.phone.post(f"{link}/paper", data={"typed": "한지완", "strokes": "", "seen": seen})
    assert (wrong.status_code, "안내받은 이름(한지원)" in wrong.text) == (422, True)
    assert 'value="한지완"' in wrong.text
    done = stage.phone.post(f"{link}/paper", data={"typed": "한지원", "strokes": "", "seen": seen})
    assert done.status_code == 303
    assert stage.row().state == "ISSUED"


def test_the_cookie_opens_one_paper_and_is_no_login(stage: Stage) -> None:
    link = stage.invite()
    stage.prove(link)
    cookie = stage.phone.get_cookie("seoul.sign", path=link)
    assert cookie is not None
    assert (cookie.path, cookie.http_only, cookie.same_site) == (link, True, "Lax")
    for url in (f"/seoul/papers/{stage.paper}", f"/seoul/papers/{stage.paper}/signatures", "/seoul/papers"):
        assert stage.phone.get(url).location.startswith("/seoul/login")
    stage.other.set_cookie("seoul.sign", cookie.value, path=f"{link[:-1]}x")
    assert stage.other.get(f"{link}/paper").location == link
    assert stage.desk.get(f"{link}/paper").location == link  # a login is no proof either


def test_a_phone_proven_again_closes_the_older_browser(stage: Stage, clock: time_machine.Coordinates) -> None:
    link = stage.invite()
    stage.prove(link)
    clock.shift(timedelta(minutes=1))
    stage.prove(link, stage.other)
    assert stage.other.get(f"{link}/paper").status_code == 200
    assert stage.phone.get(f"{link}/paper").location == link


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "１２３４５６", "0" * 5000, "😀"])
def test_a_wrong_code_is_counted_and_answered(stage: Stage, typed: str) -> None:
    link = stage.invite()
    stage.phone.post(f"{link}/code")
    answer = stage.phone.post(f"{link}/check", data={"code": typed})
    assert (answer.status_code, "인증번호가 맞지 않습니다" in answer.text) == (422, True)
    with unit_of_work(stage.place, SYSTEM) as uow:
        assert uow.session.scalars(select(SignLink.attempts)).one() == 1
    assert stage.phone.post(f"{link}/code").status_code == 422  # half a minute between two codes


@pytest.mark.parametrize("path", ["", "/code", "/paper", "/pdf"])
def test_an_unknown_token_is_not_found(stage: Stage, path: str) -> None:
    link = stage.invite()
    for wrong in (f"{link[:-1]}!", "/seoul/sign/x", link.replace("seoul", "gwacheon")):
        assert stage.phone.get(f"{wrong}{path}").status_code == 404
    for posted in ("/code", "/check", "/paper"):
        assert stage.phone.post(f"/seoul/sign/x{posted}").status_code == 404


def test_staff_take_a_link_back_and_send_another(stage: Stage, clock: time_machine.Coordinates) -> None:
    link = stage.invite()
    page = stage.desk.get(f"/seoul/papers/{stage.paper}").text
    button = re.search(r'action="(/seoul/desk/sign-links/\w+/withdraw)"', page)
    assert button is not None
    assert stage.colleague.post(button[1]).status_code == 404
    assert stage.phone.post(button[1]).location.startswith("/seoul/login")
    assert stage.desk.post(button[1]).status_code == 303
    assert stage.desk.post(button[1]).status_code == 422
    ended = stage.phone.get(link)
    assert (ended.status_code, "서명 요청을 거두었어요" in ended.text) == (410, True)
    assert stage.phone.post(f"{link}/code").status_code == 410
    assert "링크를 거두었어요" in stage.desk.get(f"/seoul/papers/{stage.paper}").text
    clock.shift(LINK_PAUSE)
    assert stage.phone.get(stage.invite()).status_code == 200


def test_pressed_twice_the_desk_sends_one_message(stage: Stage) -> None:
    stage.invite()
    url = f"/seoul/desk/papers/{stage.paper}/invite/guardian_signature"
    answer = stage.desk.post(url, data={"signer": "한지원", "phone": "010-5555-6666"})
    assert (answer.status_code, "방금 링크를 보냈어요" in answer.text) == (422, True)
    answer = stage.desk.post(url, data={"signer": "😀", "phone": "02-120"})
    assert answer.status_code == 422
    assert 'value="02-120"' in answer.text


def test_voided_or_changed_in_between(stage: Stage) -> None:
    link = stage.invite()
    stage.prove(link)
    changed = stage.phone.post(f"{link}/paper", data={"strokes": DRAWN, "seen": "0" * 64})
    assert (changed.status_code, "서류가 바뀌었어요" in changed.text) == (409, True)
    assert seen_on(changed.text) == stage.row().data_sha256
    stage.desk.post(f"/seoul/desk/papers/{stage.paper}/void", data={"reason": "잘못 만듦"})
    answer = stage.phone.post(f"{link}/paper", data={"strokes": DRAWN, "seen": seen_on(changed.text)})
    assert answer.location == f"{link}/paper"
    ended = stage.phone.get(answer.location)
    assert (ended.status_code, "더 쓰지 않는 서류" in ended.text) == (410, True)
    assert "윤서담" not in ended.text
