"""What a decision comes to, and what stands against it, in the words the director reads (AS-12 – AS-18)."""

from __future__ import annotations

from datetime import date

import pytest

from app.kernel.actor import Role
from app.kernel.states import WRONG_ROLE, WRONG_STEP
from app.restrictions.rules.deciding import CaseFacts, adds_up, decision_problems, verdict
from app.restrictions.rules.grounds import line_of
from app.restrictions.rules.kinds import Ground, Level, State
from app.restrictions.rules.policy import RestrictionPolicy
from app.restrictions.rules.states import acts_as, step_problem

POLICY = RestrictionPolicy()
TODAY = date(2026, 11, 23)


def problems(
    ground: Ground,
    *,
    standing: int = 1,
    months: int | None = 12,
    reason: str = "기준",
    due: date | None = date(2026, 11, 22),
    given: bool = False,
) -> list[tuple[str, str]]:
    facts = CaseFacts(line_of(ground), standing, given, due, has_document=True, reporters=frozenset({7}))
    found = decision_problems(facts, decider=8, months=months, reason=reason, today=TODAY, policy=POLICY)
    return [(problem.code, problem.sentence) for problem in found]


@pytest.mark.rule("AS-18")
def test_while_the_family_may_speak_the_day_is_named() -> None:
    ((code, sentence),) = problems(Ground.INSULT, due=TODAY)
    assert code == "decision.hearing_open"
    assert "11월 23일(월)" in sentence
    ((code, sentence),) = problems(Ground.INSULT, due=None)
    assert (code, "아직 소명을 요청하지 않았어요" in sentence) == ("decision.hearing_missing", True)
    assert problems(Ground.INSULT, due=None, given=True) == []


@pytest.mark.rule("AS-17")
@pytest.mark.parametrize(("standing", "stands"), [(0, False), (1, False), (2, False), (3, True), (4, True)])
def test_as_many_as_the_ground_asks_for_must_still_stand(standing: int, stands: bool) -> None:
    found = problems(Ground.LATE_ENDS, standing=standing)
    assert [code for code, _ in found] == ([] if stands else ["decision.too_few"])
    if not stands:
        assert f"{standing}번으로 기준(3번)" in found[0][1]


@pytest.mark.rule("AS-14")
@pytest.mark.parametrize(
    ("months", "reason", "code"),
    [
        (11, "", "restriction.less_needs_reason"),
        (11, "초범", None),
        (12, "", "decision.no_reason"),
        (13, "이유", "restriction.months"),
        (None, "이유", "restriction.months"),
    ],
)
def test_a_year_at_most_and_less_for_a_reason(months: int | None, reason: str, code: str | None) -> None:
    found = problems(Ground.VIOLENCE, months=months, reason=reason)
    assert [each for each, _ in found] == ([code] if code else [])


@pytest.mark.rule("AS-02")
def test_a_fixed_level_asks_for_no_months_but_for_a_reason() -> None:
    assert problems(Ground.INSULT, months=None) == []
    assert [code for code, _ in problems(Ground.INSULT, months=None, reason="  ")] == ["decision.no_reason"]


@pytest.mark.rule("AS-13")
def test_the_third_single_month_keeps_its_ground_and_says_it_accumulated() -> None:
    starts = [date(2026, 3, 1), date(2026, 6, 1)]
    found = verdict(line_of(Ground.INSULT), months=4, m1_starts=starts, today=TODAY, policy=POLICY)
    assert (found.ground, found.level, found.months, found.accumulated) == (
        Ground.INSULT,
        Level.M6,
        6,
        True,
    )


@pytest.mark.rule("AS-14")
@pytest.mark.rule("AS-15")
@pytest.mark.parametrize(
    ("ground", "level", "months"),
    [
        (Ground.VIOLENCE, Level.YEAR, 7),
        (Ground.FRAUD, Level.YEAR, 7),
        (Ground.INSULT, Level.M1, 1),
        (Ground.LATE_ENDS, Level.M3, 3),
        (Ground.CRIME_PROVEN, Level.PERMANENT, None),
    ],
)
def test_the_chosen_months_count_where_the_level_leaves_a_choice(
    ground: Ground, level: Level, months: int | None
) -> None:
    found = verdict(line_of(ground), months=7, m1_starts=[], today=TODAY, policy=POLICY)
    assert (found.ground, found.level, found.months, found.accumulated) == (ground, level, months, False)


@pytest.mark.rule("AS-13")
@pytest.mark.parametrize(
    ("start", "today", "counts"),
    [
        (date(2028, 2, 29), date(2029, 2, 28), True),
        (date(2028, 2, 29), date(2029, 3, 1), False),
        (date(2027, 3, 1), date(2028, 2, 29), True),
        (date(2027, 3, 1), date(2028, 3, 1), False),
        (date(2027, 8, 31), date(2028, 8, 30), True),
        (date(2027, 8, 31), date(2028, 8, 31), False),
    ],
)
def test_twelve_months_back_from_the_day_of_the_decision(start: date, today: date, counts: bool) -> None:
    assert adds_up(start, today, POLICY) is counts


@pytest.mark.rule("AS-13")
def test_a_municipality_may_count_differently() -> None:
    policy = RestrictionPolicy(accumulate_count=2, accumulate_months=6)
    line = line_of(Ground.INSULT)
    six = verdict(line, months=None, m1_starts=[date(2026, 5, 24)], today=TODAY, policy=policy)
    one = verdict(line, months=None, m1_starts=[date(2026, 5, 23)], today=TODAY, policy=policy)
    assert (six.level, one.level) == (Level.M6, Level.M1)


@pytest.mark.rule("AS-17")
def test_whose_turn_it_is_is_said_before_that_it_cannot_be_now() -> None:
    """Of several roles that one person has, the one that comes nearest explains."""
    alone = acts_as(Role.CITY_OFFICER, regional_centre=False)
    assert step_problem(State.ACTIVE, State.EXPIRED, alone) is WRONG_ROLE
    assert step_problem(State.REPORTED, State.DECIDED, alone) is WRONG_STEP
    assert step_problem(State.REPORTED, State.FACT_CHECK, frozenset({Role.REGIONAL_DIRECTOR})) is WRONG_ROLE
    assert step_problem(State.REPORTED, State.FACT_CHECK, alone) is None
