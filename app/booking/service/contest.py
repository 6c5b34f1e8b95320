"""A seat asked for among those who wait for the same: is it free, and would somebody be overtaken (KC-07, KW-01)?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from app.booking.place import Loads, Place, fits, loads_on
from app.booking.rules.states import BookingKind, WaitState
from app.booking.rules.waiting import (
    WaitEntry,
    check_duplicate,
    check_wait_room,
    must_wait,
    position,
    same_list,
    wait_limit,
    waiting_per_slot,
)
from app.booking.waits import Wait, days_to_load, open_waits
from app.centres.rules import separate_quota
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem
from app.kernel.ranges import DateSpan


@dataclass(frozen=True, slots=True)
class Contest:
    """``competing`` are the open entries of the list the newcomer would join."""

    place: Place
    new: WaitEntry
    competing: list[Wait]
    loads: Loads
    free: bool

    @property
    def must_wait(self) -> bool:
        by_ref = {wait.booking.ref: wait for wait in self.competing}
        return must_wait(
            [wait.rule for wait in self.competing],
            lambda entry: fits(self.loads, self.new.kind, by_ref[entry.ref].span, by_ref[entry.ref].days),
            seat_free=self.free,
        )

    @property
    def position(self) -> int:
        return position(self.new, [wait.rule for wait in self.competing])

    def list_problem(self) -> Problem | None:
        """Why it may not join the list: it is there already (KW-08), or the list is full (KW-03, KW-04)."""
        entries = [wait.rule for wait in self.competing]
        base, policy = self.place.centre.base_capacity, self.place.terms.booking
        separate = separate_quota(self.place.centre.kind, base, self.place.terms.centre)
        if self.new.kind is BookingKind.REGULAR:
            waiting = [len(entries)]
        else:
            waiting = [
                count
                for day, hours in self.new.days
                for count in waiting_per_slot(entries, day, hours, policy.slot_minutes)
            ]
        limit = wait_limit(self.new.kind, base, separate, policy)
        return check_duplicate(self.new, entries) or check_wait_room(waiting, limit)


def contest(
    uow: UnitOfWork, place: Place, new: WaitEntry, span: DateSpan, *, without: Collection[int] = ()
) -> Contest:
    """Behind the gate: count the seats ``new`` and its competitors need; bookings in ``without`` are left out."""
    regular = new.kind is BookingKind.REGULAR
    wanted = {day for day, _ in new.days}
    waits = open_waits(uow, place, kind=new.kind, days=None if regular else wanted)
    competing = [wait for wait in waits if same_list(new, wait.rule) and wait.booking.id not in without]
    waiting = [wait for wait in competing if wait.entry.state == WaitState.WAITING]
    own = set(span) if regular else wanted
    loads = loads_on(uow, place, own | days_to_load(waiting), without=without, with_enrolled=regular)
    return Contest(place, new, competing, loads, fits(loads, new.kind, span, list(new.days)))
