"""What a municipality may decide for itself: typed, named parameters, declared in the rooms' ``parameters.py``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.ranges import TimeSpan, parse_minute

BAD_VALUE = Problem("bad_parameter", N_("값의 형식이 맞지 않습니다. {hint}"), field="value")


class Scope(StrEnum):
    """The lowest level at which a key may be set; a value is looked up from there upwards."""

    PLATFORM = "platform"
    TENANT = "tenant"
    DISTRICT = "district"
    CENTRE = "centre"


@dataclass(frozen=True, slots=True)
class Kind:
    """How a value is read from JSON and typed by a person. ``read`` raises ValueError on a wrong value."""

    name: str
    hint: str
    read: Callable[[Any], Any]


LARGEST = 1_000_000
"""Of minutes, days, places or won alike: beyond it dates and columns end, and no office means it."""


def _integer(raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        raise ValueError(raw)
    return int(raw)


def _natural(raw: Any) -> int:
    value = _integer(raw)
    if not 0 <= value <= LARGEST:
        raise ValueError(raw)
    return value


def _positive(raw: Any) -> int:
    value = _natural(raw)
    if value == 0:
        raise ValueError(raw)
    return value


def whole(least: int, most: int) -> Kind:
    """Whole numbers in a range that the rule's source sets, or beyond which nobody means it; both ends included."""

    def read(raw: Any) -> int:
        value = _integer(raw)
        if not least <= value <= most:
            raise ValueError(raw)
        return value

    return Kind(
        "whole",
        N_("{least}에서 {most} 사이의 정수를 적어 주세요.").format(least=f"{least:,}", most=f"{most:,}"),
        read,
    )


def _flag(raw: Any) -> bool:
    if raw not in (True, False, "true", "false"):
        raise ValueError(raw)
    return raw in (True, "true")


def _decimal(raw: Any) -> Decimal:
    try:
        value = Decimal(str(raw))
    except InvalidOperation:
        raise ValueError(raw) from None
    if not value.is_finite() or not 0 < value <= LARGEST:
        raise ValueError(raw)
    return value


def _month_day(raw: Any) -> tuple[int, int]:
    month, _, day = str(raw).partition("-")
    value = (int(month), int(day))
    if not (1 <= value[0] <= 12 and 1 <= value[1] <= 31):
        raise ValueError(raw)
    return value


def _optional(inner: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda raw: None if raw in (None, "") else inner(raw)


def _span(raw: Any) -> TimeSpan:
    return TimeSpan.parse(str(raw))


def _night(raw: Any) -> tuple[int, int]:
    """``21:00-08:00``: may pass midnight, so two minutes and not a span."""
    start, _, end = str(raw).partition("-")
    return parse_minute(start), parse_minute(end)


def _list(raw: Any) -> list[Any]:
    if not isinstance(raw, list):
        raise ValueError(raw)
    return raw


INTEGER = Kind("integer", N_("0에서 1,000,000 사이의 정수를 적어 주세요."), _natural)
POSITIVE = Kind("positive", N_("1에서 1,000,000 사이의 정수를 적어 주세요."), _positive)
"""Where 0 would shut everybody out or divide by nothing."""
FLAG = Kind("flag", N_("예 또는 아니요를 고르세요."), _flag)
DECIMAL = Kind("decimal", N_("0보다 크고 1,000,000을 넘지 않는 수를 적어 주세요."), _decimal)
SPAN = Kind("span", N_("13:00-19:00처럼 적어 주세요."), _span)
NIGHT = Kind("night", N_("21:00-08:00처럼 적어 주세요."), _night)
MONTH_DAY = Kind("month_day", N_("11-01처럼 월-일로 적어 주세요."), _month_day)
OPTIONAL_INTEGER = Kind("optional_integer", N_("정수를 적거나 비워 두세요."), _optional(_natural))
TEXT = Kind("text", N_("글자로 적어 주세요."), str)
LIST = Kind("list", N_("목록으로 적어 주세요."), _list)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One key. ``default`` is raw JSON, read by ``kind``; ``rule`` is the rule that introduces it."""

    key: str
    kind: Kind
    default: Any
    label: str
    rule: str
    scope: Scope = Scope.TENANT
    unit: str = ""
    effect: str = ""
    """What happens when it is changed, in one sentence for whoever decides."""

    def read(self, raw: Any) -> Any:
        try:
            return self.kind.read(raw)
        except (ValueError, TypeError):
            raise RuleBroken(BAD_VALUE.of(hint=self.kind.hint)) from None


_registry: dict[str, Parameter] = {}


def register(*parameters: Parameter) -> None:
    for parameter in parameters:
        if parameter.key in _registry:
            raise ValueError(f"parameter {parameter.key} is defined twice")
        parameter.kind.read(parameter.default)
        _registry[parameter.key] = parameter


def all_parameters() -> Mapping[str, Parameter]:
    return _registry
