"""Where a form's fields stand when nobody has placed them by hand: pairs of label and value, tables, questions.

Pure measuring: a section in, rows of cells out, widths in mm. `pdf_forms/_base/auto.html` draws what is decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from .catalogue import DRAWN, Field, Form, Section
from .text import width

PAGE_MM = {"portrait": 180.0, "landscape": 267.0}
"""Between the margins."""
SIDE_MM = 17.0
LABEL_MM = (22.0, 36.0)
EM_MM = 3.35  # one syllable of a value
LABEL_EM_MM = 3.2
PADDING_MM = 3.4
PAIRS = {"portrait": 2, "landscape": 3}
SIDE_MAX = 9
"""A longer title stands above its section, not at its left edge."""
LONG_WORDS = ("주소", "내용", "사유", "의견", "특이", "소재지", "비고", "개요", "방법", "계획", "결과")

_BREAKS = re.compile(r"[ ·]|(?=\()")
"""Where a label may be broken."""

#: What a column of a table wants, in mm, by its type.
_COLUMN_MM = {
    "date": 21.0,
    "time": 14.0,
    "phone": 27.0,
    "rrn": 30.0,
    "money": 19.0,
    "int": 13.0,
    "text": 26.0,
    "checkbox": 12.0,
    "likert5": 12.0,
    "signature": 18.0,
    "seal": 18.0,
    "photo": 30.0,
}


@dataclass(frozen=True)
class Cell:
    """One label with the values it stands for. `span` counts columns of the value, `mm` is its width; a `bare` cell
    has no label of its own (boxes to tick carry theirs)."""

    label: str
    fields: tuple[Field, ...]
    span: int = 1
    mm: float = 0.0
    bare: bool = False


@dataclass(frozen=True)
class Band:
    """Rows beside one title at the left edge (empty: none)."""

    side: str
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Block:
    """Part of a section: a ruled sheet of `bands` over columns of `grid` mm, or one `table` field."""

    grid: tuple[float, ...] = ()
    bands: tuple[Band, ...] = ()
    table: Field | None = None


def is_side(section: Section) -> bool:
    """Whether the title stands at the left edge of its rows: short, and no heading of groups below it."""
    title = section.title or ""
    fits = len(title) <= SIDE_MAX and not title.startswith(("■", "○", "※", "["))
    return bool(title) and fits and not any(f.group or f.type == "table" for f in section.fields)


def blocks(form: Form, section: Section) -> list[Block]:
    """The section's typed and ticked fields as sheets and tables, in printed order."""
    made: list[Block] = []
    fields = [f for f in section.fields if f.type not in DRAWN]
    for is_table, run in groupby(fields, key=lambda f: f.type == "table"):
        if is_table:
            made += [Block(table=field) for field in run]
        else:
            made.append(_sheet(form.paper, section, tuple(run)))
    return made


def _sheet(paper: str, section: Section, fields: tuple[Field, ...]) -> Block:
    grouped = any(f.group for f in fields)
    side = SIDE_MM if grouped or is_side(section) else 0.0
    pairs = PAIRS[paper]
    label_mm = _label_mm(fields)
    value_mm = (PAGE_MM[paper] - side - pairs * label_mm) / pairs
    grid = ((side,) if side else ()) + (label_mm, value_mm) * pairs
    bands = []
    for group, run in groupby(fields, key=lambda f: f.group):
        title = group or ("" if grouped else (section.title or "") if side else "")
        bands.append(Band(title, tuple(_pack(list(_cells(run)), pairs, label_mm, value_mm))))
    return Block(grid, tuple(bands))


def _label_mm(fields: Iterable[Field]) -> float:
    """Room for the longest label, on two lines if it is long, and for its longest word."""
    labels = [f.label for f in fields if f.type != "checkbox"]
    mm = max(map(width, labels), default=0.0) * LABEL_EM_MM + PADDING_MM
    if mm > LABEL_MM[1]:
        words = [width(word) for label in labels for word in _BREAKS.split(label)]
        mm = max(mm / 2 + 2, max(words) * LABEL_EM_MM + PADDING_MM)
    return max(LABEL_MM[0], min(mm, LABEL_MM[1]))


def _cells(fields: Iterable[Field]) -> Iterator[Cell]:
    """Fields that share a label share a cell; boxes that follow each other share one without a label."""
    for key, run in groupby(fields, key=lambda f: "" if f.type == "checkbox" else f.label):
        together = tuple(run)
        yield Cell(key, together, bare=together[0].type == "checkbox")


def _pack(cells: list[Cell], pairs: int, label_mm: float, value_mm: float) -> Iterator[tuple[Cell, ...]]:
    """Rows of up to `pairs` cells; what is wide has a row of its own, and the last of a row takes what is left."""
    row: list[Cell] = []
    for cell in cells:
        wide = cell.bare or _is_wide(cell, value_mm)
        if row and (wide or len(row) == pairs):
            yield _stretched(row, pairs, label_mm, value_mm)
            row = []
        row.append(cell)
        if wide:
            yield _stretched(row, pairs, label_mm, value_mm)
            row = []
    if row:
        yield _stretched(row, pairs, label_mm, value_mm)


def _stretched(row: list[Cell], pairs: int, label_mm: float, value_mm: float) -> tuple[Cell, ...]:
    left = pairs - len(row)
    done = [Cell(c.label, c.fields, 1, value_mm, c.bare) for c in row[:-1]]
    last = row[-1]
    span, mm = 1 + 2 * left, value_mm + left * (label_mm + value_mm)
    if last.bare:
        span, mm = span + 1, mm + label_mm
    return (*done, Cell(last.label, last.fields, span, mm, last.bare))


def _is_wide(cell: Cell, value_mm: float) -> bool:
    if any(f.multiline or f.type == "photo" for f in cell.fields):
        return True
    if cell.fields[0].type == "text" and any(word in cell.label for word in LONG_WORDS):
        return True
    return sum(natural_mm(f) for f in cell.fields) > value_mm + 0.5


def natural_mm(field: Field) -> float:
    """The width a value of this field wants on one line."""
    if field.choices:
        boxes = sum(width(c.label) * EM_MM + 6.5 + (20.0 if c.text_field else 0.0) for c in field.choices)
        return boxes + PADDING_MM
    extra = 20.0 if field.text_field else 0.0
    return _COLUMN_MM.get(field.type, 26.0) + width(field.unit) * EM_MM + extra


def column_widths(table: Field, total: float) -> list[float]:
    """Widths of a table's columns in mm: what is written down or what each wants, scaled to `total`."""
    wants = list(table.widths) or [_column_mm(c) for c in table.columns]
    scale = total / sum(wants)
    return [round(want * scale, 2) for want in wants]


def _column_mm(column: Field) -> float:
    head = max((width(word) for word in column.label.split()), default=2.0) * 2.7 + 2.5
    if column.type == "multichoice":
        want = max(width(c.label) for c in column.choices) * EM_MM + 10
    elif column.choices:
        want = max(width(c.label) for c in column.choices) * EM_MM + PADDING_MM
    elif column.multiline:
        want = 46.0
    else:
        want = _COLUMN_MM.get(column.type, 26.0)
    if column.type == "text" and any(word in column.label for word in LONG_WORDS):
        want = max(want, 40.0)
    return max(want, min(head, 30.0))


@dataclass(frozen=True)
class Signer:
    """One line of the close: what is written out, and the places to sign."""

    written: tuple[Field, ...]
    drawn: tuple[Field, ...]


def closing(section: Section) -> tuple[Field | None, list[Signer]]:
    """The date and the lines of the signers, in printed order: a line ends with its signature; what is written after
    the last one belongs to it."""
    date = next((f for f in section.fields if f.type == "date"), None)
    lines: list[Signer] = []
    written: list[Field] = []
    for field in section.fields:
        if field is date:
            continue
        if field.type in DRAWN:
            lines.append(Signer(tuple(written), (field,)))
            written = []
        else:
            written.append(field)
    if written and lines:
        last = lines.pop()
        lines.append(Signer((*last.written, *written), last.drawn))
    elif written:
        lines.append(Signer(tuple(written), ()))
    return date, lines


def only(section: Section, fields: Iterable[Field]) -> Section:
    """The same section with some of its fields, without a title at its side."""
    return replace(section, title=None, fields=tuple(fields))


def grouped_fields(fields: Iterable[Field]) -> list[tuple[str, list[Field]]]:
    """Fields that follow each other in one group, in printed order."""
    return [(group, list(run)) for group, run in groupby(fields, key=lambda f: f.group)]


def head_rows(columns: Sequence[Field]) -> list[tuple[str, tuple[Field, ...]]]:
    """Columns under their printed group, for a head of two rows: (group or "", columns)."""
    return [(group, tuple(run)) for group, run in groupby(columns, key=lambda c: c.group)]
