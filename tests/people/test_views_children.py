"""A parent's children: registered, entered wrongly, edited from an old tab."""

from __future__ import annotations

from typing import Any

import pytest

from tests.people.browsers import Stage, new_child


def test_a_parent_registers_a_child_once_even_when_pressing_twice(stage: Stage) -> None:
    page = stage.parent.get("/seoul/children/new").text
    assert "법정대리인으로서" in page
    assert "아동: 성명, 생년월일" in page
    first = stage.parent.post("/seoul/children/new", data=new_child())
    again = stage.parent.post("/seoul/children/new", data=new_child())
    assert first.status_code == again.status_code == 303
    assert first.location == again.location
    assert "김새별" in stage.parent.get(first.location).text
    listed = stage.parent.get("/seoul/children").text
    assert listed.count("김새별") == 1


@pytest.mark.rule("XX-02")
def test_a_forgotten_consent_is_said_together_with_the_empty_fields(stage: Stage) -> None:
    page = stage.parent.post("/seoul/children/new", data=new_child(legal_consent=None, name="")).text
    summary = page.partition('class="errors"')[2].partition("</div>")[0]
    assert 'href="#legal_consent"' in summary
    assert 'href="#name"' in summary


@pytest.mark.parametrize(
    "changed",
    [
        {"legal_consent": None},
        {"relation": "GRANDPARENT"},
        {"relation": "ALIEN"},
        {"name": ""},
        {"name": "김\u202e새별"},
        {"name": "가" * 500},
        {"birth_date": "봄"},
        {"birth_date": "2026-11-21"},
        {"birth_date": "0001-01-01"},
        {"sex": "X"},
        {"grade": "열"},
        {"grade": "99999999999999999999"},
        {"school": "초" * 5000},
        {"request_id": "x"},
        {"name": "김하늘", "birth_date": "2018-05-05"},
    ],
)
def test_a_wrong_entry_comes_back_in_korean_with_the_rest_kept(stage: Stage, changed: dict[str, Any]) -> None:
    answer = stage.parent.post("/seoul/children/new", data=new_child(**changed))
    assert answer.status_code == 422
    assert "확인이 필요해요" in answer.text
    assert "data-focus" in answer.text
    if "school" not in changed:
        assert "온수초" in answer.text


def test_markup_in_names_is_shown_as_text(stage: Stage) -> None:
    answer = stage.parent.post("/seoul/children/new", data=new_child(name="<b>새별</b>", school="<script>"))
    page = stage.parent.get(answer.location).text
    assert "&lt;b&gt;새별&lt;/b&gt;" in page
    assert "<script>" not in page.replace("<script src", "")


def test_a_nul_is_a_bad_request(stage: Stage) -> None:
    assert stage.parent.post("/seoul/children/new", data=new_child(name="김\x00")).status_code == 400


def test_an_edit_from_an_old_tab_shows_the_fresh_row(stage: Stage) -> None:
    data = {**new_child(name="김하늘", birth_date="2018-05-05", sex="FEMALE"), "version": "1"}
    assert stage.parent.post(f"{stage.url}/edit", data={**data, "school": "궁동초"}).status_code == 303
    late = stage.parent.post(f"{stage.url}/edit", data={**data, "school": "옛학교"})
    assert late.status_code == 409
    assert "그사이 다른 곳에서 바뀌었어요" in late.text
    assert "궁동초" in late.text
    assert 'name="version" value="2"' in late.text
