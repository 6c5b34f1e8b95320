"""내 예약: what is coming and what was, one booking with everything its family may do to it, a month of use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from app.booking import actions
from app.booking.choice import Choice, read_month
from app.booking.own import positions_of
from app.booking.parent_month import SUNDAY_FIRST
from app.booking.parent_pages import pages, state_words, unbroken
from app.booking.parent_papers import HandIn, to_hand_in
from app.booking.policy import terms_of
from app.booking.queries import (
    BookingDetail,
    FamilyBooking,
    OwnDay,
    booking_detail,
    bookings_of_guardian,
    own_days,
)
from app.booking.rules.decision import DocumentStatus
from app.booking.rules.states import APPROVED, FINAL, BookingKind, BookingState, UsageDayState
from app.booking.service.applications import withdraw_booking
from app.booking.service.approved import ask_cancel
from app.booking.service.offers import accept_offer, decline_offer
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.ranges import add_months
from app.kernel.texts import day_text, moment_text, remaining_text

MOST_ROWS = 100
Command = Callable[[UnitOfWork, str], object]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list: what, when, how it stands, and where to."""

    url: str
    text: str
    note: str
    label: str
    tone: str


@web.page(pages, "/my/bookings", actions.MINE, service="KIUM")
def own_list() -> Response:
    past = request.args.get("show") == "past"
    with web.unit() as uow:
        family = bookings_of_guardian(uow, uow.actor.guardian_id or 0)
        found = [one for one in family if (one.state in FINAL) is past]
        places = positions_of(uow, found)
    # The nearest comes first: of what is over the latest, of what is coming the earliest.
    shown = found[:MOST_ROWS] if past else found[::-1][:MOST_ROWS]
    here = url_for("booking_parent.own_list")
    return web.render(
        "booking/parent/list.html",
        tabs=[
            {"label": _("다가오는 예약"), "url": here, "active": not past},
            {"label": _("지난 예약"), "url": f"{here}?show=past", "active": past},
            {"label": _("달력"), "url": url_for("booking_parent.own_month"), "active": False},
        ],
        past=past,
        rows=[row_of(one, places.get(one.ref)) for one in shown],
        book_url=url_for("booking_parent.child_step"),
    )


def row_of(one: FamilyBooking, position: int | None) -> Row:
    word, tone = state_words(one.state, one.wait, position)
    return Row(
        url=url_for("booking_parent.detail", ref=one.ref),
        text=unbroken(one.when),
        note=f"{one.child_name} · {one.centre_name} · {_(one.kind.label)}",
        label=word,
        tone=tone,
    )


@web.page(pages, "/my/bookings/<ref>", actions.MINE, service="KIUM")
def detail(ref: str) -> Response:
    return _show(ref)


def _show(ref: str, problems: Sequence[Problem] = ()) -> Response:
    with web.unit() as uow:
        one = booking_detail(uow, ref)
        policy = terms_of(uow, one.centre).booking
        now = uow.now
    regular = one.kind is BookingKind.REGULAR
    hours = policy.offer_hours_regular if regular else policy.offer_hours_temp
    word, tone = state_words(one.state, one.wait, one.position)
    offered = one.offer_until is not None
    return web.render(
        "booking/parent/detail.html",
        status=422 if problems else 200,
        problems=problems,
        one=one,
        title=f"{_(one.kind.label)} · {one.centre.name}",
        word=word,
        tone=tone,
        facts=_facts(one),
        next_line=_next_line(one, hours),
        offered=offered,
        clock=_clock(one.offer_until, now) if one.offer_until else "",
        may_edit=one.state in (BookingState.APPLIED, BookingState.WAITING) and not offered,
        may_withdraw=one.state in (BookingState.APPLIED, BookingState.WAITING),
        lost=_lost(one),
        may_ask_cancel=one.state in APPROVED and one.cancel_asked_at is None,
        to_hand_in=_to_hand_in(one),
        again_url=_again_url(one),
    )


def _facts(one: BookingDetail) -> list[tuple[str, str]]:
    return [
        (_("아이"), one.child_name),
        (_("언제"), unbroken(one.when)),
        (_("신청번호"), one.number),
        (_("신청한 때"), moment_text(one.applied_at)),
        (_("신청 이유"), one.reason),
        (_("다른 돌봄서비스"), one.other_service),
    ]


def _clock(expires_at: datetime, now: datetime) -> str:
    return _("%(until)s까지 (%(left)s)", until=moment_text(expires_at), left=remaining_text(expires_at, now))


def _next_line(one: BookingDetail, offer_hours: int) -> str:
    """What happens next, in one sentence; "" when nothing does."""
    if one.state is BookingState.WAITING and one.position:
        return _(
            "앞에 %(n)d명이 기다리고 있어요. 자리가 나면 문자로 알려 드리고, %(hours)d시간 안에 수락하면 돼요.",
            n=one.position - 1,
            hours=offer_hours,
        )
    if one.cancel_asked_at is not None and one.state in APPROVED:
        return _("취소를 요청했어요. 센터가 확인하면 문자로 알려 드려요. 급하면 센터에 전화해 주세요.")
    if one.state is BookingState.DISAPPROVED:
        return _("사유: %(reason)s. 다시 신청하실 수 있어요.", reason=one.decision_reason)
    return _(NEXT[one.state]) if one.state in NEXT else ""


NEXT = {
    BookingState.APPLIED: N_("센터가 확인하면 문자로 알려 드려요. 보통 하루 안에 알려 드려요."),
    BookingState.SCHEDULED: N_("그대로 오시면 돼요. 바꿀 일이 있으면 센터에 전화해 주세요."),
    BookingState.IN_USE: N_("이용하고 있어요. 바꿀 일이 있으면 센터에 전화해 주세요."),
    BookingState.EXPIRED: N_("정해진 때까지 처리되지 않아 끝났어요. 다시 신청해 주세요."),
    BookingState.CANCELLED: N_("이용이 취소되었어요. 불이익은 없고, 언제든 다시 신청하실 수 있어요."),
    BookingState.WITHDRAWN: N_("취소한 신청이에요. 언제든 다시 신청하실 수 있어요."),
}
AGAIN = frozenset(
    {BookingState.DISAPPROVED, BookingState.EXPIRED, BookingState.CANCELLED, BookingState.WITHDRAWN}
)


def _lost(one: BookingDetail) -> str:
    """Exactly what is gone when it is withdrawn: there is no undo."""
    when = unbroken(one.when)
    if one.state is BookingState.WAITING and one.position and one.offer_until is None:
        return _("%(when)s 대기 %(n)d번째 순서가 없어져요. 되돌릴 수 없어요.", when=when, n=one.position)
    return _("%(when)s 자리가 바로 다른 아이에게 넘어가요. 되돌릴 수 없어요.", when=when)


def _to_hand_in(one: BookingDetail) -> list[HandIn]:
    return to_hand_in(
        one.state,
        one.child_ref,
        kind=one.kind,
        ground=one.rank.claimed,
        missing={kind for kind, status in one.documents.items() if status is DocumentStatus.MISSING},
        evidence_asked=one.evidence_asked_at is not None,
        paper_asked=one.paper_asked,
    )


def _again_url(one: BookingDetail) -> str:
    """The month of the same care at the same centre, once this booking has come to nothing."""
    if one.state not in AGAIN or not one.centre.active:
        return ""
    again = Choice(child=one.child_ref, kind=one.kind, centre=one.centre.ref)
    return f"{url_for('booking_parent.when_step')}?{again.query()}"


def _answer(ref: str, command: Command, done: str) -> Response:
    """One press, one outcome: the page of the booking afterwards, or the same page with the reason."""
    try:
        with web.unit() as uow:
            command(uow, ref)
    except RuleBroken as refused:
        return _show(ref, refused.problems)
    flash(done, "success")
    return web.see_other(url_for("booking_parent.detail", ref=ref))


@web.page(pages, "/my/bookings/<ref>/withdraw", actions.MINE, methods=["POST"], service="KIUM")
def withdraw(ref: str) -> Response:
    return _answer(ref, withdraw_booking, _("신청을 취소했어요."))


@web.page(pages, "/my/bookings/<ref>/cancel", actions.MINE, methods=["POST"], service="KIUM")
def request_cancel(ref: str) -> Response:
    return _answer(ref, ask_cancel, _("센터에 취소를 요청했어요."))


@web.page(pages, "/my/bookings/<ref>/accept", actions.MINE, methods=["POST"], service="KIUM")
def accept(ref: str) -> Response:
    return _answer(ref, accept_offer, _("자리를 받았어요. 센터가 확인하면 문자로 알려 드려요."))


@web.page(pages, "/my/bookings/<ref>/decline", actions.MINE, methods=["POST"], service="KIUM")
def decline(ref: str) -> Response:
    return _answer(ref, decline_offer, _("자리를 사양했어요. 대기도 끝났어요."))


@web.page(pages, "/my/month", actions.MINE, service="KIUM")
def own_month() -> Response:
    """The days on which the family's children come, as a month; below it the day that was pressed."""
    with web.unit() as uow:
        first = read_month(request.args.get("month", ""), uow.today)
        last = add_months(first, 1) - timedelta(days=1)
        days = own_days(uow, uow.actor.guardian_id or 0, first, last)
        today = uow.today
    by_day = {
        day: [row for row in rows if row.state is not UsageDayState.CANCELLED]
        for day, rows in groupby(days, key=lambda row: row.day)
    }
    used = [day for day, rows in by_day.items() if rows]
    asked = request.args.get("day", "")
    # unless a day was pressed: today, else the next one, else the first of a month that is over
    shown = next(
        (day for day in used if day.isoformat() == asked),
        next((day for day in used if day >= today), used[0] if used else None),
    )
    return _render_month(first, by_day, shown)


def _render_month(first: date, by_day: Mapping[date, Sequence[OwnDay]], shown: date | None) -> Response:
    here = url_for("booking_parent.own_month")
    weeks = [
        [
            _cell(day, by_day.get(day, []), day == shown, here) if day.month == first.month else None
            for day in week
        ]
        for week in SUNDAY_FIRST.monthdatescalendar(first.year, first.month)
    ]
    return web.render(
        "booking/parent/month.html",
        title=_("%(year)d년 %(month)d월", year=first.year, month=first.month),
        weeks=weeks,
        previous=f"{here}?month={add_months(first, -1):%Y-%m}",
        following=f"{here}?month={add_months(first, 1):%Y-%m}",
        shown=day_text(shown) if shown else "",
        rows=[_day_row(row) for row in by_day[shown]] if shown else [],
        list_url=url_for("booking_parent.own_list"),
    )


def _cell(day: date, rows: Sequence[OwnDay], selected: bool, here: str) -> dict[str, Any]:
    if not rows:
        return {"label": day.day}
    text = _("%(n)d건", n=len(rows)) if len(rows) > 1 else str(rows[0].hours).partition("–")[0]
    return {
        "label": day.day,
        "name": day_text(day),
        "text": text,
        "tone": "success",
        "selected": selected,
        "url": f"{here}?month={day:%Y-%m}&day={day.isoformat()}#days",
    }


def _day_row(row: OwnDay) -> Row:
    return Row(
        url=url_for("booking_parent.detail", ref=row.booking_ref),
        text=unbroken(f"{row.child_name} {row.hours}"),
        note=row.centre_name,
        label=_(row.kind.label),
        tone="" if row.state is UsageDayState.ENDED else "primary",
    )
