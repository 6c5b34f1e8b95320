"""The sheets of a print run as one file: pages behind each other, or files in a ZIP. Only the worker needs it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import pikepdf

STAMP = (1980, 1, 1, 0, 0, 0)
"""A ZIP's files carry no time: who made them when stands in the log."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A PDF as it was issued, for a printed copy: its pages as they are, under ``line``, which says who printed it and
    when. ``line(width, height)`` is a page of that size in points; the original stays untouched."""

    original: bytes
    line: Callable[[float, float], bytes]


def bound(laid_out: bytes | None, order: Iterable[int | Copy]) -> bytes:
    """One PDF of pages that were laid out together (``order``: how many of them come next) and of copies."""
    pages = [each for each in order if each]
    if laid_out is not None and not any(isinstance(each, Copy) for each in pages):
        return laid_out
    with ExitStack() as stack:
        whole = stack.enter_context(pikepdf.new())
        fresh: Iterator[pikepdf.Page] = iter(())
        if laid_out is not None:
            fresh = iter(stack.enter_context(pikepdf.open(io.BytesIO(laid_out))).pages)
        for each in pages:
            if isinstance(each, int):
                whole.pages.extend(next(fresh) for _ in range(each))
            else:
                original = stack.enter_context(pikepdf.open(io.BytesIO(each.original)))
                first = len(whole.pages)
                whole.pages.extend(_bare(original))
                for page in list(whole.pages)[first:]:
                    _lay_over(page, each.line)
        return _saved(whole)


def _lay_over(page: pikepdf.Page, line: Callable[[float, float], bytes]) -> None:
    box = [float(edge) for edge in page.mediabox]
    with pikepdf.open(io.BytesIO(line(box[2] - box[0], box[3] - box[1]))) as above:
        page.add_overlay(above.pages[0], pikepdf.Rectangle(*box))


def joined(parts: Sequence[bytes], title: str) -> bytes:
    """The PDFs of a run's parts as one."""
    with ExitStack() as stack:
        whole = stack.enter_context(pikepdf.new())
        for part in parts:
            whole.pages.extend(stack.enter_context(pikepdf.open(io.BytesIO(part))).pages)
        whole.docinfo["/Title"] = title
        whole.Root.Lang = "ko"
        return _saved(whole)


def _bare(pdf: pikepdf.Pdf) -> list[pikepdf.Page]:
    """Pages without what belongs to their own file: its electronic seal and its structure stay there."""
    for page in pdf.pages:
        for key in ("/Annots", "/StructParents", "/Tabs"):
            if key in page:
                del page[key]
    return list(pdf.pages)


def _saved(pdf: pikepdf.Pdf) -> bytes:
    target = io.BytesIO()
    pdf.save(target)
    return target.getvalue()


def zipped(named: Iterable[tuple[str, bytes]], comment: str = "") -> bytes:
    """Files by name, not pressed again: PDFs and HWPX are pressed already."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.comment = comment.encode()
        for name, content in named:
            archive.writestr(zipfile.ZipInfo(name, STAMP), content)
    return target.getvalue()


def unzipped(content: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            yield name, archive.read(name)
