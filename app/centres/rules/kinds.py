"""The kinds and states of centres, quarters and special days."""

from __future__ import annotations

from enum import StrEnum

from app.kernel.errors import N_
from app.kernel.states import StateTable


class CentreKind(StrEnum):
    GENERAL = "GENERAL"
    FUSION = "FUSION"
    HUB = "HUB"

    @property
    def label(self) -> str:
        return {"GENERAL": N_("일반형"), "FUSION": N_("융합형"), "HUB": N_("거점형")}[self.value]


class QuarterKind(StrEnum):
    """The four quarters of a centre's year (KQ-01)."""

    SEM1 = "SEM1"
    SUMMER = "SUMMER"
    SEM2 = "SEM2"
    WINTER = "WINTER"

    @property
    def label(self) -> str:
        return {
            "SEM1": N_("1학기"),
            "SUMMER": N_("여름방학"),
            "SEM2": N_("2학기"),
            "WINTER": N_("겨울방학"),
        }[self.value]

    @property
    def is_vacation(self) -> bool:
        return self in (QuarterKind.SUMMER, QuarterKind.WINTER)


class QuarterState(StrEnum):
    PLANNED = "PLANNED"
    CURRENT = "CURRENT"
    CLOSED = "CLOSED"

    @property
    def label(self) -> str:
        return {"PLANNED": N_("예정"), "CURRENT": N_("운영 중"), "CLOSED": N_("지난 분기")}[self.value]


class SpecialDayKind(StrEnum):
    SHORT_VACATION = "SHORT_VACATION"
    DISCRETIONARY_CLOSURE = "DISCRETIONARY_CLOSURE"
    CENTRE_CLOSED = "CENTRE_CLOSED"
    EXTRA_OPEN = "EXTRA_OPEN"

    @property
    def label(self) -> str:
        return {
            "SHORT_VACATION": N_("단기방학"),
            "DISCRETIONARY_CLOSURE": N_("재량휴교일"),
            "CENTRE_CLOSED": N_("휴원"),
            "EXTRA_OPEN": N_("추가 운영"),
        }[self.value]

    @property
    def brings_vacation_hours(self) -> bool:
        """KQ-11: school is out, so the centre opens as in vacation."""
        return self in (SpecialDayKind.SHORT_VACATION, SpecialDayKind.DISCRETIONARY_CLOSURE)


class CapacityChangeState(StrEnum):
    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    EFFECTIVE = "EFFECTIVE"

    @property
    def label(self) -> str:
        return {
            "REQUESTED": N_("승인 요청"),
            "APPROVED": N_("승인"),
            "REJECTED": N_("반려"),
            "EFFECTIVE": N_("적용됨"),
        }[self.value]


QUARTER_STEPS: StateTable[QuarterState] = StateTable(
    {
        (QuarterState.PLANNED, QuarterState.CURRENT): {"system"},
        (QuarterState.CURRENT, QuarterState.CLOSED): {"system"},
    }
)

# KC-10: the centre asks, the district (or the city) decides, the clock applies it on its date.
CAPACITY_CHANGE_STEPS: StateTable[CapacityChangeState] = StateTable(
    {
        (CapacityChangeState.REQUESTED, CapacityChangeState.APPROVED): {"district_officer", "seoul_admin"},
        (CapacityChangeState.REQUESTED, CapacityChangeState.REJECTED): {"district_officer", "seoul_admin"},
        (CapacityChangeState.APPROVED, CapacityChangeState.EFFECTIVE): {"system"},
    }
)
