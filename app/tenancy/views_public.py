"""Pages for everybody: the choice of a municipality, its privacy policy, and what a load balancer asks."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from app.kernel import navigation, web
from app.kernel.actor import Role
from app.kernel.errors import N_
from app.tenancy import health
from app.tenancy.actions import ASK_HEALTH, CHOOSE_TOWN, SEE_PRIVACY
from app.tenancy.registry import registry

pages = Blueprint("site", __name__)
navigation.register(
    navigation.Entry(N_("개인정보처리방침"), "site.privacy", frozenset(Role), order=990, where="foot")
)


@web.page(pages, "/", CHOOSE_TOWN)
def start() -> Response:
    """Municipalities that are open, Seoul first, by their code."""
    return web.render("platform/start.html", towns=[info for info in registry.everyone() if info.active])


@web.page(pages, "/<slug>/privacy", SEE_PRIVACY)
def privacy() -> Response:
    """What the municipality does with personal data: items, purposes, retention (XX-06), receivers, rights."""
    return web.render("tenancy/privacy.html")


@web.page(pages, "/healthz", ASK_HEALTH)
def healthz() -> Response:
    """The process lives; asks nothing of the database."""
    return jsonify(status="ok")


@web.page(pages, "/readyz", ASK_HEALTH)
def readyz() -> tuple[Response, int]:
    """200 when pages can be answered (``degraded`` names what to look at), 503 when they cannot."""
    try:
        found = health.readiness()
    except SQLAlchemyError:
        return jsonify(status="down", troubles=["the database does not answer"]), 503
    status = "down" if not found.ready else ("degraded" if found.troubles else "ok")
    body = jsonify(
        status=status,
        troubles=list(found.troubles),
        clock_heartbeat_age_seconds=None if found.heartbeat_age is None else round(found.heartbeat_age, 1),
        oldest_work_age_seconds=round(found.oldest_work_age, 1),
        municipalities_behind=list(found.behind),
    )
    return body, 200 if found.ready else 503
