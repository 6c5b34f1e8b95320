"""Rows nobody reads in the unit that writes them (logs, messages): one statement for all, just before the commit.

A command under a gate keeps others waiting for every round trip; these cost one, however many rows and tables.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
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
from sqlalchemy.sql.dml import ReturningInsert

Row = dict[str, Any]
Shape = tuple[Table, tuple[str, ...]]


class LastWrites:
    """What a unit still has to write. All parts of the statement see the rows as they were before it."""

    def __init__(self) -> None:
        self.gathering = False
        """Set by a command whose unit reads none of them: they wait for the end of the unit."""
        self._rows: dict[Table, list[Row]] = {}
        self._changes: list[Update | Insert] = []
        self._calls: list[ColumnElement[Any]] = []
        self._values: dict[str, Any] = {}

    def __bool__(self) -> bool:
        return bool(self._rows or self._changes or self._calls)

    def add(self, model: type[Any], **values: Any) -> None:
        """One row; within a table they are written in the order in which they came."""
        self._rows.setdefault(model.__table__, []).append(values)

    def change(self, statement: Update | Insert, **values: Any) -> None:
        """A statement that was built once, at most once in a unit; its parameters bear names of their own."""
        self._changes.append(statement)
        self._values |= values

    def call(self, function: ColumnElement[Any], **values: Any) -> None:
        """A call that was built once, as ``change``."""
        self._calls.append(function)
        self._values |= values

    def take(self) -> tuple[Select[Any], dict[str, Any]]:
        """The statement and its values; afterwards nothing is left."""
        shapes = tuple(_shape(table, self._rows[table]) for table in sorted(self._rows, key=str))
        values = dict(self._values)
        for shape in shapes:
            values |= _arrays(shape, self._rows[shape[0]])
        statement = _all_of(shapes, tuple(self._changes), tuple(self._calls))
        self._rows, self._changes, self._calls, self._values = {}, [], [], {}
        return statement, values


def new_rows(model: type[Any], rows: list[Row]) -> tuple[ReturningInsert[Any], dict[str, Any]]:
    """A statement that writes rows at once, with its values; it brings ``id`` and ``ref`` of each."""
    shape = _shape(model.__table__, rows)
    return _returning(shape), _arrays(shape, rows)


def _shape(table: Table, rows: list[Row]) -> Shape:
    """The table and its columns; the id only where rows bring their own."""
    return table, tuple(c.name for c in table.columns if c.identity is None or c.name in rows[0])


def _arrays(shape: Shape, rows: list[Row]) -> dict[str, list[Any]]:
    table, names = shape
    return {f"{table.name}_{name}": [_value(table, name, row) for row in rows] for name in names}


def _value(table: Table, name: str, row: dict[str, Any]) -> Any:
    """As given, or as the column's default in Python says."""
    default: Any = table.c[name].default
    if name in row or default is None:
        return row.get(name)
    return default.arg(None) if default.is_callable else default.arg


def _insert(shape: Shape) -> Insert:
    """One array for each column: the same statement for any number of rows."""
    table, names = shape
    columns = [table.c[name] for name in names]
    arrays = [bindparam(f"{table.name}_{c.name}", type_=ARRAY(c.type, dimensions=1)) for c in columns]
    given = (
        func.unnest(*arrays)
        .table_valued(*[column(c.name, c.type) for c in columns])
        .render_derived(name=f"new_{table.name}")
    )
    rows = select(*[given.c[c.name] for c in columns])
    return insert(table).from_select(list(names), rows)


@lru_cache(maxsize=256)
def _returning(shape: Shape) -> ReturningInsert[Any]:
    table = shape[0]
    return _insert(shape).returning(table.c.id, table.c.ref)


@lru_cache(maxsize=256)
def _all_of(
    shapes: tuple[Shape, ...],
    changes: tuple[Update | Insert, ...],
    calls: tuple[ColumnElement[Any], ...],
) -> Select[Any]:
    parts = [_insert(shape).cte(f"into_{shape[0].name}") for shape in shapes]
    parts += [change.cte(f"change_{number}") for number, change in enumerate(changes)]
    return select(literal(1)).add_cte(*parts).add_columns(*calls)
