"""A family reserves on the phone: children, daycare, days and hours, price; refusals stand beside the field."""

from __future__ import annotations

import re
from datetime import date, datetime
from html import unescape

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.daycare.models import CallBack, DaycareBooking
from app.kernel.ranges import KST
from tests.cast_daycare import MONDAY, TUESDAY, DaycareTown, evening
from tests.daycare.parents import Parent, make_parent, new_family, words


@pytest.fixture
def mother(app: Flask, town: DaycareTown) -> Parent:
    return make_parent(app, town)


class TestWizard:
    def test_one_child_and_one_daycare_leave_nothing_to_ask(self, mother: Parent) -> None:
        answer = mother.get("/daycare/book")
        assert answer.location.endswith(f"/daycare/book/where?child={mother.child}")
        answer = mother.get(answer.location.partition("/gwacheon")[2])
        assert f"daycare={mother.town.daycare}" in answer.location
        page = mother.get(answer.location.partition("/gwacheon")[2])
        assert "언제 맡길까요?" in words(page)
        assert "날과 시간을 골라 주세요." in words(page)

    def test_no_child_chosen_is_said_beside_the_field(self, app: Flask, town: DaycareTown) -> None:
        father, _refs = new_family(app, town, children=2)
        assert "박새롬1" in words(father.get("/daycare/book"))
        answer = father.get("/daycare/book/where?child=")
        assert answer.status_code == 422
        assert words(answer).count("맡길 아이를 골라 주세요.") == 2  # at the top and at the field

    def test_a_fourth_child_is_refused(self, app: Flask, town: DaycareTown) -> None:
        father, refs = new_family(app, town, children=4)
        answer = father.get("/daycare/book/where?" + "&".join(f"child={ref}" for ref in refs))
        assert answer.status_code == 422
        assert "한 번에 아이 3명까지" in words(answer)

    def test_a_day_shows_its_parts_and_its_deadlines(self, mother: Parent) -> None:
        page = words(
            mother.get(
                f"/daycare/book/when?child={mother.child}&daycare={mother.town.daycare}&day=2026-11-17"
            )
        )
        assert "11월 17일(화) 오전 07:30~12:00 5자리" in page
        assert "밤 22:00~다음 날 07:30 5자리" in page
        assert "낮: 내일 15:00까지 · 밤: 오늘 18:00까지" in page

    def test_the_night_that_is_over_for_booking_says_so(self, mother: Parent) -> None:
        page = words(
            mother.get(
                f"/daycare/book/when?child={mother.child}&daycare={mother.town.daycare}&day=2026-11-16"
            )
        )
        assert "밤: 어제 18:00에 끝났어요" in page
        assert "다음 날 07:30 · 밤 접수 끝" in page

    def test_back_keeps_what_was_chosen(self, mother: Parent) -> None:
        page = mother.check(TUESDAY, "20:00", "32:00").get_data(as_text=True)
        back = unescape(re.search(r'class="btn" href="([^"]+)"', page)[1])
        again = mother.get(back.partition("/gwacheon")[2]).get_data(as_text=True)
        assert '<option value="20:00" selected>' in again
        assert '<option value="32:00" selected>다음 날 08:00' in again


class TestPrice:
    def test_a_night_is_one_stay_with_both_ends(self, mother: Parent) -> None:
        page = words(mother.check(TUESDAY, "20:00", "32:00"))
        assert "내일 20:00 ~ 11월 18일(수) 08:00" in page
        assert "12시간 × 3,000원" in page or "13시간 × 3,000원" in page

    def test_hours_times_won(self, mother: Parent) -> None:
        page = words(mother.check(MONDAY, "11:00", "14:00"))
        assert "오늘 11:00~14:00" in page
        assert "3시간 × 3,000원" in page
        assert "예상 이용료 9,000원" in page
        assert "취소는 시작하기 전까지 여기에서" in page

    def test_a_night_tells_the_telephone_and_its_deadline(self, mother: Parent) -> None:
        page = words(mother.check(TUESDAY, "20:00", "31:30"))
        assert "당일(내일)은 15:00까지 전화(031-555-0100)" in page
        assert "11시간 30분 → 12시간으로 계산해요." in page

    @pytest.mark.rule("AD-15")
    def test_what_the_state_pays_is_told_apart(self, app: Flask, town: DaycareTown) -> None:
        family = town.family("김유치", qualification="KINDERGARTEN")
        page = words(make_parent(app, town, family).check(TUESDAY, "18:00", "22:00"))
        assert "4시간 가운데" in page
        assert "정부지원 보육료로 내요" in page

    def test_five_days_in_a_row(self, mother: Parent) -> None:
        page = words(mother.check(TUESDAY, "09:00", "12:00", run="5"))
        assert "11월 21일(토) 09:00~12:00" in page
        assert "15시간 × 3,000원" in page

    def test_a_run_over_days_is_one_stay(self, mother: Parent) -> None:
        page = words(mother.check(TUESDAY, "20:00", "18:00", run="c2"))
        assert "내일 20:00 ~ 11월 18일(수) 18:00" in page


class TestBooking:
    def test_it_holds_a_bed_and_says_what_comes_next(self, mother: Parent) -> None:
        ref = mother.booked(MONDAY, "11:00", "14:00")
        page = words(mother.get(f"/daycare/book/done?booking={ref}"))
        assert "예약 신청을 받았어요" in page
        assert "어린이집이 확인하면 문자로 알려 드려요." in page
        assert "오늘 11:00~14:00" in page

    def test_pressed_twice_it_is_one_booking(self, mother: Parent) -> None:
        first = mother.book(request_id="a" * 32)
        second = mother.book(request_id="a" * 32)
        assert first.location == second.location
        with mother.town.unit() as uow:
            assert uow.session.scalar(select(func.count()).select_from(DaycareBooking)) == 1

    def test_brothers_and_sisters_together(self, app: Flask, town: DaycareTown) -> None:
        father, refs = new_family(app, town, birth=date(2022, 1, 1), children=2)
        assert "이용신청서를 먼저 내 주세요" in words(father.check(child=refs))

    def test_a_number_that_is_none_keeps_everything(self, mother: Parent) -> None:
        answer = mother.book(contact_phone="12", purpose="야간 근무")
        assert answer.status_code == 422
        assert "문자를 받을 수 있는" in words(answer) or "전화번호를 다시 확인해 주세요" in words(answer)
        assert 'value="야간 근무"' in answer.get_data(as_text=True)


REFUSED = (
    # what is asked for, when it is asked, the sentence
    pytest.param((MONDAY, "15:00", "16:00"), (15, 0), "시작 시각이 지났어요", id="AD-07 start"),
    pytest.param(
        (MONDAY, "17:00", "18:00"), (15, 1), "그날 이용은 15:00까지 신청해야 해요", id="AD-07 15:01"
    ),
    pytest.param(
        (TUESDAY, "20:00", "31:30"), (18, 1), "밤(22:00~다음 날 07:30)을 포함한 예약은", id="AD-08 18:01"
    ),
    pytest.param((TUESDAY, "09:00", "23:00"), (10, 0), "사이에는 나갈 수 없어요", id="AD-06 out"),
    pytest.param((TUESDAY, "09:00", "09:30"), (10, 0), "1시간 이상부터", id="AD-11 half an hour"),
    pytest.param((TUESDAY, "12:00", "09:00"), (10, 0), "끝나는 시각이 시작보다 늦어야 해요", id="backwards"),
    pytest.param((date(2026, 12, 24), "09:00", "12:00"), (10, 0), "30일 뒤", id="AD-10"),
)


class TestRefusals:
    @pytest.mark.parametrize(("wish", "at", "sentence"), REFUSED)
    def test_beside_the_field_with_the_telephone(
        self,
        app: Flask,
        town: DaycareTown,
        clock: time_machine.Coordinates,
        wish: tuple[date, str, str],
        at: tuple[int, int],
        sentence: str,
    ) -> None:
        clock.move_to(datetime(2026, 11, 16, *at, tzinfo=KST))
        answer = make_parent(app, town).check(*wish)
        assert answer.status_code == 422
        assert words(answer).count(sentence) == 2
        assert "tel:0315550100" in answer.get_data(as_text=True)

    @pytest.mark.parametrize(("hour", "minute", "taken"), [(15, 0, True), (15, 1, False)])
    @pytest.mark.rule("AD-07")
    def test_fifteen_o_clock(
        self,
        app: Flask,
        town: DaycareTown,
        clock: time_machine.Coordinates,
        hour: int,
        minute: int,
        taken: bool,
    ) -> None:
        clock.move_to(datetime(2026, 11, 16, hour, minute, 59, tzinfo=KST))
        assert make_parent(app, town).check(MONDAY, "17:00", "18:00").status_code == (200 if taken else 422)

    @pytest.mark.rule("GC-13")
    def test_a_stay_into_the_closed_new_year(
        self, app: Flask, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        clock.move_to(datetime(2026, 12, 20, 10, 0, tzinfo=KST))
        mother = make_parent(app, town)
        answer = mother.check(date(2026, 12, 31), "20:00", "32:00")
        assert answer.status_code == 422
        assert "1월 1일(금)은 문을 열지 않는 날이에요" in words(answer)
        until_morning = mother.check(date(2026, 12, 31), "20:00", "31:30")
        assert until_morning.status_code == 200  # the night before still belongs to the open day

    @pytest.mark.rule("AD-34")
    def test_full_hours_are_named_and_the_nearest_that_fit_are_buttons(
        self, app: Flask, town: DaycareTown
    ) -> None:
        for number in range(5):
            town.confirmed(town.family(f"아이{number}"), evening(TUESDAY, 900, 1080))
        sixth = make_parent(app, town, town.family("여섯째"))
        answer = sixth.check(TUESDAY, "14:00", "16:00")
        page = words(answer)
        assert answer.status_code == 422
        assert "자리가 없는 시간 내일 15:00~16:00" in page
        assert "가까운 시간에는 자리가 있어요" in page
        near = unescape(re.findall(r'class="tile" href="([^"]+)"', answer.get_data(as_text=True))[0])
        assert sixth.get(near.partition("/gwacheon")[2]).status_code == 200

    def test_a_note_to_be_called(self, app: Flask, town: DaycareTown) -> None:
        for number in range(5):
            town.confirmed(town.family(f"아이{number}"), evening(TUESDAY, 900, 1080))
        sixth = make_parent(app, town, town.family("여섯째"))
        answer = sixth.post(
            "/daycare/call-back",
            {
                "child": sixth.child,
                "daycare": town.daycare,
                "day": "2026-11-17",
                "from": "14:00",
                "to": "16:00",
            },
        )
        assert answer.status_code == 303
        with town.unit() as uow:
            assert uow.session.scalars(select(CallBack)).one().operating_day == TUESDAY

    def test_one_child_in_two_daycares(self, mother: Parent) -> None:
        mother.booked(TUESDAY, "11:00", "14:00")
        answer = mother.check(TUESDAY, "13:00", "15:00")
        assert answer.status_code == 422
        assert "이미 다른 돌봄이 잡혀 있어요(시립햇살 어린이집)" in words(answer)

    def test_without_an_application_the_way_to_it_is_shown(self, app: Flask, town: DaycareTown) -> None:
        father, _refs = new_family(app, town)
        answer = father.check(TUESDAY)
        assert answer.status_code == 422
        assert "이 어린이집에 낸 이용신청서가 없어요" in words(answer)
        assert f"/daycare/apply/{town.daycare}" in answer.get_data(as_text=True)

    @pytest.mark.parametrize(
        "query",
        ["day=neverday", "from=99:99&to=1", "run=9", "day=2026-11-17&from=20:00", "month=13", "child=<b>"],
    )
    def test_an_address_nobody_wrote_is_answered_politely(self, mother: Parent, query: str) -> None:
        base = f"child={mother.child}&daycare={mother.town.daycare}"
        for path in ("/daycare/book/when", "/daycare/book/check"):
            assert mother.get(f"{path}?{base}&{query}").status_code in (200, 303, 422)

    def test_another_familys_child_is_not_found(self, app: Flask, town: DaycareTown, mother: Parent) -> None:
        other = town.family("남의아이")
        assert mother.get(f"/daycare/book/when?child={other.child}&daycare={town.daycare}").status_code == 404
        assert mother.book(child=other.child).status_code == 404


def test_a_closed_municipality_has_no_such_pages(app: Flask, mother: Parent) -> None:
    assert mother.client.get("/seoul/daycare/book").status_code in (302, 303, 404)
    assert mother.client.get("/seoul/daycares").status_code == 404
