"""우리 어린이집: what a daycare says of itself, its hours (AD-30) and the days it is closed (GC-13)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from app.centres.forms import given, refuse
from app.daycare import actions
from app.daycare.forms_setup import CLOSED, OWN, STANDARD, ClosureForm, FacilityForm
from app.daycare.queries.place import DaycareRow, classes_of, closures_of, openings, policy_of
from app.daycare.rules.days import parse_clock, span_text
from app.daycare.service import running
from app.daycare.service.running import WouldBreak
from app.daycare.setup_classes import days_text
from app.daycare.setup_pages import (
    SERVICE,
    accepts,
    ask_first,
    own_daycare,
    pages,
    read_span,
    stale,
    typed_clock,
)
from app.insurance.queries import kinds_of, policies_of
from app.insurance.rules import DAYCARE_KINDS
from app.kernel import submission, web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken, StaleVersion
from app.kernel.ranges import minute_text
from app.tenancy.queries import holidays

YEAR = timedelta(days=365)
BAD_SPAN = Problem(
    "daycare.bad_span", N_("여는 시각과 닫는 시각을 07:30처럼 차례대로 적어 주세요."), rule="AD-30"
)


@web.page(pages, "/house", actions.MANAGE, service=SERVICE)
def house() -> Response:
    with web.unit() as uow:
        context = facts(uow, own_daycare(uow))
    return web.render("daycare/officer/house.html", **context)


def facts(uow: UnitOfWork, place: DaycareRow) -> dict[str, Any]:
    """What the director's and the city's page of a daycare both show."""
    return {
        "daycare": place,
        "policy": policy_of(uow, place),
        "hours": hours_text(place, policy_of(uow, place)),
        "classes": classes_of(uow, place.id),
        "closures": closures_of(uow, place.id, uow.today),
        "insured": kinds_of(policies_of(uow, place.id), DAYCARE_KINDS, uow.today),
        "today": uow.today,
        "days_text": days_text,
        "span_text": span_text,
    }


def hours_text(place: DaycareRow, policy: Any) -> dict[str, str]:
    """``weekday`` and ``holiday`` in words: the daycare's own, else the municipality's (AD-28, AD-30)."""
    holiday = _("07:30–다음 날 07:30")
    if policy.holiday_open is not None:
        holiday = f"{minute_text(policy.holiday_open.start)}–{minute_text(policy.holiday_open.end)}"
    found = {"weekday": _("07:30–다음 날 07:30"), "holiday": holiday}
    for key, own in place.hours.items():
        found[key] = span_text(*map(parse_clock, own)) if own else _("열지 않음")
    return found


@web.page(pages, "/house/facility", actions.MANAGE, service=SERVICE)
def facility() -> Response:
    with web.unit() as uow:
        place = own_daycare(uow)
    return _facility_page(_filled(place), place)


@web.page(pages, "/house/facility", actions.MANAGE, methods=["POST"], service=SERVICE)
def save_facility() -> Response:
    form = FacilityForm()
    with web.unit() as uow:
        place = own_daycare(uow)
    if request.form.get("step") == "edit":
        return _facility_page(form, place)
    if not form.validate():
        return _facility_page(form, place, 422)
    done = url_for("daycare_officer.house")
    try:
        with web.unit() as uow:
            version = form.version.data or 0
            running.save_facility(uow, place.ref, _facility(form), version=version, accept=accepts())
    except WouldBreak as broken:
        lead = _("새 운영시간 밖에 있게 되는 예약이 있어요. 아직 저장하지 않았어요.")
        return ask_first(broken, _("운영시간을 이대로 저장할까요?"), lead, back=done, here="house")
    except RuleBroken as error:
        refuse(form, error.problems)
        return _facility_page(form, place, 422)
    except StaleVersion:
        with web.unit() as uow:
            fresh = own_daycare(uow)
        return _facility_page(stale(_filled(fresh)), fresh, 409)
    flash(_("어린이집 정보를 저장했어요."), "success")
    return web.see_other(done)


def _facility(form: FacilityForm) -> running.FacilityData:
    """Raises RuleBroken beside the hours that cannot be read."""
    hours: dict[str, Any] = {}
    for key in ("weekday", "holiday"):
        choice = form[key].data
        if choice == CLOSED:
            hours[key] = None
        elif choice == OWN:
            try:
                span = read_span(form[f"{key}_opens"].data, form[f"{key}_closes"].data)
            except ValueError:
                raise RuleBroken(BAD_SPAN.of(field=f"{key}_opens")) from None
            hours[key] = [minute_text(minute) for minute in span]
    return running.FacilityData(
        phone=form.phone.data or "",
        account=form.account.data or "",
        introduction=form.introduction.data or "",
        emergency_manual=form.emergency_manual.data or "",
        hours=hours,
    )


def _filled(place: DaycareRow) -> FacilityForm:
    data: dict[str, Any] = {
        "phone": place.phone,
        "account": place.account,
        "introduction": place.introduction,
        "emergency_manual": place.emergency_manual,
        "version": place.version,
    }
    for key in ("weekday", "holiday"):
        own = place.hours.get(key)
        data[key] = STANDARD if key not in place.hours else OWN if own else CLOSED
        for name, text in zip(("opens", "closes"), own or ("", ""), strict=True):
            data[f"{key}_{name}"] = typed_clock(parse_clock(text)) if text else ""
    return FacilityForm(formdata=None, data=data)


def _facility_page(form: FacilityForm, place: DaycareRow, status: int = 200) -> Response:
    return web.render("daycare/officer/facility.html", status=status, form=form, daycare=place)


@web.page(pages, "/house/days", actions.MANAGE, service=SERVICE)
def days() -> Response:
    return _days_page(ClosureForm(formdata=None))


@web.page(pages, "/house/days", actions.MANAGE, methods=["POST"], service=SERVICE)
def close() -> Response:
    """First press: closed, or who is booked that day. Second: closed, their bookings cancelled and families told."""
    form = ClosureForm()
    if request.form.get("step") == "edit":
        return _days_page(form)
    if not form.validate():
        return _days_page(form, 422)
    request_id, done = request.form.get("request_id", ""), url_for("daycare_officer.days")
    day, reason = given(form.day.data), form.reason.data or ""
    try:
        with web.unit() as uow:
            submission.submit_once(uow, request_id)
            running.close_day(uow, own_daycare(uow).ref, day, reason, accept=accepts())
            submission.answered_at(uow, request_id, done)
    except WouldBreak as broken:
        lead = _("이날 예약한 아이가 있어요. 아직 저장하지 않았어요.")
        return ask_first(broken, _("이날 문을 닫을까요?"), lead, back=done, here="days", cancels=True)
    except RuleBroken as error:
        refuse(form, error.problems)
        return _days_page(form, 422)
    flash(_("쉬는 날로 정했어요."), "success")
    return web.see_other(done)


@web.page(pages, "/house/days/<ref>/open", actions.MANAGE, methods=["POST"], service=SERVICE)
def reopen(ref: str) -> Response:
    with web.unit() as uow:
        running.open_day(uow, ref)
    flash(_("지웠어요. 그날은 평소처럼 열어요."), "success")
    return web.see_other(url_for("daycare_officer.days"))


def _days_page(form: ClosureForm, status: int = 200) -> Response:
    with web.unit() as uow:
        place = own_daycare(uow)
        own = closures_of(uow, place.id, uow.today)
        coming, calendar = openings(uow, place, uow.today, uow.today + YEAR), holidays(uow)
    mine = {row.operating_day for row in own}
    # of the days on which it never opens only the named holidays are worth a line
    statutory = [
        (day, opening.reason)
        for day, opening in coming.items()
        if not opening.is_open and day not in mine and calendar.name(day)
    ]
    return web.render(
        "daycare/officer/days.html",
        status=status,
        form=form,
        own=own,
        statutory=statutory,
    )
