"""What stands against a household, as the rules count it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from app.kernel.db import UnitOfWork
from app.kernel.ranges import kst_date
from app.restrictions.models import Restriction, RestrictionEvent, RestrictionGround
from app.restrictions.policy import policy_of
from app.restrictions.rules.counting import CountedEvent, Tally, tallies
from app.restrictions.rules.kinds import VOID, EventKind, Ground, State
from app.restrictions.subjects import Subject, of_subject


def counted_events(uow: UnitOfWork, subject: Subject) -> list[CountedEvent]:
    """Everything that was not excused, oldest first."""
    rows = uow.session.scalars(
        select(RestrictionEvent)
        .where(of_subject(RestrictionEvent, subject), RestrictionEvent.excused_at.is_(None))
        .order_by(RestrictionEvent.occurred_on, RestrictionEvent.id)
    ).all()
    cases = defaultdict(list)
    for event_id, ground, state, created_at in uow.session.execute(
        select(RestrictionGround.event_id, Restriction.ground, Restriction.state, Restriction.created_at)
        .join(Restriction, Restriction.id == RestrictionGround.restriction_id)
        .where(RestrictionGround.event_id.in_([row.id for row in rows]))
    ):
        cases[event_id].append((Ground(ground), State(state), kst_date(created_at)))
    return [
        CountedEvent(
            row.id,
            EventKind(row.kind),
            row.service,
            row.occurred_on,
            spent=frozenset(ground for ground, *_ in cases[row.id]),
            void=_void([(ground, state) for ground, state, _ in cases[row.id]]),
            opened_today=any(day == uow.today for *_, day in cases[row.id]),
        )
        for row in rows
    ]


def _void(cases: Sequence[tuple[Ground, State]]) -> bool:
    """Dismissed or overturned where it was judged by itself; the case of several conflicts speaks for its last one."""
    own = [state for ground, state in cases if ground is not Ground.CONFLICTS] or [
        state for _, state in cases
    ]
    return bool(own) and all(state in VOID for state in own)


def standing_now(uow: UnitOfWork, subject: Subject) -> list[Tally]:
    """What happened in the windows of today, whether or not a case rests on it yet, for the guardian (AS-23)."""
    events = [replace(event, spent=frozenset()) for event in counted_events(uow, subject) if not event.void]
    month, year = f"{uow.today:%Y-%m}", str(uow.today.year)
    return [
        tally
        for tally in tallies(events, policy_of(uow))
        if tally.threshold > 1 and tally.window in (month, year, "")
    ]


def window_words(tally: Tally) -> str:
    """이번 달, 올해, 모두."""
    length = len(tally.window)
    return {7: "이번 달에", 4: "올해", 0: "지금까지"}.get(length, "")
