"""The worker makes the parts of a print run and joins them; a sheet that cannot be made is left out and told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.documents.catalogue import UnknownForm, load
from app.documents.model import BadFormData
from app.documents.models import Paper
from app.documents.print_runs import BATCH, PART, part_files, part_keys
from app.documents.printer import the_renderer
from app.documents.rules import PaperState
from app.documents.rules.printing import PrintAs, file_name
from app.documents.service.printing import what
from app.documents.sheets import sheet_of, stamp
from app.documents.strokes import BadStrokes
from app.documents.wording import own_wording
from app.kernel import work
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.files import files
from app.kernel.work import Hopeless, RetryLater, Work, WorkKind, WorkState

if TYPE_CHECKING:
    from app.documents.binding import Copy
    from app.documents.render import Renderer, Sheet

log = structlog.get_logger()
NOTE_EVERY = 5
"""Sheets between two notes of progress, which are also the looks for a cancellation."""
COPY = "사본"
LOOK_AGAIN = 3600
"""Seconds until a run looks once more after parts that are late."""


@dataclass(frozen=True, slots=True)
class Ready:
    """One sheet with everything that is needed to make it. ``stored``: the PDF as it was issued, of which a copy is
    printed under ``line``; a ZIP holds the original itself."""

    sheet: Sheet
    person: str
    stored: bytes | None = None
    line: str = ""


def print_part(tenant: TenantRef, work_id: int, payload: dict[str, Any]) -> dict[str, Any]:
    """Make one part and store it; the last one wakes the run."""
    part = Part(tenant, work_id, payload)
    with the_renderer() as renderer:
        content = part.made(renderer)
    with unit_of_work(tenant, SYSTEM) as uow:
        run = uow.session.scalars(
            select(Work).where(Work.kind == BATCH, Work.ref == payload["run"]).with_for_update()
        ).one()
        if run.state == WorkState.CANCELLED:
            raise work.Stopped(run.ref)
        name = files().put(tenant, content) if content else ""
        done = {"file": name, "rows": part.rows, "left_out": part.left_out}
        parts = {**run.result.get("parts", {}), str(payload["part"]): done}
        run.result = {"parts": parts}
        row = uow.session.get_one(Work, work_id)
        row.payload = {key: value for key, value in payload.items() if key != "sheets"}
        if len(parts) == run.payload["parts"]:
            run.next_at = uow.now
            work.wake(uow)
    return {"rows": part.rows}


class Part:
    """A part under way: counts what is made, keeps what is left out."""

    def __init__(self, tenant: TenantRef, work_id: int, payload: dict[str, Any]) -> None:
        self.tenant, self.work_id, self.payload = tenant, work_id, payload
        self.print_as = PrintAs(payload["as"])
        self.rows = 0
        self.left_out: list[dict[str, Any]] = []
        self.lines: dict[tuple[str, float, float], bytes] = {}

    def made(self, renderer: Renderer) -> bytes:
        """The part's file; empty when every sheet was left out."""
        from app.documents import binding

        mark = f"{self.payload['run']}:{self.payload['part']}"
        if self.print_as is not PrintAs.PDF:
            named = [done for item in self._items() if (done := self._file(renderer, item))]
            return binding.zipped(named, mark) if named else b""
        from app.documents.book import Book

        book = Book()
        order = [self._drawn(renderer, book, item) for item in self._items()]
        fresh = book.content(mark) if any(isinstance(each, int) and each for each in order) else None
        return binding.bound(fresh, order) if any(order) else b""

    def _items(self) -> Iterator[dict[str, Any]]:
        """The sheets one by one, with a note of progress now and then; Stopped when the run was cancelled."""
        for number, item in enumerate(self.payload["sheets"]):
            if number % NOTE_EVERY == 0:
                with unit_of_work(self.tenant, SYSTEM) as uow:
                    work.advance(uow, self.work_id, number)
            yield item

    def _drawn(self, renderer: Renderer, book: Any, item: dict[str, Any]) -> int | Copy:
        """How many pages the sheet has in the book, or the copy of its issued PDF; 0 when it is left out."""
        from app.documents.binding import Copy

        try:
            ready = self._ready(item)
            made: int | Copy
            if ready.stored is None:
                made = renderer.draw(ready.sheet, book)
            else:
                made = Copy(ready.stored, partial(self._line, renderer, ready.line))
        except Exception as error:
            self._leave_out(item, error)
            return 0
        self.rows += 1
        return made

    def _line(self, renderer: Renderer, line: str, width: float, height: float) -> bytes:
        """The page that says who printed a copy; the same for all copies of one minute."""
        if (line, width, height) not in self.lines:
            self.lines[line, width, height] = renderer.copy_line(line, width, height)
        return self.lines[line, width, height]

    def _file(self, renderer: Renderer, item: dict[str, Any]) -> tuple[str, bytes] | None:
        """The sheet as a file with its name; None when it is left out."""
        ending = "hwpx" if self.print_as is PrintAs.HWPX else "pdf"
        try:
            ready = self._ready(item)
            if self.print_as is PrintAs.HWPX:
                from app.documents import hwpx

                content = hwpx.written(ready.sheet)
            else:
                content = ready.stored or renderer.batch([ready.sheet])
        except Exception as error:
            self._leave_out(item, error)
            return None
        self.rows += 1
        title = load(ready.sheet.form_id).title
        masked = bool(self.payload["masked"])
        return file_name(item["no"], ready.person, title, ending, masked=masked), content

    def _ready(self, item: dict[str, Any]) -> Ready:
        from app.documents.render import Sheet

        with unit_of_work(self.tenant, SYSTEM) as uow:
            footer = f"{self.payload['by']} · {stamp(uow.now)} 출력"
            if "paper" not in item:
                hands = item.get("signatures", {})
                texts = {name: row.body for name, row in own_wording(uow, item["form"]).items()}
                sheet = Sheet(item["form"], item["data"], item.get("mark"), footer, hands, texts)
                return Ready(sheet, item["person"])
            paper = uow.session.get_one(Paper, item["paper"])
            issued = (
                paper.state == PaperState.ISSUED and paper.pdf_sha256 and self.print_as is not PrintAs.HWPX
            )
            stored = files().read(self.tenant, paper.pdf_sha256 or "") if issued else None
            return Ready(sheet_of(uow, paper, footer), item["person"], stored, f"{COPY} · {footer}")

    def _leave_out(self, item: dict[str, Any], error: Exception) -> None:
        """One bad record does not stop the rest. What is no record's fault does: the part is tried again later."""
        if isinstance(error, SQLAlchemyError | MemoryError | work.Stopped):
            raise error
        log.warning("sheet left out", work=self.work_id, number=item["no"], error=type(error).__name__)
        self.left_out.append({"no": item["no"], "what": self._what(item), "why": why(error)})

    def _what(self, item: dict[str, Any]) -> str:
        form_id = item.get("form", "")
        if not form_id:
            with unit_of_work(self.tenant, SYSTEM) as uow:
                form_id = uow.session.get_one(Paper, item["paper"]).form_id
        try:
            return what(form_id, item["person"])
        except UnknownForm:
            return str(item["person"])


def why(error: Exception) -> str:
    """What a director can do about a sheet that was left out; an error's own words may hold what a row holds."""
    if isinstance(error, BadFormData):
        return " ".join(f"{each.label}: {each.message}" for each in error.problems[:3])
    if isinstance(error, BadStrokes):
        return "서명을 읽지 못했어요. 서명을 다시 받아 주세요."
    if isinstance(error, FileNotFoundError):
        return "보관된 파일이 없어요. 운영자에게 알려 주세요."
    if isinstance(error, UnknownForm):
        return "지금은 쓰지 않는 서식이에요. 운영자에게 알려 주세요."
    return "만드는 동안 오류가 났어요. 내용을 확인하고 다시 출력해 주세요. 되풀이되면 운영자에게 알려 주세요."


def join_run(tenant: TenantRef, work_id: int, payload: dict[str, Any]) -> dict[str, Any]:
    """All parts as one file, and the list of what was left out."""
    with unit_of_work(tenant, SYSTEM) as uow:
        run = uow.session.get_one(Work, work_id)
        result, title = run.result, payload["title"]
        if len(result.get("parts", {})) < payload["parts"]:
            _await(uow, run)
    parts = [result["parts"][str(number)] for number in range(payload["parts"])]
    left_out = [*payload["left_out"], *(each for part in parts for each in part["left_out"])]
    rows = sum(part["rows"] for part in parts)
    told = {"rows": rows, "left_out": sorted(left_out, key=lambda each: each["no"]), "parts": result["parts"]}
    if not rows:
        return {**told, "file": ""}
    content, ending = _joined(PrintAs(payload["as"]), _read(tenant, part_files(result)), title, rows)
    return {**told, "file": files().put(tenant, content), "ending": ending}


def _await(uow: UnitOfWork, run: Work) -> None:
    states = set(
        uow.session.scalars(select(Work.state).where(Work.key.in_(part_keys(run.ref, run.payload["parts"]))))
    )
    if not states & {WorkState.PENDING, WorkState.RUNNING}:
        raise Hopeless("a part could not be made")
    raise RetryLater("parts are late", LOOK_AGAIN)


def _read(tenant: TenantRef, names: Iterable[str]) -> Iterator[bytes]:
    return (files().read(tenant, name) for name in names)


def _joined(print_as: PrintAs, parts: Iterator[bytes], title: str, rows: int) -> tuple[bytes, str]:
    """The file and its ending. A single 한글 file needs no ZIP around it."""
    from app.documents import binding

    if print_as is PrintAs.PDF:
        return binding.joined(list(parts), title), "pdf"
    named = (file for part in parts for file in binding.unzipped(part))
    if print_as is PrintAs.HWPX and rows == 1:
        return next(named)[1], "hwpx"
    return binding.zipped(named), "zip"


WORK = (WorkKind(BATCH, join_run), WorkKind(PART, print_part))
