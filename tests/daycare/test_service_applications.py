"""Applications, medicine, journal and food, call-backs (AD-18 – AD-20, AD-23, AD-24, AD-27, AD-34, AE-17, AE-19)."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import event, select

from app.daycare import queries, service
from app.daycare.application_paper import sign_at_desk
from app.daycare.models import ApplicationChild, DaycareApplication
from app.daycare.parent_records import meals_told, own_stay
from app.daycare.rules.application import CheckKind
from app.daycare.rules.states import ApplicationState, Channel, JournalState
from app.daycare.service import ApplicationData, MealData, MedicineData
from app.documents.service.signing import Hand
from app.documents.uploads import store_upload
from app.kernel.actor import Actor
from app.kernel.audit import AccessLog
from app.kernel.errors import Forbidden, NotFound, RuleBroken, StaleVersion
from app.kernel.ranges import KST
from app.people.models import Child
from app.people.service import know_child
from tests.cast_daycare import (
    INK,
    MONDAY,
    TUESDAY,
    YES,
    DaycareTown,
    Home,
    child_answers,
    evening,
    guardian_answers,
)

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


def codes(refused: pytest.ExceptionInfo[RuleBroken]) -> set[str]:
    return {problem.code.removeprefix("daycare.") for problem in refused.value.problems}


def data(town: DaycareTown, home: Home, **changes: Any) -> ApplicationData:
    usual = ApplicationData(
        daycare=town.daycare,
        purpose="double_income",
        children=tuple(child_answers(child) for child in home.children),
        guardians=(guardian_answers(),),
        consents=YES,
    )
    return replace(usual, **changes)


def submit(town: DaycareTown, home: Home, by: Actor | None = None, **changes: Any) -> str:
    more = {"guardian": home.guardian, "channel": changes.pop("channel", Channel.VISIT)} if by else {}
    with town.unit(by or home.actor) as uow:
        row = service.submit_application(uow, secrets.token_hex(16), data(town, home, **changes), **more)
        return row.ref


def state(town: DaycareTown, ref: str) -> ApplicationState:
    with town.unit(town.director) as uow:
        return queries.application_detail(uow, ref).row.state


def version(town: DaycareTown, ref: str) -> int:
    with town.unit() as uow:
        wanted = select(DaycareApplication.version).where(DaycareApplication.ref == ref)
        return uow.session.scalars(wanted).one()


@pytest.mark.rule("AD-18")
def test_from_the_draft_to_the_bed(town: DaycareTown) -> None:
    home = town.family(apply=False)
    with town.unit(home.actor) as uow:
        draft = service.save_application(uow, data(town, home, purpose="", consents={}))
    ref = submit(town, home)
    assert ref == draft.ref
    with town.unit(town.director) as uow:
        service.return_application(uow, ref, "알레르기를 다시 적어 주세요.", version=version(town, ref))
    assert state(town, ref) is ApplicationState.RETURNED
    with pytest.raises(RuleBroken):
        town.book(home, evening(TUESDAY))
    assert submit(town, home) == ref
    assert town.book(home, evening(TUESDAY))
    with town.unit(town.director) as uow:
        service.accept_application(uow, ref, version=version(town, ref))
    assert state(town, ref) is ApplicationState.ACCEPTED
    with pytest.raises(StaleVersion), town.unit(town.director) as uow:
        service.return_application(uow, ref, "늦음", version=1)


@pytest.mark.rule("AD-18")
def test_guardians_one_and_three_without_two_are_refused(town: DaycareTown) -> None:
    home = town.family(apply=False)
    third = guardian_answers("박보호", "01077778888")
    with pytest.raises(RuleBroken) as refused:
        submit(town, home, guardians=(guardian_answers(), None, third))
    assert codes(refused) == {"guardian_gap"}


@pytest.mark.rule("AD-20")
def test_a_refused_consent_waits_for_the_directors_reason(town: DaycareTown) -> None:
    home = town.family(apply=False)
    with pytest.raises(RuleBroken) as refused:
        submit(town, home, consents={**YES, "privacy": False})
    assert codes(refused) == {"consent_refused"}
    ref = submit(town, home, consents={**YES, "survey": False})
    with pytest.raises(RuleBroken) as unreasoned, town.unit(town.director) as uow:
        service.accept_application(uow, ref, version=version(town, ref))
    assert codes(unreasoned) == {"consent_survey"}
    with town.unit(town.director) as uow:
        reasons = {"daycare.consent_survey": "조사 없이도 이용에 지장 없음"}
        service.accept_application(uow, ref, version=version(town, ref), reasons=reasons)
    assert state(town, ref) is ApplicationState.ACCEPTED


@pytest.mark.rule("AD-19")
def test_answers_are_sealed_and_opened_with_a_trace(town: DaycareTown) -> None:
    home = town.family(apply=False)
    answers = child_answers(home.child, disease=True, disease_words="천식", habits="불을 켜고 자요")
    ref = submit(town, home, children=(answers,))
    with town.unit() as uow:
        sealed = uow.session.scalars(select(ApplicationChild.sealed)).one()
    assert "천식".encode() not in (sealed or b"")
    with town.unit(town.teacher) as uow:
        special = queries.special_of(uow, home.child, town.row(uow))
        detail = queries.application_detail(uow, ref)
    assert (special.disease_words, special.habits) == ("천식", "불을 켜고 자요")
    assert detail.children[0].disease_words == "천식"
    with town.unit() as uow:
        looked = set(uow.session.scalars(select(AccessLog.what)))
    assert {"daycare.special", "daycare.application"} <= looked


@pytest.mark.rule("AE-19")
def test_an_aunt_cannot_apply_and_a_mother_elsewhere_shows_the_certificate(town: DaycareTown) -> None:
    aunt = town.family(apply=False, relation="OTHER")
    with pytest.raises(RuleBroken) as refused:
        submit(town, aunt)
    assert codes(refused) == {"not_entitled"}
    apart = town.family(apply=False, lives_together=False)
    ref = submit(town, apart)
    [booked] = town.book(apart, evening(TUESDAY))
    assert town.booking(booked).overrides == [["daycare.not_same_register", ""]]
    with town.unit(town.teacher) as uow:
        service.record_check(uow, ref, CheckKind.FAMILY, "family_certificate", returned=True, resident=True)
    [other] = town.book(apart, evening(TUESDAY, 1320 - 60, 1320))
    assert town.booking(other).overrides == []


@pytest.mark.rule("AE-17")
def test_the_family_document_says_where_they_live(town: DaycareTown) -> None:
    home = town.family(apply=False)
    ref = submit(town, home)
    with pytest.raises(RuleBroken) as refused, town.unit(town.teacher) as uow:
        service.record_check(uow, ref, CheckKind.FAMILY, "resident_register", returned=True, resident=False)
    assert codes(refused) == {"not_resident"}
    with town.unit() as uow:
        uow.session.get_one(Child, home.child_ids[0]).address = "서울특별시 구로구 구로동 1"
    with pytest.raises(RuleBroken) as elsewhere:
        town.book(home, evening(TUESDAY))
    assert codes(elsewhere) == {"not_resident"}


def test_somebody_elses_application_is_not_there(town: DaycareTown) -> None:
    home, other = town.family(apply=False), town.family("바다")
    ref = submit(town, home)
    with pytest.raises(NotFound), town.unit(other.actor) as uow:
        queries.application_detail(uow, ref)
    with pytest.raises(NotFound), town.unit(other.actor) as uow:
        service.withdraw_application(uow, ref, version=version(town, ref))
    with pytest.raises(Forbidden), town.unit(town.teacher) as uow:
        service.accept_application(uow, ref, version=version(town, ref))


def known_family(town: DaycareTown) -> Home:
    """A family without an application whose child the daycare may know (KB-32)."""
    home = town.family(apply=False)
    with town.unit() as uow:
        know_child(uow, home.child_ids[0], town.daycare_id)
    return home


@pytest.mark.rule("KB-32")
def test_staff_write_for_families_the_daycare_knows_and_their_known_children(town: DaycareTown) -> None:
    stranger, known = town.family(apply=False), known_family(town)
    with pytest.raises(NotFound), town.unit(town.director) as uow:
        service.save_application(uow, data(town, stranger), guardian=stranger.guardian)
    with pytest.raises(NotFound), town.unit(town.director) as uow:
        service.save_application(uow, data(town, stranger), guardian=known.guardian)
    with pytest.raises(Forbidden), town.unit(town.teacher) as uow:
        service.save_application(uow, data(town, known), guardian=known.guardian)
    with town.unit(town.director) as uow:
        row = service.save_application(uow, data(town, known), guardian=known.guardian)
    assert (row.state, row.channel) == ("DRAFT", "VISIT")
    with town.unit(known.actor) as uow:
        again = service.save_application(uow, data(town, known), ref=row.ref, version=row.version)
    assert (again.ref, again.channel) == (row.ref, "VISIT")  # the family goes on with it


@pytest.mark.rule("XX-05")
def test_a_draft_of_the_family_is_its_own_until_it_is_handed_in(town: DaycareTown) -> None:
    home = known_family(town)
    with town.unit(home.actor) as uow:
        row = service.save_application(uow, data(town, home))
    with town.unit(town.director) as uow:
        assert queries.applications(uow, town.row(uow)) == []
    for who in (town.director, town.teacher):
        with pytest.raises(NotFound), town.unit(who) as uow:
            queries.application_detail(uow, row.ref)
    with pytest.raises(NotFound), town.unit(town.director) as uow:
        service.drop_draft(uow, row.ref, version=row.version)


@pytest.mark.rule("GC-24")
def test_what_staff_hand_in_is_accepted_when_it_is_signed(town: DaycareTown) -> None:
    home = known_family(town)
    ref = submit(town, home, by=town.director, channel=Channel.PHONE)
    assert town.book(home, evening(TUESDAY), by=town.director)  # a bed may be held meanwhile (AD-18)
    with pytest.raises(RuleBroken) as refused, town.unit(town.director) as uow:
        service.accept_application(uow, ref, version=version(town, ref))
    assert codes(refused) == {"application_unsigned"}
    with town.unit(town.director) as uow:
        row = uow.session.scalars(select(DaycareApplication)).one()
        sign_at_desk(uow, row, home.actor.name, Hand(home.actor.name, None, home.actor.name), None)
    with town.unit(town.director) as uow:
        service.accept_application(uow, ref, version=version(town, ref))
    assert state(town, ref) is ApplicationState.ACCEPTED
    with pytest.raises(RuleBroken), town.unit(town.director) as uow:
        service.drop_draft(uow, ref, version=version(town, ref))


def medicine(town: DaycareTown, home: Home, **changes: Any) -> MedicineData:
    usual = MedicineData(
        daycare=town.daycare,
        child=home.child,
        starts_on=TUESDAY,
        ends_on=TUESDAY,
        symptom="기침",
        medicine="시럽",
        dose="5ml",
        kept="실온",
        times=("20:00", "06:00"),
        signature=INK,
    )
    return replace(usual, **changes)


@pytest.mark.rule("AD-27")
def test_no_medicine_without_a_request(town: DaycareTown, clock: time_machine.Coordinates) -> None:
    home = town.family()
    booked = town.confirmed(home, evening(TUESDAY))
    town.pay(booked)
    with town.unit(home.actor) as uow:
        request = service.request_medicine(uow, medicine(town, home))
    with pytest.raises(RuleBroken) as refused, town.unit(town.teacher) as uow:
        service.record_dose(uow, request.ref)
    assert codes(refused) == {"not_asked"}
    clock.move_to(datetime(2026, 11, 17, 18, 0, tzinfo=KST))
    town.enter(booked)
    clock.move_to(datetime(2026, 11, 17, 20, 5, tzinfo=KST))
    with town.unit(town.teacher) as uow:
        service.record_dose(uow, request.ref, note="다 먹음")
        room = queries.room_now(uow, town.row(uow))
        [row] = queries.medicine_requests(uow, town.row(uow), TUESDAY)
    due = [(dose.at, dose.given_at is not None) for dose in room.medicine]
    assert due == [("20:00", True)], "06:00 is after the child has left"
    assert (row.words["medicine"], len(row.given)) == ("시럽", 1)
    with town.unit(home.actor) as uow:
        service.withdraw_medicine(uow, request.ref)
    with pytest.raises(RuleBroken), town.unit(town.teacher) as uow:
        service.record_dose(uow, request.ref)


@pytest.mark.rule("AD-24")
def test_a_journal_is_written_signed_and_closed(town: DaycareTown, clock: time_machine.Coordinates) -> None:
    with town.unit(town.teacher) as uow:
        row = service.write_journal(uow, town.class_ref, MONDAY, {"activities": "블록"}, version=0)
    with pytest.raises(StaleVersion), town.unit(town.teacher) as uow:
        service.write_journal(uow, town.class_ref, MONDAY, {"activities": "그림"}, version=0)
    with pytest.raises(RuleBroken) as unready, town.unit(town.teacher) as uow:
        service.sign_journal(uow, row.ref, version=row.version)
    assert codes(unready) == {"entry_missing"}
    with town.unit(town.teacher) as uow:
        words = {"activities": "블록", "evaluation": "사이좋게 놀았다"}
        row = service.write_journal(uow, town.class_ref, MONDAY, words, version=row.version)
    with town.unit(town.teacher) as uow:
        service.sign_journal(uow, row.ref, version=row.version)
    with pytest.raises(Forbidden), town.unit(town.teacher) as uow:
        service.close_journal(uow, row.ref, version=row.version + 1)
    with pytest.raises(RuleBroken) as early, town.unit(town.director) as uow:
        service.close_journal(uow, row.ref, version=row.version + 1)
    assert codes(early) == {"nobody_yet"}
    clock.move_to(datetime(2026, 11, 17, 7, 30, tzinfo=KST))
    with town.unit(town.director) as uow:
        service.close_journal(uow, row.ref, version=row.version + 1)
        [page] = queries.journals(uow, town.row(uow), MONDAY)
    assert (page.state, page.signed_by, page.closed_by) == (JournalState.CLOSED, "이다솜", "이다솜")
    with pytest.raises(RuleBroken), town.unit(town.teacher) as uow:
        service.write_journal(uow, town.class_ref, MONDAY, {}, version=page.version)


@pytest.mark.rule("AD-23")
def test_food_needs_its_picture(town: DaycareTown) -> None:
    meal = MealData(town.class_ref, MONDAY, "SNACK", "바나나", True, None)
    with pytest.raises(RuleBroken) as refused, town.unit(town.teacher) as uow:
        service.record_meal(uow, meal)
    assert codes(refused) == {"picture_missing"}
    with town.unit(town.teacher) as uow:
        picture = store_upload(
            uow, owner="daycare", owner_id=town.daycare_id, kind="MEAL", filename="a.png", content=PNG
        )
        service.record_meal(uow, replace(meal, upload_id=picture.id))
        [page] = queries.journals(uow, town.row(uow), MONDAY)
    assert [(row.menu, row.upload_ref) for row in page.meals] == [("바나나", picture.ref)]


@pytest.mark.rule("AD-23")
def test_food_only_where_a_family_agreed(town: DaycareTown) -> None:
    """The class may eat when one child of it may; a child alone, and what its family reads, only by agreement."""
    without, agreed = town.family("이없음"), town.family("박합의")
    with town.unit() as uow:
        row = uow.session.scalars(
            select(DaycareApplication).where(DaycareApplication.ref == without.application)
        ).one()
        row.consents = {key: value for key, value in row.consents.items() if key != "meals"}
        picture = store_upload(
            uow, owner="daycare", owner_id=town.daycare_id, kind="MEAL", filename="a.png", content=PNG
        ).id
    stays = {}
    for_class = MealData(town.class_ref, MONDAY, "SNACK", "바나나", True, picture)

    def give(meal: MealData) -> set[str]:
        try:
            with town.unit(town.teacher) as uow:
                service.record_meal(uow, meal)
        except RuleBroken as refused:
            return {problem.code for problem in refused.problems}
        return set()

    refused = {"daycare.meal_not_agreed"}
    for home, after in ((without, refused), (agreed, set())):
        booked = town.confirmed(home, evening(MONDAY, 630, 810))
        town.pay(booked)
        stays[home.child] = booked.ref, town.enter(booked).ref
        assert give(for_class) == after
        assert give(replace(for_class, menu="죽", stays=(stays[home.child][1],))) == after
    with town.unit(without.actor) as uow:
        assert meals_told(uow, own_stay(uow, *stays[without.child])) == []
    with town.unit(agreed.actor) as uow:
        told = meals_told(uow, own_stay(uow, *stays[agreed.child]))
    assert [meal.menu for meal in told] == ["바나나", "죽"]


@pytest.mark.rule("AD-34")
def test_a_call_back_holds_nothing_and_says_when_a_bed_is_free(town: DaycareTown) -> None:
    five = [town.book(town.family(f"아이{n}"), evening(TUESDAY))[0] for n in range(5)]
    home = town.family("여섯째")
    with town.unit(home.actor) as uow:
        note = service.ask_call_back(uow, town.daycare, home.child, TUESDAY, 1080, 1140, home.phone)

    def fits() -> list[bool]:
        with town.unit(town.teacher) as uow:
            return [row.fits_now for row in queries.call_backs(uow, town.row(uow))]

    assert fits() == [False]
    town.cancel(five[0], by=town.homes[0].actor)
    assert fits() == [True]
    with town.unit(town.teacher) as uow:
        service.close_call_back(uow, note.ref)
    assert fits() == []


def test_availability_through_thirty_days_in_few_statements(town: DaycareTown) -> None:

    town.book(town.family(), evening(TUESDAY))
    town.book(town.family("아기", date(2025, 9, 1)), evening(TUESDAY, 1140, 1260))
    seen: list[str] = []
    with town.unit() as uow:
        places = queries.daycares(uow)
        engine = uow.connection.engine

        def count(_conn: object, _cursor: object, statement: str, *_: object) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", count)
        try:
            found = queries.availability(uow, places, MONDAY, date(2026, 12, 16))[town.daycare_id]
        finally:
            event.remove(engine, "before_cursor_execute", count)
    assert len(seen) <= 6
    assert len(found) == 31
    tuesday = found[1]
    assert (tuesday.least(450, 1080), tuesday.least(1080, 1140), tuesday.least(1140, 1260)) == (5, 4, 1)
    assert [free.any_free for free in found if free.day.day == 17 and free.day.month == 11] == [True]
