"""The 24-hour daycare: free beds of all, the last beds of a night, and the room with sixty children in it."""

from __future__ import annotations

import secrets
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import Range

from app.daycare import queries
from app.daycare.checks import data_checks
from app.daycare.models import DaycareBooking, DaycareClass, DaycareStay
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
HOUSES, DAYS, EVERY_CLASS = 5, 30, 4
GUARDIANS, BEDS, SEATS_OF_REFERENCE = 200, 3, 20
INSIDE = 60
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
        yield _room(pair)
        yield _availability()


def _guardian(town: DaycareTown, number: int) -> tuple[Home, Visitor]:
    """A family with an accepted application whose guardian sits before the browser."""
    home = town.family(f"아이{number}")
    with town.unit() as uow:
        user = make_user(uow, Role.GUARDIAN, name=f"보호자{number}", phone=home.phone, password="")
        uow.session.get_one(Guardian, home.guardian_id).user_id = user.id
        return home, sign_in(uow, user.id)


def _last_beds(settings: Settings, pair: Pair, town: DaycareTown, crowd: list[tuple[Home, Visitor]]) -> Line:
    """Everybody wants the same night; bare is one atomic UPDATE on a counter with three left."""
    statement(settings, f"UPDATE bench.seats SET taken = {SEATS_OF_REFERENCE - BEDS}")
    _, bare = race(pair.bare.port, [post(f"/take/{who}", []) for who in range(len(crowd))])
    requests = [post("/gwacheon/daycare/book", _wish(town, *each), each[1].cookie) for each in crowd]
    answers, ours = race(pair.ours.port, requests)
    told = Counter(answer.status for answer in answers)
    with town.unit() as uow:
        held = uow.session.scalar(
            select(func.count())
            .where(DaycareStay.daycare_id == town.daycare_id, DaycareStay.state == StayState.PLANNED)
            .select_from(DaycareStay)
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


def _room(pair: Pair) -> Line:
    """Twelve classes of five, every child inside; bare is a table of fifty names."""
    town = found_daycare(GWACHEON, name="붐비는 어린이집")
    homes = [town.family(f"원아{number}") for number in range(INSIDE)]
    with town.unit() as uow:
        groups = [town.class_id, *_more_classes(uow, town, INSIDE // 5 - 1)]
        for number, home in enumerate(homes):
            _stay(uow, town, groups[number // 5], home, number, NOW.date(), 540, 1080, inside=True)
        assert town.teacher.user_id is not None  # noqa: S101 - the cast makes accounts
        teacher = sign_in(uow, town.teacher.user_id)
    page = get("/gwacheon/room", teacher.cookie)
    shown = send(pair.ours.port, page).body.count(b"/out\"")
    if shown != INSIDE:
        raise RuntimeError(f"the room shows {shown} children")
    mine, theirs = pair.rates(page, get("/fifty"), clients=1)
    ours, bare = (statistics.median(one.quantile(0.5) for one in side) * 1e3 for side in (mine, theirs))
    return Line(f"지금 보육실 ({INSIDE}명)", ours, bare, "ms", note=f"본문 {mine[0].size:,} B")


def _availability() -> Line:
    """Five daycares through thirty days; bare is one range query that brings the same stays."""
    with unit_of_work(GWACHEON, SYSTEM) as uow:
        known = len(queries.daycares(uow))
    for number in range(HOUSES - known):
        found_daycare(GWACHEON, name=f"넷째 어린이집 {number}")
    first, last = NOW.date(), NOW.date() + timedelta(days=DAYS - 1)
    with unit_of_work(GWACHEON, SYSTEM) as uow:
        places = queries.daycares(uow)
        _fill(uow, [place.id for place in places], first)
    with unit_of_work(GWACHEON, SYSTEM) as uow:
        values = {"places": [place.id for place in places], "since": kst(first, 450), "until": kst(last, 1890)}

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
    place = uow.session.get_one(DaycareClass, town.class_id).daycare_id
    from app.daycare.models import Daycare

    house = uow.session.get_one(Daycare, place)
    return [make_class(uow, house, name=f"{number}반").id for number in range(count)]


def _stay(
    uow: UnitOfWork,
    town: DaycareTown,
    group: int,
    home: Home,
    number: int,
    day: date,
    start: int,
    end: int,
    *,
    inside: bool = False,
) -> None:
    """A paid booking of one stay, as the commands leave it behind."""
    booking = DaycareBooking(
        number=f"B-{town.daycare_id}-{number}",
        daycare_id=town.daycare_id,
        application_id=_application(uow, home),
        child_id=home.child_ids[0],
        guardian_id=home.guardian_id,
        first_day=day,
        last_day=day,
        channel="PHONE",
        received_at=LONG_AGO,
        contact_phone=home.phone,
        state=BookingState.IN_CARE if inside else BookingState.PAID,
        fee_hour=3000,
        quoted=0,
        created_at=LONG_AGO,
        version=1,
    )
    uow.session.add(booking)
    uow.session.flush()
    uow.session.add(
        DaycareStay(
            booking_id=booking.id,
            daycare_id=town.daycare_id,
            class_id=group,
            child_id=home.child_ids[0],
            operating_day=day,
            planned=Range(kst(day, start), kst(day, end)),
            state=StayState.INSIDE if inside else StayState.PLANNED,
            in_at=kst(day, start) if inside else None,
            in_person="김보호(모)" if inside else "",
            version=1,
        )
    )
