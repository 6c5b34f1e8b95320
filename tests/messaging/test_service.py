"""A message is planned with its cause, waits for the morning, goes out once, and its fate is written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.ranges import KST
from app.kernel.work import PAUSES, Work, WorkState
from app.messaging import routes
from app.messaging.models import Message
from app.messaging.parameters import QUIET_HOURS
from app.messaging.queries import messages_about
from app.messaging.rules import Channel, MessageState
from app.messaging.senders import HttpSender, Recorder
from app.messaging.service import plan_message, record_call
from app.messaging.templates import Template, register_template
from app.messaging.work import WIPED, WORK
from app.tenancy import settings
from app.tenancy.worker import drain
from tests.messaging.conftest import Gateway, reply
from tests.messaging.test_senders import hang_up

register_template(
    Template("test.approved", "{child} 예약 승인", "{child} 어린이의 예약을 승인했습니다."),
    Template("test.code", "인증번호", "인증번호 {code}", secret=True),
)
KINDS = {kind.name: kind for kind in WORK}
PHONE = "01012345678"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 20, 10, 0, tzinfo=KST), tick=False) as moved:
        yield moved


def plan(place: TenantRef, **more: object) -> str | None:
    with unit_of_work(place, SYSTEM) as uow:
        return plan_message(
            uow,
            "test.approved",
            PHONE,
            {"child": "김하늘"},
            subject="booking",
            subject_id=7,
            **more,  # type: ignore[arg-type]
        )


def message(place: TenantRef) -> Message:
    with unit_of_work(place, SYSTEM) as uow:
        return uow.session.scalars(select(Message)).one()


def work_row(place: TenantRef) -> Work:
    with unit_of_work(place, SYSTEM) as uow:
        return uow.session.scalars(select(Work)).one()


@pytest.mark.rule("KB-23")
def test_channel_receiver_and_time_are_recorded(seoul: TenantRef, clock: time_machine.Traveller) -> None:
    routes.use_senders({Channel.ALIMTALK: Recorder()})
    plan(seoul)
    clock.shift(timedelta(seconds=20))
    assert drain(seoul, KINDS) == 1
    with unit_of_work(seoul, SYSTEM) as uow:
        (row,) = messages_about(uow.session, "booking", 7)
        now = uow.now
    assert (row.channel, row.to, row.state) == (Channel.ALIMTALK, PHONE, MessageState.SENT)
    assert (row.title, row.body) == ("김하늘 예약 승인", "김하늘 어린이의 예약을 승인했습니다.")
    assert row.sent_at == now


@pytest.mark.rule("KB-23")
def test_a_call_is_recorded_by_hand(seoul: TenantRef, clock: time_machine.Traveller) -> None:
    called = datetime(2026, 11, 20, 9, 30, tzinfo=KST)
    with unit_of_work(seoul, Actor(Role.CARE_TEACHER, user_id=5)) as uow:
        record_call(uow, PHONE, "승인을 알려 드림", at=called, subject="booking", subject_id=7)
    row = message(seoul)
    assert (row.channel, row.state, row.sent_at, row.created_by) == ("PHONE_MANUAL", "SENT", called, 5)
    assert drain(seoul, KINDS) == 0


def test_a_message_of_a_failed_command_is_never_sent(seoul: TenantRef, clock: time_machine.Traveller) -> None:
    def command() -> None:
        with unit_of_work(seoul, SYSTEM) as uow:
            plan_message(uow, "test.approved", PHONE, {"child": "김하늘"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        command()
    assert drain(seoul, KINDS) == 0


def test_one_occasion_is_told_once(seoul: TenantRef, clock: time_machine.Traveller) -> None:
    assert plan(seoul, key="approved|7")
    assert plan(seoul, key="approved|7") is None
    assert message(seoul).state == MessageState.PENDING


def test_nobody_without_a_number_is_written_to(seoul: TenantRef, clock: time_machine.Traveller) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        assert plan_message(uow, "test.approved", "", {"child": "김하늘"}) is None


def test_a_missing_value_is_the_programmers_mistake(seoul: TenantRef, clock: time_machine.Traveller) -> None:
    with pytest.raises(ValueError, match="child"), unit_of_work(seoul, SYSTEM) as uow:
        plan_message(uow, "test.approved", PHONE, {})


@pytest.mark.rule("KP-10")
@pytest.mark.parametrize(
    ("planned", "urgent", "sent_at"),
    [
        ((20, 20, 59), False, (20, 20, 59)),
        ((20, 21, 0), False, (21, 8, 0)),
        ((21, 7, 59), False, (21, 8, 0)),
        ((21, 8, 0), False, (21, 8, 0)),
        ((20, 23, 0), True, (20, 23, 0)),
    ],
)
def test_nights_are_quiet(
    seoul: TenantRef,
    clock: time_machine.Traveller,
    planned: tuple[int, int, int],
    urgent: bool,
    sent_at: tuple[int, int, int],
) -> None:
    def moment(day: int, hour: int, minute: int) -> datetime:
        return datetime(2026, 11, day, hour, minute, tzinfo=KST)

    routes.use_senders({Channel.ALIMTALK: Recorder()})
    clock.move_to(moment(*planned))
    plan(seoul, urgent=urgent)
    expected = moment(*sent_at)
    if expected > moment(*planned):
        clock.move_to(expected - timedelta(minutes=1))
        drain(seoul, KINDS)
        assert message(seoul).state == MessageState.PENDING
        clock.move_to(expected)
    drain(seoul, KINDS)
    assert message(seoul).sent_at == expected


@pytest.mark.rule("KP-10")
def test_a_message_that_comes_late_into_the_night_waits_too(
    seoul: TenantRef, clock: time_machine.Traveller
) -> None:
    routes.use_senders({Channel.ALIMTALK: Recorder()})
    clock.move_to(datetime(2026, 11, 20, 20, 59, tzinfo=KST))
    plan(seoul)
    clock.move_to(datetime(2026, 11, 20, 21, 0, tzinfo=KST))
    drain(seoul, KINDS)
    assert message(seoul).state == MessageState.PENDING
    clock.move_to(datetime(2026, 11, 21, 8, 0, 2, tzinfo=KST))
    drain(seoul, KINDS)
    assert message(seoul).state == MessageState.SENT


@pytest.mark.rule("KP-10")
def test_a_municipality_sets_its_own_quiet_hours(seoul: TenantRef, clock: time_machine.Traveller) -> None:
    routes.use_senders({Channel.ALIMTALK: Recorder()})
    with unit_of_work(seoul, SYSTEM) as uow:
        settings.set_value(uow, QUIET_HOURS, "09:00-11:00", effective_from=uow.today, reason="시험")
    plan(seoul)
    assert drain(seoul, KINDS) == 0
    clock.shift(timedelta(hours=1))
    assert drain(seoul, KINDS) == 1


def test_a_busy_gateway_is_tried_again_when_it_says(
    seoul: TenantRef, clock: time_machine.Traveller, gateway: Gateway
) -> None:
    routes.use_senders({Channel.ALIMTALK: HttpSender(gateway.url, "k")})
    gateway.answers = [lambda handler: reply(handler, 429, {}, Retry_After="120")]
    plan(seoul)
    drain(seoul, KINDS)
    assert message(seoul).state == MessageState.PENDING
    clock.shift(timedelta(seconds=119))
    assert drain(seoul, KINDS) == 0
    clock.shift(timedelta(seconds=1))
    assert drain(seoul, KINDS) == 1
    assert message(seoul).state == MessageState.SENT
    assert len(gateway.accepted) == 1


def test_a_lost_answer_is_asked_about_and_nothing_goes_out_twice(
    seoul: TenantRef, clock: time_machine.Traveller, gateway: Gateway
) -> None:
    def take_and_hang_up(handler: object) -> bool:
        gateway.accepted[str(message_ref)] = {}
        return hang_up(handler)  # type: ignore[arg-type]

    routes.use_senders({Channel.ALIMTALK: HttpSender(gateway.url, "k")})
    message_ref = plan(seoul)
    gateway.answers = [take_and_hang_up]
    drain(seoul, KINDS)
    assert message(seoul).state == MessageState.UNKNOWN
    clock.shift(timedelta(seconds=PAUSES[0]))
    drain(seoul, KINDS)
    assert message(seoul).state == MessageState.SENT
    assert [request["method"] for request in gateway.requests] == ["POST", "GET"]


def test_what_never_arrived_is_sent_after_asking(
    seoul: TenantRef, clock: time_machine.Traveller, gateway: Gateway
) -> None:
    routes.use_senders({Channel.ALIMTALK: HttpSender(gateway.url, "k")})
    plan(seoul)
    gateway.answers = [hang_up]
    drain(seoul, KINDS)
    clock.shift(timedelta(seconds=PAUSES[0]))
    drain(seoul, KINDS)
    assert [request["method"] for request in gateway.requests] == ["POST", "GET", "POST"]
    assert message(seoul).state == MessageState.SENT


def test_a_worker_that_died_between_sending_and_writing_leads_to_a_question(
    seoul: TenantRef, clock: time_machine.Traveller, gateway: Gateway
) -> None:
    routes.use_senders({Channel.ALIMTALK: HttpSender(gateway.url, "k")})
    ref = plan(seoul)
    gateway.accepted[str(ref)] = {}
    with unit_of_work(seoul, SYSTEM) as uow:
        uow.session.scalars(select(Message)).one().state = MessageState.SENDING
    drain(seoul, KINDS)
    assert gateway.posts == []
    assert message(seoul).state == MessageState.SENT


def test_a_refused_message_is_dead_with_its_reason(
    seoul: TenantRef, clock: time_machine.Traveller, gateway: Gateway
) -> None:
    routes.use_senders({Channel.ALIMTALK: HttpSender(gateway.url, "k")})
    gateway.answers = [lambda handler: reply(handler, 400, {"reason": "wrong number"})]
    plan(seoul)
    drain(seoul, KINDS)
    assert message(seoul).state == MessageState.FAILED
    assert "wrong number" in message(seoul).error
    assert work_row(seoul).state == WorkState.DEAD


def test_after_the_last_try_a_person_must_look(
    seoul: TenantRef, clock: time_machine.Traveller, gateway: Gateway
) -> None:
    routes.use_senders({Channel.ALIMTALK: HttpSender(gateway.url, "k")})
    plan(seoul, urgent=True)
    for pause in (*PAUSES, 0):
        gateway.answers = [lambda handler: reply(handler, 503, {})]
        assert drain(seoul, KINDS) == 1
        clock.shift(timedelta(seconds=pause))
    assert (message(seoul).state, work_row(seoul).state) == (MessageState.FAILED, WorkState.DEAD)
    assert len(gateway.posts) == len(PAUSES) + 1


@pytest.mark.parametrize("kept", [True, False])
def test_a_code_does_not_stay_readable_after_it_was_sent(
    seoul: TenantRef, clock: time_machine.Traveller, gateway: Gateway, kept: bool
) -> None:
    routes.use_senders({Channel.ALIMTALK: Recorder() if kept else HttpSender(gateway.url, "k")})
    with unit_of_work(seoul, SYSTEM) as uow:
        plan_message(uow, "test.code", PHONE, {"code": "123456"}, urgent=True)
    drain(seoul, KINDS)
    row = message(seoul)
    assert (row.body, row.values) == (("인증번호 123456", {"code": "123456"}) if kept else (WIPED, {}))
    assert kept or gateway.posts[0]["text"] == "인증번호 123456"


def test_a_template_key_means_one_thing() -> None:
    register_template(Template("test.code", "인증번호", "인증번호 {code}", secret=True))
    with pytest.raises(ValueError, match="defined twice"):
        register_template(Template("test.code", "다른", "글"))
