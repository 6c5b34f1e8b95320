"""Pictures of seals: handed in by the head of an institution or the municipality, drawn where a form wants them."""

from __future__ import annotations

from sqlalchemy import select, update

from app.documents.actions import EDIT_SEAL
from app.documents.catalogue import load
from app.documents.models import Paper, Upload
from app.documents.pictures import look_at
from app.documents.rules.sealing import Sealer, sealer
from app.documents.uploads import store_upload
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem, RuleBroken
from app.kernel.files import files
from app.tenancy.models import Institution
from app.tenancy.rules import InstitutionKind

Owner = tuple[str, int]
"""As an upload's owner: an institution, or the municipality itself."""
TOWN: Owner = ("tenant", 0)
KIND = "seal"


def own_place(uow: UnitOfWork) -> Owner:
    """Whose seal this person keeps: the centre's or district's of the acting role, else the municipality's."""
    EDIT_SEAL.reach(uow.actor.role)
    return TOWN if uow.actor.scope is None else ("institution", uow.actor.scope)


def current_seal(uow: UnitOfWork, owner: Owner) -> Upload | None:
    """The picture in use, if one was handed in."""
    return uow.session.scalars(
        select(Upload)
        .where(
            Upload.owner == owner[0],
            Upload.owner_id == owner[1],
            Upload.kind == KIND,
            Upload.media_type.in_(["image/png", "image/jpeg"]),
            Upload.purged_at.is_(None),
        )
        .order_by(Upload.id.desc())
        .limit(1)
    ).first()


def hand_in_seal(uow: UnitOfWork, filename: str, content: bytes) -> Upload:
    """A new picture in place of the one before; papers issued until now keep theirs. Raises RuleBroken (GC-24)."""
    owner = own_place(uow)
    before = current_seal(uow, owner)
    if content and isinstance(problem := look_at(content), Problem):
        raise RuleBroken(problem)
    row = store_upload(uow, owner=owner[0], owner_id=owner[1], kind=KIND, filename=filename, content=content)
    audit.record(
        uow,
        "seal.changed",
        "upload",
        row.id,
        diff={"sha256": [before.sha256 if before else None, row.sha256]},
    )
    return row


def put_seal_away(uow: UnitOfWork) -> None:
    """From now on the place of the seal stays empty, to be stamped by hand. Raises NotFound when there is none."""
    owner = own_place(uow)
    row = current_seal(uow, owner)
    if row is None:
        raise NotFound("seal")
    uow.session.execute(
        update(Upload)
        .where(Upload.owner == owner[0], Upload.owner_id == owner[1], Upload.kind == KIND)
        .values(purged_at=uow.now)
    )
    audit.record(uow, "seal.put_away", "upload", row.id, diff={"sha256": [row.sha256, None]})


def seal_bytes(uow: UnitOfWork, row: Upload) -> bytes:
    """Raises NotFound when the file is gone."""
    try:
        return files().read(uow.tenant, row.sha256)
    except FileNotFoundError:
        raise NotFound("seal file") from None


def seal_pictures(uow: UnitOfWork, paper: Paper) -> dict[str, bytes]:
    """Seal field → picture, for those whose owner has handed one in."""
    drawn: dict[str, bytes] = {}
    for place in load(paper.form_id).signatures:
        owner = owner_of(uow, sealer(place.who), paper.institution_id) if place.type == "seal" else None
        if owner is not None and (row := current_seal(uow, owner)) is not None:
            drawn[place.name] = seal_bytes(uow, row)
    return drawn


def owner_of(uow: UnitOfWork, whose: Sealer, institution_id: int | None) -> Owner | None:
    """The owner of the seal that a field of a paper of this institution means; None: nobody's that we know."""
    if whose is Sealer.NONE:
        return None
    if whose is Sealer.MUNICIPALITY:
        return TOWN
    own = uow.session.get(Institution, institution_id) if institution_id is not None else None
    if whose is Sealer.OWN:
        return ("institution", own.id) if own else TOWN
    kind = InstitutionKind.DISTRICT if whose is Sealer.DISTRICT else InstitutionKind.REGIONAL_CENTRE
    if own is not None and own.kind == kind:
        return "institution", own.id
    if own is not None and own.parent_id is not None:
        parent = uow.session.get_one(Institution, own.parent_id)
        if parent.kind == kind:
            return "institution", parent.id
    if whose is Sealer.REGIONAL:
        return _the_only(uow, kind)
    return None


def _the_only(uow: UnitOfWork, kind: InstitutionKind) -> Owner | None:
    """A municipality has one 아동돌봄센터; were there several, none would be right by guess."""
    found = uow.session.scalars(
        select(Institution.id).where(Institution.kind == kind, Institution.active)
    ).all()
    return ("institution", found[0]) if len(found) == 1 else None
