"""Keys: made, asked for, brought in, changed and revoked; certificates that cannot be used are named in words."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pikepdf
import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.documents import certificates, jobs, sealing
from app.documents.certificates import BadCertificate, KeyPair
from app.documents.keys import (
    CannotSeal,
    KeyInTheWay,
    all_keys,
    import_answer,
    import_pair,
    key_to_seal_with,
    request_key,
    revoke_key,
    seal_troubles,
)
from app.documents.models import SigningKey
from app.kernel.actor import SYSTEM
from app.kernel.audit import AuditLog
from app.kernel.db import TenantRef, platform_ref, unit_of_work
from app.kernel.errors import NotFound
from app.kernel.ranges import kst
from app.tenancy.health import open_alerts
from app.tenancy.jobs import watch
from tests.conftest import PREFIX
from tests.documents.municipal import AUTHORITY, ROOT, give_key

NOW = kst(date(2026, 11, 20), 600)
YEAR = timedelta(days=365)
SUBJECT = certificates.name_of("서울특별시", "돌봄이음", "서울특별시 전자직인")


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def certified(
    key: certificates.PrivateKey,
    since: timedelta = -YEAR,
    until: timedelta = YEAR,
    authority: KeyPair = AUTHORITY,
) -> tuple[x509.Certificate, ...]:
    return certificates.certify(authority, key.public_key(), SUBJECT, NOW + since, NOW + until)


def test_a_request_is_answered_and_its_key_seals(seoul: TenantRef) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        row, pem = request_key(uow, SUBJECT)
        assert (row.state, row.subject) == ("PENDING", "서울특별시 전자직인")
        assert key_to_seal_with(uow) is None  # papers do not wait for weeks: they go on without a seal
        with pytest.raises(KeyInTheWay, match="이미"):
            request_key(uow, SUBJECT)
    asked = x509.load_pem_x509_csr(pem.encode())
    assert asked.is_signature_valid
    public = asked.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    answer = certificates.certify(AUTHORITY, public, asked.subject, NOW, NOW + YEAR)
    with unit_of_work(seoul, SYSTEM) as uow:
        made = import_answer(uow, reversed(answer))
        assert (made.state, made.issuer, made.for_test) == ("ACTIVE", "돌봄이음 시험 인증기관", False)
        assert made.certificates == certificates.chain_pem(answer)
        opened = key_to_seal_with(uow)
        assert [r.state for r in all_keys(uow)] == ["ACTIVE"]
    assert opened is not None
    assert certificates.load_private(opened.private).public_key() == public


def test_an_answer_needs_its_request_and_fits_only_its_key(seoul: TenantRef) -> None:
    foreign = certified(certificates.make_key())
    with unit_of_work(seoul, SYSTEM) as uow:
        with pytest.raises(KeyInTheWay, match="신청한 열쇠가 없"):
            import_answer(uow, foreign)
        request_key(uow, SUBJECT)
        with pytest.raises(BadCertificate, match="이 열쇠의 인증서가 아닙니다"):
            import_answer(uow, foreign)
        assert [row.state for row in all_keys(uow)] == ["PENDING"]


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        (-YEAR, -timedelta(seconds=1), "만료된"),
        (timedelta(seconds=1), YEAR, "아직"),
    ],
)
def test_a_certificate_out_of_its_time_is_refused(
    seoul: TenantRef, since: timedelta, until: timedelta, words: str
) -> None:
    key = certificates.make_key()
    with unit_of_work(seoul, SYSTEM) as uow, pytest.raises(BadCertificate, match=words):
        import_pair(uow, key, certified(key, since, until))


def test_a_chain_whose_links_do_not_hold_is_refused() -> None:
    key, impostor = certificates.make_key(), certificates.make_authority(NOW - YEAR)
    with pytest.raises(BadCertificate, match="사슬"):
        certificates.chain_of(key, [certified(key)[0], *impostor.chain], NOW)
    alone = certificates.chain_of(key, certified(key)[:1], NOW)
    assert len(alone.chain) == 1


def test_a_certificate_that_may_not_sign_is_refused() -> None:
    authority = certificates.make_authority(NOW - YEAR)
    with pytest.raises(BadCertificate, match="전자서명에 쓸 수 없는"):
        certificates.chain_of(authority.key, authority.chain, NOW)


@pytest.mark.parametrize("password", ["비밀 번호", "x"])
def test_pkcs12_brings_key_and_certificates(seoul: TenantRef, password: str) -> None:
    key = rsa.generate_private_key(65537, 2048)
    own, *above = certified(key)
    content = pkcs12.serialize_key_and_certificates(
        b"seal", key, own, above, serialization.BestAvailableEncryption(password.encode())
    )
    with pytest.raises(BadCertificate, match="비밀번호"):
        certificates.read_pkcs12(content, "wrong")
    read, given = certificates.read_pkcs12(content, password)
    with unit_of_work(seoul, SYSTEM) as uow:
        import_pair(uow, read, given)
        taken = key_to_seal_with(uow)
    assert taken is not None
    sealed = sealing.seal(
        blank_pdf(),
        private=taken.private,
        certificates=taken.certificates,
        where="서울",
        who="서울",
        when=NOW,
    )
    report = sealing.examine(sealed, [ROOT])
    assert report is not None
    assert report.sound


def blank_pdf() -> bytes:
    """The smallest PDF there is to seal."""
    target = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_unreadable_files_are_answered_in_words(content: bytes) -> None:
    with pytest.raises(BadCertificate, match="읽지 못했습니다"):
        certificates.read_certificates(content)
    with pytest.raises(BadCertificate, match="열지 못했습니다"):
        certificates.read_pkcs12(content, "")


@pytest.mark.parametrize("bits", [1024])
def test_weak_keys_are_refused(bits: int) -> None:
    weak = rsa.generate_private_key(65537, bits)
    with pytest.raises(BadCertificate, match="2048"):
        certificates.load_private(certificates.private_bytes(weak))


def test_rotation_retires_the_key_before_and_no_certificate_comes_in_twice(seoul: TenantRef) -> None:
    key = certificates.make_key()
    with unit_of_work(seoul, SYSTEM) as uow:
        first = import_pair(uow, key, certified(key))
        with pytest.raises(KeyInTheWay, match="이미 들어 있는"):
            import_pair(uow, key, certificates.read_certificates(first.certificates.encode()))
    second = give_key(seoul)
    with unit_of_work(seoul, SYSTEM) as uow:
        rows = {row.id: row for row in all_keys(uow)}
        assert (rows[first.id].state, rows[first.id].ended_at) == ("RETIRED", NOW)
        assert (rows[second.id].state, rows[second.id].ended_at) == ("ACTIVE", None)


def test_the_database_holds_one_active_key(seoul: TenantRef) -> None:
    row = give_key(seoul)
    values = {c.name: getattr(row, c.name) for c in SigningKey.__table__.c if c.name != "id"}
    twin = SigningKey(**{**values, "ref": "f" * 16, "fingerprint": "f" * 64})
    with unit_of_work(seoul, SYSTEM) as uow:
        uow.session.add(twin)
        with pytest.raises(IntegrityError):
            uow.session.flush()
        uow.session.rollback()


@pytest.mark.rule("GC-18")
def test_a_revoked_key_seals_no_more_and_its_reason_is_kept(seoul: TenantRef) -> None:
    row = give_key(seoul)
    with unit_of_work(seoul, SYSTEM) as uow:
        with pytest.raises(NotFound):
            revoke_key(uow, "0" * 16, "유출")
        with pytest.raises(KeyInTheWay, match="까닭"):
            revoke_key(uow, row.ref, "  ")
        assert revoke_key(uow, row.ref, "유출 의심").ended_at == NOW
        with pytest.raises(KeyInTheWay, match="이미 폐지"):
            revoke_key(uow, row.ref, "또")
        with pytest.raises(CannotSeal, match="폐지"):
            key_to_seal_with(uow)
        logged = uow.session.scalars(select(AuditLog).where(AuditLog.action == "signing_key.revoked")).one()
        assert (logged.from_state, logged.to_state, logged.reason) == ("ACTIVE", "REVOKED", "유출 의심")


@pytest.mark.rule("GC-21")
def test_a_key_is_its_municipality_s_own(seoul: TenantRef, gwacheon: TenantRef) -> None:
    give_key(seoul)
    with unit_of_work(gwacheon, SYSTEM) as uow:
        assert all_keys(uow) == []
        assert key_to_seal_with(uow) is None


def test_the_operator_is_told_and_the_alert_ends_with_the_next_key(seoul: TenantRef) -> None:
    assert jobs.seal_troubles is seal_troubles  # the rooms' jobs are loaded wherever the clock runs
    platform = platform_ref(PREFIX)
    give_key(seoul, days=30)
    watch(platform, NOW)
    with unit_of_work(platform, SYSTEM) as uow:
        [(town, words, _)] = [row for row in open_alerts(uow) if row[0] == "seoul"]
    assert (town, "30일 뒤" in words) == ("seoul", True)
    give_key(seoul)
    watch(platform, NOW)
    with unit_of_work(platform, SYSTEM) as uow:
        assert [row for row in open_alerts(uow) if row[0] == "seoul"] == []


def test_the_test_authority_is_made_once_and_kept_to_ourselves(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    first, second = (certificates.own_test_authority(folder, NOW) for _ in range(2))
    assert first.chain == second.chain
    assert (folder / certificates.AUTHORITY_FILE).stat().st_mode & 0o777 == 0o600
