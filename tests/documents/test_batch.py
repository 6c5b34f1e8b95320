"""Print runs: many sheets as one file, with progress, cancelled, expired, and never stopped by one bad record."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from app.documents.binding import unzipped
from app.documents.book import Book
from app.documents.catalogue import all_forms
from app.documents.jobs import clear_old_prints
from app.documents.models import Paper
from app.documents.print_runs import BATCH, PART, PrintRun, own_run, own_runs
from app.documents.render import Renderer, Sheet
from app.documents.rules.printing import PrintAs, file_name
from app.documents.service import printing
from app.documents.service.printing import PrintItem, cancel_print, request_print
from app.documents.service.signing import sign_paper
from app.documents.work import WORK
from app.kernel import work
from app.kernel.actor import SYSTEM, Actor
from app.kernel.audit import AccessLog, AuditLog
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.errors import Forbidden, NotFound, RuleBroken
from app.kernel.files import files
from app.kernel.ranges import kst
from app.kernel.work import Work, WorkState
from app.tenancy import worker
from tests.documents.papers import pages, poppler, sample, words
from tests.documents.to_sign import DRAWN, FIELD, PARENT, prepared

KINDS = {kind.name: kind for kind in WORK}
NOTICE = "kium-decision-notice"
DAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(kst(DAY, 600), tick=False):
        yield


@pytest.fixture
def three_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "PART_SHEETS", 3)


def signed(place: TenantRef, teacher: Actor) -> Paper:
    """A consent with its one signature, and so issued; ``worker.drain`` makes its PDF."""
    paper = prepared(place, teacher)
    with unit_of_work(place, PARENT) as uow:
        return sign_paper(uow, paper.ref, FIELD, signer="한지원", strokes=DRAWN)


def notices(*names: str) -> list[PrintItem]:
    return [PrintItem(form_id=NOTICE, data={"guardian_name": name}) for name in names]


def asked(place: TenantRef, actor: Actor, items: list[PrintItem], **more: Any) -> str:
    with unit_of_work(place, actor) as uow:
        return request_print(uow, items, "동의서 출력", **more)


def looked(place: TenantRef, actor: Actor, ref: str) -> PrintRun:
    with unit_of_work(place, actor) as uow:
        return own_run(uow, ref)


def printed(place: TenantRef, actor: Actor, items: list[PrintItem], **more: Any) -> tuple[PrintRun, bytes]:
    """Asked for, worked off, and the file."""
    ref = asked(place, actor, items, **more)
    worker.drain(place, KINDS)
    run = looked(place, actor, ref)
    return run, files().read(place, run.file) if run.file else b""


@pytest.mark.rule("XX-12")
def test_a_run_is_one_pdf_its_request_is_logged_and_only_its_owner_sees_it(
    seoul: TenantRef, teacher: Actor, tmp_path: Path
) -> None:
    waiting, issued = prepared(seoul, teacher), signed(seoul, teacher)
    worker.drain(seoul, KINDS)
    items = [PrintItem(waiting.ref), PrintItem(issued.ref), PrintItem(form_id="kium-application")]
    run, pdf = printed(seoul, teacher, items)
    with unit_of_work(seoul, teacher) as uow:
        logged = uow.session.scalars(select(AccessLog)).one()
        assert (logged.what, logged.row_count, logged.reason) == ("print.requested", 3, "동의서 출력")
        assert [each.ref for each in own_runs(uow)] == [run.ref]
        payloads = uow.session.scalars(select(Work.payload).where(Work.kind.in_([BATCH, PART]))).all()
        assert not any("sheets" in payload for payload in payloads), "filled data stay no longer than needed"
    assert (run.state, run.made, run.done, run.left_out) == (WorkState.DONE, 3, 3, ())
    text = words(pdf, tmp_path)
    assert text.count("서명용") >= 1
    assert issued.number is not None
    assert text.count(issued.number) == 1
    for actor in (replace(teacher, user_id=99), replace(teacher, scope=0), PARENT, SYSTEM):
        with unit_of_work(seoul, actor) as uow, pytest.raises(NotFound):
            own_run(uow, run.ref)


@pytest.mark.rule("XX-12")
def test_a_run_stays_within_reach_and_a_long_one_needs_a_reason(seoul: TenantRef, teacher: Actor) -> None:
    paper = prepared(seoul, teacher)
    blank = PrintItem(form_id="kium-application")
    with unit_of_work(seoul, teacher) as uow:
        for items, reason, code in (
            ([], "", "nothing"),
            ([blank] * 1001, " ", "reason_missing"),
            ([blank] * 2001, "연말 점검", "too_many"),
        ):
            with pytest.raises(RuleBroken, match=code):
                request_print(uow, items, "출력", reason=reason)
        assert request_print(uow, [blank] * 1000, "긴 출력")
        assert request_print(uow, [blank] * 1001, "긴 출력", reason="연말 점검")
        assert request_print(uow, [blank] * 2000, "긴 출력", reason="연말 점검")
    with unit_of_work(seoul, replace(teacher, scope=0)) as uow, pytest.raises(NotFound):
        request_print(uow, [PrintItem(paper.ref)], "남의 서류")
    with unit_of_work(seoul, PARENT) as uow, pytest.raises(Forbidden):
        request_print(uow, [PrintItem(paper.ref)], "내 서류")


@pytest.mark.usefixtures("three_a_part")
def test_parts_are_joined_in_the_order_of_the_list(seoul: TenantRef, teacher: Actor, tmp_path: Path) -> None:
    names = ["가온", "나린", "다솜", "라온", "마루", "보람", "슬기"]
    run, pdf = printed(seoul, teacher, notices(*names))
    assert (run.parts, run.made, pages(pdf, tmp_path)) == (3, 7, 7)
    text = words(pdf, tmp_path)
    places = [text.index(f"{name}귀하") for name in names]
    assert places == sorted(places)
    assert text.count("1/1") == 7
    assert "동의서 출력" in poppler("pdfinfo", pdf, tmp_path)


def test_a_message_does_not_stand_behind_a_long_run(seoul: TenantRef, teacher: Actor) -> None:
    asked(seoul, teacher, notices("가온", "나린"))
    with unit_of_work(seoul, SYSTEM) as uow:
        work.plan(uow, "message.send", {})
    with unit_of_work(seoul, SYSTEM) as uow:
        row = work.claim(uow)
        assert row is not None
        assert row.kind == "message.send"


@pytest.mark.rule("XX-12")
def test_what_was_issued_is_printed_as_it_was_issued(
    seoul: TenantRef, teacher: Actor, tmp_path: Path
) -> None:
    """Even when data and form have changed since: the stored pages are taken, among others that are laid out."""
    issued = signed(seoul, teacher)
    worker.drain(seoul, KINDS)
    with unit_of_work(seoul, SYSTEM) as uow:
        uow.session.execute(update(Paper).values(data={}, form_version="old"))
    items = [*notices("가온"), PrintItem(issued.ref), *notices("나린")]
    _, pdf = printed(seoul, teacher, items)
    text = words(pdf, tmp_path)
    assert text.index("가온귀하") < text.index(f"{issued.number}") < text.index("나린귀하")
    assert "윤서담" in text
    assert text.count("사본·이선생·") == 1, "who printed the copy stands on it"
    whole = poppler("pdftotext", pdf, tmp_path, "-bbox")
    low = [float(y) for y in re.findall(r'yMax="([\d.]+)">사본<', whole)]
    assert low
    assert 790 < low[0] < 830, "in the lower corner, on paper that a printer reaches"
    run, archive = printed(seoul, teacher, items, print_as=PrintAs.ZIP)
    with unit_of_work(seoul, SYSTEM) as uow:
        stored = uow.session.scalars(select(Paper.pdf_sha256).where(Paper.ref == issued.ref)).one()
    assert dict(unzipped(archive))["002 개인정보 수집·이용 및 제공동의서.pdf"] == files().read(
        seoul, stored or ""
    )
    assert run.ending == "zip"


@pytest.mark.parametrize(("masked", "name"), [(False, "윤서담"), (True, "윤○담")])
def test_a_zip_names_its_files_by_person_and_form(
    seoul: TenantRef, teacher: Actor, masked: bool, name: str, tmp_path: Path
) -> None:
    paper = prepared(seoul, teacher)
    items = [PrintItem(paper.ref), *notices("../../etc/<비밀>"), PrintItem(form_id="kium-application")]
    _, archive = printed(seoul, teacher, items, print_as=PrintAs.ZIP, masked=masked)
    found = dict(unzipped(archive))
    first, second, third = found
    assert first == f"001 {name} 개인정보 수집·이용 및 제공동의서.pdf"
    assert second.endswith(" 이용결정 통지.pdf")
    assert not set("/\\<>") & set(second)
    assert third == "003 우리동네키움센터 서비스 신청서.pdf"
    assert all(pages(content, tmp_path) >= 1 for content in found.values())


@pytest.mark.parametrize(
    ("person", "title", "expected"),
    [
        ("윤서담", "신청서", "007 윤서담 신청서.pdf"),
        ("", "신청서", "007 신청서.pdf"),
        ('a/b\\c:d*e?f"g<h>i|j', "x", "007 a b c d e f g h i j x.pdf"),
        ("윤\u202e서\x00담\n", "신청서", "007 윤서 담 신청서.pdf".replace("서 담", "서담")),
        ("남" * 80, "신청서", f"007 {'남' * 56}.pdf"),
        (" . ", "..", "007.pdf"),
    ],
)
def test_file_names_fit_any_file_system(person: str, title: str, expected: str) -> None:
    assert file_name(7, person, title, "pdf", masked=False) == expected


@pytest.mark.usefixtures("three_a_part")
def test_a_bad_record_is_told_and_does_not_stop_the_rest(
    seoul: TenantRef, teacher: Actor, tmp_path: Path
) -> None:
    """Bad when asked for (a date that is none), bad when made (a form that is gone, a file that is gone)."""
    lost, odd = signed(seoul, teacher), prepared(seoul, teacher)
    worker.drain(seoul, KINDS)
    with unit_of_work(seoul, SYSTEM) as uow:
        stored = uow.session.scalars(select(Paper.pdf_sha256).where(Paper.ref == lost.ref)).one()
        uow.session.execute(
            update(Paper).where(Paper.ref == odd.ref).values(data={"child_name": "강", "x": 1})
        )
    files().delete(seoul, stored or "")
    wrong = PrintItem(form_id="kium-application", data={"child_name": "오늘", "child_birth_date": "봄"})
    items = [*notices("가온"), PrintItem(lost.ref), wrong, PrintItem(odd.ref), *notices("나린")]
    run, pdf = printed(seoul, teacher, items)
    assert (run.state, run.made, pages(pdf, tmp_path)) == (WorkState.DONE, 2, 2)
    told = {each.number: (each.what, each.why) for each in run.left_out}
    assert list(told) == [2, 3, 4]
    assert told[2] == (
        "개인정보 수집·이용 및 제공동의서 · 윤서담",
        "보관된 파일이 없어요. 운영자에게 알려 주세요.",
    )
    assert told[3][0] == "우리동네키움센터 서비스 신청서 · 오늘"
    assert "날짜를" in told[3][1]
    assert "이 서식에 없는 항목입니다." in told[4][1]


def test_a_run_of_bad_records_only(seoul: TenantRef, teacher: Actor) -> None:
    wrong = PrintItem(form_id=NOTICE, data={"nonsense": "x"})
    with unit_of_work(seoul, teacher) as uow, pytest.raises(RuleBroken, match="bad_data"):
        request_print(uow, [wrong, wrong], "출력")
    paper = prepared(seoul, teacher)
    with unit_of_work(seoul, SYSTEM) as uow:
        uow.session.execute(update(Paper).values(form_id="no-such-form"))
        uow.session.flush()
        uow.session.execute(update(Paper).values(form_id=NOTICE, data={"x": 1}))
    run, pdf = printed(seoul, teacher, [PrintItem(paper.ref)])
    assert (run.state, run.made, run.file, pdf) == (WorkState.DONE, 0, "", b"")
    assert len(run.left_out) == 1


@pytest.mark.usefixtures("three_a_part")
def test_a_run_is_cancelled_before_during_and_not_after(
    seoul: TenantRef, teacher: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = asked(seoul, teacher, notices(*"가나다라"))
    with unit_of_work(seoul, replace(teacher, user_id=99)) as uow, pytest.raises(NotFound):
        cancel_print(uow, ref)
    with unit_of_work(seoul, teacher) as uow:
        cancel_print(uow, ref)
    assert worker.drain(seoul, KINDS) == 0
    assert looked(seoul, teacher, ref).state == WorkState.CANCELLED
    with unit_of_work(seoul, teacher) as uow, pytest.raises(RuleBroken, match="over"):
        cancel_print(uow, ref)

    drawn: list[str] = []
    real = Renderer.draw

    def draw(self: Renderer, sheet: Sheet, book: Book) -> int:
        drawn.append(sheet.form_id)
        if len(drawn) == 4:
            with unit_of_work(seoul, teacher) as uow:
                cancel_print(uow, second)
        return real(self, sheet, book)

    monkeypatch.setattr(Renderer, "draw", draw)
    monkeypatch.setattr("app.documents.work_batch.NOTE_EVERY", 1)
    second = asked(seoul, teacher, notices(*"가나다라마바사아자"))
    worker.drain(seoul, KINDS)
    assert len(drawn) == 4, "it ended with the sheet that was under way"
    run = looked(seoul, teacher, second)
    assert (run.state, run.file) == (WorkState.CANCELLED, "")
    with unit_of_work(seoul, SYSTEM) as uow:
        left = uow.session.scalars(select(Work.payload).where(Work.state == WorkState.CANCELLED)).all()
        assert not any("sheets" in payload for payload in left)
        assert uow.session.scalars(select(AuditLog.action).where(AuditLog.entity == "print")).all() == (
            ["print.cancelled"] * 2
        )


@pytest.mark.usefixtures("three_a_part")
def test_progress_counts_over_all_parts(seoul: TenantRef, teacher: Actor) -> None:
    ref = asked(seoul, teacher, notices(*"가나다라마"))
    run = looked(seoul, teacher, ref)
    assert (run.state, run.done, run.sheets) == (WorkState.PENDING, 0, 5)
    with unit_of_work(seoul, SYSTEM) as uow:
        row = work.claim(uow)
        assert row is not None
    result = KINDS[row.kind].run(seoul, row.id, row.payload)
    with unit_of_work(seoul, SYSTEM) as uow:
        work.finish(uow, row.id, result)
    assert looked(seoul, teacher, ref).done == 3
    worker.drain(seoul, KINDS)
    assert looked(seoul, teacher, ref).done == 5


@pytest.mark.usefixtures("three_a_part")
def test_a_part_that_was_made_twice_counts_once(seoul: TenantRef, teacher: Actor, tmp_path: Path) -> None:
    """A worker that died after its work: another takes the part again."""
    ref = asked(seoul, teacher, notices(*"가나다라"))
    with unit_of_work(seoul, SYSTEM) as uow:
        row = work.claim(uow)
        assert row is not None
    KINDS[row.kind].run(seoul, row.id, row.payload)
    KINDS[row.kind].run(seoul, row.id, row.payload)
    with unit_of_work(seoul, SYSTEM) as uow:
        work.finish(uow, row.id, {})
    worker.drain(seoul, KINDS)
    run = looked(seoul, teacher, ref)
    assert (run.made, pages(files().read(seoul, run.file), tmp_path)) == (4, 4)


@pytest.mark.rule("XX-12")
@pytest.mark.usefixtures("three_a_part")
def test_the_result_waits_a_week_and_is_then_deleted(seoul: TenantRef, teacher: Actor) -> None:
    run, _ = printed(seoul, teacher, notices(*"가나다라"))
    with unit_of_work(seoul, SYSTEM) as uow:
        parts = [
            part["file"]
            for part in uow.session.scalars(select(Work.result).where(Work.ref == run.ref))
            .one()["parts"]
            .values()
        ]
    assert len(parts) == 2
    for days, kept in ((1, True), (7, False)):
        for seconds, still in ((-1, True), (1, kept)):
            with time_machine.travel(kst(DAY, 600) + timedelta(days=days, seconds=seconds), tick=False):
                clear_old_prints(seoul, kst(DAY, 0))
                assert bool(looked(seoul, teacher, run.ref).file) == still
        assert set(parts) & set(files().names(seoul)) == set()
    assert run.file not in files().names(seoul)
    assert run.until == kst(DAY, 600) + timedelta(days=7)


def test_two_runs_of_the_same_sheets_do_not_share_a_file(seoul: TenantRef, teacher: Actor) -> None:
    first, _ = printed(seoul, teacher, [PrintItem(form_id=NOTICE)])
    with time_machine.travel(kst(DAY, 600) + timedelta(days=5), tick=False):
        second, pdf = printed(seoul, teacher, [PrintItem(form_id=NOTICE)])
    with time_machine.travel(kst(DAY, 600) + timedelta(days=8), tick=False):
        clear_old_prints(seoul, kst(DAY, 0))
        assert looked(seoul, teacher, first.ref).file == ""
        assert files().read(seoul, looked(seoul, teacher, second.ref).file) == pdf


def test_a_drawn_book_looks_like_weasyprints_own(tmp_path: Path) -> None:
    """Every ninth form, pixel by pixel; the second copy of a paper, drawn from the same layout, too."""
    renderer = Renderer()
    for form in all_forms()[::9]:
        data = sample(form)
        own = poppler_pictures(renderer.pdf(form.id, data, mark="서명용", footer="꼬리"), tmp_path)
        copy = Sheet(form.id, data, "서명용", "꼬리")
        assert poppler_pictures(renderer.batch([copy, copy]), tmp_path) == own * 2, form.id


def poppler_pictures(pdf: bytes, folder: Path) -> list[bytes]:
    path = folder / "book.pdf"
    path.write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "40", "-gray", str(path), str(folder / "p")], check=True, timeout=60)
    made = sorted(folder.glob("p-*.pgm"))
    pictures = [each.read_bytes() for each in made]
    for each in made:
        each.unlink()
    return pictures
