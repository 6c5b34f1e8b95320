"""What the director decides about the place: classes, rosters, closed days, hours (AD-02, AD-03, AD-30, GC-13).

Each change is written and then measured against who is booked: what it would break is refused with its list, unless
the director accepts it. Then closed days cancel, and everything else is flagged; nobody is moved silently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from app.daycare import actions
from app.daycare.crowding import flag, stays_on, stays_over_limit
from app.daycare.gate import enter_gate
from app.daycare.models import (
    Daycare,
    DaycareBooking,
    DaycareClass,
    DaycareClosure,
    DaycareStay,
    RosterShift,
)
from app.daycare.policy import policy_at
from app.daycare.queries.place import DaycareRow, daycare_by_ref, plan_of
from app.daycare.rules.capacity import check_places
from app.daycare.rules.days import check_hours, operating_day, operating_span
from app.daycare.rules.overstay import CROWDED
from app.daycare.rules.policy import DAY_END, DAY_START, STEP
from app.daycare.service.case import case_in
from app.daycare.service.changing import cancel_for_place
from app.daycare.service.settling import REASON_MISSING
from app.daycare.times import period_of, stay_text
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken, StaleVersion
from app.kernel.ranges import DateSpan, kst
from app.kernel.texts import day_text
from app.people.models import Child
from app.people.phones import clean_phone
from app.tenancy.models import Institution

DAY_KEYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday")
BREAKS = Problem(
    "daycare.breaks",
    N_("이대로 저장하면 예약 {count}건에 영향이 있어요. 목록을 확인하고 그래도 저장할지 정해 주세요."),
    rule="AD-34",
    soft=True,
)
PAST_DAY = Problem("daycare.past_day", N_("오늘이나 그 뒤의 날을 골라 주세요."), rule="GC-13", field="day")
CLOSED_ALREADY = Problem(
    "daycare.closed_already", N_("이미 휴원일로 정한 날이에요."), rule="GC-13", field="day"
)
CLOSED_ANYWAY = Problem(
    "daycare.closed_anyway",
    N_("이날은 이미 쉬는 날이에요({reason}). 따로 정하지 않아도 예약을 받지 않아요."),
    rule="GC-13",
    field="day",
)
BAD_CLASS = Problem(
    "daycare.bad_class",
    N_("반 이름, 요일, 시간(07:30부터 다음 날 07:30까지, 30분 단위)과 교사 수를 확인해 주세요."),
    rule="AD-02",
    field="name",
)
BAD_SHIFT = Problem(
    "daycare.bad_shift",
    N_("교사 이름과 근무시간(07:30부터 다음 날 07:30까지)을 확인해 주세요."),
    rule="AD-03",
    field="hours",
)


@dataclass(frozen=True, slots=True)
class Broken:
    """A stay that a change touches, by its booking's number; ``when`` in words."""

    stay_id: int
    booking_ref: str
    number: str
    child: str
    when: str


class WouldBreak(RuleBroken):
    """Nothing was saved; ``broken`` is the list to show before it is accepted."""

    def __init__(self, broken: Sequence[Broken]) -> None:
        self.broken = tuple(broken)
        super().__init__(BREAKS.of(count=len(self.broken)))


@dataclass(frozen=True, slots=True)
class ClassData:
    """``weekdays``: of ``DAY_KEYS``; ``start`` and ``end`` in minutes of the operating day."""

    name: str
    places: int
    weekdays: tuple[str, ...]
    start: int
    end: int
    teachers: int
    starts_on: date
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class FacilityData:
    phone: str
    account: str
    introduction: str
    emergency_manual: str
    hours: Mapping[str, Any]


def save_class(
    uow: UnitOfWork,
    daycare_ref: str,
    data: ClassData,
    *,
    ref: str | None = None,
    version: int | None = None,
    accept: bool = False,
) -> DaycareClass:
    """A new class, or one changed. Raises RuleBroken, ``WouldBreak``, StaleVersion."""
    daycare = enter_place(uow, daycare_ref)
    if problems := _class_problems(uow, daycare, data):
        raise RuleBroken(problems)
    row = _class_row(uow, daycare, ref, version)
    row.name, row.places, row.teachers = data.name.strip(), data.places, data.teachers
    row.weekdays = [key for key in DAY_KEYS if key in data.weekdays]
    row.start_minute, row.end_minute = data.start, data.end
    row.starts_on, row.ends_on = data.starts_on, data.ends_on
    uow.session.add(row)
    uow.session.flush()
    audit.record(uow, "daycare.class_saved", "daycare_class", row.id, diff={"places": [None, data.places]})
    measure(uow, daycare, accept)
    return row


def add_shift(
    uow: UnitOfWork,
    class_ref: str,
    day: date,
    teacher: str,
    start: int,
    end: int,
    *,
    user_id: int | None = None,
    accept: bool = False,
) -> RosterShift:
    """A teacher's duty. The first one of a day replaces the class's usual number of teachers for that day."""
    group = uow.session.scalars(select(DaycareClass).where(DaycareClass.ref == class_ref)).first()
    if group is None:
        raise NotFound("daycare_class")
    actions.MANAGE.check(uow.actor, group.daycare_id)
    if not teacher.strip() or not DAY_START <= start < end <= DAY_END:
        raise RuleBroken(BAD_SHIFT)
    daycare = enter_gate(uow, group.daycare_id)
    row = RosterShift(
        daycare_id=daycare.id,
        class_id=group.id,
        operating_day=day,
        user_id=user_id,
        teacher=teacher.strip()[:40],
        period=Range(kst(day, start), kst(day, end), bounds="[)"),
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(row)
    uow.session.flush()
    audit.record(uow, "daycare.shift_added", "roster_shift", row.id)
    measure(uow, daycare, accept)
    return row


def remove_shift(uow: UnitOfWork, ref: str, *, accept: bool = False) -> None:
    row = uow.session.scalars(select(RosterShift).where(RosterShift.ref == ref)).first()
    if row is None:
        raise NotFound("roster_shift")
    actions.MANAGE.check(uow.actor, row.daycare_id)
    daycare = enter_gate(uow, row.daycare_id)
    uow.session.delete(row)
    uow.session.flush()
    audit.record(uow, "daycare.shift_removed", "roster_shift", row.id)
    measure(uow, daycare, accept)


def close_day(
    uow: UnitOfWork, daycare_ref: str, day: date, reason: str, *, accept: bool = False
) -> DaycareClosure:
    """Closed on one more operating day; ``accept``: whoever is booked is cancelled without fee and told."""
    daycare = enter_place(uow, daycare_ref)
    if not reason.strip():
        raise RuleBroken(REASON_MISSING)
    if day < operating_day(uow.now):
        raise RuleBroken(PAST_DAY)
    known = select(DaycareClosure.id).where(
        DaycareClosure.daycare_id == daycare.id, DaycareClosure.operating_day == day
    )
    if uow.session.scalar(known) is not None:
        raise RuleBroken(CLOSED_ALREADY)
    opening = plan_of(uow, daycare, DateSpan(day, day)).opening_of(day)
    if not opening.is_open:
        raise RuleBroken(CLOSED_ANYWAY.of(reason=opening.reason))
    touched_stays = stays_on(uow, daycare.id, operating_span(day))
    if touched_stays and not accept:
        raise WouldBreak(name_broken(uow, touched_stays))
    row = DaycareClosure(
        daycare_id=daycare.id,
        operating_day=day,
        reason=reason.strip()[:120],
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(row)
    uow.session.flush()
    audit.record(uow, "daycare.closed_day", "daycare_closure", row.id, reason=row.reason)
    cancel_stays(uow, daycare, touched_stays, f"{day_text(day)} 휴원({row.reason})")
    return row


def open_day(uow: UnitOfWork, closure_ref: str) -> None:
    """The daycare opens after all; what was cancelled stays cancelled."""
    row = uow.session.scalars(select(DaycareClosure).where(DaycareClosure.ref == closure_ref)).first()
    if row is None:
        raise NotFound("daycare_closure")
    actions.MANAGE.check(uow.actor, row.daycare_id)
    enter_gate(uow, row.daycare_id)
    uow.session.delete(row)
    uow.session.flush()
    audit.record(uow, "daycare.opened_day", "daycare_closure", row.id)


def save_facility(
    uow: UnitOfWork, daycare_ref: str, data: FacilityData, *, version: int, accept: bool = False
) -> None:
    """Telephone, account, words and hours of its own (AD-30). Raises RuleBroken for what is no telephone number."""
    daycare = enter_place(uow, daycare_ref)
    if daycare.version != version:
        raise StaleVersion("daycare")
    if problems := check_hours(data.hours):
        raise RuleBroken(problems)
    row = uow.session.get_one(Daycare, daycare.id)
    place = uow.session.get_one(Institution, daycare.id)
    if data.phone != place.phone:
        place.phone = clean_phone(data.phone)
    row.account, row.introduction = data.account.strip()[:120], data.introduction.strip()
    row.emergency_manual, row.hours = data.emergency_manual.strip(), dict(data.hours)
    row.version += 1
    uow.session.flush()
    audit.record(uow, "daycare.facility_saved", "daycare", row.id)
    measure(uow, enter_gate(uow, daycare.id), accept)


def cancel_stays(
    uow: UnitOfWork, daycare: DaycareRow, stays: Sequence[DaycareStay], reason: str
) -> list[str]:
    """Booking by booking, without fee. Whoever calls holds the gate; returns the bookings in words."""
    ids = {stay.id for stay in stays}
    told = []
    for booking_id in sorted({stay.booking_id for stay in stays}):
        case = case_in(uow, daycare, booking_id)
        gone = [stay for stay in case.planned if stay.id in ids]
        told.append(cancel_for_place(uow, case, reason, gone))
    return told


def name_broken(uow: UnitOfWork, stays: Sequence[DaycareStay]) -> list[Broken]:
    rows = uow.session.execute(
        select(DaycareStay.id, DaycareStay.planned, DaycareBooking.ref, DaycareBooking.number, Child.name)
        .join(DaycareBooking, DaycareBooking.id == DaycareStay.booking_id)
        .join(Child, Child.id == DaycareStay.child_id)
        .where(DaycareStay.id.in_([stay.id for stay in stays]))
        .order_by(DaycareStay.planned, DaycareStay.id)
    )
    return [
        Broken(stay_id, ref, number, child, stay_text(period_of(planned)))
        for stay_id, planned, ref, number, child in rows
    ]


def measure(uow: UnitOfWork, daycare: DaycareRow, accept: bool) -> None:
    """What was just written, against who is booked. Raises ``WouldBreak``, or flags the stays when accepted."""
    broken = stays_over_limit(uow, daycare)
    if broken and not accept:
        raise WouldBreak(name_broken(uow, broken))
    for stay in broken:
        flag(stay, CROWDED)
    uow.session.flush()


def enter_place(uow: UnitOfWork, daycare_ref: str) -> DaycareRow:
    """The daycare under its gate, for whoever runs it."""
    daycare = daycare_by_ref(uow, daycare_ref)
    actions.MANAGE.check(uow.actor, daycare.id)
    return enter_gate(uow, daycare.id)


def _class_problems(uow: UnitOfWork, daycare: DaycareRow, data: ClassData) -> list[Problem]:
    well_formed = (
        data.name.strip()
        and len(data.name.strip()) <= 40
        and data.weekdays
        and set(data.weekdays) <= set(DAY_KEYS)
        and DAY_START <= data.start < data.end <= DAY_END
        and data.start % STEP == data.end % STEP == 0
        and 1 <= data.teachers <= 9
        and (data.ends_on is None or data.starts_on <= data.ends_on)
    )
    found = [] if well_formed else [BAD_CLASS]
    if refused := check_places(data.places, policy_at(uow, daycare.place)):
        found.append(refused)
    return found


def _class_row(uow: UnitOfWork, daycare: DaycareRow, ref: str | None, version: int | None) -> DaycareClass:
    if ref is None:
        return DaycareClass(
            daycare_id=daycare.id, created_at=uow.now, created_by=uow.actor.user_id, version=1
        )
    row = uow.session.scalars(
        select(DaycareClass).where(DaycareClass.ref == ref, DaycareClass.daycare_id == daycare.id)
    ).first()
    if row is None:
        raise NotFound("daycare_class")
    if version is not None and row.version != version:
        raise StaleVersion("daycare_class")
    row.version += 1
    return row
