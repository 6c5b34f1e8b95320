"""Reservations at the desk: answered, changed, taken back on the telephone, paid and given back (AD-13 – AD-17)."""

from __future__ import annotations

import secrets

import pytest
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.daycare.rules.states import BookingState, StayState
from tests.daycare.conftest import As
from tests.daycare.house import NOW, WEDNESDAY, House, found_house

SLUG = "/gwacheon"


def state(home: House, ref: str) -> BookingState:
    with home.unit() as uow:
        return BookingState(home.booking(uow, ref).state)


def press(client: FlaskClient, home: House, ref: str, verb: str, **form: object) -> TestResponse:
    """As the page sends it: with the version it was shown."""
    with home.unit() as uow:
        version = home.booking(uow, ref).version
    sent = {"version": version, "request_id": secrets.token_hex(16), **form}
    return client.post(f"{SLUG}/room/bookings/{ref}/{verb}", data=sent)


class TestAnswering:
    @pytest.fixture
    def asked(self, home: House) -> str:
        return home.book(home.family(), online=True)

    def test_confirmed_from_the_list(self, home: House, desk: FlaskClient, asked: str) -> None:
        queue = desk.get(f"{SLUG}/room/bookings")
        assert "김하늘" in queue.text
        assert "예약에 답하기" in queue.text
        assert press(desk, home, asked, "confirm").status_code == 303
        assert state(home, asked) is BookingState.CONFIRMED
        assert "9,000원" in desk.get(f"{SLUG}/room/bookings/{asked}").text

    def test_outside_the_entry_hours_needs_a_reason(self, home: House, desk: FlaskClient) -> None:
        """Saturday 20:00: soft, so the director says why (AD-05)."""
        saturday = NOW.date().replace(day=17)
        ref = home.book(home.family(), 1200, 1320, first=saturday, online=True)
        page = desk.get(f"{SLUG}/room/bookings/{ref}")
        assert "why:daycare.outside_entry" in page.text
        refused = press(desk, home, ref, "confirm")
        assert refused.status_code == 422
        assert state(home, ref) is BookingState.REQUESTED
        done = press(desk, home, ref, "confirm", **{"why:daycare.outside_entry": "보호자와 시간을 맞춤"})
        assert done.status_code == 303
        assert state(home, ref) is BookingState.CONFIRMED

    @pytest.mark.parametrize(
        ("reason", "status"), [("", 422), ("  ", 422), ("x" * 301, 422), ("정원이 찼어요", 303)]
    )
    def test_refused_with_a_reason(
        self, home: House, desk: FlaskClient, asked: str, reason: str, status: int
    ) -> None:
        assert press(desk, home, asked, "refuse", reason=reason).status_code == status
        wanted = BookingState.REFUSED if status == 303 else BookingState.REQUESTED
        assert state(home, asked) is wanted

    def test_a_teacher_reads_and_does_not_decide(self, home: House, teacher: FlaskClient, asked: str) -> None:
        page = teacher.get(f"{SLUG}/room/bookings/{asked}")
        assert "확정과 거절은 원장이 해요" in page.text
        assert press(teacher, home, asked, "confirm").status_code == 403

    def test_somebody_was_faster(self, home: House, desk: FlaskClient, asked: str) -> None:
        answer = desk.post(f"{SLUG}/room/bookings/{asked}/confirm", data={"version": 77})
        assert answer.status_code == 409
        assert "다른 사람이 먼저" in answer.text

    def test_nothing_of_another_daycare(self, home: House, desk: FlaskClient) -> None:
        other = found_house(home.place, "달빛어린이집")
        theirs = other.book(other.family("남의집"))
        assert desk.get(f"{SLUG}/room/bookings/{theirs}").status_code == 404
        assert press(desk, home, theirs, "refuse", reason="x").status_code == 404
        assert "남의집" not in desk.get(f"{SLUG}/room").text
        found = desk.post(f"{SLUG}/room/bookings", data={"words": "남의집"})
        assert found.status_code == 200
        assert "맞는 예약이 없어요" in found.text

    def test_what_comes_next_stands_first(self, home: House, desk: FlaskClient) -> None:
        home.book(home.family("나중에"), first=WEDNESDAY, paid=False)
        home.book(home.family("먼저"), paid=False)
        text = desk.get(f"{SLUG}/room/bookings?tab=coming").text
        assert text.index("먼저") < text.index("나중에")


class TestOnTheTelephone:
    @pytest.mark.rule("AD-16")
    @pytest.mark.parametrize(
        ("caller", "status"),
        [
            ({"caller_phone": ""}, 422),
            ({"caller_phone": "010-0000-0000", "caller_name": "누군가"}, 422),
            ({"caller_phone": "01000000000", "identity": "아이 생년월일과 보호자 이름을 맞게 말함"}, 303),
            ({"caller_phone": "own"}, 303),
        ],
    )
    def test_only_whoever_booked_cancels(
        self, home: House, desk: FlaskClient, caller: dict[str, str], status: int
    ) -> None:
        family = home.family()
        ref = home.book(family, first=WEDNESDAY)
        if caller["caller_phone"] == "own":
            caller = {"caller_phone": family.phone}
        answer = press(desk, home, ref, "cancel", **caller)
        assert answer.status_code == status
        if status == 422:
            assert "예약한 보호자인지 확인되지 않았어요" in answer.text
        assert (state(home, ref) is BookingState.CANCELLED) == (status == 303)

    @pytest.mark.rule("AD-16")
    @pytest.mark.parametrize(
        ("at", "after"), [((15, 0), BookingState.CANCELLED), ((15, 1), BookingState.LATE_CANCELLED)]
    )
    def test_a_night_until_three_of_the_same_day(
        self,
        home: House,
        as_: As,
        morning: time_machine.Coordinates,
        at: tuple[int, int],
        after: BookingState,
    ) -> None:
        family = home.family()
        ref = home.book(family, 1200, 1890, first=WEDNESDAY)
        morning.move_to(NOW.replace(day=14, hour=at[0], minute=at[1]))
        desk = as_(home.director)
        page = desk.get(f"{SLUG}/room/bookings/{ref}")
        assert ("늦은 취소로 남아요" in page.text) == (after is BookingState.LATE_CANCELLED)
        assert press(desk, home, ref, "cancel", caller_phone=family.phone).status_code == 303
        assert state(home, ref) is after

    def test_other_hours_for_the_caller(self, home: House, desk: FlaskClient) -> None:
        family = home.family()
        ref = home.book(family, first=WEDNESDAY)
        form = {
            "first_day": WEDNESDAY.isoformat(),
            "last_day": WEDNESDAY.isoformat(),
            "start": "720",
            "end": "960",
            "run": "daily",
        }
        assert press(desk, home, ref, "change", **form).status_code == 422  # nobody identified
        assert press(desk, home, ref, "change", **form, caller_phone=family.phone).status_code == 303
        assert (home.stay_now(ref).start.hour, home.stay_now(ref).end.hour) == (12, 16)

    @pytest.mark.parametrize(
        "changed",
        [{"first_day": ""}, {"start": "13:00"}, {"end": "100000"}, {"run": "x"}, {"last_day": "2026-13-40"}],
    )
    def test_hours_that_cannot_be_read(self, home: House, desk: FlaskClient, changed: dict[str, str]) -> None:
        family = home.family()
        ref = home.book(family, first=WEDNESDAY)
        form = {
            "first_day": WEDNESDAY.isoformat(),
            "last_day": WEDNESDAY.isoformat(),
            "start": "720",
            "end": "960",
            "run": "daily",
            "caller_phone": family.phone,
            **changed,
        }
        answer = press(desk, home, ref, "change", **form)
        assert answer.status_code == 422
        assert "확인이 필요해요" in answer.text


class TestMoney:
    @pytest.mark.rule("AD-13")
    def test_paid_before_use_and_a_receipt(self, home: House, teacher: FlaskClient) -> None:
        ref = home.book(home.family(), paid=False)
        form = {"amount": "9000", "method": "card", "payer": "김보호", "request_id": "ab" * 16}
        done = press(teacher, home, ref, "pay", **form)
        assert done.status_code == 303
        again = press(teacher, home, ref, "pay", **form)
        assert (again.status_code, again.location) == (303, done.location)
        assert state(home, ref) is BookingState.PAID
        page = teacher.get(f"{SLUG}/room/bookings/{ref}")
        assert "정산 완료" in page.text
        receipt = page.text.split("/receipts/")[1].split('"')[0]
        paper = teacher.post(f"{SLUG}/room/bookings/{ref}/receipts/{receipt}")
        assert paper.status_code == 303
        assert "영수증" in teacher.get(paper.location).text
        assert teacher.post(f"{SLUG}/room/bookings/{ref}/receipts/{receipt}").location == paper.location
        assert teacher.post(f"{SLUG}/room/bookings/{ref}/receipts/0123456789abcdef").status_code == 404

    @pytest.mark.parametrize(
        "changed",
        [
            {"amount": ""},
            {"amount": "abc"},
            {"amount": "0"},
            {"amount": "-100"},
            {"amount": "9" * 30},
            {"method": "shells"},
            {"method": ""},
            {"request_id": "short"},
        ],
    )
    def test_what_is_no_payment(self, home: House, teacher: FlaskClient, changed: dict[str, str]) -> None:
        ref = home.book(home.family(), paid=False)
        answer = press(teacher, home, ref, "pay", **{"amount": "9000", "method": "card", **changed})
        assert answer.status_code == 422
        assert "확인이 필요해요" in answer.text
        assert state(home, ref) is BookingState.CONFIRMED

    def test_given_back_never_more_than_came_in(
        self, home: House, desk: FlaskClient, teacher: FlaskClient
    ) -> None:
        ref = home.book(home.family())
        form = {"amount": "9010", "method": "card", "reason": "사정이 있어 취소"}
        assert press(desk, home, ref, "refund", **form).status_code == 422
        assert press(desk, home, ref, "refund", **{**form, "amount": "9000", "reason": ""}).status_code == 422
        assert press(teacher, home, ref, "refund", **{**form, "amount": "9000"}).status_code == 403
        why = {"why:fees.more_than_credit": "다른 카드로 다시 받기로 함"}
        assert press(desk, home, ref, "refund", **{**form, "amount": "9000"}, **why).status_code == 303

    def test_a_correction_stands_beside_what_was_charged(self, home: House, desk: FlaskClient) -> None:
        ref = home.book(home.family(), paid=False)
        assert press(desk, home, ref, "correct", amount="-3000", reason="").status_code == 422
        assert press(desk, home, ref, "correct", amount="-3001", reason="할인").status_code == 422
        assert press(desk, home, ref, "correct", amount="-3000", reason="잘못 적은 시간").status_code == 303
        page = desk.get(f"{SLUG}/room/bookings/{ref}")
        assert "낼 금액 6,000원" in page.text
        assert "정정" in page.text
        assert "6,000원" in desk.get(f"{SLUG}/room/ledgers/fees?month=2026-10").text


class TestNoShow:
    @pytest.mark.rule("AD-17")
    @pytest.mark.parametrize(("minute", "status"), [(59, 422), (60, 303)])
    def test_by_hand_from_sixty_minutes_on(
        self, home: House, as_: As, morning: time_machine.Coordinates, minute: int, status: int
    ) -> None:
        ref = home.book(home.family())  # 11:00
        stay = home.stay(ref)
        morning.move_to(NOW.replace(hour=11 + minute // 60, minute=minute % 60))
        answer = as_(home.director).post(
            f"{SLUG}/room/stays/{stay.ref}/no-show", data={"version": stay.version, "booking": ref}
        )
        assert answer.status_code == status
        wanted = StayState.NO_SHOW if status == 303 else StayState.PLANNED
        assert home.stay(ref).state == wanted
