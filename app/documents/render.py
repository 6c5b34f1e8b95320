"""Forms on paper: `form.html` filled with data, laid out by WeasyPrint. No other module of the application imports it.

A `Renderer` is made once per worker process and kept: reading the fonts and the style sheet costs as much as a page.
"""

from __future__ import annotations

import base64
import gc
import json
import logging
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import escape
from weasyprint import CSS, HTML, Attachment
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from . import layout, numbers, strokes, text, typefaces
from .book import Book
from .catalogue import BASE, FORMS, Field, Form, load, role_names
from .model import validate
from .stencil import Stencils

logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells every table of every font it cuts

PT_PER_MM = 72 / 25.4
PADDING_MM = 3.4  # left and right inside a cell

#: A signature is a drawing (strokes of [x, y] points), a typed name, or the bytes of a seal's PNG or JPEG picture.
Signature = Sequence[strokes.Stroke] | str | bytes


@dataclass(frozen=True)
class Sheet:
    """One paper to print: see `Renderer.pdf` for the parts."""

    form_id: str
    data: Mapping[str, Any] | None = None
    mark: str | None = None
    footer: str = ""
    signatures: Mapping[str, Signature] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    verify_url: str | None = None


class ClosedFetcher(URLFetcher):
    """Fetches `data:` addresses and the cut fonts, nothing else: a form can neither call out nor read our files."""

    def __init__(self, fonts: Path) -> None:
        super().__init__(allowed_protocols=("data", "file"), allow_redirects=False)
        self._fonts = fonts.resolve()

    def fetch(self, url: str, headers: Any = None) -> Any:
        parts = urlsplit(url)
        if parts.scheme == "file" and (
            parts.netloc or self._fonts not in Path(unquote(parts.path)).resolve().parents
        ):
            raise ValueError(f"not a font of ours: {url}")
        return super().fetch(url, headers)


class Renderer:
    """Makes PDFs of forms. Not safe for threads: one per worker process."""

    def __init__(self, fonts: Path | None = None) -> None:
        where = fonts or typefaces.folder()
        self._fetcher = ClosedFetcher(where)
        self._fonts = FontConfiguration()
        sheet = typefaces.font_faces(where) + (BASE / "page.css").read_text("utf-8")
        self._style = CSS(string=sheet, font_config=self._fonts, url_fetcher=self._fetcher)
        self._jinja = _environment()
        self._stencils = Stencils(self._pages)

    def pdf(
        self,
        form_id: str,
        data: Mapping[str, Any] | None,
        *,
        mark: str | None = None,
        footer: str = "",
        signatures: Mapping[str, Signature] | None = None,
        texts: Mapping[str, str] | None = None,
        verify_url: str | None = None,
    ) -> bytes:
        """One form as PDF/A-3a with its data attached as JSON; `data=None` prints the blank form.

        `mark` is printed faintly across each page (서명용, 시연용); `footer` says who printed it and when, and the
        document's number; `signatures` by field name; `texts` replaces text blocks by a municipality's wording;
        `verify_url` becomes a QR code. Raises `UnknownForm`, `BadFormData`, `BadStrokes`, or ValueError for a
        signature or text that the form does not have.
        """
        sheet = Sheet(form_id, data, mark, footer, signatures or {}, texts or {}, verify_url)
        form, checked = load(form_id), self._checked(sheet)
        attachments = [] if data is None else [_attachment(form, checked)]
        with _undisturbed():
            document = self._lay_out(sheet, checked)
            return _write(document, pdf_variant="pdf/a-3a", attachments=attachments)

    def batch(self, sheets: Iterable[Sheet], on_progress: Callable[[int], None] | None = None) -> bytes:
        """Many papers in one PDF, each with its own page numbers; `on_progress` hears how many are drawn.

        Raises ValueError when there is no paper.
        """
        book, done = Book(), 0
        for done, sheet in enumerate(sheets, 1):
            self.draw(sheet, book)
            if on_progress:
                on_progress(done)
        if not done:
            raise ValueError("출력할 문서가 없습니다.")
        return book.content()

    def draw(self, sheet: Sheet, book: Book) -> int:
        """Draw one paper behind the others of the book; returns its number of pages.

        It is drawn from the layout of an earlier paper of the same form where that comes out the same (`Stencils`).
        """
        with _undisturbed():
            return book.add(self._lay_out(sheet, self._checked(sheet), self._stencils.document))

    def copy_line(self, line: str, width: float, height: float) -> bytes:
        """A page of that size (points) with nothing on it but a line in the lower right corner, to be laid over the
        pages of a PDF that must not be laid out again."""
        page = (
            f"<style>@page{{size:{width}pt {height}pt;margin:0}}</style>"
            f'<p class="copy-line">{escape(text.clean(line))}</p>'
        )
        with _undisturbed():
            return _write(self._pages(page))

    def page_count(self, sheet: Sheet) -> int:
        """How many pages the paper has, supplementary ones included."""
        with _undisturbed():
            return len(self._lay_out(sheet, self._checked(sheet)).pages)

    def html(
        self, sheet: Sheet, data: Mapping[str, Any] | None = None, spill: text.Spill | None = None
    ) -> str:
        """The page of one paper before it is laid out; `data` if it is already checked; `spill` takes what is too
        long for its cell."""
        form = load(sheet.form_id)
        data = self._checked(sheet) if data is None else data
        page = self._jinja.get_template(f"{form.family}/{form.id}/form.html").render(
            form=form,
            data=data,
            text=_texts(form, sheet.texts).__getitem__,
            signatures={
                name: _signature(form, data, name, value) for name, value in sheet.signatures.items()
            },
            footer=text.clean(sheet.footer),
            mark=text.clean(sheet.mark or ""),
            qr=segno.make(sheet.verify_url).svg_data_uri(border=0) if sheet.verify_url else None,
            route=_route(form),
            addressee=text.addressee(form.addressee, data) if form.addressee else "",
            spill=spill or text.Spill(PT_PER_MM, PADDING_MM),
            page_mm=layout.PAGE_MM[form.paper],
        )
        return text.keep_words(page)

    def _checked(self, sheet: Sheet) -> dict[str, Any]:
        return validate(sheet.form_id, sheet.data or {}, partial=True)

    def _lay_out(
        self, sheet: Sheet, data: Mapping[str, Any], pages: Callable[[str], Document] | None = None
    ) -> Document:
        """The pages of one paper. Where long values would push a form onto a further page, more of them go to the
        supplementary page: a form keeps its pages."""
        pages = pages or self._pages
        spill = text.Spill(PT_PER_MM, PADDING_MM)
        document = pages(self.html(sheet, data, spill))
        if spill.sheets and len(document.pages) > len(load(sheet.form_id).pages) + 1:
            tight = text.Spill(PT_PER_MM, PADDING_MM, tight=True)
            document = pages(self.html(sheet, data, tight))
        return document

    def _pages(self, html: str) -> Document:
        page = HTML(string=html, url_fetcher=self._fetcher)
        document: Document = page.render(font_config=self._fonts, stylesheets=[self._style])
        return document


def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(FORMS),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["printed"] = printed
    env.filters["long_date"] = text.long_date
    env.globals.update(
        blocks=layout.blocks,
        closing=layout.closing,
        column_widths=layout.column_widths,
        grouped_fields=layout.grouped_fields,
        head_rows=layout.head_rows,
        is_side=layout.is_side,
        only=layout.only,
    )
    return env


def printed(item: Field, raw: Any) -> str:
    """A stored value as the office writes it: 2026. 3. 2., 50,000, 010-1234-5678, 정기돌봄."""
    match item.type:
        case "date" if item.print_as == "month":
            return text.year_month(raw)
        case "date":
            return text.short_date(raw)
        case "phone":
            return text.phone(raw)
        case "money":
            return text.money(raw)
        case "choice" | "yes-no":
            return item.choice_label(raw)
        case "int" if item.print_as == "hours":
            return text.hours(raw)
        case _:
            return str(raw)


def _route(form: Form) -> str:
    """`보호자 → 우리동네키움센터`; a paper that stays in the house names the house alone."""
    names = role_names()
    ends = [", ".join(names[role] for role in roles) for roles in (form.from_, form.to)]
    return ends[0] if ends[0] == ends[1] else " → ".join(ends)


def _texts(form: Form, replaced: Mapping[str, str]) -> dict[str, str]:
    if unknown := replaced.keys() - form.texts.keys():
        raise ValueError(f"{form.id} has no text {sorted(unknown)}")
    return {key: text.clean(replaced.get(key, block.ko)) for key, block in form.texts.items()}


def _signature(form: Form, data: Mapping[str, Any], name: str, value: Signature) -> dict[str, str]:
    """A signature as the templates draw it: a typed name or the address of a picture."""
    if name not in {place.name for place in form.places(data)}:
        raise ValueError(f"{form.id} has no signature {name!r}")
    if isinstance(value, str):
        return {"typed": text.clean(value), "image": ""}
    if isinstance(value, bytes):
        return {"typed": "", "image": _picture(value)}
    return {"typed": "", "image": strokes.data_uri(value)}


def _picture(content: bytes) -> str:
    for start, kind in ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg")):
        if content.startswith(start):
            return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    raise ValueError("직인은 PNG나 JPG 그림이어야 합니다.")


def _attachment(form: Form, data: Mapping[str, Any]) -> Attachment:
    """What was filled in, for machines; registration numbers only as far as a page would show them (XX-08)."""
    content = {"form": form.id, "version": form.version, "data": numbers.masked_data(form, data)}
    return Attachment(
        string=json.dumps(content, ensure_ascii=False, indent=1),
        name=f"{form.id}.json",
        description=f"{form.title} 입력자료",
        relationship="Source",
    )


@contextmanager
def _undisturbed() -> Iterator[None]:
    """No search for unreachable objects while a paper is laid out: all of its many objects live until it is drawn, and
    looking through them again and again takes a third of the time. What is left over goes at once."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
            gc.collect(0)


def _write(document: Document, **options: Any) -> bytes:
    with warnings.catch_warnings():
        # WeasyPrint 70 leaves its own colour profile open until it is collected, which is at once.
        warnings.simplefilter("ignore", ResourceWarning)
        content: bytes = document.write_pdf(**options)
    return content
