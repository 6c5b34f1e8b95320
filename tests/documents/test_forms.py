"""Every form on paper, blank, filled and abused, read back with poppler."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from app.documents.catalogue import Field, Form, all_forms, load
from app.documents.conformity import faults, tidied
from app.documents.model import validate
from app.documents.numbers import masked_data
from app.documents.render import Renderer, Sheet
from app.documents.text import addressee
from tests.documents.papers import nasty, pages, poppler, sample, squeeze, words

FORMS = all_forms()
IDS = [form.id for form in FORMS]
each_form = pytest.mark.parametrize("form", FORMS, ids=IDS)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


FOOT = "문서번호 2026-01-0001\n출력 2026. 11. 20. 14:05 문하준"


def labels(item: Field) -> list[str]:
    """What is printed for a field, its own words first: (예□ 아니오□) stands for its two answers."""
    drawn = item.type in {"signature", "seal"}
    own = [item.mark if drawn else item.label, item.group, item.hint, item.unit]
    choices = [] if "□" in item.label else [c.label for c in item.choices]
    return [*own, *choices, *item.fixed_rows, *(words for c in item.columns for words in column_labels(c))]


def column_labels(column: Field) -> list[str]:
    return [column.label, column.group, column.hint, column.unit, *(c.label for c in column.choices)]


@each_form
def test_the_blank_is_the_catalogue_word_for_word(form: Form, renderer: Renderer, tmp_path: Path) -> None:
    """Every word is there, the fields stand in their order, and the pages are as many as the office prints."""
    sheets = poppler("pdftotext", renderer.pdf(form.id, None), tmp_path, "-raw").split("\f")
    text = squeeze("".join(sheets))
    assert [word for word in _printed_words(form) if squeeze(word) not in text] == []
    at = text.index(squeeze(form.title)) + len(squeeze(form.title))
    for item in form.fields:
        found = text.find(squeeze(labels(item)[0]), at)
        assert found >= 0, f"{item.label} is missing or stands too early"
        at = found
    assert len(sheets) - 1 == len(form.pages)


def _printed_words(form: Form) -> list[str]:
    expected = [form.title, *(s.title or "" for s in form.sections)]
    expected += [word for field in form.fields for word in labels(field)]
    for s in form.sections:
        expected += [s.subtitle, *s.heads, *s.scale, *(words for row in s.rows for words in row)]
    expected += [*form.pages, *form.attachments]
    expected += [
        f"<{form.number}>" if form.number else "",
        *(line for t in form.texts.values() for line in t.ko.split("\n")),
    ]
    return [*expected, addressee(form.addressee, {}) if form.addressee else ""]


@each_form
def test_a_filled_one_is_pdf_a_with_its_data_inside(form: Form, renderer: Renderer, tmp_path: Path) -> None:
    """With an ordinary sample it keeps its pages; fonts are embedded, the data stand in it for machines."""
    data = validate(form.id, sample(form))
    filled = renderer.pdf(form.id, data, footer=FOOT)
    about = poppler("pdfinfo", filled, tmp_path, "-meta")
    assert 'pdfaid:part="3"' in about or "<pdfaid:part>3<" in about
    assert 'pdfaid:conformance="A"' in about or "<pdfaid:conformance>A<" in about
    rows = poppler("pdffonts", filled, tmp_path).splitlines()[2:]
    assert rows
    assert all(row.split()[-5:-2] == ["yes", "yes", "yes"] for row in rows), rows
    with pikepdf.open(io.BytesIO(filled)) as pdf:
        assert len(pdf.pages) == len(form.pages)
        inside = json.loads(pdf.attachments[f"{form.id}.json"].get_file().read_bytes())
    assert faults(tidied(filled)) == []
    assert inside == {"form": form.id, "version": form.version, "data": masked_data(form, data)}


ROWS = 32


@each_form
def test_abuse_changes_the_length_and_nothing_else(form: Form, renderer: Renderer, tmp_path: Path) -> None:
    """Unpleasant words everywhere and many rows: nothing is run, lost or printed off the paper."""
    data, marks = abused(form)
    pdf = renderer.pdf(form.id, data)
    sheets = [squeeze(page) for page in poppler("pdftotext", pdf, tmp_path, "-raw").split("\f")]
    text = "".join(sheets)
    assert ("<script>alert(1)</script>" in text) == ("<script>" in json.dumps(data))
    assert "123123" not in text, "no template in the data is evaluated"
    assert {"\u0000", "\u202e", "\ufffd", "\u2060"} & set(text) == set()
    assert squeeze(form.title) in text
    assert [mark for mark in marks if text.count(mark) < marks.count(mark)] == []
    tables = [item for item in form.fields if item.type == "table"]
    if form.paper == "landscape" and tables:
        heads = [squeeze(table.columns[-1].label) for table in tables]
        listed = [page for page in sheets if any(mark in page for mark in marks)]
        assert len(listed) >= 2
        assert all(any(head in page for head in heads) for page in listed), "each page of a list has its head"
    boxes = poppler("pdftotext", pdf, tmp_path, "-bbox")
    right = (297 if form.paper == "landscape" else 210) - 15
    ends = [float(end) * 25.4 / 72 for end in re.findall(r'<word [^>]*xMax="([\d.]+)"', boxes)]
    assert ends
    assert max(ends) <= right + 1.5


def abused(form: Form) -> tuple[dict[str, Any], list[str]]:
    """Nasty data, with a mark of its own in each of ``ROWS`` rows of each table; and the marks."""
    data, marks = nasty(form, rows=9), []
    for table in (item for item in form.fields if item.type == "table"):
        column = next((c for c in table.columns if c.type in {"text", "time"}), None)
        if column is None:
            continue
        own = [f"줄{i:02d}끝" if column.type == "text" else f"10:{i:02d}" for i in range(ROWS)]
        rows = data[table.name] + [{} for _ in range(ROWS - 9)]
        data[table.name] = [{**row, column.name: mark} for row, mark in zip(rows, own, strict=True)]
        marks += own
    return data, marks


@each_form
def test_what_is_too_long_for_its_cell_goes_to_a_supplementary_page(
    form: Form, renderer: Renderer, tmp_path: Path
) -> None:
    """Three hundred signs in every cell: the form keeps its pages, and not one sign is lost."""
    long = {
        f.name: f"{f.name}시작 " + "가나다라 마바사아 " * (99 if f.multiline else 26) + "끝"
        for f in form.fields
        if f.type == "text"
    }
    if not long:
        pytest.skip("the form has no free text")
    pdf = renderer.pdf(form.id, sample(form) | long)
    whole = [squeeze(page) for page in poppler("pdftotext", pdf, tmp_path, "-raw").split("\f")]
    first = next(n for n, page in enumerate(whole) if squeeze(f"별지 {form.title}") in page)
    assert first <= len(form.pages) + (1 if len(long) > 6 else 0)
    text = "".join(whole)
    assert [name for name, value in long.items() if squeeze(value) not in text] == []


def test_a_filled_paper_says_what_was_filled_in(renderer: Renderer, tmp_path: Path) -> None:
    text = words(renderer.pdf("kium-application", sample(load("kium-application")), footer=FOOT), tmp_path)
    for expected in [
        "신청일2026.11.20.접수번호2026-01-0001센터명오류2동우리동네키움센터자치구구로구",
        "센터유형√일반형□융합형□거점형",
        "이용요일√월□화√수□목√금□토",
        "이용기간(부터)2026.12.28.이용기간(까지)2027.2.26.",
        "모한지원010-2734-0915누리물산(09:00~18:00)우선연락",
        "√기타(조부모와병)",
        "2026년11월20일",
        "보호자성명한지원아동과의관계모(서명또는인)",
        "오류2동우리동네키움센터장귀하",
        "문서번호2026-01-0001",
        "1/1",
    ]:
        assert expected in text
    notice = words(renderer.pdf("kium-decision-notice", sample(load("kium-decision-notice"))), tmp_path)
    assert (
        notice.index("한지원귀하") < notice.index("√승인") < notice.index("50,000원") < notice.index("(직인)")
    )


def test_a_batch_is_all_papers_after_each_other(renderer: Renderer, tmp_path: Path) -> None:
    heard: list[int] = []
    sheets = [
        Sheet("kium-waiting-list", None),
        *[Sheet("kium-consent-5", sample(load("kium-consent-5")))] * 4,
    ]
    pdf = renderer.batch(iter(sheets), on_progress=heard.append)
    assert pages(pdf, tmp_path) == 5
    assert heard == [1, 2, 3, 4, 5]
    text = words(pdf, tmp_path)
    assert text.count("1/1") == 5, "each paper counts its own pages"
    assert text.count("윤서담") == 4


def test_a_batch_of_nothing_is_refused(renderer: Renderer) -> None:
    with pytest.raises(ValueError, match="출력할 문서가 없습니다"):
        renderer.batch([])


@pytest.mark.rule("AD-32")
@pytest.mark.parametrize("form_id", ["daycare-handover", "daycare-usage-register", "daycare-journal"])
def test_thirty_nights_stand_on_the_ledger_itself(form_id: str, renderer: Renderer, tmp_path: Path) -> None:
    """An exit of the next morning bears its date; a full ledger sends neither it nor a long name to another sheet."""
    form = load(form_id)
    table = next(field for field in form.fields if field.columns)
    row = {**sample(form)[table.name][0]}
    row |= {name: "11.22. 07:35" for name in ("leaving_time", "out_time") if name in row}
    row |= {name: "남궁제갈선우아름" for name in ("child_name", "name") if name in row}
    data = {**sample(form), table.name: [row] * 30}
    printed = poppler("pdftotext", renderer.pdf(form_id, data), tmp_path, "-raw")
    assert "별지" not in printed
    assert printed.count("07:35") == 30
