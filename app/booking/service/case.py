"""One booking under the gate of its place: how every command begins."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.accounts.contacts import contacts_of
from app.booking.facts import user_name
from app.booking.models import Booking, WaitlistEntry
from app.booking.place import Place, enter
from app.booking.rules.decision import deciders
from app.booking.rules.states import BookingKind, BookingState, WaitState, check_transition
from app.booking.times import when_text
from app.centres import queries as centres
from app.centres.queries import CentreRow
from app.kernel import audit
from app.kernel.actions import Action, Reach
from app.kernel.actor import DECIDERS
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken, StaleVersion
from app.kernel.texts import moment_text
from app.messaging.service import plan_message
from app.people.models import Child, GuardianChild
from app.people.queries import SeenChild

ALREADY_DECIDED = Problem(
    "booking.already_decided",
    N_("{who}님이 {when}에 이미 처리했어요(지금 상태: {state}). 화면을 새로 고쳐 확인해 주세요."),
    rule="KB-22",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A booking, locked, with its waiting entry if it has one."""

    place: Place
    booking: Booking
    entry: WaitlistEntry | None
    child: SeenChild

    @property
    def kind(self) -> BookingKind:
        return BookingKind(self.booking.kind)

    @property
    def state(self) -> BookingState:
        return BookingState(self.booking.state)

    @property
    def offered(self) -> bool:
        return self.entry is not None and self.entry.state == WaitState.OFFERED


def check_reach(uow: UnitOfWork, action: Action, centre: CentreRow, child_id: int) -> None:
    """403 for a role that may not; 404 for another centre's booking or another family's child."""
    action.check(uow.actor, centre.id, centre.district_id)
    if action.reach(uow.actor.role) is Reach.OWN and not is_own_child(uow, child_id):
        raise NotFound(action.key)


def is_own_child(uow: UnitOfWork, child_id: int) -> bool:
    return uow.actor.guardian_id is not None and bool(
        uow.session.scalar(
            select(GuardianChild.id).where(
                GuardianChild.child_id == child_id, GuardianChild.guardian_id == uow.actor.guardian_id
            )
        )
    )


def open_case(uow: UnitOfWork, ref: str, action: Action, *, version: int | None = None) -> Case:
    """Find, check who asks, lock. Raises NotFound, Forbidden; StaleVersion when ``version`` is not today's."""
    return open_cases(uow, [ref], action, version=version)[0]


def open_cases(
    uow: UnitOfWork, refs: Collection[str], action: Action, *, version: int | None = None
) -> list[Case]:
    """Several bookings of one centre under one gate, in the order of ``refs``."""
    found = uow.session.execute(
        select(Booking.id, Booking.centre_id, Booking.child_id).where(Booking.ref.in_(refs))
    ).all()
    if len(found) != len(set(refs)) or len({row.centre_id for row in found}) != 1:
        raise NotFound("booking")
    centre = centres.centre_by_id(uow, found[0].centre_id)
    for child_id in {row.child_id for row in found}:
        check_reach(uow, action, centre, child_id)
    ids = [row.id for row in found]
    place = enter(uow, centre.id, children={row.child_id for row in found}, bookings=ids)
    cases = {case.booking.ref: case for case in cases_in(uow, place, ids)}
    if version is not None and any(case.booking.version != version for case in cases.values()):
        raise StaleVersion("booking")
    return [cases[ref] for ref in dict.fromkeys(refs)]


def cases_in(uow: UnitOfWork, place: Place, ids: Collection[int]) -> list[Case]:
    """The rows, read and locked behind the gate, in order of id."""
    rows = uow.session.execute(
        select(Booking, WaitlistEntry, Child)
        .outerjoin(WaitlistEntry, WaitlistEntry.booking_id == Booking.id)
        .join(Child, Child.id == Booking.child_id)
        .where(Booking.id.in_(ids))
        .order_by(Booking.id)
        .with_for_update(of=Booking)
        .execution_options(populate_existing=True)
    )
    return [Case(place, booking, entry, child) for booking, entry, child in rows]


def move(
    uow: UnitOfWork,
    case: Case,
    after: BookingState,
    action: str,
    *,
    reason: str | None = None,
    diff: Mapping[str, Any] | None = None,
    role: str | None = None,
) -> None:
    """Change the state if the table lets this role, and write it down (GC-18).

    ``role`` stands in for the actor's: staff answering an offer on the telephone act as the guardian.
    """
    booking, place = case.booking, case.place
    who = deciders(place.centre.kind, case.kind, place.terms.booking)
    refused = check_transition(case.state, after, role or uow.actor.role.value, deciders=who)
    if refused:
        raise RuleBroken(refused)
    set_state(uow, booking, after, action, reason=reason, diff=diff)


def set_state(
    uow: UnitOfWork,
    booking: Booking,
    after: BookingState,
    action: str,
    *,
    reason: str | None = None,
    diff: Mapping[str, Any] | None = None,
) -> None:
    before = booking.state
    booking.state = after
    booking.version += 1
    audit.record(
        uow,
        action,
        "booking",
        booking.id,
        from_state=str(before),
        to_state=str(after),
        reason=reason,
        diff=dict(diff or {}),
    )


def end_wait(uow: UnitOfWork, entry: WaitlistEntry, after: WaitState) -> None:
    before = entry.state
    entry.state = after
    entry.version += 1
    audit.record(uow, "waiting.end", "waitlist_entry", entry.id, from_state=str(before), to_state=str(after))


def refuse_if_decided(uow: UnitOfWork, booking: Booking) -> None:
    """Somebody was faster: say who and when."""
    if booking.decided_at is not None and booking.state != BookingState.APPLIED:
        raise RuleBroken(
            ALREADY_DECIDED.of(
                who=user_name(uow, booking.decided_by),
                when=moment_text(booking.decided_at),
                state=BookingState(booking.state).label,
            )
        )


def tell(uow: UnitOfWork, case: Case, key: str, *, urgent: bool = False, **more: Any) -> None:
    """Plan a message to the number given at the application (KB-48)."""
    booking, centre = case.booking, case.place.centre
    values = {
        "centre": centre.name,
        "phone": centre.phone,
        "child": case.child.name,
        "kind": case.kind.label,
        "when": when_text(booking),
        **more,
    }
    plan_message(
        uow,
        key,
        booking.contact_phone,
        values,
        subject="booking",
        subject_id=booking.id,
        urgent=urgent,
    )


def tell_centre(uow: UnitOfWork, centre: CentreRow, key: str, values: Mapping[str, Any]) -> None:
    """Tell those who decide at a centre; where nobody has a number, the centre itself."""
    for to in contacts_of(uow, centre.id, DECIDERS) or [centre.phone]:
        plan_message(uow, key, to, values, subject="centre", subject_id=centre.id)
