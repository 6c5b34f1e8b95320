"""J-26: director and city hear of an end 30, 7 and 0 days before it, once each."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import UserAccount
from app.insurance.jobs import JOBS, remind_of_endings
from app.insurance.queries import covered, covered_days
from app.insurance.rules import DAYCARE_KINDS, PolicyKind
from app.kernel.actor import SYSTEM, Role
from app.kernel.db import unit_of_work
from app.kernel.ranges import KST, DateSpan, kst
from app.messaging.models import Message
from app.tenancy import clock
from app.tenancy.models import Institution, JobRun
from tests.cast_accounts import make_user
from tests.insurance.conftest import TODAY, City, insure

DIRECTOR, TEACHER, OFFICER = "01011110001", "01011110002", "01011110003"
pytestmark = [pytest.mark.rule("AD-25"), pytest.mark.rule("GC-23")]


def people(city: City) -> None:
    with unit_of_work(city.place, SYSTEM) as uow:
        make_user(uow, Role.DAYCARE_DIRECTOR, city.here, phone=DIRECTOR)
        make_user(uow, Role.DAYCARE_TEACHER, city.here, phone=TEACHER)
        make_user(uow, Role.CITY_OFFICER, phone=OFFICER)


def run(city: City, day: date) -> list[tuple[str, str]]:
    """Who was told what so far, after the job ran twice that morning."""
    slot = kst(day, 485)
    city.clock.move_to(slot)
    for _twice in range(2):
        remind_of_endings(city.place, slot)
    with unit_of_work(city.place, SYSTEM) as uow:
        return [(row.to, row.body) for row in uow.session.scalars(select(Message).order_by(Message.id))]


def test_each_step_is_told_once(city: City) -> None:
    people(city)
    last = date(2027, 1, 31)
    with unit_of_work(city.place, SYSTEM) as uow:
        insure(uow, city.here, last)
    told = {left: len(run(city, last - timedelta(days=left))) for left in (31, 30, 29, 8, 7, 1, 0, -1, -8)}
    assert told == {31: 0, 30: 2, 29: 2, 8: 2, 7: 4, 1: 4, 0: 6, -1: 6, -8: 6}
    messages = run(city, last + timedelta(days=30))
    assert [to for to, _ in messages] == [DIRECTOR, OFFICER] * 3
    first, week, end = (body for to, body in messages if to == DIRECTOR)
    assert "[별빛 어린이집] 어린이집안전공제회" in first
    assert "2027년 1월 31일(일)까지, 30일 남았어요" in first
    assert "7일 남았어요" in week
    assert "오늘까지예요" in end


def test_a_morning_that_was_missed_is_told_at_the_next(city: City) -> None:
    people(city)
    with unit_of_work(city.place, SYSTEM) as uow:
        insure(uow, city.here, TODAY - timedelta(days=2))
    assert ["2일 전에 끝났어요" in body for _, body in run(city, TODAY)] == [True, True]


def test_what_goes_on_is_not_told(city: City) -> None:
    people(city)
    with unit_of_work(city.place, SYSTEM) as uow:
        insure(uow, city.here, TODAY)
        insure(uow, city.here, TODAY + timedelta(days=365), starts_on=TODAY + timedelta(days=1), number="A-2")
    assert run(city, TODAY) == []


def test_without_a_director_the_house_is_called_and_a_closed_one_is_left_alone(city: City) -> None:
    with unit_of_work(city.place, SYSTEM) as uow:
        insure(uow, city.here, TODAY)
        insure(uow, city.there, TODAY)
        uow.session.get_one(Institution, city.there).active = False
    assert [to for to, _ in run(city, TODAY)] == ["0310001234"]


def test_officers_without_a_phone_are_written_to(city: City) -> None:
    people(city)
    with unit_of_work(city.place, SYSTEM) as uow:
        officer = uow.session.scalars(select(UserAccount).where(UserAccount.phone == OFFICER)).one()
        officer.phone, officer.email = "", "city@example.kr"
        insure(uow, city.here, TODAY)
    assert {to for to, _ in run(city, TODAY)} == {DIRECTOR, "city@example.kr"}


@pytest.mark.parametrize(("minute", "told"), [("08:04:59", 0), ("08:05:00", 2)])
def test_the_clock_runs_it_every_morning(city: City, minute: str, told: int) -> None:
    people(city)
    with unit_of_work(city.place, SYSTEM) as uow:
        insure(uow, city.here, TODAY)
    yesterday = kst(TODAY - timedelta(days=1), 485)
    with clock.platform_unit() as uow:
        for slug in ("seoul", city.place.slug):
            uow.session.add(
                JobRun(job="J-26", tenant=slug, slot=yesterday, started_at=yesterday, outcome="DONE")
            )
    city.clock.move_to(datetime.fromisoformat(f"{TODAY}T{minute}").replace(tzinfo=KST))
    for _twice in range(2):
        clock.run_due(JOBS[0])
    with unit_of_work(city.place, SYSTEM) as uow:
        assert len(uow.session.scalars(select(Message)).all()) == told


def test_an_end_stops_bookings_without_any_job(city: City) -> None:
    with unit_of_work(city.place, SYSTEM) as uow:
        insure(uow, city.here, TODAY)
        insure(uow, city.here, TODAY + timedelta(days=9), kind=PolicyKind.DAYCARE_HOURLY_RIDER)
        tomorrow = TODAY + timedelta(days=1)
        assert covered(uow, city.here, DAYCARE_KINDS, TODAY)
        assert not covered(uow, city.here, DAYCARE_KINDS, tomorrow)
        assert not covered(uow, city.there, DAYCARE_KINDS, TODAY)
        assert covered_days(uow, (city.here, city.there), DAYCARE_KINDS, DateSpan(TODAY, tomorrow)) == {
            city.here: frozenset({TODAY}),
            city.there: frozenset(),
        }
