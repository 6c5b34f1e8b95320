"""A fortnight of a small centre at random: whatever people press, the rows never contradict each other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

import pytest
import time_machine
from sqlalchemy import select

from app.booking import service
from app.booking.models import Booking
from app.kernel.db import TenantRef
from app.kernel.errors import DolbomError
from app.kernel.ranges import DateSpan, TimeSpan, kst_date
from app.people.models import Child
from tests.booking.town import EVERY_DAY, SEM2, TUESDAY, Family, Town, found_town

STEPS = 60


class Walk:
    """One town and a source of chance; each method is something a person or the clock does."""

    def __init__(self, town: Town, chance: Random, clock: time_machine.Coordinates) -> None:
        self.town, self.chance, self.clock = town, chance, clock
        self.families = [town.family(f"아이{n}", grade=chance.randint(1, 6)) for n in range(6)]
        self.families.append(town.sibling(self.families[0], "동생", date(2021, 1, 1)))

    def today(self) -> date:
        with self.town.unit() as uow:
            return uow.today

    def day(self) -> date:
        return self.today() + timedelta(days=self.chance.randint(0, 6))

    def hours(self) -> TimeSpan:
        start = self.chance.randrange(660, 1080, 30)
        return TimeSpan(start, min(1140, start + 30 * self.chance.randint(1, 6)))

    def booking(self) -> tuple[Booking, Family]:
        with self.town.unit() as uow:
            rows = uow.session.execute(
                select(Booking, Child.ref).join(Child, Child.id == Booking.child_id)
            ).all()
        row, child = self.chance.choice(rows)
        return row, next(family for family in self.families if family.child == child)

    def apply_single(self) -> None:
        self.town.temporary(self.chance.choice(self.families), self.day(), self.day(), hours=self.hours())

    def apply_regular(self) -> None:
        first = self.day()
        last = first + timedelta(days=self.chance.choice([29, 60, 90]))
        self.town.regular(self.chance.choice(self.families), first, last)

    def withdraw(self) -> None:
        row, family = self.booking()
        with self.town.unit(family.actor) as uow:
            service.withdraw_booking(uow, row.ref)

    def answer(self) -> None:
        row, family = self.booking()
        command = self.chance.choice([service.accept_offer, service.decline_offer])
        with self.town.unit(family.actor) as uow:
            command(uow, row.ref)

    def edit(self) -> None:
        row, family = self.booking()
        wanted = (
            {"span": DateSpan(self.day(), SEM2.last), "weekday_times": {"mon": self.hours(), **EVERY_DAY}}
            if row.kind == "REGULAR"
            else {"day": self.day(), "hours": self.hours()}
        )
        with self.town.unit(family.actor) as uow:
            service.edit_application(uow, service.Edit(row.ref, row.version, **wanted))

    def decide(self) -> None:
        row, _ = self.booking()
        with self.town.unit(self.town.director) as uow:
            if self.chance.random() < 0.7:
                service.approve(uow, row.ref, {"decision.not_counselled": "전화로 상담"})
            else:
                service.disapprove(uow, row.ref, "이용 대상이 아님")

    def decide_many(self) -> None:
        refs = {self.booking()[0].ref for _ in range(3)}
        with self.town.unit(self.town.director) as uow:
            service.approve_many(uow, sorted(refs), {"decision.not_counselled": "전화로 상담"})

    def reverse(self) -> None:
        row, _ = self.booking()
        with self.town.unit(self.town.city) as uow:
            service.reverse_disapproval(uow, row.ref, "착오 확인")

    def move(self) -> None:
        row, _ = self.booking()
        with self.town.unit(self.town.teacher) as uow:
            service.edit_approved_temporary(uow, service.Move(row.ref, row.version, self.day(), self.hours()))

    def cancel(self) -> None:
        row, _ = self.booking()
        with self.town.unit(self.town.teacher) as uow:
            service.cancel_booking(uow, row.ref, self.day(), "보호자 요청")

    def start(self) -> None:
        row, _ = self.booking()
        with self.town.unit(self.town.teacher) as uow:
            service.start_use(uow, row.ref, {"decision.care_card_missing": "첫 주에 작성"})

    def time_passes(self) -> None:
        before = self.today()
        self.clock.shift(timedelta(hours=self.chance.randint(1, 9)))
        with self.town.unit() as uow:
            service.keep_waiting_list(uow, self.town.centre_id)
        if kst_date(uow.now) > before:
            with self.town.unit() as uow:
                service.close_day(uow, self.town.centre_id, before)
                service.expire_undecided(uow, self.town.centre_id)


@pytest.mark.rule("KC-07")
@pytest.mark.rule("KC-06")
@pytest.mark.parametrize("seed", range(3))
def test_the_rows_agree_after_every_step(
    clock: time_machine.Coordinates, seoul: TenantRef, seed: int
) -> None:
    chance = Random(seed)  # noqa: S311 - chance that repeats, not a secret
    town = found_town(seoul, capacity=chance.choice([1, 2, 5]), heads=1, allow_preschool_sibling=True)
    walk = Walk(town, chance, clock)
    town.temporary(walk.families[0], TUESDAY)
    steps: list[Callable[[], None]] = [
        *[walk.apply_single] * 4,
        *[walk.apply_regular] * 2,
        *[walk.decide] * 3,
        *[walk.answer] * 3,
        *[walk.time_passes] * 2,
        walk.withdraw,
        walk.edit,
        walk.decide_many,
        walk.reverse,
        walk.move,
        walk.cancel,
        walk.start,
    ]
    done = 0
    for number in range(STEPS):
        try:
            chance.choice(steps)()
            done += 1
        except DolbomError:
            pass
        if number % 5 == 0:
            town.check()
    town.check()
    assert done > STEPS // 5
