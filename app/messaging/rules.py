"""When a message may go out, and what can become of it (KP-10, KB-23)."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum

from app.kernel.errors import N_
from app.kernel.ranges import KST, kst, kst_date


class Channel(StrEnum):
    ALIMTALK = "ALIMTALK"
    SMS = "SMS"
    EMAIL = "EMAIL"
    PHONE_MANUAL = "PHONE_MANUAL"
    """A person called and wrote it down (KB-23)."""

    @property
    def label(self) -> str:
        return CHANNEL_LABELS[self]


CHANNEL_LABELS = {
    Channel.ALIMTALK: N_("알림톡"),
    Channel.SMS: N_("문자"),
    Channel.EMAIL: N_("전자우편"),
    Channel.PHONE_MANUAL: N_("유선"),
}


class MessageState(StrEnum):
    PENDING = "PENDING"
    SENDING = "SENDING"
    """Handed to a sender whose answer is not written yet; found again, its fate is unknown."""
    SENT = "SENT"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"
    """Asked about before anything is sent again."""

    @property
    def label(self) -> str:
        return STATE_LABELS[self]


STATE_LABELS = {
    MessageState.PENDING: N_("보낼 예정"),
    MessageState.SENDING: N_("보내는 중"),
    MessageState.SENT: N_("보냄"),
    MessageState.FAILED: N_("보내지 못함"),
    MessageState.UNKNOWN: N_("확인 중"),
}


def quiet_until(now: datetime, quiet: tuple[int, int]) -> datetime | None:
    """When the quiet hours around ``now`` end; None outside them (KP-10).

    ``quiet`` holds two minutes of the day, start included, end excluded; it may pass midnight. Equal ends: never quiet.
    """
    start, end = quiet
    local = now.astimezone(KST)
    minute = local.hour * 60 + local.minute
    inside = start <= minute < end if start <= end else minute >= start or minute < end
    if not inside:
        return None
    day = kst_date(now)
    return kst(day if minute < end else day + timedelta(days=1), end)


def channel_for(to: str, wanted: Channel | None) -> Channel:
    """An address with @ can only be written to; a phone gets an alimtalk unless a text message is wanted."""
    if "@" in to:
        return Channel.EMAIL
    return wanted if wanted not in (None, Channel.EMAIL) else Channel.ALIMTALK


MOBILE = re.compile(r"^(010\d{8}|01[16789]\d{7,8})$")


def digits_of(number: str) -> str:
    """A number as people write it (02-2600-1234, +82 10 …) as national digits."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", number))
    return "0" + digits[2:].lstrip("0") if number.strip().startswith("+82") else digits


def mobile_number(text: str) -> str | None:
    """National digits of a mobile phone that can receive text messages (010 needs eleven); None otherwise."""
    digits = digits_of(text)
    return digits if MOBILE.fullmatch(digits) else None
