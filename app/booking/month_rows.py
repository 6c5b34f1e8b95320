"""What a month of seats is made of: the centre's calendar, who holds a seat, who waits, what the child has already.

One statement brings it as JSON. What is worked out of a text alone (a plan, the free seats of a day) is remembered
by that text: most days of most centres look like others, and the same rows always give the same answer.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, BindParameter, Select, Text, bindparam, cast, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute

from app.booking.models import Booking, UsageDay, WaitlistEntry
from app.booking.place import LimitsByDay, Place
from app.booking.rules.capacity import SeatLimits, day_load, seats_left, sick_seats_left
from app.booking.rules.request import Busy
from app.booking.rules.states import OPEN_WAIT, BookingKind, UsageDayState
from app.booking.seats import SOURCE
from app.centres import queries as centres
from app.centres.models import CapacityChange, Quarter, SpecialDay
from app.centres.rules import CapacityChangeState, Opening, QuarterPlan, opening_on
from app.centres.rules import SpecialDay as SpecialDayRule
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_
from app.kernel.ranges import DateSpan, Period, TimeSpan, kst
from app.people.models import ChildTime
from app.tenancy.models import Institution
from app.tenancy.queries import holidays

KEPT = 512
"""Plans and days a process remembers; a centre has two quarters in sight and a few kinds of day."""

Heads = tuple[tuple[str, int, int, int], ...]
"""Children of one day: kind, first minute, last minute, how many."""


@dataclass(frozen=True, slots=True)
class MonthRows:
    """``seats``: per day who holds one; ``waiting``: open entries per day; ``limits``: seats there are."""

    openings: Mapping[date, Opening]
    seats: Mapping[date, Heads]
    waiting: Mapping[date, int]
    busy: Sequence[Busy]
    limits: LimitsByDay


_CENTRE: BindParameter[int] = bindparam("centre")
_FIRST: BindParameter[date] = bindparam("first")
_LAST: BindParameter[date] = bindparam("last")


def _all(*columns: Any) -> Any:
    """Every row of the select as one JSON array of arrays; null when there is none."""
    return cast(func.json_agg(func.json_build_array(*columns)), Text)


def _statement() -> Select[Any]:
    quarters = select(
        _all(
            Quarter.kind,
            Quarter.year_label,
            Quarter.starts_on,
            Quarter.ends_on,
            Quarter.hours,
            Quarter.staff,
            Quarter.meals,
            Quarter.vacation_hours,
        )
    ).where(Quarter.centre_id == _CENTRE, Quarter.starts_on <= _LAST, Quarter.ends_on >= _FIRST)
    special = select(_all(SpecialDay.day, SpecialDay.kind, SpecialDay.hours, SpecialDay.staff)).where(
        SpecialDay.centre_id == _CENTRE, _shown(SpecialDay.day)
    )
    span = (UsageDay.day, UsageDay.kind, UsageDay.start_minute, UsageDay.end_minute)
    held = (
        select(*span, func.count().label("heads"))
        .where(
            UsageDay.centre_id == _CENTRE,
            _shown(UsageDay.day),
            UsageDay.state != UsageDayState.CANCELLED,
            UsageDay.booking_id != bindparam("without", type_=ARRAY(BigInteger)).all_(),
        )
        .group_by(*span)
        .order_by(*span)
        .subquery()
    )
    waits = (
        select(WaitlistEntry.day, func.count().label("heads"))
        .where(
            WaitlistEntry.centre_id == _CENTRE,
            WaitlistEntry.kind == bindparam("kind"),
            WaitlistEntry.state.in_(OPEN_WAIT),
            _shown(WaitlistEntry.day),
        )
        .group_by(WaitlistEntry.day)
        .subquery()
    )
    change = (
        select(cast(func.json_build_array(CapacityChange.effective_on, CapacityChange.new_capacity), Text))
        .where(CapacityChange.centre_id == _CENTRE, CapacityChange.state == CapacityChangeState.APPROVED)
        .order_by(CapacityChange.effective_on)
        .limit(1)
    )
    return select(
        quarters.scalar_subquery(),
        special.scalar_subquery(),
        select(_all(*held.c)).scalar_subquery(),
        select(_all(*waits.c)).scalar_subquery(),
        change.scalar_subquery(),
        _busy().scalar_subquery(),
    )


def _shown(day: InstrumentedAttribute[Any]) -> Any:
    return day.between(_FIRST, _LAST)


def _busy() -> Select[Any]:
    """The child's taken time in all services; a booking of this service bears its centre's name."""
    taken = ChildTime.period
    return (
        select(
            _all(
                func.lower(taken),
                func.upper(taken),
                Institution.name,
                Booking.kind,
                ChildTime.source_id,
            )
        )
        .select_from(ChildTime)
        .outerjoin(Booking, (Booking.id == ChildTime.source_id) & (ChildTime.source == literal(SOURCE)))
        .outerjoin(Institution, Institution.id == Booking.centre_id)
        .where(
            ChildTime.child_id == bindparam("child"),
            taken.op("&&")(func.tstzrange(bindparam("begins"), bindparam("stops"))),
        )
    )


_MONTH = _statement()


def month_rows(
    uow: UnitOfWork,
    place: Place,
    kind: BookingKind,
    shown: DateSpan,
    child_id: int | None = None,
    without: Collection[int] = (),
) -> MonthRows:
    """The days of ``shown``; bookings in ``without`` count neither as seats nor as the child's own."""
    row = uow.rows(
        _MONTH,
        centre=place.centre.id,
        first=shown.first,
        last=shown.last,
        kind=str(kind),
        without=list(without),
        child=child_id or 0,
        begins=kst(shown.first),
        stops=kst(shown.last, 1440),
    ).one()
    quarters, special, seats, waiting, change, busy = tuple(row)
    return MonthRows(
        _openings(uow, place, shown, _plans(quarters or "[]"), _special_days(special or "[]")),
        _heads(seats or "[]"),
        {date.fromisoformat(day): heads for day, heads in json.loads(waiting or "[]")},
        [_busy_time(*each[:4]) for each in json.loads(busy or "[]") if not (each[2] and each[4] in without)],
        _limits(place, change),
    )


@lru_cache(maxsize=KEPT)
def _plans(text: str) -> tuple[QuarterPlan, ...]:
    return tuple(centres.quarter_plan(*columns) for columns in json.loads(text))


@lru_cache(maxsize=KEPT)
def _special_days(text: str) -> Mapping[date, SpecialDayRule]:
    return {date.fromisoformat(day): centres.special_day(*columns) for day, *columns in json.loads(text)}


def _openings(
    uow: UnitOfWork,
    place: Place,
    shown: DateSpan,
    plans: Sequence[QuarterPlan],
    special: Mapping[date, SpecialDayRule],
) -> dict[date, Opening]:
    calendar, centre = holidays(uow), place.centre
    openings = {}
    for day in shown:
        plan = next((plan for plan in plans if day in plan.span), None)
        # only special days ask the policy, so only they look up the value of their own date (GC-20)
        policy = centres.centre_policy(uow, centre, day) if day in special else place.terms.centre
        openings[day] = opening_on(day, plan, special, calendar, centre.kind, policy)
    return openings


def _heads(text: str) -> dict[date, Heads]:
    found: dict[str, list[tuple[str, int, int, int]]] = {}
    for day, *heads in json.loads(text):
        found.setdefault(day, []).append(tuple(heads))
    return {date.fromisoformat(day): tuple(heads) for day, heads in found.items()}


def _busy_time(begins: str, stops: str, centre: str | None, kind: str | None) -> Busy:
    period = Period(datetime.fromisoformat(begins), datetime.fromisoformat(stops))
    return Busy(period, f"{centre} {BookingKind(kind).label}" if centre and kind else N_("다른 돌봄서비스"))


def _limits(place: Place, change: str | None) -> LimitsByDay:
    centre, policy = place.centre, place.terms.centre
    today = SeatLimits.of_centre(centre.kind, centre.base_capacity, policy, centre.sick_seats)
    if change is None:
        return LimitsByDay(today)
    day, capacity = json.loads(change)
    later = SeatLimits.of_centre(centre.kind, capacity, policy, centre.sick_seats)
    return LimitsByDay(today, date.fromisoformat(day), later)


@lru_cache(maxsize=KEPT)
def free_seats(
    kind: BookingKind, limits: SeatLimits, opening: Opening, heads: Heads, slot_minutes: int
) -> tuple[int, ...]:
    """Free seats of that kind of care in every slot of a day, from midnight on (KC-07, KB-47)."""
    held: dict[str, list[TimeSpan]] = {}
    for care, start, end, number in heads:
        held.setdefault(care, []).extend([TimeSpan(start, end)] * number)
    load = day_load(
        limits,
        staff=opening.staff,
        regular=held.get(BookingKind.REGULAR, ()),
        temporary=held.get(BookingKind.TEMPORARY, ()),
        sick=held.get(BookingKind.SICK, ()),
        slot_minutes=slot_minutes,
    )
    left = sick_seats_left if kind is BookingKind.SICK else seats_left
    return tuple(left(load, TimeSpan(at, at + slot_minutes)) for at in range(0, 1440, slot_minutes))
