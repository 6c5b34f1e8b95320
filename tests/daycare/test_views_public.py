"""Anyone finds a daycare: hours, closed days, fee, who may use it, what to bring, free beds in words."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date, datetime

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from app.daycare import parameters
from app.daycare.models import Daycare, DaycareClosure
from app.kernel.ranges import KST
from app.tenancy import settings
from app.tenancy.models import Institution
from app.tenancy.rules import Service
from tests.booking.parents import words
from tests.cast import offer
from tests.cast_daycare import MONDAY, TUESDAY, DaycareTown, evening, night

Page = Callable[[str], TestResponse]


@pytest.fixture
def page(app: Flask, town: DaycareTown) -> Page:
    offer(town.place, Service.DAYCARE)
    client = app.test_client()
    return lambda path: client.get(f"/gwacheon{path}")


class TestList:
    def test_hours_fee_phone_and_beds_tonight(self, page: Page, town: DaycareTown) -> None:
        text = words(page("/daycares"))
        assert "시립햇살 어린이집" in text
        assert "24시간 (07:30~다음 날 07:30)" in text
        assert "1시간 3,000원" in text
        assert "031-555-0100" in text
        # the night of today had to be booked yesterday: what is free is a matter of the telephone now
        assert "오늘 밤 5자리 밤 예약은 어제 끝났어요. 급하면 전화해 주세요." in text

    def test_a_full_night(self, page: Page, town: DaycareTown) -> None:
        with time_machine.travel(datetime(2026, 11, 15, 10, 0, tzinfo=KST), tick=False):
            for number in range(5):
                town.book(town.family(f"아이{number}"), night(MONDAY))
        assert "오늘 밤 자리가 없어요" in words(page("/daycares"))

    def test_one_that_is_no_longer_designated_is_gone(self, page: Page, town: DaycareTown) -> None:
        with town.unit() as uow:
            uow.session.get_one(Daycare, town.daycare_id).designation_ends_on = date(2026, 11, 15)
        assert "아직 문을 연 어린이집이 없어요" in words(page("/daycares"))

    def test_the_start_page_lists_them(self, page: Page) -> None:
        text = words(page("/"))
        assert "시립햇살 어린이집" in text
        assert "오늘 밤 5자리" in text
        assert "회원가입" in text


class TestPage:
    def test_what_one_asks_before_booking(self, page: Page, town: DaycareTown) -> None:
        text = words(page(f"/daycares/{town.daycare}"))
        assert "생후 6개월부터 만 7세까지, 초등학교에 들어가기 전 아이" in text
        assert "1월 1일, 설날, 부처님오신날, 추석, 성탄절" in text
        assert "평일 07:30~22:00" in text
        assert "토·일·공휴일 09:00~19:30" in text
        assert "낮 이용은 그날 15:00까지" in text
        assert "전날 18:00까지" in text
        assert "기저귀" in text
        assert "주민등록등본 · 가족관계증명서" in text

    @pytest.mark.rule("AE-18")
    @pytest.mark.rule("AD-29")
    def test_a_citys_exceptions_are_told(self, page: Page, town: DaycareTown) -> None:
        with town.unit() as uow:
            for parameter, value in (
                (parameters.MIN_MONTHS, 0),
                (parameters.AGE_MAX, 12),
                (parameters.PRESCHOOL_ONLY, False),
                (parameters.CLOSED_DAYS, []),
                (parameters.FEE_HOUR, 1000),
                (parameters.FREE, ["vulnerable"]),
            ):
                settings.set_value(uow, parameter, value, effective_from=MONDAY, reason="우리 시")
        text = words(page(f"/daycares/{town.daycare}"))
        assert "0세부터 만 12세까지. 학교에 다녀도 돼요." in text
        assert "일 년 내내 열어요" in text
        assert "1시간 1,000원 (취약계층 무료)" in text

    @pytest.mark.rule("AD-28")
    def test_short_weekends(self, page: Page, town: DaycareTown) -> None:
        with town.unit() as uow:
            uow.session.get_one(Daycare, town.daycare_id).hours = {"holiday": ["09:00", "18:00"]}
        text = words(page(f"/daycares/{town.daycare}"))
        assert "토·일·공휴일 09:00~18:00" in text
        assert "11월 21일(토) 5자리 오전 09:00~12:00 5자리 오후 12:00~18:00 5자리 11월 22일(일)" in text

    def test_free_hours_by_part_of_the_day(self, page: Page, town: DaycareTown) -> None:
        for number in range(5):
            town.confirmed(town.family(f"아이{number}"), evening(TUESDAY, 840, 960))
        text = words(page(f"/daycares/{town.daycare}"))
        assert "11월 17일(화) 일부 있음" in text
        assert "오후 12:00~18:00 14:00~16:00 자리 없음" in text

    def test_its_own_closed_day(self, page: Page, town: DaycareTown) -> None:
        with town.unit() as uow:
            uow.session.add(
                DaycareClosure(
                    daycare_id=town.daycare_id, operating_day=TUESDAY, reason="소독", created_at=uow.now
                )
            )
        assert "11월 17일(화) 쉬어요 · 소독" in words(page(f"/daycares/{town.daycare}"))

    def test_thirty_days_and_no_more(self, page: Page, town: DaycareTown) -> None:
        text = words(page(f"/daycares/{town.daycare}"))
        assert "12월 16일(수)" in text
        assert "12월 17일(목)" not in text

    def test_unknown_and_inactive_ones_are_not_found(self, page: Page, town: DaycareTown) -> None:
        assert page(f"/daycares/{'0' * 16}").status_code == 404
        with town.unit() as uow:
            uow.session.get_one(Institution, town.daycare_id).active = False
        assert page(f"/daycares/{town.daycare}").status_code == 404

    def test_the_page_is_light(self, page: Page, town: DaycareTown) -> None:
        body = page(f"/daycares/{town.daycare}").get_data()
        assert len(gzip.compress(body)) < 8_000
