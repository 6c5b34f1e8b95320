"""사고·질병: a daycare's staff write down what happened and call the guardians in order, on a phone (AD-26)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from app.centres.forms import given, options, refuse
from app.incidents import actions, service
from app.incidents.circle import InCare, of_this_house
from app.incidents.forms import NO_CHILD, IncidentForm
from app.incidents.queries import OpenIncident, incidents, open_incident
from app.incidents.rules import CHILD_MISSING, How, IncidentKind
from app.incidents.service import NewIncident
from app.kernel import navigation, submission, web
from app.kernel.actor import DAYCARE_STAFF
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken, StaleVersion
from app.kernel.ranges import KST, kst, parse_minute

pages = web.tenant_blueprint("incidents_staff", __name__)
navigation.register(
    navigation.Entry(N_("사고·질병"), "incidents_staff.listing", DAYCARE_STAFF, 60, "DAYCARE")
)
SHOWN_DAYS = 90
BAD_TIME = N_("시각을 14:05처럼 적어 주세요.")
STALE = Problem(
    "incident.stale", N_("그 사이 다른 선생님이 먼저 고쳤어요. 지금 내용을 확인하고 다시 해 주세요.")
)
BAD_CONTACT = Problem("incident.bad_contact", N_("누구에게 어떻게 연락했는지 다시 골라 주세요."))


@web.page(pages, "/incidents", actions.LIST, service="DAYCARE")
def listing() -> Response:
    with web.unit() as uow:
        rows = incidents(uow, _place(uow), uow.today - timedelta(days=SHOWN_DAYS))
    return web.render("incidents/staff/list.html", rows=rows, days=SHOWN_DAYS)


@web.page(pages, "/incidents/new", actions.RECORD, service="DAYCARE")
def new() -> Response:
    return _form_page(None)


@web.page(pages, "/incidents", actions.RECORD, methods=["POST"], service="DAYCARE")
def record() -> Response:
    form = IncidentForm()
    with web.unit() as uow:
        children = list(of_this_house().in_care(uow, _place(uow)))
    _offer(form, children)
    happened_at = _typed_moment(form) if form.validate() else None
    if happened_at is None:
        return _form_page(form, 422)
    child = next((one for one in children if one.child_ref == form.child.data), None)
    try:
        with web.unit() as uow:
            submission.submit_once(uow, request.form.get("request_id", ""))
            row = service.record(uow, _place(uow), _read(form, happened_at, child))
            done = url_for("incidents_staff.detail", ref=row.ref)
            submission.answered_at(uow, request.form.get("request_id", ""), done)
    except RuleBroken as error:
        refuse(form, error.problems)
        return _form_page(form, 422)
    return web.see_other(done)


@web.page(pages, "/incidents/<ref>", actions.READ, service="DAYCARE")
def detail(ref: str) -> Response:
    return _detail_page(ref)


@web.page(pages, "/incidents/<ref>/contact", actions.TELL, methods=["POST"], service="DAYCARE")
def contact(ref: str) -> Response:
    posted = request.form
    here = url_for("incidents_staff.detail", ref=ref)
    try:
        with web.unit() as uow:
            submission.submit_once(uow, posted.get("request_id", ""))
            seen = open_incident(uow, ref)
            if posted.get("how", "") not in {how.value for how in How} or posted.get("reached") not in (
                "yes",
                "no",
            ):
                raise RuleBroken(BAD_CONTACT)
            service.add_contact(
                uow,
                ref,
                seen.people,
                posted.get("order", 0, int),
                reached=posted["reached"] == "yes",
                how=How(posted["how"]),
            )
            submission.answered_at(uow, posted["request_id"], here)
    except RuleBroken as error:
        return _detail_page(ref, error.problems, 422)
    told = posted["reached"] == "yes"
    flash(
        _("알린 시각을 적었어요.") if told else _("받지 않은 것으로 적었어요. 다음 보호자에게 걸어 주세요."),
        "success",
    )
    return web.see_other(here)


@web.page(pages, "/incidents/<ref>/ambulance", actions.TELL, methods=["POST"], service="DAYCARE")
def ambulance(ref: str) -> Response:
    try:
        with web.unit() as uow:
            service.call_ambulance(uow, ref)
    except RuleBroken as error:
        return _detail_page(ref, error.problems, 422)
    flash(_("119에 신고한 시각을 적었어요."), "success")
    return web.see_other(url_for("incidents_staff.detail", ref=ref))


@web.page(pages, "/incidents/<ref>/measure", actions.RECORD, methods=["POST"], service="DAYCARE")
def measure(ref: str) -> Response:
    posted = request.form
    here = url_for("incidents_staff.detail", ref=ref)
    try:
        with web.unit() as uow:
            submission.submit_once(uow, posted.get("request_id", ""))
            service.add_measure(uow, ref, posted.get("text", ""))
            submission.answered_at(uow, posted["request_id"], here)
    except RuleBroken as error:
        return _detail_page(ref, error.problems, 422)
    flash(_("조치를 적었어요."), "success")
    return web.see_other(here)


@web.page(pages, "/incidents/<ref>/close", actions.CLOSE, methods=["POST"], service="DAYCARE")
def close(ref: str) -> Response:
    try:
        with web.unit() as uow:
            service.close(uow, ref, version=request.form.get("version", 0, int))
    except RuleBroken as error:
        return _detail_page(ref, error.problems, 422)
    except StaleVersion:
        return _detail_page(ref, (STALE,), 409)
    flash(_("기록을 마감했어요."), "success")
    return web.see_other(url_for("incidents_staff.listing"))


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline; ``good``: somebody was reached."""

    at: datetime
    title: str
    text: str = ""
    good: bool = False


def timeline(seen: OpenIncident) -> list[Step]:
    """What happened, who was tried, what was done, in order of time."""
    row = seen.row
    steps = [Step(row.happened_at, _("%(kind)s 발생", kind=_(row.kind.label)), row.place)]
    for one in seen.attempts:
        result = _("알렸어요") if one.reached else _("닿지 않았어요")
        title = _("%(order)d순위 %(who)s · %(how)s", order=one.order, who=one.who, how=_(one.how.label))
        steps.append(Step(one.at, title, f"{result} ({one.by})" if one.by else result, one.reached))
    steps += [
        Step(one.at, _("조치"), f"{one.text} ({one.by})" if one.by else one.text) for one in seen.words.done
    ]
    if row.ambulance_at is not None:
        steps.append(Step(row.ambulance_at, _("119 신고")))
    if row.closed_at is not None:
        steps.append(Step(row.closed_at, _("마감")))
    return sorted(steps, key=lambda step: step.at)


def _detail_page(ref: str, problems: Sequence[Problem] = (), status: int = 200) -> Response:
    with web.unit() as uow:
        seen = open_incident(uow, ref)
    return web.render(
        "incidents/staff/detail.html",
        status=status,
        seen=seen,
        row=seen.row,
        steps=timeline(seen),
        hows=[(how.value, _(how.label)) for how in How],
        # the page's forms are small: their problems are told at its top
        problems=[problem.of(field="") for problem in problems],
        typed=request.form.get("text", ""),
    )


def _form_page(form: IncidentForm | None, status: int = 200) -> Response:
    with web.unit() as uow:
        children = of_this_house().in_care(uow, _place(uow))
        local = uow.now.astimezone(KST)
    if form is None:
        form = IncidentForm(formdata=None, data={"day": local.date(), "time": f"{local:%H:%M}"})
    _offer(form, children)
    return web.render("incidents/staff/new.html", status=status, form=form, none=NO_CHILD)


def _offer(form: IncidentForm, children: Sequence[InCare]) -> None:
    named = [(one.child_ref, f"{one.name} ({one.note})" if one.note else one.name) for one in children]
    form.child.choices = options([*named, (NO_CHILD, _("특정한 아이가 아니에요"))])


def _typed_moment(form: IncidentForm) -> datetime | None:
    try:
        return kst(given(form.day.data), parse_minute(form.time.data or ""))
    except ValueError:
        form.time.errors = [_(BAD_TIME)]
        return None


def _read(form: IncidentForm, happened_at: datetime, child: InCare | None) -> NewIncident:
    if child is None and form.child.data != NO_CHILD:
        raise RuleBroken(CHILD_MISSING)
    return NewIncident(
        kind=IncidentKind(form.happening.data),
        happened_at=happened_at,
        what=form.what.data or "",
        child_id=child.child_id if child else None,
        place=form.place.data or "",
        done=form.done.data or "",
        subject=child.subject if child else "",
        subject_id=child.subject_id if child else None,
    )


def _place(uow: UnitOfWork) -> int:
    if uow.actor.scope is None:
        raise NotFound("institution")
    return uow.actor.scope
