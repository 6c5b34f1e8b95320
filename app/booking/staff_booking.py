"""One booking: all that is known of it, and each step a person can take (KB-13 … KB-30, KB-48, KB-51, KW-06)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app.booking import actions
from app.booking.forms_staff import (
    CancelForm,
    CloseForm,
    ContactForm,
    CounsellingForm,
    MoveForm,
    RefusalForm,
    WordsForm,
    read_hours,
    read_reasons,
)
from app.booking.printing import form_choices
from app.booking.service import approved, preparing
from app.booking.service.applications import withdraw_booking
from app.booking.service.offers import accept_offer, decline_offer
from app.booking.staff_pages import DOCUMENT_TONES, NOTIFIED, STALE, TONES, DetailView, detail_view, pages
from app.booking.times import SINGLE
from app.centres.forms import options
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem, RuleBroken, StaleVersion
from app.kernel.ranges import kst_date
from app.kernel.texts import phone_text
from app.people.phones import clean_phone

Command = Callable[[UnitOfWork], Any]


@web.page(pages, "/bookings/<ref>", actions.QUEUE, service="KIUM")
def booking(ref: str) -> Response:
    """A side panel of the lists; without JavaScript a page of its own."""
    with web.unit() as uow:
        view = detail_view(uow, ref)
    return show_booking(view)


def show_booking(
    view: DetailView,
    status: int = 200,
    *,
    problems: list[Problem] | None = None,
    lifted: dict[str, str] | None = None,
    message: str = "",
    **typed: FlaskForm,
) -> Response:
    """``typed``: forms that were sent and refused, by their name on the page; the others are fresh."""
    row = view.booking
    today = max(row.starts_on, min(row.ends_on, _today()))
    hours = row.times.get(SINGLE, ["", ""])
    forms = {
        "refusal": lambda: RefusalForm(formdata=None),
        "cancel": lambda: CancelForm(formdata=None, data={"from_day": today}),
        "close": lambda: CloseForm(formdata=None, data={"from_day": today}),
        "move": lambda: MoveForm(
            formdata=None, data={"day": row.starts_on, "start": hours[0], "end": hours[1]}
        ),
        "paper": lambda: WordsForm(formdata=None),
        "parallel": lambda: WordsForm(formdata=None, data={"words": row.parallel_use_reason}),
        "notice": lambda: WordsForm(formdata=None),
        "counselling": lambda: CounsellingForm(
            formdata=None, data={"counselled_on": row.counselled_on or _today()}
        ),
        "contact": lambda: ContactForm(formdata=None, data={"contact_phone": phone_text(row.contact_phone)}),
    }
    made: dict[str, Any] = {name: typed.get(name) or make() for name, make in forms.items()}
    made["close"].ground.choices = options((ground, ground) for ground in view.ending_grounds)
    return web.render(
        "booking/staff/_panel.html" if web.htmx else "booking/staff/booking.html",
        status=status,
        view=view,
        row=row,
        forms=made,
        open_name=next((name for name, form in typed.items() if form.errors), ""),
        print_forms=form_choices(),
        problems=problems or [],
        lifted=lifted or {},
        message=message,
        tones=TONES,
        document_tones=DOCUMENT_TONES,
        notified=NOTIFIED,
    )


def _today() -> Any:
    with web.unit() as uow:
        return kst_date(uow.now)


def carry_out(
    ref: str, command: Command, done: str, name: str = "", form: FlaskForm | None = None
) -> Response:
    """Run one command on a booking; what refuses it stands on the booking's own page, beside its form."""
    typed = {name: form} if form is not None else {}
    problem: list[Problem] = []
    status = 422
    if form is None or form.validate():
        try:
            with web.unit() as uow:
                command(uow)
        except RuleBroken as error:
            problem = list(error.problems)
        except StaleVersion:
            problem, status, typed = [Problem("stale", STALE)], 409, {}
        else:
            return done_with(ref, done)
    with web.unit() as uow:
        view = detail_view(uow, ref)
    if form is not None and typed:
        web.attach(form, _beside_words(form, problem))
    return show_booking(view, status, problems=problem, lifted=read_reasons(request.form), **typed)


def done_with(ref: str, message: str) -> Response:
    """In the panel the fresh panel; else the booking's own page."""
    if web.htmx:
        with web.unit() as uow:
            view = detail_view(uow, ref)
        return show_booking(view, message=message)
    flash(message, "success")
    return web.see_other(url_for("booking_staff.booking", ref=ref))


def _beside_words(form: FlaskForm, problems: list[Problem]) -> list[Problem]:
    """Forms of one line have one field, whatever the command calls it."""
    if not isinstance(form, WordsForm):
        return [p.of(field="start") if p.field == "hours" else p for p in problems]
    return [problem.of(field="words") for problem in problems]


@web.page(pages, "/bookings/<ref>/ask-paper", actions.PREPARE, methods=["POST"], service="KIUM")
def ask_for_paper(ref: str) -> Response:
    form = WordsForm()
    return carry_out(
        ref,
        lambda uow: preparing.ask_paper(uow, ref, form.words.data or ""),
        _("서류를 요청했어요. 보호자에게 알림을 보냈어요."),
        "paper",
        form,
    )


@web.page(pages, "/bookings/<ref>/ask-evidence", actions.PREPARE, methods=["POST"], service="KIUM")
def ask_for_evidence(ref: str) -> Response:
    return carry_out(ref, lambda uow: preparing.ask_evidence(uow, ref), _("우선순위 증빙서류를 요청했어요."))


@web.page(pages, "/bookings/<ref>/counselled", actions.PREPARE, methods=["POST"], service="KIUM")
def counselled(ref: str) -> Response:
    form = CounsellingForm()
    return carry_out(
        ref,
        lambda uow: preparing.record_counselling(uow, ref, _given(form.counselled_on.data)),
        _("상담일을 적었어요."),
        "counselling",
        form,
    )


@web.page(pages, "/bookings/<ref>/parallel-use", actions.PREPARE, methods=["POST"], service="KIUM")
def parallel_use(ref: str) -> Response:
    form = WordsForm()
    return carry_out(
        ref,
        lambda uow: preparing.set_parallel_use_reason(uow, ref, form.words.data or ""),
        _("병행이용 사유를 적었어요."),
        "parallel",
        form,
    )


@web.page(pages, "/bookings/<ref>/notice", actions.PREPARE, methods=["POST"], service="KIUM")
def told_by_phone(ref: str) -> Response:
    form = WordsForm()
    return carry_out(
        ref,
        lambda uow: preparing.record_notice(uow, ref, form.words.data or ""),
        _("전화로 알린 것을 기록했어요."),
        "notice",
        form,
    )


@web.page(pages, "/bookings/<ref>/contact", actions.PREPARE, methods=["POST"], service="KIUM")
def change_contact(ref: str) -> Response:
    form = ContactForm()
    return carry_out(
        ref,
        lambda uow: preparing.correct_contact(
            uow, ref, clean_phone(form.contact_phone.data or "", field="contact_phone", mobile=True)
        ),
        _("연락처를 바꿨어요. 다음 알림부터 이 번호로 가요."),
        "contact",
        form,
    )


@web.page(pages, "/bookings/<ref>/withdraw", actions.QUEUE, methods=["POST"], service="KIUM")
def withdraw(ref: str) -> Response:
    return carry_out(ref, lambda uow: withdraw_booking(uow, ref), _("신청을 취소했어요."))


@web.page(pages, "/bookings/<ref>/start", actions.START, methods=["POST"], service="KIUM")
def start(ref: str) -> Response:
    reasons = read_reasons(request.form)
    return carry_out(ref, lambda uow: approved.start_use(uow, ref, reasons), _("이용중으로 바꿨어요."))


@web.page(pages, "/bookings/<ref>/move", actions.QUEUE, methods=["POST"], service="KIUM")
def move(ref: str) -> Response:
    form = MoveForm()

    def command(uow: UnitOfWork) -> None:
        hours = read_hours(form.start.data, form.end.data)
        change = approved.Move(ref, form.version.data or 0, _given(form.day.data), hours)
        approved.edit_approved_temporary(uow, change)

    return carry_out(ref, command, _("날짜와 시간을 바꾸고 보호자에게 알렸어요."), "move", form)


@web.page(pages, "/bookings/<ref>/cancel", actions.QUEUE, methods=["POST"], service="KIUM")
def cancel(ref: str) -> Response:
    form = CancelForm()
    return carry_out(
        ref,
        lambda uow: approved.cancel_booking(
            uow, ref, _given(form.from_day.data), form.reason.data or "", version=form.version.data
        ),
        _("이용을 취소하고 보호자에게 알렸어요. 빈자리는 다음 대기자에게 제안해요."),
        "cancel",
        form,
    )


@web.page(pages, "/bookings/<ref>/close", actions.CLOSE, methods=["POST"], service="KIUM")
def close(ref: str) -> Response:
    form = CloseForm()
    with web.unit() as uow:
        form.ground.choices = options((g, g) for g in detail_view(uow, ref).ending_grounds)
    return carry_out(
        ref,
        lambda uow: approved.close_booking(uow, ref, _given(form.from_day.data), form.ground.data or ""),
        _("운영규정에 따라 이용을 종결하고 보호자에게 알렸어요."),
        "close",
        form,
    )


@web.page(pages, "/bookings/<ref>/accept-offer", actions.QUEUE, methods=["POST"], service="KIUM")
def accept(ref: str) -> Response:
    return carry_out(
        ref, lambda uow: accept_offer(uow, ref), _("제안을 수락으로 적었어요. 신청 목록에서 승인해 주세요.")
    )


@web.page(pages, "/bookings/<ref>/decline-offer", actions.QUEUE, methods=["POST"], service="KIUM")
def decline(ref: str) -> Response:
    return carry_out(
        ref, lambda uow: decline_offer(uow, ref), _("제안을 거절로 적었어요. 다음 대기자에게 제안해요.")
    )


def _given(value: Any) -> Any:
    """What a validated field that must be filled holds."""
    assert value is not None  # noqa: S101
    return value
