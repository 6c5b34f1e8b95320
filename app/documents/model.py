"""The data of a form: a pydantic model derived from its `form.yaml`, and the check of what was typed into it.

A blank form is the model with every field empty. Checked data is plain (strings, numbers, booleans, lists, mappings),
complete (every field has a key) and in printed order, so that the same answers always give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StrictBool,
    ValidationError,
    create_model,
)
from pydantic import Field as Limit

from .catalogue import DRAWN, Field, Form, load
from .text import clean

MAX_ROWS = 500
MAX_LINE = 300
MAX_TEXT = 4_000
MAX_PHOTO = 2_000_000  # characters of the data: address, about 1.5 MB of picture


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field: `path` as ("guardians", 0, "phone"), its printed label, a Korean sentence."""

    path: tuple[str | int, ...]
    label: str
    message: str


class BadFormData(ValueError):
    """The data does not fit the form; `problems` says where and why, in Korean."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.label}: {p.message}" for p in self.problems))


def validate(form_id: str, data: Mapping[str, Any], *, partial: bool = False) -> dict[str, Any]:
    """`data` checked and normalised for this form; raises `BadFormData`.

    `partial` is for drafts and printing: what stands there must be right, but required fields may still be empty.
    Checking checked data changes nothing.
    """
    form = load(form_id)
    try:
        model = model_for(form).model_validate(dict(data))
    except ValidationError as error:
        raise BadFormData([_problem(form, e["loc"], e["type"], e["msg"]) for e in error.errors()]) from None
    checked = model.model_dump(mode="json")
    if not partial and (missing := list(_missing(form.fields, checked, ()))):
        raise BadFormData(missing)
    return checked


@cache
def model_for(form: Form) -> type[BaseModel]:
    """The model of `form`: every field optional, unknown keys refused. `model_for(form)()` is the blank form."""
    fields = _fields(form.fields)
    for name in form.variables:
        fields.setdefault(name, (_KINDS["text"] | None, None))
    return _model(form.id, fields)


def _model(name: str, fields: dict[str, Any]) -> type[BaseModel]:
    model: type[BaseModel] = create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
    return model


def _fields(fields: Any) -> dict[str, Any]:
    """Field name → (type, default), with the text fields behind choices and boxes in their place."""
    made: dict[str, Any] = {}
    for item in fields:
        if item.type in DRAWN:
            continue
        made[item.name] = _kind(item)
        for extra in [item.text_field, *(choice.text_field for choice in item.choices)]:
            if extra:
                made[extra] = (_KINDS["text"] | None, None)
    return made


def _kind(item: Field) -> tuple[Any, Any]:
    """The pydantic type and the empty value of one field."""
    if item.type == "table":
        row = _model(item.name, _fields(item.columns))
        return Annotated[list[row], Limit(max_length=MAX_ROWS)], []  # type: ignore[valid-type]
    if item.type == "checkbox":
        return StrictBool, False
    if item.type in {"choice", "yes-no"}:
        return Annotated[_one_of(item) | None, BeforeValidator(_empty_is_none)], None
    if item.type == "multichoice":
        return Annotated[list[_one_of(item)], AfterValidator(_in_order(item))], []  # type: ignore[misc]
    kind = _KINDS["multiline" if item.multiline else item.type]
    return Annotated[kind | None, BeforeValidator(_empty_is_none)], None


def _one_of(item: Field) -> Any:
    return Literal[tuple(choice.value for choice in item.choices)]


def _in_order(item: Field) -> Callable[[list[str]], list[str]]:
    """Ticked boxes once each, in printed order: two people who tick the same boxes sign the same data."""
    return lambda ticked: [choice.value for choice in item.choices if choice.value in ticked]


def _empty_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("글자로 적어 주세요.")
    return clean(value)


def _line(value: object) -> str:
    return _limited(" ".join(_text(value).split("\n")), MAX_LINE)


def _prose(value: object) -> str:
    return _limited(_text(value), MAX_TEXT)


def _limited(text: str, limit: int) -> str:
    if len(text) > limit:
        raise ValueError(f"{limit}자 이내로 적어 주세요. 지금 {len(text)}자입니다.")
    return text


def _date(value: object) -> str:
    try:
        return (value if isinstance(value, date) else date.fromisoformat(_text(value))).isoformat()[:10]
    except ValueError:
        raise ValueError("날짜를 2026-03-02처럼 적어 주세요.") from None


def _matching(pattern: str, message: str) -> Callable[[object], str]:
    shape = re.compile(pattern)

    def check(value: object) -> str:
        text = _text(value)
        if not shape.fullmatch(text):
            raise ValueError(message)
        return text

    return check


def _number(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9,]{1,15}", value.strip()):
        value = int(value.replace(",", "")) if value.strip(" -,") else value
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("숫자로 적어 주세요.")
    if abs(value) >= 10**12:
        raise ValueError("숫자가 너무 큽니다.")
    return value


_time = _matching(r"([01]\d|2[0-3]):[0-5]\d|24:00", "시각을 14:30처럼 적어 주세요.")
_phone = _matching(r"\+?[0-9][0-9 ()-]{6,19}", "전화번호를 010-1234-5678처럼 적어 주세요.")
_rrn = _matching(r"\d{6}-?\d{7}", "주민등록번호를 000000-0000000처럼 적어 주세요.")
_photo = _matching(
    rf"data:image/(png|jpeg);base64,[A-Za-z0-9+/=]{{1,{MAX_PHOTO}}}", "사진은 JPG나 PNG 파일로 올려 주세요."
)

_KINDS: dict[str, Any] = {
    "text": Annotated[str, BeforeValidator(_line)],
    "multiline": Annotated[str, BeforeValidator(_prose)],
    "date": Annotated[str, BeforeValidator(_date)],
    "time": Annotated[str, BeforeValidator(_time)],
    "phone": Annotated[str, BeforeValidator(_phone)],
    "rrn": Annotated[str, BeforeValidator(_rrn)],
    "photo": Annotated[str, BeforeValidator(_photo)],
    "money": Annotated[int, BeforeValidator(_number)],
    "int": Annotated[int, BeforeValidator(_number)],
    "likert5": Annotated[int, BeforeValidator(_number), Limit(ge=1, le=5)],
}

_SENTENCES = {
    "extra_forbidden": "이 서식에 없는 항목입니다.",
    "literal_error": "보기 가운데에서 골라 주세요.",
    "list_type": "목록으로 적어 주세요.",
    "bool_type": "선택 여부로 적어 주세요.",
    "too_long": f"{MAX_ROWS}줄까지 적을 수 있습니다.",
    "greater_than_equal": "1에서 5까지 골라 주세요.",
    "less_than_equal": "1에서 5까지 골라 주세요.",
}


def _problem(form: Form, loc: tuple[str | int, ...], kind: str, message: str) -> Problem:
    if kind == "value_error":
        return Problem(loc, _label(form, loc), message.removeprefix("Value error, "))
    return Problem(loc, _label(form, loc), _SENTENCES.get(kind, "값을 다시 확인해 주세요."))


def _label(form: Form, loc: tuple[str | int, ...]) -> str:
    """The printed label of a place: "보호자 1번째 줄 연락처"; a key that the form lacks stands for itself."""
    words: list[str] = []
    fields: tuple[Field, ...] = tuple(form.fields)
    for step in loc:
        if isinstance(step, int):
            words.append(f"{step + 1}번째 줄" if fields else "")
            continue
        found = next((f for f in fields if f.name == step), None)
        words.append(found.asked if found else str(step))
        fields = found.columns if found else ()
    return " ".join(word for word in words if word)


def _missing(fields: Any, data: Mapping[str, Any], path: tuple[str | int, ...]) -> Any:
    """A problem for each required field that is empty; what the system computes is never asked for."""
    for item in fields:
        here = (*path, item.name)
        value = data.get(item.name)
        if item.type == "table":
            for number, row in enumerate(value or []):
                label = f"{item.asked} {number + 1}번째 줄"
                for problem in _missing(item.columns, row, (*here, number)):
                    yield Problem(problem.path, f"{label} {problem.label}", problem.message)
        if item.required and not item.computed and item.type not in DRAWN and value in (None, "", [], False):
            yield Problem(
                here, item.asked, "꼭 적어 주세요." if item.type != "checkbox" else "확인하고 표시해 주세요."
            )
