"""The director's answer to a request: confirmed, or refused with a reason (AD-05, AD-31)."""

from __future__ import annotations

from collections.abc import Mapping

from app.daycare import actions, beds
from app.daycare.messages import CONFIRMED, REFUSED
from app.daycare.rules.states import BookingState, StayState
from app.daycare.service import money
from app.daycare.service.case import Case, move, open_case, tell
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.ranges import to_minute

REASON_MISSING = Problem(
    "daycare.reason_missing",
    N_("사유를 적어 주세요. 보호자에게 함께 알려 드려요."),
    rule="GC-18",
    field="reason",
)
PASS_REASON = Problem(
    "daycare.pass_reason",
    N_("받아들이는 까닭을 적어 주세요."),
    rule="AD-05",
    field="reasons",
    soft=True,
)
ALREADY_STARTED = Problem(
    "daycare.already_started",
    N_("시작 시각이 지나 확정할 수 없어요. 예약을 거절하고 보호자에게 알려 주세요."),
    rule="AD-31",
)


def confirm(uow: UnitOfWork, ref: str, *, version: int, reasons: Mapping[str, str] | None = None) -> None:
    """Every soft problem the request carries needs the director's reason; what it costs is owed from now on."""
    case = open_case(uow, ref, actions.DECIDE, version=version)
    given = reasons or {}
    passed = [[code, reason or given.get(code, "").strip()] for code, reason in case.booking.overrides]
    if open_ := [code for code, reason in passed if not reason]:
        raise RuleBroken([PASS_REASON.of(field=code) for code in open_])
    if case.state is BookingState.REQUESTED and _begun(uow, case):
        raise RuleBroken(ALREADY_STARTED)
    case.booking.overrides = passed
    confirm_at_once(uow, case)


def confirm_at_once(uow: UnitOfWork, case: Case) -> None:
    """The bed is held already: only the answer and the charge are new."""
    move(uow, case.booking, BookingState.CONFIRMED, "daycare.confirmed")
    _decided(uow, case, "")
    uow.session.flush()
    money.settle(uow, case, case.booking.first_day)
    uow.session.flush()
    account = f"입금 계좌: {case.daycare.account}" if case.daycare.account else ""
    tell(uow, case, CONFIRMED, amount=f"{case.booking.quoted:,}", account=account)


def refuse(uow: UnitOfWork, ref: str, reason: str, *, version: int) -> None:
    """The beds are free at once."""
    if not reason.strip():
        raise RuleBroken(REASON_MISSING)
    case = open_case(uow, ref, actions.DECIDE, version=version)
    refuse_case(uow, case, reason.strip())


def refuse_case(uow: UnitOfWork, case: Case, reason: str) -> None:
    move(uow, case.booking, BookingState.REFUSED, "daycare.refused", reason=reason)
    _decided(uow, case, reason)
    tell(uow, case, REFUSED, reason=reason)
    for stay in case.planned:
        beds.leave_bed(uow, stay, StayState.CANCELLED)
    uow.session.flush()


def _begun(uow: UnitOfWork, case: Case) -> bool:
    return bool(case.stays) and to_minute(uow.now) >= beds.planned_period(case.stays[0]).start


def _decided(uow: UnitOfWork, case: Case, reason: str) -> None:
    case.booking.decided_by = uow.actor.user_id
    case.booking.decided_at = uow.now
    case.booking.decision_reason = reason
