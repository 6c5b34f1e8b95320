"""Editing, withdrawing, cancelling, running out (KB-26 … KB-28, KB-31, KB-49)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from app.booking.rules.policy import BookingPolicy
from app.booking.rules.request import UsageDays
from app.booking.rules.states import APPROVED, GUARDIAN, BookingKind, BookingState, check_transition
from app.kernel.errors import N_, Problem
from app.kernel.ranges import DateSpan
from app.kernel.texts import day_text

ASK_THE_CENTRE = Problem(
    "booking.ask_the_centre",
    N_("이미 처리된 신청이라 직접 바꿀 수 없어요. 센터에 문의해 주세요."),
    rule="KB-26",
)
NOT_EDITABLE = Problem(
    "booking.not_editable",
    N_("승인된 일시돌봄만 여기서 날짜와 시간을 바꿀 수 있어요. 상태를 확인해 주세요."),
    rule="KB-27",
)
CANCEL_OUTSIDE = Problem(
    "booking.cancel_outside",
    N_("취소 시작일은 이용기간({span}) 안에서 골라 주세요."),
    rule="KB-28",
    field="from_day",
)
CANCEL_IN_PAST = Problem(
    "booking.cancel_in_past",
    N_("지난 이용일은 취소할 수 없어요. 오늘이나 그 뒤부터 취소해 주세요."),
    rule="KB-28",
    field="from_day",
)


def guardian_may_change(state: BookingState) -> Problem | None:
    """KB-26: a guardian edits or withdraws until it is decided, and not after."""
    return None if state in (BookingState.APPLIED, BookingState.WAITING) else ASK_THE_CENTRE


def applied_at_after_edit(
    applied_at: datetime, now: datetime, before: UsageDays, after: UsageDays
) -> datetime:
    """The time that counts for the order: an edit keeps it unless a date or time changes (KB-26)."""
    return applied_at if sorted(before) == sorted(after) else now


def staff_may_change(kind: BookingKind, state: BookingState) -> Problem | None:
    """KB-27: date and hours of an approved temporary (or sick-child) booking, by staff."""
    changeable = kind is not BookingKind.REGULAR and state in APPROVED
    return None if changeable else NOT_EDITABLE


def check_cancel(
    state: BookingState, role: str, span: DateSpan, from_day: date, today: date, policy: BookingPolicy
) -> Problem | None:
    """KB-28: staff cancel an approved booking from a stated day on; guardians only where the tenant lets them."""
    by_guardian = role == GUARDIAN and policy.guardian_self_cancel and state in APPROVED
    if not by_guardian and (refused := check_transition(state, BookingState.CANCELLED, role)):
        return ASK_THE_CENTRE if role == GUARDIAN else refused
    if from_day not in span:
        return CANCEL_OUTSIDE.of(span=f"{day_text(span.first)}~{day_text(span.last)}")
    return CANCEL_IN_PAST if from_day < today else None


def span_after_cancel(span: DateSpan, from_day: date) -> DateSpan | None:
    """The days that stay when a booking is cancelled from ``from_day`` on; None when none is left."""
    return DateSpan(span.first, from_day - timedelta(days=1)) if from_day > span.first else None


def is_over(kind: BookingKind, last_day: date, closed_day: date, today: date) -> bool:
    """KB-31: regular care is over at 24:00 of its last day, a single date when its centre has closed for the day.

    ``closed_day``: the last day whose closing time has passed.
    """
    return last_day < today if kind is BookingKind.REGULAR else last_day <= closed_day


def expires_undecided(state: BookingState, first_day: date, today: date) -> bool:
    """KB-49: still only applied for on the day after its start."""
    return state is BookingState.APPLIED and first_day < today
