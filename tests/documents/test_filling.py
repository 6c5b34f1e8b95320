"""Every form of the catalogue as an HTML form: what goes in comes out, nothing typed is lost, secrets stay shut."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from flask import Flask
from PIL import Image
from sqlalchemy import select

from app.documents import numbers
from app.documents.catalogue import Form, all_forms, load
from app.documents.filling.asking import asked
from app.documents.filling.fitting import fit, whole
from app.documents.filling.page import fill_page
from app.documents.filling.pictures import as_data
from app.documents.filling.posting import posted_data
from app.documents.filling.rows import counts_rows, table_rows
from app.documents.model import validate
from app.documents.models import Paper
from app.documents.service.preparing import prepare_paper
from app.documents.sheets import sheet_of
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.ranges import kst
from tests.documents.desks import Desks, flat, make_desks
from tests.documents.papers import sample

FORMS = [form.id for form in all_forms()]
RRN = "990101-2345678"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(kst(date(2026, 11, 20), 600), tick=False):
        yield


@pytest.fixture
def desks(app: Flask, seoul: TenantRef) -> Desks:
    return make_desks(app, seoul)


def form_with(type_: str, *, in_table: bool = False) -> Form:
    """Some form of the catalogue that has such a field."""
    for form in all_forms():
        fields = [c for f in form.fields for c in f.columns] if in_table else list(form.fields)
        if any(f.type == type_ for f in fields):
            return form
    raise AssertionError(type_)


@pytest.mark.parametrize("form_id", FORMS)
def test_every_form_travels_through_a_browser(app: Flask, form_id: str) -> None:
    form = load(form_id)
    expected = validate(form_id, sample(form), partial=True)
    with app.test_request_context("/", method="POST", data=flat(form, expected)) as context:
        read = posted_data(form, context.request.form, by_hand=True)
    got = validate(form_id, read, partial=True)
    photos = {field.name for field in form.fields if field.type == "photo"}
    for name in expected.keys() - photos:
        assert unnumbered(form, name, got) == unnumbered(form, name, expected), name


def unnumbered(form: Form, name: str, data: dict[str, Any]) -> Any:
    """Rows without their running number, which the house counts anew."""
    field = next((f for f in form.fields if f.name == name), None)
    counted = {c.name for c in field.columns if counts_rows(c)} if field else set()
    return (
        [{k: v for k, v in row.items() if k not in counted} for row in data[name]] if counted else data[name]
    )


@pytest.mark.parametrize("form_id", FORMS)
@pytest.mark.parametrize("filled", [False, True])
def test_every_form_becomes_a_page_with_every_label(app: Flask, form_id: str, filled: bool) -> None:
    form = load(form_id)
    data = validate(form_id, sample(form) if filled else {}, partial=True)
    page = rendered(app, form, data)
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids)), [i for i in ids if ids.count(i) > 1]
    for target in re.findall(r'<label for="([^"]+)"', page):
        assert target in ids
    for part in asked(form, by_hand=True):
        for question in (q for group in part.groups for q in group.questions):
            assert f'"{question.name}"' in page
    for column in (c for f in form.fields for c in f.columns if c.type in ("signature", "seal")):
        assert f".{column.name}" not in page


def rendered(app: Flask, form: Form, data: dict[str, object]) -> str:
    sheet = fill_page(form, data, {}, {}, {}, {}, by_hand=True)
    with app.test_request_context("/seoul/"):
        macros = app.jinja_env.get_template("documents/shared/_field.html").module
        return "".join(
            str(macros.ask(q, part, sheet))  # type: ignore[attr-defined]
            for part in sheet.parts
            for group in part.groups
            for q in group.questions
        )


def test_fields_of_one_printed_cell_are_told_apart() -> None:
    for form in all_forms():
        for part in asked(form, by_hand=True):
            for group in part.groups:
                labels = [q.label for q in group.questions if q.field.type != "checkbox"]
                runs = [pair for pair in pairwise(labels) if pair[0] == pair[1]]
                assert not runs, (form.id, part.id, runs)


def test_what_the_system_computes_is_shown_to_a_family_and_asked_of_a_desk() -> None:
    form = next(f for f in all_forms() if any(x.computed and x.type != "table" for x in f.fields))
    name = next(x.name for x in form.fields if x.computed and x.type != "table")
    for by_hand in (False, True):
        question = next(
            q
            for part in asked(form, by_hand=by_hand)
            for group in part.groups
            for q in group.questions
            if q.name == name
        )
        assert question.shown is not by_hand


@pytest.mark.parametrize(
    ("rows", "wanted", "expected"), [(0, 0, 3), (1, 0, 1), (2, 3, 3), (0, 5, 5), (4, 2, 4)]
)
def test_a_table_shows_its_rows_and_some_empty_ones(rows: int, wanted: int, expected: int) -> None:
    table = load("kium-consent-5").field("contacts")
    assert len(table_rows(table, [{"name": "가"}] * rows, wanted)) == expected


def test_printed_rows_stand_in_their_order_whatever_is_filled() -> None:
    table = load("kium-child-card").field("schedule")
    shown = table_rows(table, [{"day": "wed", "in_time": "14:00"}])
    assert [row["day"] for row in shown] == ["mon", "tue", "wed", "thu", "fri", "sat"]
    assert shown[2]["in_time"] == "14:00"


def test_what_does_not_fit_is_kept_as_words_beside_what_does() -> None:
    form = load("kium-consent-5")
    fitted = fit(
        form,
        {
            "child_name": "윤서담",
            "child_birth_date": "작년",
            "contacts": [{"rank": "첫째", "name": "한지원", "phone": "없음"}],
            "child_gender": "robot",
        },
    )
    assert fitted.data["child_name"] == "윤서담"
    assert fitted.data["contacts"][0]["name"] == "한지원"
    assert fitted.unfit == {
        "child_birth_date": "작년",
        "contacts.0.rank": "첫째",
        "contacts.0.phone": "없음",
        "child_gender": "robot",
    }
    fields = {problem.field for problem in whole(form, fitted.data, fitted.unfit)}
    assert {"child_birth_date", "contacts.0.phone", "school", "contacts.0.relation"} <= fields
    assert "child_name" not in fields


def test_a_draft_is_filled_in_by_its_family(desks: Desks) -> None:
    form = load("kium-consent-5")
    with unit_of_work(desks.place, SYSTEM) as uow:
        draft = prepare_paper(
            uow,
            form.id,
            {"child_name": "윤서담"},
            subject="child",
            subject_id=desks.child_id,
            institution_id=desks.centre_id,
            guardian_id=desks.guardian_id,
            child_id=desks.child_id,
            draft=True,
        )
    url = f"/seoul/papers/{draft.ref}/fill"
    page = desks.parent.get(url).text
    assert "윤서담" in page
    assert 'name="contacts.0.name"' in page
    assert "학년 (학년)" not in page
    refused = desks.parent.post(url, data={"child_name": "윤서담", "version": "1", "school": "<b>😀"})
    assert refused.status_code == 422
    assert re.search(r"</span> 꼭 적어 주세요", refused.text), "beside the field its name is not said again"
    assert "&lt;b&gt;😀" in refused.text
    version = re.search(r'name="version" value="(\d+)"', refused.text)
    assert version is not None
    posted = flat(form, sample(form))
    done = desks.parent.post(url, data={**posted, "version": version[1]})
    assert (done.status_code, done.location) == (303, f"/seoul/papers/{draft.ref}")
    assert desks.paper(draft.ref).data["contacts"] == sample(form)["contacts"]
    assert desks.parent.post(url, data={**posted, "version": "1"}).status_code == 422, (
        "it is no draft any more"
    )


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("990101-2345678", True),
        ("000229-3234567", True),
        ("010229-3234567", False),
        ("991301-1234567", False),
        ("990100-1234567", False),
        ("260101-7345678", True),
    ],
)
def test_a_registration_number_needs_a_date_that_was(number: str, right: bool) -> None:
    assert numbers.plausible(number) is right


@pytest.mark.rule("XX-08")
@pytest.mark.parametrize("in_table", [False, True])
def test_registration_numbers_lie_sealed_and_open_only_for_print(desks: Desks, in_table: bool) -> None:
    form = form_with("rrn", in_table=in_table)
    table = (
        next((f for f in form.fields if any(c.type == "rrn" for c in f.columns)), None) if in_table else None
    )
    holder = table.columns if table else tuple(form.fields)
    name = next(f.name for f in holder if f.type == "rrn")
    data = {table.name: [{name: RRN}]} if table else {name: RRN}
    with unit_of_work(desks.place, SYSTEM) as uow:
        paper = prepare_paper(uow, form.id, data, subject="form", subject_id=None, draft=True)
        uow.session.flush()
        sheet = sheet_of(uow, paper, "")
        again = prepare_paper(uow, form.id, paper.data, subject="form", subject_id=None, draft=True)
    assert RRN not in json.dumps(paper.data)
    assert RRN.replace("-", "") not in json.dumps(paper.data)
    inside = (lambda d: d[table.name][0][name]) if table else (lambda d: d[name])
    assert inside(paper.data).startswith("990101:")
    assert inside(sheet.data) == RRN
    assert inside(again.data) is None, "another paper's seal does not open here"


@pytest.mark.rule("XX-08")
def test_a_stored_number_is_masked_on_the_page_and_stays_unless_typed_anew(desks: Desks) -> None:
    form = form_with("rrn")
    name = next(f.name for f in form.fields if f.type == "rrn")
    with unit_of_work(desks.place, SYSTEM) as uow:
        paper = prepare_paper(
            uow,
            form.id,
            {name: RRN},
            subject="form",
            subject_id=None,
            institution_id=desks.centre_id,
            draft=True,
        )
    url = f"/seoul/papers/{paper.ref}/fill"
    page = desks.director.get(url).text
    assert "990101-*******" in page
    assert RRN not in page
    sealed = re.search(rf'name="{name}.sealed" value="([^"]+)"', page)
    assert sealed is not None
    kept = {f"{name}.sealed": sealed[1], "do": "save"}
    assert desks.director.post(url, data={**kept, "version": "1"}).status_code == 303
    assert desks.paper(paper.ref).data[name] == sealed[1], "the same number keeps its seal"
    wrong = desks.director.post(url, data={name: "991301-1234567", "do": "save", "version": "1"})
    assert wrong.status_code == 422
    assert "991301-1234567" not in json.dumps(desks.paper(paper.ref).unfit)
    cleared = {**kept, f"{name}.clear": "y", "version": str(desks.paper(paper.ref).version)}
    assert desks.director.post(url, data=cleared).status_code == 303
    assert desks.paper(paper.ref).data[name] is None


def picture(kind: str = "PNG", size: tuple[int, int] = (3000, 2000)) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, "navy").save(target, kind)
    return target.getvalue()


@pytest.mark.rule("XX-19")
@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"\x89PNG\r\n\x1a\n broken", b"GIF89a" + b"0" * 50])
def test_no_picture_is_taken_that_is_none(content: bytes) -> None:
    assert as_data(content) is None


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_photo_is_made_small_and_loses_what_the_camera_wrote(kind: str) -> None:
    words = as_data(picture(kind)) or ""
    assert words.startswith("data:image/jpeg;base64,")
    assert len(words) < 100_000


def test_a_photo_comes_as_a_file_and_can_be_taken_out(desks: Desks) -> None:
    form = next(f for f in all_forms() if f.service == "kium" and any(x.type == "photo" for x in f.fields))
    name = next(f.name for f in form.fields if f.type == "photo")
    ref = desks.begin(desks.director, form.id)
    url = f"/seoul/papers/{ref}/fill"
    assert 'enctype="multipart/form-data"' in desks.director.get(url).text
    assert send(desks, url, "꽃.png", picture(), version="1").status_code == 303
    assert desks.paper(ref).data[name].startswith("data:image/jpeg")
    assert "이 사진 빼기" in desks.director.get(url).text
    refused = send(desks, url, "글.png", b"no picture", version="2")
    assert refused.status_code == 422
    assert "사진을 읽지 못했어요" in refused.text
    assert desks.paper(ref).data[name] is not None
    gone = desks.director.post(url, data={f"{name}.clear": "y", "do": "save", "version": "2"})
    assert gone.status_code == 303
    assert desks.paper(ref).data[name] is None


def send(desks: Desks, url: str, filename: str, content: bytes, **fields: str):  # type: ignore[no-untyped-def]
    """A browser's multipart body, made by hand: the test client leaves its temporary files open."""
    lines = b"".join(
        f'--x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in {**fields, "do": "save"}.items()
    )
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'.encode()
    body = lines + head + content + b"\r\n--x--\r\n"
    return desks.director.post(
        url,
        input_stream=io.BytesIO(body),
        content_type="multipart/form-data; boundary=x",
        content_length=len(body),
    )


@pytest.mark.parametrize("rows", [1, 30, 500])
def test_many_rows_come_back_and_are_numbered(app: Flask, rows: int) -> None:
    form = load("kium-waiting-list")
    posted = {f"waiting.{n}.child_name": f"아이{n}" for n in range(rows + 5)}
    with app.test_request_context("/", method="POST", data=posted) as context:
        read = posted_data(form, context.request.form, by_hand=True)
    assert len(read["waiting"]) == min(rows + 5, 500)
    assert [row["no"] for row in read["waiting"]][:3] == [1, 2, 3]


def test_no_paper_is_left_in_the_clear(desks: Desks) -> None:
    with unit_of_work(desks.place, SYSTEM) as uow:
        assert not [p.ref for p in uow.session.scalars(select(Paper)) if RRN in json.dumps(p.data)]
