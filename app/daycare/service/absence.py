"""Not coming, being turned away at the door, and coming in vain to a full room (AD-17, AD-34, AE-20)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from app.daycare import actions, beds
from app.daycare.messages import NO_SHOW
from app.daycare.models import DaycareStay
from app.daycare.rules.cancellation import check_no_show, no_show_at
from app.daycare.rules.capacity import ROOM_FULL
from app.daycare.rules.handover import NOT_PLANNED
from app.daycare.rules.states import BookingState, StayState
from app.daycare.service import money
from app.daycare.service.case import Case, complete_if_over, open_stay, tell
from app.daycare.service.changing import cancel_for_place
from app.daycare.service.settling import REASON_MISSING
from app.daycare.threshold import at_threshold
from app.daycare.times import period_of, stay_text
from app.kernel import audit
from app.kernel.audit import AuditLog
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.ranges import to_minute
from app.kernel.texts import clock_text
from app.restrictions.rules.kinds import EventKind
from app.restrictions.service.events import NewEvent, record_event

VAIN = "daycare.came_in_vain"
CAME = Problem(
    "daycare.came",
    N_("왔지만 자리가 없어 들어오지 못한 아이예요. 미입소로 적지 않고, 어린이집이 취소해요."),
    rule="AD-17",
)


def mark_no_show(uow: UnitOfWork, stay_ref: str, *, version: int | None = None) -> None:
    """By the director, from sixty minutes after the start on; the clock does the same by itself."""
    case, stay = open_stay(uow, stay_ref, actions.NO_SHOW, version=version)
    if stay.state != StayState.PLANNED or case.state is BookingState.REQUESTED:
        raise RuleBroken(NOT_PLANNED)
    if refused := check_no_show(period_of(stay.planned).start, uow.now, case.policy):
        raise RuleBroken(refused)
    if came_in_vain(uow, stay) is not None:
        raise RuleBroken(CAME)
    no_show(uow, case, stay)


def note_vain_coming(uow: UnitOfWork, stay_ref: str) -> bool:
    """The child stood at the door and there was no room: it can be no no-show. False where that is not so now."""
    case, stay = open_stay(uow, stay_ref, actions.HAND_OVER)
    threshold = at_threshold(uow, case.daycare, case.booking, stay)
    if stay.state != StayState.PLANNED or ROOM_FULL.code not in {one.code for one in threshold.problems}:
        return False
    if to_minute(uow.now) < period_of(stay.planned).start:
        return False
    if came_in_vain(uow, stay) is None:
        words = N_("{at}에 왔지만 자리가 없어 들어오지 못함").format(at=clock_text(uow.now))
        stay.note = "\n".join(part for part in (stay.note, words) if part)
    audit.record(uow, VAIN, "daycare_stay", stay.id)
    uow.session.flush()
    return True


def came_in_vain(uow: UnitOfWork, stay: DaycareStay) -> datetime | None:
    """When the child was last at the door in vain."""
    return uow.session.scalar(
        select(func.max(AuditLog.at)).where(
            AuditLog.entity == "daycare_stay", AuditLog.entity_id == stay.id, AuditLog.action == VAIN
        )
    )


def miss(uow: UnitOfWork, case: Case, stay: DaycareStay) -> None:
    """Nobody came in time. Whoever came in vain is let go instead, without fee and blame, an hour after that."""
    came = came_in_vain(uow, stay)
    if came is None:
        no_show(uow, case, stay)
    elif to_minute(uow.now) >= no_show_at(to_minute(came), case.policy):
        cancel_for_place(uow, case, N_("자리가 없어 들어오지 못함"), [stay])


def no_show(uow: UnitOfWork, case: Case, stay: DaycareStay) -> None:
    """The bed is free; by default it costs nothing, but it counts (AD-17)."""
    _end_stay(uow, case, stay, "daycare.no_show", None)
    money.charge_hours(uow, case, case.policy.noshow_fee_hours, stay.operating_day, N_("미입소"))
    record_event(
        uow,
        NewEvent(
            EventKind.NO_SHOW,
            "DAYCARE",
            period_of(stay.planned).start,
            guardian_id=case.booking.guardian_id,
            child_id=case.booking.child_id,
            institution_id=case.daycare.id,
            note=f"예약 {case.booking.number}",
            source="daycare_stay",
            source_id=stay.id,
        ),
    )
    tell(uow, case, NO_SHOW, when=stay_text(period_of(stay.planned)))


def turn_away(uow: UnitOfWork, stay_ref: str, reason: str, *, version: int | None = None) -> None:
    """Symptoms at the door: no fee, and it counts against nobody (AE-20)."""
    if not reason.strip():
        raise RuleBroken(REASON_MISSING)
    case, stay = open_stay(uow, stay_ref, actions.HAND_OVER, version=version)
    if stay.state != StayState.PLANNED or case.state is BookingState.REQUESTED:
        raise RuleBroken(NOT_PLANNED)
    stay.note = reason.strip()
    _end_stay(uow, case, stay, "daycare.turned_away", reason.strip())


def _end_stay(uow: UnitOfWork, case: Case, stay: DaycareStay, action: str, reason: str | None) -> None:
    beds.leave_bed(uow, stay, StayState.NO_SHOW)
    uow.session.flush()
    audit.record(
        uow,
        action,
        "daycare_stay",
        stay.id,
        from_state=StayState.PLANNED,
        to_state=StayState.NO_SHOW,
        reason=reason,
    )
    money.settle(uow, case, stay.operating_day, N_("미입소"))
    complete_if_over(uow, case)
