"""Where a case stands today, what comes next and how long there is time (AS-17 – AS-22)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.restrictions.rules.kinds import BINDING, HEARD, UNDECIDED, State
from app.restrictions.rules.next_step import (
    WHOSE,
    Standing,
    Step,
    days_left,
    deadline_words,
    next_step,
)
from app.restrictions.rules.states import seen_state

TODAY = date(2026, 11, 20)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
PLAIN = Standing(
    state=State.REPORTED,
    statement_given=False,
    statement_due=None,
    first_decided=False,
    objection_open=False,
    lift_proposed=False,
    starts_on=None,
    ends_on=None,
)
RUNNING = replace(PLAIN, state=State.ACTIVE, starts_on=YESTERDAY, ends_on=TOMORROW)
ASKED = replace(PLAIN, state=State.STATEMENT, statement_due=TODAY)


@pytest.mark.rule("AS-22")
@pytest.mark.parametrize("state", sorted(BINDING))
@pytest.mark.parametrize(
    ("today", "seen"),
    [
        (date(2028, 1, 30), "ahead"),
        (date(2028, 1, 31), "running"),
        (date(2028, 2, 29), "running"),
        (date(2028, 3, 1), "over"),
    ],
    ids=["day before", "first day", "last day, 29 February", "day after"],
)
def test_the_dates_say_where_it_stands(state: State, today: date, seen: str) -> None:
    running = State.ACTIVE if state is State.NOTIFIED else state
    expected = {"ahead": state, "running": running, "over": State.EXPIRED}[seen]
    assert seen_state(state, date(2028, 1, 31), date(2028, 2, 29), today) is expected


@pytest.mark.rule("AS-16")
@pytest.mark.rule("AS-22")
def test_one_for_good_is_never_over_and_others_do_not_move() -> None:
    assert seen_state(State.NOTIFIED, TODAY, None, date(2099, 1, 1)) is State.ACTIVE
    assert seen_state(State.NOTIFIED, None, None, TODAY) is State.NOTIFIED
    for state in set(State) - BINDING:
        assert seen_state(state, YESTERDAY, YESTERDAY, TODAY) is state


@pytest.mark.rule("AS-17")
@pytest.mark.parametrize(
    ("case", "step"),
    [
        (PLAIN, Step.CHECK),
        (replace(PLAIN, state=State.FACT_CHECK), Step.ASK),
        (ASKED, Step.HEAR),
        (replace(ASKED, statement_due=None), Step.HEAR),
        (replace(ASKED, statement_due=YESTERDAY), Step.DECIDE),
        (replace(ASKED, statement_given=True), Step.DECIDE),
        (replace(ASKED, first_decided=True), Step.SECOND),
        (RUNNING, Step.NOTHING),
        (replace(RUNNING, lift_proposed=True), Step.CONSENT),
        (replace(RUNNING, state=State.EXPIRED, lift_proposed=True), Step.NOTHING),
        (replace(RUNNING, state=State.DISMISSED), Step.NOTHING),
    ],
)
def test_the_one_next_step(case: Standing, step: Step) -> None:
    assert next_step(case, TODAY) is step


@pytest.mark.rule("AS-21")
@pytest.mark.parametrize("state", sorted(State))
def test_an_open_objection_comes_first_also_when_the_restriction_is_over(state: State) -> None:
    open_ = replace(PLAIN, state=state, objection_open=True, lift_proposed=True)
    assert (next_step(open_, TODAY) is Step.OBJECTION) is (state in HEARD)
    assert not HEARD & UNDECIDED


@pytest.mark.rule("AS-17")
def test_every_step_but_none_has_its_words_and_its_person() -> None:
    for step in Step:
        assert bool(step.label) is (step is not Step.NOTHING)
        assert (step in WHOSE) is (step is not Step.NOTHING)


@pytest.mark.parametrize(
    ("days", "words"),
    [(-2, "2일 지남"), (-1, "1일 지남"), (0, "오늘까지"), (1, "1일 남음"), (14, "14일 남음")],
)
def test_how_much_time_is_left(days: int, words: str) -> None:
    assert days_left(TODAY + timedelta(days=days), TODAY) == words


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (ASKED, "11월 20일(금)까지 소명, 오늘까지"),
        (replace(ASKED, statement_due=TOMORROW), "11월 21일(토)까지 소명, 1일 남음"),
        (replace(ASKED, statement_due=YESTERDAY), "소명 기한이 지났어요"),
        (replace(ASKED, statement_given=True), "소명을 받았어요"),
        (replace(ASKED, first_decided=True), ""),
        (replace(ASKED, statement_due=None), ""),
        (PLAIN, ""),
        (replace(RUNNING, state=State.NOTIFIED, starts_on=TOMORROW), "11월 21일(토)부터 제한"),
        (replace(RUNNING, starts_on=TODAY), "2026년 11월 21일(토)까지, 1일 남음"),
        (replace(RUNNING, ends_on=TODAY), "2026년 11월 20일(금)까지, 오늘까지"),
        (replace(RUNNING, ends_on=None), "기한 없이 제한"),
        (replace(RUNNING, starts_on=None), ""),
        (replace(RUNNING, state=State.EXPIRED), ""),
        (replace(RUNNING, state=State.LIFTED), ""),
    ],
)
def test_until_when_in_words(case: Standing, words: str) -> None:
    assert deadline_words(case, TODAY) == words
