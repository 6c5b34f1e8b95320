"""The states of a booking, its usage days and its waiting entry, and who may move them (KB-29, KW-05)."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from app.kernel.errors import N_, Problem
from app.kernel.states import WRONG_ROLE, StateTable

GUARDIAN = "guardian"
SYSTEM = "system"
SEOUL_ADMIN = "seoul_admin"
STAFF = frozenset({"care_teacher", "team_leader", "centre_director"})
DECIDERS = frozenset({"team_leader", "centre_director"})


class BookingKind(StrEnum):
    REGULAR = "REGULAR"
    TEMPORARY = "TEMPORARY"
    SICK = "SICK"

    @property
    def label(self) -> str:
        return {
            "REGULAR": N_("정기돌봄"),
            "TEMPORARY": N_("일시돌봄"),
            "SICK": N_("아픈아이 돌봄"),
        }[self.value]


class BookingState(StrEnum):
    APPLIED = "APPLIED"
    WAITING = "WAITING"
    SCHEDULED = "SCHEDULED"
    IN_USE = "IN_USE"
    ENDED = "ENDED"
    DISAPPROVED = "DISAPPROVED"
    CANCELLED = "CANCELLED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"

    @property
    def label(self) -> str:
        """The name that guardians and staff see."""
        return {
            "APPLIED": N_("신청"),
            "WAITING": N_("대기"),
            "SCHEDULED": N_("이용예정"),
            "IN_USE": N_("이용중"),
            "ENDED": N_("종료"),
            "DISAPPROVED": N_("미승인"),
            "CANCELLED": N_("이용취소"),
            "WITHDRAWN": N_("신청취소"),
            "EXPIRED": N_("기간만료"),
        }[self.value]


class WaitState(StrEnum):
    WAITING = "WAITING"
    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"

    @property
    def label(self) -> str:
        return {
            "WAITING": N_("대기 중"),
            "OFFERED": N_("자리 제안"),
            "ACCEPTED": N_("제안 수락"),
            "DECLINED": N_("제안 거절"),
            "EXPIRED": N_("기간만료"),
            "WITHDRAWN": N_("대기 취소"),
        }[self.value]


class UsageDayState(StrEnum):
    PLANNED = "PLANNED"
    CANCELLED = "CANCELLED"
    ENDED = "ENDED"

    @property
    def label(self) -> str:
        return {"PLANNED": N_("예정"), "CANCELLED": N_("취소"), "ENDED": N_("종료")}[self.value]


B, W, D = BookingState, WaitState, UsageDayState

HOLDING = frozenset({B.APPLIED, B.SCHEDULED, B.IN_USE})
APPROVED = frozenset({B.SCHEDULED, B.IN_USE})
FINAL = frozenset({B.ENDED, B.DISAPPROVED, B.CANCELLED, B.WITHDRAWN, B.EXPIRED})
OPEN_WAIT = frozenset({W.WAITING, W.OFFERED})

BOOKING_STEPS: StateTable[BookingState] = StateTable(
    {
        (B.WAITING, B.APPLIED): {GUARDIAN},
        (B.WAITING, B.EXPIRED): {SYSTEM},
        (B.WAITING, B.WITHDRAWN): {GUARDIAN, SYSTEM, *STAFF},
        (B.WAITING, B.DISAPPROVED): DECIDERS,
        (B.APPLIED, B.WITHDRAWN): {GUARDIAN, *STAFF},
        (B.APPLIED, B.SCHEDULED): DECIDERS,
        (B.APPLIED, B.DISAPPROVED): DECIDERS,
        (B.APPLIED, B.EXPIRED): {SYSTEM},
        (B.DISAPPROVED, B.APPLIED): {SEOUL_ADMIN},
        # The system starts only what may start by itself (decision.may_auto_start).
        (B.SCHEDULED, B.IN_USE): {SYSTEM, *STAFF},
        (B.SCHEDULED, B.SCHEDULED): STAFF,
        (B.SCHEDULED, B.CANCELLED): {SYSTEM, SEOUL_ADMIN, *STAFF},
        (B.IN_USE, B.CANCELLED): {SYSTEM, SEOUL_ADMIN, *STAFF},
        (B.SCHEDULED, B.ENDED): {SYSTEM},
        (B.IN_USE, B.ENDED): {SYSTEM},
    }
)

WAIT_STEPS: StateTable[WaitState] = StateTable(
    {
        (W.WAITING, W.OFFERED): {SYSTEM, *STAFF},
        (W.OFFERED, W.ACCEPTED): {GUARDIAN},
        (W.OFFERED, W.DECLINED): {GUARDIAN},
        (W.OFFERED, W.EXPIRED): {SYSTEM},
        (W.WAITING, W.EXPIRED): {SYSTEM},
        (W.WAITING, W.WITHDRAWN): {GUARDIAN, SYSTEM, *STAFF},
        (W.OFFERED, W.WITHDRAWN): {GUARDIAN, SYSTEM, *STAFF},
    }
)

USAGE_DAY_STEPS: StateTable[UsageDayState] = StateTable(
    {
        (D.PLANNED, D.CANCELLED): {SYSTEM, *STAFF},
        (D.PLANNED, D.ENDED): {SYSTEM},
    }
)

# What becomes of the booking when its waiting entry ends.
BOOKING_AFTER_WAIT = {
    W.ACCEPTED: B.APPLIED,
    W.DECLINED: B.WITHDRAWN,
    W.WITHDRAWN: B.WITHDRAWN,
    W.EXPIRED: B.EXPIRED,
}

_DECISIONS = {(B.APPLIED, B.SCHEDULED), (B.APPLIED, B.DISAPPROVED), (B.WAITING, B.DISAPPROVED)}


def check_transition(
    before: BookingState, after: BookingState, role: str, *, deciders: Collection[str] = DECIDERS
) -> Problem | None:
    """Whether ``role`` may move a booking so; ``deciders`` are those of this booking (decision.deciders)."""
    if (before, after) in _DECISIONS:
        return None if role in deciders else WRONG_ROLE
    return BOOKING_STEPS.check(before, after, role)


def holds_seat(state: BookingState, wait: WaitState | None = None) -> bool:
    """A seat is taken from the application on, and while it is offered to a waiting child (C-49, KW-07)."""
    return state in HOLDING or (state is B.WAITING and wait is W.OFFERED)
