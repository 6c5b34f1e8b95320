"""What a daycare imposed on a household before: on the guardian, or on whoever lives with the same children (AS-25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from app.kernel.db import UnitOfWork
from app.kernel.ranges import DateSpan
from app.restrictions.models import Restriction
from app.restrictions.rules.kinds import BINDING, Family, Ground, State
from app.restrictions.subjects import household_guardians


@dataclass(frozen=True, slots=True)
class Earlier:
    """One that binds, or did until today. ``span``: its days as they turned out."""

    ground: Ground
    span: DateSpan
    binds: bool


def earlier_at(uow: UnitOfWork, daycare_id: int, guardian_id: int | None) -> list[Earlier]:
    """Those that are not over before today. One lifted before its first day has never been."""
    rows = uow.session.scalars(
        select(Restriction)
        .where(
            or_(
                Restriction.guardian_id == guardian_id,
                Restriction.guardian_id.in_(household_guardians(guardian_id)),
            ),
            Restriction.institution_id == daycare_id,
            Restriction.service == Family.DAYCARE,
            Restriction.state.in_([*BINDING, State.LIFTED]),
        )
        .order_by(Restriction.starts_on, Restriction.id)
    )
    found = [(row, _days(row)) for row in rows]
    return [
        Earlier(Ground(row.ground), span, row.state in BINDING)
        for row, span in found
        if span is not None and span.last >= uow.today
    ]


def _days(row: Restriction) -> DateSpan | None:
    first, last = row.starts_on, row.ends_on
    if row.state == State.LIFTED and (lifted := row.details.get("lifted_on")):
        last = date.fromisoformat(lifted)
    return DateSpan(first, last) if first and last and first <= last else None
