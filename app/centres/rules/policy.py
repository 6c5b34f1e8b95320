"""The figures a municipality may set for its centres, with their defaults (parameters ``kq.*``, ``kc.*``)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.kernel.ranges import TimeSpan

_13_TO_19 = TimeSpan.parse("13:00-19:00")
_13_TO_20 = TimeSpan.parse("13:00-20:00")
_09_TO_18 = TimeSpan.parse("09:00-18:00")


@dataclass(frozen=True, slots=True)
class CentrePolicy:
    """Areas in m² per child, lengths in minutes or days."""

    std_general_semester: TimeSpan = _13_TO_19
    std_fusion_semester: TimeSpan = _13_TO_20
    std_vacation: TimeSpan = _09_TO_18
    general_min_days: int = 5
    min_open_minutes: int = 480
    fusion_min_days: int = 6
    fusion_saturday_min_minutes: int = 240
    short_quarter_days: int = 35
    area_per_place_hard: Decimal = Decimal("3.3")
    area_per_place_recommended: Decimal = Decimal("4.0")
    separate_quota_pct: int = 20
    children_per_staff: int = 20


STANDARD = CentrePolicy()
