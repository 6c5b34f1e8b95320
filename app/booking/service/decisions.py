"""Approving and refusing: the director decides with everything read under the gate (KB-13 … KB-25)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.booking import actions
from app.booking.facts import district_papers, documents_of, evidence_required
from app.booking.models import Booking
from app.booking.place import fits, loads_on, regular_conflicts
from app.booking.queries.staff import enrolled_by_day
from app.booking.rules.capacity import NO_SEAT, SeatConflict
from app.booking.rules.decision import (
    ApprovalFacts,
    approval_problems,
    check_decider,
    check_reason,
    open_problems,
    reversal_problems,
)
from app.booking.rules.states import BookingKind, BookingState, WaitState
from app.booking.seats import hold, release
from app.booking.service.aftermath import seats_freed
from app.booking.service.applications import newcomer
from app.booking.service.case import (
    Case,
    end_wait,
    move,
    open_case,
    open_cases,
    refuse_if_decided,
    tell,
)
from app.booking.service.contest import contest
from app.booking.service.judge import Judged, judge_again
from app.booking.service.offers import withdraw_overlapped
from app.booking.times import starts_at
from app.centres import queries as centres
from app.centres.rules import approvals_held
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem, RuleBroken, StaleVersion
from app.kernel.states import WRONG_STEP

Overrides = Mapping[str, str]
"""Code of a soft problem → the reason that lifts it."""
MESSAGE = "ALIMTALK"


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one row of a selection; no problems: it is approved."""

    ref: str
    problems: tuple[Problem, ...]


def approve(
    uow: UnitOfWork, ref: str, overrides: Overrides | None = None, *, version: int | None = None
) -> None:
    """APPLIED → SCHEDULED. RuleBroken lists every unmet condition (KB-22); soft ones give way to a reason."""
    case = open_case(uow, ref, actions.DECIDE)
    problems = _approve(uow, case, overrides or {}, version)
    if problems:
        raise RuleBroken(problems)


def approve_many(uow: UnitOfWork, refs: Sequence[str], overrides: Overrides | None = None) -> list[Decision]:
    """Several applications of one centre under one gate; a row that fails leaves the others alone."""
    decisions = []
    for case in open_cases(uow, refs, actions.DECIDE):
        try:
            problems = tuple(_approve(uow, case, overrides or {}, None))
        except RuleBroken as refused:
            problems = refused.problems
        decisions.append(Decision(case.booking.ref, problems))
    return decisions


def _approve(uow: UnitOfWork, case: Case, overrides: Overrides, version: int | None) -> list[Problem]:
    """Nothing is written unless the answer is empty."""
    _check_may_decide(uow, case, version)
    if case.state is not BookingState.APPLIED:
        return [WRONG_STEP]
    problems = approval_of(uow, case)
    left = open_problems(problems, overrides)
    if left:
        return left
    booking = case.booking
    move(uow, case, BookingState.SCHEDULED, "booking.approve", diff={"overrides": [None, list(overrides)]})
    soft = {problem.code for problem in problems}
    booking.overrides = [[code, reason.strip()] for code, reason in overrides.items() if code in soft]
    _sign(uow, booking)
    uow.session.flush()
    withdraw_overlapped(uow, case)
    tell(uow, case, "booking.approved")
    return []


def approval_of(uow: UnitOfWork, case: Case) -> list[Problem]:
    """Every unmet condition at this moment, soft ones included (KB-22)."""
    booking = case.booking
    judged = judge_again(uow, case.place, booking, case.child)
    problems, conflicts = _seat_problems(uow, case, judged)
    papers = district_papers(uow, case.place.centre.district_id)
    facts = ApprovalFacts(
        kind=case.kind,
        documents=documents_of(uow, [booking])[booking.id],
        evidence_required=evidence_required(booking, papers),
        counselled_on=booking.counselled_on,
        other_service=booking.other_service,
        parallel_use_reason=booking.parallel_use_reason,
        request_problems=[*judged.problems, *problems],
        conflicts=conflicts,
    )
    return approval_problems(facts, case.place.terms.booking)


def _seat_problems(uow: UnitOfWork, case: Case, judged: Judged) -> tuple[list[Problem], list[SeatConflict]]:
    """Its own seat is left out of the count: does it still fit (KC-06, KC-07), and are approvals held (KC-11)?"""
    place, booking = case.place, case.booking
    if judged.problems or (booking.walk_in and booking.over_limit):
        return [], []
    regular = case.kind is BookingKind.REGULAR
    days = set(judged.span) if regular else {day for day, _ in judged.days}
    loads = loads_on(uow, place, days, without=[booking.id], with_enrolled=regular)
    if not regular:
        return ([] if fits(loads, case.kind, judged.span, judged.days) else [NO_SEAT]), []
    held = _approvals_held(uow, case)
    return ([held] if held else []), regular_conflicts(loads, judged.span, judged.days)


def _approvals_held(uow: UnitOfWork, case: Case) -> Problem | None:
    coming = centres.coming_change(uow, case.place.centre.id)
    if coming is None:
        return None
    enrolled = enrolled_by_day(uow, case.place.centre.id, uow.today)
    return approvals_held(coming.change, coming.state, enrolled, uow.today)


def disapprove(uow: UnitOfWork, ref: str, reason: str, *, version: int | None = None) -> None:
    """APPLIED or WAITING → DISAPPROVED with words for the guardian; the seat goes to the next in line (KB-24)."""
    case = open_case(uow, ref, actions.DECIDE)
    _check_may_decide(uow, case, version)
    if refused := check_reason(reason):
        raise RuleBroken(refused)
    if case.entry is not None and case.state is BookingState.WAITING:
        end_wait(uow, case.entry, WaitState.WITHDRAWN)
    move(uow, case, BookingState.DISAPPROVED, "booking.disapprove", reason=reason.strip())
    case.booking.decision_reason = reason.strip()
    _sign(uow, case.booking)
    tell(uow, case, "booking.disapproved", reason=reason.strip())
    seats_freed(uow, case.place, case.booking, release(uow, case.booking.id))


def reverse_disapproval(uow: UnitOfWork, ref: str, reason: str) -> None:
    """DISAPPROVED → APPLIED by the city alone, if every hard condition still holds and a seat is free (KB-25)."""
    case = open_case(uow, ref, actions.REVERSE)
    booking = case.booking
    judged = judge_again(uow, case.place, booking, case.child)
    begins = starts_at(judged.days, booking.starts_on)
    found = reversal_problems(case.state, uow.actor.role.value, reason, begins, uow.now)
    found = found or [problem for problem in approval_of(uow, case) if not problem.soft]
    if not found and contest(uow, case.place, newcomer(uow, case, judged), judged.span).must_wait:
        found = [NO_SEAT]
    if found:
        raise RuleBroken(found)
    move(uow, case, BookingState.APPLIED, "booking.reverse", reason=reason.strip())
    booking.decided_by = booking.decided_at = None
    booking.decision_reason = ""
    uow.session.flush()
    hold(uow, booking, judged.days)
    tell(uow, case, "booking.reversed")


def _check_may_decide(uow: UnitOfWork, case: Case, version: int | None) -> None:
    refuse_if_decided(uow, case.booking)
    if case.state not in (BookingState.APPLIED, BookingState.WAITING):
        raise RuleBroken(WRONG_STEP)
    if version is not None and case.booking.version != version:
        raise StaleVersion("booking")
    refused = check_decider(uow.actor.role.value, case.place.centre.kind, case.kind, case.place.terms.booking)
    if refused:
        raise RuleBroken(refused)


def _sign(uow: UnitOfWork, booking: Booking) -> None:
    """Who decided and when; the notice goes out as a message unless somebody calls (KB-23)."""
    booking.decided_by, booking.decided_at = uow.actor.user_id, uow.now
    booking.notified_by, booking.notified_at = MESSAGE, uow.now
