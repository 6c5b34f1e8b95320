"""Two people at once: each command happens exactly once, the other is told why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import func, select

from app.centres.models import CapacityChange, KiumCentre, Quarter, SpecialDay
from app.centres.queries import centre_by_id, quarters_of
from app.centres.rules import CentreKind, CentrePolicy, QuarterKind, QuarterPlan, SpecialDayKind
from app.centres.service.capacity import Wish, decide_capacity_change, request_capacity_change
from app.centres.service.facility import NewCentre, register_centre
from app.centres.service.quarters import add_quarter, fresh_plan, set_quarter
from app.centres.service.special_days import NewSpecialDay, declare_special_day
from app.kernel.actor import SYSTEM, Actor
from app.kernel.db import Database, TenantRef, UnitOfWork, unit_of_work
from app.kernel.errors import DolbomError, RuleBroken, StaleVersion
from app.kernel.ranges import DateSpan
from app.tenancy.models import Institution
from tests.cast import make_centre, make_district, make_quarter
from tests.centres.people_of import ADMIN, director, officer
from tests.conftest import SEOUL
from tests.racing import at_once

pytestmark = pytest.mark.race
TRIES = 4
Command = Callable[[UnitOfWork], object]


@dataclass
class World:
    place: TenantRef
    district: Institution
    centre: KiumCentre
    ref: str
    today: date

    def at_once(self, *pairs: tuple[Actor, Command]) -> list[object]:
        """What each command answered: its result or the refusal."""

        def act(actor: Actor, command: Command) -> object:
            with unit_of_work(self.place, actor) as uow:
                return command(uow)

        return at_once(*[partial(act, *pair) for pair in pairs])

    def count(self, model: type) -> int:
        with unit_of_work(self.place, SYSTEM) as uow:
            return uow.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def world(own_house: Database) -> World:
    with unit_of_work(SEOUL, SYSTEM) as uow:
        district = make_district(uow)
        centre = make_centre(uow, district=district)
        today = uow.today
        make_quarter(uow, centre, today - timedelta(days=60), today + timedelta(days=60))
        ref = centre_by_id(uow, centre.id).ref
    return World(SEOUL, district, centre, ref, today)


def refusals(answers: list[object]) -> list[str]:
    return sorted(error.problems[0].rule for error in answers if isinstance(error, RuleBroken))


@pytest.mark.rule("KQ-02")
def test_overlapping_quarters_are_saved_once(world: World) -> None:
    first = world.today + timedelta(days=61)

    def plan(number: int) -> QuarterPlan:
        kind = list(QuarterKind)[number % 2 * 2]
        span = DateSpan(first + timedelta(days=number), first + timedelta(days=90 + number))
        return fresh_plan(CentreKind.GENERAL, kind, first.year + 1 + number, span, CentrePolicy())

    def adding(number: int) -> Command:
        return lambda uow: add_quarter(uow, world.ref, plan(number))

    answers = world.at_once(*((director(world.centre, n), adding(n)) for n in range(TRIES)))
    assert refusals(answers) == ["KQ-02"] * (TRIES - 1)
    assert world.count(Quarter) == 2


@pytest.mark.rule("KQ-04")
def test_one_of_two_changes_wins(world: World) -> None:
    with unit_of_work(world.place, SYSTEM) as uow:
        (row,) = quarters_of(uow, world.centre.id)

    def changing(days: int) -> Command:
        span = DateSpan(row.span.first, world.today + timedelta(days=days))
        plan = fresh_plan(CentreKind.GENERAL, row.plan.kind, row.plan.year_label, span, CentrePolicy())
        return lambda uow: set_quarter(uow, row.ref, plan, row.version)

    answers = world.at_once(*((director(world.centre, n), changing(40 + n)) for n in range(TRIES)))
    assert sum(isinstance(answer, StaleVersion) for answer in answers) == TRIES - 1


@pytest.mark.rule("KC-10")
def test_one_open_request_and_one_decision(world: World) -> None:
    wish = Wish(24, Decimal("96.00"), world.today + timedelta(days=5), "옆 교실")
    asking: Command = lambda uow: request_capacity_change(uow, world.ref, wish, {})  # noqa: E731
    answers = world.at_once(*((director(world.centre, n), asking) for n in range(TRIES)))
    assert refusals(answers) == ["KC-10"] * (TRIES - 1)
    assert world.count(CapacityChange) == 1
    with unit_of_work(world.place, SYSTEM) as uow:
        ref = uow.session.scalars(select(CapacityChange.ref)).one()

    def deciding(approve: bool) -> Command:
        return lambda uow: decide_capacity_change(
            uow, ref, approve=approve, reason="검토함", version=1, enrolled={}
        )

    answers = world.at_once(*((officer(world.district, 50 + n), deciding(n % 2 == 0)) for n in range(TRIES)))
    assert sum(isinstance(answer, DolbomError) for answer in answers) == TRIES - 1


@pytest.mark.rule("KQ-11")
def test_a_day_is_declared_once(world: World) -> None:
    new = NewSpecialDay(world.today + timedelta(days=3), SpecialDayKind.CENTRE_CLOSED)
    declaring: Command = lambda uow: declare_special_day(uow, world.ref, new)  # noqa: E731
    answers = world.at_once(*((director(world.centre, n), declaring) for n in range(TRIES)))
    assert refusals(answers) == ["KQ-11"] * (TRIES - 1)
    assert world.count(SpecialDay) == 1


@pytest.mark.rule("KP-05")
def test_a_centre_is_registered_once(world: World) -> None:
    new = NewCentre(
        world.district.ref, "신도림 키움센터", CentreKind.GENERAL, Decimal("80.00"), 20, "0226001234"
    )
    registering: Command = lambda uow: register_centre(uow, new)  # noqa: E731
    answers = world.at_once(*((ADMIN, registering) for _ in range(TRIES)))
    assert refusals(answers) == ["KP-05"] * (TRIES - 1)
    assert world.count(KiumCentre) == 2
