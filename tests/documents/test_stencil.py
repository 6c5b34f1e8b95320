"""Papers drawn from an earlier paper's layout: byte for byte what a whole layout gives, or not taken at all."""

from __future__ import annotations

import random
from copy import deepcopy
from typing import Any

import pytest

from app.documents.book import Book
from app.documents.catalogue import Field, Form, all_forms, load
from app.documents.model import BadFormData, validate
from app.documents.render import Renderer, Sheet
from app.documents.stencil import KEPT, Stencils, parted
from tests.documents.papers import sample

WORDS = [
    "윤서담",
    "남궁산들바람솔",
    "김",
    "Alexandrina Maria-Theresia von Württemberg",
    "諸葛 金",
    "<b>&\"'",
    "가나다" * 30,
    "x" * 90,
    "a\nb",
    "😀",
    "서울 구로구 오류로 12, 101동 1502호",
    "",
]


class Counting(Renderer):
    """Says how many papers were laid out."""

    def __init__(self) -> None:
        super().__init__()
        self.laid_out = 0
        self._stencils = Stencils(self._counted)

    def _counted(self, page: str) -> Any:
        self.laid_out += 1
        return self._pages(page)


@pytest.fixture(scope="module")
def plain() -> Renderer:
    return Renderer()


def laid_out_each(renderer: Renderer, sheets: list[Sheet]) -> bytes:
    book = Book()
    for sheet in sheets:
        book.add(renderer._lay_out(sheet, renderer._checked(sheet)))
    return book.content()


def changed(form: Form, chance: random.Random) -> dict[str, Any]:
    """The sample with some of its fields, and of its tables' cells, filled by something else or emptied."""
    data = deepcopy(sample(form))

    def change(fields: Any, row: dict[str, Any]) -> None:
        for field in fields:
            if field.type == "table":
                for inner in row.get(field.name) or []:
                    change(field.columns, inner)
            elif chance.random() < 0.4:
                row.update(_other(field, chance))

    change(form.fields, data)
    try:
        return validate(form.id, data, partial=True)
    except BadFormData:
        return validate(form.id, sample(form), partial=True)


def _other(field: Field, chance: random.Random) -> dict[str, Any]:
    match field.type:
        case "text":
            return {field.name: chance.choice(WORDS)}
        case "date":
            return {field.name: f"2026-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"}
        case "phone":
            return {field.name: f"010{chance.randint(10**7, 10**8 - 1)}"}
        case "int" | "money":
            return {field.name: chance.choice([0, 7, 1200, 999_999])}
        case "choice" | "yes-no":
            return {field.name: chance.choice(field.choices).value}
        case "multichoice":
            return {field.name: [each.value for each in field.choices if chance.random() < 0.5]}
        case "checkbox":
            return {field.name: chance.random() < 0.5}
        case _:
            return {}


@pytest.mark.parametrize("form", all_forms()[::10], ids=lambda form: form.id)
def test_it_is_what_a_whole_layout_gives(form: Form, plain: Renderer) -> None:
    chance = random.Random(form.id)  # noqa: S311
    sheets = [Sheet(form.id, changed(form, chance), "서명용", "꼬리") for _ in range(3)]
    assert plain.batch(sheets) == laid_out_each(plain, sheets)


def notice(name: str, **more: Any) -> Sheet:
    return Sheet(
        "kium-decision-notice", {**sample(load("kium-decision-notice")), "guardian_name": name, **more}
    )


def test_a_run_of_the_same_form_is_laid_out_once(plain: Renderer) -> None:
    renderer = Counting()
    sheets = [notice(name) for name in ("한지원", "남궁산들", "김", "Ada Lovelace", "한지원")]
    assert renderer.batch(sheets) == laid_out_each(plain, sheets)
    assert renderer.laid_out == 1


@pytest.mark.parametrize("name", ["한\n지원", "가나다 " * 20, "한  지원" * 9, "諸葛龍"])
def test_words_that_need_more_than_their_line_are_laid_out(plain: Renderer, name: str) -> None:
    renderer = Counting()
    sheets = [notice("한지원"), notice(name), notice("한지원")]
    assert renderer.batch(sheets) == laid_out_each(plain, sheets)


def test_ticks_are_put_in_and_taken_out(plain: Renderer) -> None:
    form = load("kium-application")
    field = next(f for f in form.fields if f.type == "choice")
    base = sample(form)
    sheets = [
        Sheet(form.id, {**base, field.name: choice.value}) for choice in (*field.choices, field.choices[0])
    ]
    renderer = Counting()
    assert renderer.batch(sheets) == laid_out_each(plain, sheets)
    assert renderer.laid_out == 1


def test_a_pile_of_blank_forms_is_laid_out_once(plain: Renderer) -> None:
    renderer = Counting()
    blanks = [Sheet("kium-application")] * 5
    assert renderer.batch(blanks) == laid_out_each(plain, blanks)
    assert renderer.laid_out == 1


def test_forms_in_turn_keep_their_layouts_and_no_more_than_a_few(plain: Renderer) -> None:
    renderer = Counting()
    ids = [form.id for form in all_forms()[:KEPT]]
    renderer.batch([Sheet(form_id) for form_id in ids * 2])
    assert renderer.laid_out == KEPT
    renderer.batch([Sheet(all_forms()[KEPT].id), Sheet(ids[0])])
    assert renderer.laid_out == KEPT + 2, "the oldest had to go"


def test_only_whole_elements_of_words_may_differ() -> None:
    page = '<p class="x">가 <b>나</b> 다</p><td><span class="tick on">√</span>라</td><br>마</p><img src="y"> </i>'
    markup, words = parted(page)
    assert words == ["나", "√"]
    assert parted(page.replace("나", "너").replace("tick on", "tick off").replace("√", "□"))[0] == markup
    for other in (
        page.replace("다", "더"),
        page.replace("라", "러"),
        page.replace("y", "z"),
        page.replace('"x"', '"w"'),
    ):
        assert parted(other)[0] != markup
