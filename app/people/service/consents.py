"""Consents: which version of which text, decided by whom, when and how; taken back as easily (XX-01)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, select

from app.documents.models import Paper
from app.documents.queries import signatures_of
from app.documents.rules import SignatureMethod
from app.documents.uploads import store_upload
from app.documents.wording import current_text, heading, text_kind
from app.kernel import audit
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, RuleBroken
from app.people.actions import GIVE_CONSENT
from app.people.models import Consent, GuardianChild
from app.people.problems import (
    CONSENT_NEEDS_SCAN,
    NOT_GIVEN,
    STAFF_CANNOT_CONSENT,
    TEXT_CHANGED,
    WITHDRAWN_ALREADY,
)
from app.people.queries import child_for
from app.people.rules import ConsentChannel, ConsentKind

PRIVACY_FORM = "kium-consent-privacy"
ARRIVAL_FORM = "kium-consent-5"
TEXT_KEYS: Mapping[ConsentKind, tuple[str, tuple[str, ...]]] = {
    ConsentKind.PRIVACY: (
        PRIVACY_FORM,
        ("required_items", "required_purpose", "required_keep", "required_refusal", "u14"),
    ),
    ConsentKind.SENSITIVE: (
        PRIVACY_FORM,
        ("sensitive_items", "sensitive_purpose", "sensitive_keep", "sensitive_refusal"),
    ),
    ConsentKind.THIRD_PARTY: (
        PRIVACY_FORM,
        ("third_items", "third_recipients", "third_purpose", "third_keep", "third_refusal"),
    ),
    ConsentKind.ARRIVAL_DEPARTURE: (ARRIVAL_FORM, ("homegoing", "outdoor", "firstaid")),
}
"""The texts of the forms that are shown for each consent, in reading order."""
ANSWERS = {
    ConsentKind.PRIVACY: "consent_required",
    ConsentKind.SENSITIVE: "consent_sensitive",
    ConsentKind.THIRD_PARTY: "consent_third_party",
}
"""Where a signed form holds the yes or no of a consent; 서식5 as a whole is one."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What is read before a decision. ``version`` is the newest of its parts; ``sha256`` names the exact words."""

    kind: ConsentKind
    parts: tuple[tuple[str, str], ...]
    """(heading, words)."""
    version: int
    sha256: str
    versions: Mapping[str, int] = field(default_factory=dict)


def consent_text(uow: UnitOfWork, kind: ConsentKind) -> Wording:
    """The words in force today."""
    form_id, keys = TEXT_KEYS[kind]
    rows = {key: current_text(uow, text_kind(form_id, key)) for key in keys}
    parts = tuple((heading(key), row.body) for key, row in rows.items())
    digest = sha256("\n\n".join(words for _, words in parts).encode()).hexdigest()
    versions = {key: row.version for key, row in rows.items()}
    return Wording(kind, parts, max(versions.values()), digest, versions)


@dataclass(frozen=True, slots=True)
class Scanned:
    """The signed paper of a written consent."""

    filename: str
    content: bytes


def give_consent(
    uow: UnitOfWork,
    child_ref: str,
    kind: ConsentKind,
    *,
    decision: bool,
    channel: ConsentChannel = ConsentChannel.ONLINE,
    guardian_id: int | None = None,
    seen: str | None = None,
    details: Mapping[str, Any] | None = None,
    scan: Scanned | None = None,
) -> Consent:
    """Record a decision about one child, yes or no; the newest decision counts.

    ``seen``: sha-256 of the words that were on the page; when they changed since, nothing is recorded.
    Staff record what they were told by telephone or received on paper (then ``scan``), for a guardian of the child.
    """
    GIVE_CONSENT.reach(uow.actor.role)
    child = child_for(uow, child_ref)
    if uow.actor.role is Role.GUARDIAN:
        guardian_id, channel = uow.actor.guardian_id, ConsentChannel.ONLINE
    elif channel is ConsentChannel.ONLINE:
        raise RuleBroken(STAFF_CANNOT_CONSENT)
    if guardian_id is None or not _is_guardian(uow, child.id, guardian_id):
        raise NotFound("guardian")
    if seen is not None and seen != consent_text(uow, kind).sha256:
        raise RuleBroken(TEXT_CHANGED)
    if channel is ConsentChannel.PAPER and scan is None:
        raise RuleBroken(CONSENT_NEEDS_SCAN)
    made = record_consent(uow, kind, child.id, guardian_id, channel, decision=decision, details=details)
    if scan is not None:
        upload = store_upload(
            uow,
            owner="child",
            owner_id=child.id,
            kind="consent",
            filename=scan.filename,
            content=scan.content,
            on_paper=True,
        )
        made.upload_id = upload.id
        uow.session.flush()
    return made


def record_consent(
    uow: UnitOfWork,
    kind: ConsentKind,
    child_id: int,
    guardian_id: int,
    channel: ConsentChannel,
    *,
    decision: bool,
    details: Mapping[str, Any] | None = None,
) -> Consent:
    """Write the row; the caller has checked who may."""
    text = consent_text(uow, kind)
    row = Consent(
        child_id=child_id,
        guardian_id=guardian_id,
        kind=kind,
        text_version=text.version,
        text_sha256=text.sha256,
        decision=decision,
        channel=channel,
        details={**(details or {}), "texts": dict(text.versions)},
        given_at=uow.now,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(row)
    uow.session.flush()
    audit.record(
        uow,
        "consent.given",
        "consent",
        row.id,
        to_state="YES" if decision else "NO",
        diff={"kind": [None, kind]},
    )
    return row


def withdraw_consent(uow: UnitOfWork, child_ref: str, kind: ConsentKind) -> Consent:
    """Take the standing consent back: one press, no reason asked."""
    GIVE_CONSENT.reach(uow.actor.role)
    child = child_for(uow, child_ref, lock=True)
    row = latest_consents(uow, child.id).get(kind)
    if row is None or not row.decision:
        raise RuleBroken(NOT_GIVEN)
    if row.withdrawn_at is not None:
        raise RuleBroken(WITHDRAWN_ALREADY)
    row.withdrawn_at = uow.now
    uow.session.flush()
    audit.record(
        uow,
        "consent.withdrawn",
        "consent",
        row.id,
        from_state="YES",
        to_state="WITHDRAWN",
        diff={"kind": [kind, None]},
    )
    return row


def latest_consents(uow: UnitOfWork, child_id: int) -> dict[ConsentKind, Consent]:
    """The newest decision of each kind."""
    rows = uow.session.scalars(
        select(Consent).where(Consent.child_id == child_id).order_by(Consent.given_at, Consent.id)
    )
    return {ConsentKind(row.kind): row for row in rows}


def standing_consents(uow: UnitOfWork, child_id: int) -> set[ConsentKind]:
    """The kinds of which the newest decision is a yes that was not taken back."""
    newest = {row.kind: row for row in uow.rows(_DECISIONS, child=child_id)}
    return {ConsentKind(kind) for kind, row in newest.items() if row.decision and row.withdrawn_at is None}


_DECISIONS = (
    select(Consent.kind, Consent.decision, Consent.withdrawn_at)
    .where(Consent.child_id == bindparam("child"))
    .order_by(Consent.given_at, Consent.id)
)


def has_consent(uow: UnitOfWork, child_id: int, kind: ConsentKind) -> bool:
    """Said yes, not taken back. A text that changed since asks anew at the next use but withdraws nothing."""
    row = latest_consents(uow, child_id).get(kind)
    return row is not None and row.decision and row.withdrawn_at is None


@dataclass(frozen=True, slots=True)
class ConsentState:
    """One kind of consent of one child, as a page shows it."""

    kind: ConsentKind
    decision: bool | None
    """None: never asked."""
    given_at: datetime | None
    channel: ConsentChannel | None
    withdrawn_at: datetime | None
    outdated: bool
    """The words changed since (XX-01): ask again."""

    @property
    def stands(self) -> bool:
        return bool(self.decision) and self.withdrawn_at is None


def consents_of(uow: UnitOfWork, child_ref: str) -> list[ConsentState]:
    """Where every kind of consent stands."""
    child = child_for(uow, child_ref)
    latest = latest_consents(uow, child.id)
    states = []
    for kind in ConsentKind:
        row = latest.get(kind)
        if row is None:
            states.append(ConsentState(kind, None, None, None, None, outdated=False))
        else:
            states.append(
                ConsentState(
                    kind,
                    row.decision,
                    row.given_at,
                    ConsentChannel(row.channel),
                    row.withdrawn_at,
                    outdated=row.text_sha256 != consent_text(uow, kind).sha256,
                )
            )
    return states


def consent_form_issued(uow: UnitOfWork, paper: Paper) -> None:
    """A signed consent form is a consent: its answers become the child's newest decisions (KB-16)."""
    kinds = [kind for kind, (form_id, _) in TEXT_KEYS.items() if form_id == paper.form_id]
    if not kinds or paper.child_id is None or paper.guardian_id is None:
        return
    scanned = any(row.method == SignatureMethod.SCAN for row in signatures_of(uow, paper.id))
    channel = ConsentChannel.PAPER if scanned else ConsentChannel.ONLINE
    for kind in kinds:
        answer = ANSWERS.get(kind)
        if answer is None or paper.data.get(answer) in ("yes", "no"):
            record_consent(
                uow,
                kind,
                paper.child_id,
                paper.guardian_id,
                channel,
                decision=answer is None or paper.data[answer] == "yes",
                details={"paper": paper.number},
            )


def _is_guardian(uow: UnitOfWork, child_id: int, guardian_id: int) -> bool:
    return (
        uow.session.scalar(
            select(GuardianChild.id).where(
                GuardianChild.child_id == child_id, GuardianChild.guardian_id == guardian_id
            )
        )
        is not None
    )
