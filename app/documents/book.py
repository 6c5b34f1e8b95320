"""Many papers drawn into one PDF, sheet by sheet: fonts and pictures stand in it once, no layout is kept.

WeasyPrint itself writes a PDF only from layouts that all still stand in memory (8 MB a page). So this file takes the
few steps of its writer that a plain print needs (no tags, no links, no attachments); with a new version of
WeasyPrint its test says whether they are still the same.
"""

from __future__ import annotations

import io

import pydyf
from weasyprint import DEFAULT_OPTIONS
from weasyprint.document import Document, Page
from weasyprint.pdf import _use_references
from weasyprint.pdf.fonts import build_fonts_dictionary
from weasyprint.pdf.stream import Stream

PT_PER_PX = 0.75
_SHARED = ("ExtGState", "XObject", "Pattern", "Shading", "ColorSpace")


class _Drawn(pydyf.Stream):
    """A page's drawing in the form in which it is written: a tenth of what the drawing holds before."""

    def __init__(self, written: bytes) -> None:
        super().__init__()
        self._written = written

    @property
    def data(self) -> bytes:
        return self._written


class Book:
    """A PDF that grows by whole papers. Not safe for threads."""

    def __init__(self) -> None:
        self._pdf = pydyf.PDF()
        self._fonts: dict[object, object] = {}
        self._images: dict[str, object] = {}
        self._resources = pydyf.Dictionary({name: pydyf.Dictionary() for name in _SHARED})
        self._pdf.add_object(self._resources)

    def add(self, document: Document) -> int:
        """Draw a paper behind the others; returns its number of pages. Drawn whole, or not at all."""
        drawn = [(page, self._draw(page)) for page in document.pages]
        for page, drawing in drawn:
            self._pdf.add_object(drawing)
            box = pydyf.Array([0, 0, page.width * PT_PER_PX, page.height * PT_PER_PX])
            entry = {"Type": "/Page", "Parent": self._pdf.pages.reference, "MediaBox": box}
            entry |= {"Contents": drawing.reference, "Resources": self._resources.reference}
            self._pdf.add_page(pydyf.Dictionary(entry))
        return len(drawn)

    def _draw(self, page: Page) -> _Drawn:
        area = (0, 0, page.width, page.height)
        stream = Stream(self._fonts, area, self._resources, self._images, None, {}, None, compress=True)
        stream.transform(d=-1, f=page.height * PT_PER_PX)
        page.paint(stream, PT_PER_PX)
        return _Drawn(stream.data)

    def content(self, identifier: str = "") -> bytes:
        """The finished PDF; nothing can be added afterwards. `identifier` tells it from another with the same pages."""
        fonts = build_fonts_dictionary(self._pdf, self._fonts, True, True, DEFAULT_OPTIONS)
        self._pdf.add_object(fonts)
        self._resources["Font"] = fonts.reference
        _use_references(self._pdf, self._resources, self._images, {})
        self._pdf.catalog["Lang"] = pydyf.String("ko")
        target = io.BytesIO()
        self._pdf.write(target, identifier=identifier or False, compress=True)
        return target.getvalue()
