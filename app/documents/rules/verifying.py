"""What a stranger with a paper in hand may ask, and when they have to wait (GC-18, XX-05)."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from app.documents.rules.papers import PaperState
from app.kernel.errors import N_, Problem

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Of a code on paper: no I, L, O, U, which are read as something else."""
CODE_LENGTH = 12
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_NUMBER = re.compile(r"D?(\d{4})(\d{6,9})")

UNKNOWN_PAPER = Problem(
    "verify.unknown",
    N_("번호와 확인 코드가 맞는 문서가 없어요. 종이 아래쪽에 적힌 그대로 다시 적어 주세요."),
    rule="GC-18",
    field="code",
)
ASKED_TOO_OFTEN = Problem(
    "verify.too_often", N_("여러 번 틀렸어요. {seconds}초 뒤에 다시 확인해 주세요."), rule="XX-05"
)


class Standing(StrEnum):
    """What has become of an issued paper."""

    VALID = "VALID"
    VOID = "VOID"
    REPLACED = "REPLACED"

    @property
    def label(self) -> str:
        return {
            "VALID": N_("유효한 문서예요"),
            "VOID": N_("무효가 된 문서예요"),
            "REPLACED": N_("새 문서로 바뀌었어요"),
        }[self.value]


def standing(state: PaperState, successor: str | None) -> Standing:
    """``successor``: the number of the paper that was issued in its place."""
    if state is not PaperState.VOID:
        return Standing.VALID
    return Standing.REPLACED if successor else Standing.VOID


def read_number(typed: str) -> str:
    """``d2026 - 000001`` → ``D2026-000001``; what is no number comes back as it can never be found."""
    plain = re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", typed).upper())
    found = _NUMBER.fullmatch(plain)
    return f"D{found[1]}-{found[2]}" if found else ""


def read_code(typed: str) -> str:
    """The code as it is stored, whatever strokes, blanks, small or misread letters were typed."""
    plain = re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", typed).upper())
    return plain.translate(_MISREAD)[: CODE_LENGTH + 1]


def printed_code(code: str) -> str:
    """``K7QM2X9TRB4H`` → ``K7QM-2X9T-RB4H``"""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


NOT_ISSUED = Problem(
    "paper.not_issued",
    N_("아직 발급되지 않은 서류예요. 무효로 한 뒤 새로 작성해 주세요."),
    rule="GC-18",
    field="reason",
)
REPLACED_ALREADY = Problem(
    "paper.replaced_already",
    N_("이 서류를 대신하는 새 서류가 이미 있어요. 새 서류를 열어 확인해 주세요."),
    rule="GC-18",
    field="reason",
)
