"""신청: the queue of applications, decided one by one or many at once (KB-13 … KB-24, KC-07)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _

from app.booking import actions, deciding
from app.booking.forms_staff import FindForm, QueueForm, RefusalForm, read_reasons, search_words
from app.booking.place import place_of
from app.booking.printing import form_choices
from app.booking.queries import Counts, QueueFilter, QueuePage, QueueRow, counts_for, queue
from app.booking.rules.decision import check_decider
from app.booking.rules.priority import Ground
from app.booking.rules.states import BookingKind, BookingState
from app.booking.staff_booking import done_with, show_booking
from app.booking.staff_pages import STALE, TONES, detail_view, pages, rows_of
from app.centres.forms import refuse
from app.centres.queries import CentreRow
from app.centres.service.facility import own_centre
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken, StaleVersion
from app.people.service import search_children

B = BookingState
TABS: dict[str, tuple[str, tuple[BookingState, ...]]] = {
    "applied": (N_("신청"), (B.APPLIED,)),
    "waiting": (N_("대기"), (B.WAITING,)),
    "approved": (N_("승인"), (B.SCHEDULED, B.IN_USE)),
    "refused": (N_("미승인"), (B.DISAPPROVED,)),
    "gone": (N_("취소·만료"), (B.WITHDRAWN, B.CANCELLED, B.EXPIRED)),
}
NOTHING_PICKED = Problem("queue.nothing_picked", N_("승인할 신청을 하나 이상 골라 주세요."), rule="KB-22")


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of the queue with everything around it."""

    centre: CentreRow
    page: QueuePage
    counts: Counts
    deciders: frozenset[BookingKind]
    """Kinds of care the acting person may decide (KB-21)."""


def show(uow: UnitOfWork, filters: QueueFilter, number: int = 1) -> Shown:
    centre = own_centre(uow)
    return Shown(centre, queue(uow, centre, filters, number), counts_for(uow, centre), decidable(uow, centre))


def decidable(uow: UnitOfWork, centre: CentreRow) -> frozenset[BookingKind]:
    policy, role = place_of(uow, centre).terms.booking, uow.actor.role.value
    return frozenset(k for k in BookingKind if check_decider(role, centre.kind, k, policy) is None)


@web.page(pages, "/bookings", actions.QUEUE, service="KIUM")
def applications() -> Response:
    """Tabs by state, filters in the address, 50 rows a page."""
    tab = request.args.get("tab", "applied")
    tab = tab if tab in TABS else "applied"
    form = QueueForm(request.args)
    readable = form.validate()
    with web.unit() as uow:
        shown = show(uow, read_filters(tab, form), _number())
    return _queue_page(shown, tab, form, FindForm(formdata=None), 200 if readable else 422)


def _number() -> int:
    return min(max(request.args.get("page", 1, type=int) or 1, 1), 10_000)


def read_filters(tab: str, form: QueueForm) -> QueueFilter:
    """What can be read of the filters; the form says what cannot."""

    def good(field: Any) -> Any:
        return None if field.errors else field.data or None

    kind, ground, papers = good(form.kind), good(form.ground), good(form.papers)
    return QueueFilter(
        states=TABS[tab][1],
        kind=BookingKind(kind) if kind else None,
        first=good(form.first),
        last=good(form.last),
        ground=Ground(ground) if ground else None,
        complete=None if papers is None else papers == "yes",
    )


@web.page(pages, "/bookings/search", actions.QUEUE, methods=["POST"], service="KIUM")
def search_applications() -> Response:
    """By name or the tail of a telephone number: by POST, so that no name stands in an address."""
    form = FindForm()
    try:
        with web.unit() as uow:
            found = []
            if form.validate():
                found = list(search_children(uow, search_words(form)))
            everything = QueueFilter(states=tuple(B), child_ids={row.child.id for row in found})
            shown = show(uow, everything)
    except RuleBroken as error:
        refuse(form, error.problems)
        with web.unit() as uow:
            shown = show(uow, QueueFilter())
        return _queue_page(shown, "applied", QueueForm(), form, 422)
    return _queue_page(shown, "", QueueForm(), form, 422 if form.errors else 200)


def _queue_page(
    shown: Shown,
    tab: str,
    form: QueueForm,
    find: FindForm,
    status: int = 200,
    problems: list[Problem] | None = None,
) -> Response:
    counts = shown.counts.by_state
    tabs = [
        {
            "label": _(label),
            "url": url_for("booking_staff.applications", tab=key),
            "active": key == tab,
            "count": sum(counts.get(state, 0) for state in states) if key in ("applied", "waiting") else None,
        }
        for key, (label, states) in TABS.items()
    ]
    return web.render(
        "booking/staff/queue.html",
        status=status,
        shown=shown,
        tab=tab,
        tabs=tabs,
        form=form,
        find=find,
        filtered=any(form.data.values()),
        problems=problems or [],
        tones=TONES,
        print_forms=form_choices(),
    )


@web.page(pages, "/bookings/<ref>/approve", actions.DECIDE, methods=["POST"], service="KIUM")
def approve_one(ref: str) -> Response:
    """From the list (a row comes back) or from the booking's own page."""
    reasons = read_reasons(request.form)
    version = request.values.get("version", type=int)
    try:
        with web.unit() as uow:
            deciding.approve(uow, ref, reasons, version=version)
    except RuleBroken as error:
        return refused_decision(ref, list(error.problems), 422, RefusalForm(formdata=None))
    except StaleVersion:
        return refused_decision(ref, [Problem("stale", STALE)], 409, RefusalForm(formdata=None))
    return decided(ref, _("승인했어요. 보호자에게 알림을 보내고 이용결정 통지를 만들었어요."))


@web.page(pages, "/bookings/<ref>/refuse", actions.DECIDE, methods=["POST"], service="KIUM")
def refuse_one(ref: str) -> Response:
    form = RefusalForm()
    if not form.validate():
        return refused_decision(ref, [], 422, form)
    try:
        with web.unit() as uow:
            deciding.disapprove(uow, ref, form.reason, version=form.version.data)
    except RuleBroken as error:
        return refused_decision(
            ref, [p.of(field="words") if p.field == "reason" else p for p in error.problems], 422, form
        )
    except StaleVersion:
        return refused_decision(ref, [Problem("stale", STALE)], 409, form)
    return decided(ref, _("미승인했어요. 사유를 보호자에게 알렸어요."))


def decided(ref: str, message: str) -> Response:
    if web.htmx and request.args.get("in") == "row":
        return web.announce(_row(ref, [], message, 200), message)
    return done_with(ref, message)


def refused_decision(ref: str, problems: list[Problem], status: int, form: RefusalForm) -> Response:
    """The same row or page with what stands in the way; the fresh values after somebody was faster."""
    if web.htmx and request.args.get("in") == "row":
        return _row(ref, problems, "", status)
    web.attach(form, problems)
    with web.unit() as uow:
        view = detail_view(uow, ref)
    return show_booking(view, status, problems=problems, lifted=read_reasons(request.form), refusal=form)


def _row(ref: str, problems: list[Problem], message: str, status: int) -> Response:
    with web.unit() as uow:
        centre = own_centre(uow)
        (row,) = rows_of(uow, centre, [ref])
        deciders = decidable(uow, centre)
    return web.render(
        "booking/staff/_row.html",
        status=status,
        row=row,
        list_url=url_for("booking_staff.applications"),
        deciders=deciders,
        problems=problems,
        message=message,
        tones=TONES,
    )


@dataclass(frozen=True, slots=True)
class Picked:
    """One row of a selection: what would keep it from being approved."""

    row: QueueRow
    hard: list[Problem]
    soft: list[Problem]


@web.page(pages, "/bookings/approve", actions.DECIDE, methods=["POST"], service="KIUM")
def approve_selected() -> Response:
    """Two steps: the effect on seats and papers is shown once, then every row gets its own outcome."""
    refs = list(dict.fromkeys(request.form.getlist("pick")))[:200]
    if not refs:
        with web.unit() as uow:
            shown = show(uow, QueueFilter())
        return _queue_page(shown, "applied", QueueForm(), FindForm(formdata=None), 422, [NOTHING_PICKED])
    if request.form.get("step") != "save":
        return _confirm_page(refs)
    reasons = read_reasons(request.form)
    with web.unit() as uow:
        own = own_centre(uow)
        rows = {row.ref: row for row in rows_of(uow, own, refs)}
        outcomes = deciding.approve_many(uow, refs, reasons)
    done = sum(not outcome.problems for outcome in outcomes)
    return web.render(
        "booking/staff/approved_many.html",
        lines=[(rows[outcome.ref], outcome.problems) for outcome in outcomes],
        done=done,
        failed=len(outcomes) - done,
    )


def _confirm_page(refs: list[str]) -> Response:
    with web.unit() as uow:
        centre = own_centre(uow)
        rows = rows_of(uow, centre, refs)
        picked = []
        for row in rows:
            view = detail_view(uow, row.ref)
            picked.append(Picked(row, view.hard, view.soft))
        deciders = decidable(uow, centre)
    soft = {problem.code: problem for line in picked for problem in line.soft}
    return web.render(
        "booking/staff/approve_many.html",
        picked=picked,
        soft=list(soft.values()),
        ready=sum(not line.hard and line.row.state is B.APPLIED for line in picked),
        deciders=deciders,
    )
