"""What happens by itself: the first day, the last day, and counters that agree with cases (AS-20, AS-22)."""

from __future__ import annotations

from sqlalchemy import select, update

from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.jobs import first_time
from app.kernel.texts import long_day
from app.restrictions import hooks
from app.restrictions.messages import BEGUN, EXPIRED
from app.restrictions.models import Restriction, RestrictionEvent
from app.restrictions.rules.kinds import BINDING, BINDS, Family, Level, State
from app.restrictions.service.events import settle
from app.restrictions.service.notice import until_words
from app.restrictions.service.remaining import again_words
from app.restrictions.service.taking import in_force, move, subject_of_case
from app.restrictions.subjects import (
    Subject,
    household_children,
    lock_subject,
    of_subject,
    subject_of,
    tell,
)

BEGIN, EXPIRE = "J-55", "J-29"


def begin(uow: UnitOfWork, case_id: int) -> None:
    """The first day: services inside are cancelled without fee, lighter ones are replaced, the guardian is told."""
    case = _locked(uow, case_id)
    if not in_force(uow, case) or case.starts_on is None or case.starts_on > uow.today:
        return
    if not first_time(uow, BEGIN, str(case.id)):
        return
    if case.state == State.NOTIFIED:
        move(uow, case, State.ACTIVE, by_clock=True)
    _replace_lighter(uow, case)
    subject = subject_of_case(uow, case)
    children = household_children(uow, subject.guardian_id)
    lines = hooks.begun(
        uow,
        hooks.Begun(
            restriction_id=case.id,
            ref=case.ref,
            guardian_id=subject.guardian_id,
            child_ids=frozenset(child.id for child in children),
            services=BINDS[Family(case.service)],
            institution_id=case.institution_id,
            first=case.starts_on,
            last=case.ends_on,
        ),
    )
    said = (
        "\n".join(["이 기간의 예약을 취소했어요. 수수료는 없어요.", *lines])
        if lines
        else "취소된 예약은 없어요."
    )
    values = {"last": until_words(case), "cancelled": said}
    tell(uow, BEGUN, subject, values, about=case.id, institution_id=case.institution_id)


def _replace_lighter(uow: UnitOfWork, case: Restriction) -> None:
    """For good replaces all that runs (AS-16); six months replace the running month (AS-13); others run beside it."""
    lighter = {
        Level.PERMANENT: [Level.M1, Level.M3, Level.M6, Level.YEAR],
        Level.M6: [Level.M1] if case.details.get("accumulated") else [],
    }.get(Level(case.level), [])
    if case.service != Family.ANYTIME or not lighter:
        return
    running = select(Restriction).where(
        of_subject(Restriction, subject_of_case(uow, case)),
        Restriction.service == Family.ANYTIME,
        Restriction.level.in_(lighter),
        Restriction.state.in_(BINDING),
        Restriction.id != case.id,
    )
    for row in uow.session.scalars(running.order_by(Restriction.id).with_for_update()):
        row.replaced_by_id = case.id
        move(uow, row, State.REPLACED, by_clock=True)


def expire(uow: UnitOfWork, case_id: int) -> None:
    """The day after the last one (AS-22). Access has known since midnight; this tells the guardian."""
    case = _locked(uow, case_id)
    if case.state not in BINDING or case.ends_on is None or case.ends_on >= uow.today:
        return
    move(uow, case, State.EXPIRED, by_clock=True)
    values = {"last": long_day(case.ends_on), "again": again_words(uow, case)}
    tell(
        uow,
        EXPIRED,
        subject_of_case(uow, case),
        values,
        about=case.id,
        institution_id=case.institution_id,
        key=f"{EXPIRE}|{case.id}",
    )


def reconcile(uow: UnitOfWork, guardian_id: int | None, phone: str) -> None:
    """Events written down for a number that has registered become the guardian's; then missing cases open (J-28)."""
    subject = subject_of(uow, guardian_id, phone)
    lock_subject(uow, subject)
    if subject.guardian_id is not None:
        adopt(uow, subject)
    settle(uow, subject)


def adopt(uow: UnitOfWork, subject: Subject) -> None:
    """What stood against the number stands against whoever registered it (AS-06)."""
    for table in (RestrictionEvent, Restriction):
        rows = uow.session.scalars(
            update(table)
            .where(of_subject(table, Subject(None, subject.phone)))
            .values(guardian_id=subject.guardian_id, phone="")
            .returning(table.id)
        ).all()
        for row in rows:
            audit.record(
                uow,
                "restriction.adopted",
                table.__tablename__,
                row,
                diff={"guardian_id": [None, subject.guardian_id]},
            )


def _locked(uow: UnitOfWork, case_id: int) -> Restriction:
    return uow.session.scalars(
        select(Restriction)
        .where(Restriction.id == case_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
