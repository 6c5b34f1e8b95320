"""What nobody needs any more goes after a few days: the content of thrown-away drafts, the telephone numbers of ended
invitations to sign (XX-07, XX-10). The rows stay, for the log and for whoever points at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from app.documents.models import Paper, Signature, SignLink, Upload
from app.documents.parameters import UNNEEDED_DAYS
from app.documents.rules import PaperState
from app.documents.rules.links import LinkState
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.tenancy import settings

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many, and the names of files to delete once this is committed."""

    count: int
    files: tuple[str, ...] = ()


def forget_dropped_drafts(uow: UnitOfWork) -> Forgotten:
    """Empty up to ``AT_ONCE`` drafts that were thrown away long enough ago, with what was signed in their rows."""
    dropped_at = func.coalesce(Paper.saved_at, Paper.created_at)
    old = select(Paper.id).where(
        Paper.state == PaperState.DROPPED, dropped_at < _limit(uow), Paper.data_sha256 != ""
    )
    ids = list(uow.session.scalars(old.order_by(Paper.id).limit(AT_ONCE).with_for_update()))
    if not ids:
        return Forgotten(0)
    names = _scans(uow, ids)
    uow.session.execute(delete(Signature).where(Signature.paper_id.in_(ids)))
    uow.session.execute(delete(SignLink).where(SignLink.paper_id.in_(ids)))
    empty = {"data": {}, "unfit": {}, "data_sha256": "", "version": Paper.version + 1}
    uow.session.execute(update(Paper).where(Paper.id.in_(ids)).values(**empty))
    audit.record(uow, "paper.forgotten", "paper", None, diff={"papers": [None, ids]})
    return Forgotten(len(ids), names)


def _scans(uow: UnitOfWork, papers: Sequence[int]) -> tuple[str, ...]:
    """Mark what was scanned for these papers as gone; the names of files that nobody else has."""
    theirs = (Upload.owner == "paper", Upload.owner_id.in_(papers), Upload.purged_at.is_(None))
    names = set(
        uow.session.scalars(update(Upload).where(*theirs).values(purged_at=uow.now).returning(Upload.sha256))
    )
    kept = select(Upload.sha256).where(Upload.sha256.in_(names), Upload.purged_at.is_(None))
    return tuple(sorted(names - set(uow.session.scalars(kept))))


def forget_link_phones(uow: UnitOfWork) -> Forgotten:
    """Take name and number out of up to ``AT_ONCE`` invitations that ended without a signature. Where somebody signed,
    the number is how that person was known, and stays with the signature."""
    limit = _limit(uow)
    ended = select(SignLink.id).where(SignLink.signer != "", _over(limit))
    ids = list(uow.session.scalars(ended.order_by(SignLink.id).limit(AT_ONCE).with_for_update()))
    if not ids:
        return Forgotten(0)
    mine = SignLink.id.in_(ids)
    expired = {"ended_at": SignLink.expires_at, "ended_as": LinkState.EXPIRED}
    uow.session.execute(update(SignLink).where(mine, SignLink.ended_as.is_(None)).values(**expired))
    uow.session.execute(update(SignLink).where(mine).values(signer="", phone=""))
    audit.record(uow, "sign_link.forgotten", "sign_link", None, diff={"links": [None, ids]})
    return Forgotten(len(ids))


def _over(limit: datetime) -> ColumnElement[bool]:
    unsigned = SignLink.ended_as.is_(None) | (SignLink.ended_as != LinkState.SIGNED)
    return unsigned & or_(SignLink.ended_at < limit, SignLink.expires_at < limit)


def _limit(uow: UnitOfWork) -> datetime:
    days: int = settings.value(uow, UNNEEDED_DAYS)
    return uow.now - timedelta(days=days)
