"""Objections at their edges: who takes them down, when they are too early, and against what binds no more (AS-21)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine

from app.kernel.errors import Forbidden, RuleBroken
from app.kernel.ranges import kst
from app.restrictions import service
from app.restrictions.models import Restriction
from app.restrictions.queries import lists
from app.restrictions.rules.kinds import Channel, EventKind, Level, Outcome, State
from app.restrictions.rules.next_step import Step
from tests.restrictions.office import Office, restriction
from tests.restrictions.test_after_notice import TOMORROW, impose, run
from tests.restrictions.test_cases import codes


def objection(office: Office, ref: str, **how: object) -> Restriction:
    with office.acting(office.parent) as uow:
        return service.object_to(uow, ref, version=office.case(ref).version, text="사실과 달라요", **how)  # type: ignore[arg-type]


def answer(office: Office, ref: str, outcome: Outcome, ends_on: date | None = None) -> Restriction:
    with office.acting(office.officer) as uow:
        return service.decide_objection(
            uow, ref, version=office.case(ref).version, outcome=outcome, reason="살펴본 결과", ends_on=ends_on
        )


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2026, 10, 30), "objection.early"),
        (date(2026, 10, 31), None),
        (date(2026, 11, 16), None),
        (date(2026, 11, 17), "objection.late"),
        (date(2026, 11, 21), "event.in_the_future"),
    ],
    ids=["before the notice", "day of the notice", "last day", "day after", "tomorrow"],
)
@pytest.mark.rule("AS-21")
def test_a_letter_that_came_on(office: Office, day: date, code: str | None) -> None:
    case = restriction(office)
    with office.acting(office.coordinator) as uow:
        if code is None:
            row = service.object_to(
                uow, case.ref, version=1, text="우편", channel=Channel.PAPER, received_on=day
            )
            assert row.objection_at == kst(day)
            return
        with pytest.raises(RuleBroken) as caught:
            service.object_to(uow, case.ref, version=1, text="우편", channel=Channel.PAPER, received_on=day)
        assert codes(caught) == {code}


@pytest.mark.rule("AS-21")
@pytest.mark.parametrize(
    ("notified", "last"),
    [
        (date(2026, 11, 20), date(2026, 12, 4)),
        (date(2026, 12, 11), date(2026, 12, 28)),
        (date(2026, 12, 18), date(2027, 1, 4)),
    ],
    ids=["a Friday", "Christmas and its weekend", "New Year and its weekend"],
)
def test_from_the_notice_to_the_last_minute_of_its_last_day(
    office: Office, notified: date, last: date
) -> None:
    with time_machine.travel(kst(notified, 600), tick=False):
        office.event(EventKind.VIOLENCE, day=notified)
        done = office.decided(office.cases()[0].ref)
    assert done.objection_due == last
    with time_machine.travel(kst(last + timedelta(days=1)), tick=False):
        with pytest.raises(RuleBroken) as caught:
            objection(office, done.ref)
        assert codes(caught) == {"objection.late"}
    with time_machine.travel(kst(last, 1439), tick=False):
        assert objection(office, done.ref).objection


@pytest.mark.rule("AS-21")
def test_the_municipality_takes_a_letter_down_beside_the_centre(office: Office) -> None:
    first, second = restriction(office), restriction(office)
    with office.acting(office.officer) as uow:
        service.object_to(
            uow,
            first.ref,
            version=1,
            text="시청에 낸 우편",
            channel=Channel.PAPER,
            received_on=date(2026, 11, 16),
        )
    with office.acting(office.director) as uow, pytest.raises(Forbidden):
        service.object_to(uow, second.ref, version=1, text="센터장이 적음")


@pytest.mark.rule("AS-13")
@pytest.mark.rule("AS-21")
def test_a_month_that_six_months_replaced_is_still_heard(office: Office) -> None:
    """It adds up to the six months, so it must not escape its objection."""
    month = restriction(office, objection_due=date(2026, 11, 30), decided_by=office.director.user_id)
    six = restriction(
        office,
        state=State.NOTIFIED,
        level=Level.M6,
        months=6,
        starts_on=TOMORROW,
        ends_on=date(2027, 5, 20),
        details={"accumulated": [month.ref]},
    )
    run("J-55", office.place, kst(TOMORROW, 3))
    assert office.case(month.ref).state == State.REPLACED
    with time_machine.travel(kst(TOMORROW, 600), tick=False):
        objection(office, month.ref)
        with office.acting(office.officer) as uow:
            rows, _ = lists.board(uow, "todo")
        assert [(row.ref, row.step) for row in rows] == [(month.ref, Step.OBJECTION)]
        assert answer(office, month.ref, Outcome.OVERTURNED).state == State.OVERTURNED
        assert office.case(six.ref).details["shaken"] is True
        said = office.words_of("restriction.answered")
    assert "다른 제한이 2027년 5월 20일(목)까지 있어" in said


@pytest.mark.rule("AS-16")
@pytest.mark.rule("AS-21")
def test_with_the_heavier_one_cancelled_the_lighter_runs_to_its_own_end(office: Office) -> None:
    lighter = restriction(office, ends_on=date(2026, 12, 10))
    over = restriction(office, ends_on=TOMORROW)
    for_good = restriction(
        office,
        state=State.NOTIFIED,
        level=Level.PERMANENT,
        months=None,
        starts_on=TOMORROW,
        ends_on=None,
        objection_due=date(2026, 12, 4),
    )
    run("J-55", office.place, kst(TOMORROW, 3))
    assert {office.case(row.ref).state for row in (lighter, over)} == {State.REPLACED}
    with time_machine.travel(kst(date(2026, 11, 25), 600), tick=False):
        objection(office, for_good.ref)
        answer(office, for_good.ref, Outcome.OVERTURNED)
        assert [block.until for block in office.blocked()] == [date(2026, 12, 10)]
        assert "12월 10일(목)까지 있어" in office.words_of("restriction.answered")
    again = office.case(lighter.ref)
    assert (again.state, again.replaced_by_id) == (State.ACTIVE, None)
    assert office.case(over.ref).state == State.REPLACED, "its days are over"
    with time_machine.travel(kst(date(2026, 12, 11)), tick=False):
        assert not office.blocked()


@pytest.mark.rule("AS-21")
def test_lifted_early_it_still_counts_and_is_still_heard(office: Office) -> None:
    case = restriction(office, objection_due=date(2026, 11, 30), decided_by=office.director.user_id)
    objection(office, case.ref)
    with office.acting(office.director) as uow:
        row = service.propose_lift(uow, case.ref, version=office.case(case.ref).version, reason="미납금 냄")
    with office.acting(office.officer) as uow:
        service.consent_lift(uow, case.ref, version=row.version)
    with pytest.raises(RuleBroken) as caught:
        answer(office, case.ref, Outcome.SHORTENED, date(2026, 11, 25))
    assert codes(caught) == {"state.wrong_step"}
    assert answer(office, case.ref, Outcome.OVERTURNED).state == State.OVERTURNED
    assert "다시 신청하실 수 있어요" in office.words_of("restriction.answered")


@pytest.mark.rule("AS-21")
def test_the_city_need_not_consent_and_the_centre_reads_why(office: Office) -> None:
    case = restriction(office)
    with office.acting(office.officer) as uow, pytest.raises(RuleBroken) as caught:
        service.decline_lift(uow, case.ref, version=1, reason="아직 이릅니다")
    assert codes(caught) == {"lift.not_proposed"}
    with office.acting(office.director) as uow:
        row = service.propose_lift(uow, case.ref, version=1, reason="미납금 냄")
        with pytest.raises(Forbidden):
            service.decline_lift(uow, case.ref, version=row.version, reason="센터가 스스로")
    with office.acting(office.officer) as uow:
        row = service.decline_lift(uow, case.ref, version=row.version, reason="아직 이릅니다")
        todo, _ = lists.board(uow, "todo")
    assert (row.state, row.details["lift_declined"], todo) == (State.ACTIVE, "아직 이릅니다", [])
    assert office.blocked()
    with office.acting(office.director) as uow:
        again = service.propose_lift(uow, case.ref, version=row.version, reason="두 번째 제안")
    assert "lift_declined" not in again.details


@pytest.mark.rule("AS-21")
def test_for_good_is_shortened_to_a_year_at_most(office: Office) -> None:
    case = restriction(
        office, level=Level.PERMANENT, months=None, ends_on=None, objection_due=date(2026, 11, 30)
    )
    objection(office, case.ref)
    with pytest.raises(RuleBroken) as caught:
        answer(office, case.ref, Outcome.SHORTENED, date(2027, 11, 1))
    assert codes(caught) == {"objection.not_shorter"}
    done = answer(office, case.ref, Outcome.SHORTENED, date(2027, 10, 31))
    assert (done.level, done.ends_on, done.state) == (Level.YEAR, date(2027, 10, 31), State.SHORTENED)


@pytest.mark.rule("AS-25")
@pytest.mark.rule("AS-21")
def test_upheld_after_a_daycares_short_one_the_family_is_told_it_may_ask_again(office: Office) -> None:
    ref = impose(office, TOMORROW, TOMORROW)
    with time_machine.travel(kst(date(2026, 11, 23), 600), tick=False):
        objection(office, ref)
        answer(office, ref, Outcome.UPHELD)
        said = office.words_of("restriction.answered")
    assert "제한을 그대로 둠" in said
    assert "다시 신청하실 수 있어요" in said


@pytest.mark.rule("AS-12")
@pytest.mark.rule("AS-21")
def test_cancelled_restrictions_vanish_from_every_counter(office: Office) -> None:
    """The second of three conflicts is cancelled on objection: the third is but the second."""
    for month in (3, 6):
        office.event(EventKind.CONFLICT, day=date(2026, month, 2))
    first, second = office.cases()
    for case in (first, second):
        office.decided(case.ref)
    objection(office, second.ref)
    answer(office, second.ref, Outcome.OVERTURNED)
    office.event(EventKind.CONFLICT)
    third = office.cases()[-1]
    assert (third.ground, third.level) == ("CONFLICT", Level.M3)


@pytest.mark.rule("AS-13")
@pytest.mark.rule("AS-21")
def test_only_a_month_that_added_up_shakes_the_six(office: Office) -> None:
    old = restriction(office, state=State.EXPIRED, starts_on=date(2025, 11, 20), ends_on=date(2025, 12, 19))
    for start in (date(2026, 2, 1), date(2026, 6, 1)):
        restriction(office, state=State.EXPIRED, starts_on=start, ends_on=start + timedelta(days=27))
    office.event(EventKind.INSULT)
    six = office.decided(office.cases(ground="INSULT")[0].ref)
    assert six.level == Level.M6
    assert old.ref not in six.details["accumulated"]
    assert len(six.details["accumulated"]) == 2
