"""Keys and their certificates: made, asked for, read and checked. Knows no database.

A municipality's key signs PDFs (PAdES). In real life its certificate comes from a public authority (GPKI and the
like): a request is written, the answer is imported with the certificates above it, or key and certificate arrive
together as PKCS #12. A demonstration has an authority of its own, which nobody outside trusts.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey
RSA_LEAST = 2048
CURVES = (ec.SECP256R1, ec.SECP384R1)
ROOT_LIVES = timedelta(days=3653)
AUTHORITY_FILE = "test-authority.pem"


class BadCertificate(ValueError):
    """The certificate or key cannot be used; the message says why, in Korean."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key with its certificate first and those above it."""

    key: PrivateKey
    chain: tuple[x509.Certificate, ...]


def make_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def name_of(organisation: str, unit: str, common: str) -> x509.Name:
    """C=KR, O=서울특별시, OU=돌봄이음, CN=서울특별시 전자직인; each at most 64 signs."""
    parts = (
        (NameOID.COUNTRY_NAME, "KR"),
        (NameOID.ORGANIZATION_NAME, organisation[:64]),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, unit[:64]),
        (NameOID.COMMON_NAME, common[:64]),
    )
    return x509.Name([x509.NameAttribute(oid, words) for oid, words in parts if words])


def request_for(key: PrivateKey, subject: x509.Name) -> str:
    """The certificate signing request (PKCS #10) as PEM."""
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def certify(
    authority: KeyPair, public: PublicKey, subject: x509.Name, since: datetime, until: datetime
) -> tuple[x509.Certificate, ...]:
    """A certificate for sealing by a test authority, with the authority's own behind it."""
    issuer = authority.chain[0]
    leaf = (
        _builder(subject, issuer.subject, public, since, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(seals=True), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
        )
        .sign(authority.key, hashes.SHA256())
    )
    return (leaf, *authority.chain)


def make_authority(since: datetime) -> KeyPair:
    """A test authority of one's own: trusted by nobody who was not told to."""
    key = make_key()
    name = name_of("돌봄이음", "시연용 인증기관", "돌봄이음 시험 인증기관")
    root = (
        _builder(name, name, key.public_key(), since, since + ROOT_LIVES)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(seals=False), critical=True)
        .sign(key, hashes.SHA256())
    )
    return KeyPair(key, (root,))


def own_test_authority(folder: Path, now: datetime) -> KeyPair:
    """This installation's test authority, made at first use and kept beside the application's keys."""
    path = folder / AUTHORITY_FILE
    if path.exists():
        content = path.read_bytes()
        return KeyPair(
            _usable(serialization.load_pem_private_key(content, None)), (*read_certificates(content),)
        )
    made = make_authority(now - timedelta(days=400))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(private_bytes(made.key, serialization.Encoding.PEM) + chain_pem(made.chain).encode())
    return made


def read_certificates(content: bytes) -> list[x509.Certificate]:
    """Certificates of a PEM or DER file. Raises BadCertificate."""
    try:
        if b"-----BEGIN" in content:
            return x509.load_pem_x509_certificates(content)
        return [x509.load_der_x509_certificate(content)]
    except ValueError:
        raise BadCertificate("인증서 파일을 읽지 못했습니다. PEM이나 DER 형식인지 확인해 주세요.") from None


def read_pkcs12(content: bytes, password: str) -> tuple[PrivateKey, list[x509.Certificate]]:
    """Key and certificates of a .p12 or .pfx file. Raises BadCertificate."""
    try:
        loaded = pkcs12.load_pkcs12(content, password.encode() if password else None)
    except ValueError:
        raise BadCertificate("PKCS #12 파일을 열지 못했습니다. 파일과 비밀번호를 확인해 주세요.") from None
    if loaded.key is None or loaded.cert is None:
        raise BadCertificate("PKCS #12 파일에 개인키와 인증서가 함께 들어 있어야 합니다.")
    return _usable(loaded.key), [loaded.cert.certificate, *(c.certificate for c in loaded.additional_certs)]


def chain_of(key: PrivateKey, certificates: Iterable[x509.Certificate], now: datetime) -> KeyPair:
    """The key's own certificate, then those above it as far as they are given, checked link by link.

    Raises BadCertificate: none fits the key, it is not valid now, it may not sign, or a link does not hold.
    """
    given = list(certificates)
    own = next((c for c in given if c.public_key() == key.public_key()), None)
    if own is None:
        raise BadCertificate("이 열쇠의 인증서가 아닙니다. 신청한 열쇠와 받은 인증서가 맞는지 확인해 주세요.")
    _check_own(own, now)
    chain = [own]
    while chain[-1].issuer != chain[-1].subject:
        above = next((c for c in given if c.subject == chain[-1].issuer and c not in chain), None)
        if above is None:
            break
        chain.append(above)
    for below, above in zip(chain, [*chain[1:], chain[-1]], strict=True):
        if below is above and below.issuer != below.subject:
            continue  # the top was not given; who verifies has it
        try:
            below.verify_directly_issued_by(above)
        except (ValueError, TypeError, InvalidSignature):
            raise BadCertificate("인증서 사슬이 이어지지 않습니다. 상위 인증서를 함께 넣어 주세요.") from None
    return KeyPair(key, tuple(chain))


def _check_own(own: x509.Certificate, now: datetime) -> None:
    if now > own.not_valid_after_utc:
        raise BadCertificate("이미 만료된 인증서입니다. 새로 발급받은 인증서를 넣어 주세요.")
    if now < own.not_valid_before_utc:
        raise BadCertificate("아직 유효기간이 시작되지 않은 인증서입니다. 시작되는 날 다시 넣어 주세요.")
    try:
        usage = own.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not (usage.digital_signature or usage.content_commitment):
        raise BadCertificate("전자서명에 쓸 수 없는 인증서입니다(키 사용 목적에 전자서명이 없습니다).")


def _usable(key: object) -> PrivateKey:
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, CURVES):
        return key
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= RSA_LEAST:
        return key
    raise BadCertificate("RSA 2048비트 이상이거나 EC P-256, P-384인 열쇠만 쓸 수 있습니다.")


def load_private(der: bytes) -> PrivateKey:
    return _usable(serialization.load_der_private_key(der, None))


def private_bytes(key: PrivateKey, encoding: serialization.Encoding = serialization.Encoding.DER) -> bytes:
    """PKCS #8, not encrypted: for the caller to encrypt."""
    return key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def chain_pem(chain: Sequence[x509.Certificate]) -> str:
    return "".join(c.public_bytes(serialization.Encoding.PEM).decode() for c in chain)


def fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()


def short_name(name: x509.Name) -> str:
    """The common name, else the whole: how a page names it."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value if common else name.rfc4514_string())[:200]


def _builder(
    subject: x509.Name, issuer: x509.Name, public: PublicKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, seals: bool) -> x509.KeyUsage:
    """For sealing documents, or for certifying others."""
    return x509.KeyUsage(
        digital_signature=seals,
        content_commitment=seals,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not seals,
        crl_sign=not seals,
        encipher_only=False,
        decipher_only=False,
    )
