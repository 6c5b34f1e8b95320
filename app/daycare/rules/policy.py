"""The figures a municipality or a daycare may set, with their defaults (``ad.*``, ``ae.daycare_*``, ``gc.*``)."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.ranges import TimeSpan

DAY_START = 450
"""07:30: where an operating day begins; the next one begins where it ends (AD-01)."""
DAY_END = DAY_START + 24 * 60
STEP = 30
"""Stays begin at :00 or :30; beds are counted by the half hour (AD-11, AD-34)."""
FEE_CEILING = 3000
"""Won an hour that no municipality may exceed (AD-12)."""


@dataclass(frozen=True, slots=True)
class DaycarePolicy:
    """Lengths in minutes or days, money in won; clock times as minutes of the day.

    ``curfew``: from and to, past midnight. ``holiday_open``: opening hours of Saturdays, Sundays and public holidays
    where they are shorter than the day (AD-28).
    """

    group_max: int = 5
    groups: int = 1
    ratio_normal: int = 5
    ratio_small: int = 3
    ratio_auto: bool = True
    entry_weekday: tuple[int, int] = (450, 1320)
    entry_holiday: tuple[int, int] = (540, 1170)
    curfew: tuple[int, int] = (1320, 450)
    holiday_open: TimeSpan | None = None
    cutoff: int = 900
    night_cutoff: int = 1080
    cancel_cutoff: int = 900
    max_days: int = 5
    max_days_ahead: int = 30
    min_minutes: int = 60
    fee_hour: int = 3000
    free_categories: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("account_transfer", "card")
    overrun_threshold: int = 30
    gov_priority: bool = True
    late_cancel_fee_hours: int = 0
    noshow_fee_hours: int = 0
    noshow_minutes: int = 60
    meal_cap: int | None = None
    min_months: int = 6
    age_max: int = 7
    preschool_only: bool = True
    closed_days: tuple[str, ...] = ("0101", "seollal", "chuseok", "buddha", "christmas")


STANDARD = DaycarePolicy()
