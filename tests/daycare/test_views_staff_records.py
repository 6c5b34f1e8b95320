"""Applications checked, journal written and closed, medicine given, calls written down; their bad input."""

from __future__ import annotations

import base64
import io
import secrets

import pytest
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.daycare import service
from app.daycare.queries import application_detail
from app.daycare.rules.states import ApplicationState
from tests.daycare.conftest import As
from tests.daycare.house import INK, NOW, TUESDAY, WEDNESDAY, Family, House, found_house

SLUG = "/gwacheon"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class TestApplications:
    def detail(self, home: House, ref: str):  # type: ignore[no-untyped-def]
        with home.unit(home.director) as uow:
            return application_detail(uow, ref)

    def press(self, client: FlaskClient, home: House, ref: str, verb: str, **form: object) -> TestResponse:
        with home.unit() as uow:
            version = home.version(uow, ref)
        return client.post(f"{SLUG}/room/applications/{ref}/{verb}", data={"version": version, **form})

    @pytest.mark.rule("AD-18")
    def test_papers_seen_and_given_back_by_the_teacher(self, home: House, teacher: FlaskClient) -> None:
        ref = home.family(accepted=False, checked=False).application
        assert "김보호" in teacher.get(f"{SLUG}/room/applications").text
        page = teacher.get(f"{SLUG}/room/applications/{ref}")
        assert "땅콩" in page.text
        assert "접수와 보완 요청은 원장이 해요" in page.text
        family = {"paper-family": "family_certificate", "resident": "y", "related": "y"}
        kept = self.press(teacher, home, ref, "checks/family", **family)
        assert kept.status_code == 422
        assert "돌려드려 주세요" in kept.text
        assert self.press(teacher, home, ref, "checks/family", **family, returned="y").status_code == 303
        identity = {"paper-identity": "passport", "returned": "y"}
        assert self.press(teacher, home, ref, "checks/identity", **identity).status_code == 303
        row = self.detail(home, ref).row
        assert row.family_checked
        assert row.identity_checked

    @pytest.mark.parametrize(
        ("kind", "form", "status"),
        [
            ("family", {"paper-family": "a letter", "returned": "y", "resident": "y"}, 422),
            ("family", {"paper-family": "resident_register", "returned": "y"}, 422),  # not a resident
            ("identity", {"returned": "y"}, 422),
            ("nothing", {"returned": "y"}, 404),
        ],
    )
    def test_what_is_no_check(
        self, home: House, teacher: FlaskClient, kind: str, form: dict[str, str], status: int
    ) -> None:
        ref = home.family(accepted=False, checked=False).application
        assert self.press(teacher, home, ref, f"checks/{kind}", **form).status_code == status

    @pytest.mark.rule("AD-20")
    def test_a_refused_consent_is_passed_with_a_reason(self, home: House, desk: FlaskClient) -> None:
        ref = home.family(accepted=False, consents={"survey": False}).application
        assert "why:daycare.consent_survey" in desk.get(f"{SLUG}/room/applications/{ref}").text
        assert self.press(desk, home, ref, "accept").status_code == 422
        done = self.press(desk, home, ref, "accept", **{"why:daycare.consent_survey": "조사에서만 빼기로 함"})
        assert done.status_code == 303
        assert self.detail(home, ref).row.state is ApplicationState.ACCEPTED

    def test_returned_with_a_reason(self, home: House, desk: FlaskClient, teacher: FlaskClient) -> None:
        ref = home.family(accepted=False).application
        assert self.press(desk, home, ref, "return", reason="").status_code == 422
        assert self.press(teacher, home, ref, "return", reason="x").status_code == 403
        done = self.press(desk, home, ref, "return", reason="조모의 연락처를 다시 적어 주세요")
        assert done.status_code == 303
        assert "조모의 연락처" in desk.get(f"{SLUG}/room/applications?tab=returned").text

    def test_nothing_of_another_daycare(self, home: House, desk: FlaskClient) -> None:
        other = found_house(home.place, "달빛어린이집")
        theirs = other.family("남의집")
        assert desk.get(f"{SLUG}/room/applications/{theirs.application}").status_code == 404
        assert self.press(desk, home, theirs.application, "accept").status_code == 404
        assert desk.get(f"{SLUG}/room/children/{theirs.child}").status_code == 404


class TestJournal:
    def url(self, home: House, step: str = "") -> str:
        return f"{SLUG}/room/journal/{home.class_ref}/{TUESDAY}{step}"

    def version(self, client: FlaskClient, home: House) -> str:
        return client.get(self.url(home)).text.split('name="version" value="')[1].split('"')[0]

    def ref(self, client: FlaskClient, home: House) -> str:
        return client.get(self.url(home)).text.split('name="journal" value="')[1].split('"')[0]

    @pytest.mark.rule("AD-24")
    def test_written_signed_and_closed(self, home: House, as_: As, morning: time_machine.Coordinates) -> None:
        stay = home.enter(home.book(home.family(), 630, 810))
        teacher, desk = as_(home.teacher), as_(home.director)
        half = {"activities": "낙엽으로 꾸미기", "version": "0"}
        assert teacher.post(self.url(home), data=half).status_code == 303
        step = {"journal": self.ref(teacher, home), "version": self.version(teacher, home)}
        unsigned = teacher.post(self.url(home, "/sign"), data=step)
        assert unsigned.status_code == 422
        assert "관찰과 평가" in unsigned.text
        whole = {**half, "evaluation": "잘 어울려 놀았음", "version": self.version(teacher, home)}
        assert teacher.post(self.url(home), data=whole).status_code == 303
        step["version"] = self.version(teacher, home)
        assert teacher.post(self.url(home, "/sign"), data=step).status_code == 303
        step["version"] = self.version(teacher, home)
        assert teacher.post(self.url(home, "/close"), data=step).status_code == 403
        early = desk.post(self.url(home, "/close"), data=step)
        assert early.status_code == 422
        assert "모두 귀가한 뒤" in early.text
        morning.move_to(NOW.replace(hour=10, minute=30))
        home.leave(stay)
        desk = as_(home.director)
        assert desk.post(self.url(home, "/close"), data=step).status_code == 303
        assert "고칠 수 없어요" in desk.get(self.url(home)).text
        assert desk.post(self.url(home), data=whole).status_code in (409, 422)

    @pytest.mark.rule("AD-24")
    def test_not_closed_while_the_day_goes_on(
        self, home: House, as_: As, morning: time_machine.Coordinates
    ) -> None:
        """At noon the class is empty, and an evening child is booked: the page says when it can be closed."""
        stay = home.enter(home.book(home.family(), 630, 810))
        home.book(home.family("이저녁"), 1080, 1260)
        teacher = as_(home.teacher)
        words = {"activities": "놀이", "evaluation": "잘 지냄", "version": "0"}
        assert teacher.post(self.url(home), data=words).status_code == 303
        step = {"journal": self.ref(teacher, home), "version": "1"}
        assert teacher.post(self.url(home, "/sign"), data=step).status_code == 303
        morning.move_to(NOW.replace(hour=12, minute=32))
        home.leave(stay)
        desk, step["version"] = as_(home.director), "2"
        page = desk.get(self.url(home)).text
        assert "18:00에 올 아이가 더 있어요" in page
        assert "10월 14일(수) 07:30부터 마감" in page
        assert "마감하기" not in page
        assert desk.post(self.url(home, "/close"), data=step).status_code == 422
        morning.move_to(NOW.replace(day=14, hour=7, minute=30))
        assert as_(home.director).post(self.url(home, "/close"), data=step).status_code == 303

    def test_two_teachers_at_once(self, home: House, teacher: FlaskClient) -> None:
        form = {"activities": "첫째", "version": "0"}
        assert teacher.post(self.url(home), data=form).status_code == 303
        late = teacher.post(self.url(home), data={**form, "activities": "둘째의 긴 글"})
        assert late.status_code == 409
        assert "둘째의 긴 글" in late.text  # nothing typed is lost

    @pytest.mark.parametrize("day", ["2026-10-14", "nonsense", "2026-02-30"])
    def test_days_without_a_page(self, home: House, teacher: FlaskClient, day: str) -> None:
        url = f"{SLUG}/room/journal/{home.class_ref}/{day}"
        answer = teacher.post(url, data={"activities": "x", "version": "0"})
        assert answer.status_code in (404, 422)

    def test_another_daycares_class(self, home: House, teacher: FlaskClient) -> None:
        other = found_house(home.place, "달빛어린이집")
        assert teacher.get(self.url(other)).status_code == 404
        assert teacher.post(self.url(other), data={"activities": "x", "version": "0"}).status_code == 404

    @pytest.mark.rule("AD-23")
    def test_a_meal_with_its_photograph(self, home: House, teacher: FlaskClient) -> None:
        meal = {"kind": "SNACK", "menu": "고구마와 우유", "amount": "1500", "not_reused": "y"}
        done = self.meal(teacher, home, meal)
        assert done.status_code == 303
        page = teacher.get(self.url(home))
        assert "고구마와 우유" in page.text
        assert "1,500원" in page.text
        photo = "/gwacheon/room/meals" + page.text.split("/gwacheon/room/meals")[-1]
        photo = photo.split('"')[0]
        assert teacher.get(photo).data == PNG

    @pytest.mark.rule("AD-23")
    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"not_reused": None}, "다시 쓰지 않았음을 확인"),
            ({"file": None}, "사진을 올려 주세요"),
            ({"menu": ""}, "적어 주세요"),
            ({"kind": "BRUNCH"}, "무엇을"),
            ({"amount": "-5"}, "금액을"),
            ({"file": (io.BytesIO(b"MZ\x90"), "photo.png")}, "사진"),
        ],
    )
    def test_a_meal_that_is_not_kept(
        self, home: House, teacher: FlaskClient, changed: dict[str, object], words: str
    ) -> None:
        meal = {"kind": "SNACK", "menu": "고구마", "amount": "0", "not_reused": "y"}
        answer = self.meal(teacher, home, meal, **changed)
        assert answer.status_code == 422
        assert words in answer.text
        assert '<img src="/gwacheon/room/meals' not in answer.text

    def meal(self, client: FlaskClient, home: House, meal: dict[str, str], **changed: object) -> TestResponse:
        once = {"request_id": secrets.token_hex(16), "file": (io.BytesIO(PNG), "snack.png")}
        form = {**meal, **once, **changed}
        sent = {key: value for key, value in form.items() if value is not None}
        return client.post(self.url(home, "/meals"), data=sent, content_type="multipart/form-data")


class TestMedicine:
    @pytest.fixture
    def family(self, home: House) -> Family:
        family = home.family()
        home.enter(home.book(family, 630, 810))
        return family

    def dose(self) -> dict[str, str]:
        return {
            "given_on": TUESDAY.isoformat(),
            "given_at": "10:00",
            "request_id": secrets.token_hex(16),
        }

    def asked(self, home: House, family: Family) -> str:
        with home.unit(family.actor) as uow:
            return service.request_medicine(
                uow,
                service.MedicineData(
                    daycare=home.daycare,
                    child=family.child,
                    starts_on=TUESDAY,
                    ends_on=WEDNESDAY,
                    symptom="콧물",
                    medicine="콧물약",
                    dose="5ml",
                    kept="냉장",
                    times=("12:30",),
                    signature=INK,
                    signed_name="김보호",
                ),
            ).ref

    @pytest.mark.rule("AD-27")
    def test_given_and_written_down(self, home: House, family: Family, teacher: FlaskClient) -> None:
        ref = self.asked(home, family)
        page = teacher.get(f"{SLUG}/room/medicine")
        assert "콧물약" in page.text
        assert "12:30" in page.text
        assert "먹일 약" in teacher.get(f"{SLUG}/room").text
        done = teacher.post(
            f"{SLUG}/room/medicine/{ref}/given",
            data={**self.dose(), "note": "잘 먹음"},
        )
        assert done.status_code == 303
        assert "잘 먹음" in teacher.get(f"{SLUG}/room/medicine").text

    @pytest.mark.parametrize(
        "changed",
        [
            {"given_at": "25:00"},
            {"given_at": ""},
            {"given_at": "24:00"},
            {"given_on": ""},
            {"given_at": "10:01"},  # not yet
            {"given_on": "2026-10-10"},  # a day nobody asked for
        ],
    )
    @pytest.mark.rule("AD-27")
    def test_what_is_no_dose(
        self, home: House, family: Family, teacher: FlaskClient, changed: dict[str, str]
    ) -> None:
        ref = self.asked(home, family)
        form = {**self.dose(), **changed}
        answer = teacher.post(f"{SLUG}/room/medicine/{ref}/given", data=form)
        assert answer.status_code == 422
        assert "확인이 필요해요" in answer.text

    def test_without_a_request_there_is_nothing_to_give(self, home: House, teacher: FlaskClient) -> None:
        form = self.dose()
        url = f"{SLUG}/room/medicine/0123456789abcdef/given"
        assert teacher.post(url, data=form).status_code == 404


class TestCallBacks:
    def test_called_back(self, home: House, teacher: FlaskClient) -> None:
        family = home.family()
        with home.unit(family.actor) as uow:
            ref = service.ask_call_back(
                uow, home.daycare, family.child, WEDNESDAY, 660, 840, family.phone
            ).ref
        page = teacher.get(f"{SLUG}/room/contacts")
        assert "11:00–14:00" in page.text
        assert "자리 있음" in page.text
        assert teacher.post(f"{SLUG}/room/call-backs/{ref}").status_code == 303
        assert "11:00–14:00" not in teacher.get(f"{SLUG}/room/contacts").text
        assert teacher.post(f"{SLUG}/room/call-backs/0123456789abcdef").status_code == 404
