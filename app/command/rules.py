"""``./dolbom rules``: which test proves which rule of the specification.

Tests name their rules with ``@pytest.mark.rule("KB-03")``. The sources are read, not run, so the
list is there even when a test cannot be imported.
"""

import argparse
import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.command.place import ROOT

EXPECTED = "rules_expected.txt"  # below tests/: one rule id per line that must have a test; # comments


@dataclass(frozen=True, order=True)
class Proof:
    """One test that names one rule; ``room`` is the folder below tests/."""

    rule: str
    room: str
    test: str


def add_parser(sub: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the verb."""
    sub.add_parser("rules", help="규칙과 시험", description="규칙마다 그것을 증명하는 시험을 보여 줍니다.")


def main(_args: argparse.Namespace) -> int:
    """Print the table; 1 when an expected rule has no test."""
    found = proofs(ROOT / "tests")
    for proof in found:
        print(f"{proof.rule:8} {proof.room:14} {proof.test}")
    rules = {proof.rule for proof in found}
    missing = sorted(expected_rules(ROOT / "tests") - rules)
    print(f"\n규칙 {len(rules)}개를 시험 {len({(p.room, p.test) for p in found})}개가 증명합니다.")
    if missing:
        print(f"시험이 없는 규칙 {len(missing)}개: {', '.join(missing)}")
    return 1 if missing else 0


def proofs(tests: Path) -> list[Proof]:
    """Every (rule, test) pair marked below ``tests``, sorted."""
    found = set()
    for file in tests.rglob("test_*.py"):
        room = file.relative_to(tests).parts[0] if file.parent != tests else ""
        for name, rule in _marks(ast.parse(file.read_text("utf-8"))):
            found.add(Proof(rule, room, f"{file.stem}::{name}" if name else file.stem))
    return sorted(found)


def expected_rules(tests: Path) -> set[str]:
    """The rule ids that must have a test; empty without the list."""
    file = tests / EXPECTED
    if not file.exists():
        return set()
    lines = (line.partition("#")[0] for line in file.read_text("utf-8").splitlines())
    return {word for line in lines for word in line.split()}


def _marks(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """(test or class, rule id) for decorators and parameters; ("", rule id) for ``pytestmark``."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from ((node.name, rule) for rule in _rules_named(node))
        elif isinstance(node, ast.ClassDef):
            yield from ((node.name, rule) for part in node.decorator_list for rule in _rules_named(part))
            yield from (
                (f"{node.name}::{name}", rule) for name, rule in _marks(ast.Module(node.body, [])) if name
            )
        else:
            yield from (("", rule) for rule in _rules_named(node))


def _rules_named(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and part.func.attr == "rule":
            yield from (str(word.value) for word in part.args if isinstance(word, ast.Constant))
