"""Files people hand in: checked, stored encrypted, opened only through a logged view (XX-19, XX-21, GC-25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.documents.actions import RETURN_ORIGINAL
from app.documents.filetypes import recognise, safe_name
from app.documents.models import Upload
from app.documents.parameters import ORIGINAL_RETURN_WARN_DAYS, UPLOAD_MB
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.kernel.files import files
from app.kernel.ranges import kst
from app.tenancy import settings
from app.tenancy.models import Institution

NOT_ON_PAPER = Problem(
    "upload.not_on_paper", N_("종이로 받은 서류가 아니라서 돌려줄 원본이 없어요."), rule="GC-25"
)
RETURNED_ALREADY = Problem(
    "upload.returned_already", N_("원본은 이미 돌려준 것으로 적혀 있어요."), rule="GC-25"
)


def store_upload(
    uow: UnitOfWork,
    *,
    owner: str,
    owner_id: int,
    kind: str,
    filename: str,
    content: bytes,
    on_paper: bool = False,
    institution_id: int | None = None,
) -> Upload:
    """Keep one file of ``owner``/``owner_id`` (the table and row it belongs to).

    ``on_paper``: scanned from a paper whose original goes back; ``institution_id`` is then who must return it
    (default: the actor's own). Raises RuleBroken when name, content and size do not pass.
    """
    file_type = recognise(filename, content, settings.value(uow, UPLOAD_MB))
    row = Upload(
        owner=owner,
        owner_id=owner_id,
        kind=kind,
        name=safe_name(filename),
        media_type=file_type.media_type,
        size=len(content),
        sha256=files().put(uow.tenant, content),
        on_paper=on_paper,
        institution_id=institution_id if institution_id is not None else uow.actor.scope,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(row)
    uow.session.flush()
    audit.record(
        uow, "upload.stored", "upload", row.id, diff={"kind": [None, kind], "size": [None, row.size]}
    )
    return row


def find_upload(uow: UnitOfWork, ref: str, owner: str | None = None) -> Upload:
    """Raises NotFound for an unknown, purged or differently owned file."""
    row = uow.session.scalars(select(Upload).where(Upload.ref == ref)).first()
    if row is None or row.purged_at is not None or (owner is not None and row.owner != owner):
        raise NotFound("upload")
    return row


def open_upload(uow: UnitOfWork, ref: str, *, reason: str | None = None) -> tuple[Upload, bytes]:
    """The file and its content; the opening is logged (XX-12).

    The caller has checked that the actor may see what the file belongs to.
    """
    row = find_upload(uow, ref)
    try:
        content = files().read(uow.tenant, row.sha256)
    except FileNotFoundError:
        raise NotFound("upload file") from None
    audit.record_access(uow, f"upload.{row.kind}", row.owner, row.owner_id, reason=reason)
    return row, content


def return_original(uow: UnitOfWork, ref: str) -> Upload:
    """Note that the paper went back to the citizen (KB-20, GC-25)."""
    row = find_upload(uow, ref)
    RETURN_ORIGINAL.check(uow.actor, row.institution_id or 0)
    if not row.on_paper:
        raise RuleBroken(NOT_ON_PAPER)
    if row.original_returned_at is not None:
        raise RuleBroken(RETURNED_ALREADY)
    row.original_returned_at = uow.now
    audit.record(uow, "upload.original_returned", "upload", row.id)
    return row


@dataclass(frozen=True, slots=True)
class KeptOriginal:
    """A paper original that is still at the centre; ``late`` when its owner should have had it back."""

    ref: str
    name: str
    kind: str
    owner: str
    owner_id: int
    received_at: datetime
    late: bool


def originals_to_return(
    uow: UnitOfWork, institution_id: int, *, only_late: bool = False
) -> list[KeptOriginal]:
    """Originals an institution still keeps, oldest first; late after ``gc.original_return_warn_days`` (GC-25)."""
    place = uow.session.get(Institution, institution_id)
    RETURN_ORIGINAL.check(uow.actor, institution_id, place.parent_id if place else None)
    days = settings.value(uow, ORIGINAL_RETURN_WARN_DAYS)
    late_before = kst(uow.today - timedelta(days=days))
    rows = uow.session.scalars(
        select(Upload)
        .where(
            Upload.institution_id == institution_id,
            Upload.on_paper,
            Upload.original_returned_at.is_(None),
            Upload.purged_at.is_(None),
        )
        .order_by(Upload.created_at, Upload.id)
    )
    kept = [
        KeptOriginal(r.ref, r.name, r.kind, r.owner, r.owner_id, r.created_at, r.created_at < late_before)
        for r in rows
    ]
    return [row for row in kept if row.late] if only_late else kept
