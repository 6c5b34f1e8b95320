"""Repeated temporary demand (KB-41)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.booking.rules.demand import DemandLine, WeekUse, demand_spans, repeated_demand
from app.booking.rules.policy import BookingPolicy

SLOT = ("tue", 14 * 60)
BUSY, QUIET = WeekUse(8, 10), WeekUse(7, 10)


@pytest.mark.rule("KB-41")
@pytest.mark.parametrize(
    ("weeks", "run"),
    [
        ([BUSY] * 3, None),
        ([BUSY] * 4, 4),
        ([BUSY] * 5, 5),
        ([QUIET, *[BUSY] * 4], 4),
        ([*[BUSY] * 4, QUIET], None),
        ([BUSY, BUSY, QUIET, BUSY, BUSY], None),
        ([], None),
    ],
)
def test_four_busy_weeks_in_a_row_are_reported(weeks: list[WeekUse], run: int | None) -> None:
    expected = [DemandLine(SLOT, run)] if run else []
    assert repeated_demand({SLOT: weeks}, BookingPolicy()) == expected


@pytest.mark.rule("KB-41")
@pytest.mark.parametrize(
    ("used", "seats", "busy"),
    [
        (8, 10, True),
        (7, 10, False),
        (9, 10, True),
        (4, 5, True),
        (12, 15, True),
        (11, 15, False),
        (0, 0, False),
        (1, 0, True),
    ],
)
def test_busy_means_four_fifths_of_the_seats(used: int, seats: int, busy: bool) -> None:
    assert bool(repeated_demand({SLOT: [WeekUse(used, seats)] * 4}, BookingPolicy())) is busy


@pytest.mark.rule("KB-41")
def test_thresholds_may_be_set_and_slots_come_in_order() -> None:
    policy = BookingPolicy(demand_weeks=2, demand_ratio=Decimal("0.5"))
    history = {
        ("wed", 840): [WeekUse(5, 10)] * 2,
        ("tue", 900): [WeekUse(5, 10)] * 2,
        ("tue", 930): [WeekUse(4, 10)] * 2,
    }
    assert [line.slot for line in repeated_demand(history, policy)] == [("tue", 900), ("wed", 840)]


@pytest.mark.rule("KB-41")
@pytest.mark.parametrize(
    ("slots", "said"),
    [
        ([], []),
        ([("tue", 840)], ["tue 14:00–14:30"]),
        ([("tue", 840), ("tue", 870)], ["tue 14:00–15:00"]),
        ([("tue", 840), ("tue", 900)], ["tue 14:00–14:30", "tue 15:00–15:30"]),
        ([("tue", 840), ("wed", 870)], ["tue 14:00–14:30", "wed 14:30–15:00"]),
        ([("fri", 840), ("mon", 870), ("mon", 840)], ["mon 14:00–15:00", "fri 14:00–14:30"]),
    ],
)
def test_neighbouring_slots_are_told_as_one_span_from_monday_on(
    slots: list[tuple[str, int]], said: list[str]
) -> None:
    found = demand_spans([DemandLine(slot, 4) for slot in slots], 30)
    assert [f"{day} {span}" for day, span in found] == said
