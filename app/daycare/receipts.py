"""영수증: the paper of one payment of a booking, the same for the desk and for the family (AD-13, AD-15).

Before the use it states the hours as they are booked, the state's taken off; after it those that were used. One that
was issued before and says something else by now is made anew by the desk: the final receipt (AD-14).
"""

from __future__ import annotations

from collections.abc import Sequence

from app.daycare import papers
from app.daycare.issued import Issued, issued_of
from app.daycare.models import DaycareBooking
from app.daycare.policy import policy_at
from app.daycare.queries import BookingDetail, DaycareRow, StayRow
from app.daycare.rules.policy import DaycarePolicy
from app.daycare.rules.states import StayState
from app.daycare.rules.tariff import Fee, Terms, fee_for
from app.daycare.service.money import terms_of
from app.documents.models import Paper
from app.fees.receipts import OF_THE_LEDGER, issue_receipt, renew_receipt
from app.fees.rules import ChargeKind
from app.kernel.calendar import HolidayCalendar
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound
from app.kernel.ranges import Period
from app.tenancy.queries import holidays

GONE = (StayState.CANCELLED, StayState.NO_SHOW)
SETTLED = N_("이용료가 달라져 다시 발급")
"""The reason of a new receipt unless somebody gives another."""


def receipt_paper(uow: UnitOfWork, daycare: DaycareRow, detail: BookingDetail, payment_ref: str) -> Paper:
    """The one in force: a second press gives the same. NotFound for another booking's payment, and a refund's.

    The caller has checked that the actor may see the booking.
    """
    _check_own(detail, payment_ref)
    data = receipt_data(uow, daycare, detail)
    return issue_receipt(uow, payment_ref, data, child_id=detail.stays[0].child_id)


def renewed_receipt(
    uow: UnitOfWork, daycare: DaycareRow, detail: BookingDetail, payment_ref: str, reason: str = ""
) -> Paper:
    """A new one in place of what was issued; that one is void (GC-18)."""
    _check_own(detail, payment_ref)
    return renew_receipt(uow, payment_ref, receipt_data(uow, daycare, detail), reason.strip() or SETTLED)


def issued_receipts(uow: UnitOfWork, daycare: DaycareRow, detail: BookingDetail) -> dict[str, Issued]:
    """By payment: what is in force, and whether the use or its price is another by now."""
    found = {}
    for line in detail.ledger.lines:
        if line.paper_id is not None:
            paper = uow.session.get(Paper, line.paper_id)
            if issued := issued_of(paper, receipt_data(uow, daycare, detail), besides=OF_THE_LEDGER):
                found[line.ref] = issued
    return found


def receipt_data(uow: UnitOfWork, daycare: DaycareRow, detail: BookingDetail) -> papers.Data:
    """What the booking costs, as it stands; what was paid of it is the ledger's."""
    booking = uow.session.get_one(DaycareBooking, detail.row.id)
    terms, calendar = terms_of(uow, booking), holidays(uow)
    policy = policy_at(uow, daycare.place, booking.first_day)
    free = bool(terms.free_category) and terms.free_category in policy.free_categories
    lines = receipt_lines(detail.stays, terms, policy, calendar)
    meals = _charged(detail, ChargeKind.MEAL)
    extra = _charged(detail, ChargeKind.NO_SHOW, ChargeKind.CORRECTION)
    data = papers.receipt(
        daycare.name, detail.row.guardian, detail.row.child, detail.fee_hour, lines, calendar, free=free
    )
    used = all(stay.state in (*GONE, StayState.LEFT) for stay in detail.stays)
    return {
        **data,
        "basis": "used" if used else "booked",
        "meal_fee": meals,
        "extra": extra,
        "due": sum(line.amount for line in lines) + meals + extra,
    }


def receipt_lines(
    stays: Sequence[StayRow], terms: Terms, policy: DaycarePolicy, calendar: HolidayCalendar
) -> list[papers.ReceiptLine]:
    """What was used, and what is booked and still to come."""
    lines = []
    for stay in stays:
        if stay.state in GONE:
            continue
        if stay.state is StayState.LEFT:
            fee = Fee(stay.billed_hours or 0, stay.government_hours, stay.amount or 0)
            start, end = stay.in_at or stay.start, stay.out_at or stay.end
        else:
            start, end = stay.start, stay.end
            fee = fee_for(Period(start, end), terms, policy, calendar)
        lines.append(papers.ReceiptLine(start, end, fee.hours, fee.government_hours, fee.amount))
    return lines


def _check_own(detail: BookingDetail, payment_ref: str) -> None:
    if not any(line.ref == payment_ref and line.is_money for line in detail.ledger.lines):
        raise NotFound("payment")


def _charged(detail: BookingDetail, *kinds: ChargeKind) -> int:
    return sum(line.amount for line in detail.ledger.lines if line.kind in kinds)
