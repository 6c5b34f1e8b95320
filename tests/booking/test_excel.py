"""The lists as spreadsheets: what is in them, how masked, what is logged (XX-12)."""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.booking.workbook import Column, workbook
from app.documents.parameters import EXPORT_REASON_ROWS
from app.kernel.actor import Role
from app.kernel.audit import AccessLog
from app.tenancy import settings
from tests.booking.desk import As, applied, one, stranger_ref
from tests.booking.town import TUESDAY, WEDNESDAY, Town
from tests.cast_accounts import make_user, sign_in


def texts(content: bytes) -> list[str]:
    """Every text of the file, in the order in which it was first written."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        shared = book.read("xl/sharedStrings.xml").decode()
    return [unescape(text) for text in re.findall(r"<t[^>]*>([^<]*)</t>", shared)]


def sheet(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


def logged(town: Town) -> list[tuple[int, str | None]]:
    with town.unit() as uow:
        rows = uow.session.scalars(select(AccessLog).where(AccessLog.what == "booking.excel"))
        return [(row.row_count, row.reason) for row in rows.all()]


@pytest.mark.parametrize("typed", ["=1+1", "+82", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "http://x"])
def test_what_somebody_typed_is_text(typed: str) -> None:
    content = workbook("시험", [Column("이름", 10), Column("수", 5)], [[typed, 3], ["", None]], "끝")
    assert typed in texts(content)
    assert "<f>" not in sheet(content)
    assert "hyperlink" not in sheet(content)
    assert "<v>3</v>" in sheet(content)


class TestUsers:
    @pytest.mark.rule("XX-12")
    def test_the_filtered_list_masked_and_logged(self, town: Town, desk: FlaskClient) -> None:
        for name, day in (("김하늘", TUESDAY), ("=이바다", WEDNESDAY)):
            town.approve_ref(applied(town, name, day))
        applied(town, "박신청")
        answer = desk.post("/seoul/bookings/users/excel?tab=coming", data={"reason": "주간 회의"})
        assert answer.status_code == 200
        assert answer.mimetype.endswith("spreadsheetml.sheet")
        assert re.search(r"filename=\"___20261012_1000\.xlsx\"", answer.headers["Content-Disposition"])
        assert answer.headers["Cache-Control"] == "no-store"
        found = texts(answer.data)
        for text in ("김하늘", "=이바다", "일시돌봄", "이용예정", "10월 13일(화) 14:00–17:00"):
            assert text in found
        assert "박신청" not in found
        assert not any("01055556666" in text.replace("-", "") for text in found)
        assert any("6666" in text for text in found)
        assert any("2건(이용예정) · 한센터 " in text for text in found)
        assert logged(town) == [(2, "이용예정 · 주간 회의")]
        assert "<f>" not in sheet(answer.data)

    def test_only_what_the_address_narrows_to(self, town: Town, desk: FlaskClient) -> None:
        for name, day in (("김하늘", TUESDAY), ("이바다", WEDNESDAY)):
            town.approve_ref(applied(town, name, day))
        query = "tab=coming&kind=TEMPORARY&first=2026-10-14"
        found = texts(desk.post(f"/seoul/bookings/users/excel?{query}").data)
        assert "이바다" in found
        assert "김하늘" not in found
        assert logged(town) == [(1, "이용예정, 일시돌봄, 2026-10-14~")]
        nothing = desk.post("/seoul/bookings/users/excel?tab=using")
        assert nothing.status_code == 422
        assert "내려받을 건이 없어요" in nothing.text

    @pytest.mark.rule("XX-12")
    @pytest.mark.parametrize(("limit", "reason", "status"), [(1, "", 422), (1, "회의", 200), (2, "", 200)])
    def test_many_rows_need_a_reason(
        self, town: Town, desk: FlaskClient, limit: int, reason: str, status: int
    ) -> None:
        for day in (TUESDAY, WEDNESDAY):
            town.approve_ref(applied(town, day=day))
        with town.unit(town.city) as uow:
            settings.set_value(uow, EXPORT_REASON_ROWS, limit, effective_from=uow.today, reason="시험")
        answer = desk.post("/seoul/bookings/users/excel?tab=coming", data={"reason": reason})
        assert answer.status_code == status
        assert len(logged(town)) == (status == 200)

    def test_the_page_offers_it_for_its_own_filter(self, town: Town, desk: FlaskClient) -> None:
        town.approve_ref(applied(town))
        page = desk.get("/seoul/bookings/users?tab=coming&kind=TEMPORARY").text
        assert 'action="/seoul/bookings/users/excel?tab=coming&amp;kind=TEMPORARY"' in page


class TestQueue:
    @pytest.mark.rule("XX-12")
    def test_applications_with_rank_and_papers(self, town: Town, desk: FlaskClient) -> None:
        one(town.temporary(town.family("김하늘", papers=False), TUESDAY))
        stranger_ref(town)
        answer = desk.post("/seoul/bookings/excel?tab=applied&papers=no")
        assert answer.status_code == 200
        found = texts(answer.data)
        assert "김하늘" in found
        assert "초등 저학년" in found
        assert "김○호" in found
        assert "남의집" not in found
        assert any("개인정보 수집·이용 및 제공동의서" in text for text in found)
        assert logged(town) == [(1, "신청, 모자람")]

    def test_more_than_a_page_comes_whole(self, town: Town, desk: FlaskClient) -> None:
        for number in range(13):
            family = town.family(f"아이{number}")
            town.temporary(family, *(TUESDAY.replace(day=13 + n) for n in range(4)))
        answer = desk.post("/seoul/bookings/excel?tab=applied")
        assert len(re.findall(r"<row ", sheet(answer.data))) == 1 + 52 + 1
        assert logged(town) == [(52, "신청")]


@pytest.mark.rule("XX-05")
@pytest.mark.parametrize("path", ["/bookings/excel", "/bookings/users/excel"])
def test_only_the_centres_staff_take_a_list_away(town: Town, as_: As, path: str) -> None:
    applied(town)
    assert as_(town.city).post(f"/seoul{path}").status_code == 403
    with town.unit() as uow:
        user = make_user(uow, Role.GUARDIAN)
        client = as_(town.teacher)
        assert client.post(f"/seoul{path}").status_code in (200, 422)
        sign_in(client, uow, user)
    assert client.post(f"/seoul{path}").status_code == 403
