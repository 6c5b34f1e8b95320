"""Who was there on an operating day, asked of the rows: also who came before it and stays beyond it (AD-24)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_

from app.daycare.models import DaycareStay
from app.daycare.rules.days import operating_span
from app.daycare.rules.presence import TURN
from app.daycare.rules.states import StayState

ENTERED = (StayState.INSIDE, StayState.LEFT)


def there_on(day: date, now: datetime) -> ColumnElement[bool]:
    """Stays with a minute in that operating day; what ``rules.presence.presence`` says of one, of all."""
    span = operating_span(day)
    stayed_until = func.coalesce(DaycareStay.out_at, now)
    return and_(
        DaycareStay.state.in_(ENTERED),
        DaycareStay.in_at < span.end,
        or_(DaycareStay.in_at >= span.start, stayed_until >= span.start + TURN),
    )
