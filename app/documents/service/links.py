"""Signing without an account: a link to the signer's phone, a code to prove the phone, one signature (GC-24).

The link's token stands in the message only; the signer's cookie holds a proof that is bound to the link and to the
moment the phone was proven. Locks: the paper first, then its link.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update

from app.accounts.parameters import IDLE_GUARDIAN
from app.accounts.queries import place_name
from app.accounts.rules import WRONG_CODE
from app.accounts.service.codes import Purpose, send_code, take_code
from app.documents.actions import HAND_DEVICE, INVITE_SIGNER
from app.documents.catalogue import Signature as Place
from app.documents.messages import SIGN_LINK
from app.documents.models import Paper, Signature, SignLink
from app.documents.parameters import SIGN_LINK_DAYS
from app.documents.queries import within_reach
from app.documents.rules.links import (
    BAD_PHONE,
    HANDED_FOR,
    LINK_ENDED,
    LINK_PAUSE,
    LINK_TOO_SOON,
    NOT_THE_FAMILYS,
    WRONG_CODES_MAX,
    LinkState,
    link_state,
)
from app.documents.rules.papers import PaperState
from app.documents.rules.signing import NO_SUCH_PLACE, OTHER_NAME, clean_signer, same_name
from app.documents.service.locking import locked
from app.documents.service.signing import Hand, check_place, place_of, put_hand
from app.kernel import audit
from app.kernel.actor import Role
from app.kernel.crypto import keys
from app.kernel.db import UnitOfWork
from app.kernel.errors import Forbidden, NotFound, Problem, RuleBroken
from app.kernel.texts import moment_text
from app.messaging.rules import mobile_number
from app.messaging.service import plan_message
from app.tenancy import settings
from app.tenancy.models import Institution

LinkOf = Callable[[str], str]
"""The address of the signer's page for a token."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What stands behind a link: the paper, the place, and whose signature which house asks for."""

    link: SignLink
    paper: Paper
    place: Place
    state: LinkState
    asker: str
    phone: str
    """Of the asker, for questions."""


def invite_signer(
    uow: UnitOfWork, paper_ref: str, field: str, *, signer: str, phone: str, address: LinkOf
) -> SignLink:
    """Send a link for one place to a phone; an older open link to the same place stops working."""
    if uow.actor.role is not Role.SYSTEM:
        INVITE_SIGNER.reach(uow.actor.role)
    paper = locked(uow, paper_ref)
    place = place_of(paper, field)
    if place is None:
        raise RuleBroken(NO_SUCH_PLACE)
    check_place(uow, paper, place)
    name, number = clean_signer(signer), mobile_number(phone)
    problems = [name] if isinstance(name, Problem) else []
    if number is None:
        problems.append(BAD_PHONE)
    if isinstance(name, Problem) or number is None:
        raise RuleBroken(problems)
    if _sent_just_now(uow, paper, field):
        raise RuleBroken(LINK_TOO_SOON)
    life = timedelta(days=settings.value(uow, SIGN_LINK_DAYS))
    link, token = _made(uow, paper, field, name, number, life)
    audit.record(
        uow, "sign_link.sent", "paper", paper.id, diff={"field": [None, field], "link": [None, link.id]}
    )
    values = {
        "place": place_name(uow),
        "signer": name,
        "asker": _asker(uow, paper)[0],
        "title": paper.title,
        "until": moment_text(link.expires_at),
        "link": address(token),
    }
    plan_message(uow, SIGN_LINK, number, values, subject="paper", subject_id=paper.id)
    return link


def hand_device(uow: UnitOfWork, paper_ref: str, field: str, *, signer: str) -> tuple[str, str]:
    """A family signs on this very device: the token of a link of a few minutes, and the proof for its cookie.

    No code is sent: whoever hands the device over has seen who it is, and stands in the record for it. RuleBroken for
    a place that is no family's.
    """
    HAND_DEVICE.reach(uow.actor.role)
    paper = locked(uow, paper_ref)
    place = place_of(paper, field)
    if place is None:
        raise RuleBroken(NO_SUCH_PLACE)
    if not place.family:
        raise RuleBroken(NOT_THE_FAMILYS)
    check_place(uow, paper, place)
    name = clean_signer(signer)
    if isinstance(name, Problem):
        raise RuleBroken(name)
    link, token = _made(uow, paper, field, name, "", HANDED_FOR)
    link.verified_at = uow.now
    uow.session.flush()
    audit.record(
        uow, "sign_link.handed", "paper", paper.id, diff={"field": [None, field], "link": [None, link.id]}
    )
    return token, _proof(uow, link)


def _sent_just_now(uow: UnitOfWork, paper: Paper, field: str) -> bool:
    """Whether an open link went to a phone this very minute."""
    sent = select(SignLink.id).where(
        *_open_links(paper, field), SignLink.phone != "", SignLink.created_at > uow.now - LINK_PAUSE
    )
    return uow.session.scalars(sent).first() is not None


def _made(
    uow: UnitOfWork, paper: Paper, field: str, name: str, phone: str, life: timedelta
) -> tuple[SignLink, str]:
    """A new link and its token; what is still open for the same place ends."""
    uow.session.execute(
        update(SignLink)
        .where(*_open_links(paper, field))
        .values(ended_at=uow.now, ended_as=LinkState.REPLACED)
    )
    token = secrets.token_urlsafe(24)
    link = SignLink(
        paper_id=paper.id,
        field=field,
        signer=name,
        phone=phone,
        token_hash=_token_hash(token),
        attempts=0,
        expires_at=uow.now + life,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(link)
    uow.session.flush()
    return link, token


def _open_links(paper: Paper, field: str) -> tuple[ColumnElement[bool], ...]:
    return SignLink.paper_id == paper.id, SignLink.field == field, SignLink.ended_at.is_(None)


def withdraw_link(uow: UnitOfWork, ref: str) -> Paper:
    """Take a link back before it was used. NotFound outside the actor's reach, RuleBroken when it has ended."""
    INVITE_SIGNER.reach(uow.actor.role)
    known = uow.session.execute(
        select(SignLink.id, Paper.ref)
        .join(Paper, Paper.id == SignLink.paper_id)
        .where(SignLink.ref == ref, within_reach(uow))
    ).first()
    if known is None:
        raise NotFound("sign link")
    paper = locked(uow, known.ref)
    link = _locked_link(uow, known.id)
    if _state(uow, link, paper) is not LinkState.OPEN:
        raise RuleBroken(LINK_ENDED)
    link.ended_at, link.ended_as = uow.now, LinkState.WITHDRAWN
    audit.record(uow, "sign_link.withdrawn", "paper", paper.id, diff={"link": [link.id, None]})
    return paper


def visit(uow: UnitOfWork, token: str) -> Visit:
    """What a token leads to, whatever has become of it. NotFound for a token nobody was sent."""
    link = uow.session.scalars(select(SignLink).where(SignLink.token_hash == _token_hash(token))).first()
    if link is None:
        raise NotFound("sign link")
    paper = uow.session.get_one(Paper, link.paper_id)
    place = place_of(paper, link.field)
    if place is None:  # its row was taken out of the draft
        raise NotFound("sign link")
    return Visit(link, paper, place, _state(uow, link, paper), *_asker(uow, paper))


def ask_code(uow: UnitOfWork, token: str) -> None:
    """Send a one-time code to the link's phone. RuleBroken for an ended link, too soon, or too often."""
    seen = visit(uow, token)
    link = _locked_link(uow, seen.link.id)
    if _state(uow, link, seen.paper) is not LinkState.OPEN or link.in_person:
        raise RuleBroken(LINK_ENDED)
    link.code_ref = send_code(uow, Purpose.SIGN, link.ref, phone=link.phone)


def prove_phone(uow: UnitOfWork, token: str, typed: str) -> tuple[str, Problem | None]:
    """Compare a typed code: the proof for the signer's cookie, or "" and the Problem.

    The answer is a value and no exception: a wrong try has to be counted, so the unit of work must commit. Too many
    wrong tries over all codes close the link.
    """
    seen = visit(uow, token)
    link = _locked_link(uow, seen.link.id)
    if _state(uow, link, seen.paper) is not LinkState.OPEN:
        return "", LINK_ENDED
    if link.code_ref is None:
        return "", WRONG_CODE
    row, problem = take_code(uow, Purpose.SIGN, link.code_ref, typed, life=timedelta())
    if problem is None and row is not None:
        row.used_at = link.verified_at = uow.now
        audit.record(uow, "sign_link.phone_proven", "paper", link.paper_id, diff={"link": [None, link.id]})
        return _proof(uow, link), None
    link.attempts += 1
    if link.attempts >= WRONG_CODES_MAX:
        link.ended_at, link.ended_as = uow.now, LinkState.LOCKED
        audit.record(uow, "sign_link.locked", "paper", link.paper_id, diff={"link": [link.id, None]})
        return "", LINK_ENDED
    return "", problem


def proven(uow: UnitOfWork, link: SignLink, proof: str) -> bool:
    """Whether a cookie comes from the phone that was proven for this link, not longer ago than a session lasts; on a
    device that was handed over, not longer than it is in the signer's hands."""
    if link.verified_at is None or not hmac.compare_digest(proof.encode(), _proof(uow, link).encode()):
        return False
    if link.in_person:
        return uow.now < link.expires_at
    return uow.now < link.verified_at + timedelta(minutes=settings.value(uow, IDLE_GUARDIAN))


def read_by_link(uow: UnitOfWork, token: str, proof: str) -> Visit:
    """The paper for a proven signer, with a trace of the reading while there is something to read.

    Forbidden for anybody else; the caller looks at ``state`` before it shows anything.
    """
    seen = visit(uow, token)
    if not proven(uow, seen.link, proof):
        raise Forbidden("sign link")
    if seen.state in (LinkState.OPEN, LinkState.SIGNED):
        audit.record_access(uow, "paper.read", "paper", seen.paper.id, reason=trace(seen.link))
    return seen


def sign_by_link(
    uow: UnitOfWork,
    token: str,
    proof: str,
    *,
    strokes: Any = None,
    typed: str | None = None,
    seen: str | None,
) -> Paper:
    """The invited person's one signature; it ends the link.

    Forbidden without the proof, RuleBroken for an ended link or another name, StaleVersion when the paper changed.
    """
    found = visit(uow, token)
    if not proven(uow, found.link, proof):
        raise Forbidden("sign link")
    paper = uow.session.get_one(Paper, found.paper.id, with_for_update=True, populate_existing=True)
    link = _locked_link(uow, found.link.id)
    if _state(uow, link, paper) is not LinkState.OPEN:
        raise RuleBroken(LINK_ENDED)
    if typed and not strokes and not same_name(typed, link.signer):
        raise RuleBroken(OTHER_NAME.of(signer=link.signer))
    put_hand(
        uow,
        paper,
        found.place,
        Hand(link.signer, strokes, link.signer if typed else None),
        seen=seen,
        link=link,
    )
    return paper


def links_of(uow: UnitOfWork, paper: Paper) -> dict[str, tuple[SignLink, LinkState]]:
    """The latest link of each place with what has become of it."""
    rows = uow.session.scalars(select(SignLink).where(SignLink.paper_id == paper.id).order_by(SignLink.id))
    return {link.field: (link, _state(uow, link, paper)) for link in rows}


def trace(link: SignLink) -> str:
    """How the access log names a signer without an account."""
    return f"서명 링크 {link.ref}"


def signed_links(uow: UnitOfWork, paper_id: int) -> dict[int, SignLink]:
    """The links by which signatures of this paper were given, by id."""
    rows = uow.session.scalars(
        select(SignLink)
        .join(Signature, Signature.link_id == SignLink.id)
        .where(Signature.paper_id == paper_id)
    )
    return {link.id: link for link in rows}


def _token_hash(token: str) -> str:
    return keys().fingerprint("sign-link", token)


def _proof(uow: UnitOfWork, link: SignLink) -> str:
    moment = int(link.verified_at.timestamp() * 1_000_000) if link.verified_at else 0
    return keys().fingerprint("sign-session", f"{uow.tenant.slug}|{link.ref}|{moment}")


def _locked_link(uow: UnitOfWork, link_id: int) -> SignLink:
    return uow.session.get_one(SignLink, link_id, with_for_update=True, populate_existing=True)


def _state(uow: UnitOfWork, link: SignLink, paper: Paper) -> LinkState:
    return link_state(link.ended_as, link.expires_at, PaperState(paper.state), uow.now)


def _asker(uow: UnitOfWork, paper: Paper) -> tuple[str, str]:
    """Who asks for the signature, and its telephone: the institution, or the municipality where there is none."""
    row = uow.session.get(Institution, paper.institution_id) if paper.institution_id else None
    return (row.name, row.phone) if row else (place_name(uow), "")
