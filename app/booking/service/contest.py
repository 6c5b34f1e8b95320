"""A seat asked for among those who wait for the same: is it free, and would somebody be overtaken (KC-07, KW-01)?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, Date, any_, bindparam, literal_column, select

from app.booking.facts import Claim, ranks_of
from app.booking.models import WaitlistEntry
from app.booking.place import Loads, Place, fits, loads_on
from app.booking.rules.request import UsageDays
from app.booking.rules.states import OPEN_WAIT, BookingKind, WaitState
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
from app.booking.waits import Rival, rivals
from app.centres.rules import separate_quota
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem
from app.kernel.ranges import DateSpan


@dataclass(frozen=True, slots=True)
class Contest:
    """``competing`` are the open entries of the list the newcomer would join, without their ranks."""

    place: Place
    new: WaitEntry
    competing: list[Rival]
    loads: Loads
    free: bool

    @property
    def must_wait(self) -> bool:
        by_ref = {wait.rule.ref: wait for wait in self.competing}
        return must_wait(
            [wait.rule for wait in self.competing],
            lambda entry: fits(self.loads, self.new.kind, by_ref[entry.ref].span, by_ref[entry.ref].days),
            seat_free=self.free,
        )

    def position(self, uow: UnitOfWork, claim: Claim, grade: int | None) -> int:
        """Where the newcomer, whose booking is ``claim``, would stand (KB-38). Only this asks for ranks."""
        grades = {wait.rule.child: wait.grade for wait in self.competing} | {claim.child_id: grade}
        ranks = ranks_of(uow, self.place, [claim, *(wait.claim for wait in self.competing)], grades)
        return position(
            replace(self.new, rank=ranks[claim.id].number),
            [replace(wait.rule, rank=ranks[wait.claim.id].number) for wait in self.competing],
        )

    def list_problem(self) -> Problem | None:
        """Why it may not join the list: it is there already (KW-08), or the list is full (KW-03, KW-04)."""
        entries = [wait.rule for wait in self.competing]
        policy = self.place.terms.booking
        if self.new.kind is BookingKind.REGULAR:
            waiting = [len(entries)]
        else:
            waiting = [
                count
                for day, hours in self.new.days
                for count in waiting_per_slot(entries, day, hours, policy.slot_minutes)
            ]
        limit = limit_of(self.place, self.new.kind)
        return check_duplicate(self.new, entries) or check_wait_room(waiting, limit)


def limit_of(place: Place, kind: BookingKind) -> int | None:
    base = place.centre.base_capacity
    separate = separate_quota(place.centre.kind, base, place.terms.centre)
    return wait_limit(kind, base, separate, place.terms.booking)


Line = list[tuple[date, int, str]]
"""Who waits on which day: the entry's id and the version of its row."""


def line_on(uow: UnitOfWork, place: Place, kind: BookingKind, days: Collection[date]) -> Line:
    """The open entries of single dates, as short as can be: for asking twice whether anything has changed."""
    if not days:
        return []
    return list(uow.rows(_LINE, centre=place.centre.id, kind=kind.value, days=list(days)))


_LINE: Any = (
    select(WaitlistEntry.day, WaitlistEntry.id, literal_column("waitlist_entry.xmin::text").label("row"))
    .where(
        WaitlistEntry.centre_id == bindparam("centre"),
        WaitlistEntry.kind == bindparam("kind"),
        WaitlistEntry.state.in_(OPEN_WAIT),
        WaitlistEntry.day == any_(bindparam("days", type_=ARRAY(Date))),
    )
    .order_by(WaitlistEntry.id)
)


def is_full(place: Place, kind: BookingKind, line: Line) -> bool:
    """Do as many wait on one of the days as may wait for one slot of it?"""
    limit = limit_of(place, kind)
    longest = max(Counter(day for day, *_ in line).values(), default=0)
    return limit is not None and longest >= limit


@dataclass(slots=True)
class Scene:
    """Behind the gate: who holds and who waits on the days somebody asks for, read once for all of them."""

    place: Place
    rivals: list[Rival]
    loads: Loads

    def contest(self, new: WaitEntry, span: DateSpan) -> Contest:
        competing = [rival for rival in self.rivals if same_list(new, rival.rule)]
        return Contest(
            self.place, new, competing, self.loads, fits(self.loads, new.kind, span, list(new.days))
        )


def scene(
    uow: UnitOfWork,
    place: Place,
    kind: BookingKind,
    wanted: Collection[tuple[DateSpan, UsageDays]],
    *,
    without: Collection[int] = (),
) -> Scene:
    """``wanted``: period and days of each booking asked for; bookings in ``without`` are left out."""
    regular = kind is BookingKind.REGULAR
    days = {day for _, hours in wanted for day, _ in hours}
    found = rivals(uow, place, kind, None if regular else days, without)
    own = {day for span, _ in wanted for day in span} if regular else days
    theirs = {
        day
        for rival in found
        if rival.rule.state is WaitState.WAITING
        for day in (rival.span if regular else (day for day, _ in rival.days))
    }
    loads = loads_on(uow, place, own | theirs, without=without, with_enrolled=regular)
    return Scene(place, found, loads)


def contest(
    uow: UnitOfWork, place: Place, new: WaitEntry, span: DateSpan, *, without: Collection[int] = ()
) -> Contest:
    """Behind the gate: count the seats ``new`` and its competitors need; bookings in ``without`` are left out."""
    around = scene(uow, place, new.kind, [(span, list(new.days))], without=without)
    return around.contest(new, span)
