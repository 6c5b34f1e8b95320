"""Something happened: it is written down, excused, or adds up to a case (AS-03 – AS-12, AS-23)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.kernel import audit
from app.kernel.calendar import reception_number
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem, RuleBroken, StaleVersion
from app.kernel.numbering import next_number
from app.kernel.ranges import kst_date
from app.people.phones import phone_problem
from app.restrictions.actions import EXCUSE_EVENT
from app.restrictions.messages import WARNING
from app.restrictions.models import Restriction, RestrictionEvent, RestrictionGround
from app.restrictions.policy import policy_of
from app.restrictions.queries.counters import counted_events, window_words
from app.restrictions.rules.counting import (
    ENDS,
    EXCUSED,
    IN_THE_FUTURE,
    NO_SUBJECT,
    PHONE_ONLY_DEMAND,
    SAME_END,
    Tally,
    due_cases,
    elsewhere_problem,
    tallies,
    unpaid_due,
    unpaid_problem,
    warnings,
)
from app.restrictions.rules.grounds import Window
from app.restrictions.rules.kinds import BINDING, UNDECIDED, EventKind, Family, State
from app.restrictions.service.taking import changed, words
from app.restrictions.subjects import Subject, lock_subject, of_subject, subject_of, tell
from app.tenancy.models import Tenant
from app.tenancy.queries import holidays


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What somebody saw. ``guardian_id`` or ``phone``; ``source``/``source_id``: the row it arises from, counted once.

    ``occurred_at``: for unpaid amounts and what happens in a service, a moment of its service date.
    ``owed``: what is still to pay of an unpaid amount, in won.
    """

    kind: EventKind
    service: str
    occurred_at: datetime
    guardian_id: int | None = None
    phone: str = ""
    child_id: int | None = None
    institution_id: int | None = None
    note: str = ""
    upload_id: int | None = None
    source: str = ""
    source_id: int | None = None
    owed: int = 1


def record_event(uow: UnitOfWork, new: NewEvent) -> RestrictionEvent:
    """Write it down, then open what is due and warn one event before (AS-23). Rooms above call this.

    The same source row of the same kind is one event: the second call brings the first one's. Raises RuleBroken.
    """
    subject = whose(uow, new)
    lock_subject(uow, subject)
    if known := _known(uow, new):
        return known
    if problems := _problems(uow, subject, new):
        raise RuleBroken(problems)
    row = RestrictionEvent(
        **subject.columns,
        child_id=new.child_id,
        service=new.service,
        institution_id=new.institution_id,
        kind=new.kind,
        occurred_on=kst_date(new.occurred_at),
        occurred_at=new.occurred_at,
        note=new.note.strip(),
        upload_id=new.upload_id,
        source=new.source,
        source_id=new.source_id,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(row)
    uow.session.flush()
    audit.record(uow, "restriction.event", "restriction_event", row.id, diff={"kind": [None, new.kind]})
    settle(uow, subject)
    return row


def whose(uow: UnitOfWork, new: NewEvent) -> Subject:
    """The guardian it is written down for, or a number that can be one's. Raises RuleBroken beside the number."""
    if new.guardian_id is None:
        if not new.phone.strip():
            raise RuleBroken(NO_SUBJECT)
        if problem := phone_problem(new.phone):
            raise RuleBroken(problem)
    return subject_of(uow, new.guardian_id, new.phone)


def _known(uow: UnitOfWork, new: NewEvent) -> RestrictionEvent | None:
    if new.source_id is None:
        return None
    return uow.session.scalars(
        select(RestrictionEvent).where(
            RestrictionEvent.source == new.source,
            RestrictionEvent.source_id == new.source_id,
            RestrictionEvent.kind == new.kind,
        )
    ).first()


def _problems(uow: UnitOfWork, subject: Subject, new: NewEvent) -> list[Problem]:
    problems = []
    if new.occurred_at > uow.now:
        problems.append(IN_THE_FUTURE)
    if subject.guardian_id is None and new.kind is not EventKind.DEMAND:
        problems.append(PHONE_ONLY_DEMAND)
    if problem := elsewhere_problem(new.kind, new.service):
        problems.append(problem)
    if new.kind is EventKind.UNPAID:
        policy = policy_of(uow)
        day = kst_date(new.occurred_at)
        due = unpaid_due(day, policy.unpaid_days, holidays(uow), rolls=policy.deadline_rolls)
        if problem := unpaid_problem(new.owed, due, uow.today):
            problems.append(problem)
    if new.kind in ENDS and (other := _other_end(uow, subject, new)):
        problems.append(SAME_END.of(other=other.label))
    return problems


def _other_end(uow: UnitOfWork, subject: Subject, new: NewEvent) -> EventKind | None:
    """The same late end written down as the other kind: of that day, and neither the child nor the service it arose
    from is known to be another (AS-09)."""
    other = next(kind for kind in ENDS if kind is not new.kind)
    same = select(RestrictionEvent.id).where(
        of_subject(RestrictionEvent, subject),
        RestrictionEvent.kind == other,
        RestrictionEvent.occurred_on == kst_date(new.occurred_at),
        RestrictionEvent.excused_at.is_(None),
    )
    if new.child_id is not None:
        same = same.where(RestrictionEvent.child_id.is_(None) | (RestrictionEvent.child_id == new.child_id))
    if new.source_id is not None:
        same = same.where(
            RestrictionEvent.source_id.is_(None) | (RestrictionEvent.source_id == new.source_id)
        )
    return other if uow.session.scalars(same.limit(1)).first() else None


def excuse_event(uow: UnitOfWork, ref: str, *, version: int, reason: str) -> RestrictionEvent:
    """It counts nowhere any more. Raises RuleBroken, StaleVersion, NotFound."""
    EXCUSE_EVENT.reach(uow.actor.role)
    row = uow.session.scalars(
        select(RestrictionEvent)
        .where(RestrictionEvent.ref == ref)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("restriction_event")
    if row.version != version:
        raise StaleVersion("restriction_event")
    if row.excused_at is not None:
        raise RuleBroken(EXCUSED)
    row.excused_reason, row.excused_at = words(reason, field="reason"), uow.now
    row.version += 1
    audit.record(uow, "restriction.excuse", "restriction_event", row.id, reason=reason.strip())
    _hollow(uow, row)
    return row


def _hollow(uow: UnitOfWork, event: RestrictionEvent) -> None:
    """A restriction that rests on it binds on, and whoever opens the case sees that a reason is gone."""
    resting = (
        select(Restriction)
        .join(RestrictionGround, RestrictionGround.restriction_id == Restriction.id)
        .where(RestrictionGround.event_id == event.id, Restriction.state.in_(BINDING))
    )
    for case in uow.session.scalars(resting.order_by(Restriction.id).with_for_update(of=Restriction)):
        case.details = {**case.details, "hollow": True}
        changed(uow, case, "restriction.hollow")


def settle(uow: UnitOfWork, subject: Subject) -> None:
    """Make cases agree with events: further ones join an open case, full windows open one, the last step warns.

    The subject is locked. Doing it twice changes nothing (J-28).
    """
    policy = policy_of(uow)
    _join(uow, subject, tallies(counted_events(uow, subject), policy))
    for tally in due_cases(counted_events(uow, subject), policy):
        open_case(uow, subject, tally)
    for tally in warnings(counted_events(uow, subject), policy, uow.today):
        _warn(uow, subject, tally)


def _join(uow: UnitOfWork, subject: Subject, found: Collection[Tally]) -> None:
    """An event of a window about which a case is still undecided belongs to that case."""
    cases = {
        (case.ground, case.details.get("window")): case
        for case in uow.session.scalars(
            select(Restriction).where(of_subject(Restriction, subject), Restriction.state.in_(UNDECIDED))
        )
    }
    for tally in found:
        case = cases.get((tally.line.ground, tally.window))
        if case is not None and tally.line.window is not Window.EACH:
            _add_grounds(uow, case, tally.events)


def open_case(uow: UnitOfWork, subject: Subject, tally: Tally) -> Restriction:
    """A case in its first state, resting on these events (AS-17)."""
    single = tally.line.window is Window.EACH
    events = [uow.session.get_one(RestrictionEvent, event) for event in tally.events]
    case = Restriction(
        number=case_number(uow),
        **subject.columns,
        service=Family.ANYTIME,
        ground=tally.line.ground,
        level=tally.line.level,
        state=State.REPORTED,
        report=events[-1].note if single else "",
        reported_by=events[-1].created_by if single else None,
        document_id=events[-1].upload_id if tally.line.needs_document else None,
        details={"window": tally.window},
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(case)
    uow.session.flush()
    _add_grounds(uow, case, tally.events)
    audit.record(
        uow,
        "restriction.reported",
        "restriction",
        case.id,
        to_state=State.REPORTED,
        diff={"ground": [None, case.ground], "events": [None, tally.count]},
    )
    return case


def _add_grounds(uow: UnitOfWork, case: Restriction, events: Collection[int]) -> None:
    there = set(
        uow.session.scalars(
            select(RestrictionGround.event_id).where(RestrictionGround.restriction_id == case.id)
        )
    )
    uow.session.add_all(
        RestrictionGround(restriction_id=case.id, event_id=event) for event in events if event not in there
    )
    uow.session.flush()


def case_number(uow: UnitOfWork) -> str:
    """R2026-23-0001 (GC-17)."""
    code = uow.session.scalar(select(Tenant.code).where(Tenant.slug == uow.tenant.slug)) or "00"
    year = uow.today.year
    return "R" + reception_number(year, code, next_number(uow, "restriction", "ANYTIME", year))


def _warn(uow: UnitOfWork, subject: Subject, tally: Tally) -> None:
    line = tally.line
    whose = subject.guardian_id or subject.phone
    tell(
        uow,
        WARNING,
        subject,
        {
            "kind": line.kind.label,
            "window": window_words(tally),
            "count": tally.count,
            "threshold": tally.threshold,
        },
        entity="restriction_event",
        about=tally.events[-1],
        key=f"restriction.warning|{whose}|{line.ground}|{tally.window}|{tally.count}|{tally.events[-1]}",
    )
