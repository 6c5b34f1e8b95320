"""Where a family's pages of the 24-hour daycare hang, and what they share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from app.booking.choice import distinct
from app.booking.parent_pages import squeezed
from app.kernel import web
from app.kernel.errors import N_, Problem
from app.kernel.language import gettext as _

SERVICE = "DAYCARE"
pages = web.tenant_blueprint("daycare_parent", __name__, "/daycare")
pages.after_request(squeezed)
BOOKING_STEPS = (N_("아이"), N_("어디서"), N_("언제"), N_("확인"))
APPLICATION_STEPS = (N_("아이"), N_("건강"), N_("보호자"), N_("목적"), N_("서명"))


def step_names(steps: Sequence[str] = BOOKING_STEPS) -> list[str]:
    return [_(name) for name in steps]


def placed(problems: Iterable[Problem], *fields: str) -> list[Problem]:
    """Each problem once; one that names no field of this page belongs to the page as a whole."""
    return [one if one.field in fields else replace(one, field="") for one in distinct(problems)]


def errors_of(problems: Iterable[Problem], *fields: str) -> dict[str, str]:
    """The first sentence beside each field of the page; "" where nothing is wrong."""
    found = dict.fromkeys(fields, "")
    for one in problems:
        if not found.get(one.field, "-"):
            found[one.field] = web.sentence(one)
    return found
