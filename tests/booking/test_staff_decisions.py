"""Approving and refusing: from the row and from the page, with reasons, and never twice."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.booking.rules.states import BookingState
from app.documents.models import Paper
from app.messaging.models import Message
from tests.booking.desk import HX, As, applied, one, stranger_ref
from tests.booking.town import TUESDAY, Town


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
