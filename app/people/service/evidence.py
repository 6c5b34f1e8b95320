"""Papers that prove a priority ground: handed in, looked at by staff, good for the calendar year (KB-17, KB-39)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from app.centres.models import DistrictRule
from app.documents.models import Upload
from app.documents.uploads import open_upload, store_upload
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem, RuleBroken, StaleVersion
from app.messaging.service import plan_message
from app.people.actions import READ_CHILD, VERIFY_EVIDENCE
from app.people.grounds import DEFAULT_PAPERS, ProvableGround, paper_label
from app.people.messages import EVIDENCE_REJECTED
from app.people.models import Child, Evidence
from app.people.problems import (
    DECIDED_ALREADY,
    GROUND_UNKNOWN,
    OWN_CASE,
    PAPER_NOT_ACCEPTED,
    REASON_MISSING,
    clean_line,
)
from app.people.queries import child_for, children_in_reach, guardians_of, is_own_family
from app.people.rules import EVIDENCE_STEPS, EvidenceState
from app.tenancy.models import Institution


@dataclass(frozen=True, slots=True)
class Handed:
    """A file as it arrived; ``on_paper`` when staff scanned it and the original goes back (KB-20)."""

    filename: str
    content: bytes
    on_paper: bool = False


def accepted_papers(uow: UnitOfWork, child: Child) -> Mapping[ProvableGround, tuple[str, ...]]:
    """Which papers prove which ground: the district of the child's centre decides, else the usual ones (KB-40)."""
    papers: dict[ProvableGround, tuple[str, ...]] = {
        ground: tuple(kind.value for kind in kinds) for ground, kinds in DEFAULT_PAPERS.items()
    }
    centre_id = uow.actor.scope if uow.actor.is_staff else child.home_centre_id
    centre = uow.session.get(Institution, centre_id) if centre_id else None
    if centre is not None and centre.parent_id is not None:
        rows = uow.session.execute(
            select(DistrictRule.ground, DistrictRule.papers).where(
                DistrictRule.district_id == centre.parent_id
            )
        )
        for ground, kinds in rows:
            if ground in set(ProvableGround) and kinds:
                papers[ProvableGround(ground)] = tuple(kinds)
    return papers


def keep_evidence(uow: UnitOfWork, child: Child, ground: str, paper: str, handed: Handed) -> Evidence:
    """Keep a paper for this calendar year; staff look at it before it counts.

    Who calls has asked whether a booking needs it (KB-19): ``booking.service.evidence``, the only door.
    """
    accepted = accepted_papers(uow, child).get(_ground(ground), ())
    if paper not in accepted:
        labels = ", ".join(paper_label(kind) for kind in accepted)
        raise RuleBroken(PAPER_NOT_ACCEPTED.of(papers=labels))
    upload = store_upload(
        uow,
        owner="child",
        owner_id=child.id,
        kind="evidence",
        filename=handed.filename,
        content=handed.content,
        on_paper=handed.on_paper and uow.actor.is_staff,
    )
    row = Evidence(
        child_id=child.id,
        ground=ground,
        paper=paper,
        upload_id=upload.id,
        year=uow.today.year,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(row)
    uow.session.flush()
    audit.record(uow, "evidence.added", "evidence", row.id, to_state=EvidenceState.UPLOADED)
    return row


def verify_evidence(uow: UnitOfWork, ref: str, *, version: int) -> Evidence:
    """The paper proves the ground: from now on the ground ranks (KB-39)."""
    return _decide(uow, ref, version, EvidenceState.VERIFIED, "")


def reject_evidence(uow: UnitOfWork, ref: str, *, version: int, reason: str) -> Evidence:
    """The paper does not prove it; the family is told why."""
    words = clean_line(reason, 200, "reason")
    if not words:
        raise RuleBroken(REASON_MISSING)
    row = _decide(uow, ref, version, EvidenceState.REJECTED, words)
    child = uow.session.get_one(Child, row.child_id)
    for guardian in guardians_of(uow, row.child_id)[:1]:
        plan_message(
            uow,
            EVIDENCE_REJECTED,
            guardian.phone,
            {"child": child.name, "paper": paper_label(row.paper), "reason": words},
            subject="evidence",
            subject_id=row.id,
        )
    return row


def expire_evidence(uow: UnitOfWork) -> int:
    """Last year's verified papers no longer count; they are renewed at a new application. Returns how many."""
    rows = uow.session.execute(
        update(Evidence)
        .where(Evidence.state == EvidenceState.VERIFIED, Evidence.year < uow.today.year)
        .values(state=EvidenceState.EXPIRED, version=Evidence.version + 1)
        .returning(Evidence.id)
    ).all()
    for (evidence_id,) in rows:
        audit.record(
            uow,
            "evidence.expired",
            "evidence",
            evidence_id,
            from_state=EvidenceState.VERIFIED,
            to_state=EvidenceState.EXPIRED,
        )
    return len(rows)


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One paper as a list shows it."""

    ref: str
    version: int
    child_ref: str
    child: str
    ground: str
    paper: str
    state: EvidenceState
    year: int
    handed_at: datetime
    decision_reason: str
    file_name: str
    on_paper: bool


def evidence_of(uow: UnitOfWork, child_ref: str) -> list[EvidenceRow]:
    """A child's papers, newest first."""
    READ_CHILD.reach(uow.actor.role)
    return _rows(uow, Child.ref == child_for(uow, child_ref).ref)


def evidence_to_verify(uow: UnitOfWork) -> list[EvidenceRow]:
    """What the centre has still to look at, oldest first."""
    VERIFY_EVIDENCE.reach(uow.actor.role)
    return _rows(uow, Evidence.state == EvidenceState.UPLOADED)[::-1]


def open_evidence(uow: UnitOfWork, ref: str) -> tuple[Upload, bytes]:
    """The file of one paper; its opening is logged."""
    READ_CHILD.reach(uow.actor.role)
    upload_ref = uow.session.scalar(
        select(Upload.ref)
        .join(Evidence, Evidence.upload_id == Upload.id)
        .join(Child, Child.id == Evidence.child_id)
        .where(Evidence.ref == ref, children_in_reach(uow))
    )
    if upload_ref is None:
        raise NotFound("evidence")
    return open_upload(uow, upload_ref)


def _ground(text: str) -> ProvableGround:
    try:
        return ProvableGround(text)
    except ValueError:
        raise RuleBroken(GROUND_UNKNOWN) from None


def _decide(uow: UnitOfWork, ref: str, version: int, to: EvidenceState, reason: str) -> Evidence:
    VERIFY_EVIDENCE.reach(uow.actor.role)
    row = uow.session.scalars(
        select(Evidence)
        .join(Child, Child.id == Evidence.child_id)
        .where(Evidence.ref == ref, children_in_reach(uow))
        .with_for_update(of=Evidence)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("evidence")
    if row.state != EvidenceState.UPLOADED:
        raise RuleBroken(DECIDED_ALREADY)
    if row.version != version:
        raise StaleVersion("evidence")
    problems: list[Problem] = []
    if is_own_family(uow, row.child_id):
        problems.append(OWN_CASE)
    if problem := EVIDENCE_STEPS.check(EvidenceState(row.state), to, uow.actor.role):
        problems.append(problem)
    if problems:
        raise RuleBroken(problems)
    before, row.state = row.state, to
    row.decided_by, row.decided_at, row.decision_reason = uow.actor.user_id, uow.now, reason
    row.version += 1
    uow.session.flush()
    audit.record(
        uow, "evidence.decided", "evidence", row.id, from_state=before, to_state=to, reason=reason or None
    )
    return row


def _rows(uow: UnitOfWork, *wanted: object) -> list[EvidenceRow]:
    rows = uow.session.execute(
        select(Evidence, Child.ref, Child.name, Upload.name, Upload.on_paper)
        .join(Child, Child.id == Evidence.child_id)
        .join(Upload, Upload.id == Evidence.upload_id)
        .where(children_in_reach(uow), *wanted)  # type: ignore[arg-type]
        .order_by(Evidence.created_at.desc(), Evidence.id.desc())
    )
    return [
        EvidenceRow(
            e.ref,
            e.version,
            child_ref,
            child,
            ProvableGround(e.ground).label,
            paper_label(e.paper),
            EvidenceState(e.state),
            e.year,
            e.created_at,
            e.decision_reason,
            file_name,
            on_paper,
        )
        for e, child_ref, child, file_name, on_paper in rows
    ]
