"""미승인해제: the Seoul administrator alone takes a disapproval back, before the period begins (KB-25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.booking import actions
from app.booking.models import Booking
from app.booking.rules.states import BookingKind, BookingState
from app.booking.service.decisions import reverse_disapproval
from app.booking.times import when_text
from app.centres.forms import tidy
from app.kernel import navigation, web
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.tenancy.models import Institution

pages = web.tenant_blueprint("booking_officer", __name__)
MAY_REVERSE = frozenset({Role.SEOUL_ADMIN})
MOST = 100
navigation.register(navigation.Entry(N_("미승인해제"), "booking_officer.refused", MAY_REVERSE, 50, "KIUM"))


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A disapproved booking without anybody's name."""

    ref: str
    number: str
    centre: str
    kind: BookingKind
    when: str
    reason: str
    decided_at: datetime | None


def refused_rows(uow: UnitOfWork, number: str) -> list[RefusedRow]:
    """Those that have not begun, the latest decision first; ``number`` narrows to one."""
    wanted = [Booking.state == BookingState.DISAPPROVED, Booking.starts_on >= uow.today]
    if number:
        wanted.append(Booking.number == number)
    rows = uow.session.execute(
        select(Booking, Institution.name)
        .join(Institution, Institution.id == Booking.centre_id)
        .where(*wanted)
        .order_by(Booking.decided_at.desc())
        .limit(MOST)
    )
    return [
        RefusedRow(
            booking.ref,
            booking.number,
            centre,
            BookingKind(booking.kind),
            when_text(booking),
            booking.decision_reason,
            booking.decided_at,
        )
        for booking, centre in rows
    ]


@web.page(pages, "/city/refused", actions.REVERSE, service="KIUM")
def refused() -> Response:
    return _page([], 200)


@web.page(pages, "/city/refused/<ref>", actions.REVERSE, methods=["POST"], service="KIUM")
def reverse(ref: str) -> Response:
    try:
        with web.unit() as uow:
            reverse_disapproval(uow, ref, tidy(request.form.get("reason", ""))[:300])
    except RuleBroken as error:
        return _page(list(error.problems), 422, ref)
    flash(_("미승인을 풀었어요. 센터의 신청 목록에 다시 나타나요."), "success")
    return web.see_other(url_for("booking_officer.refused"))


def _page(problems: list[Problem], status: int, ref: str = "") -> Response:
    number = request.args.get("number", "").strip()[:20]
    with web.unit() as uow:
        rows = refused_rows(uow, number)
    return web.render(
        "booking/officer/refused.html",
        status=status,
        rows=rows,
        problems=problems,
        number=number,
        pressed=ref,
    )
