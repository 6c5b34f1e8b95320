"""``value``: the one way to read a parameter. Walks institution → parent → tenant → platform → default."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import literal, select, union_all

from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.parameters import Parameter
from app.tenancy.models import ParameterValue, PlatformParameter

IN_THE_PAST = Problem(
    "parameter_in_the_past",
    N_("적용일은 오늘({today})이거나 그 뒤여야 합니다. 이미 정해진 일은 바꾸지 않습니다."),
    rule="GC-20",
    field="effective_from",
)
NO_REASON = Problem(
    "parameter_without_reason", N_("바꾸는 까닭을 적어 주세요."), rule="GC-20", field="reason"
)


@dataclass(frozen=True, slots=True)
class Place:
    """An institution and its parent: the chain along which a value is looked up."""

    institution_id: int | None = None
    parent_id: int | None = None


TENANT_WIDE = Place()


def value(uow: UnitOfWork, parameter: Parameter, on: date | None = None, place: Place = TENANT_WIDE) -> Any:
    """The value in force on a day (default: today) for an institution (default: the municipality)."""
    day = on or uow.today
    rows = _decided(uow).rows.get(parameter.key, ())
    for level in (place.institution_id, place.parent_id, None, PLATFORM):
        found = [row for row in rows if row.level == level and row.effective_from <= day]
        if found:
            return parameter.read(found[-1].raw)
    return parameter.kind.read(parameter.default)


def set_value(
    uow: UnitOfWork,
    parameter: Parameter,
    raw: Any,
    *,
    effective_from: date,
    reason: str,
    institution_id: int | None = None,
) -> None:
    """Decide a value from a day on (GC-20). Raises RuleBroken on a wrong value, a past day or a missing reason."""
    parameter.read(raw)
    problems = []
    if effective_from < uow.today:
        problems.append(IN_THE_PAST.of(today=uow.today.isoformat()))
    if not reason.strip():
        problems.append(NO_REASON)
    if problems:
        raise RuleBroken(problems)
    row = ParameterValue(
        key=parameter.key,
        institution_id=institution_id,
        value={"v": raw, "by": uow.actor.name},
        effective_from=effective_from,
        set_by=uow.actor.user_id,
        set_at=uow.now,
        reason=reason.strip(),
    )
    uow.session.add(row)
    uow.session.flush()
    uow.memory.pop("parameters", None)
    _remembered.pop(uow.tenant.schema, None)
    audit.record(
        uow,
        "parameter.set",
        "parameter",
        row.id,
        reason=reason,
        diff={parameter.key: [None, raw], "effective_from": [None, effective_from.isoformat()]},
    )


PLATFORM = -1


@dataclass(frozen=True, slots=True)
class _Row:
    level: int | None
    effective_from: date
    raw: Any


_MINE = select(
    ParameterValue.key,
    ParameterValue.institution_id.label("level"),
    ParameterValue.effective_from,
    ParameterValue.value,
    ParameterValue.id.label("row"),
)
_PLATFORMS = select(
    PlatformParameter.key,
    literal(PLATFORM).label("level"),
    PlatformParameter.effective_from,
    PlatformParameter.value,
    PlatformParameter.id.label("row"),
)
_ALL = union_all(_MINE, _PLATFORMS).subquery()
_DECIDED = select(_ALL.c.key, _ALL.c.level, _ALL.c.effective_from, _ALL.c.value).order_by(
    _ALL.c.effective_from, _ALL.c.row
)
"""One statement for both levels: it runs in every unit that reads a parameter."""


@dataclass(frozen=True, slots=True)
class _Decided:
    """All decided values of the municipality and the platform; later ones last. ``made``: what was made of them."""

    found: list[Any]
    rows: dict[str, list[_Row]]
    read_at: float
    made: dict[Any, Any] = field(default_factory=dict)


FRESH_SECONDS = 30.0
_remembered: dict[str, _Decided] = {}
"""By schema, for units that only show; whatever decides reads for itself."""


def _decided(uow: UnitOfWork) -> _Decided:
    """Read once per unit; for a unit that only shows once in half a minute."""
    known: _Decided | None = uow.memory.get("parameters")
    if known is None and uow.only_shows:
        known = _remembered.get(uow.tenant.schema)
        if known is not None and time.monotonic() - known.read_at > FRESH_SECONDS:
            known = None
    if known is None:
        known = _read(uow)
    uow.memory["parameters"] = known
    return known


def _read(uow: UnitOfWork) -> _Decided:
    """As it stands now. While nothing was decided anew, what was made of the values serves on for its half minute."""
    found = list(uow.rows(_DECIDED))
    known = _remembered.get(uow.tenant.schema)
    if known is not None and known.found == found and time.monotonic() - known.read_at <= FRESH_SECONDS:
        return known
    rows: dict[str, list[_Row]] = {}
    for key, level, day, raw in found:
        rows.setdefault(key, []).append(_Row(level, day, raw["v"]))
    known = _remembered[uow.tenant.schema] = _Decided(found, rows, time.monotonic())
    return known


Made = TypeVar("Made")


def made_once(uow: UnitOfWork, key: tuple[object, ...], make: Callable[[], Made]) -> Made:
    """What ``make`` makes of the decided values and ``key`` alone, kept as long as those are."""
    made = _decided(uow).made
    if key not in made:
        made[key] = make()
    return made[key]


def forget() -> None:
    """Read anew at the next question."""
    _remembered.clear()
