"""대장과 인쇄: hand-over ledger (서식10), register, journal and medicine sheets, on the screen and on paper (AD-32)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.daycare import actions, papers, papers_asked
from app.daycare.models import MedicineRequest
from app.daycare.queries import (
    DaycareRow,
    JournalRow,
    classes_of,
    daycare_by_ref,
    daycares,
    handover_rows,
    journals,
    medicine_requests,
    policy_of,
    register_rows,
)
from app.daycare.rules.days import operating_day, span_text
from app.daycare.staff_incidents import incident_lines
from app.daycare.staff_journal import read_day
from app.daycare.staff_pages import DAY, SERVICE, STAY_TONES, asked_day, own_daycare, pages
from app.documents.filling.pictures import as_data
from app.documents.print_choice import asked_way
from app.documents.service.printing import PrintItem, request_print
from app.documents.uploads import open_upload
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.kernel.ranges import add_months, kst_date
from app.people.models import Child
from app.people.queries import guardians_of
from app.tenancy.queries import holidays


def asked_daycare(uow: UnitOfWork) -> DaycareRow:
    """One's own; an officer's: the one of the address, else the first."""
    if uow.actor.scope is not None:
        return own_daycare(uow)
    ref = request.args.get("daycare", "")
    found = daycare_by_ref(uow, ref) if ref else next(iter(daycares(uow)), None)
    if found is None:
        raise NotFound("daycare")
    actions.LEDGERS.check(uow.actor, found.id)
    return found


@web.page(pages, "/ledgers", actions.LEDGERS, service=SERVICE)
def handover() -> Any:
    """인수인계대장 of an operating day."""
    with web.unit() as uow:
        daycare = asked_daycare(uow)
        day, today = asked_day(uow), operating_day(uow.now)
        rows = handover_rows(uow, daycare, day)
    return web.render(
        "daycare/staff/handover.html",
        daycare=daycare,
        rows=rows,
        day=day,
        before=day - DAY,
        after=day + DAY if day < today else None,
        address=officers_address(daycare),
    )


@web.page(pages, "/ledgers/register", actions.LEDGERS, service=SERVICE)
def register() -> Any:
    """이용대장 of a month."""
    with web.unit() as uow:
        daycare = asked_daycare(uow)
        month = asked_month(uow)
        rows = register_rows(uow, daycare, month, last_of(month))
        this_month = uow.today.replace(day=1)
    return web.render(
        "daycare/staff/register.html",
        daycare=daycare,
        rows=rows,
        month=month,
        earlier=add_months(month, -1),
        later=add_months(month, 1) if month < this_month else None,
        hours=sum(row.billed_hours or 0 for row in rows),
        amount=sum(row.amount or 0 for row in rows),
        tones=STAY_TONES,
        address=officers_address(daycare),
    )


def asked_month(uow: UnitOfWork) -> date:
    """The first day of the month in the address, else of the running one."""
    try:
        return date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        return uow.today.replace(day=1)


def last_of(month: date) -> date:
    return add_months(month, 1) - timedelta(days=1)


def officers_address(daycare: DaycareRow) -> dict[str, str]:
    """What an officer's links carry on."""
    return {"daycare": daycare.ref} if web.actor().scope is None else {}


@web.page(pages, "/ledgers/print", actions.LEDGERS, methods=["POST"], service=SERVICE)
def print_handover() -> Any:
    with web.unit() as uow:
        daycare, day = asked_daycare(uow), asked_day(uow)
        data, hands = papers.handover(daycare.name, day, handover_rows(uow, daycare, day))
        item = PrintItem(form_id=papers.HANDOVER, data=data, signatures=hands)
        work = request_print(uow, [item], _("인수인계대장"), print_as=asked_way())
    return _progress(work)


@web.page(pages, "/ledgers/register/print", actions.LEDGERS, methods=["POST"], service=SERVICE)
def print_register() -> Any:
    with web.unit() as uow:
        daycare, month = asked_daycare(uow), asked_month(uow)
        rows = register_rows(uow, daycare, month, last_of(month))
        policy = policy_of(uow, daycare, month)
        data = papers.usage_register(daycare.name, month, rows, policy, holidays(uow))
        work = request_print(
            uow, [PrintItem(form_id=papers.REGISTER, data=data)], _("이용대장"), print_as=asked_way()
        )
    return _progress(work)


@web.page(pages, "/journal/print", actions.WRITE_JOURNAL, methods=["POST"], service=SERVICE)
def print_journal() -> Any:
    """The day's pages, one for each class somebody was in or wrote about."""
    with web.unit() as uow:
        daycare, day = own_daycare(uow), read_day(request.form.get("day", ""))
        wanted = request.form.get("class", "")
        rows = [row for row in journals(uow, daycare, day) if wanted in ("", row.class_ref)]
        items = [_journal_sheet(uow, daycare, row) for row in rows if row.children or row.ref]
        work = request_print(uow, items, _("보육일지"), print_as=asked_way())
    return _progress(work)


def _journal_sheet(uow: UnitOfWork, daycare: DaycareRow, row: JournalRow) -> PrintItem:
    group = next(one for one in classes_of(uow, daycare.id, row.operating_day) if one.ref == row.class_ref)
    data, hands = papers.journal(
        daycare.name,
        row,
        hours=span_text(group.start, group.end),
        teachers=group.teachers,
        photo=_first_photo(uow, row),
        incidents=incident_lines(uow, daycare.id, row.operating_day),
    )
    return PrintItem(form_id=papers.JOURNAL, data=data, signatures=hands, person=row.class_name)


def _first_photo(uow: UnitOfWork, row: JournalRow) -> str | None:
    """The form has room for one picture: the first that can be printed."""
    for meal in row.meals:
        if picture := as_data(open_upload(uow, meal.upload_ref)[1]):
            return picture
    return None


@web.page(pages, "/medicine/<ref>/print", actions.GIVE_MEDICINE, methods=["POST"], service=SERVICE)
def print_medicine(ref: str) -> Any:
    """투약의뢰서 with what was given so far, and the guardian's signature."""
    with web.unit() as uow:
        daycare = own_daycare(uow)
        stored = uow.session.scalars(
            select(MedicineRequest).where(
                MedicineRequest.ref == ref, MedicineRequest.daycare_id == daycare.id
            )
        ).first()
        if stored is None:
            raise NotFound("medicine_request")
        row = next(one for one in medicine_requests(uow, daycare, stored.starts_on) if one.ref == ref)
        child = uow.session.get_one(Child, stored.child_id)
        guardian = next(iter(guardians_of(uow, child.id)), None)
        data, hands = papers_asked.medication(
            row,
            birth_date=child.birth_date,
            guardian=stored.signed_name or (guardian.name if guardian else ""),
            phone=guardian.phone if guardian else "",
            signed_on=kst_date(stored.created_at),
            signature=stored.signature or stored.signed_name or None,
        )
        item = PrintItem(form_id=papers_asked.MEDICATION, data=data, signatures=hands)
        work = request_print(uow, [item], _("투약의뢰서"), print_as=asked_way())
    return _progress(work)


def _progress(work: str) -> Any:
    return web.see_other(url_for("documents_print.print_run", ref=work))
