"""Planned work: claimed once, retried with growing pauses, never lost."""

from datetime import timedelta

import pytest
import time_machine

from app.kernel import work
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.work import Hopeless, RetryLater, Work, WorkKind, WorkState
from app.tenancy import worker

START = "2026-11-20 10:00+09:00"


def plan_one(place: TenantRef, **extra: object) -> str | None:
    with unit_of_work(place, SYSTEM) as uow:
        return work.plan(uow, "test", {"n": 1}, **extra)  # type: ignore[arg-type]


def the_row(place: TenantRef) -> Work:
    with unit_of_work(place, SYSTEM) as uow:
        return uow.session.query(Work).one()


def kinds(run: object) -> dict[str, WorkKind]:
    return {"test": WorkKind("test", run)}  # type: ignore[arg-type]


def test_done_work_keeps_its_result(seoul: TenantRef) -> None:
    plan_one(seoul)
    assert worker.drain(seoul, kinds(lambda place, row, payload: {"sum": payload["n"] + 1})) == 1
    assert (the_row(seoul).state, the_row(seoul).result) == (WorkState.DONE, {"sum": 2})


def test_the_same_key_is_planned_once(seoul: TenantRef) -> None:
    assert plan_one(seoul, key="booking:1") is not None
    assert plan_one(seoul, key="booking:1") is None


def test_work_of_a_rolled_back_change_does_not_exist(seoul: TenantRef) -> None:
    def fail() -> None:
        with unit_of_work(seoul, SYSTEM) as uow:
            work.plan(uow, "test", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert worker.drain(seoul, kinds(lambda *_: {})) == 0


@pytest.mark.parametrize(("attempt", "pause"), list(enumerate(work.PAUSES, start=1)))
def test_failures_wait_longer_each_time(seoul: TenantRef, attempt: int, pause: int) -> None:
    def fail(*_: object) -> dict[str, object]:
        raise RuntimeError("gateway away")

    with time_machine.travel(START, tick=False) as clock:
        plan_one(seoul)
        for earlier in work.PAUSES[: attempt - 1]:
            worker.drain(seoul, kinds(fail))
            clock.shift(timedelta(seconds=earlier))
        worker.drain(seoul, kinds(fail))
        clock.shift(timedelta(seconds=pause - 1))
        assert worker.drain(seoul, kinds(fail)) == 0
        clock.shift(timedelta(seconds=1))
        assert worker.drain(seoul, kinds(lambda *_: {})) == 1


def test_after_the_last_pause_it_is_dead_with_its_reason(seoul: TenantRef) -> None:
    def fail(*_: object) -> dict[str, object]:
        raise RuntimeError("no such number")

    with time_machine.travel(START, tick=False) as clock:
        plan_one(seoul)
        for pause in (*work.PAUSES, 0):
            worker.drain(seoul, kinds(fail))
            clock.shift(timedelta(seconds=pause))
    row = the_row(seoul)
    assert row.state == WorkState.DEAD
    assert "no such number" in (row.error or "")


def test_hopeless_work_is_not_tried_again(seoul: TenantRef) -> None:
    def refuse(*_: object) -> dict[str, object]:
        raise Hopeless("the person left")

    plan_one(seoul)
    worker.drain(seoul, kinds(refuse))
    assert the_row(seoul).state == WorkState.DEAD


def test_a_gateway_may_name_its_own_pause(seoul: TenantRef) -> None:
    def busy(*_: object) -> dict[str, object]:
        raise RetryLater("429", seconds=7)

    with time_machine.travel(START, tick=False) as clock:
        plan_one(seoul)
        worker.drain(seoul, kinds(busy))
        clock.shift(timedelta(seconds=6))
        assert worker.drain(seoul, kinds(busy)) == 0
        clock.shift(timedelta(seconds=1))
        assert worker.drain(seoul, kinds(lambda *_: {})) == 1


def test_work_of_a_worker_that_died_is_taken_again_after_its_lease(seoul: TenantRef) -> None:
    with time_machine.travel(START, tick=False) as clock:
        plan_one(seoul)
        with unit_of_work(seoul, SYSTEM) as uow:
            assert work.claim(uow) is not None
        assert worker.drain(seoul, kinds(lambda *_: {})) == 0
        clock.shift(work.LEASE)
        assert worker.drain(seoul, kinds(lambda *_: {})) == 1


def test_unknown_work_is_dead_and_says_so(seoul: TenantRef) -> None:
    plan_one(seoul)
    worker.drain(seoul, {})
    assert "unknown kind" in (the_row(seoul).error or "")


def test_long_work_waits_for_what_is_quickly_done(seoul: TenantRef) -> None:
    plan_one(seoul, total=60)
    plan_one(seoul, total=1)
    with unit_of_work(seoul, SYSTEM) as uow:
        first = work.claim(uow)
        assert first is not None
        assert first.total == 1


def test_progress_keeps_the_work_claimed(seoul: TenantRef) -> None:
    with time_machine.travel(START, tick=False) as clock:
        plan_one(seoul, total=60)
        with unit_of_work(seoul, SYSTEM) as uow:
            row = work.claim(uow)
            assert row is not None
        clock.shift(work.LEASE - timedelta(seconds=1))
        with unit_of_work(seoul, SYSTEM) as uow:
            work.advance(uow, row.id, 5)
        clock.shift(work.LEASE - timedelta(seconds=1))
        with unit_of_work(seoul, SYSTEM) as uow:
            assert work.claim(uow) is None
        clock.shift(timedelta(seconds=1))
        with unit_of_work(seoul, SYSTEM) as uow:
            assert work.claim(uow) is not None
    assert the_row(seoul).progress == 5


@pytest.mark.parametrize("ends", ["returns", "notices", "fails"])
def test_work_cancelled_under_way_stays_cancelled(seoul: TenantRef, ends: str) -> None:
    def run(place: TenantRef, row: int, payload: dict[str, object]) -> dict[str, object]:
        with unit_of_work(place, SYSTEM) as uow:
            uow.session.get_one(Work, row).state = WorkState.CANCELLED
        if ends == "notices":
            with unit_of_work(place, SYSTEM) as uow:
                work.advance(uow, row, 1)
        if ends == "fails":
            raise RuntimeError
        return {"done": True}

    plan_one(seoul)
    assert worker.drain(seoul, kinds(run)) == 1
    assert (the_row(seoul).state, the_row(seoul).result) == (WorkState.CANCELLED, {})
