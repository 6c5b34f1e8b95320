"""A quarter of five daycares, hour by hour with the clock's jobs: every morning the data checks find nothing."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

import pytest
import time_machine
from sqlalchemy import func, select

from app.daycare.checks import data_checks
from app.daycare.jobs import JOBS as DAYCARE_JOBS
from app.daycare.models import DaycareBooking, DaycareStay
from app.daycare.parameters import FEE_HOUR
from app.daycare.rules.policy import DAY_END
from app.daycare.rules.request import Wish
from app.daycare.rules.states import BookingState, StayState
from app.daycare.service.booking import Booked
from app.daycare.service.running import WouldBreak, close_day
from app.insurance.jobs import JOBS as INSURANCE_JOBS
from app.insurance.models import InsurancePolicy
from app.kernel.actor import SYSTEM
from app.kernel.db import Database, TenantRef, unit_of_work
from app.kernel.errors import RuleBroken
from app.kernel.jobs import Job
from app.kernel.ranges import KST, kst
from app.restrictions.jobs import JOBS as RESTRICTION_JOBS
from app.tenancy import settings
from app.tenancy.rules import Service
from tests.cast import offer
from tests.cast_daycare import DaycareTown, Home, found_daycare, make_class

FIRST, LAST = date(2026, 12, 1), date(2027, 2, 28)
"""With Christmas, a turn of the year, three days of Seollal and three ends of months."""
PATTERNS = ((540, 1080), (1020, 1260), (1140, DAY_END), (1140, DAY_END))
ROOM_HOURS = ((7, 30), (7, 40), (21, 47), (22, 3))
CHECK_AT = (7, 41)
UNINSURED_FROM = date(2027, 2, 10)
"""The last daycare's rider ends the day before and nobody renews it."""


@pytest.fixture
def db(own_house: Database) -> Database:
    """Committed, as it would be: three months in one transaction would be something no house does."""
    return own_house


@dataclass
class Quarter:
    """What is to happen, in the order of time; ``moment`` is now."""

    place: TenantRef
    clock: time_machine.Traveller
    towns: list[DaycareTown]
    rng: random.Random = field(default_factory=lambda: random.Random(20261201))  # noqa: S311 - a plan, no secret
    coming: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    moment: datetime = field(default_factory=lambda: kst(FIRST))
    number: int = 0

    def at(self, moment: datetime, act: Callable[[], None]) -> None:
        self.number += 1
        heapq.heappush(self.coming, (moment, self.number, act))

    def run(self) -> None:
        while self.coming:
            self.moment, _, act = heapq.heappop(self.coming)
            self.clock.move_to(self.moment)
            act()

    def plan_day(self, day: date) -> None:
        """A morning: families ask for one of the next days; the jobs of the day; the checks of the next morning."""
        for town in self.towns:
            for _ in range(self.rng.choice((1, 1, 1, 2))):
                home = self.rng.choice(town.homes)
                asked = kst(day, 570 + self.rng.randrange(60))
                self.at(asked, partial(self.ask, town, home))
        for job in (*RESTRICTION_JOBS, *INSURANCE_JOBS):
            self.at(self._slot(job, day), partial(self.run_job, job))
        for hour, minute in ROOM_HOURS:
            self.at(kst(day, hour * 60 + minute), self.keep_rooms)
        self.at(kst(day, CHECK_AT[0] * 60 + CHECK_AT[1]), self.check)

    def _slot(self, job: Job, day: date) -> datetime:
        return kst(day, int(job.cron.get("hour", 0)) * 60 + int(job.cron.get("minute", 0)))

    def run_job(self, job: Job) -> None:
        job.run(self.place, self.moment)

    def keep_rooms(self) -> None:
        for job in DAYCARE_JOBS:
            self.run_job(job)

    def check(self) -> None:
        with unit_of_work(self.place, SYSTEM) as uow:
            found = data_checks(uow)
        assert found == [], f"{self.moment}: {found}"
        self.counted["checks"] += 1

    def ask(self, town: DaycareTown, home: Home) -> None:
        day = self.moment.date() + timedelta(days=self.rng.randint(1, 6))
        last = day + timedelta(days=self.rng.choice((0, 0, 0, 1)))
        try:
            made = town.book(home, Wish(day, last, *self.rng.choice(PATTERNS)))
        except RuleBroken as refused:
            self.counted.update(problem.code for problem in refused.problems)
            return
        for one in made:
            self.counted["booked"] += 1
            self.decide(town, home, one)

    def decide(self, town: DaycareTown, home: Home, one: Booked) -> None:
        luck = self.rng.random()
        if luck < 0.04:
            return  # nobody answers: the clock refuses it when it would begin
        self.at(self.moment + timedelta(hours=2), partial(town.confirm, one))
        self.at(self.moment + timedelta(hours=3), partial(town.pay, one))
        if luck < 0.12:
            self.at(self.moment + timedelta(hours=4), partial(self.withdraw, town, home, one))
            return
        for number, stay in enumerate(town.stays(one)):
            start, end = stay.planned.lower, stay.planned.upper
            assert start is not None
            assert end is not None
            if luck < 0.16:
                continue  # nobody comes
            came = start.astimezone(KST) + timedelta(minutes=self.rng.randint(0, 20))
            self.at(came, partial(self.enter, town, one, number, end.astimezone(KST)))

    def withdraw(self, town: DaycareTown, home: Home, one: Booked) -> None:
        town.cancel(one, by=home.actor)
        self.counted["withdrawn"] += 1

    def enter(self, town: DaycareTown, one: Booked, number: int, end: datetime) -> None:
        try:
            town.enter(one, number)
        except RuleBroken as refused:
            self.counted.update(f"door {problem.code}" for problem in refused.problems)
            return
        early, late = (0, 45) if end.hour < 9 else (-90, 45)
        gone = end + timedelta(minutes=self.rng.randint(early, late))
        if end.hour == 21 and self.rng.random() < 0.1:
            gone = kst(end.date() + timedelta(days=1), 455)  # not fetched before the curfew: stays the night
        self.at(gone, partial(self.leave, town, one, number))

    def leave(self, town: DaycareTown, one: Booked, number: int) -> None:
        settled = town.leave(one, number)
        self.counted["left"] += 1
        if settled.balance > 0:
            town.pay(one, settled.balance)


@pytest.fixture
def towns(gwacheon: TenantRef) -> list[DaycareTown]:
    """Small; open 09–18 at weekends; two classes; hours of its own; insured until February."""
    offer(gwacheon, Service.DAYCARE)
    hours: tuple[dict[str, list[str]] | None, ...] = (
        None,
        {"holiday": ["09:00", "18:00"]},
        None,
        {"weekday": ["09:00", "31:30"]},
        None,
    )
    made = [
        found_daycare(gwacheon, name=f"{n}번 어린이집", hours=own, places=2 if n == 1 else 5)
        for n, own in enumerate(hours, 1)
    ]
    with unit_of_work(gwacheon, SYSTEM) as uow:
        make_class(uow, made[2].row(uow), name="밤반", start=1140, end=DAY_END)  # type: ignore[arg-type]
        for policy in uow.session.scalars(
            select(InsurancePolicy).where(InsurancePolicy.institution_id == made[4].daycare_id)
        ):
            policy.ends_on = UNINSURED_FROM - timedelta(days=1)
    for number, town in enumerate(made):
        for index in range(6):
            born = date(2024, 12, 20) + timedelta(days=11 * index) if index < 2 else date(2022, 3, 1 + index)
            town.family(f"아이{number}{index}", born, qualification="DAYCARE" if index == 3 else "HOME")
    return made


@pytest.mark.slow
@pytest.mark.rule("AD-34")
def test_a_quarter_of_five_daycares(gwacheon: TenantRef, towns: list[DaycareTown]) -> None:
    with time_machine.travel(kst(FIRST, 420), tick=False) as clock:
        quarter = Quarter(gwacheon, clock, towns)
        with unit_of_work(gwacheon, SYSTEM) as uow:
            settings.set_value(uow, FEE_HOUR, 2000, effective_from=date(2027, 1, 15), reason="새해 조례")
        day = FIRST
        while day <= LAST:
            quarter.plan_day(day)
            day += timedelta(days=1)
        quarter.at(kst(date(2027, 1, 19), 660), partial(_close, towns[0]))
        quarter.run()
        quarter.keep_rooms()
        quarter.check()
        _tell_of(quarter)


def _close(town: DaycareTown) -> None:
    """Closed in two days for repairs, whoever is booked."""
    with suppress(WouldBreak), town.unit(town.director) as uow:
        close_day(uow, town.daycare, date(2027, 1, 21), "배관 공사")
    with town.unit(town.director) as uow:
        close_day(uow, town.daycare, date(2027, 1, 22), "배관 공사", accept=True)


def _tell_of(quarter: Quarter) -> None:
    with unit_of_work(quarter.place, SYSTEM) as uow:
        by_state = select(DaycareBooking.state, func.count().label("number")).group_by(DaycareBooking.state)
        states = {row.state: row.number for row in uow.session.execute(by_state)}
        inside = uow.session.scalar(
            select(func.count()).select_from(DaycareStay).where(DaycareStay.state == StayState.INSIDE)
        )
        late = uow.session.scalar(
            select(func.count())
            .select_from(DaycareStay)
            .where(DaycareStay.daycare_id == quarter.towns[4].daycare_id)
            .where(DaycareStay.operating_day >= UNINSURED_FROM, DaycareStay.state == StayState.LEFT)
        )
    assert quarter.counted["checks"] == (LAST - FIRST).days + 2
    assert states[BookingState.COMPLETED] > 250
    assert {BookingState.CANCELLED, BookingState.NO_SHOW, BookingState.REFUSED} <= set(states)
    assert inside == 0
    assert late == 0
    refused = {code for code in quarter.counted if code.startswith("daycare.")}
    assert {"daycare.not_insured", "daycare.closed_day", "daycare.outside_opening", "daycare.full"} <= refused
