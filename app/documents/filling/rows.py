"""Rows of a form's tables: printed, filled, empty, counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.documents.catalogue import Field

ROWS_OFFERED = 3
"""Empty rows a table shows before anything is written into it."""
NUMBERED = {"순번", "연번", "번호", "No", "NO", "no"}
"""Heads of a column that counts its rows."""


def counts_rows(column: Field) -> bool:
    return column.computed and column.type == "int" and column.label.strip() in NUMBERED


def printed_rows(table: Field) -> tuple[str, ...]:
    """The stored values that are printed into a table's rows, one row each; empty for a table of free rows."""
    if table.preset is None:
        return ()
    column = table.column(table.preset)
    return table.fixed_rows or tuple(choice.value for choice in column.choices)


def table_rows(table: Field, rows: Sequence[Mapping[str, Any]], wanted: int = 0) -> list[dict[str, Any]]:
    """The rows a page shows: the filled ones, for a table with printed rows each of them, and some empty ones.

    ``wanted``: as many at least, because somebody asked for one more.
    """
    fixed = printed_rows(table)
    filled = [dict(row) for row in rows]
    if fixed:
        by_value = {row.get(table.preset or ""): row for row in reversed(filled)}
        shown = [by_value.pop(value, None) or {table.preset or "": value} for value in fixed]
        shown += [row for row in filled if row.get(table.preset or "") not in fixed]
    else:
        shown = filled or [{} for _ in range(min(max(table.blank_rows, 1), ROWS_OFFERED))]
    return shown + [{} for _ in range(wanted - len(shown))]
