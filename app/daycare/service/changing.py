"""Other days or hours for a booking that stands, and taking it back (AD-16)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.daycare import actions, beds
from app.daycare.family import family_for
from app.daycare.messages import (
    CANCELLED,
    CANCELLED_BY_PLACE,
    CHANGED,
    PARTLY_CANCELLED_BY_PLACE,
    SHORTENED_BY_PLACE,
)
from app.daycare.models import DaycareStay
from app.daycare.rules.cancellation import (
    NOT_THE_BOOKER,
    Caller,
    Cancellation,
    Ending,
    cancellation,
    check_change,
    is_booker,
)
from app.daycare.rules.days import operating_day
from app.daycare.rules.eligibility import small_until
from app.daycare.rules.request import Wish, touches_night
from app.daycare.rules.states import FINAL, SYSTEM, BookingState, StayState
from app.daycare.rules.tariff import quote
from app.daycare.service import money
from app.daycare.service.booking import place_stays, scene_for
from app.daycare.service.case import Case, complete_if_over, guardian_of, move, open_case, tell
from app.daycare.service.judging import check_busy, judge, let_pass
from app.daycare.times import period_of, when_text
from app.kernel import audit
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.ranges import Period, kst_date
from app.kernel.texts import phone_text
from app.people.phones import clean_phone
from app.restrictions.rules.kinds import EventKind
from app.restrictions.service.events import NewEvent, record_event
from app.tenancy.queries import holidays

NOTHING_LEFT = Problem("daycare.nothing_left", N_("바꾸거나 취소할 예약이 남아 있지 않아요."), rule="AD-16")
LATE_COUNTS = N_("늦은 취소로 남아요. 쌓이면 이용이 제한될 수 있어요.")


@dataclass(frozen=True, slots=True)
class Cancelled:
    """``fee`` in won that the cancellation costs."""

    state: BookingState
    fee: int


@dataclass(frozen=True, slots=True)
class CancelTerms:
    """What the button may promise: ``allowed`` here and now, ``late``: it would count."""

    allowed: bool
    by_phone: bool
    late: bool
    sentence: str


def change_booking(
    uow: UnitOfWork,
    ref: str,
    wish: Wish,
    *,
    version: int,
    reasons: Mapping[str, str] | None = None,
    caller: Caller | None = None,
) -> None:
    """New days and hours for everything of the booking that has not begun, judged like a new request.

    A request still waits for the director's answer; of what is confirmed already a guardian cannot ask for hours that
    need one. The old beds are given up only for the new ones. A night of today is not moved away online (AD-16).
    """
    case = open_case(uow, ref, actions.CHANGE, version=version)
    _check_caller(uow, case, caller)
    old = case.planned
    if not old or case.state in FINAL or case.state is BookingState.IN_CARE:
        raise RuleBroken(NOTHING_LEFT)
    decides = uow.actor.role is Role.DAYCARE_DIRECTOR
    given = (reasons or {}) if decides else {}
    guardian = guardian_of(uow, case)
    family = family_for(uow, case.daycare.id, [case.child.ref], guardian.ref)
    scene = scene_for(uow, case.daycare, wish)
    waits = case.state is BookingState.REQUESTED and not decides
    held = _periods(old)
    passed = let_pass(judge(uow, scene, family, wish, held=held), given, may_decide=not waits)
    if refused := _check_change(uow, case, wish):
        raise RuleBroken(refused)
    given_back = [stay.id for stay in old]
    if clash := check_busy(uow, family, wish.stays(), without=given_back):
        raise RuleBroken(clash)
    [(member, stays)] = place_stays(uow, scene, [(family.members[0], family)], wish, without=given_back)
    for stay in old:
        beds.leave_bed(uow, stay, StayState.CANCELLED)
    uow.session.flush()
    until = small_until(member.facts(family.guardian, family.checks))
    rows = [
        beds.new_stay(case.booking, group.id, operating_day(stay.start), stay, until) for stay, group in stays
    ]
    beds.take_beds(uow, rows)
    _rewrite(uow, case, wish, rows, passed)
    fresh = Case(case.daycare, case.booking, [*case.stays, *rows], case.child, scene.policy)
    money.settle(uow, fresh, wish.first_day, N_("예약 변경"))
    tell(uow, fresh, CHANGED, amount=f"{case.booking.quoted:,}")


def cancel_booking(
    uow: UnitOfWork, ref: str, *, version: int, reason: str = "", caller: Caller | None = None
) -> Cancelled:
    """Everything of the booking that has not begun is given back (AD-16). Raises RuleBroken.

    Online by the guardian who booked; by staff for a caller whose number or recorded check says who they are.
    """
    case = open_case(uow, ref, actions.CANCEL, version=version)
    if case.state in FINAL or not case.planned:
        raise RuleBroken(NOTHING_LEFT)
    by_staff = uow.actor.role is not Role.GUARDIAN
    identified = not by_staff or (caller is not None and is_booker(_clean(caller), _phones(uow, case)))
    terms = _terms(uow, case, by_phone=by_staff, identified=identified)
    if terms.ending is None:
        raise RuleBroken(terms.refused or NOTHING_LEFT)
    how = _how(caller) if by_staff else N_("보호자가 온라인으로 취소")
    return _give_back(uow, case, terms, reason=reason, how=how)


def cancel_terms(uow: UnitOfWork, ref: str) -> CancelTerms:
    """What cancelling now would mean for whoever asks; nothing is written."""
    case = open_case(uow, ref, actions.CANCEL)
    by_staff = uow.actor.role is not Role.GUARDIAN
    if case.state in FINAL or not case.planned:
        return CancelTerms(False, by_staff, False, NOTHING_LEFT.sentence)
    terms = _terms(uow, case, by_phone=by_staff, identified=True)
    if terms.ending is None:
        sentence = terms.refused.sentence if terms.refused else ""
        return CancelTerms(False, True, False, sentence)
    late = terms.ending is Ending.LATE_CANCELLED
    sentence = N_("마감 시각이 지나 늦은 취소로 남아요.") if late else N_("지금 취소하면 이용료가 없어요.")
    return CancelTerms(True, by_staff, late, sentence)


def cancel_for_place(
    uow: UnitOfWork, case: Case, reason: str, stays: Sequence[DaycareStay] | None = None
) -> str:
    """Without fee and without blame: a closed day, an ended designation, a restriction. Returns it in words.

    ``stays``: only these of the planned ones; what is under way is finished.
    """
    gone = list(case.planned if stays is None else stays)
    when = when_text(gone)
    for stay in gone:
        beds.leave_bed(uow, stay, StayState.CANCELLED)
    uow.session.flush()
    if not case.holding and all(stay.state == StayState.CANCELLED for stay in case.stays):
        case.booking.cancelled_at, case.booking.cancelled_how = uow.now, reason
        move(uow, case.booking, BookingState.CANCELLED, "daycare.cancelled", reason=reason, role=SYSTEM)
    else:
        complete_if_over(uow, case)
    money.settle(uow, case, kst_date(uow.now), reason)
    back = money.credit_words(uow, case)
    if case.holding:
        money.requote(uow, case)
        kept = when_text(case.holding)
        tell(uow, case, PARTLY_CANCELLED_BY_PLACE, when=when, reason=reason, kept=kept, back=back)
    else:
        tell(uow, case, CANCELLED_BY_PLACE, when=when, reason=reason, back=back)
    return f"{case.daycare.name} {case.booking.number} {when}"


def shorten_for_place(uow: UnitOfWork, case: Case, stay: DaycareStay, end: datetime, reason: str) -> str:
    """A stay ends earlier than booked without blame: what is cut off costs nothing. Returns it in words."""
    before = period_of(stay.planned).end
    beds.move_end(uow, stay, end)
    case.booking.last_day = min(case.booking.last_day, operating_day(end - timedelta(minutes=1)))
    money.requote(uow, case)
    audit.record(
        uow,
        "daycare.shortened",
        "daycare_stay",
        stay.id,
        reason=reason,
        diff={"end": [before.isoformat(), end.isoformat()]},
    )
    money.settle(uow, case, kst_date(uow.now), reason)
    when = when_text([stay])
    tell(uow, case, SHORTENED_BY_PLACE, when=when, reason=reason, back=money.credit_words(uow, case))
    return f"{case.daycare.name} {case.booking.number} {when}"


def _check_change(uow: UnitOfWork, case: Case, wish: Wish) -> Problem | None:
    return check_change(
        _periods(case.planned),
        wish.stays(),
        uow.now,
        case.policy,
        by_phone=uow.actor.role is not Role.GUARDIAN,
        phone=phone_text(case.daycare.phone),
    )


def _terms(uow: UnitOfWork, case: Case, *, by_phone: bool, identified: bool) -> Cancellation:
    return cancellation(
        _periods(case.planned),
        uow.now,
        case.policy,
        by_phone=by_phone,
        identified=identified,
        phone=phone_text(case.daycare.phone),
    )


def _periods(stays: Sequence[DaycareStay]) -> list[Period]:
    return [beds.planned_period(stay) for stay in stays]


def _give_back(uow: UnitOfWork, case: Case, terms: Cancellation, *, reason: str, how: str) -> Cancelled:
    first = case.planned[0]
    late = terms.ending is Ending.LATE_CANCELLED
    for stay in case.planned:
        beds.leave_bed(uow, stay, StayState.CANCELLED)
    case.booking.cancelled_at, case.booking.cancelled_how = uow.now, how
    uow.session.flush()
    if case.state is BookingState.IN_CARE:
        complete_if_over(uow, case)
        case.booking.version += 1
        audit.record(uow, "daycare.rest_cancelled", "daycare_booking", case.booking.id, reason=reason or None)
    else:
        after = BookingState.LATE_CANCELLED if late else BookingState.CANCELLED
        move(uow, case.booking, after, "daycare.cancelled", reason=reason, diff={"how": [None, how]})
    money.settle(uow, case, first.operating_day, N_("예약 취소"))
    fee = 0
    if late:
        fee = money.charge_hours(uow, case, terms.fee_hours, first.operating_day, N_("늦은 취소"))
        _count(uow, case, first)
    words = [f"취소 이용료 {fee:,}원" if fee else money.NO_FEE, LATE_COUNTS if late else ""]
    told = " ".join(word for word in words if word)
    tell(uow, case, CANCELLED, fee=f"{told}{money.credit_words(uow, case)}")
    return Cancelled(case.state, fee)


def _count(uow: UnitOfWork, case: Case, stay: DaycareStay) -> None:
    """A late cancellation is weighed by the director (AS-25)."""
    record_event(
        uow,
        NewEvent(
            EventKind.LATE_CANCEL,
            "DAYCARE",
            uow.now,
            guardian_id=case.booking.guardian_id,
            child_id=case.booking.child_id,
            institution_id=case.daycare.id,
            note=f"예약 {case.booking.number}",
            source="daycare_stay",
            source_id=stay.id,
        ),
    )


def _check_caller(uow: UnitOfWork, case: Case, caller: Caller | None) -> None:
    if uow.actor.role is Role.GUARDIAN:
        return
    if caller is None or not is_booker(_clean(caller), _phones(uow, case)):
        raise RuleBroken(NOT_THE_BOOKER)


def _clean(caller: Caller) -> Caller:
    phone = clean_phone(caller.phone, field="caller_phone") if caller.phone.strip() else ""
    return Caller(phone, caller.name, caller.identity)


def _phones(uow: UnitOfWork, case: Case) -> set[str]:
    return {case.booking.contact_phone, guardian_of(uow, case).phone} - {""}


def _how(caller: Caller | None) -> str:
    if caller is None:
        return ""
    parts = [N_("전화"), caller.name.strip(), phone_text(caller.phone), caller.identity.strip()]
    return " · ".join(part for part in parts if part)


def _rewrite(
    uow: UnitOfWork, case: Case, wish: Wish, rows: Sequence[DaycareStay], passed: list[list[str]]
) -> None:
    booking = case.booking
    before = [booking.first_day.isoformat(), booking.last_day.isoformat()]
    terms = money.terms_of(uow, booking)
    periods = _periods(rows)
    booking.first_day, booking.last_day = wish.first_day, wish.last_day
    booking.touches_night = any(touches_night(period, case.policy) for period in periods)
    booking.quoted = quote(periods, terms, case.policy, holidays(uow)).amount
    booking.overrides = passed
    booking.version += 1
    uow.session.flush()
    audit.record(
        uow,
        "daycare.changed",
        "daycare_booking",
        booking.id,
        diff={"days": [before, [wish.first_day.isoformat(), wish.last_day.isoformat()]]},
    )
