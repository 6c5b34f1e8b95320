"""신청: the queue of applications, and several approved at once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import UserAccount
from app.booking.models import Booking
from app.booking.rules.states import BookingState
from app.documents.models import Paper
from tests.booking.desk import applied, one
from tests.booking.town import TUESDAY, Town
from tests.cast_accounts import sign_in


class TestQueue:
    def test_a_row_says_rank_papers_seats_and_when(self, town: Town, desk: FlaskClient) -> None:
        applied(town)
        page = desk.get("/seoul/bookings").text
        for words in (
            "김하늘",
            "3순위",
            "초등 저학년",
            "다 갖춤",
            "24 → <b>23</b>자리",
            "10월 13일(화) 14:00–17:00",
        ):
            assert words in page
        assert "김○호 · 6666" in page
        assert "01055556666" not in page

    @pytest.mark.rule("KC-07")
    def test_whoever_waits_with_a_higher_rank_stands_beside(self, app: Flask, small: Town) -> None:
        one(small.temporary(small.family("먼저온", grade=5), TUESDAY))
        one(
            small.temporary(
                small.family("맞벌이", grade=5, ground="dual_income"), TUESDAY, ground="dual_income"
            )
        )
        client = app.test_client()
        with small.unit() as uow:
            sign_in(client, uow, uow.session.get_one(UserAccount, small.director.user_id))
        page = client.get("/seoul/bookings").text
        assert "더 높은 순위 대기 1명" in page
        assert "맞벌이" in page

    def test_filters_stand_in_the_address(self, town: Town, desk: FlaskClient) -> None:
        applied(town, "서류있음")
        applied(town, "서류없음", papers=False)
        assert "서류없음" not in desk.get("/seoul/bookings?papers=yes").text
        assert "서류있음" not in desk.get("/seoul/bookings?papers=no").text
        assert "서류있음" not in desk.get("/seoul/bookings?kind=REGULAR").text
        assert "서류있음" not in desk.get("/seoul/bookings?first=2026-10-14").text
        assert "서류있음" in desk.get("/seoul/bookings?first=2026-10-13&last=2026-10-13&ground=other").text

    @pytest.mark.parametrize(
        "query",
        [
            "kind=NOPE",
            "first=yesterday",
            "last=9999-99-99",
            "ground=%00x",
            "first=2026-10-20&last=2026-10-01",
        ],
    )
    def test_what_cannot_be_read_is_said(self, desk: FlaskClient, query: str) -> None:
        answer = desk.get(f"/seoul/bookings?{query}")
        assert answer.status_code in (400, 422)

    @pytest.mark.parametrize("query", ["tab=nope", "page=0", "page=-3", "page=99999999999", "page=x"])
    def test_a_strange_page_shows_the_queue(self, desk: FlaskClient, query: str) -> None:
        assert desk.get(f"/seoul/bookings?{query}").status_code == 200

    @pytest.mark.rule("KB-32")
    def test_names_are_searched_by_post_and_stand_in_no_address(self, town: Town, desk: FlaskClient) -> None:
        applied(town, "김하늘")
        applied(town, "이바다")
        answer = desk.post("/seoul/bookings/search", data={"name": "바다"})
        assert answer.status_code == 200
        assert "이바다" in answer.text
        assert "김하늘" not in answer.text
        assert "바다" not in "".join(re.findall(r'href="([^"]*)"', answer.text))
        assert desk.post("/seoul/bookings/search", data={"name": ""}).status_code == 422
        assert desk.post("/seoul/bookings/search", data={"phone_tail": "12"}).status_code == 422

    def test_fifty_rows_a_page(self, town: Town, desk: FlaskClient) -> None:
        family = town.family()
        days = [TUESDAY + timedelta(days=n) for n in range(4)]
        with town.unit() as uow:
            assert uow.session.scalar(select(func.count()).select_from(Booking)) == 0
        for number in range(13):
            town.temporary(town.family(f"아이{number}"), *days)
        page = desk.get("/seoul/bookings").text
        assert page.count("data-row") == 50
        assert "모두 52건" in page
        assert desk.get("/seoul/bookings?page=2").text.count("data-row") == 2
        assert family.child not in page

    def test_an_empty_queue_says_what_will_appear(self, desk: FlaskClient) -> None:
        assert "처리할 신청이 없어요" in desk.get("/seoul/bookings").text


class TestManyAtOnce:
    def test_the_effect_is_shown_first_and_every_row_has_its_outcome(
        self, town: Town, desk: FlaskClient
    ) -> None:
        good, bad = applied(town, "좋은아이"), applied(town, "서류없음", papers=False)
        shown = desk.post("/seoul/bookings/approve", data={"pick": [good, bad]})
        assert shown.status_code == 200
        assert "신청 2건 승인" in shown.text
        assert "1건 승인하기" in shown.text
        assert town.state(good) is BookingState.APPLIED
        done = desk.post("/seoul/bookings/approve", data={"pick": [good, bad], "step": "save"})
        assert "1건 승인, 1건 남음" in done.text
        assert (town.state(good), town.state(bad)) == (BookingState.SCHEDULED, BookingState.APPLIED)
        town.check()

    def test_pressed_twice_nothing_is_decided_twice(self, town: Town, desk: FlaskClient) -> None:
        ref = applied(town)
        for _ in range(2):
            assert desk.post("/seoul/bookings/approve", data={"pick": ref, "step": "save"}).status_code == 200
        with town.unit() as uow:
            assert uow.session.scalar(select(func.count()).select_from(Paper)) == 1

    def test_one_reason_lifts_the_same_condition_of_all(self, town: Town, desk: FlaskClient) -> None:
        refs = [
            one(town.regular(town.family(f"아이{n}", ground="dual_income"), ground="dual_income"))
            for n in range(2)
        ]
        shown = desk.post("/seoul/bookings/approve", data={"pick": refs}).text
        assert shown.count('name="why:decision.not_counselled"') == 1
        desk.post(
            "/seoul/bookings/approve",
            data={"pick": refs, "step": "save", "why:decision.not_counselled": "전화로 상담"},
        )
        assert {town.state(ref) for ref in refs} == {BookingState.SCHEDULED}

    def test_nothing_picked_says_so(self, desk: FlaskClient) -> None:
        answer = desk.post("/seoul/bookings/approve")
        assert answer.status_code == 422
        assert "하나 이상 골라" in answer.text
