"""After the notice: an objection and its answer, and lifting early with the city's consent (AS-21)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Forbidden, Problem, RuleBroken
from app.kernel.ranges import add_months, kst, kst_date
from app.restrictions.actions import CONSENT_LIFT, DECIDE_OBJECTION, OBJECT, PROPOSE_LIFT
from app.restrictions.messages import ANSWERED, LIFTED
from app.restrictions.models import Restriction
from app.restrictions.rules.counting import IN_THE_FUTURE
from app.restrictions.rules.kinds import BINDING, HEARD, Channel, Family, Level, Outcome, State
from app.restrictions.rules.next_step import Step
from app.restrictions.rules.period import NOT_SHORTER, objection_problem, shorter_problem
from app.restrictions.service.notice import until_words
from app.restrictions.service.remaining import again_words, run_again
from app.restrictions.service.taking import (
    case_by_ref,
    changed,
    check_hands,
    check_role,
    in_force,
    move,
    my_roles,
    subject_of_case,
    words,
)
from app.restrictions.subjects import tell

NOT_NOTIFIED = Problem("objection.nothing", N_("통지받은 제한에만 이의를 신청할 수 있어요."), rule="AS-21")
TWICE = Problem("objection.twice", N_("이의신청을 이미 받았어요. 결과를 기다려 주세요."), rule="AS-21")
NO_OBJECTION = Problem("objection.none", N_("심사할 이의신청이 없어요."), rule="AS-21")
NOT_IN_FORCE = Problem("lift.not_in_force", N_("지금 걸려 있는 제한이 아니에요."), rule="AS-21")
PROPOSED = Problem("lift.proposed", N_("이미 제안했어요. 시군 담당자의 동의를 기다려 주세요."), rule="AS-21")
NOT_PROPOSED = Problem("lift.not_proposed", N_("일찍 풀자는 제안이 아직 없어요."), rule="AS-21")
RECEIVES = {
    Family.ANYTIME: frozenset({Role.COORDINATOR, Role.CITY_OFFICER}),
    Family.DAYCARE: frozenset({Role.CITY_OFFICER}),
}
"""Who writes down an objection that came by telephone or letter."""


def object_to(
    uow: UnitOfWork,
    ref: str,
    *,
    version: int,
    text: str,
    channel: Channel = Channel.ONLINE,
    received_on: date | None = None,
) -> Restriction:
    """The guardian objects, in time; the restriction goes on meanwhile.

    ``received_on``: the day a letter or call came, when the office writes it down later. Raises RuleBroken.
    """
    OBJECT.reach(uow.actor.role)
    case = case_by_ref(uow, ref, version=version)
    family = uow.actor.role is Role.GUARDIAN
    if not family and not my_roles(uow) & RECEIVES[Family(case.service)]:
        raise Forbidden("objection")
    day = uow.today if family or received_on is None else received_on
    if case.state not in HEARD or case.notified_at is None or case.objection_due is None:
        raise RuleBroken(NOT_NOTIFIED)
    if case.objection_at is not None:
        raise RuleBroken(TWICE)
    if day > uow.today:
        raise RuleBroken(IN_THE_FUTURE.of(field="received_on"))
    if problem := objection_problem(kst_date(case.notified_at), case.objection_due, day):
        raise RuleBroken(problem)
    case.objection = words(text)
    case.objection_at = uow.now if day == uow.today else kst(day)
    case.details = {**case.details, "objection_channel": channel}
    changed(uow, case, "restriction.objection")
    return case


def decide_objection(
    uow: UnitOfWork, ref: str, *, version: int, outcome: Outcome, reason: str, ends_on: date | None = None
) -> Restriction:
    """The city upholds, shortens (to ``ends_on``) or cancels; what it cancels counts nowhere any more."""
    DECIDE_OBJECTION.reach(uow.actor.role)
    case = case_by_ref(uow, ref, version=version)
    if case.objection_at is None or case.objection_decided_at is not None:
        raise RuleBroken(NO_OBJECTION)
    check_hands(uow, case, Step.OBJECTION)
    why = words(reason, field="reason")
    if outcome is Outcome.SHORTENED:
        _shorten(uow, case, ends_on)
    case.objection_decision, case.objection_reason = outcome, why
    case.objection_decided_by, case.objection_decided_at = uow.actor.user_id, uow.now
    if outcome is Outcome.UPHELD:
        changed(uow, case, "restriction.upheld", reason=why)
    else:
        move(uow, case, State(outcome.value), reason=why)
    if outcome is Outcome.OVERTURNED:
        _shake(uow, case)
        run_again(uow, case)
    values = {"outcome": outcome.label, "period": _what_holds(uow, case), "reason": why}
    tell(uow, ANSWERED, subject_of_case(uow, case), values, about=case.id)
    return case


def _what_holds(uow: UnitOfWork, case: Restriction) -> str:
    """Until when it binds after the answer, or what does once it binds no more."""
    return f"제한 기간: {until_words(case)}." if in_force(uow, case) else again_words(uow, case)


def _shorten(uow: UnitOfWork, case: Restriction, ends_on: date | None) -> None:
    first = case.starts_on
    if first is None or ends_on is None:
        raise RuleBroken(NOT_SHORTER.of(today=f"{uow.today.month}월 {uow.today.day}일"))
    if problem := shorter_problem(first, case.ends_on, ends_on, uow.today):
        raise RuleBroken(problem)
    if case.level == Level.PERMANENT:
        if ends_on >= add_months(first, 12):
            raise RuleBroken(NOT_SHORTER.of(today=f"{uow.today.month}월 {uow.today.day}일"))
        case.level, case.months = Level.YEAR, 12
    case.ends_on = ends_on


def _shake(uow: UnitOfWork, case: Restriction) -> None:
    """Six months that rested on this month have to be looked at again (AS-13)."""
    resting = select(Restriction).where(
        Restriction.details["accumulated"].contains([case.ref]), Restriction.state.in_(BINDING)
    )
    for row in uow.session.scalars(resting.with_for_update()):
        row.details = {**row.details, "shaken": True}
        changed(uow, row, "restriction.shaken")


def propose_lift(uow: UnitOfWork, ref: str, *, version: int, reason: str) -> Restriction:
    """The regional centre would lift it early, e.g. since the amount was paid."""
    PROPOSE_LIFT.reach(uow.actor.role)
    case = case_by_ref(uow, ref, version=version)
    check_role(uow, Role.REGIONAL_DIRECTOR)
    if not in_force(uow, case) or case.service != Family.ANYTIME:
        raise RuleBroken(NOT_IN_FORCE)
    if case.lift_proposed_by is not None:
        raise RuleBroken(PROPOSED)
    case.lift_reason, case.lift_proposed_by = words(reason, field="reason"), uow.actor.user_id
    case.details = {name: value for name, value in case.details.items() if name != "lift_declined"}
    changed(uow, case, "restriction.lift_proposed", reason=case.lift_reason)
    return case


def decline_lift(uow: UnitOfWork, ref: str, *, version: int, reason: str) -> Restriction:
    """The city's officer does not consent: it runs on, and the regional centre reads why."""
    CONSENT_LIFT.reach(uow.actor.role)
    case = case_by_ref(uow, ref, version=version)
    if case.lift_proposed_by is None:
        raise RuleBroken(NOT_PROPOSED)
    why = words(reason, field="reason")
    case.lift_proposed_by = None
    case.details = {**case.details, "lift_declined": why}
    changed(uow, case, "restriction.lift_declined", reason=why)
    return case


def consent_lift(uow: UnitOfWork, ref: str, *, version: int) -> Restriction:
    """The city's officer consents; from now on the household may book."""
    CONSENT_LIFT.reach(uow.actor.role)
    case = case_by_ref(uow, ref, version=version)
    if case.lift_proposed_by is None:
        raise RuleBroken(NOT_PROPOSED)
    if not in_force(uow, case):
        raise RuleBroken(NOT_IN_FORCE)
    check_hands(uow, case, Step.CONSENT)
    case.details = {**case.details, "lifted_on": uow.today.isoformat()}
    move(uow, case, State.LIFTED, reason=case.lift_reason)
    values = {"again": again_words(uow, case), "reason": case.lift_reason}
    tell(uow, LIFTED, subject_of_case(uow, case), values, about=case.id)
    return case
