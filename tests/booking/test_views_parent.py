"""A parent books, waits and sees: every step of the wizard, every press, and what bad input is answered."""

from __future__ import annotations

import gzip
import re
import secrets
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, func, select

from app.booking.models import Booking
from app.centres.models import KiumCentre, Quarter
from app.centres.rules import CentreKind
from app.kernel.db import TenantRef
from app.kernel.ranges import KST, TimeSpan
from tests.booking.parents import Parent, parent, words
from tests.booking.town import MONDAY, SEM2, TUESDAY, WEDNESDAY, Town, found_town

SATURDAY = date(2026, 10, 17)
FORTNIGHT = MONDAY + timedelta(days=14)


@pytest.fixture
def mother(app: Flask, town: Town) -> Parent:
    return parent(app, town)


HOURS = {"from": "14:00", "to": "17:00"}


def regular(mother: Parent, last: date = SEM2.last, **more: object) -> str:
    week = {"on": ["mon", "wed"]}
    for key in ("mon", "wed"):
        week |= {f"{key}_from": "14:00", f"{key}_to": "16:00"}  # type: ignore[dict-item]
    pairs = {"kind": "REGULAR", "first": TUESDAY.isoformat(), "last": last.isoformat(), **week, **more}
    return mother.query(**pairs)


def bookings(town: Town) -> int:
    with town.unit() as uow:
        return uow.session.scalar(select(func.count()).select_from(Booking)) or 0


class TestSteps:
    def test_one_child_needs_no_question(self, mother: Parent) -> None:
        answer = mother.get("/book")
        assert answer.status_code == 303
        assert f"child={mother.family.child}" in answer.location

    def test_several_children_are_asked_for(self, mother: Parent, town: Town) -> None:
        town.sibling(mother.family, "김바다", date(2016, 3, 3), grade=4)
        answer = mother.get("/book")
        assert answer.status_code == 200
        assert "김하늘" in words(answer)
        assert "김바다" in words(answer)

    def test_kinds_then_centres_with_seats_in_words(self, mother: Parent) -> None:
        assert "일시돌봄" in words(mother.get(f"/book/where?child={mother.family.child}"))
        answer = mother.get(f"/book/where?child={mother.family.child}&kind=TEMPORARY&district=")
        assert "온수동 키움센터" in words(answer)
        assert "오늘 24자리, 내일 24자리" in words(answer)

    def test_a_chosen_centre_leads_straight_to_the_month(self, mother: Parent) -> None:
        answer = mother.get(f"/book/where?{mother.query(TUESDAY)}")
        assert answer.status_code == 303
        assert "/book/when" in answer.location
        assert "day=2026-10-13" in answer.location

    def test_month_says_seats_and_days_toggle(self, mother: Parent) -> None:
        page = mother.get(f"/book/when?{mother.query(TUESDAY)}")
        text = page.get_data(as_text=True)
        assert "24자리" in words(page)
        tuesday = re.search(r'href="([^"]+)"[^>]*aria-current="date"', text)
        assert tuesday
        assert "day=2026-10-13" not in tuesday[1], "a second press takes it out"
        assert "day=2026-10-13&amp;day=2026-10-14" in text, "another day is added"

    def test_weeks_that_are_over_are_left_out(self, mother: Parent) -> None:
        page = words(mother.get(f"/book/when?{mother.query(TUESDAY)}"))
        assert "11 10월 12일(월)" in page, "the running week begins the month"
        assert "4 5 6 7 8 9 10" not in page

    def test_several_days_share_their_hours_and_it_says_so(self, mother: Parent) -> None:
        hint = "시간이 다른 날은 따로 신청해 주세요"
        assert hint not in words(mother.get(f"/book/when?{mother.query(TUESDAY)}"))
        assert hint in words(mother.get(f"/book/when?{mother.query(TUESDAY, WEDNESDAY)}"))

    def test_times_say_why_they_do_not_fit(self, mother: Parent, town: Town) -> None:
        town.temporary(mother.family, TUESDAY, hours=TimeSpan.parse("15:00-16:00"))
        page = words(mother.get(f"/book/when?{mother.query(TUESDAY)}"))
        assert "15:00 · 다른 예약과 겹침" in page
        assert "14:30 · 23자리" not in page
        assert "14:30 · 24자리" in page
        assert "09:30 · 지난 시각" not in page

    def test_hours_gone_today_are_named(
        self, app: Flask, town: Town, clock: time_machine.Coordinates
    ) -> None:
        clock.move_to(datetime(2026, 10, 12, 14, 5, tzinfo=KST))
        mother = parent(app, town)
        page = words(mother.get(f"/book/when?{mother.query(MONDAY)}"))
        assert "14:00 · 지난 시각" in page
        assert "14:30 · 24자리" in page

    def test_after_closing_time_a_centre_is_over_for_today_not_shut(
        self, app: Flask, town: Town, clock: time_machine.Coordinates
    ) -> None:
        clock.move_to(datetime(2026, 10, 16, 18, 45, tzinfo=KST))  # a Friday
        mother = parent(app, town)
        page = words(mother.get(f"/book/where?child={mother.family.child}&kind=TEMPORARY&district="))
        assert "오늘 끝남, 내일 쉼" in page

    def test_a_full_day_offers_a_place_in_line(self, app: Flask, small: Town) -> None:
        small.temporary(small.family(), TUESDAY, hours=TimeSpan.parse("11:00-19:00"))
        mother = parent(app, small)
        assert "대기 1번째" in words(mother.get(f"/book/when?{mother.query()}"))
        small.temporary(small.family("이산"), TUESDAY)
        assert "대기 2번째" in words(mother.get(f"/book/when?{mother.query()}"))

    def test_the_last_step_shows_every_date_by_itself(self, app: Flask, small: Town) -> None:
        small.temporary(small.family(), TUESDAY)
        mother = parent(app, small)
        page = words(mother.get(f"/book/check?{mother.query(TUESDAY, WEDNESDAY, **HOURS)}"))
        assert "10월 13일(화) 14:00–17:00 대기 1번째" in page
        assert "10월 14일(수) 14:00–17:00 1자리" in page
        assert "자리가 없으면 대기할게요" in page

    @pytest.mark.rule("KW-03")
    def test_a_full_line_is_said_before_anything_is_sent(self, app: Flask, small: Town) -> None:
        small.temporary(small.family(), TUESDAY)
        mother = parent(app, small)
        for number in range(2):  # twice the capacity of one
            page = words(mother.get(f"/book/check?{mother.query(TUESDAY, **HOURS)}"))
            assert f"10월 13일(화) 14:00–17:00 대기 {number + 1}번째" in page
            small.temporary(small.family(f"이산{number}"), TUESDAY)
        answer = mother.get(f"/book/check?{mother.query(TUESDAY, **HOURS)}")
        refused = words(mother.client.get(answer.location) if answer.status_code == 303 else answer)
        assert "대기가 마감됐어요" in refused
        assert "대기 3번째" not in refused
        both = words(mother.get(f"/book/check?{mother.query(TUESDAY, WEDNESDAY, **HOURS)}"))
        assert "10월 13일(화) 14:00–17:00 안 돼요 대기가 마감됐어요" in both
        assert "10월 14일(수) 14:00–17:00 1자리" in both

    def test_nobody_is_asked_about_waiting_while_there_are_seats(self, mother: Parent) -> None:
        page = words(mother.get(f"/book/check?{mother.query(TUESDAY, **HOURS)}"))
        assert "자리가 없으면 대기할게요" not in page

    @pytest.mark.rule("KB-06")
    def test_regular_care_is_cut_at_the_quarters_end_before_it_is_sent(self, mother: Parent) -> None:
        page = words(mother.get(f"/book/check?{regular(mother, last=date(2027, 2, 1))}"))
        assert "10월 13일(화)~12월 31일(목)" in page
        assert "분기 마지막 날인 12월 31일(목)까지로 맞췄어요" in page

    @pytest.mark.rule("KB-01")
    @pytest.mark.parametrize("kind", ["REGULAR", "SICK"])
    def test_care_the_centre_does_not_give_leads_back_to_the_choice(
        self, app: Flask, clock: time_machine.Coordinates, seoul: TenantRef, kind: str
    ) -> None:
        mother = parent(app, found_town(seoul, kind=CentreKind.HUB))
        answer = mother.get(f"/book/when?{mother.query(kind=kind)}")
        assert answer.status_code == 303
        assert "/book/where" in answer.location
        assert "그 돌봄을 하지 않아요" in words(mother.client.get(answer.location))

    def test_a_centre_without_a_quarter_says_so(self, mother: Parent, town: Town) -> None:
        with town.unit() as uow:
            uow.session.execute(delete(Quarter).where(Quarter.centre_id == town.centre_id))
        page = mother.get(f"/book/when?{mother.query()}")
        assert "지금 신청할 수 있는 날이 없어요" in words(page)
        assert mother.get(f"/book/when?{mother.query(kind='REGULAR')}").status_code == 303


class TestSending:
    def test_each_date_gets_its_answer(self, app: Flask, small: Town) -> None:
        small.temporary(small.family(), TUESDAY)
        mother = parent(app, small)
        answer = mother.send(TUESDAY, WEDNESDAY, SATURDAY)
        assert answer.status_code == 303
        page = mother.client.get(answer.location)
        assert "10월 13일(화) 14:00–17:00 대기 1번째" in words(page)
        assert "10월 14일(수) 14:00–17:00 신청됨" in words(page)
        assert "10월 17일(토) 안 됨 센터가 쉬거나 운영시간이 아니에요." in words(page)
        assert "센터가 확인하면 문자로 알려 드려요" in words(page)

    def test_a_second_press_is_the_same_submission(self, mother: Parent, town: Town) -> None:
        once = secrets.token_hex(16)
        first, second = mother.send(TUESDAY, request_id=once), mother.send(TUESDAY, request_id=once)
        assert first.status_code == second.status_code == 303
        assert first.location == second.location
        assert bookings(town) == 1

    def test_another_persons_request_id_makes_nothing(self, app: Flask, mother: Parent, town: Town) -> None:
        once = secrets.token_hex(16)
        mother.send(TUESDAY, request_id=once)
        answer = parent(app, town, town.family("박둘")).send(TUESDAY, request_id=once)
        assert answer.status_code == 422
        assert bookings(town) == 1

    @pytest.mark.rule("KW-01")
    def test_waiting_can_be_declined(self, app: Flask, small: Town) -> None:
        small.temporary(small.family(), TUESDAY)
        answer = parent(app, small).send(TUESDAY, may_wait="")
        assert answer.status_code == 422
        assert "빈자리가 없어요" in words(answer)
        assert bookings(small) == 1

    def test_regular_care(self, mother: Parent, town: Town) -> None:
        data = {"kind": "REGULAR", "first": TUESDAY.isoformat(), "last": SEM2.last.isoformat()}
        data |= {"on": "mon", "mon_from": "14:00", "mon_to": "16:00", "day": ""}
        answer = mother.send(**data)
        assert answer.status_code == 303
        assert "월 14:00–16:00" in words(mother.client.get(answer.location))

    def test_illness_is_sealed_beside_the_booking(self, app: Flask, town: Town) -> None:
        with town.unit() as uow:
            centre = uow.session.get_one(KiumCentre, town.centre_id)
            centre.sick_care, centre.sick_seats = True, 2
        mother = parent(app, town)
        refused = mother.send(TUESDAY, kind="SICK")
        assert refused.status_code == 422
        assert "어디가 아픈지" in words(refused)
        assert "신청하기 전에 동의" not in words(refused)
        answer = mother.send(TUESDAY, kind="SICK", illness="감기 기운")
        assert answer.status_code == 303
        with town.unit() as uow:
            row = uow.session.scalars(select(Booking)).one()
            assert "감기" not in f"{row.reason} {row.other_service}"
        listed = mother.send(WEDNESDAY, kind="SICK", illness="수두", notifiable="y")
        assert listed.status_code == 422
        assert "법정감염병" in words(listed)

    def test_illness_needs_the_consent_to_sensitive_data_first(self, app: Flask, town: Town) -> None:
        with town.unit() as uow:
            centre = uow.session.get_one(KiumCentre, town.centre_id)
            centre.sick_care, centre.sick_seats = True, 2
        mother = parent(app, town, town.family(papers=False))
        asked = words(mother.get(f"/book/check?{mother.query(TUESDAY, kind='SICK', **HOURS)}"))
        assert "신청하기 전에 동의해 주세요" in asked
        answer = mother.send(TUESDAY, kind="SICK", illness="감기")
        assert answer.status_code == 422
        assert bookings(town) == 0

    def test_every_entry_survives_a_refusal(self, mother: Parent) -> None:
        answer = mother.send(TUESDAY, contact_phone="12", other_service="학교 돌봄교실", ground="dual_income")
        text = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert 'value="학교 돌봄교실"' in text
        assert 'value="12"' in text
        assert 'selected value="dual_income"' in text
        assert 'name="day" value="2026-10-13"' in text
        assert 'role="alert"' in text
        assert "data-focus" in text

    def test_the_way_out_is_the_centres_telephone(self, app: Flask, small: Town) -> None:
        small.temporary(small.family(), TUESDAY)
        assert 'href="tel:0226001234"' in parent(app, small).send(TUESDAY, may_wait="").get_data(as_text=True)

    def test_a_day_old_tab_is_told_what_is_wrong_now(
        self, app: Flask, mother: Parent, town: Town, clock: time_machine.Coordinates
    ) -> None:
        clock.move_to(datetime(2026, 10, 13, 9, 0, tzinfo=KST))
        later = parent(app, town, mother.family)
        answer = later.send(MONDAY, TUESDAY)
        assert answer.status_code == 303
        page = words(later.client.get(answer.location))
        assert "10월 12일(월) 안 됨 신청할 수 있는 날짜가 아니에요." in page
        assert bookings(town) == 1

    def test_a_quarter_that_changed_meanwhile(self, mother: Parent, town: Town) -> None:
        mother.get(f"/book/check?{mother.query(TUESDAY, **HOURS)}")
        with town.unit() as uow:
            uow.session.get_one(Quarter, town.sem2).ends_on = MONDAY
        answer = mother.send(TUESDAY)
        assert answer.status_code == 422
        assert "운영기간 밖" in words(answer)
        assert 'name="day" value="2026-10-13"' in answer.get_data(as_text=True)


BAD_TIMES = [
    pytest.param(("13:10", "15:00"), "30분 단위", id="off step", marks=pytest.mark.rule("KB-11")),
    pytest.param(("14:00", "14:10"), "30분 단위", id="end off step", marks=pytest.mark.rule("KB-11")),
    pytest.param(
        ("10:30", "12:00"), "운영시간(11:00–19:00)", id="too early", marks=pytest.mark.rule("KB-10")
    ),
    pytest.param(("18:30", "19:30"), "운영시간(11:00–19:00)", id="too late", marks=pytest.mark.rule("KB-10")),
    pytest.param(("17:00", "14:00"), "끝이 시작보다 늦어야", id="backwards"),
    pytest.param(("14:00", "14:00"), "끝이 시작보다 늦어야", id="no length"),
    pytest.param(("", ""), "몇 시부터 몇 시까지 이용할지", id="nothing"),
    pytest.param(("25:00", "26:00"), "끝이 시작보다 늦어야", id="no such hour"),
    pytest.param(("두시", "세시"), "끝이 시작보다 늦어야", id="words"),
]
BAD_DAYS = [
    pytest.param(
        FORTNIGHT + timedelta(days=1), "14일 뒤", id="15 days ahead", marks=pytest.mark.rule("KB-08")
    ),
    pytest.param(MONDAY - timedelta(days=1), "지난 날짜", id="yesterday", marks=pytest.mark.rule("KB-08")),
    pytest.param(SATURDAY, "쉬는 날", id="closed", marks=pytest.mark.rule("KB-10")),
]


class TestBadInput:
    @pytest.mark.parametrize(("times", "why"), BAD_TIMES)
    def test_times(self, mother: Parent, town: Town, times: tuple[str, str], why: str) -> None:
        start, end = times
        shown = mother.get(f"/book/check?{mother.query(TUESDAY, **{'from': start, 'to': end})}")
        sent = mother.send(TUESDAY, **{"from": start, "to": end})
        for answer in (shown, sent):
            assert answer.status_code == 422
            assert why in words(answer)
        assert bookings(town) == 0

    @pytest.mark.parametrize(("day", "why"), BAD_DAYS)
    def test_days(self, mother: Parent, town: Town, day: date, why: str) -> None:
        shown = mother.get(f"/book/check?{mother.query(day, **HOURS)}")
        sent = mother.send(day)
        for answer in (shown, sent):
            assert answer.status_code == 422
            assert why in words(answer)
        assert bookings(town) == 0

    @pytest.mark.rule("KB-08")
    def test_the_fourteenth_day_is_fine(self, mother: Parent) -> None:
        assert mother.send(FORTNIGHT).status_code == 303

    @pytest.mark.rule("KB-12")
    def test_overlap_names_the_other_booking(self, mother: Parent, town: Town) -> None:
        town.temporary(mother.family, TUESDAY)
        answer = mother.send(TUESDAY, **{"from": "16:30", "to": "18:00"})
        assert answer.status_code == 422
        assert "온수동 키움센터 일시돌봄" in words(answer)
        assert mother.send(TUESDAY, **{"from": "17:00", "to": "18:00"}).status_code == 303

    @pytest.mark.parametrize("step", ["where", "when", "check"])
    def test_foreign_child_is_not_found(self, mother: Parent, town: Town, step: str) -> None:
        stranger = town.family("남의아이")
        query = urlencode(
            {"child": stranger.child, "kind": "TEMPORARY", "centre": town.centre, "day": TUESDAY}
        )
        assert mother.get(f"/book/{step}?{query}&from=14:00&to=15:00").status_code == 404

    def test_foreign_child_is_not_booked(self, mother: Parent, town: Town) -> None:
        assert mother.send(TUESDAY, child=town.family("남의아이").child).status_code == 404
        assert bookings(town) == 0

    @pytest.mark.parametrize("step", ["", "/where", "/when", "/check"])
    @pytest.mark.parametrize(
        "query",
        [
            "child=zz&kind=NONSENSE&centre=../..",
            "kind=TEMPORARY&day=2026-13-45&day=%00x",
            "kind=REGULAR&first=0001-01-01&last=9999-12-31&on=mon&mon_from=14:00&mon_to=1",
            "kind=TEMPORARY&day=2026-10-13&from=24:00&to=24:30&month=9999-99",
            "page=-5&district=%F0%9F%98%80&kind=TEMPORARY",
            "request_id=1&kind=SICK&day=" + "2026-10-13&day=" * 200,
        ],
    )
    def test_garbage_is_answered_and_never_breaks(self, mother: Parent, step: str, query: str) -> None:
        assert mother.get(f"/book{step}?{query}").status_code in (303, 400, 404, 422)
        known = f"child={mother.family.child}&centre={mother.town.centre}&{query}"
        assert mother.get(f"/book{step}?{known}").status_code in (200, 303, 400, 404, 422)

    def test_an_empty_form(self, mother: Parent, town: Town) -> None:
        assert mother.post("/book").status_code in (303, 422)
        assert bookings(town) == 0

    def test_without_a_request_id_one_is_given(self, mother: Parent) -> None:
        answer = mother.send(TUESDAY, request_id="")
        assert answer.status_code == 422
        assert re.search(r'name="request_id" value="[0-9a-f]{32}"', answer.get_data(as_text=True))


def test_step_three_is_light(mother: Parent) -> None:
    """No script beyond the house's own small one: htmx alone would cost more than the page."""
    text = mother.get(f"/book/when?{mother.query(TUESDAY, WEDNESDAY)}").get_data(as_text=True)
    assert "hx-" not in text.replace("data-htmx", "")
    assert len(text.encode()) < 16_000


def test_step_three_fits_four_kilobytes_once_the_rest_is_known(mother: Parent) -> None:
    path = f"/seoul/book/when?{mother.query(TUESDAY, WEDNESDAY)}"
    answer = mother.client.get(path, headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "24자리" in gzip.decompress(answer.data).decode()
    assert len(answer.data) + len(str(answer.headers)) < 4_096
    assert "Content-Encoding" not in mother.client.get(path).headers
