"""A paper as a page shows it: the form's labels beside what was filled in, the wording, who has signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.documents.catalogue import DRAWN, Field, Form, load, plain
from app.documents.models import Paper
from app.documents.rules.signing import RowPlace, row_of
from app.documents.text import money, phone, short_date
from app.documents.wording import bodies, heading
from app.kernel.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class Line:
    """One label and its value, or a table under a label."""

    label: str
    value: str = ""
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the form that holds something: its wording as (heading, words), and what was filled in."""

    title: str
    lines: tuple[Line, ...]
    words: tuple[tuple[str, str], ...] = ()


FIRST = frozenset({"intro", "opening", "heading"})
"""Wording that belongs to no section and stands before all of them; other such wording stands after them."""


def reading_of(uow: UnitOfWork, paper: Paper, place: str = "") -> list[Part]:
    """What is read before a signature: the whole paper with its wording, or for a place in a row that row alone."""
    form, row = load(paper.form_id), row_of(place)
    if row is not None:
        return read_row(form, paper.data, row)
    return read_paper(form, paper.data, bodies(uow, form.id, paper.texts))


def read_paper(form: Form, data: Mapping[str, Any], words: Mapping[str, str]) -> list[Part]:
    """The sections that hold something, in printed order, each with its wording; what is empty is left out."""
    homes = wording_by_section(form, words)
    parts = [Part("", (), homes.get("first", ()))]
    for section in form.sections:
        lines = [line for field in section.fields if (line := _line(field, data, words)) is not None]
        parts.append(Part(plain(section.title or ""), tuple(lines), homes.get(section.id, ())))
    parts.append(Part("", (), homes.get("last", ())))
    return [part for part in parts if part.lines or part.words]


def wording_by_section(form: Form, words: Mapping[str, str]) -> dict[str, tuple[tuple[str, str], ...]]:
    """The wording as (heading, words) by the id of its section; ``first`` and ``last``: before and after them all."""
    homes: dict[str, tuple[tuple[str, str], ...]] = {}
    for key in form.texts:
        if key in words:
            home = _home(form, key)
            title = "" if key == home.removeprefix("c_") else heading(key)
            homes[home] = (*homes.get(home, ()), (title, words[key]))
    return homes


def text_names(form: Form) -> dict[str, str]:
    """What each text of a form is, for whoever replaces it: its section and what it is about there."""
    titles = {s.id: plain(s.title or "") or s.screen_title for s in form.sections}
    return {
        key: " · ".join(word for word in (titles.get(_home(form, key), ""), heading(key)) if word)
        for key in form.texts
    }


def _home(form: Form, key: str) -> str:
    """The section a text belongs to: the one whose id begins its key; a field's own words stand in its line."""
    if any(field.name == key for field in form.fields):
        return ""
    ids = [s.id for s in form.sections if f"{key}_".startswith(f"{s.id.removeprefix('c_')}_")]
    return max(ids, key=len) if ids else "first" if key in FIRST else "last"


def read_row(form: Form, data: Mapping[str, Any], row: RowPlace) -> list[Part]:
    """What a signature in a row stands on, a line for each column."""
    field, values = form.field(row.table), data[row.table][row.number]
    lines = [_line(column, values, {}) for column in field.signed_by(row.column)]
    return [Part(f"{field.asked} {row.number + 1}번째 줄", tuple(line for line in lines if line is not None))]


def _line(field: Field, data: Mapping[str, Any], texts: Mapping[str, str]) -> Line | None:
    if field.type in DRAWN:
        return None
    if field.type == "table":
        columns = [column for column in field.columns if column.type not in DRAWN]
        rows = tuple(tuple(shown(c, row.get(c.name)) for c in columns) for row in data.get(field.name) or [])
        return Line(field.asked, heads=tuple(c.asked for c in columns), rows=rows) if rows else None
    words = [shown(field, data.get(field.name))]
    words += [str(data[name]) for name in field.texts if data.get(name)]
    value = ", ".join(word for word in words if word)
    return Line(texts.get(field.name, field.asked), value) if value else None


def shown(field: Field, raw: Any) -> str:
    """One value in words: 2026. 3. 2., 010-1234-5678, 정기돌봄, 예."""
    if raw in (None, "", [], False):
        return ""
    match field.type:
        case "date":
            return short_date(date.fromisoformat(raw).isoformat())
        case "phone":
            return phone(raw)
        case "money":
            return f"{money(raw)}원"
        case "choice" | "yes-no":
            return field.choice_asked(raw)
        case "multichoice":
            return ", ".join(field.choice_asked(value) for value in raw)
        case "checkbox":
            return "✓"
        case "photo":
            return "사진"
        case "rrn":
            return f"{raw[:6]}-*******"
        case _:
            return f"{raw}{field.unit}"
