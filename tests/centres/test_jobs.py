"""J-04: places change on their day. J-05: next year's quarters are asked for in November, missed in December."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import delete, select

from app.accounts.models import UserAccount
from app.centres.jobs import JOBS, apply_capacities, remind_of_quarters
from app.centres.models import CapacityChange, Gate, KiumCentre
from app.centres.parameters import REMIND_ON
from app.centres.rules import CapacityChangeState, proposed_quarters
from app.kernel.actor import SYSTEM, Role
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.jobs import SomeFailed
from app.kernel.ranges import KST
from app.messaging.models import Message
from app.tenancy import clock, settings
from app.tenancy.models import Institution, JobRun
from tests.cast import make_centre, make_district, make_quarter
from tests.cast_accounts import make_user
from tests.centres.people_of import ADMIN


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


@dataclass
class World:
    place: TenantRef
    clock: time_machine.Traveller
    district: int
    late: int
    ready: int

    def run(self, month: int, day: int) -> list[tuple[str, str]]:
        """The messages planned so far, after the reminder ran twice at nine."""
        slot = datetime(2026, month, day, 9, 0, tzinfo=KST)
        self.clock.move_to(slot)
        for _twice in range(2):
            remind_of_quarters(self.place, slot)
        return self.messages()

    def tick(self, job: str, now: datetime) -> None:
        """What two firings of the clock at that moment do."""
        self.clock.move_to(now)
        for _twice in range(2):
            clock.run_due(next(one for one in JOBS if one.name == job))

    def messages(self) -> list[tuple[str, str]]:
        with unit_of_work(self.place, SYSTEM) as uow:
            return [(row.to, row.body) for row in uow.session.scalars(select(Message).order_by(Message.id))]

    def will_change(self, centre_id: int, places: int, day: date) -> None:
        with unit_of_work(self.place, SYSTEM) as uow:
            uow.session.add(
                CapacityChange(
                    centre_id=centre_id,
                    old_capacity=20,
                    new_capacity=places,
                    old_area=Decimal(80),
                    new_area=Decimal(120),
                    effective_on=day,
                    reason="옆 교실을 더 쓰게 됨",
                    state=CapacityChangeState.APPROVED,
                    created_at=uow.now,
                )
            )

    def places(self, centre_id: int) -> int:
        with unit_of_work(self.place, SYSTEM) as uow:
            return uow.session.get_one(KiumCentre, centre_id).base_capacity


@pytest.fixture
def world(seoul: TenantRef) -> Iterator[World]:
    with time_machine.travel(datetime(2026, 10, 1, tzinfo=KST), tick=False) as moved:
        with unit_of_work(seoul, SYSTEM) as uow:
            district = make_district(uow)
            late = make_centre(uow, name="늦은 센터", district=district)
            ready = make_centre(uow, name="이른 센터", district=district)
            for kind, span in proposed_quarters(2027):
                make_quarter(uow, ready, span.first, span.last, kind=kind)
            make_user(uow, Role.CENTRE_DIRECTOR, late.id, phone="01011110001")
            make_user(uow, Role.CARE_TEACHER, late.id, phone="01011110002")
            make_user(uow, Role.CENTRE_DIRECTOR, late.id, phone="01011110003", ends_on=date(2026, 10, 14))
            make_user(uow, Role.CENTRE_DIRECTOR, ready.id, phone="01011110004")
            make_user(uow, Role.DISTRICT_OFFICER, district.id, phone="01011110005")
            made = World(seoul, moved, district.id, late.id, ready.id)
        yield made


def slept_since(job: str, slot: datetime) -> None:
    with clock.platform_unit() as uow:
        for slug in ("seoul", "gwacheon"):
            uow.session.add(JobRun(job=job, tenant=slug, slot=slot, started_at=slot, outcome="DONE"))


@pytest.mark.rule("KQ-16")
def test_the_centre_is_reminded_once_and_then_the_district(world: World) -> None:
    assert world.run(10, 31) == []
    ((to, body),) = world.run(11, 1)
    assert to == "01011110001"
    assert "1학기, 여름방학, 2학기, 겨울방학" in body
    assert len(world.run(11, 2)) == 1
    assert len(world.run(11, 30)) == 1
    *_, (to, body) = world.run(12, 1)
    assert to == "01011110005"
    assert "1곳" in body
    assert "늦은 센터" in body
    assert "이른 센터" not in body
    assert len(world.run(12, 2)) == 2


@pytest.mark.rule("KQ-16")
def test_a_city_may_ask_on_another_day(world: World) -> None:
    with unit_of_work(world.place, ADMIN) as uow:
        settings.set_value(uow, REMIND_ON, "10-15", effective_from=date(2026, 10, 2), reason="더 일찍")
    assert world.run(10, 14) == []
    assert len(world.run(10, 15)) == 1
    assert len(world.run(11, 1)) == 1


@pytest.mark.rule("KQ-16")
@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-11-01T08:59:59", 0),
        ("2026-11-01T09:00:00", 1),
        ("2026-11-02T08:59:59", 1),
        ("2026-11-02T09:00:00", 0),
    ],
)
def test_a_reminder_of_yesterday_is_dropped(world: World, now: str, told: int) -> None:
    slept_since("J-05", at("2026-10-31T09:00"))
    world.tick("J-05", at(now))
    assert len(world.messages()) == told


@pytest.mark.rule("KQ-16")
@pytest.mark.parametrize(("entered", "told"), [(3, 1), (4, 0)])
def test_three_quarters_are_not_a_year(world: World, entered: int, told: int) -> None:
    with unit_of_work(world.place, SYSTEM) as uow:
        late = uow.session.get_one(KiumCentre, world.late)
        for kind, span in proposed_quarters(2027)[:entered]:
            make_quarter(uow, late, span.first, span.last, kind=kind)
    for month, count in ((11, told), (12, 2 * told)):
        said = world.run(month, 1)
        assert len(said) == count
    assert all("2027년 분기: 2학기\n" in body for to, body in said if to == "01011110001")


@pytest.mark.rule("KQ-16")
def test_who_has_no_phone_is_written_to_and_a_centre_without_people_is_called_itself(world: World) -> None:
    with unit_of_work(world.place, SYSTEM) as uow:
        head = uow.session.scalars(select(UserAccount).where(UserAccount.phone == "01011110001")).one()
        head.phone, head.email = "", "head@example.kr"
        make_centre(uow, name="빈 센터", district=uow.session.get_one(Institution, world.district))
    assert {to for to, _ in world.run(11, 1)} == {"head@example.kr", "0226001234"}


@pytest.mark.rule("KC-10")
@pytest.mark.parametrize(
    ("now", "places"),
    [
        ("2026-10-19T23:59:59", 20),
        ("2026-10-20T00:01:59", 20),
        ("2026-10-20T00:02", 24),
        ("2026-10-25T12:00", 24),
    ],
)
def test_places_change_in_the_night_of_their_day(world: World, now: str, places: int) -> None:
    world.will_change(world.late, 24, date(2026, 10, 20))
    slept_since("J-04", at("2026-10-19T00:02"))
    world.tick("J-04", at(now))
    assert world.places(world.late) == places


@pytest.mark.rule("KC-10")
@pytest.mark.rule("GC-23")
def test_changes_the_clock_slept_through_apply_in_the_order_of_their_days(world: World) -> None:
    world.will_change(world.late, 30, date(2026, 10, 22))
    world.will_change(world.late, 24, date(2026, 10, 20))
    slept_since("J-04", at("2026-10-19T00:02"))
    world.tick("J-04", at("2026-10-25T12:00"))
    assert world.places(world.late) == 30


@pytest.mark.rule("KC-10")
@pytest.mark.rule("GC-23")
def test_a_centre_that_fails_changes_later_and_stops_nobody(world: World) -> None:
    for centre in (world.late, world.ready):
        world.will_change(centre, 24, date(2026, 10, 20))
    with unit_of_work(world.place, SYSTEM) as uow:
        uow.session.execute(delete(Gate).where(Gate.centre_id == world.late))
    world.clock.move_to(at("2026-10-20T00:02"))
    with pytest.raises(SomeFailed, match=f"{world.late}: NotFound"):
        apply_capacities(world.place, at("2026-10-20T00:02"))
    assert [world.places(centre) for centre in (world.late, world.ready)] == [20, 24]
    with unit_of_work(world.place, SYSTEM) as uow:
        uow.session.add(Gate(centre_id=world.late))
    apply_capacities(world.place, at("2026-10-20T00:02"))
    assert world.places(world.late) == 24
