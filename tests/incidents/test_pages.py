"""The teacher's phone, the room's list, the city's table."""

from __future__ import annotations

from typing import Any

import pytest

from app.kernel.actor import Role
from tests.incidents.conftest import Room

pytestmark = pytest.mark.rule("AD-26")


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def typed(room: Room, **change: str) -> dict[str, str]:
    return {
        "child": room.child_ref,
        "happening": "ACCIDENT",
        "day": "2026-11-20",
        "time": "23:20",
        "what": "침대에서 내려오다 넘어짐",
        **change,
    }


def test_from_the_fall_to_the_closed_record_by_thumb(room: Room) -> None:
    room.sign_in(Role.DAYCARE_TEACHER, room.here)
    form = text(room.get("/incidents/new"))
    assert 'value="23:30"' in form
    assert "김하늘" in form
    here = room.post("/incidents", **typed(room)).headers["Location"].removeprefix(f"/{room.place.slug}")
    page = text(room.get(here))
    assert "일어난 지 10분 지났어요" in page
    assert 'href="tel:01011112222"' in page
    for order in "123":
        assert room.post(f"{here}/contact", order=order, how="PHONE", reached="no").status_code == 303
    page = text(room.get(here))
    assert "119에 신고하고, 1순위부터 다시" in page
    assert room.post(f"{here}/ambulance").status_code == 303
    refused = room.post(f"{here}/close", version="1")
    assert refused.status_code == 422
    assert "보호자에게 알린 뒤에 마감할 수 있어요" in text(refused)
    room.post(f"{here}/contact", order="2", how="FACE", reached="yes")
    assert "걸린 시간 10분" in text(room.get(here))
    room.post(f"{here}/measure", text="구급차로 옮김")
    assert room.post(f"{here}/close", version="1").status_code == 303
    page = text(room.get(here))
    for words in (
        "1순위 김보호 · 전화",
        "닿지 않았어요 (박교사)",
        "2순위 이보호 · 대면",
        "구급차로 옮김",
        "119 신고",
    ):
        assert words in page
    assert "마감하기" not in page


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"time": "23:31"}, "아직 오지 않은 시각이에요"),
        ({"day": "2026-11-21", "time": "00:10"}, "날짜를 어제로"),
        ({"time": "늦은 밤"}, "시각을 14:05처럼"),
        ({"time": ""}, "시각을 14:05처럼"),
        ({"day": ""}, "날짜를 적어 주세요"),
        ({"what": " "}, "적어 주세요"),
        ({"child": "none"}, "어느 아이인지 골라 주세요"),
        ({"child": "0" * 16}, 'role="alert"'),
        ({"child": ""}, "하나를 골라 주세요"),
        ({"happening": "FIRE"}, 'role="alert"'),
        ({"what": "가" * 2001}, 'role="alert"'),
        ({"request_id": ""}, "화면이 오래되었습니다"),
    ],
)
def test_wrong_input_keeps_what_was_typed(room: Room, change: dict[str, str], sentence: str) -> None:
    room.sign_in(Role.DAYCARE_TEACHER, room.here)
    answer = room.post("/incidents", **{**typed(room), "place": "계단 앞", **change})
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert "계단 앞" in text(answer)
    assert room.rows() == []


def test_pressed_twice_it_is_one_record_and_one_call(room: Room) -> None:
    room.sign_in(Role.DAYCARE_TEACHER, room.here)
    once = {**typed(room), "request_id": "a" * 32}
    first, second = (room.post("/incidents", **once).headers["Location"] for _twice in range(2))
    assert first == second
    here = first.removeprefix(f"/{room.place.slug}")
    call = {"order": "1", "how": "PHONE", "reached": "no", "request_id": "b" * 32}
    assert [room.post(f"{here}/contact", **call).status_code for _twice in range(2)] == [303, 303]
    (row,) = room.rows()
    assert len(row.contacts) == 1


@pytest.mark.parametrize(
    "form",
    [
        {"order": "9", "how": "PHONE", "reached": "yes"},
        {"order": "x", "how": "PHONE", "reached": "yes"},
        {"order": "1", "how": "PIGEON", "reached": "yes"},
        {"order": "1", "how": "PHONE"},
        {},
    ],
)
def test_a_call_to_nobody_is_refused_in_words(room: Room, form: dict[str, str]) -> None:
    ref = room.record()
    room.sign_in(Role.DAYCARE_DIRECTOR, room.here)
    answer = room.post(f"/incidents/{ref}/contact", **form)
    assert answer.status_code == 422
    assert 'role="alert"' in text(answer)
    assert room.row(ref).contacts == []


def test_an_empty_measure_is_refused_and_a_typed_one_is_kept(room: Room) -> None:
    ref = room.record()
    room.sign_in(Role.DAYCARE_TEACHER, room.here)
    assert "조치한 내용을 적어 주세요" in text(room.post(f"/incidents/{ref}/measure", text=" "))
    answer = room.post(f"/incidents/{ref}/measure", text="찬물로 식힘", request_id="")
    assert answer.status_code == 422
    assert "찬물로 식힘" in text(answer)


@pytest.mark.rule("XX-05")
def test_lists_by_role(room: Room) -> None:
    ref = room.record()
    room.sign_in(Role.DAYCARE_DIRECTOR, room.here)
    page = text(room.get("/incidents"))
    assert "김하늘" in page
    assert "10분째 알리지 못함" in page
    room.sign_in(Role.DAYCARE_DIRECTOR, room.there)
    assert "김하늘" not in text(room.get("/incidents"))
    assert room.get(f"/incidents/{ref}").status_code == 404
    assert room.post(f"/incidents/{ref}/contact", order="1", how="PHONE", reached="yes").status_code == 404
    room.sign_in(Role.CITY_OFFICER)
    page = text(room.get("/city/incidents"))
    assert "별빛 어린이집" in page
    assert "10분째 알리지 못함" in page
    assert "김하늘" not in page
    assert "넘어짐" not in page
    assert room.get(f"/incidents/{ref}").status_code == 403
