"""Data checks: what must be true of the rows at any time, counted afresh (entities §11, KC, KW).

Each returns lines that name rows by number, never a person. Run after every race, job and browser test, and by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import and_, exists, func, not_, or_, select

from app.booking.models import Booking, UsageDay, WaitlistEntry
from app.booking.place import Place, loads_on, openings, place_of
from app.booking.rules.capacity import over_limit
from app.booking.rules.states import (
    BOOKING_AFTER_WAIT,
    FINAL,
    OPEN_WAIT,
    BookingKind,
    BookingState,
    UsageDayState,
    WaitState,
    holds_seat,
)
from app.booking.seats import SOURCE
from app.centres import queries as centres
from app.centres.models import KiumCentre, Quarter
from app.kernel.db import UnitOfWork
from app.kernel.ranges import minute_text
from app.people.models import ChildTime


def data_checks(uow: UnitOfWork) -> list[str]:
    """Everything that is wrong, one line each; empty when all is well."""
    found: list[str] = []
    for check in (_seats_and_states, _waiting_entries, _days_inside, _child_time, _quarter_span):
        found.extend(check(uow))
    for centre_id in uow.session.scalars(select(KiumCentre.id).order_by(KiumCentre.id)).all():
        found.extend(_limits(uow, place_of(uow, centres.centre_by_id(uow, centre_id))))
    return found


_ACTIVE_DAY = exists().where(UsageDay.booking_id == Booking.id, UsageDay.state == UsageDayState.PLANNED)
_ANY_DAY = exists().where(UsageDay.booking_id == Booking.id)
NEVER_USED = frozenset({BookingState.DISAPPROVED, BookingState.WITHDRAWN, BookingState.EXPIRED})


def _seats_and_states(uow: UnitOfWork) -> Iterator[str]:
    """Usage days exist exactly while a booking holds its seat (C-49); what was used stays."""
    rows = uow.session.execute(
        select(Booking.number, Booking.state, WaitlistEntry.state, _ANY_DAY, _ACTIVE_DAY).outerjoin(
            WaitlistEntry, WaitlistEntry.booking_id == Booking.id
        )
    )
    for number, stored, wait, has_days, has_planned in rows:
        state = BookingState(stored)
        holds = holds_seat(state, WaitState(wait) if wait else None)
        if holds and not has_days:
            yield f"예약 {number}: 자리를 가졌는데 이용일이 없습니다."
        if has_planned and not holds:
            yield f"예약 {number}({state.label}): 자리가 없는데 예정된 이용일이 남았습니다."
        if has_days and state in NEVER_USED:
            yield f"예약 {number}({state.label}): 끝난 신청에 이용일이 있습니다."


def _waiting_entries(uow: UnitOfWork) -> Iterator[str]:
    """A WAITING booking has one open entry; an open entry has a WAITING booking; ends agree (KW-06)."""
    open_entry = exists().where(WaitlistEntry.booking_id == Booking.id, WaitlistEntry.state.in_(OPEN_WAIT))
    for number in uow.session.scalars(
        select(Booking.number).where(Booking.state == BookingState.WAITING, not_(open_entry))
    ):
        yield f"예약 {number}: 대기인데 대기접수가 없습니다."
    rows = uow.session.execute(
        select(Booking.number, Booking.state, WaitlistEntry.state, WaitlistEntry.expires_at).join(
            WaitlistEntry, WaitlistEntry.booking_id == Booking.id
        )
    )
    for number, state, wait, expires_at in rows:
        if wait in OPEN_WAIT and state != BookingState.WAITING:
            yield f"예약 {number}: {BookingState(state).label}인데 대기접수가 열려 있습니다."
        if wait == WaitState.OFFERED and expires_at is None:
            yield f"예약 {number}: 자리 제안에 기한이 없습니다."
        if wait in (WaitState.DECLINED, WaitState.EXPIRED) and state != BOOKING_AFTER_WAIT[WaitState(wait)]:
            yield f"예약 {number}: 대기가 끝났는데 {BookingState(state).label}입니다."


def _days_inside(uow: UnitOfWork) -> Iterator[str]:
    """Standing days lie inside their booking's period and repeat its child, centre and kind."""
    rows = uow.session.execute(
        select(Booking.number, UsageDay.day)
        .join(UsageDay, UsageDay.booking_id == Booking.id)
        .where(
            UsageDay.state == UsageDayState.PLANNED,
            or_(
                UsageDay.day < Booking.starts_on,
                UsageDay.day > Booking.ends_on,
                UsageDay.child_id != Booking.child_id,
                UsageDay.centre_id != Booking.centre_id,
                UsageDay.kind != Booking.kind,
            ),
        )
    )
    for number, day in rows:
        yield f"예약 {number}: {day.isoformat()} 이용일이 예약과 다릅니다."


def _child_time(uow: UnitOfWork) -> Iterator[str]:
    """Every day that counts takes its child's time, and nothing else of a booking does."""
    begins = func.timezone(
        "Asia/Seoul", UsageDay.day + func.make_interval(0, 0, 0, 0, 0, UsageDay.start_minute)
    )
    stops = func.timezone("Asia/Seoul", UsageDay.day + func.make_interval(0, 0, 0, 0, 0, UsageDay.end_minute))
    same = and_(
        ChildTime.source == SOURCE,
        ChildTime.source_id == UsageDay.booking_id,
        ChildTime.child_id == UsageDay.child_id,
        func.lower(ChildTime.period) == begins,
        func.upper(ChildTime.period) == stops,
    )
    counts = UsageDay.state != UsageDayState.CANCELLED
    missing = select(UsageDay.booking_id, UsageDay.day).where(counts, not_(exists().where(same)))
    for booking_id, day in uow.session.execute(missing):
        yield f"예약 번호표 {booking_id}: {day.isoformat()}에 아동의 시간이 비어 있습니다."
    stray = select(ChildTime.source_id).where(ChildTime.source == SOURCE, not_(exists().where(same, counts)))
    for source_id in uow.session.scalars(stray):
        yield f"예약 번호표 {source_id}: 이용일 없이 아동의 시간이 잡혀 있습니다."


def _quarter_span(uow: UnitOfWork) -> Iterator[str]:
    """A standing booking lies inside its quarter (KB-06, KQ-04)."""
    rows = uow.session.scalars(
        select(Booking.number)
        .join(Quarter, Quarter.id == Booking.quarter_id)
        .where(
            Booking.state.not_in(FINAL),
            or_(
                Booking.starts_on < Quarter.starts_on,
                Booking.ends_on > Quarter.ends_on,
                Booking.centre_id != Quarter.centre_id,
            ),
        )
    )
    for number in rows:
        yield f"예약 {number}: 이용기간이 분기를 벗어납니다."


def _limits(uow: UnitOfWork, place: Place) -> Iterator[str]:
    """From today on nothing stands above a limit unless it is flagged (KC-06 – KC-08, GC-19)."""
    name = place.centre.name
    days = _coming_days(uow, place.centre.id)
    if not days:
        return
    openings(uow, place, days)
    flagged = _flagged_days(uow, place.centre.id)
    for day, load in loads_on(uow, place, days).items():
        if load.enrolled > load.limits.base and day not in flagged:
            yield f"{name} {day.isoformat()}: 정기돌봄 {load.enrolled}명, 정원 {load.limits.base}명"
        minutes = over_limit(load)
        if minutes and day not in flagged:
            yield f"{name} {day.isoformat()} {minute_text(minutes[0])}: 자리보다 많은 아동이 잡혀 있습니다."
        if any(count > load.limits.sick for count in load.sick) and day not in flagged:
            yield f"{name} {day.isoformat()}: 아픈아이 돌봄 자리가 넘쳤습니다."


def _coming_days(uow: UnitOfWork, centre_id: int) -> list[date]:
    return list(
        uow.session.scalars(
            select(UsageDay.day)
            .distinct()
            .where(
                UsageDay.centre_id == centre_id,
                UsageDay.day >= uow.today,
                UsageDay.state != UsageDayState.CANCELLED,
            )
            .order_by(UsageDay.day)
        )
    )


def _flagged_days(uow: UnitOfWork, centre_id: int) -> set[date]:
    rows = uow.session.execute(
        select(UsageDay.day, Booking.kind)
        .join(Booking, Booking.id == UsageDay.booking_id)
        .where(UsageDay.centre_id == centre_id, Booking.over_limit)
    )
    return {day for day, kind in rows if BookingKind(kind)}
