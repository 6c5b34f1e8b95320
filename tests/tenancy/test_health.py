"""The platform's pages: the operator signs in, sees health in words and never a name; what a load balancer asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, text, update

from app.kernel import work
from app.kernel.actor import SYSTEM
from app.kernel.db import Database, TenantRef, unit_of_work
from app.kernel.ranges import KST
from app.kernel.work import Work, WorkState
from app.tenancy import clock, health, operators
from app.tenancy.models import (
    ClockHeartbeat,
    JobRun,
    OperatorAlert,
    PlatformLog,
    PublicHoliday,
    Tenant,
)
from app.tenancy.registry import registry

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=KST)
PASSWORD = "Dasom-2026!"


@pytest.fixture
def client(db: Database, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """A visitor's browser at noon; there is one operator."""
    monkeypatch.setattr(operators, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    with time_machine.travel(NOW, tick=False):
        with clock.platform_unit() as uow:
            operators.set_password(uow, "Operator", "박운영", PASSWORD)
        yield app.test_client()


def sign_in(client: FlaskClient, password: str = PASSWORD) -> int:
    return client.post("/platform/login", data={"login_id": "operator", "password": password}).status_code


@pytest.fixture
def operator(client: FlaskClient) -> FlaskClient:
    assert sign_in(client) == 303
    return client


@pytest.mark.parametrize("path", ["/platform/", "/platform/clock", "/platform/work", "/platform/holidays"])
def test_a_visitor_is_sent_to_the_login_page(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/platform/login")
    assert client.get("/platform/login").status_code == 200


@pytest.mark.parametrize("path", ["/platform/", "/platform/clock", "/platform/work", "/platform/holidays"])
def test_the_operator_sees_every_page_and_nothing_is_cached(operator: FlaskClient, path: str) -> None:
    answer = operator.get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.rule("XX-13")
def test_five_wrong_passwords_lock_and_a_new_password_unlocks(client: FlaskClient) -> None:
    for _ in range(4):
        assert sign_in(client, "wrong") == 422
    assert sign_in(client) == 303  # a right one starts the count anew
    for _ in range(5):
        sign_in(client, "wrong")
    locked = client.post("/platform/login", data={"login_id": "operator", "password": PASSWORD})
    assert locked.status_code == 422
    assert "잠긴 계정" in locked.text
    with clock.platform_unit() as uow:
        operators.set_password(uow, "operator", "", PASSWORD)
    assert sign_in(client) == 303


def test_an_unknown_login_hears_the_same_as_a_wrong_password(client: FlaskClient) -> None:
    answers = [
        client.post("/platform/login", data={"login_id": name, "password": "x"}).text.count(
            operators.WRONG.text
        )
        for name in ("operator", "nobody")
    ]
    assert answers == [1, 1]


@pytest.mark.parametrize(
    ("pause", "status"), [(timedelta(minutes=30), 200), (timedelta(minutes=30, seconds=1), 303)]
)
def test_a_session_ends_after_half_an_hour_of_silence(
    operator: FlaskClient, pause: timedelta, status: int
) -> None:
    with time_machine.travel(NOW + pause, tick=False):
        assert operator.get("/platform/").status_code == status


def test_signing_out_ends_the_session_for_a_copied_cookie_too(operator: FlaskClient, app: Flask) -> None:
    cookie = operator.get_cookie("platform.sid", path="/platform")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("platform.sid", cookie.value, path="/platform")
    assert thief.get("/platform/").status_code == 200
    operator.post("/platform/logout")
    assert thief.get("/platform/").status_code == 303


def test_an_operator_is_nobody_in_a_municipality(operator: FlaskClient) -> None:
    with operator.session_transaction(path="/platform/") as held:
        assert "operator" in held
    assert operator.get("/seoul/platform/").status_code == 404


def test_the_start_page_offers_open_municipalities_only(client: FlaskClient) -> None:
    with clock.platform_unit() as uow:
        uow.session.execute(update(Tenant).where(Tenant.slug == "gwacheon").values(active=False))
    registry.forget()
    page = client.get("/").text
    assert 'href="/seoul/"' in page
    assert "gwacheon" not in page


def bury(place: TenantRef) -> str:
    with unit_of_work(place, SYSTEM) as uow:
        ref = work.plan(uow, "message.send", {"to": "01012345678"})
        assert ref is not None
        row = uow.session.scalars(select(Work).where(Work.ref == ref)).one()
        row.attempts = 6
        work.bury(uow, row.id, "ValueError: 김하늘 01012345678")
        return ref


def test_dead_work_is_shown_without_what_it_holds_and_can_be_revived(
    operator: FlaskClient, seoul: TenantRef
) -> None:
    ref = bury(seoul)
    assert "끝내 못 한 일 1건" in operator.get("/platform/").text
    page = operator.get("/platform/work").text
    assert ref in page
    assert "ValueError" in page
    assert "김하늘" not in page
    assert "01012345678" not in page
    assert operator.post(f"/platform/work/seoul/{ref}/revive").status_code == 303
    with unit_of_work(seoul, SYSTEM) as uow:
        row = uow.session.scalars(select(Work).where(Work.ref == ref)).one()
        assert (row.state, row.attempts, row.next_at) == (WorkState.PENDING, 0, NOW)
        logged = uow.session.execute(text("SELECT action, role FROM audit_log")).one()
    assert tuple(logged) == ("work.revive", "platform_operator")
    assert operator.post(f"/platform/work/seoul/{ref}/revive").status_code == 404
    assert operator.post(f"/platform/work/nowhere/{ref}/revive").status_code == 404


def test_the_night_shows_failures_by_kind_and_first(operator: FlaskClient) -> None:
    with clock.platform_unit() as uow:
        for job, outcome, error in (("J-01", "DONE", None), ("J-07", "FAILED", "KeyError: '김하늘'")):
            uow.session.add(
                JobRun(
                    job=job,
                    tenant="seoul",
                    slot=NOW - timedelta(hours=3),
                    started_at=NOW - timedelta(hours=3),
                    finished_at=NOW - timedelta(hours=3) + timedelta(seconds=7),
                    outcome=outcome,
                    error=error,
                )
            )
        old = NOW - timedelta(hours=25)
        uow.session.add(
            JobRun(job="J-99", tenant="seoul", slot=old, started_at=old, finished_at=old, outcome="DONE")
        )
    page = operator.get("/platform/clock").text
    assert page.index("J-07") < page.index("J-01")
    assert "KeyError" in page
    assert "김하늘" not in page
    assert "7.0초" in page
    assert "J-99" not in page


def test_open_alerts_stand_on_the_first_page_in_words(operator: FlaskClient) -> None:
    with clock.platform_unit() as uow:
        for key, closed in (("job:J-01:2026-11-20T00:05", None), ("work:dead", NOW)):
            uow.session.add(
                OperatorAlert(
                    tenant="seoul", key=key, detail="RuntimeError: 이다솜", raised_at=NOW, closed_at=closed
                )
            )
    page = operator.get("/platform/").text
    assert "예약된 일 J-01(2026-11-20 00:05)이 끝나지 못했습니다: RuntimeError" in page
    assert "이다솜" not in page
    assert "끝내 못 한 일이" not in page


@pytest.mark.rule("GC-11")
def test_a_temporary_holiday_is_added_and_removed(operator: FlaskClient) -> None:
    answer = operator.post("/platform/holidays", data={"day": "2026-12-02", "name": " 임시공휴일 "})
    assert answer.headers["Location"] == "/platform/holidays?year=2026"
    assert "12월 2일(수)" in operator.get("/platform/holidays?year=2026").text
    with clock.platform_unit() as uow:
        row = uow.session.get_one(PublicHoliday, datetime(2026, 12, 2, tzinfo=KST).date())
        assert (row.name, row.kind) == ("임시공휴일", "TEMP_HOLIDAY")
    assert operator.post("/platform/holidays/2026-12-02/remove").status_code == 303
    with clock.platform_unit() as uow:
        assert uow.session.get(PublicHoliday, row.day) is None
        done = list(uow.session.scalars(select(PlatformLog.action).order_by(PlatformLog.id)))
    assert done[-2:] == ["holiday.add", "holiday.remove"]


@pytest.mark.rule("GC-11")
@pytest.mark.parametrize(
    ("day", "name", "told"),
    [
        ("2026-11-20", "오늘", "내일부터의 날을"),
        ("2026-11-21", "내일", ""),
        ("2029-12-31", "먼 날", ""),
        ("2030-01-01", "너무 먼 날", "3년 안의 날을"),
        ("2026-12-25", "성탄절 또", "이미 휴일입니다"),
        ("2026-12-02", "  ", "휴일 이름을"),
        ("2026-12-02", "가" * 61, "휴일 이름을"),
        ("2026-02-30", "없는 날", "날짜를 2026-11-24처럼"),
        ("", "빈 날", "날짜를 2026-11-24처럼"),
        ("99999-01-01", "긴 해", "날짜를 2026-11-24처럼"),
    ],
)
def test_a_holiday_that_cannot_be_is_refused_in_words(
    operator: FlaskClient, day: str, name: str, told: str
) -> None:
    answer = operator.post("/platform/holidays", data={"day": day, "name": name})
    assert answer.status_code == (422 if told else 303)
    assert told in answer.text


def test_a_statutory_holiday_cannot_be_removed(operator: FlaskClient) -> None:
    assert operator.post("/platform/holidays/2026-12-25/remove").status_code == 422
    assert "12월 25일(금)" in operator.get("/platform/holidays?year=2026").text


@pytest.mark.parametrize("year", ["2023", "9999", "x", "-1", "２０２６"])
def test_an_odd_year_shows_this_one(operator: FlaskClient, year: str) -> None:
    assert "2026년 휴일" in operator.get("/platform/holidays", query_string={"year": year}).text


def test_healthz_asks_nothing(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def beat(age: int) -> None:
    with clock.platform_unit() as uow:
        uow.session.execute(delete(ClockHeartbeat))
        uow.session.add(ClockHeartbeat(id=1, beat_at=NOW - timedelta(seconds=age)))


@pytest.mark.parametrize(
    ("age", "status", "troubles"), [(90, "ok", []), (91, "degraded", ["the clock does not beat"])]
)
def test_readyz_watches_the_clock(client: FlaskClient, age: int, status: str, troubles: list[str]) -> None:
    beat(age)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["status"], answer.json["troubles"]) == (status, troubles)
    assert answer.json["clock_heartbeat_age_seconds"] == age


@pytest.mark.parametrize(("minutes", "status"), [(10, "ok"), (11, "degraded")])
def test_readyz_watches_waiting_work(
    client: FlaskClient, seoul: TenantRef, minutes: int, status: str
) -> None:
    beat(1)
    with unit_of_work(seoul, SYSTEM) as uow:
        work.plan(uow, "message.send", {}, not_before=NOW - timedelta(minutes=minutes))
    answer = client.get("/readyz").json
    assert answer is not None
    assert (answer["status"], answer["oldest_work_age_seconds"]) == (status, minutes * 60)


def test_a_municipality_behind_the_code_is_named_but_the_others_go_on(client: FlaskClient) -> None:
    beat(1)
    with clock.platform_unit() as uow:
        uow.session.execute(update(Tenant).where(Tenant.slug == "gwacheon").values(revision="0000"))
    registry.forget()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["municipalities_behind"] == ["gwacheon"]
    assert client.get("/gwacheon/").status_code == 503


def test_without_the_shared_tables_at_the_head_nothing_is_ready(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "head", lambda line: "9999")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "down")


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("KeyError: '김하늘'", "KeyError"),
        ("UndefinedTable: relation", "기록 파일에서 확인"),
        ("김하늘 님에게 보내지 못함", "기록 파일에서 확인"),
        (None, "기록 파일에서 확인"),
    ],
)
def test_only_the_kind_of_a_failure_is_shown(error: str | None, shown: str) -> None:
    assert health.bare_reason(error) == shown
