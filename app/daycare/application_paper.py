"""이용신청서 및 운영규정 서약서 on paper: frozen when it is handed in, then signed by the family, on its own phone, on
the daycare's screen, or on a sheet that is scanned (AD-18, GC-24)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from app.daycare.models import DaycareApplication
from app.daycare.operating_rules import operating_rules
from app.daycare.papers import Data
from app.daycare.papers_asked import APPLICATION, application
from app.daycare.queries import ApplicationDetail, application_detail, daycare_by_id, policy_of
from app.daycare.service import attach_paper
from app.documents.models import Paper
from app.documents.rules import PaperState
from app.documents.rules.signing import same_name
from app.documents.service.issuing import void_paper
from app.documents.service.locking import locked
from app.documents.service.preparing import prepare_paper
from app.documents.service.printing import PrintItem
from app.documents.service.signing import Hand, Scan, place_of, put_hand, scan_paper, sign_paper
from app.documents.sheets import TO_SIGN_MARK
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.people.models import Child

SIGNED = "guardian_signature"
SUBJECT = "daycare_application"
SHEETS = (".pdf", ".jpg", ".jpeg", ".png")
"""What a scan or a photograph of a sheet is; documents to type in are none."""
SIGNED_BY_ANOTHER = Problem(
    "daycare.application_other_name",
    N_("서명 대신 적은 이름이 서명하는 분({name})과 달라요. 보호자가 직접 적어 주세요."),
    rule="GC-24",
    field="typed",
)
SIGNED_LATER = Problem(
    "daycare.signed_later", N_("서명한 날은 오늘까지의 날짜로 적어 주세요."), rule="GC-24", field="signed_on"
)
NO_SHEET = Problem(
    "daycare.no_sheet",
    N_("서명한 종이는 사진(JPG, PNG)이나 PDF로 올려 주세요."),
    rule="GC-24",
    field="file",
)
SIGNER_UNKNOWN = Problem(
    "daycare.application_signer",
    N_("누가 서명했는지 골라 주세요. 신청서에 적은 보호자여야 해요."),
    rule="GC-24",
    field="signer",
)


def sign_application(
    uow: UnitOfWork, row: DaycareApplication, *, signer: str, strokes: str, typed: str
) -> Paper:
    """By the family itself, in the unit in which it hands in. Raises RuleBroken without a signature, and for a name
    typed in its place that is not the applicant's."""
    applicant = application_detail(uow, row.ref).row.guardian
    if typed and not strokes and not any(same_name(typed, name) for name in (signer, applicant)):
        raise RuleBroken(SIGNED_BY_ANOTHER.of(name=applicant))
    paper = _freeze(uow, row, uow.today)
    sign_paper(uow, paper.ref, SIGNED, signer=signer, strokes=strokes, typed=typed)
    return paper


def sign_at_desk(
    uow: UnitOfWork, row: DaycareApplication, signer: str, given: Hand | Scan | None, signed_on: date | None
) -> Paper:
    """At the daycare's desk: on its screen, on a sheet that is scanned, or not yet (``None``: the paper waits).

    ``signed_on``: the day a scanned sheet bears; otherwise it is today's. Raises RuleBroken for a signer the
    application does not name, a day to come, and what is no signature.
    """
    detail = application_detail(uow, row.ref)
    if given is not None and signer not in signers(detail):
        raise RuleBroken(SIGNER_UNKNOWN)
    day = signed_on if isinstance(given, Scan) else uow.today
    if day is None or day > uow.today:
        raise RuleBroken(SIGNED_LATER)
    void_waiting(uow, row.ref)
    paper = _freeze(uow, row, day, signer if given is not None else "")
    if isinstance(given, Scan):
        if given.filename.strip() and not given.filename.lower().endswith(SHEETS):
            raise RuleBroken(NO_SHEET)
        scan_paper(uow, paper.ref, {SIGNED: signer}, given)
    elif given is not None:
        _put(uow, paper, signer, given)
    return paper


def signers(detail: ApplicationDetail) -> list[str]:
    """Who may sign: who applies, and the other guardians of the form."""
    return list(dict.fromkeys([detail.row.guardian, *(one.name for one in detail.guardians if one)]))


def sheet_to_sign(uow: UnitOfWork, detail: ApplicationDetail) -> PrintItem:
    """The filled form to be printed and signed by hand: without a day, which is written with the signature."""
    data = _data(uow, detail, uow.today)
    del data["sign_date"]
    return PrintItem(form_id=APPLICATION, data=data, person=detail.row.guardian, mark=TO_SIGN_MARK)


def void_waiting(uow: UnitOfWork, application_ref: str) -> None:
    """Forms of this application that wait for a signature say something else by now; staff take them out of use."""
    waiting = uow.session.scalars(
        select(Paper.ref)
        .join(DaycareApplication, DaycareApplication.id == Paper.subject_id)
        .where(
            DaycareApplication.ref == application_ref,
            Paper.subject == SUBJECT,
            Paper.state == PaperState.TO_SIGN,
        )
    ).all()
    for ref in waiting:
        void_paper(uow, ref, N_("신청서를 다시 적음"))


def paper_of(uow: UnitOfWork, application_ref: str) -> tuple[str | None, bool]:
    """The form of the family's own application, to link to, and whether it still waits for the signature."""
    found = uow.session.execute(
        select(Paper.ref, Paper.state)
        .join(DaycareApplication, DaycareApplication.paper_id == Paper.id)
        .where(
            DaycareApplication.ref == application_ref,
            DaycareApplication.guardian_id == (uow.actor.guardian_id or 0),
        )
    ).first()
    return (found.ref, found.state == PaperState.TO_SIGN) if found else (None, False)


def _put(uow: UnitOfWork, paper: Paper, signer: str, hand: Hand) -> None:
    if not hand.strokes and hand.typed and not same_name(hand.typed, signer):
        raise RuleBroken(SIGNED_BY_ANOTHER.of(name=signer))
    place = place_of(paper, SIGNED)
    if place is None:
        raise NotFound("place")
    put_hand(uow, locked(uow, paper.ref), place, hand, seen=None)


def _freeze(uow: UnitOfWork, row: DaycareApplication, signed_on: date, signer: str = "") -> Paper:
    detail = application_detail(uow, row.ref)
    data = _data(uow, detail, signed_on)
    paper = prepare_paper(
        uow,
        APPLICATION,
        {**data, "guardian_name": signer} if signer else data,
        subject=SUBJECT,
        subject_id=row.id,
        institution_id=row.daycare_id,
        guardian_id=row.guardian_id,
    )
    attach_paper(uow, row.ref, paper.id)
    return paper


def _data(uow: UnitOfWork, detail: ApplicationDetail, signed_on: date) -> Data:
    refs = [answers.child for answers in detail.children]
    children = {child.ref: child for child in uow.session.scalars(select(Child).where(Child.ref.in_(refs)))}
    place = daycare_by_id(uow, detail.row.daycare_id)
    rules = operating_rules(policy_of(uow, place), place.hours)
    return application(detail, children, signed_on, rules=rules)
