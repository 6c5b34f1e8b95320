"""The tariff of restrictions, dated: which events, how many in which window, what level (AS-02 – AS-16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.restrictions.rules.kinds import EventKind, Ground, Level
from app.restrictions.rules.policy import RestrictionPolicy


class Window(StrEnum):
    """Over which days events are added up."""

    EACH = "EACH"
    """Every event by itself."""
    MONTH = "MONTH"
    YEAR = "YEAR"
    ALWAYS = "ALWAYS"


@dataclass(frozen=True, slots=True)
class GroundRule:
    """One line of the tariff.

    ``count``: the policy's name of the threshold, or a number; ``facility_only``: counted by the facility type alone;
    ``form_code``: what the notice calls it; ``on_carer``: misconduct against a carer, new services may be held (AS-19).
    """

    ground: Ground
    rule: str
    kind: EventKind
    level: Level
    form_code: str
    window: Window = Window.EACH
    count: str | int = 1
    facility_only: bool = False
    on_carer: bool = False
    two_people: bool = False
    needs_document: bool = False

    def threshold(self, policy: RestrictionPolicy) -> int:
        return self.count if isinstance(self.count, int) else int(getattr(policy, self.count))

    def counted_in(self, policy: RestrictionPolicy) -> Window:
        if self.ground is Ground.NO_SHOWS and policy.noshow_window == "calendar_month":
            return Window.MONTH
        return self.window

    def counts(self, kind: EventKind, service: str, policy: RestrictionPolicy) -> bool:
        """Does an event of this kind at this service stand under this ground?"""
        if self.facility_only and service != "FACILITY":
            return False
        also = self.ground is Ground.CANCELLATIONS and policy.noshow_counts_as_cancellation
        return kind is self.kind or (also and kind is EventKind.NO_SHOW)


_M, _Y = Window.MONTH, Window.YEAR
_2024 = (
    GroundRule(Ground.UNPAID, "AS-03", EventKind.UNPAID, Level.M1, "R1-1"),
    GroundRule(
        Ground.CANCELLATIONS,
        "AS-04",
        EventKind.CANCELLATION,
        Level.M1,
        "R1-2",
        _M,
        "cancel_month_count",
        True,
    ),
    GroundRule(Ground.NO_SHOWS, "AS-05", EventKind.NO_SHOW, Level.M1, "R1-2", _Y, "noshow_count", True),
    GroundRule(Ground.DEMANDS, "AS-06", EventKind.DEMAND, Level.M1, "R1-3", _M, "demand_month_count"),
    GroundRule(Ground.ILLNESS, "AS-07", EventKind.ILLNESS, Level.M1, "R1-4"),
    GroundRule(Ground.INSULT, "AS-08", EventKind.INSULT, Level.M1, "R1-5", on_carer=True),
    GroundRule(
        Ground.UNREACHABLE,
        "AS-09",
        EventKind.UNREACHABLE,
        Level.M1,
        "R1-6",
        _M,
        "unreachable_month_count",
        True,
    ),
    GroundRule(Ground.CRIME_SUSPECT, "AS-10", EventKind.CRIME_SUSPECT, Level.M3, "R3-1", on_carer=True),
    GroundRule(Ground.CONFLICT, "AS-10", EventKind.CONFLICT, Level.M3, "R3-1", on_carer=True),
    GroundRule(
        Ground.LATE_ENDS, "AS-11", EventKind.LATE_END, Level.M3, "R3-2", _M, "late_end_month_count", True
    ),
    GroundRule(
        Ground.CONFLICTS,
        "AS-12",
        EventKind.CONFLICT,
        Level.YEAR,
        "R12-2",
        Window.ALWAYS,
        "conflict_total",
        on_carer=True,
    ),
    GroundRule(Ground.VIOLENCE, "AS-14", EventKind.VIOLENCE, Level.YEAR, "R12-1", on_carer=True),
    GroundRule(Ground.FRAUD, "AS-15", EventKind.FRAUD, Level.YEAR, "R12-3", two_people=True),
    GroundRule(
        Ground.CRIME_PROVEN,
        "AS-16",
        EventKind.CRIME_PROVEN,
        Level.PERMANENT,
        "RP-1",
        on_carer=True,
        two_people=True,
        needs_document=True,
    ),
)
ACCUMULATED_CODE = "R6-1"
"""What the notice calls six months after three single ones (AS-13)."""
TARIFFS: tuple[tuple[date, Mapping[Ground, GroundRule]], ...] = (
    (date(2024, 1, 1), {line.ground: line for line in _2024}),
)
"""From which day which lines hold; later ones last."""


def tariff_on(day: date) -> Mapping[Ground, GroundRule]:
    """The lines in force on the day of an event; before the first, none. In the order of the tariff."""
    return next((lines for since, lines in reversed(TARIFFS) if since <= day), {})


def line_of(ground: Ground) -> GroundRule:
    """The newest line of a ground. KeyError for a daycare's own grounds, which stand in no tariff."""
    return TARIFFS[-1][1][ground]
