"""Uploaded files, prepared papers and the signatures on them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.columns import WithCreated, WithId, WithRef, WithVersion
from app.kernel.db import Base

ADDED = 1
"""Order of a column that came with a later revision: behind all others, as the migration leaves it."""


class Upload(WithRef, WithCreated, Base):
    """A file somebody handed in: type, magic and size checked (XX-19); the paper original goes back (GC-25)."""

    __tablename__ = "upload"
    __table_args__ = (
        Index(None, "owner", "owner_id"),
        Index(
            "ix_upload_kept",
            "institution_id",
            postgresql_where=text("on_paper AND original_returned_at IS NULL"),
        ),
    )

    owner: Mapped[str] = mapped_column(String(20))
    owner_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(160))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    on_paper: Mapped[bool] = mapped_column(default=False)
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("institution.id"))
    """Who received it, and owes the original back when it was on paper."""
    original_returned_at: Mapped[datetime | None]
    expires_on: Mapped[date | None]
    purged_at: Mapped[datetime | None]


class TextVersion(WithId, WithCreated, Base):
    """Wording of a consent or pledge; a municipality may replace it by its official one. Old versions stay."""

    __tablename__ = "text_version"
    __table_args__ = (UniqueConstraint("kind", "version"),)

    kind: Mapped[str] = mapped_column(String(60))
    """``form id.text key``."""
    version: Mapped[int]
    official: Mapped[bool] = mapped_column(default=False)
    """Published by the municipality; it is never replaced by the wording that comes with the form."""
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str]
    effective_from: Mapped[date]


class Paper(WithRef, WithCreated, WithVersion, Base):
    """One form of one subject. What is signed is ``data``, frozen; the PDF is rendered once (design of documents)."""

    __tablename__ = "paper"
    __table_args__ = (Index(None, "subject", "subject_id"), Index(None, "institution_id", "form_id"))

    form_id: Mapped[str] = mapped_column(String(40))
    form_version: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(20))
    """Table of what it is about (booking, child, centre)."""
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("institution.id"))
    guardian_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    """The guardian who may see and sign it."""
    child_id: Mapped[int | None] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(String(120))
    data: Mapped[dict[str, Any]]
    data_sha256: Mapped[str] = mapped_column(String(64))
    texts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """{text key: version} of the wording shown."""
    state: Mapped[str] = mapped_column(String(8))
    """DRAFT → TO_SIGN → ISSUED → VOID; a draft may also be DROPPED and taken up again."""
    number: Mapped[str | None] = mapped_column(String(20), unique=True)
    issued_at: Mapped[datetime | None]
    pdf_sha256: Mapped[str | None] = mapped_column(String(64))
    void_reason: Mapped[str] = mapped_column(default="")
    unfit: Mapped[dict[str, Any]] = mapped_column(default=dict, sort_order=ADDED)
    """{place: words} typed into a draft that do not fit their field yet; shown again, never printed."""
    saved_at: Mapped[datetime | None] = mapped_column(sort_order=ADDED)
    """When somebody last changed the draft."""
    saved_by: Mapped[int | None] = mapped_column(BigInteger, sort_order=ADDED)
    saved_from: Mapped[str] = mapped_column(String(32), default="", sort_order=ADDED)
    """Which opened page saved it last: a page does not stand in its own way."""
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("paper.id"), unique=True, sort_order=ADDED)
    """The void paper this one was issued in place of."""
    verify_code: Mapped[str | None] = mapped_column(String(20), unique=True, sort_order=ADDED)
    """What the QR code and the verification page ask for beside the number; random, made at issue."""
    key_id: Mapped[int | None] = mapped_column(ForeignKey("signing_key.id"), sort_order=ADDED)
    """The municipality's key that sealed the PDF."""
    sealed_at: Mapped[datetime | None] = mapped_column(sort_order=ADDED)


class Signature(WithId, Base):
    """One signature on one paper's frozen data (GC-24)."""

    __tablename__ = "signature"
    __table_args__ = (UniqueConstraint("paper_id", "field"),)

    paper_id: Mapped[int] = mapped_column(ForeignKey("paper.id"))
    field: Mapped[str] = mapped_column(String(80))
    """The signature field's name in the form; in a row of a table ``table.0.column``."""
    signer: Mapped[str] = mapped_column(String(40))
    method: Mapped[str] = mapped_column(String(10))
    """DRAWN, TYPED, or SCAN (the paper was signed by hand and uploaded on behalf)."""
    strokes: Mapped[list[Any] | None]
    """Polylines in a 400 × 160 box: [[[x, y], …], …]."""
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("upload.id"))
    data_sha256: Mapped[str] = mapped_column(String(64))
    form_version: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    link_id: Mapped[int | None] = mapped_column(ForeignKey("sign_link.id"), sort_order=ADDED)
    """Signed without an account, on the phone this link was sent to."""
    ip: Mapped[str] = mapped_column(String(45), default="")
    signed_at: Mapped[datetime]


class SigningKey(WithRef, WithCreated, Base):
    """A key with its certificate, by which a municipality seals what it issues (PAdES)."""

    __tablename__ = "signing_key"
    __table_args__ = (
        Index("uq_signing_key_active", "state", unique=True, postgresql_where=text("state = 'ACTIVE'")),
    )

    subject: Mapped[str] = mapped_column(String(200))
    """Whom the certificate names."""
    issuer: Mapped[str] = mapped_column(String(200))
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    """sha-256 of the certificate, hex; while one is asked for, of the public key."""
    certificates: Mapped[str]
    """PEM: the certificate first, then those above it; while one is asked for, the request."""
    sealed_key: Mapped[bytes] = mapped_column(LargeBinary)
    """The private key (PKCS #8), encrypted under the application's own key."""
    for_test: Mapped[bool] = mapped_column(default=False)
    """Made by the demonstration's own authority, which nobody outside trusts."""
    not_before: Mapped[datetime]
    not_after: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))
    """PENDING (its certificate is asked for) → ACTIVE → RETIRED (a newer one seals now) or REVOKED."""
    ended_at: Mapped[datetime | None]
    """Since when it seals no more."""


class VerifyAttempt(WithId, Base):
    """A wrong number or code on the verification page: the brake counts by address. Lives for an hour."""

    __tablename__ = "verify_attempt"
    __table_args__ = (Index(None, "ip", "at"),)

    ip: Mapped[str] = mapped_column(String(45))
    at: Mapped[datetime]


class SignLink(WithRef, WithCreated, Base):
    """An invitation to sign one place of one paper on the signer's own phone; or, without a telephone number, on a
    device of the institution that whoever created it handed to the signer in person."""

    __tablename__ = "sign_link"

    paper_id: Mapped[int] = mapped_column(ForeignKey("paper.id"), index=True)
    field: Mapped[str] = mapped_column(String(80))
    signer: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Keyed hash of the link's token, which stands in the message only."""
    code_ref: Mapped[str | None] = mapped_column(String(16))
    """The one-time code that was sent last."""
    attempts: Mapped[int] = mapped_column(default=0)
    """Wrong codes so far."""
    verified_at: Mapped[datetime | None]
    """When the phone was last proven; the signer's cookie is bound to it."""
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_as: Mapped[str | None] = mapped_column(String(10))
    """See ``rules.links.LinkState``."""

    @property
    def in_person(self) -> bool:
        return not self.phone and self.ended_as in (None, "SIGNED")
