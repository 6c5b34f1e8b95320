"""Who may move a booking where, and which states hold a seat (KB-21, KB-24 … KB-29, KW-05 … KW-07)."""

from __future__ import annotations

import pytest

from app.booking.rules.states import (
    BOOKING_AFTER_WAIT,
    FINAL,
    USAGE_DAY_STEPS,
    WAIT_STEPS,
    BookingKind,
    BookingState,
    UsageDayState,
    WaitState,
    check_transition,
    holds_seat,
)

B, W = BookingState, WaitState
ROLES = ("guardian", "care_teacher", "team_leader", "centre_director", "seoul_admin", "system")
STAFF = {"care_teacher", "team_leader", "centre_director"}
DECIDERS = {"team_leader", "centre_director"}

ALLOWED: dict[tuple[BookingState, BookingState], set[str]] = {
    (B.WAITING, B.APPLIED): {"guardian"},
    (B.WAITING, B.EXPIRED): {"system"},
    (B.WAITING, B.WITHDRAWN): {"guardian", "system"} | STAFF,
    (B.WAITING, B.DISAPPROVED): DECIDERS,
    (B.APPLIED, B.WITHDRAWN): {"guardian"} | STAFF,
    (B.APPLIED, B.SCHEDULED): DECIDERS,
    (B.APPLIED, B.DISAPPROVED): DECIDERS,
    (B.APPLIED, B.EXPIRED): {"system"},
    (B.DISAPPROVED, B.APPLIED): {"seoul_admin"},
    (B.SCHEDULED, B.IN_USE): {"system"} | STAFF,
    (B.SCHEDULED, B.SCHEDULED): STAFF,
    (B.SCHEDULED, B.CANCELLED): {"system", "seoul_admin"} | STAFF,
    (B.IN_USE, B.CANCELLED): {"system", "seoul_admin"} | STAFF,
    (B.SCHEDULED, B.ENDED): {"system"},
    (B.IN_USE, B.ENDED): {"system"},
}


@pytest.mark.rule("KB-29")
@pytest.mark.parametrize("before", list(B))
@pytest.mark.parametrize("after", list(B))
def test_every_step_and_role(before: BookingState, after: BookingState) -> None:
    for role in ROLES:
        allowed = role in ALLOWED.get((before, after), ())
        assert (check_transition(before, after, role) is None) is allowed, role


@pytest.mark.rule("KB-21")
@pytest.mark.parametrize("after", [B.SCHEDULED, B.DISAPPROVED])
def test_the_deciders_of_this_booking_decide(after: BookingState) -> None:
    only = frozenset({"centre_director"})
    assert check_transition(B.APPLIED, after, "centre_director", deciders=only) is None
    assert check_transition(B.APPLIED, after, "team_leader", deciders=only) is not None
    assert check_transition(B.APPLIED, after, "care_teacher", deciders={"care_teacher"}) is None


@pytest.mark.rule("KB-25")
def test_only_the_city_reverses_a_disapproval() -> None:
    for role in ROLES:
        problem = check_transition(B.DISAPPROVED, B.APPLIED, role)
        assert (problem is None) is (role == "seoul_admin")


@pytest.mark.rule("KB-24")
def test_final_states_lead_nowhere_but_a_disapproval_back() -> None:
    for before in FINAL:
        ways = {after for after in B for role in ROLES if check_transition(before, after, role) is None}
        assert ways == ({B.APPLIED} if before is B.DISAPPROVED else set())


@pytest.mark.rule("KB-29")
def test_what_a_guardian_reads() -> None:
    names = {
        B.APPLIED: "신청",
        B.WAITING: "대기",
        B.SCHEDULED: "이용예정",
        B.IN_USE: "이용중",
        B.ENDED: "종료",
    }
    names |= {
        B.DISAPPROVED: "미승인",
        B.CANCELLED: "이용취소",
        B.WITHDRAWN: "신청취소",
        B.EXPIRED: "기간만료",
    }
    assert {state: state.label for state in B} == names
    assert [kind.label for kind in BookingKind] == ["정기돌봄", "일시돌봄", "아픈아이 돌봄"]


@pytest.mark.rule("KC-07")
@pytest.mark.parametrize("state", list(B))
def test_a_seat_is_held_from_the_application_on(state: BookingState) -> None:
    assert holds_seat(state) is (state in {B.APPLIED, B.SCHEDULED, B.IN_USE})


@pytest.mark.rule("KW-07")
@pytest.mark.parametrize("wait", list(W))
def test_a_seat_under_offer_is_held(wait: WaitState) -> None:
    assert holds_seat(B.WAITING, wait) is (wait is W.OFFERED)
    assert holds_seat(B.WITHDRAWN, wait) is False


@pytest.mark.rule("KW-06")
@pytest.mark.parametrize(
    ("before", "after", "roles"),
    [
        (W.WAITING, W.OFFERED, {"system"} | STAFF),
        (W.OFFERED, W.ACCEPTED, {"guardian"}),
        (W.OFFERED, W.DECLINED, {"guardian"}),
        (W.OFFERED, W.EXPIRED, {"system"}),
        (W.WAITING, W.EXPIRED, {"system"}),
        (W.WAITING, W.ACCEPTED, set()),
        (W.DECLINED, W.OFFERED, set()),
        (W.EXPIRED, W.ACCEPTED, set()),
    ],
)
def test_steps_of_a_waiting_entry(before: WaitState, after: WaitState, roles: set[str]) -> None:
    assert {role for role in ROLES if WAIT_STEPS.check(before, after, role) is None} == roles


@pytest.mark.rule("KW-06")
def test_the_booking_follows_its_waiting_entry() -> None:
    assert BOOKING_AFTER_WAIT[W.ACCEPTED] is B.APPLIED
    assert {wait for wait in W if wait not in BOOKING_AFTER_WAIT} == {W.WAITING, W.OFFERED}
    assert all(
        any(check_transition(B.WAITING, after, role) is None for role in ROLES)
        for after in BOOKING_AFTER_WAIT.values()
    )


@pytest.mark.rule("KB-28")
def test_past_usage_days_stay() -> None:
    planned, cancelled, ended = UsageDayState.PLANNED, UsageDayState.CANCELLED, UsageDayState.ENDED
    assert USAGE_DAY_STEPS.check(planned, cancelled, "care_teacher") is None
    assert USAGE_DAY_STEPS.check(planned, ended, "system") is None
    assert USAGE_DAY_STEPS.check(ended, cancelled, "care_teacher") is not None
    assert USAGE_DAY_STEPS.check(planned, cancelled, "guardian") is not None
