"""A municipality's own wording of a form: which signs can be printed, and what stops it (XX-01)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from app.kernel.errors import N_, Problem

NOT_PRINTED = frozenset({"Cs", "Co", "Cn"})
"""Halves of signs, signs of one's own font (the bullets of a pasted 한글 page), signs that do not exist."""
FIRST_PICTURE = 0x1F000
"""From here on signs are coloured pictures, which no printer of an office prints alike."""
SPACES = frozenset("\n\t ")

ODD_SIGN = Problem(
    "text.odd_sign",
    N_(
        "{line}번째 줄의 ‘{sign}’({code})는 서식에 인쇄할 수 없는 글자예요. 지우거나 다른 글자로 바꿔 주세요."
    ),
    rule="XX-01",
    field="body",
)
TEXT_GROWS = Problem(
    "text.grows",
    N_(
        "{line}번째 줄부터는 서식 {pages}쪽에 들어가지 않아요. 문구를 줄여 주세요. "
        "그때까지는 지금 문구가 그대로 쓰여요."
    ),
    rule="XX-01",
    field="body",
)


def odd_signs(body: str) -> list[Problem]:
    """A problem for each line that holds a sign which cannot be printed; lines count from 1."""
    found = []
    for number, line in enumerate(body.replace("\r\n", "\n").split("\n"), 1):
        odd = next((sign for sign in line if _is_odd(sign)), None)
        if odd is not None:
            found.append(ODD_SIGN.of(line=number, sign=_shown(odd), code=f"U+{ord(odd):04X}"))
    return found


def _is_odd(sign: str) -> bool:
    if unicodedata.category(sign) in NOT_PRINTED:
        return True
    return ord(sign) >= FIRST_PICTURE and unicodedata.category(sign).startswith("S")


def _shown(sign: str) -> str:
    return sign if unicodedata.category(sign) not in NOT_PRINTED else "□"


def line_that_grows(body: str, grows: Callable[[str], bool]) -> int | None:
    """The first line (from 1) with which the form outgrows its pages; None when the whole wording has room.

    ``grows``: whether a wording is too long; more lines are never shorter, so half of them is tried at a time.
    """
    if not grows(body):
        return None
    lines = body.split("\n")
    low, high = 0, len(lines)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if grows("\n".join(lines[:middle])) else (middle, high)
    return high
