"""Around the decision: papers asked for, counselling, reasons, notices, the care card (KB-13 … KB-23, KB-42, KB-48)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from app.booking import actions
from app.booking.models import Booking, CareCard
from app.booking.place import loads_on
from app.booking.rules.capacity import DayLoad, temp_seats
from app.booking.rules.decision import may_request_evidence
from app.booking.rules.states import BookingKind, BookingState
from app.booking.service.apply import contact_problem
from app.booking.service.case import Case, check_reach, open_case, tell
from app.booking.times import hours_of
from app.booking.waits import open_waits
from app.centres import queries as centres
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.kernel.ranges import TimeSpan, minute_text, parse_minute
from app.messaging.service import record_call
from app.people.models import Child

NO_PAPER = Problem("booking.no_paper", N_("어떤 서류가 필요한지 적어 주세요."), rule="KB-17", field="paper")
COUNSELLED_LATER = Problem(
    "booking.counselled_later",
    N_("상담일은 오늘까지의 날짜로 적어 주세요."),
    rule="KB-15",
    field="counselled_on",
)
NOTHING_TOLD = Problem("booking.nothing_told", N_("무엇을 알렸는지 적어 주세요."), rule="KB-23", field="said")
NOT_DECIDED = Problem(
    "booking.not_decided", N_("아직 결정하지 않은 신청이에요. 먼저 승인하거나 미승인해 주세요."), rule="KB-23"
)
NO_REASON = Problem(
    "booking.no_parallel_reason",
    N_("병행이용이 필요한 까닭을 적어 주세요."),
    rule="KB-13",
    field="parallel_use_reason",
)
CARD_TIMES = Problem(
    "booking.card_times",
    N_("등원 시각과 그보다 늦은 하원 시각을 14:00처럼 적어 주세요."),
    rule="KB-42",
    field="arrival",
)


def ask_evidence(uow: UnitOfWork, ref: str) -> None:
    """Household evidence for temporary care, only while its hours are wanted by more than they hold (KB-18, KB-19)."""
    case = open_case(uow, ref, actions.PREPARE)
    crowded = ""
    if case.kind is not BookingKind.REGULAR:
        demand, seats, minute = _tightest_slot(uow, case)
        if refused := may_request_evidence(case.kind, demand, seats):
            raise RuleBroken(refused)
        crowded = f"{case.booking.starts_on.isoformat()} {minute_text(minute)}"
    case.booking.evidence_asked_at = uow.now
    case.booking.evidence_slot = crowded
    _note(uow, case, "booking.ask_evidence", {"evidence_slot": [None, crowded]})
    tell(uow, case, "booking.evidence_asked")


def _tightest_slot(uow: UnitOfWork, case: Case) -> tuple[int, int, int]:
    """Children who want it, seats it has, and its first minute, for the slot with the least room."""
    day, hours = case.booking.starts_on, hours_of(case.booking)
    load = loads_on(uow, case.place, [day], with_enrolled=False)[day]
    waiting = [
        span
        for wait in open_waits(uow, case.place, kind=case.kind, days=[day])
        if wait.booking.state == BookingState.WAITING and wait.entry.state == "WAITING"
        for _, span in wait.days
    ]
    step = load.slot_minutes
    slots = [(*_wanted(load, minute // step, waiting), minute) for minute in hours.slots(step)]
    return max(slots, key=lambda slot: slot[0] - slot[1])


def _wanted(load: DayLoad, slot: int, waiting: list[TimeSpan]) -> tuple[int, int]:
    here = TimeSpan(slot * load.slot_minutes, (slot + 1) * load.slot_minutes)
    held = load.temporary[slot]
    return held + sum(span.overlaps(here) for span in waiting), held + temp_seats(load, slot)


def ask_paper(uow: UnitOfWork, ref: str, paper: str) -> None:
    """Tell the family which paper is missing."""
    case = open_case(uow, ref, actions.PREPARE)
    if not paper.strip():
        raise RuleBroken(NO_PAPER)
    case.booking.paper_asked = paper.strip()
    _note(uow, case, "booking.ask_paper", {"paper": [None, paper.strip()]})
    tell(uow, case, "booking.paper_asked", paper=paper.strip())


def record_counselling(uow: UnitOfWork, ref: str, on: date) -> None:
    """The day of the counselling visit (KB-15)."""
    case = open_case(uow, ref, actions.PREPARE)
    if on > uow.today:
        raise RuleBroken(COUNSELLED_LATER)
    before = case.booking.counselled_on
    case.booking.counselled_on = on
    _note(
        uow,
        case,
        "booking.counselled",
        {"counselled_on": [before.isoformat() if before else None, on.isoformat()]},
    )


def set_parallel_use_reason(uow: UnitOfWork, ref: str, reason: str) -> None:
    """Why another public care service beside this one is needed (KB-13)."""
    case = open_case(uow, ref, actions.PREPARE)
    if not reason.strip():
        raise RuleBroken(NO_REASON)
    before = case.booking.parallel_use_reason
    case.booking.parallel_use_reason = reason.strip()
    _note(uow, case, "booking.parallel_use", {"reason": [before, reason.strip()]})


def record_notice(uow: UnitOfWork, ref: str, said: str) -> None:
    """The decision was told by telephone: by whom and when stands in the row (KB-23)."""
    case = open_case(uow, ref, actions.PREPARE)
    if case.booking.decided_at is None:
        raise RuleBroken(NOT_DECIDED)
    if not said.strip():
        raise RuleBroken(NOTHING_TOLD)
    case.booking.notified_by, case.booking.notified_at = "PHONE", uow.now
    record_call(
        uow,
        case.booking.contact_phone,
        said.strip(),
        at=uow.now,
        subject="booking",
        subject_id=case.booking.id,
    )
    _note(uow, case, "booking.notice", {"notified_by": [None, "PHONE"]})


def correct_contact(uow: UnitOfWork, ref: str, phone: str) -> None:
    """The number for messages, from the next message on (KB-48). ``phone``: digits, already checked."""
    case = open_case(uow, ref, actions.PREPARE)
    if refused := contact_problem(phone):
        raise RuleBroken(refused)
    case.booking.contact_phone = phone
    _note(uow, case, "booking.contact", {"contact_phone": ["***", "***"]})


def _note(uow: UnitOfWork, case: Case, action: str, diff: dict[str, Any]) -> None:
    case.booking.version += 1
    audit.record(uow, action, "booking", case.booking.id, diff=diff)


GOING_HOME_MAX = 20
GOING_HOME_LONG = Problem(
    "booking.going_home_long",
    N_("귀가 방법은 {most}자 안으로 적어 주세요."),
    rule="KB-42",
    field="going_home",
)


@dataclass(frozen=True, slots=True)
class Card:
    """Contents of an individual care card; ``activities`` are (from, to, what)."""

    child: str
    centre: str
    arrival: str
    departure: str
    going_home: str = ""
    activities: tuple[tuple[str, str, str], ...] = ()
    counselling: str = ""
    counselled_on: date | None = None


def save_care_card(uow: UnitOfWork, card: Card) -> CareCard:
    """A new version; earlier ones stay (KB-42)."""
    centre = centres.centre_by_ref(uow, card.centre)
    child = uow.session.scalars(select(Child).where(Child.ref == card.child)).first()
    if child is None:
        raise NotFound("child")
    check_reach(uow, actions.CARE_CARD, centre, child.id)
    booked = select(Booking.id).where(Booking.child_id == child.id, Booking.centre_id == centre.id)
    if uow.session.scalar(booked.limit(1)) is None:
        raise NotFound("child")
    if found := _card_problems(card):
        raise RuleBroken(found)
    centres.lock_gate(uow, centre.id)
    newest = uow.session.scalar(
        select(func.max(CareCard.card_version)).where(
            CareCard.child_id == child.id, CareCard.centre_id == centre.id
        )
    )
    row = CareCard(
        child_id=child.id,
        centre_id=centre.id,
        card_version=(newest or 0) + 1,
        arrival=card.arrival,
        departure=card.departure,
        going_home=card.going_home,
        activities=[list(line) for line in card.activities],
        counselling=card.counselling.strip(),
        counselled_on=card.counselled_on,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(row)
    uow.session.flush()
    audit.record(uow, "booking.care_card", "care_card", row.id, to_state=f"v{row.card_version}")
    return row


def _card_problems(card: Card) -> list[Problem]:
    found = []
    try:
        TimeSpan(parse_minute(card.arrival), parse_minute(card.departure))
    except ValueError:
        found.append(CARD_TIMES)
    if len(card.going_home) > GOING_HOME_MAX:
        found.append(GOING_HOME_LONG.of(most=GOING_HOME_MAX))
    return found
