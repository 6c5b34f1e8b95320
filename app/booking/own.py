"""Where the waiting ones of a family stand (KW-10)."""

from __future__ import annotations

from collections.abc import Iterable

from app.booking.place import place_of
from app.booking.queries import FamilyBooking
from app.booking.rules.states import OPEN_WAIT, BookingState
from app.booking.rules.waiting import position
from app.booking.waits import open_waits
from app.centres import queries as centres
from app.kernel.db import UnitOfWork


def positions_of(uow: UnitOfWork, rows: Iterable[FamilyBooking]) -> dict[str, int]:
    """Ref → place in line, from 1, of those that wait; a centre's list is read once however many wait there."""
    waiting = [row for row in rows if row.state is BookingState.WAITING and row.wait in OPEN_WAIT]
    mine = {row.ref for row in waiting}
    found: dict[str, int] = {}
    for centre_ref in {row.centre_ref for row in waiting}:
        place = place_of(uow, centres.centre_by_ref(uow, centre_ref))
        entries = [wait.rule for wait in open_waits(uow, place)]
        found |= {entry.ref: position(entry, entries) for entry in entries if entry.ref in mine}
    return found
