"""At the door: coming in and going home, each with its own signature, never in one action (AD-06, AD-18 – AD-22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.daycare import actions, beds
from app.daycare.messages import ENTERED, LEFT
from app.daycare.models import ApplicationGuardian, DaycareApplication, DaycareStay, PriorContact
from app.daycare.policy import policy_at
from app.daycare.queries.place import plan_of
from app.daycare.rules import handover
from app.daycare.rules.capacity import ROOM_FULL, Load, Occupant, slot_of, until_slot_end
from app.daycare.rules.days import operating_day
from app.daycare.rules.eligibility import check_health
from app.daycare.rules.request import in_curfew
from app.daycare.rules.states import ApplicationState, BookingState, StayState
from app.daycare.rules.tariff import fee_for
from app.daycare.service import money
from app.daycare.service.case import Case, complete_if_over, move, open_stay, tell
from app.daycare.times import local, period_of
from app.fees.queries import balance_of
from app.kernel import audit
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.kernel.ranges import DateSpan, Period, kst_date, to_minute
from app.kernel.texts import clock_text, day_text
from app.tenancy.queries import holidays


@dataclass(frozen=True, slots=True)
class Entry:
    """``person``: position in the application (1–3), or 0 with the ref of a prior ``contact``.

    ``signature``: strokes of points. ``symptoms``: the teacher saw some; ``recovery_note``: an upload's id (AE-20).
    """

    stay: str
    person: int
    identity: str
    signature: Sequence[Any]
    version: int | None = None
    contact: str = ""
    symptoms: bool = False
    recovery_note: int | None = None
    unpaid_reason: str = ""
    emergency: str = ""
    belongings: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Exit:
    stay: str
    person: int
    identity: str
    signature: Sequence[Any]
    version: int | None = None
    contact: str = ""
    emergency: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """``difference`` in won against what was charged before; ``balance``: still owed, negative: to give back."""

    hours: int
    government_hours: int
    amount: int
    difference: int
    balance: int


@dataclass(frozen=True, slots=True)
class AtDoor:
    """Who stands there, in words; None: nobody who may."""

    words: str
    contact_id: int | None


def enter(uow: UnitOfWork, entry: Entry) -> DaycareStay:
    """The child is in the room from this minute. Everything AD-13, AD-18, AD-21 and AE-20 ask is checked first."""
    case, stay = open_stay(uow, entry.stay, actions.HAND_OVER, version=entry.version)
    who, refused = person_at_door(uow, case, entry.person, entry.contact)
    director = uow.actor.role is Role.DAYCARE_DIRECTOR
    problems = [*refused, *check_to_enter(uow, case, stay)]
    problems += handover.check_entry(
        StayState(stay.state),
        handover.Person(who is not None or bool(refused), entry.identity),
        entry.signature,
        uow.now,
        case.policy,
        emergency=entry.emergency,
    )
    if symptom := check_health(entry.symptoms, entry.recovery_note is not None):
        problems.append(symptom)
    balance = balance_of(uow, "daycare_booking", case.booking.id)
    if unpaid := handover.check_paid(balance, entry.unpaid_reason, director=director):
        problems.append(unpaid)
    if problems or who is None:
        raise RuleBroken(_once(problems))
    _write_entry(uow, case, stay, entry, who)
    return stay


def leave(uow: UnitOfWork, exit_: Exit) -> Settled:
    """The child goes home with somebody who may take it; the used hours are what is paid (AD-14)."""
    case, stay = open_stay(uow, exit_.stay, actions.HAND_OVER, version=exit_.version)
    who, refused = person_at_door(uow, case, exit_.person, exit_.contact)
    problems = handover.check_exit(
        StayState(stay.state),
        stay.in_at,
        stay.in_signature,
        handover.Person(who is not None or bool(refused), exit_.identity),
        exit_.signature,
        uow.now,
        case.policy,
        emergency=exit_.emergency,
    )
    if problems or refused or who is None:
        raise RuleBroken(_once([*refused, *problems]))
    stay.out_at = uow.now
    stay.out_person, stay.out_identity = who.words, exit_.identity
    stay.out_signature, stay.out_by = list(exit_.signature), uow.actor.name
    stay.prior_contact_id = who.contact_id or stay.prior_contact_id
    _add_words(stay, exit_.emergency, exit_.note)
    if in_curfew(uow.now, case.policy):
        flag(stay, "AD-06")
    return finish(uow, case, stay, who.words)


def finish(uow: UnitOfWork, case: Case, stay: DaycareStay, person: str) -> Settled:
    """The stay is over: used minutes, billed hours, the bed, the account, and the family is told."""
    used = Period(to_minute(local(stay.in_at or uow.now)), to_minute(local(stay.out_at or uow.now)))
    terms = money.terms_of(uow, case.booking)
    fee = fee_for(used, terms, case.policy, holidays(uow))
    stay.used_minutes, stay.billed_hours = used.minutes, fee.hours
    stay.government_hours, stay.amount = fee.government_hours, fee.amount
    beds.leave_bed(uow, stay, StayState.LEFT)
    uow.session.flush()
    audit.record(
        uow,
        "daycare.left",
        "daycare_stay",
        stay.id,
        from_state=StayState.INSIDE,
        to_state=StayState.LEFT,
        diff={"minutes": [None, used.minutes], "amount": [None, fee.amount]},
    )
    difference = money.settle(uow, case, kst_date(uow.now), N_("실제 이용시간 정산"))
    complete_if_over(uow, case)
    balance = balance_of(uow, "daycare_booking", case.booking.id)
    tell(
        uow,
        case,
        LEFT,
        urgent=True,
        at=clock_text(uow.now),
        person=person,
        hours=fee.hours,
        amount=f"{fee.amount:,}",
        rest=_rest(balance),
    )
    return Settled(fee.hours, fee.government_hours, fee.amount, difference, balance)


def check_to_enter(uow: UnitOfWork, case: Case, stay: DaycareStay) -> list[Problem]:
    """What stands against the entry now, whoever brings the child: state, day, papers, and the room itself."""
    found: list[Problem] = []
    if case.state not in (BookingState.CONFIRMED, BookingState.PAID, BookingState.IN_CARE):
        found.append(handover.NOT_PLANNED)
    if stay.operating_day > operating_day(uow.now):
        found.append(handover.TOO_EARLY.of(day=day_text(stay.operating_day)))
    application = uow.session.get_one(DaycareApplication, case.booking.application_id)
    found += handover.check_papers(ApplicationState(application.state), application.checks)
    if stay.state == StayState.PLANNED and not found:
        found += _room_left(uow, case, stay)
    return found


def person_at_door(
    uow: UnitOfWork, case: Case, position: int, contact: str
) -> tuple[AtDoor | None, list[Problem]]:
    """A guardian of the application, or somebody a recorded call announced for this operating day (AD-22)."""
    if contact:
        call = uow.session.scalars(
            select(PriorContact).where(
                PriorContact.ref == contact,
                PriorContact.daycare_id == case.daycare.id,
                PriorContact.child_id == case.child.id,
            )
        ).first()
        if call is None:
            raise NotFound("prior_contact")
        if call.valid_on not in (kst_date(uow.now), operating_day(uow.now)):
            return None, [handover.CONTACT_NOT_TODAY.of(day=day_text(call.valid_on))]
        return AtDoor(f"{call.person}({call.relation})", call.id), []
    row = uow.session.execute(
        select(ApplicationGuardian.name, ApplicationGuardian.relation).where(
            ApplicationGuardian.application_id == case.booking.application_id,
            ApplicationGuardian.position == position,
        )
    ).first()
    return (AtDoor(f"{row.name}({row.relation})", None), []) if row else (None, [])


def flag(stay: DaycareStay, code: str) -> None:
    """A fact broke a limit: it is recorded and marked, never refused (GC-19)."""
    if code not in stay.violations:
        stay.violations = [*stay.violations, code]


def _room_left(uow: UnitOfWork, case: Case, stay: DaycareStay) -> list[Problem]:
    """A child not fetched yet still needs its teacher; whoever comes early needs a free bed until its own begins."""
    start, now = period_of(stay.planned).start, to_minute(uow.now)
    plan = plan_of(uow, case.daycare, DateSpan(day := operating_day(now), max(day, operating_day(start))))
    policy = policy_at(uow, case.daycare.place, day)
    group = next((group for group in plan.groups if group.id == stay.class_id), None)
    if group is None:
        return []
    this_half_hour = Period(now, until_slot_end(now))
    inside = [
        Occupant(this_half_hour, until)
        for until in uow.session.scalars(
            select(DaycareStay.small_until).where(
                DaycareStay.class_id == stay.class_id, DaycareStay.state == StayState.INSIDE
            )
        )
    ]
    found = _full(Load(group, inside, this_half_hour, policy), this_half_hour, stay)
    if not found and now < start:
        early = Period(now, start)
        held = beds.occupants(uow, [case.daycare.id], early, without=[stay.id])[case.daycare.id]
        found = _full(Load(group, held.get(stay.class_id, ()), early, policy), early, stay)
    return found


def _full(load: Load, period: Period, stay: DaycareStay) -> list[Problem]:
    full = load.full(Occupant(period, stay.small_until))
    if not full:
        return []
    small = stay.small_until is not None and full[0] < slot_of(stay.small_until)
    return [ROOM_FULL.of(limit=load.limit(full[0], small=small))]


def _write_entry(uow: UnitOfWork, case: Case, stay: DaycareStay, entry: Entry, who: AtDoor) -> None:
    stay.state = StayState.INSIDE
    stay.in_at = uow.now
    stay.in_person, stay.in_identity = who.words, entry.identity
    stay.in_signature, stay.in_by = list(entry.signature), uow.actor.name
    stay.prior_contact_id = who.contact_id
    stay.unpaid_reason = entry.unpaid_reason.strip()
    stay.belongings = entry.belongings.strip()
    _add_words(stay, entry.emergency, entry.note)
    if in_curfew(uow.now, case.policy):
        flag(stay, "AD-06")
    stay.version += 1
    uow.session.flush()
    audit.record(
        uow,
        "daycare.entered",
        "daycare_stay",
        stay.id,
        from_state=StayState.PLANNED,
        to_state=StayState.INSIDE,
        reason=stay.unpaid_reason or None,
    )
    if case.state is not BookingState.IN_CARE:
        move(uow, case.booking, BookingState.IN_CARE, "daycare.in_care", reason=stay.unpaid_reason)
    until = period_of(stay.planned).end
    tell(uow, case, ENTERED, urgent=True, at=clock_text(uow.now), until=_until(until, uow.now))


def _until(end: datetime, now: datetime) -> str:
    return (
        clock_text(end) if kst_date(end) == kst_date(now) else f"{day_text(kst_date(end))} {clock_text(end)}"
    )


def _add_words(stay: DaycareStay, emergency: str, note: str) -> None:
    stay.emergency = "\n".join(part for part in (stay.emergency, emergency.strip()) if part)
    stay.note = "\n".join(part for part in (stay.note, note.strip()) if part)


def _rest(balance: int) -> str:
    if balance > 0:
        return f", 더 낼 돈 {balance:,}원"
    return f", 돌려드릴 돈 {-balance:,}원" if balance else ""


def _once(problems: Sequence[Problem]) -> list[Problem]:
    return list({problem.code: problem for problem in problems}.values())
