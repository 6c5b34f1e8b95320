"""Every form on paper, blank, filled and abused, read back with poppler."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pikepdf
import pytest

from app.documents.catalogue import Field, Form, all_forms, load
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


class Printed(dict[str, bytes]):
    """Each form once, when it is first asked for."""

    def __init__(self, renderer: Renderer, *, filled: bool) -> None:
        super().__init__()
        self.renderer, self.filled = renderer, filled

    def __missing__(self, form_id: str) -> bytes:
        data = validate(form_id, sample(load(form_id))) if self.filled else None
        footer = "문서번호 2026-01-0001\n출력 2026. 11. 20. 14:05 문하준" if self.filled else ""
        return self.setdefault(form_id, self.renderer.pdf(form_id, data, footer=footer))


@pytest.fixture(scope="module")
def blank(renderer: Renderer) -> Printed:
    return Printed(renderer, filled=False)


@pytest.fixture(scope="module")
def filled(renderer: Renderer) -> Printed:
    return Printed(renderer, filled=True)


def labels(item: Field) -> list[str]:
    """What is printed for a field, its own words first: (예□ 아니오□) stands for its two answers."""
    drawn = item.type in {"signature", "seal"}
    own = [item.mark if drawn else item.label, item.group, item.hint, item.unit]
    choices = [] if "□" in item.label else [c.label for c in item.choices]
    return [*own, *choices, *item.fixed_rows, *(words for c in item.columns for words in column_labels(c))]


def column_labels(column: Field) -> list[str]:
    return [column.label, column.group, column.hint, column.unit, *(c.label for c in column.choices)]


@each_form
def test_the_blank_carries_every_word_of_the_catalogue(
    form: Form, blank: dict[str, bytes], tmp_path: Path
) -> None:
    text = words(blank[form.id], tmp_path)
    expected = [
        form.title,
        *(s.title or "" for s in form.sections),
        *(w for f in form.fields for w in labels(f)),
    ]
    for s in form.sections:
        expected += [s.subtitle, *s.heads, *s.scale, *(words for row in s.rows for words in row)]
    expected += [*form.pages, *form.attachments]
    expected += [
        f"<{form.number}>" if form.number else "",
        *(line for t in form.texts.values() for line in t.ko.split("\n")),
    ]
    if form.addressee:
        expected.append(addressee(form.addressee, {}))
    assert [word for word in expected if squeeze(word) not in text] == []


@each_form
def test_fields_stand_in_the_order_of_the_catalogue(
    form: Form, blank: dict[str, bytes], tmp_path: Path
) -> None:
    text = words(blank[form.id], tmp_path)
    at = text.index(squeeze(form.title)) + len(squeeze(form.title))
    for item in form.fields:
        found = text.find(squeeze(labels(item)[0]), at)
        assert found >= 0, f"{item.label} is missing or stands too early"
        at = found


@each_form
def test_as_many_pages_as_the_office_prints_blank_and_with_an_ordinary_sample(
    form: Form, blank: dict[str, bytes], filled: dict[str, bytes], tmp_path: Path
) -> None:
    assert pages(blank[form.id], tmp_path) == len(form.pages)
    assert pages(filled[form.id], tmp_path) == len(form.pages)


@each_form
def test_a_single_document_is_pdf_a_with_its_data_inside(
    form: Form, filled: dict[str, bytes], tmp_path: Path
) -> None:
    meta = poppler("pdfinfo", filled[form.id], tmp_path, "-meta")
    assert 'pdfaid:part="3"' in meta or "<pdfaid:part>3<" in meta
    assert 'pdfaid:conformance="A"' in meta or "<pdfaid:conformance>A<" in meta
    with pikepdf.open(io.BytesIO(filled[form.id])) as pdf:
        assert str(pdf.Root.Lang) == "ko"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.OutputIntents
        inside = json.loads(pdf.attachments[f"{form.id}.json"].get_file().read_bytes())
    data = masked_data(form, validate(form.id, sample(form)))
    assert inside == {"form": form.id, "version": form.version, "data": data}


@each_form
def test_every_font_is_embedded(form: Form, filled: dict[str, bytes], tmp_path: Path) -> None:
    rows = poppler("pdffonts", filled[form.id], tmp_path).splitlines()[2:]
    assert rows
    assert all(row.split()[-5:-2] == ["yes", "yes", "yes"] for row in rows), rows


@each_form
def test_abuse_changes_the_length_and_nothing_else(form: Form, renderer: Renderer, tmp_path: Path) -> None:
    data = nasty(form, rows=9)
    text = words(renderer.pdf(form.id, data), tmp_path)
    assert ("<script>alert(1)</script>" in text) == ("<script>" in json.dumps(data))
    assert "123123" not in text, "no template in the data is evaluated"
    assert {"\u0000", "\u202e", "\ufffd", "\u2060"} & set(text) == set()
    assert squeeze(form.title) in text


@each_form
def test_nothing_is_lost_from_sixty_rows(form: Form, renderer: Renderer, tmp_path: Path) -> None:
    data = sample(form)
    tables = [item for item in form.fields if item.type == "table"]
    expected = []
    for item in tables:
        column = next((c for c in item.columns if c.type in {"text", "time"}), None)
        if column is None:
            continue
        marks = [f"줄{i:02d}끝" if column.type == "text" else f"10:{i:02d}" for i in range(60)]
        data[item.name] = [{column.name: mark} for mark in marks]
        expected += marks
    pdf = renderer.pdf(form.id, data)
    text = words(pdf, tmp_path)
    lost = [mark for mark in expected if text.count(mark) < expected.count(mark)]
    assert lost == []
    if form.paper == "landscape" and tables:
        heads = [squeeze(table.columns[-1].label) for table in tables]
        assert pages(pdf, tmp_path) >= 3
        assert sum(map(text.count, heads)) >= pages(pdf, tmp_path) - 1, (
            "a head is repeated on each page of a list"
        )


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
    data = sample(form) | long
    pdf = renderer.pdf(form.id, data)
    whole = poppler("pdftotext", pdf, tmp_path, "-raw").split("\f")
    first = next(n for n, page in enumerate(whole) if squeeze(f"별지 {form.title}") in squeeze(page))
    assert first <= len(form.pages) + (1 if len(long) > 6 else 0)
    text = squeeze("".join(whole[first:]))
    lost = [
        name
        for name, value in long.items()
        if squeeze(validate(form.id, {name: value}, partial=True)[name]) not in text
    ]
    assert [name for name in lost if squeeze(long[name]) not in squeeze("".join(whole))] == []


def test_a_filled_paper_says_what_was_filled_in(filled: dict[str, bytes], tmp_path: Path) -> None:
    text = words(filled["kium-application"], tmp_path)
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
    notice = words(filled["kium-decision-notice"], tmp_path)
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


@each_form
def test_no_word_runs_off_the_paper(form: Form, renderer: Renderer, tmp_path: Path) -> None:
    pdf = renderer.pdf(form.id, nasty(form, rows=9))
    boxes = poppler("pdftotext", pdf, tmp_path, "-bbox")
    right = (297 if form.paper == "landscape" else 210) - 15
    ends = [float(end) * 25.4 / 72 for end in re.findall(r'<word [^>]*xMax="([\d.]+)"', boxes)]
    assert ends
    assert max(ends) <= right + 1.5
