"""The room's books: hand-over ledger (서식10), register (이용대장), journal (서식8); every reading is logged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from app.daycare import actions
from app.daycare.models import DaycareBooking, DaycareStay, Journal, Meal, PriorContact
from app.daycare.presence import there_on
from app.daycare.queries.agreements import Agreement, agreements
from app.daycare.queries.bookings import STAYS, StayRow, stay_rows
from app.daycare.queries.notes import DoseRow, doses_on
from app.daycare.queries.place import ClassRow, DaycareRow, classes_of, plan_of
from app.daycare.rules.days import operating_span
from app.daycare.rules.journal import HEADINGS
from app.daycare.rules.meals import MealKind
from app.daycare.rules.presence import Presence, presence
from app.daycare.rules.states import JournalState, StayState
from app.daycare.times import local
from app.documents.models import Upload
from app.fees.queries import ledgers_of
from app.incidents.queries import incidents_between
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.ranges import DateSpan
from app.kernel.texts import clock_text, phone_text
from app.people.models import Child, Guardian

SUBJECT = "daycare_booking"


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """One line of the hand-over ledger; signatures are strokes; ``prior_contact`` in words when somebody else came.

    The exit stands on the day of the exit; before it ``goes_on`` says that the child stays beyond the day.
    """

    stay_ref: str
    class_ref: str
    child: str
    birth_date: date
    in_at: datetime | None
    in_person: str
    in_signature: Sequence[Any] | None
    in_by: str
    out_at: datetime | None
    out_person: str
    out_signature: Sequence[Any] | None
    out_by: str
    prior_contact: str
    goes_on: bool


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One stay of the register (AD-32); ``paid``: what stayed of the booking's payments, in won.

    In the register of a day a stay that ``goes_on`` has no exit yet; hours and fee stand where it ends.
    """

    operating_day: date
    number: str
    child: str
    birth_date: date
    guardian: str
    phone: str
    start: datetime
    end: datetime
    in_at: datetime | None
    out_at: datetime | None
    used_minutes: int | None
    billed_hours: int | None
    government_hours: int
    amount: int | None
    paid: int
    balance: int
    in_person: str
    out_person: str
    in_signature: Sequence[Any] | None
    out_signature: Sequence[Any] | None
    state: StayState
    class_name: str
    violations: tuple[str, ...]
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class JournalChild:
    """``out_at`` None: still there, or, when it ``goes_on``, beyond the day. ``minutes``: of that day."""

    stay_ref: str
    child: str
    birth_date: date
    in_at: datetime
    out_at: datetime | None
    goes_on: bool
    minutes: int | None
    note: str
    food: Agreement | None
    """Whether the family agreed to food (AD-23)."""


@dataclass(frozen=True, slots=True)
class MealRow:
    """``children``: who ate, by name; empty when it was for all of the class whose families agreed. ``amount``: won for
    one child."""

    ref: str
    kind: MealKind
    menu: str
    amount: int
    children: tuple[str, ...]
    upload_id: int
    upload_ref: str


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One class's page of a day; ``ref`` None and version 0 while nobody has opened it."""

    ref: str | None
    id: int | None
    version: int
    class_id: int
    class_ref: str
    class_name: str
    operating_day: date
    state: JournalState
    teacher: str
    entries: dict[str, str]
    signed_by: str
    signed_at: datetime | None
    closed_by: str
    closed_at: datetime | None
    paper_id: int | None
    children: tuple[JournalChild, ...]
    meals: tuple[MealRow, ...]
    doses: tuple[DoseRow, ...]


def handover_rows(uow: UnitOfWork, daycare: DaycareRow, day: date) -> list[HandoverRow]:
    """Who came and who went on an operating day, in order of entry (AD-21)."""
    actions.LEDGERS.check(uow.actor, daycare.id)
    rows = uow.session.execute(
        select(DaycareStay, Child, PriorContact)
        .join(Child, Child.id == DaycareStay.child_id)
        .outerjoin(PriorContact, PriorContact.id == DaycareStay.prior_contact_id)
        .where(DaycareStay.daycare_id == daycare.id, there_on(day, uow.now))
        .order_by(DaycareStay.in_at, DaycareStay.id)
    ).all()
    refs = _class_refs(uow, daycare, day)
    lines = []
    for stay, child, call in rows:
        seen = presence(day, stay.in_at, stay.out_at, uow.now)
        if seen is not None and (seen.came or not seen.goes_on):
            lines.append(_handover_row(stay, child, call, refs.get(stay.class_id, ""), seen))
    audit.record_access(uow, "daycare.handover", "daycare", daycare.id, row_count=len(lines))
    return lines


def _handover_row(
    stay: DaycareStay, child: Child, call: PriorContact | None, class_ref: str, seen: Presence
) -> HandoverRow:
    left = seen.left
    return HandoverRow(
        stay.ref,
        class_ref,
        child.name,
        child.birth_date,
        _local(stay.in_at),
        stay.in_person,
        stay.in_signature,
        stay.in_by,
        _local(stay.out_at) if left else None,
        stay.out_person if left else "",
        stay.out_signature if left else None,
        stay.out_by if left else "",
        _contact_words(call) if left else "",
        seen.goes_on,
    )


def register_rows(uow: UnitOfWork, daycare: DaycareRow, first: date, last: date) -> list[RegisterRow]:
    """Every stay that began on these operating days, or should have (AD-32)."""
    return _register(
        uow,
        daycare,
        DaycareStay.operating_day.between(first, last) & (DaycareStay.state != StayState.CANCELLED),
    )


def register_of(uow: UnitOfWork, daycare: DaycareRow, day: date) -> list[RegisterRow]:
    """Every stay of one operating day, as that day saw it (AD-32)."""
    found = []
    for row in _register(uow, daycare, there_on(day, uow.now)):
        seen = presence(day, row.in_at, row.out_at, uow.now)
        if seen is not None:
            found.append(row if seen.left else _as_it_lasts(row, goes_on=seen.goes_on))
    return found


def _as_it_lasts(row: RegisterRow, *, goes_on: bool) -> RegisterRow:
    return replace(
        row,
        out_at=None,
        out_person="",
        out_signature=None,
        used_minutes=None,
        billed_hours=None,
        government_hours=0,
        amount=None,
        goes_on=goes_on,
    )


def _register(uow: UnitOfWork, daycare: DaycareRow, wanted: ColumnElement[bool]) -> list[RegisterRow]:
    actions.LEDGERS.check(uow.actor, daycare.id)
    found = uow.session.execute(
        select(DaycareStay, DaycareBooking, Guardian)
        .join(DaycareBooking, DaycareBooking.id == DaycareStay.booking_id)
        .join(Guardian, Guardian.id == DaycareBooking.guardian_id)
        .where(DaycareStay.daycare_id == daycare.id, wanted)
    ).all()
    about = {stay.id: (stay, booking, guardian) for stay, booking, guardian in found}
    rows = stay_rows(uow, STAYS.where(DaycareStay.id.in_(list(about))))
    ledgers = ledgers_of(uow, SUBJECT, {booking.id for _, booking, _ in found})
    audit.record_access(uow, "daycare.register", "daycare", daycare.id, row_count=len(rows))
    return [_register_row(row, *about[row.id], ledgers[about[row.id][1].id]) for row in rows]


def journals(uow: UnitOfWork, daycare: DaycareRow, day: date) -> list[JournalRow]:
    """One page for every class that is open that day or has a child in it, begun or not (AD-24)."""
    actions.WRITE_JOURNAL.check(uow.actor, daycare.id)
    pages = {
        row.class_id: row
        for row in uow.session.scalars(
            select(Journal).where(Journal.daycare_id == daycare.id, Journal.operating_day == day)
        )
    }
    stays = stay_rows(uow, STAYS.where(DaycareStay.daycare_id == daycare.id, there_on(day, uow.now)))
    there = [
        (row, seen) for row in stays if (seen := presence(day, row.in_at, row.out_at, uow.now)) is not None
    ]
    lived_in = {row.class_ref for row in stays}
    meals = _meals(uow, daycare, day)
    doses = doses_on(uow, daycare, day, {row.id for row in stays})
    food = agreements(uow, daycare.id, {row.child_id for row in stays})
    open_now = open_classes(uow, daycare, day)
    audit.record_access(uow, "daycare.journal", "daycare", daycare.id, row_count=len(stays))
    return [
        _journal_row(
            group,
            day,
            pages.get(group.id),
            [(row, seen) for row, seen in there if row.class_ref == group.ref],
            meals[group.id],
            doses,
            food,
        )
        for group in classes_of(uow, daycare.id, day)
        if group.id in pages or group.ref in lived_in or group.id in open_now
    ]


def incident_lines(uow: UnitOfWork, daycare_id: int, day: date) -> list[str]:
    """What happened on an operating day, for its journal: when, whom, what kind, and when a guardian knew."""
    span = operating_span(day)
    lines = []
    for row in incidents_between(uow, daycare_id, span.start, span.end):
        told = f"{clock_text(row.notified_at)} 보호자에게 알림" if row.notified_at else "알리기 전"
        lines.append(f"{clock_text(row.happened_at)} {row.child} {row.kind.label} ({told})")
    return lines


def open_classes(uow: UnitOfWork, daycare: DaycareRow, day: date) -> set[int]:
    """Ids of the classes somebody is on duty in that day."""
    plan = plan_of(uow, daycare, DateSpan(day, day))
    return {group.id for group in plan.groups if group.duties}


def _class_refs(uow: UnitOfWork, daycare: DaycareRow, day: date) -> dict[int, str]:
    return {row.id: row.ref for row in classes_of(uow, daycare.id, day)}


def _journal_row(
    group: ClassRow,
    day: date,
    page: Journal | None,
    mine: Sequence[tuple[StayRow, Presence]],
    meals: Sequence[MealRow],
    doses: Sequence[DoseRow],
    food: Mapping[int, Agreement],
) -> JournalRow:
    stays = {row.ref for row, _ in mine}
    return JournalRow(
        page.ref if page else None,
        page.id if page else None,
        page.version if page else 0,
        group.id,
        group.ref,
        group.name,
        day,
        JournalState(page.state) if page else JournalState.OPEN,
        page.teacher if page else "",
        {key: page.entries[key] for key in HEADINGS if page and key in page.entries},
        page.signed_by if page else "",
        _local(page.signed_at) if page else None,
        page.closed_by if page else "",
        _local(page.closed_at) if page else None,
        page.paper_id if page else None,
        tuple(_journal_child(row, seen, food.get(row.child_id)) for row, seen in mine),
        tuple(meals),
        tuple(dose for dose in doses if dose.stay_ref in stays),
    )


def _journal_child(row: StayRow, seen: Presence, food: Agreement | None) -> JournalChild:
    return JournalChild(
        row.ref,
        row.child,
        row.birth_date,
        seen.in_at,
        seen.out_at if seen.left else None,
        seen.goes_on,
        seen.minutes,
        row.note,
        food,
    )


def _meals(uow: UnitOfWork, daycare: DaycareRow, day: date) -> dict[int, list[MealRow]]:
    """By class; what several children ate of one plate is one row."""
    found: dict[int, list[MealRow]] = defaultdict(list)
    rows = uow.session.execute(
        select(Meal, Upload.ref, Child.name)
        .join(Upload, Upload.id == Meal.upload_id)
        .outerjoin(DaycareStay, DaycareStay.id == Meal.stay_id)
        .outerjoin(Child, Child.id == DaycareStay.child_id)
        .where(Meal.daycare_id == daycare.id, Meal.operating_day == day)
        .order_by(Meal.id)
    )
    for meal, upload_ref, child in rows:
        told, names = found[meal.class_id], (child,) if child else ()
        row = MealRow(
            meal.ref, MealKind(meal.kind), meal.menu, meal.amount, names, meal.upload_id, upload_ref
        )
        if names and told and replace(told[-1], ref=row.ref, children=names) == row and told[-1].children:
            told[-1] = replace(told[-1], children=(*told[-1].children, *names))
        else:
            told.append(row)
    return found


def _register_row(
    row: StayRow, stay: DaycareStay, booking: DaycareBooking, guardian: Guardian, ledger: Any
) -> RegisterRow:
    return RegisterRow(
        row.operating_day,
        booking.number,
        row.child,
        row.birth_date,
        guardian.name,
        booking.contact_phone,
        row.start,
        row.end,
        row.in_at,
        row.out_at,
        row.used_minutes,
        row.billed_hours,
        row.government_hours,
        row.amount,
        ledger.sums.kept,
        ledger.balance,
        stay.in_person,
        stay.out_person,
        stay.in_signature,
        stay.out_signature,
        row.state,
        row.class_name,
        row.violations,
    )


def _contact_words(call: PriorContact | None) -> str:
    if call is None:
        return ""
    return f"{call.caller}({phone_text(call.caller_phone)}) {clock_text(call.called_at)} 통화"


def _local(moment: datetime | None) -> datetime | None:
    return local(moment) if moment else None
