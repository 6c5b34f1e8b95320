"""Ways out of the house. A sender answers for each message what became of it, and never raises for it.

``Unknown`` is the important answer: the other side may have taken the message. It is asked about (``ask``) before
anything is sent again.
"""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import Header
from email.mime.text import MIMEText
from email.utils import formataddr, formatdate
from typing import Any, Protocol

import requests


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message as a sender needs it. ``ref`` is its name on both sides (idempotency key)."""

    ref: str
    channel: str
    to: str
    title: str
    body: str
    template: str


@dataclass(frozen=True, slots=True)
class Accepted:
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """For good: a wrong number, a refused template."""

    reason: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Not taken; the same again after so many seconds (None: the usual pause)."""

    reason: str
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    reason: str


Outcome = Accepted | Rejected | Retry | Unknown


class Sender(Protocol):
    keeps_text: bool
    """The text must stay readable here after sending (development); else secrets are wiped."""

    def send(self, batch: Sequence[Outgoing]) -> list[Outcome]: ...

    def ask(self, message: Outgoing) -> Outcome:
        """What became of a message whose answer was lost. ``Retry``: it never arrived, send it."""
        ...


class Recorder:
    """Development: nothing leaves the house; the messages are read on a page."""

    keeps_text = True

    def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        return [Accepted(f"recorded-{message.ref}") for message in batch]

    def ask(self, message: Outgoing) -> Outcome:
        return Retry("nothing was sent")


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    host: str
    port: int
    sender: str
    sender_name: str = ""
    user: str = ""
    password: str = ""
    tls: bool = False
    timeout: float = 20.0


class SmtpSender:
    """Mail by SMTP. A mail server cannot be asked, so a lost answer stays unknown and a person looks."""

    keeps_text = False

    def __init__(self, settings: SmtpSettings) -> None:
        self.settings = settings

    def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        try:
            connection = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            return [Retry(_reason(error))] * len(batch)
        try:
            return [self._send_one(connection, message) for message in batch]
        finally:
            connection.close()

    def ask(self, message: Outgoing) -> Outcome:
        return Unknown("a mail server cannot be asked")

    def _connect(self) -> smtplib.SMTP:
        wanted = self.settings
        connection = smtplib.SMTP(wanted.host, wanted.port, timeout=wanted.timeout)
        if wanted.tls:
            connection.starttls()
        if wanted.user:
            connection.login(wanted.user, wanted.password)
        return connection

    def _send_one(self, connection: smtplib.SMTP, message: Outgoing) -> Outcome:
        """Until the end of DATA nothing was taken; an answer lost after it is unknown."""
        try:
            connection.ehlo_or_helo_if_needed()
            code, answer = connection.mail(self.settings.sender)
            if code == 250:
                code, answer = connection.rcpt(message.to)
            if code not in (250, 251):
                connection.rset()
                return _refused(code, answer)
        except UnicodeError as error:
            return Rejected(_reason(error))
        except (OSError, smtplib.SMTPException) as error:
            return Retry(_reason(error))
        try:
            code, answer = connection.data(self._mime(message))
        except smtplib.SMTPDataError as error:
            return _refused(error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            return Unknown(_reason(error))
        return Accepted(message.ref) if code == 250 else _refused(code, answer)

    def _mime(self, message: Outgoing) -> bytes:
        """MIMEText and Header: the newer EmailMessage loses blanks of long Korean subjects on Python 3.11."""
        mail = MIMEText(message.body, "plain", "utf-8")
        mail["Subject"] = Header(message.title, "utf-8")  # type: ignore[assignment]
        mail["From"] = formataddr((str(Header(self.settings.sender_name, "utf-8")), self.settings.sender))
        mail["To"] = message.to
        mail["Date"] = formatdate(localtime=True)
        mail["Message-ID"] = f"<{message.ref}@{self.settings.sender.rpartition('@')[2]}>"
        return mail.as_bytes()


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _refused(code: int, answer: bytes | str) -> Outcome:
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return Rejected(f"{code} {text}") if 500 <= code < 600 else Retry(f"{code} {text}")


class HttpSender:
    """Alimtalk and text messages through a gateway.

    ``POST {url}/messages`` with the header ``Idempotency-Key`` and one message as JSON answers 2xx
    ``{"id": …, "status": "accepted"}``; ``GET {url}/messages/{ref}`` tells what became of it (404: never seen).
    """

    keeps_text = False

    def __init__(self, url: str, key: str, *, timeout: float = 10.0) -> None:
        self.url = url.rstrip("/")
        self.key = key
        self.timeout = timeout

    def send(self, batch: Sequence[Outgoing]) -> list[Outcome]:
        return [self._send_one(message) for message in batch]

    def _send_one(self, message: Outgoing) -> Outcome:
        try:
            answer = requests.post(
                f"{self.url}/messages",
                json={
                    "ref": message.ref,
                    "channel": message.channel,
                    "to": message.to,
                    "title": message.title,
                    "text": message.body,
                    "template": message.template,
                },
                headers={**self._headers(), "Idempotency-Key": message.ref},
                timeout=self.timeout,
                allow_redirects=False,
            )
        except requests.ConnectTimeout as error:
            return Retry(_reason(error))
        except requests.RequestException as error:
            return Retry(_reason(error)) if _never_left(error) else Unknown(_reason(error))
        return self._read(answer)

    def ask(self, message: Outgoing) -> Outcome:
        try:
            answer = requests.get(
                f"{self.url}/messages/{message.ref}",
                headers=self._headers(),
                timeout=self.timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return Unknown(_reason(error))
        if answer.status_code == 404:
            return Retry("the gateway has never seen it")
        outcome = self._read(answer)
        return (
            outcome if isinstance(outcome, Accepted) or answer.status_code == 200 else Unknown(_about(answer))
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def _read(self, answer: requests.Response) -> Outcome:
        status = answer.status_code
        if status == 429 or status >= 500:
            return Retry(_about(answer), _retry_after(answer))
        if 400 <= status < 500:
            return Rejected(_about(answer))
        if status not in (200, 201, 202):
            return Unknown(_about(answer))
        try:
            body: Any = answer.json()
        except ValueError:
            return Unknown(_about(answer))
        return _verdict(body, answer)


def _verdict(body: Any, answer: requests.Response) -> Outcome:
    status = body.get("status") if isinstance(body, dict) else None
    if status == "accepted":
        return Accepted(str(body.get("id", ""))[:80])
    if status == "rejected":
        return Rejected(str(body.get("reason", ""))[:200])
    return Unknown(_about(answer))


def _never_left(error: requests.RequestException) -> bool:
    """The connection was refused: nobody can have taken the message."""
    return isinstance(error, requests.ConnectionError) and "NewConnectionError" in repr(error)


def _retry_after(answer: requests.Response) -> int | None:
    given = answer.headers.get("Retry-After", "")
    return min(int(given), 86400) if given.isascii() and given.isdigit() else None


def _about(answer: requests.Response) -> str:
    return f"{answer.status_code} {answer.text[:200]}"
