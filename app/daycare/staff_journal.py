"""보육일지 (서식8): a page for each class and operating day; its words, its meals, signed and closed (AD-23, AD-24)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.centres.forms import refuse, tidy
from app.daycare import actions, service
from app.daycare.forms_staff import MealForm
from app.daycare.journal_paper import journal_issue
from app.daycare.models import DaycareClass, Meal
from app.daycare.queries import JournalRow, journals
from app.daycare.rules.days import operating_day
from app.daycare.rules.journal import HEADINGS, NEEDED
from app.daycare.staff_pages import (
    DAY,
    JOURNAL_TONES,
    SERVICE,
    asked_day,
    by_field,
    done,
    own_daycare,
    pages,
    posted_request_id,
    posted_version,
    tried,
)
from app.documents.models import Upload
from app.documents.serving import send_file
from app.documents.uploads import open_upload, store_upload
from app.kernel import submission, web
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem
from app.kernel.ranges import parse_day


@web.page(pages, "/journal", actions.WRITE_JOURNAL, service=SERVICE)
def journal() -> Any:
    """Every class of a day."""
    with web.unit() as uow:
        daycare = own_daycare(uow)
        day, today = asked_day(uow), operating_day(uow.now)
        rows = journals(uow, daycare, min(day, today))
    return web.render(
        "daycare/staff/journals.html",
        rows=rows,
        day=min(day, today),
        today=today,
        before=min(day, today) - DAY,
        after=day + DAY if day < today else None,
        headings=HEADINGS,
        tones=JOURNAL_TONES,
    )


@web.page(pages, "/journal/<class_ref>/<day>", actions.WRITE_JOURNAL, service=SERVICE)
def journal_page(class_ref: str, day: str) -> Any:
    return _page(class_ref, day)


def _page(
    class_ref: str,
    text: str,
    problems: Sequence[Problem] = (),
    status: int = 200,
    *,
    meal: MealForm | None = None,
    typed: dict[str, str] | None = None,
) -> Any:
    with web.unit() as uow:
        row = journal_row(uow, class_ref, read_day(text))
        issued = journal_issue(uow, own_daycare(uow), row)
        closing = service.closing_problem(uow, row.class_id, row.operating_day)
    meal_problems: list[Problem] = []
    if meal is not None and problems:
        meal_problems, problems = list(problems), ()
        refuse(meal, meal_problems)
    return web.render(
        "daycare/staff/journal.html",
        status=status,
        row=row,
        entries=row.entries if typed is None else typed,
        headings=HEADINGS,
        needed=NEEDED,
        problems=list(problems),
        errors=by_field(list(problems)),
        meal=meal or MealForm(formdata=None),
        meal_open=meal is not None,
        request_id=posted_request_id(),
        eaters=request.form.getlist("eaters"),
        meal_problems=meal_problems,
        tones=JOURNAL_TONES,
        may_close=actions.CLOSE_JOURNAL.allows(web.actor().role),
        issued=issued,
        closing=closing,
        reason=request.form.get("reason", ""),
    )


def read_day(text: str) -> date:
    """NotFound for what is no day."""
    try:
        return parse_day(text)
    except ValueError:
        raise NotFound("day") from None


def journal_row(uow: UnitOfWork, class_ref: str, day: date) -> JournalRow:
    """NotFound for a class of another daycare."""
    row = next((row for row in journals(uow, own_daycare(uow), day) if row.class_ref == class_ref), None)
    if row is None:
        raise NotFound("daycare_class")
    return row


@web.page(pages, "/journal/<class_ref>/<day>", actions.WRITE_JOURNAL, methods=["POST"], service=SERVICE)
def write_words(class_ref: str, day: str) -> Any:
    entries = {key: tidy(request.form.get(key, "")) for key in HEADINGS}
    problems, status = tried(
        lambda uow: service.write_journal(uow, class_ref, read_day(day), entries, version=posted_version())
    )
    if problems:
        return _page(class_ref, day, problems, status, typed=entries)
    return done(_url(class_ref, day), _("보육일지를 저장했어요."))


@web.page(pages, "/journal/<class_ref>/<day>/sign", actions.WRITE_JOURNAL, methods=["POST"], service=SERVICE)
def sign_page(class_ref: str, day: str) -> Any:
    return _step(class_ref, day, service.sign_journal, _("서명했어요. 원장이 확인하고 마감해요."))


@web.page(
    pages, "/journal/<class_ref>/<day>/reopen", actions.WRITE_JOURNAL, methods=["POST"], service=SERVICE
)
def reopen_page(class_ref: str, day: str) -> Any:
    """A signed page; a closed one with the director's reason, and what was issued is void."""
    reopen_with = partial(service.reopen_journal, reason=request.form.get("reason", ""))
    return _step(class_ref, day, reopen_with, _("다시 열었어요. 고친 뒤 다시 서명해 주세요."))


@web.page(pages, "/journal/<class_ref>/<day>/close", actions.CLOSE_JOURNAL, methods=["POST"], service=SERVICE)
def close_page(class_ref: str, day: str) -> Any:
    return _step(class_ref, day, service.close_journal, _("마감하고 발급했어요."))


@web.page(pages, "/journal/<class_ref>/<day>/issue", actions.CLOSE_JOURNAL, methods=["POST"], service=SERVICE)
def issue_page(class_ref: str, day: str) -> Any:
    """A closed page without a paper in force."""
    return _step(class_ref, day, service.issue_closed_journal, _("발급했어요."))


def _step(class_ref: str, day: str, command: Callable[..., Any], told: str) -> Any:
    ref = request.form.get("journal", "")
    problems, status = tried(lambda uow: command(uow, ref, version=posted_version()))
    if problems:
        return _page(class_ref, day, problems, status)
    return done(_url(class_ref, day), told)


@web.page(pages, "/journal/<class_ref>/<day>/meals", actions.WRITE_JOURNAL, methods=["POST"], service=SERVICE)
def add_meal(class_ref: str, day: str) -> Any:
    """With its photograph: the file and the entry are kept together or not at all."""
    form = MealForm()
    if not form.validate():
        return _page(class_ref, day, (), 422, meal=form)
    request_id, url = request.form.get("request_id", ""), f"{_url(class_ref, day)}#meals"

    def command(uow: UnitOfWork) -> None:
        submission.submit_once(uow, request_id)
        service.record_meal(uow, _meal_of(uow, class_ref, read_day(day), form))
        submission.answered_at(uow, request_id, url)

    problems, status = tried(command)
    if problems:
        return _page(class_ref, day, problems, status, meal=form)
    return done(url, _("급·간식을 적었어요."))


def _meal_of(uow: UnitOfWork, class_ref: str, day: date, form: MealForm) -> service.MealData:
    return service.MealData(
        class_ref=class_ref,
        operating_day=day,
        kind=form.kind.data or "",
        menu=form.menu.data or "",
        amount=form.amount.data or 0,
        not_reused=bool(form.not_reused.data),
        upload_id=_photo(uow, class_ref),
        stays=tuple(request.form.getlist("eaters")),
    )


def _photo(uow: UnitOfWork, class_ref: str) -> int | None:
    file = request.files.get("file")
    group = uow.session.scalar(select(DaycareClass.id).where(DaycareClass.ref == class_ref))
    if file is None or not file.filename or group is None:
        return None
    upload = store_upload(
        uow,
        owner="daycare_class",
        owner_id=group,
        kind="meal",
        filename=file.filename,
        content=file.read(),
    )
    return upload.id


@web.page(pages, "/meals/<ref>/photo", actions.WRITE_JOURNAL, service=SERVICE)
def meal_photo(ref: str) -> Response:
    with web.unit() as uow:
        daycare = own_daycare(uow)
        meal = uow.session.scalars(select(Meal).where(Meal.ref == ref, Meal.daycare_id == daycare.id)).first()
        if meal is None:
            raise NotFound("meal")
        upload, content = open_upload(uow, uow.session.get_one(Upload, meal.upload_id).ref)
    return send_file(content, upload.media_type, upload.name)


def _url(class_ref: str, day: str) -> str:
    return url_for("daycare_staff.journal_page", class_ref=class_ref, day=day)
