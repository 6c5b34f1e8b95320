"""What was typed into a form, as the problems a page can show beside its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.documents.model import BadFormData, validate
from app.kernel.errors import Problem, RuleBroken


def checked(form_id: str, data: Mapping[str, Any], *, partial: bool) -> dict[str, Any]:
    try:
        return validate(form_id, data, partial=partial)
    except BadFormData as error:
        raise RuleBroken(
            Problem(
                "paper.bad_data",
                "{label}: {message}",
                rule="KB-16",
                field=".".join(str(step) for step in problem.path),
                values={"label": problem.label, "message": problem.message},
            )
            for problem in error.problems
        ) from None
