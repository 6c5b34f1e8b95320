"""What a page asks about a print run beside what is printed: the shape of the file, and names in file names."""

from __future__ import annotations

from flask import request

from app.documents.rules.printing import PrintAs


def asked_way() -> PrintAs:
    """The chosen shape; one PDF when nothing known was chosen."""
    chosen = request.form.get("print_as", "")
    return PrintAs(chosen) if chosen in set(PrintAs) else PrintAs.PDF


def asked_masked() -> bool:
    return request.form.get("masked", "") != ""
