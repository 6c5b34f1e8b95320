"""What the director has accepted of a family: where each child is enrolled, and why it may be free (AD-12, AD-15).

The price follows this, never what a family says of itself: a first application counts as care at home until it is
accepted, a renewed one changes nothing before that.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, select

from app.daycare.models import ApplicationChild, DaycareApplication
from app.daycare.rules.states import ApplicationState
from app.daycare.rules.tariff import SUPPORTED
from app.kernel.db import UnitOfWork

TERMS = "terms"
"""Where an application keeps what was accepted: {child's id: [qualification, free category]} in its ``checks``."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Of one child; as long as nothing was accepted it is cared for at home and pays."""

    qualification: str = "HOME"
    free_category: str = ""


NOTHING_YET = Confirmed()


def confirmed_of(
    uow: UnitOfWork, daycare_id: int, guardian_id: int, child_ids: Collection[int]
) -> dict[int, Confirmed]:
    """By child, from the newest accepted application that names it; every child asked for is there."""
    found: dict[int, Confirmed] = {}
    for row in uow.session.scalars(_applications(daycare_id, guardian_id)):
        for child_id, confirmed in _accepted(uow, row).items():
            found.setdefault(child_id, confirmed)
    return {child_id: found.get(child_id, NOTHING_YET) for child_id in child_ids}


def unconfirmed(
    uow: UnitOfWork, daycare_id: int, guardian_id: int, child_ids: Collection[int]
) -> frozenset[int]:
    """Children with a claim to the state's hours that the family has written down and nobody has accepted yet."""
    newest = uow.session.scalars(_applications(daycare_id, guardian_id).limit(1)).first()
    if newest is None:
        return frozenset()
    known = confirmed_of(uow, daycare_id, guardian_id, child_ids)
    return frozenset(
        child_id
        for child_id, said in said_in(uow, newest).items()
        if child_id in known
        and said.qualification in SUPPORTED
        and known[child_id].qualification not in SUPPORTED
    )


def said_in(uow: UnitOfWork, row: DaycareApplication) -> dict[int, Confirmed]:
    """As the application says now, accepted or not."""
    entries = uow.session.execute(
        select(
            ApplicationChild.child_id, ApplicationChild.qualification, ApplicationChild.free_category
        ).where(ApplicationChild.application_id == row.id)
    )
    return {child_id: Confirmed(qualification, free) for child_id, qualification, free in entries}


def was_accepted(row: DaycareApplication) -> bool:
    """Now or once: such an application is never written over, so its rows are what was accepted."""
    if row.state == ApplicationState.ACCEPTED or TERMS in row.checks:
        return True
    decided = row.decided_at and row.submitted_at and row.decided_at >= row.submitted_at
    return row.state == ApplicationState.OUTDATED and bool(decided) and not row.decision_reason


def keep(uow: UnitOfWork, row: DaycareApplication) -> None:
    """The application as it says now is what was accepted, whatever becomes of it later."""
    said = said_in(uow, row)
    kept = {str(child_id): [one.qualification, one.free_category] for child_id, one in said.items()}
    row.checks = {**row.checks, TERMS: kept}
    uow.session.flush()


def _applications(daycare_id: int, guardian_id: int) -> Select[DaycareApplication]:
    return (
        select(DaycareApplication)
        .where(DaycareApplication.daycare_id == daycare_id, DaycareApplication.guardian_id == guardian_id)
        .order_by(DaycareApplication.id.desc())
    )


def _accepted(uow: UnitOfWork, row: DaycareApplication) -> dict[int, Confirmed]:
    """An accepted application speaks for itself; any other by what it kept."""
    if row.state == ApplicationState.ACCEPTED:
        return said_in(uow, row)
    kept = row.checks.get(TERMS)
    if kept is not None:
        return {int(child_id): Confirmed(*terms) for child_id, terms in kept.items()}
    return said_in(uow, row) if was_accepted(row) else {}
