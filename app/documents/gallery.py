"""The gallery of forms: which of them a person sees, found by words, in the order of services and occasions; and what
one form asks of whom."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import groupby

from app.documents.audience import may_fill, may_see, offered
from app.documents.catalogue import DRAWN, Field, Form, all_forms, role_names
from app.kernel.actor import Role
from app.kernel.errors import N_

OCCASIONS: tuple[tuple[str, frozenset[str]], ...] = (
    (N_("신청과 의뢰"), frozenset({"application", "request"})),
    (N_("동의와 서약"), frozenset({"consent", "pledge", "contract"})),
    (N_("대장과 명단"), frozenset({"register", "roster", "card"})),
    (N_("일지와 점검"), frozenset({"log", "checklist", "minutes", "plan"})),
    (N_("보고"), frozenset({"report"})),
    (N_("비용과 정산"), frozenset({"claim", "settlement"})),
    (N_("안내와 통지"), frozenset({"notice", "message", "poster"})),
    (N_("증명과 확인"), frozenset({"certificate"})),
    (N_("평가"), frozenset({"survey"})),
)
OTHER = N_("그 밖의 서식")
SPACES = re.compile(r"[\s·ㆍ\-–_.,()\[\]/「」제호]+")
HANGUL, LATIN = re.compile(r"[가-힣]"), re.compile(r"[A-Za-z]")
QUERY_MAX = 60


@dataclass(frozen=True, slots=True)
class Shelf:
    """Forms of one service for one occasion."""

    service: str
    occasion: str
    forms: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """What filling the form in takes: cells of which so many must be filled, tables, photos, papers to add."""

    cells: int
    required: int
    tables: int
    photos: int
    attachments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signing:
    """One who signs or seals, in printed order. ``each_row``: in every row of a table."""

    who: str
    is_seal: bool
    required: bool
    each_row: bool


def visible_forms(role: Role, services: Collection[str]) -> list[Form]:
    return [form for form in all_forms() if offered(form, services) and may_see(form, role)]


def found(forms: Iterable[Form], query: str) -> list[Form]:
    """Forms in which every word of the query occurs: in number, title, another name or the service's name."""
    words = [_plain(word) for word in query[:QUERY_MAX].split()]
    words = [word for word in words if word]
    return [form for form in forms if all(word in _sought(form) for word in words)]


def shelves(forms: Iterable[Form]) -> list[Shelf]:
    """Grouped by service, then by occasion."""
    names = [name for name, _ in OCCASIONS] + [OTHER]
    order = {form.service: number for number, form in reversed(list(enumerate(all_forms())))}

    def place(form: Form) -> tuple[int, int]:
        return order[form.service], names.index(occasion(form))

    ranked = sorted(forms, key=lambda form: (*place(form), form.number is None, _natural(form)))
    return [
        Shelf(run[0].service_name, occasion(run[0]), tuple(run))
        for run in (list(group) for _, group in groupby(ranked, key=place))
    ]


def occasion(form: Form) -> str:
    """What the form is for, by the first of its kinds (``application+consent``)."""
    first = form.kind.partition("+")[0]
    return next((name for name, kinds in OCCASIONS if first in kinds), OTHER)


def fillable(form: Form, role: Role) -> bool:
    return may_fill(form, role)


def route(form: Form) -> tuple[str, str]:
    """(who fills it in, who receives it) in words."""
    names = role_names()
    return (
        ", ".join(names.get(code, code) for code in form.from_),
        ", ".join(names.get(code, code) for code in form.to),
    )


def needs(form: Form) -> Needs:
    asked = [f for f in form.fields if f.type not in DRAWN and not f.computed]
    plain = [f for f in asked if f.type not in ("table", "photo")]
    return Needs(
        cells=len(plain),
        required=sum(f.required for f in plain),
        tables=sum(f.type == "table" for f in asked),
        photos=sum(f.type == "photo" for f in asked),
        attachments=form.attachments,
    )


def signing_order(form: Form) -> list[Signing]:
    return [line for field in form.fields for line in _signings(field)]


def _signings(field: Field) -> list[Signing]:
    if field.type in DRAWN:
        return [Signing(field.who or field.label, field.type == "seal", field.required, each_row=False)]
    drawn = [column for column in field.columns if column.type in DRAWN]
    return [Signing(c.who or c.label, c.type == "seal", c.required, each_row=True) for c in drawn]


def in_korean(words: str) -> str:
    """The words if an office can read them; the catalogue's notes to its makers are left out."""
    readable = len(HANGUL.findall(words)) * 2 >= len(LATIN.findall(words)) and HANGUL.search(words)
    return words if readable and not words.startswith("TODO") else ""


def _sought(form: Form) -> str:
    names = (form.number or "", form.title, *form.aliases, form.service_name, form.english, occasion(form))
    return "|".join(_plain(name) for name in names)


def _plain(text: str) -> str:
    """Without spaces, points and the 제…호 of a number: "제1-1호", "1-1" and "11" find the same."""
    return SPACES.sub("", unicodedata.normalize("NFKC", text).casefold())


def _natural(form: Form) -> tuple[list[int], str]:
    """서식 제2-10호 after 서식 제2-9호."""
    return [int(digits) for digits in re.findall(r"\d+", form.number or "")], form.title
