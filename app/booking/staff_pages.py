"""The blueprint that the files of a centre's booking pages share, and what several of them ask."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.booking import actions
from app.booking.facts import district_papers, evidence_required, has_care_card
from app.booking.models import Booking, WaitlistEntry
from app.booking.place import place_of
from app.booking.queries import BookingDetail, QueueFilter, QueueRow, booking_detail, queue
from app.booking.rules.decision import (
    DocumentKind,
    check_decider,
    invitation,
    required_documents,
    start_use_problems,
)
from app.booking.rules.states import APPROVED, BookingKind, BookingState
from app.booking.service.case import Case
from app.booking.service.decisions import approval_of
from app.centres.queries import CentreRow
from app.centres.rules import ending_grounds
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem
from app.people.models import Child

pages = web.tenant_blueprint("booking_staff", "app.booking.views_staff")

STALE = N_("그 사이 다른 사람이 먼저 처리했거나 고쳤어요. 아래는 지금 저장된 값이에요. 다시 확인해 주세요.")
TONES = {
    BookingState.APPLIED: "warning",
    BookingState.WAITING: "info",
    BookingState.SCHEDULED: "success",
    BookingState.IN_USE: "primary",
    BookingState.DISAPPROVED: "danger",
}
NOTIFIED = {"ALIMTALK": N_("알림톡·문자"), "PHONE": N_("전화"), "": ""}
DOCUMENT_TONES = {"ONLINE": "success", "OFFLINE": "success", "MISSING": "danger"}


@dataclass(frozen=True, slots=True)
class DetailView:
    """A booking with what the acting person may do to it now, and what stands in the way."""

    booking: BookingDetail
    may_decide: bool
    may_close: bool
    may_start: bool
    may_cancel: bool
    may_move: bool
    problems: tuple[Problem, ...]
    """Against an approval, or against starting the use: hard ones first."""
    needed: frozenset[DocumentKind]
    """Papers without which the use cannot start."""
    ending_grounds: tuple[str, ...]
    invite: str

    @property
    def hard(self) -> list[Problem]:
        return [problem for problem in self.problems if not problem.soft]

    @property
    def soft(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.soft]


def detail_view(uow: UnitOfWork, ref: str) -> DetailView:
    """Raises NotFound outside the actor's centre. Reads without a lock; the command asks again behind the gate."""
    detail = booking_detail(uow, ref)
    role = uow.actor.role
    terms = place_of(uow, detail.centre).terms.booking
    open_ = detail.state in (BookingState.APPLIED, BookingState.WAITING)
    decider = check_decider(role.value, detail.centre.kind, detail.kind, terms) is None
    approved = detail.state in APPROVED
    booking = uow.session.scalars(select(Booking).where(Booking.ref == ref)).one()
    return DetailView(
        booking=detail,
        may_decide=open_ and decider,
        may_close=approved and actions.CLOSE.allows(role),
        may_start=detail.state is BookingState.SCHEDULED and actions.START.allows(role),
        may_cancel=approved,
        may_move=approved and detail.kind is not BookingKind.REGULAR,
        problems=tuple(_problems(uow, detail, booking)),
        needed=frozenset(
            required_documents(
                detail.kind,
                before_use=True,
                evidence_required=evidence_required(booking, district_papers(uow, detail.centre.district_id)),
            )
        ),
        ending_grounds=tuple(ending_grounds(detail.centre.operating_rules.get("ending") or ""))
        if approved
        else (),
        invite=invitation(has_account=detail.member) or "",
    )


def _problems(uow: UnitOfWork, detail: BookingDetail, booking: Booking) -> list[Problem]:
    """Against the next step: the approval of an application, the start of what is approved."""
    if detail.state is BookingState.APPLIED:
        return approval_of(uow, _case(uow, detail))
    if detail.state is not BookingState.SCHEDULED:
        return []
    return start_use_problems(
        detail.kind,
        detail.starts_on,
        uow.today,
        detail.documents,
        uses_cards=False,
        has_card=False,
        has_care_card=has_care_card(uow, booking.child_id, booking.centre_id),
        evidence_required=evidence_required(booking, district_papers(uow, detail.centre.district_id)),
    )


def _case(uow: UnitOfWork, detail: BookingDetail) -> Case:
    """The rows as they stand, without a lock."""
    booking, entry, child = uow.session.execute(
        select(Booking, WaitlistEntry, Child)
        .outerjoin(WaitlistEntry, WaitlistEntry.booking_id == Booking.id)
        .join(Child, Child.id == Booking.child_id)
        .where(Booking.ref == detail.ref)
    ).one()
    return Case(place_of(uow, detail.centre), booking, entry, child)


def rows_of(uow: UnitOfWork, centre: CentreRow, refs: list[str]) -> list[QueueRow]:
    """Queue rows of these bookings, in the queue's own order; NotFound when one is not of this centre."""
    filters = QueueFilter(states=tuple(BookingState), refs=set(refs))
    first = queue(uow, centre, filters)
    found = list(first.rows)
    for page in range(2, first.pages + 1):
        found += queue(uow, centre, filters, page).rows
    if len(found) != len(set(refs)):
        raise NotFound("booking")
    return found
