"""급·간식 합의 after the application: agreed or taken back by telephone, at the door or on the guardian's own page.

The signed application stays as it was signed; what was said later stands beside it with its history (AD-23, GC-18).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.daycare import actions
from app.daycare.messages import MEALS_SAID
from app.daycare.models import ApplicationGuardian, DaycareApplication
from app.daycare.queries.agreements import SAID
from app.daycare.queries.place import daycare_by_id
from app.daycare.rules.meals import NO_ANSWER, check_agreement
from app.daycare.rules.states import ApplicationState, Channel
from app.daycare.service.opening import open_application
from app.kernel import audit
from app.kernel.actions import Action
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.states import WRONG_STEP
from app.messaging.service import plan_message
from app.people.models import Guardian

A = ApplicationState
STANDS = frozenset({A.SUBMITTED, A.ACCEPTED, A.RETURNED, A.OUTDATED})
BY = {Channel.PHONE: "전화로", Channel.VISIT: "방문해서"}
ANSWERS = {True: "합의함", False: "합의하지 않음"}


@dataclass(frozen=True, slots=True)
class Word:
    """``said_by``: a guardian of the application, by name; ``how``: PHONE or VISIT."""

    agreed: bool | None
    said_by: str
    how: str
    said_at: datetime


def record_agreement(uow: UnitOfWork, application_ref: str, word: Word, *, version: int) -> None:
    """Staff write down what a guardian said; the family is told what was written. Raises RuleBroken."""
    row = _standing(uow, application_ref, actions.HEAR_AGREEMENT, version)
    known = uow.session.scalars(
        select(ApplicationGuardian.name).where(ApplicationGuardian.application_id == row.id)
    ).all()
    problems = check_agreement(word.said_by, known, word.how, word.said_at, uow.now)
    if word.agreed is None:
        problems.insert(0, NO_ANSWER)
    if problems or word.agreed is None:
        raise RuleBroken(problems)
    _write(uow, row, word.agreed, word.said_by, Channel(word.how), word.said_at, uow.actor.name)
    place = daycare_by_id(uow, row.daycare_id)
    plan_message(
        uow,
        MEALS_SAID,
        uow.session.get_one(Guardian, row.guardian_id).phone,
        {
            "daycare": place.name,
            "phone": place.phone,
            "how": BY[Channel(word.how)],
            "who": word.said_by,
            "answer": ANSWERS[word.agreed],
        },
        subject="daycare_application",
        subject_id=row.id,
    )


def answer_agreement(uow: UnitOfWork, application_ref: str, agreed: bool | None, *, version: int) -> None:
    """The guardian who applied, on the own page."""
    row = _standing(uow, application_ref, actions.AGREE_MEALS, version)
    if agreed is None:
        raise RuleBroken(NO_ANSWER)
    _write(uow, row, agreed, uow.actor.name, Channel.ONLINE, uow.now, "")


def _write(
    uow: UnitOfWork,
    row: DaycareApplication,
    agreed: bool,
    by: str,
    how: Channel,
    at: datetime,
    recorded_by: str,
) -> None:
    note = {
        "agreed": agreed,
        "by": by,
        "how": how.value,
        "at": at.isoformat(),
        "recorded_by": recorded_by,
        "recorded_at": uow.now.isoformat(),
    }
    before = bool(row.consents.get("meals"))
    row.consents = {**row.consents, "meals": agreed}
    row.checks = {**row.checks, "meals": note}
    row.version += 1
    uow.session.flush()
    audit.record(uow, SAID, "daycare_application", row.id, diff={"meals": [before, note]})


def _standing(uow: UnitOfWork, ref: str, action: Action, version: int) -> DaycareApplication:
    row = open_application(uow, ref, action, version)
    if row.state == A.DRAFT:
        raise NotFound("daycare_application")
    if row.state not in STANDS:
        raise RuleBroken(WRONG_STEP)
    return row
