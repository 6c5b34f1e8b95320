"""Whether a PDF is built as PDF/A-3a asks. No validator can be installed beside the application, so the parts that a
mistake of ours could break are looked at one by one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pikepdf

PDFA = "{http://www.aiim.org/pdfa/ns/id/}"


def tidied(pdf: bytes) -> bytes:
    """The same PDF with each attached file named once in its catalogue (the renderer names it twice)."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        named = document.Root.get("/AF")
        if named is None:
            return pdf
        once = list({item.objgen: item for item in named}.values())
        if len(once) == len(named):
            return pdf
        document.Root.AF = pikepdf.Array(once)
        target = io.BytesIO()
        document.save(target)
        return target.getvalue()


def faults(pdf: bytes) -> list[str]:
    """What is missing for PDF/A-3a, in plain words; empty when nothing is."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return list(_faults(document))


def _faults(document: pikepdf.Pdf) -> Iterator[str]:
    root = document.Root
    if document.pdf_version > "1.7" or str(root.get("/Version", "/1.7")) > "/1.7":
        yield "newer than PDF 1.7"
    with document.open_metadata() as metadata:
        claim = metadata.get(f"{PDFA}part"), metadata.get(f"{PDFA}conformance")
        if claim != ("3", "A"):
            yield f"claims {claim}, not 3 A"
    intents = [item.get("/S") for item in root.get("/OutputIntents", [])]
    if "/GTS_PDFA1" not in intents:
        yield "no output intent"
    if not root.get("/MarkInfo", pikepdf.Dictionary()).get("/Marked", False):
        yield "not marked as tagged"
    if "/StructTreeRoot" not in root:
        yield "no structure tree"
    if not str(root.get("/Lang", "")):
        yield "no language"
    if "/ID" not in document.trailer:
        yield "no file identifier"
    if "/Encrypt" in document.trailer:
        yield "encrypted"
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            yield from _faults_of(item)


def _faults_of(item: Any) -> Iterator[str]:
    if item.get("/Interpolate", False):
        yield "an image asks to be smoothed"
    if item.get("/Type") == "/FontDescriptor" and not item.keys() & {"/FontFile", "/FontFile2", "/FontFile3"}:
        yield f"font {item.get('/FontName')} is not embedded"
    if item.get("/Type") == "/Filespec" and "/AFRelationship" not in item:
        yield "an attached file does not say what it is to the document"
    if item.get("/S") in ("/JavaScript", "/Launch"):
        yield "an action that does something"
    if item.get("/Subtype") == "/Widget" and not int(item.get("/F", 0)) & 4:
        yield "a field that is not printed"
