"""Officers: the centres of a district (or of the city), what waits for a decision, what the district accepts."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from app.centres import actions, bookings
from app.centres.forms import ActiveForm, DecisionForm, FacilityForm, NewCentreForm, given, options, refuse
from app.centres.lists import Overseen, overseen
from app.centres.queries import (
    CapacityChangeRow,
    CentreRow,
    capacity_change_by_ref,
    capacity_changes,
    centre_by_id,
    centre_by_ref,
    centre_policy,
    lock_gate,
    quarters_of,
)
from app.centres.rules import CentreKind, capacity_ceiling, capacity_proposal, needs_notice, separate_quota
from app.centres.service.capacity import decide_capacity_change
from app.centres.service.facility import NewCentre, edit_facility, register_centre, set_active
from app.centres.service.written_rules import district_papers, set_district_papers
from app.centres.views_staff import facility_info, stale
from app.centres.week import lines_of
from app.centres.year_line import year_line
from app.kernel import navigation, submission, web
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, RuleBroken, StaleVersion
from app.kernel.parameters import all_parameters
from app.tenancy.kinds import Ranking, Several
from app.tenancy.models import Institution
from app.tenancy.queries import districts, institution_by_ref
from app.tenancy.rules import InstitutionKind

pages = web.tenant_blueprint("centres_officer", __name__)
_MENU = frozenset({Role.DISTRICT_OFFICER, Role.SEOUL_ADMIN})
navigation.register(
    navigation.Entry(N_("센터"), "centres_officer.centres", _MENU, 30, "KIUM"),
    navigation.Entry(N_("증빙서류"), "centres_officer.papers", _MENU, 40, "KIUM"),
)


@web.page(pages, "/district/centres", actions.OVERSEE, service="KIUM")
def centres() -> Response:
    with web.unit() as uow:
        rows = overseen(uow, uow.actor.scope)
        today = uow.today
    only = request.args.get("only", "")
    return web.render(
        "centres/officer/centres.html",
        block="rows",
        rows=[row for row in rows if _matches(row, only)],
        counts={
            name: sum(_matches(row, name) for row in rows) for name in ("", "waiting", "missing", "short")
        },
        only=only,
        today=today,
    )


def _matches(row: Overseen, only: str) -> bool:
    """A number on the page opens the list behind it."""
    if only == "waiting":
        return row.request is not None
    if only == "missing":
        return bool(row.missing_this_year)
    return row.short_summer if only == "short" else True


@web.page(pages, "/district/centres/new", actions.REGISTER, service="KIUM")
def new_centre() -> Response:
    return _new_page(NewCentreForm(formdata=None))


@web.page(pages, "/district/centres/new", actions.REGISTER, methods=["POST"], service="KIUM")
def save_new_centre() -> Response:
    form = NewCentreForm()
    _offer_districts(form)
    if not form.validate():
        return _new_page(form, 422)
    request_id = request.form.get("request_id", "")
    new = NewCentre(
        district_ref=form.district_ref.data,
        name=form.name.data or "",
        kind=CentreKind(form.kind.data),
        area=given(form.area.data),
        capacity=form.capacity.data or 0,
        phone=form.phone.data or "",
        address=form.address.data or "",
        capacity_reason=form.capacity_reason.data or "",
        opened_on=form.opened_on.data,
    )
    try:
        with web.unit() as uow:
            submission.submit_once(uow, request_id)
            done = url_for("centres_officer.centre", ref=register_centre(uow, new).ref)
            submission.answered_at(uow, request_id, done)
    except RuleBroken as error:
        refuse(form, error.problems)
        return _new_page(form, 422)
    flash(_("센터를 등록했어요. 이제 계정을 내어 주고 분기를 정하게 해 주세요."), "success")
    return web.see_other(done)


def _offer_districts(form: NewCentreForm) -> None:
    with web.unit() as uow:
        form.district_ref.choices = options((row.ref, row.name) for row in _own_districts(uow))


def _own_districts(uow: UnitOfWork) -> list[Institution]:
    return [row for row in districts(uow.session) if uow.actor.covers(row.id, None)]


def _new_page(form: NewCentreForm, status: int = 200) -> Response:
    _offer_districts(form)
    return web.render("centres/officer/new_centre.html", status=status, form=form)


def _overseen_centre(uow: UnitOfWork, ref: str) -> CentreRow:
    centre = centre_by_ref(uow, ref)
    actions.OVERSEE.check(uow.actor, centre.id, centre.district_id)
    return centre


@web.page(pages, "/district/centres/<ref>", actions.OVERSEE, service="KIUM")
def centre(ref: str) -> Response:
    return _centre_page(ref, ActiveForm(formdata=None))


@web.page(pages, "/district/centres/<ref>/active", actions.CLOSE_DOWN, methods=["POST"], service="KIUM")
def change_active(ref: str) -> Response:
    """Close a centre down (``active`` empty) or open it again."""
    form, active = ActiveForm(), bool(request.form.get("active"))
    if not form.validate():
        return _centre_page(ref, form, 422)
    try:
        with web.unit() as uow:
            row = _overseen_centre(uow, ref)
            lock_gate(uow, row.id)
            set_active(
                uow,
                ref,
                active,
                reason=form.reason.data or "",
                version=form.version.data or 0,
                holding=bookings.of_this_house().holding(uow, row),
            )
    except RuleBroken as error:
        refuse(form, error.problems)
        return _centre_page(ref, form, 422)
    except StaleVersion:
        return _centre_page(ref, stale(ActiveForm(formdata=None)), 409)
    flash(
        _("다시 운영해요.") if active else _("운영을 마쳤어요. 보호자의 센터 찾기에서 빠졌어요."), "success"
    )
    return web.see_other(url_for("centres_officer.centre", ref=ref))


def _centre_page(ref: str, form: ActiveForm, status: int = 200) -> Response:
    with web.unit() as uow:
        row = _overseen_centre(uow, ref)
        policy, today = centre_policy(uow, row), uow.today
        quarters = quarters_of(uow, row.id)
        context: dict[str, Any] = {
            "centre": row,
            "separate": separate_quota(row.kind, row.base_capacity, policy),
            "ceiling": capacity_ceiling(row.area, policy),
            "changes": capacity_changes(uow, row.id),
            "line": year_line(quarters, today.year, today),
            "quarters": [
                (
                    quarter,
                    lines_of(quarter.plan.hours, quarter.plan.staff),
                    needs_notice(quarter.plan.kind, quarter.span, policy),
                )
                for quarter in quarters
                if quarter.span.last >= today
            ],
        }
    return web.render("centres/officer/centre.html", status=status, form=form, **context)


@web.page(pages, "/district/centres/<ref>/facility", actions.OVERSEE, service="KIUM")
def facility(ref: str) -> Response:
    with web.unit() as uow:
        row = _overseen_centre(uow, ref)
    return _facility_page(FacilityForm(obj=row), row)


@web.page(pages, "/district/centres/<ref>/facility", actions.OVERSEE, methods=["POST"], service="KIUM")
def save_facility(ref: str) -> Response:
    form = FacilityForm()
    with web.unit() as uow:
        row = _overseen_centre(uow, ref)
    if not form.validate():
        return _facility_page(form, row, 422)
    try:
        with web.unit() as uow:
            edit_facility(uow, ref, facility_info(form), form.version.data or 0)
    except RuleBroken as error:
        refuse(form, error.problems)
        return _facility_page(form, row, 422)
    except StaleVersion:
        return _facility_page(stale(FacilityForm(formdata=None, obj=row)), row, 409)
    flash(_("시설 정보를 저장했어요."), "success")
    return web.see_other(url_for("centres_officer.centre", ref=ref))


def _facility_page(form: FacilityForm, row: CentreRow, status: int = 200) -> Response:
    return web.render(
        "centres/staff/facility.html",
        status=status,
        form=form,
        centre=row,
        action=url_for("centres_officer.save_facility", ref=row.ref),
        back=url_for("centres_officer.centre", ref=row.ref),
    )


@web.page(pages, "/district/capacity/<ref>", actions.DECIDE_CAPACITY, service="KIUM")
def capacity(ref: str) -> Response:
    return _capacity_page(ref, DecisionForm(formdata=None))


@web.page(pages, "/district/capacity/<ref>", actions.DECIDE_CAPACITY, methods=["POST"], service="KIUM")
def decide_capacity(ref: str) -> Response:
    form = DecisionForm()
    if not form.validate():
        return _capacity_page(ref, form, 422)
    house = bookings.of_this_house()
    try:
        with web.unit() as uow:
            asked = capacity_change_by_ref(uow, ref)
            decided = decide_capacity_change(
                uow,
                ref,
                approve=form.decision.data == "approve",
                reason=form.reason.data or "",
                version=form.version.data or 0,
                enrolled=house.enrolled(uow, asked.centre_id, uow.today),
            )
            if decided.is_effective:
                house.seats_changed(uow, centre_by_id(uow, decided.centre_id))
    except RuleBroken as error:
        refuse(form, error.problems)
        return _capacity_page(ref, form, 422)
    except StaleVersion:
        return _capacity_page(ref, stale(DecisionForm(formdata=None)), 409)
    flash(_("결정했어요. 센터 화면에 결과가 나타나요."), "success")
    return web.see_other(url_for("centres_officer.centres"))


def _capacity_page(ref: str, form: DecisionForm, status: int = 200) -> Response:
    with web.unit() as uow:
        asked: CapacityChangeRow = capacity_change_by_ref(uow, ref)
        row = centre_by_id(uow, asked.centre_id)
        actions.DECIDE_CAPACITY.check(uow.actor, row.id, row.district_id)
        policy = centre_policy(uow, row)
        enrolled = bookings.of_this_house().enrolled(uow, row.id, uow.today)
    return web.render(
        "centres/officer/capacity.html",
        status=status,
        form=form,
        centre=row,
        asked=asked,
        change=asked.change,
        ceiling=capacity_ceiling(asked.change.new_area, policy),
        proposal=capacity_proposal(asked.change.new_area, policy),
        most_enrolled=max(enrolled.values(), default=0),
        own=asked.asked_by is not None and asked.asked_by == web.actor().user_id,
    )


@web.page(pages, "/district/papers", actions.DISTRICT_PAPERS, service="KIUM")
def papers() -> Response:
    return _papers_page()


@web.page(pages, "/district/papers", actions.DISTRICT_PAPERS, methods=["POST"], service="KIUM")
def save_papers() -> Response:
    grounds, paper_kinds = _grounds(), _paper_kinds()
    chosen = {ground: request.form.getlist(f"papers_{ground}") for ground in grounds}
    ref = request.form.get("district", "")
    try:
        with web.unit() as uow:
            set_district_papers(uow, ref, chosen, grounds=list(grounds), kinds=list(paper_kinds))
    except RuleBroken as error:
        return _papers_page(error.problems, 422)
    flash(_("증빙서류를 저장했어요. 새로 받는 신청부터 이 서류를 받아요."), "success")
    return web.see_other(url_for("centres_officer.papers", district=ref))


def _grounds() -> dict[str, str]:
    """Priority grounds that a paper proves, with their labels; the lower grades are seen from the child's record."""
    kind = all_parameters()["kb.priority_order"].kind
    options = kind.options if isinstance(kind, Ranking) else {}
    return {
        key: label
        for key, label in options.items()
        if key not in ("low_grade", "other", "covid_medical_staff")
    }


def _paper_kinds() -> dict[str, str]:
    kind = all_parameters()["kb.evidence_kinds"].kind
    return dict(kind.options) if isinstance(kind, Several) else {}


def _papers_page(problems: Any = (), status: int = 200) -> Response:
    ref = request.values.get("district", "")
    with web.unit() as uow:
        mine = _own_districts(uow)
        district: Institution | None = mine[0] if len(mine) == 1 else None
        if ref:
            district = institution_by_ref(uow.session, ref, InstitutionKind.DISTRICT)
            actions.DISTRICT_PAPERS.check(uow.actor, district.id)
        stored = district_papers(uow, district.id) if district else {}
    return web.render(
        "centres/officer/papers.html",
        status=status,
        problems=problems,
        districts=mine,
        district=district,
        grounds=_grounds(),
        kinds=_paper_kinds(),
        stored=stored,
    )
