"""투약의뢰서 옮겨 적기: what a guardian signed is written off at the desk; nothing is invented there (AD-27)."""

from __future__ import annotations

import io
import secrets
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.daycare.models import MedicineGiven, MedicineRequest
from app.documents.models import Upload
from app.documents.print_runs import PART
from app.kernel.audit import AccessLog, AuditLog
from app.kernel.work import Work
from tests.daycare.conftest import As
from tests.daycare.house import NOW, TUESDAY, WEDNESDAY, Family, House, found_house, ink
from tests.daycare.test_papers import PNG

SLUG = "/gwacheon"
NEW = f"{SLUG}/room/medicine/new"
WORDS = {
    "starts_on": TUESDAY.isoformat(),
    "ends_on": WEDNESDAY.isoformat(),
    "medicine": "기침약",
    "symptom": "기침",
    "dose": "5mL",
    "kept": "냉장",
    "times": "12:30, 21:00",
    "signer": "김보호",
}


@pytest.fixture
def family(home: House) -> Family:
    return home.family()


def sheet_of(family: Family) -> str:
    return f"{SLUG}/room/children/{family.child}/medicine"


def scan(name: str = "의뢰서.png", content: bytes = PNG) -> dict[str, Any]:
    return {"file": (io.BytesIO(content), name)}


def write(client: FlaskClient, family: Family, **changed: Any) -> TestResponse:
    sent = {**WORDS, "request_id": secrets.token_hex(16), **changed}
    data = {key: value for key, value in sent.items() if value is not None}
    return client.post(sheet_of(family), data=data, content_type="multipart/form-data")


def dose(day: str = TUESDAY.isoformat(), clock: str = "10:00") -> dict[str, str]:
    return {"given_on": day, "given_at": clock, "request_id": secrets.token_hex(16)}


def count(home: House) -> int:
    with home.unit() as uow:
        return uow.session.scalar(select(func.count()).select_from(MedicineRequest)) or 0


@pytest.mark.rule("AD-27")
@pytest.mark.parametrize(
    ("signed", "label"),
    [
        (scan, "서면(스캔)"),
        (lambda: {"strokes": ink()}, "직접 서명"),
        (lambda: {"signed_name": "김 보호"}, "이름 입력"),
    ],
)
def test_a_signed_sheet_is_written_off(
    home: House, family: Family, teacher: FlaskClient, signed: Any, label: str
) -> None:
    assert family.name in teacher.get(NEW).text
    assert teacher.get(f"{NEW}?child={family.child}").location.endswith(sheet_of(family))
    assert "김보호 (모)" in teacher.get(sheet_of(family)).text
    assert write(teacher, family, **signed()).status_code == 303
    page = teacher.get(f"{SLUG}/room/medicine").text
    for words in ("기침약", "12:30, 21:00", f"김보호 · {label}", "문하준"):
        assert words in page
    with home.unit() as uow:
        [row] = uow.session.scalars(select(MedicineRequest))
        [log] = uow.session.scalars(select(AuditLog).where(AuditLog.action == "daycare.medicine_asked"))
        scans = uow.session.scalars(select(Upload).where(Upload.owner == "medicine_request")).all()
        assert [upload.owner_id for upload in scans] == ([row.id] if signed is scan else [])
        assert log.diff["signed"][1] in ("SCAN", "DRAWN", "TYPED")


@pytest.mark.rule("AD-27")
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "서명이 없으면 옮겨 적을 수 없어요"),
        ({"strokes": "[]"}, "서명이 비어 있어요"),
        ({"strokes": "nonsense"}, "서명을 읽지 못했어요"),
        ({"strokes": "[[[10, 10]]]"}, "서명이 너무 짧아요"),
        ({"signed_name": "문하준"}, "의뢰한 보호자(김보호)와 달라요"),
        ({"signer": "문하준", **scan()}, "의뢰한 보호자"),
        ({"signer": None, "strokes": ink()}, "의뢰한 보호자를 골라 주세요"),
        (scan("의뢰서.png", b"MZ\x90"), "내용이 달라요"),
        (scan("의뢰서.exe", PNG), "파일만 올릴 수 있어요"),
        ({"strokes": ink(), "times": "25:00"}, "21:00처럼"),
        ({"strokes": ink(), "times": "21:00, 21:00"}, "21:00을 두 번 적었어요"),
        ({"strokes": ink(), "ends_on": "2026-11-12"}, "30일까지 의뢰할 수 있어요"),
        ({"strokes": ink(), "medicine": " "}, "약 이름"),
        ({"strokes": ink(), "starts_on": "2026-10-12"}, "먹일 기간을"),
        ({"strokes": ink(), "ends_on": "2026-10-12"}, "먹일 기간을"),
        ({"strokes": ink(), "starts_on": "어제"}, "첫날"),
        ({"strokes": ink(), "request_id": "x"}, "화면이 오래되었"),
    ],
)
def test_what_is_no_request(
    home: House, family: Family, teacher: FlaskClient, changed: dict[str, Any], words: str
) -> None:
    answer = write(teacher, family, **changed)
    assert answer.status_code == 422
    assert words in answer.text
    assert "확인이 필요해요" in answer.text
    assert changed.get("medicine", "기침약") in answer.text  # nothing typed is lost
    assert count(home) == 0


def test_pressed_twice_it_is_one_request(home: House, family: Family, teacher: FlaskClient) -> None:
    request_id = secrets.token_hex(16)
    for _ in range(2):
        answer = write(teacher, family, strokes=ink(), request_id=request_id)
        assert answer.status_code == 303
        assert "/room/medicine" in answer.headers["Location"]
    assert count(home) == 1


def test_the_scan_is_opened_through_a_logged_page(home: House, family: Family, as_: As) -> None:
    teacher = as_(home.teacher)
    assert write(teacher, family, **scan()).status_code == 303
    url = teacher.get(f"{SLUG}/room/medicine").text.split('/sheet"')[0].split('"')[-1] + "/sheet"
    assert teacher.get(url).data == PNG
    with home.unit() as uow:
        assert uow.session.scalar(select(func.count()).where(AccessLog.what == "upload.medicine_request"))
    other = found_house(home.place, "달빛어린이집")
    assert as_(other.teacher).get(url).status_code == 404


def test_children_and_sheets_of_others(home: House, family: Family, as_: As) -> None:
    other = found_house(home.place, "달빛어린이집")
    theirs = as_(other.teacher)
    assert theirs.get(sheet_of(family)).status_code == 404
    assert write(theirs, family, strokes=ink()).status_code == 404
    assert write(as_(home.teacher), family, strokes=ink()).status_code == 303
    with home.unit() as uow:
        [ref] = uow.session.scalars(select(MedicineRequest.ref))
    for step in ("withdraw", "given", "print"):
        sent = {f"reason-{ref}": "x", **dose()}
        assert theirs.post(f"{SLUG}/room/medicine/{ref}/{step}", data=sent).status_code == 404
    assert as_(home.teacher).get(f"{SLUG}/room/medicine/{ref}/sheet").status_code == 404  # it was drawn


def test_a_family_does_not_come_in_by_the_desk(home: House, family: Family, app: Any) -> None:
    assert write(app.test_client(), family, strokes=ink()).status_code in (302, 303)
    assert count(home) == 0


@pytest.mark.rule("AD-27")
def test_withdrawn_with_a_reason(home: House, family: Family, teacher: FlaskClient) -> None:
    assert write(teacher, family, strokes=ink()).status_code == 303
    with home.unit() as uow:
        [ref] = uow.session.scalars(select(MedicineRequest.ref))
    url = f"{SLUG}/room/medicine/{ref}"
    bare = teacher.post(f"{url}/withdraw")
    assert bare.status_code == 422
    assert "까닭을 적어 주세요" in bare.text
    told = {f"reason-{ref}": "보호자가 그만 먹이라고 전화함"}
    assert teacher.post(f"{url}/withdraw", data=told).status_code == 303
    assert "기침약" not in teacher.get(f"{SLUG}/room/medicine").text
    assert teacher.post(f"{url}/given", data=dose()).status_code == 422
    assert teacher.post(f"{url}/print").status_code == 303  # the paper stays readable


@pytest.mark.rule("AD-27")
def test_the_printed_request_bears_every_dose(
    home: House, family: Family, as_: As, morning: time_machine.Coordinates
) -> None:
    teacher = as_(home.teacher)
    assert write(teacher, family, **scan()).status_code == 303
    with home.unit() as uow:
        [ref] = uow.session.scalars(select(MedicineRequest.ref))
    for day in (13, 14):
        morning.move_to(NOW.replace(day=day, hour=12, minute=35))
        teacher = as_(home.teacher)
        sent = dose(f"2026-10-{day}", "12:30")
        assert teacher.post(f"{SLUG}/room/medicine/{ref}/given", data=sent).status_code == 303
    assert teacher.post(f"{SLUG}/room/medicine/{ref}/print").status_code == 303
    with home.unit() as uow:
        [part] = uow.session.scalars(select(Work.payload).where(Work.kind == PART))
    [sheet] = part["sheets"]
    assert [row["date"] for row in sheet["data"]["administrations"]] == ["2026-10-13", "2026-10-14"]
    assert sheet["data"]["guardian_name"] == "김보호"
    assert sheet["signatures"] == {"guardian_signature": "김보호 (서면)"}


@pytest.mark.rule("AD-27")
def test_a_dose_pressed_twice_is_one_dose(home: House, family: Family, teacher: FlaskClient) -> None:
    assert write(teacher, family, strokes=ink()).status_code == 303
    with home.unit() as uow:
        [ref] = uow.session.scalars(select(MedicineRequest.ref))
    url = f"{SLUG}/room/medicine/{ref}/given"
    once = dose()
    for _ in range(2):
        assert teacher.post(url, data=once).status_code == 303
    again = teacher.post(url, data=dose())
    assert again.status_code == 422
    assert "10:00에 먹인 것을 이미 적었어요" in again.text
    assert teacher.post(url, data=dose(clock="09:50")).status_code == 303
    third = teacher.post(url, data=dose(clock="09:40"))
    assert third.status_code == 422
    assert "의뢰한 2번을 모두" in third.text
    with home.unit() as uow:
        assert uow.session.scalar(select(func.count()).select_from(MedicineGiven)) == 2


@pytest.mark.rule("AD-27")
def test_due_is_what_falls_into_the_stay(home: House, family: Family, teacher: FlaskClient) -> None:
    """Asked for at 12:30 and 21:00; the child leaves at 13:30."""
    home.enter(home.book(family, 630, 810))
    assert write(teacher, family, strokes=ink()).status_code == 303
    page = teacher.get(f"{SLUG}/room/medicine").text
    due = page.split("먹일 약</caption>")[1].split("</table>")[0]
    assert "<b>12:30</b>" in due
    assert "21:00" not in due


def test_the_running_night_after_midnight(
    home: House, family: Family, as_: As, morning: time_machine.Coordinates
) -> None:
    """At 00:30 of Wednesday Tuesday still runs; medicine may be asked for it, not for Monday."""
    morning.move_to(NOW.replace(day=14, hour=0, minute=30))
    teacher = as_(home.teacher)
    assert write(teacher, family, strokes=ink(), starts_on="2026-10-12").status_code == 422
    assert write(teacher, family, strokes=ink()).status_code == 303
