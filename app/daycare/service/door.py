"""At the door: coming in and going home, each with its own signature, never in one action (AD-06, AD-18 – AD-22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.daycare import actions, beds
from app.daycare.crowding import flag
from app.daycare.listed import lists_of
from app.daycare.messages import ENTERED, LEFT
from app.daycare.models import ApplicationGuardian, DaycareStay, PriorContact
from app.daycare.overstay import overstayed
from app.daycare.rules import handover
from app.daycare.rules.days import operating_day
from app.daycare.rules.eligibility import check_health
from app.daycare.rules.handover import is_same_person
from app.daycare.rules.overstay import NIGHT
from app.daycare.rules.request import in_curfew
from app.daycare.rules.states import BookingState, StayState
from app.daycare.rules.tariff import fee_for
from app.daycare.service import money
from app.daycare.service.case import SUBJECT, Case, complete_if_over, move, open_stay, tell
from app.daycare.service.seating import crowd_in, seat
from app.daycare.threshold import at_threshold
from app.daycare.times import local, period_of
from app.fees.queries import balance_of, ledger_of
from app.kernel import audit
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.ranges import Period, kst_date, to_minute
from app.kernel.texts import clock_text, day_text
from app.tenancy.queries import holidays


@dataclass(frozen=True, slots=True)
class Entry:
    """``person``: position in the application (1–3), or 0 with the ref of a prior ``contact``.

    ``signature``: strokes of points, or one typed name. ``symptoms``: the teacher saw some; ``recovery_note``: an
    upload's id (AE-20).
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
    crowded_reason: str = ""
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
    """Of this stay: hours, the state's share, the parent's won. Of the booking: all that was charged, the difference
    just charged, and the balance (still owed; negative: to give back)."""

    hours: int
    government_hours: int
    amount: int
    charged: int
    difference: int
    balance: int


PERSON_MOST = 60
"""Characters that the ledger keeps of a person: name and relation."""


@dataclass(frozen=True, slots=True)
class AtDoor:
    """Who stands there; ``contact_id``: the call that announced somebody who is not on the list."""

    name: str
    relation: str
    contact_id: int | None = None

    @property
    def words(self) -> str:
        """김하늘(모): a long name gives way, so that the relation stays legible."""
        return f"{self.name[: PERSON_MOST - len(self.relation) - 2]}({self.relation})"


def enter(uow: UnitOfWork, entry: Entry) -> DaycareStay:
    """The child is in the room from this minute. Everything AD-13, AD-18, AD-21 and AE-20 ask is checked first.

    Where its own class is full it goes into another one that fits; where none does, the director alone lets it in.
    """
    case, stay = open_stay(uow, entry.stay, actions.HAND_OVER, version=entry.version)
    who, refused = person_at_door(uow, case, entry.person, entry.contact)
    director = uow.actor.role is Role.DAYCARE_DIRECTOR
    threshold = at_threshold(uow, case.daycare, case.booking, stay)
    begun = to_minute(uow.now) >= period_of(stay.planned).start
    against = handover.check_crowded(threshold.problems, entry.crowded_reason, director=director, begun=begun)
    problems = [*refused, *against]
    problems += handover.check_entry(
        StayState(stay.state),
        handover.Person(who is not None or bool(refused), entry.identity),
        entry.signature,
        uow.now,
        case.policy,
        emergency=entry.emergency,
    )
    if who and (other := handover.check_typed(entry.signature, who.name)):
        problems.append(other)
    if symptom := check_health(entry.symptoms, entry.recovery_note is not None):
        problems.append(symptom)
    balance = balance_of(uow, SUBJECT, case.booking.id)
    if unpaid := handover.check_paid(balance, entry.unpaid_reason, director=director):
        problems.append(unpaid)
    if problems or who is None:
        raise RuleBroken(_once(problems))
    if threshold.group:
        seat(uow, stay, threshold.group)
    if threshold.problems:  # the director let it pass
        crowd_in(uow, stay, entry.crowded_reason)
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
    if who and (other := handover.check_typed(exit_.signature, who.name)):
        problems.append(other)
    if problems or refused or who is None:
        raise RuleBroken(_once([*refused, *problems]))
    stay.out_at = uow.now
    stay.out_person, stay.out_identity = who.words, exit_.identity
    stay.out_signature, stay.out_by = list(exit_.signature), uow.actor.name
    stay.prior_contact_id = who.contact_id  # of who fetches the child, whoever brought it (AD-22)
    _add_words(stay, exit_.emergency, exit_.note)
    if in_curfew(uow.now, case.policy):
        flag(stay, NIGHT)
    for code in overstayed(uow, case.daycare, stay):
        flag(stay, code)
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
    balance = balance_of(uow, SUBJECT, case.booking.id)
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
    charged = ledger_of(uow, SUBJECT, case.booking.id).sums.charged
    return Settled(fee.hours, fee.government_hours, fee.amount, charged, difference, balance)


def person_at_door(
    uow: UnitOfWork, case: Case, position: int, contact: str
) -> tuple[AtDoor | None, list[Problem]]:
    """A guardian of the accepted list, or somebody a recorded call announced for this operating day (AD-22)."""
    if contact:
        call = uow.session.scalars(
            select(PriorContact).where(
                PriorContact.ref == contact,
                PriorContact.daycare_id == case.daycare.id,
                PriorContact.child_id == case.child.id,
            )
        ).first()
        if call is None:
            return None, [handover.UNKNOWN_CONTACT]
        if not call.recorded_by:  # announced by a guardian, nobody has called back yet
            return None, []
        if call.valid_on not in (kst_date(uow.now), operating_day(uow.now)):
            return None, [handover.CONTACT_NOT_TODAY.of(day=day_text(call.valid_on))]
        return _announced(uow, case, call), []
    for row in _listed(uow, case):
        if row.position == position:
            return AtDoor(row.name, row.relation), []
    return None, []


def _listed(uow: UnitOfWork, case: Case) -> Sequence[ApplicationGuardian]:
    guardian = case.booking.guardian_id
    return lists_of(uow, case.daycare.id, [guardian])[guardian]


def _announced(uow: UnitOfWork, case: Case, call: PriorContact) -> AtDoor:
    """Who was announced; a guardian of the application stays one, though somebody called about them."""
    for row in _listed(uow, case):
        if is_same_person((row.name, row.relation, row.phone), (call.person, call.relation, call.phone)):
            return AtDoor(row.name, row.relation)
    return AtDoor(call.person, call.relation, call.id)


def _write_entry(uow: UnitOfWork, case: Case, stay: DaycareStay, entry: Entry, who: AtDoor) -> None:
    stay.state = StayState.INSIDE
    stay.in_at = uow.now
    stay.in_person, stay.in_identity = who.words, entry.identity
    stay.in_signature, stay.in_by = list(entry.signature), uow.actor.name
    stay.unpaid_reason = entry.unpaid_reason.strip()
    stay.belongings = entry.belongings.strip()
    _add_words(stay, entry.emergency, entry.note)
    if in_curfew(uow.now, case.policy):
        flag(stay, NIGHT)
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
        diff={"prior_contact": [None, who.contact_id]} if who.contact_id else {},
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
