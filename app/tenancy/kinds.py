"""Kinds of parameter values beyond the plain ones, and how any value is typed by a person and shown to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.parameters import FLAG, LIST, OPTIONAL_INTEGER, Kind, Parameter

MOST = 10_000_000
"""No count, length or amount in won of one decision is larger; beyond it dates overflow."""
TOO_MUCH = Problem(
    "parameter.too_much", N_("값이 너무 커요. 다시 확인해 주세요."), rule="GC-20", field="value"
)


@dataclass(frozen=True, slots=True)
class Choice(Kind):
    """One of ``options`` (value → label)."""

    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Several(Kind):
    """A list of ``options``."""

    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ranking(Kind):
    """``options`` in ranks, several may share one: ``[["a", "b"], ["c"]]``."""

    options: Mapping[str, str]


def choice(name: str, options: Mapping[str, str]) -> Choice:
    def read(raw: Any) -> str:
        if raw not in options:
            raise ValueError(raw)
        return str(raw)

    return Choice(name, N_("목록에서 하나를 고르세요."), read, options)


def several(name: str, options: Mapping[str, str], *, least: int = 0) -> Several:
    """Any of ``options``, each once; ``least`` of them have to be there."""

    def read(raw: Any) -> list[str]:
        if not isinstance(raw, list) or any(item not in options for item in raw):
            raise ValueError(raw)
        if len(set(raw)) != len(raw) or len(raw) < least:
            raise ValueError(raw)
        return list(raw)

    hint = N_("한 줄에 하나씩, 목록에 있는 이름으로 적어 주세요.")
    return Several(name, hint + (N_(" 하나는 있어야 해요.") if least else ""), read, options)


def ranking(
    name: str, options: Mapping[str, str], check: Callable[[list[list[str]]], bool], hint: str
) -> Ranking:
    """``check`` says whether a well-formed ranking is acceptable."""

    def read(raw: Any) -> list[list[str]]:
        if not isinstance(raw, list) or not all(isinstance(group, list) and group for group in raw):
            raise ValueError(raw)
        if any(item not in options for group in raw for item in group) or not check(raw):
            raise ValueError(raw)
        return [list(group) for group in raw]

    return Ranking(name, hint, read, options)


YES_NO = {"true": N_("예"), "false": N_("아니요")}


def options_of(parameter: Parameter) -> Mapping[str, str]:
    """What a person picks from; empty where a value is typed."""
    if parameter.kind is FLAG:
        return YES_NO
    return parameter.kind.options if isinstance(parameter.kind, Choice) else {}


def takes_lines(parameter: Parameter) -> bool:
    return parameter.kind is LIST or isinstance(parameter.kind, Several | Ranking)


def typed(parameter: Parameter, text: str) -> Any:
    """What a person typed as the raw value to store. Raises RuleBroken when it is not one."""
    text = text.strip()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    raw: Any = text
    if isinstance(parameter.kind, Ranking):
        raw = [_names(line, parameter.kind.options) for line in lines]
    elif isinstance(parameter.kind, Several):
        raw = [_named(line, parameter.kind.options) for line in lines]
    elif parameter.kind is LIST:
        raw = lines
    elif parameter.kind is FLAG:
        raw = {"true": True, "false": False}.get(text, text)
    value = parameter.read(raw)
    if isinstance(value, int) and value > MOST:
        raise RuleBroken(TOO_MUCH)
    return value if isinstance(value, int | None) and _reads_back(parameter, value) else raw


def _reads_back(parameter: Parameter, value: int | None) -> bool:
    """Whether a value may stand for itself in JSON: a number does, minutes of a day are kept as 15:00."""
    try:
        return bool(parameter.read(value) == value)
    except RuleBroken:
        return False


def as_typed(parameter: Parameter, raw: Any) -> str:
    """The text ``typed`` would read back to ``raw``."""
    if isinstance(parameter.kind, Ranking):
        return "\n".join(", ".join(parameter.kind.options[item] for item in group) for group in raw)
    if isinstance(parameter.kind, Several):
        return "\n".join(parameter.kind.options[item] for item in raw)
    if parameter.kind is LIST:
        return "\n".join(str(item) for item in raw)
    if parameter.kind is FLAG:
        return "true" if raw in (True, "true") else "false"
    return "" if raw is None else str(raw)


def shown(parameter: Parameter, raw: Any) -> str:
    """A raw value in words, with its unit."""
    if parameter.kind is OPTIONAL_INTEGER and raw in (None, ""):
        return N_("제한 없음")
    options = options_of(parameter)
    text = as_typed(parameter, raw)
    if options:
        return options[text]
    if isinstance(parameter.kind, Ranking):
        return " → ".join(line.replace(", ", "·") for line in text.splitlines())
    if takes_lines(parameter):
        return ", ".join(text.splitlines()) or N_("없음")
    return f"{text}{parameter.unit}" if text else N_("없음")


def _named(label: str, options: Mapping[str, str]) -> str:
    """The key of a label; a key stands for itself, anything else is left for the reader to refuse."""
    return next((key for key, name in options.items() if label in (name, key)), label)


def _names(line: str, options: Mapping[str, str]) -> list[str]:
    return [_named(part.strip(), options) for part in line.split(",") if part.strip()]
