"""A year of quarters as bars on a line, for a drawing with SVG attributes only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.centres.queries import QuarterRow
from app.kernel.ranges import DateSpan

WIDTH = 730
"""Two units a day, so that a leap year also fits (366 × 2 = 732 is scaled)."""


@dataclass(frozen=True, slots=True)
class Bar:
    """``x`` and ``width`` in units of the drawing; ``label`` for the bar, ``words`` for the reader."""

    x: float
    width: float
    label: str
    words: str
    vacation: bool
    current: bool


@dataclass(frozen=True, slots=True)
class YearLine:
    year: int
    bars: tuple[Bar, ...]
    months: tuple[tuple[float, str], ...]
    today_x: float | None
    width: int = WIDTH


def year_line(quarters: Iterable[QuarterRow], year: int, today: date) -> YearLine:
    """The part of every quarter that lies in the calendar year."""
    whole = DateSpan(date(year, 1, 1), date(year, 12, 31))
    unit = WIDTH / whole.days

    def at(day: date) -> float:
        return round((day - whole.first).days * unit, 1)

    bars = []
    for quarter in quarters:
        inside = quarter.span.intersection(whole)
        if inside is not None:
            bars.append(
                Bar(
                    x=at(inside.first),
                    width=round(inside.days * unit, 1),
                    label=quarter.plan.kind.label,
                    words=f"{quarter.label} {quarter.span.first:%m.%d}~{quarter.span.last:%m.%d}",
                    vacation=quarter.plan.kind.is_vacation,
                    current=today in quarter.span,
                )
            )
    months = tuple((at(date(year, month, 1)), f"{month}월") for month in range(1, 13))
    return YearLine(year, tuple(bars), months, at(today) if today in whole else None)
