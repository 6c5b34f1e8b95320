"""Data checks of the daycares: what must be true of the rows at any time, counted afresh (entities §11, no. 3 and 12).

Each returns lines that name rows by number, never a person. Run after every race, job and browser test, and by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import and_, exists, func, not_, select

from app.daycare import beds
from app.daycare.crowding import STALE
from app.daycare.models import ApplicationGuardian, DaycareApplication, DaycareBooking, DaycareStay
from app.daycare.policy import policy_at
from app.daycare.queries.place import DaycareRow, daycares, plan_of
from app.daycare.rules.capacity import full_spans, spans_words, touched, until_slot_end
from app.daycare.rules.days import operating_day, operating_span
from app.daycare.rules.handover import has_ink
from app.daycare.rules.overstay import NIGHT
from app.daycare.rules.policy import DaycarePolicy
from app.daycare.rules.request import in_curfew, touches_night
from app.daycare.rules.states import HOLDING, IN_BED, BookingState, StayState
from app.daycare.times import local, period_of
from app.fees.models import Charge
from app.kernel.db import UnitOfWork
from app.kernel.ranges import DateSpan, Period, to_minute
from app.people.models import ChildTime

NOTED_WITHIN = timedelta(minutes=10)


def data_checks(uow: UnitOfWork) -> list[str]:
    """Everything that is wrong, one line each; empty when all is well."""
    found: list[str] = []
    for check in (_states, _stays, _child_time, _ratios, _signatures, _nights, _guardians, _fees):
        found.extend(check(uow))
    for daycare in daycares(uow):
        found.extend(_limits(uow, daycare))
    return found


_HOLDS = exists().where(DaycareStay.booking_id == DaycareBooking.id, DaycareStay.state.in_(sorted(IN_BED)))
_INSIDE = exists().where(DaycareStay.booking_id == DaycareBooking.id, DaycareStay.state == StayState.INSIDE)


def _states(uow: UnitOfWork) -> Iterator[str]:
    """A booking holds beds exactly while it is open; somebody inside means it is in care (AD-31)."""
    rows = uow.session.execute(
        select(DaycareBooking.number, DaycareBooking.state, _HOLDS, _INSIDE).order_by(DaycareBooking.id)
    )
    for number, stored, holds, inside in rows:
        state = BookingState(stored)
        if holds != (state in HOLDING):
            yield f"어린이집 예약 {number}({state.label}): 잡은 자리와 상태가 맞지 않습니다."
        if inside and state is not BookingState.IN_CARE:
            yield f"어린이집 예약 {number}({state.label}): 보육 중인 아동이 있습니다."


def _stays(uow: UnitOfWork) -> Iterator[str]:
    """Stays repeat their booking's child and daycare and begin on one of its days; times fit the state."""
    rows = uow.session.execute(
        select(DaycareStay, DaycareBooking)
        .join(DaycareBooking, DaycareBooking.id == DaycareStay.booking_id)
        .where(DaycareStay.state != StayState.CANCELLED)
        .order_by(DaycareStay.id)
    )
    for stay, booking in rows:
        same = (stay.child_id, stay.daycare_id) == (booking.child_id, booking.daycare_id)
        if not (same and booking.first_day <= stay.operating_day <= booking.last_day):
            yield f"어린이집 예약 {booking.number}: {stay.operating_day.isoformat()} 이용이 예약과 다릅니다."
        if operating_day(period_of(stay.planned).start) != stay.operating_day:
            yield f"어린이집 예약 {booking.number}: {stay.operating_day.isoformat()} 운영일이 맞지 않습니다."
        came, went = stay.in_at is not None, stay.out_at is not None
        backwards = stay.in_at is not None and stay.out_at is not None and stay.in_at > stay.out_at
        wanted = {
            StayState.PLANNED: (False, False),
            StayState.NO_SHOW: (False, False),
            StayState.INSIDE: (True, False),
            StayState.LEFT: (True, True),
        }[StayState(stay.state)]
        if (came, went) != wanted or backwards:
            yield f"어린이집 예약 {booking.number}: {stay.operating_day.isoformat()} 입·퇴소 시각이 맞지 않습니다."


def _child_time(uow: UnitOfWork) -> Iterator[str]:
    """Every bed takes its child's time, and nothing else of a daycare does (entities §11, no. 3)."""
    mine = and_(ChildTime.source == beds.SOURCE, ChildTime.source_id == DaycareStay.id)
    kept = exists().where(mine, ChildTime.child_id == DaycareStay.child_id)
    missing = select(DaycareStay.ref).where(DaycareStay.state.in_(sorted(IN_BED)), not_(kept))
    for ref in uow.session.scalars(missing):
        yield f"어린이집 이용 {ref}: 아동의 시간이 비어 있습니다."
    differs = select(DaycareStay.ref).where(
        DaycareStay.state == StayState.PLANNED,
        exists().where(mine, ChildTime.period != DaycareStay.planned),
    )
    for ref in uow.session.scalars(differs):
        yield f"어린이집 이용 {ref}: 예정과 아동의 시간이 다릅니다."
    gone = DaycareStay.state.in_([StayState.CANCELLED, StayState.NO_SHOW])
    for ref in uow.session.scalars(select(DaycareStay.ref).where(gone, exists().where(mine))):
        yield f"어린이집 이용 {ref}: 끝난 이용에 아동의 시간이 잡혀 있습니다."
    stray = select(ChildTime.source_id).where(ChildTime.source == beds.SOURCE, not_(exists().where(mine)))
    for source_id in uow.session.scalars(stray):
        yield f"어린이집 이용 번호표 {source_id}: 이용 없이 아동의 시간이 잡혀 있습니다."


def _ratios(uow: UnitOfWork) -> Iterator[str]:
    """Every bed counts its child as its record says now (AD-03); whoever takes the gate next, brings that about."""
    for ref in uow.session.scalars(STALE):
        yield f"어린이집 이용 {ref}: 아동의 생년월일·장애와 교사 비율이 맞지 않습니다."


def _signatures(uow: UnitOfWork) -> Iterator[str]:
    """Entry and exit are each signed, and not with one signature (AD-21)."""
    rows = uow.session.execute(
        select(DaycareStay.ref, DaycareStay.state, DaycareStay.in_signature, DaycareStay.out_signature).where(
            DaycareStay.state.in_([StayState.INSIDE, StayState.LEFT])
        )
    )
    for ref, state, entry, leaving in rows:
        if not entry or (state == StayState.LEFT and not leaving):
            yield f"어린이집 이용 {ref}: 서명이 빠졌습니다."
        elif entry == leaving and has_ink(entry):
            yield f"어린이집 이용 {ref}: 입소와 귀가에 같은 서명이 쓰였습니다."


def _nights(uow: UnitOfWork) -> Iterator[str]:
    """Whoever came, went or stayed on in the hours in which nobody may is marked (AD-06, GC-19)."""
    rows = uow.session.scalars(
        select(DaycareStay).where(
            DaycareStay.state.in_([StayState.INSIDE, StayState.LEFT]), DaycareStay.in_at.is_not(None)
        )
    )
    policies = {daycare.id: policy_at(uow, daycare.place) for daycare in daycares(uow)}
    for stay in rows:
        if NIGHT not in stay.violations and _broke_the_night(stay, policies[stay.daycare_id]):
            yield f"어린이집 이용 {stay.ref}: 출입 제한 시간의 기록에 위반 표시가 없습니다."


def _broke_the_night(stay: DaycareStay, policy: DaycarePolicy) -> bool:
    acts = [local(moment) for moment in (stay.in_at, stay.out_at) if moment is not None]
    if any(in_curfew(moment, policy) for moment in acts):
        return True
    end = period_of(stay.planned).end
    left = to_minute(local(stay.out_at)) if stay.out_at is not None else end
    return left > end and touches_night(Period(end, left), policy)


def _guardians(uow: UnitOfWork) -> Iterator[str]:
    """An application that was handed in names its guardians in order, without a gap (AD-18)."""
    rows = uow.session.execute(
        select(
            DaycareApplication.ref,
            func.count(ApplicationGuardian.id),
            func.coalesce(func.max(ApplicationGuardian.position), 0),
        )
        .outerjoin(ApplicationGuardian, ApplicationGuardian.application_id == DaycareApplication.id)
        .where(DaycareApplication.state.in_(["SUBMITTED", "ACCEPTED"]))
        .group_by(DaycareApplication.ref)
    )
    for ref, count, last in rows:
        if count == 0 or count != last:
            yield f"이용신청서 {ref}: 보호자 순위가 비어 있습니다."


def _fees(uow: UnitOfWork) -> Iterator[str]:
    """What is charged for hours equals what the used stays came to (AD-14); every amount is a multiple of ten."""
    charged = (
        select(func.coalesce(func.sum(Charge.amount), 0))
        .where(
            Charge.subject == "daycare_booking",
            Charge.subject_id == DaycareBooking.id,
            Charge.kind.in_(["BOOKING", "OVERRUN", "REDUCTION"]),
        )
        .correlate(DaycareBooking)
        .scalar_subquery()
    )
    used = (
        select(func.coalesce(func.sum(DaycareStay.amount), 0))
        .where(DaycareStay.booking_id == DaycareBooking.id, DaycareStay.state == StayState.LEFT)
        .correlate(DaycareBooking)
        .scalar_subquery()
    )
    rows = uow.session.execute(
        select(DaycareBooking.number, charged, used).where(
            DaycareBooking.state.not_in(sorted(HOLDING)), charged != used
        )
    )
    for number, due, came_to in rows:
        yield f"어린이집 예약 {number}: 청구 {due}원, 이용료 {came_to}원이 다릅니다."
    odd = select(Charge.ref).where(Charge.service == "DAYCARE", Charge.amount % 10 != 0)
    for ref in uow.session.scalars(odd):
        yield f"청구 {ref}: 10원 단위가 아닙니다."


def _not_fetched(uow: UnitOfWork, daycare: DaycareRow) -> Iterator[tuple[int, Period]]:
    """Class and overrun of every child inside past its time, once that is written down (GC-19).

    The clock looks every five minutes (J-39): so long it may be missing.
    """
    rows = uow.session.scalars(
        select(DaycareStay).where(
            DaycareStay.daycare_id == daycare.id,
            DaycareStay.state == StayState.INSIDE,
            func.upper(DaycareStay.planned) <= uow.now,
        )
    )
    for stay in rows:
        end = period_of(stay.planned).end
        if stay.violations or uow.now - end < NOTED_WITHIN:
            yield stay.class_id, Period(end, until_slot_end(uow.now))


def _limits(uow: UnitOfWork, daycare: DaycareRow) -> Iterator[str]:
    """Recount of every half hour from now on: nowhere more children than may be, unless it is flagged (GC-19)."""
    rows = uow.session.scalars(
        select(DaycareStay).where(
            DaycareStay.daycare_id == daycare.id,
            DaycareStay.state.in_(sorted(IN_BED)),
            func.upper(DaycareStay.planned) > uow.now,
        )
    ).all()
    if not rows:
        return
    first = min(operating_day(period_of(stay.planned).start) for stay in rows)
    last = max(operating_day(period_of(stay.planned).end) for stay in rows)
    span = DateSpan(max(first, operating_day(uow.now)), max(last, operating_day(uow.now)))
    over = Period(operating_span(span.first).start, operating_span(span.last).end)
    plan = plan_of(uow, daycare, span)
    flagged: dict[int, set[int]] = {}
    for stay in rows:
        if stay.violations:
            flagged.setdefault(stay.class_id, set()).update(touched(period_of(stay.planned)))
    for class_id, late in _not_fetched(uow, daycare):
        flagged.setdefault(class_id, set()).update(touched(late))
    for load in beds.loads(uow, plan, over, policy_at(uow, daycare.place)):
        crowded = set(load.over()) - flagged.get(load.group.id, set())
        if crowded:
            words = spans_words(full_spans(crowded))
            yield f"{daycare.name} {load.group.name}: {words}에 정원보다 많은 아동이 잡혀 있습니다."
