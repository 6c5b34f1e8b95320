"""The rows of the queue in the order of KB-38, ranked where they lie, so that the database cuts the page.

The rule stays in one place: it is asked once for each case (ground, proven or not, lower grade or not), and the
statement looks the number up. Columns, not entities: the list is read all day and never changed.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, Select, bindparam, case, exists, extract, func, select
from sqlalchemy.dialects.postgresql import JSONB

from app.booking.facts import rank_for
from app.booking.models import Booking
from app.booking.place import Place
from app.booking.rules.priority import Ground
from app.people.models import Child, Evidence, Guardian
from app.people.rules import EvidenceState

YES, NO = "+", "-"


def lines_of(place: Place) -> Select[Any]:
    """Every booking, ordered, with ``proven`` (KB-39) and ``total``: how many there are without a limit."""
    policy = place.terms.booking
    numbers = {
        f"{ground}{YES if proven else NO}{YES if low else NO}": rank_for(
            place, ground, proven, 1 if low else None
        ).number
        for ground in Ground
        for proven in (True, False)
        for low in (True, False)
    }
    lines: Select[Any] = _LINES.params(numbers=numbers, low_grade_max=policy.low_grade_max)
    return lines


def _year(moment: Any) -> Any:
    return extract("year", func.timezone("Asia/Seoul", moment))


_PROVEN = exists().where(
    Evidence.child_id == Booking.child_id,
    Evidence.ground == Booking.ground,
    Evidence.state == EvidenceState.VERIFIED,
    _year(Evidence.decided_at) == _year(Booking.applied_at),
)
_LOW_GRADE = Child.grade.between(1, bindparam("low_grade_max"))
_CASE = Booking.ground.concat(case((_PROVEN, YES), else_=NO)).concat(case((_LOW_GRADE, YES), else_=NO))
_NUMBER: Any = bindparam("numbers", type_=JSONB)[_CASE].astext.cast(Integer)
_LINES: Any = (
    select(
        Booking.id,
        Booking.ref,
        Booking.number,
        Booking.version,
        Booking.kind,
        Booking.state,
        Booking.channel,
        Booking.ground,
        Booking.quarter_id,
        Booking.child_id,
        Booking.contact_phone,
        Booking.starts_on,
        Booking.ends_on,
        Booking.times,
        Booking.applied_at,
        Booking.counselled_on,
        Booking.other_service,
        Booking.parallel_use_reason,
        Booking.paper_asked,
        Booking.cancel_asked_at,
        Booking.walk_in,
        Booking.over_limit,
        Child.ref.label("child_ref"),
        Child.name.label("child_name"),
        Child.grade,
        Guardian.name.label("guardian_name"),
        _PROVEN.label("proven"),
        func.count().over().label("total"),
    )
    .join(Child, Child.id == Booking.child_id)
    .join(Guardian, Guardian.id == Booking.guardian_id)
    .order_by(_NUMBER, Booking.applied_at, Child.birth_date.desc(), Booking.id)
)
