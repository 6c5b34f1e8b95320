"""The worker draws a form for the gallery: laid out like any paper, then turned into pictures by poppler."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from app.documents.catalogue import UnknownForm, load
from app.documents.printer import the_renderer
from app.documents.wording import bodies
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.files import files
from app.kernel.work import Hopeless

SAMPLE_MARK = "견본"
DPI = 84
"""A page as wide as a column of the screen; the PDF beside it is for reading closely."""
PAGES_MAX = 6


def draw_preview(tenant: TenantRef, work_id: int, payload: dict[str, Any]) -> dict[str, Any]:
    """Lay the form out, blank or with its sample, and keep the PDF and a picture of each page."""
    try:
        form = load(payload["form"])
    except UnknownForm:
        raise Hopeless(f"no form {payload['form']}") from None
    with unit_of_work(tenant, SYSTEM) as uow:
        words = bodies(uow, form.id, payload.get("texts") or {})
    filled = payload["kind"] == "sample"
    data = json.loads((form.folder / "sample.json").read_text("utf-8")) if filled else None
    with the_renderer() as renderer:
        pdf = renderer.pdf(form.id, data, mark=SAMPLE_MARK if filled else None, texts=words)
    pages = [files().put(tenant, picture) for picture in pictures(pdf)]
    return {"pdf": files().put(tenant, pdf), "pages": pages}


def pictures(pdf: bytes) -> list[bytes]:
    """The first pages as PNG, in order. Hopeless when poppler is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "form.pdf"
        source.write_bytes(pdf)
        command = [
            "pdftoppm",
            "-r",
            str(DPI),
            "-gray",
            "-png",
            "-l",
            str(PAGES_MAX),
            str(source),
            f"{folder}/page",
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=60)  # noqa: S603 (fixed words)
        except FileNotFoundError:
            raise Hopeless("pdftoppm is missing: install poppler-utils") from None
        except subprocess.CalledProcessError as error:
            raise Hopeless(f"pdftoppm: {error.stderr.decode(errors='replace')[:200]}") from None
        return [path.read_bytes() for path in sorted(Path(folder).glob("page*.png"))]
