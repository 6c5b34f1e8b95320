"""Whom a child may be given to: the persons of the list that the director accepted last (AD-18, AD-22).

What a family hands in anew names nobody at the door before it is accepted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import select

from app.daycare.accepted import was_accepted
from app.daycare.models import ApplicationChild, ApplicationGuardian, DaycareApplication
from app.daycare.rules.states import ApplicationState
from app.kernel.db import UnitOfWork
from app.people.models import Guardian


def lists_of(
    uow: UnitOfWork, daycare_id: int, guardian_ids: Collection[int]
) -> dict[int, tuple[ApplicationGuardian, ...]]:
    """By the guardian who applied, in the order of emergency calls.

    Of a first application that nobody accepted yet only who applies counts, once the identity card was seen.
    """
    applications = _counting(uow, daycare_id, guardian_ids)
    people: dict[int, list[ApplicationGuardian]] = {row.id: [] for row in applications.values()}
    for one in uow.session.scalars(
        select(ApplicationGuardian)
        .where(ApplicationGuardian.application_id.in_(list(people)))
        .order_by(ApplicationGuardian.position)
    ):
        people[one.application_id].append(one)
    found: dict[int, tuple[ApplicationGuardian, ...]] = dict.fromkeys(guardian_ids, ())
    first = [guardian_id for guardian_id, row in applications.items() if not was_accepted(row)]
    known = {one.id: one for one in uow.session.scalars(select(Guardian).where(Guardian.id.in_(first)))}
    for guardian_id, row in applications.items():
        named = people[row.id]
        found[guardian_id] = tuple(named if was_accepted(row) else _applicant(known[guardian_id], row, named))
    return found


def listed_for(uow: UnitOfWork, daycare_id: int, child_id: int) -> list[ApplicationGuardian]:
    """Everybody on the lists that name the child, whichever of its guardians handed them in."""
    named = (
        select(DaycareApplication.guardian_id)
        .join(ApplicationChild, ApplicationChild.application_id == DaycareApplication.id)
        .where(DaycareApplication.daycare_id == daycare_id, ApplicationChild.child_id == child_id)
    )
    guardians = set(uow.session.scalars(named))
    counting = {row.id for row in _counting(uow, daycare_id, guardians).values()}
    speak = set(
        uow.session.scalars(
            select(ApplicationChild.application_id).where(
                ApplicationChild.child_id == child_id, ApplicationChild.application_id.in_(counting)
            )
        )
    )
    lists = lists_of(uow, daycare_id, guardians).values()
    return [one for people in lists for one in people if one.application_id in speak]


def waits_for_acceptance(uow: UnitOfWork, application_id: int) -> bool:
    """The family has handed in a list that does not count yet."""
    row = uow.session.get_one(DaycareApplication, application_id)
    return row.state == ApplicationState.SUBMITTED


def _counting(
    uow: UnitOfWork, daycare_id: int, guardian_ids: Collection[int]
) -> dict[int, DaycareApplication]:
    """By guardian: the application accepted last, else the newest that was handed in."""
    rows = uow.session.scalars(
        select(DaycareApplication)
        .where(
            DaycareApplication.daycare_id == daycare_id,
            DaycareApplication.guardian_id.in_(list(guardian_ids)),
            DaycareApplication.state != ApplicationState.DRAFT,
        )
        .order_by(DaycareApplication.id.desc())
    ).all()
    found: dict[int, DaycareApplication] = {}
    for row in rows:
        before = found.get(row.guardian_id)
        if before is None or (was_accepted(row) and not was_accepted(before)):
            found[row.guardian_id] = row
    return found


def _applicant(
    who: Guardian, row: DaycareApplication, named: Iterable[ApplicationGuardian]
) -> list[ApplicationGuardian]:
    if not row.checks.get("identity", {}).get("returned"):
        return []
    return [
        one for one in named if one.guardian_id == who.id or (one.name, one.phone) == (who.name, who.phone)
    ]
