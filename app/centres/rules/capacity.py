"""How many places a centre has, and how that may change (KC-01 … KC-05, KC-10 … KC-12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from app.centres.rules.kinds import CapacityChangeState, CentreKind
from app.centres.rules.policy import STANDARD, CentrePolicy
from app.kernel.errors import N_, Problem
from app.kernel.texts import day_text

NO_PLACES = Problem(
    "capacity.none",
    N_("정원은 1명 이상이어야 해요. 정원을 다시 적어 주세요."),
    rule="KC-01",
    field="capacity",
)
ABOVE_CEILING = Problem(
    "capacity.above_ceiling",
    N_("전용면적 {area}㎡에서는 {ceiling}명까지 정할 수 있어요. 정원을 줄이거나 면적을 확인해 주세요."),
    rule="KC-01",
    field="capacity",
)
ABOVE_RECOMMENDED = Problem(
    "capacity.above_recommended",
    N_("권장 면적(1인당 {per_place}㎡)으로는 {proposal}명이에요. 그대로 하려면 사유를 적어 주세요."),
    rule="KC-03",
    field="capacity",
    soft=True,
)
REASON_MISSING = Problem(
    "capacity.reason_missing", N_("정원이나 면적을 바꾸는 사유를 적어 주세요."), rule="KC-10", field="reason"
)
NOTHING_CHANGES = Problem(
    "capacity.nothing_changes",
    N_("지금 정원과 면적이 그대로예요. 바꿀 값을 적어 주세요."),
    rule="KC-10",
    field="new_capacity",
)
EFFECTIVE_IN_PAST = Problem(
    "capacity.effective_in_past",
    N_("적용일은 오늘이나 그 뒤로 정해 주세요."),
    rule="KC-10",
    field="effective_on",
)
EFFECTIVE_TOO_EARLY = Problem(
    "capacity.effective_too_early",
    N_("그때는 등록 아동이 새 정원보다 많아요. 적용일을 {first} 또는 그 뒤로 정해 주세요."),
    rule="KC-11",
    field="effective_on",
)
APPROVALS_HELD = Problem(
    "capacity.approvals_held",
    N_("정원을 {capacity}명으로 줄이는 중이라 {until} 전에는 새 정기돌봄을 승인할 수 없어요."),
    rule="KC-11",
)


def capacity_ceiling(area: Decimal, policy: CentrePolicy = STANDARD) -> int:
    """The most places the exclusive floor area (m²) allows (KC-01)."""
    return int(area // policy.area_per_place_hard)


def capacity_proposal(area: Decimal, policy: CentrePolicy = STANDARD) -> int:
    """The places at the recommended area per child (KC-02); a proposal only."""
    return int(area // policy.area_per_place_recommended)


def default_capacity(kind: CentreKind, area: Decimal, policy: CentrePolicy = STANDARD) -> int:
    """What to offer in the form: a hub's places are its ceiling (KC-05), others get the proposal."""
    return capacity_ceiling(area, policy) if kind is CentreKind.HUB else capacity_proposal(area, policy)


def separate_quota(kind: CentreKind, base: int, policy: CentrePolicy = STANDARD) -> int:
    """Temporary places beyond the base capacity: 20 % rounded down (KC-04); a hub has none (KC-05)."""
    return 0 if kind is CentreKind.HUB else base * policy.separate_quota_pct // 100


def check_capacity(
    kind: CentreKind, area: Decimal, capacity: int, policy: CentrePolicy = STANDARD
) -> list[Problem]:
    """KC-01 blocks; KC-03 asks for a reason (a hub is counted at the hard area, so it is never asked)."""
    ceiling, proposal = capacity_ceiling(area, policy), capacity_proposal(area, policy)
    if capacity < 1:
        return [NO_PLACES]
    if capacity > ceiling:
        return [ABOVE_CEILING.of(area=area, ceiling=ceiling)]
    if capacity > proposal and kind is not CentreKind.HUB:
        return [ABOVE_RECOMMENDED.of(per_place=policy.area_per_place_recommended, proposal=proposal)]
    return []


@dataclass(frozen=True, slots=True)
class CapacityChange:
    """A centre's request to the district; areas in m²."""

    old_capacity: int
    new_capacity: int
    old_area: Decimal
    new_area: Decimal
    effective_on: date
    reason: str


def check_capacity_change(
    kind: CentreKind,
    change: CapacityChange,
    enrolled: Mapping[date, int],
    today: date,
    policy: CentrePolicy = STANDARD,
) -> list[Problem]:
    """What stands against a change of places or floor area (KC-10 … KC-12).

    ``enrolled`` counts the regular children of each coming day that has any.
    """
    found = check_capacity(kind, change.new_area, change.new_capacity, policy)
    if (change.new_capacity, change.new_area) == (change.old_capacity, change.old_area):
        found.append(NOTHING_CHANGES)
    if not change.reason.strip():
        found.append(REASON_MISSING)
    if change.effective_on < today:
        found.append(EFFECTIVE_IN_PAST)
    first = first_fitting_day(change.new_capacity, enrolled, today)
    if change.effective_on < first:
        found.append(EFFECTIVE_TOO_EARLY.of(first=day_text(first)))
    return found


def first_fitting_day(capacity: int, enrolled: Mapping[date, int], today: date) -> date:
    """The first day from which enrolment never again exceeds ``capacity`` (KC-11)."""
    crowded = [day for day, heads in enrolled.items() if day >= today and heads > capacity]
    return max(crowded) + timedelta(days=1) if crowded else today


def approvals_held(
    change: CapacityChange, state: CapacityChangeState, enrolled: Mapping[date, int], today: date
) -> Problem | None:
    """KC-11: until a reduction below enrolment takes effect, no new regular approval is given."""
    pending = state is CapacityChangeState.APPROVED and today < change.effective_on
    if not pending or first_fitting_day(change.new_capacity, enrolled, today) == today:
        return None
    return APPROVALS_HELD.of(capacity=change.new_capacity, until=day_text(change.effective_on))
