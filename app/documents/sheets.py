"""A stored paper as the sheet the renderer draws: its data, wording, signatures, seal and foot line."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.documents.models import Paper, Signature, Upload
from app.documents.rules import PaperState
from app.documents.wording import bodies
from app.kernel.db import UnitOfWork
from app.kernel.files import files
from app.kernel.ranges import kst_date
from app.kernel.texts import clock_text, dotted

if TYPE_CHECKING:
    from app.documents.render import Sheet

TO_SIGN_MARK = "서명용"


def sheet_of(uow: UnitOfWork, paper: Paper, footer: str) -> Sheet:
    """The sheet of a paper in its present state; one that is not issued says so across the page."""
    from app.documents.render import Sheet

    mark = {PaperState.ISSUED: None, PaperState.VOID: PaperState.VOID.label}.get(
        PaperState(paper.state), TO_SIGN_MARK
    )
    line = footer if paper.number is None or paper.number in footer else f"{paper.number} · {footer}"
    return Sheet(
        paper.form_id,
        paper.data,
        mark,
        line,
        _signatures(uow, paper),
        bodies(uow, paper.form_id, paper.texts),
    )


def _signatures(uow: UnitOfWork, paper: Paper) -> dict[str, Any]:
    """What is drawn in each place: strokes, a typed name, or for a scan the words that the original is kept."""
    from app.documents.catalogue import load

    drawn: dict[str, Any] = {}
    for row in uow.session.scalars(select(Signature).where(Signature.paper_id == paper.id)):
        drawn[row.field] = row.strokes or (f"{row.signer} (서면)" if row.method == "SCAN" else row.signer)
    seals = [place.name for place in load(paper.form_id).signatures if place.type == "seal"]
    if seals and (picture := _seal(uow, paper.institution_id)):
        drawn.update(dict.fromkeys(seals, picture))
    return drawn


def _seal(uow: UnitOfWork, institution_id: int | None) -> bytes | None:
    """The picture of the institution's seal, if one was handed in (kind ``seal``)."""
    row = uow.session.scalars(
        select(Upload)
        .where(
            Upload.owner == "institution",
            Upload.owner_id == institution_id,
            Upload.kind == "seal",
            Upload.media_type.in_(["image/png", "image/jpeg"]),
            Upload.purged_at.is_(None),
        )
        .order_by(Upload.id.desc())
        .limit(1)
    ).first()
    return files().read(uow.tenant, row.sha256) if row is not None else None


def stamp(moment: datetime) -> str:
    """``2026. 3. 2. 14:05``, for the foot line."""
    return f"{dotted(kst_date(moment))} {clock_text(moment)}"
