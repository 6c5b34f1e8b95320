"""Who may open the composed pages."""

from __future__ import annotations

from app.kernel.actions import EVERYBODY, Reach, action, grant
from app.kernel.actor import CENTRE_STAFF, Role
from app.kernel.errors import N_

HOME = action("desks.home", N_("처음 화면"), EVERYBODY)
TODAY = action("desks.today", N_("오늘"), grant(Reach.SCOPE, *CENTRE_STAFF))
OVERVIEW = action(
    "desks.overview",
    N_("자치구·서울시 개요"),
    {**grant(Reach.SCOPE, Role.DISTRICT_OFFICER), **grant(Reach.TENANT, Role.SEOUL_ADMIN)},
)
