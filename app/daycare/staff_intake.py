"""전화·방문 예약: a number, the family behind it, days and hours; what fits, why not, and the nearest that does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from app.centres.forms import options, refuse, tidy
from app.daycare import actions
from app.daycare.forms_staff import IntakeForm, as_pressed
from app.daycare.queries import DaycareRow
from app.daycare.rules.days import operating_day
from app.daycare.rules.policy import DAY_END
from app.daycare.rules.states import Channel
from app.daycare.service import Booked, BookingOrder, Full, Quote, ask_call_back, book, quote
from app.daycare.staff_families import FamilyRow, families_by_phone, family_of
from app.daycare.staff_pages import (
    APPLICATION_TONES,
    SERVICE,
    by_field,
    done,
    own_daycare,
    pages,
    read_reasons,
    tried,
)
from app.daycare.times import stay_text
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.submission import answered_at

NO_SUCH_TIME = Problem(
    "daycare.no_such_time", N_("고른 시간을 읽지 못했어요. 날짜와 시간을 다시 골라 주세요.")
)


@web.page(pages, "/bookings/new", actions.BOOK, service=SERVICE)
def intake() -> Any:
    with web.unit() as uow:
        own_daycare(uow)
    return _phone_page("", None)


@web.page(pages, "/bookings/new", actions.BOOK, methods=["POST"], service=SERVICE)
def find_family() -> Any:
    """As it is typed: four digits are enough. By POST, so that no number stands in an address."""
    phone = tidy(request.form.get("phone", ""))[:20]
    try:
        with web.unit() as uow:
            found = families_by_phone(uow, own_daycare(uow), phone)
    except RuleBroken as refused:
        return _phone_page(phone, None, refused.problems, 422)
    return _phone_page(phone, found)


def _phone_page(
    phone: str, found: list[FamilyRow] | None, problems: Sequence[Problem] = (), status: int = 200
) -> Any:
    return web.render(
        "daycare/staff/intake.html",
        block="families",
        status=status,
        phone=phone,
        found=found,
        problems=list(problems),
        errors=by_field(list(problems)),
        tones=APPLICATION_TONES,
    )


@web.page(pages, "/bookings/new/<ref>", actions.BOOK, service=SERVICE)
def intake_family(ref: str) -> Any:
    with web.unit() as uow:
        daycare = own_daycare(uow)
        family = family_of(uow, daycare, ref)
        day = operating_day(uow.now)
    form = IntakeForm(formdata=None, first_day=day, last_day=day, contact_phone=family.phone)
    if len(family.children) == 1:
        form.children.data = [family.children[0].ref]
    return _order_page(daycare, family, form, None)


@web.page(pages, "/bookings/new/<ref>", actions.BOOK, methods=["POST"], service=SERVICE)
def order(ref: str) -> Any:
    """``step`` check tells what fits and what it costs; book does it. ``use`` takes one of the alternatives."""
    with web.unit() as uow:
        daycare = own_daycare(uow)
        family = family_of(uow, daycare, ref)
    form = IntakeForm()
    form.children.choices = _choices(family)
    taken = form.take(request.form["use"]) if "use" in request.form else None
    good = form.validate()
    if taken is False:
        refuse(form, [NO_SUCH_TIME])
    if not good or taken is False:
        return _order_page(daycare, family, form, None, 422)
    wanted = _order(daycare, family, form)
    if request.form.get("step") != "book" or "use" in request.form:
        return _quote(daycare, family, form, wanted)
    return _book(daycare, family, form, wanted)


@web.page(pages, "/bookings/new/<ref>/call-back", actions.BOOK, methods=["POST"], service=SERVICE)
def note_call_back(ref: str) -> Any:
    """Nothing fits: a note to call when a bed becomes free that day. It holds none (AD-34)."""
    with web.unit() as uow:
        daycare = own_daycare(uow)
        family = family_of(uow, daycare, ref)
    form = IntakeForm()
    form.children.choices = _choices(family)
    if not form.validate():
        return _order_page(daycare, family, form, None, 422)
    wish, phone = form.wish(), form.contact_phone.data or ""
    end = min(wish.end + 1440 * (wish.last_day - wish.first_day).days * wish.continuous, DAY_END)

    def command(uow: UnitOfWork) -> None:
        for child in form.children.data or ():
            ask_call_back(
                uow, daycare.ref, child, wish.first_day, wish.start, end, phone, guardian=family.ref
            )

    problems, status = tried(command)
    if problems:
        refuse(form, problems)
        return _order_page(daycare, family, form, None, status)
    return done(
        url_for("daycare_staff.contacts"), _("빈자리가 나면 전화하도록 적었어요. 자리는 잡히지 않아요.")
    )


def _quote(daycare: DaycareRow, family: FamilyRow, form: IntakeForm, wanted: BookingOrder) -> Any:
    try:
        with web.unit() as uow:
            made = quote(uow, wanted)
    except RuleBroken as refused:
        refuse(form, refused.problems)
        return _order_page(daycare, family, form, None, 422)
    return _order_page(daycare, family, form, made)


def _book(daycare: DaycareRow, family: FamilyRow, form: IntakeForm, wanted: BookingOrder) -> Any:
    made: list[Booked] = []
    try:
        with web.unit() as uow:
            made = book(uow, wanted)
            answered_at(uow, wanted.request_id, _after(made))
    except Full as full:
        nothing = Quote((), 0, tuple(full.problems), full.full, full.alternatives)
        return _order_page(daycare, family, form, nothing, 422)
    except RuleBroken as refused:
        return _order_page(daycare, family, form, Quote((), 0, tuple(refused.problems)), 422)
    numbers = ", ".join(one.number for one in made)
    return done(_after(made), _("예약했어요. 접수번호 %(numbers)s. 보호자에게 알렸어요.", numbers=numbers))


def _after(made: Sequence[Booked]) -> str:
    if len(made) == 1:
        return url_for("daycare_staff.booking", ref=made[0].ref)
    return url_for("daycare_staff.bookings", tab="coming")


def _order(daycare: DaycareRow, family: FamilyRow, form: IntakeForm) -> BookingOrder:
    return BookingOrder(
        request_id=request.form.get("request_id", ""),
        daycare=daycare.ref,
        children=tuple(form.children.data or ()),
        wish=form.wish(),
        contact_phone=form.contact_phone.data or "",
        channel=Channel(form.channel.data),
        guardian=family.ref,
        purpose=form.purpose.data or "",
        reasons=read_reasons(request.form),
    )


def _choices(family: FamilyRow) -> Any:
    return options((child.ref, child.name) for child in family.children)


def _order_page(
    daycare: DaycareRow, family: FamilyRow, form: IntakeForm, made: Quote | None, status: int = 200
) -> Any:
    form.children.choices = _choices(family)
    problems = made.problems if made else ()
    return web.render(
        "daycare/staff/order.html",
        block="fits",
        status=status,
        daycare=daycare,
        family=family,
        form=form,
        quote=made,
        hard=[problem for problem in problems if not problem.soft],
        soft=[problem for problem in problems if problem.soft],
        full=[stay_text(period) for period in made.full] if made else [],
        alternatives=[(as_pressed(wish), _wish_words(wish)) for wish in made.alternatives] if made else [],
        stay_text=stay_text,
        lifted=read_reasons(request.form),
        tones=APPLICATION_TONES,
        request_id=request.form.get("request_id") or web.new_request_id(),
    )


def _wish_words(wish: Any) -> str:
    stays = wish.stays()
    more = _(" 외 %(n)d일", n=len(stays) - 1) if len(stays) > 1 else ""
    return stay_text(stays[0]) + more
