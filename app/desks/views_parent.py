"""처음 화면: for a parent their children and what waits for them, for a visitor what this is, for staff their work."""

from __future__ import annotations

from typing import Any

from flask import Response, g, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.booking.parent_pages import squeezed, unbroken
from app.booking.parent_papers import to_hand_in
from app.booking.rules.states import BookingKind
from app.daycare.views_public import cards_of, in_service
from app.desks.actions import HOME
from app.desks.daycare_family import daycare_home
from app.desks.family import ChildCard, FamilyPage, Stay, family_page
from app.kernel import navigation, web
from app.kernel.actor import Role
from app.kernel.ranges import age_on
from app.kernel.texts import day_text, remaining_text
from app.tenancy.queries import districts

pages = web.tenant_blueprint("desks_parent", __name__)
pages.after_request(squeezed)
KIUM, DAYCARE = "KIUM", "DAYCARE"
MOST_WAITING = 2


@web.page(pages, "/", HOME)
def home() -> Response:
    """One address for everybody; the acting role decides what stands there."""
    role = web.actor().role
    if role is Role.GUARDIAN and g.tenant.offers(KIUM):
        return _family()
    if role is Role.GUARDIAN and g.tenant.offers(DAYCARE):
        return _daycare_family()
    at_work = role not in (Role.VISITOR, Role.GUARDIAN)
    if at_work and (menu := navigation.items()):
        return web.see_other(str(menu[0]["url"]))
    return _start()


def _start() -> Response:
    with web.unit() as uow:
        places = districts(uow.session) if g.tenant.offers(KIUM) else []
        cards = cards_of(uow, in_service(uow)) if g.tenant.offers(DAYCARE) else []
    return web.render(
        "desks/parent/start.html",
        districts=[("", _("모든 자치구")), *((row.ref, row.name) for row in places)],
        kium=g.tenant.offers(KIUM),
        daycares=cards,
        signed_in=web.actor().role is not Role.VISITOR,
    )


def _daycare_family() -> Response:
    with web.unit() as uow:
        page = daycare_home(uow)
    return web.render("desks/parent/home_daycare.html", **page)


def _family() -> Response:
    with web.unit() as uow:
        page = family_page(uow)
    return web.render(
        "desks/parent/home.html",
        cards=[_card(card, page) for card in page.cards],
        todo=_todo(page),
        book_url=url_for("booking_parent.child_step"),
        list_url=url_for("booking_parent.own_list"),
        register_url=url_for("people_parent.new_child"),
    )


def _card(card: ChildCard, page: FamilyPage) -> dict[str, Any]:
    child = card.child
    return {
        "name": child.name,
        "note": _("만 %(age)d세", age=age_on(child.birth_date, page.today)),
        "today": [_stay(stay, with_day=False) for stay in card.today],
        "following": _stay(card.following, with_day=True) if card.following else None,
        "waiting": [
            {"when": unbroken(one.when), "url": url_for("booking_parent.detail", ref=one.ref)}
            for one in card.waiting[:MOST_WAITING]
        ],
        "more_waiting": max(0, len(card.waiting) - MOST_WAITING),
        "book_url": f"{url_for('booking_parent.where_step')}?child={child.ref}",
    }


def _stay(stay: Stay, *, with_day: bool) -> dict[str, Any]:
    day = stay.day
    kind = "" if day.kind is BookingKind.TEMPORARY else f" · {_(day.kind.label)}"
    return {
        "when": unbroken(f"{day_text(day.day)} {day.hours}" if with_day else str(day.hours)),
        "where": f"{day.centre_name}{kind}",
        "url": url_for("booking_parent.detail", ref=day.booking_ref),
        "sure": stay.sure,
    }


def _todo(page: FamilyPage) -> list[dict[str, str]]:
    """What waits for the parent, the most pressing first; each line is one press away from being done."""
    lines = [
        {
            "url": url_for("booking_parent.detail", ref=offer.ref),
            "text": _("대기하던 자리가 났어요"),
            "note": unbroken(f"{offer.child_name} · {offer.when}"),
            "label": remaining_text(offer.offer_until, page.now) if offer.offer_until else "",
            "tone": "danger",
        }
        for offer in page.offers
    ]
    if page.papers:
        lines.append(
            {
                "url": url_for("documents_parent.own_papers"),
                "text": _("서명할 서류"),
                "note": ", ".join(dict.fromkeys(paper.title for paper in page.papers)),
                "label": ngettext("%(num)d건", "%(num)d건", len(page.papers)),
                "tone": "warning",
            }
        )
    return lines + _papers_to_hand_in(page)


def _papers_to_hand_in(page: FamilyPage) -> list[dict[str, str]]:
    """What the centre waits for; one consent that several bookings need is one line."""
    lines: dict[tuple[str, str], dict[str, str]] = {}
    for one in page.bookings:
        for paper in to_hand_in(
            one.state,
            one.child_ref,
            kind=one.kind,
            ground=one.ground,
            missing=page.missing.get(one.ref, frozenset()),
            evidence_asked=one.evidence_asked_at is not None,
            paper_asked=one.paper_asked,
        ):
            line = {
                "url": paper.url or url_for("booking_parent.detail", ref=one.ref),
                "text": paper.text,
                "note": f"{one.child_name} · {paper.note}",
                "label": paper.label,
                "tone": "warning",
            }
            lines.setdefault((line["url"], line["text"]), line)
    return list(lines.values())
