"""The notice: from its day the restriction has its dates, and the days for an objection run (AS-20, AS-21)."""

from __future__ import annotations

from app.documents.service.preparing import prepare_paper
from app.kernel.db import UnitOfWork
from app.kernel.texts import day_text, long_day
from app.people.models import Guardian
from app.restrictions import papers
from app.restrictions.messages import NOTICE
from app.restrictions.models import Restriction
from app.restrictions.policy import policy_of
from app.restrictions.rules.kinds import Family, Ground, State
from app.restrictions.rules.period import objection_due, span_from_notice
from app.restrictions.service.cases import grounds_of
from app.restrictions.service.taking import move, subject_of_case
from app.restrictions.subjects import Subject, office_of, tell
from app.tenancy.queries import holidays


def notify(uow: UnitOfWork, case: Restriction) -> None:
    """DECIDED → NOTIFIED: it starts tomorrow; paper and message go to the guardian."""
    case.starts_on, case.ends_on = span_from_notice(uow.today, case.months)
    send_notice(uow, case)
    move(uow, case, State.NOTIFIED, by_clock=True)


def send_notice(uow: UnitOfWork, case: Restriction) -> None:
    """Paper and message of a restriction that has its dates. A caller without a record gets the message alone."""
    case.notified_at = uow.now
    case.objection_due = objection_due(uow.today, policy_of(uow), holidays(uow))
    subject = subject_of_case(uow, case)
    if subject.guardian_id is not None:
        case.paper_id = _paper(uow, case, subject)
    values = {
        "ground": Ground(case.ground).label,
        "first": day_text(case.starts_on) if case.starts_on else "",
        "last": until_words(case),
        "objection": day_text(case.objection_due),
    }
    tell(uow, NOTICE, subject, values, about=case.id, institution_id=case.institution_id)


def until_words(case: Restriction) -> str:
    """2026년 12월 20일(일)까지, 기한 없이."""
    return f"{long_day(case.ends_on)}까지" if case.ends_on else "기한 없이"


def _paper(uow: UnitOfWork, case: Restriction, subject: Subject) -> int:
    guardian = uow.session.get_one(Guardian, subject.guardian_id)
    office = office_of(uow, case.institution_id)
    if case.service == Family.DAYCARE:
        form, data = papers.DAYCARE_NOTICE, papers.daycare_data(uow, case, guardian, office)
    else:
        form = papers.ANYTIME_NOTICE
        data = papers.anytime_data(uow, case, guardian, grounds_of(uow, case), office)
    return prepare_paper(
        uow,
        form,
        data,
        subject="restriction",
        subject_id=case.id,
        institution_id=office.id,
        guardian_id=guardian.id,
    ).id
