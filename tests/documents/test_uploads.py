"""Files handed in: what passes, what does not, who gets the original back."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest
import time_machine
from sqlalchemy import select

from app.documents.models import Upload
from app.documents.uploads import open_upload, originals_to_return, return_original, store_upload
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.audit import AccessLog
from app.kernel.db import Database, TenantRef, unit_of_work
from app.kernel.errors import NotFound, RuleBroken
from app.kernel.files import files
from app.kernel.ranges import kst
from tests.cast import make_centre

JPG = b"\xff\xd8\xff\xe0" + b"0" * 100
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100
PDF = b"%PDF-1.7\n" + b"0" * 100
HWP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + b"HWP Document File" + b"\0" * 15
DOC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
MB = 1024 * 1024


def zipped(**entries: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return target.getvalue()


DOCX = zipped(**{"[Content_Types].xml": b"<a/>", "word/document.xml": b"<a/>"})
XLSX = zipped(**{"[Content_Types].xml": b"<a/>", "xl/workbook.xml": b"<a/>"})
HWPX = zipped(**{"mimetype": b"application/hwp+zip", "Contents/content.hpf": b"<a/>"})


def store(place: TenantRef, filename: str, content: bytes, actor: Actor = SYSTEM, **more: object) -> Upload:
    with unit_of_work(place, actor) as uow:
        return store_upload(
            uow, owner="child", owner_id=1, kind="evidence", filename=filename, content=content, **more
        )


@pytest.mark.rule("XX-19")
@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("재직증명서.pdf", PDF),
        ("사진.JPG", JPG),
        ("사진.jpeg", JPG),
        ("도장.png", PNG),
        ("확인서.hwp", HWP),
        ("확인서.hwpx", HWPX),
        ("확인서.docx", DOCX),
        ("명단.xlsx", XLSX),
    ],
)
def test_accepted_formats_come_back_as_they_were(seoul: TenantRef, filename: str, content: bytes) -> None:
    row = store(seoul, filename, content)
    with unit_of_work(seoul, SYSTEM) as uow:
        again, read = open_upload(uow, row.ref)
    assert read == content
    assert again.size == len(content)
    assert len(row.ref) == 16


@pytest.mark.rule("XX-19")
@pytest.mark.parametrize(
    ("filename", "content", "code"),
    [
        ("", PDF, "upload.none"),
        ("빈파일.pdf", b"", "upload.empty"),
        ("도구.exe", b"MZ", "upload.wrong_type"),
        ("그림.svg", b"<svg onload=alert(1)>", "upload.wrong_type"),
        ("이름만", PDF, "upload.wrong_type"),
        ("page.pdf.html", PDF, "upload.wrong_type"),
        ("거짓.pdf", PNG, "upload.not_what_it_says"),
        ("거짓.png", PDF, "upload.not_what_it_says"),
        ("거짓.jpg", b"<html>", "upload.not_what_it_says"),
        ("옛문서.hwp", DOC, "upload.not_what_it_says"),
        ("표.docx", XLSX, "upload.not_what_it_says"),
        ("글.xlsx", DOCX, "upload.not_what_it_says"),
        ("글.hwpx", DOCX, "upload.not_what_it_says"),
        ("아무zip.docx", zipped(**{"a.txt": b"a"}), "upload.not_what_it_says"),
        ("깨진.docx", DOCX[:40], "upload.not_what_it_says"),
    ],
    ids=lambda value: None if isinstance(value, str) else "content",
)
def test_a_file_that_is_not_what_it_says_is_refused(
    seoul: TenantRef, filename: str, content: bytes, code: str
) -> None:
    with pytest.raises(RuleBroken) as refused:
        store(seoul, filename, content)
    assert [p.code for p in refused.value.problems] == [code]
    assert refused.value.problems[0].field == "file"


@pytest.mark.rule("XX-19")
@pytest.mark.parametrize(("size", "passes"), [(10 * MB - 1, True), (10 * MB, True), (10 * MB + 1, False)])
def test_ten_megabytes_are_the_limit(seoul: TenantRef, size: int, passes: bool) -> None:
    content = PDF + b"\0" * (size - len(PDF))
    if passes:
        assert store(seoul, "큰파일.pdf", content).size == size
    else:
        with pytest.raises(RuleBroken, match="too_big"):
            store(seoul, "큰파일.pdf", content)


def test_a_zip_that_explodes_is_refused_without_unpacking(seoul: TenantRef) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<a/>")
        archive.writestr("word/document.xml", b"\0" * (201 * MB))
    with pytest.raises(RuleBroken, match="not_what_it_says"):
        store(seoul, "폭탄.docx", target.getvalue())


@pytest.mark.parametrize(
    ("filename", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\문서\\가정통신문.PDF", "가정통신문.pdf"),
        ("이름\u202efdp.exe.pdf", "이름fdp.exe.pdf"),
        ("가" * 300 + ".pdf", "가" * 120 + ".pdf"),
        ("😀 웃음.pdf", "😀 웃음.pdf"),
        ('따옴"표<b>.pdf', "따옴_표_b_.pdf"),
        (".pdf", "file.pdf"),
    ],
)
def test_names_are_kept_without_tricks(seoul: TenantRef, filename: str, kept: str) -> None:
    assert store(seoul, filename, PDF).name == kept


@pytest.mark.rule("XX-21")
def test_stored_bytes_are_encrypted_in_the_municipalitys_own_folder(
    seoul: TenantRef, gwacheon: TenantRef
) -> None:
    row = store(seoul, "증빙.pdf", PDF)
    path = files().folder / "seoul" / row.sha256[:2] / row.sha256
    assert PDF not in path.read_bytes()
    with pytest.raises(FileNotFoundError):
        files().read(gwacheon, row.sha256)


@pytest.mark.rule("GC-21")
def test_another_municipality_does_not_know_the_ref(seoul: TenantRef, gwacheon: TenantRef) -> None:
    row = store(seoul, "증빙.pdf", PDF)
    with unit_of_work(gwacheon, SYSTEM) as uow, pytest.raises(NotFound):
        open_upload(uow, row.ref)


@pytest.mark.rule("XX-12")
def test_each_opening_leaves_a_row(seoul: TenantRef) -> None:
    row = store(seoul, "증빙.pdf", PDF)
    with unit_of_work(seoul, SYSTEM) as uow:
        open_upload(uow, row.ref, reason="확인")
    with unit_of_work(seoul, SYSTEM) as uow:
        logged = uow.session.scalars(select(AccessLog)).all()
    assert [(r.what, r.subject, r.subject_id, r.reason) for r in logged] == [
        ("upload.evidence", "child", 1, "확인")
    ]


@pytest.fixture
def centre_id(db: Database, seoul: TenantRef) -> int:
    with unit_of_work(seoul, SYSTEM) as uow:
        return make_centre(uow).id


@pytest.mark.rule("GC-25")
@pytest.mark.rule("KB-20")
@pytest.mark.parametrize(
    ("today", "late"), [(date(2026, 11, 9), False), (date(2026, 11, 10), False), (date(2026, 11, 11), True)]
)
def test_an_original_is_late_after_the_seventh_day(
    seoul: TenantRef, centre_id: int, today: date, late: bool
) -> None:
    teacher = Actor(Role.CARE_TEACHER, user_id=1, scope=centre_id)
    with time_machine.travel(kst(date(2026, 11, 3), 10 * 60), tick=False):
        store(seoul, "스캔.pdf", PDF, teacher, on_paper=True)
        store(seoul, "온라인.pdf", PDF, teacher)
    with time_machine.travel(kst(today, 9 * 60), tick=False), unit_of_work(seoul, teacher) as uow:
        kept = originals_to_return(uow, centre_id)
        assert [(row.name, row.late) for row in kept] == [("스캔.pdf", late)]
        assert bool(originals_to_return(uow, centre_id, only_late=True)) is late


@pytest.mark.rule("GC-25")
def test_a_returned_original_leaves_the_list_once(seoul: TenantRef, centre_id: int) -> None:
    teacher = Actor(Role.CARE_TEACHER, user_id=1, scope=centre_id)
    row = store(seoul, "스캔.pdf", PDF, teacher, on_paper=True)
    online = store(seoul, "온라인.pdf", PDF, teacher)
    with unit_of_work(seoul, teacher) as uow:
        assert return_original(uow, row.ref).original_returned_at == uow.now
        assert originals_to_return(uow, centre_id) == []
        for ref, code in ((row.ref, "upload.returned_already"), (online.ref, "upload.not_on_paper")):
            with pytest.raises(RuleBroken, match=code):
                return_original(uow, ref)


def test_another_centre_neither_lists_nor_returns_originals(seoul: TenantRef, centre_id: int) -> None:
    row = store(seoul, "스캔.pdf", PDF, Actor(Role.CARE_TEACHER, scope=centre_id), on_paper=True)
    with unit_of_work(seoul, Actor(Role.CARE_TEACHER, user_id=2, scope=centre_id + 1000)) as uow:
        with pytest.raises(NotFound):
            originals_to_return(uow, centre_id)
        with pytest.raises(NotFound):
            return_original(uow, row.ref)
