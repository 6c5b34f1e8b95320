"""Where a parent's pages of booking hang, and the words they share."""

from __future__ import annotations

import gzip
import re
from datetime import date

from flask import Response, request

from app.booking.choice import Choice
from app.booking.rules.states import BookingState, WaitState
from app.booking.times import week_text
from app.kernel import web
from app.kernel.errors import N_
from app.kernel.language import gettext as _
from app.kernel.ranges import WEEKDAY_KO, weekday
from app.kernel.texts import day_text

WORTH_SQUEEZING = 1400
"""Bytes: what fits one packet anyway is sent as it is."""


def squeezed(response: Response) -> Response:
    """Compress a page for a phone on a slow line: a month shrinks to a third.

    Sessions are SameSite=Lax, so no foreign page can make a browser fetch these with its cookie and measure them.
    """
    plain = response.mimetype == "text/html" and not response.is_streamed and not response.content_encoding
    if plain and request.accept_encodings["gzip"] and (response.content_length or 0) > WORTH_SQUEEZING:
        response.set_data(gzip.compress(response.get_data(), 6, mtime=0))
        response.content_encoding = "gzip"
        response.vary.add("Accept-Encoding")
    return response


pages = web.tenant_blueprint("booking_parent", __name__)
pages.after_request(squeezed)
KEPT_TOGETHER = re.compile(r"(?<=\d월) (?=\d)|(?<=[월화수목금토일]) (?=\d\d:)")
"""The blanks in 11월 24일 and in 월–금 14:00."""
NO_TURN = re.compile(r"(?<=\S)(?=[–(])|(?<=–)|(?<=\))(?=[^\s,])")
"""Around a dash, and between a bracket and the word it stands at."""
STEPS = (N_("아이"), N_("어디서"), N_("언제"), N_("확인"))

STATE_WORDS = {
    BookingState.APPLIED: (N_("센터 확인 중"), "warning"),
    BookingState.WAITING: (N_("대기 중"), "info"),
    BookingState.SCHEDULED: (N_("승인됨"), "success"),
    BookingState.IN_USE: (N_("이용 중"), "primary"),
    BookingState.ENDED: (N_("끝남"), ""),
    BookingState.DISAPPROVED: (N_("승인되지 않음"), "danger"),
    BookingState.CANCELLED: (N_("이용취소"), ""),
    BookingState.WITHDRAWN: (N_("신청취소"), ""),
    BookingState.EXPIRED: (N_("기간만료"), ""),
}
"""What a guardian reads for each state, and its tone."""


def step_names() -> list[str]:
    return [_(name) for name in STEPS]


def state_words(state: BookingState, wait: WaitState | None, position: int | None) -> tuple[str, str]:
    """The state in the guardian's words with its tone; a waiting child is told its turn (KW-10)."""
    if state is BookingState.WAITING and wait is WaitState.OFFERED:
        return _("자리가 났어요"), "danger"
    if state is BookingState.WAITING and position:
        return _("대기 %(n)d번째", n=position), "info"
    words, tone = STATE_WORDS[state]
    return _(words), tone


def unbroken(text: str) -> str:
    """A date, hours, and weekdays with their hours stay on one line each; lines turn between them."""
    return NO_TURN.sub("\u2060", KEPT_TOGETHER.sub("\u00a0", text))


def days_text(days: tuple[date, ...]) -> str:
    """11월 24일(화), 25일(수): the month is said once."""
    words = []
    for before, day in zip((None, *days), days, strict=False):
        same = before is not None and (before.year, before.month) == (day.year, day.month)
        words.append(f"{day.day}일({WEEKDAY_KO[weekday(day)]})" if same else day_text(day))
    return ", ".join(words)


def choice_text(choice: Choice) -> str:
    """When, as far as it has been said."""
    if choice.is_regular:
        period = f"{day_text(choice.first)}~{day_text(choice.last)}" if choice.first and choice.last else ""
        return unbroken(" ".join(part for part in (period, week_text(dict(choice.week))) if part))
    hours = str(choice.hours) if choice.hours else ""
    return unbroken(" ".join(part for part in (days_text(choice.days), hours) if part))
