"""Children: names, links, eligibility (KB-32, KB-34 … KB-36)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.ranges import TimeSpan
from app.people.rules import (
    EVIDENCE_STEPS,
    ElderStay,
    EligibilityPolicy,
    EvidenceState,
    LinkRecord,
    check_child,
    check_name,
    clean_name,
    grade_on,
    kium_eligibility,
    may_link,
    preschool_sibling,
    same_child,
)
from tests.kernel.problems import codes

TODAY = date(2026, 3, 2)
POLICY = EligibilityPolicy()
SIBLINGS = EligibilityPolicy(preschool_sibling=True)


@dataclass(frozen=True)
class Someone:
    name: str
    birth_date: date


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  김 하늘 ", "김 하늘"),
        ("김\u00a0\u3000하늘", "김 하늘"),
        (unicodedata.normalize("NFD", "김하늘"), "김하늘"),
        ("Nguyễn  Văn\tAn", "Nguyễn Văn An"),
    ],
)
def test_names_are_stored_in_one_form(text: str, name: str) -> None:
    assert clean_name(text) == name


@given(st.text(max_size=60))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean_name(clean_name(text)) == clean_name(text)


@pytest.mark.rule("KB-32")
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("김하늘", None),
        ("남궁산들바람솔빛나", None),
        ("金하늘", None),
        ("O'Brien-Kim", None),
        ("가", None),
        ("가" * 40, None),
        ("가" * 41, "child.name_too_long"),
        ("", "child.name_missing"),
        ("   ", "child.name_missing"),
        ("12-3", "child.name_missing"),
        ("김\u202e하늘", "child.name_bad_character"),
        ("김\u200b하늘", "child.name_bad_character"),
        ("김\x00하늘", "child.name_bad_character"),
        ("김\x07하늘", "child.name_bad_character"),
        ("김\ue000하늘", "child.name_bad_character"),
    ],
)
def test_names(name: str, code: str | None) -> None:
    problem = check_name(name)
    assert codes([problem]) == ([code] if code else [])


@pytest.mark.rule("KB-32")
@pytest.mark.parametrize(
    ("birth", "code"),
    [
        (date(2026, 3, 2), None),
        (date(2026, 3, 3), "child.birth_in_future"),
        (date(2007, 3, 3), None),
        (date(2007, 3, 2), "child.birth_too_early"),
        (date(1926, 3, 2), "child.birth_too_early"),
    ],
)
def test_birth_dates(birth: date, code: str | None) -> None:
    assert codes(check_child("김하늘", birth, TODAY)) == ([code] if code else [])


def test_every_wrong_field_is_named_at_once() -> None:
    assert {problem.field for problem in check_child("", date(2030, 1, 1), TODAY)} == {"name", "birth_date"}


@pytest.mark.rule("KB-34")
@pytest.mark.parametrize(
    ("name", "birth", "same"),
    [
        ("김하늘", date(2018, 5, 1), True),
        ("김 하늘", date(2018, 5, 1), True),
        (unicodedata.normalize("NFD", "김하늘"), date(2018, 5, 1), True),
        ("김하늘", date(2018, 5, 2), False),
        ("김하늬", date(2018, 5, 1), False),
    ],
)
def test_likely_the_same_child(name: str, birth: date, same: bool) -> None:
    assert same_child(Someone("김하늘", date(2018, 5, 1)), Someone(name, birth)) is same


def test_capitals_do_not_make_another_child() -> None:
    born = date(2018, 5, 1)
    assert same_child(Someone("Anna Kim", born), Someone("ANNA KIM", born))


@pytest.mark.rule("KB-34")
@pytest.mark.parametrize(
    ("name", "birth", "phone", "confirmed", "code"),
    [
        ("김하늘", date(2018, 5, 1), "01012345678", True, None),
        ("김 하늘", date(2018, 5, 1), "01012345678", True, None),
        ("김하늘", date(2018, 5, 1), "01012345678", False, "child.link_unconfirmed"),
        ("김하늬", date(2018, 5, 1), "01012345678", True, "child.link_mismatch"),
        ("김하늘", date(2018, 5, 2), "01012345678", True, "child.link_mismatch"),
        ("김하늘", date(2018, 5, 1), "01012345679", True, "child.link_mismatch"),
    ],
)
def test_linking_needs_three_matches_and_the_centre(
    name: str, birth: date, phone: str, confirmed: bool, code: str | None
) -> None:
    record = LinkRecord("김하늘", date(2018, 5, 1), {"01012345678"})
    problem = may_link(name, birth, phone, record, confirmed_by_centre=confirmed)
    assert codes([problem]) == ([code] if code else [])


@pytest.mark.rule("KB-35")
@pytest.mark.parametrize(
    ("birth", "in_school", "grade", "on", "code"),
    [
        # not yet in school: aged 6, no younger, no older
        (date(2020, 3, 3), False, None, TODAY, "child.too_young"),
        (date(2020, 3, 2), False, None, TODAY, None),
        (date(2019, 3, 3), False, None, TODAY, None),
        (date(2019, 3, 2), False, None, TODAY, "child.not_a_pupil"),
        # pupils
        (date(2019, 4, 1), True, 1, TODAY, None),
        (date(2020, 12, 31), True, 1, TODAY, None),  # early entrant of five
        (date(2020, 12, 31), True, None, TODAY, None),
        (date(2021, 3, 3), True, 1, TODAY, "child.too_young"),  # four
        (date(2021, 3, 2), True, 1, TODAY, None),  # five today
        (date(2013, 2, 28), True, 6, date(2026, 2, 28), None),  # thirteen before graduation
        (date(2013, 1, 5), True, 7, date(2026, 3, 1), "child.too_old"),
        (date(2013, 12, 31), True, 7, TODAY, "child.too_old"),  # twelve, at middle school
        (date(2013, 12, 31), True, 6, TODAY, None),
        # school unknown: 6 to 12 stands for it …
        (date(2020, 3, 3), None, None, TODAY, "child.too_young"),
        (date(2020, 3, 2), None, None, TODAY, None),
        (date(2014, 1, 1), None, None, TODAY, None),
        # … until 1 March of the year of the 13th birthday
        (date(2013, 12, 31), None, None, date(2026, 2, 28), None),
        (date(2013, 12, 31), None, None, date(2026, 3, 1), "child.grade_needed"),
        (date(2013, 12, 31), True, None, date(2026, 3, 1), "child.grade_needed"),
        (date(2013, 1, 5), None, None, date(2026, 1, 4), None),
        (date(2013, 1, 5), None, None, date(2026, 1, 5), "child.grade_needed"),
        (date(2012, 3, 3), None, None, TODAY, "child.grade_needed"),
        (date(2012, 3, 2), None, None, TODAY, "child.too_old"),
        (date(2012, 3, 2), False, None, TODAY, "child.not_a_pupil"),
    ],
)
def test_who_may_use_kium(
    birth: date, in_school: bool | None, grade: int | None, on: date, code: str | None
) -> None:
    problem = kium_eligibility(birth, in_school, grade, on, POLICY)
    assert codes([problem]) == ([code] if code else [])


@pytest.mark.rule("KB-35")
@pytest.mark.parametrize(
    ("birth", "grade", "code"),
    [
        (date(2020, 12, 31), 1, "child.too_young"),
        (date(2020, 3, 2), 1, None),
        (date(2013, 3, 3), 6, None),
        (date(2013, 3, 2), 6, "child.too_old"),
    ],
)
def test_a_tenant_may_hold_pupils_to_the_ages(birth: date, grade: int, code: str | None) -> None:
    problem = kium_eligibility(birth, True, grade, TODAY, EligibilityPolicy(pupil_extends_age=False))
    assert codes([problem]) == ([code] if code else [])


@pytest.mark.rule("KB-35")
def test_other_ages_may_be_set() -> None:
    policy = EligibilityPolicy(age_min=5, age_max=10)
    assert kium_eligibility(date(2021, 3, 2), False, None, TODAY, policy) is None
    assert kium_eligibility(date(2016, 1, 1), None, None, TODAY, policy) is None
    confirmed_from = date(2026, 3, 1)
    problem = kium_eligibility(date(2015, 6, 1), None, None, confirmed_from, policy)
    assert problem is not None
    assert problem.code == "child.grade_needed"


@pytest.mark.rule("KB-35")
@pytest.mark.parametrize(
    ("known_on", "on", "grade"),
    [
        (date(2025, 11, 1), date(2026, 2, 28), 6),
        (date(2025, 11, 1), date(2026, 3, 1), 7),
        (date(2026, 1, 10), date(2026, 3, 1), 7),
        (date(2026, 3, 1), date(2027, 2, 28), 6),
        (date(2026, 3, 1), date(2026, 2, 28), 5),
    ],
)
def test_grades_move_on_the_first_of_march(known_on: date, on: date, grade: int) -> None:
    assert grade_on(6, known_on, on) == grade


@pytest.mark.rule("KB-36")
@pytest.mark.parametrize(
    ("hours", "code"),
    [
        ("14:00-17:00", None),
        ("15:00-16:00", None),
        ("13:30-17:00", "child.sibling_alone"),
        ("14:00-17:30", "child.sibling_alone"),
        ("18:00-19:00", "child.sibling_alone"),
    ],
)
def test_a_sibling_comes_only_beside_the_elder(hours: str, code: str | None) -> None:
    elder = ElderStay(date(2018, 5, 1), TimeSpan.parse("14:00-17:00"))
    problem = preschool_sibling(date(2020, 6, 1), TODAY, TimeSpan.parse(hours), [elder], SIBLINGS)
    assert codes([problem]) == ([code] if code else [])


@pytest.mark.rule("KB-36")
@pytest.mark.parametrize(
    ("birth", "code"),
    [(date(2021, 3, 2), None), (date(2021, 3, 3), "child.sibling_too_young")],
)
def test_a_sibling_is_five_at_least(birth: date, code: str | None) -> None:
    hours = TimeSpan.parse("14:00-17:00")
    problem = preschool_sibling(birth, TODAY, hours, [ElderStay(date(2018, 5, 1), hours)], SIBLINGS)
    assert codes([problem]) == ([code] if code else [])


@pytest.mark.rule("KB-36")
@pytest.mark.parametrize(("elder_birth", "alone"), [(date(2020, 3, 2), False), (date(2020, 3, 3), True)])
def test_the_elder_is_six_at_least(elder_birth: date, alone: bool) -> None:
    hours = TimeSpan.parse("14:00-17:00")
    problem = preschool_sibling(date(2020, 12, 1), TODAY, hours, [ElderStay(elder_birth, hours)], SIBLINGS)
    assert (problem is not None) is alone


@pytest.mark.rule("KB-36")
def test_the_centre_must_allow_siblings() -> None:
    hours = TimeSpan.parse("14:00-17:00")
    problem = preschool_sibling(date(2020, 6, 1), TODAY, hours, [ElderStay(date(2018, 5, 1), hours)], POLICY)
    assert problem is not None
    assert problem.code == "child.sibling_not_allowed"


@pytest.mark.rule("KB-39")
def test_staff_verify_evidence_and_only_the_clock_purges_it() -> None:
    uploaded, verified, purged = EvidenceState.UPLOADED, EvidenceState.VERIFIED, EvidenceState.PURGED
    assert EVIDENCE_STEPS.check(uploaded, verified, "care_teacher") is None
    assert EVIDENCE_STEPS.check(uploaded, verified, "guardian") is not None
    assert EVIDENCE_STEPS.check(verified, uploaded, "care_teacher") is not None
    for state in EvidenceState:
        assert (EVIDENCE_STEPS.check(state, purged, "system") is None) is (state is not purged)
