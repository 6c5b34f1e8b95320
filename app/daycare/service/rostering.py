"""A whole week of duties at once, as a director types it (AD-03)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from app.daycare.models import DaycareClass, RosterShift
from app.daycare.rules.policy import DAY_END, DAY_START
from app.daycare.service.running import BAD_SHIFT, enter_place, measure
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.ranges import kst

DAYS = timedelta(days=7)
NAME_MAX = 40


@dataclass(frozen=True, slots=True)
class Shift:
    """``start`` and ``end`` in minutes of the operating day; ``user_id`` when the teacher has an account."""

    class_ref: str
    day: date
    teacher: str
    start: int
    end: int
    user_id: int | None = None


def set_week(
    uow: UnitOfWork, daycare_ref: str, monday: date, shifts: Sequence[Shift], *, accept: bool = False
) -> None:
    """These duties and no others from ``monday`` to the Sunday after it. Raises RuleBroken, ``WouldBreak``, NotFound.

    Duties that stay as they are keep their rows.
    """
    daycare = enter_place(uow, daycare_ref)
    classes = {
        row.ref: row.id
        for row in uow.session.scalars(select(DaycareClass).where(DaycareClass.daycare_id == daycare.id))
    }
    wanted = {_key(classes, monday, shift): shift for shift in shifts}
    there = uow.session.scalars(
        select(RosterShift).where(
            RosterShift.daycare_id == daycare.id,
            RosterShift.operating_day >= monday,
            RosterShift.operating_day < monday + DAYS,
        )
    ).all()
    removed = 0
    for row in there:
        kept = (row.class_id, row.operating_day, row.teacher, row.period.lower, row.period.upper)
        if wanted.pop(kept, None) is None:
            uow.session.delete(row)
            removed += 1
    for (class_id, day, teacher, start, end), shift in wanted.items():
        uow.session.add(
            RosterShift(
                daycare_id=daycare.id,
                class_id=class_id,
                operating_day=day,
                user_id=shift.user_id,
                teacher=teacher,
                period=Range(start, end, bounds="[)"),
                created_at=uow.now,
                created_by=uow.actor.user_id,
            )
        )
    uow.session.flush()
    audit.record(
        uow,
        "daycare.week_set",
        "daycare",
        daycare.id,
        diff={"week": [None, monday.isoformat()], "added": [0, len(wanted)], "removed": [0, removed]},
    )
    measure(uow, daycare, accept)


def _key(classes: dict[str, int], monday: date, shift: Shift) -> tuple[object, ...]:
    """Two lines that say the same are one duty."""
    if shift.class_ref not in classes:
        raise NotFound("daycare_class")
    teacher = shift.teacher.strip()[:NAME_MAX]
    in_week = monday <= shift.day < monday + DAYS
    if not teacher or not in_week or not DAY_START <= shift.start < shift.end <= DAY_END:
        raise RuleBroken(BAD_SHIFT)
    return (
        classes[shift.class_ref],
        shift.day,
        teacher,
        kst(shift.day, shift.start),
        kst(shift.day, shift.end),
    )
