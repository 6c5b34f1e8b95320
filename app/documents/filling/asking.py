"""Which inputs a form asks for on the screen, section by section, in printed order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from app.documents.catalogue import DRAWN, Field, Form, Section, plain
from app.documents.filling.rows import table_rows
from app.kernel.errors import N_

NARROW = {"date", "time", "phone", "int", "money", "rrn"}
SCALE = ("1", "2", "3", "4", "5")
VARIABLE_LABELS = {
    "centre_name": N_("센터 이름"),
    "city_name": N_("시·군 이름"),
    "city": N_("시·군 이름"),
    "provider_name": N_("제공기관 이름"),
    "daycare_name": N_("어린이집 이름"),
    "district_name": N_("자치구 이름"),
    "district": N_("자치구 이름"),
    "org_name": N_("기관 이름"),
    "mayor": N_("받는 시장·군수"),
    "city_head": N_("보내는 시장·군수(센터가 없는 시·군)"),
    "year": N_("연도"),
    "quarter": N_("분기"),
}
PART_NAMES = {
    "head": N_("기본 사항"),
    "body": N_("적을 내용"),
    "subject": N_("대상"),
    "receiver": N_("받는 곳"),
    "receiver_centre": N_("받는 센터"),
    "reception": N_("접수"),
    "applicant": N_("신청인"),
    "claimant": N_("청구하는 곳"),
    "rows": N_("내역"),
    "service": N_("제공한 서비스"),
    "photos": N_("사진"),
    "check": N_("점검 항목"),
    "result": N_("결과"),
    "person": N_("인적 사항"),
    "parties": N_("계약하는 두 사람"),
    "clauses": N_("계약 내용"),
    "worker": N_("근로 기간과 근로자"),
    "lookup": N_("기관 조회"),
    "account": N_("계정"),
    "pledge": N_("서약"),
    "consent": N_("동의"),
    "consent_survey": N_("설문 동의"),
}
"""Sections without a heading on the paper, by what they hold."""
_ENDS = {"from": N_("부터"), "start": N_("시작"), "to": N_("까지"), "end": N_("끝")}
_KINDS = {"date": N_("날짜"), "time": N_("시각"), "int": N_("수"), "text": N_("내용")}


@dataclass(frozen=True, slots=True)
class Question:
    """One field as the page asks it. ``label`` differs from the printed one where several share a cell; what the
    system knows by itself is only ``shown``."""

    field: Field
    label: str
    shown: bool = False

    @property
    def name(self) -> str:
        return self.field.name


@dataclass(frozen=True, slots=True)
class Group:
    """Questions under one printed heading inside a section (empty: none)."""

    title: str
    questions: tuple[Question, ...]

    @property
    def short(self) -> bool:
        """Short answers stand side by side."""
        return len(self.questions) > 1 and all(q.field.type in NARROW for q in self.questions)


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the page; ``scale`` names the steps of its questions."""

    id: str
    title: str
    groups: tuple[Group, ...]
    scale: tuple[str, ...] = ()


def asked(form: Form, *, by_hand: bool = False) -> list[Part]:
    """What a person fills in; signatures and seals come later.

    ``by_hand``: no service has filled what is computed, so that is asked for as well, and so are the words of the
    addressee that are no field of the form.
    """
    parts = []
    for section in form.sections:
        groups = tuple(_groups(section, by_hand))
        if groups:
            title = (
                section.screen_title or plain(section.title or section.subtitle) or _title_of(section, groups)
            )
            parts.append(Part(section.id, title, groups, section.scale or SCALE))
    variables = _variables(form) if by_hand else ()
    if variables:
        parts.append(Part("addressee", N_("받는 곳과 그 밖의 이름"), (Group("", variables),)))
    return parts


def all_fields(form: Form, *, by_hand: bool = False) -> list[Field]:
    """The fields a posted form may hold."""
    return [
        q.field
        for part in asked(form, by_hand=by_hand)
        for group in part.groups
        for q in group.questions
        if not q.shown
    ]


def _groups(section: Section, by_hand: bool) -> Iterator[Group]:
    fields = [f for f in section.fields if f.type not in DRAWN]
    for title, run in groupby(fields, key=lambda f: f.group):
        yield Group(title, tuple(_questions(list(run), by_hand)))


def _questions(fields: Sequence[Field], by_hand: bool) -> Iterator[Question]:
    """Fields that share a printed label are told apart by what they are: 제공일시 날짜, 제공일시 시작."""
    for label, run in groupby(fields, key=lambda f: f.asked):
        together = list(run)
        for number, field in enumerate(together, 1):
            words = (
                _words(field, label) if len(together) == 1 else f"{label} {_tail(field, together, number)}"
            )
            yield Question(field, words, shown=field.computed and not by_hand)


def _words(field: Field, label: str) -> str:
    return f"{field.item} {label}".strip() if field.item and not label.startswith(field.item) else label


def _tail(field: Field, together: Sequence[Field], number: int) -> str:
    end = next((words for key, words in _ENDS.items() if key in field.name.split("_")), "")
    kind = _KINDS.get(field.type, "") if sum(f.type == field.type for f in together) == 1 else ""
    return end or kind or str(number)


def _title_of(section: Section, groups: tuple[Group, ...]) -> str:
    """A section that has no heading on the paper is named by what it is, or by its first question."""
    if section.kind == "signature" or section.id == "sign":
        return N_("작성일과 서명하는 분")
    if section.id in PART_NAMES:
        return PART_NAMES[section.id]
    first = groups[0].title or groups[0].questions[0].label
    rest = sum(len(group.questions) for group in groups) - 1
    return f"{first} …" if rest else first


def _variables(form: Form) -> tuple[Question, ...]:
    fields = {field.name for field in form.fields}
    names = [name for name in form.variables if name not in fields]
    labels = [VARIABLE_LABELS.get(name, name.replace("_", " ")) for name in names]
    return tuple(
        Question(Field(name=name, label=label, type="text"), label)
        for name, label in zip(names, labels, strict=True)
    )


def values_of(form: Form, data: Mapping[str, Any], unfit: Mapping[str, str]) -> dict[str, Any]:
    """Everything by the name of its input, rows as ``table.0.column``; words that do not fit stand as typed."""
    values: dict[str, Any] = dict(data)
    for table in (f for f in form.fields if f.type == "table"):
        for number, row in enumerate(table_rows(table, data.get(table.name) or [])):
            values.update({f"{table.name}.{number}.{key}": value for key, value in row.items()})
    return values | dict(unfit)
