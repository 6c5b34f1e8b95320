"""After the approval: changing, cancelling, starting and closing (KB-27 … KB-31, KB-42, KB-51)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.booking import actions
from app.booking.facts import district_papers, documents_of, evidence_required, has_care_card
from app.booking.rules.changes import check_cancel, span_after_cancel, staff_may_change
from app.booking.rules.decision import (
    check_ending_ground,
    check_reason,
    open_problems,
    start_use_problems,
)
from app.booking.rules.states import APPROVED, BookingState
from app.booking.seats import cancel_from, end_booking_days
from app.booking.service.aftermath import seats_freed
from app.booking.service.applications import judge_change, reseat
from app.booking.service.case import Case, move, open_case, set_state, tell, tell_centre
from app.booking.times import SINGLE, span_of, when_text
from app.centres.rules import ending_grounds
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken, StaleVersion
from app.kernel.ranges import DateSpan, TimeSpan
from app.kernel.states import WRONG_STEP
from app.kernel.texts import day_text

ALREADY_ASKED = Problem(
    "booking.cancel_already_asked",
    N_("이미 취소를 요청했어요. 센터가 확인하면 알려 드려요. 급하면 센터에 전화해 주세요."),
    rule="KB-28",
)


@dataclass(frozen=True, slots=True)
class Move:
    """Another date or other hours for an approved temporary (or sick-child) booking."""

    ref: str
    version: int
    day: date
    hours: TimeSpan


def edit_approved_temporary(uow: UnitOfWork, change: Move) -> None:
    """Staff change date or hours, same-day too; capacity is asked again and the family told (KB-27)."""
    case = open_case(uow, change.ref, actions.MANAGE, version=change.version)
    if refused := staff_may_change(case.kind, case.state):
        raise RuleBroken(refused)
    before = when_text(case.booking)
    times = {SINGLE: change.hours}
    judged = judge_change(uow, case, DateSpan(change.day, change.day), times)
    if judged.problems:
        raise RuleBroken(judged.problems)
    reseat(uow, case, judged, times)
    case.booking.version += 1
    after = when_text(case.booking)
    audit.record(uow, "booking.move", "booking", case.booking.id, diff={"when": [before, after]})
    tell(uow, case, "booking.changed", urgent=True, before=before)


def ask_cancel(uow: UnitOfWork, ref: str) -> None:
    """The guardian asks; only the centre is told (KB-28)."""
    case = open_case(uow, ref, actions.ASK_CANCEL)
    if case.state not in APPROVED:
        raise RuleBroken(WRONG_STEP)
    if case.booking.cancel_asked_at is not None:
        raise RuleBroken(ALREADY_ASKED)
    case.booking.cancel_asked_at = uow.now
    case.booking.version += 1
    audit.record(uow, "booking.ask_cancel", "booking", case.booking.id)
    values = {"number": case.booking.number, "kind": case.kind.label, "when": when_text(case.booking)}
    tell_centre(uow, case.place.centre, "booking.cancel_asked", values)


def cancel_booking(
    uow: UnitOfWork, ref: str, from_day: date, reason: str, *, version: int | None = None
) -> None:
    """이용취소 from a stated day on; what was used stays, the seat goes on at once (KB-28).

    A day in the future shortens the booking: it stays in use until then, and the day's close makes it CANCELLED.
    """
    case = open_case(uow, ref, actions.MANAGE)
    _check_version(case, version)
    if refused := check_reason(reason):
        raise RuleBroken(refused)
    _cancel(uow, case, from_day, reason.strip(), "booking.cancel")
    tell(uow, case, "booking.cancelled", from_day=day_text(from_day), reason=reason.strip())


def close_booking(uow: UnitOfWork, ref: str, from_day: date, ground: str) -> None:
    """A ground of the centre's own operating rules ends the use; the ground is kept (KB-51)."""
    case = open_case(uow, ref, actions.CLOSE)
    grounds = ending_grounds(case.place.centre.operating_rules.get("ending") or "")
    if refused := check_ending_ground(ground, grounds):
        raise RuleBroken(refused)
    case.booking.end_ground = ground
    _cancel(uow, case, from_day, ground, "booking.close")
    tell(uow, case, "booking.closed", from_day=day_text(from_day), reason=ground)


def _check_version(case: Case, version: int | None) -> None:
    if version is not None and case.booking.version != version:
        raise StaleVersion("booking")


def _cancel(uow: UnitOfWork, case: Case, from_day: date, reason: str, action: str) -> None:
    booking, policy = case.booking, case.place.terms.booking
    span = span_of(booking)
    refused = check_cancel(case.state, uow.actor.role.value, span, from_day, uow.today, policy)
    if refused:
        raise RuleBroken(refused)
    left = span_after_cancel(span, from_day)
    freed = cancel_from(uow, booking.id, from_day)
    diff = {"from_day": [None, from_day.isoformat()]}
    booking.ended_on = from_day
    booking.decision_reason = reason
    if left is not None:
        booking.ends_on = left.last
    if left is None or from_day <= uow.today:
        end_booking_days(uow, booking.id, from_day)
        # check_cancel has asked the table already, for the guardian who may cancel by themselves too.
        set_state(uow, booking, BookingState.CANCELLED, action, reason=reason, diff=diff)
    else:
        set_state(uow, booking, case.state, action, reason=reason, diff=diff)
    seats_freed(uow, case.place, booking, freed)


def start_use(
    uow: UnitOfWork, ref: str, overrides: Mapping[str, str] | None = None, *, uses_cards: bool = False
) -> None:
    """SCHEDULED → IN_USE by hand, with every paper on file (KB-30); the care card gives way to a reason (KB-42).

    ``uses_cards``: the centre takes attendance by card, so the child needs one.
    """
    case = open_case(uow, ref, actions.START)
    booking, reasons = case.booking, overrides or {}
    if case.state is not BookingState.SCHEDULED:
        raise RuleBroken(WRONG_STEP)
    problems = start_use_problems(
        case.kind,
        booking.starts_on,
        uow.today,
        documents_of(uow, [booking])[booking.id],
        uses_cards=uses_cards,
        has_card=False,
        has_care_card=has_care_card(uow, booking.child_id, booking.centre_id),
        evidence_required=evidence_required(booking, district_papers(uow, case.place.centre.district_id)),
    )
    if left := open_problems(problems, reasons):
        raise RuleBroken(left)
    move(uow, case, BookingState.IN_USE, "booking.start")
    soft = {problem.code for problem in problems}
    lifted = [[code, reason.strip()] for code, reason in reasons.items() if code in soft]
    booking.overrides = [*booking.overrides, *lifted]
    booking.started_at = uow.now
