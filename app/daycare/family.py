"""Who a booking is for: the child, who asks for it, and the application they handed in to the daycare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.daycare.models import ApplicationChild, DaycareApplication
from app.daycare.rules.eligibility import ChildFacts, province_of
from app.daycare.rules.states import ApplicationState
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.people.models import Child, Guardian, GuardianChild

STANDING = ("DRAFT", "SUBMITTED", "ACCEPTED", "RETURNED", "OUTDATED")


@dataclass(frozen=True, slots=True)
class Member:
    """A child with the guardian who asks for it. ``entry``: its line in the application, if it has one."""

    child: Child
    relation: str
    lives_together: bool
    entry: ApplicationChild | None

    def facts(self, guardian: Guardian, checks: dict[str, Any]) -> ChildFacts:
        """The family document that was seen says more than an address (AE-17)."""
        seen = checks.get("family", {}).get("resident")
        address = self.child.address or guardian.address
        return ChildFacts(
            self.child.birth_date,
            self.child.grade is not None or self.child.in_school,
            self.child.disability != "NONE",
            province_of(address) if seen is None else seen,
        )


@dataclass(frozen=True, slots=True)
class Family:
    """``application``: the newest that was not taken back, in whatever state; None when there never was one."""

    guardian: Guardian
    members: tuple[Member, ...]
    application: DaycareApplication | None

    outdated: bool = False

    @property
    def application_state(self) -> ApplicationState | None:
        if self.application is None:
            return None
        return ApplicationState.OUTDATED if self.outdated else ApplicationState(self.application.state)

    @property
    def application_id(self) -> int:
        """Raises NotFound: whoever books was asked for one before."""
        if self.application is None:
            raise NotFound("daycare_application")
        return self.application.id

    @property
    def checks(self) -> dict[str, Any]:
        return self.application.checks if self.application else {}


def family_for(uow: UnitOfWork, daycare_id: int, children: Sequence[str], guardian_ref: str | None) -> Family:
    """The signed-in guardian, or the one staff named, with these of their children. Raises NotFound.

    Staff reach the families who handed an application in at their daycare.
    """
    guardian = _guardian(uow, guardian_ref)
    application = uow.session.scalars(
        select(DaycareApplication)
        .where(
            DaycareApplication.daycare_id == daycare_id,
            DaycareApplication.guardian_id == guardian.id,
            DaycareApplication.state.in_(STANDING),
        )
        .order_by(DaycareApplication.id.desc())
        .limit(1)
    ).first()
    if application is None and uow.actor.role not in (Role.GUARDIAN, Role.SYSTEM):
        raise NotFound("family")
    rows = {
        child.ref: Member(child, link.relation, link.lives_together, None)
        for child, link in uow.session.execute(
            select(Child, GuardianChild)
            .join(GuardianChild, GuardianChild.child_id == Child.id)
            .where(GuardianChild.guardian_id == guardian.id, Child.ref.in_(list(children)))
        )
    }
    if len(rows) != len(set(children)) or not rows:
        raise NotFound("child")
    entries = _entries(uow, application)
    members = [rows[ref] for ref in children]
    return Family(
        guardian,
        tuple(Member(m.child, m.relation, m.lives_together, entries.get(m.child.id)) for m in members),
        application,
        application is not None and is_outdated(uow, application),
    )


def versions_now(uow: UnitOfWork, row: DaycareApplication) -> dict[str, int]:
    """Versions of the records an application speaks of: a later one makes it out of date (AD-18)."""
    children = uow.session.execute(
        select(Child.id, Child.version)
        .join(ApplicationChild, ApplicationChild.child_id == Child.id)
        .where(ApplicationChild.application_id == row.id)
    )
    guardian = uow.session.scalar(select(Guardian.version).where(Guardian.id == row.guardian_id)) or 0
    return {"guardian": guardian, **{f"child|{child_id}": version for child_id, version in children}}


def is_outdated(uow: UnitOfWork, row: DaycareApplication) -> bool:
    """Judged whenever somebody asks; the clock only writes it down."""
    said = row.checks.get("data")
    return said is not None and said != versions_now(uow, row)


def _guardian(uow: UnitOfWork, ref: str | None) -> Guardian:
    if uow.actor.role is Role.GUARDIAN:
        row = uow.session.get(Guardian, uow.actor.guardian_id or 0)
    else:
        row = uow.session.scalars(select(Guardian).where(Guardian.ref == (ref or ""))).first()
    if row is None:
        raise NotFound("guardian")
    return row


def _entries(uow: UnitOfWork, application: DaycareApplication | None) -> dict[int, ApplicationChild]:
    if application is None:
        return {}
    rows = uow.session.scalars(
        select(ApplicationChild).where(ApplicationChild.application_id == application.id)
    )
    return {row.child_id: row for row in rows}
