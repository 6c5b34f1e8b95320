"""A stranger holds a paper: is it ours, is it still good, is this file the one that was issued?

Number and code of the paper open it, whoever asks. The answer names the form, the office and roles; no person, no
field of the form, no reason for a void (XX-03, XX-05). Wrong ones are counted by address and braked.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from math import ceil

from sqlalchemy import delete, func, select

from app.accounts.rules import BRAKE_WINDOW, brake
from app.documents.catalogue import UnknownForm, load
from app.documents.issued import Seal, seal_of, successor_of
from app.documents.models import Paper, Signature, VerifyAttempt
from app.documents.queries import signatures_of
from app.documents.rules.papers import PaperState
from app.documents.rules.signing import SignatureMethod
from app.documents.rules.verifying import (
    ASKED_TOO_OFTEN,
    CODE_LENGTH,
    UNKNOWN_PAPER,
    Standing,
    read_code,
    read_number,
    standing,
)
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem
from app.tenancy.models import Institution


@dataclass(frozen=True, slots=True)
class Signed:
    """Signatures of one role: how many, the latest, and how it was given."""

    role: str
    count: int
    last: datetime
    how: str


@dataclass(frozen=True, slots=True)
class Verified:
    """All that is said of a paper to whoever holds it.

    ``issuer`` is empty for the municipality itself; ``fingerprint``: first and last eight digits of the PDF's
    sha-256, empty while the PDF is being made; ``same_file``: the answer about a file that was handed in.
    """

    title: str
    number: str
    issued_at: datetime
    issuer: str
    standing: Standing
    successor: str
    signed: tuple[Signed, ...]
    seal: Seal | None
    fingerprint: str
    same_file: bool | None = None


def verify_paper(uow: UnitOfWork, number: str, code: str, file: bytes | None = None) -> Verified | Problem:
    """What may be said of the paper with this number and code, as typed; a Problem when there is none.

    A Problem is an answer and no exception: the attempt is counted, so its unit of work must commit. An unknown
    number costs the same time as a wrong code. ``file`` is only compared, never kept.
    """
    waiting = _brake(uow)
    if waiting:
        return ASKED_TOO_OFTEN.of(seconds=waiting)
    paper = uow.session.scalars(select(Paper).where(Paper.number == (read_number(number) or "?"))).first()
    known = (paper.verify_code if paper else None) or "?" * CODE_LENGTH
    right = hmac.compare_digest(known.encode(), read_code(code).encode())
    if paper is None or not right:
        _count(uow)
        return UNKNOWN_PAPER
    audit.record_access(uow, "paper.verified", "paper", paper.id)
    return _facts(uow, paper, file)


def _facts(uow: UnitOfWork, paper: Paper, file: bytes | None) -> Verified:
    after = successor_of(uow, paper.id)
    successor = (after.number if after else None) or ""
    issuer = uow.session.get(Institution, paper.institution_id) if paper.institution_id else None
    mark = paper.pdf_sha256 or ""
    return Verified(
        title=paper.title,
        number=paper.number or "",
        issued_at=paper.issued_at or paper.created_at,
        issuer=issuer.name if issuer else "",
        standing=standing(PaperState(paper.state), successor),
        successor=successor,
        signed=_signed(paper, signatures_of(uow, paper.id)),
        seal=seal_of(uow, paper),
        fingerprint=f"{mark[:8]} … {mark[-8:]}" if mark else "",
        same_file=None if file is None or not mark else hmac.compare_digest(sha256(file).hexdigest(), mark),
    )


def _signed(paper: Paper, signatures: list[Signature]) -> tuple[Signed, ...]:
    """By role, in the order of their first signature; names stay inside."""
    rows: dict[str, list[Signature]] = {}
    for row in signatures:
        rows.setdefault(_role(paper, row.field), []).append(row)
    return tuple(
        Signed(role, len(group), group[-1].signed_at, SignatureMethod(group[-1].method).label)
        for role, group in rows.items()
    )


def _role(paper: Paper, field: str) -> str:
    try:
        places = load(paper.form_id).places(paper.data)
    except UnknownForm:
        return ""
    return next((place.who for place in places if place.name == field), "")


def _brake(uow: UnitOfWork) -> int:
    """Seconds this address still has to wait (0: none)."""
    count, last = uow.session.execute(
        select(func.count(), func.max(VerifyAttempt.at)).where(
            VerifyAttempt.ip == uow.actor.ip, VerifyAttempt.at > uow.now - BRAKE_WINDOW
        )
    ).one()
    return ceil(brake(count, last, uow.now).total_seconds())


def _count(uow: UnitOfWork) -> None:
    """One more from this address; those that count no longer go."""
    uow.session.execute(delete(VerifyAttempt).where(VerifyAttempt.at <= uow.now - BRAKE_WINDOW))
    uow.session.add(VerifyAttempt(ip=uow.actor.ip, at=uow.now))
    uow.session.flush()
