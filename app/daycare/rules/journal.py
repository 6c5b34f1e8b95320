"""The care diary of one class and operating day (AD-24)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from app.daycare.rules.days import operating_day, operating_span
from app.daycare.rules.presence import Presence
from app.kernel.errors import N_, Problem
from app.kernel.texts import clock_text, moment_text

HEADINGS: Mapping[str, str] = {
    "plan": N_("보육 계획"),
    "activities": N_("놀이와 활동"),
    "meals": N_("급·간식과 물 마심"),
    "sleep": N_("낮잠과 밤잠"),
    "health": N_("건강과 배변"),
    "evaluation": N_("관찰과 평가"),
    "handover": N_("다음 교사에게 전할 말"),
}
NEEDED = frozenset({"activities", "evaluation"})
WORDS_MAX = 2000
UNKNOWN_HEADING = Problem("daycare.unknown_heading", N_("보육일지에 없는 항목이에요."), rule="AD-24")
TOO_LONG = Problem(
    "daycare.entry_too_long", N_("{most}자까지 적을 수 있어요. 짧게 적어 주세요."), rule="AD-24"
)
ENTRY_MISSING = Problem("daycare.entry_missing", N_("{headings}을(를) 적은 뒤 서명해 주세요."), rule="AD-24")
MEAL_DAYS = 30
"""How far back food may still be written down."""
DAY_NOT_OVER = Problem(
    "daycare.day_not_over",
    N_("아직 보육 중인 아이가 있어요. 모두 귀가한 뒤 마감해 주세요."),
    rule="AD-24",
)
STILL_PLANNED = Problem(
    "daycare.still_planned",
    N_("{times}에 올 아이가 더 있어요. 그 아이들이 귀가한 뒤나 운영일이 끝나는 {end}부터 마감할 수 있어요."),
    rule="AD-24",
)
NOBODY_YET = Problem(
    "daycare.nobody_yet",
    N_("아직 이 반에 온 아이가 없어요. 운영일이 끝나는 {end}부터 마감할 수 있어요."),
    rule="AD-24",
)
REOPEN_REASON = Problem(
    "daycare.reopen_reason",
    N_("마감한 일지를 다시 여는 까닭을 적어 주세요. 발급한 일지가 무효가 되고 까닭이 남아요."),
    rule="GC-18",
    field="reason",
)
NOT_CLOSED = Problem("daycare.journal_not_closed", N_("원장이 마감한 일지만 발급할 수 있어요."), rule="AD-24")
PAGE_SIGNED = Problem(
    "daycare.page_signed",
    N_("서명한 일지에는 급·간식을 더 적을 수 없어요. 일지를 다시 연 뒤 적어 주세요."),
    rule="AD-24",
)
TOO_LONG_AGO = Problem(
    "daycare.meal_too_long_ago",
    N_("급·간식은 오늘과 지난 {days}일 안의 운영일에만 적을 수 있어요."),
    rule="AD-23",
)
DAY_AHEAD = Problem("daycare.day_ahead", N_("아직 오지 않은 운영일이에요."), rule="AD-24")


def check_entries(entries: Mapping[str, str]) -> list[Problem]:
    if set(entries) - set(HEADINGS):
        return [UNKNOWN_HEADING]
    return [
        TOO_LONG.of(field=key, most=WORDS_MAX) for key, words in entries.items() if len(words) > WORDS_MAX
    ]


def check_to_sign(entries: Mapping[str, str]) -> Problem | None:
    missing = [HEADINGS[key] for key in HEADINGS if key in NEEDED and not entries.get(key, "").strip()]
    return ENTRY_MISSING.of(headings=", ".join(missing)) if missing else None


def check_to_close(
    day: date, there: Collection[Presence], planned: Collection[datetime], now: datetime
) -> Problem | None:
    """When the last child of the class's day has left and nobody is to come, else when the operating day is over.

    ``planned``: when children who are booked are to come that day. Who stays beyond the day has left it.
    """
    if any(one.awaited for one in there):
        return DAY_NOT_OVER
    end = operating_span(day).end
    if now >= end:
        return None
    if planned:
        times = ", ".join(clock_text(at) for at in sorted(set(planned)))
        return STILL_PLANNED.of(times=times, end=moment_text(end))
    return None if there else NOBODY_YET.of(end=moment_text(end))


def check_meal_day(day: date, now: datetime) -> Problem | None:
    """AD-23: food is written down on its day or soon after it."""
    running = operating_day(now)
    if day > running:
        return DAY_AHEAD
    return TOO_LONG_AGO.of(days=MEAL_DAYS) if day < running - timedelta(days=MEAL_DAYS) else None
