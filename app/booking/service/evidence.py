"""The one door through which household evidence comes in: a booking must need it first (KB-17 – KB-20)."""

from __future__ import annotations

from sqlalchemy import select

from app.booking.models import Booking
from app.booking.rules.decision import may_hand_in_evidence
from app.booking.rules.states import FINAL, BookingKind
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem, RuleBroken
from app.people.actions import ADD_EVIDENCE
from app.people.models import Child, Evidence
from app.people.queries import child_for
from app.people.service.evidence import Handed, keep_evidence


def hand_in_evidence(uow: UnitOfWork, child_ref: str, ground: str, paper: str, handed: Handed) -> Evidence:
    """Keep a paper for this calendar year, if one of the child's open bookings needs it."""
    ADD_EVIDENCE.reach(uow.actor.role)
    child = child_for(uow, child_ref)
    if refused := evidence_problem(uow, child):
        raise RuleBroken(refused)
    return keep_evidence(uow, child, ground, paper, handed)


def evidence_problem(uow: UnitOfWork, child: Child) -> Problem | None:
    """Why no paper may be kept for the child now. Staff act for their own centre's bookings only (XX-05)."""
    statement = select(Booking.kind, Booking.evidence_asked_at.is_not(None)).where(
        Booking.child_id == child.id, Booking.state.not_in(FINAL)
    )
    if uow.actor.is_staff:
        statement = statement.where(Booking.centre_id == uow.actor.scope)
    return may_hand_in_evidence((BookingKind(kind), asked) for kind, asked in uow.session.execute(statement))
