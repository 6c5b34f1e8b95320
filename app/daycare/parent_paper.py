"""이용신청서 및 운영규정 서약서, frozen and signed in the unit in which a family hands it in (AD-18, GC-24)."""

from __future__ import annotations

from sqlalchemy import select

from app.daycare.models import DaycareApplication
from app.daycare.papers_asked import APPLICATION, application
from app.daycare.queries import application_detail
from app.daycare.service import attach_paper
from app.documents.models import Paper
from app.documents.service.preparing import prepare_paper
from app.documents.service.signing import sign_paper
from app.kernel.db import UnitOfWork
from app.people.models import Child

SIGNED = "guardian_signature"


def sign_application(
    uow: UnitOfWork, row: DaycareApplication, *, signer: str, strokes: str, typed: str
) -> Paper:
    """The paper of an application that was just handed in. Raises RuleBroken without a signature."""
    detail = application_detail(uow, row.ref)
    refs = [answers.child for answers in detail.children]
    children = {child.ref: child for child in uow.session.scalars(select(Child).where(Child.ref.in_(refs)))}
    paper = prepare_paper(
        uow,
        APPLICATION,
        application(detail, children, uow.today),
        subject="daycare_application",
        subject_id=row.id,
        institution_id=row.daycare_id,
        guardian_id=row.guardian_id,
    )
    sign_paper(uow, paper.ref, SIGNED, signer=signer, strokes=strokes, typed=typed)
    attach_paper(uow, row.ref, paper.id)
    return paper


def paper_ref(uow: UnitOfWork, application_ref: str) -> str | None:
    """The signed form of the family's own application, to link to."""
    return uow.session.scalar(
        select(Paper.ref)
        .join(DaycareApplication, DaycareApplication.paper_id == Paper.id)
        .where(
            DaycareApplication.ref == application_ref,
            DaycareApplication.guardian_id == (uow.actor.guardian_id or 0),
        )
    )
