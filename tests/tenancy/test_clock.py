"""The clock's ledger: each due time runs once, what was missed is made up for as its job says (GC-23)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from app import house as the_house
from app.centres.models import Quarter
from app.centres.rules import QuarterKind, QuarterState
from app.kernel.actor import SYSTEM
from app.kernel.db import Database, TenantRef, unit_of_work
from app.kernel.jobs import CatchUp, Job, first_time
from app.kernel.ranges import KST
from app.tenancy import clock
from app.tenancy.models import JobRun, Tenant
from app.tenancy.registry import registry
from tests.cast import make_centre, make_quarter
from tests.conftest import SEOUL, UrlOf, settings_for

START = datetime(2026, 11, 20, 12, 0, tzinfo=KST)
DAILY: dict[str, str | int] = {"hour": 0, "minute": 5}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


class Diary:
    """A job that writes down where and for when it ran, and fails where told."""

    def __init__(self, catch_up: CatchUp = CatchUp.EACH, cron: dict[str, str | int] | None = None) -> None:
        self.ran: list[tuple[str, datetime]] = []
        self.fails: set[str] = set()
        self.job = Job("J-TEST", "일기", self.run, cron or DAILY, catch_up, service="KIUM")

    def run(self, place: TenantRef, slot: datetime) -> None:
        if place.slug in self.fails:
            raise RuntimeError("강우")
        self.ran.append((place.slug, slot))

    def days(self, slug: str = "seoul") -> list[str]:
        return [f"{slot.astimezone(KST):%m-%d}" for place, slot in self.ran if place == slug]


def ran_until(job: Job, slot: datetime) -> None:
    with clock.platform_unit() as uow:
        for slug in ("seoul", "gwacheon"):
            uow.session.add(
                JobRun(
                    job=job.name, tenant=slug, slot=slot, started_at=slot, finished_at=slot, outcome="DONE"
                )
            )


@pytest.mark.rule("GC-23")
@pytest.mark.parametrize(
    ("catch_up", "now", "days"),
    [
        (CatchUp.EACH, "2026-11-21T00:04:59", []),
        (CatchUp.EACH, "2026-11-21T00:05:00", ["11-21"]),
        (CatchUp.EACH, "2026-11-23T12:00", ["11-21", "11-22", "11-23"]),
        (CatchUp.LATEST, "2026-11-23T12:00", ["11-23"]),
        (CatchUp.LATEST, "2026-12-23T12:00", ["12-23"]),
        (CatchUp.NONE, "2026-11-21T00:05:00", ["11-21"]),
        (CatchUp.NONE, "2026-11-23T12:00", ["11-23"]),
    ],
)
def test_missed_slots_are_made_up_for_as_the_job_says(
    db: Database, catch_up: CatchUp, now: str, days: list[str]
) -> None:
    diary = Diary(catch_up)
    ran_until(diary.job, at("2026-11-20T00:05"))
    clock.run_due(diary.job, at(now))
    assert diary.days() == days
    assert diary.days("gwacheon") == days


@pytest.mark.rule("GC-23")
@pytest.mark.parametrize(
    ("now", "days"),
    [("2026-12-02T09:00:00", ["12-01"]), ("2026-12-02T09:00:01", [])],
)
def test_a_reminder_later_than_a_day_is_dropped(db: Database, now: str, days: list[str]) -> None:
    diary = Diary(CatchUp.NONE, {"month": 12, "day": 1, "hour": 9})
    ran_until(diary.job, at("2026-11-01T09:00"))
    clock.run_due(diary.job, at(now))
    assert diary.days() == days


@pytest.mark.rule("GC-23")
def test_running_again_changes_nothing(db: Database) -> None:
    diary = Diary()
    ran_until(diary.job, at("2026-11-20T00:05"))
    assert clock.run_due(diary.job, at("2026-11-22T12:00")) == 4
    assert clock.run_due(diary.job, at("2026-11-22T12:00")) == 0
    assert len(diary.ran) == 4


@pytest.mark.rule("GC-23")
def test_old_runs_are_forgotten_but_the_newest_and_the_failed(db: Database) -> None:
    diary, now = Diary(), at("2026-11-20T12:00")
    edge = now - clock.KEPT
    ran_until(diary.job, edge - timedelta(days=2))
    ran_until(diary.job, edge - timedelta(minutes=1))
    ran_until(diary.job, edge)
    with clock.platform_unit() as uow:
        uow.session.execute(
            update(JobRun).where(JobRun.slot < edge, JobRun.tenant == "gwacheon").values(outcome="FAILED")
        )
    with time_machine.travel(now, tick=False):
        assert clock.forget_old_runs() == 2
        assert clock.forget_old_runs() == 0
    with clock.platform_unit() as uow:
        left = uow.session.execute(
            select(JobRun.tenant, JobRun.slot).where(JobRun.job == diary.job.name)
        ).all()
        assert sorted(left)[:2] == [
            ("gwacheon", edge - timedelta(days=2)),
            ("gwacheon", edge - timedelta(minutes=1)),
        ]
        assert sorted(left)[2:] == [("gwacheon", edge), ("seoul", edge)]
    with time_machine.travel(now + timedelta(days=400), tick=False):
        assert clock.forget_old_runs() == 0, "the newest is what comes next counts from"


@pytest.mark.rule("GC-22")
def test_a_job_of_a_service_runs_only_where_it_is_offered(db: Database) -> None:
    with unit_of_work(SEOUL, SYSTEM) as uow:
        assert uow.session.scalar(select(Tenant.services).where(Tenant.slug == "seoul")) == ["KIUM"]
    with clock.platform_unit() as uow:
        uow.session.execute(update(Tenant).where(Tenant.slug == "gwacheon").values(services=["FACILITY"]))
    registry.forget()
    diary = Diary()
    ran_until(diary.job, at("2026-11-20T00:05"))
    clock.run_due(diary.job, at("2026-11-21T12:00"))
    assert {slug for slug, _ in diary.ran} == {"seoul"}


@pytest.mark.rule("GC-23")
def test_a_failing_municipality_does_not_stop_the_others_and_is_tried_again_in_order(db: Database) -> None:
    diary = Diary()
    diary.fails = {"seoul"}
    ran_until(diary.job, at("2026-11-20T00:05"))
    with time_machine.travel(at("2026-11-22T12:00"), tick=False):
        clock.run_due(diary.job)
        assert (diary.days(), diary.days("gwacheon")) == ([], ["11-21", "11-22"])
        with clock.platform_unit() as uow:
            row = uow.session.scalars(select(JobRun).where(JobRun.outcome == "FAILED")).one()
            assert (row.tenant, row.error) == ("seoul", "RuntimeError")
    diary.fails = set()
    with time_machine.travel(at("2026-11-22T12:10"), tick=False):
        clock.run_due(diary.job)
        assert diary.days() == []  # the pause is not over, and the 22nd must not run before the 21st
    with time_machine.travel(at("2026-11-22T12:10:01"), tick=False):
        clock.run_due(diary.job)
    assert diary.days() == ["11-21", "11-22"]


@pytest.mark.rule("GC-23")
def test_a_run_that_was_cut_off_is_run_again_after_its_pause(db: Database) -> None:
    diary = Diary()
    ran_until(diary.job, at("2026-11-20T00:05"))
    with clock.platform_unit() as uow:
        uow.session.add(
            JobRun(
                job=diary.job.name,
                tenant="seoul",
                slot=at("2026-11-21T00:05"),
                started_at=at("2026-11-21T00:05"),
                outcome="RUNNING",
            )
        )
    clock.run_due(diary.job, at("2026-11-21T00:15"))
    assert diary.days() == []
    with time_machine.travel(at("2026-11-21T00:15:01"), tick=False):
        clock.run_due(diary.job)
    assert diary.days() == ["11-21"]


@pytest.mark.rule("GC-23")
def test_only_the_latest_failed_slot_is_repeated_where_only_the_latest_counts(db: Database) -> None:
    diary = Diary(CatchUp.LATEST)
    diary.fails = {"seoul", "gwacheon"}
    ran_until(diary.job, at("2026-11-20T00:05"))
    for day in ("2026-11-21T00:05", "2026-11-22T00:05"):
        with time_machine.travel(at(day), tick=False):
            clock.run_due(diary.job)
    diary.fails = set()
    with time_machine.travel(at("2026-11-22T03:00"), tick=False):
        clock.run_due(diary.job)
        clock.run_due(diary.job)
    assert diary.days() == ["11-22"]


@pytest.mark.rule("GC-23")
def test_an_effect_and_its_mark_commit_or_roll_back_together(seoul: TenantRef) -> None:
    def effect(fail: bool) -> bool:
        with unit_of_work(seoul, SYSTEM) as uow:
            first = first_time(uow, "J-01", "centre-1", "2026-Q4")
            if fail:
                raise RuntimeError
            return first

    with pytest.raises(RuntimeError):
        effect(fail=True)
    assert [effect(fail=False), effect(fail=False)] == [True, False]


@pytest.mark.rule("GC-23")
def test_a_clock_moved_back_has_not_run_the_future(db: Database) -> None:
    diary = Diary()
    with time_machine.travel(START, tick=False):
        ran_until(diary.job, at("2026-11-20T00:05"))
        later = clock.travel(3 * 86400)
        assert later == START + timedelta(days=3)
        clock.run_due(diary.job)
        assert diary.days() == ["11-21", "11-22", "11-23"]
        assert clock.travel(0) == START
        assert clock.run_due(diary.job) == 0
    with time_machine.travel(START + timedelta(days=1), tick=False):
        clock.run_due(diary.job)
    assert diary.days()[3:] == ["11-21"]


def test_production_refuses_to_move_the_clock(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "settings", replace(db.settings, env="production"))
    with pytest.raises(PermissionError, match="운영 환경"):
        clock.travel(60)
    assert abs(clock.present() - datetime.now(KST)) < timedelta(seconds=5)


@pytest.mark.race
@pytest.mark.rule("GC-23")
def test_two_leaders_run_a_slot_once(
    house: Database, server: UrlOf, new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Both ask at the same moment, on connections of their own."""
    name = new_database()
    engine_before = house.engine
    alone = Database(settings_for(server, name, tmp_path_factory.mktemp("var")), pool_size=6)
    the_house.use_database(alone)
    registry.forget()
    try:
        diary = Diary()
        ran_until(diary.job, at("2026-11-20T00:05"))
        start = threading.Barrier(4)

        def lead() -> None:
            start.wait()
            clock.run_due(diary.job)

        with time_machine.travel(at("2026-11-27T12:00")):
            leaders = [threading.Thread(target=lead) for _ in range(4)]
            for leader in leaders:
                leader.start()
            for leader in leaders:
                leader.join()
            clock.run_due(diary.job)
        assert len(diary.ran) == len(set(diary.ran)) == 14
        assert (diary.days()) == ["11-21", "11-22", "11-23", "11-24", "11-25", "11-26", "11-27"]
    finally:
        alone.engine.dispose()
        the_house.use_database(house)
        registry.forget()
        assert house.engine is engine_before


@pytest.mark.rule("KQ-17")
@pytest.mark.rule("GC-23")
def test_travelling_over_the_end_of_a_quarter_turns_it_over_once(seoul: TenantRef) -> None:
    """Three days are skipped at once; the roll-over of the day between still happens, and only once."""
    rollover = next(job for job in the_house.all_jobs() if job.name == "J-01")
    with unit_of_work(seoul, SYSTEM) as uow:
        centre = make_centre(uow)
        autumn = make_quarter(uow, centre, date(2026, 8, 17), date(2026, 12, 31))
        winter = make_quarter(uow, centre, date(2027, 1, 1), date(2027, 2, 28), kind=QuarterKind.WINTER)
        winter.state = QuarterState.PLANNED
        uow.session.flush()
        ids = (autumn.id, winter.id)

    def states() -> list[str]:
        with unit_of_work(seoul, SYSTEM) as uow:
            return [str(uow.session.get_one(Quarter, number).state) for number in ids]

    with time_machine.travel(at("2026-12-30T12:00"), tick=False):
        ran_until(rollover, at("2026-12-30T00:05"))
        assert clock.run_due(rollover) == 0
        assert states() == ["CURRENT", "PLANNED"]
        clock.travel(round(timedelta(days=3).total_seconds()))
        assert clock.run_due(rollover) == 2 * 3  # each missed day, in both municipalities
        assert states() == ["CLOSED", "CURRENT"]
        assert clock.run_due(rollover) == 0
