"""What the code itself must not do; each check reads the syntax tree, not the text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.kernel.config import ROOT

CODE = sorted((ROOT / "app").rglob("*.py"))
MAY_BUILD_SQL = {
    "app/centres/known.py": "the row version (xmin) of our own tables, named in the code",
    "app/tenancy/provision.py": "names of roles and schemas, each checked against a pattern",
    "app/tenancy/migrate.py": "names of schemas of the registry",
    "app/tenancy/seeding.py": "the same, and tables of a fixed list, when a municipality is made or dropped",
}
MAY_READ_THE_CLOCK = {
    "app/kernel/db.py": "the unit of work fixes its moment here",
    "app/tenancy/clock.py": "a heartbeat is about the machine, whatever time is played",
    "app/tenancy/health.py": "reads that heartbeat",
    "app/tenancy/views_platform.py": "says how far the clock was moved",
}
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("datetime", "today"),
    ("func", "now"),
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(path: Path) -> Iterator[ast.Call]:
    tree = ast.parse(path.read_text("utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def is_at_run_time(path: Path) -> bool:
    """The command line is the operator's own hand; everything else answers somebody."""
    return not name_of(path).startswith("app/command/")


@pytest.mark.parametrize("path", [p for p in CODE if is_at_run_time(p)], ids=name_of)
def test_sql_is_never_built_from_strings(path: Path) -> None:
    """Values are bound; a statement put together by the program is where an injection begins."""
    built = [
        node.lineno
        for node in calls(path)
        if isinstance(node.func, ast.Name | ast.Attribute)
        and (node.func.id if isinstance(node.func, ast.Name) else node.func.attr)
        in ("text", "literal_column")
        and node.args
        and not _is_fixed(node.args[0])
        and _is_sqlalchemy(path, node)
    ]
    assert not built or name_of(path) in MAY_BUILD_SQL, f"lines {built}"


def _is_fixed(argument: ast.expr) -> bool:
    """A plain string, or a name given to one."""
    if isinstance(argument, ast.Name):
        return argument.id.isupper()
    return isinstance(argument, ast.Constant)


def _is_sqlalchemy(path: Path, node: ast.Call) -> bool:
    if isinstance(node.func, ast.Attribute):
        return isinstance(node.func.value, ast.Name) and node.func.value.id in ("sa", "sqlalchemy")
    return "from sqlalchemy" in path.read_text("utf-8")


@pytest.mark.parametrize("path", [p for p in CODE if is_at_run_time(p)], ids=name_of)
def test_only_the_unit_of_work_reads_the_clock(path: Path) -> None:
    """So that the clock can be moved, and a unit of work has one moment (design 5)."""
    read = [
        node.lineno
        for node in calls(path)
        if isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in CLOCKS
    ]
    assert not read or name_of(path) in MAY_READ_THE_CLOCK, f"lines {read}"


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_only_the_unit_of_work_commits(path: Path) -> None:
    if name_of(path) in ("app/kernel/db.py", "app/tenancy/migrate.py") or not is_at_run_time(path):
        return
    commits = [
        node.lineno
        for node in calls(path)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    ]
    assert not commits, f"lines {commits}"


def test_the_argued_exceptions_still_exist() -> None:
    assert all((ROOT / name).exists() for name in (*MAY_BUILD_SQL, *MAY_READ_THE_CLOCK))
