"""The catalogue of forms: what `pdf_forms/<family>/<form-id>/form.yaml` says, as frozen dataclasses.

`form.yaml` is the one place where a form's labels, types, choices, tables, order, addressee and wording are written;
the data model (`model`), the paper (`render`) and the screens are derived from it. `pdf_forms/README.md` explains
the keys.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FORMS = Path(__file__).resolve().parents[2] / "pdf_forms"
BASE = FORMS / "_base"

TYPED = frozenset(("text", "date", "time", "phone", "rrn", "money", "int", "photo"))
TICKED = frozenset(("checkbox", "choice", "multichoice", "likert5", "yes-no"))
#: Drawn by a hand or stamped: no part of a form's data.
DRAWN = frozenset(("signature", "seal"))
TYPES = TYPED | TICKED | DRAWN | {"table"}
#: How a section stands on the paper: labels and values; a consent with its facts and an answer; questions with an
#: answer each; questions on a scale; points to promise; clauses of a contract; a table of words; words; the close.
SECTIONS = frozenset(
    ("fields", "consent", "checklist", "scale", "points", "clauses", "table", "notice", "signature")
)
SERVICES = {
    "kium": "우리동네키움센터",
    "facility": "언제나돌봄(시설형)",
    "visiting": "언제나돌봄(방문형)",
    "daycare": "언제나어린이집",
    "provider": "지역사회서비스",
    "district": "자치구",
}

LISTS = ("aliases", "to", "rules", "variables", "feeds", "attachments")
_YES_NO = {"yes": "예", "no": "아니오"}
FAMILY = ("보호자", "양육자", "이용자", "신청인")
"""Whose a place is by the form's own words, on a form that a family fills in: 보호자(법정대리인), 의뢰 보호자 …"""


class UnknownForm(LookupError):
    """No form has this id."""


BULLETS = re.compile(r"^[■□▮※*○<]+\s*|\s*>$")
BRACKETED = re.compile(r"[(【\[](.*)[)】\]]")
SPACED = re.compile(r"\S(?:\s+\S)+")
ANSWERS = re.compile(r"(?<=\S)\s*\(예[ /]*아니오\)$")
ENDS = " :·"


def plain(label: str) -> str:
    """A printed label as words: `■ 교육 개요` → 교육 개요, `(기관명)` → 기관명, `주 소 :` → 주소."""
    words = BULLETS.sub("", label.strip()).strip(ENDS)
    inside = BRACKETED.fullmatch(words)
    if inside and not set(re.sub(r"\([^()]*\)", "", inside[1])) & set("()"):
        words = inside[1].strip(ENDS)
    words = ANSWERS.sub("", words)
    return re.sub(r"\s+", "", words) if SPACED.fullmatch(words) else words


@dataclass(frozen=True)
class Choice:
    """One box to tick: the stored `value`, the printed `label`, and the field that holds the words behind it."""

    value: str
    label: str
    text_field: str | None = None

    @property
    def asked(self) -> str:
        """The label on the screen: 기타: and 기타( ) say 기타, the words behind it have a field of their own."""
        return re.sub(r"\s*[(:]\s*[):]*\s*$", "", self.label) or self.label


@dataclass(frozen=True)
class Field:
    """One cell of a form.

    `group` is the printed heading that holds it, `item` its number in a list of questions; fields that follow each
    other with the same label share a cell. `columns` and `blank_rows` are those of a table; `preset` names the column
    whose words are printed into the empty rows: its choices, or `fixed_rows`; `widths` are those of its columns in
    mm (none: measured). `screen_label` is its label on the screen where the printed one means nothing there. `lines` is
    how many lines of a value have room in its cell; `print_as` "hours" writes minutes as 1시간 30분, "month" a date as
    2026년 3월. `who` and `mark` belong to a signature or a seal.
    """

    name: str
    label: str
    type: str
    required: bool = False
    computed: bool = False
    multiline: bool = False
    sensitive: bool = False
    unit: str = ""
    hint: str = ""
    group: str = ""
    item: str = ""
    lines: int = 0
    print_as: str = ""
    text_field: str | None = None
    choices: tuple[Choice, ...] = ()
    columns: tuple[Field, ...] = ()
    blank_rows: int = 0
    preset: str | None = None
    fixed_rows: tuple[str, ...] = ()
    widths: tuple[float, ...] = ()
    who: str = ""
    mark: str = ""
    screen_label: str = ""

    @property
    def asked(self) -> str:
        """The label as a question on the screen, without what only paper needs: blanks to write on, bullets, colons."""
        words = self.screen_label or plain(self.label)
        return "날짜" if self.type == "date" and words == "년월일" else words

    def column(self, name: str) -> Field:
        return next(column for column in self.columns if column.name == name)

    def signed_by(self, name: str) -> tuple[Field, ...]:
        """The columns a signature in this column stands on: those printed before it. The last signature of a row
        stands on all of them; after an earlier one (arrived) the rest of the row (left) is still to be filled in."""
        names = [column.name for column in self.columns]
        last = [column.name for column in self.columns if column.type in DRAWN][-1]
        end = len(names) if name == last else names.index(name)
        return tuple(column for column in self.columns[:end] if column.type not in DRAWN)

    @property
    def texts(self) -> tuple[str, ...]:
        """The names of the text fields behind it."""
        return tuple(name for name in (self.text_field, *(c.text_field for c in self.choices)) if name)

    def choice_label(self, value: str) -> str:
        return next((choice.label for choice in self.choices if choice.value == value), "")

    def choice_asked(self, value: str) -> str:
        return next((choice.asked for choice in self.choices if choice.value == value), "")


#: A column of a table is a field like any other.
Column = Field


@dataclass(frozen=True)
class Section:
    """Fields under one heading. A section without a title has none on the paper.

    `kind` says how it is drawn (see `SECTIONS`); `page` on which page it begins; `heads` are printed column heads;
    `scale` the words of a scale from 1 on; `rows` a printed table without data. `screen_title` is the heading on the
    screen of a section that has none on the paper.
    """

    id: str
    title: str | None
    fields: tuple[Field, ...]
    kind: str = "fields"
    subtitle: str = ""
    page: int = 1
    heads: tuple[str, ...] = ()
    scale: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    screen_title: str = ""


@dataclass(frozen=True)
class Signature:
    """A place where someone signs or seals: the field's name, who it is, the printed mark, and whether it is needed.

    ``family``: a guardian signs there; a carer or an official who is called 신청인 on another form is no family.
    """

    name: str
    type: str
    who: str
    mark: str
    required: bool
    family: bool


@dataclass(frozen=True)
class Text:
    """Running prose of a form, in the project's own words; a municipality may replace it by its official wording."""

    version: int
    ko: str


@dataclass(frozen=True)
class Retention:
    """How long the paper is kept: `years` after `after`, by `rule`."""

    years: int
    after: str
    rule: str


@dataclass(frozen=True, eq=False)  # one object per id (see `load`), so identity is equality
class Form:
    """One official form. `from_` and `to` are role codes; `version` changes when the paper's look or words change;
    `pages` are the titles of its pages, the first one the form's own; `density` is how far apart its rows stand
    (dense, roomy, airy)."""

    id: str
    family: str
    number: str | None
    title: str
    english: str
    aliases: tuple[str, ...]
    service: str
    kind: str
    paper: str
    from_: tuple[str, ...]
    to: tuple[str, ...]
    when: str
    retention: Retention
    rules: tuple[str, ...]
    source: str
    addressee: str | None
    variables: tuple[str, ...]
    sections: tuple[Section, ...]
    texts: Mapping[str, Text]
    feeds: tuple[str, ...]
    pages: tuple[str, ...]
    attachments: tuple[str, ...]
    density: str
    folder: Path = field(repr=False)
    version: str = ""
    ordered: bool = False
    """Whether its signers sign one after the other, in printed order."""

    @property
    def fields(self) -> Iterator[Field]:
        """Every field outside tables, in printed order."""
        return (item for section in self.sections for item in section.fields)

    @property
    def service_name(self) -> str:
        return SERVICES[self.service]

    def field(self, name: str) -> Field:
        return next(item for item in self.fields if item.name == name)

    def section(self, section_id: str) -> Section:
        return next(section for section in self.sections if section.id == section_id)

    @property
    def signatures(self) -> tuple[Signature, ...]:
        return tuple(self._place(f, f.name, f.who) for f in self.fields if f.type in DRAWN)

    def places(self, data: Mapping[str, Any]) -> tuple[Signature, ...]:
        """Every place to sign or seal in printed order, with those of the filled rows of tables: `stays.0.sign`."""
        return tuple(place for item in self.fields for place in self._places(item, data))

    def _places(self, item: Field, data: Mapping[str, Any]) -> Iterator[Signature]:
        if item.type in DRAWN:
            yield self._place(item, item.name, item.who)
        drawn = [column for column in item.columns if column.type in DRAWN]
        rows = data.get(item.name) or [] if drawn else []
        for number, row in enumerate(rows):
            if any(value not in (None, "", [], False) for value in row.values()):
                for column in drawn:
                    name = f"{item.name}.{number}.{column.name}"
                    yield self._place(column, name, column.who or column.label)

    def _place(self, field: Field, name: str, who: str) -> Signature:
        family = (
            field.type == "signature" and "guardian" in self.from_ and any(word in who for word in FAMILY)
        )
        return Signature(name, field.type, who, field.mark, field.required, family)


@cache
def load(form_id: str) -> Form:
    """The form with this id; raises `UnknownForm`. Read once per process."""
    for path in _paths():
        if path.parent.name == form_id:
            return _form(path, yaml.safe_load(path.read_text("utf-8")))
    raise UnknownForm(form_id)


@cache
def all_forms() -> tuple[Form, ...]:
    """Every form, by family and id."""
    return tuple(load(path.parent.name) for path in _paths())


@cache
def role_names() -> Mapping[str, str]:
    """Role code → its name as printed in the corner of a form."""
    names: dict[str, str] = yaml.safe_load((BASE / "roles.yaml").read_text("utf-8"))
    return names


def _paths() -> list[Path]:
    return sorted(FORMS.glob("[!_]*/*/form.yaml"))


def _form(path: Path, raw: dict[str, Any]) -> Form:
    folder = path.parent
    if raw["id"] != folder.name:
        raise ValueError(f"{path}: id {raw['id']!r} is not the folder's name")
    names = set[str]()
    sections = tuple(_section(s, names) for s in raw["sections"])
    lists = {key: tuple(raw.get(key) or ()) for key in LISTS}
    return Form(
        id=raw["id"],
        family=folder.parent.name,
        number=raw.get("number"),
        title=raw["title"],
        english=raw["english"],
        service=raw["service"],
        kind=raw["kind"],
        paper=raw.get("paper", "portrait"),
        from_=tuple(raw["from"]),
        when=raw["when"],
        density=raw.get("density", ""),
        pages=tuple(raw.get("pages") or (raw["title"],)),
        retention=Retention(**raw["retention"]),
        source=raw["source"],
        addressee=raw.get("addressee"),
        sections=sections,
        texts={key: Text(int(t["version"]), t["ko"].strip()) for key, t in (raw.get("texts") or {}).items()},
        folder=folder,
        version=_version(folder),
        ordered=raw.get("ordered", False),
        **lists,
    )


def _section(raw: dict[str, Any], names: set[str]) -> Section:
    kind = raw.get("kind", "fields")
    if kind not in SECTIONS:
        raise ValueError(f"{raw['id']}: unknown kind {kind!r}")
    return Section(
        id=raw["id"],
        title=raw.get("title"),
        fields=tuple(_field(f, names) for f in raw.get("fields", ())),
        kind=kind,
        subtitle=raw.get("subtitle", ""),
        page=raw.get("page", 1),
        heads=tuple(raw.get("heads", ())),
        scale=tuple(raw.get("scale", ())),
        rows=tuple(tuple(row) for row in raw.get("rows", ())),
        screen_title=raw.get("screen_title", ""),
    )


def _field(raw: dict[str, Any], names: set[str]) -> Field:
    """One field from its mapping; `names` collects what is taken, so that a name used twice is refused at once."""
    raw = dict(raw)
    if raw["type"] not in TYPES:
        raise ValueError(f"{raw['name']}: unknown type {raw['type']!r}")
    if raw["name"] in names:
        raise ValueError(f"{raw['name']}: name is used twice")
    names.add(raw["name"])
    words: dict[str, str] = raw.pop("with_text", {})
    choices = raw.pop("choices", _YES_NO if raw["type"] == "yes-no" else {})
    columns = raw.pop("columns", [])
    fixed = tuple(raw.pop("fixed_rows", ()))
    widths = tuple(raw.pop("widths", ()))
    inner = set[str]()
    return Field(
        choices=tuple(Choice(value, label, words.get(value)) for value, label in choices.items()),
        columns=tuple(_field(column, inner) for column in columns),
        fixed_rows=fixed,
        widths=widths,
        **raw,
    )


def _version(folder: Path) -> str:
    """Ten hex digits over everything that shapes the paper: the form's own files and the shared page."""
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*"), *BASE.glob("*")]):
        if path.is_file() and path.name != "sample.json":
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:10]
