"""Places of a centre (KC-01 … KC-05, KC-10 … KC-12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.centres.rules import (
    CAPACITY_CHANGE_STEPS,
    CapacityChange,
    CapacityChangeState,
    CentreKind,
    CentrePolicy,
    approvals_held,
    capacity_ceiling,
    capacity_proposal,
    check_capacity,
    check_capacity_change,
    default_capacity,
    first_fitting_day,
    separate_quota,
)
from tests.kernel.problems import codes

GENERAL, FUSION, HUB = CentreKind.GENERAL, CentreKind.FUSION, CentreKind.HUB
TODAY = date(2026, 4, 1)
AREAS = st.decimals(Decimal("0"), Decimal("999.99"), places=2)


@pytest.mark.rule("KC-01")
@pytest.mark.parametrize(
    ("area", "ceiling"),
    [("66.00", 20), ("65.99", 19), ("66.01", 20), ("79.20", 24), ("79.19", 23), ("3.29", 0), ("3.30", 1)],
)
def test_the_ceiling_is_exact(area: str, ceiling: int) -> None:
    assert capacity_ceiling(Decimal(area)) == ceiling


@pytest.mark.rule("KC-01")
@pytest.mark.parametrize(("capacity", "refused"), [(19, False), (20, False), (21, True)])
def test_no_more_places_than_the_ceiling(capacity: int, refused: bool) -> None:
    found = check_capacity(GENERAL, Decimal("66.00"), capacity)
    assert ("capacity.above_ceiling" in codes(found)) is refused


@pytest.mark.rule("KC-01")
def test_a_centre_has_at_least_one_place() -> None:
    assert [p.code for p in check_capacity(GENERAL, Decimal("66.00"), 0)] == ["capacity.none"]
    assert check_capacity(GENERAL, Decimal("66.00"), 1) == []


@pytest.mark.rule("KC-02")
@pytest.mark.parametrize(("area", "proposal"), [("79.99", 19), ("80.00", 20), ("66.00", 16)])
def test_the_proposal_uses_four_square_metres(area: str, proposal: int) -> None:
    assert capacity_proposal(Decimal(area)) == proposal
    assert default_capacity(GENERAL, Decimal(area)) == proposal


@pytest.mark.rule("KC-03")
@pytest.mark.parametrize(("capacity", "warned"), [(16, False), (17, True), (20, True)])
def test_above_the_recommendation_a_reason_is_asked(capacity: int, warned: bool) -> None:
    found = check_capacity(FUSION, Decimal("66.00"), capacity)
    assert codes(found) == (["capacity.above_recommended"] if warned else [])
    assert all(problem.soft for problem in found)


@pytest.mark.rule("KC-04")
@pytest.mark.parametrize(("base", "quota"), [(20, 4), (22, 4), (24, 4), (25, 5), (4, 0), (5, 1), (0, 0)])
def test_the_separate_quota_is_a_fifth_rounded_down(base: int, quota: int) -> None:
    assert separate_quota(GENERAL, base) == quota
    assert separate_quota(FUSION, base) == quota


@pytest.mark.rule("KC-04")
@given(st.integers(0, 500), st.integers(0, 100))
def test_the_quota_never_exceeds_its_share(base: int, pct: int) -> None:
    quota = separate_quota(GENERAL, base, CentrePolicy(separate_quota_pct=pct))
    assert quota * 100 <= base * pct < (quota + 1) * 100


@pytest.mark.rule("KC-05")
def test_a_hub_is_counted_at_the_ceiling_without_a_quota() -> None:
    assert default_capacity(HUB, Decimal("66.00")) == 20
    assert separate_quota(HUB, 20) == 0
    assert check_capacity(HUB, Decimal("66.00"), 20) == []
    assert check_capacity(HUB, Decimal("66.00"), 21) != []


@pytest.mark.rule("KC-01")
def test_a_municipality_may_measure_otherwise() -> None:
    policy = CentrePolicy(area_per_place_hard=Decimal("4"), area_per_place_recommended=Decimal("5"))
    area = Decimal("100")
    assert (default_capacity(HUB, area, policy), default_capacity(GENERAL, area, policy)) == (25, 20)
    assert codes(check_capacity(GENERAL, area, 20, policy)) == []
    assert codes(check_capacity(GENERAL, area, 21, policy)) == ["capacity.above_recommended"]
    assert codes(check_capacity(GENERAL, area, 26, policy)) == ["capacity.above_ceiling"]


@given(AREAS)
def test_the_proposal_never_exceeds_the_ceiling(area: Decimal) -> None:
    assert capacity_proposal(area) <= capacity_ceiling(area)
    assert capacity_ceiling(area) * Decimal("3.3") <= area


def change(**fields: object) -> CapacityChange:
    usual = CapacityChange(20, 18, Decimal("80"), Decimal("80"), date(2026, 5, 1), "시설 개선")
    return replace(usual, **fields)  # type: ignore[arg-type]


def refusals(requested: CapacityChange, enrolled: dict[date, int] | None = None) -> list[str]:
    return codes(check_capacity_change(GENERAL, requested, enrolled or {}, TODAY))


@pytest.mark.rule("KC-10")
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, None),
        ({"reason": "  "}, "capacity.reason_missing"),
        ({"new_capacity": 20}, "capacity.nothing_changes"),
        ({"effective_on": TODAY - timedelta(days=1)}, "capacity.effective_in_past"),
        ({"effective_on": TODAY}, None),
        ({"new_capacity": 25}, "capacity.above_ceiling"),
    ],
)
def test_a_change_states_new_values_a_reason_and_a_date(fields: dict[str, object], code: str | None) -> None:
    found = refusals(change(**fields))
    assert code in found if code else found == []


@pytest.mark.rule("KC-10")
@pytest.mark.parametrize("decision", [CapacityChangeState.APPROVED, CapacityChangeState.REJECTED])
def test_the_district_decides(decision: CapacityChangeState) -> None:
    requested = CapacityChangeState.REQUESTED
    assert CAPACITY_CHANGE_STEPS.check(requested, decision, "district_officer") is None
    refused = CAPACITY_CHANGE_STEPS.check(requested, decision, "centre_director")
    assert refused is not None
    assert refused.code == "state.wrong_role"
    back = CAPACITY_CHANGE_STEPS.check(decision, requested, "district_officer")
    assert back is not None
    assert back.code == "state.wrong_step"


@pytest.mark.rule("KC-10")
def test_an_approved_change_waits_for_its_date() -> None:
    approved = CapacityChangeState.APPROVED
    assert CAPACITY_CHANGE_STEPS.next_states(approved, "system") == [CapacityChangeState.EFFECTIVE]
    assert CAPACITY_CHANGE_STEPS.next_states(approved, "district_officer") == []


@pytest.mark.rule("KC-11")
@pytest.mark.parametrize(
    ("enrolled", "first"),
    [
        ({}, TODAY),
        ({TODAY: 18}, TODAY),
        ({TODAY: 19}, TODAY + timedelta(days=1)),
        ({TODAY - timedelta(days=1): 30}, TODAY),
        ({TODAY: 19, date(2026, 5, 1): 18, date(2026, 5, 10): 19}, date(2026, 5, 11)),
    ],
)
def test_the_first_day_on_which_enrolment_fits(enrolled: dict[date, int], first: date) -> None:
    assert first_fitting_day(18, enrolled, TODAY) == first


@pytest.mark.rule("KC-11")
@pytest.mark.parametrize(
    ("last_crowded", "refused"),
    [(date(2026, 4, 29), False), (date(2026, 4, 30), False), (date(2026, 5, 1), True)],
)
def test_a_reduction_takes_effect_once_enrolment_fits(last_crowded: date, refused: bool) -> None:
    found = refusals(change(), {last_crowded: 19})
    assert ("capacity.effective_too_early" in found) is refused


@pytest.mark.rule("KC-11")
@pytest.mark.parametrize(
    ("state", "heads", "today", "held"),
    [
        (CapacityChangeState.APPROVED, 19, TODAY, True),
        (CapacityChangeState.APPROVED, 18, TODAY, False),
        (CapacityChangeState.REQUESTED, 19, TODAY, False),
        (CapacityChangeState.APPROVED, 19, date(2026, 4, 30), True),
        (CapacityChangeState.APPROVED, 19, date(2026, 5, 1), False),
    ],
)
def test_meanwhile_no_new_approvals(state: CapacityChangeState, heads: int, today: date, held: bool) -> None:
    problem = approvals_held(change(), state, {date(2026, 4, 30): heads}, today)
    assert codes([problem]) == (["capacity.approvals_held"] if held else [])


@pytest.mark.rule("KC-12")
@pytest.mark.parametrize(
    ("new_area", "code"),
    [("66.00", None), ("65.99", "capacity.above_ceiling"), ("79.99", None)],
)
def test_a_change_of_area_is_measured_again(new_area: str, code: str | None) -> None:
    found = refusals(change(new_capacity=20, new_area=Decimal(new_area)))
    assert ("capacity.above_ceiling" in found) is (code is not None)
    assert "capacity.nothing_changes" not in found
    assert code is not None or "capacity.above_recommended" in found
