"""What a family of a municipality with 24-hour daycare sees first: each child's day, what comes next, what waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import select

from app.daycare.models import DaycareBooking, DaycareStay
from app.daycare.parent_book import child_note
from app.daycare.parent_words import from_to, state_words
from app.daycare.queries import own_applications
from app.daycare.rules.states import HOLDING, IN_BED, ApplicationState, BookingState, StayState
from app.daycare.times import period_of
from app.documents.queries import papers_waiting
from app.fees.queries import open_accounts
from app.kernel.db import UnitOfWork
from app.kernel.language import gettext as _
from app.kernel.ranges import Period, kst_date
from app.kernel.texts import clock_text, won
from app.people.models import Child, GuardianChild
from app.people.queries import children_of
from app.tenancy.models import Institution

SUBJECT = "daycare_booking"
SURE = frozenset({BookingState.CONFIRMED, BookingState.PAID, BookingState.IN_CARE})


@dataclass(frozen=True, slots=True)
class ComingStay:
    """A stay that holds its bed; ``period`` in Korean time."""

    booking_id: int
    booking_ref: str
    child_ref: str
    child: str
    daycare: str
    period: Period
    state: BookingState
    inside_since: str
    waits: bool


def daycare_home(uow: UnitOfWork) -> dict[str, Any]:
    """The context of the page, in a fixed number of reads."""
    children = children_of(uow, uow.actor.guardian_id or 0)
    stays = _coming(uow)
    return {
        "cards": [
            _card(
                child.name, child_note(child, uow.today), [s for s in stays if s.child_ref == child.ref], uow
            )
            for child in children
        ],
        "todo": _todo(uow, stays),
        "book_url": url_for("daycare_parent.child_step"),
        "list_url": url_for("daycare_parent.own_list"),
        "register_url": url_for("people_parent.new_child"),
    }


def _coming(uow: UnitOfWork) -> list[ComingStay]:
    rows = uow.session.execute(
        select(DaycareStay, DaycareBooking, Child, Institution.name)
        .join(DaycareBooking, DaycareBooking.id == DaycareStay.booking_id)
        .join(Child, Child.id == DaycareStay.child_id)
        .join(Institution, Institution.id == DaycareStay.daycare_id)
        .join(GuardianChild, GuardianChild.child_id == Child.id)
        .where(
            GuardianChild.guardian_id == (uow.actor.guardian_id or 0),
            DaycareStay.state.in_(sorted(IN_BED)),
            DaycareBooking.state.in_(sorted(HOLDING)),
        )
        .order_by(DaycareStay.planned, DaycareStay.id)
    )
    return [
        ComingStay(
            booking.id,
            booking.ref,
            child.ref,
            child.name,
            name,
            period_of(stay.planned),
            BookingState(booking.state),
            clock_text(stay.in_at) if stay.state == StayState.INSIDE and stay.in_at else "",
            booking.state == BookingState.REQUESTED,
        )
        for stay, booking, child, name in rows
    ]


def _card(name: str, note: str, stays: Sequence[ComingStay], uow: UnitOfWork) -> dict[str, Any]:
    """``today``: what begins, goes on or ends today; ``following``: the first stay after that."""
    lines = [(stay, _is_today(stay, uow)) for stay in stays]
    after = next((stay for stay, now in lines if not now), None)
    return {
        "name": name,
        "note": note,
        "today": [_line(stay, uow.today) for stay, now in lines if now],
        "following": _line(after, uow.today) if after else None,
    }


def _is_today(stay: ComingStay, uow: UnitOfWork) -> bool:
    return bool(stay.inside_since) or kst_date(stay.period.start) <= uow.today


def _line(stay: ComingStay, today: date) -> dict[str, Any]:
    return {
        "when": from_to(stay.period.start, stay.period.end, today),
        "where": stay.daycare,
        "url": url_for("daycare_parent.detail", ref=stay.booking_ref),
        "inside": _("%(at)s에 들어왔어요", at=stay.inside_since) if stay.inside_since else "",
        "word": "" if stay.state in SURE else state_words(stay.state, stay.state.label),
    }


def _todo(uow: UnitOfWork, stays: Sequence[ComingStay]) -> list[dict[str, str]]:
    """What waits for the guardian, the most pressing first; each line is one press away from being done."""
    return [*_applications(uow), *_papers(uow), *_to_pay(uow, stays)]


def _applications(uow: UnitOfWork) -> list[dict[str, str]]:
    words = {
        ApplicationState.RETURNED: (_("이용신청서를 고쳐 주세요"), "danger"),
        ApplicationState.OUTDATED: (_("이용신청서를 다시 써 주세요"), "warning"),
        ApplicationState.DRAFT: (_("쓰던 이용신청서가 있어요"), "warning"),
    }
    rows, lines = own_applications(uow), []
    newest = {row.daycare_ref: row for row in reversed(rows)}
    for row in newest.values():
        if row.state in words:
            text, tone = words[row.state]
            url = url_for("daycare_parent.application", ref=row.ref)
            lines.append(
                {"url": url, "text": text, "note": row.daycare, "label": _(row.state.label), "tone": tone}
            )
    return lines


def _papers(uow: UnitOfWork) -> list[dict[str, str]]:
    papers = papers_waiting(uow)
    if not papers:
        return []
    titles = ", ".join(dict.fromkeys(paper.title for paper in papers))
    url = url_for("documents_parent.own_papers")
    label = _("%(n)d건", n=len(papers))
    return [{"url": url, "text": _("서명할 서류"), "note": titles, "label": label, "tone": "warning"}]


def _to_pay(uow: UnitOfWork, stays: Sequence[ComingStay]) -> list[dict[str, str]]:
    """Bookings that are confirmed and not paid, and what is left over of stays that ended."""
    accounts = open_accounts(uow, uow.actor.guardian_id or 0)
    owed = {ref: ledger.balance for (subject, ref), ledger in accounts.items() if subject == SUBJECT}
    due = {booking_id: balance for booking_id, balance in owed.items() if balance > 0}
    known = {stay.booking_id: (stay.booking_ref, stay.child, stay.daycare) for stay in stays}
    missing = set(due) - set(known)
    if missing:
        known |= {
            row.id: (row.ref, row.child, row.place)
            for row in uow.session.execute(
                select(
                    DaycareBooking.id,
                    DaycareBooking.ref,
                    Child.name.label("child"),
                    Institution.name.label("place"),
                )
                .join(Child, Child.id == DaycareBooking.child_id)
                .join(Institution, Institution.id == DaycareBooking.daycare_id)
                .where(DaycareBooking.id.in_(missing))
            )
        }
    return [
        {
            "url": url_for("daycare_parent.detail", ref=known[booking_id][0]),
            "text": _("낼 이용료"),
            "note": f"{known[booking_id][1]} · {known[booking_id][2]}",
            "label": won(amount),
            "tone": "warning",
        }
        for booking_id, amount in due.items()
    ]
