"""From events to a case, its hearing and its decision (AS-17, AS-18)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine

from app.kernel.errors import Forbidden, RuleBroken, StaleVersion
from app.kernel.ranges import kst
from app.restrictions import service
from app.restrictions.models import RestrictionGround
from app.restrictions.rules.kinds import EventKind, Ground, Level, State
from app.restrictions.service.taking import Handed
from tests.restrictions.office import TODAY, Office, colleague, restriction


def codes(caught: pytest.ExceptionInfo[RuleBroken]) -> set[str]:
    return {problem.code for problem in caught.value.problems}


@pytest.mark.rule("AS-11")
def test_the_third_late_end_of_a_month_opens_one_case_with_all_three(office: Office) -> None:
    office.late_ends(2)
    assert office.cases() == []
    office.event(day=date(2026, 11, 10))
    (case,) = office.cases()
    assert (case.ground, case.level, case.state) == (Ground.LATE_ENDS, Level.M3, State.REPORTED)
    assert case.number == "R2026-11-0001"
    with office.acting() as uow:
        assert uow.session.query(RestrictionGround).filter_by(restriction_id=case.id).count() == 3


@pytest.mark.rule("AS-11")
def test_events_of_two_months_are_not_added(office: Office) -> None:
    office.event(day=date(2026, 10, 30))
    office.event(day=date(2026, 10, 31))
    office.event(day=date(2026, 11, 1))
    assert office.cases() == []


def test_a_further_event_joins_the_open_case_and_is_no_second_one(office: Office) -> None:
    office.late_ends(4)
    (case,) = office.cases()
    with office.acting() as uow:
        assert uow.session.query(RestrictionGround).filter_by(restriction_id=case.id).count() == 4


@pytest.mark.rule("AS-23")
def test_one_event_before_the_guardian_is_warned_once(office: Office) -> None:
    office.late_ends(1)
    assert office.told() == []
    office.event(day=date(2026, 11, 6))
    assert office.told() == ["restriction.warning"]
    with office.acting() as uow:
        service.reconcile(uow, office.guardian_id, "")
    assert office.told() == ["restriction.warning"]
    said = office.words_of("restriction.warning")
    assert "종료시간 미준수" in said
    assert "2번" in said
    assert "3번" in said


@pytest.mark.rule("AS-09")
@pytest.mark.rule("AS-11")
def test_one_late_end_is_counted_once(office: Office) -> None:
    office.event(EventKind.UNREACHABLE)
    with pytest.raises(RuleBroken) as caught:
        office.event(EventKind.LATE_END)
    assert codes(caught) == {"event.same_end"}
    office.event(EventKind.LATE_END, day=TODAY - timedelta(days=1))


@pytest.mark.rule("AS-03")
@pytest.mark.parametrize(
    ("at", "accepted"),
    [(kst(date(2026, 11, 23), 1439), False), (kst(date(2026, 11, 24)), True)],
    ids=["Monday 23:59", "Tuesday 00:00"],
)
def test_a_fridays_service_is_unpaid_after_monday(office: Office, at: object, accepted: bool) -> None:
    with time_machine.travel(at, tick=False):  # type: ignore[arg-type]
        if accepted:
            office.event(EventKind.UNPAID, day=TODAY)
            assert [case.ground for case in office.cases()] == [Ground.UNPAID]
        else:
            with pytest.raises(RuleBroken) as caught:
                office.event(EventKind.UNPAID, day=TODAY)
            assert codes(caught) == {"event.not_due_yet"}


@pytest.mark.rule("AS-07")
@pytest.mark.rule("AS-08")
@pytest.mark.rule("AS-10")
@pytest.mark.rule("AS-14")
@pytest.mark.rule("AS-15")
@pytest.mark.parametrize(
    ("kind", "level"),
    [
        (EventKind.ILLNESS, Level.M1),
        (EventKind.INSULT, Level.M1),
        (EventKind.CRIME_SUSPECT, Level.M3),
        (EventKind.CONFLICT, Level.M3),
        (EventKind.VIOLENCE, Level.YEAR),
        (EventKind.FRAUD, Level.YEAR),
    ],
)
def test_one_report_is_a_case(office: Office, kind: EventKind, level: Level) -> None:
    office.event(kind)
    (case,) = office.cases()
    assert (case.level, case.reported_by) == (level, office.coordinator.user_id)


def test_what_has_not_happened_yet_is_no_event(office: Office) -> None:
    with pytest.raises(RuleBroken) as caught:
        office.event(day=TODAY + timedelta(days=1))
    assert codes(caught) == {"event.in_the_future"}


@pytest.mark.rule("AS-04")
@pytest.mark.rule("AS-05")
def test_a_source_row_is_one_event(office: Office) -> None:
    first = office.event(EventKind.NO_SHOW, source="daycare_booking", source_id=7)
    assert office.event(EventKind.NO_SHOW, source="daycare_booking", source_id=7) == first
    assert len(office.events()) == 1


@pytest.mark.rule("AS-06")
def test_a_number_that_registers_later_brings_its_events_along(office: Office) -> None:
    number = "010-4444-0000"
    for day in (3, 4, 5):
        office.event(EventKind.DEMAND, day=date(2026, 11, day), phone=number)
    (case,) = office.cases()
    assert (case.guardian_id, case.phone) == (None, "01044440000")
    done = office.decided(case.ref)
    assert (done.state, done.paper_id) == (State.NOTIFIED, None)
    assert "restriction.notice" in office.told()
    with office.acting() as uow:
        from tests.cast import make_family

        late, _ = make_family(uow, guardian="늦등록", phone="01044440000", child="늦둥이")
    tomorrow = TODAY + timedelta(days=1)
    assert office.blocked(tomorrow, guardian=late.id)
    with office.acting() as uow:
        service.reconcile(uow, None, "01044440000")
    assert {event.guardian_id for event in office.events()} == {late.id}
    assert office.case(case.ref).guardian_id == late.id
    assert office.blocked(tomorrow, guardian=late.id)
    assert len(office.cases()) == 1


@pytest.mark.rule("AS-06")
def test_only_demands_are_written_down_for_a_bare_number(office: Office) -> None:
    with pytest.raises(RuleBroken) as caught:
        office.event(EventKind.LATE_END, phone="01044440000")
    assert codes(caught) == {"event.phone_only_demand"}


@pytest.mark.rule("AS-06")
def test_a_registered_number_is_its_guardian(office: Office) -> None:
    office.event(EventKind.DEMAND, phone="010-1111-2222")
    assert [event.guardian_id for event in office.events()] == [office.guardian_id]


def test_an_excused_event_counts_nowhere(office: Office) -> None:
    ref = office.event(day=date(2026, 11, 3))
    with office.acting(office.director) as uow:
        service.excuse_event(uow, ref, version=1, reason="제공기관 사정")
    office.late_ends(2, date(2026, 11, 4))
    assert office.cases() == []
    with office.acting(office.director) as uow, pytest.raises(StaleVersion):
        service.excuse_event(uow, ref, version=1, reason="다시")


@pytest.mark.rule("AS-17")
def test_the_way_to_a_decision_and_its_notice(office: Office) -> None:
    office.late_ends(3)
    (case,) = office.cases()
    done = office.decided(case.ref, by=office.director)
    assert (done.state, done.level, done.months) == (State.NOTIFIED, Level.M3, 3)
    assert (done.starts_on, done.ends_on) == (date(2026, 11, 21), date(2027, 2, 20))
    assert done.objection_due == date(2026, 12, 4)
    assert done.paper_id is not None
    assert office.told()[-2:] == ["restriction.asked", "restriction.notice"]
    with office.acting(office.parent) as uow:
        from app.documents.queries import papers_in_reach

        (paper,) = papers_in_reach(uow, form_id="anytime-restriction-notice")
        assert paper.state == "ISSUED"


@pytest.mark.rule("AS-17")
def test_steps_out_of_order_and_of_other_roles_are_refused(office: Office) -> None:
    office.late_ends(3)
    (case,) = office.cases()
    with office.acting(office.director) as uow, pytest.raises(RuleBroken):
        service.decide(uow, case.ref, version=1, reason="바로 결정")
    with office.acting(office.coordinator) as uow, pytest.raises(RuleBroken):
        service.ask_statement(uow, case.ref, version=1, found="x")
    with office.acting(office.officer) as uow, pytest.raises(RuleBroken):
        service.check_facts(uow, case.ref, version=1)
    with office.acting(office.coordinator) as uow, pytest.raises(Forbidden):
        service.decide(uow, case.ref, version=1, reason="간사가 결정")
    case = office.heard(case.ref)
    with office.acting(office.officer) as uow, pytest.raises(Forbidden):
        service.decide(uow, case.ref, version=case.version, reason="시가 결정")


@pytest.mark.rule("AS-18")
@pytest.mark.parametrize(
    ("kind", "due"),
    [(EventKind.INSULT, date(2026, 11, 23)), (EventKind.CONFLICT, date(2026, 11, 30))],
    ids=["one month: 3 days", "longer: 10 days"],
)
def test_without_an_answer_it_is_decided_after_the_last_day(
    office: Office, kind: EventKind, due: date
) -> None:
    office.event(kind)
    (case,) = office.cases()
    with office.acting(office.coordinator) as uow:
        case = service.check_facts(uow, case.ref, version=case.version)
        case = service.ask_statement(uow, case.ref, version=case.version, found="확인")
    assert case.statement_due == due
    with time_machine.travel(kst(due, 1439), tick=False):
        with office.acting(office.director) as uow, pytest.raises(RuleBroken) as caught:
            service.decide(uow, case.ref, version=case.version, reason="기준")
        assert codes(caught) == {"decision.hearing_open"}
    with time_machine.travel(kst(due + timedelta(days=1)), tick=False), office.acting(office.director) as uow:
        assert service.decide(uow, case.ref, version=case.version, reason="기준").state == State.NOTIFIED


@pytest.mark.rule("AS-17")
def test_nobody_decides_what_they_reported_or_wrote_down(office: Office) -> None:
    both = colleague(office.director, office.coordinator.user_id or 0)
    office.late_ends(3)
    (case,) = office.cases()
    assert case.reported_by is None
    case = office.heard(case.ref)
    with office.acting(both) as uow, pytest.raises(RuleBroken) as caught:
        service.decide(uow, case.ref, version=case.version, reason="내가 적은 일")
    assert codes(caught) == {"decision.own_report"}
    with office.acting(both) as uow, pytest.raises(RuleBroken):
        service.dismiss(uow, case.ref, version=case.version, reason="내가 적은 일")
    with office.acting(office.director) as uow:
        service.decide(uow, case.ref, version=case.version, reason="기준")


def test_of_two_who_decide_at_once_the_second_sees_the_first(office: Office) -> None:
    office.late_ends(3)
    case = office.heard(office.cases()[0].ref)
    with office.acting(office.director) as uow:
        service.decide(uow, case.ref, version=case.version, reason="기준")
    with office.acting(colleague(office.director)) as uow, pytest.raises(StaleVersion):
        service.dismiss(uow, case.ref, version=case.version, reason="다르게 봄")


def test_too_few_events_left_cannot_be_decided(office: Office) -> None:
    office.late_ends(3)
    case = office.heard(office.cases()[0].ref)
    with office.acting(office.director) as uow:
        service.excuse_event(uow, office.events()[0].ref, version=1, reason="기관 잘못")
        with pytest.raises(RuleBroken) as caught:
            service.decide(uow, case.ref, version=case.version, reason="기준")
        assert codes(caught) == {"decision.too_few"}
        done = service.dismiss(uow, case.ref, version=case.version, reason="횟수가 모자람")
    assert done.state == State.DISMISSED
    assert office.told()[-1] == "restriction.dismissed"


def test_judged_events_open_no_second_case(office: Office) -> None:
    office.late_ends(3)
    case = office.heard(office.cases()[0].ref)
    with office.acting(office.director) as uow:
        service.dismiss(uow, case.ref, version=case.version, reason="사정을 인정함")
    with office.acting() as uow:
        service.reconcile(uow, office.guardian_id, "")
    office.event(day=date(2026, 11, 12))
    assert len(office.cases()) == 1


@pytest.mark.rule("AS-16")
def test_for_good_needs_a_document_and_two_people(office: Office) -> None:
    office.event(EventKind.CRIME_PROVEN)
    case = office.heard(office.cases()[0].ref)
    with office.acting(office.director) as uow, pytest.raises(RuleBroken) as caught:
        service.decide(uow, case.ref, version=case.version, reason="판결")
    assert codes(caught) == {"decision.document_missing"}
    with office.acting(office.director) as uow:
        proof = Handed("처분결과.pdf", b"%PDF-1.4\n%%EOF\n")
        case = service.decide(uow, case.ref, version=case.version, reason="판결", proof=proof)
    assert (case.state, case.decided_by) == (State.STATEMENT, office.director.user_id)
    assert "restriction.notice" not in office.told()
    same = colleague(office.officer, office.director.user_id or 0)
    with office.acting(same) as uow, pytest.raises(RuleBroken) as caught:
        service.co_decide(uow, case.ref, version=case.version)
    assert codes(caught) == {"decision.same_person"}
    with office.acting(office.officer) as uow:
        case = service.co_decide(uow, case.ref, version=case.version)
    assert (case.state, case.months, case.ends_on) == (State.NOTIFIED, None, None)
    assert case.starts_on == TODAY + timedelta(days=1)


@pytest.mark.rule("AS-15")
def test_the_second_may_send_it_back(office: Office) -> None:
    office.event(EventKind.FRAUD)
    case = office.heard(office.cases()[0].ref)
    with office.acting(office.director) as uow:
        case = service.decide(uow, case.ref, version=case.version, reason="부정수급 확인", months=6)
    with office.acting(office.officer) as uow:
        case = service.send_back(uow, case.ref, version=case.version, reason="금액을 다시 확인")
    assert (case.decided_by, case.state) == (None, State.STATEMENT)
    with office.acting(office.director) as uow:
        case = service.decide(uow, case.ref, version=case.version, reason="다시 확인함", months=3)
    with office.acting(office.officer) as uow:
        case = service.co_decide(uow, case.ref, version=case.version)
    assert (case.months, case.ends_on) == (3, date(2027, 2, 20))


@pytest.mark.rule("AS-13")
def test_the_third_single_month_becomes_six(office: Office) -> None:
    for start in (date(2026, 2, 1), date(2026, 6, 1)):
        restriction(office, state=State.EXPIRED, starts_on=start, ends_on=start + timedelta(days=27))
    office.event(EventKind.INSULT)
    (case,) = office.cases(ground="INSULT")
    done = office.decided(case.ref)
    assert (done.level, done.months, done.ends_on) == (Level.M6, 6, date(2027, 5, 20))
    assert len(done.details["accumulated"]) == 2


@pytest.mark.rule("AS-13")
@pytest.mark.rule("AS-21")
def test_an_overturned_month_does_not_add_up(office: Office) -> None:
    restriction(office, state=State.EXPIRED, starts_on=date(2026, 2, 1), ends_on=date(2026, 2, 28))
    restriction(office, state=State.OVERTURNED, starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 30))
    office.event(EventKind.INSULT)
    (case,) = office.cases(ground="INSULT")
    assert office.decided(case.ref).level == Level.M1


@pytest.mark.rule("AS-12")
def test_the_third_conflict_is_a_case_of_a_year(office: Office) -> None:
    for month in (3, 6):
        office.event(EventKind.CONFLICT, day=date(2026, month, 2))
    for case in office.cases():
        office.decided(case.ref)
    office.event(EventKind.CONFLICT)
    (third,) = office.cases(state=State.REPORTED)
    assert (third.ground, third.level) == (Ground.CONFLICTS, Level.YEAR)
    assert office.decided(third.ref).months == 12


@pytest.mark.rule("AS-12")
def test_with_an_earlier_conflict_cancelled_it_is_three_months_again(office: Office) -> None:
    for month in (3, 6):
        office.event(EventKind.CONFLICT, day=date(2026, month, 2))
    first, second = office.cases()
    office.decided(second.ref)
    office.event(EventKind.CONFLICT)
    third = office.cases()[-1]
    office.force(first.ref, state=State.OVERTURNED)
    done = office.decided(third.ref)
    assert (done.ground, done.level, done.months) == (Ground.CONFLICT, Level.M3, 3)


@pytest.mark.rule("AS-19")
def test_new_services_wait_after_misconduct_against_a_carer(office: Office) -> None:
    office.event(EventKind.VIOLENCE)
    (case,) = office.cases()
    with office.acting(office.coordinator) as uow:
        held = service.hold(uow, case.ref, version=case.version, reason="돌보미 보호")
    last = TODAY + timedelta(days=13)
    assert held.hold_until == last
    (block,) = office.blocked()
    assert (block.held, block.until, block.problem.code) == (True, last, "on_hold")
    with time_machine.travel(kst(last, 1439), tick=False):
        assert office.blocked()
    with time_machine.travel(kst(last + timedelta(days=1)), tick=False):
        assert not office.blocked()


@pytest.mark.rule("AS-19")
def test_a_late_end_is_no_reason_to_hold(office: Office) -> None:
    office.late_ends(3)
    (case,) = office.cases()
    with office.acting(office.coordinator) as uow, pytest.raises(RuleBroken):
        service.hold(uow, case.ref, version=case.version, reason="미룸")


def test_a_city_without_a_regional_centre_decides_through_its_officers(small_city: Office) -> None:
    small_city.event(EventKind.INSULT, by=small_city.officer)
    (case,) = small_city.cases()
    case = small_city.heard(case.ref, by=small_city.officer)
    with small_city.acting(small_city.officer) as uow, pytest.raises(RuleBroken) as caught:
        service.decide(uow, case.ref, version=case.version, reason="기준")
    assert codes(caught) == {"decision.own_report"}
    with small_city.acting(small_city.second_officer) as uow:
        assert service.decide(uow, case.ref, version=case.version, reason="기준").state == State.NOTIFIED
