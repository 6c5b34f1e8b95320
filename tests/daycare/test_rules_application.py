"""Completeness, consents, food, medicine, journal and states (AD-18 – AD-20, AD-23, AD-24, AD-27, AD-31)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from app.daycare.rules.application import (
    CONSENTS,
    ChildAnswers,
    GuardianAnswers,
    check_application,
    check_births,
    check_consents,
)
from app.daycare.rules.journal import HEADINGS, check_entries, check_to_sign
from app.daycare.rules.meals import (
    check_dose,
    check_meal,
    check_own_signature,
    check_request,
    check_sheet_signature,
    is_asked,
)
from app.daycare.rules.states import BOOKING_STEPS, HOLDING, STAY_STEPS, BookingState, StayState
from app.kernel.ranges import KST

CHILD = ChildAnswers("a1", "HOME", disease=False, allergy=False, medicine=False, name="하늘")
MOTHER = GuardianAnswers("모", "김보호", "01011112222", date(1990, 1, 1), "경기도 김포시")
FATHER = replace(MOTHER, name="이보호", phone="01033334444", relation="부")
YES: dict[str, bool | None] = dict.fromkeys(CONSENTS, True)


def codes(
    children: list[ChildAnswers] | None = None,
    guardians: list[GuardianAnswers | None] | None = None,
    purpose: str = "double_income",
    words: str = "",
    consents: dict[str, bool | None] | None = None,
) -> list[str]:
    found = check_application(
        [CHILD] if children is None else children,
        [MOTHER] if guardians is None else guardians,
        purpose,
        words,
        YES if consents is None else consents,
    )
    return [problem.code.removeprefix("daycare.") for problem in found]


@pytest.mark.rule("AD-18")
@pytest.mark.parametrize(
    ("guardians", "found"),
    [
        ([MOTHER], []),
        ([MOTHER, FATHER], []),
        ([MOTHER, FATHER, replace(MOTHER, name="박보호")], []),
        ([MOTHER, None, FATHER], ["guardian_gap"]),
        ([MOTHER, FATHER, None], []),
        ([None, MOTHER], ["no_guardian"]),
        ([], ["no_guardian"]),
        ([MOTHER, MOTHER], ["same_guardian"]),
        ([MOTHER, FATHER, replace(MOTHER, name="박"), replace(MOTHER, name="최")], ["too_many_guardians"]),
    ],
)
def test_guardians_stand_in_order_without_a_gap(
    guardians: list[GuardianAnswers | None], found: list[str]
) -> None:
    assert codes(guardians=guardians) == found


@pytest.mark.rule("AD-18")
@pytest.mark.parametrize(
    ("count", "found"), [(0, ["no_child"]), (1, []), (3, []), (4, ["too_many_children"])]
)
def test_one_to_three_children(count: int, found: list[str]) -> None:
    assert codes([replace(CHILD, child=f"a{n}") for n in range(count)]) == found


@pytest.mark.rule("AD-18")
def test_no_child_stands_twice() -> None:
    assert codes([CHILD, CHILD]) == ["child_twice"]


@pytest.mark.rule("AD-19")
@pytest.mark.parametrize(
    "changes",
    [{"relation": ""}, {"name": " "}, {"phone": ""}, {"birth_date": None}, {"address": ""}],
)
def test_every_guardian_is_complete(changes: dict[str, Any]) -> None:
    assert codes(guardians=[replace(MOTHER, **changes)]) == ["guardian_incomplete"]


@pytest.mark.rule("AD-19")
@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"disease": None}, ["answer_missing"]),
        ({"allergy": None}, ["answer_missing"]),
        ({"medicine": None}, ["answer_missing"]),
        ({"qualification": ""}, ["no_qualification"]),
        ({"qualification": "SCHOOL"}, ["no_qualification"]),
        ({"disease": True}, ["words_missing"]),
        ({"disease": True, "disease_words": "천식"}, []),
        ({"medicine": True}, ["words_missing"]),
        ({"allergy": True, "allergy_food": "땅콩"}, ["words_missing"]),
        ({"allergy": True, "allergy_food": "땅콩", "allergy_symptom": "두드러기"}, ["words_missing"]),
        (
            {
                "allergy": True,
                "allergy_food": "땅콩",
                "allergy_symptom": "두드러기",
                "allergy_substitute": "과일",
            },
            [],
        ),
    ],
)
def test_disease_allergy_and_medicine_are_answered(changes: dict[str, Any], found: list[str]) -> None:
    assert codes([replace(CHILD, **changes)]) == found


@pytest.mark.rule("AD-19")
@pytest.mark.parametrize(
    ("purpose", "words", "found"),
    [
        ("double_income", "", []),
        ("other", "이사 준비", []),
        ("other", "", ["purpose_words"]),
        ("", "", ["no_purpose"]),
    ],
)
def test_a_purpose_is_chosen(purpose: str, words: str, found: list[str]) -> None:
    assert codes(purpose=purpose, words=words) == found


@pytest.mark.rule("AD-20")
@pytest.mark.parametrize(
    ("key", "code", "soft"),
    [
        ("first_aid", "daycare.consent_first_aid", True),
        ("survey", "daycare.consent_survey", True),
        ("going_home", "daycare.consent_refused", False),
        ("rules", "daycare.consent_refused", False),
        ("privacy", "daycare.consent_refused", False),
    ],
)
def test_two_refusals_are_the_directors_to_judge(key: str, code: str, soft: bool) -> None:
    [problem] = check_consents({**YES, key: False})
    assert (problem.code, problem.soft, problem.field) == (code, soft, key)
    [missing] = check_consents({**YES, key: None})
    assert (missing.code, missing.soft) == ("daycare.consent_missing", False)


@pytest.mark.rule("AD-23")
@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"kind": "BRUNCH"}, ["meal_kind"]),
        ({"menu": " "}, ["menu_missing"]),
        ({"pictured": False}, ["picture_missing"]),
        ({"not_reused": False}, ["food_reused"]),
        ({"amount": 3000}, []),
        ({"amount": 3001}, ["meal_too_dear"]),
        ({"amount": 3001, "cap": None}, []),
        ({"amount": -1, "cap": None}, ["meal_too_dear"]),
    ],
)
def test_food_has_a_menu_a_picture_and_a_limit(changes: dict[str, Any], found: list[str]) -> None:
    given: dict[str, Any] = {
        "kind": "DINNER",
        "menu": "죽",
        "amount": 2000,
        "not_reused": True,
        "pictured": True,
        "cap": 3000,
        **changes,
    }
    assert [problem.code.removeprefix("daycare.") for problem in check_meal(**given)] == found


@pytest.mark.rule("AD-19")
@pytest.mark.parametrize(
    ("birth", "found"),
    [
        (None, []),  # said by the form itself
        (date(2012, 11, 17), []),  # fourteen today
        (date(2012, 11, 18), ["guardian_2"]),
        (date(2126, 1, 1), ["guardian_2"]),
        (date(1906, 11, 17), []),
        (date(1906, 11, 16), ["guardian_2"]),
    ],
)
def test_a_guardian_is_of_an_age_to_sign(birth: date | None, found: list[str]) -> None:
    first = GuardianAnswers("모", "김보호", "01012345678", date(1990, 1, 1), "김포시")
    second = GuardianAnswers("형", "김형", "01012345679", birth, "김포시")
    problems = check_births([first, second, None], date(2026, 11, 17))
    assert [problem.field for problem in problems] == found


@pytest.mark.rule("AD-27")
@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"words": ["기침", "시럽", "", "실온"]}, ["medicine_words"]),
        ({"times": []}, ["medicine_times"]),
        ({"times": ["25:00"]}, ["medicine_times"]),
        ({"times": ["24:00"]}, ["medicine_times"]),
        ({"times": ["21:00", "07:00", "21:00"]}, ["medicine_times_twice"]),
        ({"times": ["9:00", "09:00"]}, ["medicine_times_twice"]),
        ({"last": date(2026, 11, 16)}, ["medicine_days"]),
        ({"first": date(2026, 11, 16)}, ["medicine_days"]),  # a day before the running one
        ({"last": date(2026, 12, 16)}, []),  # thirty days
        ({"last": date(2026, 12, 17)}, ["medicine_too_long"]),
        ({"last": date(9999, 12, 31)}, ["medicine_too_long"]),
    ],
)
def test_medicine_is_asked_for_in_writing(changes: dict[str, Any], found: list[str]) -> None:
    given: dict[str, Any] = {
        "words": ["기침", "시럽", "5ml", "실온"],
        "times": ["21:00"],
        "first": date(2026, 11, 17),
        "last": date(2026, 11, 18),
        "today": date(2026, 11, 17),
        **changes,
    }
    assert [problem.code.removeprefix("daycare.") for problem in check_request(**given)] == found


SIGNED = [[[1, 1], [2, 2]]]


@pytest.mark.rule("AD-27")
@pytest.mark.parametrize(
    ("strokes", "name", "found"),
    [
        (SIGNED, "", []),
        (None, "김보호", []),
        (None, "박 조모", []),  # listed too
        (None, " ", ["medicine_unsigned"]),
        ([[[1, 1]]], "", ["medicine_unsigned"]),  # a dot
        (None, "남의이름", ["medicine_name_not_listed"]),
        (SIGNED, "남의이름", ["medicine_name_not_listed"]),
    ],
)
def test_a_guardian_signs_the_request(strokes: Any, name: str, found: list[str]) -> None:
    problems = check_own_signature(strokes, name, ["김보호", "박조모"])
    assert [problem.code.removeprefix("daycare.") for problem in problems] == found


@pytest.mark.rule("AD-27")
@pytest.mark.parametrize(
    ("signer", "strokes", "typed", "scanned", "found"),
    [
        ("김보호", SIGNED, "", False, []),
        ("김보호", None, "", True, []),
        ("김보호", None, "김 보호", False, []),
        ("김보호", None, "", False, ["medicine_sheet_unsigned"]),
        ("김보호", [[[1, 1]]], " ", False, ["medicine_sheet_unsigned"]),
        ("김보호", None, "이보호", False, ["medicine_other_name"]),
        ("문하준", SIGNED, "", False, ["medicine_signer"]),
        ("", None, "", True, ["medicine_signer"]),
    ],
)
def test_staff_invent_no_request(
    signer: str, strokes: Any, typed: str, scanned: bool, found: list[str]
) -> None:
    problems = check_sheet_signature(signer, ["김보호", "이보호"], strokes, typed, scanned=scanned)
    assert [problem.code.removeprefix("daycare.") for problem in problems] == found


@pytest.mark.rule("AD-27")
@pytest.mark.parametrize(
    ("given", "withdrawn", "asked"),
    [
        ("2026-11-17 00:00", False, True),
        ("2026-11-16 23:59", False, False),
        ("2026-11-18 23:59", False, True),
        ("2026-11-19 07:29", False, True),
        ("2026-11-19 07:30", False, False),
        ("2026-11-17 21:00", True, False),
    ],
)
def test_a_dose_is_written_down_only_on_a_day_it_was_asked_for(
    given: str, withdrawn: bool, asked: bool
) -> None:
    at = datetime.fromisoformat(given).replace(tzinfo=KST)
    assert is_asked(date(2026, 11, 17), date(2026, 11, 18), withdrawn, at) is asked


@pytest.mark.rule("AD-27")
@pytest.mark.parametrize(
    ("given", "at", "found"),
    [
        ([], "2026-11-17 21:00", ""),
        (["2026-11-17 21:00"], "2026-11-17 21:00", "given_twice"),
        (["2026-11-17 21:00"], "2026-11-17 21:01", ""),
        (["2026-11-17 09:00", "2026-11-17 21:00"], "2026-11-17 22:00", "all_given"),
        (["2026-11-17 09:00", "2026-11-17 21:00"], "2026-11-18 07:29", "all_given"),  # the same operating day
        (["2026-11-17 09:00", "2026-11-17 21:00"], "2026-11-18 07:30", ""),
    ],
)
def test_no_dose_twice_and_none_that_was_not_asked_for(given: list[str], at: str, found: str) -> None:
    moments = [datetime.fromisoformat(text).replace(tzinfo=KST) for text in (*given, at)]
    problem = check_dose(["09:00", "21:00"], moments[:-1], moments[-1])
    assert (problem.code.removeprefix("daycare.") if problem else "") == found


@pytest.mark.rule("AD-24")
@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ({}, []),
        ({"activities": "블록 놀이"}, []),
        ({"weather": "맑음"}, ["daycare.unknown_heading"]),
        ({"sleep": "가" * 2000}, []),
        ({"sleep": "가" * 2001}, ["daycare.entry_too_long"]),
    ],
)
def test_the_journal_has_its_headings(entries: dict[str, str], found: list[str]) -> None:
    assert [problem.code for problem in check_entries(entries)] == found


@pytest.mark.rule("AD-24")
def test_a_page_without_activities_or_evaluation_is_not_signed() -> None:
    assert check_to_sign({"activities": "놀이", "evaluation": "잘 잠"}) is None
    refused = check_to_sign({"activities": "놀이", "evaluation": " "})
    assert refused is not None
    assert HEADINGS["evaluation"] in refused.sentence


EVERYBODY = ("guardian", "daycare_director", "daycare_teacher", "system", "city_officer")
B = BookingState
ALLOWED = {
    (B.REQUESTED, B.CONFIRMED): {"daycare_director"},
    (B.REQUESTED, B.REFUSED): {"daycare_director", "system"},
    (B.CONFIRMED, B.PAID): {"daycare_director", "daycare_teacher", "system"},
    (B.CONFIRMED, B.IN_CARE): {"daycare_director", "daycare_teacher"},
    (B.PAID, B.IN_CARE): {"daycare_director", "daycare_teacher"},
    (B.IN_CARE, B.COMPLETED): {"daycare_director", "daycare_teacher", "system"},
    (B.REQUESTED, B.CANCELLED): {"guardian", "daycare_director", "system", "city_officer"},
    (B.PAID, B.LATE_CANCELLED): {"guardian", "daycare_director"},
    (B.CONFIRMED, B.NO_SHOW): {"daycare_director", "system"},
    (B.PAID, B.NO_SHOW): {"daycare_director", "system"},
}


@pytest.mark.rule("AD-31")
@pytest.mark.parametrize("step", ALLOWED)
def test_who_may_take_which_step(step: tuple[BookingState, BookingState]) -> None:
    assert {role for role in EVERYBODY if BOOKING_STEPS.check(*step, role) is None} == ALLOWED[step]


@pytest.mark.rule("AD-31")
def test_nothing_leads_out_of_an_end_and_a_request_never_enters() -> None:
    for before in set(B) - HOLDING:
        assert not any(BOOKING_STEPS.next_states(before, role) for role in EVERYBODY)
    assert all(BOOKING_STEPS.check(B.REQUESTED, B.IN_CARE, role) for role in EVERYBODY)
    assert all(BOOKING_STEPS.check(B.IN_CARE, B.CANCELLED, role) for role in EVERYBODY)
    assert all(STAY_STEPS.check(StayState.PLANNED, StayState.LEFT, role) for role in EVERYBODY)
    assert {state.label for state in B} == {
        "신청", "확정", "결제 완료", "이용 중", "이용 마침", "취소", "늦은 취소", "미입소", "거절",
    }  # fmt: skip
