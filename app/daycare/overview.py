"""The municipality's daycares in numbers, without names: tonight, this month beside the last, what waits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select

from app.daycare.beds import occupants
from app.daycare.models import Daycare, DaycareBooking, DaycareStay
from app.daycare.policy import policy_at
from app.daycare.queries.place import DaycareRow, Plan, daycare_by_ref, daycares, plans_of
from app.daycare.rules.capacity import Load, slot_of
from app.daycare.rules.days import operating_day
from app.daycare.rules.policy import DAY_END
from app.daycare.rules.states import BookingState, StayState
from app.daycare.service.designating import stays_past
from app.daycare.service.running import Broken, name_broken
from app.insurance.queries import PlaceRow
from app.insurance.queries import daycares as insured_daycares
from app.kernel.db import UnitOfWork
from app.kernel.ranges import DateSpan, Period, kst
from app.restrictions.models import Restriction
from app.restrictions.rules.kinds import UNDECIDED
from app.tenancy.models import Institution
from app.tenancy.rules import InstitutionKind

SOON_DAYS = 30
"""Insurance that ends within so many days is worth a telephone call."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """One daycare. ``stays`` and ``hours`` (billed): this month up to today; ``…_before``: the whole month before.

    ``tonight``: children who hold a bed in the coming night, ``beds``: how many it has then (0: closed at night).
    """

    daycare: DaycareRow
    insurance: PlaceRow | None
    inside: int = 0
    tonight: int = 0
    beds: int = 0
    requested: int = 0
    restrictions: int = 0
    stays: int = 0
    stays_before: int = 0
    hours: int = 0
    hours_before: int = 0

    @property
    def insured_days(self) -> int:
        """Days until its first gap; negative when there is one now."""
        return self.insurance.least if self.insurance is not None else -1

    @property
    def insurance_ends(self) -> int:
        """1 when it ends soon or has ended."""
        return int(self.daycare.active and self.insured_days <= SOON_DAYS)

    @property
    def full(self) -> int:
        return int(self.beds > 0 and self.tonight >= self.beds)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An institution of the kind daycare that was never designated."""

    ref: str
    name: str


@dataclass(frozen=True, slots=True)
class Overview:
    rows: tuple[Numbers, ...]
    undesignated: tuple[Waiting, ...]
    night: date
    restrictions: int
    """Cases of the whole municipality without a decision."""

    def total(self, name: str) -> int:
        return sum(getattr(row, name) for row in self.rows)


def overview(uow: UnitOfWork) -> Overview:
    """Every daycare of the municipality; one statement for each table counted."""
    places = daycares(uow)
    ids, night = [place.id for place in places], operating_day(uow.now)
    insured = {row.id: row for row in insured_daycares(uow)}
    cases = _cases(uow)
    counted: dict[int, dict[str, int]] = {
        place.id: {"restrictions": cases.get(place.id, 0)} for place in places
    }
    for found in (_stays(uow, ids), _requests(uow, ids), _night(uow, places, night)):
        for place_id, numbers in found.items():
            counted[place_id].update(numbers)
    rows = tuple(Numbers(place, insured.get(place.id), **counted[place.id]) for place in places)
    return Overview(rows, _undesignated(uow), night, sum(cases.values()))


def _stays(uow: UnitOfWork, ids: Collection[int]) -> dict[int, Mapping[str, int]]:
    this = uow.today.replace(day=1)
    before = (this - timedelta(days=1)).replace(day=1)
    day, came = DaycareStay.operating_day, DaycareStay.state.in_((StayState.INSIDE, StayState.LEFT))
    rows = uow.session.execute(
        select(
            DaycareStay.daycare_id,
            _number(DaycareStay.state == StayState.INSIDE, "inside"),
            _number(day >= this, "stays"),
            _number(day < this, "stays_before"),
            func.coalesce(func.sum(DaycareStay.billed_hours).filter(day >= this), 0).label("hours"),
            func.coalesce(func.sum(DaycareStay.billed_hours).filter(day < this), 0).label("hours_before"),
        )
        .where(DaycareStay.daycare_id.in_(ids), came, day >= before)
        .group_by(DaycareStay.daycare_id)
    )
    return {
        row.daycare_id: {k: int(v) for k, v in row._asdict().items() if k != "daycare_id"} for row in rows
    }


def _number(condition: ColumnElement[bool], name: str) -> ColumnElement[int]:
    return func.count().filter(condition).label(name)


def _requests(uow: UnitOfWork, ids: Collection[int]) -> dict[int, Mapping[str, int]]:
    rows = uow.session.execute(
        select(DaycareBooking.daycare_id, func.count())
        .where(DaycareBooking.daycare_id.in_(ids), DaycareBooking.state == BookingState.REQUESTED)
        .group_by(DaycareBooking.daycare_id)
    )
    return {place: {"requested": number} for place, number in rows}


def _night(uow: UnitOfWork, places: Sequence[DaycareRow], night: date) -> dict[int, Mapping[str, int]]:
    """Beds of the night that begins on that operating day, and who holds them."""
    plans = plans_of(uow, places, DateSpan(night, night))
    held = occupants(uow, [place.id for place in places], _dark(uow, places, night))
    found: dict[int, Mapping[str, int]] = {}
    for place in places:
        policy = policy_at(uow, place.place, night)
        over = Period(kst(night, policy.curfew[0]), kst(night, DAY_END))
        loads = [
            Load(group, held[place.id].get(group.id, ()), over, policy) for group in plans[place.id].groups
        ]
        found[place.id] = {
            "tonight": sum(one.touches(over) for group in held[place.id].values() for one in group),
            "beds": _beds(plans[place.id], loads, over),
        }
    return found


def _dark(uow: UnitOfWork, places: Sequence[DaycareRow], night: date) -> Period:
    starts = [policy_at(uow, place.place, night).curfew[0] for place in places]
    return Period(kst(night, min(starts, default=DAY_END - 60)), kst(night, DAY_END))


def _beds(plan: Plan, loads: Sequence[Load], over: Period) -> int:
    """The fewest beds at any half hour of the night; none where the night is not open."""
    opening = plan.opening_of(plan.span.first)
    if not opening.is_open or opening.end < DAY_END:
        return 0
    slots = range(slot_of(over.start), slot_of(over.end))
    return min((sum(load.limit(slot) for load in loads) for slot in slots), default=0)


def _cases(uow: UnitOfWork) -> dict[int | None, int]:
    """Undecided restriction cases by the daycare that reported them (None: of the municipality)."""
    rows = uow.session.execute(
        select(Restriction.institution_id, func.count().label("number"))
        .where(Restriction.state.in_(sorted(UNDECIDED)))
        .group_by(Restriction.institution_id)
    )
    return {row.institution_id: row.number for row in rows}


def _undesignated(uow: UnitOfWork) -> tuple[Waiting, ...]:
    rows = uow.session.execute(
        select(Institution.ref, Institution.name)
        .outerjoin(Daycare, Daycare.id == Institution.id)
        .where(
            Institution.kind == InstitutionKind.DAYCARE,
            Institution.active,
            Daycare.id.is_(None) | Daycare.designated_on.is_(None),
        )
        .order_by(Institution.name)
    )
    return tuple(Waiting(ref, name) for ref, name in rows)


def stays_after(uow: UnitOfWork, daycare_ref: str, last_day: date) -> list[Broken]:
    """What is booked beyond a last day, by number and without a name: to be shown before the designation ends there."""
    stays = stays_past(uow, daycare_by_ref(uow, daycare_ref).id, last_day)
    return [replace(row, child="") for row in name_broken(uow, stays)]
