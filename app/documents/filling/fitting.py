"""What of typed data fits its form: a draft keeps the rest as words, so that nothing anybody typed is lost."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.documents.catalogue import Form
from app.documents.model import BadFormData, validate
from app.documents.model import Problem as Misfit
from app.documents.numbers import implausible_numbers
from app.kernel.errors import Problem

UNFIT_MAX = 4_000


@dataclass(frozen=True, slots=True)
class Fitted:
    """``data`` is checked and complete; ``unfit`` holds the words of each place that does not fit, without secrets;
    ``problems`` say why, by the place's name (``guardians.0.phone``)."""

    data: dict[str, Any]
    unfit: dict[str, str]
    problems: tuple[Problem, ...]


def fit(form: Form, data: Mapping[str, Any]) -> Fitted:
    """Sort ``data`` into what fits and what does not. Required fields may be empty."""
    rest, unfit, misfits = copy.deepcopy(dict(data)), {}, []
    try:
        checked = validate(form.id, rest, partial=True)
    except BadFormData as error:
        for misfit in error.problems:
            misfits.append(misfit)
            unfit.update(_taken_out(rest, misfit))
        checked = validate(form.id, rest, partial=True)
    for misfit in implausible_numbers(form, checked):
        misfits.append(misfit)
        _taken_out(checked, misfit)
    secret = _secret_places(form)
    kept = {place: words for place, words in unfit.items() if _shape(place) not in secret}
    return Fitted(checked, kept, tuple(as_problem(m) for m in misfits))


def whole(form: Form, data: Mapping[str, Any], unfit: Mapping[str, str]) -> tuple[Problem, ...]:
    """Everything that stands between this draft and the finished paper: what does not fit and what is missing."""
    fitted = fit(form, together(data, unfit))
    try:
        validate(form.id, fitted.data)
    except BadFormData as error:
        known = {problem.field for problem in fitted.problems}
        missing = tuple(p for p in map(as_problem, error.problems) if p.field not in known)
        return fitted.problems + missing
    return fitted.problems


def together(data: Mapping[str, Any], unfit: Mapping[str, str]) -> dict[str, Any]:
    """The data with the words that do not fit back in their places, as somebody typed them."""
    raw = copy.deepcopy(dict(data))
    for place, words in unfit.items():
        _put_back(raw, place, words)
    return raw


def as_problem(misfit: Misfit) -> Problem:
    return Problem(
        "paper.bad_data",
        "{label}: {message}",
        rule="KB-16",
        field=".".join(str(step) for step in misfit.path),
        values={"label": misfit.label, "message": misfit.message},
    )


def _taken_out(data: dict[str, Any], misfit: Misfit) -> dict[str, str]:
    """Empty the place in ``data``; what stood there, as words, by the place's name."""
    holder, steps = _holder(data, misfit.path)
    if holder is None:
        return {}
    key = steps[-1]
    words = holder.get(key)
    if isinstance(words, list):
        # One row too many, or a box that is none: keep what can be kept.
        holder[key] = words[:500] if words and isinstance(words[0], dict) else []
        return {}
    holder.pop(key, None)
    text = str(words or "")[:UNFIT_MAX]
    return {".".join(str(step) for step in steps): text} if text else {}


def _holder(
    data: dict[str, Any], path: tuple[str | int, ...]
) -> tuple[dict[str, Any] | None, tuple[Any, ...]]:
    """The mapping that holds the place, and the steps to it; a place inside a list of boxes is the list."""
    steps = path if len(path) != 2 else path[:1]
    if len(steps) >= 3:
        rows, number = data.get(str(steps[0])), steps[1]
        if not isinstance(rows, list) or not isinstance(number, int) or number >= len(rows):
            return None, steps
        return rows[number], steps[:3]
    return data, steps


def _put_back(data: dict[str, Any], place: str, words: str) -> None:
    steps = place.split(".")
    if len(steps) == 1:
        data[place] = words
        return
    table, number, column = steps[0], int(steps[1]), steps[2]
    rows = data.get(table)
    if isinstance(rows, list) and number < len(rows):
        rows[number][column] = words


def _secret_places(form: Form) -> set[tuple[str, ...]]:
    top = {(f.name,) for f in form.fields if f.type == "rrn"}
    return top | {(f.name, c.name) for f in form.fields for c in f.columns if c.type == "rrn"}


def _shape(place: str) -> tuple[str, ...]:
    return tuple(step for step in place.split(".") if not step.isdigit())
