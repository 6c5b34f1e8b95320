"""Official forms as PDF: the first of a process, the next ones, and a hundred in one file."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from weasyprint import HTML

from app.documents.catalogue import load
from app.documents.render import Renderer, Sheet
from app.kernel.config import ROOT
from benchmarks.report import Line

FORM = "kium-application"
REPEATS = 5
BATCH = 100
COLD = (
    "from app.documents.render import Renderer; from app.documents.catalogue import load; import json;"
    f"f = load('{FORM}'); d = json.loads((f.folder / 'sample.json').read_text('utf-8'));"
    f"Renderer().pdf('{FORM}', d)"
)
BARE_COLD = "from weasyprint import HTML; HTML(string='<p>x').write_pdf()"


def measure() -> Iterator[Line]:
    """Reference: an empty page by the same library in the same state."""
    yield Line("서식 한 장, 첫 번째 (새 프로그램)", _program(COLD), _program(BARE_COLD), "초")
    renderer, form = Renderer(), load(FORM)
    data = json.loads((form.folder / "sample.json").read_text("utf-8"))
    renderer.pdf(FORM, data)
    warm = _median(lambda: renderer.pdf(FORM, data))
    bare = _median(lambda: HTML(string="<p>x").write_pdf())
    yield Line("서식 한 장, 다음부터", warm, bare, "초")
    begun = time.perf_counter()
    renderer.batch([Sheet(FORM, data)] * BATCH)
    each = (time.perf_counter() - begun) / BATCH
    yield Line(f"서식 {BATCH}장을 한 파일로 (장당)", each, warm, "초", note="기준: 한 장씩 만들 때")


def _program(code: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    return time.perf_counter() - begun


def _median(work: object) -> float:
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work()  # type: ignore[operator]
        times.append(time.perf_counter() - begun)
    return statistics.median(times)
