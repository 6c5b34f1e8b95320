"""The director's and the city's pages of policies."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.insurance.rules import Cover, PolicyKind
from app.insurance.service import NewPolicy, add_policy
from app.kernel.actor import SYSTEM, Role
from app.kernel.audit import AccessLog, AuditLog
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.errors import Forbidden, NotFound
from tests.cast_accounts import sign_in
from tests.insurance.conftest import PDF, TODAY, City, insure

NEW = {
    "insured": "DAYCARE_MUTUAL",
    "insurer": "어린이집안전공제회",
    "number": "2026-0001",
    "starts_on": "2026-11-01",
    "ends_on": "2027-10-31",
}


def scan(name: str = "증권.pdf", content: bytes = PDF) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


@pytest.mark.rule("AD-25")
def test_a_director_registers_both_policies(city: City) -> None:
    city.sign_in(Role.DAYCARE_DIRECTOR, city.here)
    assert "지금은 예약을 받을 수 없어요" in text(city.get("/insurance"))
    assert city.post("/insurance", **NEW, file=scan()).status_code == 303
    assert city.post("/insurance", **{**NEW, "insured": "DAYCARE_HOURLY_RIDER"}).status_code == 303
    page = text(city.get("/insurance"))
    assert "지금은 예약을 받을 수 없어요" not in page
    assert "2027년 10월 31일(일)까지, 345일 남았어요" in page
    assert "증권.pdf" in page
    mutual, rider = city.rows()
    assert (mutual.institution_id, mutual.ends_on, mutual.upload_id is not None) == (
        city.here,
        date(2027, 10, 31),
        True,
    )
    assert rider.upload_id is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ends_on": "2026-10-31"}, "끝나는 날은 시작하는 날과 같거나 그 뒤여야 해요"),
        ({"starts_on": "2025-11-01", "ends_on": "2026-11-19"}, "이미 끝난 보험이에요"),
        ({"ends_on": "2099-12-31"}, "보험 기간이 10년을 넘어요"),
        ({"ends_on": "9999-12-31"}, "1900년에서 2100년 사이"),
        ({"ends_on": "내일"}, "valid date"),
        ({"insurer": " "}, "적어 주세요"),
        ({"number": "9" * 41}, "number"),
        ({"insured": "LIFE"}, "insured"),
        ({"request_id": "x"}, "화면이 오래되었습니다"),
        ({"file": scan(content=b"not a pdf")}, "내용이 달라요"),
    ],
)
def test_wrong_input_is_answered_in_words(city: City, change: dict[str, Any], sentence: str) -> None:
    city.sign_in(Role.DAYCARE_DIRECTOR, city.here)
    answer = city.post("/insurance", **{**NEW, **change})
    assert answer.status_code == 422
    if sentence in ("number", "insured", "valid date"):
        assert 'aria-invalid="true"' in text(answer)
    else:
        assert sentence in text(answer)
    assert city.rows() == []


def test_the_same_certificate_is_registered_once(city: City) -> None:
    city.sign_in(Role.DAYCARE_DIRECTOR, city.here)
    form = {**NEW, "request_id": "0" * 32}
    assert [city.post("/insurance", **form).status_code for _twice in range(2)] == [303, 303]
    assert len(city.rows()) == 1
    answer = city.post("/insurance", **{**NEW, "starts_on": "2027-10-31", "ends_on": "2028-10-31"})
    assert "같은 증권번호로" in text(answer)
    assert (
        city.post("/insurance", **{**NEW, "starts_on": "2027-11-01", "ends_on": "2028-10-31"}).status_code
        == 303
    )


def test_ending_early_needs_a_reason_and_the_fresh_row(city: City) -> None:
    city.sign_in(Role.DAYCARE_DIRECTOR, city.here)
    with unit_of_work(city.place, SYSTEM) as uow:
        ref = insure(uow, city.here, TODAY + timedelta(days=300)).ref
    ending = {"last_day": TODAY.isoformat(), "reason": "보험사 변경", "version": "1"}
    assert "해지하는 까닭" in text(city.post(f"/insurance/{ref}/end", **{**ending, "reason": ""}))
    for day in ("", "어제", "0001-01-01", "2027-09-16"):
        assert city.post(f"/insurance/{ref}/end", **{**ending, "last_day": day}).status_code == 422
    assert city.post(f"/insurance/{ref}/end", **ending).status_code == 303
    assert city.post(f"/insurance/{ref}/end", **ending).status_code == 409
    (row,) = city.rows()
    assert (row.ends_on, row.version) == (TODAY, 2)
    with unit_of_work(city.place, SYSTEM) as uow:
        note = uow.session.scalars(select(AuditLog).where(AuditLog.action == "insurance.ended")).one()
        assert note.reason == "보험사 변경"


@pytest.mark.rule("XX-12")
def test_a_certificate_is_replaced_and_its_opening_is_logged(city: City) -> None:
    city.sign_in(Role.DAYCARE_DIRECTOR, city.here)
    city.post("/insurance", **NEW, file=scan())
    ref = city.rows()[0].ref
    assert city.post(f"/insurance/{ref}/certificate", version="1").status_code == 422
    assert (
        city.post(f"/insurance/{ref}/certificate", version="1", file=scan("새.pdf", PDF + b"\n")).status_code
        == 303
    )
    answer = city.get(f"/insurance/{ref}/certificate")
    assert answer.get_data() == PDF + b"\n"
    city.sign_in(Role.CITY_OFFICER)
    assert city.get(f"/insurance/{ref}/certificate").status_code == 200
    with unit_of_work(city.place, SYSTEM) as uow:
        opened = select(func.count()).select_from(AccessLog).where(AccessLog.what == "upload.certificate")
        assert uow.session.scalar(opened) == 2


@pytest.mark.rule("XX-05")
def test_another_house_finds_nothing_and_others_may_not(city: City) -> None:
    with unit_of_work(city.place, SYSTEM) as uow:
        ref = insure(uow, city.here, TODAY + timedelta(days=300)).ref
    city.sign_in(Role.DAYCARE_DIRECTOR, city.there)
    assert "A-1" not in text(city.get("/insurance"))
    assert city.get(f"/insurance/{ref}/certificate").status_code == 404
    ending = {"last_day": TODAY.isoformat(), "reason": "남의 것", "version": "1"}
    assert city.post(f"/insurance/{ref}/end", **ending).status_code == 404
    city.sign_in(Role.DAYCARE_TEACHER, city.here)
    assert city.get("/insurance").status_code == 403
    city.sign_in(Role.CITY_OFFICER)
    assert city.post("/insurance", **NEW).status_code == 403
    new = NewPolicy(Cover(PolicyKind.FIRE, TODAY, TODAY), "가", "1")
    with pytest.raises(NotFound), unit_of_work(city.place, city.director) as uow:
        add_policy(uow, city.there, new)
    with pytest.raises(Forbidden), unit_of_work(city.place, SYSTEM) as uow:
        add_policy(uow, city.here, new)


def test_the_city_sees_the_most_urgent_first(city: City) -> None:
    with unit_of_work(city.place, SYSTEM) as uow:
        for kind in (PolicyKind.DAYCARE_MUTUAL, PolicyKind.DAYCARE_HOURLY_RIDER):
            insure(uow, city.here, TODAY + timedelta(days=300), kind=kind)
        insure(uow, city.there, TODAY, kind=PolicyKind.DAYCARE_MUTUAL)
    city.sign_in(Role.CITY_OFFICER)
    page = text(city.get("/city/insurance"))
    assert page.index("달님 어린이집") < page.index("별빛 어린이집")
    assert page.count("받을 수 없음") == 1
    assert "오늘까지" in page
    assert "가입 없음" in page


@pytest.mark.rule("GC-22")
def test_a_city_without_daycares_has_no_such_page(city: City, seoul: TenantRef) -> None:
    sign_in(city.client, seoul, Role.CITY_OFFICER)
    assert city.client.get(f"/{seoul.slug}/city/insurance").status_code == 404
