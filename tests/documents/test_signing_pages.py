"""The pages of several signers: the line of each, the place of a row, one scan for several, with browsers' eyes."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.documents.catalogue import load
from app.documents.models import Paper
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.ranges import kst
from tests.cast_accounts import sign_in
from tests.documents.papers import sample
from tests.documents.test_uploads import PDF
from tests.documents.to_sign import prepared

LOG = "kium-vehicle-log"
DRAWN = json.dumps([[[10, 10], [200, 80], [300, 40]]])


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(kst(date(2026, 11, 20), 600), tick=False):
        yield


@dataclass
class Desk:
    place: TenantRef
    url: str
    ref: str
    director: FlaskClient

    def state(self) -> str:
        with unit_of_work(self.place, SYSTEM) as uow:
            return uow.session.scalars(select(Paper.state).where(Paper.ref == self.ref)).one()

    def sign(self, field: str, **data: str) -> tuple[int, str]:
        answer = self.director.post(
            f"{self.url}/sign/{field}", data={"signer": "박센터", "strokes": DRAWN, **data}
        )
        return answer.status_code, answer.text


@pytest.fixture
def desk(app: Flask, seoul: TenantRef, teacher: Actor) -> Desk:
    data = sample(load(LOG))
    three = {**data, "drives": data["drives"][:3]}
    paper = prepared(seoul, teacher, LOG, guardian_id=None, child_id=None, data=three)
    client = app.test_client()
    sign_in(client, seoul, Role.CENTRE_DIRECTOR, teacher.scope)
    return Desk(seoul, f"/seoul/papers/{paper.ref}", paper.ref, client)


@pytest.mark.rule("GC-24")
def test_each_signer_has_a_line_and_the_next_one_the_button(desk: Desk) -> None:
    page = desk.director.get(desk.url).text
    assert "담당 서명이 끝나면 서명할 수 있어요" in page
    assert f"{desk.url}/sign/staff_signature" in page
    assert f"{desk.url}/sign/drives.1.signature" in page
    assert f"{desk.url}/sign/head_signature" not in page
    assert desk.director.get(f"{desk.url}/sign/head_signature").location == desk.url
    status, text = desk.sign("head_signature")
    assert (status, "담당 서명이 먼저예요" in text) == (422, True)
    assert desk.sign("staff_signature")[0] == 303
    assert f"{desk.url}/sign/head_signature" in desk.director.get(desk.url).text
    assert desk.sign("head_signature")[0] == 303
    assert desk.state() == "ISSUED"
    assert "서명 대기" not in desk.director.get(desk.url).text


@pytest.mark.rule("GC-24")
def test_a_row_is_read_and_signed_by_itself(desk: Desk) -> None:
    page = desk.director.get(f"{desk.url}/sign/drives.1.signature").text
    assert "운행 2번째 줄" in page
    assert "서울가온초등학교" in page
    assert "2026. 11. 16." not in page
    seen = re.search(r'name="seen" value="(\w{64})"', page)
    assert seen is not None
    status, text = desk.sign("drives.0.signature", seen=seen[1])
    assert (status, "서류가 바뀌었어요" in text) == (409, True)
    status, text = desk.sign("drives.1.signature", seen=seen[1], strokes="[[[1,1]]]")
    assert (status, "서명이 너무 짧아요" in text) == (422, True)
    assert desk.sign("drives.1.signature", seen=seen[1])[0] == 303
    status, text = desk.sign("drives.1.signature")
    assert (status, "이미 서명한 칸" in text) == (422, True)
    assert "운행 2번째 줄" in desk.director.get(f"{desk.url}/signatures").text


@pytest.mark.parametrize(
    "field", ["nothing", "drives.9.signature", "drives.x.signature", "drives", "0", "a.b.c.d"]
)
def test_a_place_that_is_none(desk: Desk, field: str) -> None:
    assert desk.director.get(f"{desk.url}/sign/{field}").location == desk.url
    status, text = desk.sign(field)
    assert (status, "이 서류에 없는 서명 칸" in text) == (422, True)
    assert desk.director.get(f"/seoul/desk/papers/{desk.ref}/invite/{field}").status_code == 404


@pytest.mark.rule("GC-24")
def test_one_scan_for_both_signatures(desk: Desk) -> None:
    url = f"/seoul/desk/papers/{desk.ref}/scan"
    page = desk.director.get(url).text
    assert page.count('type="checkbox" name="place"') == 5
    both = {"place": ["staff_signature", "head_signature"], "signer-staff_signature": "이선생"}
    wrong = desk.director.post(url, data={**both, "file": (io.BytesIO(PDF), "일지.pdf")})
    assert (wrong.status_code, "서명하는 분의 이름" in wrong.text) == (422, True)
    assert 'value="이선생"' in wrong.text
    assert desk.director.post(url, data={}).status_code == 422
    named = {**both, "signer-head_signature": "박센터"}
    assert desk.director.post(url, data={**named, "file": (io.BytesIO(PDF), "일지.pdf")}).status_code == 303
    assert desk.state() == "ISSUED"
    assert desk.director.get(f"{desk.url}/scan/head_signature").data == PDF
    assert desk.director.get(url).location == desk.url
