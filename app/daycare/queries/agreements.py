"""Whether a family agreed to food from the daycare, who said so when, and what was said before (AD-23)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.daycare.models import ApplicationChild, DaycareApplication
from app.daycare.rules.states import ApplicationState, Channel
from app.daycare.times import local
from app.kernel.audit import AuditLog
from app.kernel.db import UnitOfWork
from app.kernel.texts import moment_text

SAID = "daycare.meals_said"
"""The action in the audit log; the newest of it stands with the application as well."""


@dataclass(frozen=True, slots=True)
class Said:
    """One word on it after the application: who, how, when, and who of the daycare wrote it down ("" for nobody)."""

    agreed: bool
    by: str
    how: Channel
    at: datetime
    recorded_by: str

    @property
    def words(self) -> str:
        """10월 13일(화) 09:30 전화 · 김보호."""
        return f"{moment_text(self.at)} {self.how.label} · {self.by}"


@dataclass(frozen=True, slots=True)
class Agreement:
    """``said``: None where the application itself is the last word."""

    application_ref: str
    agreed: bool
    said: Said | None


def agreement_of(row: DaycareApplication) -> Agreement:
    """What was said before the application was handed in last is history."""
    note = row.checks.get("meals")
    since = row.submitted_at
    if note and (since is None or datetime.fromisoformat(note["recorded_at"]) >= since):
        return Agreement(row.ref, bool(row.consents.get("meals")), _said(note))
    return Agreement(row.ref, bool(row.consents.get("meals")), None)


def agreements(uow: UnitOfWork, daycare_id: int, child_ids: Collection[int]) -> dict[int, Agreement]:
    """By child, as the newest application of this daycare says; a child without one is missing."""
    rows = uow.session.execute(
        select(ApplicationChild.child_id, DaycareApplication)
        .join(DaycareApplication, DaycareApplication.id == ApplicationChild.application_id)
        .where(
            ApplicationChild.child_id.in_(list(child_ids)),
            DaycareApplication.daycare_id == daycare_id,
            DaycareApplication.state != ApplicationState.DRAFT,
        )
        .order_by(DaycareApplication.id)
    ).all()
    return {child_id: agreement_of(row) for child_id, row in rows}


def agreement_history(uow: UnitOfWork, application_id: int) -> list[Said]:
    """Newest first."""
    rows = uow.session.scalars(
        select(AuditLog.diff)
        .where(
            AuditLog.entity == "daycare_application",
            AuditLog.entity_id == application_id,
            AuditLog.action == SAID,
        )
        .order_by(AuditLog.id.desc())
    )
    return [_said(diff["meals"][1]) for diff in rows]


def _said(note: dict[str, object]) -> Said:
    return Said(
        bool(note["agreed"]),
        str(note["by"]),
        Channel(str(note["how"])),
        local(datetime.fromisoformat(str(note["at"]))),
        str(note["recorded_by"]),
    )
