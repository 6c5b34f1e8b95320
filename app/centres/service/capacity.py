"""Another capacity or floor area: asked by the centre, decided by the district, applied on its day (KC-10 … KC-12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.centres import actions, rules
from app.centres.models import CapacityChange, KiumCentre
from app.centres.queries import (
    CapacityChangeRow,
    CentreRow,
    capacity_change_row,
    centre_by_id,
    centre_by_ref,
    centre_policy,
    lock_gate,
)
from app.centres.rules import CAPACITY_CHANGE_STEPS, CapacityChangeState
from app.kernel import audit
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken, StaleVersion

OPEN_ALREADY = Problem(
    "capacity.open_already",
    N_("이미 승인을 기다리는 요청이 있어요. 결정이 난 뒤에 다시 요청해 주세요."),
    rule="KC-10",
)
OWN_REQUEST = Problem(
    "capacity.own_request",
    N_("본인이 낸 요청은 본인이 결정할 수 없어요. 다른 담당자에게 맡겨 주세요."),
    rule="KC-10",
)
REJECTION_REASON = Problem(
    "capacity.rejection_reason",
    N_("반려하는 사유를 적어 주세요. 센터가 봅니다."),
    rule="KC-10",
    field="reason",
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a centre asks for; area in m²."""

    capacity: int
    area: Decimal
    effective_on: date
    reason: str


def request_capacity_change(
    uow: UnitOfWork, centre_ref: str, wish: Wish, enrolled: Mapping[date, int]
) -> CapacityChangeRow:
    """``enrolled``: regular children of each coming day that has any. The reason answers the warning of KC-03."""
    centre = centre_by_ref(uow, centre_ref)
    actions.ASK_CAPACITY.check(uow.actor, centre.id, centre.district_id)
    lock_gate(uow, centre.id)
    centre = centre_by_id(uow, centre.id)
    change = rules.CapacityChange(
        centre.base_capacity, wish.capacity, centre.area, wish.area, wish.effective_on, wish.reason.strip()
    )
    _refuse_unless_fit(uow, centre, change, enrolled)
    row = CapacityChange(
        centre_id=centre.id,
        old_capacity=change.old_capacity,
        new_capacity=change.new_capacity,
        old_area=change.old_area,
        new_area=change.new_area,
        effective_on=change.effective_on,
        reason=change.reason,
        state=CapacityChangeState.REQUESTED,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    try:
        with uow.session.begin_nested():
            uow.session.add(row)
            uow.session.flush()
    except IntegrityError as error:
        raise RuleBroken(OPEN_ALREADY) from error
    audit.record(
        uow,
        "capacity_change.request",
        "capacity_change",
        row.id,
        to_state=row.state,
        reason=row.reason,
        diff={
            "capacity": [row.old_capacity, row.new_capacity],
            "area": [str(row.old_area), str(row.new_area)],
        },
    )
    return capacity_change_row(row)


def decide_capacity_change(
    uow: UnitOfWork, ref: str, *, approve: bool, reason: str, version: int, enrolled: Mapping[date, int]
) -> CapacityChangeRow:
    """KC-10; approval looks at the rules once more. A change due today applies at once."""
    row = _locked(uow, ref)
    centre = centre_by_id(uow, row.centre_id)
    actions.DECIDE_CAPACITY.check(uow.actor, centre.id, centre.district_id)
    before = CapacityChangeState(row.state)
    after = CapacityChangeState.APPROVED if approve else CapacityChangeState.REJECTED
    problem = CAPACITY_CHANGE_STEPS.check(before, after, uow.actor.role)
    if problem:
        raise RuleBroken(problem)
    if row.version != version:
        raise StaleVersion("capacity_change")
    if row.created_by is not None and row.created_by == uow.actor.user_id:
        raise RuleBroken(OWN_REQUEST)
    if not approve and not reason.strip():
        raise RuleBroken(REJECTION_REASON)
    if approve:
        _refuse_unless_fit(uow, centre, _as_decided(uow, row), enrolled)
    row.state, row.version = after, row.version + 1
    row.decided_by, row.decided_at, row.decision_reason = uow.actor.user_id, uow.now, reason.strip()
    uow.session.flush()
    audit.record(
        uow,
        "capacity_change.decide",
        "capacity_change",
        row.id,
        from_state=before,
        to_state=after,
        reason=reason.strip() or None,
    )
    if approve and row.effective_on <= uow.today:
        _apply(uow, row)
    return capacity_change_row(row)


def due_changes(uow: UnitOfWork) -> list[tuple[int, str]]:
    """(centre, ref) of the approved changes whose day has come, in order of that day."""
    rows = uow.session.execute(
        select(CapacityChange.centre_id, CapacityChange.ref)
        .where(
            CapacityChange.state == CapacityChangeState.APPROVED,
            CapacityChange.effective_on <= uow.today,
        )
        .order_by(CapacityChange.effective_on, CapacityChange.id)
    )
    return [(centre_id, ref) for centre_id, ref in rows]


def apply_capacity(uow: UnitOfWork, ref: str) -> CentreRow | None:
    """The centre with its new places, or None when it was applied before or its day has not come."""
    row = _locked(uow, ref)
    if row.state != CapacityChangeState.APPROVED or row.effective_on > uow.today:
        return None
    return _apply(uow, row)


def _apply(uow: UnitOfWork, row: CapacityChange) -> CentreRow:
    before, after = CapacityChangeState(row.state), CapacityChangeState.EFFECTIVE
    problem = CAPACITY_CHANGE_STEPS.check(before, after, Role.SYSTEM)
    if problem:
        raise RuleBroken(problem)
    uow.session.execute(
        update(KiumCentre)
        .where(KiumCentre.id == row.centre_id)
        .values(
            base_capacity=row.new_capacity,
            exclusive_area=row.new_area,
            capacity_reason=row.reason,
            version=KiumCentre.version + 1,
        )
    )
    row.state, row.version = after, row.version + 1
    uow.session.flush()
    audit.record(
        uow,
        "capacity_change.apply",
        "capacity_change",
        row.id,
        from_state=before,
        to_state=after,
        diff={"capacity": [row.old_capacity, row.new_capacity]},
    )
    return centre_by_id(uow, row.centre_id)


def _refuse_unless_fit(
    uow: UnitOfWork, centre: CentreRow, change: rules.CapacityChange, enrolled: Mapping[date, int]
) -> None:
    policy = centre_policy(uow, centre, max(change.effective_on, uow.today))
    found = rules.check_capacity_change(centre.kind, change, enrolled, uow.today, policy)
    hard = [problem for problem in found if not problem.soft]
    if hard:
        raise RuleBroken(hard)


def _as_decided(uow: UnitOfWork, row: CapacityChange) -> rules.CapacityChange:
    """A request whose date passed while it waited takes effect on the day it is decided."""
    effective = max(row.effective_on, uow.today)
    row.effective_on = effective
    return rules.CapacityChange(
        row.old_capacity, row.new_capacity, row.old_area, row.new_area, effective, row.reason
    )


def _locked(uow: UnitOfWork, ref: str) -> CapacityChange:
    """The row under its centre's gate, so that places never change while somebody is being seated."""
    centre_id = uow.session.scalar(select(CapacityChange.centre_id).where(CapacityChange.ref == ref))
    if centre_id is None:
        raise NotFound("capacity_change")
    lock_gate(uow, centre_id)
    return uow.session.scalars(
        select(CapacityChange).where(CapacityChange.ref == ref).execution_options(populate_existing=True)
    ).one()
