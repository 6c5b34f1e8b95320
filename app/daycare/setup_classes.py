"""반: places, weekdays, hours and teachers of a daycare's classes (AD-02, AD-03)."""

from __future__ import annotations

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from app.centres.forms import given, refuse
from app.daycare import actions
from app.daycare.forms_setup import WEEKDAYS, ClassForm
from app.daycare.queries.place import ClassRow, classes_of, policy_of
from app.daycare.rules.days import span_text
from app.daycare.service.running import ClassData, WouldBreak
from app.daycare.service.running import save_class as save
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
from app.kernel import submission, web
from app.kernel.errors import NotFound, RuleBroken, StaleVersion


@web.page(pages, "/house/classes", actions.MANAGE, service=SERVICE)
def classes() -> Response:
    with web.unit() as uow:
        place = own_daycare(uow)
        rows, policy, today = classes_of(uow, place.id), policy_of(uow, place), uow.today
    return web.render(
        "daycare/officer/classes.html",
        rows=rows,
        policy=policy,
        today=today,
        span_text=span_text,
        days_text=days_text,
    )


@web.page(pages, "/house/classes/new", actions.MANAGE, service=SERVICE)
def new_class() -> Response:
    with web.unit() as uow:
        today = uow.today
    return _page(ClassForm(formdata=None, data={"starts_on": today}))


@web.page(pages, "/house/classes/new", actions.MANAGE, methods=["POST"], service=SERVICE)
def add_class() -> Response:
    return _saved(ClassForm(), None)


@web.page(pages, "/house/classes/<ref>", actions.MANAGE, service=SERVICE)
def edit_class(ref: str) -> Response:
    row = _own(ref)
    return _page(_filled(row), row)


@web.page(pages, "/house/classes/<ref>", actions.MANAGE, methods=["POST"], service=SERVICE)
def save_class(ref: str) -> Response:
    return _saved(ClassForm(), _own(ref))


def _saved(form: ClassForm, row: ClassRow | None) -> Response:
    """First press: saved, or the bookings shown that would no longer fit. Second: saved, and they are marked."""
    if request.form.get("step") == "edit":
        return _page(form, row)
    if not form.validate():
        return _page(form, row, 422)
    try:
        data = _data(form)
    except ValueError:
        form.closes.errors = [_("여는 시각과 닫는 시각을 07:30처럼 차례대로 적어 주세요.")]
        return _page(form, row, 422)
    request_id, done = request.form.get("request_id", ""), url_for("daycare_officer.classes")
    ref, version = (row.ref, form.version.data or 0) if row else (None, None)
    try:
        with web.unit() as uow:
            submission.submit_once(uow, request_id)
            save(uow, own_daycare(uow).ref, data, ref=ref, version=version, accept=accepts())
            submission.answered_at(uow, request_id, done)
    except WouldBreak as broken:
        lead = _("바꾸면 정원이나 교사 수를 넘게 되는 예약이 있어요. 아직 저장하지 않았어요.")
        return ask_first(broken, _("이대로 저장할까요?"), lead, back=done, here="classes")
    except RuleBroken as error:
        refuse(form, error.problems)
        return _page(form, row, 422)
    except StaleVersion:
        fresh = _own(ref or "")
        return _page(stale(_filled(fresh)), fresh, 409)
    flash(_("반을 저장했어요. 자리 수에 바로 반영돼요."), "success")
    return web.see_other(done)


def days_text(row: ClassRow) -> str:
    """매일, 평일, or the days by name."""
    names = set(row.weekdays)
    if names == set(WEEKDAYS):
        return _("매일")
    if names == {"mon", "tue", "wed", "thu", "fri"}:
        return _("평일")
    return ", ".join(_(label) for key, label in WEEKDAYS.items() if key in names)


def _data(form: ClassForm) -> ClassData:
    start, end = read_span(form.opens.data, form.closes.data)
    return ClassData(
        name=form.name.data or "",
        places=form.places.data or 0,
        weekdays=tuple(form.weekdays.data or ()),
        start=start,
        end=end,
        teachers=form.teachers.data or 0,
        starts_on=given(form.starts_on.data),
        ends_on=form.ends_on.data,
    )


def _filled(row: ClassRow) -> ClassForm:
    data = {
        "name": row.name,
        "places": row.places,
        "weekdays": list(row.weekdays),
        "opens": typed_clock(row.start),
        "closes": typed_clock(row.end),
        "teachers": row.teachers,
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "version": row.version,
    }
    return ClassForm(formdata=None, data=data)


def _own(ref: str) -> ClassRow:
    """A class of the director's own daycare, also one that has ended."""
    with web.unit() as uow:
        place = own_daycare(uow)
        rows = classes_of(uow, place.id, place.designated_on)
    found = next((row for row in rows if row.ref == ref), None)
    if found is None:
        raise NotFound("class")
    return found


def _page(form: ClassForm, row: ClassRow | None = None, status: int = 200) -> Response:
    with web.unit() as uow:
        policy = policy_of(uow, own_daycare(uow))
    return web.render("daycare/officer/class.html", status=status, form=form, row=row, policy=policy)
