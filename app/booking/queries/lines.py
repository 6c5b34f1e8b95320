"""The rows of the queue in the order of KB-38, ranked where they lie, so that the database cuts the page.

The rule stays in one place: it is asked once for each case (ground, proven or not, lower grade or not), and the
statement looks the number up. Columns, not entities: the list is read all day and never changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    Integer,
    String,
    any_,
    bindparam,
    case,
    exists,
    extract,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.booking.facts import rank_for
from app.booking.models import Booking
from app.booking.place import Place
from app.booking.rules.priority import Ground
from app.kernel.db import UnitOfWork
from app.kernel.statements import Rows
from app.people.models import Child, Evidence, Guardian
from app.people.rules import EvidenceState
from app.tenancy.settings import made_once

YES, NO = "+", "-"


Values = dict[str, Any]
MOST = 10**9
FILTERS: Mapping[str, Any] = {
    "kind": Booking.kind == bindparam("kind"),
    "first": Booking.ends_on >= bindparam("first", type_=Date),
    "last": Booking.starts_on <= bindparam("last", type_=Date),
    "ground": Booking.ground == bindparam("ground"),
    "child_ids": Booking.child_id == any_(bindparam("child_ids", type_=ARRAY(BigInteger))),
    "refs": Booking.ref == any_(bindparam("refs", type_=ARRAY(String))),
}


def lines_of(
    uow: UnitOfWork,
    place: Place,
    states: Collection[str],
    filters: Values,
    *,
    limit: int = MOST,
    offset: int = 0,
) -> Rows:
    """A centre's bookings, ordered, with ``proven`` (KB-39) and ``total``: how many there are without a limit.

    ``filters`` by the names of ``FILTERS``; what is None does not filter.
    """
    asked = {name: value for name, value in filters.items() if value is not None}
    return uow.rows(
        _lines(frozenset(asked)),
        centre=place.centre.id,
        states=[str(state) for state in states],
        numbers=made_once(uow, ("rank numbers", place.terms), lambda: _numbers(place)),
        low_grade_max=place.terms.booking.low_grade_max,
        limit=limit,
        offset=offset,
        **asked,
    )


@cache  # one statement for each of the few sets of filters
def _lines(filters: frozenset[str]) -> Any:
    return (
        _LINES.where(
            Booking.centre_id == bindparam("centre"),
            Booking.state == any_(bindparam("states", type_=ARRAY(String))),
            *[FILTERS[name] for name in sorted(filters)],
        )
        .limit(bindparam("limit", type_=Integer))
        .offset(bindparam("offset", type_=Integer))
    )


def _numbers(place: Place) -> dict[str, int]:
    """The number of every case."""
    return {
        f"{ground}{YES if proven else NO}{YES if low else NO}": rank_for(
            place, ground, proven, 1 if low else None
        ).number
        for ground in Ground
        for proven in (True, False)
        for low in (True, False)
    }


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
