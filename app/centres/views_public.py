"""What anyone may see: the search for a centre, a centre's page, the help page (KP-01, KP-14, KP-16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, g, request

from app.centres import actions, bookings, parameters
from app.centres.known import known_centre
from app.centres.lists import search_centres
from app.centres.queries import centre_policy, quarter_on
from app.centres.rules import CentreKind, opening_on, separate_quota
from app.centres.week import lines_of
from app.kernel import navigation, web
from app.kernel.actor import CENTRE_STAFF, OFFICERS, Role
from app.kernel.errors import N_, NotFound
from app.kernel.ranges import DateSpan
from app.tenancy import settings
from app.tenancy.queries import districts, holidays
from app.tenancy.rules import TenantKind

pages = web.tenant_blueprint("centres_public", __name__)
EVERYBODY_WHO_READS = frozenset({Role.VISITOR, Role.GUARDIAN}) | CENTRE_STAFF | OFFICERS
navigation.register(
    navigation.Entry(N_("센터 찾기"), "centres_public.search", frozenset({Role.VISITOR}), 20, "KIUM"),
    navigation.Entry(N_("이용 안내"), "centres_public.help_page", frozenset({Role.VISITOR}), 90, "KIUM"),
    navigation.Entry(
        N_("센터 찾기"),
        "centres_public.search",
        EVERYBODY_WHO_READS - {Role.VISITOR},
        20,
        "KIUM",
        where="foot",
    ),
    navigation.Entry(
        N_("이용 안내"),
        "centres_public.help_page",
        EVERYBODY_WHO_READS - {Role.VISITOR},
        90,
        "KIUM",
        where="foot",
    ),
)

LOOK_AHEAD = timedelta(days=60)
PORTAL = "https://icare.seoul.go.kr"
"""Where Seoul lists its other kinds of care (KP-14): those have no booking here."""


@web.page(pages, "/centres", actions.SEE, service="KIUM")
def search() -> Response:
    kind = request.args.get("kind", "")
    wanted = CentreKind(kind) if kind in CentreKind.__members__ else None
    district_ref, words = request.args.get("district", "")[:16], request.args.get("q", "").strip()[:60]
    with web.unit() as uow:
        found = search_centres(
            uow,
            district_ref=district_ref,
            kind=wanted,
            words=words,
            page=request.args.get("page", 1, type=int) or 1,
        )
        places = districts(uow.session)
    return web.render(
        "centres/parent/search.html",
        block="found",
        found=found,
        districts=places,
        kinds=list(CentreKind),
        chosen={"district": district_ref, "kind": kind if wanted else "", "q": words},
        portal=PORTAL if g.tenant.kind is TenantKind.SEOUL else "",
    )


@web.page(pages, "/centres/<ref>", actions.SEE, service="KIUM", shows=True)
def centre_page(ref: str) -> Response:
    with web.showing() as uow:
        known = known_centre(uow, ref)
        centre = known.centre
        if not centre.active:
            raise NotFound("centre")
        now = quarter_on(known.quarters, uow.today)
        shown = now or next((q for q in known.quarters if q.span.first > uow.today), None)
        soon = DateSpan(uow.today, uow.today + LOOK_AHEAD)
        special = [row for row in known.special if row.day in soon]
        policy = centre_policy(uow, centre)
        context: dict[str, Any] = {
            "centre": centre,
            "quarter": shown,
            "is_now": now is not None,
            "week": lines_of(shown.plan.hours, shown.plan.staff) if shown else (),
            "today": opening_on(
                uow.today,
                now.plan if now else None,
                {row.day: row.special for row in special},
                holidays(uow),
                centre.kind,
                policy,
            ),
            "today_date": uow.today,
            "separate": separate_quota(centre.kind, centre.base_capacity, policy),
            "special": special,
            "seats": bookings.of_this_house().seats(uow, centre),
        }
    return web.render("centres/parent/centre.html", **context)


@web.page(pages, "/help", actions.SEE, service="KIUM")
def help_page() -> Response:
    with web.unit() as uow:
        phones = settings.value(uow, parameters.HELP_PHONES)
    return web.render("centres/parent/help.html", phones=phones)
