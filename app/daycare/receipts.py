"""영수증: the paper of one payment of a booking, the same for the desk and for the family (AD-13)."""

from __future__ import annotations

from app.daycare import papers
from app.daycare.queries import BookingDetail, DaycareRow
from app.daycare.rules.states import StayState
from app.documents.models import Paper
from app.fees.service import issue_receipt
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.tenancy.queries import holidays


def receipt_paper(uow: UnitOfWork, daycare: DaycareRow, detail: BookingDetail, payment_ref: str) -> Paper:
    """Once per payment: a second press gives the same paper. NotFound for another booking's payment, and a refund's.

    The caller has checked that the actor may see the booking.
    """
    if not any(line.ref == payment_ref and line.is_money for line in detail.ledger.lines):
        raise NotFound("payment")
    data = papers.receipt(
        daycare.name,
        detail.row.guardian,
        detail.row.child,
        detail.fee_hour,
        receipt_lines(detail),
        holidays(uow),
    )
    return issue_receipt(uow, payment_ref, data, child_id=detail.stays[0].child_id)


def receipt_lines(detail: BookingDetail) -> list[papers.ReceiptLine]:
    """What was used, and what is booked and paid for but still to come."""
    lines = []
    for stay in detail.stays:
        if stay.state in (StayState.CANCELLED, StayState.NO_SHOW):
            continue
        start, end = stay.in_at or stay.start, stay.out_at or stay.end
        hours = stay.billed_hours or -(-int((stay.end - stay.start).total_seconds()) // 3600)
        amount = stay.amount if stay.amount is not None else detail.fee_hour * hours
        lines.append(papers.ReceiptLine(start, end, hours, stay.government_hours, amount))
    return lines
