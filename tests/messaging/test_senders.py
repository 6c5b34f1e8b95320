"""The two ways out, against real servers on loopback."""

from __future__ import annotations

import email
import threading
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler

import pytest

from app.kernel.config import ConfigurationError
from app.messaging.routes import make_sender
from app.messaging.senders import (
    Accepted,
    HttpSender,
    Outgoing,
    Recorder,
    Rejected,
    Retry,
    SmtpSender,
    SmtpSettings,
    Unknown,
)
from tests.messaging.conftest import Gateway, Mailbox, free_port, reply

MESSAGE = Outgoing(
    "0123456789abcdef", "ALIMTALK", "01012345678", "예약 승인", "김하늘의 예약을 승인했습니다.", "t"
)
LONG_TITLE = (
    "우리동네키움센터 온수동점에서 알려 드립니다: 김하늘 어린이의 겨울방학 정기돌봄 신청이 "
    "승인되어 12월 28일 월요일부터 이용하실 수 있습니다. 자세한 내용은 본문을 확인해 주세요"
)


def mail(title: str = "예약 승인", to: str = "parent@example.kr") -> Outgoing:
    return Outgoing("0123456789abcdef", "EMAIL", to, title, "본문입니다.\n둘째 줄", "t")


def smtp(box: Mailbox, **more: object) -> SmtpSender:
    return SmtpSender(
        SmtpSettings(box.host, box.port, "no-reply@example.kr", "서울특별시 우리동네키움", timeout=5, **more)  # type: ignore[arg-type]
    )


def test_mail_arrives_with_its_long_korean_subject_whole(mailbox: Mailbox) -> None:
    assert smtp(mailbox).send([mail(LONG_TITLE)]) == [Accepted("0123456789abcdef")]
    got = email.message_from_bytes(mailbox.mails[0])
    assert str(make_header(decode_header(got["Subject"]))) == LONG_TITLE
    assert got.get_payload(decode=True).decode().replace("\r\n", "\n") == "본문입니다.\n둘째 줄"
    assert "no-reply@example.kr" in got["From"]
    assert str(make_header(decode_header(got["From"]))).startswith("서울특별시 우리동네키움")
    assert got["Message-ID"] == "<0123456789abcdef@example.kr>"


def test_a_batch_of_mails_shares_one_connection_and_one_refusal_stops_nobody(mailbox: Mailbox) -> None:
    mailbox.rcpt_answers = ["250 OK", "550 no such mailbox", "250 OK"]
    outcomes = smtp(mailbox).send([mail("하나"), mail("둘"), mail("셋")])
    assert [type(outcome) for outcome in outcomes] == [Accepted, Rejected, Accepted]
    assert len(mailbox.mails) == 2


def test_a_busy_mail_server_is_tried_again(mailbox: Mailbox) -> None:
    mailbox.data_answers = ["451 try later"]
    sender = smtp(mailbox)
    assert isinstance(sender.send([mail()])[0], Retry)
    assert isinstance(sender.send([mail()])[0], Accepted)
    assert len(mailbox.mails) == 1


def test_without_a_mail_server_nothing_left() -> None:
    sender = SmtpSender(SmtpSettings("127.0.0.1", free_port(), "a@example.kr", timeout=2))
    assert isinstance(sender.send([mail()])[0], Retry)


def test_an_address_that_no_server_understands_is_refused(mailbox: Mailbox) -> None:
    assert isinstance(smtp(mailbox).send([mail(to="부모@example.kr")])[0], Rejected)


def test_a_mail_server_cannot_be_asked(mailbox: Mailbox) -> None:
    assert isinstance(smtp(mailbox).ask(mail()), Unknown)


def test_a_title_cannot_smuggle_in_a_header(mailbox: Mailbox) -> None:
    outcome = smtp(mailbox).send([mail("안내\r\nBcc: other@example.kr")])[0]
    assert isinstance(outcome, Accepted)
    got = email.message_from_bytes(mailbox.mails[0])
    assert got["Bcc"] is None


def test_the_gateway_gets_the_message_with_its_key(gateway: Gateway) -> None:
    assert HttpSender(gateway.url, "secret").send([MESSAGE]) == [Accepted("g-0123456789abcdef")]
    request = gateway.posts[0]
    assert request["key"] == "0123456789abcdef"
    assert request["auth"] == "Bearer secret"
    assert (request["to"], request["text"]) == ("01012345678", "김하늘의 예약을 승인했습니다.")


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (429, {}, {"Retry_After": "120"}, Retry("429 {}", 120)),
        (429, {}, {}, Retry("429 {}", None)),
        (503, {}, {"Retry_After": "soon"}, Retry("503 {}", None)),
        (500, {}, {}, Retry("500 {}", None)),
        (400, {"reason": "bad number"}, {}, Rejected('400 {"reason": "bad number"}')),
        (200, {"status": "rejected", "reason": "no such template"}, {}, Rejected("no such template")),
        (200, {"status": "strange"}, {}, Unknown('200 {"status": "strange"}')),
        (200, [], {}, Unknown("200 []")),
        (200, b"<html>", {}, Unknown("200 <html>")),
        (302, {}, {"Location": "/elsewhere"}, Unknown("302 {}")),
    ],
)
def test_what_the_gateway_says(
    gateway: Gateway, status: int, body: object, headers: dict[str, str], expected: object
) -> None:
    gateway.answers = [lambda handler: reply(handler, status, body, **headers)]
    assert HttpSender(gateway.url, "k").send([MESSAGE]) == [expected]


def hang_up(handler: BaseHTTPRequestHandler) -> bool:
    handler.close_connection = True
    handler.connection.close()
    return True


def test_a_lost_answer_is_unknown(gateway: Gateway) -> None:
    gateway.answers = [hang_up]
    assert isinstance(HttpSender(gateway.url, "k").send([MESSAGE])[0], Unknown)


def test_a_slow_answer_is_unknown(gateway: Gateway) -> None:
    release = threading.Event()
    gateway.answers = [lambda handler: release.wait(5) and hang_up(handler)]
    try:
        assert isinstance(HttpSender(gateway.url, "k", timeout=0.2).send([MESSAGE])[0], Unknown)
    finally:
        release.set()


def test_a_gateway_that_is_down_took_nothing() -> None:
    assert isinstance(HttpSender(f"http://127.0.0.1:{free_port()}", "k").send([MESSAGE])[0], Retry)


def test_asking_tells_what_became_of_a_message(gateway: Gateway) -> None:
    sender = HttpSender(gateway.url, "k")
    assert isinstance(sender.ask(MESSAGE), Retry)
    sender.send([MESSAGE])
    assert sender.ask(MESSAGE) == Accepted("g-0123456789abcdef")
    gateway.answers = [lambda handler: reply(handler, 500, {})]
    assert isinstance(sender.ask(MESSAGE), Unknown)


def test_production_names_its_ways_out() -> None:
    assert isinstance(make_sender("SMS", {}, production=False), Recorder)
    assert isinstance(make_sender("SMS", {"DOLBOM_GATEWAY_URL": "http://g"}, production=True), HttpSender)
    mail_settings = {"DOLBOM_SMTP": "mail:2525", "DOLBOM_SMTP_FROM": "a@b.kr"}
    made = make_sender("EMAIL", mail_settings, production=True)
    assert isinstance(made, SmtpSender)
    assert (made.settings.host, made.settings.port) == ("mail", 2525)
    for channel in ("SMS", "EMAIL"):
        with pytest.raises(ConfigurationError):
            make_sender(channel, {}, production=True)
    with pytest.raises(ConfigurationError):
        make_sender("EMAIL", {"DOLBOM_SMTP": "mail"}, production=True)
