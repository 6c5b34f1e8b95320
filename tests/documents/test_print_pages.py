"""출력 in a browser: pick, watch, cancel, take the file, and see what was left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from app.documents.jobs import clear_old_prints
from app.documents.models import Paper
from app.kernel.actor import SYSTEM
from app.kernel.audit import AccessLog
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.ranges import kst
from tests.documents.test_views import Stage, make_stage

DAY = date(2026, 11, 20)
ONCE = "ab" * 16


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("app.documents.views_print.WAIT_SECONDS", 0.0)
    with time_machine.travel(kst(DAY, 600), tick=False):
        yield


@pytest.fixture
def stage(app: Flask, seoul: TenantRef) -> Stage:
    return make_stage(app, seoul)


def started(stage: Stage, **more: object) -> str:
    """The address of a new run's page."""
    data = {"pick": [stage.paper], "request_id": ONCE, **more}
    answer = stage.director.post("/seoul/desk/prints", data=data)
    assert answer.status_code == 303
    return answer.location


@pytest.mark.rule("XX-12")
def test_many_papers_become_one_file_with_progress(stage: Stage) -> None:
    where = started(stage, blank="kium-application")
    assert started(stage, blank="kium-application") == where, "a form pressed twice counts once"
    page = stage.director.get(where).text
    assert "2건 중 0건" in page
    assert 'hx-trigger="every 2s"' in page
    assert stage.director.get(f"{where}/file").status_code == 404
    stage.run_work()
    fragment = stage.director.get(where, headers={"HX-Request": "true"}).text
    assert "PDF 받기" in fragment
    assert "2장을 담았어요. 11월 27일(금) 10:00까지" in fragment
    assert "hx-trigger" not in fragment
    assert "<html" not in fragment
    file = stage.director.get(f"{where}/file")
    assert (file.mimetype, file.data[:5]) == ("application/pdf", b"%PDF-")
    with unit_of_work(stage.place, SYSTEM) as uow:
        row = uow.session.scalars(select(AccessLog).where(AccessLog.what == "print.download")).one()
        assert (row.row_count, row.reason) == (2, "서류 출력")
    for path in (where, f"{where}/file"):
        assert stage.colleague.get(path).status_code == 404
    assert stage.colleague.post(f"{where}/cancel").status_code == 404
    assert "서류 출력" in stage.director.get("/seoul/desk/prints").text


def test_the_whole_list_as_it_is_filtered(stage: Stage) -> None:
    everything = {"all": "1", "pick": [], "request_id": ONCE}
    empty = stage.director.post("/seoul/desk/prints?state=VOID", data=everything)
    assert empty.status_code == 422
    assert "출력할 서류를 하나 이상" in empty.text
    where = stage.director.post("/seoul/desk/prints?state=TO_SIGN", data=everything).location
    assert "1건 중 0건" in stage.director.get(where).text


@pytest.mark.parametrize(
    ("way", "words", "media", "name"),
    [
        ("ZIP", "ZIP 받기", "application/zip", ".zip"),
        ("<script>", "PDF 받기", "application/pdf", ".pdf"),
    ],
)
def test_the_shape_of_the_file_is_chosen(stage: Stage, way: str, words: str, media: str, name: str) -> None:
    where = started(stage, print_as=way, masked="1")
    stage.run_work()
    assert words in stage.director.get(where).text
    file = stage.director.get(f"{where}/file")
    assert file.mimetype == media
    assert file.headers["Content-Disposition"].endswith(name)


def test_a_form_that_is_signed_has_no_copy_for_hangul(stage: Stage) -> None:
    data = {"pick": [stage.paper], "request_id": ONCE, "print_as": "HWPX"}
    answer = stage.director.post("/seoul/desk/prints", data=data)
    assert answer.status_code == 422
    assert "한글 파일로 만들지 않아요" in answer.text
    where = started(stage, print_as="HWPX", blank="kium-daily-users")
    stage.run_work()
    page = stage.director.get(where).text
    assert "한글 파일 받기" in page
    assert "정본은 PDF예요" in page
    assert "빠진 서류 1장" in page


def test_what_was_left_out_is_listed_with_the_reason(stage: Stage) -> None:
    where = started(stage, blank="kium-application")
    with unit_of_work(stage.place, SYSTEM) as uow:
        uow.session.execute(update(Paper).values(data={"child_name": "<b>윤서담", "x": 1}))
    stage.run_work()
    page = stage.director.get(where).text
    assert "빠진 서류 1장" in page
    assert "개인정보 수집·이용 및 제공동의서 · 윤서담" in page
    assert "이 서식에 없는 항목입니다." in page
    assert "1장을 담았어요" in page
    assert "빠진 것 있음" in stage.director.get("/seoul/desk/prints").text


def test_a_run_is_cancelled_and_says_so(stage: Stage) -> None:
    where = started(stage)
    page = stage.director.post(f"{where}/cancel", follow_redirects=True).text
    assert "출력을 취소했어요" in page
    assert "hx-trigger" not in page
    stage.run_work()
    again = stage.director.post(f"{where}/cancel")
    assert again.status_code == 422
    assert "이미 끝난 출력" in again.text
    assert "취소됨" in stage.director.get("/seoul/desk/prints").text


def test_an_expired_file_says_what_to_do(stage: Stage) -> None:
    where = started(stage)
    stage.run_work()
    with time_machine.travel(kst(DAY, 600) + timedelta(days=6, hours=23), tick=False):
        clear_old_prints(stage.place, kst(DAY, 0))
        assert stage.director.get(f"{where}/file").status_code in (200, 302, 303)
    with time_machine.travel(kst(DAY, 601) + timedelta(days=7), tick=False):
        clear_old_prints(stage.place, kst(DAY, 0))
    assert stage.director.get(f"{where}/file").status_code == 404
    assert "보관 기간이 지나 지웠어요" in stage.director.get(where).text


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"request_id": ONCE}, 422),
        ({"request_id": ONCE, "pick": ["0" * 16]}, 404),
        ({"request_id": ONCE, "blank": "../secrets"}, 404),
        ({"request_id": "x", "blank": "kium-application"}, 422),
        ({"request_id": ONCE, "pick": ["x"] * 400}, 404),
    ],
)
def test_a_wrong_print_request_is_refused(stage: Stage, data: dict[str, object], status: int) -> None:
    assert stage.director.post("/seoul/desk/prints", data=data).status_code == status
