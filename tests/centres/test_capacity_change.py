"""A change of places: asked by the centre, decided by the district, applied on its day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine

from app.centres.jobs import apply_capacities
from app.centres.models import KiumCentre
from app.centres.queries import CapacityChangeRow, capacity_changes, centre_by_id, coming_change
from app.centres.rules import CapacityChangeState
from app.centres.service.capacity import (
    Wish,
    apply_capacity,
    decide_capacity_change,
    due_changes,
    request_capacity_change,
)
from app.kernel.actor import SYSTEM, Actor
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.errors import Forbidden, NotFound, RuleBroken, StaleVersion
from app.kernel.ranges import KST
from app.tenancy.models import Institution
from tests.cast import make_centre, make_district
from tests.centres.people_of import ADMIN, director, officer, teacher

TODAY = date(2026, 11, 20)
WISH = Wish(24, Decimal("96.00"), TODAY + timedelta(days=10), "옆 교실을 더 쓰게 됨")


@dataclass
class World:
    place: TenantRef
    district: Institution
    centre: KiumCentre
    ref: str
    clock: time_machine.Coordinates


@pytest.fixture
def world(seoul: TenantRef) -> Iterator[World]:
    with time_machine.travel("2026-11-20 10:00+09:00", tick=False) as clock:
        with unit_of_work(seoul, SYSTEM) as uow:
            district = make_district(uow)
            centre = make_centre(uow, district=district)
            ref = centre_by_id(uow, centre.id).ref
        yield World(seoul, district, centre, ref, clock)


def ask(
    world: World, wish: Wish = WISH, actor: Actor | None = None, enrolled: dict[date, int] | None = None
) -> CapacityChangeRow:
    with unit_of_work(world.place, actor or director(world.centre)) as uow:
        return request_capacity_change(uow, world.ref, wish, enrolled or {})


def decide(
    world: World,
    asked: CapacityChangeRow,
    actor: Actor | None = None,
    *,
    approve: bool = True,
    reason: str = "",
    version: int = 1,
    enrolled: dict[date, int] | None = None,
) -> CapacityChangeRow:
    with unit_of_work(world.place, actor or officer(world.district)) as uow:
        return decide_capacity_change(
            uow, asked.ref, approve=approve, reason=reason, version=version, enrolled=enrolled or {}
        )


def capacity_now(world: World) -> tuple[int, Decimal]:
    with unit_of_work(world.place, SYSTEM) as uow:
        row = centre_by_id(uow, world.centre.id)
        return row.base_capacity, row.area


@pytest.mark.rule("KC-10")
def test_a_change_counts_only_after_approval_and_on_its_day(world: World) -> None:
    asked = ask(world)
    assert asked.state is CapacityChangeState.REQUESTED
    decide(world, asked)
    assert capacity_now(world) == (20, Decimal("80.00"))
    for days, expected in ((9, 20), (10, 24)):
        world.clock.move_to(f"2026-11-{20 + days} 00:05+09:00")
        for _twice in range(2):
            apply_capacities(world.place, datetime(2026, 11, 20 + days, 0, 2, tzinfo=KST))
        assert capacity_now(world)[0] == expected
    with unit_of_work(world.place, SYSTEM) as uow:
        assert due_changes(uow) == []
        assert apply_capacity(uow, asked.ref) is None
        assert capacity_changes(uow, world.centre.id)[0].state is CapacityChangeState.EFFECTIVE


@pytest.mark.rule("KC-10")
def test_approved_for_today_applies_at_once(world: World) -> None:
    decide(world, ask(world, replace(WISH, effective_on=TODAY)))
    assert capacity_now(world) == (24, Decimal("96.00"))


@pytest.mark.rule("KC-10")
def test_a_request_that_waited_past_its_day_applies_when_approved(world: World) -> None:
    asked = ask(world)
    world.clock.move_to("2026-12-05 10:00+09:00")
    decided = decide(world, asked)
    assert (decided.state, decided.change.effective_on) == (CapacityChangeState.EFFECTIVE, date(2026, 12, 5))


@pytest.mark.rule("KC-10")
def test_rejected_keeps_the_old_value_and_says_why(world: World) -> None:
    asked = ask(world)
    with pytest.raises(RuleBroken):
        decide(world, asked, approve=False, reason=" ")
    rejected = decide(world, asked, approve=False, reason="면적 도면이 필요합니다")
    assert (rejected.state, rejected.decision_reason) == (
        CapacityChangeState.REJECTED,
        "면적 도면이 필요합니다",
    )
    assert capacity_now(world)[0] == 20
    assert ask(world).state is CapacityChangeState.REQUESTED


@pytest.mark.rule("KC-10")
def test_who_asks_and_who_decides(world: World) -> None:
    with pytest.raises(Forbidden):
        ask(world, actor=teacher(world.centre))
    asked = ask(world)
    with pytest.raises(Forbidden):
        decide(world, asked, director(world.centre))
    with unit_of_work(world.place, SYSTEM) as uow:
        elsewhere = make_district(uow, "은평구")
    with pytest.raises(NotFound):
        decide(world, asked, officer(elsewhere))
    with pytest.raises(RuleBroken) as refused:
        decide(world, asked, officer(world.district, user_id=11))
    assert refused.value.problems[0].code == "capacity.own_request"
    assert decide(world, asked, ADMIN).state is CapacityChangeState.APPROVED


def test_one_request_at_a_time_and_one_decision(world: World) -> None:
    asked = ask(world)
    with pytest.raises(RuleBroken) as refused:
        ask(world)
    assert refused.value.problems[0].code == "capacity.open_already"
    with pytest.raises(StaleVersion):
        decide(world, asked, version=7)
    decide(world, asked)
    with pytest.raises(RuleBroken):
        decide(world, asked, version=2)


@pytest.mark.rule("KC-11")
@pytest.mark.parametrize(("offset", "fine"), [(4, False), (5, True), (6, True)])
def test_a_reduction_waits_for_the_first_day_that_fits(world: World, offset: int, fine: bool) -> None:
    enrolled = {TODAY + timedelta(days=n): 18 for n in range(5)}
    wish = replace(WISH, capacity=17, area=Decimal("80.00"), effective_on=TODAY + timedelta(days=offset))
    if fine:
        assert ask(world, wish, enrolled=enrolled)
    else:
        with pytest.raises(RuleBroken) as refused:
            ask(world, wish, enrolled=enrolled)
        assert refused.value.problems[0].rule == "KC-11"


@pytest.mark.rule("KC-11")
def test_the_decision_looks_at_enrolment_again(world: World) -> None:
    asked = ask(world, replace(WISH, capacity=17, area=Decimal("80.00")))
    with pytest.raises(RuleBroken):
        decide(world, asked, enrolled={WISH.effective_on: 18})
    decide(world, asked)
    with unit_of_work(world.place, SYSTEM) as uow:
        coming = coming_change(uow, world.centre.id)
        assert coming is not None
        assert coming.change.new_capacity == 17


@pytest.mark.rule("KC-12")
@pytest.mark.parametrize(("area", "fine"), [("65.99", False), ("66.00", True)])
def test_a_smaller_area_is_measured_again(world: World, area: str, fine: bool) -> None:
    wish = replace(WISH, capacity=20, area=Decimal(area))
    if fine:
        assert ask(world, wish).change.new_area == Decimal(area)
    else:
        with pytest.raises(RuleBroken) as refused:
            ask(world, wish)
        assert refused.value.problems[0].rule == "KC-01"


def test_a_request_without_reason_or_change_is_refused(world: World) -> None:
    with pytest.raises(RuleBroken) as refused:
        ask(world, Wish(20, Decimal("80.00"), TODAY, " "))
    assert {problem.code for problem in refused.value.problems} == {
        "capacity.nothing_changes",
        "capacity.reason_missing",
    }
