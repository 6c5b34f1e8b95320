"""Several signers in order, signatures in the rows of a register, one scan for several places."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app.documents.catalogue import load
from app.documents.models import Paper, Signature, Upload
from app.documents.reading import reading_of
from app.documents.rules.papers import PaperState
from app.documents.service.issuing import void_paper
from app.documents.service.preparing import complete_paper, prepare_paper
from app.documents.service.rows import keep_signed_rows, signed_part
from app.documents.service.signing import Scan, scan_paper, sign_paper
from app.documents.signers import signatures_recorded, signers_of
from app.kernel.actor import Actor
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.errors import RuleBroken, StaleVersion
from app.kernel.ranges import kst
from tests.documents.papers import sample
from tests.documents.test_uploads import PDF
from tests.documents.to_sign import DRAWN, PARENT, prepared

LOG = "kium-vehicle-log"
DRIVE = "drives.{}.signature"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(kst(date(2026, 11, 20), 600), tick=False):
        yield


@pytest.fixture
def log(seoul: TenantRef, teacher: Actor) -> Paper:
    return prepared(seoul, teacher, LOG, guardian_id=None, child_id=None)


def draft(place: TenantRef, actor: Actor, data: dict[str, Any]) -> Paper:
    with unit_of_work(place, actor) as uow:
        return prepare_paper(
            uow, LOG, data, subject="centre", subject_id=1, institution_id=actor.scope, draft=True
        )


def sign(place: TenantRef, actor: Actor, paper: Paper, field: str, **more: Any) -> Paper:
    with unit_of_work(place, actor) as uow:
        return sign_paper(uow, paper.ref, field, signer="이선생", strokes=DRAWN, **more)


def names_with(place: TenantRef, actor: Actor, paper: Paper, what: str) -> list[str]:
    """The places of which ``what`` holds."""
    with unit_of_work(place, actor) as uow:
        fresh = uow.session.get_one(Paper, paper.id)
        return [line.place.name for line in signers_of(uow, fresh) if getattr(line, what)]


@pytest.mark.rule("GC-24")
def test_signers_sign_in_printed_order(seoul: TenantRef, teacher: Actor, log: Paper) -> None:
    assert load(LOG).ordered
    with pytest.raises(RuleBroken, match="not_the_turn") as refused:
        sign(seoul, teacher, log, "head_signature")
    assert "담당 서명이 먼저예요" in refused.value.problems[0].sentence
    outside = [name for name in names_with(seoul, teacher, log, "mine") if "." not in name]
    assert outside == ["staff_signature"]
    assert sign(seoul, teacher, log, "staff_signature").state == PaperState.TO_SIGN
    assert sign(seoul, teacher, log, "head_signature").state == PaperState.ISSUED
    with pytest.raises(RuleBroken, match="signed_already"):
        sign(seoul, teacher, log, "drives.0.signature")


def test_a_form_without_order_takes_signatures_as_they_come(seoul: TenantRef, teacher: Actor) -> None:
    card = prepared(seoul, teacher, "kium-child-card")
    assert not load("kium-child-card").ordered
    assert sign(seoul, teacher, card, "head_signature").state == PaperState.TO_SIGN
    assert sign(seoul, teacher, card, "staff_signature").state == PaperState.ISSUED


@pytest.mark.rule("GC-24")
def test_rows_are_signed_one_by_one_while_the_register_grows(seoul: TenantRef, teacher: Actor) -> None:
    data = sample(load(LOG))
    first, second, third = data["drives"][:3]
    paper = draft(seoul, teacher, {**data, "drives": [first]})
    with pytest.raises(RuleBroken, match="not_finished"):
        sign(seoul, teacher, paper, "staff_signature")
    with pytest.raises(RuleBroken, match="no_such_place"):
        sign(seoul, teacher, paper, DRIVE.format(1))
    signed = sign(seoul, teacher, paper, DRIVE.format(0))
    assert (signed.state, signed.version) == (PaperState.DRAFT, paper.version)
    with unit_of_work(seoul, teacher) as uow:
        fresh = uow.session.get_one(Paper, paper.id)
        keep_signed_rows(uow, fresh, {**fresh.data, "drives": [*fresh.data["drives"], second]})
        for changed in ([], [{**fresh.data["drives"][0], "odo_to": 13}], [second, fresh.data["drives"][0]]):
            with pytest.raises(RuleBroken, match="signed_row") as refused:
                keep_signed_rows(uow, fresh, {**fresh.data, "drives": changed})
            assert "운행 1번째 줄" in refused.value.problems[0].sentence
    with unit_of_work(seoul, teacher) as uow, pytest.raises(RuleBroken, match="signed_row"):
        complete_paper(uow, paper.ref, {"drives": [second, third]}, version=paper.version)
    with unit_of_work(seoul, teacher) as uow:
        done = complete_paper(uow, paper.ref, {"drives": [first, second, third]}, version=paper.version)
        assert done.state == PaperState.TO_SIGN
    assert sign(seoul, teacher, paper, DRIVE.format(2)).state == PaperState.TO_SIGN
    with unit_of_work(seoul, teacher) as uow:
        recorded = signatures_recorded(uow, uow.session.get_one(Paper, paper.id))
        assert [(line.row, line.unchanged) for line in recorded] == [
            ("운행 1번째 줄", True),
            ("운행 3번째 줄", True),
        ]
        assert len({line.signature.data_sha256 for line in recorded}) == 2


def test_equal_rows_are_not_each_others_signature(seoul: TenantRef, teacher: Actor) -> None:
    data = sample(load(LOG))
    paper = draft(seoul, teacher, {**data, "drives": [data["drives"][0]] * 2})
    with unit_of_work(seoul, teacher) as uow:
        fresh = uow.session.get_one(Paper, paper.id)
        assert signed_part(fresh, DRIVE.format(0)) != signed_part(fresh, DRIVE.format(1))


def test_a_row_that_changed_since_it_was_read_is_read_again(seoul: TenantRef, teacher: Actor) -> None:
    paper = draft(seoul, teacher, sample(load(LOG)))
    with pytest.raises(StaleVersion):
        sign(seoul, teacher, paper, DRIVE.format(1), seen=signed_part(paper, DRIVE.format(0)))
    sign(seoul, teacher, paper, DRIVE.format(1), seen=signed_part(paper, DRIVE.format(1)))


@pytest.mark.rule("GC-24")
def test_a_required_signature_in_a_row_holds_the_paper_back(seoul: TenantRef, teacher: Actor) -> None:
    form = load("daycare-handover")
    data = sample(form)
    data["handovers"] = data["handovers"][:2]
    paper = prepared(seoul, teacher, form.id, data=data, guardian_id=None, child_id=None)
    assert paper.state == PaperState.TO_SIGN
    arrivals = [f"handovers.{number}.arrival_guardian_signature" for number in range(2)]
    with pytest.raises(RuleBroken, match="not_the_signer"):
        sign(seoul, teacher, paper, arrivals[0])
    with unit_of_work(seoul, teacher) as uow:
        scan_paper(uow, paper.ref, {arrivals[0]: "한지원"}, Scan("대장.pdf", PDF))
        assert uow.session.get_one(Paper, paper.id).state == PaperState.TO_SIGN
        scan_paper(uow, paper.ref, {arrivals[1]: "최보호"}, Scan("대장.pdf", PDF))
        assert uow.session.get_one(Paper, paper.id).state == PaperState.ISSUED


@pytest.mark.rule("GC-24")
def test_after_the_arrival_is_signed_the_leaving_is_still_written_into_the_row(
    seoul: TenantRef, teacher: Actor
) -> None:
    """인수인계대장: two signatures of one row, hours apart; each holds what stood there when it was given."""
    form = load("daycare-handover")
    whole = sample(form)["handovers"][0]
    table = form.field("handovers")
    covered = [column.name for column in table.signed_by("arrival_guardian_signature")]
    assert covered[-1] == "arrival_relation"
    assert "leaving_time" not in covered
    assert len(table.signed_by("leaving_guardian_signature")) == len(table.columns) - 2
    arrived = {name: whole[name] for name in [*covered, "arrival_teacher"]}
    data = {**sample(form), "handovers": [arrived]}
    paper = prepared(seoul, teacher, form.id, data=data, guardian_id=None, child_id=None, draft=True)
    place = "handovers.0.{}_guardian_signature".format
    with unit_of_work(seoul, teacher) as uow:
        scan_paper(uow, paper.ref, {place("arrival"): "한지원"}, Scan("대장.pdf", PDF))
        fresh = uow.session.get_one(Paper, paper.id)
        assert [part.lines[-1].label for part in reading_of(uow, fresh, place("arrival"))] == ["관계"]
        left = {**fresh.data, "handovers": [{**fresh.data["handovers"][0], **whole}]}
        keep_signed_rows(uow, fresh, left)
        later = {**left, "handovers": [{**left["handovers"][0], "arrival_time": "09:59"}]}
        with pytest.raises(RuleBroken, match="signed_row"):
            keep_signed_rows(uow, fresh, later)
        fresh.data = left
        uow.session.flush()
        scan_paper(uow, paper.ref, {place("leaving"): "윤태오"}, Scan("대장.pdf", PDF))
        with pytest.raises(RuleBroken, match="signed_row"):
            keep_signed_rows(uow, fresh, {**left, "handovers": [{**left["handovers"][0], "remark": "늦음"}]})


def test_an_empty_row_has_no_place_to_sign() -> None:
    form = load(LOG)
    rows = [dict.fromkeys(["date", "driver", "purpose"]), {"driver": "이선생"}]
    assert [place.name for place in form.places({"drives": rows}) if "." in place.name] == [DRIVE.format(1)]


@pytest.mark.rule("GC-24")
def test_one_sheet_of_paper_carries_several_signatures(seoul: TenantRef, teacher: Actor, log: Paper) -> None:
    both = {"head_signature": "박센터", "staff_signature": "이선생"}
    with unit_of_work(seoul, teacher) as uow:
        with pytest.raises(RuleBroken, match="not_the_turn"):
            scan_paper(uow, log.ref, {"head_signature": "박센터"}, Scan("일지.pdf", PDF))
        with pytest.raises(RuleBroken, match="nothing_chosen"):
            scan_paper(uow, log.ref, {}, Scan("일지.pdf", PDF))
        with pytest.raises(RuleBroken, match="no_such_place"):
            scan_paper(uow, log.ref, {**both, "nobody": "한지원"}, Scan("일지.pdf", PDF))
        with pytest.raises(RuleBroken, match="signer_missing") as refused:
            scan_paper(uow, log.ref, {**both, "head_signature": "😀"}, Scan("일지.pdf", PDF))
        assert refused.value.problems[0].field == "signer-head_signature"
    with unit_of_work(seoul, teacher) as uow:
        assert scan_paper(uow, log.ref, both, Scan("일지.pdf", PDF)).state == PaperState.ISSUED
        rows = uow.session.scalars(select(Signature).order_by(Signature.id)).all()
        assert [(row.field, row.signer, row.method) for row in rows] == [
            ("staff_signature", "이선생", "SCAN"),
            ("head_signature", "박센터", "SCAN"),
        ]
        assert len({row.upload_id for row in rows}) == 1
        assert len(uow.session.scalars(select(Upload)).all()) == 1


def test_a_void_paper_takes_no_signature(seoul: TenantRef, teacher: Actor) -> None:
    paper = prepared(seoul, teacher)
    with unit_of_work(seoul, teacher) as uow:
        void_paper(uow, paper.ref, "잘못 만들었어요")
    with unit_of_work(seoul, PARENT) as uow, pytest.raises(RuleBroken, match="is_void"):
        sign_paper(uow, paper.ref, "guardian_signature", signer="한지원", strokes=DRAWN)
