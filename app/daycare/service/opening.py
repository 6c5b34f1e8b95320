"""One application, locked for whoever may work on it."""

from __future__ import annotations

from sqlalchemy import select

from app.daycare.models import DaycareApplication
from app.daycare.queries.applications import is_unseen_draft
from app.kernel.actions import Action, Reach
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, StaleVersion


def open_application(uow: UnitOfWork, ref: str, action: Action, version: int | None) -> DaycareApplication:
    """NotFound for another family's, Forbidden elsewhere, StaleVersion for an old page (None: whatever it is now)."""
    row = uow.session.scalars(
        select(DaycareApplication)
        .where(DaycareApplication.ref == ref)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("daycare_application")
    action.check(uow.actor, row.daycare_id)
    if action.reach(uow.actor.role) is Reach.OWN and row.guardian_id != uow.actor.guardian_id:
        raise NotFound("daycare_application")
    if is_unseen_draft(uow, row):
        raise NotFound("daycare_application")
    if version is not None and row.version != version:
        raise StaleVersion("daycare_application")
    return row
