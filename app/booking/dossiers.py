"""What papers and staff pages tell of a booking and its family, read for many bookings at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from app.booking.facts import documents_of, user_name
from app.booking.models import Booking, CareCard
from app.booking.rules.decision import Documents
from app.booking.rules.states import BookingState
from app.booking.times import when_text
from app.centres import queries as centres
from app.centres.models import Quarter
from app.centres.queries import CentreRow
from app.centres.rules import QuarterKind
from app.kernel.db import UnitOfWork
from app.people.models import Child, Evidence, Guardian, PickupPerson
from app.people.queries import GuardianRow, guardians_by_child, health_marks, pickups_by_child
from app.people.rules import EvidenceKind, EvidenceState, HealthKind
from app.people.service import open_health_notes

Health = Mapping[HealthKind, str]


@dataclass(frozen=True, slots=True)
class Dossier:
    """One booking with the people and the place it concerns. ``health`` is empty unless it was asked for."""

    booking: Booking
    centre: CentreRow
    quarter: QuarterKind
    child: Child
    guardian: Guardian
    guardians: Sequence[GuardianRow]
    pickups: Sequence[PickupPerson]
    documents: Documents
    proven: frozenset[EvidenceKind] = frozenset()
    """Kinds of evidence that staff have verified for the child."""
    health: Health = field(default_factory=dict)
    card: CareCard | None = None
    card_writer: str = ""

    @property
    def state(self) -> BookingState:
        return BookingState(self.booking.state)

    @property
    def when(self) -> str:
        return when_text(self.booking)

    @property
    def relation(self) -> str:
        """What the applicant is to the child, in Korean."""
        return next((row.relation.label for row in self.guardians if row.id == self.guardian.id), "")


def dossiers(uow: UnitOfWork, refs: Collection[str], *, health_for: str = "") -> list[Dossier]:
    """In the order of ``refs``; unknown refs and other centres' bookings are left out.

    ``health_for``: why the health notes are opened; each opening is logged (XX-08). Empty leaves them shut.
    """
    rows = uow.session.execute(
        select(Booking, Child, Guardian, Quarter.kind)
        .join(Child, Child.id == Booking.child_id)
        .join(Guardian, Guardian.id == Booking.guardian_id)
        .join(Quarter, Quarter.id == Booking.quarter_id)
        .where(Booking.ref.in_(refs), Booking.centre_id == uow.actor.scope)
    ).all()
    if not rows:
        return []
    centre = centres.centre_by_id(uow, rows[0][0].centre_id)
    children = {child.id: child for _, child, *_ in rows}
    documents = documents_of(uow, [booking for booking, *_ in rows])
    proven, cards = _proven(uow, children), _cards(uow, centre.id, children)
    guardians, pickups = guardians_by_child(uow, children), pickups_by_child(uow, children)
    health = _health(uow, children, health_for) if health_for else {}
    made = {
        booking.ref: Dossier(
            booking,
            centre,
            QuarterKind(quarter),
            child,
            guardian,
            guardians[child.id],
            pickups[child.id],
            documents[booking.id],
            proven.get(child.id, frozenset()),
            health.get(child.id, {}),
            *cards.get(child.id, (None, "")),
        )
        for booking, child, guardian, quarter in rows
    }
    return [made[ref] for ref in dict.fromkeys(refs) if ref in made]


def _proven(uow: UnitOfWork, children: Collection[int]) -> dict[int, frozenset[EvidenceKind]]:
    rows = uow.session.execute(
        select(Evidence.child_id, Evidence.paper).where(
            Evidence.child_id.in_(children), Evidence.state == EvidenceState.VERIFIED
        )
    )
    found: dict[int, set[EvidenceKind]] = {}
    known = set(EvidenceKind)
    for child_id, paper in rows:
        if paper in known:
            found.setdefault(child_id, set()).add(EvidenceKind(paper))
    return {child_id: frozenset(kinds) for child_id, kinds in found.items()}


def _cards(
    uow: UnitOfWork, centre_id: int, children: Collection[int]
) -> dict[int, tuple[CareCard | None, str]]:
    """The newest care card of each child with its writer's name (KB-42)."""
    newest = (
        select(CareCard.child_id, func.max(CareCard.card_version).label("version"))
        .where(CareCard.centre_id == centre_id, CareCard.child_id.in_(children))
        .group_by(CareCard.child_id)
        .subquery()
    )
    cards = uow.session.scalars(
        select(CareCard)
        .join(
            newest,
            (newest.c.child_id == CareCard.child_id) & (newest.c.version == CareCard.card_version),
        )
        .where(CareCard.centre_id == centre_id)
    ).all()
    writers = {who: user_name(uow, who) for who in {card.created_by for card in cards}}
    return {card.child_id: (card, writers[card.created_by]) for card in cards}


def _health(uow: UnitOfWork, children: Mapping[int, Child], reason: str) -> dict[int, Health]:
    """Only children with notes are opened, so that the log says what was really read."""
    marked = health_marks(uow, list(children))
    found: dict[int, Health] = {}
    for child_id in marked:
        texts: dict[HealthKind, str] = {}
        for note in open_health_notes(uow, children[child_id].ref, reason=reason):
            texts[note.kind] = f"{texts[note.kind]}, {note.text}" if note.kind in texts else note.text
        found[child_id] = texts
    return found
