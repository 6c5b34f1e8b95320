from __future__ import annotations

from datetime import date

import pytest
import time_machine
from sqlalchemy import select

from app.centres.models import DistrictRule
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.audit import AccessLog, AuditLog
from app.kernel.db import UnitOfWork
from app.kernel.errors import Forbidden, NotFound, RuleBroken, StaleVersion
from app.kernel.ranges import kst
from app.messaging.models import Message
from app.people.jobs import JOBS
from app.people.models import Evidence
from app.people.queries import child_for
from app.people.rules import EvidenceState
from app.people.service import (
    evidence_of,
    evidence_to_verify,
    keep_evidence,
    know_child,
    open_evidence,
    reject_evidence,
    verify_evidence,
)
from app.people.service.evidence import Handed
from app.tenancy.models import Institution
from tests.documents.test_uploads import PDF, PNG
from tests.people.folk import Folk

JOB = Handed("재직증명서.pdf", PDF)


def keep(uow: UnitOfWork, child: str, ground: str, paper: str, handed: Handed) -> Evidence:
    """As the door above does once a booking needs the paper (tests/booking/test_evidence.py)."""
    return keep_evidence(uow, child_for(uow, child), ground, paper, handed)


def handed_in(folk: Folk) -> tuple[str, str]:
    """A child known to the centre and the ref of its paper."""
    child = folk.own_child()
    with folk.acting(SYSTEM) as uow:
        know_child(uow, folk.child_id(child), folk.centre_id)
    with folk.acting(folk.parent) as uow:
        return child, keep(uow, child, "dual_income", "employment_certificate", JOB).ref


@pytest.mark.rule("KB-39")
def test_a_ground_counts_only_once_staff_have_verified_its_paper(folk: Folk) -> None:
    child, ref = handed_in(folk)
    with folk.acting(folk.teacher) as uow:
        assert [row.ref for row in evidence_to_verify(uow)] == [ref]
        assert [row.state for row in evidence_of(uow, child)] == [EvidenceState.UPLOADED]
        row = verify_evidence(uow, ref, version=1)
        assert (row.decided_by, row.decided_at) == (901, uow.now)
        assert [row.state for row in evidence_of(uow, child)] == [EvidenceState.VERIFIED]
        assert evidence_to_verify(uow) == []


@pytest.mark.rule("KB-39")
@pytest.mark.parametrize(
    ("today", "expired"), [(date(2026, 12, 31), 0), (date(2027, 1, 1), 1), (date(2027, 6, 1), 1)]
)
def test_a_paper_counts_in_its_calendar_year(folk: Folk, today: date, expired: int) -> None:
    child, ref = handed_in(folk)
    with folk.acting(folk.teacher) as uow:
        verify_evidence(uow, ref, version=1)
    with time_machine.travel(kst(today, 120), tick=False):
        for _ in range(2):
            JOBS[0].run(folk.place, kst(today, 120))
        with folk.acting(folk.teacher) as uow:
            state = EvidenceState.EXPIRED if expired else EvidenceState.VERIFIED
            assert [(row.state, row.year) for row in evidence_of(uow, child)] == [(state, 2026)]
            ended = uow.session.scalars(select(AuditLog).where(AuditLog.action == "evidence.expired")).all()
            assert len(ended) == expired


def test_a_refusal_needs_a_reason_and_the_family_hears_it(folk: Folk) -> None:
    child, ref = handed_in(folk)
    with folk.acting(folk.director) as uow:
        with pytest.raises(RuleBroken, match="reason_missing"):
            reject_evidence(uow, ref, version=1, reason=" ")
        reject_evidence(uow, ref, version=1, reason="발급일이 지났어요")
        message = uow.session.scalars(select(Message)).one()
        assert message.to == "01011112222"
        assert "발급일이 지났어요" in message.body
        with pytest.raises(RuleBroken, match="decided_already"):
            verify_evidence(uow, ref, version=2)
    with folk.acting(folk.parent) as uow:
        assert [(r.state.label, r.decision_reason) for r in evidence_of(uow, child)] == [
            ("반려", "발급일이 지났어요")
        ]


def test_an_old_page_does_not_decide(folk: Folk) -> None:
    _, ref = handed_in(folk)
    with folk.acting(folk.teacher) as uow, pytest.raises(StaleVersion):
        verify_evidence(uow, ref, version=0)


@pytest.mark.rule("KB-39")
def test_nobody_verifies_the_own_familys_paper(folk: Folk) -> None:
    _, ref = handed_in(folk)
    both = Actor(Role.CARE_TEACHER, user_id=folk.parent.user_id, scope=folk.centre_id)
    with folk.acting(both) as uow, pytest.raises(RuleBroken, match="own_case"):
        verify_evidence(uow, ref, version=1)


@pytest.mark.rule("XX-05")
def test_only_the_childs_family_and_centre_open_the_file_and_it_is_logged(folk: Folk) -> None:
    child, ref = handed_in(folk)
    for actor in (folk.parent, folk.teacher):
        with folk.acting(actor) as uow:
            assert open_evidence(uow, ref)[1] == PDF
    for actor in (folk.stranger, folk.colleague):
        with folk.acting(actor) as uow:
            with pytest.raises(NotFound):
                open_evidence(uow, ref)
            with pytest.raises(NotFound):
                evidence_of(uow, child)
    with folk.acting(folk.colleague) as uow:
        assert evidence_to_verify(uow) == []
        with pytest.raises(NotFound):
            verify_evidence(uow, ref, version=1)
    with folk.acting(folk.officer) as uow, pytest.raises(Forbidden):
        evidence_to_verify(uow)
    with folk.acting(SYSTEM) as uow:
        assert (
            len(uow.session.scalars(select(AccessLog).where(AccessLog.what == "upload.evidence")).all()) == 2
        )


@pytest.mark.rule("KB-17")
@pytest.mark.parametrize(
    ("ground", "paper", "code"),
    [
        ("dual_income", "employment_certificate", None),
        ("multi_child_or_care", "multi_child", None),
        ("multi_child_or_care", "disability_or_illness", None),
        ("dual_income", "multi_child", "paper_not_accepted"),
        ("low_grade", "employment_certificate", "ground_unknown"),
        ("", "", "ground_unknown"),
        ("<b>", "employment_certificate", "ground_unknown"),
    ],
)
def test_each_ground_has_its_papers(folk: Folk, ground: str, paper: str, code: str | None) -> None:
    child = folk.own_child()
    with folk.acting(folk.parent) as uow:
        if code is None:
            keep(uow, child, ground, paper, JOB)
        else:
            with pytest.raises(RuleBroken, match=code):
                keep(uow, child, ground, paper, JOB)


@pytest.mark.rule("KB-40")
def test_the_districts_own_list_of_papers_decides(folk: Folk) -> None:
    child = folk.walk_in_child()
    with folk.acting(SYSTEM) as uow:
        district_id = uow.session.get_one(Institution, folk.centre_id).parent_id
        uow.session.add(
            DistrictRule(
                district_id=district_id,
                ground="dual_income",
                papers=["건강보험 자격득실"],
                created_at=uow.now,
            )
        )
    with folk.acting(folk.teacher) as uow:
        keep(uow, child, "dual_income", "건강보험 자격득실", JOB)
        with pytest.raises(RuleBroken, match="paper_not_accepted"):
            keep(uow, child, "dual_income", "employment_certificate", JOB)


@pytest.mark.rule("KB-20")
def test_a_scan_by_staff_owes_the_original_a_parents_upload_does_not(folk: Folk) -> None:
    child = folk.walk_in_child()
    scanned = Handed("스캔.png", PNG, on_paper=True)
    with folk.acting(folk.teacher) as uow:
        keep(uow, child, "dual_income", "employment_certificate", scanned)
        assert [row.on_paper for row in evidence_of(uow, child)] == [True]
    mine = folk.own_child()
    with folk.acting(folk.parent) as uow:
        keep(uow, mine, "dual_income", "employment_certificate", scanned)
        assert [row.on_paper for row in evidence_of(uow, mine)] == [False]


def test_a_wrong_file_writes_nothing(folk: Folk) -> None:
    child = folk.own_child()
    with folk.acting(folk.parent) as uow, pytest.raises(RuleBroken, match=r"upload\."):
        keep(uow, child, "dual_income", "employment_certificate", Handed("a.exe", b"MZ"))
    with folk.acting(SYSTEM) as uow:
        assert not uow.session.scalars(select(Evidence)).all()
