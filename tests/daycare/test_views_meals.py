"""Food by agreement: said after the application, by whom, how and when; given to a class or to named children."""

from __future__ import annotations

import io
import re
import secrets
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.daycare import service
from app.daycare.models import DaycareApplication, DaycareBooking, DaycareClass, DaycareStay, Meal
from app.daycare.parent_records import meals_told, own_stay
from app.daycare.queries import Agreement, agreements, daycare_by_id, journals
from app.documents.model import validate
from app.documents.print_runs import PART
from app.kernel.audit import AuditLog
from app.kernel.work import Work
from app.messaging.models import Message
from app.people.models import Child, Guardian
from tests.cast_accounts import make_user, sign_in
from tests.daycare.conftest import As
from tests.daycare.house import NOW, TUESDAY, Family, House, answers, found_house
from tests.daycare.test_papers import PNG

SLUG = "/gwacheon"
NO_FOOD = {"meals": False}
WORD = {"answer": "yes", "said_by": "김보호", "how": "PHONE", "said_on": "2026-10-13", "said_at": "09:40"}


@pytest.fixture
def family(home: House) -> Family:
    """No agreement in the application."""
    return home.family(consents=NO_FOOD)


def page_of(family: Family) -> str:
    return f"{SLUG}/room/applications/{family.application}/meals"


def say(client: FlaskClient, home: House, family: Family, **changed: Any) -> TestResponse:
    with home.unit() as uow:
        version = home.version(uow, family.application)
    sent = {**WORD, "request_id": secrets.token_hex(16), "version": version, **changed}
    return client.post(page_of(family), data={key: value for key, value in sent.items() if value is not None})


def stands(home: House, family: Family) -> Agreement:
    with home.unit() as uow:
        child = uow.session.scalar(select(Child.id).where(Child.ref == family.child)) or 0
        return agreements(uow, home.daycare_id, [child])[child]


class TestAgreement:
    @pytest.mark.rule("AD-23")
    def test_said_by_telephone_and_taken_back_at_the_door(
        self, home: House, family: Family, teacher: FlaskClient
    ) -> None:
        assert "합의하지 않음" in teacher.get(f"{SLUG}/room/children/{family.child}").text
        assert say(teacher, home, family).status_code == 303
        now = stands(home, family)
        assert now.agreed
        assert now.said is not None
        assert (now.said.by, now.said.how.value, now.said.recorded_by) == ("김보호", "PHONE", "문하준")
        assert f"{now.said.at:%H:%M}" == "09:40"
        for url in (
            f"{SLUG}/room/children/{family.child}",
            f"{SLUG}/room/applications/{family.application}",
        ):
            assert "09:40 전화 · 김보호" in teacher.get(url).text
        back = say(teacher, home, family, answer="no", said_by="박조모", how="VISIT", said_at="09:55")
        assert back.status_code == 303
        assert not stands(home, family).agreed
        history = teacher.get(page_of(family)).text
        assert history.index("박조모</td>") < history.index("김보호</td>"), "the newest first"
        with home.unit() as uow:
            logs = uow.session.scalars(
                select(AuditLog).where(AuditLog.action == "daycare.meals_said").order_by(AuditLog.id)
            ).all()
            told = uow.session.scalars(
                select(Message.body).where(Message.template == "daycare.meals_said").order_by(Message.id)
            ).all()
        assert [(log.diff["meals"][0], log.diff["meals"][1]["agreed"]) for log in logs] == [
            (False, True),
            (True, False),
        ]
        assert "김보호님이 전화로 알려 주신 대로 급·간식 제공에 ‘합의함’으로" in told[0]
        assert "박조모님이 방문해서 알려 주신 대로 급·간식 제공에 ‘합의하지 않음’으로" in told[1]

    @pytest.mark.rule("AD-23")
    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"answer": None}, "하나를 골라 주세요"),
            ({"answer": "maybe"}, "급·간식을 주어도 되나요"),
            ({"said_by": "문하준"}, "누가 말했나요"),
            ({"said_by": None}, "누가 말했나요"),
            ({"how": "ONLINE"}, "어떻게 말했나요"),
            ({"said_at": "10:01"}, "아직 오지 않은 시각"),
            ({"said_on": "2026-10-14"}, "아직 오지 않은 시각"),
            ({"said_at": "25:00"}, "21:00처럼"),
            ({"said_on": "어제"}, "말한 날"),
            ({"request_id": ""}, "화면이 오래되었"),
        ],
    )
    def test_what_is_no_word(
        self, home: House, family: Family, teacher: FlaskClient, changed: dict[str, Any], words: str
    ) -> None:
        answer = say(teacher, home, family, **changed)
        assert answer.status_code == 422
        assert words in answer.text
        assert not stands(home, family).agreed

    def test_this_very_minute_counts(self, home: House, family: Family, teacher: FlaskClient) -> None:
        assert say(teacher, home, family, said_at="10:00").status_code == 303

    def test_pressed_twice_and_an_old_page(self, home: House, family: Family, teacher: FlaskClient) -> None:
        request_id = secrets.token_hex(16)
        for _ in range(2):
            assert say(teacher, home, family, request_id=request_id).status_code == 303
        stale = say(teacher, home, family, version=1, answer="no")
        assert stale.status_code == 409
        assert stands(home, family).agreed
        with home.unit() as uow:
            assert (
                uow.session.scalar(select(func.count()).where(AuditLog.action == "daycare.meals_said")) == 1
            )

    def test_of_another_daycare_or_a_withdrawn_family(self, home: House, family: Family, as_: As) -> None:
        other = found_house(home.place, "달빛어린이집")
        theirs = as_(other.teacher)
        assert theirs.get(page_of(family)).status_code == 404
        assert say(theirs, home, family).status_code == 404
        with home.unit(family.actor) as uow:
            service.withdraw_application(
                uow, family.application, version=home.version(uow, family.application)
            )
        assert say(as_(home.teacher), home, family).status_code == 422

    @pytest.mark.rule("AD-23")
    def test_a_new_application_is_the_last_word(
        self, home: House, family: Family, teacher: FlaskClient, morning: time_machine.Coordinates
    ) -> None:
        assert say(teacher, home, family).status_code == 303
        morning.move_to(NOW.replace(hour=11))
        with home.unit(family.actor) as uow:
            row = uow.session.scalars(
                select(DaycareApplication).where(DaycareApplication.ref == family.application)
            ).one()
            data = answers(home.daycare, family, "김보호", NO_FOOD)
            service.submit_application(uow, secrets.token_hex(16), data, ref=row.ref, version=row.version)
        now = stands(home, family)
        assert (now.agreed, now.said) == (False, None)


class TestFamily:
    @pytest.fixture
    def parent(self, app: Flask, home: House, family: Family) -> FlaskClient:
        client = app.test_client()
        with home.unit() as uow:
            guardian = uow.session.get_one(Guardian, family.actor.guardian_id)
            user = make_user(uow, family.actor.role, name=guardian.name)
            guardian.user_id = user.id
            uow.session.flush()
            sign_in(client, uow, user)
        return client

    @pytest.mark.rule("AD-23")
    def test_reads_and_changes_it(self, home: House, family: Family, parent: FlaskClient, as_: As) -> None:
        assert say(as_(home.teacher), home, family).status_code == 303
        url = f"{SLUG}/daycare/applications/{family.application}/meals"
        page = parent.get(url).text
        assert "합의했어요" in page
        assert "어린이집이 적음" in page
        assert url in parent.get(f"{SLUG}/daycare/applications/{family.application}").text
        with home.unit() as uow:
            version = home.version(uow, family.application)
        sent = {"answer": "no", "version": version}
        assert parent.post(url, data=sent).status_code == 303
        now = stands(home, family)
        assert not now.agreed
        assert now.said is not None
        assert (now.said.how.value, now.said.recorded_by) == ("ONLINE", "")
        assert parent.post(url, data=sent).status_code == 409
        assert parent.post(url, data={"version": version + 1}).status_code == 422
        stranger = home.family("남의집")
        theirs = f"{SLUG}/daycare/applications/{stranger.application}/meals"
        assert parent.get(theirs).status_code == 404
        assert parent.post(theirs, data={"answer": "no", "version": 1}).status_code == 404


class TestMeals:
    """Two children are in; 이바다's family agreed, 김하늘's did not."""

    @pytest.fixture
    def both(self, home: House, family: Family) -> dict[str, str]:
        agreed = home.family("이바다", guardian="이보호")
        return {one.name: home.enter(home.book(one, 630, 810)) for one in (family, agreed)}

    def url(self, home: House, step: str = "") -> str:
        return f"{SLUG}/room/journal/{home.class_ref}/{TUESDAY}{step}"

    def give(self, client: FlaskClient, home: House, *eaters: str, **changed: Any) -> TestResponse:
        form = {
            "kind": "SNACK",
            "menu": "고구마",
            "amount": "1500",
            "not_reused": "y",
            "eaters": list(eaters),
            "request_id": secrets.token_hex(16),
        }
        photo = {"file": (io.BytesIO(PNG), "snack.png")}
        return client.post(
            self.url(home, "/meals"), data={**form, **photo, **changed}, content_type="multipart/form-data"
        )

    @pytest.mark.rule("AD-23")
    def test_named_children_are_refused_by_name(
        self, home: House, both: dict[str, str], teacher: FlaskClient
    ) -> None:
        answer = self.give(teacher, home, *both.values())
        assert answer.status_code == 422
        assert "합의하지 않았어요: 김하늘." in answer.text
        assert "이바다." not in answer.text
        with home.unit() as uow:
            assert uow.session.scalar(select(func.count()).select_from(Meal)) == 0
        assert self.give(teacher, home, both["이바다"]).status_code == 303
        assert "고구마 · 1,500원 · 이바다" in teacher.get(self.url(home)).text

    @pytest.mark.rule("AD-23")
    def test_a_plate_for_two_is_one_line_and_the_paper_says_who_agreed_how(
        self, home: House, family: Family, both: dict[str, str], teacher: FlaskClient
    ) -> None:
        assert say(teacher, home, family).status_code == 303
        assert self.give(teacher, home, *both.values()).status_code == 303
        assert self.give(teacher, home, menu="죽").status_code == 303
        with home.unit(home.teacher) as uow:
            [page] = journals(uow, daycare_by_id(uow, home.daycare_id), TUESDAY)
        assert [(meal.menu, meal.children) for meal in page.meals] == [
            ("고구마", ("김하늘", "이바다")),
            ("죽", ()),
        ]
        assert teacher.post(f"{SLUG}/room/journal/print", data={"day": str(TUESDAY)}).status_code == 303
        with home.unit() as uow:
            [part] = uow.session.scalars(select(Work.payload).where(Work.kind == PART))
        data = validate("daycare-journal", part["sheets"][0]["data"], partial=True)
        assert data["menu"].splitlines() == [
            "간식: 고구마 (김하늘, 이바다) 1명 1,500원",
            "간식: 죽 1명 1,500원",
            "김하늘 합의: 10월 13일(화) 09:40 전화 · 김보호",
        ]
        assert data["meal_fee"] == 6000

    @pytest.mark.rule("AD-23")
    def test_a_family_reads_what_its_own_child_ate(
        self, home: House, family: Family, both: dict[str, str], teacher: FlaskClient
    ) -> None:
        assert self.give(teacher, home, both["이바다"]).status_code == 303
        assert say(teacher, home, family).status_code == 303
        assert self.give(teacher, home, both["김하늘"], menu="죽").status_code == 303
        with home.unit(family.actor) as uow:
            booking = uow.session.scalars(
                select(DaycareBooking.ref)
                .join(DaycareStay, DaycareStay.booking_id == DaycareBooking.id)
                .where(DaycareStay.ref == both["김하늘"])
            ).one()
            told = meals_told(uow, own_stay(uow, booking, both["김하늘"]))
        assert [meal.menu for meal in told] == ["죽"]

    def test_who_did_not_come_ate_nothing(
        self, home: House, both: dict[str, str], teacher: FlaskClient
    ) -> None:
        later = home.family("박나중", guardian="박보호")
        planned = home.stay(home.book(later, 900, 960)).ref
        other = found_house(home.place, "달빛어린이집")
        elsewhere = other.enter(other.book(other.family("남의집"), 630, 810))
        for ref in (planned, elsewhere, "0123456789abcdef"):
            assert self.give(teacher, home, ref).status_code == 404

    @pytest.mark.rule("AD-24")
    def test_nothing_is_added_under_a_signature(
        self, home: House, both: dict[str, str], teacher: FlaskClient
    ) -> None:
        words = {"activities": "놀이", "evaluation": "잘 지냄", "version": "0"}
        assert teacher.post(self.url(home), data=words).status_code == 303
        ref = teacher.get(self.url(home)).text.split('name="journal" value="')[1].split('"')[0]
        signed = teacher.post(self.url(home, "/sign"), data={"journal": ref, "version": "1"})
        assert signed.status_code == 303
        answer = self.give(teacher, home, both["이바다"])
        assert answer.status_code == 422
        assert "다시 연 뒤" in answer.text

    @pytest.mark.rule("AD-23")
    def test_pressed_twice_is_one_meal(self, home: House, both: dict[str, str], teacher: FlaskClient) -> None:
        page = teacher.get(self.url(home)).text
        [once] = set(re.findall(r'name="request_id" value="([0-9a-f]{32})"', page))
        for _ in range(2):
            assert self.give(teacher, home, both["이바다"], request_id=once).status_code == 303
        with home.unit() as uow:
            assert uow.session.scalar(select(func.count()).select_from(Meal)) == 1
        bare = self.give(teacher, home, both["이바다"], request_id="")
        assert bare.status_code == 422

    @pytest.mark.rule("AD-23")
    @pytest.mark.parametrize(
        ("day", "status"),
        [
            (TUESDAY, 303),
            (TUESDAY + timedelta(days=1), 422),
            (date(2099, 1, 1), 422),
            (TUESDAY - timedelta(days=30), 303),
            (TUESDAY - timedelta(days=31), 422),
            (date(2000, 1, 1), 404),
        ],
    )
    def test_food_of_a_day_that_can_still_be_told(
        self, home: House, teacher: FlaskClient, day: date, status: int
    ) -> None:
        url = f"{SLUG}/room/journal/{home.class_ref}/{day}/meals"
        form = {"kind": "SNACK", "menu": "죽", "amount": "0", "not_reused": "y"}
        photo = {"file": (io.BytesIO(PNG), "snack.png"), "request_id": secrets.token_hex(16)}
        assert teacher.post(url, data={**form, **photo}).status_code == status
        with home.unit() as uow:
            assert uow.session.scalar(select(func.count()).select_from(Meal)) == (status == 303)

    @pytest.mark.parametrize("words", [{}, {"activities": "x", "version": "0"}])
    def test_no_page_where_the_class_does_not_stand(
        self, home: House, teacher: FlaskClient, words: dict[str, str]
    ) -> None:
        """Closed that weekday, and nobody was in it."""
        with home.unit() as uow:
            uow.session.get_one(DaycareClass, home.class_id).weekdays = ["wed"]
        if words:
            assert teacher.post(self.url(home), data=words).status_code == 404
        else:
            assert self.give(teacher, home).status_code == 404
