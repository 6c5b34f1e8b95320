"""예약, 대기, 일일 명단, 관리카드: the centre's lists and what is printed of them."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import UserAccount
from app.booking import service
from app.booking.models import CareCard
from app.kernel.work import Work
from tests.booking.desk import applied
from tests.booking.town import Town
from tests.cast_accounts import sign_in


class TestLists:
    def test_the_users_of_a_centre_and_who_asked_to_cancel(self, town: Town, desk: FlaskClient) -> None:
        ref = applied(town)
        town.approve_ref(ref)
        assert "김하늘" in desk.get("/seoul/bookings/users").text
        assert "김하늘" not in desk.get("/seoul/bookings/users?tab=using").text
        assert "김하늘" not in desk.get("/seoul/bookings/users?asked=cancel").text
        with town.unit(town.families[0].actor) as uow:
            service.ask_cancel(uow, ref)
        assert "취소 요청" in desk.get("/seoul/bookings/users?asked=cancel").text
        assert "김하늘" in desk.post("/seoul/bookings/users/search", data={"name": "하늘"}).text

    @pytest.mark.rule("KW-10")
    def test_the_waiting_list_says_who_is_next_and_why_not(self, app: Flask, small: Town) -> None:
        applied(small, "먼저온")
        applied(small, "기다림")
        client = app.test_client()
        with small.unit() as uow:
            sign_in(client, uow, uow.session.get_one(UserAccount, small.director.user_id))
        page = client.get("/seoul/waiting").text
        assert "기다림" in page
        assert "10월 13일(화) 14:00 자리가 없어요" in page
        assert "기다림" not in client.get("/seoul/waiting?kind=REGULAR").text
        assert "기다림" not in client.get("/seoul/waiting?day=2026-10-14").text
        assert client.get("/seoul/waiting?day=soon").status_code == 422
        assert client.post("/seoul/waiting/offer").status_code == 303

    @pytest.mark.rule("KB-43")
    def test_the_day_lists_who_is_expected(self, town: Town, desk: FlaskClient) -> None:
        town.approve_ref(applied(town))
        assert "김하늘" in desk.get("/seoul/daily?day=2026-10-13").text
        assert "올 아이가 없어요" in desk.get("/seoul/daily").text
        assert desk.get("/seoul/daily?day=0001-01-01").status_code == 422

    @pytest.mark.rule("KB-42")
    def test_the_care_card_keeps_its_versions(self, town: Town, desk: FlaskClient) -> None:
        applied(town)
        child = town.families[0].child
        url = f"/seoul/children/{child}/card"
        card = {
            "arrival": "14:00",
            "departure": "17:00",
            "activities": "14:00-15:00 숙제\n\n15:00~16:00 놀이",
        }
        for bad in (
            {"arrival": ""},
            {"departure": "13:00"},
            {"activities": "놀기만 함"},
            {"arrival": "25:00"},
        ):
            assert desk.post(url, data={**card, **bad}).status_code == 422, bad
        assert desk.post(url, data=card).status_code == 303
        assert desk.post(url, data={**card, "going_home": "혼자 귀가"}).status_code == 303
        with town.unit() as uow:
            versions = uow.session.scalars(select(CareCard.card_version)).all()
        assert sorted(versions) == [1, 2]
        assert "15:00-16:00 놀이" in desk.get(url).text


class TestPrinting:
    def test_one_and_the_whole_filtered_list(self, town: Town, desk: FlaskClient) -> None:
        ref = applied(town)
        applied(town, "이바다")
        done = desk.post(
            f"/seoul/bookings/{ref}/print", data={"form": ["kium-application", "kium-consent-5"]}
        )
        assert done.status_code == 303
        everything = desk.post("/seoul/bookings/print?tab=applied", data={"form": "kium-application"})
        assert everything.status_code == 303
        with town.unit() as uow:
            totals = uow.session.scalars(
                select(Work.total).where(Work.kind == "paper.batch").order_by(Work.id)
            ).all()
        assert totals == [2, 2]

    def test_no_form_and_no_row_say_so(self, town: Town, desk: FlaskClient) -> None:
        ref = applied(town)
        assert desk.post(f"/seoul/bookings/{ref}/print", data={"form": "made-up"}).status_code == 422
        empty = desk.post("/seoul/bookings/users/print?tab=over", data={"form": "kium-child-card"})
        assert empty.status_code == 422

    def test_the_two_lists_are_one_sheet_each(self, town: Town, desk: FlaskClient) -> None:
        town.approve_ref(applied(town))
        assert desk.post("/seoul/daily/print?day=2026-10-13").status_code == 303
        assert desk.post("/seoul/waiting/print").status_code == 303
