"""What binds, what is objected to, what is lifted, and what the clock does (AS-20 – AS-22, AE-22; J-28, J-29, J-55)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

import pytest
import time_machine

from app.documents.models import Paper
from app.kernel.db import TenantRef, UnitOfWork
from app.kernel.errors import Forbidden, NotFound, RuleBroken
from app.kernel.ranges import kst
from app.restrictions import hooks, jobs, service
from app.restrictions.rules.kinds import Channel, EventKind, Ground, Level, Outcome, State
from tests.restrictions.office import TODAY, Office, colleague, restriction
from tests.restrictions.test_cases import codes

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def begun() -> Iterator[list[hooks.Begun]]:
    """A higher room that cancels what lies inside."""
    seen: list[hooks.Begun] = []

    def cancel_inside(uow: UnitOfWork, what: hooks.Begun) -> Iterable[str]:
        seen.append(what)
        return ["11월 24일(화) 22:00 금빛 어린이집"]

    before = list(hooks._begin)
    hooks._begin[:] = [cancel_inside]
    yield seen
    hooks._begin[:] = before


def run(job: str, place: TenantRef, at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        next(one for one in jobs.JOBS if one.name == job).run(place, at)


@pytest.mark.rule("AS-20")
def test_it_binds_from_the_day_after_the_notice_and_refuses_days_inside_at_once(office: Office) -> None:
    office.event(EventKind.INSULT)
    done = office.decided(office.cases()[0].ref)
    assert (done.starts_on, done.ends_on) == (TOMORROW, date(2026, 12, 20))
    assert not office.blocked(TODAY)
    assert office.blocked(TOMORROW)
    assert office.blocked(date(2026, 12, 20))
    assert not office.blocked(date(2026, 12, 21))


@pytest.mark.rule("AE-22")
@pytest.mark.rule("AS-22")
@pytest.mark.parametrize(
    ("at", "closed"),
    [
        (kst(date(2026, 10, 31), 1439), False),
        (kst(date(2026, 11, 1)), True),
        (kst(date(2026, 11, 30), 1439), True),
        (kst(date(2026, 12, 1)), False),
    ],
)
def test_access_goes_by_the_dates_and_not_by_the_clock(office: Office, at: datetime, closed: bool) -> None:
    """No job has run: the row says ACTIVE all the time. While it runs, later days are refused too."""
    restriction(office)
    with time_machine.travel(at, tick=False):
        assert bool(office.blocked(date(2027, 1, 15))) is closed


@pytest.mark.rule("AS-01")
def test_the_household_is_bound_and_nobody_else(
    office: Office, gwacheon: TenantRef, seoul: TenantRef
) -> None:
    restriction(office)
    assert office.blocked(children=(office.child_id,)), "booked by whom it may be"
    assert not office.blocked(guardian=office.spouse_id), "for a child of another household"
    assert not office.blocked(guardian=office.stranger_id)
    assert office.blocked(service_name="DAYCARE", daycare=office.daycare_id)
    assert not office.blocked(service_name="KIUM")
    from app.kernel.actor import SYSTEM
    from app.kernel.db import unit_of_work
    from app.restrictions.queries.blocks import blocks

    with unit_of_work(seoul, SYSTEM) as uow:
        found = blocks(
            uow,
            service="FACILITY",
            days=[TODAY],
            guardian_ids=[office.guardian_id],
            child_ids=[office.child_id],
        )
    assert found == [], "another municipality"


@pytest.mark.rule("AS-20")
def test_parallel_restrictions_run_beside_each_other_and_the_later_end_counts(office: Office) -> None:
    restriction(office)
    restriction(office, level="M3", months=3, ends_on=date(2027, 1, 31))
    assert [block.until for block in office.blocked()] == [date(2027, 1, 31), date(2026, 11, 30)]


@pytest.mark.rule("AS-20")
def test_the_first_day_cancels_what_lies_inside_and_tells_once(
    office: Office, begun: list[hooks.Begun]
) -> None:
    case = restriction(office, state=State.NOTIFIED, starts_on=TOMORROW, ends_on=date(2026, 12, 20))
    run("J-55", office.place, kst(TODAY, 3))
    assert begun == []
    run("J-55", office.place, kst(TOMORROW, 3))
    run("J-55", office.place, kst(TOMORROW, 4))
    (what,) = begun
    assert what.guardian_id == office.guardian_id
    assert what.child_ids == {office.child_id}
    assert what.services == {"FACILITY", "VISITING", "DAYCARE"}
    assert (what.first, what.last) == (TOMORROW, date(2026, 12, 20))
    assert office.case(case.ref).state == State.ACTIVE
    assert office.told() == ["restriction.begun"]
    assert "금빛 어린이집" in office.words_of("restriction.begun")


@pytest.mark.rule("AS-22")
def test_it_expires_the_day_after_its_last_and_the_guardian_is_told_once(office: Office) -> None:
    case = restriction(office, ends_on=TODAY)
    run("J-29", office.place, kst(TODAY, 1439))
    assert office.case(case.ref).state == State.ACTIVE
    run("J-29", office.place, kst(TOMORROW, 5))
    run("J-29", office.place, kst(TOMORROW, 6))
    assert office.case(case.ref).state == State.EXPIRED
    assert office.told() == ["restriction.expired"]


@pytest.mark.rule("AS-22")
def test_one_for_good_never_expires(office: Office) -> None:
    case = restriction(office, level=Level.PERMANENT, months=None, ends_on=None)
    run("J-29", office.place, kst(date(2040, 1, 1)))
    assert office.case(case.ref).state == State.ACTIVE
    with time_machine.travel(kst(date(2040, 1, 1)), tick=False):
        (block,) = office.blocked()
    assert (block.until, block.problem.code) == (None, "restricted_for_good")


@pytest.mark.rule("AS-16")
@pytest.mark.rule("AS-17")
def test_one_for_good_replaces_what_runs(office: Office) -> None:
    running = restriction(office)
    own = restriction(office, service="DAYCARE", institution_id=office.daycare_id, level=Level.DAYCARE)
    heavier = restriction(
        office, state=State.NOTIFIED, level=Level.PERMANENT, months=None, starts_on=TOMORROW, ends_on=None
    )
    run("J-55", office.place, kst(TOMORROW, 3))
    row = office.case(running.ref)
    assert (row.state, row.replaced_by_id) == (State.REPLACED, heavier.id)
    assert office.case(own.ref).state == State.ACTIVE, "a daycare's own stays its own"


@pytest.mark.rule("AS-21")
@pytest.mark.parametrize(
    ("at", "accepted"),
    [
        (kst(date(2026, 12, 4), 1439), True),
        (kst(date(2026, 12, 5)), False),
    ],
    ids=["day 14, 23:59", "day 15, 00:00"],
)
def test_an_objection_on_the_last_day_and_on_the_next(office: Office, at: datetime, accepted: bool) -> None:
    office.event(EventKind.INSULT)
    done = office.decided(office.cases()[0].ref)
    with time_machine.travel(at, tick=False), office.acting(office.parent) as uow:
        if accepted:
            row = service.object_to(uow, done.ref, version=done.version, text="사실과 달라요")
            assert row.objection == "사실과 달라요"
            assert office.blocked(), "it goes on meanwhile"
        else:
            with pytest.raises(RuleBroken) as caught:
                service.object_to(uow, done.ref, version=done.version, text="늦었어요")
            assert codes(caught) == {"objection.late"}


@pytest.mark.rule("AS-21")
def test_a_letter_counts_by_the_day_it_came(office: Office) -> None:
    case = restriction(office)
    with office.acting(office.coordinator) as uow:
        with pytest.raises(RuleBroken) as caught:
            service.object_to(
                uow,
                case.ref,
                version=1,
                text="우편",
                channel=Channel.PAPER,
                received_on=date(2026, 11, 17),
            )
        assert codes(caught) == {"objection.late"}
        row = service.object_to(
            uow, case.ref, version=1, text="우편", channel=Channel.PAPER, received_on=date(2026, 11, 16)
        )
    assert row.objection_at == kst(date(2026, 11, 16))


def objected(office: Office, **columns: object) -> tuple[str, int]:
    case = restriction(
        office, decided_by=office.director.user_id, objection_due=date(2026, 11, 30), **columns
    )
    with office.acting(office.parent) as uow:
        row = service.object_to(uow, case.ref, version=1, text="사실과 달라요")
        with pytest.raises(RuleBroken) as caught:
            service.object_to(uow, case.ref, version=row.version, text="또")
        assert codes(caught) == {"objection.twice"}
    return case.ref, row.version


@pytest.mark.rule("AS-21")
def test_upheld_it_goes_on(office: Office) -> None:
    ref, version = objected(office)
    with office.acting(office.officer) as uow:
        row = service.decide_objection(
            uow, ref, version=version, outcome=Outcome.UPHELD, reason="사실로 확인됨"
        )
    assert (row.state, row.objection_decision) == (State.ACTIVE, "UPHELD")
    assert office.blocked()
    assert office.told()[-1] == "restriction.answered"


@pytest.mark.rule("AS-21")
@pytest.mark.parametrize(
    ("ends_on", "accepted"),
    [
        (TODAY - timedelta(days=1), False),
        (TODAY, True),
        (date(2026, 11, 29), True),
        (date(2026, 11, 30), False),
        (None, False),
    ],
)
def test_shortened_it_ends_earlier(office: Office, ends_on: date | None, accepted: bool) -> None:
    ref, version = objected(office)
    with office.acting(office.officer) as uow:
        if not accepted:
            with pytest.raises(RuleBroken) as caught:
                service.decide_objection(
                    uow, ref, version=version, outcome=Outcome.SHORTENED, reason="참작", ends_on=ends_on
                )
            assert codes(caught) == {"objection.not_shorter"}
            return
        service.decide_objection(
            uow, ref, version=version, outcome=Outcome.SHORTENED, reason="참작", ends_on=ends_on
        )
    assert ends_on is not None
    assert [block.until for block in office.blocked()] == [ends_on]
    run("J-29", office.place, kst(ends_on + timedelta(days=1), 5))
    assert office.case(ref).state == State.EXPIRED


@pytest.mark.rule("AS-21")
def test_cancelled_it_binds_and_counts_no_more(office: Office) -> None:
    ref, version = objected(office)
    resting = restriction(
        office, level=Level.M6, months=6, ends_on=date(2027, 4, 30), details={"accumulated": [ref]}
    )
    with office.acting(office.officer) as uow:
        row = service.decide_objection(
            uow, ref, version=version, outcome=Outcome.OVERTURNED, reason="다른 사람의 일"
        )
    assert row.state == State.OVERTURNED
    assert office.case(resting.ref).details["shaken"] is True
    assert [block.until for block in office.blocked()] == [date(2027, 4, 30)]


@pytest.mark.rule("AS-21")
def test_who_decided_does_not_hear_the_objection(office: Office) -> None:
    ref, version = objected(office, also_decided_by=office.officer.user_id)
    with office.acting(office.officer) as uow, pytest.raises(RuleBroken) as caught:
        service.decide_objection(uow, ref, version=version, outcome=Outcome.UPHELD, reason="그대로")
    assert codes(caught) == {"objection.own_decision"}
    with office.acting(office.director) as uow, pytest.raises(Forbidden):
        service.decide_objection(uow, ref, version=version, outcome=Outcome.UPHELD, reason="그대로")


@pytest.mark.rule("AS-21")
def test_lifting_early_takes_the_centre_and_the_city(office: Office) -> None:
    case = restriction(office)
    with office.acting(office.officer) as uow, pytest.raises(RuleBroken) as caught:
        service.consent_lift(uow, case.ref, version=1)
    assert codes(caught) == {"lift.not_proposed"}
    with office.acting(office.director) as uow:
        row = service.propose_lift(uow, case.ref, version=1, reason="미납금을 모두 냈음")
    assert office.blocked(), "a proposal changes nothing"
    with office.acting(colleague(office.officer, office.director.user_id or 0)) as uow:
        with pytest.raises(RuleBroken) as caught:
            service.consent_lift(uow, case.ref, version=row.version)
        assert codes(caught) == {"lift.own_proposal"}
    with office.acting(office.officer) as uow:
        row = service.consent_lift(uow, case.ref, version=row.version)
    assert row.state == State.LIFTED
    assert not office.blocked()
    assert office.told()[-1] == "restriction.lifted"


def impose(office: Office, first: date, last: date, **more: object) -> str:
    with office.acting(office.daycare) as uow:
        return service.impose_at_daycare(
            uow,
            office.guardian_ref,
            ground=Ground.LEISURE,
            first=first,
            last=last,
            reason="여행을 이유로 매주 주말 맡김",
            **more,  # type: ignore[arg-type]
        ).ref


@pytest.mark.rule("AS-25")
@pytest.mark.parametrize(
    ("first", "last", "problem"),
    [
        (TODAY, date(2026, 12, 1), "restriction.past"),
        (TOMORROW, TOMORROW, None),
        (TOMORROW, TODAY, "restriction.dates"),
        (TOMORROW, date(2027, 2, 20), None),
        (TOMORROW, date(2027, 2, 21), "restriction.too_long"),
    ],
    ids=["today", "tomorrow, one day", "ends before", "three months", "a day more"],
)
def test_a_daycares_own_restriction(office: Office, first: date, last: date, problem: str | None) -> None:
    if problem:
        with pytest.raises(RuleBroken) as caught:
            impose(office, first, last)
        assert codes(caught) == {problem}
        return
    case = office.case(impose(office, first, last))
    assert (case.state, case.level, case.starts_on, case.ends_on) == ("NOTIFIED", "DAYCARE", first, last)
    assert case.paper_id is not None
    assert office.told() == ["restriction.notice"]
    assert office.blocked(last, service_name="DAYCARE", daycare=office.daycare_id)
    assert not office.blocked(last, service_name="DAYCARE", daycare=office.other_daycare_id)
    assert not office.blocked(last, service_name="FACILITY")


@pytest.mark.rule("AS-25")
def test_it_does_not_overlap_another_of_the_same_daycare(office: Office) -> None:
    impose(office, TOMORROW, date(2026, 12, 20))
    with pytest.raises(RuleBroken) as caught:
        impose(office, date(2026, 12, 20), date(2026, 12, 31))
    assert codes(caught) == {"restriction.overlaps"}


@pytest.mark.rule("AS-25")
def test_a_daycare_reaches_only_families_it_knows(office: Office) -> None:
    elsewhere = colleague(office.daycare)
    elsewhere = type(elsewhere)(elsewhere.role, user_id=1, scope=office.other_daycare_id)
    with office.acting(elsewhere) as uow, pytest.raises(NotFound):
        service.impose_at_daycare(
            uow,
            office.guardian_ref,
            ground=Ground.LEISURE,
            first=TOMORROW,
            last=TOMORROW,
            reason="모르는 가족",
        )
    ref = impose(office, TOMORROW, date(2026, 12, 20))
    with office.acting(elsewhere) as uow, pytest.raises(NotFound):
        service.lift_at_daycare(uow, ref, version=1, reason="남의 것")
    with office.acting(office.daycare) as uow:
        assert service.lift_at_daycare(uow, ref, version=1, reason="약속함").state == State.LIFTED
    assert not office.blocked(TOMORROW, service_name="DAYCARE", daycare=office.daycare_id)


@pytest.mark.rule("AS-04")
@pytest.mark.rule("AS-23")
def test_the_nightly_count_finds_what_nobody_opened_and_changes_nothing_twice(office: Office) -> None:
    office.event(EventKind.CANCELLATION, day=date(2026, 11, 3))
    with office.acting() as uow:
        from app.restrictions.models import RestrictionEvent

        uow.session.add(
            RestrictionEvent(
                guardian_id=office.guardian_id,
                service="FACILITY",
                kind=EventKind.CANCELLATION,
                occurred_on=date(2026, 11, 4),
                occurred_at=kst(date(2026, 11, 4)),
                created_at=uow.now,
            )
        )
    assert office.cases() == []
    run("J-28", office.place, kst(TODAY, 20))
    run("J-28", office.place, kst(TOMORROW, 20))
    (case,) = office.cases()
    assert case.ground == Ground.CANCELLATIONS
    assert office.told() == ["restriction.warning"]


@pytest.mark.rule("AS-21")
@pytest.mark.rule("AS-25")
def test_the_city_hears_an_objection_against_a_daycare_even_after_a_short_restriction(office: Office) -> None:
    ref = impose(office, TOMORROW, TOMORROW)
    after = TOMORROW + timedelta(days=1)
    run("J-55", office.place, kst(TOMORROW, 3))
    run("J-29", office.place, kst(after, 5))
    with time_machine.travel(kst(after, 600), tick=False):
        with office.acting(office.coordinator) as uow, pytest.raises(NotFound):
            service.object_to(uow, ref, version=office.case(ref).version, text="센터는 모르는 일")
        with office.acting(office.officer) as uow:
            row = service.object_to(
                uow, ref, version=office.case(ref).version, text="전화로 이의", channel=Channel.PHONE
            )
            row = service.decide_objection(
                uow, ref, version=row.version, outcome=Outcome.OVERTURNED, reason="여행이 아니었음"
            )
    assert row.state == State.OVERTURNED


@pytest.mark.rule("AS-20")
@pytest.mark.rule("AS-21")
def test_shortened_before_it_began_it_still_begins_once(office: Office, begun: list[hooks.Begun]) -> None:
    restriction(office, state=State.SHORTENED, starts_on=TOMORROW, ends_on=date(2026, 12, 1))
    run("J-55", office.place, kst(TOMORROW, 3))
    run("J-55", office.place, kst(TOMORROW + timedelta(days=1), 3))
    assert [what.last for what in begun] == [date(2026, 12, 1)]


@pytest.mark.rule("AS-13")
def test_six_months_replace_the_month_that_runs(office: Office) -> None:
    running = restriction(office)
    longer = restriction(office, level="M3", months=3, ends_on=date(2027, 1, 31))
    restriction(
        office,
        state=State.NOTIFIED,
        level=Level.M6,
        months=6,
        starts_on=TOMORROW,
        ends_on=date(2027, 5, 20),
        details={"accumulated": [running.ref]},
    )
    run("J-55", office.place, kst(TOMORROW, 3))
    assert office.case(running.ref).state == State.REPLACED
    assert office.case(longer.ref).state == State.ACTIVE


@pytest.mark.rule("AS-15")
@pytest.mark.rule("AS-17")
def test_without_a_regional_centre_two_officers_decide_together(small_city: Office) -> None:
    third = colleague(small_city.officer)
    small_city.event(EventKind.FRAUD, by=third)
    case = small_city.heard(small_city.cases()[0].ref, by=small_city.officer)
    with small_city.acting(small_city.officer) as uow:
        case = service.decide(uow, case.ref, version=case.version, reason="허위 청구")
        with pytest.raises(RuleBroken):
            service.co_decide(uow, case.ref, version=case.version)
    with small_city.acting(third) as uow, pytest.raises(RuleBroken) as caught:
        service.co_decide(uow, case.ref, version=case.version)
    assert codes(caught) == {"decision.own_report"}
    with small_city.acting(small_city.second_officer) as uow:
        assert service.co_decide(uow, case.ref, version=case.version).months == 12


@pytest.mark.rule("AS-20")
@pytest.mark.rule("AS-25")
def test_the_notices_say_why_how_long_and_where_to_object(office: Office) -> None:
    office.late_ends(3)
    case = office.decided(office.cases()[0].ref)
    own = office.case(impose(office, TOMORROW, date(2026, 12, 20)))
    with office.acting() as uow:
        letter = uow.session.get_one(Paper, case.paper_id).data
        theirs = uow.session.get_one(Paper, own.paper_id).data
    assert (letter["grounds"], letter["period"], letter["issuer"]) == (["R3-2"], "3m", "과천")
    assert (letter["from_date"], letter["to_date"]) == ("2026-11-21", "2027-02-20")
    assert letter["facts"].count("종료시간 미준수") == 3
    assert "12월 4일(금) 밤 12시" in letter["appeal"]
    assert letter["city_head"] is None
    assert "과천시(02-120)" in letter["appeal"], "the municipality hears it, whoever imposed it"
    assert (theirs["grounds"], theirs["daycare_name"]) == (["leisure_overuse"], "금빛 어린이집")
    assert "과천시" in theirs["appeal_info"]
