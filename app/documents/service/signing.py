"""Signatures on a paper's frozen data: drawn, typed, or a scan that staff upload on behalf (GC-24)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from app.documents.actions import SCAN_PAPER, SIGN_PAPER
from app.documents.catalogue import Signature as Place
from app.documents.catalogue import load
from app.documents.models import Paper, Signature, SignLink
from app.documents.queries import signatures_of
from app.documents.rules.links import LinkState
from app.documents.rules.papers import PAPER_STEPS, PaperState
from app.documents.rules.signing import (
    IS_VOID,
    NO_SUCH_PLACE,
    NOT_FINISHED,
    NOT_THE_SIGNER,
    NOT_THE_TURN,
    NOTHING_CHOSEN,
    NOTHING_SIGNED,
    SIGNED_ALREADY,
    SignatureMethod,
    clean_signer,
    read_strokes,
    row_of,
    signs_before,
)
from app.documents.service.issuing import issue_when_complete
from app.documents.service.locking import locked
from app.documents.service.rows import signed_part
from app.documents.uploads import store_upload
from app.kernel import audit
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem, RuleBroken, StaleVersion

NO_TIME_TO_SIGN = {
    PaperState.DRAFT: NOT_FINISHED,
    PaperState.ISSUED: SIGNED_ALREADY,
    PaperState.VOID: IS_VOID,
}


@dataclass(frozen=True, slots=True)
class Scan:
    """A signed sheet of paper, scanned by staff on the signers' behalf."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Hand:
    """What a signer gives: a name, and strokes or the name typed as a signature."""

    signer: str
    strokes: Any = None
    typed: str | None = None


def sign_paper(
    uow: UnitOfWork,
    paper_ref: str,
    field: str,
    *,
    signer: str,
    strokes: Any = None,
    typed: str | None = None,
    seen: str | None = None,
) -> Paper:
    """One signature of somebody with an account. ``field``: a place's name, in a row ``table.0.column``.

    ``seen`` is the fingerprint of what was read (``signed_part``); when it changed since: StaleVersion. The last
    required signature issues the paper and plans its PDF.
    """
    SIGN_PAPER.reach(uow.actor.role)
    paper = locked(uow, paper_ref)
    place = _place(paper, field)
    if (uow.actor.role is Role.GUARDIAN) != place.family:
        raise RuleBroken(NOT_THE_SIGNER.of(who=place.who))
    put_hand(uow, paper, place, Hand(signer, strokes, typed), seen=seen)
    return paper


def scan_paper(uow: UnitOfWork, paper_ref: str, signers: Mapping[str, str], scan: Scan) -> Paper:
    """One scanned sheet with the signatures of one or several places: ``signers`` maps place → who signed there."""
    SCAN_PAPER.reach(uow.actor.role)
    paper = locked(uow, paper_ref)
    if not signers:
        raise RuleBroken(NOTHING_CHOSEN)
    order = [place for place in load(paper.form_id).places(paper.data) if place.name in signers]
    names = {}
    for place in order:
        check_place(uow, paper, place, before={name for name in signers if name != place.name})
        name = clean_signer(signers[place.name])
        if isinstance(name, Problem):
            raise RuleBroken(name.of(field=f"signer-{place.name}"))
        names[place.name] = name
    if len(order) < len(signers):
        raise RuleBroken(NO_SUCH_PLACE)
    upload = store_upload(
        uow,
        owner="paper",
        owner_id=paper.id,
        kind="signed_paper",
        filename=scan.filename,
        content=scan.content,
        on_paper=True,
        institution_id=paper.institution_id,
    )
    for place in order:
        made = _made(uow, paper, place, names[place.name], SignatureMethod.SCAN)
        made.upload_id = upload.id
        _write(uow, paper, made)
    _signed(uow, paper)
    return paper


def put_hand(
    uow: UnitOfWork, paper: Paper, place: Place, hand: Hand, *, seen: str | None, link: SignLink | None = None
) -> Signature:
    """A drawn or typed signature in a place of a paper that the caller has locked and may sign."""
    if seen is not None and seen != signed_part(paper, place.name):
        raise StaleVersion("paper")
    check_place(uow, paper, place)
    name = clean_signer(hand.typed if hand.typed and not hand.signer else hand.signer)
    if isinstance(name, Problem):
        raise RuleBroken(name)
    if hand.strokes:
        lines = read_strokes(hand.strokes)
        if isinstance(lines, Problem):
            raise RuleBroken(lines)
        made = _made(uow, paper, place, name, SignatureMethod.DRAWN)
        made.strokes = lines
    elif hand.typed:
        words = clean_signer(hand.typed)
        if isinstance(words, Problem):
            raise RuleBroken(words.of(field="typed"))
        made = _made(uow, paper, place, words, SignatureMethod.TYPED)
    else:
        raise RuleBroken(NOTHING_SIGNED)
    made.link_id = link.id if link else None
    _write(uow, paper, made)
    _signed(uow, paper)
    return made


def place_of(paper: Paper, field: str) -> Place | None:
    """The place of this name where a person signs; None when the paper has none."""
    places = load(paper.form_id).places(paper.data)
    return next((p for p in places if p.name == field and p.type == "signature"), None)


def check_place(uow: UnitOfWork, paper: Paper, place: Place, before: set[str] | None = None) -> None:
    """RuleBroken when nobody can sign there now. ``before``: places signed on the same sheet of paper."""
    state = PaperState(paper.state)
    if not (state is PaperState.DRAFT and row_of(place.name)) and (
        problem := PAPER_STEPS.check(state, PaperState.ISSUED, uow.actor.role)
    ):
        raise RuleBroken(NO_TIME_TO_SIGN.get(state, problem))
    done = {signature.field for signature in signatures_of(uow, paper.id)}
    if place.name in done:
        raise RuleBroken(SIGNED_ALREADY)
    form = load(paper.form_id)
    places = [p for p in form.places(paper.data) if p.type == "signature"]
    order = [(p.name, p.required) for p in places] if form.ordered else []
    if first := signs_before(place.name, order, done | (before or set())):
        raise RuleBroken(NOT_THE_TURN.of(who=next(p.who for p in places if p.name == first)))


def _place(paper: Paper, field: str) -> Place:
    place = place_of(paper, field)
    if place is None:
        raise RuleBroken(NO_SUCH_PLACE)
    return place


def _made(uow: UnitOfWork, paper: Paper, place: Place, signer: str, method: SignatureMethod) -> Signature:
    return Signature(
        paper_id=paper.id,
        field=place.name,
        signer=signer,
        method=method,
        data_sha256=signed_part(paper, place.name),
        form_version=paper.form_version,
        user_id=uow.actor.user_id,
        ip=uow.actor.ip,
        signed_at=uow.now,
    )


def _write(uow: UnitOfWork, paper: Paper, made: Signature) -> None:
    uow.session.add(made)
    ended_as = LinkState.OVERTAKEN if made.link_id is None else LinkState.SIGNED
    uow.session.execute(
        update(SignLink)
        .where(SignLink.paper_id == paper.id, SignLink.field == made.field, SignLink.ended_at.is_(None))
        .values(ended_at=uow.now, ended_as=ended_as)
    )
    uow.session.flush()
    audit.record(
        uow,
        "paper.signed",
        "paper",
        paper.id,
        diff={"field": [None, made.field], "method": [None, made.method], "link": [None, made.link_id]},
    )


def _signed(uow: UnitOfWork, paper: Paper) -> None:
    """A row signed in a draft leaves the draft open; otherwise the paper may now be complete."""
    if paper.state == PaperState.TO_SIGN:
        paper.version += 1
        issue_when_complete(uow, paper)
