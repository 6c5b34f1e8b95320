"""A family's own bookings: changing and cancelling with their deadlines, money, the child's day, medicine, pick-up."""

from __future__ import annotations

import json
import re
from datetime import datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from app.daycare import parent_pickup, service
from app.daycare.models import MedicineRequest, PriorContact, RosterShift
from app.kernel.errors import RuleBroken
from app.kernel.ranges import KST
from tests.cast_daycare import MONDAY, OTHER_INK, TUESDAY, WEDNESDAY, DaycareTown, evening, night
from tests.daycare.parents import Parent, hidden, make_parent, words

SIGNED = json.dumps([[[10, 10], [200, 80], [300, 40]]])


@pytest.fixture
def mother(app: Flask, town: DaycareTown) -> Parent:
    return make_parent(app, town)


def at(hour: int, minute: int = 0, day: int = 16) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=KST)


class TestOwn:
    def test_what_is_coming_and_what_was(self, mother: Parent) -> None:
        ref = mother.booked(TUESDAY, "11:00", "14:00")
        assert "어린이집 확인 중" in words(mother.get("/daycare/my"))
        mother.post(f"/daycare/my/{ref}/cancel", hidden(mother.get(f"/daycare/my/{ref}")))
        assert "다가오는 예약이 없어요" in words(mother.get("/daycare/my"))
        assert "취소" in words(mother.get("/daycare/my?show=past"))

    def test_another_familys_booking_is_not_found(
        self, app: Flask, town: DaycareTown, mother: Parent
    ) -> None:
        [booked] = town.book(town.family("남의아이"), evening(TUESDAY))
        for path in ("", "/change", "/pickup", "/medicine"):
            assert mother.get(f"/daycare/my/{booked.ref}{path}").status_code == 404
        assert mother.post(f"/daycare/my/{booked.ref}/cancel", {"version": 1}).status_code == 404
        assert mother.get(f"/daycare/book/done?booking={booked.ref}").status_code == 404

    def test_home_tells_today_next_and_what_waits(self, mother: Parent) -> None:
        town = mother.town
        home = town.homes[0]
        town.confirmed(home, evening(MONDAY))
        mother.booked(TUESDAY, "11:00", "14:00")
        text = words(mother.get("/"))
        assert "오늘 오늘 18:00~21:00" in text
        assert "다음 내일 11:00~14:00 어린이집 확인 중" in text
        assert "낼 이용료 김하늘 · 시립햇살 어린이집 9,000원" in text


class TestCancelling:
    @pytest.mark.rule("AD-16")
    @pytest.mark.parametrize(
        ("when", "allowed"),
        [
            pytest.param(at(23, 59), True, id="the day before"),
            pytest.param(at(0, 0, 17), False, id="on the day only by telephone"),
        ],
    )
    def test_a_night(
        self, app: Flask, town: DaycareTown, clock: time_machine.Coordinates, when: datetime, allowed: bool
    ) -> None:
        home = town.family()
        [booked] = town.book(home, night(TUESDAY))
        clock.move_to(when)
        mother = make_parent(app, town, home)
        page = mother.get(f"/daycare/my/{booked.ref}")
        text = words(page)
        assert ("예약 취소하기" in text) is allowed
        if not allowed:
            assert "당일에 취소하려면 15:00까지 어린이집(031-555-0100)에 전화해 주세요" in text
        answer = mother.post(f"/daycare/my/{booked.ref}/cancel", {"version": 1})
        assert answer.status_code == (303 if allowed else 422)

    @pytest.mark.parametrize(("minute", "allowed"), [(59, True), (60, False)])
    def test_a_day_until_it_starts(
        self, app: Flask, town: DaycareTown, clock: time_machine.Coordinates, minute: int, allowed: bool
    ) -> None:
        home = town.family()
        [booked] = town.book(home, evening(MONDAY))
        clock.move_to(at(17 + minute // 60, minute % 60))
        mother = make_parent(app, town, home)
        answer = mother.post(f"/daycare/my/{booked.ref}/cancel", {"version": 1})
        assert answer.status_code == (303 if allowed else 422)

    def test_an_old_page_is_told_so(self, mother: Parent) -> None:
        ref = mother.booked(TUESDAY, "11:00", "14:00")
        answer = mother.post(f"/daycare/my/{ref}/cancel", {"version": 99})
        assert answer.status_code == 409
        assert "그사이 예약이 바뀌었어요" in words(answer)


class TestChanging:
    def test_other_hours(self, mother: Parent) -> None:
        ref = mother.booked(TUESDAY, "11:00", "14:00")
        page = mother.get(f"/daycare/my/{ref}/change")
        assert '<option value="11:00" selected>' in page.get_data(as_text=True)
        data = {"day": "2026-11-18", "from": "20:00", "to": "32:00", **hidden(page)}
        answer = mother.post(f"/daycare/my/{ref}/change", data)
        assert answer.status_code == 303, words(answer)
        assert "11월 18일(수) 20:00 ~ 11월 19일(목) 08:00" in words(mother.get(f"/daycare/my/{ref}"))

    def test_full_hours_leave_the_booking_as_it_is(
        self, app: Flask, town: DaycareTown, mother: Parent
    ) -> None:
        ref = mother.booked(TUESDAY, "11:00", "14:00")
        for number in range(5):
            town.confirmed(town.family(f"아이{number}"), evening(WEDNESDAY))
        page = mother.get(f"/daycare/my/{ref}/change")
        answer = mother.post(
            f"/daycare/my/{ref}/change", {"day": "2026-11-18", "from": "18:00", "to": "20:00", **hidden(page)}
        )
        assert answer.status_code == 422
        assert "자리가 없는 시간 11월 18일(수) 18:00~20:00" in words(answer)
        assert "가까운 시간에는 자리가 있어요" in words(answer)
        assert "내일 11:00~14:00" in words(mother.get(f"/daycare/my/{ref}"))

    def test_something_unsaid(self, mother: Parent) -> None:
        ref = mother.booked(TUESDAY, "11:00", "14:00")
        answer = mother.post(f"/daycare/my/{ref}/change", {"day": "2026-11-18", "from": "", "to": ""})
        assert answer.status_code == 422
        assert "몇 시부터 몇 시까지" in words(answer)


class TestStay:
    def test_from_entry_to_receipt(
        self, app: Flask, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        home = town.family()
        booked = town.confirmed(home, evening(MONDAY))
        with town.unit() as uow:
            uow.session.add(
                RosterShift(
                    daycare_id=town.daycare_id,
                    class_id=town.class_id,
                    operating_day=MONDAY,
                    teacher="문하준",
                    period=Range(at(13), at(22), bounds="[)"),
                    created_at=at(9),
                )
            )
        assert "이용 전에 9,000원을 내 주세요" in words(
            make_parent(app, town, home).get(f"/daycare/my/{booked.ref}")
        )
        town.pay(booked)
        clock.move_to(at(18, 3))
        town.enter(booked)
        mother = make_parent(app, town, home)
        text = words(mother.get(f"/daycare/my/{booked.ref}"))
        assert "김하늘: 오늘 18:03부터 새싹반에 있어요. 지금 함께 있는 선생님: 문하준" in text
        assert "18:03에 들어왔어요" in words(mother.get("/"))
        clock.move_to(at(20, 32))
        town.leave(booked)
        mother = make_parent(app, town, home)
        answer = mother.get(f"/daycare/my/{booked.ref}")
        text, page = words(answer), answer.get_data(as_text=True)
        assert "귀가 오늘 20:32" in text
        press = re.search(rf'action="/gwacheon(/daycare/my/{booked.ref}/receipts/[0-9a-f]+)"', page)
        assert press is not None
        first = mother.post(press[1])
        assert first.status_code == 303
        assert mother.post(press[1]).location == first.location
        assert mother.get(first.location.partition("/gwacheon")[2]).status_code == 200
        assert make_parent(app, town, town.family("남의아이")).post(press[1]).status_code == 404

    def test_the_childs_day_is_read_once_it_is_written(
        self, app: Flask, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        home = town.family()
        booked = town.confirmed(home, evening(MONDAY))
        town.pay(booked)
        clock.move_to(at(18, 3))
        town.enter(booked)
        stay = town.stays(booked)[0].ref
        mother = make_parent(app, town, home)
        path = f"/daycare/my/{booked.ref}/day/{stay}"
        with town.unit(town.teacher) as uow:
            entries = {"activities": "블록 놀이", "evaluation": "다른 아이 이야기", "sleep": "푹 잠"}
            journal = service.write_journal(uow, town.class_ref, MONDAY, entries, version=0)
            ref, version = journal.ref, journal.version
        assert "아직 보육일지를 쓰고 있어요" in words(mother.get(path))
        with town.unit(town.teacher) as uow:
            service.sign_journal(uow, ref, version=version)
        text = words(mother.get(path))
        assert "블록 놀이" in text
        assert "푹 잠" in text
        assert "다른 아이 이야기" not in text
        other = make_parent(app, town, town.family("남의아이"))
        assert other.get(path).status_code == 404


MEDICINE = {
    "symptom": "기침",
    "medicine": "감기약",
    "dose": "5mL",
    "kept": "냉장",
    "times": "21:00, 07:00",
    "starts_on": "2026-11-17",
    "ends_on": "2026-11-18",
}


class TestMedicine:
    @pytest.mark.rule("AD-27")
    def test_a_signed_request(self, mother: Parent) -> None:
        ref = mother.booked(TUESDAY, "11:00", "14:00")
        path = f"/daycare/my/{ref}/medicine"
        answer = mother.post(path, {**MEDICINE, "strokes": SIGNED, **hidden(mother.get(path))})
        assert answer.status_code == 303, words(answer)
        assert "11월 17일(화)~11월 18일(수) 07:00, 21:00 · 0번 먹였어요" in words(mother.get(path))
        with mother.town.unit() as uow:
            row = uow.session.scalars(select(MedicineRequest)).one()
        assert row.signature
        assert mother.post(f"{path}/{row.ref}/withdraw").status_code == 303
        assert "거두었어요" in words(mother.get(path))

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({}, "투약의뢰서에 서명해 주세요"),
            ({"signed_name": "김보호", "times": "밤에"}, "먹일 시각을 21:00처럼"),
            ({"signed_name": "김보호", "ends_on": "2026-11-16"}, "첫날부터 마지막 날까지 차례대로"),
            ({"signed_name": "김보호", "dose": ""}, "빈칸이에요"),
            ({"strokes": "[[1]]"}, "서명을 읽지 못했어요"),
            ({"signed_name": "남의이름"}, "이용신청서에 적힌 보호자"),
            ({"signed_name": "김보호", "times": "21:00, 21:00"}, "21:00을 두 번"),
            ({"signed_name": "김보호", "ends_on": "2026-12-17"}, "30일까지"),
        ],
    )
    def test_what_is_missing(self, mother: Parent, changed: dict[str, str], sentence: str) -> None:
        path = f"/daycare/my/{mother.booked(TUESDAY, '11:00', '14:00')}/medicine"
        answer = mother.post(path, {**MEDICINE, **hidden(mother.get(path)), **changed})
        assert answer.status_code == 422
        assert sentence in words(answer)
        form = answer.get_data(as_text=True).split("<form")[-1]
        assert form.count(sentence) <= 1, "once beside its field"
        assert 'value="감기약"' in answer.get_data(as_text=True)


AUNT = {"person": "최이모", "relation": "이모", "phone": "010-7777-8888", "valid_on": "2026-11-16"}


class TestPickup:
    @pytest.mark.rule("AD-22")
    def test_a_note_counts_only_once_the_daycare_has_called_back(
        self, app: Flask, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        home = town.family()
        booked = town.confirmed(home, evening(MONDAY))
        town.pay(booked)
        mother = make_parent(app, town, home)
        path = f"/daycare/my/{booked.ref}/pickup"
        answer = mother.post(path, {**AUNT, **hidden(mother.get(path))})
        assert answer.status_code == 303, words(answer)
        assert "최이모(이모) · 11월 16일(월) 어린이집 확인 전" in words(mother.get(path))
        with town.unit() as uow:
            contact = uow.session.scalars(select(PriorContact.ref)).one()
        clock.move_to(at(18))
        town.enter(booked)
        clock.move_to(at(20))
        with pytest.raises(RuleBroken, match="not_listed"):
            town.leave(booked, person=0, contact=contact)
        with town.unit(town.teacher) as uow:
            [waiting] = parent_pickup.announced_pickups(uow, town.daycare_id)
            assert (waiting.person, waiting.caller_phone) == ("최이모", home.phone)
            parent_pickup.confirm_pickup(uow, contact)
        assert town.leave(booked, person=0, contact=contact, signature=OTHER_INK).hours == 2
        assert "확인했어요" in words(make_parent(app, town, home).get(path))

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"person": ""}, "빈칸이에요"),
            ({"phone": "1"}, "전화번호를 다시 확인해 주세요"),
            ({"valid_on": "2026-11-15"}, "앞으로 7일 안의 날"),
            ({"valid_on": "2026-11-24"}, "앞으로 7일 안의 날"),
            ({"valid_on": "언젠가"}, "데리러 오는 날"),
        ],
    )
    def test_what_is_missing(self, mother: Parent, changed: dict[str, str], sentence: str) -> None:
        path = f"/daycare/my/{mother.booked(TUESDAY, '11:00', '14:00')}/pickup"
        answer = mother.post(path, {**AUNT, **hidden(mother.get(path)), **changed})
        assert answer.status_code == 422
        assert sentence in words(answer)

    def test_it_can_be_taken_back_by_whoever_wrote_it(
        self, app: Flask, town: DaycareTown, mother: Parent
    ) -> None:
        path = f"/daycare/my/{mother.booked(TUESDAY, '11:00', '14:00')}/pickup"
        mother.post(path, {**AUNT, **hidden(mother.get(path))})
        with town.unit() as uow:
            contact = uow.session.scalars(select(PriorContact.ref)).one()
        other = make_parent(app, town, town.family("남의아이"))
        theirs = f"/daycare/my/{other.booked(TUESDAY, '11:00', '14:00')}/pickup"
        assert other.post(f"{theirs}/{contact}/withdraw").status_code == 404
        assert mother.post(f"{path}/{contact}/withdraw").status_code == 303
        with town.unit() as uow:
            assert uow.session.scalars(select(PriorContact)).all() == []
