"""Which days are covered, how a policy stands, and when its end is told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.insurance.rules import (
    DAYCARE_KINDS,
    Cover,
    PolicyKind,
    PolicyState,
    Step,
    check_ending,
    check_new,
    covered_days,
    due_step,
    insured_until,
    left_words,
    missing_on,
    renewed,
    state_on,
    valid_on,
)
from app.kernel.ranges import DateSpan

MUTUAL, RIDER = DAYCARE_KINDS
FIRST, LAST = date(2026, 3, 1), date(2027, 2, 28)
DAYS = st.integers(0, 60).map(lambda n: FIRST + timedelta(days=n))
COVERS = st.lists(
    st.builds(
        lambda kind, day, length: Cover(kind, day, day + timedelta(days=length)),
        st.sampled_from(DAYCARE_KINDS),
        DAYS,
        st.integers(0, 30),
    ),
    max_size=6,
)


def after(day: date, days: int) -> date:
    return day + timedelta(days=days)


@pytest.mark.rule("AD-25")
@pytest.mark.parametrize(
    ("day", "covered"),
    [(after(FIRST, -1), False), (FIRST, True), (LAST, True), (after(LAST, 1), False)],
)
def test_both_ends_are_covered(day: date, covered: bool) -> None:
    covers = [Cover(MUTUAL, FIRST, LAST)]
    assert valid_on(covers, MUTUAL, day) is covered
    assert valid_on(covers, RIDER, day) is False


@pytest.mark.rule("AD-25")
@pytest.mark.parametrize(
    ("day", "missing"),
    [
        (date(2026, 3, 31), (RIDER,)),
        (date(2026, 4, 1), ()),
        (date(2026, 6, 30), ()),
        (date(2026, 7, 1), (MUTUAL,)),
        (date(2026, 8, 1), DAYCARE_KINDS),
    ],
)
def test_a_day_needs_both(day: date, missing: tuple[PolicyKind, ...]) -> None:
    covers = [Cover(MUTUAL, FIRST, date(2026, 6, 30)), Cover(RIDER, date(2026, 4, 1), date(2026, 7, 31))]
    assert missing_on(covers, DAYCARE_KINDS, day) == missing


@given(COVERS, DAYS)
def test_lists_of_days_say_the_same_as_each_day(covers: list[Cover], first: date) -> None:
    span = DateSpan(first, after(first, 20))
    assert covered_days(covers, DAYCARE_KINDS, span) == {
        day for day in span if not missing_on(covers, DAYCARE_KINDS, day)
    }


@given(COVERS, DAYS)
def test_insured_until_is_the_last_day_before_the_first_gap(covers: list[Cover], day: date) -> None:
    until = insured_until(covers, MUTUAL, day)
    if until is None:
        assert not valid_on(covers, MUTUAL, day)
    else:
        assert all(valid_on(covers, MUTUAL, each) for each in DateSpan(day, until))
        assert not valid_on(covers, MUTUAL, after(until, 1))


@pytest.mark.rule("AD-25")
@pytest.mark.parametrize(
    ("next_first", "until"),
    [
        (after(LAST, -20), after(LAST, 100)),
        (after(LAST, 1), after(LAST, 100)),
        (after(LAST, 2), LAST),
    ],
)
def test_a_renewal_without_a_gap_prolongs(next_first: date, until: date) -> None:
    covers = [
        Cover(MUTUAL, next_first, after(LAST, 100)),
        Cover(MUTUAL, FIRST, LAST),
        Cover(RIDER, FIRST, LAST),
    ]
    assert insured_until(covers, MUTUAL, FIRST) == until


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (after(FIRST, -1), PolicyState.COMING),
        (FIRST, PolicyState.VALID),
        (after(LAST, -31), PolicyState.VALID),
        (after(LAST, -30), PolicyState.ENDING),
        (LAST, PolicyState.ENDING),
        (after(LAST, 1), PolicyState.ENDED),
    ],
)
def test_states(today: date, state: PolicyState) -> None:
    assert state_on(Cover(MUTUAL, FIRST, LAST), today) is state


@pytest.mark.rule("AD-25")
@pytest.mark.parametrize(
    ("left", "step"),
    [
        (31, None),
        (30, Step.MONTH),
        (29, Step.MONTH),
        (8, Step.MONTH),
        (7, Step.WEEK),
        (6, Step.WEEK),
        (1, Step.WEEK),
        (0, Step.LAST_DAY),
        (-1, Step.LAST_DAY),
        (-7, Step.LAST_DAY),
        (-8, None),
    ],
)
def test_steps_of_the_reminder(left: int, step: Step | None) -> None:
    cover = Cover(MUTUAL, FIRST, LAST)
    assert due_step(cover, [cover], after(LAST, -left)) is step


@pytest.mark.parametrize(
    ("other", "is_renewed"),
    [
        (Cover(MUTUAL, after(LAST, 1), after(LAST, 365)), True),
        (Cover(MUTUAL, after(LAST, -10), after(LAST, 1)), True),
        (Cover(MUTUAL, after(LAST, 2), after(LAST, 365)), False),
        (Cover(RIDER, after(LAST, 1), after(LAST, 365)), False),
        (Cover(MUTUAL, FIRST, LAST), False),
    ],
)
def test_a_policy_that_goes_on_needs_no_reminder(other: Cover, is_renewed: bool) -> None:
    cover = Cover(MUTUAL, FIRST, LAST)
    assert renewed(cover, [cover, other], LAST) is is_renewed
    assert (due_step(cover, [cover, other], LAST) is None) is is_renewed


def test_after_a_gap_that_is_closed_again_nobody_is_told() -> None:
    cover, later = Cover(MUTUAL, FIRST, LAST), Cover(MUTUAL, after(LAST, 3), after(LAST, 365))
    assert due_step(cover, [cover, later], after(LAST, 2)) is Step.LAST_DAY
    assert due_step(cover, [cover, later], after(LAST, 3)) is None


@pytest.mark.rule("AD-25")
@pytest.mark.parametrize(
    ("starts", "ends", "codes"),
    [
        (FIRST, FIRST, []),
        (after(FIRST, 1), FIRST, ["insurance.span"]),
        (date(2025, 3, 1), after(FIRST, -1), ["insurance.over"]),
        (date(2025, 3, 1), FIRST, []),
        (FIRST, date(2036, 12, 31), []),
        (FIRST, date(2037, 1, 1), ["insurance.too_long"]),
    ],
)
def test_dates_of_a_new_policy(starts: date, ends: date, codes: list[str]) -> None:
    assert [p.code for p in check_new(Cover(MUTUAL, starts, ends), FIRST)] == codes


@pytest.mark.parametrize(
    ("last_day", "reason", "codes"),
    [
        (after(LAST, -1), "보험사 변경", []),
        (LAST, "보험사 변경", ["insurance.end_not_earlier"]),
        (FIRST, "보험사 변경", []),
        (after(FIRST, -1), "보험사 변경", ["insurance.end_before_start"]),
        (FIRST, "  ", ["insurance.reason"]),
    ],
)
def test_ending_early(last_day: date, reason: str, codes: list[str]) -> None:
    assert [p.code for p in check_ending(Cover(MUTUAL, FIRST, LAST), last_day, reason)] == codes


@pytest.mark.parametrize(
    ("days", "words"),
    [(30, "30일 남았어요"), (1, "1일 남았어요"), (0, "오늘까지예요"), (-3, "3일 전에 끝났어요")],
)
def test_days_in_words(days: int, words: str) -> None:
    assert left_words(days) == words
