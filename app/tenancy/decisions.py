"""A municipality's decisions: each parameter with what is in force and why, and deciding a new value (GC-20)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.kernel.actor import CENTRE_STAFF, DAYCARE_STAFF, Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.kernel.parameters import Parameter, Scope, all_parameters
from app.tenancy import kinds, settings
from app.tenancy.actions import DECIDE_SETTING
from app.tenancy.models import Institution, ParameterValue, PlatformParameter
from app.tenancy.rules import ANYTIME_SERVICES, Service, TenantInfo
from app.tenancy.settings import Place

NOT_HERE = Problem(
    "parameter.not_here", N_("이 값은 여기서 바꿀 수 없어요. 정하는 곳에 요청해 주세요."), rule="GC-20"
)
SAME_VALUE = Problem(
    "parameter.same",
    N_("그날 이미 이 값이에요. 바꿀 값을 적어 주세요."),
    rule="GC-20",
    field="value",
)

GROUPS = {
    "kb": N_("예약"),
    "kw": N_("대기"),
    "kc": N_("정원"),
    "kq": N_("분기와 운영시간"),
    "ae": N_("이용대상"),
    "ad": N_("언제나어린이집"),
    "as": N_("이용제한"),
    "kp": N_("누리집과 계정"),
    "po": N_("비밀번호"),
    "xx": N_("보안과 개인정보"),
    "gc": N_("공통"),
}
FAMILIES: Mapping[str, frozenset[Service]] = {
    **dict.fromkeys(("kb", "kw", "kc", "kq"), frozenset({Service.KIUM})),
    **dict.fromkeys(("ae", "as"), ANYTIME_SERVICES),
    "ad": frozenset({Service.DAYCARE}),
}
"""Group → the services without which it means nothing (GC-22); the others concern every municipality."""
OF_A_DAYCARE = frozenset({"ad", "ae", "as"})
"""The groups a daycare decides in; a Kium centre decides in the others."""
SCOPE_LABELS = {
    Scope.PLATFORM: N_("플랫폼"),
    Scope.TENANT: N_("시군"),
    Scope.DISTRICT: N_("자치구"),
    Scope.CENTRE: N_("센터"),
}
_elsewhere: dict[str, str] = {}


def decide_elsewhere(key: str, endpoint: str) -> None:
    """Below the municipality this key is decided on another page, with what that page asks for besides."""
    _elsewhere[key] = endpoint


@dataclass(frozen=True, slots=True)
class Decision:
    """One decided value: at which level, from when, by whom, why."""

    level: str
    value: str
    effective_from: date
    by: str
    at: datetime
    reason: str
    coming: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """A parameter as it stands for one place; ``decision`` is None while the default holds."""

    parameter: Parameter
    group: str
    value: str
    raw: Any
    default: str
    decision: Decision | None
    coming: Decision | None
    editable: bool
    endpoint: str

    @property
    def level(self) -> str:
        return SCOPE_LABELS[self.parameter.scope]


def place_of(uow: UnitOfWork) -> Place:
    """The chain of the acting role: its centre and district, its district, or the municipality."""
    scope = uow.actor.scope
    if scope is None:
        return settings.TENANT_WIDE
    parent = uow.session.scalar(select(Institution.parent_id).where(Institution.id == scope))
    return Place(scope, parent)


def may_decide(role: Role, parameter: Parameter) -> bool:
    """Who decides a key: platform keys nobody here, centre keys also the centre, district keys also the district."""
    if parameter.scope is Scope.PLATFORM or not DECIDE_SETTING.allows(role):
        return False
    if role in CENTRE_STAFF | DAYCARE_STAFF:
        daycares = parameter.key.partition(".")[0] in OF_A_DAYCARE
        return parameter.scope is Scope.CENTRE and daycares == (role in DAYCARE_STAFF)
    return parameter.scope is Scope.DISTRICT if role is Role.DISTRICT_OFFICER else True


def settings_of(uow: UnitOfWork, tenant: TenantInfo, words: str = "") -> list[Setting]:
    """All keys of the municipality's services that match the words, by group and key."""
    place, history = place_of(uow), _history(uow)
    found = [
        _setting(uow, parameter, place, history.get(parameter.key, []))
        for parameter in all_parameters().values()
        if _belongs(parameter, tenant) and _matches(parameter, words)
    ]
    order = list(GROUPS.values())
    return sorted(found, key=lambda row: (order.index(row.group), row.parameter.key))


def setting(uow: UnitOfWork, tenant: TenantInfo, key: str) -> tuple[Setting, list[Decision]]:
    """One key with its history here, newest first. Raises NotFound."""
    parameter = all_parameters().get(key)
    if parameter is None or not _belongs(parameter, tenant):
        raise NotFound("parameter")
    place = place_of(uow)
    rows = _history(uow).get(key, [])
    found = _setting(uow, parameter, place, rows)
    return found, [_decision(row, parameter, uow.today) for row in reversed(_applying(rows, place))]


def decide(
    uow: UnitOfWork, tenant: TenantInfo, key: str, text: str, effective_from: date, reason: str
) -> Setting:
    """Decide what was typed for the acting role's place (GC-20). Raises RuleBroken, NotFound."""
    parameter, raw = check_decision(uow, tenant, key, text, effective_from)
    settings.set_value(
        uow,
        parameter,
        raw,
        effective_from=effective_from,
        reason=reason,
        institution_id=uow.actor.scope,
    )
    return setting(uow, tenant, key)[0]


def check_decision(
    uow: UnitOfWork, tenant: TenantInfo, key: str, text: str, effective_from: date
) -> tuple[Parameter, Any]:
    """The parameter and the raw value typed for it, before anything is written."""
    found, _ = setting(uow, tenant, key)
    if not found.editable or found.endpoint:
        raise RuleBroken(NOT_HERE)
    raw = kinds.typed(found.parameter, text)
    in_force = settings.value(uow, found.parameter, effective_from, place_of(uow))
    if effective_from >= uow.today and found.parameter.read(raw) == in_force:
        raise RuleBroken(SAME_VALUE)
    return found.parameter, raw


def refuse_past(uow: UnitOfWork, effective_from: date) -> None:
    """What is decided is not changed afterwards (GC-20)."""
    if effective_from < uow.today:
        raise RuleBroken(settings.IN_THE_PAST.of(today=uow.today.isoformat()))


@dataclass(frozen=True, slots=True)
class _Row:
    institution_id: int | None
    effective_from: date
    value: dict[str, Any]
    set_at: datetime
    reason: str
    level: str


def _history(uow: UnitOfWork) -> dict[str, list[_Row]]:
    """Everything ever decided, in the order in which it comes into force."""
    mine = uow.session.execute(
        select(ParameterValue, Institution.name)
        .outerjoin(Institution, Institution.id == ParameterValue.institution_id)
        .order_by(ParameterValue.effective_from, ParameterValue.id)
    )
    theirs = uow.session.scalars(
        select(PlatformParameter).order_by(PlatformParameter.effective_from, PlatformParameter.id)
    )
    found: dict[str, list[_Row]] = {}
    for given in theirs:
        found.setdefault(given.key, []).append(
            _Row(
                settings.PLATFORM, given.effective_from, given.value, given.set_at, given.reason, N_("플랫폼")
            )
        )
    for row, name in mine:
        found.setdefault(row.key, []).append(
            _Row(
                row.institution_id,
                row.effective_from,
                row.value,
                row.set_at,
                row.reason,
                name or N_("시군 전체"),
            )
        )
    return found


def _applying(rows: Iterable[_Row], place: Place) -> list[_Row]:
    chain = {place.institution_id, place.parent_id, None, settings.PLATFORM}
    return [row for row in rows if row.institution_id in chain]


def _setting(uow: UnitOfWork, parameter: Parameter, place: Place, rows: list[_Row]) -> Setting:
    here = _applying(rows, place)
    holding = None
    for level in (place.institution_id, place.parent_id, None, settings.PLATFORM):
        at_level = [row for row in here if row.institution_id == level and row.effective_from <= uow.today]
        if at_level:
            holding = at_level[-1]
            break
    coming = next((row for row in here if row.effective_from > uow.today), None)
    raw = parameter.default if holding is None else holding.value["v"]
    return Setting(
        parameter=parameter,
        group=GROUPS[parameter.key.partition(".")[0]],
        value=kinds.shown(parameter, raw),
        raw=raw,
        default=kinds.shown(parameter, parameter.default),
        decision=_decision(holding, parameter, uow.today) if holding else None,
        coming=_decision(coming, parameter, uow.today) if coming else None,
        editable=may_decide(uow.actor.role, parameter),
        endpoint=_elsewhere.get(parameter.key, "") if uow.actor.scope is not None else "",
    )


def _decision(row: _Row, parameter: Parameter, today: date) -> Decision:
    return Decision(
        level=row.level,
        value=kinds.shown(parameter, row.value["v"]),
        effective_from=row.effective_from,
        by=row.value.get("by") or N_("처음 설정"),
        at=row.set_at,
        reason=row.reason,
        coming=row.effective_from > today,
    )


def _belongs(parameter: Parameter, tenant: TenantInfo) -> bool:
    prefix = parameter.key.partition(".")[0]
    family = FAMILIES.get(prefix)
    return prefix in GROUPS and (family is None or tenant.offers(family))


def _matches(parameter: Parameter, words: str) -> bool:
    text = f"{parameter.key} {parameter.label} {parameter.rule}".lower()
    return all(word in text for word in words.lower().split())
