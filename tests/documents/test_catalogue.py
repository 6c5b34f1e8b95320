"""The catalogue and the data model: what `form.yaml` promises and what may be written into a form."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from app.documents import catalogue
from app.documents.catalogue import DRAWN, Form, all_forms, load
from app.documents.filling.asking import asked
from app.documents.model import MAX_ROWS, BadFormData, model_for, validate

FORMS = all_forms()
IDS = [form.id for form in FORMS]


def sample(form: Form) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((form.folder / "sample.json").read_text("utf-8"))
    return data


def problems(form_id: str, data: dict[str, Any], *, partial: bool = True) -> list[tuple[str, str]]:
    with pytest.raises(BadFormData) as caught:
        validate(form_id, data, partial=partial)
    return [(p.label, p.message) for p in caught.value.problems]


def test_the_seven_forms_of_a_kium_centre_are_there() -> None:
    assert set(IDS) >= {
        "kium-application",
        "kium-child-card",
        "kium-consent-5",
        "kium-consent-privacy",
        "kium-daily-users",
        "kium-decision-notice",
        "kium-waiting-list",
    }


@pytest.mark.parametrize("form", FORMS, ids=IDS)
def test_a_form_is_complete(form: Form) -> None:
    roles = catalogue.role_names()
    assert set(form.from_) | set(form.to) <= roles.keys()
    assert form.service_name
    assert form.paper in {"portrait", "landscape"}
    assert form.sections
    assert all(text.version >= 1 and text.ko and "TODO" not in text.ko for text in form.texts.values())
    assert "TODO" not in form.source
    for item in form.fields:
        assert bool(item.choices) == (item.type in {"choice", "multichoice", "yes-no"}), item.name
        assert bool(item.columns) == (item.type == "table"), item.name
        assert (item.type in catalogue.DRAWN) == bool(item.mark), item.name


#: Accounts and trainings; everything else of a Kium centre is kept three years.
KEPT_FIVE_YEARS = {
    "kium-fee-settlement",
    "kium-staff-training-record",
    "kium-training-application",
    "kium-vehicle-cost-ledger",
}


@pytest.mark.rule("XX-06")
@pytest.mark.parametrize("form", [f for f in FORMS if f.service == "kium"], ids=lambda f: f.id)
def test_kium_papers_are_kept_three_years_accounts_and_trainings_five(form: Form) -> None:
    years = 5 if form.id in KEPT_FIVE_YEARS else 3
    assert (form.retention.years, form.retention.rule) == (years, "XX-06")


def test_signatures_come_from_the_fields() -> None:
    card = {s.name: (s.who, s.mark, s.required) for s in load("kium-child-card").signatures}
    assert card == {
        "staff_signature": ("돌봄선생님", "서명", True),
        "head_signature": ("센터장", "서명", False),
    }
    assert [s.type for s in load("kium-decision-notice").signatures] == ["seal"]


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(catalogue.UnknownForm):
        load("kium-nothing")


def test_versions_are_short_and_differ() -> None:
    assert len({form.version for form in FORMS}) == len(FORMS)
    assert all(len(form.version) == 10 for form in FORMS)


@pytest.mark.parametrize("form", FORMS, ids=IDS)
def test_the_sample_is_complete_and_checking_twice_changes_nothing(form: Form) -> None:
    once = validate(form.id, sample(form))
    assert validate(form.id, once) == once
    assert json.loads(json.dumps(once)) == once


@pytest.mark.parametrize("form", FORMS, ids=IDS)
def test_a_blank_form_is_every_field_empty(form: Form) -> None:
    blank = model_for(form)().model_dump()
    assert all(value in (None, False, []) for value in blank.values())
    assert validate(form.id, {}, partial=True) == blank


def test_required_fields_are_asked_for_by_their_label() -> None:
    found = problems("kium-waiting-list", {"waiting": [{"child_name": "윤서담"}]}, partial=False)
    assert ("대기 1번째 줄 연락처", "꼭 적어 주세요.") in found
    assert not [label for label, _ in found if "순번" in label], "computed fields are never asked for"
    assert ("① 서비스 신청서", "확인하고 표시해 주세요.") in problems("kium-application", {}, partial=False)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("from_date", "2026-02-30", "날짜를 2026-03-02처럼 적어 주세요."),
        ("from_date", 20260302, "날짜를 2026-03-02처럼 적어 주세요."),
        ("care_type", "daily", "보기 가운데에서 골라 주세요."),
        ("weekdays", ["mon", "sun"], "보기 가운데에서 골라 주세요."),
        ("weekdays", "mon", "목록으로 적어 주세요."),
        ("grade", "둘", "숫자로 적어 주세요."),
        ("grade", True, "숫자로 적어 주세요."),
        ("grade", 10**12, "숫자가 너무 큽니다."),
        ("doc_consent", "yes", "선택 여부로 적어 주세요."),
        ("child_name", 7, "글자로 적어 주세요."),
        ("child_name", "가" * 301, "300자 이내로 적어 주세요. 지금 301자입니다."),
        ("slots", [{}] * (MAX_ROWS + 1), f"{MAX_ROWS}줄까지 적을 수 있습니다."),
        ("nickname", "별", "이 서식에 없는 항목입니다."),
    ],
)
def test_a_wrong_value_is_refused_in_korean(field: str, value: object, message: str) -> None:
    assert message in [text for _, text in problems("kium-application", {field: value})]


@pytest.mark.parametrize(
    ("value", "good"),
    [("00:00", True), ("23:59", True), ("24:00", True), ("24:01", False), ("9:00", False), ("12:60", False)],
)
def test_times_of_day(value: str, good: bool) -> None:
    row = {"slots": [{"in_time": value}]}
    if good:
        assert validate("kium-application", row, partial=True)["slots"][0]["in_time"] == value
    else:
        assert problems("kium-application", row) == [
            ("희망 시간 1번째 줄 등원", "시각을 14:30처럼 적어 주세요.")
        ]


@pytest.mark.parametrize(
    "photo", ["https://example.invalid/a.png", "data:image/svg+xml;base64,PHN2Zz4=", "file:///x"]
)
def test_a_photo_is_a_picture_and_no_address(photo: str) -> None:
    assert problems("kium-child-card", {"photo": photo}) == [("사진", "사진은 JPG나 PNG 파일로 올려 주세요.")]


def test_typed_text_is_cleaned() -> None:
    data = {
        "child_name": "  윤\u0000서\u202e담\ufeff\n ",
        "request": "첫 줄\r\n둘째\t줄\u200b",
        "grade": " 3 ",
        "school": "   ",
    }
    checked = validate("kium-application", data, partial=True)
    assert (checked["child_name"], checked["request"]) == ("윤서담", "첫 줄\n둘째 줄")
    assert (checked["grade"], checked["school"]) == (3, None)


def test_boxes_are_stored_once_and_in_printed_order() -> None:
    checked = validate("kium-application", {"weekdays": ["fri", "mon", "fri"]}, partial=True)
    assert checked["weekdays"] == ["mon", "fri"]


@pytest.mark.parametrize(
    ("printed", "asked"),
    [
        ("■ 교육 개요", "교육 개요"),
        ("(기관명)", "기관명"),
        ("【제공기관명:】", "제공기관명"),
        ("주 소 :", "주소"),
        ("성  명", "성명"),
        ("* 긴급연락처:", "긴급연락처"),
        ("(시설) 언제나돌보미", "(시설) 언제나돌보미"),
        ("(아동돌봄센터 시설장(센터장))", "아동돌봄센터 시설장(센터장)"),
        ("(가) 나 (다)", "(가) 나 (다)"),
        ("< 개인정보 제3자 제공동의 >", "개인정보 제3자 제공동의"),
        ("이용 아동", "이용 아동"),
    ],
)
def test_a_printed_label_as_words(printed: str, asked: str) -> None:
    assert catalogue.plain(printed) == asked


NONSENSE = re.compile(r"__|□|^[■※*○▮<:.]|[:>]$|\(\s*\)|^\((서명|예)|^$")


@pytest.mark.parametrize("form", FORMS, ids=IDS)
def test_every_question_on_the_screen_means_something(form: Form) -> None:
    """Blanks, boxes and bullets are for paper; and no two questions of a group have one name."""
    words = []
    for part in asked(form, by_hand=True):
        words.append(part.title)
        for group in part.groups:
            names = [question.label for question in group.questions]
            assert sorted(names) == sorted(set(names))
            words += names
            fields = [question.field for question in group.questions]
            words += [
                column.asked for field in fields for column in field.columns if column.type not in DRAWN
            ]
            words += [choice.asked for field in fields for choice in field.choices]
    assert [word for word in words if NONSENSE.search(word)] == []
