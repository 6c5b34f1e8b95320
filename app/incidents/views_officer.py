"""사고·질병 현황: how soon guardians were told, by place and without a name (AD-26)."""

from __future__ import annotations

from datetime import timedelta

from flask import Response

from app.incidents import actions
from app.incidents.queries import city_list
from app.incidents.rules import Stage
from app.kernel import navigation, web
from app.kernel.actor import Role
from app.kernel.errors import N_
from app.kernel.ranges import DateSpan

pages = web.tenant_blueprint("incidents_officer", __name__)
navigation.register(
    navigation.Entry(
        N_("사고·질병 현황"), "incidents_officer.overview", frozenset({Role.CITY_OFFICER}), 82, "DAYCARE"
    )
)
SHOWN_DAYS = 90


@web.page(pages, "/city/incidents", actions.OVERSEE, service="DAYCARE")
def overview() -> Response:
    with web.unit() as uow:
        rows = city_list(uow, DateSpan(uow.today - timedelta(days=SHOWN_DAYS), uow.today))
    return web.render(
        "incidents/officer/overview.html",
        rows=rows,
        days=SHOWN_DAYS,
        untold=sum(row.stage is Stage.UNTOLD for row in rows),
        ambulances=sum(row.ambulance_at is not None for row in rows),
    )
