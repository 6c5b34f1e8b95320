"""인쇄: papers of one booking or of a whole list as one PDF, made by the worker (KB-16, XX-12)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request, url_for
from flask_babel import gettext as _

from app.booking import actions, papers
from app.booking.forms_staff import QueueForm
from app.booking.printing import FORMS, sheets
from app.booking.queries import QueueFilter, daily_users, queue
from app.booking.staff_pages import pages
from app.booking.staff_queue import TABS as QUEUE_TABS
from app.booking.staff_queue import read_filters
from app.booking.staff_rows import refs_of
from app.booking.staff_users import read_filter
from app.booking.staff_waiting import asked_day, asked_kind, wait_lines
from app.centres.forms import tidy
from app.centres.queries import CentreRow
from app.centres.service.facility import own_centre
from app.documents.parameters import PRINT_MOST
from app.documents.print_choice import asked_masked, asked_way
from app.documents.service.printing import PrintItem, request_print
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.tenancy import settings

NO_FORM = Problem("print.no_form", N_("출력할 서식을 하나 이상 골라 주세요."))


@web.page(pages, "/bookings/<ref>/print", actions.QUEUE, methods=["POST"], service="KIUM")
def print_one(ref: str) -> Response:
    with web.unit() as uow:
        items = sheets(uow, [ref], _form_ids())
        if not items:
            raise NotFound("booking")
        work = request_print(uow, items, _("예약 서류"))
    return web.see_other(progress_url(work))


@web.page(pages, "/bookings/users/print", actions.QUEUE, methods=["POST"], service="KIUM")
def print_users() -> Response:
    """Every booking of the list as it is filtered, whatever page is shown."""
    tab = request.args.get("tab", "coming")
    form = QueueForm(request.args)
    form.validate()
    return _print_list(
        lambda uow, centre, most: refs_of(uow, centre, read_filter(tab, form), most), _("이용자 서류")
    )


@web.page(pages, "/bookings/print", actions.QUEUE, methods=["POST"], service="KIUM")
def print_queue() -> Response:
    tab = request.args.get("tab", "applied")
    form = QueueForm(request.args)
    form.validate()
    filters = read_filters(tab if tab in QUEUE_TABS else "applied", form)
    return _print_list(lambda uow, centre, most: _queued(uow, centre, filters, most), _("신청 서류"))


def _queued(uow: UnitOfWork, centre: CentreRow, filters: QueueFilter, most: int) -> list[str]:
    first = queue(uow, centre, filters)
    rows = list(first.rows)
    for page in range(2, first.pages + 1):
        if len(rows) >= most:
            break
        rows += queue(uow, centre, filters, page).rows
    return [row.ref for row in rows]


def _print_list(find: Callable[[UnitOfWork, CentreRow, int], list[str]], title: str) -> Response:
    """The chosen forms of everybody in the list, or of those who were picked there.

    One booking more than may be printed is looked for: enough to say that there are too many.
    """
    with web.unit() as uow:
        forms = _form_ids()
        most = settings.value(uow, PRINT_MOST) // len(forms) + 1
        refs = find(uow, own_centre(uow), most)
        if request.form.get("who") == "picked":
            picked = set(request.form.getlist("pick"))
            refs = [ref for ref in refs if ref in picked]
        items = sheets(uow, refs, forms)
        work = request_print(uow, items, title, reason=_reason(), print_as=asked_way(), masked=asked_masked())
    return web.see_other(progress_url(work))


@web.page(pages, "/waiting/print", actions.QUEUE, methods=["POST"], service="KIUM")
def print_waiting() -> Response:
    with web.unit() as uow:
        centre = own_centre(uow)
        day, readable = asked_day(uow.today)
        single = day if request.args.get("day") and readable else None
        lines = wait_lines(uow, centre, kind=asked_kind(), day=single)
        data = papers.waiting_sheet(centre.name, uow.today, [(line.row, line.phone) for line in lines])
        item = PrintItem(form_id=papers.WAITING, data=data)
        work = request_print(uow, [item], _("대기자 명단"), print_as=asked_way())
    return web.see_other(progress_url(work))


@web.page(pages, "/daily/print", actions.DAILY_USERS, methods=["POST"], service="KIUM")
def print_daily() -> Response:
    with web.unit() as uow:
        centre = own_centre(uow)
        day, _readable = asked_day(uow.today)
        data = papers.daily_sheet(centre.name, day, daily_users(uow, centre, day))
        item = PrintItem(form_id=papers.DAILY, data=data)
        work = request_print(uow, [item], _("일일 이용자 현황"), print_as=asked_way())
    return web.see_other(progress_url(work))


def _form_ids() -> list[str]:
    """The chosen forms in the order of the list; RuleBroken when none is known."""
    asked = set(request.form.getlist("form"))
    chosen = [form_id for form_id in FORMS if form_id in asked]
    if not chosen:
        raise RuleBroken(NO_FORM)
    return chosen


def _reason() -> str:
    return tidy(request.form.get("print_reason", ""))[:200]


def progress_url(work: str) -> str:
    return url_for("documents_print.print_run", ref=work)
