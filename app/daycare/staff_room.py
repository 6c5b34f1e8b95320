"""지금: who is in the room, until when, what to watch, how much room is left through tomorrow morning."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.daycare import actions
from app.daycare.parent_pickup import announced_pickups
from app.daycare.queries import (
    RoomNow,
    agreements,
    applications,
    call_backs,
    room_now,
    special_of,
    waiting_decisions,
)
from app.daycare.rules.states import ApplicationState
from app.daycare.staff_pages import MARKS, SERVICE, own_daycare, pages
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.people.models import Child


@web.page(pages, "", actions.ROOM, service=SERVICE)
def room() -> Any:
    """The desk's page; asked again every half minute it answers with the part that changes."""
    with web.unit() as uow:
        daycare = own_daycare(uow)
        now = room_now(uow, daycare)
        todo = [] if web.htmx else _todo(uow, daycare)
    return web.render(
        "daycare/staff/room.html",
        block="now",
        daycare=daycare,
        room=now,
        figures=_figures(now),
        several=any(seat.most < seat.free for seat in now.seats),
        todo=todo,
        may_book=actions.BOOK.allows(web.actor().role),
        marks=MARKS,
    )


def _figures(now: RoomNow) -> list[dict[str, Any]]:
    least = min((seat.free for seat in now.seats), default=0)
    late = sum(row.late for row in now.coming)
    return [
        {"value": _("%(n)d명", n=len(now.inside)), "label": _("보육 중"), "url": "#inside"},
        {"value": _("%(n)d명", n=len(now.coming)), "label": _("올 아이"), "url": "#coming"},
        {
            "value": _("%(n)d명", n=late),
            "label": _("늦어지는 아이"),
            "url": "#coming",
            "tone": "danger" if late else "",
        },
        {
            "value": _("%(n)d명", n=len(now.overdue)),
            "label": _("데리러 올 시각 지남"),
            "url": "#inside",
            "tone": "danger" if now.overdue else "",
        },
        {"value": _("%(n)d자리", n=max(least, 0)), "label": _("가장 적을 때 빈자리"), "url": "#seats"},
    ]


def _todo(uow: UnitOfWork, daycare: Any) -> list[dict[str, Any]]:
    """What waits for a person; nothing waits: no row."""
    waiting = {
        _("예약 신청"): (len(waiting_decisions(uow, daycare)), url_for("daycare_staff.bookings")),
        _("이용신청서"): (
            len(applications(uow, daycare, (ApplicationState.SUBMITTED,))),
            url_for("daycare_staff.applications_page"),
        ),
        _("데리러 올 분 확인"): (len(announced_pickups(uow, daycare.id)), url_for("daycare_staff.contacts")),
        _("빈자리 연락"): (len(call_backs(uow, daycare)), url_for("daycare_staff.contacts")),
    }
    return [
        {"url": url, "text": text, "label": _("%(n)d건", n=count)}
        for text, (count, url) in waiting.items()
        if count
    ]


@web.page(pages, "/children/<ref>", actions.ROOM, service=SERVICE)
def child(ref: str) -> Any:
    """What to watch of one child, opened and logged: a side panel; without JavaScript a page of its own."""
    with web.unit() as uow:
        daycare = own_daycare(uow)
        special = special_of(uow, ref, daycare)
        row = uow.session.scalars(select(Child).where(Child.ref == ref)).one()
        meals = agreements(uow, daycare.id, [row.id]).get(row.id)
    return web.render("daycare/staff/child.html", block="beside", special=special, name=row.name, meals=meals)
