"""이용신청서: what came in, which papers were seen and given back, accepted or returned (AD-18 – AD-20)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.daycare import actions, service
from app.daycare.application_form import DRAFTED
from app.daycare.application_paper import void_waiting
from app.daycare.models import DaycareApplication
from app.daycare.parameters import FREE_CATEGORIES
from app.daycare.queries import (
    ApplicationDetail,
    agreement_of,
    application_detail,
    applications,
    is_superseded,
    policy_of,
)
from app.daycare.rules.application import (
    DECISIONS,
    FAMILY_PAPERS,
    IDENTITY_PAPERS,
    CheckKind,
    Purpose,
    Qualification,
    check_consents,
)
from app.daycare.rules.states import ApplicationState
from app.daycare.staff_bookings import PAGE_SIZE, booking_page
from app.daycare.staff_pages import (
    APPLICATION_TONES,
    SERVICE,
    by_field,
    done,
    own_daycare,
    pages,
    posted_version,
    read_reasons,
    tried,
)
from app.documents.models import Paper
from app.documents.rules import PaperState
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem
from app.people.models import Child, Guardian
from app.people.service import invite_guardian

A = ApplicationState
TABS: dict[str, tuple[str, tuple[ApplicationState, ...]]] = {
    "new": (N_("확인할 신청서"), (A.SUBMITTED,)),
    "draft": (N_("작성 중"), (A.DRAFT,)),
    "returned": (N_("보완 요청"), (A.RETURNED,)),
    "valid": (N_("접수"), (A.ACCEPTED,)),
    "old": (N_("다시 작성·철회"), (A.OUTDATED, A.WITHDRAWN)),
}


@web.page(pages, "/applications", actions.READ_APPLICATIONS, service=SERVICE)
def applications_page() -> Any:
    tab = request.args.get("tab", "new")
    tab = tab if tab in TABS else "new"
    page = min(max(request.args.get("page", 1, type=int) or 1, 1), 10_000)
    with web.unit() as uow:
        found = applications(uow, own_daycare(uow), TABS[tab][1])
    return web.render(
        "daycare/staff/applications.html",
        may_write=actions.TAKE_DOWN.allows(web.actor().role),
        rows=found[PAGE_SIZE * (page - 1) : PAGE_SIZE * page],
        page=page,
        pages=max(1, -(-len(found) // PAGE_SIZE)),
        total=len(found),
        tab=tab,
        tabs=[
            {
                "label": _(label),
                "url": url_for("daycare_staff.applications_page", tab=key),
                "active": key == tab,
                "count": len(found) if key == tab and key != "old" else None,
            }
            for key, (label, _states) in TABS.items()
        ],
        tones=APPLICATION_TONES,
    )


@web.page(pages, "/applications/<ref>", actions.READ_APPLICATIONS, service=SERVICE)
def application(ref: str) -> Any:
    """What was handed in; whoever writes a draft down goes on with it."""
    return application_page(ref)


def application_page(ref: str, problems: Sequence[Problem] = (), status: int = 200) -> Any:
    with web.unit() as uow:
        daycare = own_daycare(uow)
        detail = application_detail(uow, ref)
        free = policy_of(uow, daycare).free_categories
        refs = [answers.child for answers in detail.children]
        children = {
            child.ref: child for child in uow.session.scalars(select(Child).where(Child.ref.in_(refs)))
        }
        paper = uow.session.get(Paper, detail.row.paper_id or 0)
        superseded = is_superseded(uow, ref)
        waits = detail.row.state is A.SUBMITTED and actions.DECIDE_APPLICATION.allows(uow.actor.role)
        repriced = service.repriced_by(uow, ref) if waits else []
        agreement = agreement_of(uow.session.get_one(DaycareApplication, detail.row.id))
        member = uow.session.scalar(select(Guardian.user_id).where(Guardian.ref == detail.row.guardian_ref))
    state, writes = detail.row.state, actions.TAKE_DOWN.allows(web.actor().role)
    return web.render(
        "daycare/staff/application.html",
        status=status,
        detail=detail,
        row=detail.row,
        children=children,
        consents=DECISIONS,
        agreement=agreement,
        purposes={purpose.value: purpose.label for purpose in Purpose},
        qualifications={one.value: one.label for one in Qualification},
        doubts=_doubts(detail),
        free=[(key, FREE_CATEGORIES[key]) for key in free],
        checks=list(CheckKind),
        family_papers=list(FAMILY_PAPERS.items()),
        identity_papers=list(IDENTITY_PAPERS.items()),
        problems=list(problems),
        errors=by_field(list(problems)),
        lifted=read_reasons(request.form),
        tones=APPLICATION_TONES,
        paper=paper,
        unsigned=paper is not None and paper.state == PaperState.TO_SIGN,
        may_write=writes and state in DRAFTED,
        may_renew=writes and state in (A.SUBMITTED, A.ACCEPTED, A.OUTDATED) and not superseded,
        may_invite=writes and member is None and state is not A.WITHDRAWN,
        may_decide=state is A.SUBMITTED and actions.DECIDE_APPLICATION.allows(web.actor().role),
        may_return=state in (A.SUBMITTED, A.ACCEPTED) and actions.DECIDE_APPLICATION.allows(web.actor().role),
        repriced=repriced,
        posted=request.form,
    )


def _doubts(detail: ApplicationDetail) -> list[Problem]:
    """What the director has still to judge: said with the signature already, it is not asked again."""
    judged = {code for code, reason in detail.passed if reason}
    return [one for one in check_consents(detail.consents) if one.soft and one.code not in judged]


@web.page(pages, "/applications/<ref>/checks/<kind>", actions.CHECK_PAPERS, methods=["POST"], service=SERVICE)
def check_paper(ref: str, kind: str) -> Any:
    """A paper was looked at and given back at once; what it proves is ticked."""
    if kind not in set(CheckKind):
        raise NotFound("check")
    posted, seen = request.form, CheckKind(kind)
    family = seen is CheckKind.FAMILY
    problems, status = tried(
        lambda uow: service.record_check(
            uow,
            ref,
            seen,
            posted.get(f"paper-{kind}", ""),
            returned="returned" in posted,
            resident="resident" in posted if family else None,
            related="related" in posted if family else None,
        )
    )
    back = posted.get("back", "")
    if problems:
        return booking_page(back, problems, status) if back else application_page(ref, problems, status)
    url = (
        url_for("daycare_staff.booking", ref=back) if back else url_for("daycare_staff.application", ref=ref)
    )
    return done(f"{url}#papers", _("%(paper)s을(를) 확인하고 돌려드린 것으로 적었어요.", paper=seen.label))


@web.page(pages, "/applications/<ref>/accept", actions.DECIDE_APPLICATION, methods=["POST"], service=SERVICE)
def accept(ref: str) -> Any:
    posted = request.form
    free = {key[5:]: value for key, value in posted.items() if key.startswith("free:") and value}

    def command(uow: UnitOfWork) -> None:
        service.accept_application(
            uow, ref, version=posted_version(), reasons=read_reasons(posted), free=free
        )
        void_waiting(uow, ref)

    problems, status = tried(command)
    if problems:
        return application_page(ref, problems, status)
    return done(_url(ref), _("접수했어요. 보호자에게 알렸어요."))


@web.page(pages, "/applications/<ref>/return", actions.DECIDE_APPLICATION, methods=["POST"], service=SERVICE)
def send_back(ref: str) -> Any:
    reason = request.form.get("reason", "").strip()[:300]
    problems, status = tried(
        lambda uow: service.return_application(uow, ref, reason, version=posted_version())
    )
    if problems:
        return application_page(ref, problems, status)
    return done(_url(ref), _("보완을 요청했어요. 사유를 보호자에게 알렸어요."))


@web.page(pages, "/applications/<ref>/invite", actions.TAKE_DOWN, methods=["POST"], service=SERVICE)
def invite_to_join(ref: str) -> Any:
    """A guardian without an account is told how to get one; it opens what was written down for them (KB-33)."""

    def command(uow: UnitOfWork) -> None:
        invite_guardian(uow, application_detail(uow, ref).row.guardian_ref, own_record=True)

    problems, status = tried(command)
    if problems:
        return application_page(ref, problems, status)
    return done(_url(ref), _("회원가입 안내 문자를 보냈어요."))


def _url(ref: str) -> str:
    return url_for("daycare_staff.application", ref=ref)
