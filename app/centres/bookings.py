"""What centres need to know of their bookings, told by the room above.

A centre shows what a new quarter would do to bookings before it is saved, and saving refits them; but booking stands on
centres, not the other way round. So the room of bookings plugs itself in here once, at import. Without it a centre
has no bookings, which is also how tests of this room see it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from app.centres import rules
from app.centres.queries import CentreRow, QuarterRow
from app.kernel.db import UnitOfWork
from app.kernel.ranges import DateSpan


@dataclass(frozen=True, slots=True)
class QuarterContent:
    """What refers to days of a quarter: (ref, period) of its bookings, the days with attendance, the counts."""

    bookings: Collection[tuple[str, DateSpan]] = ()
    attended: Collection[date] = ()
    use: rules.QuarterUse = field(default_factory=rules.QuarterUse)


@dataclass(frozen=True, slots=True)
class Seats:
    """Free places in words for the public page, and where to book them ("" when one cannot)."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A booking that a change touches, by its number and its child; ``when``: its days and hours in words."""

    ref: str
    number: str
    child: str
    when: str


class Bookings(Protocol):
    """Called inside the centre's unit of work, under its gate where something is written."""

    def content(self, uow: UnitOfWork, quarter: QuarterRow) -> QuarterContent: ...

    def enrolled(self, uow: UnitOfWork, centre_id: int, since: date) -> Mapping[date, int]:
        """Regular children of each day from ``since`` on that has any (KC-11)."""
        ...

    def refit_quarter(self, uow: UnitOfWork, before: QuarterRow, after: QuarterRow) -> None:
        """KQ-04: clip what no longer fits and tell the guardians."""
        ...

    def refit_day(self, uow: UnitOfWork, centre: CentreRow, day: date) -> None:
        """A special day was declared or taken back."""
        ...

    def seats_changed(self, uow: UnitOfWork, centre: CentreRow) -> None:
        """Capacity or staff changed: somebody waiting may fit now (KW-05)."""
        ...

    def seats(self, uow: UnitOfWork, centre: CentreRow) -> Seats | None: ...

    def named(self, uow: UnitOfWork, centre: CentreRow, refs: Collection[str]) -> Mapping[str, Named]:
        """Whose bookings these are; the reading is logged."""
        ...

    def touched_on(self, uow: UnitOfWork, centre: CentreRow, day: date) -> Sequence[Named]:
        """Who is booked or waits for ``day``, by the hour; the reading is logged."""
        ...

    def holding(self, uow: UnitOfWork, centre: CentreRow) -> int:
        """Bookings and waits of today and later that are not over."""
        ...


class NoBookings:
    """A centre nobody books."""

    def content(self, uow: UnitOfWork, quarter: QuarterRow) -> QuarterContent:
        return QuarterContent()

    def enrolled(self, uow: UnitOfWork, centre_id: int, since: date) -> Mapping[date, int]:
        return {}

    def refit_quarter(self, uow: UnitOfWork, before: QuarterRow, after: QuarterRow) -> None:
        return None

    def refit_day(self, uow: UnitOfWork, centre: CentreRow, day: date) -> None:
        return None

    def seats_changed(self, uow: UnitOfWork, centre: CentreRow) -> None:
        return None

    def seats(self, uow: UnitOfWork, centre: CentreRow) -> Seats | None:
        return None

    def named(self, uow: UnitOfWork, centre: CentreRow, refs: Collection[str]) -> Mapping[str, Named]:
        return {}

    def touched_on(self, uow: UnitOfWork, centre: CentreRow, day: date) -> Sequence[Named]:
        return ()

    def holding(self, uow: UnitOfWork, centre: CentreRow) -> int:
        return 0


_bookings: Bookings = NoBookings()


def plug_in(bookings: Bookings) -> None:
    global _bookings
    _bookings = bookings


def of_this_house() -> Bookings:
    return _bookings
