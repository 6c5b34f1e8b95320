"""Which sheets of which bookings make one print run (KB-16, XX-12)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import select

from app.booking import papers
from app.booking.dossiers import Dossier, dossiers
from app.documents.catalogue import load
from app.documents.models import Paper
from app.documents.rules import PaperState
from app.documents.service.printing import PrintItem
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_

FOR_PRINT = N_("출력")
Fill = Callable[[Dossier, UnitOfWork], papers.Data]
FORMS: dict[str, Fill] = {
    papers.APPLICATION: lambda file, uow: papers.application(file),
    papers.PRIVACY: lambda file, uow: papers.privacy_consent(file),
    papers.CONSENT5: lambda file, uow: papers.consent5(file),
    papers.NOTICE: lambda file, uow: papers.decision_notice(file, uow.today),
    papers.CHILD_CARD: lambda file, uow: papers.child_card(file, uow.today),
}
WITH_HEALTH = frozenset({papers.APPLICATION, papers.CONSENT5, papers.CHILD_CARD})


def form_choices() -> list[tuple[str, str]]:
    return [(form_id, load(form_id).title) for form_id in FORMS]


def sheets(uow: UnitOfWork, refs: Sequence[str], form_ids: Sequence[str]) -> list[PrintItem]:
    """Child by child, form by form. A paper that is signed and issued is printed as it was signed."""
    reason = FOR_PRINT if WITH_HEALTH.intersection(form_ids) else ""
    files = dossiers(uow, refs, health_for=reason)
    stored = _stored(uow, [file.booking.id for file in files], form_ids)
    items = []
    for file in files:
        for form_id in form_ids:
            ref = stored.get((file.booking.id, form_id))
            items.append(
                PrintItem(paper_ref=ref)
                if ref
                else PrintItem(form_id=form_id, data=FORMS[form_id](file, uow))
            )
    return items


def _stored(uow: UnitOfWork, ids: Sequence[int], form_ids: Sequence[str]) -> dict[tuple[int, str], str]:
    rows = uow.session.execute(
        select(Paper.subject_id, Paper.form_id, Paper.ref)
        .where(
            Paper.subject == "booking",
            Paper.subject_id.in_(ids),
            Paper.form_id.in_(form_ids),
            Paper.state == PaperState.ISSUED,
        )
        .order_by(Paper.id)
    )
    return {(subject_id or 0, form_id): ref for subject_id, form_id, ref in rows}
