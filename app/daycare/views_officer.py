"""A daycare's own set-up (반·근무표·쉬는 날) and the city's daycares: 개요, designation and its end (AD-33)."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from app.centres.forms import given, refuse
from app.daycare import actions, setup_classes, setup_house, setup_roster
from app.daycare.forms_setup import DesignationForm, EndForm
from app.daycare.overview import Overview, overview, stays_after
from app.daycare.queries.place import daycares
from app.daycare.service.designating import Designation, end_designation
from app.daycare.service.designating import designate as set_designation
from app.daycare.service.running import WouldBreak
from app.daycare.setup_pages import SERVICE, accepts, ask_first, pages
from app.kernel import navigation, submission, web
from app.kernel.actor import Role
from app.kernel.errors import N_, RuleBroken
from app.tenancy.queries import institution_by_ref
from app.tenancy.rules import InstitutionKind

__all__ = ["pages", "setup_classes", "setup_house", "setup_roster"]
"""The other files' pages hang on the same blueprint."""

navigation.register(
    navigation.Entry(N_("개요"), "daycare_officer.city", frozenset({Role.CITY_OFFICER}), 10, SERVICE),
    navigation.Entry(
        N_("우리 어린이집"), "daycare_officer.house", frozenset({Role.DAYCARE_DIRECTOR}), 70, SERVICE
    ),
)
navigation.fold(
    {Role.CITY_OFFICER},
    N_("서류"),
    (
        "documents_gallery.gallery",
        "documents_staff.papers",
        "documents_officer.texts",
        "documents_seal.seal",
    ),
)
navigation.fold({Role.CITY_OFFICER}, N_("현황"), ("insurance_officer.overview", "incidents_officer.overview"))

ONLY = {
    "inside": N_("지금 아이가 있는 어린이집"),
    "full": N_("오늘 밤 자리가 없는 어린이집"),
    "requested": N_("결정을 기다리는 예약이 있는 어린이집"),
    "insurance_ends": N_("보험이 곧 끝나거나 끝난 어린이집"),
}


@web.page(pages, "/city/daycares", actions.DESIGNATE, service=SERVICE)
def city() -> Response:
    """Totals on top; each opens the daycares behind it."""
    only = request.args.get("only", "")
    only = only if only in ONLY else ""
    with web.unit() as uow:
        seen = overview(uow)
    return web.render(
        "daycare/officer/overview.html",
        seen=seen,
        rows=[row for row in seen.rows if not only or getattr(row, only)],
        only_text=_(ONLY[only]) if only else "",
        figures=_figures(seen),
    )


def _figures(seen: Overview) -> list[dict[str, Any]]:
    def figure(value: str, label: str, only: str | None = None) -> dict[str, Any]:
        return {"value": value, "label": label, "url": url_for("daycare_officer.city", only=only)}

    return [
        figure(_("%(n)d곳", n=len(seen.rows)), _("어린이집")),
        figure(_("%(n)d명", n=seen.total("inside")), _("지금 와 있어요"), "inside"),
        figure(
            _("%(n)d명", n=seen.total("tonight")),
            _(
                "오늘 밤 (자리 %(beds)d개, 자리 없음 %(full)d곳)",
                beds=seen.total("beds"),
                full=seen.total("full"),
            ),
            "full",
        ),
        figure(
            _("%(n)d건", n=seen.total("stays")),
            _("이번 달 이용 (지난달 %(n)d건)", n=seen.total("stays_before")),
        ),
        figure(
            _("%(n)d시간", n=seen.total("hours")),
            _("이번 달 이용시간 (지난달 %(n)d시간)", n=seen.total("hours_before")),
        ),
        figure(_("%(n)d건", n=seen.total("requested")), _("결정 전 예약"), "requested"),
        {
            "value": _("%(n)d건", n=seen.restrictions),
            "label": _("결정 전 이용제한"),
            "url": url_for(RESTRICTIONS),
        },
        figure(_("%(n)d곳", n=seen.total("insurance_ends")), _("보험이 30일 안에 끝나요"), "insurance_ends"),
    ]


RESTRICTIONS = "restrictions_staff.board"


@web.page(pages, "/city/daycares/<ref>", actions.DESIGNATE, service=SERVICE)
def daycare(ref: str) -> Response:
    return _page(ref)


@web.page(pages, "/city/daycares/<ref>/designation", actions.DESIGNATE, methods=["POST"], service=SERVICE)
def designate(ref: str) -> Response:
    form = DesignationForm()
    if request.form.get("step") == "edit":
        return _page(ref, designation=form)
    if not form.validate():
        return _page(ref, designation=form, status=422)
    request_id, done = request.form.get("request_id", ""), url_for("daycare_officer.daycare", ref=ref)
    new = Designation(
        form.letter.data or "",
        given(form.designated_on.data),
        form.designation_ends_on.data,
        groups=form.groups.data,
    )
    try:
        with web.unit() as uow:
            submission.submit_once(uow, request_id)
            set_designation(uow, ref, new, accept=accepts())
            submission.answered_at(uow, request_id, done)
    except WouldBreak as broken:
        lead = _("지정이 시작되기 전의 예약이 있어요. 아직 저장하지 않았어요.")
        return ask_first(broken, _("지정한 날을 바꿀까요?"), lead, back=done, cancels=True)
    except RuleBroken as error:
        refuse(form, error.problems)
        return _page(ref, designation=form, status=422)
    flash(_("지정 내용을 저장했어요. 보험이 등록된 날부터 예약을 받을 수 있어요."), "success")
    return web.see_other(done)


@web.page(pages, "/city/daycares/<ref>/end", actions.DESIGNATE, methods=["POST"], service=SERVICE)
def end(ref: str) -> Response:
    """First press: the bookings after the last day. Second: ended, they are cancelled without fee, families told."""
    form = EndForm()
    if request.form.get("step") == "edit":
        return _page(ref, end=form)
    if not form.validate():
        return _page(ref, end=form, status=422)
    request_id, done = request.form.get("request_id", ""), url_for("daycare_officer.daycare", ref=ref)
    last_day = given(form.last_day.data)
    try:
        with web.unit() as uow:
            if not accepts() and (later := stays_after(uow, ref, last_day)):
                raise WouldBreak(later)
            submission.submit_once(uow, request_id)
            end_designation(uow, ref, last_day, form.end_reason.data or "")
            submission.answered_at(uow, request_id, done)
    except WouldBreak as broken:
        lead = _("마지막 날 뒤에도 예약이 있어요. 아직 저장하지 않았어요.")
        return ask_first(broken, _("지정을 끝낼까요?"), lead, back=done, cancels=True)
    except RuleBroken as error:
        refuse(form, error.problems)
        return _page(ref, end=form, status=422)
    flash(_("지정 마지막 날을 정했어요. 그 뒤로는 예약을 받지 않아요."), "success")
    return web.see_other(done)


def _page(
    ref: str, *, designation: DesignationForm | None = None, end: EndForm | None = None, status: int = 200
) -> Response:
    """Of an institution that was never designated only the form is there."""
    with web.unit() as uow:
        institution = institution_by_ref(uow.session, ref, InstitutionKind.DAYCARE)
        row = next((place for place in daycares(uow) if place.id == institution.id), None)
        context = setup_house.facts(uow, row) if row else {"daycare": None}
        today = uow.today
    stands = {
        "letter": row.letter if row else "",
        "designated_on": row.designated_on if row else today,
        "designation_ends_on": row.designation_ends_on if row else None,
    }
    return web.render(
        "daycare/officer/daycare.html",
        status=status,
        institution=institution,
        designation=designation or DesignationForm(formdata=None, data=stands),
        end=end or EndForm(formdata=None),
        **context,
    )
