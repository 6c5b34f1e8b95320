"""The figures a municipality may set for booking, with their defaults (parameters ``kb.*``, ``kw.*``)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class WaitBase(StrEnum):
    """What the temporary waiting list is a multiple of (KW-03)."""

    CAPACITY = "capacity"
    SEPARATE_QUOTA = "separate_quota"


@dataclass(frozen=True, slots=True)
class BookingPolicy:
    """Days, minutes, hours or seats as the names say; ``quiet_hours`` are two minutes of the day, past midnight."""

    regular_min_days: int = 30
    short_quarter_waiver: bool = True
    short_quarter_days: int = 35
    quarter_end_waiver: bool = False
    temp_window_days: int = 14
    slot_minutes: int = 30
    counselling_required_regular: bool = True
    teacher_may_approve_temp: bool = False
    guardian_self_cancel: bool = False
    auto_start_new: bool = False
    sick_care: bool = False
    sick_seats: int = 0
    low_grade_max: int = 3
    demand_weeks: int = 4
    demand_ratio: Decimal = Decimal("0.8")
    temp_multiple: int = 2
    temp_base: WaitBase = WaitBase.CAPACITY
    regular_multiple: int | None = None
    offer_hours_regular: int = 24
    offer_hours_temp: int = 2
    quiet_hours: tuple[int, int] = (21 * 60, 8 * 60)
