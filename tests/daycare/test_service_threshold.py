"""Who may fetch a child, which class takes it in, and what a child's record changes of what stands
(AD-02, AD-03, AD-17, AD-18, AD-22, AD-33, AD-34, AE-17, GC-19)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest
import time_machine
from sqlalchemy import delete, func, select, update

from app.daycare import queries, service
from app.daycare.checks import data_checks
from app.daycare.jobs import keep_rooms
from app.daycare.models import ApplicationGuardian, Daycare, DaycareApplication, DaycareClass, DaycareStay
from app.daycare.parent_pickup import Pickup, announce_pickup, confirm_pickup
from app.daycare.rules.application import CheckKind, GuardianAnswers
from app.daycare.rules.request import Wish
from app.daycare.rules.states import BookingState, StayState
from app.daycare.service import ApplicationData, ContactData, Designation
from app.daycare.service.booking import Booked, Full
from app.daycare.service.running import WouldBreak
from app.insurance.models import InsurancePolicy
from app.kernel.actor import Actor, Role
from app.kernel.errors import RuleBroken
from app.kernel.ranges import KST
from app.people.models import Child, ChildCentre, Guardian, GuardianChild
from app.restrictions.models import RestrictionEvent
from tests.cast import LONG_AGO
from tests.cast_daycare import (
    ADDRESS,
    MONDAY,
    TUESDAY,
    WEDNESDAY,
    YES,
    DaycareTown,
    Home,
    child_answers,
    evening,
    guardian_answers,
    make_application,
    make_class,
    night,
)

STRANGER = GuardianAnswers("이웃", "모르는사람", "01099998888", date(1980, 1, 1), ADDRESS)


def codes(refused: pytest.ExceptionInfo[RuleBroken]) -> set[str]:
    return {problem.code.removeprefix("daycare.") for problem in refused.value.problems}


def at(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}:00").replace(tzinfo=KST)


def tick(town: DaycareTown, clock: time_machine.Coordinates, day: date, time: str) -> None:
    clock.move_to(at(day, time))
    keep_rooms(town.place, at(day, time))


def paid(town: DaycareTown, home: Home, wish: Wish | None = None) -> Booked:
    booked = town.confirmed(home, wish or evening(TUESDAY))
    town.pay(booked)
    return booked


def stay_of(town: DaycareTown, booked: Booked) -> DaycareStay:
    return town.stays(booked, all_=True)[0]


def hand_in(town: DaycareTown, home: Home, *others: GuardianAnswers) -> str:
    """The family hands its application in anew, with these guardians behind the mother."""
    mother = replace(guardian_answers(f"{home.actor.name}", home.phone), guardian=home.guardian)
    data = ApplicationData(
        daycare=town.daycare,
        purpose="double_income",
        children=tuple(child_answers(child) for child in home.children),
        guardians=(mother, *others),
        consents=YES,
    )
    with town.unit(home.actor) as uow:
        return service.submit_application(uow, secrets.token_hex(16), data).ref


def accept(town: DaycareTown, ref: str) -> None:
    with town.unit() as uow:
        row = uow.session.scalars(select(DaycareApplication).where(DaycareApplication.ref == ref)).one()
    with town.unit(town.director) as uow:
        service.accept_application(uow, ref, version=row.version)


def names_at_exit(town: DaycareTown, booked: Booked) -> list[str]:
    with town.unit(town.teacher) as uow:
        return [one.name for one in queries.stay_for_exit(uow, stay_of(town, booked).ref).people]


def events(town: DaycareTown) -> int:
    with town.unit() as uow:
        return uow.session.scalar(select(func.count()).select_from(RestrictionEvent)) or 0


def another_class(town: DaycareTown, name: str = "하늘반", **more: int) -> str:
    with town.unit() as uow:
        return make_class(uow, uow.session.get_one(Daycare, town.daycare_id), name=name, **more).ref


def class_name(town: DaycareTown, booked: Booked) -> str:
    with town.unit() as uow:
        return uow.session.get_one(DaycareClass, stay_of(town, booked).class_id).name


def set_child(town: DaycareTown, home: Home, **changes: object) -> None:
    """A record is corrected in the room of people, which knows nothing of daycares."""
    with town.unit() as uow:
        uow.session.execute(
            update(Child).where(Child.id == home.child_ids[0]).values(version=Child.version + 1, **changes)
        )


@pytest.mark.rule("AD-22")
class TestWhoFetches:
    def test_a_list_handed_in_while_the_child_is_inside_names_nobody_yet(
        self, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        home = town.family()
        booked = paid(town, home)
        clock.move_to(at(TUESDAY, "18:00"))
        town.enter(booked)
        renewed = hand_in(town, home, guardian_answers("박보호", "01077778888"), STRANGER)
        clock.move_to(at(TUESDAY, "20:00"))
        assert names_at_exit(town, booked) == ["김하늘 어머니"]
        with town.unit(town.teacher) as uow:
            assert queries.stay_for_exit(uow, stay_of(town, booked).ref).waits
        with pytest.raises(RuleBroken) as refused:
            town.leave(booked, person=3)
        assert codes(refused) == {"not_listed"}
        accept(town, renewed)
        assert names_at_exit(town, booked) == ["김하늘 어머니", "박보호", "모르는사람"]
        town.leave(booked, person=3)
        assert stay_of(town, booked).out_person == "모르는사람(이웃)"
        town.check()

    def test_who_was_left_out_is_still_listed_until_the_new_list_is_accepted(self, town: DaycareTown) -> None:
        home = town.family()
        first = hand_in(town, home, guardian_answers("박보호", "01077778888"))
        accept(town, first)
        second = hand_in(town, home)
        booked = paid(town, home)
        assert names_at_exit(town, booked) == ["김하늘 어머니", "박보호"]
        accept(town, second)
        assert names_at_exit(town, booked) == ["김하늘 어머니"]

    def test_neither_sent_back_nor_outdated_nor_mended_again_is_accepted(self, town: DaycareTown) -> None:
        home = town.family()
        booked = paid(town, home)
        for end in ("return", "outdate", "return accepted"):
            ref = hand_in(town, home, STRANGER)
            if end == "return accepted":
                ref = hand_in(town, home)
                accept(town, ref)
            with town.unit(town.director) as uow:
                row = uow.session.scalars(
                    select(DaycareApplication).where(DaycareApplication.ref == ref)
                ).one()
                if end == "outdate":
                    row.state = "OUTDATED"
                else:
                    service.return_application(uow, ref, "전화번호를 다시 적어 주세요.", version=row.version)
            assert names_at_exit(town, booked) == ["김하늘 어머니"], end
        hand_in(town, home, STRANGER)
        assert names_at_exit(town, booked) == ["김하늘 어머니"]

    def test_of_a_first_application_only_who_applies_once_identified(self, town: DaycareTown) -> None:
        home = town.family(state="SUBMITTED", checked=False)
        with town.unit() as uow:
            row = uow.session.scalars(select(DaycareApplication)).one()
            uow.session.add(
                ApplicationGuardian(
                    application_id=row.id, position=2, relation="이웃", name="모르는사람", phone="01099998888"
                )
            )
        booked = town.confirmed(home, evening(TUESDAY))
        assert names_at_exit(town, booked) == []
        with town.unit(town.teacher) as uow:
            service.record_check(uow, home.application, CheckKind.IDENTITY, "id_card", returned=True)
        assert names_at_exit(town, booked) == ["김하늘 어머니"]

    def test_only_who_is_listed_may_announce_somebody(self, town: DaycareTown) -> None:
        home = town.family()
        hand_in(town, home, STRANGER)
        call = ContactData(
            town.daycare, home.child, "모르는사람", STRANGER.phone, "그의 친구", "지인", TUESDAY
        )
        with pytest.raises(RuleBroken) as refused, town.unit(town.teacher) as uow:
            service.record_contact(uow, call)
        assert codes(refused) == {"contact_not_guardian"}
        with town.unit(town.teacher) as uow:
            assert service.record_contact(uow, replace(call, caller_phone=home.phone)).recorded_by

    def test_whom_somebody_unlisted_announced_is_not_confirmed(self, town: DaycareTown) -> None:
        """The father has an account and handed an application in that nobody has accepted."""
        home = town.family()
        with town.unit() as uow:
            father = Guardian(name="김아빠", phone="01066665555", created_at=LONG_AGO, version=1)
            uow.session.add(father)
            uow.session.flush()
            child = uow.session.get_one(Child, home.child_ids[0])
            uow.session.add(
                GuardianChild(
                    guardian_id=father.id,
                    child_id=child.id,
                    relation="PARENT",
                    lives_together=True,
                    created_at=LONG_AGO,
                )
            )
            uow.session.execute(delete(ChildCentre).where(ChildCentre.child_id == child.id))
            make_application(uow, town.daycare_id, father, [child], state="SUBMITTED", checked=False)
        actor = Actor(Role.GUARDIAN, None, "김아빠", guardian_id=father.id)
        pickup = Pickup(town.daycare, home.child, "그의 친구", "지인", "01012341234", MONDAY)
        with town.unit(actor) as uow:
            announced = announce_pickup(uow, secrets.token_hex(16), pickup)
        with pytest.raises(RuleBroken) as refused, town.unit(town.teacher) as uow:
            confirm_pickup(uow, announced.ref)
        assert codes(refused) == {"contact_not_guardian"}

    def test_an_unknown_call_is_said_in_words(
        self, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        booked = paid(town, town.family())
        clock.move_to(at(TUESDAY, "18:00"))
        with pytest.raises(RuleBroken) as refused:
            town.enter(booked, person=0, contact="feedfeedfeedfeed")
        assert codes(refused) == {"unknown_contact"}


@pytest.mark.rule("AD-18")
def test_an_application_outdated_a_minute_ago_opens_no_door(
    town: DaycareTown, clock: time_machine.Coordinates
) -> None:
    home = town.family()
    ref = hand_in(town, home)
    accept(town, ref)
    booked = paid(town, home)
    clock.move_to(at(TUESDAY, "18:00"))
    set_child(town, home, in_school=False)
    with pytest.raises(RuleBroken) as refused:
        town.enter(booked)
    assert codes(refused) == {"application_old"}


def limit_at(town: DaycareTown, when: datetime) -> tuple[int, int]:
    """(children, how many may be) as the room shows them at an hour."""
    with town.unit(town.teacher) as uow:
        seats = queries.room_now(uow, town.row(uow)).seats
    return next((one.inside_or_booked, one.limit) for one in seats if one.moment == when)


class TestTheRecordChanges:
    @pytest.mark.rule("AD-03")
    @pytest.mark.parametrize(
        "change",
        [{"disability": "SEVERE"}, {"birth_date": date(2024, 11, 18)}, {"birth_date": date(2025, 2, 28)}],
        ids=["a disability", "24 months on the day after", "a baby"],
    )
    def test_a_standing_booking_counts_the_child_as_it_is_known_now(
        self, town: DaycareTown, clock: time_machine.Coordinates, change: dict[str, object]
    ) -> None:
        sky = town.family("김하늘")
        town.confirmed(sky, evening(TUESDAY))
        set_child(town, sky, **change)
        with town.unit() as uow:
            assert any("교사 비율" in line for line in data_checks(uow))
        accept(town, hand_in(town, sky))
        town.check()
        for name in ("둘째집", "셋째집"):
            town.confirmed(town.family(name), evening(TUESDAY))
        with pytest.raises(Full):
            town.confirmed(town.family("넷째집"), evening(TUESDAY))
        clock.move_to(at(TUESDAY, "10:00"))
        assert limit_at(town, at(TUESDAY, "18:00")) == (3, 3)
        town.check()

    @pytest.mark.rule("AD-03")
    def test_the_24_months_end_at_midnight_of_the_day(self, town: DaycareTown) -> None:
        """Born on the very day two years before: no baby any more."""
        sky = town.family("김하늘", date(2025, 1, 1))
        town.confirmed(sky, evening(TUESDAY))
        set_child(town, sky, birth_date=date(2024, 11, 17))
        for name in "둘셋넷다":
            town.confirmed(town.family(f"{name}째집"), evening(TUESDAY))
        town.check()

    @pytest.mark.rule("AD-03")
    @pytest.mark.parametrize(
        ("birth", "until"),
        [
            (date(2024, 2, 29), at(date(2026, 3, 1), "00:00")),
            (date(2024, 2, 28), at(date(2026, 2, 28), "00:00")),
            (date(2024, 3, 31), at(date(2026, 3, 31), "00:00")),
        ],
    )
    def test_the_database_counts_months_as_the_rule_does(
        self, town: DaycareTown, birth: date, until: datetime
    ) -> None:
        sky = town.family()
        booked = town.confirmed(sky, evening(TUESDAY))
        set_child(town, sky, birth_date=birth)
        keep_rooms(town.place, at(MONDAY, "10:05"))
        assert stay_of(town, booked).small_until == until
        town.check()

    @pytest.mark.rule("GC-19")
    def test_what_is_too_many_then_is_marked_and_nobody_moved(self, town: DaycareTown) -> None:
        five = [town.confirmed(town.family(f"아이{n}"), evening(TUESDAY)) for n in range(5)]
        set_child(town, town.homes[0], disability="SEVERE")
        keep_rooms(town.place, at(MONDAY, "10:05"))
        assert [stay_of(town, one).violations for one in five] == [["AD-02"]] * 5
        assert [stay_of(town, one).state for one in five] == [StayState.PLANNED] * 5
        with town.unit(town.teacher) as uow:
            coming = queries.room_now(uow, town.row(uow)).coming
        assert {words for row in coming for words in row.broken} == {"정원을 넘긴 시간이 있음"}
        town.check()


def overdue_class(town: DaycareTown, clock: time_machine.Coordinates) -> Booked:
    """새싹반 (three places): two inside until 20:00, one not fetched at 18:00; a third, paid, comes at 18:00."""
    with town.unit() as uow:
        uow.session.get_one(DaycareClass, town.class_id).places = 3
    staying: Sequence[Booked] = [
        paid(town, town.family(f"아이{n}"), evening(TUESDAY, 1020, 1200)) for n in "가나"
    ]
    late = paid(town, town.family("늦는아이"), evening(TUESDAY, 1020, 1080))
    third = paid(town, town.family("셋째"), evening(TUESDAY, 1080, 1200))
    clock.move_to(at(TUESDAY, "17:00"))
    for one in (*staying, late):
        town.enter(one)
    clock.move_to(at(TUESDAY, "18:00"))
    return third


class TestAFullClass:
    @pytest.mark.rule("AD-34")
    def test_another_class_with_room_takes_the_child_in(
        self, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        third = overdue_class(town, clock)
        assert class_name(town, third) == "새싹반"
        another_class(town)
        with town.unit(town.teacher) as uow:
            view = queries.stay_for_entry(uow, stay_of(town, third).ref)
        assert (view.problems, view.other_class) == ((), "하늘반")
        town.enter(third)
        assert class_name(town, third) == "하늘반"
        assert stay_of(town, third).violations == []

    @pytest.mark.rule("AD-34")
    @pytest.mark.parametrize(("end", "fits"), [(1170, False), (1200, True)])
    def test_only_a_class_that_fits_the_whole_stay(
        self, town: DaycareTown, clock: time_machine.Coordinates, end: int, fits: bool
    ) -> None:
        """The other class closes at 19:30 (no), at 20:00 (yes); the stay ends at 20:00."""
        third = overdue_class(town, clock)
        another_class(town, end=end)
        if fits:
            assert town.enter(third).state == StayState.INSIDE
        else:
            with pytest.raises(RuleBroken) as refused:
                town.enter(third)
            assert codes(refused) == {"room_full"}

    @pytest.mark.rule("GC-19")
    def test_where_none_fits_the_director_lets_it_in_with_a_reason(
        self, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        third = overdue_class(town, clock)
        for by, reason in ((town.teacher, "보조교사가 함께 있음"), (town.director, " ")):
            with pytest.raises(RuleBroken) as refused:
                town.enter(third, by=by, crowded_reason=reason)
            assert codes(refused) == {"room_full"}
        town.enter(third, by=town.director, crowded_reason="보조교사가 함께 있음")
        assert stay_of(town, third).violations == ["AD-02"]
        clock.move_to(at(TUESDAY, "18:10"))
        keep_rooms(town.place, at(TUESDAY, "18:10"))
        town.check()

    @pytest.mark.rule("AD-02")
    def test_nobody_comes_early_into_a_full_class_by_a_word(
        self, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        third = overdue_class(town, clock)
        clock.move_to(at(TUESDAY, "17:55"))
        with pytest.raises(RuleBroken) as refused:
            town.enter(third, by=town.director, crowded_reason="일찍 옴")
        assert codes(refused) == {"room_full"}

    @pytest.mark.rule("AD-17")
    def test_who_came_in_vain_is_no_no_show(self, town: DaycareTown, clock: time_machine.Coordinates) -> None:
        third = overdue_class(town, clock)
        clock.move_to(at(TUESDAY, "18:20"))
        ref = stay_of(town, third).ref
        with town.unit(town.teacher) as uow:
            assert service.note_vain_coming(uow, ref)
        tick(town, clock, TUESDAY, "19:00")
        assert stay_of(town, third).state == StayState.PLANNED  # it may still be waiting
        with pytest.raises(RuleBroken) as refused, town.unit(town.director) as uow:
            service.mark_no_show(uow, ref)
        assert codes(refused) == {"came"}
        tick(town, clock, TUESDAY, "19:19")
        assert stay_of(town, third).state == StayState.PLANNED
        tick(town, clock, TUESDAY, "19:20")
        assert town.state(third) is BookingState.CANCELLED
        assert events(town) == 0
        with town.unit(town.director) as uow:
            assert queries.booking_detail(uow, third.ref).balance == -third.quoted
        town.check()

    @pytest.mark.rule("AD-17")
    def test_nobody_came_in_vain_while_there_is_room(
        self, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        booked = paid(town, town.family())
        clock.move_to(at(TUESDAY, "18:20"))
        with town.unit(town.teacher) as uow:
            assert not service.note_vain_coming(uow, stay_of(town, booked).ref)
        tick(town, clock, TUESDAY, "19:00")
        assert (town.state(booked), events(town)) == (BookingState.NO_SHOW, 1)


@pytest.mark.rule("AD-34")
class TestMoving:
    def move(self, town: DaycareTown, booked: Booked, group: str, reason: str = "") -> None:
        with town.unit(town.director) as uow:
            service.move_to_class(uow, stay_of(town, booked).ref, group, reason=reason)

    def test_the_director_moves_a_child_before_and_during_its_stay(
        self, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        sky = another_class(town)
        booked = paid(town, town.family())
        self.move(town, booked, sky)
        assert class_name(town, booked) == "하늘반"
        with pytest.raises(RuleBroken) as same:
            self.move(town, booked, sky)
        assert codes(same) == {"same_class"}
        clock.move_to(at(TUESDAY, "18:00"))
        town.enter(booked)
        self.move(town, booked, town.class_ref)
        assert class_name(town, booked) == "새싹반"
        clock.move_to(at(TUESDAY, "21:00"))
        town.leave(booked)
        with pytest.raises(RuleBroken) as over:
            self.move(town, booked, sky)
        assert codes(over) == {"not_to_move"}
        town.check()

    def test_into_a_full_class_only_with_a_reason_and_marked(self, town: DaycareTown) -> None:
        sky = another_class(town, places=1)
        first, second = (town.confirmed(town.family(name), evening(TUESDAY)) for name in ("가", "나"))
        self.move(town, first, sky)
        with pytest.raises(RuleBroken) as refused:
            self.move(town, second, sky)
        assert codes(refused) == {"class_full"}
        self.move(town, second, sky, "형제를 함께 둠")
        assert stay_of(town, second).violations == ["AD-02"]
        town.check()

    def test_never_into_a_class_that_is_closed_then(self, town: DaycareTown) -> None:
        morning = another_class(town, end=1200)
        booked = town.confirmed(town.family(), evening(TUESDAY))
        with pytest.raises(RuleBroken) as refused:
            self.move(town, booked, morning, "까닭")
        assert codes(refused) == {"class_not_open"}


@pytest.mark.rule("AD-17")
class TestStillInside:
    def test_a_child_kept_over_its_own_night_booking_is_no_no_show(
        self, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        home = town.family()
        first = paid(town, home, evening(TUESDAY, 1080, 1260))
        second = paid(town, home, Wish(TUESDAY, TUESDAY, 1320, 1890))
        clock.move_to(at(TUESDAY, "18:00"))
        town.enter(first)
        for time in ("21:45", "22:00", "22:05", "23:00", "23:05"):
            tick(town, clock, TUESDAY, time)
        assert (town.state(second), events(town)) == (BookingState.CANCELLED, 0)
        assert stay_of(town, first).planned.upper == at(WEDNESDAY, "07:30")
        town.check()
        tick(town, clock, WEDNESDAY, "07:30")
        town.leave(first)
        with town.unit(town.director) as uow:
            balances = [queries.booking_detail(uow, one.ref).balance for one in (first, second)]
        assert sum(balances) == 3000  # one hour more than the two bookings: 21:00–22:00
        town.check()

    def test_the_next_booking_in_another_class_keeps_its_bed(
        self, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        sky = another_class(town)
        home = town.family()
        first, second = (paid(town, home, evening(TUESDAY, *hours)) for hours in ((1020, 1080), (1080, 1200)))
        with town.unit(town.director) as uow:
            service.move_to_class(uow, stay_of(town, second).ref, sky)
        clock.move_to(at(TUESDAY, "17:00"))
        town.enter(first)
        tick(town, clock, TUESDAY, "18:00")
        assert class_name(town, first) == "하늘반"
        assert town.state(second) is BookingState.CANCELLED
        town.check()


class TestMovedAway:
    def see_papers(self, town: DaycareTown, ref: str, *, resident: bool = True) -> None:
        with town.unit(town.teacher) as uow:
            service.record_check(uow, ref, CheckKind.IDENTITY, "id_card", returned=True)
            service.record_check(
                uow,
                ref,
                CheckKind.FAMILY,
                "resident_register",
                returned=True,
                resident=resident,
                related=True,
            )

    @pytest.mark.rule("AE-17")
    def test_an_address_outside_the_province_outlives_no_tick(
        self, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        home = town.family(checked=False)
        self.see_papers(town, home.application)
        set_child(town, home, address="서울 구로구 구로동 1")
        renewed = hand_in(town, home)
        with pytest.raises(RuleBroken) as refused:
            town.book(home, evening(TUESDAY))
        assert codes(refused) == {"not_resident"}
        with pytest.raises(RuleBroken) as unaccepted:
            accept(town, renewed)
        assert codes(unaccepted) == {"lives_elsewhere"}
        self.see_papers(town, renewed)
        accept(town, renewed)
        assert town.book(home, evening(TUESDAY))

    @pytest.mark.rule("AE-17")
    @pytest.mark.parametrize("whose", ["child", "guardian", "nobody"])
    def test_the_family_document_is_seen_anew_after_a_move(
        self, town: DaycareTown, clock: time_machine.Coordinates, whose: str
    ) -> None:
        home = town.family(checked=False)
        self.see_papers(town, home.application)
        booked = paid(town, home)
        elsewhere = "경기도 김포시 사우동 1"
        if whose == "child":
            set_child(town, home, address=elsewhere)
        elif whose == "guardian":
            with town.unit() as uow:
                uow.session.execute(
                    update(Guardian)
                    .where(Guardian.id == home.guardian_id)
                    .values(address=elsewhere, version=Guardian.version + 1)
                )
        else:
            set_child(town, home, in_school=False)
        renewed = hand_in(town, home)
        accept(town, renewed)
        clock.move_to(at(TUESDAY, "18:00"))
        if whose == "nobody":
            assert town.enter(booked).state == StayState.INSIDE
            return
        with pytest.raises(RuleBroken) as refused:
            town.enter(booked)
        assert codes(refused) == {"papers_open"}
        self.see_papers(town, renewed)
        assert town.enter(booked).state == StayState.INSIDE


@pytest.mark.rule("AD-34")
class TestWhatIsOffered:
    def test_free_beds_of_all_classes_are_added_up(
        self, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        another_class(town)
        town.confirmed(town.family(), evening(TUESDAY))
        clock.move_to(at(TUESDAY, "10:00"))
        with town.unit(town.teacher) as uow:
            seats = {one.moment: one for one in queries.room_now(uow, town.row(uow)).seats}
        six = seats[at(TUESDAY, "18:00")]
        assert (six.inside_or_booked, six.limit, six.free, six.most) == (1, 10, 9, 5)
        empty = seats[at(TUESDAY, "12:00")]
        assert (empty.inside_or_booked, empty.limit, empty.free, empty.most) == (0, 10, 10, 5)

    def test_no_alternative_where_the_child_is_already_somewhere(self, town: DaycareTown) -> None:
        home = town.family()
        town.confirmed(home, evening(WEDNESDAY))
        for n in range(5):
            town.confirmed(town.family(f"아이{n}"), Wish(TUESDAY, TUESDAY, 480, 1320))
        with pytest.raises(Full) as refused:
            town.confirmed(home, evening(TUESDAY))
        assert refused.value.alternatives
        held = evening(WEDNESDAY).stays()[0]
        offered = [stay for wish in refused.value.alternatives for stay in wish.stays()]
        assert not any(stay.overlaps(held) for stay in offered)

    @pytest.mark.parametrize("lapses", ["insurance", "designation"])
    def test_no_alternative_on_a_day_on_which_nobody_may_book(self, town: DaycareTown, lapses: str) -> None:
        for n in range(5):
            town.confirmed(town.family(f"아이{n}"), Wish(TUESDAY, TUESDAY, 480, 1320))
        with town.unit() as uow:
            if lapses == "insurance":
                uow.session.execute(update(InsurancePolicy).values(ends_on=TUESDAY))
            else:
                uow.session.get_one(Daycare, town.daycare_id).designation_ends_on = TUESDAY
        with pytest.raises(Full) as refused:
            town.confirmed(town.family(), evening(TUESDAY))
        assert all(wish.last_day <= TUESDAY for wish in refused.value.alternatives)


@pytest.mark.rule("AD-33")
class TestOutsideTheDesignation:
    def test_nobody_enters_after_its_end(self, town: DaycareTown, clock: time_machine.Coordinates) -> None:
        booked = paid(town, town.family())
        with town.unit() as uow:
            uow.session.get_one(Daycare, town.daycare_id).designation_ends_on = MONDAY
        clock.move_to(at(TUESDAY, "18:00"))
        with pytest.raises(RuleBroken) as refused:
            town.enter(booked)
        assert codes(refused) == {"not_designated_now"}

    def test_a_night_of_the_last_day_is_still_entered(
        self, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        booked = paid(town, town.family(), night(TUESDAY))
        with town.unit() as uow:
            uow.session.get_one(Daycare, town.daycare_id).designation_ends_on = TUESDAY
        clock.move_to(at(TUESDAY, "20:00"))
        assert town.enter(booked).state == StayState.INSIDE

    def test_a_later_beginning_shows_first_and_then_cancels_who_is_booked_before(
        self, town: DaycareTown
    ) -> None:
        before, after = (paid(town, town.family(str(day)), evening(day)) for day in (TUESDAY, WEDNESDAY))
        letter = Designation("보육-2", WEDNESDAY)
        with pytest.raises(WouldBreak) as shown, town.unit(town.officer) as uow:
            service.designate(uow, town.daycare, letter)
        assert [(one.number, one.child) for one in shown.value.broken] == [(before.number, "")]
        assert town.state(before) is BookingState.PAID
        with town.unit(town.officer) as uow:
            assert service.designate(uow, town.daycare, letter, accept=True).designated_on == WEDNESDAY
        assert (town.state(before), town.state(after)) == (BookingState.CANCELLED, BookingState.PAID)
        with town.unit(town.director) as uow:
            assert queries.booking_detail(uow, before.ref).balance == -before.quoted
        town.check()
