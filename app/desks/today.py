"""What a centre must see of its day: who comes, what to watch for, how much room is left, what waits for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from app.booking.queries import (
    BookingDetail,
    Counts,
    DailyUser,
    SlotSeats,
    booking_detail,
    counts_for,
    daily_users,
    day_slots,
)
from app.booking.rules.states import BookingKind
from app.centres.queries import CentreRow
from app.centres.service.facility import own_centre
from app.documents.queries import papers_in_reach
from app.documents.rules import PaperState
from app.kernel.db import UnitOfWork
from app.people.models import Child, PickupPerson
from app.people.queries import GuardianRow, child_for, guardians_of, health_marks, pickup_people
from app.people.rules import HealthKind
from app.people.service import evidence_to_verify, link_requests

MARKED = (HealthKind.ALLERGY, HealthKind.MEDICINE, HealthKind.DISEASE)
"""What must be seen at a glance; the words behind a mark are another, logged step (XX-08)."""


@dataclass(frozen=True, slots=True)
class TodayPage:
    centre: CentreRow
    day: date
    users: Sequence[DailyUser]
    marks: dict[int, frozenset[HealthKind]]
    slots: Sequence[SlotSeats]
    counts: Counts
    to_sign: int
    links: int
    evidence: int

    def marks_of(self, user: DailyUser) -> list[HealthKind]:
        kinds: Collection[HealthKind] = self.marks.get(user.child_id, frozenset())
        return [kind for kind in MARKED if kind in kinds]

    @property
    def by_kind(self) -> list[tuple[BookingKind, int]]:
        """How many children of each kind of care that comes today; together they are ``users``."""
        return sorted(Counter(user.kind for user in self.users).items())

    @property
    def least(self) -> int | None:
        """Temporary seats left in the fullest half hour of the day."""
        return min((slot.seats for slot in self.slots), default=None)


def today_page(uow: UnitOfWork) -> TodayPage:
    """The acting person's own centre, today."""
    centre = own_centre(uow)
    users = daily_users(uow, centre, uow.today)
    return TodayPage(
        centre,
        uow.today,
        users,
        health_marks(uow, [user.child_id for user in users]),
        day_slots(uow, centre, uow.today),
        counts_for(uow, centre),
        len(papers_in_reach(uow, states=frozenset({PaperState.TO_SIGN}))),
        len(link_requests(uow)),
        len(evidence_to_verify(uow)),
    )


@dataclass(frozen=True, slots=True)
class VisitView:
    """One expected child: hours, who may fetch it, whom to call, what kinds of health notes there are."""

    booking: BookingDetail
    child: Child
    guardians: Sequence[GuardianRow]
    pickups: Sequence[PickupPerson]
    marks: Sequence[HealthKind]


def visit(uow: UnitOfWork, booking_ref: str) -> VisitView:
    """Raises NotFound outside the actor's centre; the reading is logged."""
    booking = booking_detail(uow, booking_ref)
    child = child_for(uow, booking.child_ref)
    return VisitView(
        booking,
        child,
        guardians_of(uow, child.id),
        pickup_people(uow, child.id),
        sorted(health_marks(uow, [child.id]).get(child.id, ())),
    )
