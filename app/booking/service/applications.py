"""Before the decision: withdrawing and editing an application (KB-26)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.booking import actions
from app.booking.facts import ranks_of
from app.booking.models import Booking
from app.booking.rules.capacity import NO_SEAT
from app.booking.rules.changes import applied_at_after_edit, guardian_may_change
from app.booking.rules.priority import Ground
from app.booking.rules.request import UsageDays
from app.booking.rules.states import BookingKind, BookingState, WaitState
from app.booking.rules.waiting import WaitEntry
from app.booking.seats import days_held, hold, release
from app.booking.service.aftermath import seats_freed
from app.booking.service.apply import UNKNOWN_GROUND
from app.booking.service.case import Case, end_wait, move, open_case
from app.booking.service.contest import contest
from app.booking.service.judge import Judged, judge_regular, judge_single
from app.booking.service.offers import offer_next
from app.booking.times import SINGLE, hours_of, read_times, span_of, write_times
from app.booking.waits import days_wanted, rule_entry
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.ranges import DateSpan, TimeSpan

ANSWER_FIRST = Problem(
    "booking.answer_first",
    N_("자리를 제안받은 대기예요. 먼저 수락하거나 거절한 뒤에 바꿔 주세요."),
    rule="KW-06",
)


@dataclass(frozen=True, slots=True)
class Edit:
    """New contents of an undecided application; what is None stays as it is.

    REGULAR: ``span``, ``weekday_times``. TEMPORARY, SICK: ``day``, ``hours``.
    """

    ref: str
    version: int
    span: DateSpan | None = None
    weekday_times: dict[str, TimeSpan] = field(default_factory=dict)
    day: date | None = None
    hours: TimeSpan | None = None
    ground: str | None = None
    reason: str | None = None
    other_service: str | None = None


def withdraw_booking(uow: UnitOfWork, ref: str, *, reason: str = "") -> None:
    """APPLIED or WAITING → WITHDRAWN; a seat it held goes to the next in line under the same gate."""
    case = open_case(uow, ref, actions.EDIT)
    refused = guardian_may_change(case.state)
    if refused:
        raise RuleBroken(refused)
    if case.entry is not None and case.state is BookingState.WAITING:
        end_wait(uow, case.entry, WaitState.WITHDRAWN)
    move(uow, case, BookingState.WITHDRAWN, "booking.withdraw", reason=reason.strip() or None)
    seats_freed(uow, case.place, case.booking, release(uow, case.booking.id))


def edit_application(uow: UnitOfWork, edit: Edit) -> Problem | None:
    """Change an application; the order's time moves only when date or hours change (KB-26).

    Returns the notice that the period was cut at the quarter's end, if it was. Raises StaleVersion, RuleBroken.
    """
    case = open_case(uow, edit.ref, actions.EDIT, version=edit.version)
    if refused := guardian_may_change(case.state):
        raise RuleBroken(refused)
    before = _contents(case.booking)
    _change_words(case.booking, edit)
    notice = _change_time(uow, case, edit) if _asks_new_time(case.booking, edit) else None
    case.booking.version += 1
    after = _contents(case.booking)
    audit.record(
        uow,
        "booking.edit",
        "booking",
        case.booking.id,
        diff={key: [before[key], after[key]] for key in before if before[key] != after[key]},
    )
    return notice


def _contents(booking: Booking) -> dict[str, Any]:
    return {
        "starts_on": booking.starts_on.isoformat(),
        "ends_on": booking.ends_on.isoformat(),
        "times": booking.times,
        "ground": booking.ground,
        "applied_at": booking.applied_at.isoformat(),
    }


def _change_words(booking: Booking, edit: Edit) -> None:
    if edit.ground is not None:
        if edit.ground not in set(Ground):
            raise RuleBroken(UNKNOWN_GROUND)
        booking.ground = edit.ground
    if edit.reason is not None:
        booking.reason = edit.reason.strip()
    if edit.other_service is not None:
        booking.other_service = edit.other_service.strip()


def _wanted(booking: Booking, edit: Edit) -> tuple[DateSpan, dict[str, TimeSpan]]:
    """The period and hours as they would be."""
    if booking.kind == BookingKind.REGULAR:
        return edit.span or span_of(booking), edit.weekday_times or read_times(booking.times)
    day = edit.day or booking.starts_on
    return DateSpan(day, day), {SINGLE: edit.hours or hours_of(booking)}


def _asks_new_time(booking: Booking, edit: Edit) -> bool:
    return _wanted(booking, edit) != (span_of(booking), read_times(booking.times))


def _change_time(uow: UnitOfWork, case: Case, edit: Edit) -> Problem | None:
    """The new time is asked like a new application, without the own seat; the old one is kept if it is refused."""
    if case.offered:
        raise RuleBroken(ANSWER_FIRST)
    span, times = _wanted(case.booking, edit)
    judged = judge_change(uow, case, span, times)
    if judged.problems:
        raise RuleBroken(judged.problems)
    before = _days_before(uow, case)
    case.booking.applied_at = applied_at_after_edit(case.booking.applied_at, uow.now, before, judged.days)
    if case.state is BookingState.WAITING:
        _requeue(uow, case, judged, times)
    else:
        reseat(uow, case, judged, times)
    return judged.notice


def _days_before(uow: UnitOfWork, case: Case) -> UsageDays:
    if case.state is BookingState.WAITING:
        return days_wanted(uow, case.place, case.booking, span_of(case.booking))
    return days_held(uow, case.booking.id)


def judge_change(uow: UnitOfWork, case: Case, span: DateSpan, times: dict[str, TimeSpan]) -> Judged:
    own = [case.booking.id]
    if case.kind is BookingKind.REGULAR:
        return judge_regular(uow, case.place, case.child, span, times, without=own)
    # What is already known of an illness is not asked again.
    (judged,) = judge_single(
        uow,
        case.place,
        case.child,
        case.kind,
        [(span.first, times[SINGLE])],
        illness=case.booking.reason or case.kind.label,
        without=own,
    )
    return judged


def reseat(uow: UnitOfWork, case: Case, judged: Judged, times: dict[str, TimeSpan]) -> None:
    """Exchange the seat for another under one gate; RuleBroken when the new one is not free."""
    booking = case.booking
    freed = release(uow, booking.id)
    _rewrite(booking, judged, times)
    if contest(uow, case.place, newcomer(uow, case, judged), judged.span).must_wait:
        raise RuleBroken(NO_SEAT)
    uow.session.flush()
    hold(uow, booking, judged.days)
    seats_freed(uow, case.place, booking, freed)


def _requeue(uow: UnitOfWork, case: Case, judged: Judged, times: dict[str, TimeSpan]) -> None:
    """Wait for another time; if a seat is free there the offer is made at once."""
    booking, entry = case.booking, case.entry
    assert entry is not None  # noqa: S101
    _rewrite(booking, judged, times)
    asked = contest(uow, case.place, newcomer(uow, case, judged), judged.span, without=[booking.id])
    if refused := asked.list_problem():
        raise RuleBroken(refused)
    entry.quarter_id = booking.quarter_id
    entry.day = None if case.kind is BookingKind.REGULAR else booking.starts_on
    entry.version += 1
    uow.session.flush()
    offer_next(uow, case.place, [day for day, _ in judged.days])


def newcomer(uow: UnitOfWork, case: Case, judged: Judged) -> WaitEntry:
    """The booking as the waiting list would see it."""
    rank = ranks_of(uow, case.place, [case.booking], {case.child.id: case.child.grade})[case.booking.id]
    return rule_entry(case.booking, case.child, rank, judged.days)


def _rewrite(booking: Booking, judged: Judged, times: dict[str, TimeSpan]) -> None:
    booking.starts_on, booking.ends_on = judged.span.first, judged.span.last
    booking.quarter_id = judged.quarter_id
    booking.times = write_times(times)
    booking.sibling_booking_id = judged.elder.booking_id if judged.elder else None
