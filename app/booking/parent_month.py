"""The month, the half hours and the week a parent chooses from, put into words for the page."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.booking.choice import Choice, toggled
from app.booking.rules.states import BookingKind
from app.booking.wizard import DayView, SeatMonth, SlotView
from app.centres.queries import CentreRow
from app.centres.rules import DAY_KEY_KO, CentreKind, ClosedReason, QuarterPlan
from app.kernel.errors import N_
from app.kernel.language import gettext as _
from app.kernel.ranges import KST, WEEKDAYS, TimeSpan, add_months, minute_text
from app.kernel.texts import day_text

CLOSED_WORDS = {
    ClosedReason.CENTRE_CLOSED: N_("휴원"),
    ClosedReason.HOLIDAY: N_("휴일"),
    ClosedReason.WEEKDAY_OFF: "",
    ClosedReason.NO_QUARTER: "",
}
SUNDAY_FIRST = Calendar(firstweekday=6)
FEW = 3

Cell = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MonthView:
    """``open``: the centre opens on some day that can be asked for, in whatever month."""

    title: str
    weeks: list[list[Cell | None]]
    previous: str
    following: str
    open: bool


@dataclass(frozen=True, slots=True)
class HourOption:
    value: str
    label: str
    selected: bool = False
    disabled: bool = False


def month_view(
    first: date, month: SeatMonth, now: datetime, choice: Choice, turn: str, press: str
) -> MonthView:
    """The month that begins on ``first``, seen with what is chosen so far.

    ``press``: the page a day leads to, with that day taken in or out; ``turn``: the page of the month before or after.
    """
    fixed = choice.query(days=())
    here = f"{first:%Y-%m}"

    def press_url(day: date) -> str:
        return f"{press}?{fixed}&month={here}{_days(toggled(choice.days, day))}#day"

    def turn_url(other: date) -> str:
        return f"{turn}?{fixed}&month={other:%Y-%m}{_days(choice.days)}#day"

    weeks: list[list[Cell | None]] = [
        [_cell(day, month, now, choice, press_url) if day.month == first.month else None for day in week]
        for week in SUNDAY_FIRST.monthdatescalendar(first.year, first.month)
        # on a phone the weeks that are over would push the hours off the page
        if week[-1] >= month.window.first
    ]
    before, after = add_months(first, -1), add_months(first, 1)
    return MonthView(
        title=_("%(year)d년 %(month)d월", year=first.year, month=first.month),
        weeks=weeks,
        previous=turn_url(before) if month.window.first < first else "",
        following=turn_url(after) if month.window.last >= after else "",
        open=any(view.opening.is_open for view in month.days.values()),
    )


def _days(days: Sequence[date]) -> str:
    return "".join(f"&day={day.isoformat()}" for day in days)


def _cell(day: date, month: SeatMonth, now: datetime, choice: Choice, url: Callable[[date], str]) -> Cell:
    selected = day in choice.days
    cell: Cell = {"label": day.day, "selected": selected}
    view = month.days.get(day)
    if view is None:
        return cell
    text, tone, open_ = _day_words(view, month, now, choice.hours)
    cell |= {"text": text, "tone": tone, "name": day_text(day)}
    if open_ or selected:
        cell["url"] = url(day)
    return cell


def _day_words(
    view: DayView, month: SeatMonth, now: datetime, hours: TimeSpan | None
) -> tuple[str, str, bool]:
    """Words, tone, and whether the day can be pressed."""
    span = view.opening.span
    if span is None:
        return _(CLOSED_WORDS[view.opening.reason]) if view.opening.reason else "", "", False
    local = now.astimezone(KST)
    since = 0
    if view.day == local.date():
        since = local.hour * 60 + local.minute
        if since > span.end - month.slot_minutes:
            return _("끝남"), "", False
    if hours is not None:
        if any(busy.period.overlaps(hours.on(view.day)) for busy in view.busy):
            return _("예약 있음"), "", True
        if not span.contains(hours):
            return _("시간 밖"), "", True
    least, most = month.seats(view, hours, since)
    if least:
        return _("%(n)d자리", n=least), "warning" if least <= FEW else "success", True
    if most:
        return _("일부 있음"), "warning", True
    if month.may_wait(view):
        return _("대기 %(n)d번째", n=view.waiting + 1), "info", True
    return _("마감"), "", False


def hour_options(
    slots: Sequence[SlotView], chosen: TimeSpan | None, step: int, *, name_day: bool = False
) -> tuple[list[HourOption], list[HourOption]]:
    """What can be chosen as start and as end; an hour that does not fit stays in the list and says why.

    ``name_day``: also on which of several days it does not.
    """
    starts, ends = [], []
    for slot in slots:
        words = _slot_words(slot, name_day)
        start, end = minute_text(slot.minute), minute_text(slot.minute + step)
        unfit = slot.unfit is not None
        starts.append(
            HourOption(start, f"{start} · {words}", chosen is not None and chosen.start == slot.minute, unfit)
        )
        label = f"{end} · {words}" if unfit else end
        ends.append(HourOption(end, label, chosen is not None and chosen.end == slot.minute + step, unfit))
    return starts, ends


def _slot_words(slot: SlotView, name_day: bool) -> str:
    if slot.unfit is not None:
        return f"{day_text(slot.day)} {_(slot.unfit.label)}" if name_day and slot.day else _(slot.unfit.label)
    return _("%(n)d자리", n=slot.seats) if slot.seats else _("자리 없음(대기)")


@dataclass(frozen=True, slots=True)
class WeekRow:
    """One weekday of regular care; ``note`` says why it cannot be chosen."""

    key: str
    label: str
    on: bool = False
    starts: tuple[HourOption, ...] = ()
    ends: tuple[HourOption, ...] = ()
    note: str = ""


def week_view(plan: QuarterPlan, chosen: dict[str, TimeSpan], step: int) -> list[WeekRow]:
    """The days of the week as the quarter opens them; a centre closed on Saturday shows no Saturday."""
    rows = []
    for key in WEEKDAYS:
        label = _("%(day)s요일", day=DAY_KEY_KO[key])
        opening = plan.hours.at(key)
        if opening is None:
            if key in chosen or key not in ("sat", "sun"):
                rows.append(WeekRow(key, label, note=_("열지 않는 요일이에요")))
            continue
        hours = chosen.get(key, opening)
        minutes = range(opening.start, opening.end, step)
        rows.append(
            WeekRow(
                key,
                label,
                on=key in chosen,
                starts=tuple(_plain(m, hours.start) for m in minutes),
                ends=tuple(_plain(m + step, hours.end) for m in minutes),
            )
        )
    return rows


def _plain(minute: int, chosen: int) -> HourOption:
    text = minute_text(minute)
    return HourOption(text, text, selected=minute == chosen)


def kind_notes(centre: CentreRow | None = None) -> list[tuple[BookingKind, str]]:
    """The kinds of care with one sentence each; a hub has no regular care, few take sick children (KB-01, KB-47)."""
    notes = [
        (BookingKind.TEMPORARY, _("필요한 날, 필요한 시간만. 오늘부터 2주 안에서 골라요.")),
        (BookingKind.REGULAR, _("매주 정한 요일에. 30일 이상 이용해요.")),
        (BookingKind.SICK, _("아픈 아이를 하루 맡아 돌봐요. 하는 센터만 보여요.")),
    ]
    return [pair for pair in notes if centre is None or gives(centre, pair[0])]


def gives(centre: CentreRow, kind: BookingKind) -> bool:
    if kind is BookingKind.REGULAR:
        return centre.kind is not CentreKind.HUB
    return kind is not BookingKind.SICK or centre.sick_care
