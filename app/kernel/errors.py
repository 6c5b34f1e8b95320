"""Problems: what a rule refuses, in words a person can act on."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.kernel.particles import settled


def N_(text: str) -> str:
    """Mark a Korean sentence for translation without translating it yet."""
    return text


@dataclass(frozen=True, slots=True)
class Problem:
    """One unmet condition.

    ``text`` may hold ``{placeholders}`` filled by ``values``; ``field`` names the input it belongs to;
    ``soft`` problems may be overridden by an authorised person who records a reason ("soft-block").
    """

    code: str
    text: str
    rule: str = ""
    field: str = ""
    soft: bool = False
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def of(self, *, field: str | None = None, **values: Any) -> Problem:
        """The same problem with its placeholders filled (and, if given, another field)."""
        return replace(self, values={**self.values, **values}, field=self.field if field is None else field)

    @property
    def sentence(self) -> str:
        return settled(self.text.format(**self.values) if self.values else self.text)

    def __str__(self) -> str:
        return self.sentence


class DolbomError(Exception):
    """Anything the application says no with; the web layer turns it into a page."""

    status = 500


class RuleBroken(DolbomError):
    """A command was refused by a rule; nothing was written. HTTP 422."""

    status = 422

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("; ".join(p.code for p in self.problems))


class NotFound(DolbomError):
    """Unknown, or of somebody else: both look the same from outside. HTTP 404."""

    status = 404


class Forbidden(DolbomError):
    """Inside the actor's scope, but not allowed to this role. HTTP 403."""

    status = 403


class StaleVersion(DolbomError):
    """The row was changed since the form was fetched. HTTP 409 with the fresh row."""

    status = 409


class AlreadySubmitted(DolbomError):
    """The same form was sent before; answer with the page of the first time. HTTP 303."""

    status = 303

    def __init__(self, result_url: str) -> None:
        self.result_url = result_url
        super().__init__(result_url)


class TryLater(DolbomError):
    """Locked or under maintenance; the same request may succeed in a moment. HTTP 503."""

    status = 503
