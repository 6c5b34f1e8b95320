"""Which sender carries which channel; named by the environment, once per process.

``DOLBOM_GATEWAY_URL`` and ``DOLBOM_GATEWAY_KEY``: alimtalk and text messages. ``DOLBOM_SMTP`` (``host:port``),
``DOLBOM_SMTP_FROM``, ``DOLBOM_SMTP_USER``, ``DOLBOM_SMTP_PASSWORD``, ``DOLBOM_SMTP_TLS=1``: mail. Without them a
development machine records messages; production refuses to.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from app.kernel.config import ConfigurationError
from app.kernel.db import database
from app.messaging.rules import Channel
from app.messaging.senders import HttpSender, Recorder, Sender, SmtpSender, SmtpSettings

_chosen: dict[str, Sender] = {}


def use_senders(senders: Mapping[str, Sender]) -> None:
    """Fix the senders of this process (channel → sender); an empty mapping asks the environment again."""
    _chosen.clear()
    _chosen.update(senders)


def sender_for(channel: str, environ: Mapping[str, str] = os.environ) -> Sender:
    if channel not in _chosen:
        _chosen[channel] = make_sender(channel, environ, production=database().settings.production)
    return _chosen[channel]


def make_sender(channel: str, environ: Mapping[str, str], *, production: bool) -> Sender:
    """Raises ConfigurationError in production when the channel has no way out."""
    if channel == Channel.EMAIL and environ.get("DOLBOM_SMTP"):
        return SmtpSender(_smtp(environ))
    if channel != Channel.EMAIL and environ.get("DOLBOM_GATEWAY_URL"):
        return HttpSender(environ["DOLBOM_GATEWAY_URL"], environ.get("DOLBOM_GATEWAY_KEY", ""))
    if production:
        raise ConfigurationError(
            "메시지를 보낼 곳이 없습니다. DOLBOM_GATEWAY_URL(알림톡·문자)과 DOLBOM_SMTP(전자우편)를 정해 주세요."
        )
    return Recorder()


def _smtp(environ: Mapping[str, str]) -> SmtpSettings:
    host, _, port = environ["DOLBOM_SMTP"].partition(":")
    sender = environ.get("DOLBOM_SMTP_FROM", "")
    if not sender or not (port or "25").isdigit():
        raise ConfigurationError("DOLBOM_SMTP는 주소:포트로, 보내는 주소는 DOLBOM_SMTP_FROM으로 정해 주세요.")
    return SmtpSettings(
        host=host,
        port=int(port or "25"),
        sender=sender,
        sender_name=environ.get("DOLBOM_SMTP_NAME", "돌봄이음"),
        user=environ.get("DOLBOM_SMTP_USER", ""),
        password=environ.get("DOLBOM_SMTP_PASSWORD", ""),
        tls=environ.get("DOLBOM_SMTP_TLS", "") == "1",
    )
