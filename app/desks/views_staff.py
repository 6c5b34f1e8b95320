"""오늘: the page a centre keeps open all day."""

from __future__ import annotations

from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _

from app.booking.rules.states import BookingState
from app.desks import menu
from app.desks.actions import TODAY
from app.desks.today import TodayPage, today_page, visit
from app.kernel import navigation, web
from app.kernel.actor import CENTRE_STAFF
from app.kernel.errors import N_

__all__ = ["menu", "pages"]
"""Importing ``menu`` puts its numbers beside the entries."""

pages = web.tenant_blueprint("desks_staff", __name__)
navigation.register(navigation.Entry(N_("오늘"), "desks_staff.today", CENTRE_STAFF, 10, "KIUM"))


@web.page(pages, "/today", TODAY, service="KIUM")
def today() -> Response:
    with web.unit() as uow:
        page = today_page(uow)
    return web.render("desks/staff/today.html", page=page, todo=_todo(page), figures=_figures(page))


def _figures(page: TodayPage) -> list[dict[str, Any]]:
    """Who comes, the same by kind of care, and the room left when it is fullest."""
    least = _("휴원") if page.least is None else _("%(n)d자리", n=page.least)
    daily = url_for("booking_staff.daily")
    return [
        {"value": _("%(n)d명", n=len(page.users)), "label": _("오늘 올 아이"), "url": daily},
        *({"value": _("%(n)d명", n=heads), "label": _(kind.label)} for kind, heads in page.by_kind),
        {"value": least, "label": _("가장 붐빌 때 일시 빈자리"), "url": "#seats"},
    ]


def _todo(page: TodayPage) -> list[dict[str, Any]]:
    """What waits for a person, as rows that open the list; nothing waits: no row."""
    counts = page.counts
    late = _("2일 넘은 신청 %(n)d건", n=counts.undecided_late) if counts.undecided_late else ""
    offered = _("자리 제안 중 %(n)d건", n=counts.offered) if counts.offered else ""
    rows: list[tuple[str, int, str, dict[str, Any], str]] = [
        (_("신청"), counts.by_state.get(BookingState.APPLIED, 0), "booking_staff.applications", {}, late),
        (_("취소 요청"), counts.cancel_asked, "booking_staff.users", {"tab": "using", "asked": "cancel"}, ""),
        (_("대기"), counts.waiting + counts.offered, "booking_staff.waiting", {}, offered),
        (_("서명할 서류"), page.to_sign, "documents_staff.papers", {}, ""),
        (_("아이 연결 요청"), page.links, "people_staff.links", {}, ""),
        (_("확인할 증빙서류"), page.evidence, "people_staff.evidence", {}, ""),
    ]
    return [
        {
            "url": url_for(endpoint, **arguments),
            "text": text,
            "note": note,
            "label": _("%(n)d건", n=count),
            "tone": "danger" if note and text == _("신청") else "warning",
        }
        for text, count, endpoint, arguments, note in rows
        if count
    ]


@web.page(pages, "/today/<ref>", TODAY, service="KIUM")
def child_today(ref: str) -> Response:
    """One child's visit: a side panel of 오늘; without JavaScript a page of its own."""
    with web.unit() as uow:
        view = visit(uow, ref)
    template = "desks/staff/_visit_panel.html" if web.htmx else "desks/staff/visit.html"
    return web.render(template, view=view)
