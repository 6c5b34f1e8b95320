"""What an office writes down by hand (AS-06 – AS-15): not too old, and not once more without saying so."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import or_, select

from app.documents.uploads import store_upload
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem, RuleBroken
from app.kernel.ranges import kst_date
from app.kernel.texts import day_text
from app.restrictions.actions import ENTER_EVENT
from app.restrictions.models import RestrictionEvent
from app.restrictions.rules.counting import TWICE, age_problem
from app.restrictions.service.events import NewEvent, record_event, whose
from app.restrictions.service.taking import Handed, words
from app.restrictions.subjects import Subject, household_guardians, lock_subject, of_subject


def enter_event(
    uow: UnitOfWork, new: NewEvent, proof: Handed | None = None, *, again: bool = False
) -> RestrictionEvent:
    """By an office, with what proves it. ``again``: it is another one than that of the same day. Raises RuleBroken."""
    ENTER_EVENT.reach(uow.actor.role)
    words(new.note, field="note")
    subject = whose(uow, new)
    lock_subject(uow, subject)
    if problem := age_problem(kst_date(new.occurred_at), uow.today):
        raise RuleBroken(problem)
    if not again and new.source_id is None and (problem := _twice(uow, subject, new)):
        raise RuleBroken(problem)
    if proof is not None and new.guardian_id is not None:
        kept = store_upload(
            uow,
            owner="guardian",
            owner_id=new.guardian_id,
            kind="restriction",
            filename=proof.filename,
            content=proof.content,
        )
        new = replace(new, upload_id=kept.id)
    return record_event(uow, new)


def _twice(uow: UnitOfWork, subject: Subject, new: NewEvent) -> Problem | None:
    """The same kind on the same day at the same service, of the same household and child, or of a child nobody
    named."""
    day = kst_date(new.occurred_at)
    of_household = [of_subject(RestrictionEvent, subject)]
    if subject.guardian_id is not None:
        of_household.append(RestrictionEvent.guardian_id.in_(household_guardians(subject.guardian_id)))
    same = select(RestrictionEvent.id).where(
        or_(*of_household),
        RestrictionEvent.kind == new.kind,
        RestrictionEvent.service == new.service,
        RestrictionEvent.occurred_on == day,
        RestrictionEvent.excused_at.is_(None),
    )
    if new.child_id is not None:
        same = same.where(RestrictionEvent.child_id.is_(None) | (RestrictionEvent.child_id == new.child_id))
    found = uow.session.scalars(same.limit(1)).first()
    return TWICE.of(day=day_text(day), kind=new.kind.label) if found else None
