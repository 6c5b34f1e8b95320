"""``value``: the one way to read a parameter. Walks institution → parent → tenant → platform → default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

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
    rows = _rows(uow).get(parameter.key, ())
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


def _rows(uow: UnitOfWork) -> dict[str, list[_Row]]:
    """All decided values of the municipality and the platform, read once per unit; later ones last."""
    cached: dict[str, list[_Row]] | None = uow.memory.get("parameters")
    if cached is None:
        cached = {}
        for key, level, day, raw in uow.session.execute(_DECIDED):
            cached.setdefault(key, []).append(_Row(level, day, raw["v"]))
        uow.memory["parameters"] = cached
    return cached
