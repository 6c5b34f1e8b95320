"""Rows nobody reads in the unit that writes them (logs, messages): one statement for all, just before the commit.

A command under a gate keeps others waiting for every round trip; these cost one, however many rows and tables.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Insert,
    Select,
    Table,
    Update,
    bindparam,
    column,
    func,
    insert,
    literal,
    select,
)


class LastWrites:
    """What a unit still has to write. All parts of the statement see the rows as they were before it."""

    def __init__(self) -> None:
        self.gathering = False
        """Set by a command whose unit reads none of them: they wait for the end of the unit."""
        self._rows: dict[FromClause, list[dict[str, Any]]] = {}
        self._updates: list[Update | Insert] = []
        self._calls: list[ColumnElement[Any]] = []

    def __bool__(self) -> bool:
        return bool(self._rows or self._updates or self._calls)

    def add(self, model: type[Any], **values: Any) -> None:
        """One row; within a table they are written in the order in which they came."""
        self._rows.setdefault(model.__table__, []).append(values)

    def change(self, statement: Update | Insert) -> None:
        self._updates.append(statement)

    def call(self, function: ColumnElement[Any]) -> None:
        self._calls.append(function)

    def take(self) -> tuple[Select[Any], dict[str, Any]]:
        """The statement and its values; afterwards nothing is left."""
        tables: list[Any] = sorted(self._rows, key=str)
        shapes = tuple((table, _columns(table, self._rows[table][0])) for table in tables)
        values = {
            f"{table.name}_{name}": [_value(table, name, row) for row in self._rows[table]]
            for table, names in shapes
            for name in names
        }
        changes = [change.cte(f"change_{number}") for number, change in enumerate(self._updates)]
        statement = _into(shapes).add_cte(*changes).add_columns(*self._calls)
        for part in (self._rows, self._updates, self._calls):
            part.clear()
        return statement, values


def _value(table: Table, name: str, row: dict[str, Any]) -> Any:
    """As given, or as the column's default in Python says."""
    default: Any = table.c[name].default
    if name in row or default is None:
        return row.get(name)
    return default.arg(None) if default.is_callable else default.arg


def _columns(table: Table, row: dict[str, Any]) -> tuple[str, ...]:
    """All of them; the id only where rows bring their own."""
    return tuple(c.name for c in table.columns if c.identity is None or c.name in row)


@lru_cache(maxsize=256)
def _into(shapes: tuple[tuple[Table, tuple[str, ...]], ...]) -> Select[Any]:
    """One array for each column: the same statement for any number of rows."""
    parts = []
    for table, names in shapes:
        columns = [table.c[name] for name in names]
        arrays = [bindparam(f"{table.name}_{c.name}", type_=ARRAY(c.type, dimensions=1)) for c in columns]
        given = (
            func.unnest(*arrays)
            .table_valued(*[column(c.name, c.type) for c in columns])
            .render_derived(name=f"new_{table.name}")
        )
        rows = select(*[given.c[c.name] for c in columns])
        parts.append(insert(table).from_select([c.name for c in columns], rows).cte(f"into_{table.name}"))
    return select(literal(1)).add_cte(*parts)
