"""The booking's account: charged when confirmed, settled when used, never changed in place (AD-12 – AD-15, GC-20)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select

from app.daycare import actions
from app.daycare.accepted import confirmed_of
from app.daycare.models import DaycareBooking, DaycareStay
from app.daycare.queries.place import policy_of
from app.daycare.rules.policy import DaycarePolicy
from app.daycare.rules.states import SYSTEM, BookingState, StayState
from app.daycare.rules.tariff import NOTHING, Fee, Terms, fee_for
from app.daycare.service.case import SUBJECT, Case, guardian_of, move, open_case
from app.daycare.times import period_of
from app.fees import service as fees
from app.fees.models import Charge, Payment
from app.fees.queries import balance_of
from app.fees.rules import MORE_THAN_CREDIT, TOO_MUCH, ChargeKind
from app.kernel import submission
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound
from app.tenancy.queries import holidays

SERVICE = "DAYCARE"
USE = (ChargeKind.BOOKING, ChargeKind.OVERRUN, ChargeKind.REDUCTION)
"""What is charged for hours; meals, late cancellations and corrections stand beside it."""


def account_of(booking: DaycareBooking) -> fees.Account:
    return fees.Account(SERVICE, booking.daycare_id, booking.guardian_id, SUBJECT, booking.id)


def terms_of(uow: UnitOfWork, booking: DaycareBooking) -> Terms:
    """Won an hour as it was booked (GC-20); where the child is enrolled as the director last accepted it (AD-15)."""
    confirmed = confirmed_of(uow, booking.daycare_id, booking.guardian_id, [booking.child_id])
    return Terms(booking.fee_hour, confirmed[booking.child_id].qualification, booking.free_category)


def due(uow: UnitOfWork, case: Case, terms: Terms | None = None) -> int:
    """Won that all its stays come to as they stand, under these terms (default: its own)."""
    agreed = terms or terms_of(uow, case.booking)
    return sum(stay_fee(uow, stay, agreed, case.policy).amount for stay in case.stays)


def requote(uow: UnitOfWork, case: Case) -> None:
    """What is left of a booking costs what its hours cost."""
    case.booking.quoted = due(uow, case)
    case.booking.version += 1
    uow.session.flush()


def stay_fee(uow: UnitOfWork, stay: DaycareStay, terms: Terms, policy: DaycarePolicy) -> Fee:
    """What a stay costs as it stands: used hours once it is over, booked ones before, nothing when it never was."""
    if stay.state == StayState.LEFT:
        return Fee(stay.billed_hours or 0, stay.government_hours, stay.amount or 0)
    if stay.state in (StayState.PLANNED, StayState.INSIDE):
        return fee_for(period_of(stay.planned), terms, policy, holidays(uow))
    return NOTHING


def settle(uow: UnitOfWork, case: Case, day: date, reason: str = "") -> int:
    """Charge the difference between what the booking costs now and what was charged for it. Returns that difference.

    Before the director has confirmed, nothing is owed.
    """
    if case.state is BookingState.REQUESTED:
        return 0
    difference = due(uow, case) - _charged(uow, case.booking.id)
    first = not _was_charged(uow, case.booking.id)
    if difference or (first and case.holding):
        kind = ChargeKind.OVERRUN if difference > 0 else ChargeKind.REDUCTION
        fees.charge(
            uow,
            account_of(case.booking),
            ChargeKind.BOOKING if first else kind,
            difference,
            child_id=case.booking.child_id,
            service_date=day,
            due_on=day,
            reason=reason,
        )
    note_payment(uow, case)
    return difference


def charge_hours(uow: UnitOfWork, case: Case, hours: int, day: date, reason: str) -> int:
    """A late cancellation or a no-show, where the municipality charges for it (AD-16, AD-17). Returns won."""
    amount = hours * case.booking.fee_hour // 10 * 10
    if not amount or (
        case.booking.free_category in case.policy.free_categories and case.booking.free_category
    ):
        return 0
    fees.charge(
        uow,
        account_of(case.booking),
        ChargeKind.NO_SHOW,
        amount,
        child_id=case.booking.child_id,
        service_date=day,
        due_on=day,
        reason=reason,
    )
    return amount


def note_payment(uow: UnitOfWork, case: Case) -> int:
    """CONFIRMED and PAID follow the account (AD-13, AD-31). Returns the balance."""
    balance = balance_of(uow, SUBJECT, case.booking.id)
    if case.state is BookingState.CONFIRMED and balance <= 0 and case.holding:
        if case.booking.quoted or _paid(uow, case.booking.id):
            _set(uow, case, BookingState.PAID)
    elif case.state is BookingState.PAID and balance > 0:
        _set(uow, case, BookingState.CONFIRMED)
    return balance


def credit_words(uow: UnitOfWork, case: Case) -> str:
    """What goes back to the family, as a sentence behind others; nothing where nothing was paid too much."""
    credit = -balance_of(uow, SUBJECT, case.booking.id)
    return f" 낸 돈 가운데 {credit:,}원을 돌려드려요." if credit > 0 else ""


def record_payment(
    uow: UnitOfWork,
    request_id: str,
    booking_ref: str,
    *,
    amount: int,
    method: str,
    payer: str = "",
    reasons: Mapping[str, str] | None = None,
) -> Payment:
    """Money came in before the use, or after it for what was added. More than is open needs its reason, by the code
    of the problem. Raises RuleBroken, AlreadySubmitted."""
    submission.submit_once(uow, request_id)
    case = open_case(uow, booking_ref, actions.PAY)
    methods = policy_of(uow, case.daycare).methods
    who = payer or guardian_of(uow, case).name
    why = (reasons or {}).get(TOO_MUCH.code, "")
    payment = fees.record_payment(
        uow, account_of(case.booking), amount, method, methods, payer=who, too_much=why
    )
    note_payment(uow, case)
    return payment


def refund(
    uow: UnitOfWork,
    request_id: str,
    booking_ref: str,
    *,
    amount: int,
    method: str,
    reason: str,
    reasons: Mapping[str, str] | None = None,
) -> Payment:
    """Money goes back, never more than came in; more than what is too much needs a reason of its own."""
    submission.submit_once(uow, request_id)
    case = open_case(uow, booking_ref, actions.REFUND)
    methods = policy_of(uow, case.daycare).methods
    why = (reasons or {}).get(MORE_THAN_CREDIT.code, "")
    row = fees.refund(uow, account_of(case.booking), amount, method, methods, reason, beyond=why)
    note_payment(uow, case)
    return row


def correct_charge(uow: UnitOfWork, request_id: str, booking_ref: str, *, amount: int, reason: str) -> Charge:
    """The director adds to or takes off the booking's last charge; the charge itself stays as it was written."""
    submission.submit_once(uow, request_id)
    case = open_case(uow, booking_ref, actions.REFUND)
    last = uow.session.scalar(
        select(Charge.ref)
        .where(Charge.subject == SUBJECT, Charge.subject_id == case.booking.id)
        .order_by(Charge.id.desc())
        .limit(1)
    )
    if last is None:
        raise NotFound("charge")
    row = fees.correct(uow, last, amount, reason)
    note_payment(uow, case)
    return row


def _set(uow: UnitOfWork, case: Case, after: BookingState) -> None:
    """The account decides, whoever wrote in it."""
    action = "daycare.paid" if after is BookingState.PAID else "daycare.owes"
    move(uow, case.booking, after, action, role=SYSTEM)


def _charged(uow: UnitOfWork, booking_id: int) -> int:
    return int(
        uow.session.scalar(
            select(func.coalesce(func.sum(Charge.amount), 0)).where(
                Charge.subject == SUBJECT, Charge.subject_id == booking_id, Charge.kind.in_(USE)
            )
        )
        or 0
    )


def _was_charged(uow: UnitOfWork, booking_id: int) -> bool:
    return bool(
        uow.session.scalar(
            select(Charge.id).where(Charge.subject == SUBJECT, Charge.subject_id == booking_id).limit(1)
        )
    )


def _paid(uow: UnitOfWork, booking_id: int) -> bool:
    return bool(
        uow.session.scalar(
            select(Payment.id).where(Payment.subject == SUBJECT, Payment.subject_id == booking_id).limit(1)
        )
    )


NO_FEE = N_("이용료는 없어요.")
