"""A row of a register that somebody signed stays as it was; the rows after it go on growing (GC-24)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from app.documents.catalogue import load
from app.documents.models import Paper
from app.documents.queries import signatures_of
from app.documents.rules.signing import SIGNED_ROW, RowPlace, row_of
from app.kernel.db import UnitOfWork
from app.kernel.errors import RuleBroken


def signed_part(paper: Paper, place: str) -> str:
    """The sha-256 of what a signature in this place stands on: the whole paper, or its own row."""
    row = row_of(place)
    if row is None:
        return paper.data_sha256
    return row_fingerprint(paper, row, paper.data)


def row_fingerprint(paper: Paper, row: RowPlace, data: Mapping[str, Any]) -> str:
    """What a signature in a row stands on, as a sha-256: the form, its version, where the row stands, its columns up to
    the signature (all of them for the last one). "" for a row that is gone."""
    rows = data.get(row.table) or []
    if row.number >= len(rows):
        return ""
    columns = load(paper.form_id).field(row.table).signed_by(row.column)
    names = [name for column in columns for name in (column.name, *column.texts)]
    content = {
        "form": paper.form_id,
        "version": paper.form_version,
        "row": [row.table, row.number],
        "data": {name: rows[row.number].get(name) for name in names},
    }
    return sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def keep_signed_rows(uow: UnitOfWork, paper: Paper, data: Mapping[str, Any]) -> None:
    """RuleBroken naming each row of the new data that is no longer what was signed. Call it before data change."""
    changed = {}
    for signature in signatures_of(uow, paper.id):
        row = row_of(signature.field)
        if row and row_fingerprint(paper, row, data) != signature.data_sha256:
            label = load(paper.form_id).field(row.table).asked
            changed[row.table, row.number] = SIGNED_ROW.of(
                table=label, number=row.number + 1, field=f"{row.table}.{row.number}"
            )
    if changed:
        raise RuleBroken(changed[key] for key in sorted(changed))
