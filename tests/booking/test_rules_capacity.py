"""Who fits into a day (KC-06 … KC-09, KC-13, KC-14)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.booking.rules.capacity import (
    ConflictKind,
    DayLoad,
    SeatConflict,
    SeatLimits,
    can_seat_regular,
    can_seat_temporary,
    day_load,
    over_limit,
    seats_left,
    sick_seats_left,
    temp_seats,
)
from app.centres.rules import CentreKind, CentrePolicy
from app.kernel.ranges import DateSpan, TimeSpan
from tests.booking.spring import OPEN, T

LIMITS = SeatLimits(base=20, separate=4)
DAY = date(2026, 3, 9)
HOURS = T("14:00-17:00")
SLOT = 14 * 2
ONE_DAY = DateSpan(DAY, DAY)


def load(
    *,
    r: int = 0,
    b: int = 0,
    n: int = 1,
    sick: int = 0,
    enrolled: int = 0,
    limits: SeatLimits = LIMITS,
    hours: TimeSpan = HOURS,
) -> DayLoad:
    """r regular and b temporary children at the same hours, n staff all day."""
    staff = ((OPEN, n),) if n else ()
    return day_load(
        limits,
        staff=staff,
        regular=[hours] * r,
        temporary=[hours] * b,
        sick=[hours] * sick,
        enrolled=enrolled,
    )


@pytest.mark.rule("KC-07")
@pytest.mark.parametrize(
    ("r", "b", "n", "seats"),
    [
        (15, 0, 1, 5),  # the manual's example: 20 places, 15 present, one on duty
        (15, 0, 2, 9),
        (20, 4, 1, 0),
        (20, 0, 1, 0),
        (20, 0, 2, 4),
        (20, 3, 2, 1),
        (20, 4, 2, 0),
        (20, 5, 2, 0),
        (0, 0, 1, 20),
        (0, 0, 2, 24),
        (0, 23, 2, 1),
        (0, 24, 2, 0),
        (10, 0, 0, 0),
    ],
)
def test_temporary_seats_of_a_slot(r: int, b: int, n: int, seats: int) -> None:
    day = load(r=r, b=b, n=n)
    assert temp_seats(day, SLOT) == seats
    assert seats_left(day, HOURS) == seats
    assert can_seat_temporary(day, HOURS) is (seats > 0)


@pytest.mark.rule("KC-05")
@pytest.mark.parametrize(("b", "seats"), [(0, 20), (19, 1), (20, 0)])
def test_a_hub_has_its_base_for_temporary_children(b: int, seats: int) -> None:
    limits = SeatLimits.of_centre(CentreKind.HUB, 20, CentrePolicy())
    assert seats_left(load(b=b, n=2, limits=limits), HOURS) == seats


@pytest.mark.rule("KC-04")
def test_limits_of_a_centre_derive_the_separate_quota() -> None:
    limits = SeatLimits.of_centre(CentreKind.GENERAL, 24, CentrePolicy(children_per_staff=15), sick=2)
    assert limits == SeatLimits(base=24, separate=4, per_staff=15, sick=2)


@pytest.mark.rule("KC-07")
@pytest.mark.parametrize(
    ("asked", "seats"),
    [
        ("13:00-14:00", 20),
        ("17:00-18:00", 20),
        ("13:30-14:30", 1),
        ("16:30-17:30", 1),
        ("16:45-17:00", 1),
        ("17:00-17:15", 20),
        ("10:30-11:30", 0),  # nobody on duty before 11:00
        ("18:30-19:30", 0),
    ],
)
def test_a_seat_is_needed_in_every_slot_touched(asked: str, seats: int) -> None:
    assert seats_left(load(r=19, b=0), T(asked)) == seats


@pytest.mark.rule("KC-08")
@pytest.mark.parametrize(
    ("duty", "slot_text", "seats"),
    [
        ("14:00-15:00", "14:00-14:30", 20),
        ("14:01-15:00", "14:00-14:30", 0),
        ("14:00-14:59", "14:30-15:00", 0),
        ("13:30-15:30", "14:30-15:00", 20),
    ],
)
def test_staff_count_where_they_cover_the_whole_slot(duty: str, slot_text: str, seats: int) -> None:
    day = day_load(LIMITS, staff=[(T(duty), 1)])
    assert seats_left(day, T(slot_text)) == seats


@pytest.mark.rule("KC-09")
def test_heads_on_duty_add_up() -> None:
    day = day_load(LIMITS, staff=[(T("11:00-16:00"), 1), (T("14:00-19:00"), 2)])
    assert [day.staff[minute // 30] for minute in (660, 840, 959, 960, 1139)] == [1, 3, 3, 2, 2]
    assert day.staff[19 * 2] == 0


@pytest.mark.rule("KC-06")
@pytest.mark.parametrize(("enrolled", "fits"), [(19, True), (20, False), (21, False)])
def test_enrolment_is_counted_by_heads(enrolled: int, fits: bool) -> None:
    free = load(enrolled=enrolled, n=2)
    conflicts = can_seat_regular({DAY: free}, ONE_DAY, [(DAY, HOURS)])
    assert conflicts == ([] if fits else [SeatConflict(DAY, ConflictKind.ENROLLED)])


@pytest.mark.rule("KC-06")
def test_enrolment_counts_on_days_without_use() -> None:
    loads = {
        DAY: load(),
        DAY + timedelta(days=1): load(enrolled=20),
        DAY + timedelta(days=2): load(enrolled=20),
    }
    span = DateSpan(DAY, DAY + timedelta(days=1))
    conflicts = can_seat_regular(loads, span, [(DAY, HOURS)])
    assert conflicts == [SeatConflict(DAY + timedelta(days=1), ConflictKind.ENROLLED)]


@pytest.mark.rule("KC-06")
@pytest.mark.parametrize(
    ("r", "b", "kind"),
    [
        (15, 8, None),
        (15, 9, ConflictKind.PLACES),
        (19, 4, None),
        (19, 5, ConflictKind.PLACES),
        (0, 24, ConflictKind.PLACES),
    ],
)
def test_a_regular_child_never_lifts_a_slot_above_all_places(
    r: int, b: int, kind: ConflictKind | None
) -> None:
    conflicts = can_seat_regular({DAY: load(r=r, b=b, n=2)}, ONE_DAY, [(DAY, HOURS)])
    assert conflicts == ([SeatConflict(DAY, kind, 14 * 60)] if kind else [])


@pytest.mark.rule("KC-08")
@pytest.mark.parametrize(
    ("r", "b", "sick", "n", "refused"),
    [
        (15, 4, 0, 1, False),
        (15, 5, 0, 1, True),
        (15, 4, 1, 1, True),
        (15, 5, 0, 2, False),
        (0, 0, 0, 0, True),
    ],
)
def test_a_regular_child_needs_staff_too(r: int, b: int, sick: int, n: int, refused: bool) -> None:
    conflicts = can_seat_regular({DAY: load(r=r, b=b, sick=sick, n=n)}, ONE_DAY, [(DAY, HOURS)])
    assert [conflict.kind for conflict in conflicts] == ([ConflictKind.STAFF] if refused else [])


@pytest.mark.rule("KC-06")
def test_conflicts_come_in_order_and_name_the_first_slot() -> None:
    later = DAY + timedelta(days=1)
    late_half = T("16:00-17:00")
    loads = {later: load(enrolled=20, b=24, n=2, hours=late_half), DAY: load(b=24, n=2, hours=late_half)}
    conflicts = can_seat_regular(loads, DateSpan(DAY, later), [(later, HOURS), (DAY, HOURS)])
    assert conflicts == [
        SeatConflict(DAY, ConflictKind.PLACES, 16 * 60),
        SeatConflict(later, ConflictKind.ENROLLED),
        SeatConflict(later, ConflictKind.PLACES, 16 * 60),
    ]
    assert conflicts[0].sentence == "3월 9일(월) 16:00 일시돌봄 예약으로 자리가 없어요"
    assert conflicts[1].sentence == "3월 10일(화) 정기돌봄 등록이 정원에 찼어요"


@pytest.mark.rule("KC-14")
@pytest.mark.parametrize(
    ("r", "sick", "n", "seats"),
    [(10, 0, 1, 10), (10, 1, 1, 9), (10, 10, 1, 0), (10, 1, 2, 14), (10, 6, 2, 14)],
)
def test_sick_children_count_against_staff_only(r: int, sick: int, n: int, seats: int) -> None:
    assert seats_left(load(r=r, sick=sick, n=n), HOURS) == seats


@pytest.mark.rule("KC-14")
@pytest.mark.parametrize(
    ("r", "b", "sick", "n", "left"),
    [
        (0, 0, 0, 1, 2),
        (0, 0, 1, 1, 1),
        (0, 0, 2, 1, 0),
        (20, 4, 0, 2, 2),
        (15, 4, 0, 1, 1),
        (15, 5, 0, 1, 0),
        (17, 1, 1, 1, 1),
        (0, 0, 3, 1, 0),
    ],
)
def test_sick_child_seats_are_their_own(r: int, b: int, sick: int, n: int, left: int) -> None:
    limits = SeatLimits(base=20, separate=4, sick=2)
    assert sick_seats_left(load(r=r, b=b, sick=sick, n=n, limits=limits), HOURS) == left


@pytest.mark.rule("KC-08")
@pytest.mark.parametrize(
    ("r", "b", "sick", "n", "over"),
    [
        (20, 0, 0, 1, False),
        (20, 1, 0, 1, True),
        (20, 4, 0, 2, False),
        (20, 5, 0, 2, True),
        (20, 0, 1, 1, True),
    ],
)
def test_slots_over_the_limits_are_found(r: int, b: int, sick: int, n: int, over: bool) -> None:
    slots = list(range(14 * 60, 17 * 60, 30))
    assert over_limit(load(r=r, b=b, sick=sick, n=n)) == (slots if over else [])
    assert over_limit(load(n=0)) == []


SPANS = st.builds(
    lambda start, length: TimeSpan(start * 30, min(start + length, 48) * 30),
    st.integers(20, 38),
    st.integers(1, 10),
)
LIMITS_ANY = st.builds(
    lambda base, pct, ratio: SeatLimits(base, base * pct // 100, ratio),
    st.integers(1, 8),
    st.integers(0, 40),
    st.integers(1, 6),
)


@pytest.mark.rule("KC-07")
@given(LIMITS_ANY, st.integers(0, 3), st.lists(st.tuples(st.booleans(), SPANS), max_size=25))
def test_seating_whoever_fits_never_exceeds_a_limit(
    limits: SeatLimits, heads: int, asked: list[tuple[bool, TimeSpan]]
) -> None:
    staff = ((T("10:00-24:00"), heads),) if heads else ()
    regular: list[TimeSpan] = []
    temporary: list[TimeSpan] = []
    for is_regular, hours in asked:
        day = day_load(limits, staff=staff, regular=regular, temporary=temporary, enrolled=len(regular))
        if is_regular:
            if not can_seat_regular({DAY: day}, ONE_DAY, [(DAY, hours)]):
                regular.append(hours)
        elif can_seat_temporary(day, hours):
            temporary.append(hours)
    final = day_load(limits, staff=staff, regular=regular, temporary=temporary, enrolled=len(regular))
    assert final.enrolled <= limits.base
    assert over_limit(final) == []
    for r, b, n in zip(final.regular, final.temporary, final.staff, strict=True):
        assert r + b <= limits.base + limits.separate
        assert r + b <= limits.per_staff * n


@pytest.mark.rule("KC-07")
@given(LIMITS_ANY, st.lists(SPANS, max_size=8), st.lists(SPANS, max_size=8), SPANS, SPANS)
def test_one_more_child_takes_one_seat_at_most(
    limits: SeatLimits, regular: list[TimeSpan], temporary: list[TimeSpan], more: TimeSpan, asked: TimeSpan
) -> None:
    staff = [(T("10:00-24:00"), 2)]
    before = day_load(limits, staff=staff, regular=regular, temporary=temporary)
    after = day_load(limits, staff=staff, regular=regular, temporary=[*temporary, more])
    taken = seats_left(before, asked) - seats_left(after, asked)
    assert taken in (0, 1)
    if not more.overlaps(asked):
        assert taken == 0


@pytest.mark.rule("KC-13")
@given(st.integers(0, 20), st.integers(0, 20))
def test_regular_and_temporary_share_the_base_in_any_proportion(r: int, b: int) -> None:
    roomy = load(r=r, b=b, n=2)
    assert seats_left(roomy, HOURS) == max(0, LIMITS.base + LIMITS.separate - r - b)


@pytest.mark.rule("KC-13")
def test_the_separate_quota_serves_even_while_base_seats_remain() -> None:
    assert seats_left(load(r=0, b=20, n=2), HOURS) == 4


def test_other_slot_lengths() -> None:
    day = day_load(LIMITS, staff=[(OPEN, 1)], regular=[T("14:00-14:10")] * 3, slot_minutes=60)
    assert seats_left(day, T("14:00-15:00")) == 17
    assert seats_left(day, T("15:00-16:00")) == 20
    assert can_seat_regular({DAY: load(n=0)}, ONE_DAY, [(DAY, T("00:00-01:00"))])[0].minute == 0
