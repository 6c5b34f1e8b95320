"""A daycare, its days and a stay in a family's words: hours, fee, ages, free beds, "오늘 20:00 ~ 내일 08:00"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from app.daycare.queries import DaycareRow, DayFree
from app.daycare.rules.days import clock_minute, parse_clock
from app.daycare.rules.policy import DAY_END, DAY_START, STEP, DaycarePolicy
from app.daycare.rules.request import night_deadline
from app.kernel.errors import N_
from app.kernel.language import gettext as _
from app.kernel.ranges import KST, Period, minute_text
from app.kernel.texts import day_text, won

ONE = timedelta(days=1)
FEW = 2
TO_BRING = (N_("기저귀"), N_("이불과 베개"), N_("여벌 옷"), N_("도시락과 간식"))
"""What a family brings: no meals are given (AD-23)."""
STATE_TONES = {
    "REQUESTED": "warning",
    "CONFIRMED": "success",
    "PAID": "success",
    "IN_CARE": "primary",
    "COMPLETED": "",
    "CANCELLED": "",
    "LATE_CANCELLED": "danger",
    "NO_SHOW": "danger",
    "REFUSED": "danger",
}
STATE_WORDS = {
    "REQUESTED": N_("어린이집 확인 중"),
    "CONFIRMED": N_("확정 · 이용료를 내 주세요"),
    "PAID": N_("확정 · 결제 완료"),
}


def state_words(state: str, label: str) -> str:
    """The state of a booking as its family reads it."""
    return _(STATE_WORDS.get(state, label))


def day_name(day: date, today: date) -> str:
    """오늘, 내일, otherwise 11월 26일(목)."""
    near = {today - ONE: N_("어제"), today: N_("오늘"), today + ONE: N_("내일")}.get(day)
    return _(near) if near else day_text(day)


def from_to(start: datetime, end: datetime, today: date) -> str:
    """One stay with both of its ends: 오늘 20:00 ~ 내일 08:00; on one day 오늘 09:00~18:00."""
    first, last = start.astimezone(KST), end.astimezone(KST)
    begins = _together(f"{day_name(first.date(), today)} {first:%H:%M}")
    if first.date() == last.date():
        return f"{begins}~{last:%H:%M}"
    return f"{begins} ~ {_together(f'{day_name(last.date(), today)} {last:%H:%M}')}"


def _together(text: str) -> str:
    """A day and its hour stay on one line."""
    return text.replace(" ", "\u00a0")


def stays_text(stays: Sequence[Period], today: date) -> list[str]:
    return [from_to(stay.start, stay.end, today) for stay in stays]


def moment_name(moment: datetime, today: date) -> str:
    """오늘 18:00, 11월 26일(목) 18:00."""
    local = moment.astimezone(KST)
    return f"{day_name(local.date(), today)} {local:%H:%M}"


def hours_lines(daycare: DaycareRow, policy: DaycarePolicy) -> list[tuple[str, str]]:
    """Opening hours of weekdays, and of Saturdays, Sundays and public holidays, as the daycare keeps them."""
    own = daycare.hours or {}
    weekday = _own(own["weekday"]) if own.get("weekday") else _whole()
    if "holiday" in own:
        holiday = _own(own["holiday"]) if own["holiday"] else _("쉬어요")
    elif policy.holiday_open is not None:
        holiday = f"{minute_text(policy.holiday_open.start)}~{minute_text(policy.holiday_open.end)}"
    else:
        holiday = _whole()
    return [(_("평일"), weekday), (_("토·일·공휴일"), holiday)]


def _own(span: Sequence[str]) -> str:
    start, end = map(parse_clock, span)
    return _whole() if (start, end) == (DAY_START, DAY_END) else f"{clock_minute(start)}~{clock_minute(end)}"


def _whole() -> str:
    start = minute_text(DAY_START)
    return _("24시간 (%(start)s~다음 날 %(end)s)", start=start, end=start)


def fee_text(policy: DaycarePolicy) -> str:
    """1시간 3,000원, and who pays nothing."""
    text = _("1시간 %(fee)s", fee=won(policy.fee_hour)) if policy.fee_hour else _("무료")
    if policy.fee_hour and "vulnerable" in policy.free_categories:
        text += f" ({_('취약계층 무료')})"
    return text


def ages_text(policy: DaycarePolicy) -> str:
    """Which children: six months to seven years before school, or as the city decided (AE-17, AE-18)."""
    youngest = _("생후 %(n)d개월", n=policy.min_months) if policy.min_months else _("0세")
    if policy.preschool_only:
        return _(
            "%(youngest)s부터 만 %(oldest)d세까지, 초등학교에 들어가기 전 아이",
            youngest=youngest,
            oldest=policy.age_max,
        )
    return _(
        "%(youngest)s부터 만 %(oldest)d세까지. 학교에 다녀도 돼요.", youngest=youngest, oldest=policy.age_max
    )


def closed_text(policy: DaycarePolicy) -> str:
    names = {
        "0101": N_("1월 1일"),
        "seollal": N_("설날"),
        "buddha": N_("부처님오신날"),
        "chuseok": N_("추석"),
        "christmas": N_("성탄절"),
    }
    days = [_(name) for key, name in names.items() if key in policy.closed_days]
    return ", ".join(days) if days else _("없어요. 일 년 내내 열어요.")


def entry_lines(policy: DaycarePolicy) -> list[tuple[str, str]]:
    weekday, holiday = policy.entry_weekday, policy.entry_holiday
    return [
        (_("평일"), f"{minute_text(weekday[0])}~{minute_text(weekday[1])}"),
        (_("토·일·공휴일"), f"{minute_text(holiday[0])}~{minute_text(holiday[1])}"),
    ]


def curfew_text(policy: DaycarePolicy) -> str:
    start, end = (minute_text(minute) for minute in policy.curfew)
    return _("%(start)s부터 다음 날 %(end)s 사이에는 들어오거나 나갈 수 없어요.", start=start, end=end)


def deadline_lines(policy: DaycarePolicy) -> list[str]:
    """AD-07 and AD-08 as a family needs them."""
    start, end = (minute_text(minute) for minute in policy.curfew)
    return [
        _("낮 이용은 그날 %(cutoff)s까지 예약해요.", cutoff=minute_text(policy.cutoff)),
        _(
            "밤(%(start)s~다음 날 %(end)s)이 들어가면 전날 %(cutoff)s까지 예약해요.",
            start=start,
            end=end,
            cutoff=minute_text(policy.night_cutoff),
        ),
    ]


def night_seats(free: DayFree, policy: DaycarePolicy) -> int | None:
    """Beds free through the whole night of an operating day; None when the daycare is closed then."""
    start, end = policy.curfew[0], DAY_END
    if not free.opening.is_open or free.opening.start > start or free.opening.end < end:
        return None
    return max(0, free.least(start, end))


def tonight_text(free: DayFree | None, policy: DaycarePolicy, now: datetime) -> tuple[str, str, str]:
    """Free beds of the coming night in words, with a tone; after its deadline the way is the telephone."""
    seats = night_seats(free, policy) if free is not None else None
    if free is None or seats is None:
        return _("오늘 밤은 열지 않아요"), "", ""
    if seats == 0:
        return _("오늘 밤 자리가 없어요"), "danger", ""
    words = _("오늘 밤 %(n)d자리", n=seats)
    if now > night_deadline(free.day, policy):
        return words, "warning", _("밤 예약은 어제 끝났어요. 급하면 전화해 주세요.")
    return words, "success", ""


def day_seats(free: DayFree, policy: DaycarePolicy) -> tuple[str, str]:
    """A day of the calendar in words, with a tone: closed, free all day, free in part, full."""
    if not free.opening.is_open:
        return _("쉬어요"), ""
    if not free.any_free:
        return _("마감"), ""
    least = free.least(free.opening.start, free.opening.end)
    if least > 0:
        return _("%(n)d자리", n=least), "warning" if least <= FEW else "success"
    return _("일부 있음"), "warning"


def part_rows(free: DayFree, policy: DaycarePolicy) -> list[tuple[str, str, str]]:
    """A day's free beds by its parts — what, from–to, words — as a small table shows them."""
    if not free.opening.is_open:
        return []
    night = policy.curfew[0]
    parts = (
        (_("오전"), DAY_START, 720),
        (_("오후"), 720, 1080),
        (_("저녁"), 1080, night),
        (_("밤"), night, DAY_END),
    )
    rows = []
    for name, start, end in parts:
        first, last = max(start, free.opening.start), min(end, free.opening.end)
        if first >= last:
            continue
        rows.append((name, f"{clock_minute(first)}~{clock_minute(last)}", _seats(free, first, last)))
    return rows


def _seats(free: DayFree, start: int, end: int) -> str:
    """How many beds are free all the time, or when there are none."""
    least = free.least(start, end)
    if least > 0:
        return _("%(n)d자리", n=least)
    half_hours = range(start, end, STEP)
    full = [minute for minute in half_hours if free.free[(minute - DAY_START) // STEP] < 1]
    if len(full) == len(half_hours):
        return _("자리 없음")
    spans: list[list[int]] = []
    for minute in full:
        if spans and spans[-1][1] == minute:
            spans[-1][1] = minute + STEP
        else:
            spans.append([minute, minute + STEP])
    words = ", ".join(f"{clock_minute(first)}~{clock_minute(last)}" for first, last in spans)
    return _("%(hours)s 자리 없음", hours=words)
