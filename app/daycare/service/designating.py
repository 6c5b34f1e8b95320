"""Designation by the governor, recorded by the city: without it nobody books, after its end nothing stands (AD-33)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select

from app.daycare import actions, beds
from app.daycare.gate import enter_gate
from app.daycare.models import Daycare, DaycareClass, DaycareGate, DaycareStay
from app.daycare.policy import policy_at
from app.daycare.queries.place import DaycareRow, daycare_by_id, daycare_by_ref
from app.daycare.rules.days import operating_day, operating_span
from app.daycare.rules.states import IN_BED, StayState
from app.daycare.service.case import case_in
from app.daycare.service.changing import shorten_for_place
from app.daycare.service.running import DAY_KEYS, WouldBreak, cancel_stays, name_broken
from app.daycare.service.settling import REASON_MISSING
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.texts import day_text
from app.tenancy.queries import institution_by_ref
from app.tenancy.rules import InstitutionKind
from app.tenancy.settings import Place

LETTER_MISSING = Problem(
    "daycare.letter_missing", N_("지정 공문 번호를 적어 주세요."), rule="AD-33", field="letter"
)
ENDS_BEFORE = Problem(
    "daycare.ends_before",
    N_("지정이 끝나는 날은 지정한 날보다 앞설 수 없어요."),
    rule="AD-33",
    field="designation_ends_on",
)

STILL_BOOKED = Problem(
    "daycare.still_booked",
    N_("{day} 뒤에 예약 {count}건이 있어요. 아래 ‘지정 끝내기’에서 목록을 보고 마지막 날을 정해 주세요."),
    rule="AD-33",
    field="designation_ends_on",
)


@dataclass(frozen=True, slots=True)
class Designation:
    """``groups``: how many classes to begin with (default ``ad.groups``), all round the clock, every day."""

    letter: str
    designated_on: date
    designation_ends_on: date | None = None
    groups: int | None = None


def designate(
    uow: UnitOfWork, institution_ref: str, data: Designation, *, accept: bool = False
) -> DaycareRow:
    """The first time it makes the daycare's record, gate and classes; later it renews the letter and its days.

    Whoever is booked before a later beginning is cancelled without fee and told, once ``accept`` says that the list
    was seen. Raises RuleBroken, ``WouldBreak`` with that list.
    """
    actions.DESIGNATE.reach(uow.actor.role)
    place = institution_by_ref(uow.session, institution_ref, InstitutionKind.DAYCARE)
    problems = [] if data.letter.strip() else [LETTER_MISSING]
    if data.designation_ends_on is not None and data.designation_ends_on < data.designated_on:
        problems.append(ENDS_BEFORE)
    if problems:
        raise RuleBroken(problems)
    row = uow.session.get(Daycare, place.id)
    early: list[DaycareStay] = []
    if row is None:
        row = _found(uow, place.id, data)
    else:
        enter_gate(uow, row.id)
        _check_nobody_later(uow, row.id, data.designation_ends_on)
        early = stays_before(uow, row.id, data.designated_on)
        if early and not accept:
            raise WouldBreak([replace(one, child="") for one in name_broken(uow, early)])
        uow.session.refresh(row)
        row.version += 1
    row.letter = data.letter.strip()[:60]
    row.designated_on, row.designation_ends_on = data.designated_on, data.designation_ends_on
    uow.session.flush()
    audit.record(uow, "daycare.designated", "daycare", row.id, diff={"letter": [None, row.letter]})
    daycare = daycare_by_id(uow, row.id)
    if early:
        day = day_text(data.designated_on)
        cancel_stays(uow, daycare, early, N_("언제나어린이집 지정이 {day}에 시작").format(day=day))
    return daycare


def end_designation(uow: UnitOfWork, daycare_ref: str, last_day: date, reason: str) -> list[str]:
    """What is booked after the last day is cancelled or cut without fee. Returns those bookings in words."""
    actions.DESIGNATE.reach(uow.actor.role)
    if not reason.strip():
        raise RuleBroken(REASON_MISSING)
    daycare = enter_gate(uow, daycare_by_ref(uow, daycare_ref).id)
    row = uow.session.get_one(Daycare, daycare.id)
    if row.designated_on is not None and last_day < row.designated_on:
        raise RuleBroken(ENDS_BEFORE)
    row.designation_ends_on = last_day
    row.version += 1
    uow.session.flush()
    audit.record(uow, "daycare.designation_ended", "daycare", row.id, reason=reason.strip())
    return _release(uow, daycare, last_day, f"언제나어린이집 지정 종료({reason.strip()})")


def stays_past(uow: UnitOfWork, daycare_id: int, last_day: date) -> list[DaycareStay]:
    """Stays that begin after a last day, and those that begin by it and run past its end (07:30)."""
    return list(
        uow.session.scalars(
            select(DaycareStay)
            .where(
                DaycareStay.daycare_id == daycare_id,
                DaycareStay.state.in_(sorted(IN_BED)),
                func.upper(DaycareStay.planned) > operating_span(last_day).end,
            )
            .order_by(DaycareStay.id)
        )
    )


def stays_before(uow: UnitOfWork, daycare_id: int, first_day: date) -> list[DaycareStay]:
    """Who is still to come before a first day; a child inside finishes its stay."""
    return list(
        uow.session.scalars(
            select(DaycareStay)
            .where(
                DaycareStay.daycare_id == daycare_id,
                DaycareStay.state == StayState.PLANNED,
                DaycareStay.operating_day < first_day,
            )
            .order_by(DaycareStay.id)
        )
    )


def _release(uow: UnitOfWork, daycare: DaycareRow, last_day: date, reason: str) -> list[str]:
    """What begins later is cancelled, what runs past the end is cut there; a child inside may finish its day."""
    end, this_morning = operating_span(last_day).end, operating_span(operating_day(uow.now)).end
    told, gone = [], []
    for stay in stays_past(uow, daycare.id, last_day):
        planned = beds.planned_period(stay)
        if stay.state == StayState.PLANNED and planned.start >= end:
            gone.append(stay)
            continue
        cut = max(end, this_morning) if stay.state == StayState.INSIDE else end
        if cut < planned.end:
            case = case_in(uow, daycare, stay.booking_id)
            mine = next(one for one in case.stays if one.id == stay.id)
            told.append(shorten_for_place(uow, case, mine, cut, reason))
    return told + cancel_stays(uow, daycare, gone, reason)


def _check_nobody_later(uow: UnitOfWork, daycare_id: int, last_day: date | None) -> None:
    """A renewed letter does not cancel in passing: ending is an act of its own, which shows the bookings first."""
    if last_day is None:
        return
    if later := stays_past(uow, daycare_id, last_day):
        count = len({stay.booking_id for stay in later})
        raise RuleBroken(STILL_BOOKED.of(day=day_text(last_day), count=count))


def _found(uow: UnitOfWork, institution_id: int, data: Designation) -> Daycare:
    row = Daycare(id=institution_id, hours={}, version=1)
    uow.session.add(row)
    uow.session.flush()
    uow.session.add(DaycareGate(daycare_id=row.id))
    policy = policy_at(uow, Place(institution_id), data.designated_on)
    for number in range(1, (data.groups or policy.groups) + 1):
        uow.session.add(
            DaycareClass(
                daycare_id=row.id,
                name=f"{number}반",
                places=policy.group_max,
                weekdays=list(DAY_KEYS),
                starts_on=data.designated_on,
                created_at=uow.now,
                created_by=uow.actor.user_id,
                version=1,
            )
        )
    uow.session.flush()
    return row
