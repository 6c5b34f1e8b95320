"""보육일지 of a class and operating day, and the food in it (AD-23, AD-24)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range

from app.daycare import actions
from app.daycare.journal_paper import issue_journal, void_journal
from app.daycare.models import DaycareClass, DaycareStay, Journal, Meal
from app.daycare.presence import there_on
from app.daycare.queries.agreements import agreements
from app.daycare.queries.ledgers import open_classes
from app.daycare.queries.place import DaycareRow, daycare_by_id, policy_of
from app.daycare.rules.days import operating_day, operating_span
from app.daycare.rules.journal import (
    DAY_AHEAD,
    NOT_CLOSED,
    PAGE_SIGNED,
    REOPEN_REASON,
    check_entries,
    check_meal_day,
    check_to_close,
    check_to_sign,
)
from app.daycare.rules.meals import check_meal
from app.daycare.rules.presence import presence
from app.daycare.rules.states import JOURNAL_STEPS, JournalState, StayState
from app.documents.models import Paper, Upload
from app.documents.rules import PaperState
from app.kernel import audit
from app.kernel.actions import Action
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem, RuleBroken, StaleVersion
from app.kernel.states import WRONG_STEP
from app.people.models import Child


@dataclass(frozen=True, slots=True)
class MealData:
    """``upload_id``: its picture; ``stays``: refs of those who ate, none for all of the class who may; ``amount`` in
    won for one child."""

    class_ref: str
    operating_day: date
    kind: str
    menu: str
    not_reused: bool
    upload_id: int | None
    amount: int = 0
    stays: tuple[str, ...] = ()


def write_journal(
    uow: UnitOfWork, class_ref: str, day: date, entries: Mapping[str, str], *, version: int = 0
) -> Journal:
    """Words by heading; ``version`` 0 opens the day's page. StaleVersion when somebody else wrote meanwhile."""
    group, daycare = _class(uow, class_ref, actions.WRITE_JOURNAL, lock=True)
    if day > operating_day(uow.now):
        raise RuleBroken(DAY_AHEAD)
    if problems := check_entries(entries):
        raise RuleBroken(problems)
    row = _page(uow, group, day)
    if (row.version if row else 0) != version:
        raise StaleVersion("journal")
    if row is None:
        _check_stands(uow, group, daycare, day)
        row = _new_page(uow, group, daycare, day)
    if row.state != JournalState.OPEN:
        raise RuleBroken(WRONG_STEP)
    row.entries = {key: words.strip() for key, words in entries.items() if words.strip()}
    row.teacher = row.teacher or uow.actor.name[:40]
    row.version += 1
    uow.session.flush()
    audit.record(uow, "daycare.journal_written", "journal", row.id)
    return row


def sign_journal(uow: UnitOfWork, ref: str, *, version: int) -> None:
    """By the teacher who wrote it, once what a day needs is there."""
    row = _open(uow, ref, actions.WRITE_JOURNAL, version)
    if refused := check_to_sign(row.entries):
        raise RuleBroken(refused)
    row.signed_by, row.signed_at = uow.actor.name[:40], uow.now
    _move(uow, row, JournalState.SIGNED, "daycare.journal_signed")


def reopen_journal(uow: UnitOfWork, ref: str, *, version: int, reason: str = "") -> None:
    """Something is missing: the signatures fall with the words they stood under.

    A closed page only the director opens, and with a reason: what was issued is void.
    """
    row = _open(uow, ref, actions.WRITE_JOURNAL, version)
    was_closed = row.state == JournalState.CLOSED
    if was_closed:
        actions.CLOSE_JOURNAL.check(uow.actor, row.daycare_id)
        if not reason.strip():
            raise RuleBroken(REOPEN_REASON)
    row.signed_by, row.signed_at = "", None
    row.closed_by, row.closed_at = "", None
    _move(uow, row, JournalState.OPEN, "daycare.journal_reopened", reason=reason)
    if was_closed:
        void_journal(uow, row, reason)


def close_journal(uow: UnitOfWork, ref: str, *, version: int) -> None:
    """By the director, after the last child of the day has left: the page is issued as a paper."""
    row = _open(uow, ref, actions.CLOSE_JOURNAL, version)
    if refused := closing_problem(uow, row.class_id, row.operating_day):
        raise RuleBroken(refused)
    row.closed_by, row.closed_at = uow.actor.name[:40], uow.now
    _move(uow, row, JournalState.CLOSED, "daycare.journal_closed")
    issue_journal(uow, row)


def closing_problem(uow: UnitOfWork, class_id: int, day: date) -> Problem | None:
    """Why a class's page of that day cannot be closed yet."""
    there = [
        seen
        for in_at, out_at in uow.session.execute(
            select(DaycareStay.in_at, DaycareStay.out_at).where(
                DaycareStay.class_id == class_id, there_on(day, uow.now)
            )
        )
        if (seen := presence(day, in_at, out_at, uow.now)) is not None
    ]
    span = operating_span(day)
    planned = uow.session.scalars(
        select(func.lower(DaycareStay.planned)).where(
            DaycareStay.class_id == class_id,
            DaycareStay.state == StayState.PLANNED,
            DaycareStay.planned.overlaps(Range(span.start, span.end, bounds="[)")),
        )
    ).all()
    return check_to_close(day, there, planned, uow.now)


def issue_closed_journal(uow: UnitOfWork, ref: str, *, version: int) -> None:
    """A closed page of which no paper is in force. Pressed again it changes nothing."""
    row = _open(uow, ref, actions.CLOSE_JOURNAL, version)
    if row.state != JournalState.CLOSED:
        raise RuleBroken(NOT_CLOSED)
    paper = uow.session.get(Paper, row.paper_id) if row.paper_id else None
    if paper is None or paper.state != PaperState.ISSUED:
        issue_journal(uow, row)
        audit.record(uow, "daycare.journal_issued", "journal", row.id)


def record_meal(uow: UnitOfWork, data: MealData) -> list[Meal]:
    """Food by agreement, with its picture (AD-23): one row for the class, which is food of the children who may have
    it, or one for each child that is named."""
    group, daycare = _class(uow, data.class_ref, actions.WRITE_JOURNAL, lock=True)
    if refused := check_meal_day(data.operating_day, uow.now):
        raise RuleBroken(refused)
    page = _page(uow, group, data.operating_day)
    if page is None:
        _check_stands(uow, group, daycare, data.operating_day)
    elif page.state != JournalState.OPEN:
        raise RuleBroken(PAGE_SIGNED)
    upload = uow.session.get(Upload, data.upload_id) if data.upload_id is not None else None
    policy = policy_of(uow, daycare, data.operating_day)
    there = _there(uow, group.id, data.operating_day)
    eaters = [_eater(there, ref) for ref in dict.fromkeys(data.stays)]
    agreed = agreements(uow, daycare.id, {one.child_id for one in there.values()})
    may = {child_id for child_id, word in agreed.items() if word.agreed}
    problems = check_meal(
        data.kind,
        data.menu,
        data.amount,
        not_reused=data.not_reused,
        pictured=upload is not None,
        cap=policy.meal_cap,
        agreed=bool(eaters or may or not there),
        without=[one.child for one in eaters if one.child_id not in may],
    )
    if problems or upload is None:
        raise RuleBroken(problems)
    rows = [
        Meal(
            daycare_id=daycare.id,
            class_id=group.id,
            operating_day=data.operating_day,
            stay_id=stay_id,
            kind=data.kind,
            menu=data.menu.strip()[:200],
            amount=data.amount,
            not_reused=data.not_reused,
            upload_id=upload.id,
            created_at=uow.now,
            created_by=uow.actor.user_id,
        )
        for stay_id in (*(one.stay_id for one in eaters),) or (None,)
    ]
    uow.session.add_all(rows)
    uow.session.flush()
    for row in rows:
        audit.record(uow, "daycare.meal", "meal", row.id, diff={"amount": [None, data.amount]})
    return rows


@dataclass(frozen=True, slots=True)
class _Eater:
    stay_id: int
    child_id: int
    child: str


def _there(uow: UnitOfWork, class_id: int, day: date) -> dict[str, _Eater]:
    """Who came to the class that day, by the ref of the stay; a class without children may wait for them."""
    rows = uow.session.execute(
        select(DaycareStay.ref, DaycareStay.id, Child.id, Child.name)
        .join(Child, Child.id == DaycareStay.child_id)
        .where(
            DaycareStay.class_id == class_id,
            there_on(day, uow.now),
        )
        .order_by(DaycareStay.id)
    )
    return {ref: _Eater(stay_id, child_id, name) for ref, stay_id, child_id, name in rows}


def _eater(there: Mapping[str, _Eater], ref: str) -> _Eater:
    if ref not in there:
        raise NotFound("daycare_stay")
    return there[ref]


def _class(
    uow: UnitOfWork, ref: str, action: Action, *, lock: bool = False
) -> tuple[DaycareClass, DaycareRow]:
    """``lock``: two teachers who open the same day's page do it one after the other."""
    wanted = select(DaycareClass).where(DaycareClass.ref == ref)
    row = uow.session.scalars(wanted.with_for_update(key_share=True) if lock else wanted).first()
    if row is None:
        raise NotFound("daycare_class")
    action.check(uow.actor, row.daycare_id)
    return row, daycare_by_id(uow, row.daycare_id)


def _page(uow: UnitOfWork, group: DaycareClass, day: date) -> Journal | None:
    return uow.session.scalars(
        select(Journal)
        .where(Journal.class_id == group.id, Journal.operating_day == day)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def _check_stands(uow: UnitOfWork, group: DaycareClass, daycare: DaycareRow, day: date) -> None:
    """NotFound for a class that has no page that day: not on duty, and nobody was in it."""
    lived_in = select(DaycareStay.id).where(DaycareStay.class_id == group.id, there_on(day, uow.now)).limit(1)
    stands = group.starts_on <= day and (group.ends_on is None or day <= group.ends_on)
    if not stands or (
        group.id not in open_classes(uow, daycare, day) and uow.session.scalar(lived_in) is None
    ):
        raise NotFound("daycare_class")


def _new_page(uow: UnitOfWork, group: DaycareClass, daycare: DaycareRow, day: date) -> Journal:
    row = Journal(
        daycare_id=daycare.id,
        class_id=group.id,
        operating_day=day,
        entries={},
        state=JournalState.OPEN,
        created_at=uow.now,
        created_by=uow.actor.user_id,
        version=0,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def _open(uow: UnitOfWork, ref: str, action: Action, version: int) -> Journal:
    row = uow.session.scalars(
        select(Journal).where(Journal.ref == ref).with_for_update().execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("journal")
    action.check(uow.actor, row.daycare_id)
    if row.version != version:
        raise StaleVersion("journal")
    return row


def _move(uow: UnitOfWork, row: Journal, after: JournalState, action: str, *, reason: str = "") -> None:
    before = JournalState(row.state)
    if refused := JOURNAL_STEPS.check(before, after, uow.actor.role.value):
        raise RuleBroken(refused)
    row.state = after
    row.version += 1
    uow.session.flush()
    words = reason.strip()[:300] or None
    audit.record(uow, action, "journal", row.id, from_state=before, to_state=after, reason=words)
