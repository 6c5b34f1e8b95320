"""The decision together with its notice: decided, written on paper and told in one unit (KB-22 … KB-24)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from app.booking.dossiers import dossiers
from app.booking.papers import NOTICE, decision_notice
from app.booking.service import decisions
from app.booking.service.decisions import Decision, Overrides
from app.documents.service.preparing import prepare_paper
from app.kernel.db import UnitOfWork


def approve(uow: UnitOfWork, ref: str, overrides: Overrides, *, version: int | None) -> None:
    """As ``decisions.approve``; the notice is issued and its PDF planned."""
    decisions.approve(uow, ref, overrides, version=version)
    issue_notices(uow, [ref])


def approve_many(uow: UnitOfWork, refs: Sequence[str], overrides: Overrides) -> list[Decision]:
    """As ``decisions.approve_many``; a notice for every row that went through."""
    made = decisions.approve_many(uow, refs, overrides)
    issue_notices(uow, [row.ref for row in made if not row.problems])
    return made


def disapprove(uow: UnitOfWork, ref: str, reason: str, *, version: int | None) -> None:
    """As ``decisions.disapprove``; the notice carries the reason."""
    decisions.disapprove(uow, ref, reason, version=version)
    issue_notices(uow, [ref])


def issue_notices(uow: UnitOfWork, refs: Collection[str]) -> None:
    uow.session.flush()
    for file in dossiers(uow, refs):
        prepare_paper(
            uow,
            NOTICE,
            decision_notice(file, uow.today),
            subject="booking",
            subject_id=file.booking.id,
            institution_id=file.centre.id,
            guardian_id=file.guardian.id,
            child_id=file.child.id,
        )
