"""The electronic seal on a finished PDF (PAdES B-B), and what it says to whoever looks at it.

pyHanko is imported here and nowhere else. Only the worker and the command line come here: web processes never do.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import pem as asn1_pem
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers, validation
from pyhanko.sign.signers import constants
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

FIELD = "OfficeSeal"
REASON = "발급한 문서의 내용이 바뀌지 않았음을 확인하는 전자직인"


class _SealsAt(signers.PdfSigner):
    """A signer that takes the moment from the unit of work, as everything in the house does, and leaves the file a
    PDF 1.7, as PDF/A-3 asks: for an elliptic curve the library would call it 2.0."""

    when: datetime

    def register_extensions(self, pdf_out: Any, *, md_algorithm: str) -> None:
        pdf_out.register_extension(constants.ESIC_EXTENSION_1)

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> Any:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.when
        return session


def seal(pdf: bytes, *, private: bytes, certificates: str, where: str, who: str, when: datetime) -> bytes:
    """The same PDF with an invisible seal that forbids every later change.

    ``private``: PKCS #8 (DER); ``certificates``: PEM, the signer's first; ``where``, ``who``: municipality and office,
    as a viewer shows them. Nothing may be saved into the file afterwards.
    """
    own, *above = _certificates(certificates)
    store = SimpleCertificateStore()
    store.register_multiple(above)
    signer = signers.SimpleSigner(own, asn1_keys.PrivateKeyInfo.load(private), store)
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        reason=REASON,
        location=where,
        name=who,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    sealing = _SealsAt(meta, signer, new_field_spec=fields.SigFieldSpec(FIELD))
    sealing.when = when
    target: io.BytesIO = sealing.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=io.BytesIO())
    return target.getvalue()


@dataclass(frozen=True, slots=True)
class SealReport:
    """``intact``: what was sealed is unchanged; ``whole``: and nothing was added; ``trusted``: by one of the roots."""

    intact: bool
    whole: bool
    trusted: bool
    subject: str
    fingerprint: str
    at: datetime | None

    @property
    def sound(self) -> bool:
        return self.intact and self.whole and self.trusted


def examine(pdf: bytes, roots: Iterable[str], *, at: datetime | None = None) -> SealReport | None:
    """What the seal of a PDF is worth, judged by trusted ``roots`` (PEM); None when it has none or is no PDF.

    ``at``: the moment at which the certificate must have been valid (default: when it was sealed, so that a key that
    ended since still verifies what it sealed in its time).
    """
    try:
        found = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    except (PdfReadError, ValueError, KeyError, IndexError, TypeError):
        return None
    if not found:
        return None
    embedded = found[0]
    trusted = [certificate for pem in roots for certificate in _certificates(pem)]
    moment = at or embedded.self_reported_timestamp
    context = ValidationContext(trust_roots=trusted, allow_fetching=False, moment=moment)
    status = validation.validate_pdf_signature(embedded, context)
    whole = status.coverage == validation.SignatureCoverageLevel.ENTIRE_FILE and bool(status.docmdp_ok)
    return SealReport(
        intact=status.intact and status.valid,
        whole=whole,
        trusted=status.trusted,
        subject=status.signing_cert.subject.native.get("common_name", ""),
        fingerprint=status.signing_cert.sha256.hex(),
        at=embedded.self_reported_timestamp,
    )


def _certificates(pem: str) -> list[asn1_x509.Certificate]:
    parts = asn1_pem.unarmor(pem.encode(), multiple=True)
    return [asn1_x509.Certificate.load(der) for kind, _, der in parts if kind == "CERTIFICATE"]
