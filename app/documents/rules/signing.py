"""What counts as a signature, and who may sign which place when (GC-24)."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from app.kernel.errors import N_, Problem

BOX_WIDTH, BOX_HEIGHT = 400, 160
"""The box a signature is stored in."""
PAD_WIDTH, PAD_HEIGHT = 600, 600
"""The box the page's pad speaks of; its height follows the screen and stays below this."""
SLIP = 300
"""A finger may slide this far out of the pad; farther is no drawing."""
POINTS_MAX = 5000
STROKES_MAX = 300
INK_MIN = 20.0
"""Length of all strokes together that is more than a dot or a slip."""
SIGNER_MAX = 40


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

NOT_THE_TURN = Problem(
    "paper.not_the_turn",
    N_("{who} 서명이 먼저예요. 그 서명이 끝나면 서명할 수 있어요."),
    rule="GC-24",
)
OTHER_NAME = Problem(
    "paper.other_name",
    N_("안내받은 이름({signer})과 똑같이 적어 주세요. 이름이 잘못되었으면 링크를 보낸 곳에 알려 주세요."),
    rule="GC-24",
    field="typed",
)
NOT_FINISHED = Problem(
    "paper.not_finished", N_("아직 작성하고 있는 서류예요. 작성이 끝나면 서명할 수 있어요."), rule="GC-24"
)
IS_VOID = Problem("paper.is_void", N_("무효가 된 서류라 서명할 수 없어요."), rule="GC-24")
CHANGED_SINCE = Problem(
    "paper.changed_since",
    N_("읽는 사이에 서류가 바뀌었어요. 바뀐 내용을 다시 읽고 서명해 주세요."),
    rule="GC-24",
)
SIGNED_ROW = Problem(
    "paper.signed_row",
    N_("{table} {number}번째 줄은 서명을 받아서 바꾸거나 지울 수 없어요."),
    rule="GC-24",
)
NOTHING_CHOSEN = Problem(
    "paper.nothing_chosen",
    N_("스캔한 종이에 서명이 있는 칸을 하나 이상 골라 주세요."),
    rule="GC-24",
    field="place",
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

    What comes from a browser may be anything: JSON or not, numbers that are none, no end of points, a single dot.
    """
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except (ValueError, RecursionError):
            return BAD_STROKES
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


@dataclass(frozen=True, slots=True)
class RowPlace:
    """A place in a row of a table: ``stays.0.guardian_in``. Rows count from 0."""

    table: str
    number: int
    column: str


def row_of(name: str) -> RowPlace | None:
    """The row a place stands in; None for a place outside tables."""
    table, _, rest = name.partition(".")
    number, _, column = rest.partition(".")
    return RowPlace(table, int(number), column) if column and number.isdecimal() else None


def signs_before(name: str, places: Iterable[tuple[str, bool]], done: Collection[str]) -> str | None:
    """Whose signature is still missing before this one, where signers sign in printed order; None: it is its turn.

    ``places``: (name, required) in printed order. A row has its own order, and so have the places outside tables.
    """
    line = _line_of(name)
    for other, required in places:
        if other == name:
            return None
        if required and other not in done and _line_of(other) == line:
            return other
    return None


def _line_of(name: str) -> tuple[str, int] | None:
    row = row_of(name)
    return (row.table, row.number) if row else None


def same_name(typed: str, expected: str) -> bool:
    """A typed signature is the invited person's name; blanks and case are no difference."""
    return "".join(typed.split()).casefold() == "".join(expected.split()).casefold()
