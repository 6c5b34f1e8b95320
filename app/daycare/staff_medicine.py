"""투약: what is due when, what was given; written requests taken from a signed sheet (AD-27)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from app.centres.forms import given, refuse
from app.daycare import actions, service
from app.daycare.forms_staff import DoseForm, MedicineSheetForm
from app.daycare.queries import (
    KnownChild,
    guardians_for,
    known_child,
    known_children,
    medicine_requests,
    room_now,
    sheet_ref,
)
from app.daycare.rules.days import operating_day
from app.daycare.staff_pages import (
    DAY,
    SERVICE,
    asked_day,
    done,
    own_daycare,
    pages,
    posted_request_id,
    tried,
)
from app.documents.rules.signing import read_strokes
from app.documents.serving import send_file
from app.documents.uploads import open_upload
from app.kernel import submission, web
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem, RuleBroken
from app.kernel.ranges import kst_date
from app.kernel.texts import clock_text, dotted


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
        problems = ()
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
        request_ids={
            row.ref: posted_request_id() if row.ref == ref else web.new_request_id() for row in rows
        },
        problems=list(problems),
        wrong=ref,
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
    request_id = request.form.get("request_id", "")
    url = url_for("daycare_staff.medicine", day=request.args.get("day"))

    def command(uow: UnitOfWork) -> None:
        submission.submit_once(uow, request_id)
        service.record_dose(uow, ref, given_at=form.moment(), note=form.note.data or "")
        submission.answered_at(uow, request_id, url)

    problems, status = tried(command)
    if problems:
        return _page(problems, status, ref=ref, form=form)
    return done(url, _("투약을 적었어요."))


@web.page(pages, "/medicine/<ref>/withdraw", actions.GIVE_MEDICINE, methods=["POST"], service=SERVICE)
def withdraw_sheet(ref: str) -> Any:
    """Written off wrongly, or taken back by a call: nothing more is given for it."""
    reason = request.form.get(f"reason-{ref}", "")
    problems, status = tried(lambda uow: service.withdraw_medicine(uow, ref, reason))
    if problems:
        return _page([problem.of(field=f"reason-{ref}") for problem in problems], status, ref=ref)
    return done(url_for("daycare_staff.medicine", day=request.args.get("day")), _("투약 의뢰를 거두었어요."))


@web.page(pages, "/medicine/new", actions.GIVE_MEDICINE, service=SERVICE)
def new_sheet() -> Any:
    """투약의뢰서 옮겨 적기: for whom."""
    chosen = request.args.get("child", "")
    if chosen:
        return web.see_other(url_for("daycare_staff.child_sheet", ref=chosen))
    with web.unit() as uow:
        children = known_children(uow, own_daycare(uow))
    return web.render(
        "daycare/staff/medicine_child.html",
        children=children,
        choices=[(c.ref, f"{c.name} ({dotted(c.birth_date)})") for c in children if not c.today],
    )


@web.page(pages, "/children/<ref>/medicine", actions.GIVE_MEDICINE, service=SERVICE)
def child_sheet(ref: str) -> Any:
    return _sheet_page(ref)


def _sheet_page(
    ref: str, form: MedicineSheetForm | None = None, problems: Sequence[Problem] = (), status: int = 200
) -> Any:
    with web.unit() as uow:
        daycare = own_daycare(uow)
        child = known_child(uow, daycare, ref)
        guardians = guardians_for(uow, daycare.id, child.id)
        today = operating_day(uow.now)
    if form is None:
        form = MedicineSheetForm(formdata=None, starts_on=today, ends_on=today)
    form.offer(guardians)
    if problems:
        refuse(form, [_at_field(problem) for problem in problems])
    return web.render(
        "daycare/staff/medicine_sheet.html",
        status=status,
        child=child,
        form=form,
        request_id=posted_request_id(),
        file_error=next((web.sentence(one) for one in problems if one.field == "file"), ""),
    )


def _at_field(problem: Problem) -> Problem:
    """The drawn signature is no field of words; its problems stand where the name is typed instead."""
    fields = {"days": "starts_on", "signature": "signed_name", "strokes": "signed_name"}
    return problem.of(field=fields.get(problem.field, problem.field))


@web.page(pages, "/children/<ref>/medicine", actions.GIVE_MEDICINE, methods=["POST"], service=SERVICE)
def write_sheet(ref: str) -> Any:
    with web.unit() as uow:
        daycare = own_daycare(uow)
        child = known_child(uow, daycare, ref)
        guardians, today = guardians_for(uow, daycare.id, child.id), operating_day(uow.now)
    form = MedicineSheetForm().offer(guardians)
    if not form.validate():
        return _sheet_page(ref, form, (), 422)
    request_id = request.form.get("request_id", "")
    url = url_for("daycare_staff.medicine", day=max(given(form.starts_on.data), today))

    def command(uow: UnitOfWork) -> None:
        submission.submit_once(uow, request_id)
        service.request_medicine(uow, _written(daycare.ref, child, form))
        submission.answered_at(uow, request_id, url)

    problems, status = tried(command)
    if problems:
        return _sheet_page(ref, form, problems, status)
    return done(url, _("%(child)s의 투약의뢰서를 옮겨 적었어요.", child=child.name))


def _written(daycare: str, child: KnownChild, form: MedicineSheetForm) -> service.MedicineData:
    file = request.files.get("file")
    return service.MedicineData(
        daycare=daycare,
        child=child.ref,
        starts_on=given(form.starts_on.data),
        ends_on=given(form.ends_on.data),
        symptom=form.symptom.data or "",
        medicine=form.medicine.data or "",
        dose=form.dose.data or "",
        kept=form.kept.data or "",
        remarks=form.remarks.data or "",
        times=form.clock_times(),
        signature=_drawn(form.strokes.data or ""),
        signed_name=form.signer.data or "",
        typed=form.signed_name.data or "",
        sheet=service.Sheet(file.filename, file.read()) if file is not None and file.filename else None,
    )


def _drawn(text: str) -> list[Any] | None:
    """The lines of the pad, None when nobody drew. RuleBroken for what is no signature."""
    lines = read_strokes(text) if text else []
    if isinstance(lines, Problem):
        raise RuleBroken(lines)
    return list(lines) or None


@web.page(pages, "/medicine/<ref>/sheet", actions.GIVE_MEDICINE, service=SERVICE)
def signed_sheet(ref: str) -> Response:
    """The scan of the paper that was signed."""
    with web.unit() as uow:
        upload, content = open_upload(uow, sheet_ref(uow, own_daycare(uow), ref))
    return send_file(content, upload.media_type, upload.name)
