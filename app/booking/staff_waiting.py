"""대기: the waiting list, who is next and why others are not; 일일 명단: who comes on a day (KW-05, KB-43)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from app.booking import actions
from app.booking.place import Loads, fits, loads_on, place_of, regular_conflicts
from app.booking.queries import WaitingRow, daily_users, day_slots, waiting_list
from app.booking.rules.capacity import seats_left, sick_seats_left
from app.booking.rules.demand import DemandLine
from app.booking.rules.states import BookingKind, WaitState
from app.booking.rules.waiting import next_fitting
from app.booking.service import demand_report, offer_by_hand
from app.booking.staff_pages import TONES, pages
from app.booking.waits import Wait, days_to_load, open_waits
from app.centres.queries import CentreRow
from app.centres.service.facility import own_centre
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, RuleBroken
from app.kernel.ranges import WEEKDAY_KO, TimeSpan, minute_text, parse_day
from app.kernel.texts import day_text

WAIT_TONES = {WaitState.WAITING: "info", WaitState.OFFERED: "warning"}
NO_ROOM = N_("{at} 자리가 없어요")
UNREADABLE_DAY = N_("날짜를 읽을 수 없어 오늘을 보여 드려요. 2026-11-24처럼 골라 주세요.")


@dataclass(frozen=True, slots=True)
class WaitLine:
    """``is_next``: a freed seat would go here now; ``skipped``: why it would not, in words."""

    row: WaitingRow
    phone: str
    is_next: bool
    skipped: str


def wait_lines(
    uow: UnitOfWork, centre: CentreRow, *, kind: BookingKind | None = None, day: date | None = None
) -> list[WaitLine]:
    """The list in order. Nobody is moved by hand: the order follows rank, time and age (KW-10)."""
    place = place_of(uow, centre)
    entries = open_waits(uow, place, kind=kind)
    rows = waiting_list(uow, centre, kind=kind, day=day, waits=entries)
    waits = {wait.booking.ref: wait for wait in entries}
    loads = loads_on(uow, place, days_to_load([w for w in waits.values() if w.days]))
    following = {_next(loads, list(waits.values()), each) for each in BookingKind}
    return [
        WaitLine(
            row, waits[row.ref].booking.contact_phone, row.ref in following, _skipped(loads, waits[row.ref])
        )
        for row in rows
    ]


def _next(loads: Loads, waits: list[Wait], kind: BookingKind) -> str:
    of_kind = {w.booking.ref: w for w in waits if w.booking.kind == kind and w.days}
    chosen = next_fitting(
        [wait.rule for wait in of_kind.values()],
        lambda entry: fits(loads, kind, of_kind[entry.ref].span, of_kind[entry.ref].days),
    )
    return chosen.ref if chosen else ""


def _skipped(loads: Loads, wait: Wait) -> str:
    if wait.entry.state != WaitState.WAITING or not wait.days:
        return ""
    kind = BookingKind(wait.booking.kind)
    if kind is BookingKind.REGULAR:
        conflicts = regular_conflicts(loads, wait.span, wait.days)
        return conflicts[0].sentence if conflicts else ""
    left = sick_seats_left if kind is BookingKind.SICK else seats_left
    for day, hours in wait.days:
        step = loads[day].slot_minutes
        for minute in hours.slots(step):
            if left(loads[day], TimeSpan(minute, min(minute + step, 1440))) < 1:
                return _(NO_ROOM).format(at=f"{day_text(day)} {minute_text(minute)}")
    return ""


def asked_day(otherwise: date) -> tuple[date, bool]:
    """The day of the address, and whether it could be read; today when nothing is said."""
    text = request.args.get("day", "")
    try:
        return (parse_day(text) if text else otherwise), True
    except ValueError:
        return otherwise, False


def asked_kind() -> BookingKind | None:
    text = request.args.get("kind", "")
    return BookingKind(text) if text in BookingKind.__members__ else None


@web.page(pages, "/waiting", actions.QUEUE, service="KIUM")
def waiting() -> Response:
    kind = asked_kind()
    with web.unit() as uow:
        centre = own_centre(uow)
        day, readable = asked_day(uow.today)
        single = day if request.args.get("day") and readable else None
        lines = wait_lines(uow, centre, kind=kind, day=single)
        auto = place_of(uow, centre).terms.auto_offer
        demand = [demand_text(line) for line in demand_report(uow, centre).lines]
        may_offer = actions.OFFER.allows(uow.actor.role)
    return web.render(
        "booking/staff/waiting.html",
        status=200 if readable else 422,
        lines=lines,
        kind=kind,
        day=single,
        kinds=[("", _("전체")), *((each.value, each.label) for each in BookingKind)],
        auto=auto,
        may_offer=may_offer,
        tones=WAIT_TONES,
        demand=demand,
    )


def demand_text(line: DemandLine) -> str:
    """KB-41 in one sentence."""
    day, minute = line.slot
    return _(
        "%(day)s요일 %(time)s 일시돌봄이 %(weeks)d주 내리 거의 찼어요. 운영시간이나 선생님 배치를 살펴봐 주세요.",
        day=WEEKDAY_KO[day],
        time=minute_text(minute),
        weeks=line.weeks,
    )


@web.page(pages, "/waiting/offer", actions.OFFER, methods=["POST"], service="KIUM")
def offer() -> Response:
    """Where offers are not made by themselves; only those the order allows (KW-05)."""
    try:
        with web.unit() as uow:
            made = offer_by_hand(uow, own_centre(uow).ref)
    except RuleBroken as error:
        flash(web.sentence(error.problems[0]), "warning")
    else:
        flash(_("%(n)d명에게 자리를 제안했어요.", n=len(made)), "success")
    return web.see_other(url_for("booking_staff.waiting"))


@web.page(pages, "/daily", actions.DAILY_USERS, service="KIUM")
def daily() -> Response:
    """일일 이용자: every child expected on a day, printable (KB-43)."""
    with web.unit() as uow:
        centre = own_centre(uow)
        day, readable = asked_day(uow.today)
        rows = daily_users(uow, centre, day)
        slots = day_slots(uow, centre, day)
        today = uow.today
    return web.render(
        "booking/staff/daily.html",
        status=200 if readable else 422,
        problem="" if readable else _(UNREADABLE_DAY),
        centre=centre,
        day=day,
        today=today,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        rows=rows,
        slots=slots,
        tones=TONES,
    )
