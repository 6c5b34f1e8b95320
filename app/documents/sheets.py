"""A stored paper as the sheet the renderer draws: its data, wording, signatures, seal and foot line."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.documents import numbers
from app.documents.catalogue import load
from app.documents.models import Paper, Signature
from app.documents.rules import PaperState
from app.documents.rules.verifying import printed_code
from app.documents.seals import seal_pictures
from app.documents.wording import bodies
from app.kernel.db import UnitOfWork, database
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
    how, verify_url = _verify_line(uow, paper)
    return Sheet(
        paper.form_id,
        numbers.opened_data(paper, load(paper.form_id), uow.tenant.slug),
        mark,
        line + how,
        _signatures(uow, paper),
        bodies(uow, paper.form_id, paper.texts),
        verify_url,
    )


def _signatures(uow: UnitOfWork, paper: Paper) -> dict[str, Any]:
    """What is drawn in each place: strokes, a typed name, or for a scan the words that the original is kept.

    Only what is issued carries a seal: a copy to sign is no document of the office yet.
    """
    drawn: dict[str, Any] = {}
    for row in uow.session.scalars(select(Signature).where(Signature.paper_id == paper.id)):
        drawn[row.field] = row.strokes or (f"{row.signer} (서면)" if row.method == "SCAN" else row.signer)
    if paper.state == PaperState.ISSUED:
        drawn.update(seal_pictures(uow, paper))
    return drawn


def _verify_line(uow: UnitOfWork, paper: Paper) -> tuple[str, str | None]:
    """What a reader types to verify the paper, for the foot line, and the address behind the QR code.

    The code stands behind the ``#``: a browser sends that to nobody, so it reaches no log and no other site.
    """
    base = database().settings.base_url
    if paper.state != PaperState.ISSUED or not paper.verify_code:
        return "", None
    code = printed_code(paper.verify_code)
    if not base:
        return f"\n확인 코드 {code}", None
    page = f"{base}/{uow.tenant.slug}/verify"
    return f"\n문서 확인 {page.partition('//')[2]}\n확인 코드 {code}", f"{page}?n={paper.number}#{code}"


def stamp(moment: datetime) -> str:
    """``2026. 3. 2. 14:05``, for the foot line."""
    return f"{dotted(kst_date(moment))} {clock_text(moment)}"
