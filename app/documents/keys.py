"""The keys a municipality seals its papers with: made, asked for, brought in, changed, ended; never shown.

One key is in use at a time. Those before it stay: what they sealed is verified by their certificates. The private key
lies encrypted under the application's own key (XX-08).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from sqlalchemy import select, update

from app.documents import certificates
from app.documents.certificates import BadCertificate, KeyPair, PrivateKey
from app.documents.models import Paper, SigningKey
from app.documents.rules.papers import PaperState
from app.documents.rules.sealing import KeyFacts, KeyState, key_warning, why_not_sealing
from app.documents.service.issuing import RENDER
from app.kernel import audit, work
from app.kernel.columns import new_ref
from app.kernel.crypto import keys
from app.kernel.db import UnitOfWork, database
from app.kernel.errors import NotFound
from app.kernel.work import Work, WorkState

TEST_UNIT = "돌봄이음 시연용"
KEY_ALERT, ADDRESS_ALERT = "room:seal", "room:address"
"""Keys of the operator's alerts."""
NO_ADDRESS = "DOLBOM_BASE_URL이 없어 발급하는 서류에 확인 주소와 QR 코드를 찍지 못합니다. 주소를 정해 주세요."


class KeyInTheWay(Exception):
    """The step does not fit what is there; the message says so, in Korean."""


class CannotSeal(Exception):
    """The municipality has keys, but none may seal now: the paper waits. The message is for the operator."""


@dataclass(frozen=True, slots=True)
class OpenKey:
    """What the sealing needs of a key: PKCS #8 in the clear, the chain as PEM."""

    id: int
    private: bytes
    certificates: str


def all_keys(uow: UnitOfWork) -> list[SigningKey]:
    """Newest first."""
    return list(uow.session.scalars(select(SigningKey).order_by(SigningKey.id.desc())))


def key_to_seal_with(uow: UnitOfWork) -> OpenKey | None:
    """The key in use; None in a municipality that never had one. Raises CannotSeal."""
    rows = all_keys(uow)
    facts = [_facts(row) for row in rows]
    if reason := why_not_sealing(facts, uow.now):
        raise CannotSeal(reason)
    row = next((row for row, fact in zip(rows, facts, strict=True) if fact.seals_at(uow.now)), None)
    if row is None:
        return None
    return OpenKey(row.id, keys().decrypt_bytes(row.sealed_key, _place(uow, row.ref)), row.certificates)


def still_seals(uow: UnitOfWork, key_id: int) -> bool:
    """Asked again when the sealed paper is stored: the key may have been revoked while it was drawn."""
    return _facts(uow.session.get_one(SigningKey, key_id, populate_existing=True)).seals_at(uow.now)


def create_test_key(
    uow: UnitOfWork, authority: KeyPair, name: str, since: datetime, lives: timedelta
) -> SigningKey:
    """A key certified by the demonstration's own authority; the one in use before retires.

    ``name``: the municipality's, for the certificate's subject.
    """
    key = certificates.make_key()
    subject = certificates.name_of(name, TEST_UNIT, f"{name} 전자직인(시연용)")
    chain = certificates.certify(authority, key.public_key(), subject, since, uow.now + lives)
    return _put_to_use(uow, KeyPair(key, chain), for_test=True)


def request_key(uow: UnitOfWork, subject: x509.Name) -> tuple[SigningKey, str]:
    """A new key that waits for its certificate, and the request to send to the authority (PEM).

    Raises KeyInTheWay when one is waiting already: the answer to it would find no key.
    """
    if any(row.state == KeyState.PENDING for row in all_keys(uow)):
        raise KeyInTheWay(
            "이미 발급을 신청한 열쇠가 있습니다. 그 인증서를 넣거나(import) 폐지(revoke)한 뒤 해 주세요."
        )
    key = certificates.make_key()
    request = certificates.request_for(key, subject)
    row = _new_row(uow, key, state=KeyState.PENDING, not_before=uow.now, not_after=uow.now)
    row.subject, row.issuer = certificates.short_name(subject), ""
    row.certificates, row.fingerprint = request, _print_of_public(key)
    _write(uow, row, "signing_key.requested")
    return row, request


def import_answer(uow: UnitOfWork, given: Iterable[x509.Certificate]) -> SigningKey:
    """The certificate that answers a request: its key goes into use. Raises BadCertificate, KeyInTheWay."""
    row = next((row for row in all_keys(uow) if row.state == KeyState.PENDING), None)
    if row is None:
        raise KeyInTheWay("발급을 신청한 열쇠가 없습니다. 개인키가 함께 든 파일이면 --p12로 넣어 주세요.")
    key = certificates.load_private(keys().decrypt_bytes(row.sealed_key, _place(uow, row.ref)))
    pair = certificates.chain_of(key, given, uow.now)
    uow.session.delete(row)
    uow.session.flush()
    return _put_to_use(uow, pair, for_test=False)


def import_pair(uow: UnitOfWork, key: PrivateKey, given: Iterable[x509.Certificate]) -> SigningKey:
    """A key that was made elsewhere, with its certificates (PKCS #12). Raises BadCertificate, KeyInTheWay."""
    return _put_to_use(uow, certificates.chain_of(key, given, uow.now), for_test=False)


def revoke_key(uow: UnitOfWork, ref: str, reason: str) -> SigningKey:
    """The key seals no more, for good. Raises NotFound, KeyInTheWay (without a reason, or revoked already)."""
    row = uow.session.scalars(select(SigningKey).where(SigningKey.ref == ref).with_for_update()).first()
    if row is None:
        raise NotFound("signing_key")
    if not reason.strip():
        raise KeyInTheWay("폐지하는 까닭을 적어 주세요.")
    if row.state == KeyState.REVOKED:
        raise KeyInTheWay("이미 폐지한 열쇠입니다.")
    before, row.state, row.ended_at = row.state, KeyState.REVOKED, uow.now
    audit.record(
        uow,
        "signing_key.revoked",
        "signing_key",
        row.id,
        from_state=before,
        to_state=row.state,
        reason=reason.strip(),
    )
    return row


def seal_troubles(uow: UnitOfWork) -> dict[str, str]:
    """For the operator's alerts: alert key → sentence."""
    found = {}
    if words := key_warning([_facts(row) for row in all_keys(uow)], uow.now):
        found[KEY_ALERT] = words
    if not database().settings.base_url:
        found[ADDRESS_ALERT] = NO_ADDRESS
    return found


def waiting_for_seal(uow: UnitOfWork) -> int:
    """Issued papers whose PDF is not made yet."""
    return len(
        uow.session.scalars(
            select(Paper.id).where(Paper.state == PaperState.ISSUED, Paper.pdf_sha256.is_(None))
        ).all()
    )


def _put_to_use(uow: UnitOfWork, pair: KeyPair, *, for_test: bool) -> SigningKey:
    """The new key seals from now on, the one before retires, and papers that had to wait go on."""
    own = pair.chain[0]
    mark = certificates.fingerprint(own)
    if any(row.fingerprint == mark for row in all_keys(uow)):
        raise KeyInTheWay("이미 들어 있는 인증서입니다.")
    uow.session.execute(
        update(SigningKey)
        .where(SigningKey.state == KeyState.ACTIVE)
        .values(state=KeyState.RETIRED, ended_at=uow.now)
    )
    row = _new_row(
        uow,
        pair.key,
        state=KeyState.ACTIVE,
        not_before=own.not_valid_before_utc,
        not_after=own.not_valid_after_utc,
    )
    row.subject, row.issuer = certificates.short_name(own.subject), certificates.short_name(own.issuer)
    row.certificates, row.fingerprint, row.for_test = certificates.chain_pem(pair.chain), mark, for_test
    _write(uow, row, "signing_key.in_use")
    _wake_waiting_papers(uow)
    return row


def _wake_waiting_papers(uow: UnitOfWork) -> None:
    uow.session.execute(
        update(Work)
        .where(Work.kind == RENDER, Work.state.in_([WorkState.PENDING, WorkState.DEAD]))
        .values(state=WorkState.PENDING, attempts=0, next_at=uow.now, done_at=None)
    )
    work.wake(uow)


def _new_row(
    uow: UnitOfWork, key: PrivateKey, *, state: KeyState, not_before: datetime, not_after: datetime
) -> SigningKey:
    ref = new_ref()
    return SigningKey(
        ref=ref,
        sealed_key=keys().encrypt_bytes(certificates.private_bytes(key), _place(uow, ref)),
        not_before=not_before,
        not_after=not_after,
        state=state,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )


def _write(uow: UnitOfWork, row: SigningKey, action: str) -> None:
    uow.session.add(row)
    uow.session.flush()
    audit.record(
        uow,
        action,
        "signing_key",
        row.id,
        to_state=row.state,
        diff={"fingerprint": [None, row.fingerprint], "until": [None, row.not_after.isoformat()]},
    )


def _facts(row: SigningKey) -> KeyFacts:
    return KeyFacts(KeyState(row.state), row.not_before, row.not_after)


def _place(uow: UnitOfWork, ref: str) -> str:
    return f"{uow.tenant.slug}|signing_key.sealed_key|{ref}"


def _print_of_public(key: PrivateKey) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(
        key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return digest.finalize().hex()


__all__ = [
    "BadCertificate",
    "CannotSeal",
    "KeyInTheWay",
    "OpenKey",
    "all_keys",
    "create_test_key",
    "import_answer",
    "import_pair",
    "key_to_seal_with",
    "request_key",
    "revoke_key",
    "seal_troubles",
    "still_seals",
    "waiting_for_seal",
]
