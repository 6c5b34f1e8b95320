"""Who is inside past its booked end now, and which limits that breaks, counted from the rows (GC-19)."""

from __future__ import annotations

from app.daycare import beds
from app.daycare.models import DaycareStay
from app.daycare.policy import policy_at
from app.daycare.queries.place import DaycareRow, plan_of
from app.daycare.rules.capacity import Load
from app.daycare.rules.days import operating_day
from app.daycare.rules.overstay import broken_limits
from app.daycare.times import local, period_of
from app.kernel.db import UnitOfWork
from app.kernel.ranges import DateSpan, Period, to_minute


def overstayed(uow: UnitOfWork, daycare: DaycareRow, stay: DaycareStay) -> list[str]:
    """Limits broken since the booked end by a child who is still inside; empty while there is time left."""
    end, now = period_of(stay.planned).end, to_minute(local(uow.now))
    if now <= end:
        return []
    past, first = Period(end, now), operating_day(end)
    policy = policy_at(uow, daycare.place, first)
    plan = plan_of(uow, daycare, DateSpan(first, operating_day(now)))
    held = beds.occupants(uow, [daycare.id], past)[daycare.id]
    crowded = {
        slot
        for group in plan.groups
        if group.id == stay.class_id
        for slot in Load(group, held.get(group.id, ()), past, policy).over()
    }
    return broken_limits(past, crowded, plan.opening_of, policy)
