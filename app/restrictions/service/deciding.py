"""A case is decided: imposed by one or two people, or dismissed (AS-12 – AS-17)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.documents.uploads import store_upload
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.states import WRONG_STEP
from app.restrictions.actions import DECIDE
from app.restrictions.messages import DISMISSED
from app.restrictions.models import Restriction, RestrictionEvent
from app.restrictions.policy import policy_of
from app.restrictions.queries.counters import counted_events
from app.restrictions.queries.takers import hands_of
from app.restrictions.rules.deciding import CaseFacts, adds_up, decision_problems, verdict
from app.restrictions.rules.grounds import GroundRule, line_of
from app.restrictions.rules.kinds import EventKind, Family, Ground, Level, State
from app.restrictions.rules.next_step import Step
from app.restrictions.rules.policy import RestrictionPolicy
from app.restrictions.rules.states import step_problem
from app.restrictions.service.cases import grounds_of
from app.restrictions.service.notice import notify
from app.restrictions.service.taking import (
    Handed,
    case_by_ref,
    changed,
    check_hands,
    check_role,
    move,
    my_roles,
    subject_of_case,
    words,
)
from app.restrictions.subjects import lock_subject, of_subject, tell

TOO_FEW_NOW = Problem(
    "decision.too_few_now",
    N_(
        "그사이 인정되는 횟수가 {count}번이 되어 기준({threshold}번)보다 적어요. 다시 살피도록 돌려보내 주세요."
    ),
    rule="AS-17",
)
NOT_WAITING = Problem("decision.not_waiting", N_("두 번째 확인을 기다리는 건이 아니에요."), rule="AS-16")


def decide(
    uow: UnitOfWork,
    ref: str,
    *,
    version: int,
    reason: str,
    months: int | None = None,
    proof: Handed | None = None,
) -> Restriction:
    """Impose it (AS-17). Where two must decide it waits for the city's officer, else the notice goes out at once.

    ``months``: for the level of up to a year. ``proof``: the authority's result (AS-16). Raises RuleBroken,
    StaleVersion.
    """
    DECIDE.reach(uow.actor.role)
    case = _undecided(uow, ref, version)
    events = grounds_of(uow, case)
    line, standing = _judged(uow, case, events)
    document = _kept(uow, case, proof) if proof else case.document_id
    policy = policy_of(uow)
    months = policy.year_default_months if months is None else months
    facts = CaseFacts(
        line=line,
        standing=standing,
        statement_given=case.statement_at is not None,
        statement_due=case.statement_due,
        has_document=document is not None,
        reporters=hands_of(uow, case).reporters,
    )
    problems = decision_problems(
        facts, decider=uow.actor.user_id, months=months, reason=reason, today=uow.today, policy=policy
    )
    if problems:
        raise RuleBroken(problems)
    singles = _single_months(uow, case, policy)
    outcome = verdict(
        line,
        months=months,
        m1_starts=[row.starts_on for row in singles if row.starts_on is not None],
        today=uow.today,
        policy=policy,
    )
    case.ground, case.level, case.months = outcome.ground, outcome.level, outcome.months
    if outcome.accumulated:
        case.details = {**case.details, "accumulated": [row.ref for row in singles]}
    case.document_id = document
    why = words(reason, field="reason")
    case.decided_by, case.decided_at, case.decision_reason = uow.actor.user_id, uow.now, why
    if line.two_people:
        changed(uow, case, "restriction.decided_first", reason=why)
    else:
        _impose(uow, case)
    return case


def _kept(uow: UnitOfWork, case: Restriction, proof: Handed) -> int:
    return store_upload(
        uow,
        owner="restriction",
        owner_id=case.id,
        kind="proof",
        filename=proof.filename,
        content=proof.content,
    ).id


def co_decide(uow: UnitOfWork, ref: str, *, version: int) -> Restriction:
    """The city's officer confirms what the regional director decided (FRAUD, for good)."""
    case = _waiting_for_second(uow, ref, version)
    line, standing = _judged(uow, case, grounds_of(uow, case))
    if standing < (threshold := line.threshold(policy_of(uow))):
        raise RuleBroken(TOO_FEW_NOW.of(count=standing, threshold=threshold))
    case.also_decided_by = uow.actor.user_id
    _impose(uow, case, second=True)
    return case


def send_back(uow: UnitOfWork, ref: str, *, version: int, reason: str) -> Restriction:
    """The city's officer does not agree: the case is undecided again, with the reason."""
    case = _waiting_for_second(uow, ref, version)
    why = words(reason, field="reason")
    case.decided_by = case.decided_at = None
    case.decision_reason = ""
    case.details = {**case.details, "sent_back": why}
    changed(uow, case, "restriction.sent_back", reason=why)
    return case


def dismiss(uow: UnitOfWork, ref: str, *, version: int, reason: str) -> Restriction:
    """No restriction; the guardian is told if they were asked."""
    DECIDE.reach(uow.actor.role)
    case = _undecided(uow, ref, version)
    check_hands(uow, case, Step.DECIDE)
    why = words(reason, field="reason")
    case.decided_by, case.decided_at, case.decision_reason = uow.actor.user_id, uow.now, why
    move(uow, case, State.DISMISSED, reason=why)
    if case.statement_asked_at is not None or case.hold_until is not None:
        values = {"ground": Ground(case.ground).label, "reason": why}
        tell(uow, DISMISSED, subject_of_case(uow, case), values, about=case.id)
    return case


def awaits_second(case: Restriction) -> bool:
    """Decided by the first of two."""
    return case.state == State.STATEMENT and case.decided_by is not None


def _undecided(uow: UnitOfWork, ref: str, version: int) -> Restriction:
    """The case, nobody else counting or deciding about the household meanwhile (AS-13)."""
    case = case_by_ref(uow, ref)
    lock_subject(uow, subject_of_case(uow, case))
    case = case_by_ref(uow, ref, version=version)
    check_role(uow, Role.REGIONAL_DIRECTOR)
    if case.decided_by is not None:
        raise RuleBroken(WRONG_STEP)
    return case


def _waiting_for_second(uow: UnitOfWork, ref: str, version: int) -> Restriction:
    DECIDE.reach(uow.actor.role)
    case = case_by_ref(uow, ref, version=version)
    check_role(uow, Role.CITY_OFFICER)
    if not awaits_second(case):
        raise RuleBroken(NOT_WAITING)
    check_hands(uow, case, Step.SECOND)
    return case


def _impose(uow: UnitOfWork, case: Restriction, *, second: bool = False) -> None:
    """Decided; the notice goes out in the same breath. The second of two acts for the first."""
    roles = my_roles(uow) | {Role.REGIONAL_DIRECTOR} if second else my_roles(uow)
    if problem := step_problem(State(case.state), State.DECIDED, roles):
        raise RuleBroken(problem)
    before, case.state = State(case.state), State.DECIDED
    changed(uow, case, "restriction.decided", before=before, reason=case.decision_reason)
    notify(uow, case)


def _judged(uow: UnitOfWork, case: Restriction, events: Sequence[RestrictionEvent]) -> tuple[GroundRule, int]:
    """The ground it is decided under and how many events stand: the third conflict is the heavier ground, and is the
    plain one again when an earlier one was cancelled meanwhile (AS-12)."""
    own = sum(event.excused_at is None for event in events)
    if case.ground not in (Ground.CONFLICT, Ground.CONFLICTS):
        return line_of(Ground(case.ground)), own
    every = counted_events(uow, subject_of_case(uow, case))
    standing = sum(event.kind is EventKind.CONFLICT and not event.void for event in every)
    heavier = line_of(Ground.CONFLICTS)
    if standing >= heavier.threshold(policy_of(uow)):
        return heavier, standing
    return line_of(Ground.CONFLICT), own


def _single_months(uow: UnitOfWork, case: Restriction, policy: RestrictionPolicy) -> list[Restriction]:
    """The household's one-month restrictions that add up today, those overturned left out (AS-13)."""
    rows = uow.session.scalars(
        select(Restriction).where(
            of_subject(Restriction, subject_of_case(uow, case)),
            Restriction.service == Family.ANYTIME,
            Restriction.level == Level.M1,
            Restriction.starts_on.is_not(None),
            Restriction.state != State.OVERTURNED,
            Restriction.id != case.id,
        )
    )
    return [row for row in rows if row.starts_on is not None and adds_up(row.starts_on, uow.today, policy)]
