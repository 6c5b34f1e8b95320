"""The 24-hour daycare: free beds of all, the last beds of a night, and the room with sixty children in it."""

from __future__ import annotations

import secrets
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select, text
from sqlalchemy.dialects.postgresql import Range

from app.daycare import queries
from app.daycare.checks import data_checks
from app.daycare.models import Daycare, DaycareApplication, DaycareBooking, DaycareStay
from app.daycare.rules.states import BookingState, StayState
from app.kernel.actor import SYSTEM, Role
from app.kernel.config import Settings
from app.kernel.db import UnitOfWork, unit_of_work
from app.kernel.ranges import kst
from app.people.models import Guardian
from app.tenancy.rules import Service
from benchmarks.driver import get, post, race, send
from benchmarks.ground import statement
from benchmarks.report import Line
from benchmarks.web import Pair
from tests.cast import LONG_AGO, offer
from tests.cast_accounts import make_user
from tests.cast_daycare import DaycareTown, Home, found_daycare, make_class
from tests.conftest import GWACHEON
from tests.crowd import NOW, Visitor, sign_in

AVAILABILITY = 3.0
HOUSES, DAYS = 5, 30
GUARDIANS, BEDS = 200, 3
INSIDE = 60
NIGHT_HOURS = (1200, 1890)
NIGHT = date(2026, 11, 23)
"""The Monday after the house's Friday."""
ROUNDS = 30


def measure(settings: Settings, logs: Path) -> Iterator[Line]:
    """The race first, while every row is one that the commands wrote; then the two full houses."""
    offer(GWACHEON, Service.DAYCARE)
    wanted = found_daycare(GWACHEON, places=BEDS, name="경주 어린이집")
    crowd = [_guardian(wanted, number) for number in range(GUARDIANS)]
    pair = Pair(settings, logs)
    with pair.stack:
        yield _last_beds(settings, pair, wanted, crowd)
        busy, *others = [found_daycare(GWACHEON, name=f"붐비는 어린이집 {n}") for n in range(HOUSES - 1)]
        yield _room(pair, busy)
        yield _availability([wanted, busy, *others])


def _guardian(town: DaycareTown, number: int) -> tuple[Home, Visitor]:
    """A family with an accepted application whose guardian sits before the browser."""
    home = town.family(f"아이{number}")
    with town.unit() as uow:
        user = make_user(uow, Role.GUARDIAN, name=f"보호자{number}", phone=home.phone, password="")
        uow.session.get_one(Guardian, home.guardian_id).user_id = user.id
        return home, sign_in(uow, user.id)


def _last_beds(settings: Settings, pair: Pair, town: DaycareTown, crowd: list[tuple[Home, Visitor]]) -> Line:
    """Everybody wants the same night; bare is one atomic UPDATE on a counter with three left."""
    statement(settings, "UPDATE bench.seats SET taken = 17")  # of twenty
    _, bare = race(pair.bare.port, [post(f"/take/{who}", []) for who in range(len(crowd))])
    requests = [post("/gwacheon/daycare/book", _wish(town, *each), each[1].cookie) for each in crowd]
    answers, ours = race(pair.ours.port, requests)
    told = Counter(answer.status for answer in answers)
    with town.unit() as uow:
        held = uow.session.scalar(
            select(func.count())
            .select_from(DaycareStay)
            .where(DaycareStay.daycare_id == town.daycare_id, DaycareStay.state == StayState.PLANNED)
        )
        wrong = data_checks(uow)
    if wrong or held != BEDS or told != Counter({303: BEDS, 422: GUARDIANS - BEDS}):
        raise RuntimeError(f"the race went wrong: {held} beds held, {dict(told)} {wrong}")
    note = f"잡은 침대 {held}, 답 {dict(told)}"
    return Line(f"{GUARDIANS}명이 한꺼번에 (밤의 마지막 침대 {BEDS})", ours, bare, "초", note=note)


def _wish(town: DaycareTown, home: Home, visitor: Visitor) -> list[tuple[str, str]]:
    """The fields of the last form, for the night of ``NIGHT``."""
    return [
        ("csrf_token", visitor.csrf),
        ("request_id", secrets.token_hex(16)),
        ("child", home.child),
        ("daycare", town.daycare),
        ("day", NIGHT.isoformat()),
        ("from", "20:00"),
        ("to", "31:30"),
        ("contact_phone", "010-1234-5678"),
    ]


def _room(pair: Pair, town: DaycareTown) -> Line:
    """Twelve classes of five, every child inside; bare is a table of fifty names."""
    homes = [town.family(f"원아{number}") for number in range(INSIDE)]
    with town.unit() as uow:
        _come_in(uow, town, homes, [town.class_id, *_more_classes(uow, town, INSIDE // 5 - 1)])
        teacher = sign_in(uow, town.teacher.user_id or 0)
    page = get("/gwacheon/room", teacher.cookie)
    shown = send(pair.ours.port, page).body.count(b'/out"')
    if shown != INSIDE:
        raise RuntimeError(f"the room shows {shown} children")
    mine, theirs = pair.rates(page, get("/fifty"), clients=1)
    ours, bare = (statistics.median(one.quantile(0.5) for one in side) * 1e3 for side in (mine, theirs))
    return Line(f"지금 보육실 ({INSIDE}명)", ours, bare, "ms", note=f"본문 {mine[0].size:,} B")


def _availability(towns: list[DaycareTown]) -> Line:
    """Five daycares through thirty days; bare is one range query that brings the same stays."""
    first, last = NOW.date(), NOW.date() + timedelta(days=DAYS - 1)
    for town in towns:
        _fill(town, first)
    with unit_of_work(GWACHEON, SYSTEM) as uow:
        places = [town.row(uow) for town in towns]
        values = {
            "places": [place.id for place in places],
            "since": kst(first, 450),
            "until": kst(last, 1890),
        }

        def bare() -> int:
            return len(uow.connection.execute(_RANGE, values).all())

        rows = bare()
        ours, reference = _in_turns(lambda: queries.availability(uow, places, first, last), bare)
    note = f"{len(places)}곳, 이용 {rows:,}건"
    what = f"빈 침대 {DAYS}일 (범위 조회 한 번과 견줌)"
    return Line(what, ours * 1e3, reference * 1e3, "ms", most=AVAILABILITY, note=note)


_RANGE = text(
    "SELECT daycare_id, class_id, planned, small_until, in_at FROM daycare_stay"
    " WHERE daycare_id = ANY(:places) AND planned && tstzrange(:since, :until)"
    " AND state IN ('PLANNED', 'INSIDE')"
)


def _in_turns(ours: Callable[[], object], bare: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of each, measured by turns so that a slow moment hits both."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for side, work in zip(took, (ours, bare), strict=True):
            begun = time.perf_counter()
            work()
            side.append(time.perf_counter() - begun)
    return statistics.median(took[0]), statistics.median(took[1])


def _more_classes(uow: UnitOfWork, town: DaycareTown, count: int) -> list[int]:
    house = uow.session.get_one(Daycare, town.daycare_id)
    return [make_class(uow, house, name=f"{number + 2}반").id for number in range(count)]


def _come_in(uow: UnitOfWork, town: DaycareTown, homes: list[Home], groups: list[int]) -> None:
    """Five children a class, inside since nine."""
    day, stays = NOW.date(), []
    for home, group in zip(homes, groups * 5, strict=True):
        booking = _booking(uow, town, home, BookingState.IN_CARE)
        stays.append(_stay(town, booking, group, home, day, 540, 1080, StayState.INSIDE, in_at=kst(day, 540)))
    uow.session.execute(insert(DaycareStay), stays)


def _fill(town: DaycareTown, first: date) -> None:
    """Four beds of each of three classes are taken every afternoon and every other night."""
    home = town.family("메움")
    with town.unit() as uow:
        booking = _booking(uow, town, home, BookingState.PAID)
        groups = [town.class_id, *_more_classes(uow, town, 2)]
        hours = [(first + timedelta(days=n), *(NIGHT_HOURS if n % 2 else (780, 1080))) for n in range(DAYS)]
        stays = [
            _stay(town, booking, group, home, *when, StayState.PLANNED)
            for when in hours
            for group in groups
            for _ in range(4)
        ]
        uow.session.execute(insert(DaycareStay), stays)


def _booking(uow: UnitOfWork, town: DaycareTown, home: Home, state: BookingState) -> int:
    """A row as the commands leave it behind."""
    application = select(DaycareApplication.id).where(DaycareApplication.ref == home.application)
    booking = DaycareBooking(
        number=f"B-{town.daycare_id}-{home.guardian_id}",
        daycare_id=town.daycare_id,
        application_id=uow.session.scalars(application).one(),
        child_id=home.child_ids[0],
        guardian_id=home.guardian_id,
        first_day=NOW.date(),
        last_day=NOW.date(),
        channel="PHONE",
        received_at=LONG_AGO,
        contact_phone=home.phone,
        state=state,
        fee_hour=3000,
        quoted=0,
        created_at=LONG_AGO,
        version=1,
    )
    uow.session.add(booking)
    uow.session.flush()
    return booking.id


def _stay(
    town: DaycareTown,
    booking: int,
    group: int,
    home: Home,
    day: date,
    start: int,
    end: int,
    state: StayState,
    in_at: datetime | None = None,
) -> dict[str, object]:
    return {
        "booking_id": booking,
        "daycare_id": town.daycare_id,
        "class_id": group,
        "child_id": home.child_ids[0],
        "operating_day": day,
        "planned": Range(kst(day, start), kst(day, end)),
        "state": state,
        "in_at": in_at,
        "in_person": "김보호(모)" if in_at else "",
        "version": 1,
    }
