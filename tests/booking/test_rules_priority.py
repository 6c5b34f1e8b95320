"""Who comes first (KB-37 … KB-40)."""

from __future__ import annotations

from datetime import date

import pytest

from app.booking.rules.priority import (
    DEFAULT_ORDER,
    Ground,
    PriorityOrder,
    check_order,
    evidence_counts,
    needs_paper,
    order_key,
    proves,
    rank,
    read_order,
)
from app.people.rules import EvidenceKind, EvidenceState
from tests.booking.spring import at

G = Ground
SPLIT: PriorityOrder = ((G.SINGLE_PARENT_WORKING,), (G.DUAL_INCOME,), *DEFAULT_ORDER[1:])
WRONG_SPLIT: PriorityOrder = ((G.DUAL_INCOME,), (G.SINGLE_PARENT_WORKING,), *DEFAULT_ORDER[1:])


@pytest.mark.rule("KB-37")
@pytest.mark.parametrize(
    ("grounds", "grade", "expected"),
    [
        ({G.DUAL_INCOME}, None, 1),
        ({G.SINGLE_PARENT_WORKING}, None, 1),
        ({G.MULTI_CHILD_OR_CARE}, None, 2),
        (set(), 1, 3),
        (set(), 3, 3),
        (set(), 4, 5),
        ({G.LONG_HOURS}, 4, 4),
        ({G.LONG_HOURS}, 2, 3),
        ({G.LONG_HOURS, G.MULTI_CHILD_OR_CARE}, 2, 2),
        ({G.OTHER}, None, 5),
        (set(), None, 5),
        (set(), 0, 5),
        ({G.COVID_MEDICAL_STAFF}, 5, 5),
    ],
)
def test_the_best_ground_counts(grounds: set[Ground], grade: int | None, expected: int) -> None:
    assert rank(grounds, grounds, DEFAULT_ORDER, grade) == expected


@pytest.mark.rule("KB-37")
@pytest.mark.parametrize(("grade", "expected"), [(2, 3), (3, 5)])
def test_a_tenant_says_what_low_grades_are(grade: int, expected: int) -> None:
    assert rank([], [], DEFAULT_ORDER, grade, low_grade_max=2) == expected


@pytest.mark.rule("KB-37")
def test_another_order_and_one_without_other() -> None:
    assert rank([G.DUAL_INCOME], [G.DUAL_INCOME], SPLIT) == 2
    assert rank([G.SINGLE_PARENT_WORKING], [G.SINGLE_PARENT_WORKING], SPLIT) == 1
    assert rank([], [], ((G.DUAL_INCOME,), (G.LONG_HOURS,))) == 3


@pytest.mark.rule("KB-39")
@pytest.mark.parametrize(
    ("claimed", "verified", "grade", "expected"),
    [
        ({G.DUAL_INCOME}, set(), 5, 5),
        ({G.DUAL_INCOME}, {G.DUAL_INCOME}, 5, 1),
        ({G.DUAL_INCOME, G.LONG_HOURS}, {G.LONG_HOURS}, 5, 4),
        (set(), {G.DUAL_INCOME}, 5, 5),
        ({G.LOW_GRADE}, {G.LOW_GRADE}, 5, 5),  # the grade shows it, not a paper
    ],
)
def test_unverified_claims_rank_as_other(
    claimed: set[Ground], verified: set[Ground], grade: int, expected: int
) -> None:
    assert rank(claimed, verified, DEFAULT_ORDER, grade) == expected


@pytest.mark.rule("KB-39")
@pytest.mark.parametrize(
    ("state", "verified_on", "counts"),
    [
        (EvidenceState.VERIFIED, date(2026, 1, 1), True),
        (EvidenceState.VERIFIED, date(2025, 12, 31), False),
        (EvidenceState.VERIFIED, None, False),
        (EvidenceState.UPLOADED, date(2026, 1, 1), False),
        (EvidenceState.EXPIRED, date(2026, 1, 1), False),
    ],
)
def test_evidence_is_of_the_current_year(
    state: EvidenceState, verified_on: date | None, counts: bool
) -> None:
    assert evidence_counts(state, verified_on, date(2026, 3, 2)) is counts


@pytest.mark.rule("KB-38")
def test_equal_ranks_by_application_then_the_younger() -> None:
    early, late = at("2026-03-02 09:00"), at("2026-03-02 09:01")
    older, younger = date(2017, 5, 1), date(2017, 5, 2)
    keys = [
        order_key(1, late, older),
        order_key(2, early, younger),
        order_key(2, early, older),
        order_key(2, late, younger),
    ]
    assert sorted(keys, reverse=True) == keys[::-1]


@pytest.mark.rule("KB-40")
@pytest.mark.parametrize(
    ("order", "deliberated_on", "codes"),
    [
        (DEFAULT_ORDER, None, []),
        ((DEFAULT_ORDER[0][::-1], *DEFAULT_ORDER[1:]), None, []),
        (SPLIT, None, ["priority.deliberation_missing"]),
        (SPLIT, date(2026, 2, 1), []),
        (WRONG_SPLIT, date(2026, 2, 1), ["priority.single_parent_first"]),
        (DEFAULT_ORDER[:-1], date(2026, 2, 1), ["priority.ground_missing"]),
        ((*DEFAULT_ORDER, (G.OTHER,)), date(2026, 2, 1), ["priority.ground_twice"]),
        ((*DEFAULT_ORDER, (G.COVID_MEDICAL_STAFF,)), date(2026, 2, 1), []),
        (DEFAULT_ORDER[1:], date(2026, 2, 1), ["priority.ground_missing"]),
    ],
)
def test_a_centres_order(order: PriorityOrder, deliberated_on: date | None, codes: list[str]) -> None:
    assert [problem.code for problem in check_order(order, deliberated_on)] == codes


@pytest.mark.rule("KB-40")
def test_the_refusal_names_the_grounds() -> None:
    (missing,) = check_order(DEFAULT_ORDER[:-1], date(2026, 2, 1))
    assert "기타" in missing.sentence
    (twice,) = check_order((*DEFAULT_ORDER, (G.OTHER, G.LOW_GRADE)), date(2026, 2, 1))
    assert "초등 저학년, 기타" in twice.sentence


@pytest.mark.rule("KB-40")
@pytest.mark.parametrize(
    ("kind", "ground", "accepted"),
    [
        (EvidenceKind.EMPLOYMENT_CERTIFICATE, G.DUAL_INCOME, True),
        (EvidenceKind.EMPLOYMENT_CERTIFICATE, G.LONG_HOURS, True),
        (EvidenceKind.MULTI_CHILD, G.DUAL_INCOME, False),
        (EvidenceKind.DISABILITY_OR_ILLNESS, G.MULTI_CHILD_OR_CARE, True),
        (EvidenceKind.MULTI_CHILD, G.OTHER, False),
    ],
)
def test_papers_of_a_ground(kind: EvidenceKind, ground: Ground, accepted: bool) -> None:
    assert proves(kind, ground) is accepted


@pytest.mark.rule("KB-40")
def test_the_district_lays_down_the_papers() -> None:
    papers = {G.LONG_HOURS: (EvidenceKind.EMPLOYMENT_CERTIFICATE,), G.MULTI_CHILD_OR_CARE: ()}
    assert not proves(EvidenceKind.MULTI_CHILD, G.MULTI_CHILD_OR_CARE, papers)
    assert needs_paper([G.OTHER, G.LONG_HOURS], papers)
    assert not needs_paper([G.MULTI_CHILD_OR_CARE], papers)
    assert not needs_paper([G.OTHER])
    assert not needs_paper([G.LOW_GRADE])


def test_orders_are_read_from_parameters() -> None:
    raw = [
        ["dual_income", "single_parent_working"],
        ["multi_child_or_care"],
        ["low_grade"],
        ["long_hours"],
        ["other"],
    ]
    assert read_order(raw) == DEFAULT_ORDER
    with pytest.raises(ValueError, match="rich"):
        read_order([["rich"]])
