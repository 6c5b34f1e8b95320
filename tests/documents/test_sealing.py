"""The seal on an issued PDF: sound for pyHanko and for poppler, broken by any change; who waits for a key."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import time_machine
import zxingcpp
from cryptography.exceptions import InvalidTag
from PIL import Image
from sqlalchemy import select

from app.documents import certificates, conformity, sealing
from app.documents.catalogue import load
from app.documents.keys import all_keys, create_test_key, key_to_seal_with, revoke_key, seal_troubles
from app.documents.models import Paper
from app.documents.service.issuing import void_paper
from app.documents.service.preparing import prepare_paper
from app.documents.sheets import sheet_of
from app.documents.work_paper import render_paper, store_pdf
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.audit import AuditLog
from app.kernel.config import ROOT as CHECKOUT
from app.kernel.crypto import keys
from app.kernel.db import Database, TenantRef, unit_of_work
from app.kernel.files import files
from app.kernel.ranges import KST, kst
from app.kernel.work import RetryLater, Work
from tests.cast import make_centre
from tests.conftest import SEOUL, UrlOf, settings_for
from tests.documents.municipal import AUTHORITY, ROOT, give_key, work_off
from tests.documents.papers import poppler, sample
from tests.live import opened

LIST = "kium-waiting-list"
"""Nobody has to sign it, so it is issued at once."""
NOW = kst(date(2026, 11, 20), 600)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def teacher(seoul: TenantRef) -> Actor:
    with unit_of_work(seoul, SYSTEM) as uow:
        centre = make_centre(uow)
    return Actor(Role.CENTRE_DIRECTOR, user_id=21, name="이센터", scope=centre.id)


def issue(place: TenantRef, who: Actor = SYSTEM, form_id: str = LIST) -> Paper:
    with unit_of_work(place, who) as uow:
        return prepare_paper(
            uow, form_id, sample(load(form_id)), subject="centre", subject_id=None, institution_id=who.scope
        )


def again(place: TenantRef, paper: Paper) -> Paper:
    with unit_of_work(place, SYSTEM) as uow:
        return uow.session.get_one(Paper, paper.id, populate_existing=True)


def pdf_of(place: TenantRef, paper: Paper) -> bytes:
    row = again(place, paper)
    assert row.pdf_sha256 is not None
    return files().read(place, row.pdf_sha256)


def test_an_issued_paper_is_sealed_once_by_the_municipality(
    seoul: TenantRef, teacher: Actor, tmp_path: Path
) -> None:
    key = give_key(seoul)
    paper = issue(seoul, teacher)
    [first] = work_off(seoul)
    row, pdf = again(seoul, paper), pdf_of(seoul, paper)
    assert (row.key_id, row.sealed_at) == (key.id, NOW)
    report = sealing.examine(pdf, [ROOT])
    assert report is not None
    assert report.sound
    assert (report.subject, report.fingerprint, report.at) == (
        "서울특별시 전자직인(시연용)",
        key.fingerprint,
        NOW,
    )
    said = poppler("pdfsig", pdf, tmp_path)
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert render_paper(seoul, 0, {"paper": paper.id}) == {"file": first["file"]}
    assert pdf_of(seoul, paper) == pdf


def test_the_reason_and_the_place_stand_in_the_seal_in_korean(seoul: TenantRef) -> None:
    give_key(seoul)
    paper = issue(seoul)
    work_off(seoul)
    with pikepdf.open(io.BytesIO(pdf_of(seoul, paper))) as document:
        seal = document.Root.AcroForm.Fields[0].V
        assert (str(seal.Reason), str(seal.Location)) == (sealing.REASON, "서울특별시")
        assert str(seal.SubFilter) == "/ETSI.CAdES.detached"
        assert int(document.Root.Perms.DocMDP.Reference[0].TransformParams.P) == 1


@pytest.mark.parametrize("place", [0.1, 0.4, 0.8])
def test_one_changed_byte_is_detected(seoul: TenantRef, place: float, tmp_path: Path) -> None:
    give_key(seoul)
    paper = issue(seoul)
    work_off(seoul)
    pdf = bytearray(pdf_of(seoul, paper))
    start = pdf.index(b"stream", int(len(pdf) * place)) + 40
    pdf[start] ^= 1
    report = sealing.examine(bytes(pdf), [ROOT])
    assert report is None or not report.intact
    path = tmp_path / "changed.pdf"
    path.write_bytes(bytes(pdf))
    done = subprocess.run(["pdfsig", str(path)], capture_output=True, text=True, check=False, timeout=30)
    assert "Signature is Valid" not in done.stdout


def test_what_is_added_behind_the_seal_is_detected(seoul: TenantRef) -> None:
    give_key(seoul)
    paper = issue(seoul)
    work_off(seoul)
    with pikepdf.open(io.BytesIO(pdf_of(seoul, paper))) as document:
        document.Root.Note = pikepdf.String("added")
        target = io.BytesIO()
        document.save(target)
    for changed in (pdf_of(seoul, paper) + b"\n% more", target.getvalue()):
        report = sealing.examine(changed, [ROOT])
        assert report is None or not report.sound


def test_a_seal_of_somebody_else_is_not_trusted(seoul: TenantRef) -> None:
    give_key(seoul, authority=certificates.make_authority(NOW - timedelta(days=9)))
    paper = issue(seoul)
    work_off(seoul)
    report = sealing.examine(pdf_of(seoul, paper), [ROOT])
    assert report is not None
    assert (report.intact, report.trusted) == (True, False)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n%%EOF", b"no pdf", b"\x00" * 999])
def test_what_has_no_seal_has_no_report(content: bytes) -> None:
    assert sealing.examine(content, [ROOT]) is None


def test_the_file_is_pdf_a_with_its_data_attached_once(seoul: TenantRef, tmp_path: Path) -> None:
    give_key(seoul)
    paper = issue(seoul)
    work_off(seoul)
    pdf = pdf_of(seoul, paper)
    assert conformity.faults(pdf) == []
    assert "1 embedded files" in poppler("pdfdetach", pdf, tmp_path, "-list")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert len(document.Root.AF) == 1
        attached = json.loads(next(iter(document.attachments.values())).get_file().read_bytes())
    assert attached["form"] == LIST
    assert attached["data"]["centre_name"] == sample(load(LIST))["centre_name"]


def _without(name: str) -> Any:
    def change(document: pikepdf.Pdf) -> None:
        del document.Root[name]

    return change


def _smooth(document: pikepdf.Pdf) -> None:
    document.Root.Extra = document.make_stream(b"", Interpolate=True)


def _font(document: pikepdf.Pdf) -> None:
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
            for name in item.keys() & {"/FontFile", "/FontFile2", "/FontFile3"}:
                del item[name]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_without("/OutputIntents"), "output intent"),
        (_without("/MarkInfo"), "tagged"),
        (_without("/StructTreeRoot"), "structure"),
        (_without("/Lang"), "language"),
        (_without("/Metadata"), "claims"),
        (_smooth, "smoothed"),
        (_font, "not embedded"),
    ],
)
def test_the_check_of_the_structure_finds_what_is_missing(seoul: TenantRef, change: Any, words: str) -> None:
    paper = issue(seoul)
    work_off(seoul)
    with pikepdf.open(io.BytesIO(pdf_of(seoul, paper))) as document:
        change(document)
        target = io.BytesIO()
        document.save(target)
    assert any(words in fault for fault in conformity.faults(target.getvalue()))


def test_the_qr_code_is_read_back_and_hides_its_code_behind_the_hash(
    seoul: TenantRef, tmp_path: Path
) -> None:
    paper = issue(seoul)
    work_off(seoul)
    (tmp_path / "p.pdf").write_bytes(pdf_of(seoul, paper))
    picture = tmp_path / "p"
    subprocess.run(
        ["pdftoppm", "-r", "96", "-png", "-singlefile", str(tmp_path / "p.pdf"), str(picture)],
        check=True,
        timeout=60,
    )
    [code] = zxingcpp.read_barcodes(Image.open(picture.with_suffix(".png")))
    row = again(seoul, paper)
    address, _, secret = code.text.partition("#")
    assert address == f"http://127.0.0.1:8000/seoul/verify?n={row.number}"
    assert secret.replace("-", "") == row.verify_code
    printed = poppler("pdftotext", (tmp_path / "p.pdf").read_bytes(), tmp_path, "-raw")
    assert secret in printed
    assert str(row.number) in printed


def test_a_municipality_without_a_key_issues_without_a_seal(seoul: TenantRef) -> None:
    paper = issue(seoul)
    work_off(seoul)
    row = again(seoul, paper)
    assert (row.key_id, row.sealed_at) == (None, None)
    assert sealing.examine(pdf_of(seoul, paper), [ROOT]) is None
    assert conformity.faults(pdf_of(seoul, paper)) == []
    with unit_of_work(seoul, SYSTEM) as uow:
        assert seal_troubles(uow) == {}


def test_an_expired_key_never_seals_and_papers_wait_for_the_next(seoul: TenantRef) -> None:
    old = give_key(seoul, days=1)
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        paper = issue(seoul)
        assert work_off(seoul) == []
        row = again(seoul, paper)
        assert (row.state, row.pdf_sha256, row.key_id) == ("ISSUED", None, None)
        with unit_of_work(seoul, SYSTEM) as uow:
            waiting = uow.session.scalars(select(Work).where(Work.kind == "paper.render")).one()
            assert "만료" in (waiting.error or "")
            assert waiting.next_at > uow.now
            assert "만료" in seal_troubles(uow)["room:seal"]
        new = give_key(seoul)
        assert len(work_off(seoul)) == 1
        assert again(seoul, paper).key_id == new.id != old.id
        report = sealing.examine(pdf_of(seoul, paper), [ROOT])
        assert report is not None
        assert report.sound
        with unit_of_work(seoul, SYSTEM) as uow:
            assert seal_troubles(uow) == {}


def test_papers_given_up_on_wake_with_the_next_key(seoul: TenantRef) -> None:
    give_key(seoul, days=1)
    with time_machine.travel(NOW + timedelta(days=2), tick=False) as clock:
        paper = issue(seoul)
        for _ in range(8):
            work_off(seoul)
            clock.shift(timedelta(days=1))
        with unit_of_work(seoul, SYSTEM) as uow:
            assert uow.session.scalars(select(Work.state).where(Work.kind == "paper.render")).one() == "DEAD"
        give_key(seoul)
        work_off(seoul)
        assert again(seoul, paper).pdf_sha256 is not None


def test_what_an_older_key_sealed_is_still_verified(seoul: TenantRef) -> None:
    old = give_key(seoul, days=30)
    paper = issue(seoul)
    work_off(seoul)
    new = give_key(seoul)
    with unit_of_work(seoul, SYSTEM) as uow:
        assert {row.id: row.state for row in all_keys(uow)} == {old.id: "RETIRED", new.id: "ACTIVE"}
        opened_key = key_to_seal_with(uow)
        assert opened_key is not None
        assert opened_key.id == new.id
    with time_machine.travel(NOW + timedelta(days=90), tick=False):
        report = sealing.examine(pdf_of(seoul, paper), [ROOT])
    assert report is not None
    assert report.sound
    assert report.fingerprint == old.fingerprint


def test_a_paper_voided_before_it_was_drawn_gets_no_pdf(seoul: TenantRef, teacher: Actor) -> None:
    paper = issue(seoul, teacher)
    with unit_of_work(seoul, teacher) as uow:
        void_paper(uow, paper.ref, "잘못 만듦")
    work_off(seoul)
    assert again(seoul, paper).pdf_sha256 is None


def test_a_key_revoked_while_the_paper_was_drawn_does_not_seal_it(seoul: TenantRef) -> None:
    key = give_key(seoul)
    paper = issue(seoul)
    with unit_of_work(seoul, SYSTEM) as uow:
        taken = key_to_seal_with(uow)
    with unit_of_work(seoul, SYSTEM) as uow:
        revoke_key(uow, key.ref, "유출 의심")
    with unit_of_work(seoul, SYSTEM) as uow, pytest.raises(RetryLater, match="폐지"):
        store_pdf(uow, paper.id, b"%PDF-1.7", taken)
    assert again(seoul, paper).pdf_sha256 is None


@pytest.mark.race
def test_two_workers_on_one_paper_leave_one_file(server: UrlOf, new_database: Any, tmp_path: Path) -> None:
    """The lease of a slow worker runs out and another one starts the same paper: whoever stores first has made it."""
    with (
        time_machine.travel(datetime.now(KST), tick=True),
        opened(settings_for(server, new_database(), tmp_path), 4),
    ):
        with unit_of_work(SEOUL, SYSTEM) as uow:
            create_test_key(uow, AUTHORITY, "서울특별시", uow.now - timedelta(days=1), timedelta(days=400))
        paper = issue(SEOUL)
        results: list[dict[str, Any]] = []
        gate = threading.Barrier(2)

        def work() -> None:
            gate.wait()
            results.append(render_paper(SEOUL, 0, {"paper": paper.id}))

        workers = [threading.Thread(target=work) for _ in range(2)]
        for one in workers:
            one.start()
        for one in workers:
            one.join(60)
        assert len(results) == 2
        assert results[0] == results[1]
        row = again(SEOUL, paper)
        assert row.pdf_sha256 == results[0]["file"]
        with unit_of_work(SEOUL, SYSTEM) as uow:
            drawn = uow.session.scalars(select(AuditLog).where(AuditLog.action == "paper.rendered")).all()
        assert len(drawn) == 1


def test_the_data_beside_the_print_hold_no_whole_registration_number(seoul: TenantRef) -> None:
    from app.documents.catalogue import all_forms
    from app.documents.printer import the_renderer

    form = next((f for f in all_forms() if any(x.type == "rrn" for x in f.fields)), None)
    if form is None:
        pytest.skip("no form of the catalogue asks for one yet")
    field = next(x for x in form.fields if x.type == "rrn")
    with the_renderer() as renderer:
        pdf = renderer.pdf(form.id, {**sample(form), field.name: "180304-3234567"})
    with pikepdf.open(io.BytesIO(pdf)) as document:
        attached = next(iter(document.attachments.values())).get_file().read_bytes().decode()
    assert "180304-*******" in attached
    assert "3234567" not in attached


def test_web_processes_load_neither_the_renderer_nor_the_sealing() -> None:
    code = (
        "import sys; from app import factory, house\n"
        "import importlib\n"
        "for room in house.ROOMS:\n"
        "    for module in factory.VIEW_MODULES:\n"
        "        if (factory.ROOT / 'app' / room / f'{module}.py').exists():\n"
        "            importlib.import_module(f'app.{room}.{module}')\n"
        "print(sorted({'pyhanko', 'weasyprint', 'asn1crypto'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_a_copy_to_sign_carries_neither_seal_nor_code(seoul: TenantRef, teacher: Actor) -> None:
    with unit_of_work(seoul, teacher) as uow:
        paper = prepare_paper(
            uow,
            "kium-consent-privacy",
            sample(load("kium-consent-privacy")),
            subject="child",
            subject_id=1,
            institution_id=teacher.scope,
        )
        sheet = sheet_of(uow, paper, "출력")
    assert paper.verify_code is None
    assert sheet.verify_url is None
    assert "확인" not in sheet.footer


@pytest.mark.rule("XX-08")
def test_the_private_key_lies_encrypted_and_opens_only_in_its_row(db: Database, seoul: TenantRef) -> None:
    key = give_key(seoul)
    with unit_of_work(seoul, SYSTEM) as uow:
        opened_key = key_to_seal_with(uow)
    assert opened_key is not None
    assert opened_key.private not in key.sealed_key
    with pytest.raises(InvalidTag):
        keys().decrypt_bytes(key.sealed_key, f"gwacheon|signing_key.sealed_key|{key.ref}")
