"""Everything the page of a form asks the template to show, decided beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.documents.catalogue import DRAWN, Field, Form
from app.documents.filling.asking import NARROW, Part, asked, values_of
from app.documents.filling.rows import counts_rows, printed_rows, table_rows
from app.documents.numbers import SEALED, masked
from app.documents.reading import shown, wording_by_section

_TYPES = {"date": "date", "time": "time", "phone": "tel"}
_LENGTHS = {"date": 10, "time": 5}


@dataclass(frozen=True, slots=True)
class FillPage:
    """``values`` and ``errors`` by the name of an input (a cell: ``table.0.column``); ``rows``: how many each table
    shows; ``wording``: what is read before answering, by section."""

    form: Form
    parts: tuple[Part, ...]
    values: Mapping[str, Any]
    errors: Mapping[str, str]
    rows: Mapping[str, int]
    wording: Mapping[str, tuple[tuple[str, str], ...]]

    def value(self, name: str) -> Any:
        found = self.values.get(name)
        return "" if found is None else found

    def error(self, name: str, label: str = "") -> str:
        """The sentence beside a field, without the field's name."""
        sentence = self.errors.get(name, "")
        return sentence.partition(f"{label}: ")[2] or sentence if label else sentence

    def words(self, field: Field) -> str:
        """What the system knows, to be read."""
        return shown(field, self.values.get(field.name)) if field.type != "table" else ""

    def input_type(self, field: Field, name: str) -> str:
        """A browser's date or clock field hides what it cannot hold (24:00, "내일"): that stands as text."""
        value, length = str(self.value(name)), _LENGTHS.get(field.type, 0)
        odd = length and value and (len(value) != length or value == "24:00")
        return "text" if odd else _TYPES.get(field.type, "text")

    def attributes(self, field: Field) -> dict[str, Any]:
        """Keyboard and limits of a one-line input."""
        made: dict[str, Any] = {"maxlength": 300} if field.type == "text" else {}
        if field.type in ("int", "money"):
            made["inputmode"] = "numeric"
        return made | ({"autocomplete": "off"} if field.sensitive else {})

    def is_short(self, field: Field) -> bool:
        return field.type in NARROW

    def label_of(self, field: Field, label: str) -> str:
        """The label with its unit: 이용료 (원). What is printed as 1시간 30분 is typed in minutes."""
        unit = "분" if field.print_as == "hours" else field.unit
        return f"{label} ({unit})" if unit and unit not in label else label

    def sealed(self, name: str) -> str:
        """The sealed number that stays unless another is typed."""
        word = str(self.value(name))
        return word if SEALED.fullmatch(word) else ""

    def masked(self, name: str) -> str:
        return masked(self.sealed(name))

    def columns(self, table: Field) -> list[Field]:
        """The columns a person writes into; rows count themselves."""
        return [c for c in table.columns if c.type not in DRAWN and not counts_rows(c)]

    def printed_word(self, table: Field, number: int) -> str:
        """The word that is printed at the head of this row; empty for a free row."""
        fixed = printed_rows(table)
        if number >= len(fixed) or table.preset is None:
            return ""
        return table.column(table.preset).choice_asked(fixed[number]) or fixed[number]

    @property
    def has_photo(self) -> bool:
        return any(field.type == "photo" for field in self.form.fields)


def fill_page(
    form: Form,
    data: Mapping[str, Any],
    unfit: Mapping[str, str],
    errors: Mapping[str, str],
    wanted: Mapping[str, int],
    words: Mapping[str, str],
    *,
    by_hand: bool,
) -> FillPage:
    """``wanted``: rows that somebody asked for, by table; ``words``: the form's wording by key."""
    tables = [field for field in form.fields if field.type == "table"]
    rows = {t.name: len(table_rows(t, _list(data.get(t.name)), wanted.get(t.name, 0))) for t in tables}
    parts = tuple(asked(form, by_hand=by_hand))
    wording = wording_by_section(form, words)
    return FillPage(form, parts, values_of(form, data, unfit), errors, rows, wording)


def _list(rows: Any) -> Sequence[Mapping[str, Any]]:
    return rows if isinstance(rows, list) else []
