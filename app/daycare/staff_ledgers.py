"""대장과 인쇄: hand-over ledger (서식10), register, journal and medicine sheets, on the screen and on paper (AD-32)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.daycare import actions, papers, papers_asked, service
from app.daycare.issued import issued_days
from app.daycare.journal_paper import journal_item
from app.daycare.ledger_papers import DayLedgers, Ledger, day_ledgers
from app.daycare.models import MedicineRequest
from app.daycare.queries import (
    DaycareRow,
    MedicineRow,
    daycare_by_ref,
    daycares,
    guardians_for,
    handover_rows,
    journals,
    medicine_request,
    policy_of,
    register_rows,
)
from app.daycare.rules.days import operating_day
from app.daycare.staff_journal import read_day
from app.daycare.staff_pages import (
    DAY,
    SERVICE,
    STAY_TONES,
    asked_day,
    by_field,
    done,
    own_daycare,
    pages,
    tried,
)
from app.documents.models import Paper
from app.documents.print_choice import asked_way
from app.documents.rules import SignatureMethod
from app.documents.service.printing import PrintItem, request_print
from app.documents.service.recording import Given
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem
from app.kernel.ranges import add_months, kst_date, parse_day
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
    return handover_page()


def handover_page(problems: Sequence[Problem] = (), status: int = 200) -> Any:
    """인수인계대장 of an operating day, and what was issued of the day."""
    with web.unit() as uow:
        daycare = asked_daycare(uow)
        day, today = asked_day(uow), operating_day(uow.now)
        rows = handover_rows(uow, daycare, day)
        ledgers = day_ledgers(uow, daycare, day, rows)
    return web.render(
        "daycare/staff/handover.html",
        status=status,
        daycare=daycare,
        rows=rows,
        day=day,
        before=day - DAY,
        after=day + DAY if day < today else None,
        address=officers_address(daycare),
        ledgers=ledgers,
        problems=list(problems),
        errors=by_field(list(problems)),
        posted=request.form,
        may_issue=actions.ISSUE_LEDGERS.allows(web.actor().role),
        may_open=web.actor().scope is not None,
    )


@web.page(pages, "/ledgers/issue", actions.ISSUE_LEDGERS, methods=["POST"], service=SERVICE)
def issue_ledgers() -> Any:
    """이 날 대장 발급: hand-over ledger and register of the day, once; again where the records changed."""
    made: list[Paper] = []

    def command(uow: UnitOfWork) -> None:
        made[:] = service.issue_day(uow, own_daycare(uow).ref, asked_day(uow), request.form.get("reason", ""))

    problems, status = tried(command)
    if problems:
        return handover_page(problems, status)
    url = url_for("daycare_staff.handover", day=request.args.get("day"))
    if not made:
        return done(url, _("이미 발급했어요."), "info")
    numbers = ", ".join(paper.number or "" for paper in made)
    return done(url, _("발급했어요. 문서번호 %(numbers)s", numbers=numbers))


@web.page(pages, "/ledgers/register", actions.LEDGERS, service=SERVICE)
def register() -> Any:
    """이용대장 of a month."""
    with web.unit() as uow:
        daycare = asked_daycare(uow)
        month = asked_month(uow)
        rows = register_rows(uow, daycare, month, last_of(month))
        this_month, today = uow.today.replace(day=1), operating_day(uow.now)
        issued = issued_days(uow, daycare.id, papers.REGISTER, month, last_of(month))
    came = sorted({row.operating_day for row in rows if row.in_at is not None})
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
        issued=issued,
        open_days=[day for day in came if day not in issued and day < today],
    )


def asked_month(uow: UnitOfWork) -> date:
    """The first day of the month in the address, else of the running one."""
    try:
        return parse_day(f"{request.args.get('month', '')}-01")
    except ValueError:
        return uow.today.replace(day=1)


def last_of(month: date) -> date:
    return add_months(month, 1) - timedelta(days=1)


def officers_address(daycare: DaycareRow) -> dict[str, str]:
    """What an officer's links carry on."""
    return {"daycare": daycare.ref} if web.actor().scope is None else {}


@web.page(pages, "/ledgers/print", actions.LEDGERS, methods=["POST"], service=SERVICE)
def print_handover() -> Any:
    """The day's issued hand-over ledger; before that, and for the city, a working copy."""
    return _print_day(lambda ledgers: ledgers.handover, _("인수인계대장"))


@web.page(pages, "/ledgers/print/register", actions.LEDGERS, methods=["POST"], service=SERVICE)
def print_day_register() -> Any:
    """The same of the day's register."""
    return _print_day(lambda ledgers: ledgers.register, _("이용대장"))


def _print_day(which: Callable[[DayLedgers], Ledger], title: str) -> Any:
    with web.unit() as uow:
        daycare, day = asked_daycare(uow), asked_day(uow)
        ledger = which(day_ledgers(uow, daycare, day))
        if ledger.issued is not None and uow.actor.scope is not None:
            item = PrintItem(paper_ref=ledger.issued.ref)
        else:
            item = _working_copy(ledger.form_id, ledger.data, ledger.hands)
        work = request_print(uow, [item], title, print_as=asked_way())
    return _progress(work)


def _working_copy(form_id: str, data: papers.Data, hands: Sequence[Given]) -> PrintItem:
    return PrintItem(form_id=form_id, data=data, signatures=papers.unsigned(hands), mark=papers.WORKING_COPY)


@web.page(pages, "/ledgers/register/print", actions.LEDGERS, methods=["POST"], service=SERVICE)
def print_register() -> Any:
    """A working copy of the month."""
    with web.unit() as uow:
        daycare, month = asked_daycare(uow), asked_month(uow)
        rows = register_rows(uow, daycare, month, last_of(month))
        policy = policy_of(uow, daycare, month)
        data, hands = papers.usage_register(daycare.name, month, rows, policy, holidays(uow))
        item = _working_copy(papers.REGISTER, data, hands)
        work = request_print(uow, [item], _("이용대장"), print_as=asked_way())
    return _progress(work)


@web.page(pages, "/ledgers/register/issued", actions.WRITE_JOURNAL, methods=["POST"], service=SERVICE)
def print_issued() -> Any:
    """Every register of the month that is in force, as one file."""
    with web.unit() as uow:
        daycare, month = own_daycare(uow), asked_month(uow)
        refs = issued_days(uow, daycare.id, papers.REGISTER, month, last_of(month))
        if not refs:
            raise NotFound("issued registers")
        items = [PrintItem(paper_ref=refs[day]) for day in sorted(refs)]
        work = request_print(uow, items, _("이용대장"), print_as=asked_way())
    return _progress(work)


@web.page(pages, "/journal/print", actions.WRITE_JOURNAL, methods=["POST"], service=SERVICE)
def print_journal() -> Any:
    """The day's pages, one for each class somebody was in or wrote about: issued papers, else working copies."""
    with web.unit() as uow:
        daycare, day = own_daycare(uow), read_day(request.form.get("day", ""))
        wanted = request.form.get("class", "")
        rows = [row for row in journals(uow, daycare, day) if wanted in ("", row.class_ref)]
        items = [journal_item(uow, daycare, row) for row in rows if row.children or row.ref]
        work = request_print(uow, items, _("보육일지"), print_as=asked_way())
    return _progress(work)


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
        row = medicine_request(uow, daycare, ref)
        child = uow.session.get_one(Child, stored.child_id)
        name, phone = _who_asked(uow, daycare, stored)
        data, hands = papers_asked.medication(
            row,
            birth_date=child.birth_date,
            guardian=name,
            phone=phone,
            signed_on=kst_date(stored.created_at),
            signature=stored.signature or signed_words(row),
        )
        item = PrintItem(form_id=papers_asked.MEDICATION, data=data, signatures=hands)
        work = request_print(uow, [item], _("투약의뢰서"), print_as=asked_way())
    return _progress(work)


def _who_asked(uow: UnitOfWork, daycare: DaycareRow, stored: MedicineRequest) -> tuple[str, str]:
    """Name and telephone: of the application's guardian of that name, else of the child's first."""
    people = [(one.name, one.phone) for one in guardians_for(uow, daycare.id, stored.child_id)]
    people += [(one.name, one.phone) for one in guardians_of(uow, stored.child_id)]
    named = [one for one in people if one[0] == stored.signed_name] or people or [("", "")]
    return stored.signed_name or named[0][0], named[0][1]


def signed_words(row: MedicineRow) -> str | None:
    """A name that was typed; of a scanned sheet the words that the paper itself bears the signature."""
    return f"{row.signed_name} (서면)" if row.signed is SignatureMethod.SCAN else row.signed_name or None


def _progress(work: str) -> Any:
    return web.see_other(url_for("documents_print.print_run", ref=work))
