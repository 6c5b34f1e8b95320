"""Editing, cancelling, running out (KB-26 … KB-28, KB-31, KB-49)."""

from __future__ import annotations

from datetime import date

import pytest

from app.booking.rules.changes import (
    applied_at_after_edit,
    check_cancel,
    expires_undecided,
    guardian_may_change,
    is_over,
    span_after_cancel,
    staff_may_change,
)
from app.booking.rules.policy import BookingPolicy
from app.booking.rules.states import BookingKind, BookingState
from app.kernel.ranges import DateSpan, TimeSpan
from tests.booking.spring import T, at
from tests.kernel.problems import codes

B = BookingState
TODAY = date(2026, 4, 15)
SPAN = DateSpan(date(2026, 4, 1), date(2026, 4, 30))
POLICY = BookingPolicy()


@pytest.mark.rule("KB-26")
@pytest.mark.parametrize("state", list(B))
def test_a_guardian_changes_until_the_decision(state: BookingState) -> None:
    assert (guardian_may_change(state) is None) is (state in {B.APPLIED, B.WAITING})


@pytest.mark.rule("KB-26")
@pytest.mark.parametrize(
    ("after", "moves"),
    [
        ([(TODAY, T("14:00-17:00")), (SPAN.last, T("14:00-17:00"))], False),
        ([(SPAN.last, T("14:00-17:00")), (TODAY, T("14:00-17:00"))], False),
        ([(TODAY, T("14:00-17:30")), (SPAN.last, T("14:00-17:00"))], True),
        ([(TODAY, T("14:00-17:00"))], True),
        ([(date(2026, 4, 16), T("14:00-17:00")), (SPAN.last, T("14:00-17:00"))], True),
    ],
)
def test_only_another_date_or_time_moves_the_place(after: list[tuple[date, TimeSpan]], moves: bool) -> None:
    before = [(TODAY, T("14:00-17:00")), (SPAN.last, T("14:00-17:00"))]
    applied, now = at("2026-04-01 09:00"), at("2026-04-02 10:00")
    assert applied_at_after_edit(applied, now, before, after) == (now if moves else applied)


@pytest.mark.rule("KB-27")
@pytest.mark.parametrize(
    ("kind", "state", "refused"),
    [
        (BookingKind.TEMPORARY, B.SCHEDULED, False),
        (BookingKind.TEMPORARY, B.IN_USE, False),
        (BookingKind.SICK, B.SCHEDULED, False),
        (BookingKind.TEMPORARY, B.APPLIED, True),
        (BookingKind.TEMPORARY, B.ENDED, True),
        (BookingKind.REGULAR, B.SCHEDULED, True),
    ],
)
def test_staff_move_approved_temporary_bookings(
    kind: BookingKind, state: BookingState, refused: bool
) -> None:
    assert (staff_may_change(kind, state) is not None) is refused


@pytest.mark.rule("KB-28")
@pytest.mark.parametrize(
    ("state", "role", "from_day", "code"),
    [
        (B.SCHEDULED, "care_teacher", TODAY, None),
        (B.IN_USE, "care_teacher", TODAY, None),
        (B.IN_USE, "centre_director", date(2026, 4, 30), None),
        (B.IN_USE, "care_teacher", date(2026, 4, 14), "booking.cancel_in_past"),
        (B.IN_USE, "care_teacher", date(2026, 3, 31), "booking.cancel_outside"),
        (B.IN_USE, "care_teacher", date(2026, 5, 1), "booking.cancel_outside"),
        (B.APPLIED, "care_teacher", TODAY, "state.wrong_step"),
        (B.ENDED, "care_teacher", TODAY, "state.wrong_step"),
        (B.SCHEDULED, "guardian", TODAY, "booking.ask_the_centre"),
    ],
)
def test_cancelling(state: BookingState, role: str, from_day: date, code: str | None) -> None:
    problem = check_cancel(state, role, SPAN, from_day, TODAY, POLICY)
    assert codes([problem]) == ([code] if code else [])


@pytest.mark.rule("KB-28")
@pytest.mark.parametrize(("state", "refused"), [(B.SCHEDULED, False), (B.IN_USE, False), (B.ENDED, True)])
def test_a_tenant_may_let_guardians_cancel(state: BookingState, refused: bool) -> None:
    policy = BookingPolicy(guardian_self_cancel=True)
    assert (check_cancel(state, "guardian", SPAN, TODAY, TODAY, policy) is not None) is refused


@pytest.mark.rule("KB-28")
@pytest.mark.parametrize(
    ("from_day", "left"),
    [
        (date(2026, 4, 1), None),
        (date(2026, 4, 2), DateSpan(date(2026, 4, 1), date(2026, 4, 1))),
        (date(2026, 4, 30), DateSpan(date(2026, 4, 1), date(2026, 4, 29))),
    ],
)
def test_the_days_before_the_cancellation_stay(from_day: date, left: DateSpan | None) -> None:
    assert span_after_cancel(SPAN, from_day) == left


@pytest.mark.rule("KB-31")
@pytest.mark.parametrize(
    ("kind", "closed_day", "today", "over"),
    [
        # before closing time of its last day, after it, and from 00:00 of the next day on
        (BookingKind.REGULAR, date(2026, 4, 29), date(2026, 4, 30), False),
        (BookingKind.REGULAR, date(2026, 4, 30), date(2026, 4, 30), False),
        (BookingKind.REGULAR, date(2026, 4, 30), date(2026, 5, 1), True),
        (BookingKind.TEMPORARY, date(2026, 4, 29), date(2026, 4, 30), False),
        (BookingKind.TEMPORARY, date(2026, 4, 30), date(2026, 4, 30), True),
        (BookingKind.TEMPORARY, date(2026, 4, 30), date(2026, 5, 1), True),
        (BookingKind.SICK, date(2026, 4, 29), date(2026, 4, 30), False),
        (BookingKind.SICK, date(2026, 4, 30), date(2026, 4, 30), True),
    ],
)
def test_when_a_booking_is_over(kind: BookingKind, closed_day: date, today: date, over: bool) -> None:
    assert is_over(kind, date(2026, 4, 30), closed_day, today) is over


@pytest.mark.rule("KB-49")
@pytest.mark.parametrize(
    ("state", "first", "expired"),
    [
        (B.APPLIED, date(2026, 4, 14), True),
        (B.APPLIED, date(2026, 4, 15), False),
        (B.APPLIED, date(2026, 4, 16), False),
        (B.WAITING, date(2026, 4, 14), False),
        (B.SCHEDULED, date(2026, 4, 14), False),
    ],
)
def test_undecided_past_the_start_is_expired(state: BookingState, first: date, expired: bool) -> None:
    assert expires_undecided(state, first, TODAY) is expired
