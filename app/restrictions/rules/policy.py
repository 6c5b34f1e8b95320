"""What a municipality may decide about restrictions, as one value (parameters ``as.*``)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RestrictionPolicy:
    """Counts are events, days are calendar days."""

    unpaid_days: int = 3
    cancel_month_count: int = 2
    cancel_notice_minutes: int = 0
    noshow_counts_as_cancellation: bool = False
    noshow_count: int = 3
    noshow_window: str = "calendar_year"
    demand_month_count: int = 3
    unreachable_month_count: int = 3
    late_end_month_count: int = 3
    conflict_total: int = 3
    accumulate_count: int = 3
    accumulate_months: int = 12
    year_default_months: int = 12
    statement_days_short: int = 3
    statement_days_long: int = 10
    hold_days: int = 14
    objection_days: int = 14
    warn_before: bool = True
    holiday_max_minutes: int = 360
    deadline_rolls: bool = True
    daycare_months_default: int = 1
    daycare_months_max: int = 3
