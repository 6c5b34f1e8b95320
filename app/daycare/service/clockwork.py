"""What the clock does in one daycare: no-shows, the evening's warning, the curfew, the new operating day (J-39)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from app.accounts.contacts import contacts_of
from app.daycare import beds
from app.daycare.crowding import flag, stays_over_limit
from app.daycare.gate import enter_gate
from app.daycare.messages import CURFEW_SOON, CURFEW_STAYS, ROOM_TONIGHT
from app.daycare.models import DaycareBooking, DaycareStay, Journal
from app.daycare.overstay import overstayed
from app.daycare.policy import policy_at
from app.daycare.queries.place import DaycareRow, classes_of, plan_of
from app.daycare.rules.cancellation import no_show_at
from app.daycare.rules.days import operating_day
from app.daycare.rules.overstay import CROWDED, NIGHT
from app.daycare.rules.policy import DaycarePolicy
from app.daycare.rules.request import curfew_ends, in_curfew, touches_night
from app.daycare.rules.states import BookingState, JournalState, StayState
from app.daycare.service import money
from app.daycare.service.absence import miss
from app.daycare.service.case import Case, case_in, tell
from app.daycare.service.joining import inside_now, join
from app.daycare.service.settling import refuse_case
from app.daycare.times import period_of
from app.kernel import audit
from app.kernel.actor import DAYCARE_STAFF
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_
from app.kernel.jobs import first_time
from app.kernel.ranges import DateSpan, Period, kst, minute_text, to_minute
from app.messaging.service import plan_message

JOB = "J-39"
WARN_MINUTES = 15
"""How long before the curfew families and room are warned (21:45)."""


def tick(uow: UnitOfWork, daycare_id: int) -> None:
    """Everything that is due in one daycare now; doing it twice changes nothing the second time."""
    daycare = enter_gate(uow, daycare_id)
    miss_who_did_not_come(uow, daycare)
    policy = policy_at(uow, daycare.place)
    warn_before_curfew(uow, daycare, policy)
    keep_over_curfew(uow, daycare, policy)
    note_overstays(uow, daycare)
    open_operating_day(uow, daycare)


def miss_who_did_not_come(uow: UnitOfWork, daycare: DaycareRow) -> None:
    """AD-17; a request nobody answered before its start is refused. Who is still inside is no no-show: it stays on."""
    for case, stay in _cases(uow, daycare, StayState.PLANNED):
        if stay.state != StayState.PLANNED:  # went with an earlier one of its booking
            continue
        start = period_of(stay.planned).start
        if case.state is BookingState.REQUESTED:
            if uow.now >= start:
                refuse_case(uow, case, N_("시작 전까지 확인하지 못했어요."))
        elif inside := inside_now(uow, daycare, stay.child_id):
            join(uow, daycare, inside, case, stay)
        elif to_minute(uow.now) >= no_show_at(start, case.policy):
            miss(uow, case, stay)


def warn_before_curfew(uow: UnitOfWork, daycare: DaycareRow, policy: DaycarePolicy) -> None:
    """21:45: whoever is still there without a night booked (AD-06)."""
    day = operating_day(uow.now)
    curfew = kst(day, policy.curfew[0])
    if not curfew_warning_at(day, policy) <= to_minute(uow.now) <= curfew:
        return
    staying = [
        (case, stay)
        for case, stay in _cases(uow, daycare, StayState.INSIDE)
        if not _has_tonight(stay, curfew, policy)
        and first_time(uow, JOB, f"WARN|{stay.ref}", day.isoformat())
    ]
    words = _curfew_words(policy)
    for case, _ in staying:
        tell(uow, case, CURFEW_SOON, urgent=True, **words)
    if staying:
        names = ", ".join(case.child.name for case, _ in staying)
        for to in contacts_of(uow, daycare.id, DAYCARE_STAFF) or [daycare.phone]:
            values = {"count": len(staying), "children": names}
            plan_message(uow, ROOM_TONIGHT, to, values, subject="daycare", subject_id=daycare.id, urgent=True)


def keep_over_curfew(uow: UnitOfWork, daycare: DaycareRow, policy: DaycarePolicy) -> None:
    """A child still present after 22:00 stays until 07:30; the booking is extended and charged (AD-06, GC-19)."""
    if not in_curfew(uow.now, policy):
        return
    day = operating_day(uow.now)
    curfew = kst(day, policy.curfew[0])
    for case, stay in _cases(uow, daycare, StayState.INSIDE):
        if _has_tonight(stay, curfew, policy):
            continue
        note_limits(uow, stay, [*overstayed(uow, daycare, stay), NIGHT])
        beds.move_end(uow, stay, curfew_ends(uow.now, policy))
        uow.session.flush()
        audit.record(uow, "daycare.kept_over_night", "daycare_stay", stay.id)
        money.settle(uow, case, stay.operating_day, N_("밤 이용으로 늘어남"))
        tell(uow, case, CURFEW_STAYS, urgent=True, **_curfew_words(policy))
    for stay in stays_over_limit(uow, daycare):
        flag(stay, CROWDED)
    uow.session.flush()


def note_overstays(uow: UnitOfWork, daycare: DaycareRow) -> None:
    """A child not fetched in time in a full class or after closing is written down while it lasts (GC-19)."""
    for _, stay in _cases(uow, daycare, StayState.INSIDE):
        note_limits(uow, stay, overstayed(uow, daycare, stay))
    uow.session.flush()


def note_limits(uow: UnitOfWork, stay: DaycareStay, codes: Sequence[str]) -> None:
    """Each limit once, with its moment in the audit."""
    before = list(stay.violations)
    for code in codes:
        flag(stay, code)
    if stay.violations != before:
        audit.record(
            uow,
            "daycare.limit_broken",
            "daycare_stay",
            stay.id,
            diff={"violations": [before, stay.violations]},
        )


def open_operating_day(uow: UnitOfWork, daycare: DaycareRow) -> None:
    """07:30: a new page of the journal for every class that is open that day (AD-24)."""
    day = operating_day(uow.now)
    if not first_time(uow, JOB, f"DAY|{daycare.ref}", day.isoformat()):
        return
    plan = plan_of(uow, daycare, DateSpan(day, day))
    open_now = {group.id for group in plan.groups if group.duties}
    there = set(uow.session.scalars(select(Journal.class_id).where(Journal.operating_day == day)))
    for group in classes_of(uow, daycare.id, day):
        if group.id in open_now - there and daycare.designated(day):
            uow.session.add(
                Journal(
                    daycare_id=daycare.id,
                    class_id=group.id,
                    operating_day=day,
                    entries={},
                    state=JournalState.OPEN,
                    created_at=uow.now,
                    version=1,
                )
            )
    uow.session.flush()


def _cases(uow: UnitOfWork, daycare: DaycareRow, state: StayState) -> Sequence[tuple[Case, DaycareStay]]:
    """Stays in that state that have begun, each with its booking, in order."""
    rows = uow.session.execute(
        select(DaycareStay.id, DaycareStay.booking_id, DaycareStay.planned)
        .join(DaycareBooking, DaycareBooking.id == DaycareStay.booking_id)
        .where(DaycareStay.daycare_id == daycare.id, DaycareStay.state == state)
        .order_by(DaycareStay.id)
    ).all()
    found = []
    for stay_id, booking_id, planned in rows:
        if state is StayState.PLANNED and period_of(planned).start > uow.now:
            continue
        case = case_in(uow, daycare, booking_id)
        stay = next(one for one in case.stays if one.id == stay_id)
        if stay.state == state:
            found.append((case, stay))
    return found


def _has_tonight(stay: DaycareStay, curfew: datetime, policy: DaycarePolicy) -> bool:
    planned = period_of(stay.planned)
    return planned.end > curfew and touches_night(Period(max(planned.start, curfew), planned.end), policy)


def curfew_warning_at(day: date, policy: DaycarePolicy) -> datetime:
    """21:45 of an operating day."""
    return kst(day, policy.curfew[0] - WARN_MINUTES)


def _curfew_words(policy: DaycarePolicy) -> dict[str, str]:
    return {"start": minute_text(policy.curfew[0]), "end": minute_text(policy.curfew[1])}
