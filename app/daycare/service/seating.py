"""Into another class, and into a full one: never silently (AD-02, AD-34, GC-19)."""

from __future__ import annotations

from sqlalchemy import select

from app.daycare import actions, beds
from app.daycare.crowding import flag
from app.daycare.models import DaycareClass, DaycareStay
from app.daycare.policy import policy_at
from app.daycare.queries.place import plan_of
from app.daycare.rules.capacity import Group, Occupant, full_spans, spans_words, touched, until_slot_end
from app.daycare.rules.days import operating_day
from app.daycare.rules.overstay import CROWDED
from app.daycare.rules.states import IN_BED, StayState
from app.daycare.service.case import open_stay
from app.daycare.times import period_of
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.kernel.ranges import DateSpan, Period, to_minute

NOT_HERE = Problem(
    "daycare.not_to_move",
    N_("이미 끝났거나 취소된 이용이라 반을 옮길 수 없어요."),
    rule="AD-31",
    field="group",
)
SAME_CLASS = Problem("daycare.same_class", N_("지금 있는 반이에요. 다른 반을 골라 주세요."), field="group")
NOT_OPEN = Problem(
    "daycare.class_not_open",
    N_("{group}은(는) {hours}에 열지 않아요. 다른 반을 골라 주세요."),
    rule="AD-34",
    field="group",
)
CLASS_FULL = Problem(
    "daycare.class_full",
    N_("{group}은(는) {hours}에 자리가 찼어요. 다른 반을 고르거나, 그래도 옮기는 까닭을 적어 주세요."),
    rule="AD-02",
    field="reason",
    soft=True,
)


def move_to_class(
    uow: UnitOfWork, stay_ref: str, class_ref: str, *, version: int | None = None, reason: str = ""
) -> None:
    """By the director, planned or inside, for the rest of the stay. Into a full class only with a reason: that is
    marked as a broken limit (GC-19). Raises RuleBroken, NotFound, StaleVersion."""
    case, stay = open_stay(uow, stay_ref, actions.MOVE_CLASS, version=version)
    if stay.state not in IN_BED:
        raise RuleBroken(NOT_HERE)
    rest = rest_of(uow, stay)
    plan = plan_of(uow, case.daycare, DateSpan(operating_day(rest.start), operating_day(rest.end)))
    policy = policy_at(uow, case.daycare.place, operating_day(rest.start))
    group_id = _class_id(uow, case.daycare.id, class_ref)
    if group_id == stay.class_id:
        raise RuleBroken(SAME_CLASS)
    loads = beds.loads(uow, plan, rest, policy, without=[stay.id])
    load = next((one for one in loads if one.group.id == group_id), None)
    if load is None:
        raise NotFound("daycare_class")
    if shut := [slot for slot in touched(rest) if not load.is_open(slot)]:
        raise RuleBroken(NOT_OPEN.of(group=load.group.name, hours=spans_words(full_spans(shut))))
    full = load.full(Occupant(rest, stay.small_until))
    if full and not reason.strip():
        raise RuleBroken(CLASS_FULL.of(group=load.group.name, hours=spans_words(full_spans(full))))
    seat(uow, stay, load.group, reason=reason.strip())
    if full:
        flag(stay, CROWDED)
    stay.version += 1
    uow.session.flush()


def seat(uow: UnitOfWork, stay: DaycareStay, group: Group, *, reason: str = "") -> None:
    """The stay goes on in this class; where it was before stays in the audit."""
    before = uow.session.get_one(DaycareClass, stay.class_id).name
    stay.class_id = group.id
    change = {"class": [before, group.name]}
    audit.record(uow, "daycare.moved_class", "daycare_stay", stay.id, reason=reason or None, diff=change)


def crowd_in(uow: UnitOfWork, stay: DaycareStay, reason: str) -> None:
    """A child more than may be, by the director's word (GC-19)."""
    flag(stay, CROWDED)
    audit.record(
        uow,
        "daycare.limit_broken",
        "daycare_stay",
        stay.id,
        reason=reason.strip(),
        diff={"violations": [[], list(stay.violations)]},
    )


def rest_of(uow: UnitOfWork, stay: DaycareStay) -> Period:
    """From now (or its start) on, as long as it holds its bed; a child inside at least this half hour."""
    planned, now = period_of(stay.planned), to_minute(uow.now)
    start = max(planned.start, now) if stay.state == StayState.PLANNED else now
    return Period(start, max(planned.end, until_slot_end(start)))


def _class_id(uow: UnitOfWork, daycare_id: int, ref: str) -> int:
    found = uow.session.scalar(
        select(DaycareClass.id).where(DaycareClass.ref == ref, DaycareClass.daycare_id == daycare_id)
    )
    if found is None:
        raise NotFound("daycare_class")
    return found
