"""What a parent's first page says: each child's day, what comes next, and what waits for the parent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.booking.parent_papers import OPEN
from app.booking.queries import FamilyBooking, OwnDay, bookings_of_guardian, own_days, papers_missing
from app.booking.rules.decision import DocumentKind
from app.booking.rules.states import BookingState, UsageDayState
from app.documents.queries import PaperRow, papers_waiting
from app.kernel.db import UnitOfWork
from app.people.queries import ChildRow, children_of

LOOK_AHEAD = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Stay:
    """One expected stay; ``sure``: the centre has approved it."""

    day: OwnDay
    sure: bool


@dataclass(frozen=True, slots=True)
class ChildCard:
    child: ChildRow
    today: tuple[Stay, ...]
    following: Stay | None
    waiting: tuple[FamilyBooking, ...]


@dataclass(frozen=True, slots=True)
class FamilyPage:
    """``offers``: seats offered, the first to lapse in front; ``missing``: ref → papers the centre does not have."""

    today: date
    now: datetime
    cards: tuple[ChildCard, ...]
    offers: tuple[FamilyBooking, ...]
    papers: tuple[PaperRow, ...]
    bookings: tuple[FamilyBooking, ...]
    missing: Mapping[str, frozenset[DocumentKind]]


def family_page(uow: UnitOfWork) -> FamilyPage:
    """A fixed number of reads, whatever the family has booked."""
    guardian = uow.actor.guardian_id or 0
    children = children_of(uow, guardian)
    bookings = bookings_of_guardian(uow, guardian, since=uow.today)
    days = own_days(uow, guardian, uow.today, uow.today + LOOK_AHEAD)
    by_ref = {one.ref: one for one in bookings}
    offers = sorted(
        (one for one in bookings if one.offer_until is not None), key=lambda one: (one.offer_until, one.ref)
    )
    return FamilyPage(
        today=uow.today,
        now=uow.now,
        cards=tuple(_card(child, days, by_ref, uow) for child in children),
        offers=tuple(offers),
        papers=tuple(papers_waiting(uow)),
        bookings=tuple(bookings),
        missing=papers_missing(uow, [one.ref for one in bookings if one.state in OPEN]),
    )


SURE = frozenset({BookingState.SCHEDULED, BookingState.IN_USE, BookingState.ENDED})


def _card(
    child: ChildRow, days: Sequence[OwnDay], bookings: Mapping[str, FamilyBooking], uow: UnitOfWork
) -> ChildCard:
    stays = [
        Stay(day, bookings[day.booking_ref].state in SURE)
        for day in days
        if day.child_ref == child.ref
        and day.state is not UsageDayState.CANCELLED
        # a seat that is only offered is no stay yet
        and day.booking_ref in bookings
        and bookings[day.booking_ref].state is not BookingState.WAITING
    ]
    return ChildCard(
        child,
        tuple(stay for stay in stays if stay.day.day == uow.today),
        next((stay for stay in stays if stay.day.day > uow.today), None),
        tuple(
            one
            for one in reversed(list(bookings.values()))  # the nearest first
            if one.child_ref == child.ref and one.state is BookingState.WAITING and one.offer_until is None
        ),
    )
