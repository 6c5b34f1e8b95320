"""Where the pages of the centre and the city hang, and their place in the menu."""

from __future__ import annotations

from app.kernel import navigation, web
from app.kernel.errors import N_
from app.restrictions import actions
from app.tenancy.rules import ANYTIME_SERVICES

pages = web.tenant_blueprint("restrictions_staff", __name__, "/restrictions")
HERE = ANYTIME_SERVICES
"""The services of which a municipality offers at least one."""
navigation.register(
    navigation.Entry(N_("이용제한"), "restrictions_staff.board", frozenset(actions.SEE.grants), 15, HERE)
)
