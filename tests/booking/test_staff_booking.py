"""One booking at the centre's desk: contact, move, cancel, close, start, notice."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import UserAccount
from app.booking.rules.states import BookingState
from app.centres.models import KiumCentre
from app.kernel.audit import AccessLog
from tests.booking.desk import HX, As, applied
from tests.booking.town import WEDNESDAY, Town
from tests.cast_accounts import sign_in


class TestOneBooking:
    def test_the_panel_and_the_page_tell_the_same(self, town: Town, desk: FlaskClient) -> None:
        ref = applied(town)
        page, panel = desk.get(f"/seoul/bookings/{ref}"), desk.get(f"/seoul/bookings/{ref}", headers=HX)
        assert panel.text.lstrip().startswith('<aside class="panel"')
        assert "<html" not in panel.text
        for words in ("이용신청서", "010-5555-6666", "서류 요청", "미승인하기"):
            assert words in page.text
            assert words in panel.text
        with town.unit() as uow:
            opened = uow.session.scalar(
                select(func.count()).select_from(AccessLog).where(AccessLog.what == "booking.detail")
            )
        assert opened == 2

    @pytest.mark.rule("KB-48")
    def test_the_contact_is_corrected(self, town: Town, desk: FlaskClient) -> None:
        ref = applied(town)
        url = f"/seoul/bookings/{ref}/contact"
        for bad in ("", "123", "0212345678", "없음"):
            assert desk.post(url, data={"contact_phone": bad}).status_code == 422, bad
        assert desk.post(url, data={"contact_phone": "010-1234-5678"}).status_code == 303
        assert town.booking(ref).contact_phone == "01012345678"

    @pytest.mark.rule("KB-27")
    def test_an_approved_day_is_moved(self, town: Town, desk: FlaskClient) -> None:
        ref = applied(town)
        town.approve_ref(ref)
        url, version = f"/seoul/bookings/{ref}/move", town.booking(ref).version
        data = {"version": version, "day": "2026-10-14", "start": "15:00", "end": "18:00"}
        for bad in (
            {"start": "13:10"},
            {"start": "aa"},
            {"end": "14:00"},
            {"day": "2026-10-31"},
            {"day": ""},
        ):
            assert desk.post(url, data={**data, **bad}).status_code == 422, bad
        assert desk.post(url, data={**data, "version": 0}).status_code == 409
        assert desk.post(url, data=data).status_code == 303
        assert list(town.days(ref)) == [WEDNESDAY]
        town.check()

    @pytest.mark.rule("KB-28")
    def test_a_cancellation_needs_a_day_inside_and_a_reason(self, town: Town, desk: FlaskClient) -> None:
        ref = applied(town)
        town.approve_ref(ref)
        url = f"/seoul/bookings/{ref}/cancel"
        assert desk.post(url, data={"from_day": "2026-10-13", "reason": ""}).status_code == 422
        assert desk.post(url, data={"from_day": "2026-10-20", "reason": "x"}).status_code == 422
        assert desk.post(url, data={"from_day": "2026-10-13", "reason": "아파요"}).status_code == 303
        assert town.state(ref) is BookingState.CANCELLED
        town.check()

    @pytest.mark.rule("KB-51")
    def test_closing_names_a_ground_of_the_written_rules(self, town: Town, desk: FlaskClient) -> None:
        with town.unit() as uow:
            centre = uow.session.get_one(KiumCentre, town.centre_id)
            centre.operating_rules = {"priority": "순위", "ending": "- 무단결석 10일\n- 거짓 서류"}
        ref = applied(town)
        town.approve_ref(ref)
        url = f"/seoul/bookings/{ref}/close"
        assert desk.post(url, data={"from_day": "2026-10-13", "ground": "마음에 안 듦"}).status_code == 422
        assert desk.post(url, data={"from_day": "2026-10-13", "ground": "거짓 서류"}).status_code == 303
        assert town.booking(ref).end_ground == "거짓 서류"

    @pytest.mark.rule("KB-30")
    def test_use_starts_on_its_first_day(self, town: Town, as_: As, clock: object) -> None:
        ref = applied(town)
        town.approve_ref(ref)
        assert as_(town.teacher).post(f"/seoul/bookings/{ref}/start").status_code == 422
        clock.move_to("2026-10-13 13:00+09:00")  # type: ignore[attr-defined]
        assert as_(town.teacher).post(f"/seoul/bookings/{ref}/start").status_code == 303
        assert town.state(ref) is BookingState.IN_USE

    @pytest.mark.rule("KB-23")
    def test_a_call_is_written_down_after_the_decision(self, town: Town, desk: FlaskClient) -> None:
        ref = applied(town)
        url = f"/seoul/bookings/{ref}/notice"
        assert desk.post(url, data={"words": "통화함"}).status_code == 422
        town.approve_ref(ref)
        assert desk.post(url, data={"words": "통화함"}).status_code == 303
        assert town.booking(ref).notified_by == "PHONE"

    @pytest.mark.rule("KW-06")
    def test_an_offer_is_answered_on_the_telephone(self, app: Flask, small: Town) -> None:
        first = applied(small, "먼저온")
        second = applied(small, "기다림")
        client = app.test_client()
        with small.unit() as uow:
            sign_in(client, uow, uow.session.get_one(UserAccount, small.director.user_id))
        assert client.post(f"/seoul/bookings/{second}/accept-offer").status_code == 422
        assert client.post(f"/seoul/bookings/{first}/withdraw").status_code == 303
        assert "전화로 수락함" in client.get(f"/seoul/bookings/{second}").text
        assert client.post(f"/seoul/bookings/{second}/accept-offer").status_code == 303
        assert small.state(second) is BookingState.APPLIED
