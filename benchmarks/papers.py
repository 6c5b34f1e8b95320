"""Official forms as PDF: one alone, hundreds in one file, beside WeasyPrint as its manual shows it, Chromium, typst.

CPU seconds where one program does the work, seconds on the wall where several do.
"""

from __future__ import annotations

import importlib.util
import json
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from app.documents import typefaces
from app.documents.catalogue import BASE, load
from app.documents.render import ClosedFetcher, Renderer, Sheet
from app.kernel.config import ROOT
from benchmarks.report import Line

FORMS = ("kium-application", "kium-consent-privacy", "kium-decision-notice", "kium-child-card", "anytime-2-2")
LEDGER = "anytime-2-2"
REPEATS = 5
BATCH = 500
MEMORY_MB = 400
AIM = 0.3
COLD = (
    "import sys, json; from app.documents.render import Renderer; from app.documents.catalogue import load;"
    "f = load(sys.argv[1]); d = json.loads((f.folder / 'sample.json').read_text('utf-8'));"
    "Renderer().pdf(f.id, d)"
)
BARE_COLD = "from weasyprint import HTML; HTML(string='<p>x').write_pdf()"
WORKER = (
    "import sys, resource; from benchmarks.papers import sheets, FORMS; from app.documents.render import Renderer;"
    "from app.documents.binding import joined; from app.documents.service.printing import PART_SHEETS;"
    "all = sheets(FORMS, int(sys.argv[1]), int(sys.argv[2])); renderer = Renderer();"
    "parts = [renderer.batch(all[at:at + PART_SHEETS]) for at in range(0, len(all), PART_SHEETS)];"
    "joined(parts, 'x'); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
)


class LeftOut(Line):
    """A comparison this machine cannot make."""

    def __str__(self) -> str:
        return f"{self.what}: 빠짐 ({self.note})"


def measure() -> Iterator[Line]:
    renderer = Renderer()
    bare_cold = _program(BARE_COLD)
    for form_id in FORMS:
        yield Line(f"{form_id}, 첫 번째 (새 프로그램)", _program(COLD, form_id), bare_cold, "초")
    naive = {form_id: _naive(renderer, form_id) for form_id in FORMS}
    for form_id in FORMS:
        data = _sample(form_id)
        renderer.pdf(form_id, data)
        once = _cpu(lambda form_id=form_id, data=data: renderer.pdf(form_id, data))  # type: ignore[misc]
        yield Line(f"{form_id}, 다음부터 (PDF/A, 자료 첨부)", once, naive[form_id], "CPU초")
    for form_id in FORMS:
        each = _cpu(lambda form_id=form_id: renderer.batch(sheets((form_id,), BATCH // 5)), 1) / (BATCH // 5)  # type: ignore[misc]
        yield Line(f"{form_id}, {BATCH // 5}명 한 파일로 (장당)", each, naive[form_id], "CPU초", most=AIM)
    each = _cpu(lambda: renderer.batch(sheets(FORMS, BATCH)), 1) / BATCH
    mean = statistics.mean(naive.values())
    yield Line(f"다섯 서식 {BATCH}장을 한 파일로 (장당)", each, mean, "CPU초", most=AIM)
    gappy = _cpu(lambda: renderer.batch(sheets(FORMS, BATCH // 5, gaps=0.1)), 1) / (BATCH // 5)
    yield Line("같은 것, 열에 한 칸은 비어 서로 다른 모양 (장당)", gappy, mean, "CPU초")
    yield from _against_chromium(renderer, each)
    yield from _against_typst()
    yield from _programs()


def sheets(form_ids: tuple[str, ...], count: int, first: int = 0, gaps: float = 0) -> list[Sheet]:
    """`count` sheets of different invented people, form by form for each; `gaps`: the share of fields left empty."""
    return [
        Sheet(form_ids[number % len(form_ids)], _somebody(form_ids[number % len(form_ids)], number, gaps))
        for number in range(first, first + count)
    ]


def _somebody(form_id: str, number: int, gaps: float) -> dict[str, Any]:
    """The form's sample with other names, dates, numbers and ticks."""
    chance = random.Random(number)  # noqa: S311
    data = _sample(form_id)
    for field in load(form_id).fields:
        if not data.get(field.name):
            continue
        if field.type != "table" and chance.random() < gaps:
            del data[field.name]
        elif field.type == "date":
            data[field.name] = f"2026-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        elif field.type == "phone":
            data[field.name] = f"010{chance.randint(10_000_000, 99_999_999)}"
        elif field.type == "choice":
            data[field.name] = chance.choice(field.choices).value
        elif field.type == "text" and field.name.endswith("_name") and "centre" not in field.name:
            data[field.name] = chance.choice("김이박최정강조윤장임") + chance.choice(
                ("서담", "하람", "산들바람", "솔")
            )
    return data


def _sample(form_id: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((load(form_id).folder / "sample.json").read_text("utf-8"))
    return data


def _naive(renderer: Renderer, form_id: str) -> float:
    """The same page as WeasyPrint's manual writes it: fonts and style sheet read anew for each."""
    page, where = renderer.html(Sheet(form_id, _sample(form_id))), typefaces.folder()
    rules = typefaces.font_faces(where) + (BASE / "page.css").read_text("utf-8")
    fetcher = ClosedFetcher(where)

    def once() -> None:
        fonts = FontConfiguration()
        style = CSS(string=rules, font_config=fonts, url_fetcher=fetcher)
        HTML(string=page, url_fetcher=fetcher).write_pdf(stylesheets=[style], font_config=fonts)

    once()
    return _cpu(once)


def _against_chromium(renderer: Renderer, ours: float) -> Iterator[Line]:
    """One page kept open, the same HTML with the same style sheet; CPU of ours against its seconds on the wall."""
    chromium = shutil.which("chromium")
    if chromium is None or importlib.util.find_spec("playwright") is None:
        yield LeftOut("Chromium의 인쇄", 0, 1, "", note="chromium이나 playwright가 없음")
        return
    from playwright.sync_api import sync_playwright

    style = f"<style>{(BASE / 'page.css').read_text('utf-8')}</style></head>"
    pages = [renderer.html(each).replace("</head>", style) for each in sheets(FORMS, 20)]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page()
        times = []
        for page in pages:
            begun = time.perf_counter()
            tab.set_content(page)
            tab.pdf(prefer_css_page_size=True)
            times.append(time.perf_counter() - begun)
        browser.close()
    yield Line("묶음 한 장과 Chromium의 인쇄 한 장", ours, statistics.median(times), "초")


def _against_typst() -> Iterator[Line]:
    if importlib.util.find_spec("typst") is None:
        yield LeftOut("관리대장과 typst", 0, 1, "", note="typst 모듈이 없음")
        return
    import typst

    rows = "".join(f"[{each}]," for each in range(11 * 12))
    page = f"#set page(flipped: true)\n= {load(LEDGER).title}\n#table(columns: 12, {rows})".encode()
    renderer, data = Renderer(), _sample(LEDGER)
    renderer.pdf(LEDGER, data)
    compiled = _cpu(lambda: typst.compile(page))
    yield Line("관리대장과 typst의 표", _cpu(lambda: renderer.pdf(LEDGER, data)), compiled, "CPU초")


def _programs() -> Iterator[Line]:
    """Memory of a worker that makes the whole batch, and how much sooner two of them are through."""
    begun = time.perf_counter()
    peak = float(_run(WORKER, BATCH, 0).communicate()[0])
    alone = time.perf_counter() - begun
    yield Line(f"{BATCH}장을 만드는 일꾼의 가장 큰 메모리", peak, MEMORY_MB, "MB", most=1.0)
    begun = time.perf_counter()
    both = [_run(WORKER, BATCH // 2, first) for first in (0, BATCH // 2)]
    peaks = [float(each.communicate()[0]) for each in both]
    together = time.perf_counter() - begun
    yield Line("일꾼 둘이 나눠 만들 때", together, alone, "초", note=f"메모리 {max(peaks):.0f} MB씩")


def _run(code: str, *words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _program(code: str, *words: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, check=True)
    return time.perf_counter() - begun


def _cpu(work: Callable[[], object], repeats: int = REPEATS) -> float:
    """Median CPU seconds."""
    times = []
    for _ in range(repeats):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return statistics.median(times)
