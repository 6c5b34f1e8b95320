"""Reservations taken by telephone or visit: the family, what fits, why not, the nearest that does (AD-34)."""

from __future__ import annotations

import secrets
from datetime import date

import pytest
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.daycare.conftest import As
from tests.daycare.house import NOW, TUESDAY, WEDNESDAY, Family, House, found_house

SLUG = "/gwacheon"
HX = {"HX-Request": "true"}


def ask(
    client: FlaskClient,
    family: Family,
    first: date = WEDNESDAY,
    start: int = 660,
    end: int = 840,
    *,
    last: date | None = None,
    step: str = "check",
    **changed: object,
) -> TestResponse:
    form = {
        "request_id": secrets.token_hex(16),
        "children": [family.child],
        "first_day": first.isoformat(),
        "last_day": (last or first).isoformat(),
        "start": str(start),
        "end": str(end),
        "run": "daily",
        "contact_phone": family.phone,
        "channel": "PHONE",
        "step": step,
        **changed,
    }
    return client.post(f"{SLUG}/room/bookings/new/{family.guardian}", data=form)


class TestTheFamily:
    def test_appears_by_the_end_of_a_number(self, home: House, desk: FlaskClient) -> None:
        family = home.family()
        found = desk.post(f"{SLUG}/room/bookings/new", data={"phone": family.phone[-4:]}, headers=HX)
        assert found.status_code == 200
        assert f"/room/bookings/new/{family.guardian}" in found.text
        assert "<html" not in found.text
        assert family.phone not in found.text
        by_grandmother = desk.post(f"{SLUG}/room/bookings/new", data={"phone": "010-9999-0000"})
        assert f"/room/bookings/new/{family.guardian}" in by_grandmother.text

    @pytest.mark.parametrize("phone", ["", "123", "abc", "%" * 20])
    def test_too_little_to_search(self, home: House, desk: FlaskClient, phone: str) -> None:
        home.family()
        answer = desk.post(f"{SLUG}/room/bookings/new", data={"phone": phone})
        assert answer.status_code == 422
        assert "네 자리 이상" in answer.text

    def test_nobody_of_another_daycare(self, home: House, desk: FlaskClient) -> None:
        other = found_house(home.place, "달빛어린이집")
        theirs = other.family("남의집")
        answer = desk.post(f"{SLUG}/room/bookings/new", data={"phone": theirs.phone})
        assert "이용신청서가 없어요" in answer.text
        assert desk.get(f"{SLUG}/room/bookings/new/{theirs.guardian}").status_code == 404
        assert ask(desk, theirs).status_code == 404


class TestTheReservation:
    def test_checked_then_booked_once(self, home: House, desk: FlaskClient) -> None:
        family = home.family()
        assert desk.get(f"{SLUG}/room/bookings/new/{family.guardian}").status_code == 200
        checked = ask(desk, family)
        assert checked.status_code == 200
        assert "예약할 수 있어요" in checked.text
        assert "9,000원" in checked.text
        same = {"request_id": "cd" * 16}
        done = ask(desk, family, step="book", **same)
        assert done.status_code == 303
        page = desk.get(done.location)
        assert "확정" in page.text
        assert "전화" in page.text
        again = ask(desk, family, step="book", **same)
        assert (again.status_code, again.location) == (303, done.location)

    @pytest.mark.rule("AD-34")
    def test_a_full_place_names_its_hours_and_the_nearest(self, home: House, desk: FlaskClient) -> None:
        for number in range(5):
            home.book(home.family(f"아이{number}"), 660, 840, first=WEDNESDAY, paid=False)
        family = home.family("여섯째")
        answer = ask(desk, family, start=720, end=900)
        assert "이대로는 예약할 수 없어요" in answer.text
        assert "12:00–14:00" in answer.text  # the full hours
        assert "전화하기로 적기" in answer.text
        value = answer.text.split('name="use" value="')[1].split('"')[0]
        taken = ask(desk, family, start=720, end=900, use=value)
        assert "예약할 수 있어요" in taken.text

    @pytest.mark.rule("AD-34")
    def test_a_note_to_call_holds_no_bed(self, home: House, desk: FlaskClient) -> None:
        family = home.family()
        url = f"{SLUG}/room/bookings/new/{family.guardian}/call-back"
        form = {
            "children": [family.child],
            "first_day": WEDNESDAY.isoformat(),
            "last_day": WEDNESDAY.isoformat(),
            "start": "1200",
            "end": "1890",
            "run": "daily",
            "contact_phone": family.phone,
            "channel": "PHONE",
        }
        assert desk.post(url, data={**form, "children": []}).status_code == 422
        assert desk.post(url, data={**form, "contact_phone": "12"}).status_code == 422
        done = desk.post(url, data=form)
        assert done.status_code == 303
        assert "20:00–다음 날 07:30" in desk.get(done.location).text
        assert "올 아이가 없어요" in desk.get(f"{SLUG}/room").text

    @pytest.mark.rule("AD-02")
    def test_a_sixth_child_while_one_leaves_in_ten_minutes(
        self, home: House, as_: As, morning: time_machine.Coordinates
    ) -> None:
        """Five are inside until 13:30; at 13:20 a sixth cannot begin at 13:00 and can at 13:30."""
        for number in range(5):
            home.enter(home.book(home.family(f"아이{number}"), 630, 810))
        sixth = home.family("여섯째")
        morning.move_to(NOW.replace(hour=12, minute=50))
        desk = as_(home.director)
        assert "이대로는 예약할 수 없어요" in ask(desk, sixth, TUESDAY, 780, 900).text
        assert "예약할 수 있어요" in ask(desk, sixth, TUESDAY, 810, 930).text

    @pytest.mark.rule("AD-03")
    def test_a_child_that_turns_24_months_at_midnight(self, home: House, desk: FlaskClient) -> None:
        """Small until midnight of the 15th: the night of the 14th has room for three, the next day for five."""
        for number in range(3):
            home.book(home.family(f"아이{number}"), 1200, 1890, first=WEDNESDAY, paid=False)
        baby = home.family("아기", birth=date(2024, 10, 15))
        assert "이대로는 예약할 수 없어요" in ask(desk, baby, start=1200, end=1890).text
        thursday = WEDNESDAY.replace(day=15)
        for number in range(3):
            home.book(home.family(f"낮{number}"), 660, 840, first=thursday, paid=False)
        assert "예약할 수 있어요" in ask(desk, baby, thursday).text

    @pytest.mark.rule("GC-13")
    def test_a_stay_into_new_years_day(self, home: House, as_: As, morning: time_machine.Coordinates) -> None:
        morning.move_to("2026-12-28 10:00+09:00")
        family = home.family()
        desk = as_(home.director)
        eve = date(2026, 12, 31)
        into = ask(desk, family, eve, 1200, 720, last=date(2027, 1, 1), run="through")
        assert into.status_code in (200, 422)
        assert "1월 1일(금)은 문을 열지 않는 날" in into.text
        assert "예약할 수 있어요" in ask(desk, family, eve, 1200, 1890).text

    @pytest.mark.rule("AD-34")
    def test_one_child_in_two_daycares(self, home: House, desk: FlaskClient) -> None:
        family = home.family()
        home.book(family, 660, 840, first=WEDNESDAY, paid=False)
        answer = ask(desk, family, start=720, end=900)
        assert "이미 다른 돌봄이 잡혀 있어요" in answer.text

    @pytest.mark.parametrize(
        "changed",
        [
            {"children": []},
            {"children": ["0123456789abcdef"]},
            {"first_day": "x"},
            {"first_day": "9999-12-31"},
            {"start": ""},
            {"run": "never"},
            {"channel": "ONLINE"},
            {"contact_phone": ""},
            {"use": "1|2"},
            {"use": "a|b|c|d|e"},
        ],
    )
    def test_what_cannot_be_read_stays_on_the_page(
        self, home: House, desk: FlaskClient, changed: dict[str, object]
    ) -> None:
        answer = ask(desk, home.family(), step="book", **changed)
        assert answer.status_code == 422
        assert "확인이 필요해요" in answer.text or "이대로는" in answer.text

    @pytest.mark.parametrize(
        "changed", [{"contact_phone": "12"}, {"request_id": "short"}, {"last_day": "2026-10-01"}]
    )
    def test_what_the_rules_refuse(self, home: House, desk: FlaskClient, changed: dict[str, object]) -> None:
        answer = ask(desk, home.family(), step="book", **changed)
        assert answer.status_code == 422
        assert "이대로는 예약할 수 없어요" in answer.text or "확인이 필요해요" in answer.text

    def test_a_teacher_takes_no_reservations(self, home: House, teacher: FlaskClient) -> None:
        assert teacher.get(f"{SLUG}/room/bookings/new").status_code == 403
        assert "전화·방문 예약" not in teacher.get(f"{SLUG}/room").text
