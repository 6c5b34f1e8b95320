"""Not coming, and being turned away at the door (AD-17, AE-20)."""

from __future__ import annotations

from app.daycare import actions, beds
from app.daycare.messages import NO_SHOW
from app.daycare.models import DaycareStay
from app.daycare.rules.cancellation import check_no_show
from app.daycare.rules.handover import NOT_PLANNED
from app.daycare.rules.states import BookingState, StayState
from app.daycare.service import money
from app.daycare.service.case import Case, complete_if_over, open_stay, tell
from app.daycare.service.settling import REASON_MISSING
from app.daycare.times import period_of, stay_text
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, RuleBroken
from app.restrictions.rules.kinds import EventKind
from app.restrictions.service.events import NewEvent, record_event


def mark_no_show(uow: UnitOfWork, stay_ref: str, *, version: int | None = None) -> None:
    """By the director, from sixty minutes after the start on; the clock does the same by itself."""
    case, stay = open_stay(uow, stay_ref, actions.NO_SHOW, version=version)
    if stay.state != StayState.PLANNED or case.state is BookingState.REQUESTED:
        raise RuleBroken(NOT_PLANNED)
    if refused := check_no_show(period_of(stay.planned).start, uow.now, case.policy):
        raise RuleBroken(refused)
    no_show(uow, case, stay)


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
