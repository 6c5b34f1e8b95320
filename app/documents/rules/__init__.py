"""The rules of papers, one story per file: their life, signatures, and links to sign by (GC-18, GC-24)."""

from app.documents.rules.papers import (
    PAPER_STEPS,
    REASON_MISSING,
    TEXT_EMPTY,
    TEXT_IN_THE_PAST,
    TEXT_TOO_LONG,
    PaperState,
)
from app.documents.rules.signing import (
    BAD_STROKES,
    NO_SUCH_PLACE,
    NOT_THE_SIGNER,
    NOTHING_SIGNED,
    SIGNED_ALREADY,
    SignatureMethod,
    clean_signer,
    read_strokes,
)

__all__ = [
    "BAD_STROKES",
    "NOTHING_SIGNED",
    "NOT_THE_SIGNER",
    "NO_SUCH_PLACE",
    "PAPER_STEPS",
    "REASON_MISSING",
    "SIGNED_ALREADY",
    "TEXT_EMPTY",
    "TEXT_IN_THE_PAST",
    "TEXT_TOO_LONG",
    "PaperState",
    "SignatureMethod",
    "clean_signer",
    "read_strokes",
]
