"""More children than may be: which stays lie there, and what makes it so without a booking (AD-02, AD-03, GC-19)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import DateTime, bindparam, case, cast, func, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import TIMESTAMP, TSTZRANGE, Range

from app.daycare import beds
from app.daycare.models import DaycareStay
from app.daycare.policy import policy_at
from app.daycare.queries.place import DaycareRow, plan_of
from app.daycare.rules.capacity import touched, until_slot_end
from app.daycare.rules.days import operating_day, operating_span
from app.daycare.rules.eligibility import FOREVER
from app.daycare.rules.overstay import CROWDED
from app.daycare.rules.states import IN_BED, StayState
from app.daycare.times import local, period_of
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.ranges import DateSpan, Period
from app.people.models import Child

_LEAP_DAY = (func.extract("month", Child.birth_date) == 2) & (func.extract("day", Child.birth_date) == 29)
_TWO_YEARS = case(
    (_LEAP_DAY, Child.birth_date + text("interval '24 months 1 day'")),
    else_=Child.birth_date + text("interval '24 months'"),
)
_SMALL_UNTIL = case(
    (Child.disability != "NONE", literal(FOREVER, DateTime(timezone=True))),
    else_=func.timezone("Asia/Seoul", cast(_TWO_YEARS, TIMESTAMP)),
)
"""``rules.eligibility.small_until`` of a child as its record says now; born on 29 February: 1 March (GC-06)."""
_FOLLOW = (
    update(DaycareStay)
    .where(
        DaycareStay.daycare_id == bindparam("place"),
        DaycareStay.child_id == Child.id,
        DaycareStay.state.in_(sorted(IN_BED)),
        or_(
            DaycareStay.in_at.is_not(None) & DaycareStay.out_at.is_(None),
            DaycareStay.planned.overlaps(
                func.tstzrange(bindparam("since", type_=DateTime(timezone=True)), None, type_=TSTZRANGE)
            ),
        ),
        DaycareStay.small_until.is_distinct_from(_SMALL_UNTIL),
    )
    .values(small_until=_SMALL_UNTIL)
    .returning(DaycareStay.id)
)
STALE = (
    select(DaycareStay.ref)
    .join(Child, Child.id == DaycareStay.child_id)
    .where(DaycareStay.state.in_(sorted(IN_BED)), DaycareStay.small_until.is_distinct_from(_SMALL_UNTIL))
    .order_by(DaycareStay.id)
)
"""Stays that hold a bed as their child was once, for the data checks."""


def follow_children(uow: UnitOfWork, daycare: DaycareRow) -> None:
    """A birth date that was corrected, a disability that was written down: stays that stand follow it (AD-03).

    Nobody is moved for it: what is too many then is flagged. Whoever calls holds the gate.
    """
    changed = [row[0] for row in uow.rows(_FOLLOW, place=daycare.id, since=uow.now - timedelta(days=1))]
    if not changed:
        return
    for stay in uow.session.scalars(
        select(DaycareStay).where(DaycareStay.id.in_(changed)).execution_options(populate_existing=True)
    ).all():
        audit.record(uow, "daycare.ratio_changed", "daycare_stay", stay.id)
    for stay in stays_over_limit(uow, daycare, inside=True):
        flag(stay, CROWDED)
        change = {"violations": [[], list(stay.violations)]}
        audit.record(uow, "daycare.limit_broken", "daycare_stay", stay.id, diff=change)
    uow.session.flush()


def flag(stay: DaycareStay, code: str) -> None:
    """A fact broke a limit: it is recorded and marked, never refused (GC-19)."""
    if code not in stay.violations:
        stay.violations = [*stay.violations, code]


def stays_on(uow: UnitOfWork, daycare_id: int, over: Period, *, inside: bool = False) -> list[DaycareStay]:
    """Planned stays that touch the time; with ``inside`` also whoever is there."""
    span = Range(over.start, over.end, bounds="[)")
    waiting = (DaycareStay.state == StayState.PLANNED) & DaycareStay.planned.overlaps(span)
    there = DaycareStay.state == StayState.INSIDE
    return list(
        uow.session.scalars(
            select(DaycareStay)
            .where(DaycareStay.daycare_id == daycare_id, or_(waiting, there) if inside else waiting)
            .order_by(DaycareStay.id)
        )
    )


def stays_over_limit(uow: UnitOfWork, daycare: DaycareRow, *, inside: bool = False) -> list[DaycareStay]:
    """Stays from now on that lie in a half hour with more children than may be, not flagged yet (AD-02, AD-03)."""
    last = uow.session.scalar(
        select(func.max(func.upper(DaycareStay.planned))).where(
            DaycareStay.daycare_id == daycare.id, DaycareStay.state.in_(sorted(IN_BED))
        )
    )
    if last is None or (last <= uow.now and not inside):
        return []
    span = DateSpan(operating_day(uow.now), max(operating_day(last), operating_day(uow.now)))
    over = Period(operating_span(span.first).start, operating_span(span.last).end)
    policy = policy_at(uow, daycare.place)
    plan = plan_of(uow, daycare, span)
    crowded = {load.group.id: set(load.over()) for load in beds.loads(uow, plan, over, policy)}
    return [
        stay
        for stay in stays_on(uow, daycare.id, over, inside=inside)
        if crowded.get(stay.class_id, set()).intersection(touched(_held(uow, stay))) and not stay.violations
    ]


def _held(uow: UnitOfWork, stay: DaycareStay) -> Period:
    """From now on, as long as it holds its bed."""
    planned = period_of(stay.planned)
    if stay.state != StayState.INSIDE:
        return planned
    return Period(min(planned.start, local(uow.now)), max(planned.end, until_slot_end(uow.now)))
