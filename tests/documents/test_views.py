"""The pages of papers, with a browser's eyes."""

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
from app.documents.models import Paper, Signature
from app.documents.service.preparing import prepare_paper
from app.documents.serving import send_file
from app.documents.uploads import store_upload
from app.documents.work import WORK
from app.kernel import work
from app.kernel.actor import SYSTEM, Role
from app.kernel.audit import AccessLog
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.ranges import kst
from tests.cast import make_centre, make_family
from tests.cast_accounts import make_user, sign_in
from tests.documents.papers import sample
from tests.documents.test_uploads import MB, PDF, PNG

PRIVACY = "kium-consent-privacy"
ONE = {"place": "guardian_signature", "signer-guardian_signature": "한지원"}
DRAWN = json.dumps([[[10, 10], [200, 80], [300, 40]]])


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(kst(date(2026, 11, 20), 600), tick=False):
        yield


@dataclass
class Stage:
    """Signed-in browsers and one consent to sign."""

    place: TenantRef
    paper: str
    parent: FlaskClient
    stranger: FlaskClient
    director: FlaskClient
    colleague: FlaskClient
    officer: FlaskClient
    admin: FlaskClient
    visitor: FlaskClient

    def state(self) -> str:
        with unit_of_work(self.place, SYSTEM) as uow:
            return uow.session.scalars(select(Paper.state).where(Paper.ref == self.paper)).one()

    def run_work(self) -> None:
        kinds = {kind.name: kind for kind in WORK}
        while True:
            with unit_of_work(self.place, SYSTEM) as uow:
                row = work.claim(uow)
            if row is None:
                return
            result = kinds[row.kind].run(self.place, row.id, row.payload)
            with unit_of_work(self.place, SYSTEM) as uow:
                work.finish(uow, row.id, result)


def make_stage(app: Flask, place: TenantRef) -> Stage:
    with unit_of_work(place, SYSTEM) as uow:
        centre, other = make_centre(uow), make_centre(uow, name="오류동 키움센터")
        parent = make_user(uow, Role.GUARDIAN, name="김보호")
        stranger = make_user(uow, Role.GUARDIAN, name="남모르")
        guardian, child = make_family(uow, user_id=parent.id)
        make_family(uow, guardian="남모르", phone="01099998888", user_id=stranger.id)
        paper = prepare_paper(
            uow,
            PRIVACY,
            sample(load(PRIVACY)),
            subject="child",
            subject_id=child.id,
            institution_id=centre.id,
            guardian_id=guardian.id,
            child_id=child.id,
        )
    clients = [app.test_client() for _ in range(7)]
    people = [
        (parent, None),
        (stranger, None),
        (Role.CENTRE_DIRECTOR, centre.id),
        (Role.CARE_TEACHER, other.id),
        (Role.DISTRICT_OFFICER, None),
        (Role.SEOUL_ADMIN, None),
    ]
    for client, (who, institution_id) in zip(clients, people, strict=False):
        sign_in(client, place, who, institution_id)
    return Stage(place, paper.ref, *clients)


@pytest.fixture
def stage(app: Flask, seoul: TenantRef) -> Stage:
    return make_stage(app, seoul)


def once() -> str:
    return "ab" * 16


def test_a_parent_finds_reads_and_signs(stage: Stage) -> None:
    page = stage.parent.get("/seoul/papers").text
    assert "개인정보 수집·이용 및 제공동의서" in page
    assert "서명 필요" in page
    page = stage.parent.get(f"/seoul/papers/{stage.paper}").text
    assert "윤서담" in page
    assert "서명하고 내기" in page
    seen = re.search(r'name="seen" value="(\w{64})"', page)
    assert seen is not None
    answer = stage.parent.post(
        f"/seoul/papers/{stage.paper}/sign/guardian_signature",
        data={"signer": "한지원", "strokes": DRAWN, "seen": seen[1]},
    )
    assert (answer.status_code, answer.location) == (303, f"/seoul/papers/{stage.paper}")
    assert stage.state() == "ISSUED"
    page = stage.parent.get(answer.location).text
    assert "서류가 완성되었어요" in page
    assert "서명하고 내기" not in page


def test_without_javascript_the_name_is_typed(stage: Stage) -> None:
    url = f"/seoul/papers/{stage.paper}/sign/guardian_signature"
    assert stage.parent.post(url, data={"typed": "한지원", "strokes": ""}).status_code == 303
    with unit_of_work(stage.place, SYSTEM) as uow:
        assert uow.session.scalars(select(Signature.method)).one() == "TYPED"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"signer": "한지원"},
        {"signer": "한지원", "strokes": "["},
        {"signer": "한지원", "strokes": "[" * 100_000},
        {"signer": "한지원", "strokes": "[[[1,1]]]"},
        {"signer": "한지원", "strokes": '"<svg onload=alert(1)>"'},
        {"signer": "한지원", "strokes": "[[[NaN,1],[5,Infinity]]]"},
        {"signer": "\u202e", "strokes": DRAWN},
        {"signer": "가" * 100, "typed": "가" * 100},
    ],
)
def test_a_wrong_signature_comes_back_in_korean_with_what_was_entered(
    stage: Stage, data: dict[str, str]
) -> None:
    answer = stage.parent.post(f"/seoul/papers/{stage.paper}/sign/guardian_signature", data=data)
    assert answer.status_code == 422
    assert "확인이 필요해요" in answer.text
    assert "onload=alert" not in answer.text.replace("&lt;svg onload=alert", "")
    assert stage.state() == "TO_SIGN"


def test_a_nul_is_a_bad_request(stage: Stage) -> None:
    url = f"/seoul/papers/{stage.paper}/sign/guardian_signature"
    assert stage.parent.post(url, data={"signer": "한\x00지원", "strokes": DRAWN}).status_code == 400


@pytest.mark.rule("XX-05")
def test_each_role_gets_its_answer(stage: Stage) -> None:
    paths = {
        f"/papers/{stage.paper}": [200, 404, 200, 404, 404, 404, 303],
        f"/papers/{stage.paper}/pdf": [303, 404, 303, 404, 404, 404, 303],
        f"/papers/{stage.paper}/fill": [303, 404, 303, 404, 404, 404, 303],
        f"/papers/{stage.paper}/signatures": [200, 404, 200, 404, 404, 404, 303],
        f"/papers/{stage.paper}/sign/guardian_signature": [303, 404, 303, 404, 404, 404, 303],
        f"/desk/papers/{stage.paper}/scan": [403, 403, 200, 404, 404, 404, 303],
        f"/desk/papers/{stage.paper}/invite/guardian_signature": [403, 403, 200, 404, 404, 404, 303],
        f"/desk/papers/{stage.paper}/invite/nothing": [403, 403, 404, 404, 404, 404, 303],
        f"/desk/papers/{stage.paper}/hand/guardian_signature": [403, 403, 200, 404, 404, 404, 303],
        f"/papers/{stage.paper}/scan/guardian_signature": [404, 404, 404, 404, 404, 404, 303],
        "/papers": [200, 200, 403, 403, 403, 403, 303],
        "/desk/papers": [403, 403, 200, 200, 200, 200, 303],
        "/desk/originals": [403, 403, 200, 200, 403, 403, 303],
        "/desk/prints": [403, 403, 200, 200, 200, 200, 303],
        "/desk/prints/0123456789abcdef": [403, 403, 404, 404, 404, 404, 303],
        "/office/texts": [403, 403, 403, 403, 403, 200, 303],
        f"/office/texts/{PRIVACY}": [403, 403, 403, 403, 403, 200, 303],
        "/office/texts/nothing": [403, 403, 403, 403, 403, 404, 303],
    }
    clients = [
        stage.parent,
        stage.stranger,
        stage.director,
        stage.colleague,
        stage.officer,
        stage.admin,
        stage.visitor,
    ]
    for path, expected in paths.items():
        assert [client.get(f"/seoul{path}").status_code for client in clients] == expected, path


@pytest.mark.rule("GC-21")
def test_a_session_of_one_municipality_opens_nothing_in_the_other(
    app: Flask, stage: Stage, gwacheon: TenantRef
) -> None:
    there = make_stage(app, gwacheon)
    for client in (there.parent, there.director):
        assert client.get(f"/seoul/papers/{stage.paper}").status_code == 303
        assert client.get(f"/gwacheon/papers/{stage.paper}").status_code == 404
    assert stage.paper not in there.director.get("/gwacheon/desk/papers").text


@pytest.mark.rule("KB-20")
def test_staff_scan_on_behalf_and_give_the_original_back(stage: Stage) -> None:
    url = f"/seoul/desk/papers/{stage.paper}/scan"
    wrong = stage.director.post(url, data={**ONE, "file": (io.BytesIO(PNG), "서명.pdf")})
    assert wrong.status_code == 422
    assert "내용이 달라요" in wrong.text
    assert stage.director.post(url, data=ONE).status_code == 422
    assert stage.colleague.post(url, data=ONE).status_code == 404
    done = stage.director.post(url, data={**ONE, "file": (io.BytesIO(PDF), "서명.pdf")})
    assert done.status_code == 303
    scan = stage.director.get(f"/seoul/papers/{stage.paper}/scan/guardian_signature")
    assert scan.data == PDF
    page = stage.director.get("/seoul/desk/originals").text
    target = re.search(r'action="(/seoul/desk/originals/\w+)"', page)
    assert target is not None
    assert stage.colleague.post(target[1]).status_code == 404
    assert stage.director.post(target[1]).status_code == 303
    assert "돌려줄 원본이 없어요" in stage.director.get("/seoul/desk/originals").text
    assert stage.director.post(target[1]).status_code == 422


@pytest.mark.rule("XX-19")
def test_files_leave_as_attachments_that_no_browser_sniffs(stage: Stage) -> None:
    url = f"/seoul/desk/papers/{stage.paper}/scan"
    stage.director.post(url, data={**ONE, "file": (io.BytesIO(PDF), "동의서; x=1.pdf")})
    scan = stage.director.get(f"/seoul/papers/{stage.paper}/scan/guardian_signature")
    assert scan.headers["Content-Disposition"].startswith("attachment;")
    assert scan.headers["X-Content-Type-Options"] == "nosniff"
    assert scan.headers["Cache-Control"] == "no-store"
    odd = send_file(PDF, "application/pdf", 'a"\r\nX: y\\.pdf')
    assert odd.headers["Content-Disposition"].startswith('attachment; filename="a_')
    assert "X" not in odd.headers


@pytest.mark.rule("XX-19")
def test_eleven_megabytes_get_a_korean_answer(stage: Stage) -> None:
    url = f"/seoul/desk/papers/{stage.paper}/scan"
    for size, status in ((11 * MB, 422), (13 * MB, 413)):
        answer = stage.director.post(url, **one_file("큰파일.pdf", PDF + b"\0" * (size - len(PDF))))
        assert answer.status_code == status
        assert "파일" in answer.text


def one_file(filename: str, content: bytes) -> dict[str, object]:
    """A browser's multipart body, made by hand: the test client leaves its temporary files open."""
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'
    body = head.encode() + content + b"\r\n--x--\r\n"
    return {
        "input_stream": io.BytesIO(body),
        "content_type": "multipart/form-data; boundary=x",
        "content_length": len(body),
    }


def test_the_finished_pdf_is_downloaded_and_logged(stage: Stage) -> None:
    stage.parent.post(f"/seoul/papers/{stage.paper}/sign/guardian_signature", data={"typed": "한지원"})
    waiting = stage.parent.get(f"/seoul/papers/{stage.paper}/pdf", follow_redirects=True)
    assert "PDF를 만들고 있어요" in waiting.text
    stage.run_work()
    done = stage.parent.get(f"/seoul/papers/{stage.paper}/pdf")
    assert (done.mimetype, done.data[:5]) == ("application/pdf", b"%PDF-")
    assert "D2026-000001" in done.headers["Content-Disposition"]
    with unit_of_work(stage.place, SYSTEM) as uow:
        assert "paper.download" in uow.session.scalars(select(AccessLog.what)).all()


def test_the_municipality_publishes_its_own_wording(stage: Stage) -> None:
    url = f"/seoul/office/texts/{PRIVACY}/intro"
    assert "항목별로 읽어" in stage.admin.get(f"/seoul/office/texts/{PRIVACY}").text
    for body, day in (("", "2026-11-20"), ("새 문구", "2026-11-19"), ("새 문구", "언젠가")):
        assert stage.admin.post(url, data={"body": body, "effective_from": day}).status_code == 422
    assert stage.admin.post(url, data={"body": "새 문구", "effective_from": "2026-11-20"}).status_code == 303
    stage.run_work()
    assert "새 문구" in stage.admin.get(f"/seoul/office/texts/{PRIVACY}").text
    assert stage.admin.post(f"/seoul/office/texts/{PRIVACY}/nothing", data={}).status_code == 404


def test_void_needs_a_reason(stage: Stage) -> None:
    url = f"/seoul/desk/papers/{stage.paper}/void"
    assert stage.director.post(url, data={"reason": " "}).status_code == 422
    assert stage.parent.post(url, data={"reason": "x"}).status_code == 403
    assert stage.director.post(url, data={"reason": "잘못 만든 서류"}).status_code == 303
    assert "잘못 만든 서류" in stage.director.get(f"/seoul/papers/{stage.paper}").text


def test_an_unknown_purged_or_foreign_file_is_not_found(stage: Stage) -> None:
    with unit_of_work(stage.place, SYSTEM) as uow:
        row = store_upload(uow, owner="child", owner_id=1, kind="x", filename="a.pdf", content=PDF)
    assert stage.director.post(f"/seoul/desk/originals/{row.ref}").status_code == 404
