"""A centre looks after itself: facility, capacity, operating rules, special days. Quarters have a file of their own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from app.centres import actions, bookings, first_year_pages, quarter_pages
from app.centres.forms import CapacityForm, FacilityForm, RulesForm, SpecialDayForm, given, refuse
from app.centres.queries import (
    CentreRow,
    capacity_changes,
    centre_policy,
    special_days,
)
from app.centres.rules import SpecialDayKind, capacity_ceiling, capacity_proposal, separate_quota
from app.centres.service.capacity import Wish, request_capacity_change
from app.centres.service.facility import FacilityInfo, edit_facility, own_centre
from app.centres.service.special_days import (
    NewSpecialDay,
    check_declaring,
    declare_special_day,
    remove_special_day,
)
from app.centres.service.written_rules import OperatingRules, common_order, write_rules
from app.centres.staff_pages import carried, pages
from app.centres.week import read_span
from app.kernel import navigation, submission, web
from app.kernel.actor import CENTRE_STAFF
from app.kernel.errors import N_, RuleBroken, StaleVersion
from app.kernel.parameters import Parameter, all_parameters
from app.kernel.ranges import DateSpan
from app.tenancy import kinds, settings
from app.tenancy.decisions import decide_elsewhere

__all__ = ["first_year_pages", "pages", "quarter_pages"]
"""The other files' pages hang on the same blueprint."""

navigation.register(
    navigation.Entry(N_("우리 센터"), "centres_staff.overview", CENTRE_STAFF, 70, "KIUM"),
)

decide_elsewhere("kb.priority_order", "centres_staff.rules_page")

STALE = N_("그 사이 다른 사람이 먼저 고쳤어요. 아래는 지금 저장된 값이에요. 다시 확인하고 고쳐 주세요.")
YEAR_AHEAD = timedelta(days=400)


@web.page(pages, "/centre", actions.OWN, service="KIUM")
def overview() -> Response:
    with web.unit() as uow:
        centre = own_centre(uow)
        policy = centre_policy(uow, centre)
        context: dict[str, Any] = {
            "centre": centre,
            "separate": separate_quota(centre.kind, centre.base_capacity, policy),
            "ceiling": capacity_ceiling(centre.area, policy),
            "changes": capacity_changes(uow, centre.id),
            "may_ask": actions.ASK_CAPACITY.allows(uow.actor.role),
        }
    return web.render("centres/staff/overview.html", **context)


@web.page(pages, "/centre/facility", actions.OWN, service="KIUM")
def facility() -> Response:
    with web.unit() as uow:
        centre = own_centre(uow)
    return _facility_page(FacilityForm(obj=centre), centre)


@web.page(pages, "/centre/facility", actions.OWN, methods=["POST"], service="KIUM")
def save_facility() -> Response:
    form = FacilityForm()
    with web.unit() as uow:
        centre = own_centre(uow)
    if not form.validate():
        return _facility_page(form, centre, 422)
    try:
        with web.unit() as uow:
            edit_facility(uow, centre.ref, facility_info(form), form.version.data or 0)
    except RuleBroken as error:
        refuse(form, error.problems)
        return _facility_page(form, centre, 422)
    except StaleVersion:
        return _facility_page(stale(FacilityForm(formdata=None, obj=centre)), centre, 409)
    flash(_("시설 정보를 저장했어요."), "success")
    return web.see_other(url_for("centres_staff.overview"))


def facility_info(form: FacilityForm) -> FacilityInfo:
    return FacilityInfo(
        phone=form.phone.data or "",
        address=form.address.data or "",
        introduction=form.introduction.data or "",
        sick_care=form.sick_care.data,
        sick_seats=form.sick_seats.data or 0,
        allow_preschool_sibling=form.allow_preschool_sibling.data,
        preschool_sibling_min_age=form.preschool_sibling_min_age.data or 5,
    )


def stale(form: Any) -> Any:
    """The fresh values with the reason above them (409)."""
    form.form_errors = [_(STALE)]
    return form


def _facility_page(form: FacilityForm, centre: CentreRow, status: int = 200) -> Response:
    return web.render(
        "centres/staff/facility.html",
        status=status,
        form=form,
        centre=centre,
        action=url_for("centres_staff.save_facility"),
        back=url_for("centres_staff.overview"),
    )


@web.page(pages, "/centre/capacity", actions.ASK_CAPACITY, service="KIUM")
def capacity() -> Response:
    return _capacity_page()


@web.page(pages, "/centre/capacity", actions.ASK_CAPACITY, methods=["POST"], service="KIUM")
def ask_capacity() -> Response:
    form = CapacityForm()
    if not form.validate():
        return _capacity_page(form, 422)
    request_id, done = request.form.get("request_id", ""), url_for("centres_staff.overview")
    wish = Wish(
        form.capacity.data or 0, given(form.area.data), given(form.effective_on.data), form.reason.data or ""
    )
    try:
        with web.unit() as uow:
            submission.submit_once(uow, request_id)
            centre = own_centre(uow)
            enrolled = bookings.of_this_house().enrolled(uow, centre.id, uow.today)
            request_capacity_change(uow, centre.ref, wish, enrolled)
            submission.answered_at(uow, request_id, done)
    except RuleBroken as error:
        refuse(form, error.problems)
        return _capacity_page(form, 422)
    flash(_("정원 변경을 요청했어요. 자치구가 결정하면 이 화면에 나타나요."), "success")
    return web.see_other(done)


def _capacity_page(form: CapacityForm | None = None, status: int = 200) -> Response:
    with web.unit() as uow:
        centre = own_centre(uow)
        policy, today = centre_policy(uow, centre), uow.today
    form = form or CapacityForm(data={"capacity": centre.base_capacity, "area": centre.area})
    area = form.area.data or centre.area
    return web.render(
        "centres/staff/capacity.html",
        status=status,
        form=form,
        centre=centre,
        area=area,
        ceiling=capacity_ceiling(area, policy),
        proposal=capacity_proposal(area, policy),
        today=today,
    )


def priority_order() -> Parameter:
    """The ranks of priority grounds: kept by the room of bookings, laid down here with the centre's rules."""
    return all_parameters()["kb.priority_order"]


@web.page(pages, "/centre/rules", actions.OWN, service="KIUM")
def rules_page() -> Response:
    return _rules_page()


@web.page(pages, "/centre/rules", actions.WRITE_RULES, methods=["POST"], service="KIUM")
def save_rules() -> Response:
    form, order = RulesForm(), priority_order()
    if not form.validate():
        return _rules_page(form, 422)
    try:
        written = OperatingRules(
            form.priority.data or "",
            form.ending.data or "",
            form.deliberated_on.data,
            kinds.typed(order, form.order.data or ""),
        )
        with web.unit() as uow:
            write_rules(uow, own_centre(uow).ref, written, order, form.version.data or 0)
    except RuleBroken as error:
        refuse(form, [p.of(field="order") if p.field == "value" else p for p in error.problems])
        return _rules_page(form, 422)
    except StaleVersion:
        return _rules_page(status=409)
    flash(_("운영규정을 저장했어요."), "success")
    return web.see_other(url_for("centres_staff.rules_page"))


def _rules_page(form: RulesForm | None = None, status: int = 200) -> Response:
    order = priority_order()
    with web.unit() as uow:
        centre = own_centre(uow)
        ranks = settings.value(uow, order, place=centre.place)
        common = kinds.shown(order, common_order(uow, centre, order))
        may_write = actions.WRITE_RULES.allows(uow.actor.role)
    form = form or _rules_form(centre, kinds.as_typed(order, ranks))
    return web.render(
        "centres/staff/rules.html",
        status=status,
        form=stale(form) if status == 409 else form,
        centre=centre,
        common=common,
        may_write=may_write,
    )


def _rules_form(centre: CentreRow, ranks: str) -> RulesForm:
    written = centre.operating_rules
    deliberated = written.get("deliberated_on")
    return RulesForm(
        formdata=None,
        data={
            "priority": written.get("priority") or "",
            "ending": written.get("ending") or "",
            "deliberated_on": date.fromisoformat(deliberated) if deliberated else None,
            "order": ranks,
        },
    )


@web.page(pages, "/centre/days", actions.OWN, service="KIUM")
def days() -> Response:
    return _days_page(SpecialDayForm(formdata=None))


@web.page(pages, "/centre/days", actions.SPECIAL_DAYS, methods=["POST"], service="KIUM")
def declare_day() -> Response:
    """First press: who is booked that day, nothing written. Second: declared, refitted and told in one unit."""
    form = SpecialDayForm()
    step = request.form.get("step", "")
    if step == "edit":
        return _days_page(form)
    if not form.validate():
        return _days_page(form, 422)
    request_id, done = request.form.get("request_id", ""), url_for("centres_staff.days")
    try:
        hours = read_span((form.opens.data or "").strip(), (form.closes.data or "").strip())
    except ValueError:
        form.opens.errors = [_("여는 시각과 닫는 시각을 09:00처럼 차례대로 적어 주세요.")]
        return _days_page(form, 422)
    kind, heads = SpecialDayKind(form.kind.data), form.heads.data or 0
    new = NewSpecialDay(given(form.day.data), kind, hours, heads, form.note.data or "")
    try:
        if step != "save":
            return _effect_page(new)
        with web.unit() as uow:
            submission.submit_once(uow, request_id)
            change = declare_special_day(uow, own_centre(uow).ref, new)
            bookings.of_this_house().refit_day(uow, change.centre, change.day)
            submission.answered_at(uow, request_id, done)
    except RuleBroken as error:
        refuse(form, error.problems)
        return _days_page(form, 422)
    flash(_("특별한 날을 정했어요. 예약이 취소된 보호자에게는 알렸어요."), "success")
    return web.see_other(done)


def _effect_page(new: NewSpecialDay) -> Response:
    """Raises RuleBroken where the day could not be declared."""
    with web.unit() as uow:
        centre = own_centre(uow)
        check_declaring(uow, centre, new)
        touched = bookings.of_this_house().touched_on(uow, centre, new.day)
    return web.render(
        "centres/staff/day_confirm.html",
        new=new,
        touched=touched,
        cancels=new.kind is SpecialDayKind.CENTRE_CLOSED,
        carried=carried(),
    )


@web.page(pages, "/centre/days/<ref>/remove", actions.SPECIAL_DAYS, methods=["POST"], service="KIUM")
def remove_day(ref: str) -> Response:
    with web.unit() as uow:
        change = remove_special_day(uow, ref)
        bookings.of_this_house().refit_day(uow, change.centre, change.day)
    flash(_("지웠어요. 그날은 평소처럼 열어요."), "success")
    return web.see_other(url_for("centres_staff.days"))


def _days_page(form: SpecialDayForm, status: int = 200) -> Response:
    with web.unit() as uow:
        centre = own_centre(uow)
        context: dict[str, Any] = {
            "centre": centre,
            "days": special_days(uow, centre.id, DateSpan(uow.today, uow.today + YEAR_AHEAD)),
            "may_edit": actions.SPECIAL_DAYS.allows(uow.actor.role),
            "standard": centre_policy(uow, centre).std_vacation,
        }
    return web.render("centres/staff/days.html", status=status, form=form, **context)
