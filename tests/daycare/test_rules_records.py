"""What is written down of a day: food, medicine, journal, ledgers, typed names (AD-21, AD-23, AD-24, AD-27, AD-32)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.daycare.rules.handover import Person, check_entry, check_typed, typed_name
from app.daycare.rules.journal import HEADINGS, WORDS_MAX, check_entries, check_to_sign
from app.daycare.rules.ledgers import check_issue, says_the_same
from app.daycare.rules.meals import check_agreement, check_meal, check_request, check_sheet_signature
from app.daycare.rules.policy import STANDARD
from app.daycare.rules.states import StayState
from app.kernel.errors import Problem
from app.kernel.particles import settled
from app.kernel.ranges import KST

TUESDAY = date(2026, 11, 17)
NOON = datetime(2026, 11, 17, 12, 0, tzinfo=KST)
INSIDE, LEFT, PLANNED = StayState.INSIDE, StayState.LEFT, StayState.PLANNED


def codes(found: list[Problem]) -> list[str]:
    return [problem.code.removeprefix("daycare.") for problem in found]


@pytest.mark.rule("AD-23")
@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ({"amount": 0}, []),
        ({"amount": 3000}, []),
        ({"amount": 3001}, ["급·간식비는 3,000원을 넘을 수 없어요."]),
        ({"amount": 3001, "cap": None}, []),
        ({"amount": 1, "cap": 0}, ["급·간식비는 0원을 넘을 수 없어요."]),
        ({"without": ["김하늘", "이바다"]}, ["급·간식 제공에 합의하지 않았어요: 김하늘, 이바다."]),
        ({"agreed": False}, ["급·간식 제공에 합의한 보호자가 없어요."]),
    ],
)
def test_food_needs_an_agreement_and_keeps_the_limit(changes: dict[str, Any], sentences: list[str]) -> None:
    given: dict[str, Any] = {"kind": "SNACK", "menu": "사과", "amount": 1000, "cap": 3000, **changes}
    found = check_meal(**given, not_reused=True, pictured=True)
    assert len(found) == len(sentences)
    assert all(problem.sentence.startswith(words) for problem, words in zip(found, sentences, strict=True))


@pytest.mark.rule("AD-23")
@pytest.mark.parametrize(
    ("said_by", "how", "minutes", "found"),
    [
        ("김보호", "PHONE", 0, []),
        ("김보호", "VISIT", -60, []),
        ("박모름", "PHONE", 0, ["agreement_who"]),
        ("", "PHONE", 0, ["agreement_who"]),
        ("김보호", "ONLINE", 0, ["agreement_how"]),
        ("김보호", "", 0, ["agreement_how"]),
        ("김보호", "PHONE", 1, ["agreement_in_future"]),
        ("박모름", "", 1, ["agreement_who", "agreement_how", "agreement_in_future"]),
    ],
)
def test_who_agrees_by_which_way_and_when(said_by: str, how: str, minutes: int, found: list[str]) -> None:
    said_at = NOON + timedelta(minutes=minutes)
    assert codes(check_agreement(said_by, {"김보호", "이보호"}, how, said_at, NOON)) == found


@pytest.mark.rule("AD-27")
@pytest.mark.parametrize(
    ("first", "last", "good"),
    [
        (TUESDAY, TUESDAY, True),
        (TUESDAY, TUESDAY + timedelta(days=3), True),
        (TUESDAY, TUESDAY - timedelta(days=1), False),
        (TUESDAY - timedelta(days=1), TUESDAY, False),
    ],
)
def test_medicine_is_asked_for_from_the_running_night_on(first: date, last: date, good: bool) -> None:
    found = codes(check_request(["열", "시럽", "5ml", "냉장"], ["21:00"], first, last, TUESDAY))
    assert found == ([] if good else ["medicine_days"])


@pytest.mark.rule("AD-27")
def test_a_name_typed_for_another_says_whose_it_must_be() -> None:
    [other] = check_sheet_signature("김보호", {"김보호"}, None, "박모름", scanned=False)
    assert "(김보호)" in other.sentence


@pytest.mark.rule("AD-24")
def test_a_text_too_long_is_named_with_its_most() -> None:
    assert check_entries({"sleep": "가" * WORDS_MAX}) == []
    [long] = check_entries({"plan": "놀이", "sleep": "가" * (WORDS_MAX + 1)})
    assert (long.field, long.sentence.startswith("2000자까지")) == ("sleep", True)


@pytest.mark.rule("AD-24")
@pytest.mark.parametrize(
    ("entries", "missing"),
    [
        ({}, ["activities", "evaluation"]),
        ({"activities": "놀이"}, ["evaluation"]),
        ({"evaluation": "잘 잠", "activities": "\n"}, ["activities"]),
        ({"evaluation": "잘 잠", "activities": "놀이"}, []),
    ],
)
def test_what_a_journal_lacks_before_it_is_signed(entries: dict[str, str], missing: list[str]) -> None:
    refused = check_to_sign(entries)
    words = ", ".join(HEADINGS[key] for key in missing)
    assert (refused.sentence if refused else "") == (
        settled(f"{words}을(를) 적은 뒤 서명해 주세요.") if words else ""
    )


@pytest.mark.rule("AD-32")
@pytest.mark.rule("AD-21")
@pytest.mark.parametrize(
    ("running", "states", "code"),
    [
        (TUESDAY, [LEFT], "day_runs"),
        (TUESDAY - timedelta(days=1), [LEFT], "day_runs"),
        (TUESDAY + timedelta(days=1), [LEFT], ""),
        (TUESDAY + timedelta(days=1), [LEFT, INSIDE], "still_inside"),
        (TUESDAY + timedelta(days=1), [INSIDE], "still_inside"),
        (TUESDAY + timedelta(days=1), [], "nobody_came"),
        (TUESDAY + timedelta(days=1), [PLANNED, StayState.NO_SHOW], "nobody_came"),
    ],
)
def test_a_ledger_is_issued_once_its_day_is_over_and_everybody_home(
    running: date, states: list[StayState], code: str
) -> None:
    refused = check_issue(TUESDAY, running, states)
    assert (refused.code.removeprefix("daycare.") if refused else "") == code


@pytest.mark.rule("AD-32")
@pytest.mark.parametrize(
    ("issued", "now", "same"),
    [
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": 1, "old": 2}, {"a": 1, "new": 3}, True),
        ({"rows": [{"a": 1}, {"a": 2}]}, {"rows": [{"a": 1}, {"a": 2, "b": 3}]}, True),
        ({"rows": [{"a": 1}]}, {"rows": [{"a": 1}, {"a": 2}]}, False),
        ({"rows": [{"a": 1}, {"a": 2}]}, {"rows": [{"a": 1}]}, False),
        ({"rows": [{"a": 1}, {"a": 2}]}, {"rows": [{"a": 1}, {"a": 3}]}, False),
        ({"rows": []}, {"rows": "nothing"}, False),
        ({"rows": {}}, {"rows": []}, False),
        ([1, 2], [2, 1], False),
        ("가", "가", True),
        (0, None, False),
    ],
)
def test_what_was_issued_is_compared_with_the_records_of_now(issued: Any, now: Any, same: bool) -> None:
    assert says_the_same(issued, now) is same


@pytest.mark.rule("AD-21")
@pytest.mark.rule("GC-24")
@pytest.mark.parametrize(
    ("signature", "name"),
    [
        (["김보호"], "김보호"),
        (("  Anna   Kim ",), "Anna Kim"),
        (["김보호", "이보호"], ""),
        ([[[1, 1], [2, 2]]], ""),
        ([""], ""),
        ([], ""),
        (None, ""),
        ("김", ""),
    ],
)
def test_a_typed_name_stands_alone(signature: Any, name: str) -> None:
    assert typed_name(signature) == name


@pytest.mark.rule("AD-21")
@pytest.mark.rule("GC-24")
@pytest.mark.parametrize(
    ("typed", "name", "good"),
    [
        (["김보호"], "김보호", True),
        (["김 보호"], "김보호", True),
        (["AnnaKim"], "Anna Kim", True),
        (["이보호"], "김보호", False),
        (["김보"], "김보호", False),
        ([[[1, 1], [2, 2]]], "김보호", True),
        ([""], "김보호", True),
    ],
)
def test_a_typed_name_signs_only_for_who_stands_there(typed: Any, name: str, good: bool) -> None:
    refused = check_typed(typed, name)
    assert (refused is None) is good
    assert refused is None or f"({name})" in refused.sentence


@pytest.mark.rule("AD-21")
@pytest.mark.parametrize(
    ("signature", "found"),
    [(["김보호"], []), ([" "], ["no_signature"]), ([7], ["no_signature"]), ((), ["no_signature"])],
)
def test_ink_or_a_name_and_nothing_less(signature: Any, found: list[str]) -> None:
    person = Person(True, "id_card")
    assert codes(check_entry(PLANNED, person, signature, NOON, STANDARD)) == found
