"""What anyone may see of the 24-hour daycares: the list, a daycare's page, its free hours of the next 30 days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, url_for

from app.booking.parent_pages import squeezed
from app.daycare import actions, parent_words
from app.daycare.queries import (
    DaycareRow,
    DayFree,
    availability,
    closures_of,
    daycare_by_ref,
    daycares,
    policy_of,
)
from app.daycare.rules.application import FAMILY_PAPERS
from app.daycare.rules.days import operating_day
from app.daycare.rules.policy import DaycarePolicy
from app.kernel import navigation, web
from app.kernel.actor import DAYCARE_STAFF, OFFICERS, Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound
from app.kernel.language import gettext as _
from app.kernel.texts import day_text

pages = web.tenant_blueprint("daycare_public", __name__)
pages.after_request(squeezed)
SERVICE = "DAYCARE"
SIGNED_IN = frozenset({Role.GUARDIAN}) | DAYCARE_STAFF | OFFICERS
navigation.register(
    navigation.Entry(N_("언제나어린이집"), "daycare_public.listing", frozenset({Role.VISITOR}), 21, SERVICE),
    navigation.Entry(N_("언제나어린이집"), "daycare_public.listing", SIGNED_IN, 21, SERVICE, where="foot"),
)


@dataclass(frozen=True, slots=True)
class Card:
    """A daycare as a list shows it. ``seats``: free beds of the coming night: words, tone, what to do."""

    daycare: DaycareRow
    hours: Sequence[tuple[str, str]]
    fee: str
    ages: str
    seats: tuple[str, str, str]
    url: str


def cards_of(uow: UnitOfWork, places: Sequence[DaycareRow]) -> list[Card]:
    """Their hours, fee and free beds tonight, in one reading of the beds."""
    night = operating_day(uow.now)
    free = availability(uow, list(places), night, night)
    return [_card(uow, place, free.get(place.id, [])) for place in places]


def _card(uow: UnitOfWork, place: DaycareRow, free: Sequence[DayFree]) -> Card:
    policy = policy_of(uow, place)
    return Card(
        place,
        parent_words.hours_lines(place, policy),
        parent_words.fee_text(policy),
        parent_words.ages_text(policy),
        parent_words.tonight_text(free[0] if free else None, policy, uow.now),
        url_for("daycare_public.daycare", ref=place.ref),
    )


def in_service(uow: UnitOfWork) -> list[DaycareRow]:
    """Those a family can choose: active and designated today or later."""
    found = daycares(uow)
    return [
        place
        for place in found
        if place.active
        and place.designated_on is not None
        and (place.designation_ends_on is None or place.designation_ends_on >= uow.today)
    ]


@web.page(pages, "/daycares", actions.BROWSE, service=SERVICE, shows=True)
def listing() -> Response:
    with web.showing() as uow:
        cards = cards_of(uow, in_service(uow))
    return web.render("daycare/public/list.html", cards=cards)


@web.page(pages, "/daycares/<ref>", actions.BROWSE, service=SERVICE, shows=True)
def daycare(ref: str) -> Response:
    """One daycare: what it is, who may use it, what it costs, what to bring, when it is free."""
    with web.showing() as uow:
        place = daycare_by_ref(uow, ref)
        if not place.active:
            raise NotFound("daycare")
        policy = policy_of(uow, place)
        last = uow.today + timedelta(days=policy.max_days_ahead)
        free = availability(uow, [place], operating_day(uow.now), last).get(place.id, [])
        closed = [row for row in closures_of(uow, place.id, uow.today) if row.operating_day <= last]
        card = _card(uow, place, free)
        today = uow.today
    return web.render(
        "daycare/public/daycare.html",
        card=card,
        daycare=place,
        closed=[(day_text(row.operating_day), row.reason) for row in closed],
        days=[_day(one, policy) for one in free if one.day >= today],
        book_url=url_for("daycare_parent.child_step"),
        apply_url=url_for("daycare_parent.apply_start", ref=place.ref),
        signed_in=web.actor().role is Role.GUARDIAN,
        visitor=web.actor().role is Role.VISITOR,
        **_rules_of(policy),
    )


def _rules_of(policy: DaycarePolicy) -> dict[str, Any]:
    return {
        "statutory": parent_words.closed_text(policy),
        "entry": parent_words.entry_lines(policy),
        "curfew": parent_words.curfew_text(policy),
        "deadlines": parent_words.deadline_lines(policy),
        "bring": [_(each) for each in parent_words.TO_BRING],
        "papers": [_(each) for each in FAMILY_PAPERS.values()],
        "class_size": policy.group_max,
    }


def _day(free: DayFree, policy: DaycarePolicy) -> dict[str, Any]:
    words, tone = parent_words.day_seats(free, policy)
    return {
        "day": day_text(free.day),
        "words": words if free.opening.is_open else free.opening.reason or words,
        "tone": tone,
        "parts": parent_words.part_rows(free, policy),
    }
