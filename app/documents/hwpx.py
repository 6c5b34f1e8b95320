"""A form as a 한글 file (HWPX) that an office goes on writing in: a copy, for the record is the PDF.

Title, labels and values as tables, tables as tables, the close: out of the same catalogue and the same data as the
paper, but in plain rules, so that it can be edited. Only the worker needs this module.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from hwpx import HwpxDocument

from app.documents import layout, text
from app.documents.catalogue import DRAWN, Field, Form, Section, load
from app.documents.model import validate
from app.documents.reading import shown
from app.documents.render import printed

if TYPE_CHECKING:
    from app.documents.render import Sheet

COPY_MARK = "사본 (정본은 PDF입니다)"
MARGINS_MM = {"left": 15, "right": 15, "top": 17, "bottom": 17, "header": 8, "footer": 8}
HWP_PER_MM = 7200 / 25.4
LABEL_MM = 32.0
SHADE = "#ECECEC"
BLANK = "○○"
"""Where a label leaves room for a name."""


def written(sheet: Sheet) -> bytes:
    """The sheet as HWPX; without data the blank form. Raises UnknownForm and BadFormData like the paper."""
    form = load(sheet.form_id)
    data = validate(form.id, sheet.data or {}, partial=True)
    page = _Page(form)
    page.heading(text.clean(sheet.footer))
    for section in form.sections:
        page.section(section, data)
    for key, block in form.texts.items():
        page.words(text.clean(sheet.texts.get(key, block.ko)))
    page.close(data, sheet.signatures)
    return page.document.to_bytes()


class _Page:
    """A document under way."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.document = HwpxDocument.new()
        wide = form.paper == "landscape"
        self.width_mm = (297.0 if wide else 210.0) - MARGINS_MM["left"] - MARGINS_MM["right"]
        self.document.page.setup(
            paper_size="A4", orientation="landscape" if wide else "portrait", margins_mm=MARGINS_MM
        )
        self.bold = self.document.styles.ensure_run(bold=True)
        self.big = self.document.styles.ensure_run(bold=True, size=16)
        self.small = self.document.styles.ensure_run(size=8)

    def heading(self, footer: str) -> None:
        self.document.page.set_header(text=f"{COPY_MARK}  {self.form.number or self.form.service_name}")
        self.document.page.set_footer(text=" · ".join([COPY_MARK, *footer.split("\n")]))
        self.document.add_paragraph(self.form.title, char_pr_id_ref=self.big)
        self.document.styles.apply_paragraph_format(
            paragraph_index=len(self.document.paragraphs) - 1, alignment="CENTER"
        )

    def section(self, section: Section, data: Mapping[str, Any]) -> None:
        fields = [
            field for field in section.fields if field.type not in DRAWN and not _another_stands(field, data)
        ]
        if section.title and fields:
            self.document.add_paragraph(section.title, char_pr_id_ref=self.bold)
        for is_table, run in groupby(fields, key=lambda field: field.type == "table"):
            if not is_table:
                self.pairs([(_label(field), _value(field, data)) for field in run])
                continue
            for field in run:
                self.table(field, data.get(field.name) or [])

    def pairs(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Labels and values, two pairs side by side."""
        value_mm = self.width_mm / 2 - LABEL_MM
        rows = [[word for pair in pairs[at : at + 2] for word in pair] for at in range(0, len(pairs), 2)]
        self.grid(rows, [LABEL_MM, value_mm] * 2, is_head=lambda row, column: column % 2 == 0)

    def table(self, field: Field, filled: Sequence[Mapping[str, Any]]) -> None:
        """A table with its heads; the blank form's rows when nothing is filled in."""
        self.document.add_paragraph(field.label, char_pr_id_ref=self.bold)
        heads = [_label(column) for column in field.columns]
        rows = [[_value(column, row) for column in field.columns] for row in filled]
        rows = rows or [[""] * len(heads)] * max(field.blank_rows, 1)
        widths = layout.column_widths(field, self.width_mm)
        self.grid([heads, *rows], widths, is_head=lambda row, column: row == 0)

    def grid(self, rows: Sequence[Sequence[str]], widths: Sequence[float], *, is_head: Any) -> None:
        table = self.document.add_table(len(rows), len(widths), width=round(sum(widths) * HWP_PER_MM))
        table.set_column_widths(widths)
        table.set_treat_as_char(False)  # else it would not go on on the next page
        table.element.set("repeatHeader", "1")
        for number, (row, cells) in enumerate(zip(rows, table.rows, strict=True)):
            for column, (word, cell) in enumerate(zip(row, cells.cells, strict=False)):
                cell.set_text(word, split_paragraphs=True)
                if is_head(number, column) and word:
                    table.set_cell_shading(number, column, SHADE)
                    for paragraph in cell.paragraphs:
                        paragraph.char_pr_id_ref = self.bold

    def words(self, block: str) -> None:
        for line in block.split("\n"):
            if line.strip():
                self.document.add_paragraph(line, char_pr_id_ref=self.small)

    def close(self, data: Mapping[str, Any], signatures: Mapping[str, Any]) -> None:
        """Who signs or seals, with typed names; a drawn signature stays on the paper that was signed."""
        for place in self.form.signatures:
            signed = signatures.get(place.name)
            name = text.clean(signed) if isinstance(signed, str) else ""
            self.document.add_paragraph(
                " ".join(word for word in (place.who, name, f"({place.mark})") if word)
            )
        if self.form.addressee:
            self.document.add_paragraph(text.addressee(self.form.addressee, data), char_pr_id_ref=self.bold)


def _another_stands(field: Field, data: Mapping[str, Any]) -> bool:
    """A line that its own words complete (경기도아동돌봄○○센터장) and that may be another's in a filled form: without
    the words it is not there."""
    filled = any(data.values())
    return filled and BLANK in field.label and not field.required and not data.get(field.name)


def _label(field: Field) -> str:
    return f"{field.group} {field.label}".strip() if field.group else field.label


def _value(field: Field, row: Mapping[str, Any]) -> str:
    """The value in words, with what was written behind a choice."""
    raw = row.get(field.name)
    word = printed(field, raw) if field.print_as and raw not in (None, "") else shown(field, raw)
    behind = (field.text_field, *(choice.text_field for choice in field.choices))
    return ", ".join(each for each in (word, *(row.get(name) or "" for name in behind if name)) if each)
