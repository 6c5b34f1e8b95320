"""보험 현황: which daycares of the city are insured, and until when (AD-25)."""

from __future__ import annotations

from flask import Response

from app.insurance import actions
from app.insurance.queries import daycares
from app.kernel import navigation, web
from app.kernel.actor import Role
from app.kernel.errors import N_

pages = web.tenant_blueprint("insurance_officer", __name__)
navigation.register(
    navigation.Entry(
        N_("보험 현황"), "insurance_officer.overview", frozenset({Role.CITY_OFFICER}), 80, "DAYCARE"
    )
)


@web.page(pages, "/city/insurance", actions.OVERSEE, service="DAYCARE")
def overview() -> Response:
    with web.unit() as uow:
        places = daycares(uow)
    return web.render("insurance/officer/overview.html", places=places)
