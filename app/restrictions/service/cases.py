"""From the report to the hearing: the check of the facts, a hold, the statement (AS-17 – AS-19)."""

from __future__ import annotations

from sqlalchemy import select

from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.texts import day_text, long_day
from app.restrictions.actions import CHECK, STATE
from app.restrictions.messages import ASKED, HELD
from app.restrictions.models import Restriction, RestrictionEvent, RestrictionGround
from app.restrictions.policy import policy_of
from app.restrictions.rules.grounds import line_of
from app.restrictions.rules.kinds import UNDECIDED, Channel, Ground, Level, State
from app.restrictions.rules.period import hold_last_day, statement_due
from app.restrictions.service.taking import (
    case_by_ref,
    changed,
    check_role,
    move,
    subject_of_case,
    words,
)
from app.restrictions.statements import add_statement
from app.restrictions.subjects import tell
from app.tenancy.queries import holidays

NOT_ASKED = Problem(
    "statement.not_asked", N_("지금은 소명을 받는 때가 아니에요. 진행 상태를 확인해 주세요."), rule="AS-18"
)
NO_HOLD = Problem(
    "hold.not_here",
    N_("돌보미에 대한 행위가 아니거나 이미 결정한 건이라 새 신청을 미룰 수 없어요."),
    rule="AS-19",
)


def grounds_of(uow: UnitOfWork, case: Restriction) -> list[RestrictionEvent]:
    """The events a case rests on, oldest first; excused ones among them."""
    return list(
        uow.session.scalars(
            select(RestrictionEvent)
            .join(RestrictionGround, RestrictionGround.event_id == RestrictionEvent.id)
            .where(RestrictionGround.restriction_id == case.id)
            .order_by(RestrictionEvent.occurred_at, RestrictionEvent.id)
        )
    )


def check_facts(uow: UnitOfWork, ref: str, *, version: int) -> Restriction:
    """REPORTED → FACT_CHECK: somebody looks into it."""
    CHECK.reach(uow.actor.role)
    case = case_by_ref(uow, ref, version=version)
    move(uow, case, State.FACT_CHECK)
    return case


def ask_statement(uow: UnitOfWork, ref: str, *, version: int, found: str) -> Restriction:
    """FACT_CHECK → STATEMENT with what was found; the guardian is asked and has until ``statement_due`` (AS-18)."""
    CHECK.reach(uow.actor.role)
    case = case_by_ref(uow, ref, version=version)
    case.found = words(found, field="found")
    case.statement_asked_at = uow.now
    case.statement_due = statement_due(uow.today, Level(case.level), policy_of(uow), holidays(uow))
    move(uow, case, State.STATEMENT)
    values = {"ground": Ground(case.ground).label, "due": day_text(case.statement_due)}
    tell(uow, ASKED, subject_of_case(uow, case), values, about=case.id)
    return case


def give_statement(
    uow: UnitOfWork,
    ref: str,
    *,
    version: int,
    text: str,
    channel: Channel = Channel.ONLINE,
) -> Restriction:
    """The guardian's side, online or taken down by the office; heard until somebody has decided.

    Another one stands behind the first, whoever wrote either.
    """
    STATE.reach(uow.actor.role)
    case = case_by_ref(uow, ref, version=version)
    if uow.actor.role is not Role.GUARDIAN:
        check_role(uow, Role.COORDINATOR)
    if case.state != State.STATEMENT or case.decided_by is not None:
        raise RuleBroken(NOT_ASKED)
    add_statement(uow, case, words(text), channel)
    changed(uow, case, "restriction.heard")
    return case


def hold(uow: UnitOfWork, ref: str, *, version: int, reason: str) -> Restriction:
    """New services wait for the decision, 14 days at most, after misconduct against a carer (AS-19)."""
    CHECK.reach(uow.actor.role)
    case = case_by_ref(uow, ref, version=version)
    check_role(uow, Role.COORDINATOR)
    if (
        case.state not in UNDECIDED
        or case.hold_until is not None
        or not line_of(Ground(case.ground)).on_carer
    ):
        raise RuleBroken(NO_HOLD)
    why = words(reason, field="reason")
    case.hold_until = hold_last_day(uow.today, policy_of(uow))
    changed(uow, case, "restriction.hold", reason=why)
    tell(uow, HELD, subject_of_case(uow, case), {"until": long_day(case.hold_until)}, about=case.id)
    return case
