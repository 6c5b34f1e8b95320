"""Centres are registered by their district and say what they offer themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import select

from app.centres.models import Gate
from app.centres.queries import centre_by_id, centre_by_ref, lock_gate
from app.centres.rules import CentreKind
from app.centres.service.facility import FacilityInfo, NewCentre, clean_phone, edit_facility, register_centre
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.audit import AuditLog
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.errors import Forbidden, NotFound, RuleBroken, StaleVersion
from app.tenancy.models import Institution
from tests.cast import make_centre, make_district
from tests.centres.people_of import ADMIN, director, officer, teacher


@dataclass
class World:
    place: TenantRef
    mine: Institution
    other: Institution


@pytest.fixture
def world(seoul: TenantRef) -> Iterator[World]:
    with time_machine.travel("2026-11-20 10:00+09:00", tick=False):
        with unit_of_work(seoul, SYSTEM) as uow:
            mine, other = make_district(uow, "구로구"), make_district(uow, "은평구")
        yield World(seoul, mine, other)


def new_centre(world: World, **changed: object) -> NewCentre:
    plain = NewCentre(
        world.mine.ref, "신도림 키움센터", CentreKind.GENERAL, Decimal("80.00"), 20, "02-2600-1234"
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


def register(world: World, actor: Actor, **changed: object) -> str:
    with unit_of_work(world.place, actor) as uow:
        return register_centre(uow, new_centre(world, **changed)).ref


def codes(error: pytest.ExceptionInfo[RuleBroken]) -> set[str]:
    return {problem.code for problem in error.value.problems}


@pytest.mark.rule("KP-05")
def test_a_district_registers_its_centre_with_its_gate(world: World) -> None:
    ref = register(world, officer(world.mine))
    with unit_of_work(world.place, SYSTEM) as uow:
        row = centre_by_ref(uow, ref)
        assert (row.district_name, row.phone, row.base_capacity) == ("구로구", "0226001234", 20)
        assert uow.session.scalar(select(Gate.centre_id)) == row.id
        logged = uow.session.scalars(select(AuditLog)).one()
        assert (logged.action, logged.user_id) == ("centre.register", 21)


@pytest.mark.rule("KP-05")
def test_another_district_is_unknown_and_a_director_may_not(world: World) -> None:
    with pytest.raises(NotFound):
        register(world, officer(world.other))
    with pytest.raises(Forbidden):
        register(world, Actor(Role.CENTRE_DIRECTOR, user_id=1, scope=world.mine.id))
    assert register(world, ADMIN)


@pytest.mark.rule("KC-01")
@pytest.mark.parametrize(
    ("area", "capacity", "code"),
    [
        ("66.00", 20, "capacity.above_recommended"),
        ("65.99", 20, "capacity.above_ceiling"),
        ("80.00", 20, None),
        ("79.99", 20, "capacity.above_recommended"),
    ],
)
def test_the_first_capacity_obeys_the_area(world: World, area: str, capacity: int, code: str | None) -> None:
    if code is None:
        assert register(world, ADMIN, area=Decimal(area), capacity=capacity)
        return
    with pytest.raises(RuleBroken) as refused:
        register(world, ADMIN, area=Decimal(area), capacity=capacity)
    assert codes(refused) == {code}


@pytest.mark.rule("KC-03")
def test_a_reason_answers_the_recommended_area_but_not_the_ceiling(world: World) -> None:
    reason = "운영위원회에서 현재 인원 유지를 정함"
    ref = register(world, ADMIN, area=Decimal("66.00"), capacity_reason=reason)
    with unit_of_work(world.place, SYSTEM) as uow:
        assert centre_by_ref(uow, ref).capacity_reason == reason
    with pytest.raises(RuleBroken):
        register(world, ADMIN, name="다른 센터", area=Decimal("65.99"), capacity_reason=reason)


def test_two_centres_of_a_district_have_two_names(world: World) -> None:
    register(world, ADMIN)
    with pytest.raises(RuleBroken) as refused:
        register(world, ADMIN, name=" 신도림  키움센터 ")
    assert codes(refused) == {"centre.name_taken"}
    assert register(world, ADMIN, district_ref=world.other.ref)


@pytest.mark.parametrize(
    ("typed", "digits"),
    [("02-2600-1234", "0226001234"), ("(031) 123.4567", "0311234567"), ("1577-0199", "15770199")],
)
def test_telephones_are_stored_as_digits(typed: str, digits: str) -> None:
    assert clean_phone(typed) == digits


@pytest.mark.parametrize(
    "typed", ["", "2600-1234", "02-2600-12345678", "공이-이육공공", "０２２６００１２３４"]
)
def test_what_is_no_telephone_is_refused(typed: str) -> None:
    with pytest.raises(RuleBroken):
        clean_phone(typed)


INFO = FacilityInfo("0226009999", "구로구 온수로 1", "조용한 골목", False, 0, False, 5)


@pytest.mark.rule("KP-06")
def test_staff_edit_their_own_centre_only(world: World) -> None:
    with unit_of_work(world.place, SYSTEM) as uow:
        centre, other = (make_centre(uow, name=name, district=world.mine) for name in ("가", "나"))
        ref, foreign = (centre_by_id(uow, row.id).ref for row in (centre, other))
    with unit_of_work(world.place, teacher(centre)) as uow:
        after = edit_facility(uow, ref, INFO, version=1)
        assert (after.phone, after.introduction, after.version) == ("0226009999", "조용한 골목", 2)
        diff = uow.session.scalars(select(AuditLog)).one().diff
        assert diff["phone"] == ["0226001234", "0226009999"]
        assert "base_capacity" not in diff
    with unit_of_work(world.place, teacher(centre)) as uow, pytest.raises(NotFound):
        edit_facility(uow, foreign, INFO, version=1)


def test_a_form_a_day_old_is_noticed(world: World) -> None:
    with unit_of_work(world.place, SYSTEM) as uow:
        centre = make_centre(uow, district=world.mine)
        ref = centre_by_id(uow, centre.id).ref
    with unit_of_work(world.place, director(centre)) as uow:
        edit_facility(uow, ref, INFO, version=1)
    with pytest.raises(StaleVersion), unit_of_work(world.place, director(centre)) as uow:
        edit_facility(uow, ref, INFO, version=1)


@pytest.mark.rule("KB-47")
@pytest.mark.parametrize(("seats", "fine"), [(0, False), (1, True)])
def test_sick_care_needs_a_seat(world: World, seats: int, fine: bool) -> None:
    with unit_of_work(world.place, SYSTEM) as uow:
        centre = make_centre(uow, district=world.mine)
        ref = centre_by_id(uow, centre.id).ref
    info = replace(INFO, sick_care=True, sick_seats=seats)
    with unit_of_work(world.place, director(centre)) as uow:
        if fine:
            assert edit_facility(uow, ref, info, version=1).sick_seats == 1
        else:
            with pytest.raises(RuleBroken):
                edit_facility(uow, ref, info, version=1)


def test_a_gate_that_is_not_there_is_not_locked(world: World) -> None:
    with unit_of_work(world.place, SYSTEM) as uow:
        centre = make_centre(uow, district=world.mine)
        lock_gate(uow, centre.id, centre.id)
        with pytest.raises(NotFound):
            lock_gate(uow, centre.id, 10**9)


@pytest.mark.rule("GC-21")
def test_another_municipality_does_not_know_the_centre(world: World, gwacheon: TenantRef) -> None:
    ref = register(world, ADMIN)
    uow: UnitOfWork
    with unit_of_work(gwacheon, SYSTEM) as uow, pytest.raises(NotFound):
        centre_by_ref(uow, ref)


def test_opened_on_is_kept(world: World) -> None:
    ref = register(world, ADMIN, opened_on=date(2026, 3, 2))
    with unit_of_work(world.place, SYSTEM) as uow:
        assert centre_by_ref(uow, ref).opened_on == date(2026, 3, 2)
