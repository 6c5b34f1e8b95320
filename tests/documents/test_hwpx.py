"""The copy for 한글: opened again with the library, and compared with the data."""

from __future__ import annotations

import io
import zipfile

import pytest
from hwpx import HwpxDocument

from app.documents.catalogue import DRAWN, Form, all_forms, load
from app.documents.hwpx import COPY_MARK, written
from app.documents.model import BadFormData, validate
from app.documents.reading import shown
from app.documents.render import Sheet
from app.documents.rules.printing import EDITED_KINDS
from tests.documents.papers import nasty, sample, squeeze

EDITED = [form for form in all_forms() if form.kind in EDITED_KINDS]
LIST = "kium-waiting-list"


def opened(content: bytes) -> HwpxDocument:
    document = HwpxDocument.open(io.BytesIO(content))
    assert not document.validate().issues
    return document


def text_of(content: bytes) -> str:
    return squeeze(opened(content).text.plain())


def section_of(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("Contents/section0.xml").decode()


@pytest.mark.parametrize("form", EDITED, ids=lambda form: form.id)
def test_every_word_of_the_data_stands_in_it_in_printed_order(form: Form) -> None:
    data = validate(form.id, sample(form), partial=True)
    found = text_of(written(Sheet(form.id, data, None, "이선생 · 2026. 11. 20. 출력")))
    at = found.index(squeeze(form.title))
    for field in (field for field in form.fields if field.type not in DRAWN):
        words = [field.label]
        if field.type == "table":
            words += [column.label for column in field.columns]
            for row in data[field.name]:
                cells = (shown(c, row.get(c.name)) for c in field.columns if not c.print_as)
                words += [cell for cell in cells if cell]
        elif not field.print_as:
            words.append(shown(field, data[field.name]))
        for word in words:
            at = found.index(squeeze(word), at)
    assert all(squeeze(place.who) in found for place in form.signatures)


def test_it_is_marked_as_a_copy_and_says_who_made_it() -> None:
    section = section_of(written(Sheet(LIST, None, None, "D2026-000001 · 이선생\n2026. 11. 20. 14:05 출력")))
    for part in ("header", "footer"):
        assert COPY_MARK in section.partition(f"<hp:{part} ")[2].partition(f"</hp:{part}>")[0]
    assert "D2026-000001 · 이선생 · 2026. 11. 20. 14:05 출력" in section


@pytest.mark.parametrize(("form_id", "turned"), [(LIST, "NARROWLY"), ("kium-decision-notice", "WIDELY")])
def test_the_paper_lies_as_the_form_does(form_id: str, turned: str) -> None:
    """한글 keeps A4's two sides as they are and says NARROWLY for a sheet that lies on its side."""
    assert f'landscape="{turned}"' in section_of(written(Sheet(form_id)))


def test_a_long_table_goes_on_with_its_head_on_the_next_page() -> None:
    rows = sample(load(LIST))["waiting"]
    section = section_of(written(Sheet(LIST, {"waiting": (rows * 10)[:70]})))
    assert section.count('repeatHeader="1"') == 2
    assert 'treatAsChar="1"' not in section.partition("<hp:tbl")[2]
    assert section.count("<hp:tr>") == 1 + 1 + 70


def test_a_blank_has_its_rows() -> None:
    assert section_of(written(Sheet(LIST))).count("<hp:tr>") == 1 + 1 + load(LIST).field("waiting").blank_rows


@pytest.mark.parametrize("form", EDITED[::4], ids=lambda form: form.id)
def test_hostile_words_are_only_words(form: Form) -> None:
    content = written(Sheet(form.id, nasty(form, rows=9), None, "<b>\x00\u202e&"))
    found = text_of(content)
    if any(field.type in {"text", "table"} for field in form.fields):
        assert "<script>alert(1)</script>" in found or "諸葛龍鳳齋金" in found or "윤서담" in found
    for control in ("\x00", "\u202e"):
        assert control not in section_of(content)


def test_typed_signatures_stand_in_the_close_and_drawn_ones_do_not() -> None:
    wave = [[[0, 10], [20, 0], [40, 20]]]
    typed = text_of(written(Sheet("kium-child-card", None, None, "", {"staff_signature": "이선생<b>"})))
    assert "이선생<b>(" in typed
    drawn = text_of(written(Sheet("kium-child-card", None, None, "", {"staff_signature": wave})))
    assert "40" not in drawn


def test_wrong_data_are_refused_as_on_paper() -> None:
    with pytest.raises(BadFormData):
        written(Sheet(LIST, {"nonsense": 1}))


def test_resident_numbers_are_masked() -> None:
    form = next(f for f in all_forms() if any(field.type == "rrn" for field in f.fields))
    name = next(field.name for field in form.fields if field.type == "rrn")
    found = text_of(written(Sheet(form.id, {name: "900101-1234567"})))
    assert "900101-*******" in found
    assert "1234567" not in found


def test_a_sender_who_is_another_has_no_line() -> None:
    """Where a municipality has no centre its head sends the notice: the centre's line is left out, blanks keep it."""
    notice, line = "anytime-restriction-notice", "경기도아동돌봄○○센터장"
    data = sample(load(notice))
    assert line in text_of(written(Sheet(notice)))
    assert line in text_of(written(Sheet(notice, data)))
    without = {name: value for name, value in data.items() if name != "issuer"}
    for sent in (
        {**without, "city_head": "과천시장"},
        {**without, "issuer": None},
        {**without, "issuer": ""},
    ):
        copy = text_of(written(Sheet(notice, sent)))
        assert line not in copy
        assert squeeze(data["facts"]) in copy
