"""A list as a spreadsheet: one sheet, one head row, and at its foot who took it and when (XX-12)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AS_TYPED = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""What a family typed stays text: a name that begins with = is no formula."""
Cell = str | int | date | None


@dataclass(frozen=True, slots=True)
class Column:
    """A head, and how wide its column is in letters."""

    label: str
    width: int


def workbook(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], footer: str) -> bytes:
    """The file. ``footer`` stands under the rows and at the foot of every printed page."""
    import xlsxwriter  # 12 MB in every web process, for something a centre does once a week

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, **AS_TYPED}) as book:
        sheet = book.add_worksheet(title)
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        for number, column in enumerate(columns):
            sheet.set_column(number, number, column.width)
            sheet.write_string(0, number, column.label, bold)
        last = 0
        for last, row in enumerate(rows, start=1):
            for number, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(last, number, cell, day)
                elif isinstance(cell, int):
                    sheet.write_number(last, number, cell)
                elif cell:
                    sheet.write_string(last, number, cell)
        sheet.autofilter(0, 0, last, len(columns) - 1)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.write_string(last + 2, 0, footer)
        sheet.set_footer("&L" + footer.replace("&", "&&")[:200] + "&R&P/&N")
    return buffer.getvalue()
