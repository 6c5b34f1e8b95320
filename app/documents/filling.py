"""A form filled in on the screen: which inputs it asks for, and its data out of what was posted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from app.documents.catalogue import DRAWN, Field, Form

Posted = MultiDict[str, str]
INPUTS = {"date": "date", "time": "time", "phone": "tel"}
ROWS_SHOWN = 3
"""Empty rows a table offers at most, beside the filled ones."""
ROWS_READ = 60


def asked(form: Form) -> list[tuple[str, list[Field]]]:
    """(section title, fields) that a person fills in: no signatures, photos or what the system computes."""
    sections = []
    for section in form.sections:
        fields = [f for f in section.fields if f.type not in DRAWN | {"photo"} and not f.computed]
        if fields:
            sections.append((section.title or "", fields))
    return sections


def input_type(field: Field) -> str:
    """The HTML input type of a one-line field."""
    return INPUTS.get(field.type, "text")


def rows_of(field: Field, data: Mapping[str, Any]) -> int:
    """How many rows of a table are shown: the filled ones and up to three empty ones."""
    filled = len(data.get(field.name) or [])
    return filled + min(max(field.blank_rows - filled, 1), ROWS_SHOWN)


def posted_data(form: Form, posted: Posted) -> dict[str, Any]:
    """The form's data as typed, for ``validate``."""
    data: dict[str, Any] = {}
    for _, fields in asked(form):
        for field in fields:
            if field.type == "table":
                data[field.name] = _rows(field, posted)
            else:
                data[field.name] = _value(field, field.name, posted)
            for name in (field.text_field, *(c.text_field for c in field.choices)):
                if name:
                    data[name] = posted.get(name) or None
    return data


def _rows(field: Field, posted: Posted) -> list[dict[str, Any]]:
    rows = []
    for number in range(ROWS_READ):
        row = {c.name: _value(c, f"{field.name}.{number}.{c.name}", posted) for c in field.columns}
        if any(value not in ("", [], False) for value in row.values()):
            rows.append(row)
    return rows


def _value(field: Field, name: str, posted: Posted) -> Any:
    if field.type == "checkbox":
        return posted.get(name, "") != ""
    if field.type == "multichoice":
        return posted.getlist(name)
    return posted.get(name, "")
