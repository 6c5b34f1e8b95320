"""The tablet at the door: two pages, two signatures, and what is refused there (AD-06, AD-13, AD-18, AD-21, AD-22)."""

from __future__ import annotations

import json

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.daycare.checks import data_checks
from app.daycare.models import DaycareStay
from app.daycare.papers import handover
from app.daycare.queries import daycare_by_id, handover_rows
from app.daycare.rules.states import StayState
from app.people.models import Child, Guardian
from tests.daycare.conftest import As
from tests.daycare.house import INK, NOW, OTHER_INK, TUESDAY, House, ink

SLUG = "/gwacheon"


def signed(**changed: object) -> dict[str, object]:
    return {"person": "1", "identity": "id_card", "signature": ink(), **changed}


def press(client: FlaskClient, home: House, ref: str, way: str, form: dict[str, object]) -> TestResponse:
    """As the page sends it: with the version it was shown."""
    return client.post(f"{SLUG}/room/door/{ref}/{way}", data={"version": version(home, ref), **form})


@pytest.fixture
def due(home: House) -> str:
    """The ref of a paid stay of today, 10:30 to 13:30."""
    return home.stay(home.book(home.family(), 630, 810)).ref


class TestComingIn:
    @pytest.mark.rule("AD-21")
    def test_a_signed_entry_opens_the_line_of_going_home(
        self, home: House, as_: As, due: str, morning: time_machine.Coordinates
    ) -> None:
        teacher = as_(home.teacher)
        door = teacher.get(f"{SLUG}/room/door")
        assert f"/room/door/{due}/in" in door.text
        page = teacher.get(f"{SLUG}/room/door/{due}/in")
        assert "1순위 김보호" in page.text
        assert "알레르기" in page.text
        done = press(teacher, home, due, "in", signed())
        assert (done.status_code, done.location) == (303, f"{SLUG}/room/door")
        door = teacher.get(f"{SLUG}/room/door")
        assert f"/room/door/{due}/out" in door.text
        assert f"/room/door/{due}/in" not in door.text
        assert "보육 중인 아이" in teacher.get(f"{SLUG}/room").text
        morning.move_to(NOW.replace(hour=13))
        teacher = as_(home.teacher)
        gone = press(teacher, home, due, "out", signed(signature=ink(OTHER_INK)))
        assert gone.status_code == 303
        assert "이용 3시간, 이용료 9,000원" in teacher.get(gone.location).text

    @pytest.mark.rule("AD-21")
    @pytest.mark.rule("GC-24")
    def test_a_typed_name_signs_each_way_where_nobody_can_draw(
        self, home: House, as_: As, due: str, morning: time_machine.Coordinates
    ) -> None:
        teacher = as_(home.teacher)
        typed = signed(signature="", signed_name="김보호")
        for name, words in (("박이웃", "이름을 똑같이"), ("  ", "보호자의 서명을 받아 주세요")):
            refused = press(teacher, home, due, "in", {**typed, "signed_name": name})
            assert (refused.status_code, words in refused.text) == (422, True)
        assert press(teacher, home, due, "in", typed).status_code == 303
        morning.move_to(NOW.replace(hour=13))
        teacher = as_(home.teacher)
        unsigned = press(teacher, home, due, "out", {**typed, "signed_name": ""})
        assert unsigned.status_code == 422
        assert press(teacher, home, due, "out", typed).status_code == 303
        with home.unit(home.teacher) as uow:
            stay = uow.session.scalars(select(DaycareStay).where(DaycareStay.ref == due)).one()
            assert (stay.in_signature, stay.out_signature) == (["김보호"], ["김보호"])
            assert list(data_checks(uow)) == []
            [row] = handover_rows(uow, daycare_by_id(uow, stay.daycare_id), stay.operating_day)
            hands = handover("어린이집", stay.operating_day, [row])[1]
        assert [(hand.signer, hand.strokes) for hand in hands] == [("김보호", None)] * 2

    def test_the_door_shows_first_names_only(self, home: House, teacher: FlaskClient, due: str) -> None:
        text = teacher.get(f"{SLUG}/room/door").text
        assert "<b>하늘</b>" in text
        assert "김하늘" not in text
        assert "땅콩" not in text

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"signature": ""}, "보호자의 서명을 받아 주세요"),
            ({"signature": "nonsense"}, "보호자의 서명을 받아 주세요"),
            ({"signature": json.dumps({"a": 1})}, "보호자의 서명을 받아 주세요"),
            ({"signature": "[" * 5000}, "보호자의 서명을 받아 주세요"),
            ({"person": ""}, "사전연락을 먼저"),
            ({"person": "3"}, "사전연락을 먼저"),
            ({"person": "9" * 400}, "사전연락을 먼저"),
            ({"identity": ""}, "어떻게 확인했는지"),
            ({"identity": "a look"}, "어떻게 확인했는지"),
            ({"symptoms": "y"}, "소견서"),
        ],
    )
    def test_what_is_missing_keeps_the_child_outside(
        self, home: House, teacher: FlaskClient, due: str, changed: dict[str, str], words: str
    ) -> None:
        answer = press(teacher, home, due, "in", signed(**changed))
        assert answer.status_code == 422
        assert words in answer.text
        assert "확인이 필요해요" in answer.text
        assert stay_state(home, due) is StayState.PLANNED

    @pytest.mark.rule("AD-18")
    def test_papers_not_seen_yet(self, home: House, teacher: FlaskClient) -> None:
        ref = home.stay(home.book(home.family(checked=False), 630, 810)).ref
        page = teacher.get(f"{SLUG}/room/door/{ref}/in")
        assert "가족관계서류, 보호자 신분증 확인이 남았어요" in page.text
        assert "서류 확인하러 가기" in page.text
        assert press(teacher, home, ref, "in", signed()).status_code == 422

    @pytest.mark.rule("AD-13")
    def test_unpaid_needs_the_directors_reason(
        self, home: House, teacher: FlaskClient, desk: FlaskClient
    ) -> None:
        ref = home.stay(home.book(home.family(), 630, 810, paid=False)).ref
        refused = press(teacher, home, ref, "in", signed(unpaid_reason="내일 낸대요"))
        assert refused.status_code == 422
        assert "9,000원" in refused.text
        done = press(desk, home, ref, "in", signed(unpaid_reason="계좌이체를 확인하는 중"))
        assert done.status_code == 303

    def test_a_page_a_day_old_is_noticed(self, home: House, teacher: FlaskClient, due: str) -> None:
        answer = press(teacher, home, due, "in", signed(version="99"))
        assert answer.status_code == 409
        assert "다른 사람이 먼저" in answer.text

    def test_pressed_twice(self, home: House, teacher: FlaskClient, due: str) -> None:
        form = signed(version=str(version(home, due)))
        assert press(teacher, home, due, "in", form).status_code == 303
        assert press(teacher, home, due, "in", form).status_code == 409

    @pytest.mark.rule("AE-20")
    def test_turned_away_with_symptoms(self, home: House, teacher: FlaskClient, due: str) -> None:
        assert teacher.post(f"{SLUG}/room/door/{due}/turn-away", data={"reason": ""}).status_code == 422
        done = teacher.post(f"{SLUG}/room/door/{due}/turn-away", data={"reason": "열 38.5도"})
        assert done.status_code == 303
        assert f"/room/door/{due}" not in teacher.get(f"{SLUG}/room/door").text


class TestGoingHome:
    @pytest.fixture
    def inside(self, home: House, morning: time_machine.Coordinates) -> str:
        ref = home.enter(home.book(home.family(), 630, 810))
        morning.move_to(NOW.replace(hour=12))
        return ref

    @pytest.mark.rule("AD-21")
    def test_one_signature_for_both_is_refused(self, home: House, inside: str, teacher: FlaskClient) -> None:
        answer = press(teacher, home, inside, "out", signed(signature=ink(INK)))
        assert answer.status_code == 422
        assert "입소 때 서명을 다시 쓸 수 없어요" in answer.text
        assert stay_state(home, inside) is StayState.INSIDE

    @pytest.mark.rule("AD-21")
    def test_entry_and_exit_in_one_go(self, home: House, teacher: FlaskClient, due: str) -> None:
        """Leaving before the entry, and in the minute of the entry, with another signature."""
        out = signed(signature=ink(OTHER_INK))
        assert press(teacher, home, due, "out", out).status_code == 422
        assert press(teacher, home, due, "in", signed()).status_code == 303
        same = press(teacher, home, due, "out", out)
        assert same.status_code == 422
        assert "한 번에 적을 수 없어요" in same.text

    @pytest.mark.rule("AD-22")
    def test_somebody_else_only_after_a_recorded_call(
        self, home: House, inside: str, teacher: FlaskClient
    ) -> None:
        page = teacher.get(f"{SLUG}/room/contacts?stay={inside}")
        assert "김하늘" in page.text
        family_phone = phone_of(home)
        call = {
            "child": child_of(home, inside),
            "caller": "김보호",
            "caller_phone": family_phone,
            "person": "이모님",
            "relation": "이모",
            "phone": "010-5555-6666",
            "valid_on": TUESDAY.isoformat(),
        }
        wrong = teacher.post(
            f"{SLUG}/room/contacts?stay={inside}", data={**call, "caller_phone": "01000000000"}
        )
        assert wrong.status_code == 422
        assert "보호자의 번호가 아니에요" in wrong.text
        done = teacher.post(f"{SLUG}/room/contacts?stay={inside}", data=call)
        assert (done.status_code, done.location) == (303, f"{SLUG}/room/door/{inside}/out")
        page = teacher.get(done.location)
        assert "이모님" in page.text
        person = page.text.split('value="call:')[1].split('"')[0]
        out = signed(person=f"call:{person}", signature=ink(OTHER_INK))
        assert press(teacher, home, inside, "out", out).status_code == 303
        assert "이모" in teacher.get(f"{SLUG}/room/ledgers").text

    @pytest.mark.rule("AD-22")
    @pytest.mark.parametrize("person", ["", "2x", "call:", "call:0123456789abcdef"])
    def test_nobody_known(self, home: House, inside: str, teacher: FlaskClient, person: str) -> None:
        out = signed(person=person, signature=ink(OTHER_INK))
        assert press(teacher, home, inside, "out", out).status_code in (404, 422)
        assert stay_state(home, inside) is StayState.INSIDE

    @pytest.mark.rule("AD-06")
    @pytest.mark.parametrize(("minute", "status"), [(0, 303), (1, 422)])
    def test_the_curfew_begins_after_ten(
        self,
        home: House,
        inside: str,
        as_: As,
        morning: time_machine.Coordinates,
        minute: int,
        status: int,
    ) -> None:
        morning.move_to(NOW.replace(hour=22, minute=minute))
        teacher = as_(home.teacher)
        out = signed(signature=ink(OTHER_INK))
        answer = press(teacher, home, inside, "out", out)
        assert answer.status_code == status
        if status == 422:
            assert 'name="emergency"' in answer.text
            help_ = press(teacher, home, inside, "out", {**out, "emergency": "119로 병원에 감"})
            assert help_.status_code == 303


def stay_state(home: House, ref: str) -> StayState:
    return StayState(_stay(home, ref).state)


def version(home: House, ref: str) -> int:
    return _stay(home, ref).version


def _stay(home: House, ref: str) -> DaycareStay:
    with home.unit() as uow:
        return uow.session.scalars(select(DaycareStay).where(DaycareStay.ref == ref)).one()


def child_of(home: House, ref: str) -> str:
    with home.unit() as uow:
        return uow.session.get_one(Child, _stay(home, ref).child_id).ref


def phone_of(home: House) -> str:
    with home.unit() as uow:
        return uow.session.scalars(select(Guardian.phone).order_by(Guardian.id.desc()).limit(1)).one()
