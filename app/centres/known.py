"""A centre with its calendar, remembered by each process: it changes a few times a year and is asked on every page.

Every unit asks for the versions of all its rows, one small statement; only where one differs they are read again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Text, bindparam, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.centres import queries
from app.centres.models import CapacityChange, KiumCentre, Quarter, SpecialDay
from app.centres.queries import CapacityChangeRow, CentreRow, District, QuarterRow, SpecialDayRow
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.tenancy.models import Institution


@dataclass(frozen=True, slots=True)
class KnownCentre:
    """``stamp`` names the versions of all rows of it; ``coming``: the approved change of capacity still to come."""

    stamp: str
    centre: CentreRow
    quarters: tuple[QuarterRow, ...]
    special: tuple[SpecialDayRow, ...]
    coming: CapacityChangeRow | None


MOST_REMEMBERED = 1000
_remembered: dict[tuple[str, str], KnownCentre] = {}
"""By schema and ref."""


def known_centre(uow: UnitOfWork, ref: str) -> KnownCentre:
    """Raises NotFound. Not for a unit that has changed the centre itself: its own two versions look alike."""
    stamp = uow.rows(STAMP, ref=ref).scalar()  # first: what is read after it can only be newer
    if stamp is None:
        raise NotFound("centre")
    key = uow.tenant.schema, ref
    known = _remembered.get(key)
    if known is None or known.stamp != stamp:
        known = _read(uow, stamp, ref)
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        _remembered[key] = known
    return known


def is_still(uow: UnitOfWork, known: KnownCentre) -> bool:
    """Nothing of it has been changed since it was asked."""
    return bool(uow.rows(STAMP, ref=known.centre.ref).scalar() == known.stamp)


def _read(uow: UnitOfWork, stamp: str, ref: str) -> KnownCentre:
    centre = queries.centre_by_ref(uow, ref)
    return KnownCentre(
        stamp,
        centre,
        tuple(queries.quarters_of(uow, centre.id)),
        tuple(queries.special_days(uow, centre.id)),
        queries.coming_change(uow, centre.id),
    )


def _select_stamp() -> Select[Any]:
    """The row versions (xmin) of everything that is remembered; no row for an unknown centre."""

    def version(table: str) -> Any:
        return literal_column(f"{table}.xmin::text")

    def versions(model: Any) -> Any:
        line = cast(model.id, Text).concat(":").concat(version(model.__tablename__))
        found = select(func.string_agg(line, aggregate_order_by(literal_column("','"), model.id)))
        return found.where(model.centre_id == Institution.id).correlate(Institution).scalar_subquery()

    return (
        select(
            func.concat_ws(
                "|",
                version("institution"),
                version("district"),
                version("kium_centre"),
                *map(versions, (Quarter, SpecialDay, CapacityChange)),
                type_=Text,
            ).label("stamp")
        )
        .select_from(Institution)
        .join(KiumCentre, KiumCentre.id == Institution.id)
        .join(District, District.id == Institution.parent_id)
        .where(Institution.ref == bindparam("ref"))
    )


STAMP = _select_stamp()
