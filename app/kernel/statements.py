"""Statements built once: compiled once in a process, then handed to the driver as they are.

SQLAlchemy's compiler, types and errors stay; its way of running a statement, which costs more than most of the
statements of a page themselves, does not.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from psycopg import Error as DriverError
from sqlalchemy import BindParameter, Connection, Dialect, Integer, String
from sqlalchemy.exc import MultipleResultsFound, NoResultFound
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import TypeEngine

Change = Callable[[Any], Any]


class Rows(Sequence[Any]):
    """What a statement brought: named tuples, all of them read already."""

    __slots__ = ("_rows",)

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, number: Any) -> Any:
        return self._rows[number]

    def first(self) -> Any:
        """None when there is none."""
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """Raises NoResultFound, MultipleResultsFound."""
        if len(self._rows) == 1:
            return self._rows[0]
        raise MultipleResultsFound if self._rows else NoResultFound

    def scalar(self) -> Any:
        """The first column of the first row, or None."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        return self.one()[0]

    def scalars(self) -> list[Any]:
        return [row[0] for row in self._rows]


@dataclass(slots=True)
class Compiled:
    """What the driver is given. ``given``: the values that stand in the statement itself; ``row``: None without rows.

    ``before`` and ``after``: how values of the columns' types become those of the driver and back; ``after`` by number
    of the column, known when the first answer has said of which type the database sends it.
    """

    sql: str
    given: Mapping[str, Any]
    before: Mapping[str, Change]
    columns: Sequence[TypeEngine[Any]]
    row: Callable[[Sequence[Any]], Any] | None
    after: Sequence[tuple[int, Change]] | None = None

    def values(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        values = {**self.given, **asked}
        for name, change in self.before.items():
            values[name] = change(values[name])
        return values

    def rows(self, cursor: Any, dialect: Dialect) -> list[Any]:
        make = self.row
        if make is None:
            return []
        if self.after is None:
            self.after = self._changes([column.type_code for column in cursor.description], dialect)
        if not self.after:
            return [make(row) for row in cursor.fetchall()]
        rows = []
        for row in cursor.fetchall():
            columns = list(row)
            for number, change in self.after:
                columns[number] = change(columns[number])
            rows.append(make(columns))
        return rows

    def _changes(self, sent: Sequence[int], dialect: Dialect) -> list[tuple[int, Change]]:
        kinds = zip(self.columns, sent, strict=True)
        found = [kind.dialect_impl(dialect).result_processor(dialect, code) for kind, code in kinds]
        return [(number, change) for number, change in enumerate(found) if change is not None]


def _change(kind: TypeEngine[Any], dialect: Dialect) -> Change | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _in_its_place(element: Any, **_: Any) -> Any:
    """Words and numbers that never change are part of the text: the database's plan may count on them."""
    if (
        isinstance(element, BindParameter)
        and not element.required
        and isinstance(element.type, String | Integer)
    ):
        return element.render_literal_execute()
    return None


@lru_cache(maxsize=512)
def compiled(statement: Any, dialect: Dialect) -> Compiled:
    """Of one and the same statement object; whoever builds it anew for every call pays for compiling it every time."""
    fixed = replacement_traverse(statement, {}, _in_its_place)
    made: SQLCompiler = fixed.compile(dialect=dialect)
    if made.insert_prefetch or made.update_prefetch:
        raise TypeError("a default in Python would not be asked: name the value")
    asked = {name for name, parameter in made.binds.items() if parameter.required}
    whole = made.construct_expanded_state(dict.fromkeys(asked))
    change: dict[str, Any] = {
        name: _change(parameter.type, dialect) for name, parameter in made.binds.items()
    }
    change |= whole.processors
    change = {name: processor for name, processor in change.items() if processor is not None}
    given = {
        name: change[name](value) if name in change else value
        for name, value in whole.parameters.items()
        if name not in asked
    }
    columns = list(statement.exported_columns)
    names = [str(column.key or "") for column in columns]
    return Compiled(
        sql=whole.statement,
        given=given,
        before={name: change[name] for name in asked if name in change},
        columns=[column.type for column in columns],
        row=namedtuple("Row", names, rename=True)._make if names else None,  # type: ignore[attr-defined]
    )


def send(connection: Connection, statement: Any, values: Mapping[str, Any]) -> Rows:
    """Run it in the connection's transaction; errors come as SQLAlchemy's, and who listens to the engine hears it."""
    ready = compiled(statement, connection.dialect)
    sent = ready.values(values)
    driver: Any = connection.connection.driver_connection
    cursor = driver.cursor()
    if connection._has_events or connection.engine._has_events:
        for hear in connection.dispatch.before_cursor_execute:
            hear(connection, cursor, ready.sql, sent, None, False)
    try:
        cursor.execute(ready.sql, sent, prepare=True)
        return Rows(ready.rows(cursor, connection.dialect))
    except DriverError as error:
        connection._handle_dbapi_exception(error, ready.sql, sent, cursor, None)
