"""Beds straight from the rows: who holds one, taking one, giving it back. Whoever writes holds the gate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    all_,
    any_,
    bindparam,
    case,
    cast,
    delete,
    extract,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range

from app.daycare.models import DaycareBooking, DaycareStay
from app.daycare.queries.place import Plan
from app.daycare.rules.capacity import Held, Load, until_slot_end
from app.daycare.rules.policy import STEP, DaycarePolicy
from app.daycare.rules.states import IN_BED, StayState
from app.kernel.db import UnitOfWork
from app.kernel.ranges import Period
from app.people.models import ChildTime

SOURCE = "daycare_stay"
CARE = "DAYCARE"

HALF_HOUR = STEP * 60


def _slot(moment: Any, whole: Any) -> Any:
    """The number of a half hour, as ``rules.capacity`` counts them; worked out where the rows lie."""
    return cast(whole(extract("epoch", moment) / HALF_HOUR), BigInteger)


_INSIDE_UNTIL = case((DaycareStay.in_at.is_not(None), bindparam("hold", type_=DateTime(timezone=True))))
_HELD = select(
    DaycareStay.daycare_id,
    DaycareStay.class_id,
    _slot(func.least(func.lower(DaycareStay.planned), DaycareStay.in_at), func.floor).label("first"),
    _slot(func.greatest(func.upper(DaycareStay.planned), _INSIDE_UNTIL), func.ceil).label("stop"),
    func.coalesce(_slot(DaycareStay.small_until, func.floor), 0).label("small"),
).where(
    DaycareStay.daycare_id == any_(bindparam("places", type_=ARRAY(BigInteger))),
    DaycareStay.state.in_(sorted(IN_BED)),
    or_(
        DaycareStay.in_at.is_not(None),
        DaycareStay.planned.overlaps(
            func.tstzrange(
                bindparam("since", type_=DateTime(timezone=True)),
                bindparam("until", type_=DateTime(timezone=True)),
                type_=TSTZRANGE,
            )
        ),
    ),
    DaycareStay.id != all_(bindparam("without", type_=ARRAY(BigInteger))),
)
"""A child who is inside holds its bed however long ago it should have left, from when it really came."""


def occupants(
    uow: UnitOfWork, daycare_ids: Collection[int], over: Period, *, without: Collection[int] = ()
) -> dict[int, dict[int, list[Held]]]:
    """Who holds a bed in that time: daycare id → class id → children; stays in ``without`` are left out."""
    values = {
        "places": list(daycare_ids),
        "since": over.start,
        "until": over.end,
        "without": list(without),
        "hold": until_slot_end(uow.now),
    }
    found: dict[int, dict[int, list[Held]]] = {place: defaultdict(list) for place in daycare_ids}
    for place, group, first, stop, small in uow.rows(_HELD, **values):
        found[place][group].append(Held(first, stop, small))
    return found


def loads(
    uow: UnitOfWork, plan: Plan, over: Period, policy: DaycarePolicy, *, without: Collection[int] = ()
) -> list[Load]:
    """Every class of a daycare over that time, in the order in which they are filled."""
    held = occupants(uow, [plan.daycare.id], over, without=without)[plan.daycare.id]
    return [Load(group, held.get(group.id, ()), over, policy) for group in plan.groups]


def take_beds(uow: UnitOfWork, stays: Sequence[DaycareStay]) -> None:
    """Write the stays and their children's time (``ex_child_time`` refuses two things at once)."""
    uow.session.add_all(stays)
    uow.session.flush()
    uow.session.execute(
        insert(ChildTime),
        [
            {
                "child_id": stay.child_id,
                "period": stay.planned,
                "kind": CARE,
                "source": SOURCE,
                "source_id": stay.id,
            }
            for stay in stays
        ],
    )


def leave_bed(uow: UnitOfWork, stay: DaycareStay, after: StayState) -> None:
    """The bed is free from now on; a finished stay keeps the child's time as far as it was used."""
    stay.state = after
    stay.version += 1
    mine = (ChildTime.source == SOURCE, ChildTime.source_id == stay.id)
    if after is StayState.LEFT and stay.out_at is not None:
        end = min(stay.out_at, _end(stay))
        if end > _start(stay):
            uow.session.execute(
                update(ChildTime).where(*mine).values(period=Range(_start(stay), end, bounds="[)"))
            )
            return
    uow.session.execute(delete(ChildTime).where(*mine))


def move_end(uow: UnitOfWork, stay: DaycareStay, end: datetime) -> bool:
    """The stay lasts longer or shorter.

    False when the child's time after it belongs to something else: that time then stays as it is.
    """
    span = Range(_start(stay), end, bounds="[)")
    clash = uow.session.scalar(
        select(ChildTime.id)
        .where(
            ChildTime.child_id == stay.child_id,
            ChildTime.period.op("&&", is_comparison=True)(func.tstzrange(span.lower, span.upper)),
            (ChildTime.source != SOURCE) | (ChildTime.source_id != stay.id),
        )
        .limit(1)
    )
    stay.planned = span
    stay.version += 1
    if clash is None:
        uow.session.execute(
            update(ChildTime)
            .where(ChildTime.source == SOURCE, ChildTime.source_id == stay.id)
            .values(period=span)
        )
    return clash is None


def stays_of(uow: UnitOfWork, booking_id: int) -> list[DaycareStay]:
    """In order, locked with the gate by whoever changes them."""
    return list(
        uow.session.scalars(
            select(DaycareStay)
            .where(DaycareStay.booking_id == booking_id)
            .order_by(DaycareStay.operating_day, DaycareStay.id)
            .execution_options(populate_existing=True)
        )
    )


def planned_period(stay: DaycareStay) -> Period:
    return Period(_start(stay), _end(stay))


def new_stay(
    booking: DaycareBooking,
    class_id: int,
    operating_day: object,
    period: Period,
    small_until: datetime | None,
) -> DaycareStay:
    return DaycareStay(
        booking_id=booking.id,
        daycare_id=booking.daycare_id,
        class_id=class_id,
        child_id=booking.child_id,
        operating_day=operating_day,
        planned=Range(period.start, period.end, bounds="[)"),
        small_until=small_until,
        state=StayState.PLANNED,
        version=1,
    )


def _start(stay: DaycareStay) -> datetime:
    if stay.planned.lower is None:
        raise ValueError("a stay has a beginning")
    return stay.planned.lower


def _end(stay: DaycareStay) -> datetime:
    if stay.planned.upper is None:
        raise ValueError("a stay has an end")
    return stay.planned.upper
