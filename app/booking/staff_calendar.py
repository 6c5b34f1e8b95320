"""분기와 휴원이 예약에 주는 영향: whose booking is cut by new dates, who comes on a day that closes (KQ-04, KQ-11).

Both are two steps: the names first, then the change. Hours, staff and extra openings have their own pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import DateField, RadioField, StringField
from wtforms.validators import Length

from app.booking.forms_staff import CHOSEN, DATE_NEEDED, VersionedForm, options, refuse, tidy
from app.booking.models import Booking, UsageDay
from app.booking.rules.states import UsageDayState
from app.booking.service import change_quarter, declare_special_day
from app.booking.service.quarters import content_of
from app.booking.staff_pages import STALE, pages
from app.booking.times import when_text
from app.centres import actions
from app.centres.queries import QuarterRow, quarter_by_ref, quarters_of
from app.centres.rules import QuarterPlan, QuarterState, SpecialDayKind
from app.centres.service.facility import own_centre
from app.centres.service.quarters import Preview, preview
from app.centres.service.special_days import NewSpecialDay
from app.kernel import audit, web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken, StaleVersion
from app.kernel.ranges import DateSpan
from app.people.models import Child

BACKWARDS = Problem(
    "calendar.backwards", N_("종료일은 시작일과 같거나 그 뒤여야 해요."), rule="KQ-04", field="last"
)
CLOSING = (
    SpecialDayKind.CENTRE_CLOSED,
    SpecialDayKind.DISCRETIONARY_CLOSURE,
    SpecialDayKind.SHORT_VACATION,
)


class DatesForm(VersionedForm):
    first = DateField(N_("시작일"), [DATE_NEEDED])
    last = DateField(N_("종료일"), [DATE_NEEDED])


class ClosingForm(FlaskForm):
    day = DateField(N_("날짜"), [DATE_NEEDED])
    kind = RadioField(
        N_("어떤 날"),
        [CHOSEN],
        choices=options((kind.value, kind.label) for kind in CLOSING),
        default=SpecialDayKind.CENTRE_CLOSED.value,
    )
    note = StringField(N_("알림말"), [Length(max=200)], filters=[tidy])


@dataclass(frozen=True, slots=True)
class Named:
    """A booking that a change touches, by its number and its child."""

    ref: str
    number: str
    child: str
    when: str


def named(uow: UnitOfWork, centre_id: int, refs: Sequence[str]) -> dict[str, Named]:
    """Reading names is logged."""
    rows = uow.session.execute(
        select(Booking, Child.name)
        .join(Child, Child.id == Booking.child_id)
        .where(Booking.ref.in_(refs), Booking.centre_id == centre_id)
    ).all()
    audit.record_access(uow, "booking.calendar_effect", "centre", centre_id, row_count=len(rows))
    return {
        booking.ref: Named(booking.ref, booking.number, child, when_text(booking)) for booking, child in rows
    }


@web.page(pages, "/bookings/calendar", actions.CHANGE_QUARTERS, service="KIUM")
def calendar() -> Response:
    return _calendar_page(ClosingForm(formdata=None))


def _calendar_page(form: ClosingForm, status: int = 200) -> Response:
    with web.unit() as uow:
        centre = own_centre(uow)
        rows = [row for row in quarters_of(uow, centre.id) if row.state is not QuarterState.CLOSED]
    return web.render(
        "booking/staff/calendar.html", status=status, quarters=rows, centre=centre, form=form, touched=None
    )


@web.page(pages, "/bookings/calendar/closing", actions.SPECIAL_DAYS, methods=["POST"], service="KIUM")
def closing() -> Response:
    """First press: who is expected that day. Second: the day is declared, bookings cancelled, families told."""
    form = ClosingForm()
    if not form.validate() or form.day.data is None:
        return _calendar_page(form, 422)
    kind = SpecialDayKind(form.kind.data)
    if request.form.get("step") != "save":
        return _closing_effect(form, kind, form.day.data)
    try:
        with web.unit() as uow:
            new = NewSpecialDay(form.day.data, kind, note=form.note.data or "")
            declare_special_day(uow, own_centre(uow).ref, new)
    except RuleBroken as error:
        refuse(form, error.problems)
        return _calendar_page(form, 422)
    flash(_("특별한 날을 정했어요. 예약이 취소된 보호자에게 알렸어요."), "success")
    return web.see_other(url_for("centres_staff.days"))


def _closing_effect(form: ClosingForm, kind: SpecialDayKind, day: date) -> Response:
    with web.unit() as uow:
        centre = own_centre(uow)
        refs = uow.session.scalars(
            select(Booking.ref)
            .join(UsageDay, UsageDay.booking_id == Booking.id)
            .where(
                UsageDay.centre_id == centre.id,
                UsageDay.day == day,
                UsageDay.state == UsageDayState.PLANNED,
            )
            .order_by(UsageDay.start_minute, Booking.id)
        ).all()
        rows = named(uow, centre.id, refs)
    return web.render(
        "booking/staff/closing_effect.html",
        form=form,
        kind=kind,
        day=day,
        touched=[rows[ref] for ref in refs],
        cancels=kind is SpecialDayKind.CENTRE_CLOSED,
    )


@web.page(pages, "/centre/quarters/<ref>/dates", actions.CHANGE_QUARTERS, service="KIUM")
def quarter_dates(ref: str) -> Response:
    with web.unit() as uow:
        quarter = _own_quarter(uow, ref)
    return _dates_page(quarter, _stored(quarter))


@web.page(pages, "/centre/quarters/<ref>/dates", actions.CHANGE_QUARTERS, methods=["POST"], service="KIUM")
def change_dates(ref: str) -> Response:
    """First press: the effect, nothing written. Second: saved, clipped and told in one unit."""
    form = DatesForm()
    with web.unit() as uow:
        quarter = _own_quarter(uow, ref)
    if form.version.data != quarter.version:
        fresh = _stored(quarter)
        fresh.form_errors = [_(STALE)]
        return _dates_page(quarter, fresh, 409)
    plan = _plan(form, quarter) if form.validate() else None
    if plan is None:
        return _dates_page(quarter, form, 422)
    if request.form.get("step") != "save":
        return _effect_page(quarter, form, plan)
    try:
        with web.unit() as uow:
            change_quarter(uow, ref, plan, quarter.version)
    except RuleBroken as error:
        refuse(form, error.problems)
        return _dates_page(quarter, form, 422)
    except StaleVersion:
        return _dates_page(quarter, form, 409)
    flash(_("분기 날짜를 바꾸고, 줄어든 예약의 보호자에게 알렸어요."), "success")
    return web.see_other(url_for("booking_staff.calendar"))


def _own_quarter(uow: UnitOfWork, ref: str) -> QuarterRow:
    quarter = quarter_by_ref(uow, ref)
    if quarter.centre_id != own_centre(uow).id:
        raise NotFound("quarter")
    return quarter


def _stored(quarter: QuarterRow) -> DatesForm:
    return DatesForm(formdata=None, data={"first": quarter.span.first, "last": quarter.span.last})


def _plan(form: DatesForm, quarter: QuarterRow) -> QuarterPlan | None:
    first, last = form.first.data, form.last.data
    if first is None or last is None or last < first:
        refuse(form, [BACKWARDS])
        return None
    return replace(quarter.plan, span=DateSpan(first, last))


def _effect_page(quarter: QuarterRow, form: DatesForm, plan: QuarterPlan) -> Response:
    with web.unit() as uow:
        centre = own_centre(uow)
        seen: Preview = preview(uow, centre, plan, quarter, content_of(uow, quarter))
        impact = seen.impact
        refs = [*(row.ref for row in impact.shortened), *impact.could_grow]
        rows = named(uow, centre.id, refs)
    if seen.hard:
        refuse(form, seen.hard)
        return _dates_page(quarter, form, 422)
    return web.render(
        "booking/staff/quarter_effect.html", quarter=quarter, form=form, plan=plan, seen=seen, rows=rows
    )


def _dates_page(quarter: QuarterRow, form: DatesForm, status: int = 200) -> Response:
    context: dict[str, Any] = {"quarter": quarter, "form": form}
    return web.render("booking/staff/quarter_dates.html", status=status, **context)
