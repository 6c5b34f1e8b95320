"""A daycare's own restriction: its director says why and from when to when (AS-25)."""

from __future__ import annotations

from datetime import date

from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, RuleBroken
from app.restrictions.actions import OF_DAYCARE
from app.restrictions.messages import LIFTED
from app.restrictions.models import Restriction
from app.restrictions.policy import policy_of
from app.restrictions.queries.at_daycare import earlier_at
from app.restrictions.queries.people import guardian_in_reach
from app.restrictions.rules.kinds import DAYCARE_GROUNDS, Family, Ground, Level, State
from app.restrictions.rules.period import daycare_problems
from app.restrictions.service.events import case_number
from app.restrictions.service.notice import send_notice
from app.restrictions.service.objection import NOT_IN_FORCE
from app.restrictions.service.remaining import again_words
from app.restrictions.service.taking import case_by_ref, changed, in_force, subject_of_case, words
from app.restrictions.subjects import lock_subject, subject_of, tell
from app.tenancy.settings import Place


def impose_at_daycare(
    uow: UnitOfWork,
    guardian_ref: str,
    *,
    ground: Ground,
    first: date,
    last: date,
    reason: str,
    happened_on: date | None = None,
) -> Restriction:
    """Bookings at this daycare between these days are refused; those that stand are cancelled on the first day.

    The director imposes what the director saw: that is the rule here (AS-25), and the city hears objections.
    ``happened_on``: the day of what is new since the one of the same ground that binds began.
    Raises RuleBroken, NotFound for a guardian the daycare does not know.
    """
    daycare = uow.actor.scope or 0
    OF_DAYCARE.check(uow.actor, daycare)
    if ground not in DAYCARE_GROUNDS:
        raise NotFound("ground")
    subject = subject_of(uow, guardian_in_reach(uow, guardian_ref).id)
    why = words(reason, field="reason")
    lock_subject(uow, subject)
    policy = policy_of(uow, place=Place(daycare))
    earlier = earlier_at(uow, daycare, subject.guardian_id)
    problems = daycare_problems(
        first,
        last,
        uow.today,
        policy,
        [one.span for one in earlier if one.binds],
        alike=[one.span for one in earlier if one.ground is ground],
        happened_on=happened_on,
    )
    if problems:
        raise RuleBroken(problems)
    case = Restriction(
        number=case_number(uow),
        **subject.columns,
        service=Family.DAYCARE,
        institution_id=daycare,
        ground=ground,
        level=Level.DAYCARE,
        state=State.NOTIFIED,
        report=why,
        reported_by=uow.actor.user_id,
        decided_by=uow.actor.user_id,
        decided_at=uow.now,
        decision_reason=why,
        starts_on=first,
        ends_on=last,
        details={"happened_on": happened_on.isoformat()} if happened_on else {},
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(case)
    uow.session.flush()
    send_notice(uow, case)
    uow.session.flush()
    audit.record(
        uow,
        "restriction.daycare",
        "restriction",
        case.id,
        to_state=State.NOTIFIED,
        reason=why,
        diff={"from": [None, first.isoformat()], "to": [None, last.isoformat()]},
    )
    return case


def lift_at_daycare(uow: UnitOfWork, ref: str, *, version: int, reason: str) -> Restriction:
    """The director lets the family book again before the last day."""
    OF_DAYCARE.reach(uow.actor.role)
    case = case_by_ref(uow, ref, version=version)
    if case.service != Family.DAYCARE or not in_force(uow, case):
        raise RuleBroken(NOT_IN_FORCE)
    why = words(reason, field="reason")
    before, case.state = State(case.state), State.LIFTED
    case.lift_reason = why
    case.details = {**case.details, "lifted_on": uow.today.isoformat()}
    changed(uow, case, "restriction.lifted", before=before, reason=why)
    tell(
        uow,
        LIFTED,
        subject_of_case(uow, case),
        {"again": again_words(uow, case), "reason": why},
        about=case.id,
        institution_id=case.institution_id,
    )
    return case
