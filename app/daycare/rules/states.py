"""The states of applications, bookings, stays and journals, and who may move them (AD-31)."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.errors import N_
from app.kernel.states import StateTable

GUARDIAN, SYSTEM = "guardian", "system"
DIRECTOR, TEACHER = "daycare_director", "daycare_teacher"
STAFF = frozenset({DIRECTOR, TEACHER})
OFFICER = "city_officer"


class BookingState(StrEnum):
    REQUESTED = "REQUESTED"
    CONFIRMED = "CONFIRMED"
    PAID = "PAID"
    IN_CARE = "IN_CARE"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    LATE_CANCELLED = "LATE_CANCELLED"
    NO_SHOW = "NO_SHOW"
    REFUSED = "REFUSED"

    @property
    def label(self) -> str:
        return {
            "REQUESTED": N_("신청"),
            "CONFIRMED": N_("확정"),
            "PAID": N_("결제 완료"),
            "IN_CARE": N_("이용 중"),
            "COMPLETED": N_("이용 마침"),
            "CANCELLED": N_("취소"),
            "LATE_CANCELLED": N_("늦은 취소"),
            "NO_SHOW": N_("미입소"),
            "REFUSED": N_("거절"),
        }[self.value]


class StayState(StrEnum):
    PLANNED = "PLANNED"
    INSIDE = "INSIDE"
    LEFT = "LEFT"
    CANCELLED = "CANCELLED"
    NO_SHOW = "NO_SHOW"

    @property
    def label(self) -> str:
        return {
            "PLANNED": N_("예정"),
            "INSIDE": N_("보육 중"),
            "LEFT": N_("귀가"),
            "CANCELLED": N_("취소"),
            "NO_SHOW": N_("미입소"),
        }[self.value]


class ApplicationState(StrEnum):
    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    ACCEPTED = "ACCEPTED"
    RETURNED = "RETURNED"
    OUTDATED = "OUTDATED"
    WITHDRAWN = "WITHDRAWN"

    @property
    def label(self) -> str:
        return {
            "DRAFT": N_("작성 중"),
            "SUBMITTED": N_("제출"),
            "ACCEPTED": N_("접수"),
            "RETURNED": N_("보완 요청"),
            "OUTDATED": N_("다시 작성 필요"),
            "WITHDRAWN": N_("철회"),
        }[self.value]


class JournalState(StrEnum):
    OPEN = "OPEN"
    SIGNED = "SIGNED"
    CLOSED = "CLOSED"

    @property
    def label(self) -> str:
        return {"OPEN": N_("작성 중"), "SIGNED": N_("교사 서명"), "CLOSED": N_("마감")}[self.value]


class Channel(StrEnum):
    """How a booking reached the daycare."""

    ONLINE = "ONLINE"
    PHONE = "PHONE"
    VISIT = "VISIT"
    CALL_CENTRE = "CALL_CENTRE"

    @property
    def label(self) -> str:
        return {
            "ONLINE": N_("온라인"),
            "PHONE": N_("전화"),
            "VISIT": N_("방문"),
            "CALL_CENTRE": N_("콜센터"),
        }[self.value]


B, S, A, J = BookingState, StayState, ApplicationState, JournalState

HOLDING = frozenset({B.REQUESTED, B.CONFIRMED, B.PAID, B.IN_CARE})
"""These hold their beds: from the request on."""
FINAL = frozenset(B) - HOLDING
OPEN = frozenset({B.REQUESTED, B.CONFIRMED, B.PAID})
"""Not begun yet."""
IN_BED = frozenset({S.PLANNED, S.INSIDE})
VALID = frozenset({A.SUBMITTED, A.ACCEPTED})
"""Applications with which one may book."""

BOOKING_STEPS: StateTable[BookingState] = StateTable(
    {
        (B.REQUESTED, B.CONFIRMED): {DIRECTOR},
        # The system refuses what nobody decided before it was to begin.
        (B.REQUESTED, B.REFUSED): {DIRECTOR, SYSTEM},
        (B.CONFIRMED, B.PAID): STAFF | {SYSTEM},
        (B.PAID, B.CONFIRMED): {GUARDIAN, *STAFF, SYSTEM},
        (B.CONFIRMED, B.IN_CARE): STAFF,
        (B.PAID, B.IN_CARE): STAFF,
        (B.IN_CARE, B.COMPLETED): STAFF | {SYSTEM},
        # Some days of it were used, the rest was taken back or missed, and it was between two days then.
        (B.CONFIRMED, B.COMPLETED): {SYSTEM},
        (B.PAID, B.COMPLETED): {SYSTEM},
        **{(before, B.CANCELLED): {GUARDIAN, DIRECTOR, SYSTEM, OFFICER} for before in OPEN},
        **{(before, B.LATE_CANCELLED): {GUARDIAN, DIRECTOR} for before in OPEN},
        **{(before, B.NO_SHOW): {DIRECTOR, SYSTEM} for before in (B.CONFIRMED, B.PAID, B.IN_CARE)},
    }
)
"""A payment that no longer covers a changed booking leads back to CONFIRMED."""

STAY_STEPS: StateTable[StayState] = StateTable(
    {
        (S.PLANNED, S.INSIDE): STAFF,
        (S.INSIDE, S.LEFT): STAFF,
        (S.PLANNED, S.CANCELLED): {GUARDIAN, DIRECTOR, SYSTEM, OFFICER},
        (S.PLANNED, S.NO_SHOW): STAFF | {SYSTEM},
    }
)

APPLICATION_STEPS: StateTable[ApplicationState] = StateTable(
    {
        (A.DRAFT, A.SUBMITTED): {GUARDIAN, DIRECTOR},
        (A.RETURNED, A.SUBMITTED): {GUARDIAN, DIRECTOR},
        (A.SUBMITTED, A.SUBMITTED): {GUARDIAN, DIRECTOR},
        (A.SUBMITTED, A.ACCEPTED): {DIRECTOR},
        (A.SUBMITTED, A.RETURNED): {DIRECTOR},
        (A.ACCEPTED, A.RETURNED): {DIRECTOR},
        # Also one that was accepted and then sent back: the family's next one takes its place.
        **{(before, A.OUTDATED): {GUARDIAN, SYSTEM, *STAFF} for before in (*VALID, A.RETURNED)},
        **{
            (before, A.WITHDRAWN): {GUARDIAN, DIRECTOR}
            for before in (A.DRAFT, A.SUBMITTED, A.ACCEPTED, A.RETURNED)
        },
    }
)

JOURNAL_STEPS: StateTable[JournalState] = StateTable(
    {
        (J.OPEN, J.SIGNED): STAFF,
        (J.SIGNED, J.CLOSED): {DIRECTOR},
        (J.SIGNED, J.OPEN): STAFF,
        # What was issued is void then: only the director, and with a reason.
        (J.CLOSED, J.OPEN): {DIRECTOR},
    }
)
