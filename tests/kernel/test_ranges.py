"""Days, times and instants: the conventions GC-01 … GC-06."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.ranges import (
    DateSpan,
    Period,
    TimeSpan,
    add_months,
    age_on,
    kst,
    kst_date,
    minute_text,
    parse_day,
    parse_minute,
    to_minute,
    weekday,
)

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@st.composite
def time_spans(draw: st.DrawFn) -> TimeSpan:
    start = draw(st.integers(0, 1439))
    return TimeSpan(start, draw(st.integers(start + 1, 1440)))


@pytest.mark.rule("GC-01")
@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 3, 1, 14, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 15, 0, tzinfo=UTC), date(2026, 3, 2)),
    ],
)
def test_a_day_is_a_korean_day(instant: datetime, day: date) -> None:
    assert kst_date(instant) == day


@pytest.mark.rule("GC-01")
@given(DAYS)
def test_every_day_has_1440_minutes(day: date) -> None:
    assert kst(day, 1440) == kst(day + timedelta(days=1))


@pytest.mark.rule("GC-02")
@pytest.mark.parametrize(
    ("second", "in_time"), [("14:59:59", True), ("15:00:00", True), ("15:00:59", True), ("15:01:00", False)]
)
def test_a_deadline_includes_its_whole_minute(second: str, in_time: bool) -> None:
    event = datetime.fromisoformat(f"2026-03-02T{second}+09:00")
    assert (to_minute(event) <= kst(date(2026, 3, 2), 15 * 60)) is in_time


@pytest.mark.rule("GC-02")
def test_lead_time_is_counted_from_the_whole_minute() -> None:
    asked = to_minute(datetime.fromisoformat("2026-03-02T20:00:30+09:00"))
    assert (kst(date(2026, 3, 2), 22 * 60) - asked) == timedelta(minutes=120)


@pytest.mark.rule("GC-03")
def test_day_spans_include_both_ends() -> None:
    span = DateSpan(date(2026, 3, 1), date(2026, 3, 30))
    assert span.days == 30
    assert date(2026, 3, 1) in span
    assert date(2026, 3, 30) in span
    assert date(2026, 2, 28) not in span
    assert date(2026, 3, 31) not in span
    assert list(span)[-1] == date(2026, 3, 30)


@pytest.mark.rule("GC-04")
@pytest.mark.parametrize(
    ("a", "b", "overlaps"),
    [
        ("18:00-19:00", "19:00-20:00", False),
        ("18:00-19:01", "19:00-20:00", True),
        ("18:00-19:00", "18:59-20:00", True),
        ("18:00-22:00", "19:00-20:00", True),
        ("18:00-19:00", "20:00-21:00", False),
    ],
)
def test_touching_times_do_not_overlap(a: str, b: str, overlaps: bool) -> None:
    one, other = TimeSpan.parse(a), TimeSpan.parse(b)
    assert one.overlaps(other) is overlaps
    assert other.overlaps(one) is overlaps
    day = date(2026, 3, 2)
    assert one.on(day).overlaps(other.on(day)) is overlaps


@pytest.mark.rule("GC-04")
@pytest.mark.parametrize(("start", "end"), [(60, 60), (61, 60), (-1, 60), (0, 1441)])
def test_a_time_needs_a_positive_length_inside_the_day(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="span of time"):
        TimeSpan(start, end)


@pytest.mark.rule("GC-04")
def test_a_period_needs_aware_instants_and_a_positive_length() -> None:
    with pytest.raises(ValueError, match="positive"):
        Period(kst(date(2026, 3, 2)), kst(date(2026, 3, 2)))
    with pytest.raises(ValueError, match="aware"):
        Period(datetime(2026, 3, 2), datetime(2026, 3, 3))  # noqa: DTZ001


@pytest.mark.rule("GC-04")
@given(time_spans(), time_spans())
def test_overlap_is_sharing_a_minute(a: TimeSpan, b: TimeSpan) -> None:
    shared = set(range(a.start, a.end)) & set(range(b.start, b.end))
    assert a.overlaps(b) is bool(shared)
    assert a.contains(b) is (len(shared) == b.minutes)


@given(time_spans())
def test_slots_cover_the_span(span: TimeSpan) -> None:
    slots = span.slots(30)
    assert slots[0] <= span.start < slots[0] + 30
    assert slots[-1] < span.end <= slots[-1] + 30


@pytest.mark.rule("GC-05")
def test_midnight_at_the_end_belongs_to_the_day() -> None:
    friday = date(2026, 11, 6)
    period = TimeSpan.parse("22:00-24:00").on(friday)
    assert period.service_date == friday
    assert period.end == kst(date(2026, 11, 7))
    assert period.minutes == 120
    assert str(TimeSpan(1320, 1440)) == "22:00–24:00"


@pytest.mark.rule("GC-06")
@pytest.mark.parametrize(
    ("birth", "on", "age"),
    [
        (date(2019, 5, 10), date(2026, 5, 9), 6),
        (date(2019, 5, 10), date(2026, 5, 10), 7),
        (date(2019, 5, 10), date(2026, 5, 11), 7),
        (date(2020, 2, 29), date(2026, 2, 28), 5),
        (date(2020, 2, 29), date(2026, 3, 1), 6),
        (date(2020, 2, 29), date(2028, 2, 28), 7),
        (date(2020, 2, 29), date(2028, 2, 29), 8),
    ],
)
def test_age_is_completed_years(birth: date, on: date, age: int) -> None:
    assert age_on(birth, on) == age


@pytest.mark.rule("GC-06")
@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2025, 8, 31), 6, date(2026, 3, 1)),
        (date(2025, 8, 28), 6, date(2026, 2, 28)),
        (date(2027, 8, 29), 6, date(2028, 2, 29)),
        (date(2026, 10, 31), 1, date(2026, 12, 1)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 3, 31), -1, date(2026, 3, 1)),
    ],
)
def test_a_missing_day_rolls_to_the_next_first(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@given(DAYS, DAYS, DAYS, DAYS)
def test_day_spans_overlap_where_they_intersect(a: date, b: date, c: date, d: date) -> None:
    one, other = DateSpan(min(a, b), max(a, b)), DateSpan(min(c, d), max(c, d))
    shared = one.intersection(other)
    assert one.overlaps(other) is (shared is not None)
    if shared is not None:
        assert shared.first in one
        assert shared.last in other


def test_a_day_span_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        DateSpan(date(2026, 3, 2), date(2026, 3, 1))


@pytest.mark.parametrize(
    ("text", "minute"), [("00:00", 0), ("9:05", 545), ("13:00", 780), ("23:59", 1439), ("24:00", 1440)]
)
def test_parse_minute(text: str, minute: int) -> None:
    assert parse_minute(text) == minute
    assert parse_minute(minute_text(minute)) == minute


@pytest.mark.parametrize(
    "text", ["", "13", "13:", "13:60", "24:01", "-1:00", "１３:00", "1300", "13:0", "a:bc"]
)
def test_parse_minute_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        parse_minute(text)


def test_weekday_starts_on_monday() -> None:
    assert [weekday(day) for day in DateSpan(date(2026, 3, 2), date(2026, 3, 8))] == [
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        (" 2026-11-20\n", date(2026, 11, 20)),
        ("1900-01-01", date(1900, 1, 1)),
        ("2100-12-31", date(2100, 12, 31)),
        ("1899-12-31", None),
        ("2101-01-01", None),
        ("0001-01-01", None),
        ("9999-12-31", None),
        ("2026-02-30", None),
        ("", None),
    ],
)
def test_a_day_as_people_write_it(text: str, day: date | None) -> None:
    if day is None:
        with pytest.raises(ValueError):  # noqa: PT011 - fromisoformat's own words
            parse_day(text)
    else:
        assert parse_day(text) == day
