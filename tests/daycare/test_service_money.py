"""What is owed, by whose word; receipts that add up; money commands pressed twice; nights taken back by the back door
(AD-13 – AD-17, AD-34, GC-18, GC-20)."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.daycare import queries, receipts, service
from app.daycare.models import CallBack, DaycareApplication
from app.daycare.rules.request import Wish
from app.daycare.rules.states import BookingState
from app.daycare.service import Caller
from app.daycare.service.booking import Booked
from app.documents.models import Paper
from app.documents.render import Renderer
from app.documents.rules import PaperState
from app.documents.service.issuing import void_paper
from app.fees.models import Charge, Payment
from app.fees.queries import balance_of
from app.kernel.actor import Actor
from app.kernel.errors import AlreadySubmitted, RuleBroken
from app.kernel.ranges import KST
from app.kernel.submission import answered_at
from app.messaging.models import Message
from tests.cast_daycare import (
    FRIDAY,
    MONDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    YES,
    DaycareTown,
    Home,
    child_answers,
    evening,
    guardian_answers,
    night,
)
from tests.daycare.parents import Parent, make_parent, words

NEXT_MONDAY = MONDAY + timedelta(days=7)
EVENING_HOURS = (1140, 1320)
"""19:00–22:00 of a weekday: two of its three hours, counted by the hour, are the state's for an enrolled child."""


def at(day: date, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T{clock}:00").replace(tzinfo=KST)


def codes(refused: pytest.ExceptionInfo[RuleBroken]) -> set[str]:
    return {problem.code.partition(".")[2] for problem in refused.value.problems}


def renew(town: DaycareTown, home: Home, qualification: str) -> str:
    """The family hands its application in again, saying where the child is enrolled now."""
    data = service.ApplicationData(
        daycare=town.daycare,
        purpose="double_income",
        children=tuple(child_answers(child, qualification=qualification) for child in home.children),
        guardians=(guardian_answers("김하늘 어머니", home.phone),),
        consents=YES,
    )
    with town.unit(home.actor) as uow:
        return service.submit_application(uow, secrets.token_hex(16), data).ref


def accept(town: DaycareTown, ref: str, **free: str) -> None:
    with town.unit(town.director) as uow:
        wanted = select(DaycareApplication.version).where(DaycareApplication.ref == ref)
        version = uow.session.scalars(wanted).one()
        service.accept_application(uow, ref, version=version, free=free)


def change(town: DaycareTown, booked: Booked, wish: Wish, by: Actor, caller: Caller | None = None) -> None:
    with town.unit(by) as uow:
        service.change_booking(uow, booked.ref, wish, version=town.booking(booked).version, caller=caller)


def balance(town: DaycareTown, booked: Booked) -> int:
    with town.unit() as uow:
        return balance_of(uow, "daycare_booking", town.booking(booked).id)


class TestWhoseWordCounts:
    """A night 19:00–07:30 of a weekday: 13 hours, five of them (19:30–24:00 and the rest) the state's when enrolled."""

    NIGHT = Wish(WEDNESDAY, WEDNESDAY, 1140, 1890)
    ENROLLED, AT_HOME = 24_000, 39_000

    @pytest.mark.rule("AD-15")
    @pytest.mark.rule("GC-20")
    def test_an_unaccepted_renewal_moves_no_won(self, town: DaycareTown) -> None:
        home = town.family(qualification="KINDERGARTEN")
        booked = town.confirmed(home, self.NIGHT)
        assert booked.quoted == self.ENROLLED
        town.pay(booked)
        for said in ("HOME", "KINDERGARTEN", "HOME"):
            renew(town, home, said)
            change(town, booked, self.NIGHT, home.actor)
            assert (town.booking(booked).quoted, balance(town, booked)) == (self.ENROLLED, 0)
            assert town.state(booked) is BookingState.PAID

    @pytest.mark.rule("AD-15")
    def test_accepting_it_is_shown_before_and_charged_after(self, town: DaycareTown) -> None:
        home = town.family(qualification="KINDERGARTEN")
        paid, asked = town.confirmed(home, self.NIGHT), town.book(home, replace_days(self.NIGHT, THURSDAY))[0]
        town.pay(paid)
        ref = renew(town, home, "HOME")
        with town.unit(town.director) as uow:
            seen = service.repriced_by(uow, ref)
        assert [(one.number, one.before, one.after) for one in seen] == [
            (paid.number, self.ENROLLED, self.AT_HOME),
            (asked.number, self.ENROLLED, self.AT_HOME),
        ]
        accept(town, ref)
        assert town.state(paid) is BookingState.CONFIRMED
        assert balance(town, paid) == self.AT_HOME - self.ENROLLED
        assert (town.booking(asked).quoted, balance(town, asked)) == (self.AT_HOME, 0)
        with town.unit() as uow:
            told = uow.session.scalars(
                select(Message.body).where(Message.template == "daycare.repriced")
            ).all()
        assert len(told) == 2
        assert "24,000원에서 39,000원으로" in told[0]
        assert "더 낼 돈 15,000원" in told[0]
        with town.unit(town.director) as uow:
            assert service.repriced_by(uow, ref) == []
        town.check()

    @pytest.mark.rule("AD-15")
    def test_a_first_application_counts_when_it_is_accepted(self, town: DaycareTown) -> None:
        home = town.family(state="SUBMITTED", qualification="DAYCARE")
        booked = town.confirmed(home, self.NIGHT)
        assert booked.quoted == self.AT_HOME
        accept(town, home.application)
        assert (town.booking(booked).quoted, balance(town, booked)) == (self.ENROLLED, self.ENROLLED)

    @pytest.mark.rule("AD-15")
    def test_the_price_page_says_so(self, app: Flask, town: DaycareTown) -> None:
        home = town.family(state="SUBMITTED", qualification="DAYCARE")
        mother = make_parent(app, town, home)
        text = words(mother.check(TUESDAY, "19:00", "22:00"))
        assert "정부지원 시간은 어린이집이 신청서를 확인한 뒤 정해져요" in text
        accept(town, home.application)
        text = words(mother.check(TUESDAY, "19:00", "22:00"))
        assert "신청서를 확인한 뒤" not in text
        assert "정부지원 보육료로 내요" in text

    @pytest.mark.rule("AD-14")
    def test_used_hours_keep_their_price(self, town: DaycareTown, clock: time_machine.Coordinates) -> None:
        home = town.family(qualification="KINDERGARTEN")
        booked = town.confirmed(home, Wish(TUESDAY, WEDNESDAY, *EVENING_HOURS))
        town.pay(booked)
        clock.move_to(at(TUESDAY, "19:00"))
        town.enter(booked)
        clock.move_to(at(TUESDAY, "22:00"))
        used = town.leave(booked).amount
        accept(town, renew(town, home, "HOME"))
        first, second = town.stays(booked)
        assert first.amount == used == 3000
        assert balance(town, booked) == 6000
        assert second.amount is None


def replace_days(wish: Wish, day: date) -> Wish:
    return replace(wish, first_day=day, last_day=day)


class TestReceipts:
    def paper(self, town: DaycareTown, booked: Booked, number: int = 0, renew: bool = False) -> Paper:
        with town.unit(town.teacher) as uow:
            detail, daycare = queries.booking_detail(uow, booked.ref), town.row(uow)
            payments = [line.ref for line in detail.ledger.lines if line.is_money and line.amount > 0]
            make = receipts.renewed_receipt if renew else receipts.receipt_paper
            return make(uow, daycare, detail, payments[number])

    def changed(self, town: DaycareTown, booked: Booked) -> list[bool]:
        with town.unit(town.teacher) as uow:
            detail = queries.booking_detail(uow, booked.ref)
            return [one.changed for one in receipts.issued_receipts(uow, town.row(uow), detail).values()]

    @staticmethod
    def adds_up(data: dict[str, Any]) -> bool:
        lines = sum(line["amount"] for line in data["lines"]) + data["meal_fee"] + data["extra"]
        paid = data["total"] + data["others"] - data["refunded"]
        return bool(lines == data["due"] == paid + data["open"] - data["back"])

    @pytest.mark.rule("AD-15")
    def test_before_the_use_the_states_hours_are_taken_off(self, town: DaycareTown) -> None:
        booked = town.confirmed(town.family(qualification="KINDERGARTEN"), TestWhoseWordCounts.NIGHT)
        town.pay(booked)
        data = self.paper(town, booked).data
        assert [(line["hours"], line["subsidy"], line["amount"]) for line in data["lines"]] == [
            (8, "self", 24_000),
            (5, "night_subsidy", 0),
        ]
        assert (data["basis"], data["due"], data["total"], data["open"]) == ("booked", 24_000, 24_000, 0)
        assert self.adds_up(data)

    @pytest.mark.rule("AD-13")
    def test_part_payments_each_state_their_part(self, town: DaycareTown) -> None:
        booked = town.confirmed(town.family(), evening(TUESDAY))
        town.pay(booked, 6000)
        first = self.paper(town, booked).data
        town.pay(booked, 3000)
        second = self.paper(town, booked, 1).data
        sums = [[data[key] for key in ("due", "total", "others", "open")] for data in (first, second)]
        assert sums == [[9000, 6000, 0, 3000], [9000, 3000, 6000, 0]]
        assert self.adds_up(first)
        assert self.adds_up(second)
        assert self.changed(town, booked) == [False, False], "another payment makes no receipt wrong"

    @pytest.mark.rule("AD-14")
    @pytest.mark.rule("GC-18")
    def test_the_final_one_takes_the_place_of_the_first(
        self, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        booked = town.confirmed(town.family(), evening(TUESDAY))
        town.pay(booked)
        before = self.paper(town, booked)
        assert self.paper(town, booked).ref == before.ref
        clock.move_to(at(TUESDAY, "18:00"))
        town.enter(booked)
        clock.move_to(at(TUESDAY, "20:00"))
        town.leave(booked)
        with town.unit(town.director) as uow:
            service.refund(
                uow, secrets.token_hex(16), booked.ref, amount=3000, method="card", reason="한 시간 덜 이용"
            )
        assert self.changed(town, booked) == [True]
        after = self.paper(town, booked, renew=True)
        data = after.data
        assert (data["basis"], data["due"], data["total"], data["refunded"]) == ("used", 6000, 9000, 3000)
        assert (data["open"], data["back"]) == (0, 0)
        assert self.adds_up(data)
        assert self.changed(town, booked) == [False]
        assert self.paper(town, booked).ref == after.ref
        with town.unit() as uow:
            assert uow.session.get_one(Paper, before.id).state == PaperState.VOID
            assert uow.session.get_one(Paper, after.id).replaces_id == before.id

    @pytest.mark.rule("GC-18")
    def test_a_void_one_is_issued_anew_by_the_desk(self, town: DaycareTown) -> None:
        booked = town.confirmed(town.family(), evening(TUESDAY))
        town.pay(booked)
        wrong = self.paper(town, booked)
        with town.unit(town.director) as uow:
            void_paper(uow, wrong.ref, "이름을 잘못 적음")
        anew = self.paper(town, booked)
        assert (anew.ref != wrong.ref, anew.state) == (True, PaperState.ISSUED)
        assert self.paper(town, booked).ref == anew.ref

    def test_it_is_printed(self, town: DaycareTown) -> None:
        booked = town.confirmed(town.family(qualification="KINDERGARTEN"), TestWhoseWordCounts.NIGHT)
        town.pay(booked)
        assert Renderer().pdf("daycare-receipt", self.paper(town, booked).data).startswith(b"%PDF")


class TestPressedTwiceOrTooMuch:
    @pytest.mark.rule("GC-18")
    def test_a_correction_pressed_twice_is_one(self, town: DaycareTown) -> None:
        booked = town.confirmed(town.family(), evening(TUESDAY))
        press = secrets.token_hex(16)

        def correct() -> None:
            with town.unit(town.director) as uow:
                service.correct_charge(uow, press, booked.ref, amount=1000, reason="간식비를 빠뜨림")
                answered_at(uow, press, "/there")

        correct()
        with pytest.raises(AlreadySubmitted):
            correct()
        assert balance(town, booked) == 10_000
        with town.unit() as uow:
            assert uow.session.scalar(select(func.count()).select_from(Charge)) == 2

    def pay(self, town: DaycareTown, booked: Booked, amount: int, **reasons: str) -> None:
        with town.unit(town.teacher) as uow:
            service.record_payment(
                uow, secrets.token_hex(16), booked.ref, amount=amount, method="card", reasons=reasons
            )

    def refund(self, town: DaycareTown, booked: Booked, amount: int, **reasons: str) -> None:
        with town.unit(town.director) as uow:
            service.refund(
                uow,
                secrets.token_hex(16),
                booked.ref,
                amount=amount,
                method="card",
                reason="잘못 받음",
                reasons=reasons,
            )

    @pytest.mark.rule("AD-13")
    @pytest.mark.parametrize(
        ("paid", "more", "left"), [(0, 9001, "9,000원"), (3000, 6001, "6,000원"), (9000, 1, "0원")]
    )
    def test_more_than_is_open_asks_why(self, town: DaycareTown, paid: int, more: int, left: str) -> None:
        booked = town.confirmed(town.family(), evening(TUESDAY))
        town.pay(booked, paid)
        with pytest.raises(RuleBroken) as refused:
            self.pay(town, booked, more)
        [problem] = refused.value.problems
        assert (problem.code, problem.soft) == ("fees.too_much", True)
        assert left in problem.sentence
        self.pay(town, booked, more, **{"fees.too_much": "보호자가 더 보냄"})
        with town.unit() as uow:
            last = uow.session.scalars(select(Payment).order_by(Payment.id.desc())).first()
        assert last is not None
        assert last.reason == "보호자가 더 보냄"
        assert balance(town, booked) == 9000 - paid - more

    @pytest.mark.rule("AD-14")
    def test_more_than_is_too_much_goes_back_only_with_a_reason_of_its_own(self, town: DaycareTown) -> None:
        home = town.family()
        booked = town.confirmed(home, evening(TUESDAY))
        town.pay(booked)
        change(town, booked, evening(TUESDAY, 1080, 1200), home.actor)
        with pytest.raises(RuleBroken) as refused:
            self.refund(town, booked, 3010)
        assert "돌려드릴 금액은 3,000원" in refused.value.problems[0].sentence
        self.refund(town, booked, 3000)
        assert town.state(booked) is BookingState.PAID
        self.refund(town, booked, 6000, **{"fees.more_than_credit": "카드로 다시 받기로 함"})
        assert town.state(booked) is BookingState.CONFIRMED
        with pytest.raises(RuleBroken) as refused:
            self.refund(town, booked, 1, **{"fees.more_than_credit": "한 번 더"})
        assert codes(refused) == {"nothing_paid"}


class TestNightsByTheBackDoor:
    def by_phone(self, town: DaycareTown, home: Home, booked: Booked, wish: Wish) -> None:
        change(town, booked, wish, town.director, Caller(home.phone))

    @pytest.mark.rule("AD-16")
    @pytest.mark.parametrize("now", ["00:00", "14:59", "15:00", "15:01", "19:59"])
    @pytest.mark.parametrize(
        "wish",
        [night(NEXT_MONDAY), evening(WEDNESDAY, 1200, 1320), evening(THURSDAY)],
        ids=["another night", "without the night", "another day"],
    )
    def test_a_night_of_today_is_not_moved_away_online(
        self, town: DaycareTown, clock: time_machine.Coordinates, now: str, wish: Wish
    ) -> None:
        home = town.family()
        booked = town.confirmed(home, night(WEDNESDAY))
        clock.move_to(at(WEDNESDAY, now))
        with pytest.raises(RuleBroken) as refused:
            change(town, booked, wish, home.actor)
        assert codes(refused) == {"change_by_phone"}
        assert [stay.operating_day for stay in town.stays(booked)] == [WEDNESDAY]

    @pytest.mark.rule("AD-16")
    def test_the_day_before_it_is(self, town: DaycareTown, clock: time_machine.Coordinates) -> None:
        home = town.family()
        booked = town.confirmed(home, night(WEDNESDAY))
        clock.move_to(at(TUESDAY, "23:59"))
        change(town, booked, night(FRIDAY), home.actor)
        assert [stay.operating_day for stay in town.stays(booked)] == [FRIDAY]

    @pytest.mark.rule("AD-16")
    @pytest.mark.parametrize(("now", "moved"), [("15:00", True), ("15:01", False)])
    def test_on_the_telephone_until_three(
        self, town: DaycareTown, clock: time_machine.Coordinates, now: str, moved: bool
    ) -> None:
        home = town.family()
        booked = town.confirmed(home, night(WEDNESDAY))
        clock.move_to(at(WEDNESDAY, now))
        if moved:
            self.by_phone(town, home, booked, night(NEXT_MONDAY))
        else:
            with pytest.raises(RuleBroken) as refused:
                self.by_phone(town, home, booked, night(NEXT_MONDAY))
            assert codes(refused) == {"late_to_change"}
            assert "전화해 주세요" not in refused.value.problems[0].sentence, "the desk need not call itself"
        assert [stay.operating_day for stay in town.stays(booked)] == [NEXT_MONDAY if moved else WEDNESDAY]

    @pytest.mark.rule("AD-16")
    @pytest.mark.rule("AD-08")
    def test_whoever_keeps_the_night_changes_what_stands_around_it(
        self, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        """Tonight's was asked for in time; other nights still need the day before."""
        home = town.family()
        booked = town.confirmed(home, Wish(WEDNESDAY, FRIDAY, 1200, 1890))
        clock.move_to(at(WEDNESDAY, "14:00"))
        change(town, booked, Wish(WEDNESDAY, THURSDAY, 1200, 1890), home.actor)
        assert [stay.operating_day for stay in town.stays(booked)] == [WEDNESDAY, THURSDAY]
        change(town, booked, Wish(WEDNESDAY, THURSDAY, 1140, 1890), home.actor)
        assert [stay.planned.lower.astimezone(KST).hour for stay in town.stays(booked)] == [19, 19]
        change(town, booked, Wish(WEDNESDAY, WEDNESDAY, 1140, 1890), home.actor)
        clock.move_to(at(WEDNESDAY, "18:01"))
        with pytest.raises(RuleBroken) as refused:
            change(town, booked, Wish(WEDNESDAY, THURSDAY, 1140, 1890), home.actor)
        assert codes(refused) == {"night_cutoff_passed"}
        town.check()

    @pytest.mark.rule("AD-07")
    @pytest.mark.parametrize(
        ("end", "code"),
        [(1200, None), (1260, None), (1320, "cutoff_passed")],
        ids=["shorter", "same", "longer"],
    )
    def test_after_three_a_day_becomes_shorter_never_longer(
        self, town: DaycareTown, clock: time_machine.Coordinates, end: int, code: str | None
    ) -> None:
        home = town.family()
        booked = town.confirmed(home, evening(TUESDAY))
        clock.move_to(at(TUESDAY, "15:01"))
        if code is None:
            change(town, booked, evening(TUESDAY, 1080, end), home.actor)
            assert town.booking(booked).quoted == (end - 1080) // 60 * 3000
        else:
            with pytest.raises(RuleBroken) as refused:
                change(town, booked, evening(TUESDAY, 1080, end), home.actor)
            assert codes(refused) == {code}


class TestWords:
    def test_a_cancellation_promises_back_only_what_was_paid(self, app: Flask, town: DaycareTown) -> None:
        home = town.family()
        unpaid, paid = town.confirmed(home, evening(TUESDAY)), town.confirmed(home, evening(WEDNESDAY))
        town.pay(paid)
        mother = make_parent(app, town, home)
        for booked, promised in ((unpaid, False), (paid, True)):
            version = town.booking(booked).version
            assert mother.post(f"/daycare/my/{booked.ref}/cancel", {"version": version}).status_code == 303
            text = words(mother.get(f"/daycare/my/{booked.ref}"))
            assert "예약을 취소했어요" in text
            assert ("낸 돈 9,000원은 어린이집이 돌려드려요" in text) is promised
        with town.unit() as uow:
            told = uow.session.scalars(
                select(Message.body).where(Message.template == "daycare.cancelled")
            ).all()
        assert ["돌려드려요" in body for body in told] == [False, True]

    def test_the_desk_is_not_told_to_call_itself(
        self, town: DaycareTown, clock: time_machine.Coordinates
    ) -> None:
        booked = town.confirmed(town.family(), evening(TUESDAY))
        clock.move_to(at(TUESDAY, "18:00"))
        with town.unit(town.director) as uow:
            terms = service.cancel_terms(uow, booked.ref)
        assert (terms.allowed, "전화해" in terms.sentence) == (False, False)


class TestCallBacks:
    def ask(self, town: DaycareTown, home: Home, day: date, start: int, end: int) -> int:
        with town.unit(home.actor) as uow:
            return service.ask_call_back(uow, town.daycare, home.child, day, start, end, home.phone).id

    @pytest.mark.rule("AD-34")
    @pytest.mark.parametrize(
        ("day", "start", "end", "code"),
        [
            (date(2000, 1, 1), 1080, 1260, "start_passed"),
            (MONDAY - timedelta(days=1), 1080, 1260, "start_passed"),
            (MONDAY, 540, 600, "start_passed"),
            (MONDAY, 540, 630, None),
            (MONDAY + timedelta(days=30), 1080, 1260, None),
            (MONDAY + timedelta(days=31), 1080, 1260, "too_far"),
            (date(2099, 12, 31), 1080, 1260, "too_far"),
            (TUESDAY, 1080, 1139, "too_short"),
            (TUESDAY, 1080, 1140, None),
            (TUESDAY, 1080, 1080, "no_hours"),
            (TUESDAY, 1200, 1080, "no_hours"),
            (TUESDAY, 449, 1080, "outside_day"),
            (TUESDAY, 1080, 1891, "outside_day"),
        ],
    )
    def test_only_for_hours_that_can_be_booked(
        self, town: DaycareTown, day: date, start: int, end: int, code: str | None
    ) -> None:
        home = town.family()
        if code is None:
            assert self.ask(town, home, day, start, end)
        else:
            with pytest.raises(RuleBroken) as refused:
                self.ask(town, home, day, start, end)
            assert codes(refused) == {code}

    @pytest.mark.rule("AD-34")
    def test_one_open_note_for_the_same_hours(self, town: DaycareTown) -> None:
        home = town.family()
        first = self.ask(town, home, TUESDAY, 1080, 1260)
        assert self.ask(town, home, TUESDAY, 1080, 1260) == first
        assert self.ask(town, home, TUESDAY, 1080, 1320) != first
        with town.unit(town.director) as uow:
            service.close_call_back(uow, uow.session.get_one(CallBack, first).ref)
        assert self.ask(town, home, TUESDAY, 1080, 1260) != first

    @pytest.mark.parametrize("end", ["11:00", "10:00"])
    def test_hours_that_run_backwards_get_words(self, app: Flask, town: DaycareTown, end: str) -> None:
        mother: Parent = make_parent(app, town)
        answer = mother.post(f"/daycare/call-back?{mother.query()}", dict(backwards(mother, end)))
        assert answer.status_code == 422
        assert "끝나는 시각이 시작보다 늦어야 해요" in words(answer)


def backwards(mother: Parent, end: str) -> dict[str, str]:
    return {
        "child": mother.child,
        "daycare": mother.town.daycare,
        "day": TUESDAY.isoformat(),
        "from": "11:00",
        "to": end,
    }
