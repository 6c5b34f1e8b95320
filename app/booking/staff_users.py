"""이용자: who is approved and uses the centre; an application taken by telephone or at the door; the care card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from app.booking import actions
from app.booking.choice import Choice, read_choice
from app.booking.dossiers import dossiers
from app.booking.forms_staff import (
    CareCardForm,
    FindForm,
    QueueForm,
    StaffApplicationForm,
    read_activities,
    read_hours,
    search_words,
    write_activities,
)
from app.booking.models import Booking
from app.booking.printing import form_choices
from app.booking.queries import counts_for, day_slots
from app.booking.rules.states import BookingKind
from app.booking.rules.states import BookingState as B
from app.booking.service.apply import Application, Outcome, Wish
from app.booking.service.online import apply_online
from app.booking.service.preparing import Card, save_care_card
from app.booking.staff_pages import TONES, pages
from app.booking.staff_rows import UserFilter, UserPage, user_page
from app.centres.forms import options, refuse
from app.centres.queries import quarter_on, quarters_of
from app.centres.rules import DAY_KEY_KO
from app.centres.service.facility import own_centre
from app.kernel import submission, web
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.kernel.ranges import WEEKDAYS, DateSpan, minute_text
from app.kernel.texts import day_text, phone_text
from app.people import queries as people
from app.people.phones import clean_phone
from app.people.rules import Channel
from app.people.service import search_children

TABS: dict[str, tuple[str, tuple[B, ...]]] = {
    "coming": (N_("이용예정"), (B.SCHEDULED,)),
    "using": (N_("이용중"), (B.IN_USE,)),
    "over": (N_("종료·취소"), (B.ENDED, B.CANCELLED)),
}
NO_KIND = Problem("staff.no_kind", N_("돌봄 종류를 골라 주세요."), rule="KB-01", field="kind")
ILLNESS_NEEDED = N_("아픈아이 돌봄은 어디가 아픈지 적어야 해요.")


@web.page(pages, "/bookings/users", actions.QUEUE, service="KIUM")
def users() -> Response:
    tab = request.args.get("tab", "coming")
    tab = tab if tab in TABS else "coming"
    form = QueueForm(request.args)
    readable = form.validate()
    with web.unit() as uow:
        centre = own_centre(uow)
        page = user_page(uow, centre, read_filter(tab, form), _number())
        counts = counts_for(uow, centre).by_state
    return _users_page(page, counts, tab, form, FindForm(formdata=None), 200 if readable else 422)


def _number() -> int:
    return min(max(request.args.get("page", 1, type=int) or 1, 1), 10_000)


def read_filter(tab: str, form: QueueForm) -> UserFilter:
    kind = None if form.kind.errors else form.kind.data
    asked = request.args.get("asked") == "cancel"
    return UserFilter(
        # The family asks to cancel what is coming as well as what runs.
        states=(B.SCHEDULED, B.IN_USE) if asked else TABS.get(tab, TABS["coming"])[1],
        kind=BookingKind(kind) if kind else None,
        first=None if form.first.errors else form.first.data,
        last=None if form.last.errors else form.last.data,
        cancel_asked=asked,
    )


@web.page(pages, "/bookings/users/search", actions.QUEUE, methods=["POST"], service="KIUM")
def search_users() -> Response:
    form = FindForm()
    states = tuple(state for _label, group in TABS.values() for state in group)
    found: list[int] = []
    try:
        with web.unit() as uow:
            centre = own_centre(uow)
            if form.validate():
                found = [row.child.id for row in search_children(uow, search_words(form))]
            page = user_page(uow, centre, UserFilter(states, child_ids=found))
            counts = counts_for(uow, centre).by_state
    except RuleBroken as error:
        refuse(form, error.problems)
        with web.unit() as uow:
            centre = own_centre(uow)
            page = user_page(uow, centre, UserFilter(TABS["coming"][1]))
            counts = counts_for(uow, centre).by_state
        return _users_page(page, counts, "coming", QueueForm(), form, 422)
    return _users_page(page, counts, "", QueueForm(), form, 422 if form.errors else 200)


def _users_page(
    page: UserPage, counts: dict[B, int], tab: str, form: QueueForm, find: FindForm, status: int
) -> Response:
    return web.render(
        "booking/staff/users.html",
        status=status,
        page=page,
        tab=tab,
        tabs=[
            {
                "label": _(label),
                "url": url_for("booking_staff.users", tab=key),
                "active": key == tab,
                "count": sum(counts.get(state, 0) for state in states) if key != "over" else None,
            }
            for key, (label, states) in TABS.items()
        ],
        form=form,
        find=find,
        filtered=any(form.data.values()) or request.args.get("asked") == "cancel",
        tones=TONES,
        print_forms=form_choices(),
    )


@web.page(pages, "/bookings/new", actions.QUEUE, service="KIUM")
def find_child() -> Response:
    """Step 1 of an application by telephone, visit or at the door: the child, among those known here (KB-32)."""
    return web.render(
        "booking/staff/find_child.html", form=FindForm(formdata=None), found=None, register_url=register_url()
    )


@web.page(pages, "/bookings/new/find", actions.QUEUE, methods=["POST"], service="KIUM")
def found_children() -> Response:
    form = FindForm()
    found = None
    if form.validate():
        try:
            with web.unit() as uow:
                found = list(search_children(uow, search_words(form)))
        except RuleBroken as error:
            refuse(form, error.problems)
    return web.render(
        "booking/staff/find_child.html",
        status=422 if form.errors else 200,
        form=form,
        found=found,
        register_url=register_url(),
    )


def register_url() -> str:
    return url_for("people_staff.new_family")


@dataclass(frozen=True, slots=True)
class DayLine:
    """A weekday of the application form with the hours the centre has then."""

    key: str
    label: str
    opens: str
    closes: str
    on: bool


@web.page(pages, "/bookings/new/<child_ref>", actions.QUEUE, service="KIUM")
def new_application(child_ref: str) -> Response:
    """Step 2: kind, dates, hours and whom to call, on one page; what is free today stands beside."""
    return _application_page(child_ref, None, Choice(), [])


@web.page(pages, "/bookings/new/<child_ref>", actions.QUEUE, methods=["POST"], service="KIUM")
def save_application(child_ref: str) -> Response:
    form = StaffApplicationForm()
    choice = read_choice(request.form)
    with web.unit() as uow:
        child = people.child_for(uow, child_ref)
        form.guardian.choices = options((g.ref, g.name) for g in people.guardians_of(uow, child.id))
    problems = list(choice.unreadable) + ([] if choice.kind else [NO_KIND])
    if choice.kind is BookingKind.SICK and not form.illness.data:
        form.illness.errors = [_(ILLNESS_NEEDED)]
    if not form.validate() or problems:
        return _application_page(child_ref, form, choice, problems)
    request_id = request.form.get("request_id", "")
    try:
        with web.unit() as uow:
            command = _command(form, choice, child_ref, own_centre(uow).ref, request_id)
            applied = apply_online(uow, command, illness=form.illness.data or "")
            done = url_for("booking_staff.application_result", batch=applied.batch)
            submission.answered_at(uow, request_id, done)
    except RuleBroken as error:
        return _application_page(child_ref, form, choice, list(error.problems))
    refused = [outcome for outcome in applied.outcomes if outcome.ref is None]
    for outcome in refused:
        flash(_refusal(outcome), "warning")
    return web.see_other(done)


def _refusal(outcome: Outcome) -> str:
    return f"{day_text(outcome.day)}: {' '.join(web.sentence(p) for p in outcome.problems)}"


def _command(
    form: StaffApplicationForm, choice: Choice, child_ref: str, centre_ref: str, request_id: str
) -> Application:
    assert choice.kind is not None  # noqa: S101 - asked before
    return Application(
        request_id=request_id,
        centre=centre_ref,
        child=child_ref,
        kind=choice.kind,
        contact_phone=clean_phone(form.contact_phone.data or "", field="contact_phone", mobile=True),
        channel=Channel(form.channel.data),
        guardian=form.guardian.data,
        span=DateSpan(choice.first, choice.last) if choice.first and choice.last else None,
        weekday_times=dict(choice.week),
        wishes=tuple(Wish(day, choice.hours) for day in choice.days) if choice.hours else (),
        ground=form.ground.data,
        reason=form.reason.data or "",
        illness=form.illness.data or "",
        disease_class=1 if form.notifiable.data else None,
        other_service=form.other_service.data or "",
        may_wait=form.may_wait.data,
    )


def _application_page(
    child_ref: str, form: StaffApplicationForm | None, choice: Choice, problems: list[Problem]
) -> Response:
    with web.unit() as uow:
        centre = own_centre(uow)
        child = people.child_for(uow, child_ref)
        guardians = people.guardians_of(uow, child.id)
        slots = day_slots(uow, centre, uow.today)
        today = uow.today
        quarter = quarter_on(quarters_of(uow, centre.id), today)
    refused = form is not None
    if form is None:
        first = guardians[0] if guardians else None
        data = {
            "guardian": first.ref if first else "",
            "contact_phone": phone_text(first.phone) if first else "",
        }
        form = StaffApplicationForm(formdata=None, data=data)
    form.guardian.choices = options((g.ref, f"{g.name} ({g.relation.label})") for g in guardians)
    if problems:
        refuse(form, problems)
    return web.render(
        "booking/staff/application.html",
        status=422 if refused else 200,
        form=form,
        child=child,
        centre=centre,
        choice=choice,
        kinds=[
            (kind.value, kind.label)
            for kind in BookingKind
            if kind is not BookingKind.SICK or centre.sick_care
        ],
        lines=_day_lines(choice, quarter),
        days=[day.isoformat() for day in choice.days] or [today.isoformat()],
        today=today,
        slots=slots,
        request_id=request.form.get("request_id") or web.new_request_id(),
    )


def _day_lines(choice: Choice, quarter: Any) -> list[DayLine]:
    lines = []
    for key in WEEKDAYS:
        opening = quarter.plan.hours.at(key) if quarter else None
        if opening is None and key not in choice.week:
            continue
        hours = choice.week.get(key) or opening
        lines.append(
            DayLine(
                key,
                DAY_KEY_KO[key],
                minute_text(hours.start) if hours else "",
                minute_text(hours.end) if hours else "",
                key in choice.week,
            )
        )
    return lines


@web.page(pages, "/bookings/applied/<batch>", actions.QUEUE, service="KIUM")
def application_result(batch: str) -> Response:
    """What became of the submission; the same page answers a second press."""
    with web.unit() as uow:
        centre = own_centre(uow)
        refs = list(
            uow.session.scalars(
                select(Booking.ref)
                .where(Booking.batch == batch[:16], Booking.centre_id == centre.id)
                .order_by(Booking.starts_on, Booking.id)
            )
        )
        if not refs:
            raise NotFound("batch")
        files = dossiers(uow, refs)
    return web.render("booking/staff/applied.html", files=files, tones=TONES)


@web.page(pages, "/children/<child_ref>/card", actions.CARE_CARD, service="KIUM")
def care_card(child_ref: str) -> Response:
    return _card_page(child_ref, None)


@web.page(pages, "/children/<child_ref>/card", actions.CARE_CARD, methods=["POST"], service="KIUM")
def save_card(child_ref: str) -> Response:
    form = CareCardForm()
    if not form.validate():
        return _card_page(child_ref, form)
    try:
        hours = read_hours(form.arrival.data, form.departure.data)
        card_of = {
            "arrival": minute_text(hours.start),
            "departure": minute_text(hours.end),
            "going_home": form.going_home.data,
            "activities": read_activities(form.activities.data or ""),
            "counselling": form.counselling.data or "",
            "counselled_on": form.counselled_on.data,
        }
        with web.unit() as uow:
            save_care_card(uow, Card(child=child_ref, centre=own_centre(uow).ref, **card_of))
    except RuleBroken as error:
        refuse(form, [p.of(field="arrival") if p.field == "start" else p for p in error.problems])
        return _card_page(child_ref, form)
    flash(_("관리카드를 저장했어요. 이전 내용도 남아 있어요."), "success")
    return web.see_other(url_for("booking_staff.care_card", child_ref=child_ref))


def _card_page(child_ref: str, form: CareCardForm | None) -> Response:
    with web.unit() as uow:
        centre = own_centre(uow)
        child = people.child_for(uow, child_ref)
        ref = uow.session.scalar(
            select(Booking.ref)
            .where(Booking.child_id == child.id, Booking.centre_id == centre.id)
            .order_by(Booking.starts_on.desc())
            .limit(1)
        )
        if ref is None:
            raise NotFound("booking")
        (file,) = dossiers(uow, [ref])
    card = file.card
    data = {}
    if card is not None:
        data = {
            "arrival": card.arrival,
            "departure": card.departure,
            "going_home": card.going_home,
            "activities": write_activities(card.activities),
            "counselling": card.counselling,
            "counselled_on": card.counselled_on,
        }
    return web.render(
        "booking/staff/care_card.html",
        status=200 if form is None else 422,
        form=form or CareCardForm(formdata=None, data=data),
        file=file,
        child=child,
    )
