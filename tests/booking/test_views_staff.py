"""A centre's staff at work: the queue and its decisions, one booking's steps, lists, and who may not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select

from app.accounts.models import UserAccount
from app.booking import service
from app.booking.models import Booking, CareCard
from app.booking.rules.states import BookingState
from app.centres.models import KiumCentre, Quarter
from app.centres.queries import centre_by_ref
from app.documents.models import Paper
from app.kernel.actor import Actor, Role
from app.kernel.audit import AccessLog
from app.kernel.db import TenantRef
from app.kernel.work import Work
from app.messaging.models import Message
from tests.booking.town import MONDAY, TUESDAY, WEDNESDAY, Town, found_town
from tests.cast_accounts import make_user, sign_in
from tests.centres.town import week

As = Callable[[Actor], FlaskClient]
HX = {"HX-Request": "true"}


@pytest.fixture
def as_(app: Flask, town: Town) -> As:
    """A browser in which that person is signed in."""

    def open_browser(actor: Actor) -> FlaskClient:
        client = app.test_client()
        with town.unit() as uow:
            sign_in(client, uow, uow.session.get_one(UserAccount, actor.user_id))
        return client

    return open_browser


@pytest.fixture
def desk(as_: As, town: Town) -> FlaskClient:
    return as_(town.director)


def one(applied: service.Applied) -> str:
    ref = applied.outcomes[0].ref
    assert ref is not None
    return ref


def applied(town: Town, name: str = "김하늘", day: date = TUESDAY, **family: object) -> str:
    return one(town.temporary(town.family(name, **family), day))


def stranger_ref(town: Town) -> str:
    """A booking of another centre of the same city."""
    return applied(found_town(town.place), "남의집")


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


class TestDecisions:
    @pytest.mark.rule("KB-23")
    def test_approving_a_row_gives_the_row_back_and_writes_the_notice(
        self, town: Town, desk: FlaskClient
    ) -> None:
        ref = applied(town)
        answer = desk.post(f"/seoul/bookings/{ref}/approve?version=1&in=row", headers=HX)
        assert answer.status_code == 200
        assert answer.text.lstrip().startswith("<tr data-row")
        assert "이용예정" in answer.text
        assert town.state(ref) is BookingState.SCHEDULED
        with town.unit() as uow:
            paper = uow.session.scalars(select(Paper)).one()
            assert (paper.form_id, paper.state, paper.data["decision"]) == (
                "kium-decision-notice",
                "ISSUED",
                "approved",
            )
            assert uow.session.scalars(select(Message.template).order_by(Message.id.desc())).first() == (
                "booking.approved"
            )

    def test_without_javascript_the_same_press_leads_to_the_booking(
        self, town: Town, desk: FlaskClient
    ) -> None:
        ref = applied(town)
        answer = desk.post(f"/seoul/bookings/{ref}/approve?version=1&in=row")
        assert (answer.status_code, answer.location) == (303, f"/seoul/bookings/{ref}")
        assert "승인했어요" in desk.get(answer.location).text

    @pytest.mark.rule("KB-22")
    def test_what_stands_in_the_way_is_listed(self, town: Town, desk: FlaskClient) -> None:
        ref = applied(town, papers=False)
        answer = desk.post(f"/seoul/bookings/{ref}/approve", data={"version": 1})
        assert answer.status_code == 422
        assert "개인정보 수집·이용 및 제공동의서가 없어요" in answer.text
        row = desk.post(f"/seoul/bookings/{ref}/approve?version=1&in=row", headers=HX)
        assert row.status_code == 422
        assert "개인정보 수집·이용 및 제공동의서가 없어요" in row.text
        assert town.state(ref) is BookingState.APPLIED

    @pytest.mark.rule("KB-15")
    def test_a_soft_condition_gives_way_to_a_reason(self, town: Town, desk: FlaskClient) -> None:
        family = town.family(ground="dual_income")
        ref = one(town.regular(family, ground="dual_income"))
        url = f"/seoul/bookings/{ref}/approve"
        refused = desk.post(url, data={"version": 1, "why:decision.not_counselled": "  "})
        assert refused.status_code == 422
        assert 'name="why:decision.not_counselled"' in refused.text
        passed = desk.post(url, data={"version": 1, "why:decision.not_counselled": "전화로 상담"})
        assert passed.status_code == 303
        assert town.booking(ref).overrides == [["decision.not_counselled", "전화로 상담"]]

    @pytest.mark.rule("KB-13")
    def test_the_parallel_use_reason_opens_the_way(self, town: Town, desk: FlaskClient) -> None:
        ref = one(town.temporary(town.family(), TUESDAY, other_service="지역아동센터"))
        assert desk.post(f"/seoul/bookings/{ref}/approve").status_code == 422
        assert desk.post(f"/seoul/bookings/{ref}/parallel-use", data={"words": ""}).status_code == 422
        assert desk.post(f"/seoul/bookings/{ref}/parallel-use", data={"words": "야간"}).status_code == 303
        assert desk.post(f"/seoul/bookings/{ref}/approve").status_code == 303

    @pytest.mark.rule("KB-24")
    def test_a_refusal_needs_words_and_tells_them(self, town: Town, desk: FlaskClient) -> None:
        ref = applied(town)
        url = f"/seoul/bookings/{ref}/refuse"
        empty = desk.post(url, data={"version": 1, "choice": "", "words": " "})
        assert empty.status_code == 422
        assert "사유를 적어 주세요" in empty.text
        assert desk.post(url, data={"version": 1, "choice": "made up"}).status_code == 422
        done = desk.post(
            url, data={"version": 1, "choice": "정원이 찼어요", "words": "다음 달에 자리가 나요"}
        )
        assert done.status_code == 303
        row = town.booking(ref)
        assert (row.state, row.decision_reason) == ("DISAPPROVED", "정원이 찼어요. 다음 달에 자리가 나요")
        with town.unit() as uow:
            assert uow.session.scalars(select(Paper)).one().data["refuse_reason"] == row.decision_reason

    def test_a_day_old_tab_is_answered_with_the_fresh_row(self, town: Town, desk: FlaskClient) -> None:
        ref = applied(town)
        desk.post(f"/seoul/bookings/{ref}/ask-paper", data={"words": "동의서"})
        for headers in ({}, HX):
            answer = desk.post(f"/seoul/bookings/{ref}/approve?version=1&in=row", headers=headers)
            assert answer.status_code == 409
            assert "먼저 처리했거나 고쳤어요" in answer.text
        assert town.state(ref) is BookingState.APPLIED

    def test_the_second_director_learns_who_was_first(self, town: Town, as_: As) -> None:
        ref = applied(town)
        first, second = as_(town.director), as_(town.director)
        assert first.post(f"/seoul/bookings/{ref}/approve?version=1").status_code == 303
        late = second.post(f"/seoul/bookings/{ref}/refuse", data={"version": 1, "choice": "정원이 찼어요"})
        assert late.status_code == 422
        assert "한센터님이" in late.text
        assert town.state(ref) is BookingState.SCHEDULED

    @pytest.mark.rule("KB-21")
    def test_a_teacher_prepares_but_does_not_decide(self, town: Town, as_: As) -> None:
        ref = applied(town)
        teacher = as_(town.teacher)
        page = teacher.get("/seoul/bookings").text
        assert "data-approve" not in page
        answer = teacher.post(f"/seoul/bookings/{ref}/approve?version=1")
        assert answer.status_code in (403, 422)
        assert teacher.post(f"/seoul/bookings/{ref}/ask-paper", data={"words": "동의서"}).status_code == 303
        assert town.state(ref) is BookingState.APPLIED

    def test_another_centres_booking_is_unknown(self, town: Town, desk: FlaskClient) -> None:
        ref = stranger_ref(town)
        for path in ("approve", "refuse", "cancel", "print", "contact", "withdraw", "start"):
            data = {
                "choice": "정원이 찼어요",
                "from_day": "2026-10-13",
                "reason": "x",
                "form": "kium-application",
                "contact_phone": "01012345678",
            }
            assert desk.post(f"/seoul/bookings/{ref}/{path}", data=data).status_code == 404, path
        assert desk.get(f"/seoul/bookings/{ref}").status_code == 404
        assert desk.post("/seoul/bookings/approve", data={"pick": ref}).status_code == 404
        assert desk.get("/seoul/bookings/0123456789abcdef").status_code == 404


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


class TestByTelephone:
    def form(self, town: Town, family: object, **changed: object) -> dict[str, object]:
        return {
            "request_id": "ab" * 16,
            "kind": "TEMPORARY",
            "channel": "PHONE",
            "day": ["2026-10-13", "2026-10-17", ""],
            "from": "14:00",
            "to": "17:00",
            "guardian": family.guardian,  # type: ignore[attr-defined]
            "contact_phone": "010-2222-3333",
            "ground": "other",
            "may_wait": "y",
            **changed,
        }

    @pytest.mark.rule("KB-14")
    def test_every_date_has_its_own_fate_and_a_second_press_the_same_page(
        self, town: Town, desk: FlaskClient
    ) -> None:
        family = town.family()
        applied(town, "다른집")
        town.temporary(family, WEDNESDAY)
        assert "김하늘" in desk.post("/seoul/bookings/new/find", data={"name": "하늘"}).text
        url = f"/seoul/bookings/new/{family.child}"
        assert desk.get(url).status_code == 200
        done = desk.post(url, data=self.form(town, family))
        assert done.status_code == 303
        page = desk.get(done.location)
        assert "10월 17일(토)" in page.text  # refused: closed on Saturdays
        assert "신청" in page.text
        again = desk.post(url, data=self.form(town, family))
        assert (again.status_code, again.location) == (303, done.location)
        with town.unit() as uow:
            row = uow.session.scalars(select(Booking).where(Booking.channel == "PHONE")).one()
            assert (row.contact_phone, row.starts_on) == ("01022223333", TUESDAY)

    @pytest.mark.rule("KB-09")
    def test_a_child_that_is_already_there_is_recorded(self, town: Town, as_: As, clock: object) -> None:
        clock.move_to("2026-10-12 15:20+09:00")  # type: ignore[attr-defined]
        family = town.family()
        town.temporary(family, TUESDAY)
        url = f"/seoul/bookings/new/{family.child}"
        form = self.form(town, family, day=["2026-10-12"], **{"from": "15:00"})
        assert as_(town.teacher).post(url, data=form).status_code == 303
        with town.unit() as uow:
            row = uow.session.scalars(select(Booking).where(Booking.starts_on == MONDAY)).one()
            assert row.walk_in

    @pytest.mark.parametrize(
        "changed",
        [
            {"kind": ""},
            {"kind": "NOPE"},
            {"contact_phone": "1"},
            {"contact_phone": ""},
            {"guardian": "0123456789abcdef"},
            {"day": ["nonsense"]},
            {"from": "13:10"},
            {"from": "18:00", "to": "17:00"},
            {"day": ["2026-10-27"]},
            {"channel": "ONLINE"},
            {"kind": "REGULAR", "first": "2026-10-13", "last": "2026-10-20", "on": "tue"},
            {"request_id": "short"},
            {"ground": "royal"},
        ],
    )
    def test_what_does_not_fit_stays_on_the_page(
        self, town: Town, desk: FlaskClient, changed: dict[str, object]
    ) -> None:
        family = town.family()
        town.temporary(family, WEDNESDAY)
        answer = desk.post(f"/seoul/bookings/new/{family.child}", data=self.form(town, family, **changed))
        assert answer.status_code == 422
        assert "확인이 필요해요" in answer.text

    def test_a_child_nobody_here_knows_is_not_found(self, town: Town, desk: FlaskClient) -> None:
        family = town.family()
        assert desk.get(f"/seoul/bookings/new/{family.child}").status_code == 404
        assert desk.get(f"/seoul/children/{family.child}/card").status_code == 404


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


class TestCalendar:
    """A centre's own pages show whose bookings a change touches before it is saved."""

    def quarter(self, town: Town) -> tuple[str, dict[str, str]]:
        with town.unit() as uow:
            row = uow.session.get_one(Quarter, town.sem2)
            plan = {"kind": "SEM2", "year_label": "2026", "first": "2026-08-17", "last": "2026-12-31"}
            return f"/seoul/centre/quarters/{row.ref}", {**plan, **week(), "version": str(row.version)}

    @pytest.mark.rule("KQ-04")
    def test_new_dates_name_who_is_cut_before_anything_is_saved(self, town: Town, desk: FlaskClient) -> None:
        ref = one(town.regular(town.family("잘릴아이")))
        url, data = self.quarter(town)
        data["last"] = "2026-12-20"
        shown = desk.post(url, data=data)
        assert shown.status_code == 200
        assert "잘릴아이" in shown.text
        assert ref not in shown.text
        assert "12월 20일(일)" in shown.text
        assert town.booking(ref).ends_on == date(2026, 12, 31)
        assert desk.post(url, data={**data, "step": "save"}).status_code == 303
        assert town.booking(ref).ends_on == date(2026, 12, 20)
        assert desk.post(url, data={**data, "step": "save"}).status_code == 409
        town.check()

    @pytest.mark.rule("KQ-04")
    def test_a_longer_quarter_lengthens_nobody_and_says_so(self, town: Town, desk: FlaskClient) -> None:
        with town.unit() as uow:
            uow.session.execute(delete(Quarter).where(Quarter.id != town.sem2))
        ref = one(town.regular(town.family("끝까지")))
        url, data = self.quarter(town)
        data["last"] = "2027-01-10"
        shown = desk.post(url, data=data).text
        assert "줄어드는 예약이 없어요" in shown
        assert "끝까지" in shown
        desk.post(url, data={**data, "step": "save"})
        assert town.booking(ref).ends_on == date(2026, 12, 31)

    @pytest.mark.rule("KQ-11")
    def test_a_closed_day_names_who_was_coming(self, town: Town, desk: FlaskClient) -> None:
        ref = applied(town, "올아이")
        town.approve_ref(ref)
        data = {"day": "2026-10-13", "kind": "CENTRE_CLOSED", "note": "소독"}
        shown = desk.post("/seoul/centre/days", data=data)
        assert "올아이" in shown.text
        assert "1건이 취소되고" in shown.text
        assert town.days(ref) == {TUESDAY: "PLANNED"}
        again = desk.post("/seoul/centre/days", data={**data, "step": "edit"})
        assert 'value="소독"' in again.text
        saved = {**data, "step": "save", "request_id": "c" * 32}
        assert desk.post("/seoul/centre/days", data=saved).status_code == 303
        assert "PLANNED" not in town.days(ref).values()
        assert desk.post("/seoul/centre/days", data=data).status_code == 422, "declared already"
        town.check()

    @pytest.mark.rule("KQ-11")
    def test_other_special_days_leave_the_bookings(self, town: Town, desk: FlaskClient) -> None:
        ref = applied(town, "올아이")
        town.approve_ref(ref)
        data = {"day": "2026-10-13", "kind": "SHORT_VACATION"}
        shown = desk.post("/seoul/centre/days", data=data).text
        assert "올아이" in shown
        assert "그대로 두고" in shown
        desk.post("/seoul/centre/days", data={**data, "step": "save", "request_id": "d" * 32})
        assert town.days(ref) == {TUESDAY: "PLANNED"}

    def test_a_day_nobody_booked_says_so(self, town: Town, desk: FlaskClient) -> None:
        shown = desk.post("/seoul/centre/days", data={"day": "2026-10-14", "kind": "CENTRE_CLOSED"})
        assert "이날 예약한 아이가 없어요" in shown.text


class TestClosingDown:
    @pytest.mark.rule("KP-05")
    def test_a_centre_with_bookings_ahead_stays_open(self, app: Flask, town: Town) -> None:
        applied(town)
        client = app.test_client()
        with town.unit() as uow:
            sign_in(client, uow, make_user(uow, Role.SEOUL_ADMIN, None))
            version = centre_by_ref(uow, town.centre).version
        url = f"/seoul/district/centres/{town.centre}/active"
        refused = client.post(url, data={"active": "", "reason": "이전", "version": version})
        assert refused.status_code == 422
        assert "예약과 대기가 1건" in refused.text


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


class TestWhoMay:
    PAGES = ("/bookings", "/bookings/users", "/waiting", "/daily", "/bookings/new", "/today")

    @pytest.mark.parametrize("path", PAGES)
    def test_a_visitor_is_asked_to_sign_in(self, app: Flask, town: Town, path: str) -> None:
        answer = app.test_client().get(f"/seoul{path}")
        assert answer.status_code == 303
        assert "/login" in answer.location

    @pytest.mark.parametrize("path", PAGES)
    def test_families_and_officers_have_no_business_here(self, app: Flask, town: Town, path: str) -> None:
        for role in (Role.GUARDIAN, Role.SEOUL_ADMIN, Role.DISTRICT_OFFICER):
            client = app.test_client()
            with town.unit() as uow:
                scope = town.district_id if role is Role.DISTRICT_OFFICER else None
                sign_in(client, uow, make_user(uow, role, scope))
            assert client.get(f"/seoul{path}").status_code == 403, role

    @pytest.mark.rule("KB-25")
    def test_the_city_alone_takes_a_refusal_back(self, town: Town, as_: As) -> None:
        ref = applied(town)
        with town.unit(town.director) as uow:
            service.disapprove(uow, ref, "정원 초과")
        assert as_(town.director).post(f"/seoul/city/refused/{ref}").status_code == 403
        city = as_(town.city)
        page = city.get("/seoul/city/refused").text
        assert town.booking(ref).number in page
        assert "김하늘" not in page
        assert city.post(f"/seoul/city/refused/{ref}", data={"reason": " "}).status_code == 422
        assert city.post(f"/seoul/city/refused/{ref}", data={"reason": "자리 확인"}).status_code == 303
        assert town.state(ref) is BookingState.APPLIED

    def test_another_municipality_shows_nothing_of_this_one(
        self, app: Flask, town: Town, gwacheon: TenantRef
    ) -> None:
        ref = applied(town)
        there = found_town(gwacheon)
        client = app.test_client()
        with there.unit() as uow:
            sign_in(client, uow, uow.session.get_one(UserAccount, there.director.user_id))
        assert "김하늘" not in client.get("/gwacheon/bookings").text
        assert client.get(f"/gwacheon/bookings/{ref}").status_code == 404
        assert client.get("/seoul/bookings").status_code == 303
