"""A paper as a page shows it: the form's labels beside what was filled in, the wording, who has signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.documents.catalogue import DRAWN, Field, Form
from app.documents.text import money, phone, short_date


@dataclass(frozen=True, slots=True)
class Line:
    """One label and its value, or a table under a label."""

    label: str
    value: str = ""
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the form that holds something."""

    title: str
    lines: tuple[Line, ...]


def read_paper(form: Form, data: Mapping[str, Any]) -> list[Part]:
    """The filled sections in printed order; what is empty is left out."""
    parts = []
    for section in form.sections:
        lines = [line for field in section.fields if (line := _line(field, data)) is not None]
        if lines:
            parts.append(Part(section.title or "", tuple(lines)))
    return parts


def read_row(form: Form, data: Mapping[str, Any], table: str, number: int) -> list[Part]:
    """One filled row of a table, a line for each column."""
    field, row = form.field(table), data[table][number]
    lines = tuple(line for column in field.columns if (line := _line(column, row)) is not None)
    return [Part(f"{field.label} {number + 1}번째 줄", lines)]


def _line(field: Field, data: Mapping[str, Any]) -> Line | None:
    if field.type in DRAWN:
        return None
    if field.type == "table":
        columns = [column for column in field.columns if column.type not in DRAWN]
        rows = tuple(tuple(shown(c, row.get(c.name)) for c in columns) for row in data.get(field.name) or [])
        return Line(field.label, heads=tuple(c.label for c in columns), rows=rows) if rows else None
    words = [shown(field, data.get(field.name))]
    words += [str(data[name]) for name in _text_fields(field) if data.get(name)]
    value = ", ".join(word for word in words if word)
    return Line(field.label, value) if value else None


def _text_fields(field: Field) -> list[str]:
    return [name for name in (field.text_field, *(c.text_field for c in field.choices)) if name]


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
            return field.choice_label(raw)
        case "multichoice":
            return ", ".join(field.choice_label(value) for value in raw)
        case "checkbox":
            return "✓"
        case "photo":
            return "사진"
        case "rrn":
            return f"{raw[:6]}-*******"
        case _:
            return f"{raw}{field.unit}"
