"""The pages around the door: whom the tablet offers, a full class, another class (AD-02, AD-17, AD-22, AD-34)."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from app.daycare import service
from app.daycare.models import Daycare, DaycareClass, DaycareStay
from app.daycare.rules.application import GuardianAnswers
from tests.cast_daycare import make_class
from tests.daycare.conftest import As
from tests.daycare.house import ADDRESS, NOW, House, answers, ink

SLUG = "/gwacheon"


def stay_now(home: House, ref: str) -> DaycareStay:
    with home.unit() as uow:
        return uow.session.scalars(select(DaycareStay).where(DaycareStay.ref == ref)).one()


def signed(home: House, ref: str, **changed: object) -> dict[str, object]:
    version = stay_now(home, ref).version
    return {"person": "1", "identity": "id_card", "signature": ink(), "version": version, **changed}


def sky(home: House) -> str:
    with home.unit() as uow:
        return make_class(uow, uow.session.get_one(Daycare, home.daycare_id), name="하늘반").ref


def class_name(home: House, ref: str) -> str:
    with home.unit() as uow:
        return uow.session.get_one(DaycareClass, stay_now(home, ref).class_id).name


@pytest.fixture
def third(home: House, morning: time_machine.Coordinates) -> str:
    """The stay, at 11:30, of a child whose class of one is held by somebody not fetched since."""
    with home.unit() as uow:
        uow.session.get_one(DaycareClass, home.class_id).places = 1
    home.enter(home.book(home.family("늦는아이"), 630, 690))
    ref = home.stay(home.book(home.family("김바다"), 690, 870)).ref
    morning.move_to(NOW.replace(hour=11, minute=30))
    return ref


@pytest.mark.rule("AD-22")
def test_the_tablet_offers_only_the_accepted_list_and_says_so(
    home: House, as_: As, morning: time_machine.Coordinates
) -> None:
    family = home.family()
    ref = home.enter(home.book(family, 630, 810))
    said = answers(home.daycare, family, "김보호")
    stranger = GuardianAnswers("이웃", "모르는사람", "01099998888", NOW.date().replace(year=1980), ADDRESS)
    with home.unit(family.actor) as uow:
        service.submit_application(
            uow, secrets.token_hex(16), replace(said, guardians=(*said.guardians, stranger))
        )
    morning.move_to(NOW.replace(hour=13))
    teacher = as_(home.teacher)
    page = teacher.get(f"{SLUG}/room/door/{ref}/out").text
    assert "2순위 박조모" in page
    assert "모르는사람" not in page
    assert "새 신청서의 보호자는 아직 확인 전이에요" in page
    gone = teacher.post(f"{SLUG}/room/door/{ref}/out", data=signed(home, ref, person="3"))
    assert gone.status_code == 422
    assert "모르는사람" not in teacher.get(f"{SLUG}/room").text


@pytest.mark.rule("AD-22")
def test_an_unknown_call_keeps_the_signature_and_says_what_to_do(home: House, teacher: FlaskClient) -> None:
    ref = home.stay(home.book(home.family(), 630, 810)).ref
    answer = teacher.post(
        f"{SLUG}/room/door/{ref}/in", data=signed(home, ref, person="call:feedfeedfeedfeed")
    )
    assert answer.status_code == 422
    assert "그 사전연락을 찾을 수 없어요" in answer.text
    assert "[[[" in answer.text or "signature" in answer.text


def test_the_tablet_shows_an_age_and_no_birth_date(home: House, teacher: FlaskClient) -> None:
    booking = home.book(home.family(), 630, 810)
    coming = teacher.get(f"{SLUG}/room/door/{home.stay(booking).ref}/in").text
    leaving = teacher.get(f"{SLUG}/room/door/{home.enter(booking)}/out").text
    for page in (coming, leaving):
        assert "만 3세" in page
        assert not re.search(r"2023[.-] ?0?5[.-] ?0?5", page)


@pytest.mark.rule("AD-34")
def test_a_full_class_gives_way_to_another_one_and_says_so(home: House, third: str, as_: As) -> None:
    sky(home)
    teacher = as_(home.teacher)
    page = teacher.get(f"{SLUG}/room/door/{third}/in").text
    assert "햇살반이 차서 하늘반으로 들어가요" in page
    done = teacher.post(f"{SLUG}/room/door/{third}/in", data=signed(home, third))
    assert done.status_code == 303, done.text
    assert "하늘반" in teacher.get(done.location).text
    assert class_name(home, third) == "하늘반"


@pytest.mark.rule("GC-19")
def test_the_director_lets_a_child_into_a_full_room(home: House, third: str, as_: As) -> None:
    desk = as_(home.director)
    page = desk.get(f"{SLUG}/room/door/{third}/in").text
    assert 'name="crowded_reason"' in page
    form = signed(home, third, crowded_reason="보조교사가 함께 있음")
    assert as_(home.teacher).post(f"{SLUG}/room/door/{third}/in", data=form).status_code == 422
    done = desk.post(f"{SLUG}/room/door/{third}/in", data=signed(home, third, crowded_reason="보조교사"))
    assert done.status_code == 303
    assert stay_now(home, third).violations == ["AD-02"]
    assert "정원을 넘긴 시간이 있음" in desk.get(f"{SLUG}/room").text


@pytest.mark.rule("AD-17")
@pytest.mark.parametrize("way", ["in", "in-vain"])
def test_who_stood_at_the_door_in_vain_is_written_down(home: House, third: str, as_: As, way: str) -> None:
    """By a refused entry, or by its own button where nobody signs in vain."""
    teacher = as_(home.teacher)
    page = teacher.get(f"{SLUG}/room/door/{third}/in").text
    assert f"/room/door/{third}/in-vain" in page
    answer = teacher.post(f"{SLUG}/room/door/{third}/{way}", data=signed(home, third))
    assert answer.status_code == (422 if way == "in" else 303)
    assert "11:30에 왔지만" in stay_now(home, third).note
    assert "11:30에 왔지만" in teacher.get(f"{SLUG}/room").text


@pytest.mark.rule("AD-34")
def test_the_director_moves_a_child_on_the_bookings_page(home: House, as_: As) -> None:
    group, booking = sky(home), home.book(home.family(), 630, 810)
    ref, desk = home.stay(booking).ref, as_(home.director)
    assert f"/room/stays/{ref}/class" in desk.get(f"{SLUG}/room/bookings/{booking}").text
    assert f"/room/stays/{ref}/class" not in as_(home.teacher).get(f"{SLUG}/room/bookings/{booking}").text
    form = {"booking": booking, "group": group, "version": stay_now(home, ref).version}
    assert as_(home.teacher).post(f"{SLUG}/room/stays/{ref}/class", data=form).status_code == 403
    assert desk.post(f"{SLUG}/room/stays/{ref}/class", data={**form, "group": ""}).status_code == 404
    done = desk.post(f"{SLUG}/room/stays/{ref}/class", data=form)
    assert (done.status_code, class_name(home, ref)) == (303, "하늘반")
    again = desk.post(f"{SLUG}/room/stays/{ref}/class", data=form)
    assert again.status_code == 409


@pytest.mark.rule("AD-34")
def test_the_room_adds_up_the_beds_of_its_classes(home: House, desk: FlaskClient) -> None:
    assert "모든 반의 빈자리를 더한 수예요" not in desk.get(f"{SLUG}/room").text
    sky(home)
    page = desk.get(f"{SLUG}/room").text
    assert "10자리" in page
    assert "0/10명" in page
    assert "모든 반의 빈자리를 더한 수예요" in page
