"""Who waits for the same seats as an application and stands higher (KB-37): read for a whole page of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from app.booking.facts import Rank, ranks_of
from app.booking.models import Booking, WaitlistEntry
from app.booking.place import Place
from app.booking.rules.priority import order_key
from app.booking.rules.request import UsageDays
from app.booking.rules.states import BookingKind, WaitState
from app.booking.rules.waiting import times_overlap
from app.booking.times import hours_of
from app.kernel.db import UnitOfWork
from app.people.models import Child


@dataclass(frozen=True, slots=True)
class Rival:
    """Somebody who waits for the same seat and stands higher (KB-37)."""

    booking_ref: str
    child_name: str
    rank: Rank


ListKey = tuple[str, int | date]
"""A list of those who wait (KW-02): regular care by quarter, other kinds by date."""


def rivals_of(
    uow: UnitOfWork,
    place: Place,
    lines: Sequence[Any],
    ranks: Mapping[int, Rank],
    days: Mapping[int, UsageDays],
) -> dict[int, tuple[Rival, ...]]:
    """Booking id → its rivals, the first in order first. ``lines``: rows with a booking's columns.

    A line that holds no seat competes for none, but for regular care, where the quarter decides.
    """
    wanted = {line.id: _lists(line, days.get(line.id, [])) for line in lines}
    waiting = _waiting(uow, place, {key for keys in wanted.values() for key in keys})
    found = {}
    for line in lines:
        mine, held = ranks[line.id].number, days.get(line.id, [])
        found[line.id] = tuple(
            Rival(other.ref, other.child_name, rank)
            for key in wanted[line.id]
            for other, rank in waiting.get(key, ())
            if rank.number < mine
            and other.id != line.id
            and (
                line.kind == BookingKind.REGULAR or times_overlap(held, [(other.starts_on, hours_of(other))])
            )
        )
    return found


def _lists(line: Any, held: UsageDays) -> list[ListKey]:
    if line.kind == BookingKind.REGULAR:
        return [(line.kind, line.quarter_id)]
    return [(line.kind, day) for day, _ in held]


def _waiting(uow: UnitOfWork, place: Place, keys: set[ListKey]) -> dict[ListKey, list[tuple[Any, Rank]]]:
    """Those who wait on these lists, in order (KB-38)."""
    if not keys:
        return {}
    rows = uow.session.execute(_others(place, keys)).all()
    ranks = ranks_of(uow, place, rows, {row.child_id: row.grade for row in rows})
    rows = sorted(
        rows,
        key=lambda row: (order_key(ranks[row.id].number, row.applied_at, row.birth_date), row.ref),
    )
    found: dict[ListKey, list[tuple[Any, Rank]]] = {}
    for row in rows:
        key = (row.kind, row.quarter_id if row.kind == BookingKind.REGULAR else row.starts_on)
        found.setdefault(key, []).append((row, ranks[row.id]))
    return found


def _others(place: Place, keys: set[ListKey]) -> Any:
    quarters = {key for kind, key in keys if kind == BookingKind.REGULAR}
    days = {key for kind, key in keys if kind != BookingKind.REGULAR}
    regular = Booking.kind == BookingKind.REGULAR
    return (
        select(
            Booking.id,
            Booking.ref,
            Booking.kind,
            Booking.channel,
            Booking.ground,
            Booking.applied_at,
            Booking.quarter_id,
            Booking.starts_on,
            Booking.times,
            Booking.child_id,
            Child.name.label("child_name"),
            Child.birth_date,
            Child.grade,
        )
        .join(WaitlistEntry, WaitlistEntry.booking_id == Booking.id)
        .join(Child, Child.id == Booking.child_id)
        .where(
            WaitlistEntry.centre_id == place.centre.id,
            WaitlistEntry.state == WaitState.WAITING,
            or_(
                regular & Booking.quarter_id.in_(quarters),
                ~regular & Booking.starts_on.in_(days),
            ),
        )
    )
