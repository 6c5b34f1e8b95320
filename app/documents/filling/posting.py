"""A form's data out of what a browser posted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from app.documents.catalogue import DRAWN, Field, Form
from app.documents.filling.asking import all_fields
from app.documents.filling.rows import counts_rows, printed_rows
from app.documents.model import MAX_ROWS

Posted = MultiDict[str, str]


def posted_data(form: Form, posted: Posted, *, by_hand: bool = False) -> dict[str, Any]:
    """The form's data as typed, not checked yet. Pictures are no part of it: they come as files."""
    data: dict[str, Any] = {}
    for field in all_fields(form, by_hand=by_hand):
        if field.type == "table":
            data[field.name] = _rows(field, posted)
        elif field.type != "photo":
            data.update(_cell(field, field.name, posted))
    return data


def without_row(posted: Posted, table: str, number: str) -> Posted:
    """What was posted, less one row of a table."""
    start = f"{table}.{number}."
    return MultiDict([pair for pair in posted.items(multi=True) if not pair[0].startswith(start)])


def _rows(table: Field, posted: Posted) -> list[dict[str, Any]]:
    """The filled rows in their order; a row in which only printed words stand is empty."""
    columns = [c for c in table.columns if c.type not in DRAWN]
    given = {table.preset} if printed_rows(table) else set()
    given |= {c.name for c in columns if counts_rows(c)}
    rows = []
    for number in _numbers(table.name, posted):
        row: dict[str, Any] = {}
        for column in columns:
            row.update(_cell(column, f"{table.name}.{number}.{column.name}", posted, column.name))
        if any(value not in ("", [], False, None) for key, value in row.items() if key not in given):
            rows.append(row)
    for number, row in enumerate(rows, 1):
        row.update({c.name: number for c in columns if counts_rows(c)})
    return rows


def _numbers(table: str, posted: Posted) -> Sequence[int]:
    """The row numbers that were posted, up to as many rows as a table may have."""
    shape = re.compile(rf"{re.escape(table)}\.(\d{{1,4}})\.")
    return sorted({int(found[1]) for name in posted if (found := shape.match(name))})[:MAX_ROWS]


def _cell(field: Field, name: str, posted: Posted, key: str | None = None) -> dict[str, Any]:
    """One field's value, and the words behind its boxes. ``key``: its name in the data, if not that of the input."""
    cell: dict[str, Any] = {key or name: _value(field, name, posted)}
    stem = name.removesuffix(key) if key else ""
    for extra in (field.text_field, *(choice.text_field for choice in field.choices)):
        if extra:
            cell[extra] = posted.get(f"{stem}{extra}") or None
    return cell


def _value(field: Field, name: str, posted: Posted) -> Any:
    if field.type == "checkbox":
        return posted.get(name, "") != ""
    if field.type == "multichoice":
        return posted.getlist(name)
    if field.type == "rrn" and not posted.get(name) and not posted.get(f"{name}.clear"):
        return posted.get(f"{name}.sealed") or None
    return posted.get(name) or None
