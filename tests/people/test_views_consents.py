"""Health notes, consents and the arrival form, by their pages."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import select

from app.kernel.actor import SYSTEM
from app.kernel.audit import AccessLog
from app.kernel.db import unit_of_work
from app.people.models import HealthNote
from tests.documents.test_uploads import PDF
from tests.people.browsers import Stage


@pytest.mark.rule("XX-03")
@pytest.mark.rule("XX-08")
def test_health_is_masked_for_staff_until_it_is_opened_with_a_trace(stage: Stage) -> None:
    stage.known()
    assert "민감정보 동의를 받은 뒤에" in stage.parent.get(f"{stage.url}/health").text
    refused = stage.parent.post(f"{stage.url}/health", data={"kind": "ALLERGY", "text": "땅콩"})
    assert refused.status_code == 422
    page = stage.parent.get(f"{stage.url}/consents/SENSITIVE").text
    seen = re.search(r'name="seen" value="(\w{64})"', page)
    assert seen is not None
    data = {"seen": seen[1], "decision": "yes"}
    assert stage.parent.post(f"{stage.url}/consents/SENSITIVE", data=data).status_code == 303
    assert (
        stage.parent.post(f"{stage.url}/health", data={"kind": "ALLERGY", "text": "땅콩 😀"}).status_code
        == 303
    )
    assert "땅콩 😀" in stage.parent.get(f"{stage.url}/health").text
    masked = stage.teacher.get(f"{stage.url}/health").text
    assert "땅콩" not in masked
    assert "알레르기" in masked
    assert "땅콩" not in stage.teacher.get(stage.url).text
    assert "땅콩" in stage.teacher.post(f"{stage.url}/health/open", data={"reason": "간식 준비"}).text
    with unit_of_work(stage.folk.place, SYSTEM) as uow:
        rows = uow.session.scalars(select(AccessLog).where(AccessLog.what == "health_note.opened")).all()
        assert "간식 준비" in [row.reason for row in rows]
        note = uow.session.scalars(select(HealthNote.ref)).one()
    assert stage.stranger.post(f"{stage.url}/health/{note}/remove").status_code == 404
    assert stage.parent.post(f"{stage.url}/health/{note}/remove").status_code == 303
    assert "땅콩" not in stage.parent.get(f"{stage.url}/health").text


@pytest.mark.rule("XX-01")
def test_a_consent_is_read_given_and_taken_back(stage: Stage) -> None:
    url = f"{stage.url}/consents/THIRD_PARTY"
    assert stage.parent.post(url, data={"decision": "yes", "seen": "0" * 64}).status_code == 422
    page = stage.parent.get(url).text
    assert "지도점검·통계" in page
    seen = re.search(r'name="seen" value="(\w{64})"', page)
    assert seen is not None
    assert stage.parent.post(url, data={"decision": "yes", "seen": seen[1]}).status_code == 303
    assert "동의 철회" in stage.parent.get(url).text
    assert stage.parent.post(f"{url}/withdraw").status_code == 303
    assert stage.parent.post(f"{url}/withdraw").status_code == 422
    assert "철회함" in stage.parent.get(f"{stage.url}/consents").text


@pytest.mark.rule("GC-25")
def test_staff_record_a_paper_consent_with_its_scan(stage: Stage) -> None:
    stage.known()
    url = f"{stage.url}/consents/ARRIVAL_DEPARTURE"
    page = stage.teacher.get(url).text
    seen, guardian = (
        re.search(r'name="seen" value="(\w{64})"', page),
        re.search(r'option value="(\w{16})"', page),
    )
    assert seen is not None
    assert guardian is not None
    data = {"decision": "yes", "seen": seen[1], "guardian": guardian[1], "channel": "PAPER"}
    assert "스캔해서 올려 주세요" in stage.teacher.post(url, data=data).text
    given = stage.teacher.post(url, data={**data, "file": (io.BytesIO(PDF), "동의서.pdf")})
    assert given.status_code == 303
    assert stage.teacher.post(url, data={**data, "channel": "ONLINE"}).status_code == 422
    assert stage.teacher.post(url, data={**data, "guardian": "0" * 16, "channel": "PHONE"}).status_code == 404
    assert "동의서.pdf" in stage.teacher.get("/seoul/desk/originals").text


def test_the_arrival_form_starts_with_what_is_known(stage: Stage) -> None:
    answer = stage.parent.post(f"{stage.url}/arrival-form")
    again = stage.parent.post(f"{stage.url}/arrival-form")
    assert answer.location == again.location
    page = stage.parent.get(answer.location).text
    for words in ("김하늘", "2018-05-05", "01011112222", "온수초"):
        assert words in page
    assert stage.stranger.get(answer.location).status_code == 404
