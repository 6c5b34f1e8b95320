"""Which children and who may ask (AE-17 – AE-20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from app.daycare.rules.eligibility import (
    FOREVER,
    ChildFacts,
    check_child,
    check_health,
    check_requester,
    months_on,
    province_of,
    small_until,
)
from app.daycare.rules.policy import STANDARD, DaycarePolicy
from app.kernel.ranges import DateSpan, kst

ICHEON = replace(STANDARD, min_months=0, age_max=12, preschool_only=False)


def codes(
    child: ChildFacts, day: date, last: date | None = None, policy: DaycarePolicy = STANDARD
) -> set[str]:
    found = check_child(child, DateSpan(day, last or day), policy)
    return {problem.code.removeprefix("daycare.") for problem in found}


@pytest.mark.rule("AE-17")
@pytest.mark.parametrize(
    ("birth", "on", "months"),
    [
        (date(2026, 5, 17), date(2026, 11, 16), 5),
        (date(2026, 5, 17), date(2026, 11, 17), 6),
        (date(2025, 8, 31), date(2026, 2, 28), 5),
        (date(2025, 8, 31), date(2026, 3, 1), 6),
        (date(2024, 2, 29), date(2026, 2, 28), 23),
        (date(2024, 2, 29), date(2026, 3, 1), 24),
        (date(2024, 2, 29), date(2028, 2, 29), 48),
        (date(2026, 1, 31), date(2026, 7, 31), 6),
    ],
)
def test_months_are_completed_and_a_missing_day_rolls_on(birth: date, on: date, months: int) -> None:
    assert months_on(birth, on) == months


@pytest.mark.rule("AE-17")
@pytest.mark.parametrize(
    ("birth", "day", "found"),
    [
        (date(2026, 5, 18), date(2026, 11, 17), {"too_young"}),
        (date(2026, 5, 17), date(2026, 11, 17), set()),
        (date(2018, 11, 18), date(2026, 11, 17), set()),
        (date(2018, 11, 17), date(2026, 11, 17), {"too_old"}),
        (date(2020, 2, 29), date(2028, 2, 28), set()),
        (date(2020, 2, 29), date(2028, 2, 29), {"too_old"}),
    ],
)
def test_from_six_months_to_the_day_before_the_eighth_birthday(
    birth: date, day: date, found: set[str]
) -> None:
    assert codes(ChildFacts(birth), day) == found


@pytest.mark.rule("AE-17")
def test_a_birthday_inside_the_run_counts() -> None:
    child = ChildFacts(date(2018, 11, 19))
    assert codes(child, date(2026, 11, 17), date(2026, 11, 18)) == set()
    assert codes(child, date(2026, 11, 17), date(2026, 11, 19)) == {"too_old"}
    baby = ChildFacts(date(2026, 5, 18))
    assert codes(baby, date(2026, 11, 17), date(2026, 11, 19)) == {"too_young"}


@pytest.mark.rule("AE-17")
@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (ChildFacts(date(2020, 1, 1), in_school=True), {"in_school"}),
        (ChildFacts(date(2020, 1, 1), in_school=False), set()),
        (ChildFacts(date(2020, 1, 1), resident=False), {"not_resident"}),
        (ChildFacts(date(2020, 1, 1), resident=True), set()),
        (ChildFacts(date(2020, 1, 1)), set()),
    ],
)
def test_pupils_and_other_provinces_are_out(facts: ChildFacts, found: set[str]) -> None:
    assert codes(facts, date(2026, 11, 17)) == found


@pytest.mark.rule("AE-18")
@pytest.mark.parametrize(
    ("birth", "found"),
    [
        (date(2026, 11, 17), set()),
        (date(2013, 11, 18), set()),
        (date(2013, 11, 17), {"too_old"}),
    ],
)
def test_icheon_takes_children_from_birth_to_twelve_in_school_or_not(birth: date, found: set[str]) -> None:
    assert codes(ChildFacts(birth, in_school=True), date(2026, 11, 17), policy=ICHEON) == found


@pytest.mark.rule("AE-19")
@pytest.mark.parametrize(
    ("relation", "together", "seen", "found"),
    [
        ("PARENT", True, False, []),
        ("GRANDPARENT", True, False, []),
        ("LEGAL_REP", True, False, []),
        ("OTHER", True, False, ["daycare.not_entitled"]),
        ("OTHER", True, True, ["daycare.not_entitled"]),
        ("PARENT", False, False, ["daycare.not_same_register"]),
        ("PARENT", False, True, []),
    ],
)
def test_who_may_ask(relation: str, together: bool, seen: bool, found: list[str]) -> None:
    problems = check_requester(relation, together, kinship_seen=seen)
    assert [problem.code for problem in problems] == found
    assert all(problem.soft == (problem.code == "daycare.not_same_register") for problem in problems)


@pytest.mark.rule("AE-20")
@pytest.mark.parametrize(
    ("symptoms", "note", "open_"), [(False, False, True), (True, False, False), (True, True, True)]
)
def test_symptoms_close_the_door_until_a_doctor_opens_it(symptoms: bool, note: bool, open_: bool) -> None:
    assert (check_health(symptoms, note) is None) is open_


@pytest.mark.rule("AD-03")
def test_a_child_is_small_until_midnight_of_its_24th_month() -> None:
    assert small_until(ChildFacts(date(2024, 11, 18))) == kst(date(2026, 11, 18))
    assert small_until(ChildFacts(date(2024, 2, 29))) == kst(date(2026, 3, 1))
    assert small_until(ChildFacts(date(2020, 1, 1), disabled=True)) == FOREVER


@pytest.mark.rule("AE-17")
@pytest.mark.parametrize(
    ("address", "resident"),
    [
        ("경기도 김포시 통진읍", True),
        ("경기 김포시 통진읍", True),
        ("김포시 통진읍", True),
        ("서울특별시 구로구", False),
        ("인천 서구", False),
        ("광주광역시 북구", False),
        ("통진읍 마송1로 9", None),
        ("", None),
    ],
)
def test_an_address_says_which_province_it_lies_in(address: str, resident: bool | None) -> None:
    assert province_of(address) is resident
