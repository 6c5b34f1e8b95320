"""Thrown-away drafts and the numbers of ended links go after ten days, each at its hour and not before (XX-10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from app.documents import jobs
from app.documents.models import Paper, Signature, SignLink, Upload
from app.documents.parameters import SIGN_LINK_DAYS, UNNEEDED_DAYS
from app.documents.queries import paper_by_ref
from app.documents.service import links
from app.documents.service.drafts import drop_draft
from app.documents.service.issuing import void_paper
from app.documents.service.signing import Scan, scan_paper, sign_paper
from app.kernel.actor import SYSTEM, Actor
from app.kernel.audit import AuditLog
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.files import files
from app.kernel.ranges import kst
from tests.documents.test_uploads import PDF
from tests.documents.to_sign import DRAWN, FIELD, PARENT, prepared

START = kst(date(2026, 11, 20), 600)
KEPT = timedelta(days=UNNEEDED_DAYS.default)
REGISTER = "kium-vehicle-log"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(START, tick=False) as moved:
        yield moved


def at(clock: time_machine.Coordinates, moment: datetime) -> datetime:
    clock.move_to(moment)
    return moment


def dropped(place: TenantRef, teacher: Actor) -> Paper:
    """A thrown-away register of whose first row is signed by hand and whose second row was scanned."""
    paper = prepared(place, teacher, REGISTER, draft=True, guardian_id=None)
    with unit_of_work(place, teacher) as uow:
        sign_paper(uow, paper.ref, "drives.0.signature", signer="이선생", strokes=DRAWN)
        scan_paper(uow, paper.ref, {"drives.1.signature": "박운전"}, Scan("a.pdf", PDF))
        drop_draft(uow, paper.ref)
    return paper


@pytest.mark.rule("XX-10")
@pytest.mark.parametrize(("early", "gone"), [(1, False), (0, False), (-1, True)])
def test_a_dropped_draft_is_emptied_after_its_days(
    seoul: TenantRef, teacher: Actor, clock: time_machine.Coordinates, early: int, gone: bool
) -> None:
    paper = dropped(seoul, teacher)
    alive = prepared(seoul, teacher, draft=True)
    with unit_of_work(seoul, teacher) as uow:
        scan = uow.session.scalars(select(Upload.sha256)).one()
    jobs.forget_drafts(seoul, at(clock, START + KEPT - timedelta(seconds=early)))
    jobs.forget_drafts(seoul, START)  # once more: nothing happens twice
    with unit_of_work(seoul, SYSTEM) as uow:
        row = uow.session.get_one(Paper, paper.id)
        left = uow.session.execute(select(func.count(Signature.id)).where(Signature.paper_id == paper.id))
        assert (row.state, row.data == {}, left.scalar_one()) == ("DROPPED", gone, 0 if gone else 2)
        assert uow.session.get_one(Paper, alive.id).data
        upload = uow.session.scalars(select(Upload)).one()
        assert (upload.purged_at is not None) is gone
        told = uow.session.scalars(select(AuditLog).where(AuditLog.action == "paper.forgotten")).all()
        assert [entry.diff for entry in told] == ([{"papers": [None, [paper.id]]}] if gone else [])
    assert (scan in files().names(seoul)) is not gone


def test_a_scan_that_another_row_needs_stays(
    seoul: TenantRef, teacher: Actor, clock: time_machine.Coordinates
) -> None:
    dropped(seoul, teacher)
    consent = prepared(seoul, teacher)
    with unit_of_work(seoul, teacher) as uow:
        scan_paper(uow, consent.ref, {FIELD: "한지원"}, Scan("b.pdf", PDF))
    jobs.forget_drafts(seoul, at(clock, START + KEPT + timedelta(seconds=1)))
    with unit_of_work(seoul, SYSTEM) as uow:
        kept = uow.session.scalars(select(Upload).where(Upload.purged_at.is_(None))).one()
        assert kept.owner_id == consent.id
        assert kept.sha256 in files().names(seoul)


def test_more_than_one_batch(
    seoul: TenantRef, teacher: Actor, clock: time_machine.Coordinates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.documents.service.forgetting.AT_ONCE", 2)
    monkeypatch.setattr("app.documents.jobs.AT_ONCE", 2)
    refs = [prepared(seoul, teacher, draft=True).ref for _ in range(5)]
    with unit_of_work(seoul, teacher) as uow:
        for ref in refs:
            drop_draft(uow, ref)
    jobs.forget_drafts(seoul, at(clock, START + KEPT + timedelta(seconds=1)))
    with unit_of_work(seoul, teacher) as uow:
        assert [paper_by_ref(uow, ref).data for ref in refs] == [{}] * 5


def invite(place: TenantRef, teacher: Actor, paper: Paper) -> int:
    with unit_of_work(place, teacher) as uow:
        return links.invite_signer(
            uow, paper.ref, FIELD, signer="한지원", phone="010-5555-6666", address=lambda token: token
        ).id


@pytest.mark.rule("XX-10")
@pytest.mark.parametrize("how", ["EXPIRED", "WITHDRAWN", "OVERTAKEN", "VOID"])
def test_an_ended_link_forgets_its_phone(
    seoul: TenantRef, teacher: Actor, clock: time_machine.Coordinates, how: str
) -> None:
    paper = prepared(seoul, teacher)
    link_id, ended = invite(seoul, teacher, paper), START
    with unit_of_work(seoul, teacher) as uow:
        if how == "WITHDRAWN":
            links.withdraw_link(uow, uow.session.get_one(SignLink, link_id).ref)
        if how == "VOID":
            void_paper(uow, paper.ref, "잘못 만듦")
    if how == "OVERTAKEN":
        with unit_of_work(seoul, PARENT) as uow:
            sign_paper(uow, paper.ref, FIELD, signer="한지원", strokes=DRAWN)
    if how in ("EXPIRED", "VOID"):  # the clock ends them, nobody writes it down
        ended += timedelta(days=SIGN_LINK_DAYS.default)
    for seconds, phone in ((0, "01055556666"), (1, "")):
        jobs.forget_phones(seoul, at(clock, ended + KEPT + timedelta(seconds=seconds)))
        with unit_of_work(seoul, SYSTEM) as uow:
            link = uow.session.get_one(SignLink, link_id)
            assert link.phone == phone
            assert bool(link.signer) is bool(phone)
            assert not link.in_person
            if not phone:
                assert link.ended_as == (how if how != "VOID" else "EXPIRED")


def test_a_signed_link_keeps_its_phone_and_an_open_one_too(
    seoul: TenantRef, teacher: Actor, clock: time_machine.Coordinates
) -> None:
    signed = invite(seoul, teacher, prepared(seoul, teacher))
    with unit_of_work(seoul, SYSTEM) as uow:
        link = uow.session.get_one(SignLink, signed)
        link.ended_at, link.ended_as = uow.now, "SIGNED"
    later = at(clock, START + KEPT + timedelta(days=30))
    opened = invite(seoul, teacher, prepared(seoul, teacher))
    jobs.forget_phones(seoul, later)
    with unit_of_work(seoul, SYSTEM) as uow:
        phones = [uow.session.get_one(SignLink, number).phone for number in (signed, opened)]
        assert phones == ["01055556666", "01055556666"]
