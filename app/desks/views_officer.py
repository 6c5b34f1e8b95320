"""개요: a district officer's and the Seoul administrator's centres, in numbers and without a child's name."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from app.booking.views_officer import MAY_REVERSE
from app.desks.actions import OVERVIEW
from app.desks.overview import CentreNumbers, Overview, overview
from app.kernel import navigation, web
from app.kernel.actor import Role
from app.kernel.errors import N_
from app.tenancy.queries import districts

pages = web.tenant_blueprint("desks_officer", __name__)
OFFICERS = frozenset({Role.DISTRICT_OFFICER, Role.SEOUL_ADMIN})
navigation.register(navigation.Entry(N_("개요"), "desks_officer.centres", OFFICERS, 10, "KIUM"))

ONLY = {
    "today": N_("오늘 올 아이가 있는 센터"),
    "used": N_("이번 달에 이용한 아이가 있는 센터"),
    "made": N_("이번 달에 신청을 받은 센터"),
    "applied": N_("결정을 기다리는 신청이 있는 센터"),
    "late": N_("2일 넘게 결정하지 않은 센터"),
    "waiting": N_("대기가 있는 센터"),
    "requests": N_("정원 변경을 요청한 센터"),
}


@web.page(pages, "/overview", OVERVIEW, service="KIUM")
def centres() -> Response:
    """Totals on top; each opens the centres behind it."""
    only = request.args.get("only", "")
    district = request.args.get("district", "")[:16]
    with web.unit() as uow:
        seen = overview(uow, district)
        whole_city = uow.actor.scope is None
        places = districts(uow.session) if whole_city else []
    rows = [row for row in seen.rows if only not in ONLY or getattr(row, only)]
    return web.render(
        "desks/officer/overview.html",
        seen=seen,
        rows=rows,
        only=only if only in ONLY else "",
        only_text=_(ONLY[only]) if only in ONLY else "",
        figures=_figures(seen, district),
        places=[("", _("모든 자치구")), *((place.ref, place.name) for place in places)],
        district=district,
        whole_city=whole_city,
        may_reverse=web.actor().role in MAY_REVERSE,
    )


def _figures(seen: Overview, district: str) -> list[dict[str, Any]]:
    def behind(only: str) -> str:
        return url_for("desks_officer.centres", only=only, district=district or None)

    def figure(unit: str, name: str, label: str) -> dict[str, Any]:
        return {"value": _(unit, n=seen.total(name)), "label": label, "url": behind(name)}

    people, cases = N_("%(n)d명"), N_("%(n)d건")
    return [
        {"value": _("%(n)d곳", n=len(seen.rows)), "label": _("센터"), "url": behind("")},
        {"value": _(people, n=seen.capacity), "label": _("정원"), "url": behind("")},
        figure(people, "today", _("오늘 올 아이 (4주 전 %(n)d명)", n=seen.total("four_weeks_ago"))),
        figure(people, "used", _("이번 달 이용 연인원 (지난달 %(n)d명)", n=seen.total("used_before"))),
        figure(cases, "made", _("이번 달 신청 (지난달 %(n)d건)", n=seen.total("made_before"))),
        figure(cases, "applied", _("결정 전 신청")),
        figure(cases, "late", _("2일 넘은 신청")),
        figure(people, "waiting", _("대기")),
        figure(cases, "requests", _("정원 변경 요청")),
    ]


__all__ = ["CentreNumbers", "centres", "pages"]
