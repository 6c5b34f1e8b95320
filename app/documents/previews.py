"""Pictures of a form, blank and with invented data: made once for each version by the worker, kept as files.

The finished work row names the files; its key holds form, version and the municipality's own wording, so that a
changed form is drawn anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import select

from app.documents.catalogue import Form
from app.documents.wording import own_wording
from app.kernel import work
from app.kernel.db import UnitOfWork
from app.kernel.work import Work, WorkState

PREVIEW = "form.preview"
KINDS = ("blank", "sample")


@dataclass(frozen=True, slots=True)
class Preview:
    """``pages`` and ``pdf`` name files once ``ready``; ``failed``: nobody can draw it here."""

    pages: tuple[str, ...] = ()
    pdf: str = ""
    failed: bool = False

    @property
    def ready(self) -> bool:
        return bool(self.pdf)


def preview_of(uow: UnitOfWork, form: Form, kind: str) -> Preview:
    """The pictures as far as they are made; the first who asks has them made."""
    words = {name: row.version for name, row in own_wording(uow, form.id).items()}
    key = f"{PREVIEW}:{form.id}:{form.version}:{kind}{_mark(words)}"
    row = uow.session.execute(select(Work.state, Work.result).where(Work.key == key)).first()
    if row is None:
        work.plan(uow, PREVIEW, {"form": form.id, "kind": kind, "texts": words}, key=key)
        return Preview()
    if row.state in (WorkState.DEAD, WorkState.CANCELLED):
        return Preview(failed=True)
    if row.state != WorkState.DONE:
        return Preview()
    return Preview(tuple(row.result["pages"]), row.result["pdf"])


def _mark(words: Mapping[str, int]) -> str:
    """Tells one state of the municipality's wording from another; empty for the form's own words."""
    return f":{sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()[:10]}" if words else ""
