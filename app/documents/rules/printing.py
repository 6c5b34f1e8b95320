"""Print runs: what may be asked for, and how the files of one are named (XX-12)."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from app.kernel.errors import N_, Problem
from app.kernel.texts import masked_name

NAME_MAX = 60
_UNFIT = re.compile(r'[\\/:*?"<>|\s]+')
"""What some file system refuses in a name; white space becomes one space."""


class PrintAs(StrEnum):
    """What a run makes: one PDF of all sheets, a ZIP with a PDF each, or files for 한글 to go on writing in."""

    PDF = "PDF"
    ZIP = "ZIP"
    HWPX = "HWPX"

    @property
    def label(self) -> str:
        return {
            "PDF": N_("PDF 하나로 모으기"),
            "ZIP": N_("한 장씩 나눠 ZIP으로 묶기"),
            "HWPX": N_("한글 파일(HWPX) 사본"),
        }[self.value]


EDITED_KINDS = frozenset(
    {"register", "roster", "report", "log", "settlement", "minutes", "notice", "checklist"}
)
"""Kinds of forms that an office goes on writing in; what people sign stays as they signed it."""

PRINT_REASON_MISSING = Problem(
    "print.reason_missing",
    N_("{rows}건이 넘는 출력은 사유가 필요해요. 사유를 적어 주세요."),
    rule="XX-12",
    field="reason",
)
NOTHING_TO_PRINT = Problem("print.nothing", N_("출력할 서류를 하나 이상 골라 주세요."))
TOO_MANY_SHEETS = Problem(
    "print.too_many",
    N_("한 번에 {most}장까지 출력할 수 있어요. 지금 {asked}장이에요. 조건을 좁혀 나눠 출력해 주세요."),
    rule="XX-12",
)
NO_HANGUL_COPY = Problem(
    "print.no_hangul_copy",
    N_("이 서식은 한글 파일로 만들지 않아요. 명부, 대장, 보고서, 알림만 돼요. PDF로 출력해 주세요."),
)
PRINT_IS_OVER = Problem("print.over", N_("이미 끝난 출력이라 취소할 수 없어요."))


def file_name(number: int, person: str, title: str, ending: str, *, masked: bool) -> str:
    """``012 윤서담 서비스 신청서.pdf``: in the order of the list, whosever it is, fit for any file system."""
    words = [f"{number:03d}", masked_name(person) if masked else person, title]
    name = " ".join(part for word in words if (part := _fit(word)))
    return f"{name[:NAME_MAX].strip(' .')}.{ending}"


def _fit(word: str) -> str:
    seen = (sign for sign in unicodedata.normalize("NFC", word) if unicodedata.category(sign)[0] != "C")
    return _UNFIT.sub(" ", "".join(seen)).strip(" .")
