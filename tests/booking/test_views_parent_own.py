"""내 예약, and the walls around it: own bookings only, one press one outcome, the public month."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask

from app.booking.rules.states import BookingState
from app.booking.service.preparing import ask_evidence
from app.kernel.actor import Role
from app.kernel.db import TenantRef
from app.kernel.ranges import TimeSpan
from app.people.models import Child
from tests.booking.parents import Parent, parent, words
from tests.booking.town import TUESDAY, WEDNESDAY, Town, evidence, found_town
from tests.cast_accounts import sign_in


@pytest.fixture
def mother(app: Flask, town: Town) -> Parent:
    return parent(app, town)


class TestOwnBookings:
    def test_list_and_detail(self, mother: Parent, town: Town) -> None:
        ref = town.temporary(mother.family, TUESDAY).outcomes[0].ref
        assert "10월 13일(화) 14:00–17:00" in words(mother.get("/my/bookings"))
        page = words(mother.get(f"/my/bookings/{ref}"))
        assert "센터 확인 중" in page
        assert "신청번호 2026-00-" in page

    def test_what_is_over_stands_under_past(self, mother: Parent, town: Town) -> None:
        ref = town.temporary(mother.family, TUESDAY).outcomes[0].ref
        mother.post(f"/my/bookings/{ref}/withdraw")
        assert "신청취소" in words(mother.get("/my/bookings?show=past"))
        assert "다가오는 예약이 없어요" in words(mother.get("/my/bookings"))

    @pytest.mark.rule("KB-26")
    def test_withdraw_says_what_is_gone_and_does_it(self, mother: Parent, town: Town) -> None:
        ref = town.temporary(mother.family, TUESDAY).outcomes[0].ref
        assert "10월 13일(화) 14:00–17:00 자리가 바로 다른 아이에게" in words(
            mother.get(f"/my/bookings/{ref}")
        )
        assert mother.post(f"/my/bookings/{ref}/withdraw").status_code == 303
        assert town.state(ref) is BookingState.WITHDRAWN
        again = mother.post(f"/my/bookings/{ref}/withdraw")
        assert again.status_code == 422
        assert "직접 바꿀 수 없어요" in words(again)

    @pytest.mark.rule("KB-26")
    def test_after_approval_nothing_can_be_changed_but_cancel_asked(self, mother: Parent, town: Town) -> None:
        applied = town.temporary(mother.family, TUESDAY)
        ref = applied.outcomes[0].ref
        town.approve(applied)
        page = words(mother.get(f"/my/bookings/{ref}"))
        assert "날짜·시간 바꾸기" not in page
        assert "이용 취소 요청하기" in page
        assert mother.post(f"/my/bookings/{ref}/withdraw").status_code == 422
        assert mother.get(f"/my/bookings/{ref}/edit").status_code == 303

    @pytest.mark.rule("KB-28")
    def test_cancel_request_only_tells_the_centre(self, mother: Parent, town: Town) -> None:
        applied = town.temporary(mother.family, TUESDAY)
        ref = applied.outcomes[0].ref
        town.approve(applied)
        assert mother.post(f"/my/bookings/{ref}/cancel").status_code == 303
        assert town.state(ref) is BookingState.SCHEDULED
        assert "취소를 요청했어요" in words(mother.get(f"/my/bookings/{ref}"))
        assert mother.post(f"/my/bookings/{ref}/cancel").status_code == 422

    @pytest.mark.rule("KW-10")
    def test_waiting_place_and_how_many_before(
        self, app: Flask, small: Town, clock: time_machine.Coordinates
    ) -> None:
        small.temporary(small.family(), TUESDAY)
        small.temporary(small.family("이산"), TUESDAY)
        clock.shift(60)
        mother = parent(app, small)
        ref = small.temporary(mother.family, TUESDAY).outcomes[0].ref
        page = words(mother.get(f"/my/bookings/{ref}"))
        assert "대기 2번째" in page
        assert "앞에 1명이 기다리고 있어요" in page
        assert "이산" not in page, "the position only, never who stands before"

    @pytest.mark.rule("KW-06")
    @pytest.mark.parametrize(
        ("press", "state"), [("accept", BookingState.APPLIED), ("decline", BookingState.WITHDRAWN)]
    )
    def test_one_press_answers_an_offer(
        self, app: Flask, small: Town, press: str, state: BookingState
    ) -> None:
        first = parent(app, small)
        holding = small.temporary(first.family, TUESDAY).outcomes[0].ref
        second = parent(app, small, small.family("이산"))
        ref = small.temporary(second.family, TUESDAY).outcomes[0].ref
        first.post(f"/my/bookings/{holding}/withdraw")
        page = words(second.get(f"/my/bookings/{ref}"))
        assert "10월 12일(월) 12:00까지 (2시간 남음)" in page
        assert second.post(f"/my/bookings/{ref}/{press}").status_code == 303
        assert small.state(ref) is state
        assert second.post(f"/my/bookings/{ref}/{press}").status_code == 422

    @pytest.mark.rule("KB-26")
    def test_edit_moves_date_and_time(self, mother: Parent, town: Town) -> None:
        ref = town.temporary(mother.family, TUESDAY).outcomes[0].ref
        assert 'value="2026-10-13"' in mother.get(f"/my/bookings/{ref}/edit").get_data(as_text=True)
        changed = {
            "kind": "TEMPORARY",
            "day": "2026-10-14",
            "from": "15:00",
            "to": "16:30",
            "ground": "other",
        }
        assert mother.post(f"/my/bookings/{ref}/edit", version=1, **changed).status_code == 303
        assert town.booking(ref).times == {"day": ["15:00", "16:30"]}
        stale = mother.post(
            f"/my/bookings/{ref}/edit", version=1, **changed | {"other_service": "지역아동센터"}
        )
        text = stale.get_data(as_text=True)
        assert stale.status_code == 409
        assert "그사이 내용이 바뀌었어요" in words(stale)
        assert 'name="version" value="2"' in text
        assert 'value="지역아동센터"' in text

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"from": "13:10"}, 422),
            ({"day": "2026-10-17"}, 422),
            ({"day": "garbage"}, 422),
            ({"to": ""}, 422),
        ],
    )
    def test_bad_edit(self, mother: Parent, town: Town, change: dict[str, str], status: int) -> None:
        ref = town.temporary(mother.family, TUESDAY).outcomes[0].ref
        data = {
            "kind": "TEMPORARY",
            "day": "2026-10-14",
            "from": "15:00",
            "to": "16:30",
            "version": 1,
        } | change
        assert mother.post(f"/my/bookings/{ref}/edit", **data).status_code == status
        assert town.booking(ref).starts_on == TUESDAY

    def test_edit_of_regular_care(self, mother: Parent, town: Town) -> None:
        ref = town.regular(mother.family).outcomes[0].ref
        assert "월요일" in words(mother.get(f"/my/bookings/{ref}/edit"))
        data = {"kind": "REGULAR", "first": "2026-10-14", "last": "2026-12-31", "on": "fri"}
        data |= {"fri_from": "14:00", "fri_to": "15:00", "ground": "dual_income", "version": 1}
        assert mother.post(f"/my/bookings/{ref}/edit", **data).status_code == 303
        assert town.booking(ref).times == {"fri": ["14:00", "15:00"]}

    def test_own_month(self, mother: Parent, town: Town) -> None:
        town.temporary(mother.family, TUESDAY)
        town.temporary(mother.family, WEDNESDAY, hours=TimeSpan.parse("15:00-16:00"))
        page = words(mother.get("/my/month?month=2026-10"))
        assert "10월 13일(화) 김하늘 14:00–17:00" in page, "the next day with a stay is shown"
        assert "15:00–16:00" not in page
        pressed = words(mother.get("/my/month?month=2026-10&day=2026-10-14"))
        assert "10월 14일(수) 김하늘 15:00–16:00" in pressed
        assert "김하늘 14:00–17:00" in words(mother.get("/my/month?month=2026-10&day=2026-10-29"))
        assert "이 달에는 이용하는 날이 없어요" in words(mother.get("/my/month?month=2026-09"))
        assert mother.get("/my/month?month=garbage").status_code == 200

    def test_the_head_is_short_and_a_weeks_hours_are_said_once(self, mother: Parent, town: Town) -> None:
        ref = town.regular(mother.family).outcomes[0].ref
        answer = mother.get(f"/my/bookings/{ref}")
        assert "<h1>정기돌봄 · 온수동 키움센터</h1>" in answer.get_data(as_text=True)
        assert "월–금 14:00–17:00" in words(answer)

    def test_what_came_to_nothing_leads_to_a_new_application(self, mother: Parent, town: Town) -> None:
        ref = town.temporary(mother.family, TUESDAY).outcomes[0].ref
        assert "다시 신청하기" not in words(mother.get(f"/my/bookings/{ref}"))
        mother.post(f"/my/bookings/{ref}/withdraw")
        answer = mother.get(f"/my/bookings/{ref}")
        assert "다시 신청하기" in words(answer)
        assert f"/seoul/book/when?child={mother.family.child}" in answer.get_data(as_text=True)

    @pytest.mark.rule("KB-19")
    def test_evidence_that_was_asked_for_is_one_press_away(self, mother: Parent, town: Town) -> None:
        ref = town.regular(mother.family).outcomes[0].ref
        upload = f"/seoul/children/{mother.family.child}/evidence"
        with town.unit(town.director) as uow:
            ask_evidence(uow, ref)
        for page in (f"/my/bookings/{ref}", "/"):
            answer = mother.get(page)
            assert "우선순위 증빙서류를 올려 주세요" in words(answer)
            assert f'href="{upload}"' in answer.get_data(as_text=True)
        with town.unit() as uow:
            evidence(uow, uow.session.get_one(Child, mother.family.child_id), "dual_income", "UPLOADED")
        for page in (f"/my/bookings/{ref}", "/"):
            assert "우선순위 증빙서류를 올려 주세요" not in words(mother.get(page))

    @pytest.mark.rule("KB-17")
    @pytest.mark.parametrize(
        ("ground", "due"), [("dual_income", True), ("low_grade", False), ("other", False)]
    )
    def test_regular_care_by_a_ground_on_paper_says_so_at_once(
        self, mother: Parent, town: Town, ground: str, due: bool
    ) -> None:
        ref = town.regular(mother.family, ground=ground).outcomes[0].ref
        for page in (f"/my/bookings/{ref}", "/"):
            seen = words(mother.get(page))
            assert ("우선순위 증빙서류를 올려 주세요" in seen) is due
            assert ("서류로 확인해야 승인할 수 있어요" in seen) is due

    @pytest.mark.rule("KB-18")
    def test_temporary_care_is_not_asked_for_evidence_by_its_ground(self, mother: Parent, town: Town) -> None:
        ref = town.temporary(mother.family, TUESDAY, ground="dual_income").outcomes[0].ref
        assert "증빙서류" not in words(mother.get(f"/my/bookings/{ref}"))

    @pytest.mark.parametrize("path", ["", "/edit"])
    def test_other_families_bookings_are_not_found(self, mother: Parent, town: Town, path: str) -> None:
        ref = town.temporary(town.family("남의아이"), TUESDAY).outcomes[0].ref
        assert mother.get(f"/my/bookings/{ref}{path}").status_code == 404

    @pytest.mark.parametrize("press", ["withdraw", "cancel", "accept", "decline", "edit"])
    def test_other_families_bookings_cannot_be_pressed(self, mother: Parent, town: Town, press: str) -> None:
        ref = town.temporary(town.family("남의아이"), TUESDAY).outcomes[0].ref
        assert mother.post(f"/my/bookings/{ref}/{press}").status_code == 404
        assert town.state(ref) is BookingState.APPLIED

    def test_other_families_result_is_not_found(self, mother: Parent, town: Town) -> None:
        batch = town.temporary(town.family("남의아이"), TUESDAY).batch
        assert mother.get(f"/book/result/{batch}").status_code == 404


class TestWalls:
    def test_a_visitor_is_asked_to_sign_in_and_comes_back(self, app: Flask, town: Town) -> None:
        answer = app.test_client().get(f"/seoul/book?centre={town.centre}&kind=TEMPORARY")
        assert answer.status_code == 303
        assert "/seoul/login" in answer.location
        assert town.centre in answer.location

    def test_staff_have_no_wizard(self, app: Flask, town: Town) -> None:
        client = app.test_client()
        sign_in(client, town.place, Role.CENTRE_DIRECTOR, town.centre_id)
        assert client.get("/seoul/book").status_code == 403
        assert client.get("/seoul/my/bookings").status_code == 403

    def test_another_municipality_knows_none_of_it(
        self, app: Flask, mother: Parent, gwacheon: TenantRef
    ) -> None:
        other = found_town(gwacheon)
        stranger = other.family("과천아이")
        ref = other.temporary(stranger, TUESDAY).outcomes[0].ref
        assert mother.get(f"/my/bookings/{ref}").status_code == 404
        assert mother.get(f"/book/when?{mother.query(centre=other.centre)}").status_code == 404
        assert mother.get(f"/book/where?child={stranger.child}").status_code == 404
        assert mother.client.get("/gwacheon/my/bookings").status_code == 303, (
            "signed in elsewhere is a visitor here"
        )


class TestPublicMonth:
    def test_anyone_sees_seats_and_the_way_to_book(self, app: Flask, town: Town) -> None:
        page = app.test_client().get(f"/seoul/centres/{town.centre}/seats")
        assert page.status_code == 200
        assert "24자리" in words(page)
        assert f"/seoul/book?kind=TEMPORARY&amp;centre={town.centre}" in page.get_data(as_text=True)

    def test_the_centres_page_leads_there(self, app: Flask, town: Town) -> None:
        page = app.test_client().get(f"/seoul/centres/{town.centre}").get_data(as_text=True)
        assert f"/seoul/centres/{town.centre}/seats" in page

    def test_unknown_centre(self, app: Flask, town: Town) -> None:
        assert app.test_client().get("/seoul/centres/0000000000000000/seats").status_code == 404
