"""What a rule answered, in short; every sentence is checked to be complete on the way."""

from __future__ import annotations

from collections.abc import Iterable

from app.kernel.errors import Problem


def codes(problems: Iterable[Problem | None]) -> list[str]:
    """The codes in order; a placeholder left open in a sentence fails the test that saw it."""
    found = [problem for problem in problems if problem is not None]
    for problem in found:
        assert "{" not in problem.sentence, problem
        assert "None" not in problem.sentence, problem
    return [problem.code for problem in found]
