"""The life of a paper and what counts as a signature (GC-24)."""

from __future__ import annotations

import math
import unicodedata
from enum import StrEnum
from itertools import pairwise
from typing import Any

from app.kernel.errors import N_, Problem
from app.kernel.states import StateTable

BOX_WIDTH, BOX_HEIGHT = 400, 160
"""The box a signature is stored in."""
PAD_WIDTH, PAD_HEIGHT = 600, 400
"""The box the page's pad speaks of; its height follows the screen and stays below this."""
SLIP = 300
"""A finger may slide this far out of the pad; farther is no drawing."""
POINTS_MAX = 5000
STROKES_MAX = 300
INK_MIN = 20.0
"""Length of all strokes together that is more than a dot or a slip."""
SIGNER_MAX = 40


class PaperState(StrEnum):
    DRAFT = "DRAFT"
    TO_SIGN = "TO_SIGN"
    ISSUED = "ISSUED"
    VOID = "VOID"

    @property
    def label(self) -> str:
        return {
            "DRAFT": N_("작성 중"),
            "TO_SIGN": N_("서명 필요"),
            "ISSUED": N_("발급됨"),
            "VOID": N_("무효"),
        }[self.value]


_FAMILY = frozenset({"guardian"})
_STAFF = frozenset({"care_teacher", "team_leader", "centre_director"})
PAPER_STEPS: StateTable[PaperState] = StateTable(
    {
        (PaperState.DRAFT, PaperState.TO_SIGN): _FAMILY | _STAFF | {"system"},
        (PaperState.TO_SIGN, PaperState.ISSUED): _FAMILY | _STAFF | {"system"},
        **{
            (state, PaperState.VOID): _STAFF | {"system"}
            for state in (PaperState.DRAFT, PaperState.TO_SIGN, PaperState.ISSUED)
        },
    }
)


class SignatureMethod(StrEnum):
    DRAWN = "DRAWN"
    TYPED = "TYPED"
    SCAN = "SCAN"

    @property
    def label(self) -> str:
        return {"DRAWN": N_("직접 서명"), "TYPED": N_("이름 입력"), "SCAN": N_("서면(스캔)")}[self.value]


NOTHING_SIGNED = Problem(
    "paper.nothing_signed",
    N_("서명이 비어 있어요. 칸에 손가락으로 서명하거나 이름을 적어 주세요."),
    rule="GC-24",
    field="strokes",
)
ONLY_A_DOT = Problem(
    "paper.only_a_dot",
    N_("서명이 너무 짧아요. 다시 쓰기를 누르고 이름이나 서명을 그려 주세요."),
    rule="GC-24",
    field="strokes",
)
BAD_STROKES = Problem(
    "paper.bad_strokes",
    N_("서명을 읽지 못했어요. 다시 쓰기를 누르고 한 번 더 서명해 주세요."),
    rule="GC-24",
    field="strokes",
)
SIGNER_MISSING = Problem(
    "paper.signer_missing", N_("서명하는 분의 이름을 적어 주세요."), rule="GC-24", field="signer"
)
SIGNER_BAD = Problem(
    "paper.signer_bad",
    N_("이름은 {max}자까지, 눈에 보이는 글자로 적어 주세요."),
    rule="GC-24",
    field="signer",
)
NOT_THE_SIGNER = Problem(
    "paper.not_the_signer",
    N_("이 칸은 {who}이(가) 서명하는 칸이에요. 서면에 받은 서명은 스캔해서 올려 주세요."),
    rule="GC-24",
)
NO_SUCH_PLACE = Problem("paper.no_such_place", N_("이 서류에 없는 서명 칸이에요."), rule="GC-24")
SIGNED_ALREADY = Problem(
    "paper.signed_already", N_("이미 서명한 칸이에요. 서류를 다시 열어 확인해 주세요."), rule="GC-24"
)
REASON_MISSING = Problem(
    "paper.reason_missing", N_("무효로 하는 사유를 적어 주세요."), rule="GC-18", field="reason"
)
PRINT_REASON_MISSING = Problem(
    "print.reason_missing",
    N_("{rows}건이 넘는 출력은 사유가 필요해요. 사유를 적어 주세요."),
    rule="XX-12",
    field="reason",
)
NOTHING_TO_PRINT = Problem("print.nothing", N_("출력할 서류를 하나 이상 골라 주세요."))
TEXT_EMPTY = Problem("text.empty", N_("문구를 적어 주세요."), rule="XX-01", field="body")
TEXT_TOO_LONG = Problem("text.too_long", N_("문구는 {max}자까지 적을 수 있어요."), rule="XX-01", field="body")
TEXT_IN_THE_PAST = Problem(
    "text.in_the_past", N_("적용일은 오늘이거나 그 뒤여야 해요."), rule="XX-01", field="effective_from"
)


def clean_signer(name: str) -> str | Problem:
    """A typed name as it is stored; a Problem when there is none or when it hides signs."""
    text = " ".join(unicodedata.normalize("NFC", name).split())
    if not any(sign.isalpha() for sign in text):
        return SIGNER_MISSING
    if len(text) > SIGNER_MAX or any(unicodedata.category(sign)[0] == "C" for sign in text):
        return SIGNER_BAD.of(max=SIGNER_MAX)
    return text


def read_strokes(raw: Any) -> list[list[list[float]]] | Problem:
    """``[[[x, y], …], …]`` of the pad, fitted into the stored box and rounded; a Problem for anything else.

    What comes from a browser may be anything: numbers that are none, no end of points, a single dot.
    """
    if not isinstance(raw, list) or len(raw) > STROKES_MAX or not all(isinstance(line, list) for line in raw):
        return BAD_STROKES
    if not raw:
        return NOTHING_SIGNED
    if sum(len(line) for line in raw) > POINTS_MAX or not all(_is_point(p) for line in raw for p in line):
        return BAD_STROKES
    lines = [[_inside(x, y) for x, y in line] for line in raw if line]
    height = max((y for line in lines for _, y in line), default=0)
    scale = min(BOX_WIDTH / PAD_WIDTH, BOX_HEIGHT / height) if height else BOX_WIDTH / PAD_WIDTH
    fitted = [[[round(x * scale, 1), round(y * scale, 1)] for x, y in line] for line in lines]
    ink = sum(math.dist(a, b) for line in fitted for a, b in pairwise(line))
    return ONLY_A_DOT if ink < INK_MIN else fitted


def _is_point(raw: Any) -> bool:
    if not isinstance(raw, list) or len(raw) != 2:
        return False
    return all(
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and -SLIP <= value <= limit + SLIP
        for value, limit in zip(raw, (PAD_WIDTH, PAD_HEIGHT), strict=True)
    )


def _inside(x: float, y: float) -> tuple[float, float]:
    return min(max(x, 0), PAD_WIDTH), min(max(y, 0), PAD_HEIGHT)


def is_family_place(name: str) -> bool:
    """Whether a signature field is the guardian's own (``guardian_signature``); all others are the office's."""
    return name.startswith(("guardian", "applicant", "parent"))
