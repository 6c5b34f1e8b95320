"""Changing an application before the centre decides (KB-26)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.booking import actions
from app.booking.choice import BAD_TIME, Choice, read_choice
from app.booking.forms import EditForm
from app.booking.models import Booking
from app.booking.parent_month import hour_options, week_view
from app.booking.parent_pages import pages
from app.booking.place import place_of, quarter_on
from app.booking.queries import BookingDetail, booking_detail
from app.booking.rules.changes import guardian_may_change
from app.booking.rules.request import NO_WEEKDAY
from app.booking.rules.states import BookingKind
from app.booking.service.applications import Edit, edit_application
from app.booking.service.judge import NO_PERIOD
from app.booking.times import SINGLE, read_times
from app.booking.wizard import seat_month, slots_of
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken, StaleVersion
from app.kernel.ranges import DateSpan
from app.people import queries as people

CHANGED_MEANWHILE = Problem(
    "booking.changed_meanwhile",
    N_("그사이 내용이 바뀌었어요. 지금 내용을 확인하고 다시 고쳐 주세요."),
    rule="KB-26",
)
UNREADABLE_VERSION = -1


@web.page(pages, "/my/bookings/<ref>/edit", actions.MINE, service="KIUM")
def edit(ref: str) -> Response:
    with web.unit() as uow:
        one = booking_detail(uow, ref)
    if guardian_may_change(one.state):
        return web.see_other(url_for("booking_parent.detail", ref=ref))
    form = EditForm(
        formdata=None, ground=str(one.rank.claimed), reason=one.reason, other_service=one.other_service
    )
    return _show(ref, form.fit(one.kind), _as_booked(one))


@web.page(pages, "/my/bookings/<ref>/edit", actions.MINE, methods=["POST"], service="KIUM")
def save(ref: str) -> Response:
    with web.unit() as uow:
        one = booking_detail(uow, ref)
    choice, form = read_choice(request.form), EditForm().fit(one.kind)
    missing = _missing(choice)
    if missing or not form.validate():
        return _show(ref, form, choice, missing, status=422)
    try:
        with web.unit() as uow:
            notice = edit_application(uow, _edit_of(one, choice, form))
    except RuleBroken as refused:
        return _show(ref, form, choice, web.attach(form, refused.problems), status=422)
    except StaleVersion:
        # The typed words stay; dates and hours are shown as they are now.
        return _show(ref, form, None, [CHANGED_MEANWHILE], status=409)
    flash(web.sentence(notice) if notice else _("신청 내용을 고쳤어요."), "success")
    return web.see_other(url_for("booking_parent.detail", ref=ref))


def _as_booked(one: BookingDetail) -> Choice:
    times = read_times(one.times)
    if one.kind is BookingKind.REGULAR:
        return Choice(kind=one.kind, first=one.starts_on, last=one.ends_on, week=times)
    return Choice(kind=one.kind, days=(one.starts_on,), hours=times[SINGLE])


def _missing(choice: Choice) -> list[Problem]:
    if choice.unreadable:
        return list(choice.unreadable)
    if choice.is_regular:
        period = [] if choice.first and choice.last else [NO_PERIOD]
        return period + ([] if choice.week else [NO_WEEKDAY])
    return [] if choice.days and choice.hours else [BAD_TIME]


def _edit_of(one: BookingDetail, choice: Choice, form: EditForm) -> Edit:
    version = request.form.get("version", UNREADABLE_VERSION, type=int)
    data = form.data
    words = {name: data.get(name) for name in ("ground", "reason", "other_service")}
    if one.kind is BookingKind.REGULAR:
        span = DateSpan(choice.first, choice.last) if choice.first and choice.last else None
        return Edit(one.ref, version, span=span, weekday_times=dict(choice.week), **words)
    return Edit(one.ref, version, day=choice.days[0], hours=choice.hours, **words)


def _show(
    ref: str,
    form: EditForm,
    choice: Choice | None,
    problems: Sequence[Problem] = (),
    *,
    status: int = 200,
) -> Response:
    with web.unit() as uow:
        one = booking_detail(uow, ref)
        time = _time_fields(uow, one, choice or _as_booked(one))
        today = uow.today
    return web.render(
        "booking/parent/edit.html",
        status=status,
        problems=problems,
        one=one,
        form=form,
        earliest=today.isoformat(),
        **time,
    )


def _time_fields(uow: UnitOfWork, one: BookingDetail, choice: Choice) -> dict[str, Any]:
    """What the page needs to ask for the time again: the week of regular care, or a date with its half hours."""
    place = place_of(uow, one.centre)
    step = place.terms.booking.slot_minutes
    if one.kind is BookingKind.REGULAR:
        first, last = choice.first or one.starts_on, choice.last or one.ends_on
        quarter = quarter_on(uow, one.centre.id, first) or quarter_on(uow, one.centre.id, one.starts_on)
        week = week_view(quarter.plan, dict(choice.week), step) if quarter else []
        return {"week": week, "first": first.isoformat(), "last": last.isoformat(), "day": ""}
    day = choice.days[0] if choice.days else one.starts_on
    latest = uow.today + timedelta(days=place.terms.booking.temp_window_days)
    child = people.child_for(uow, one.child_ref)
    own = uow.session.scalars(select(Booking.id).where(Booking.ref == one.ref)).all()
    month = seat_month(uow, place, one.kind, day, day, child, without=own)
    starts, ends = hour_options(slots_of(month, [day], uow.now), choice.hours, step)
    return {
        "week": [],
        "day": day.isoformat(),
        "latest": latest.isoformat(),
        "starts": starts,
        "ends": ends,
    }
