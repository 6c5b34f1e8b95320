"""투약: what is due when, what was given; written requests taken from a signed sheet (AD-27)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from app.centres.forms import refuse
from app.daycare import actions, service
from app.daycare.forms_staff import DoseForm
from app.daycare.queries import medicine_requests, room_now
from app.daycare.rules.days import operating_day
from app.daycare.staff_pages import DAY, SERVICE, asked_day, done, own_daycare, pages, tried
from app.kernel import web
from app.kernel.errors import Problem
from app.kernel.ranges import kst_date
from app.kernel.texts import clock_text


@web.page(pages, "/medicine", actions.GIVE_MEDICINE, service=SERVICE)
def medicine() -> Any:
    return _page()


def _page(
    problems: Sequence[Problem] = (), status: int = 200, *, ref: str = "", form: DoseForm | None = None
) -> Any:
    """``ref`` and ``form``: the request whose dose was typed wrongly."""
    with web.unit() as uow:
        daycare = own_daycare(uow)
        day, today, now = asked_day(uow), operating_day(uow.now), uow.now
        rows = medicine_requests(uow, daycare, day)
        due = room_now(uow, daycare).medicine if day == today else []
    if form is not None and problems:
        refuse(form, problems)
    return web.render(
        "daycare/staff/medicine.html",
        status=status,
        rows=rows,
        due=due,
        day=day,
        before=day - DAY,
        after=day + DAY,
        forms={row.ref: _form_of(row.ref, form if row.ref == ref else None, now) for row in rows},
        posted=form,
    )


def _form_of(ref: str, form: DoseForm | None, now: datetime) -> DoseForm:
    """One of many forms on the page: its fields have names of their own."""
    form = form or DoseForm(formdata=None, given_on=kst_date(now), given_at=clock_text(now))
    for field in form:
        field.id = field.label.field_id = f"{field.name}-{ref}"
    return form


@web.page(pages, "/medicine/<ref>/given", actions.GIVE_MEDICINE, methods=["POST"], service=SERVICE)
def give(ref: str) -> Any:
    form = DoseForm()
    if not form.validate():
        return _page((), 422, ref=ref, form=form)
    problems, status = tried(
        lambda uow: service.record_dose(uow, ref, given_at=form.moment(), note=form.note.data or "")
    )
    if problems:
        return _page(problems, status, ref=ref, form=form)
    return done(url_for("daycare_staff.medicine", day=request.args.get("day")), _("투약을 적었어요."))
