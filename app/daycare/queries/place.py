"""What a daycare is: its record, classes, rosters, closures and openings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Date, any_, bindparam, or_, select

from app.accounts.models import RoleAssignment, UserAccount
from app.accounts.queries import in_force_on
from app.daycare.models import Daycare, DaycareClass, DaycareClosure, RosterShift
from app.daycare.policy import policy_at
from app.daycare.rules import days
from app.daycare.rules.bookable import Designation
from app.daycare.rules.capacity import Duty, Group
from app.daycare.rules.days import Opening
from app.daycare.rules.policy import DaycarePolicy
from app.kernel.actor import DAYCARE_STAFF
from app.kernel.calendar import HolidayCalendar
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.kernel.ranges import DateSpan, Period, kst
from app.tenancy.models import Institution
from app.tenancy.queries import holidays
from app.tenancy.settings import Place


@dataclass(frozen=True, slots=True)
class DaycareRow:
    id: int
    ref: str
    name: str
    phone: str
    address: str
    active: bool
    letter: str
    designated_on: date | None
    designation_ends_on: date | None
    hours: dict[str, Any]
    account: str
    introduction: str
    emergency_manual: str
    invented: bool
    version: int

    @property
    def place(self) -> Place:
        """Where its parameters are looked up: itself, then the municipality."""
        return Place(self.id)

    @property
    def designation(self) -> Designation:
        return Designation(self.designated_on, self.designation_ends_on)

    def designated(self, day: date) -> bool:
        return self.designation.holds(day)


_DAYCARE = (
    select(
        Daycare.id,
        Institution.ref,
        Institution.name,
        Institution.phone,
        Institution.address,
        Institution.active,
        Daycare.letter,
        Daycare.designated_on,
        Daycare.designation_ends_on,
        Daycare.hours,
        Daycare.account,
        Daycare.introduction,
        Daycare.emergency_manual,
        Daycare.invented,
        Daycare.version,
    )
    .join(Institution, Institution.id == Daycare.id)
    .order_by(Institution.active.desc(), Institution.name)
)
_BY_REF = _DAYCARE.where(Institution.ref == bindparam("key"))
_BY_ID = _DAYCARE.where(Daycare.id == bindparam("key"))


def daycares(uow: UnitOfWork) -> list[DaycareRow]:
    """All of the municipality, those in service first."""
    return [DaycareRow(**row._asdict()) for row in uow.rows(_DAYCARE)]


def daycare_by_ref(uow: UnitOfWork, ref: str) -> DaycareRow:
    """Raises NotFound."""
    return _one(uow, _BY_REF, ref)


def daycare_by_id(uow: UnitOfWork, daycare_id: int) -> DaycareRow:
    """Raises NotFound."""
    return _one(uow, _BY_ID, daycare_id)


def _one(uow: UnitOfWork, statement: Any, key: str | int) -> DaycareRow:
    row = uow.rows(statement, key=key).first()
    if row is None:
        raise NotFound("daycare")
    return DaycareRow(**row._asdict())


def policy_of(uow: UnitOfWork, daycare: DaycareRow, on: date | None = None) -> DaycarePolicy:
    """The figures in force for a daycare on a day (default: today)."""
    return policy_at(uow, daycare.place, on)


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class (반); ``start`` and ``end`` in minutes of the operating day, ``teachers`` when no roster says more."""

    id: int
    ref: str
    daycare_id: int
    name: str
    places: int
    weekdays: tuple[str, ...]
    start: int
    end: int
    teachers: int
    starts_on: date
    ends_on: date | None
    version: int

    def open_on(self, day: date, calendar: HolidayCalendar) -> bool:
        standing = self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)
        return standing and bool(days.class_keys(day, calendar).intersection(self.weekdays))


_CLASSES = (
    select(
        DaycareClass.id,
        DaycareClass.ref,
        DaycareClass.daycare_id,
        DaycareClass.name,
        DaycareClass.places,
        DaycareClass.weekdays,
        DaycareClass.start_minute.label("start"),
        DaycareClass.end_minute.label("end"),
        DaycareClass.teachers,
        DaycareClass.starts_on,
        DaycareClass.ends_on,
        DaycareClass.version,
    )
    .where(
        DaycareClass.daycare_id == any_(bindparam("places", type_=ARRAY(BigInteger))),
        or_(DaycareClass.ends_on.is_(None), DaycareClass.ends_on >= bindparam("since", type_=Date)),
    )
    .order_by(DaycareClass.daycare_id, DaycareClass.id)
)


def classes_by_daycare(
    uow: UnitOfWork, daycare_ids: Collection[int], since: date
) -> dict[int, list[ClassRow]]:
    """Classes that stand on ``since`` or later; every daycare asked for is there."""
    found: dict[int, list[ClassRow]] = {daycare_id: [] for daycare_id in daycare_ids}
    for row in uow.rows(_CLASSES, places=list(daycare_ids), since=since):
        values = {**row._asdict(), "weekdays": tuple(row.weekdays)}
        found[row.daycare_id].append(ClassRow(**values))
    return found


def classes_of(uow: UnitOfWork, daycare_id: int, on: date | None = None) -> list[ClassRow]:
    return classes_by_daycare(uow, [daycare_id], on or uow.today)[daycare_id]


@dataclass(frozen=True, slots=True)
class ShiftRow:
    ref: str
    class_id: int
    class_name: str
    operating_day: date
    teacher: str
    user_id: int | None
    period: Period


_SHIFTS = (
    select(
        RosterShift.ref,
        RosterShift.daycare_id,
        RosterShift.class_id,
        DaycareClass.name,
        RosterShift.operating_day,
        RosterShift.teacher,
        RosterShift.user_id,
        RosterShift.period,
    )
    .join(DaycareClass, DaycareClass.id == RosterShift.class_id)
    .where(
        RosterShift.daycare_id == any_(bindparam("places", type_=ARRAY(BigInteger))),
        RosterShift.operating_day.between(bindparam("first", type_=Date), bindparam("last", type_=Date)),
    )
    .order_by(RosterShift.operating_day, RosterShift.class_id, RosterShift.id)
)


def shifts_of(uow: UnitOfWork, daycare_id: int, first: date, last: date) -> list[ShiftRow]:
    rows = uow.rows(_SHIFTS, places=[daycare_id], first=first, last=last)
    return [
        ShiftRow(
            row.ref,
            row.class_id,
            row.name,
            row.operating_day,
            row.teacher,
            row.user_id,
            Period(row.period.lower, row.period.upper),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class ClosureRow:
    ref: str
    operating_day: date
    reason: str


_CLOSURES = (
    select(
        DaycareClosure.ref,
        DaycareClosure.daycare_id,
        DaycareClosure.operating_day,
        DaycareClosure.reason,
    )
    .where(
        DaycareClosure.daycare_id == any_(bindparam("places", type_=ARRAY(BigInteger))),
        DaycareClosure.operating_day >= bindparam("first", type_=Date),
    )
    .order_by(DaycareClosure.operating_day)
)


def closures_of(uow: UnitOfWork, daycare_id: int, first: date) -> list[ClosureRow]:
    """The daycare's own closed days from ``first`` on; the statutory ones are the calendar's."""
    rows = uow.rows(_CLOSURES, places=[daycare_id], first=first)
    return [ClosureRow(row.ref, row.operating_day, row.reason) for row in rows]


@dataclass(frozen=True, slots=True)
class TeacherRow:
    user_id: int
    name: str


def teachers_of(uow: UnitOfWork, daycare_id: int) -> list[TeacherRow]:
    """Who works there today, by name."""
    rows = uow.session.execute(
        select(UserAccount.id, UserAccount.name)
        .join(RoleAssignment, RoleAssignment.user_id == UserAccount.id)
        .where(
            RoleAssignment.institution_id == daycare_id,
            RoleAssignment.role.in_(DAYCARE_STAFF),
            in_force_on(uow.today),
        )
        .distinct()
        .order_by(UserAccount.name, UserAccount.id)
    )
    return [TeacherRow(user_id, name) for user_id, name in rows]


@dataclass(frozen=True, slots=True)
class Plan:
    """Openings and classes of one daycare over operating days: what the beds of that time are counted against."""

    daycare: DaycareRow
    span: DateSpan
    openings: dict[date, Opening]
    groups: tuple[Group, ...]

    def opening_of(self, day: date) -> Opening:
        return self.openings.get(day, days.CLOSED)


def plans_of(uow: UnitOfWork, places: Sequence[DaycareRow], span: DateSpan) -> dict[int, Plan]:
    """For many daycares in three statements, by daycare id."""
    ids, calendar = [place.id for place in places], holidays(uow)
    classes = classes_by_daycare(uow, ids, span.first)
    closed: dict[int, dict[date, str]] = defaultdict(dict)
    for row in uow.rows(_CLOSURES, places=ids, first=span.first):
        closed[row.daycare_id][row.operating_day] = row.reason
    shifts: dict[tuple[int, date], list[Period]] = defaultdict(list)
    for row in uow.rows(_SHIFTS, places=ids, first=span.first, last=span.last):
        shifts[row.class_id, row.operating_day].append(Period(row.period.lower, row.period.upper))
    made = {}
    for place in places:
        openings = {
            day: days.opening_on(
                day, policy_at(uow, place.place, day), calendar, closed[place.id], place.hours
            )
            for day in span
        }
        groups = tuple(_group(row, openings, shifts, calendar) for row in classes[place.id])
        made[place.id] = Plan(place, span, openings, groups)
    return made


def plan_of(uow: UnitOfWork, daycare: DaycareRow, span: DateSpan) -> Plan:
    return plans_of(uow, [daycare], span)[daycare.id]


def openings(uow: UnitOfWork, daycare: DaycareRow, first: date, last: date) -> dict[date, Opening]:
    return plan_of(uow, daycare, DateSpan(first, last)).openings


def _group(
    row: ClassRow,
    openings: dict[date, Opening],
    shifts: dict[tuple[int, date], list[Period]],
    calendar: HolidayCalendar,
) -> Group:
    """Shifts of a day say who is there; without any the class has its usual teachers while it is open."""
    duties: list[Duty] = []
    for day, opening in openings.items():
        start, end = max(row.start, opening.start), min(row.end, opening.end)
        if not opening.is_open or start >= end or not row.open_on(day, calendar):
            continue
        whole = Period(kst(day, start), kst(day, end))
        planned = shifts.get((row.id, day))
        if planned is None:
            duties.append(Duty(whole, row.teachers))
            continue
        for shift in planned:
            begins, ends = max(shift.start, whole.start), min(shift.end, whole.end)
            if begins < ends:
                duties.append(Duty(Period(begins, ends), 1))
    return Group(row.id, row.name, row.places, tuple(duties))


def days_around(period: Period) -> DateSpan:
    """The operating days a plan must know to judge a stay."""
    touched = days.days_of(period)
    return DateSpan(touched[0], touched[-1])


def tonight_and_tomorrow(now: datetime) -> DateSpan:
    """The running operating day and the next one: the room's horizon."""
    day = days.operating_day(now)
    return DateSpan(day, day + timedelta(days=1))
