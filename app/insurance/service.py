"""Registering a policy, ending it early, replacing its certificate (AD-25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.documents.models import Upload
from app.documents.text import clean
from app.documents.uploads import open_upload, store_upload
from app.insurance import actions, rules
from app.insurance.models import InsurancePolicy
from app.insurance.rules import Cover, PolicyKind
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem, RuleBroken, StaleVersion
from app.tenancy.models import Institution

OWNER = "insurance_policy"
INSURER_MAX, NUMBER_MAX = 60, 40
REASON_MAX = 300


@dataclass(frozen=True, slots=True)
class NewPolicy:
    cover: Cover
    insurer: str
    number: str


@dataclass(frozen=True, slots=True)
class Scan:
    """A file as it was sent."""

    filename: str
    content: bytes


def add_policy(
    uow: UnitOfWork, institution_id: int, new: NewPolicy, certificate: Scan | None = None
) -> InsurancePolicy:
    """Register what a certificate says. Raises RuleBroken on impossible dates or one that is registered already."""
    _locked_place(uow, institution_id)
    insurer, number = clean(new.insurer)[:INSURER_MAX], clean(new.number)[:NUMBER_MAX]
    problems: list[Problem] = rules.check_new(new.cover, uow.today)
    if not insurer:
        problems.append(rules.INSURER_MISSING)
    if not number:
        problems.append(rules.NUMBER_MISSING)
    if not problems and _registered(uow, institution_id, new.cover, number):
        problems.append(rules.SAME_POLICY)
    if problems:
        raise RuleBroken(problems)
    row = InsurancePolicy(
        institution_id=institution_id,
        kind=new.cover.kind,
        insurer=insurer,
        number=number,
        starts_on=new.cover.starts_on,
        ends_on=new.cover.ends_on,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(row)
    uow.session.flush()
    if certificate is not None:
        row.upload_id = _store(uow, row, certificate).id
        uow.session.flush()
    audit.record(
        uow,
        "insurance.added",
        OWNER,
        row.id,
        diff={
            "kind": [None, row.kind],
            "starts_on": [None, row.starts_on.isoformat()],
            "ends_on": [None, row.ends_on.isoformat()],
        },
    )
    return row


def end_policy(uow: UnitOfWork, ref: str, last_day: date, reason: str, *, version: int) -> InsurancePolicy:
    """It ends earlier than its certificate says; days after ``last_day`` can no longer be booked."""
    row = _own(uow, ref, version)
    if problems := rules.check_ending(
        Cover(PolicyKind(row.kind), row.starts_on, row.ends_on), last_day, reason
    ):
        raise RuleBroken(problems)
    before, row.ends_on = row.ends_on, last_day
    row.version += 1
    uow.session.flush()
    audit.record(
        uow,
        "insurance.ended",
        OWNER,
        row.id,
        reason=clean(reason)[:REASON_MAX],
        diff={"ends_on": [before.isoformat(), last_day.isoformat()]},
    )
    return row


def replace_certificate(uow: UnitOfWork, ref: str, scan: Scan, *, version: int) -> InsurancePolicy:
    """A better scan; the earlier one stays with its upload row."""
    row = _own(uow, ref, version)
    before, row.upload_id = row.upload_id, _store(uow, row, scan).id
    row.version += 1
    uow.session.flush()
    audit.record(uow, "insurance.certificate", OWNER, row.id, diff={"upload": [before, row.upload_id]})
    return row


def open_certificate(uow: UnitOfWork, ref: str) -> tuple[Upload, bytes]:
    """The scan for its director or the city; the opening is logged. NotFound when there is none."""
    row = uow.session.scalars(select(InsurancePolicy).where(InsurancePolicy.ref == ref)).first()
    if row is None:
        raise NotFound("insurance policy")
    actions.CERTIFICATE.check(uow.actor, row.institution_id)
    upload = uow.session.get(Upload, row.upload_id) if row.upload_id is not None else None
    if upload is None:
        raise NotFound("certificate")
    return open_upload(uow, upload.ref)


def _own(uow: UnitOfWork, ref: str, version: int) -> InsurancePolicy:
    row = uow.session.scalars(
        select(InsurancePolicy)
        .where(InsurancePolicy.ref == ref)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("insurance policy")
    actions.EDIT.check(uow.actor, row.institution_id)
    if row.version != version:
        raise StaleVersion("insurance policy")
    return row


def _locked_place(uow: UnitOfWork, institution_id: int) -> None:
    """Two people with the same certificate: the second one finds it registered."""
    actions.EDIT.check(uow.actor, institution_id)
    found = uow.session.execute(
        select(Institution.id).where(Institution.id == institution_id).with_for_update(key_share=True)
    ).scalar()
    if found is None:
        raise NotFound("institution")


def _registered(uow: UnitOfWork, institution_id: int, cover: Cover, number: str) -> bool:
    policy = InsurancePolicy
    return (
        uow.session.scalar(
            select(policy.id)
            .where(
                policy.institution_id == institution_id,
                policy.kind == cover.kind,
                policy.number == number,
                policy.starts_on <= cover.ends_on,
                policy.ends_on >= cover.starts_on,
            )
            .limit(1)
        )
        is not None
    )


def _store(uow: UnitOfWork, row: InsurancePolicy, scan: Scan) -> Upload:
    return store_upload(
        uow,
        owner=OWNER,
        owner_id=row.id,
        kind="certificate",
        filename=scan.filename,
        content=scan.content,
        institution_id=row.institution_id,
    )
