"""How the platform is: in words for the operator, in figures for /readyz. Counts and states only, never names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text

from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.ranges import KST
from app.kernel.work import Work, WorkState
from app.tenancy.clock import platform_unit
from app.tenancy.heads import head
from app.tenancy.models import ClockHeartbeat, JobRun, OperatorAlert
from app.tenancy.registry import registry
from app.tenancy.rules import TenantInfo

HEART_STOPS = timedelta(seconds=90)
"""The clock beats every ten seconds."""
WORK_WAITS = timedelta(minutes=10)
CLASS_NAME = re.compile(r"^\w+(Error|Exception|Refused|Timeout|Warning|Exists|Found|Broken)\b")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work rows of one municipality: the oldest that is due and not done, and how many are dead."""

    oldest: datetime | None
    dead: int


@dataclass(frozen=True, slots=True)
class TownHealth:
    info: TenantInfo
    current: bool
    waiting: Waiting
    last_run: datetime | None
    words: tuple[tuple[str, str], ...]
    """(sentence, tone); empty: a person need not act."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """``ready``: this process can answer pages. ``troubles``: what an operator should look at."""

    ready: bool
    troubles: tuple[str, ...]
    heartbeat_age: float | None
    oldest_work_age: float
    behind: tuple[str, ...]


def readiness() -> Readiness:
    """Raises whatever the database raises when it is away."""
    with platform_unit() as uow:
        revision = uow.session.scalar(text("SELECT version_num FROM public.alembic_version"))
        beat = uow.session.scalar(select(ClockHeartbeat.beat_at))
    behind = tuple(info.slug for info in registry.everyone() if info.active and not registry.is_current(info))
    age = (datetime.now(KST) - beat).total_seconds() if beat else None
    oldest = max((_oldest_age(place) for place in registry.active() if place.slug not in behind), default=0.0)
    troubles = []
    if revision != head("public"):
        troubles.append("public schema is behind the code")
    if behind:
        troubles.append("municipalities are behind the code")
    if age is None or age > HEART_STOPS.total_seconds():
        troubles.append("the clock does not beat")
    if oldest > WORK_WAITS.total_seconds():
        troubles.append("work is waiting too long")
    return Readiness(revision == head("public"), tuple(troubles), age, oldest, behind)


def _oldest_age(place: TenantRef) -> float:
    with unit_of_work(place, SYSTEM) as uow:
        oldest = _waiting(uow).oldest
        return (uow.now - oldest).total_seconds() if oldest else 0.0


def _waiting(uow: UnitOfWork) -> Waiting:
    due = select(func.min(Work.next_at)).where(
        Work.state.in_([WorkState.PENDING, WorkState.RUNNING]), Work.next_at <= uow.now
    )
    dead = select(func.count()).where(Work.state == WorkState.DEAD).select_from(Work)
    return Waiting(uow.session.scalar(due), uow.session.scalar(dead) or 0)


def towns() -> list[TownHealth]:
    """Every municipality with its health in words."""
    newest = select(JobRun.tenant, func.max(JobRun.finished_at)).group_by(JobRun.tenant)
    with platform_unit() as uow:
        runs = dict(uow.session.execute(newest).all())
        now = uow.now
    places = active_places()
    return [_town(info, places.get(info.slug), runs.get(info.slug), now) for info in registry.everyone()]


def active_places() -> dict[str, TenantRef]:
    return {place.slug: place for place in registry.active()}


def _town(info: TenantInfo, place: TenantRef | None, last_run: datetime | None, now: datetime) -> TownHealth:
    current = registry.is_current(info)
    waiting = Waiting(None, 0)
    if place is not None and current:
        with unit_of_work(place, SYSTEM) as uow:
            waiting = _waiting(uow)
    return TownHealth(info, current, waiting, last_run, tuple(_words(info, current, waiting, now)))


def _words(info: TenantInfo, current: bool, waiting: Waiting, now: datetime) -> list[tuple[str, str]]:
    if not info.active:
        return []
    words = []
    if not current:
        words.append(("점검 중: 스키마가 이 버전보다 낮습니다. ./dolbom migrate를 실행해 주세요.", "danger"))
    if waiting.dead:
        words.append((f"끝내 못 한 일 {waiting.dead}건", "danger"))
    if waiting.oldest and now - waiting.oldest > WORK_WAITS:
        minutes = int((now - waiting.oldest).total_seconds() // 60)
        words.append((f"일이 {minutes}분째 밀려 있습니다. 일꾼이 도는지 확인해 주세요.", "warning"))
    return words


@dataclass(frozen=True, slots=True)
class Letter:
    """Dead work. ``reason`` is only the kind of failure: the full text may hold somebody's data."""

    town: TenantInfo
    ref: str
    kind: str
    attempts: int
    died_at: datetime | None
    reason: str


def dead_letters(limit: int = 50) -> list[Letter]:
    """Newest first within each municipality."""
    places, letters = active_places(), list[Letter]()
    for info in registry.everyone():
        place = places.get(info.slug)
        if place is None or not registry.is_current(info):
            continue
        with unit_of_work(place, SYSTEM) as uow:
            rows = uow.session.scalars(
                select(Work).where(Work.state == WorkState.DEAD).order_by(Work.id.desc()).limit(limit)
            ).all()
        letters.extend(
            Letter(info, row.ref, row.kind, row.attempts, row.done_at, bare_reason(row.error)) for row in rows
        )
    return letters


def bare_reason(error: str | None) -> str:
    """``KeyError: '김하늘'`` → ``KeyError``."""
    found = CLASS_NAME.match(error or "")
    return found.group() if found else "기록 파일에서 확인"


@dataclass(frozen=True, slots=True)
class Night:
    """One job's runs since a moment."""

    job: str
    done: int
    failed: int
    running: int
    last: datetime
    slowest: float
    """Seconds of the longest run."""
    failures: tuple[tuple[str, datetime, str], ...]
    """(municipality, slot, kind of failure)."""


def last_night(uow: UnitOfWork, since: datetime) -> list[Night]:
    """What the clock did since then, per job; failures first."""
    rows = uow.session.scalars(
        select(JobRun).where(JobRun.slot >= since, JobRun.slot <= uow.now).order_by(JobRun.job, JobRun.slot)
    ).all()
    by_job: dict[str, list[JobRun]] = {}
    for row in rows:
        by_job.setdefault(row.job, []).append(row)
    nights = [_night(job, runs) for job, runs in by_job.items()]
    return sorted(nights, key=lambda night: (-night.failed, night.job))


def _night(job: str, runs: list[JobRun]) -> Night:
    outcomes = [run.outcome for run in runs]
    lengths = [(run.finished_at - run.started_at).total_seconds() for run in runs if run.finished_at]
    failed = tuple((run.tenant, run.slot, bare_reason(run.error)) for run in runs if run.outcome == "FAILED")
    return Night(
        job=job,
        done=outcomes.count("DONE"),
        failed=len(failed),
        running=outcomes.count("RUNNING"),
        last=max(run.slot for run in runs),
        slowest=max(lengths, default=0.0),
        failures=failed[:20],
    )


def open_alerts(uow: UnitOfWork) -> list[tuple[str, str, datetime]]:
    """(municipality, what is wrong in words, since) of every alert that is still open (J-52)."""
    rows = uow.session.scalars(
        select(OperatorAlert).where(OperatorAlert.closed_at.is_(None)).order_by(OperatorAlert.raised_at)
    )
    return [(row.tenant, alert_words(row.key, row.detail), row.raised_at) for row in rows]


def alert_words(key: str, detail: str) -> str:
    kind, _, rest = key.partition(":")
    if kind == "job":
        job, _, slot = rest.partition(":")
        return f"예약된 일 {job}({slot.replace('T', ' ')})이 끝나지 못했습니다: {bare_reason(detail)}"
    if kind == "room":
        return detail
    if key == "work:dead":
        return f"끝내 못 한 일이 {detail}건 있습니다"
    return key
