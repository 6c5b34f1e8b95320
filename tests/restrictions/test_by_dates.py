"""Nothing hangs on the clock having run: access, boards and commands go by the dates alone (AS-20, AS-22)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine

from app.kernel.errors import RuleBroken
from app.kernel.ranges import kst
from app.people.models import Child, Guardian, GuardianChild
from app.restrictions import hooks, service
from app.restrictions.queries import lists
from app.restrictions.queries.own import own_case
from app.restrictions.rules.kinds import EventKind, Ground, Level, State
from tests.restrictions.office import TODAY, Office, restriction
from tests.restrictions.test_after_notice import TOMORROW, begun, impose, run
from tests.restrictions.test_cases import codes

__all__ = ["begun"]
LEAP = {"starts_on": date(2028, 1, 31), "ends_on": date(2028, 2, 29)}


@pytest.mark.rule("AS-22")
@pytest.mark.parametrize(
    ("at", "closed", "state"),
    [
        (kst(date(2028, 1, 30), 1439), False, State.NOTIFIED),
        (kst(date(2028, 1, 31)), True, State.ACTIVE),
        (kst(date(2028, 2, 29), 1439), True, State.ACTIVE),
        (kst(date(2028, 3, 1)), False, State.EXPIRED),
        (kst(date(2028, 4, 1)), False, State.EXPIRED),
    ],
)
def test_years_later_no_job_has_run(office: Office, at: datetime, closed: bool, state: State) -> None:
    case = restriction(office, state=State.NOTIFIED, **LEAP)
    with time_machine.travel(at, tick=False):
        assert bool(office.blocked()) is closed
        with office.acting(office.parent) as uow:
            seen, _ = own_case(uow, case.ref)
        with office.acting(office.officer) as uow:
            running, counts = lists.board(uow, "running")
            over, _ = lists.board(uow, "over")
    assert seen.state is state
    assert [row.state for row in (running or over)] == [state]
    assert (counts["running"], len(over)) == ((0, 1) if state is State.EXPIRED else (1, 0))
    assert office.case(case.ref).state == State.NOTIFIED, "the row itself waits for the clock"


@pytest.mark.rule("AS-21")
@pytest.mark.rule("AS-22")
def test_what_is_over_is_not_lifted_although_its_row_says_active(office: Office) -> None:
    case = restriction(office, ends_on=TODAY)
    own = impose(office, TOMORROW, TOMORROW)
    with office.acting(office.director) as uow:
        row = service.propose_lift(uow, case.ref, version=1, reason="미납금 냄")
    with time_machine.travel(kst(TOMORROW + timedelta(days=1)), tick=False):
        with office.acting(office.officer) as uow, pytest.raises(RuleBroken) as caught:
            service.consent_lift(uow, case.ref, version=row.version)
        assert codes(caught) == {"lift.not_in_force"}
        with office.acting(office.daycare) as uow, pytest.raises(RuleBroken) as caught:
            service.lift_at_daycare(uow, own, version=1, reason="약속함")
        assert codes(caught) == {"lift.not_in_force"}


@pytest.mark.rule("AS-20")
@pytest.mark.rule("AS-22")
def test_after_days_without_a_clock_what_is_over_ends_and_never_begins(
    office: Office, begun: list[hooks.Begun]
) -> None:
    case = restriction(office, state=State.NOTIFIED, starts_on=TOMORROW, ends_on=TOMORROW)
    later = kst(TOMORROW + timedelta(days=3), 3)
    run("J-55", office.place, later)
    assert (begun, office.told()) == ([], [])
    run("J-29", office.place, later)
    assert office.case(case.ref).state == State.EXPIRED
    assert office.told() == ["restriction.expired"]


@pytest.mark.rule("AS-20")
def test_a_clock_that_comes_late_begins_what_still_runs(office: Office, begun: list[hooks.Begun]) -> None:
    case = restriction(office, state=State.NOTIFIED, starts_on=TOMORROW, ends_on=date(2026, 12, 20))
    run("J-55", office.place, kst(TOMORROW + timedelta(days=3), 3))
    assert [(what.ref, what.first) for what in begun] == [(case.ref, TOMORROW)]
    assert office.case(case.ref).state == State.ACTIVE


@pytest.mark.rule("AS-20")
@pytest.mark.rule("AS-22")
@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({}, "오늘부터 다시 신청하실 수 있어요"),
        ({"ends_on": date(2027, 1, 31), "level": "M3"}, "다른 제한이 2027년 1월 31일(일)까지 있어"),
        ({"ends_on": None, "level": "PERMANENT", "months": None}, "기한 없는 다른 제한이 있어"),
        ({"state": State.OVERTURNED, "ends_on": date(2027, 1, 31)}, "다시 신청하실 수 있어요"),
        ({"ends_on": TODAY}, "다시 신청하실 수 있어요"),
        ({"service": "DAYCARE", "level": "DAYCARE", "ends_on": date(2027, 1, 31)}, "다시 신청하실 수 있어요"),
        ({"guardian_id": "spouse", "ends_on": date(2027, 1, 31)}, "다시 신청하실 수 있어요"),
    ],
    ids=[
        "alone",
        "a later end",
        "one for good",
        "a cancelled one",
        "over as well",
        "a daycare's own",
        "another's",
    ],
)
def test_the_end_of_one_is_not_the_end_of_another(
    office: Office, other: dict[str, object], said: str
) -> None:
    restriction(office, ends_on=TODAY)
    if other:
        if other.get("service") == "DAYCARE":
            other = {**other, "institution_id": office.daycare_id}
        if other.get("guardian_id"):
            other = {**other, "guardian_id": office.spouse_id}
        restriction(office, **other)
    run("J-29", office.place, kst(TOMORROW, 5))
    assert said.removeprefix("오늘부터 ") in office.words_of("restriction.expired")


@pytest.mark.rule("AS-20")
@pytest.mark.rule("AS-21")
def test_lifted_early_while_another_runs(office: Office) -> None:
    case = restriction(office)
    restriction(office, level="M3", months=3, ends_on=date(2027, 1, 31))
    with office.acting(office.director) as uow:
        row = service.propose_lift(uow, case.ref, version=1, reason="미납금 냄")
    with office.acting(office.officer) as uow:
        service.consent_lift(uow, case.ref, version=row.version)
    assert "다른 제한이 2027년 1월 31일(일)까지 있어" in office.words_of("restriction.lifted")
    assert [block.until for block in office.blocked()] == [date(2027, 1, 31)]


@pytest.mark.rule("AS-01")
@pytest.mark.rule("AS-20")
def test_the_other_parent_is_refused_for_the_same_child_only(office: Office) -> None:
    """The household is restricted: whoever books for a child of it is refused, for another child is not."""
    restriction(office)
    with office.acting() as uow:
        other, away = (
            Child(name=name, birth_date=date(2020, 1, 1), sex="FEMALE", created_at=uow.now)
            for name in ("박따로", "김따로")
        )
        uow.session.add_all([other, away])
        uow.session.flush()
        for guardian, child, together in (
            (office.spouse_id, other.id, True),
            (office.guardian_id, away.id, False),
        ):
            uow.session.add(
                GuardianChild(
                    guardian_id=guardian,
                    child_id=child,
                    relation="PARENT",
                    lives_together=together,
                    created_at=uow.now,
                )
            )
        ids = (other.id, away.id)
    assert office.blocked(children=(office.child_id,))
    assert not office.blocked(children=(ids[0],))
    assert not office.blocked(children=(ids[1],)), "lives elsewhere, booked by whom it lives with"
    assert office.blocked(guardian=office.guardian_id), "booked by the restricted guardian"


@pytest.mark.rule("AS-25")
def test_a_household_is_restricted_by_a_daycare_once(office: Office) -> None:
    """Not once more through the other parent of the same child."""
    impose(office, TOMORROW, date(2026, 12, 15))
    with office.acting() as uow:
        spouse = uow.session.get_one(Guardian, office.spouse_id).ref
    for first, code in ((15, "restriction.overlaps"), (16, "restriction.nothing_new")):
        with office.acting(office.daycare) as uow, pytest.raises(RuleBroken) as caught:
            service.impose_at_daycare(
                uow,
                spouse,
                ground=Ground.LEISURE,
                first=date(2026, 12, first),
                last=date(2026, 12, 31),
                reason="여행",
            )
        assert codes(caught) == {code}


@pytest.mark.rule("AS-09")
@pytest.mark.rule("AS-11")
@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ({}, {}, True),
        ({"child": True}, {}, True),
        ({}, {"child": True}, True),
        ({"child": True}, {"child": True}, True),
        ({"source_id": 7, "child": True}, {"child": True}, True),
        ({"source_id": 7, "child": True}, {"source_id": 7, "child": True}, True),
        ({"source_id": 7, "child": True}, {"source_id": 8, "child": True}, False),
    ],
    ids=[
        "nobody named", "the child named first", "the child named later", "the same child",
        "from a service and by hand", "the same service", "two services of one day",
    ],
)  # fmt: skip
def test_one_late_end_is_not_written_down_as_both(
    office: Office, first: dict[str, object], second: dict[str, object], refused: bool
) -> None:
    def columns(given: dict[str, object]) -> dict[str, object]:
        more = {key: value for key, value in given.items() if key != "child"}
        source = {"source": "facility_service"} if "source_id" in more else {}
        return {**more, **source, **({"child_id": office.child_id} if "child" in given else {})}

    office.event(EventKind.UNREACHABLE, **columns(first))
    if not refused:
        office.event(EventKind.LATE_END, **columns(second))
        return
    with pytest.raises(RuleBroken) as caught:
        office.event(EventKind.LATE_END, **columns(second))
    assert codes(caught) == {"event.same_end"}


@pytest.mark.rule("AS-12")
@pytest.mark.rule("AS-23")
def test_the_second_conflict_warns_once_and_the_third_is_the_year(office: Office) -> None:
    for month in (3, 6):
        office.event(EventKind.CONFLICT, day=date(2026, month, 2))
        assert office.told().count("restriction.warning") == (month == 6)
    said = office.words_of("restriction.warning")
    assert "지금까지 2번" in said
    run("J-28", office.place, kst(TOMORROW, 20))
    office.event(EventKind.CONFLICT)
    assert office.told().count("restriction.warning") == 1
    assert office.cases()[-1].level == Level.YEAR


@pytest.mark.rule("AS-15")
@pytest.mark.rule("AS-17")
def test_the_second_of_two_does_not_confirm_what_no_longer_stands(office: Office) -> None:
    office.event(EventKind.FRAUD)
    case = office.heard(office.cases()[0].ref)
    with office.acting(office.director) as uow:
        case = service.decide(uow, case.ref, version=case.version, reason="허위 청구")
    with office.acting(office.coordinator) as uow:
        service.excuse_event(uow, office.events()[0].ref, version=1, reason="기관의 착오")
    with office.acting(office.officer) as uow:
        with pytest.raises(RuleBroken) as caught:
            service.co_decide(uow, case.ref, version=case.version)
        assert codes(caught) == {"decision.too_few_now"}
        service.send_back(uow, case.ref, version=case.version, reason="근거가 없어짐")
    with office.acting(office.director) as uow:
        done = service.dismiss(uow, case.ref, version=office.case(case.ref).version, reason="근거 없음")
    assert done.state == State.DISMISSED


@pytest.mark.rule("AS-17")
def test_a_reason_that_is_taken_back_shows_on_the_restriction_that_rests_on_it(office: Office) -> None:
    office.late_ends(3)
    done = office.decided(office.cases()[0].ref)
    with office.acting(office.coordinator) as uow:
        row = service.excuse_event(uow, office.events()[0].ref, version=1, reason="기관 잘못")
        with pytest.raises(RuleBroken) as caught:
            service.excuse_event(uow, row.ref, version=row.version, reason="한 번 더")
        assert codes(caught) == {"event.excused"}
    case = office.case(done.ref)
    assert (case.state, case.details["hollow"]) == (State.NOTIFIED, True)
    with office.acting(office.officer) as uow:
        assert "근거가 된 일을 세지 않기로 함" in [step.what for step in lists.history(uow, case.id)]


@pytest.mark.rule("AS-17")
def test_a_reason_has_an_end(office: Office) -> None:
    office.event(EventKind.INSULT)
    case = office.heard(office.cases()[0].ref)
    with office.acting(office.director) as uow, pytest.raises(RuleBroken) as caught:
        service.decide(uow, case.ref, version=case.version, reason="가" * 2001)
    assert codes(caught) == {"restriction.too_many_words"}
