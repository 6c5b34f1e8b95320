"""A daycare's own restriction: its director says why and from when to when (AS-25)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select

from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.ranges import DateSpan
from app.people.models import GuardianChild
from app.restrictions.actions import OF_DAYCARE
from app.restrictions.messages import LIFTED
from app.restrictions.models import Restriction
from app.restrictions.policy import policy_of
from app.restrictions.queries.people import guardian_in_reach
from app.restrictions.rules.kinds import BINDING, DAYCARE_GROUNDS, Family, Ground, Level, State
from app.restrictions.rules.period import daycare_problems
from app.restrictions.service.events import case_number
from app.restrictions.service.notice import send_notice
from app.restrictions.service.objection import NOT_IN_FORCE
from app.restrictions.service.remaining import again_words
from app.restrictions.service.taking import case_by_ref, changed, in_force, subject_of_case, words
from app.restrictions.subjects import household_children, lock_subject, subject_of, tell
from app.tenancy.settings import Place


def impose_at_daycare(
    uow: UnitOfWork, guardian_ref: str, *, ground: Ground, first: date, last: date, reason: str
) -> Restriction:
    """Bookings at this daycare between these days are refused; those that stand are cancelled on the first day.

    The director imposes what the director saw: that is the rule here (AS-25), and the city hears objections.
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
    problems = daycare_problems(first, last, uow.today, policy, _spans(uow, daycare, subject.guardian_id))
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


def _spans(uow: UnitOfWork, daycare: int, guardian_id: int | None) -> list[DateSpan]:
    """What binds the household at this daycare already: the guardian's, and those of whoever lives with the same
    children."""
    children = [child.id for child in household_children(uow, guardian_id)]
    at_home = select(GuardianChild.guardian_id).where(
        GuardianChild.child_id.in_(children), GuardianChild.lives_together
    )
    rows = uow.session.execute(
        select(Restriction.starts_on, Restriction.ends_on).where(
            or_(Restriction.guardian_id == guardian_id, Restriction.guardian_id.in_(at_home)),
            Restriction.institution_id == daycare,
            Restriction.service == Family.DAYCARE,
            Restriction.state.in_(BINDING),
        )
    )
    return [DateSpan(first, last) for first, last in rows if first and last]


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
