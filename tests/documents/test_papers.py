"""The life of a paper: filled, frozen, signed, issued, printed, void."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.documents.catalogue import load
from app.documents.models import Paper, Signature, TextVersion, Upload
from app.documents.queries import paper_by_ref, papers_in_reach, papers_waiting
from app.documents.rules import PaperState, read_strokes
from app.documents.service.issuing import void_paper
from app.documents.service.preparing import complete_paper, prepare_paper
from app.documents.service.signing import Scan, scan_paper, sign_paper
from app.documents.wording import publish_text, texts_of
from app.documents.work import WORK
from app.documents.work_paper import render_paper
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.audit import AuditLog
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.errors import Forbidden, NotFound, RuleBroken, StaleVersion
from app.kernel.files import files
from app.kernel.ranges import kst
from app.kernel.work import Work, claim
from tests.documents.papers import sample
from tests.documents.test_uploads import PDF
from tests.documents.to_sign import DRAWN, FIELD, PARENT, PRIVACY, prepared

STRANGER = Actor(Role.GUARDIAN, user_id=12, guardian_id=8)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(kst(date(2026, 11, 20), 600), tick=False):
        yield


def signed(place: TenantRef, teacher: Actor) -> Paper:
    paper = prepared(place, teacher)
    with unit_of_work(place, PARENT) as uow:
        return sign_paper(uow, paper.ref, FIELD, signer="한지원", strokes=DRAWN)


def work_off(place: TenantRef) -> list[tuple[str, dict[str, Any]]]:
    """What the worker does, in this process: claim, run, next. Returns kinds with their results."""
    kinds = {kind.name: kind for kind in WORK}
    done = []
    while True:
        with unit_of_work(place, SYSTEM) as uow:
            row = claim(uow)
        if row is None:
            return done
        done.append((row.kind, kinds[row.kind].run(place, row.id, row.payload)))
        with unit_of_work(place, SYSTEM) as uow:
            uow.session.delete(uow.session.get_one(Work, row.id))


@pytest.mark.rule("GC-24")
def test_a_form_without_signature_is_issued_at_once_one_with_waits(seoul: TenantRef, teacher: Actor) -> None:
    waiting = prepared(seoul, teacher)
    assert (waiting.state, waiting.number) == (PaperState.TO_SIGN, None)
    listed = prepared(seoul, teacher, "kium-waiting-list", guardian_id=None, child_id=None)
    assert (listed.state, listed.number) == (PaperState.ISSUED, "D2026-000001")
    again = prepared(seoul, teacher, "kium-decision-notice")
    assert (again.state, again.number) == (PaperState.ISSUED, "D2026-000002")


@pytest.mark.rule("GC-24")
def test_a_drawn_signature_stands_on_the_frozen_data(seoul: TenantRef, teacher: Actor) -> None:
    paper = signed(seoul, teacher)
    assert (paper.state, paper.number) == (PaperState.ISSUED, "D2026-000001")
    with unit_of_work(seoul, PARENT) as uow:
        row = uow.session.scalars(select(Signature)).one()
        assert (row.method, row.signer, row.user_id, row.ip) == ("DRAWN", "한지원", 11, "203.0.113.9")
        assert row.data_sha256 == paper.data_sha256
        assert row.form_version == load(PRIVACY).version
        assert row.strokes == read_strokes(DRAWN)
        assert paper.texts == dict.fromkeys(load(PRIVACY).texts, 1)
        actions = uow.session.scalars(
            select(AuditLog.action).where(AuditLog.entity == "paper").order_by(AuditLog.id)
        ).all()
        assert actions == ["paper.prepared", "paper.frozen", "paper.signed", "paper.issued"]


@pytest.mark.rule("GC-24")
def test_a_typed_name_does_without_javascript(seoul: TenantRef, teacher: Actor) -> None:
    paper = prepared(seoul, teacher)
    with unit_of_work(seoul, PARENT) as uow:
        assert sign_paper(uow, paper.ref, FIELD, signer="", typed=" 한 지원 ").state == PaperState.ISSUED
        row = uow.session.scalars(select(Signature)).one()
        assert (row.method, row.signer, row.strokes) == ("TYPED", "한 지원", None)


@pytest.mark.rule("GC-24")
@pytest.mark.rule("KB-20")
def test_staff_scan_a_sheet_that_was_signed_by_hand(seoul: TenantRef, teacher: Actor) -> None:
    paper = prepared(seoul, teacher)
    with unit_of_work(seoul, teacher) as uow:
        done = scan_paper(uow, paper.ref, {FIELD: "한지원"}, Scan("동의서.pdf", PDF))
        row = uow.session.scalars(select(Signature)).one()
        upload = uow.session.get_one(Upload, row.upload_id)
        assert (done.state, row.method) == (PaperState.ISSUED, "SCAN")
        assert (upload.on_paper, upload.institution_id) == (True, teacher.scope)
    with unit_of_work(seoul, PARENT) as uow, pytest.raises(Forbidden):
        scan_paper(uow, paper.ref, {FIELD: "한지원"}, Scan("동의서.pdf", PDF))


@pytest.mark.rule("GC-24")
def test_staff_cannot_sign_in_the_guardians_place_nor_the_guardian_in_theirs(
    seoul: TenantRef, teacher: Actor
) -> None:
    paper = prepared(seoul, teacher)
    with unit_of_work(seoul, teacher) as uow, pytest.raises(RuleBroken, match="not_the_signer"):
        sign_paper(uow, paper.ref, FIELD, signer="이선생", strokes=DRAWN)
    card = prepared(seoul, teacher, "kium-child-card")
    with unit_of_work(seoul, PARENT) as uow:
        with pytest.raises(RuleBroken, match="not_the_signer"):
            sign_paper(uow, card.ref, "staff_signature", signer="한지원", strokes=DRAWN)
        with pytest.raises(RuleBroken, match="no_such_place"):
            sign_paper(uow, card.ref, FIELD, signer="한지원", strokes=DRAWN)
    with unit_of_work(seoul, teacher) as uow:
        assert sign_paper(uow, card.ref, "staff_signature", signer="이선생", typed="이선생").state == "ISSUED"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, "nothing_signed"),
        ([], "nothing_signed"),
        ([[[5, 5]]], "only_a_dot"),
        ([[[5, 5], [6, 6]]], "only_a_dot"),
        ([[]], "only_a_dot"),
        ([[["x", 1], [2, 3]]], "bad_strokes"),
        ([[[1, 2, 3], [4, 5, 6]]], "bad_strokes"),
        ([[[True, 1], [100, 100]]], "bad_strokes"),
        ([[[float("nan"), 1], [100, 100]]], "bad_strokes"),
        ([[[float("inf"), 1], [100, 100]]], "bad_strokes"),
        ([[[10**9, 1], [100, 100]]], "bad_strokes"),
        ([[[1, -(10**6)], [100, 100]]], "bad_strokes"),
        ({"svg": "<script>"}, "bad_strokes"),
        ("<svg onload=alert(1)>", "bad_strokes"),
        ([[[n % 600, n % 300] for n in range(5001)]], "bad_strokes"),
        ([[[1, 1], [9, 9]]] * 301, "bad_strokes"),
        (json.loads("[" * 50 + "1" + "]" * 50), "bad_strokes"),
    ],
)
def test_what_is_no_signature_is_refused(seoul: TenantRef, teacher: Actor, raw: Any, code: str) -> None:
    paper = prepared(seoul, teacher)
    with unit_of_work(seoul, PARENT) as uow:
        with pytest.raises(RuleBroken, match=code):
            sign_paper(uow, paper.ref, FIELD, signer="한지원", strokes=raw)
        assert paper_by_ref(uow, paper.ref).state == PaperState.TO_SIGN


@pytest.mark.parametrize("height", [100, 160, 240, 400])
def test_strokes_of_any_screen_fit_the_stored_box(height: int) -> None:
    lines = read_strokes([[[0, 0], [600, height], [-20, height + 20]]])
    assert isinstance(lines, list)
    xs, ys = zip(*(point for line in lines for point in line), strict=True)
    assert 0 <= min(xs) <= max(xs) <= 400
    assert 0 <= min(ys) <= max(ys) <= 160


@pytest.mark.parametrize(
    ("signer", "code"),
    [
        ("", "signer_missing"),
        ("😀", "signer_missing"),
        ("가" * 41, "signer_bad"),
        ("한\u202e지원", "signer_bad"),
    ],
)
def test_a_signature_names_its_signer(seoul: TenantRef, teacher: Actor, signer: str, code: str) -> None:
    paper = prepared(seoul, teacher)
    with unit_of_work(seoul, PARENT) as uow, pytest.raises(RuleBroken, match=code):
        sign_paper(uow, paper.ref, FIELD, signer=signer, strokes=DRAWN)


def test_nobody_signs_twice_or_on_another_page_than_was_read(seoul: TenantRef, teacher: Actor) -> None:
    paper = prepared(seoul, teacher)
    with unit_of_work(seoul, PARENT) as uow:
        with pytest.raises(StaleVersion):
            sign_paper(uow, paper.ref, FIELD, signer="한지원", strokes=DRAWN, seen="0" * 64)
        sign_paper(uow, paper.ref, FIELD, signer="한지원", strokes=DRAWN, seen=paper.data_sha256)
        with pytest.raises(RuleBroken, match="signed_already"):
            sign_paper(uow, paper.ref, FIELD, signer="한지원", strokes=DRAWN)


@pytest.mark.rule("XX-05")
def test_only_the_family_and_the_centre_see_a_paper(seoul: TenantRef, teacher: Actor) -> None:
    paper = prepared(seoul, teacher)
    elsewhere = replace(teacher, scope=(teacher.scope or 0) + 500)
    officer = Actor(Role.DISTRICT_OFFICER, user_id=5, scope=1)
    for actor in (PARENT, teacher, SYSTEM):
        with unit_of_work(seoul, actor) as uow:
            assert [row.ref for row in papers_waiting(uow)] == [paper.ref]
    for actor in (STRANGER, elsewhere, officer, Actor(Role.GUARDIAN, user_id=3)):
        with unit_of_work(seoul, actor) as uow:
            assert papers_in_reach(uow) == []
            with pytest.raises(NotFound):
                paper_by_ref(uow, paper.ref)
    for actor in (STRANGER, elsewhere, officer):
        with unit_of_work(seoul, actor) as uow, pytest.raises(NotFound):
            sign_paper(uow, paper.ref, FIELD, signer="남모르", strokes=DRAWN)


@pytest.mark.rule("GC-21")
def test_another_municipality_knows_neither_the_paper_nor_its_number(
    seoul: TenantRef, gwacheon: TenantRef, teacher: Actor
) -> None:
    paper = signed(seoul, teacher)
    with unit_of_work(gwacheon, PARENT) as uow:
        assert papers_in_reach(uow) == []
        with pytest.raises(NotFound):
            paper_by_ref(uow, paper.ref)
    with unit_of_work(gwacheon, SYSTEM) as uow:
        other = prepare_paper(
            uow, "kium-waiting-list", sample(load("kium-waiting-list")), subject="centre", subject_id=None
        )
        assert other.number == "D2026-000001"


def test_wrong_and_missing_data_are_named_by_their_field(seoul: TenantRef, teacher: Actor) -> None:
    data = {**sample(load(PRIVACY)), "child_birth_date": "봄", "phone": "1", "nonsense": "x"}
    with pytest.raises(RuleBroken) as refused:
        prepared(seoul, teacher, data=data)
    assert {p.field for p in refused.value.problems} == {"child_birth_date", "phone", "nonsense"}
    with pytest.raises(RuleBroken) as refused:
        prepared(seoul, teacher, data={})
    assert "아동 성명: 꼭 적어 주세요." in [p.sentence for p in refused.value.problems]


def test_a_draft_waits_for_what_the_family_fills_in(seoul: TenantRef, teacher: Actor) -> None:
    data = sample(load(PRIVACY))
    paper = prepared(seoul, teacher, data={"child_name": data["child_name"]}, draft=True)
    assert paper.state == PaperState.DRAFT
    with unit_of_work(seoul, STRANGER) as uow, pytest.raises(NotFound):
        complete_paper(uow, paper.ref, data, version=1)
    with unit_of_work(seoul, PARENT) as uow:
        with pytest.raises(RuleBroken, match="not_finished"):
            sign_paper(uow, paper.ref, FIELD, signer="한지원", strokes=DRAWN)
        with pytest.raises(RuleBroken, match="bad_data"):
            complete_paper(uow, paper.ref, {}, version=1)
    with unit_of_work(seoul, PARENT) as uow:
        done = complete_paper(uow, paper.ref, data, version=1)
        assert (done.state, done.version) == (PaperState.TO_SIGN, 2)
        with pytest.raises(StaleVersion):
            complete_paper(uow, paper.ref, data, version=1)
        with pytest.raises(RuleBroken, match="wrong_step"):
            complete_paper(uow, paper.ref, data, version=2)


@pytest.mark.rule("XX-01")
def test_a_paper_keeps_the_wording_that_was_shown(seoul: TenantRef, teacher: Actor) -> None:
    paper = prepared(seoul, teacher)
    with unit_of_work(seoul, Actor(Role.SEOUL_ADMIN, user_id=1)) as uow:
        publish_text(uow, f"{PRIVACY}.intro", "우리 시의 공식 문구입니다.", uow.today)
    with unit_of_work(seoul, PARENT) as uow:
        assert texts_of(uow, PRIVACY)["intro"].version == 2
        sign_paper(uow, paper.ref, FIELD, signer="한지원", typed="한지원")
        assert paper_by_ref(uow, paper.ref).texts["intro"] == 1
    newer = prepared(seoul, teacher)
    assert newer.texts["intro"] == 2
    assert newer.data_sha256 != paper.data_sha256
    with unit_of_work(seoul, SYSTEM) as uow:
        kept = uow.session.scalars(select(TextVersion).where(TextVersion.kind == f"{PRIVACY}.intro")).all()
        assert sorted(row.version for row in kept) == [1, 2]


def test_void_needs_a_reason_and_ends_the_paper(seoul: TenantRef, teacher: Actor) -> None:
    paper = signed(seoul, teacher)
    with unit_of_work(seoul, PARENT) as uow, pytest.raises(Forbidden):
        void_paper(uow, paper.ref, "마음이 바뀌어서")
    with unit_of_work(seoul, teacher) as uow:
        with pytest.raises(RuleBroken, match="reason_missing"):
            void_paper(uow, paper.ref, "  ")
        assert void_paper(uow, paper.ref, "다른 아이의 서류").state == PaperState.VOID
        with pytest.raises(RuleBroken, match="wrong_step"):
            void_paper(uow, paper.ref, "또")


def test_an_issued_paper_is_rendered_once(seoul: TenantRef, teacher: Actor) -> None:
    paper = signed(seoul, teacher)
    [(kind, result)] = work_off(seoul)
    assert kind == "paper.render"
    with unit_of_work(seoul, PARENT) as uow:
        assert paper_by_ref(uow, paper.ref).pdf_sha256 == result["file"]
    content = files().read(seoul, result["file"])
    assert content.startswith(b"%PDF-")
    run = render_paper(seoul, 0, {"paper": paper.id})
    assert run == {"file": result["file"]}
