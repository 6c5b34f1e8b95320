"""A case under its lock, and one step of it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.kernel import audit
from app.kernel.actor import REGIONAL_STAFF, Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Forbidden, NotFound, Problem, RuleBroken, StaleVersion
from app.restrictions.models import Restriction
from app.restrictions.queries.takers import hands_of
from app.restrictions.rules.barring import barred
from app.restrictions.rules.kinds import BINDING, Family, State
from app.restrictions.rules.next_step import Step
from app.restrictions.rules.states import acts_as, seen_state, step_problem
from app.restrictions.subjects import Subject, regional_centre, subject_of

MOST_WORDS = 2000
NO_WORDS = Problem("restriction.no_words", N_("내용을 적어 주세요."), field="words")
TOO_MANY_WORDS = Problem("restriction.too_many_words", N_("{most}자 안으로 적어 주세요."), field="words")


@dataclass(frozen=True, slots=True)
class Handed:
    """A file somebody handed in."""

    filename: str
    content: bytes


def read_case(uow: UnitOfWork, ref: str) -> Restriction:
    """To look at, within the actor's reach. NotFound."""
    row = uow.session.scalars(select(Restriction).where(Restriction.ref == ref)).first()
    if row is None or not within_reach(uow, row):
        raise NotFound("restriction")
    return row


def case_by_ref(uow: UnitOfWork, ref: str, *, version: int | None = None) -> Restriction:
    """The case, locked, within the actor's reach. NotFound; StaleVersion when somebody was quicker."""
    row = uow.session.scalars(
        select(Restriction)
        .where(Restriction.ref == ref)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None or not within_reach(uow, row):
        raise NotFound("restriction")
    if version is not None and row.version != version:
        raise StaleVersion("restriction")
    return row


def within_reach(uow: UnitOfWork, case: Restriction) -> bool:
    """A guardian's own, once told of it; a daycare's own; 언제나돌봄's for the regional centre; all for the city."""
    actor = uow.actor
    if actor.role is Role.GUARDIAN:
        own = subject_of(uow, actor.guardian_id) if actor.guardian_id else None
        mine = own is not None and subject_of_case(uow, case).guardian_id == own.guardian_id
        return mine and (case.statement_asked_at is not None or case.notified_at is not None)
    if actor.role is Role.DAYCARE_DIRECTOR:
        return case.service == Family.DAYCARE and case.institution_id == actor.scope
    return actor.role not in REGIONAL_STAFF or case.service == Family.ANYTIME


def subject_of_case(uow: UnitOfWork, case: Restriction) -> Subject:
    return subject_of(uow, case.guardian_id, case.phone)


def in_force(uow: UnitOfWork, case: Restriction) -> bool:
    """It binds today or will; a last day that is over needs no clock (AS-22)."""
    return seen_state(State(case.state), case.starts_on, case.ends_on, uow.today) in BINDING


def my_roles(uow: UnitOfWork) -> frozenset[Role]:
    """Whose steps the actor takes here."""
    return acts_as(uow.actor.role, regional_centre=regional_centre(uow) is not None)


def check_role(uow: UnitOfWork, role: Role) -> None:
    """A step without a change of state that belongs to one role."""
    if role not in my_roles(uow):
        raise Forbidden(role.value)


def check_hands(uow: UnitOfWork, case: Restriction, step: Step) -> None:
    """RuleBroken for what is the actor's own."""
    if problem := barred(hands_of(uow, case), step, uow.actor.user_id):
        raise RuleBroken(problem)


def move(
    uow: UnitOfWork, case: Restriction, after: State, *, by_clock: bool = False, reason: str | None = None
) -> None:
    """One step of the table. Raises RuleBroken when it is not this role's, or not possible now."""
    before = State(case.state)
    roles = frozenset({Role.SYSTEM}) if by_clock else my_roles(uow)
    if problem := step_problem(before, after, roles):
        raise RuleBroken(problem)
    case.state = after
    changed(uow, case, f"restriction.{after.lower()}", before=before, reason=reason)


def changed(
    uow: UnitOfWork, case: Restriction, what: str, *, before: State | None = None, reason: str | None = None
) -> None:
    """Count the version up and write the audit row."""
    case.version += 1
    uow.session.flush()
    audit.record(
        uow,
        what,
        "restriction",
        case.id,
        from_state=before or case.state,
        to_state=case.state,
        reason=reason,
    )


def words(text: str, *, field: str = "words") -> str:
    """What somebody wrote, never empty. Raises RuleBroken."""
    text = text.strip()
    if not text:
        raise RuleBroken(NO_WORDS.of(field=field))
    if len(text) > MOST_WORDS:
        raise RuleBroken(TOO_MANY_WORDS.of(field=field, most=MOST_WORDS))
    return text
