"""Pages and the race, ours beside a bare Flask view under the same gunicorn (2 processes × 4 threads)."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import func, select

from app.booking.checks import data_checks
from app.booking.models import Booking
from app.booking.rules.states import BookingKind, BookingState
from app.booking.seats import hold
from app.centres.models import Quarter
from app.kernel.actor import SYSTEM, Role
from app.kernel.config import Settings
from app.kernel.db import UnitOfWork, unit_of_work
from app.kernel.ranges import TimeSpan
from app.people.models import GuardianChild
from benchmarks.driver import Load, get, load, post, race, send
from benchmarks.ground import statement
from benchmarks.report import Line
from tests.cast import LONG_AGO
from tests.cast_accounts import make_user
from tests.conftest import SEOUL
from tests.crowd import Crowd, Visitor, gather, sign_in
from tests.live import LiveHouse, proportional_memory

ROUNDS = 3
SLOT_SECONDS = 2.0
ROWS = 1000
BARE = "benchmarks.reference:app"
MONTH_PAGE = 0.2
MEMORY = 2.6
RACE = 5.0
STAFF_LIST = 8.0


class Pair:
    """Our house and the reference, both running; measured in turns so that a slow minute hits both."""

    def __init__(self, settings: Settings, logs: Path) -> None:
        self.stack = ExitStack()
        self.ours = self.stack.enter_context(LiveHouse(settings, logs / "ours"))
        self.bare = self.stack.enter_context(LiveHouse(settings, logs / "bare", app=BARE))

    def rates(self, ours: bytes, bare: bytes, *, clients: int = 8) -> tuple[list[Load], list[Load]]:
        for live, request in ((self.ours, ours), (self.bare, bare)):
            answer = send(live.port, request)
            if answer.status != 200:
                raise RuntimeError(f"the page to measure answers {answer.status}: {answer.location}")
            load(live.port, request, clients=clients, seconds=0.7)
        mine, theirs = [], []
        for _ in range(ROUNDS):
            theirs.append(load(self.bare.port, bare, clients=clients, seconds=SLOT_SECONDS))
            mine.append(load(self.ours.port, ours, clients=clients, seconds=SLOT_SECONDS))
        return mine, theirs

    def memory(self) -> Line:
        sizes = [
            proportional_memory([live.master, *live.web_processes()]) / 1e6 for live in (self.ours, self.bare)
        ]
        return Line("메모리 (PSS, 마스터와 작업자 2)", *sizes, "MB", most=MEMORY)


def measure(settings: Settings, logs: Path) -> Iterator[Line]:
    """Month page, memory, staff list, then the races, each on a centre of its own."""
    with unit_of_work(SEOUL, SYSTEM) as uow:
        crowd = gather(uow, 60)
        fill_month(uow, crowd)
        fill_list(uow, crowd)
        director = sign_in(uow, make_user(uow, Role.CENTRE_DIRECTOR, crowd.centre_id).id)
        races = [gather(uow, parents, name=f"경주 {parents}") for parents in (60, 200)]
    pair = Pair(settings, logs)
    with pair.stack:
        yield from _pages(pair, crowd, director)
        yield pair.memory()
        for each in races:
            yield from _race(settings, pair, each)
        yield pair.memory()


def _pages(pair: Pair, crowd: Crowd, director: Visitor) -> Iterator[Line]:
    family = crowd.families[-1]
    when = f"/seoul/book/when?child={family.child}&kind=TEMPORARY&centre={crowd.centre}"
    yield _rate("예약 달력 (보호자, 3단계)", pair, get(when, family.visitor.cookie), MONTH_PAGE)
    yield _rate("센터 화면 (로그인 없이)", pair, get(f"/seoul/centres/{crowd.centre}"), MONTH_PAGE)
    page = get("/seoul/bookings?tab=gone", director.cookie)
    rows = send(pair.ours.port, page).body.count(b"<tr data-row")
    if rows != 50:
        raise RuntimeError(f"the list shows {rows} rows")
    mine, theirs = pair.rates(page, get("/fifty"), clients=1)
    ours, bare = (statistics.median(one.quantile(0.5) for one in side) * 1e3 for side in (mine, theirs))
    yield Line("예약 1,000건의 목록 (50줄씩)", ours, bare, "ms", most=STAFF_LIST)


def _rate(what: str, pair: Pair, request: bytes, least: float) -> Line:
    mine, theirs = pair.rates(request, get("/one"))
    ours, bare = (statistics.median(one.rate for one in side) for side in (mine, theirs))
    wrong = sum((one.statuses for one in mine), Counter()) - Counter({200: 10**9})
    p95 = statistics.median(one.quantile(0.95) for one in mine) * 1e3
    note = f"p95 {p95:.0f} ms, 본문 {mine[0].size:,} B{f', 200이 아닌 답 {dict(wrong)}' if wrong else ''}"
    return Line(what, ours, bare, "회/초", least=least, note=note)


def _race(settings: Settings, pair: Pair, crowd: Crowd) -> Iterator[Line]:
    """Everybody wants the same afternoon; bare is one atomic UPDATE on a counter of twenty."""
    statement(settings, "UPDATE bench.seats SET taken = 0")
    count = len(crowd.families)
    _, bare = race(pair.bare.port, [post(f"/take/{who}", []) for who in range(count)])
    requests = [post("/seoul/book", f.application(crowd.centre), f.visitor.cookie) for f in crowd.families]
    answers, ours = race(pair.ours.port, requests)
    told = Counter(answer.status for answer in answers)
    with unit_of_work(SEOUL, SYSTEM) as uow:
        states = dict(
            uow.session.execute(
                select(Booking.state, func.count())
                .where(Booking.centre_id == crowd.centre_id)
                .group_by(Booking.state)
            ).all()
        )
        wrong = data_checks(uow)
    if wrong or states.get(BookingState.APPLIED) != 20 or max(told) >= 500 or 0 in told:
        raise RuntimeError(f"the race went wrong: {states} {dict(told)} {wrong}")
    note = (
        ", ".join(f"{BookingState(state).label} {number}" for state, number in states.items())
        + f", 답 {dict(told)}"
    )
    yield Line(f"{count}명이 한꺼번에 (자리 20)", ours, bare, "초", most=RACE, note=note)


def booking_of(crowd: Crowd, number: int, quarter: int, child: int, **values: object) -> Booking:
    """A row as the commands leave it behind."""
    family = crowd.families[number % len(crowd.families)]
    common = {
        "number": f"B-{crowd.centre_id}-{number}",
        "centre_id": crowd.centre_id,
        "child_id": child,
        "guardian_id": family.guardian_id,
        "quarter_id": quarter,
        "channel": "ONLINE",
        "applied_at": LONG_AGO + timedelta(minutes=number),
        "contact_phone": "01012345678",
        "created_at": LONG_AGO,
    }
    return Booking(**{**common, **values})


def fill_month(uow: UnitOfWork, crowd: Crowd) -> None:
    """Ten children a day on every weekday the calendar shows."""
    quarter, children = _quarter_and_children(uow, crowd)
    days = [date(2026, 11, 23) + timedelta(days=n) for n in range(12)]
    number = 0
    for day in (day for day in days if day.weekday() < 5):
        for child in children[:10]:
            hours = TimeSpan.parse("14:00-17:00")
            booking = booking_of(
                crowd,
                number,
                quarter,
                child,
                kind=BookingKind.TEMPORARY,
                starts_on=day,
                ends_on=day,
                times={"day": ["14:00", "17:00"]},
                state=BookingState.SCHEDULED,
            )
            uow.session.add(booking)
            uow.session.flush()
            hold(uow, booking, [(day, hours)])
            number += 1


def fill_list(uow: UnitOfWork, crowd: Crowd) -> None:
    """A thousand bookings of the past."""
    quarter, children = _quarter_and_children(uow, crowd)
    for number in range(500, 500 + ROWS):
        day = date(2026, 9, 1) + timedelta(days=number % 60)
        uow.session.add(
            booking_of(
                crowd,
                number,
                quarter,
                children[number % len(children)],
                kind=BookingKind.TEMPORARY,
                starts_on=day,
                ends_on=day,
                times={"day": ["14:00", "17:00"]},
                state=BookingState.CANCELLED,
            )
        )
    uow.session.flush()


def _quarter_and_children(uow: UnitOfWork, crowd: Crowd) -> tuple[int, list[int]]:
    quarter = uow.session.scalars(select(Quarter.id).where(Quarter.centre_id == crowd.centre_id)).one()
    guardians = [family.guardian_id for family in crowd.families]
    rows = select(GuardianChild.child_id).where(GuardianChild.guardian_id.in_(guardians))
    return quarter, list(uow.session.scalars(rows.order_by(GuardianChild.guardian_id)))
