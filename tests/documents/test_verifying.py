"""The verification page, with a stranger's eyes: what it says, what it never says, and how often it may be asked."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from app.documents.catalogue import load
from app.documents.keys import revoke_key
from app.documents.models import Paper, VerifyAttempt
from app.documents.rules.verifying import printed_code
from app.documents.service.issuing import void_paper
from app.documents.service.preparing import prepare_paper
from app.documents.service.reissuing import reissue_paper
from app.documents.service.signing import sign_paper
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.audit import AccessLog
from app.kernel.db import Database, TenantRef, unit_of_work
from app.kernel.files import files
from app.kernel.ranges import kst
from tests.cast import make_centre, make_family
from tests.cast_accounts import sign_in
from tests.documents.municipal import give_key, work_off
from tests.documents.papers import sample
from tests.documents.test_issuing import png

PRIVACY = "kium-consent-privacy"
NOW = kst(date(2026, 11, 20), 600)
SECRETS = ("윤서담", "한지원", "010-2734-0915", "01027340915", "2018", "주소가 틀림")
"""Everything of the sample that tells of a person, and the reason of a void."""


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def director(seoul: TenantRef) -> Actor:
    with unit_of_work(seoul, SYSTEM) as uow:
        centre = make_centre(uow)
    return Actor(Role.CENTRE_DIRECTOR, user_id=21, name="이센터", scope=centre.id)


@pytest.fixture
def paper(seoul: TenantRef, director: Actor) -> Paper:
    """A consent with a guardian's signature, sealed and stored."""
    give_key(seoul)
    with unit_of_work(seoul, SYSTEM) as uow:
        guardian, child = make_family(uow)
        row = prepare_paper(
            uow,
            PRIVACY,
            sample(load(PRIVACY)),
            subject="child",
            subject_id=child.id,
            institution_id=director.scope,
            guardian_id=guardian.id,
            child_id=child.id,
        )
        parent = Actor(Role.GUARDIAN, user_id=11, name="한지원", guardian_id=guardian.id, ip="203.0.113.9")
    with unit_of_work(seoul, parent) as uow:
        sign_paper(uow, row.ref, "guardian_signature", signer="한지원", typed="한지원")
    work_off(seoul)
    with unit_of_work(seoul, SYSTEM) as uow:
        return uow.session.get_one(Paper, row.id, populate_existing=True)


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


def ask(client: FlaskClient, paper: Paper, ip: str = "198.51.100.7", **changed: Any) -> Any:
    data = {"number": paper.number, "code": printed_code(paper.verify_code or ""), **changed}
    return client.post("/seoul/verify", data=data, environ_overrides={"REMOTE_ADDR": ip})


def test_a_stranger_learns_what_stands_on_the_paper_s_face(visitor: FlaskClient, paper: Paper) -> None:
    answer = ask(visitor, paper)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    mark = paper.pdf_sha256 or ""
    for words in (
        "유효한 문서예요", "개인정보 수집·이용 및 제공동의서", "D2026-000001", "2026. 11. 20. 10:00", "온수동 키움센터",
        "보호자", "이름 입력", "서울특별시 전자직인(시연용)", mark[:8], mark[-8:],
    ):  # fmt: skip
        assert words in answer.text


@pytest.mark.rule("XX-03")
@pytest.mark.parametrize("state", ["valid", "void", "replaced"])
def test_it_never_names_a_person(
    visitor: FlaskClient, seoul: TenantRef, director: Actor, paper: Paper, state: str
) -> None:
    with unit_of_work(seoul, director) as uow:
        if state == "void":
            void_paper(uow, paper.ref, "윤서담의 주소가 틀림")
        elif state == "replaced":
            reissue_paper(uow, paper.ref, "윤서담의 주소가 틀림")
    text = ask(visitor, paper).text
    assert paper.number in text
    assert [word for word in SECRETS if word in text] == []
    assert paper.pdf_sha256 not in text


@pytest.mark.rule("GC-18")
def test_void_and_replaced_papers_say_so(visitor: FlaskClient, seoul: TenantRef, director: Actor) -> None:
    with unit_of_work(seoul, director) as uow:
        rows = [
            prepare_paper(
                uow,
                "kium-waiting-list",
                sample(load("kium-waiting-list")),
                subject="centre",
                subject_id=None,
                institution_id=director.scope,
            )
            for _ in range(2)
        ]
        void_paper(uow, rows[0].ref, "잘못됨")
        reissue_paper(uow, rows[1].ref, "잘못됨")
    assert "무효가 된 문서예요" in ask(visitor, rows[0]).text
    assert "무효 — 새 문서 D2026-000003" in ask(visitor, rows[1]).text


def test_wrong_number_wrong_code_and_a_paper_not_issued_hear_the_same(
    visitor: FlaskClient, seoul: TenantRef, director: Actor, paper: Paper
) -> None:
    with unit_of_work(seoul, director) as uow:
        open_one = prepare_paper(
            uow, PRIVACY, sample(load(PRIVACY)), subject="child", subject_id=1, institution_id=director.scope
        )
    answers = [
        ask(visitor, paper, code="K7QM-2X9T-RB4H"),
        ask(visitor, paper, code=""),
        ask(visitor, paper, number="D2026-999999"),
        ask(visitor, paper, number=""),
        ask(visitor, paper, number=open_one.ref, code=""),
        ask(visitor, paper, number="", code="????????????"),
    ]
    assert [answer.status_code for answer in answers] == [422] * 6
    said = {
        re.sub(r'value="[^"]*"|[0-9a-f]{12}', "", a.text.partition("<main")[2].partition("</main>")[0])
        for a in answers
    }
    assert len(said) == 1
    assert "맞는 문서가 없어요" in answers[0].text
    assert "유효" not in answers[0].text


def test_an_unknown_number_costs_what_a_wrong_code_costs(
    visitor: FlaskClient, db: Database, paper: Paper
) -> None:
    counts: list[int] = []

    def note(*_: Any) -> None:
        counts[-1] += 1

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        for changed in ({"code": "0000-0000-0000"}, {"number": "D2026-999999"}, {"number": "x"}):
            counts.append(0)
            ask(visitor, paper, **changed)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert counts[0] > 0
    assert len(set(counts)) == 1


@pytest.mark.rule("XX-05")
def test_guessing_is_braked_by_address(visitor: FlaskClient, seoul: TenantRef, paper: Paper) -> None:
    for _ in range(20):
        assert ask(visitor, paper, code="0000-0000-0000").status_code == 422
    braked = ask(visitor, paper)
    assert braked.status_code == 429
    assert "5초 뒤에" in braked.text
    assert ask(visitor, paper, ip="198.51.100.8").status_code == 200
    with time_machine.travel(NOW + timedelta(seconds=5), tick=False):
        assert ask(visitor, paper).status_code == 200
        assert ask(visitor, paper, code="0000-0000-0000").status_code == 422
        assert "10초 뒤에" in ask(visitor, paper).text
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        assert ask(visitor, paper, code="0000-0000-0000").status_code == 422
        with unit_of_work(seoul, SYSTEM) as uow:
            assert uow.session.scalar(select(func.count()).select_from(VerifyAttempt)) == 1


def test_right_answers_are_not_counted(visitor: FlaskClient, paper: Paper) -> None:
    assert {ask(visitor, paper).status_code for _ in range(25)} == {200}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda pdf: pdf, "이 파일은 발급된 원본과 같습니다"),
        (lambda pdf: pdf + b"\n", "이 파일은 발급된 원본과 다릅니다"),
        (lambda pdf: pdf[:-1], "이 파일은 발급된 원본과 다릅니다"),
        (lambda pdf: b"", "이 파일은 발급된 원본과 다릅니다"),
        (lambda pdf: b"no pdf at all", "이 파일은 발급된 원본과 다릅니다"),
    ],
)
def test_a_file_is_compared_and_not_kept(
    visitor: FlaskClient, seoul: TenantRef, paper: Paper, change: Any, words: str
) -> None:
    pdf, before = files().read(seoul, paper.pdf_sha256 or ""), files().names(seoul)
    answer = ask(visitor, paper, file=(io.BytesIO(change(pdf)), "받은 파일.pdf"))
    assert words in answer.text
    assert files().names(seoul) == before


def test_a_file_alone_opens_nothing(visitor: FlaskClient, seoul: TenantRef, paper: Paper) -> None:
    pdf = files().read(seoul, paper.pdf_sha256 or "")
    answer = ask(visitor, paper, code="", file=(io.BytesIO(pdf), "a.pdf"))
    assert answer.status_code == 422
    assert "원본과" not in answer.text


def test_a_paper_without_seal_and_one_without_pdf_say_so(
    visitor: FlaskClient, seoul: TenantRef, director: Actor
) -> None:
    with unit_of_work(seoul, director) as uow:
        row = prepare_paper(
            uow, "kium-waiting-list", sample(load("kium-waiting-list")), subject="centre", subject_id=None
        )
    assert "아직 만들고 있어요" in ask(visitor, row).text
    work_off(seoul)
    text = ask(visitor, row).text
    assert "전자직인 없음" in text
    assert "서울특별시" in text


def test_a_revoked_key_is_told(visitor: FlaskClient, seoul: TenantRef, paper: Paper) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        from app.documents.models import SigningKey

        revoke_key(uow, uow.session.scalars(select(SigningKey.ref)).one(), "유출 의심")
    text = ask(visitor, paper).text
    assert "그 뒤에 폐지" in text
    assert "유출 의심" not in text


@pytest.mark.rule("GC-21")
def test_another_municipality_knows_nothing(visitor: FlaskClient, paper: Paper) -> None:
    data = {"number": paper.number, "code": paper.verify_code}
    assert visitor.post("/gwacheon/verify", data=data).status_code == 422


def test_the_address_brings_the_number_and_never_the_code(visitor: FlaskClient, paper: Paper) -> None:
    page = visitor.get(f"/seoul/verify?n={paper.number}")
    assert page.status_code == 200
    assert f'value="{paper.number}"' in page.text
    assert 'value="&lt;' not in visitor.get("/seoul/verify?n=<script>").text
    assert "<script>alert" not in visitor.get("/seoul/verify?n=<script>alert(1)</script>").text
    text = ask(visitor, paper).text
    code = printed_code(paper.verify_code or "")
    assert [url for url in re.findall(r'(?:href|action|src)="([^"]*)"', text) if code in url] == []


@pytest.mark.rule("XX-12")
def test_who_asked_is_kept_in_the_access_log(visitor: FlaskClient, seoul: TenantRef, paper: Paper) -> None:
    ask(visitor, paper)
    ask(visitor, paper, code="0")
    with unit_of_work(seoul, SYSTEM) as uow:
        row = uow.session.scalars(select(AccessLog).where(AccessLog.what == "paper.verified")).one()
        assert (row.role, row.subject, row.subject_id, row.ip) == (
            "visitor",
            "paper",
            paper.id,
            "198.51.100.7",
        )


def test_the_pages_of_the_seal(app: Flask, seoul: TenantRef, director: Actor) -> None:
    client, teacher = app.test_client(), app.test_client()
    sign_in(client, seoul, Role.CENTRE_DIRECTOR, director.scope)
    sign_in(teacher, seoul, Role.CARE_TEACHER, director.scope)
    assert "아직 올린 직인이 없어요" in client.get("/seoul/seal").text
    assert client.get("/seoul/seal/picture").status_code == 404
    for content, name in ((b"", ""), (b"", "직인.png"), (b"GIF89a", "직인.gif"), (png()[:-9], "직인.png")):
        refused = client.post("/seoul/seal", data={"file": (io.BytesIO(content), name)})
        assert refused.status_code == 422
        assert "확인이 필요해요" in refused.text
    assert client.post("/seoul/seal").status_code == 422
    assert (
        client.post("/seoul/seal", data={"file": (io.BytesIO(png(alpha=False)), "직인.png")}).status_code
        == 303
    )
    assert "투명하지 않은" in client.get("/seoul/seal").text
    picture = client.get("/seoul/seal/picture")
    assert (picture.data, picture.mimetype) == (png(alpha=False), "image/png")
    assert teacher.get("/seoul/seal").status_code == 403
    assert client.post("/seoul/seal/away").status_code == 303
    assert client.post("/seoul/seal/away").status_code == 404


def test_the_page_of_a_paper_leads_from_the_old_to_the_new(
    app: Flask, seoul: TenantRef, director: Actor, paper: Paper
) -> None:
    client = app.test_client()
    sign_in(client, seoul, Role.CENTRE_DIRECTOR, director.scope)
    page = client.get(f"/seoul/papers/{paper.ref}").text
    assert printed_code(paper.verify_code or "") in page
    assert "서울특별시 전자직인(시연용)" in page
    url = f"/seoul/desk/papers/{paper.ref}/reissue"
    assert client.post(url, data={"request_id": "ab" * 16}).status_code == 422
    data = {"request_id": "cd" * 16, "how": "same", "why": "주소가 바뀜"}
    done = client.post(url, data=data)
    assert done.status_code == 303
    assert client.post(url, data=data).headers["Location"] == done.headers["Location"]
    old, new = client.get(f"/seoul/papers/{paper.ref}").text, client.get(done.headers["Location"]).text
    assert "무효 — 새 문서" in old
    assert done.headers["Location"] in old
    assert "서명 필요" in new
    assert client.post(url, data={"request_id": "ef" * 16, "why": "또"}).status_code == 422
