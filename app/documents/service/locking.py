"""One paper for change, within the actor's reach."""

from __future__ import annotations

from app.documents.models import Paper
from app.documents.queries import paper_by_ref
from app.kernel.db import UnitOfWork


def locked(uow: UnitOfWork, ref: str) -> Paper:
    """The paper for change, if it is within the actor's reach; NotFound otherwise."""
    known = paper_by_ref(uow, ref)
    return uow.session.get_one(Paper, known.id, with_for_update=True, populate_existing=True)
