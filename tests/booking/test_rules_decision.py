"""Deciding and starting (KB-13 … KB-30, KB-33, KB-42, KB-51)."""

from __future__ import annotations

from datetime import date

import pytest

from app.booking.rules.capacity import ConflictKind, SeatConflict
from app.booking.rules.decision import (
    ApprovalFacts,
    DocumentKind,
    DocumentStatus,
    approval_problems,
    check_decider,
    check_ending_ground,
    check_reason,
    invitation,
    may_auto_start,
    may_hand_in_evidence,
    may_request_evidence,
    may_store_evidence,
    missing_documents,
    open_problems,
    reversal_problems,
    start_use_problems,
)
from app.booking.rules.policy import BookingPolicy
from app.booking.rules.request import OUTSIDE_HOURS
from app.booking.rules.states import BookingKind, BookingState
from app.centres.rules import CentreKind
from tests.booking.spring import at
from tests.kernel.problems import codes

REGULAR, TEMPORARY, SICK = BookingKind.REGULAR, BookingKind.TEMPORARY, BookingKind.SICK
A, P, C, E = DocumentKind
POLICY = BookingPolicy()
FULL = dict.fromkeys(DocumentKind, DocumentStatus.ONLINE)
COUNSELLED = date(2026, 3, 3)


@pytest.mark.rule("KB-13")
@pytest.mark.parametrize(
    ("service", "reason", "asked"),
    [
        ("", "", False),
        ("지역아동센터", "", True),
        ("지역아동센터", " ", True),
        ("지역아동센터", "저녁 공백", False),
    ],
)
def test_parallel_use_needs_the_directors_reason(service: str, reason: str, asked: bool) -> None:
    facts = ApprovalFacts(TEMPORARY, FULL, other_service=service, parallel_use_reason=reason)
    found = approval_problems(facts, POLICY)
    assert codes(found) == (["decision.parallel_use"] if asked else [])
    assert all(problem.soft for problem in found)


@pytest.mark.rule("KB-15")
@pytest.mark.parametrize(
    ("kind", "on", "policy", "asked"),
    [
        (REGULAR, None, POLICY, True),
        (REGULAR, COUNSELLED, POLICY, False),
        (TEMPORARY, None, POLICY, False),
        (SICK, None, POLICY, False),
        (REGULAR, None, BookingPolicy(counselling_required_regular=False), False),
    ],
)
def test_regular_care_wants_counselling_first(
    kind: BookingKind, on: date | None, policy: BookingPolicy, asked: bool
) -> None:
    found = approval_problems(ApprovalFacts(kind, FULL, counselled_on=on), policy)
    assert codes(found) == (["decision.not_counselled"] if asked else [])
    assert all(problem.soft for problem in found)


@pytest.mark.rule("KB-16")
@pytest.mark.parametrize(
    ("status", "missing"),
    [(DocumentStatus.ONLINE, ()), (DocumentStatus.OFFLINE, ()), (DocumentStatus.MISSING, (A,))],
)
def test_a_paper_may_come_online_or_scanned(
    status: DocumentStatus, missing: tuple[DocumentKind, ...]
) -> None:
    assert missing_documents(TEMPORARY, FULL | {A: status}) == missing


@pytest.mark.rule("KB-17")
def test_papers_of_regular_care() -> None:
    assert missing_documents(REGULAR, {}) == (A, P, E)
    assert missing_documents(REGULAR, {}, before_use=True) == (A, P, E, C)
    assert missing_documents(REGULAR, {}, evidence_required=False) == (A, P)
    found = approval_problems(ApprovalFacts(REGULAR, {}, counselled_on=COUNSELLED), POLICY)
    assert codes(found) == ["decision.document_missing"] * 3
    assert "이용신청서" in found[0].sentence
    without_evidence = ApprovalFacts(REGULAR, {}, evidence_required=False, counselled_on=COUNSELLED)
    assert len(approval_problems(without_evidence, POLICY)) == 2


@pytest.mark.rule("KB-18")
@pytest.mark.parametrize("kind", [TEMPORARY, SICK])
def test_temporary_care_is_never_asked_for_evidence(kind: BookingKind) -> None:
    assert missing_documents(kind, {}) == (A, P)
    assert missing_documents(kind, {}, before_use=True) == (A, P, C)


@pytest.mark.rule("KB-19")
@pytest.mark.parametrize(
    ("kind", "demand", "seats", "refused"),
    [
        (TEMPORARY, 4, 5, True),
        (TEMPORARY, 5, 5, True),
        (TEMPORARY, 6, 5, False),
        (SICK, 1, 1, True),
        (REGULAR, 0, 5, False),
    ],
)
def test_evidence_for_temporary_care_only_in_a_full_slot(
    kind: BookingKind, demand: int, seats: int, refused: bool
) -> None:
    assert (may_request_evidence(kind, demand, seats) is not None) is refused


@pytest.mark.rule("KB-19")
@pytest.mark.parametrize(
    ("kind", "requested", "refused"),
    [(TEMPORARY, False, True), (TEMPORARY, True, False), (REGULAR, False, False)],
)
def test_unasked_evidence_is_not_kept(kind: BookingKind, requested: bool, refused: bool) -> None:
    assert (may_store_evidence(kind, requested=requested) is not None) is refused


@pytest.mark.rule("KB-19")
@pytest.mark.parametrize(
    ("open_bookings", "code"),
    [
        ([], "decision.evidence_for_nothing"),
        ([(TEMPORARY, False)], "decision.evidence_not_asked"),
        ([(SICK, False), (TEMPORARY, False)], "decision.evidence_not_asked"),
        ([(TEMPORARY, False), (TEMPORARY, True)], None),
        ([(TEMPORARY, False), (REGULAR, False)], None),
        ([(REGULAR, True)], None),
    ],
)
def test_one_booking_that_needs_a_paper_is_enough(
    open_bookings: list[tuple[BookingKind, bool]], code: str | None
) -> None:
    refused = may_hand_in_evidence(open_bookings)
    assert (refused.code if refused else None) == code


@pytest.mark.rule("KB-21")
@pytest.mark.parametrize(
    ("role", "centre", "kind", "teacher_may", "refused"),
    [
        ("centre_director", CentreKind.GENERAL, REGULAR, False, False),
        ("team_leader", CentreKind.FUSION, REGULAR, False, False),
        ("team_leader", CentreKind.GENERAL, REGULAR, False, True),
        ("care_teacher", CentreKind.FUSION, TEMPORARY, False, True),
        ("care_teacher", CentreKind.GENERAL, TEMPORARY, True, False),
        ("care_teacher", CentreKind.GENERAL, REGULAR, True, True),
        ("guardian", CentreKind.GENERAL, TEMPORARY, True, True),
        ("seoul_admin", CentreKind.GENERAL, TEMPORARY, True, True),
    ],
)
def test_who_decides(
    role: str, centre: CentreKind, kind: BookingKind, teacher_may: bool, refused: bool
) -> None:
    policy = BookingPolicy(teacher_may_approve_temp=teacher_may)
    assert (check_decider(role, centre, kind, policy) is not None) is refused


@pytest.mark.rule("KB-22")
def test_approval_lists_every_unmet_condition_the_hard_ones_first() -> None:
    hours = OUTSIDE_HOURS.of(day="화요일", opening="11:00–19:00")
    conflict = SeatConflict(date(2026, 4, 1), ConflictKind.PLACES, 15 * 60)
    facts = ApprovalFacts(
        REGULAR,
        FULL | {P: DocumentStatus.MISSING},
        other_service="방과후학교",
        request_problems=[hours],
        conflicts=[conflict],
    )
    found = approval_problems(facts, POLICY)
    assert codes(found) == [
        "booking.outside_hours",
        "decision.document_missing",
        "decision.seat_conflict",
        "decision.parallel_use",
        "decision.not_counselled",
    ]
    assert "4월 1일(수) 15:00" in found[2].sentence


@pytest.mark.rule("KB-22")
def test_a_complete_application_is_approved() -> None:
    assert approval_problems(ApprovalFacts(REGULAR, FULL, counselled_on=COUNSELLED), POLICY) == []


@pytest.mark.rule("KB-22")
@pytest.mark.parametrize(
    ("reasons", "left"),
    [
        ({}, ["decision.document_missing", "decision.not_counselled"]),
        ({"decision.not_counselled": "전화 상담"}, ["decision.document_missing"]),
        ({"decision.not_counselled": " "}, ["decision.document_missing", "decision.not_counselled"]),
        ({"decision.document_missing": "나중에"}, ["decision.document_missing", "decision.not_counselled"]),
    ],
)
def test_a_reason_lifts_soft_problems_only(reasons: dict[str, str], left: list[str]) -> None:
    found = approval_problems(ApprovalFacts(REGULAR, FULL | {A: DocumentStatus.MISSING}), POLICY)
    assert codes(open_problems(found, reasons)) == left


@pytest.mark.rule("KB-24")
@pytest.mark.parametrize(("reason", "refused"), [("", True), ("  ", True), ("정원 초과", False)])
def test_a_disapproval_needs_a_reason(reason: str, refused: bool) -> None:
    assert (check_reason(reason) is not None) is refused


@pytest.mark.rule("KB-25")
@pytest.mark.parametrize(
    ("state", "role", "reason", "now", "code"),
    [
        (BookingState.DISAPPROVED, "seoul_admin", "착오", "2026-04-01 13:59", None),
        (BookingState.DISAPPROVED, "seoul_admin", "착오", "2026-04-01 14:00", "decision.period_begun"),
        (BookingState.DISAPPROVED, "seoul_admin", " ", "2026-03-01 09:00", "decision.reason_missing"),
        (BookingState.DISAPPROVED, "centre_director", "착오", "2026-03-01 09:00", "state.wrong_role"),
        (BookingState.WITHDRAWN, "seoul_admin", "착오", "2026-03-01 09:00", "state.wrong_step"),
    ],
)
def test_reversing_a_disapproval(
    state: BookingState, role: str, reason: str, now: str, code: str | None
) -> None:
    found = reversal_problems(state, role, reason, at("2026-04-01 14:00"), at(now))
    assert codes(found) == ([code] if code else [])


@pytest.mark.rule("KB-29")
@pytest.mark.parametrize(
    ("kind", "switched_on", "starts"),
    [(TEMPORARY, True, True), (TEMPORARY, False, False), (SICK, True, True), (REGULAR, True, False)],
)
def test_a_tap_starts_a_temporary_booking_where_switched_on(
    kind: BookingKind, switched_on: bool, starts: bool
) -> None:
    assert may_auto_start(kind, BookingPolicy(auto_start_new=switched_on)) is starts


def start(kind: BookingKind = REGULAR, **facts: object) -> list:
    usual: dict[str, object] = {
        "today": date(2026, 4, 1),
        "documents": FULL,
        "uses_cards": True,
        "has_card": True,
        "has_care_card": True,
    }
    return start_use_problems(kind, date(2026, 4, 1), **(usual | facts))  # type: ignore[arg-type]


@pytest.mark.rule("KB-30")
@pytest.mark.parametrize(
    ("facts", "code", "soft"),
    [
        ({}, None, False),
        ({"today": date(2026, 3, 31)}, "decision.too_early_to_start", False),
        ({"today": date(2026, 4, 2)}, None, False),
        ({"documents": FULL | {C: DocumentStatus.MISSING}}, "decision.document_missing", False),
        ({"has_card": False}, "decision.card_missing", True),
        ({"has_card": False, "uses_cards": False}, None, False),
    ],
)
def test_what_first_use_needs(facts: dict[str, object], code: str | None, soft: bool) -> None:
    found = start(**facts)
    assert codes(found) == ([code] if code else [])
    assert all(problem.soft is soft for problem in found)


@pytest.mark.rule("KB-30")
def test_first_use_without_evidence_where_none_is_due() -> None:
    papers = FULL | {E: DocumentStatus.MISSING}
    assert codes(start(documents=papers)) == ["decision.document_missing"]
    assert start(documents=papers, evidence_required=False) == []


@pytest.mark.rule("KB-42")
@pytest.mark.parametrize(("kind", "asked"), [(REGULAR, True), (TEMPORARY, False), (SICK, False)])
def test_regular_use_wants_a_care_card(kind: BookingKind, asked: bool) -> None:
    found = start(kind, has_care_card=False)
    assert codes(found) == (["decision.care_card_missing"] if asked else [])
    assert all(problem.soft for problem in found)


@pytest.mark.rule("KB-33")
def test_staff_are_prompted_to_invite_non_members() -> None:
    assert invitation(has_account=True) is None
    assert "회원가입" in (invitation(has_account=False) or "")


@pytest.mark.rule("KB-51")
def test_ending_by_the_rules_names_one_of_their_grounds() -> None:
    assert check_ending_ground("장기 미이용", ["장기 미이용", "이사"]) is None
    assert check_ending_ground("기타", ["장기 미이용", "이사"]) is not None
