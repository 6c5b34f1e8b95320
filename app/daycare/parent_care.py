"""A child's days at the daycare: its journal with meals and medicine, the medicine request, who else comes for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Response, flash, request, url_for

from app.daycare import actions
from app.daycare.forms_parent import MedicineForm, PickupForm
from app.daycare.parent_pages import SERVICE, pages, placed
from app.daycare.parent_pickup import Pickup, announce_pickup, withdraw_pickup
from app.daycare.parent_records import announced, day_told, meal_picture, medicine_of, own_stay
from app.daycare.queries import BookingDetail, DaycareRow, booking_detail, daycare_by_ref
from app.daycare.rules.days import operating_day
from app.daycare.rules.states import FINAL, StayState
from app.daycare.service import MedicineData, request_medicine, withdraw_medicine
from app.documents.rules.signing import read_strokes
from app.documents.serving import send_file
from app.documents.uploads import open_upload
from app.kernel import submission, web
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem, RuleBroken
from app.kernel.language import gettext as _
from app.kernel.ranges import parse_day
from app.kernel.texts import day_text, moment_text
from app.people.queries import own_child


def _child_of(uow: UnitOfWork, detail: BookingDetail) -> tuple[DaycareRow, int]:
    """The daycare and the child's id of the family's own booking."""
    return daycare_by_ref(uow, detail.row.daycare_ref), own_child(uow, detail.row.child_ref).id


@web.page(pages, "/my/<ref>/day/<stay>", actions.MINE, service=SERVICE)
def journal(ref: str, stay: str) -> Response:
    """The child's day as the daycare wrote it; of a stay over several days one of them."""
    with web.unit() as uow:
        told = day_told(uow, own_stay(uow, ref, stay), _asked_day())
    one = told.stay
    return web.render(
        "daycare/parent/journal.html",
        told=told,
        title=_("%(child)s의 하루", child=one.child),
        day=day_text(told.day),
        days=[
            {
                "label": day_text(day),
                "url": url_for("daycare_parent.journal", ref=ref, stay=stay, day=day),
                "active": day == told.day,
            }
            for day in told.days
        ],
        back=url_for("daycare_parent.detail", ref=ref),
        came=moment_text(one.in_at) if one.in_at else "",
        went=moment_text(one.out_at) if one.out_at else "",
        pictures={
            meal.ref: url_for("daycare_parent.meal", ref=ref, stay=stay, meal=meal.ref)
            for meal in told.meals
            if meal.pictured
        },
    )


def _asked_day() -> date | None:
    """The operating day of the address. NotFound for what is no day."""
    text = request.args.get("day", "")
    try:
        return parse_day(text) if text else None
    except ValueError:
        raise NotFound("day") from None


@web.page(pages, "/my/<ref>/day/<stay>/meal/<meal>", actions.MINE, service=SERVICE)
def meal(ref: str, stay: str, meal: str) -> Response:
    with web.unit() as uow:
        row, content = open_upload(uow, meal_picture(uow, own_stay(uow, ref, stay), meal))
    response: Response = send_file(content, row.media_type, row.name)
    return response


@web.page(pages, "/my/<ref>/medicine", actions.MINE, service=SERVICE)
def medicine(ref: str) -> Response:
    return _medicine_page(ref, None)


def _medicine_page(ref: str, form: MedicineForm | None, problems: Sequence[Problem] = ()) -> Response:
    with web.unit() as uow:
        detail = booking_detail(uow, ref)
        daycare, child_id = _child_of(uow, detail)
        asked = medicine_of(uow, daycare.id, child_id)
        today = operating_day(uow.now)
    first = max(today, detail.row.first_day)
    if form is None:
        form = MedicineForm(formdata=None, starts_on=first, ends_on=max(first, detail.row.last_day))
    return web.render(
        "daycare/parent/medicine.html",
        status=422 if problems or form.errors else 200,
        row=detail.row,
        f=form,
        problems=placed(problems),
        asked=[
            {
                "ref": one.ref,
                "when": f"{day_text(one.starts_on)}~{day_text(one.ends_on)} {', '.join(one.times)}",
                "given": one.given,
                "withdrawn": one.withdrawn,
            }
            for one in asked
        ],
        open=detail.row.state not in FINAL,
        request_id=_request_id(),
        back=url_for("daycare_parent.detail", ref=ref),
    )


def _request_id() -> str:
    given = request.form.get("request_id", "")
    return given if submission.REQUEST_ID.fullmatch(given) else web.new_request_id()


@web.page(pages, "/my/<ref>/medicine", actions.MINE, methods=["POST"], service=SERVICE)
def ask_medicine(ref: str) -> Response:
    form, request_id = MedicineForm(), request.form.get("request_id", "")
    strokes = _strokes(form.strokes.data or "")
    if not form.validate() or isinstance(strokes, Problem):
        return _medicine_page(ref, form, [strokes] if isinstance(strokes, Problem) else [])
    try:
        with web.unit() as uow:
            submission.submit_once(uow, request_id)
            detail = booking_detail(uow, ref)
            request_medicine(uow, _medicine_of(detail, form, strokes))
            url = url_for("daycare_parent.medicine", ref=ref)
            submission.answered_at(uow, request_id, url)
    except RuleBroken as refused:
        return _medicine_page(ref, form, web.attach(form, [_at_field(one) for one in refused.problems]))
    flash(_("투약의뢰서를 냈어요. 약은 이름을 적어 선생님께 건네 주세요."), "success")
    return web.see_other(url)


def _at_field(problem: Problem) -> Problem:
    return problem.of(
        field={"days": "starts_on", "signature": "signed_name"}.get(problem.field, problem.field)
    )


def _strokes(text: str) -> list[Any] | Problem:
    """Lines of points as the pad writes them; a Problem for anything else."""
    if not text:
        return []
    lines = read_strokes(text)
    if isinstance(lines, Problem):
        return lines
    made: list[Any] = json.loads(json.dumps(lines))
    return made


def _medicine_of(detail: BookingDetail, form: MedicineForm, strokes: list[Any]) -> MedicineData:
    assert form.starts_on.data is not None  # noqa: S101 - validated
    assert form.ends_on.data is not None  # noqa: S101 - validated
    planned = [stay for stay in detail.stays if stay.state in (StayState.PLANNED, StayState.INSIDE)]
    return MedicineData(
        daycare=detail.row.daycare_ref,
        child=detail.row.child_ref,
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        symptom=form.symptom.data or "",
        medicine=form.medicine.data or "",
        dose=form.dose.data or "",
        kept=form.kept.data or "",
        remarks=form.remarks.data or "",
        times=form.clock_times(),
        signature=strokes or None,
        signed_name=form.signed_name.data or "",
        stay=planned[0].ref if len(planned) == 1 else "",
    )


@web.page(pages, "/my/<ref>/medicine/<asked>/withdraw", actions.MINE, methods=["POST"], service=SERVICE)
def withdraw_medicine_request(ref: str, asked: str) -> Response:
    with web.unit() as uow:
        booking_detail(uow, ref)
        withdraw_medicine(uow, asked)
    flash(_("투약의뢰를 거두었어요."), "success")
    return web.see_other(url_for("daycare_parent.medicine", ref=ref))


@web.page(pages, "/my/<ref>/pickup", actions.MINE, service=SERVICE)
def pickup(ref: str) -> Response:
    return _pickup_page(ref, None)


def _pickup_page(ref: str, form: PickupForm | None, problems: Sequence[Problem] = ()) -> Response:
    with web.unit() as uow:
        detail = booking_detail(uow, ref)
        daycare, child_id = _child_of(uow, detail)
        rows = announced(uow, daycare.id, child_id)
        today = uow.today
    leaves = [stay.end.date() for stay in detail.stays if stay.state in (StayState.PLANNED, StayState.INSIDE)]
    if form is None:
        form = PickupForm(formdata=None, valid_on=max(today, min(leaves, default=today)))
    return web.render(
        "daycare/parent/pickup.html",
        status=422 if problems or form.errors else 200,
        row=detail.row,
        f=form,
        problems=placed(problems),
        announced=[
            {
                "ref": one.ref,
                "who": f"{one.person}({one.relation}) · {day_text(one.valid_on)}",
                "confirmed": one.confirmed,
            }
            for one in rows
        ],
        request_id=_request_id(),
        back=url_for("daycare_parent.detail", ref=ref),
    )


@web.page(pages, "/my/<ref>/pickup", actions.MINE, methods=["POST"], service=SERVICE)
def announce(ref: str) -> Response:
    form, request_id = PickupForm(), request.form.get("request_id", "")
    if not form.validate() or form.valid_on.data is None:
        return _pickup_page(ref, form)
    try:
        with web.unit() as uow:
            row = booking_detail(uow, ref).row
            announce_pickup(
                uow,
                request_id,
                Pickup(
                    row.daycare_ref,
                    row.child_ref,
                    form.person.data or "",
                    form.relation.data or "",
                    form.phone.data or "",
                    form.valid_on.data,
                ),
            )
            url = url_for("daycare_parent.pickup", ref=ref)
            submission.answered_at(uow, request_id, url)
    except RuleBroken as refused:
        return _pickup_page(ref, form, web.attach(form, refused.problems))
    flash(_("알렸어요. 어린이집이 전화로 확인한 뒤에 그분께 아이를 보내요."), "success")
    return web.see_other(url)


@web.page(pages, "/my/<ref>/pickup/<announced>/withdraw", actions.MINE, methods=["POST"], service=SERVICE)
def withdraw_announced(ref: str, announced: str) -> Response:
    with web.unit() as uow:
        booking_detail(uow, ref)
        withdraw_pickup(uow, announced)
    flash(_("데리러 오는 분을 알린 것을 거두었어요."), "success")
    return web.see_other(url_for("daycare_parent.pickup", ref=ref))
