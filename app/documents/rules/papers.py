"""The life of a paper: its states, and what stops a void, a print run or a new wording (GC-18, XX-01, XX-12)."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.errors import N_, Problem
from app.kernel.states import StateTable


class PaperState(StrEnum):
    DRAFT = "DRAFT"
    TO_SIGN = "TO_SIGN"
    ISSUED = "ISSUED"
    VOID = "VOID"
    DROPPED = "DROPPED"

    @property
    def label(self) -> str:
        return {
            "DRAFT": N_("작성 중"),
            "TO_SIGN": N_("서명 필요"),
            "ISSUED": N_("발급됨"),
            "VOID": N_("무효"),
            "DROPPED": N_("작성 취소"),
        }[self.value]


_FAMILY = frozenset({"guardian"})
_CENTRE = frozenset({"care_teacher", "team_leader", "centre_director"})
_STAFF = _CENTRE | {"coordinator", "regional_director", "daycare_director", "daycare_teacher"}
_OFFICE = frozenset({"district_officer", "seoul_admin", "city_officer"})
_INVITED = frozenset({"visitor"})
"""Somebody without an account, by the link that was sent to their phone."""
PAPER_STEPS: StateTable[PaperState] = StateTable(
    {
        (PaperState.DRAFT, PaperState.TO_SIGN): _FAMILY | _STAFF | _OFFICE | {"system"},
        (PaperState.DRAFT, PaperState.DROPPED): _STAFF | _OFFICE,
        (PaperState.DROPPED, PaperState.DRAFT): _STAFF | _OFFICE,
        (PaperState.TO_SIGN, PaperState.ISSUED): _FAMILY | _STAFF | _OFFICE | _INVITED | {"system"},
        **{
            (state, PaperState.VOID): _STAFF | _OFFICE | {"system"}
            for state in (PaperState.DRAFT, PaperState.TO_SIGN, PaperState.ISSUED)
        },
    }
)


REASON_MISSING = Problem(
    "paper.reason_missing", N_("무효로 하는 사유를 적어 주세요."), rule="GC-18", field="reason"
)
TEXT_EMPTY = Problem("text.empty", N_("문구를 적어 주세요."), rule="XX-01", field="body")
TEXT_TOO_LONG = Problem("text.too_long", N_("문구는 {max}자까지 적을 수 있어요."), rule="XX-01", field="body")
TEXT_IN_THE_PAST = Problem(
    "text.in_the_past", N_("적용일은 오늘이거나 그 뒤여야 해요."), rule="XX-01", field="effective_from"
)
