"""Small records of the room: calls that announce somebody, call-backs, medicine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.daycare import actions, beds
from app.daycare.models import (
    CallBack,
    DaycareStay,
    MedicineGiven,
    MedicineRequest,
    PriorContact,
)
from app.daycare.policy import policy_at
from app.daycare.queries.place import DaycareRow, days_around, plan_of
from app.daycare.rules.capacity import Occupant, place
from app.daycare.rules.days import operating_day
from app.daycare.rules.eligibility import ChildFacts, small_until
from app.daycare.rules.policy import DAY_START
from app.daycare.sealed import unseal
from app.daycare.times import local, period_of
from app.documents.models import Upload
from app.documents.rules import SignatureMethod
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.kernel.ranges import Period, kst, parse_minute
from app.people.models import Child, Guardian

SHEETS = "medicine_request"
"""Owner and kind of a scanned request."""


@dataclass(frozen=True, slots=True)
class ContactRow:
    """Somebody announced by a guardian's call, for one operating day."""

    ref: str
    child_ref: str
    child: str
    person: str
    relation: str
    phone: str
    caller: str
    caller_phone: str
    called_at: datetime
    valid_on: date
    recorded_by: str


@dataclass(frozen=True, slots=True)
class CallBackRow:
    """``fits_now``: a bed is free for the wanted time."""

    ref: str
    guardian: str
    child_ref: str
    child: str
    phone: str
    operating_day: date
    wanted: Period
    fits_now: bool


@dataclass(frozen=True, slots=True)
class DoseRow:
    """One dose of an operating day; ``due`` is its instant, ``given_at`` None while it is open."""

    stay_ref: str
    child_ref: str
    child: str
    at: str
    due: datetime
    request_ref: str
    given_at: datetime | None
    given_by: str = ""


@dataclass(frozen=True, slots=True)
class GivenRow:
    given_at: datetime
    given_by: str
    note: str


@dataclass(frozen=True, slots=True)
class MedicineRow:
    """A request with its opened words: symptom, medicine, dose, kept, remarks, and who wrote it off a paper."""

    ref: str
    child_ref: str
    child: str
    times: tuple[str, ...]
    starts_on: date
    ends_on: date
    words: dict[str, str]
    given: tuple[GivenRow, ...]
    signed_name: str
    signed: SignatureMethod


def prior_contacts(
    uow: UnitOfWork, daycare: DaycareRow, day: date, *, child_id: int | None = None
) -> list[ContactRow]:
    """Valid on one operating day; what a guardian only announced is none yet."""
    wanted = (
        select(PriorContact, Child)
        .join(Child, Child.id == PriorContact.child_id)
        .where(
            PriorContact.daycare_id == daycare.id,
            PriorContact.valid_on == day,
            PriorContact.recorded_by != "",
        )
        .order_by(PriorContact.id)
    )
    if child_id is not None:
        wanted = wanted.where(PriorContact.child_id == child_id)
    return [
        ContactRow(
            row.ref,
            child.ref,
            child.name,
            row.person,
            row.relation,
            row.phone,
            row.caller,
            row.caller_phone,
            local(row.called_at),
            row.valid_on,
            row.recorded_by,
        )
        for row, child in uow.session.execute(wanted)
    ]


def call_backs(uow: UnitOfWork, daycare: DaycareRow) -> list[CallBackRow]:
    """Open notes of today and later, oldest first (AD-34)."""
    actions.CALL_BACK.check(uow.actor, daycare.id)
    rows = uow.session.execute(
        select(CallBack, Child, Guardian.name)
        .join(Child, Child.id == CallBack.child_id)
        .join(Guardian, Guardian.id == CallBack.guardian_id)
        .where(
            CallBack.daycare_id == daycare.id,
            CallBack.done_at.is_(None),
            CallBack.operating_day >= operating_day(uow.now),
        )
        .order_by(CallBack.operating_day, CallBack.id)
    ).all()
    audit.record_access(uow, "daycare.call_backs", "daycare", daycare.id, row_count=len(rows))
    return [
        CallBackRow(
            row.ref,
            guardian,
            child.ref,
            child.name,
            row.phone,
            row.operating_day,
            period_of(row.wanted),
            _fits(uow, daycare, period_of(row.wanted), child),
        )
        for row, child, guardian in rows
    ]


def doses_due(uow: UnitOfWork, daycare: DaycareRow, stay_ids: Collection[int]) -> list[DoseRow]:
    """Of the children of these stays, on the running operating day, by time."""
    return doses_on(uow, daycare, operating_day(uow.now), stay_ids)


def doses_on(uow: UnitOfWork, daycare: DaycareRow, day: date, stay_ids: Collection[int]) -> list[DoseRow]:
    """The same on any operating day: what falls into a stay, and what was given beside the times asked for."""
    rows = uow.session.execute(
        select(MedicineRequest, Child, DaycareStay)
        .join(Child, Child.id == MedicineRequest.child_id)
        .join(DaycareStay, DaycareStay.child_id == Child.id)
        .where(
            DaycareStay.id.in_(list(stay_ids)),
            MedicineRequest.daycare_id == daycare.id,
            MedicineRequest.starts_on <= day,
            MedicineRequest.ends_on >= day,
        )
        .order_by(DaycareStay.in_at, DaycareStay.id)
    ).all()
    given = _given(uow, [row[0].id for row in rows])
    stays: dict[int, list[DaycareStay]] = defaultdict(list)
    for request, _, stay in rows:
        stays[request.id].append(stay)
    found = []
    for request, child, stay in rows:
        mine = [
            dose
            for dose in given[request.id]
            if operating_day(dose.given_at) == day and _stay_at(stays[request.id], dose.given_at) is stay
        ]
        found += _doses(request, child, stay, day, mine, uow.now)
    return sorted(found, key=lambda dose: (dose.due, dose.child))


def _stay_at(stays: Sequence[DaycareStay], moment: datetime) -> DaycareStay:
    """The last one that had begun, else the first."""
    begun = [stay for stay in stays if stay.in_at is not None and stay.in_at <= moment]
    return begun[-1] if begun else stays[0]


def _doses(
    request: MedicineRequest,
    child: Child,
    stay: DaycareStay,
    day: date,
    given: Sequence[GivenRow],
    now: datetime,
) -> list[DoseRow]:
    """The times asked for while the child is there, each with the dose that was given for it in order; of a request
    that was taken back only what was given."""
    planned = period_of(stay.planned)
    start = stay.in_at or planned.start
    end = stay.out_at or (max(planned.end, now) if stay.in_at else planned.end)
    asked = () if request.withdrawn_at else _by_operating_day(request.times)
    due = [(at, _due(day, at)) for at in asked]
    times = [(at, moment) for at, moment in due if start <= moment <= end]
    times += [(f"{dose.given_at:%H:%M}", dose.given_at) for dose in given[len(times) :]]
    return [
        DoseRow(
            stay.ref,
            child.ref,
            child.name,
            at,
            moment,
            request.ref,
            given[number].given_at if number < len(given) else None,
            given[number].given_by if number < len(given) else "",
        )
        for number, (at, moment) in enumerate(times)
    ]


def medicine_requests(uow: UnitOfWork, daycare: DaycareRow, day: date) -> list[MedicineRow]:
    """In force on an operating day, with that day's doses, opened; the reading is logged (XX-03)."""
    actions.GIVE_MEDICINE.check(uow.actor, daycare.id)
    rows = uow.session.execute(
        _REQUESTS.where(
            MedicineRequest.daycare_id == daycare.id,
            MedicineRequest.withdrawn_at.is_(None),
            MedicineRequest.starts_on <= day,
            MedicineRequest.ends_on >= day,
        ).order_by(Child.name, MedicineRequest.id)
    ).all()
    audit.record_access(uow, "daycare.medicine", "daycare", daycare.id, row_count=len(rows))
    return _medicine_rows(uow, [(request, child) for request, child in rows], day)


def medicine_request(uow: UnitOfWork, daycare: DaycareRow, ref: str) -> MedicineRow:
    """One, also when it was withdrawn, with every dose given for it; logged. NotFound for another daycare's."""
    actions.GIVE_MEDICINE.check(uow.actor, daycare.id)
    row = uow.session.execute(
        _REQUESTS.where(MedicineRequest.daycare_id == daycare.id, MedicineRequest.ref == ref)
    ).first()
    if row is None:
        raise NotFound("medicine_request")
    audit.record_access(uow, "daycare.medicine", "medicine_request", row[0].id)
    return _medicine_rows(uow, [(row[0], row[1])], None)[0]


_REQUESTS = select(MedicineRequest, Child).join(Child, Child.id == MedicineRequest.child_id)


def _medicine_rows(
    uow: UnitOfWork, rows: Sequence[tuple[MedicineRequest, Child]], day: date | None
) -> list[MedicineRow]:
    """``day``: whose doses are wanted; None for all."""
    ids = [request.id for request, _ in rows]
    given, scanned = _given(uow, ids), _scanned(uow, ids)
    return [
        MedicineRow(
            request.ref,
            child.ref,
            child.name,
            tuple(_by_operating_day(request.times)),
            request.starts_on,
            request.ends_on,
            unseal(uow, "medicine_request", request.id, request.sealed),
            tuple(one for one in given[request.id] if day in (None, operating_day(one.given_at))),
            request.signed_name,
            _method(request, scanned),
        )
        for request, child in rows
    ]


def sheet_ref(uow: UnitOfWork, daycare: DaycareRow, request_ref: str) -> str:
    """The upload's ref of the signed paper behind a request. NotFound when there is none."""
    actions.GIVE_MEDICINE.check(uow.actor, daycare.id)
    found = uow.session.scalar(
        select(Upload.ref)
        .join(MedicineRequest, MedicineRequest.id == Upload.owner_id)
        .where(
            Upload.owner == SHEETS,
            MedicineRequest.ref == request_ref,
            MedicineRequest.daycare_id == daycare.id,
        )
    )
    if found is None:
        raise NotFound("medicine_sheet")
    return found


def _method(request: MedicineRequest, scanned: Collection[int]) -> SignatureMethod:
    if request.id in scanned:
        return SignatureMethod.SCAN
    return SignatureMethod.DRAWN if request.signature else SignatureMethod.TYPED


def _scanned(uow: UnitOfWork, request_ids: Collection[int]) -> set[int]:
    wanted = select(Upload.owner_id).where(Upload.owner == SHEETS, Upload.owner_id.in_(list(request_ids)))
    return set(uow.session.scalars(wanted))


def _fits(uow: UnitOfWork, daycare: DaycareRow, wanted: Period, child: Child) -> bool:
    if wanted.start <= uow.now:
        return False
    plan = plan_of(uow, daycare, days_around(wanted))
    policy = policy_at(uow, daycare.place, operating_day(wanted.start))
    until = small_until(ChildFacts(child.birth_date, disabled=child.disability != "NONE"))
    return place(beds.loads(uow, plan, wanted, policy), Occupant(wanted, until)).group is not None


def _given(uow: UnitOfWork, request_ids: Collection[int]) -> dict[int, list[GivenRow]]:
    found: dict[int, list[GivenRow]] = defaultdict(list)
    for row in uow.session.scalars(
        select(MedicineGiven)
        .where(MedicineGiven.request_id.in_(list(request_ids)))
        .order_by(MedicineGiven.given_at)
    ):
        found[row.request_id].append(GivenRow(local(row.given_at), row.given_by, row.note))
    return found


def _by_operating_day(times: Collection[str]) -> list[str]:
    """07:30 comes first, 07:00 last: it is the next morning's."""
    return sorted(times, key=lambda at: (parse_minute(at) < DAY_START, parse_minute(at)))


def _due(day: date, at: str) -> datetime:
    minute = parse_minute(at)
    return kst(day, minute + 1440 if minute < DAY_START else minute)
