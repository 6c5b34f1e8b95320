"""Korean text on paper: cleaning what people typed, keeping words whole, and the office's way of writing values."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

WORD_JOINER = "\u2060"

# Written letters that must stay together with their neighbour: a Korean word and its particle, a number and its
# unit. A space, a middle dot or an opening bracket stays a place where a line may break.
_GLUE = re.compile(r"(?<=[가-힣A-Za-z0-9)」』,])(?=[가-힣])|(?<=[가-힣])(?=[A-Za-z0-9)~])")
_MARKUP = re.compile(r"(<title>.*?</title>|<[^>]*>)", re.DOTALL)
_SPACES = re.compile(r"[^\S\n]+")


def clean(text: str) -> str:
    """`text` as it may stand on paper: composed (NFC), without control, direction or invisible characters.

    A file name or a paste from a Mac arrives decomposed; U+202E would print a name backwards; NUL ends a PDF string.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))
    kept = "".join(
        c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    return _SPACES.sub(" ", kept).strip()


def keep_words(html: str) -> str:
    """`html` with a word joiner between syllables, so that Korean breaks at spaces (the renderer has no keep-all).

    Text inside tags and `<title>` is left alone: the title ends up in the file's metadata.
    """
    parts = _MARKUP.split(html)
    return "".join(part if part.startswith("<") else _GLUE.sub(WORD_JOINER, part) for part in parts)


def width(text: str) -> float:
    """Rough printed width of `text` in em: a Korean syllable or a Chinese character is one, a Latin letter half."""
    return sum(
        1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.28 if c in " .,:;'|" else 0.56 for c in text
    )


VALUE_PT, FLOOR_PT = 9.5, 8.0  # as in pdf_forms/_base/page.css: ordinary, fit-2
SAFETY = 0.82
"""Words break at spaces, so a line is seldom full."""
ONE_LINE = 0.95
"""What needs no break, such as a date or a telephone number, may fill its line."""
ROOMY_LINES = 4
"""A cell of so many lines has room for ordinary letters before it shrinks them."""
MARK_EM = 5.0  # "… (별지 1)"


def fit(text: str, room: float) -> str:
    """CSS class that shrinks `text` into `room` em, down to the floor of 8 pt; longer text wraps and its row grows."""
    longest = max((width(line) for line in text.split("\n")), default=0.0)
    if longest <= room:
        return ""
    return "fit-1" if longest <= room / 0.9 else "fit-2"


@dataclass(frozen=True)
class Shown:
    """What stands in a cell: the text, its CSS class, and the number of the 별지 that holds it whole (0: none)."""

    text: str
    css: str
    sheet: int = 0


@dataclass(frozen=True)
class Overflow:
    """One value too long for its cell, printed whole at the end of the paper."""

    label: str
    text: str


class Spill:
    """Keeps values inside their cells: shrinks them, and past the floor prints the rest on a supplementary page."""

    def __init__(self, pt_per_mm: float, padding_mm: float, *, tight: bool = False) -> None:
        self.sheets: list[Overflow] = []
        self._pt_per_mm, self._padding_mm, self._tight = pt_per_mm, padding_mm, tight

    def cut(self, label: str, text: str, mm: float, lines: int) -> Shown:
        """`text` as it fits into `lines` lines of a cell `mm` wide (tight: half of them); nothing is lost."""
        lines = max(1, lines // 2) if self._tight else lines
        points = max(mm - self._padding_mm, 8.0) * self._pt_per_mm
        room = points / FLOOR_PT * SAFETY
        if lines >= ROOMY_LINES and _lines(text, points / VALUE_PT * SAFETY) <= lines:
            return Shown(text, "")
        if width(text) <= points / FLOOR_PT * ONE_LINE or _lines(text, room) <= lines:
            return Shown(text, fit(text, points / VALUE_PT))
        self.sheets.append(Overflow(label, text))
        return Shown(_beginning(text, room * lines - MARK_EM, lines) + "…", "fit-2", len(self.sheets))


def _lines(text: str, room: float) -> int:
    return sum(max(1, math.ceil(width(line) / room)) for line in text.split("\n"))


def _beginning(text: str, room: float, lines: int) -> str:
    kept, used = [], 0.0
    for sign in "\n".join(text.split("\n")[:lines]).replace("\n", " "):
        used += width(sign)
        if used > room:
            break
        kept.append(sign)
    return "".join(kept).rstrip()


def hours(minutes: int) -> str:
    """`90` → `1시간 30분`"""
    whole, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{whole}시간" if whole or not rest else "", f"{rest}분" if rest else "") if part
    )


def short_date(iso: str) -> str:
    """`2026. 3. 2.`"""
    day = date.fromisoformat(iso)
    return f"{day.year}. {day.month}. {day.day}."


def long_date(iso: str) -> str:
    """`2026년 3월 2일`"""
    day = date.fromisoformat(iso)
    return f"{day.year}년 {day.month}월 {day.day}일"


def year_month(iso: str) -> str:
    """`2026년 3월`"""
    day = date.fromisoformat(iso)
    return f"{day.year}년 {day.month}월"


def phone(number: str) -> str:
    """`01012345678` → `010-1234-5678`; a number of another shape is printed as it was given."""
    digits = re.sub(r"\D", "", number)
    if number.startswith("+") or not digits.startswith("0"):
        return number
    area = 2 if digits.startswith("02") else 3
    if not 9 <= len(digits) <= 11 or not 3 <= len(digits[area:-4]) <= 4:
        return number
    return f"{digits[:area]}-{digits[area:-4]}-{digits[-4:]}"


def money(won: int) -> str:
    """`50000` → `50,000`"""
    return f"{won:,}"


def addressee(template: str, values: Mapping[str, str | None]) -> str:
    """The line "○○센터장 귀하": blanks become ○○, and a centre whose name ends in 센터 does not say it twice."""
    line = re.sub(r"\{(\w+)\}", lambda m: values.get(m[1]) or "○○", template)
    return re.sub(r"센터\s*센터장", "센터장", line)
