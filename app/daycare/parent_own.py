"""내 예약: what is coming and what was, one booking with its stays and money, changing it and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, request, url_for

from app.daycare import actions, parent_records
from app.daycare.parent_book import FIELDS, summary_of, when_context
from app.daycare.parent_choice import Choice, read_choice
from app.daycare.parent_pages import SERVICE, errors_of, pages, placed
from app.daycare.parent_words import STATE_TONES, from_to, moment_name, state_words, stays_text
from app.daycare.queries import (
    BookingDetail,
    BookingRow,
    StayRow,
    booking_detail,
    daycare_by_ref,
    own_bookings,
)
from app.daycare.receipts import issued_receipts, receipt_paper
from app.daycare.rules.days import minute_of
from app.daycare.rules.request import Wish
from app.daycare.rules.states import FINAL, BookingState, StayState
from app.daycare.service import CancelTerms, cancel_booking, cancel_terms, change_booking
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken, StaleVersion
from app.kernel.language import gettext as _
from app.kernel.ranges import Period
from app.kernel.texts import won

MOST_ROWS = 100
CHANGEABLE = frozenset({BookingState.REQUESTED, BookingState.CONFIRMED, BookingState.PAID})
CHANGED_SINCE = Problem(
    "daycare.changed_since", N_("그사이 예약이 바뀌었어요. 지금 내용을 확인하고 다시 눌러 주세요.")
)


@web.page(pages, "/my", actions.MINE, service=SERVICE)
def own_list() -> Response:
    past = request.args.get("show") == "past"
    with web.unit() as uow:
        rows = [row for row in own_bookings(uow) if (row.state in FINAL) is past]
    shown = rows[:MOST_ROWS] if past else sorted(rows, key=lambda row: row.first_day)[:MOST_ROWS]
    here = url_for("daycare_parent.own_list")
    return web.render(
        "daycare/parent/list.html",
        tabs=[
            {"label": _("다가오는 예약"), "url": here, "active": not past},
            {"label": _("지난 예약"), "url": f"{here}?show=past", "active": past},
        ],
        past=past,
        rows=[list_row(row) for row in shown],
        book_url=url_for("daycare_parent.child_step"),
        applications_url=url_for("daycare_parent.applications"),
    )


def list_row(row: BookingRow) -> dict[str, str]:
    return {
        "url": url_for("daycare_parent.detail", ref=row.ref),
        "text": row.when.replace("\n", ", "),
        "note": f"{row.child} · {row.daycare}",
        "label": state_words(row.state, row.state.label),
        "tone": STATE_TONES[row.state],
    }


@web.page(pages, "/my/<ref>", actions.MINE, service=SERVICE)
def detail(ref: str) -> Response:
    return show_detail(ref)


def show_detail(ref: str, problems: Sequence[Problem] = (), status: int = 0) -> Response:
    with web.unit() as uow:
        one = booking_detail(uow, ref)
        daycare = daycare_by_ref(uow, one.row.daycare_ref)
        terms = _terms(uow, ref)
        papers = parent_records.receipts_of(uow, ref)
        before_use = {key for key, made in issued_receipts(uow, daycare, one).items() if made.changed}
        inside = next((stay for stay in one.stays if stay.state is StayState.INSIDE), None)
        carers = parent_records.carers_now(uow, daycare.id, inside.class_name) if inside else []
        today = uow.today
    row = one.row
    return web.render(
        "daycare/parent/detail.html",
        status=status or (422 if problems else 200),
        problems=placed(problems),
        one=one,
        row=row,
        word=state_words(row.state, row.state.label),
        tone=STATE_TONES[row.state],
        next_line=next_line(one, daycare.account),
        facts=[
            (_("예약번호"), row.number),
            (_("아이"), row.child),
            (_("어린이집"), row.daycare),
            (_("이용 사유"), one.purpose),
            (_("취소"), one.cancelled_how if one.cancelled_at else ""),
        ],
        stays=[_stay(ref, stay, today) for stay in one.stays if stay.state is not StayState.CANCELLED],
        now=_now(row.child, inside, carers, today) if inside else "",
        money=money_lines(one),
        receipts=papers,
        before_use=before_use,
        terms=terms,
        lost=" / ".join(from_to(s.start, s.end, today) for s in one.stays if s.state is StayState.PLANNED),
        may_change=row.state in CHANGEABLE and terms is not None and terms.allowed,
        standing=row.state not in FINAL,
        cancellable=row.state in CHANGEABLE,
    )


def _terms(uow: UnitOfWork, ref: str) -> CancelTerms | None:
    """None for a guardian who sees the booking but did not make it, and when nothing is left to cancel."""
    try:
        return cancel_terms(uow, ref)
    except RuleBroken:
        return None


def next_line(one: BookingDetail, account: str) -> str:
    """What happens next, in one sentence; "" when nothing does."""
    match one.row.state:
        case BookingState.REQUESTED:
            return _("자리를 잡아 두었어요. 어린이집이 확인하면 문자로 알려 드려요.")
        case BookingState.CONFIRMED if one.balance > 0:
            return _(
                "이용 전에 %(amount)s을 내 주세요. %(account)s", amount=won(one.balance), account=account
            ).strip()
        case BookingState.CONFIRMED | BookingState.PAID:
            return _("그대로 오시면 돼요. 올 때와 데리러 올 때 각각 서명해 주세요.")
        case BookingState.REFUSED:
            return _("받지 못했어요. 사유: %(reason)s", reason=one.decision_reason)
        case BookingState.NO_SHOW:
            return _("오지 않아 미입소로 적혔어요. 착오가 있으면 전화해 주세요.")
        case BookingState.LATE_CANCELLED:
            return _("마감 뒤에 취소했어요. 늦은 취소가 쌓이면 이용이 제한될 수 있어요.")
    return ""


def _stay(ref: str, stay: StayRow, today: Any) -> dict[str, Any]:
    """One stay with what happened: in, out, hours, and the way to that day's journal."""
    happened = []
    if stay.in_at:
        happened.append(
            _("입소 %(at)s · %(person)s", at=moment_name(stay.in_at, today), person=stay.in_person)
        )
    if stay.out_at:
        happened.append(
            _("귀가 %(at)s · %(person)s", at=moment_name(stay.out_at, today), person=stay.out_person)
        )
    if stay.billed_hours is not None:
        used = _("쓴 시간 %(h)d시간", h=stay.billed_hours)
        if stay.government_hours:
            used += _(" (정부지원 %(n)d시간)", n=stay.government_hours)
        happened.append(f"{used} · {won(stay.amount or 0)}")
    return {
        "when": from_to(stay.start, stay.end, today),
        "word": _(stay.state.label),
        "happened": happened,
        "journal": url_for("daycare_parent.journal", ref=ref, stay=stay.ref) if stay.in_at else "",
    }


def _now(child: str, stay: StayRow, carers: Sequence[str], today: Any) -> str:
    """Who is with my child now."""
    since = moment_name(stay.in_at, today) if stay.in_at else ""
    words = _("%(child)s: %(since)s부터 %(room)s에 있어요.", child=child, since=since, room=stay.class_name)
    if carers:
        words += " " + _("지금 함께 있는 선생님: %(names)s", names=", ".join(carers))
    return words


def money_lines(one: BookingDetail) -> list[tuple[str, str]]:
    lines = [(_("예상 이용료"), won(one.row.quoted))]
    sums = one.ledger.sums
    if sums.charged:
        lines.append((_("이용료"), won(sums.charged)))
    if sums.kept:
        lines.append((_("낸 돈"), won(sums.kept)))
    if one.balance > 0:
        lines.append((_("낼 돈"), won(one.balance)))
    elif one.balance < 0:
        lines.append((_("돌려받을 돈"), won(-one.balance)))
    return lines


@web.page(pages, "/my/<ref>/cancel", actions.MINE, methods=["POST"], service=SERVICE)
def cancel(ref: str) -> Response:
    try:
        with web.unit() as uow:
            cancel_booking(uow, ref, version=request.form.get("version", 0, int))
            credit = -booking_detail(uow, ref).balance
    except RuleBroken as refused:
        return show_detail(ref, refused.problems)
    except StaleVersion:
        return show_detail(ref, [CHANGED_SINCE], 409)
    told = _("예약을 취소했어요.")
    if credit > 0:
        told += " " + _("낸 돈 %(amount)s은 어린이집이 돌려드려요.", amount=won(credit))
    flash(told, "success")
    return web.see_other(url_for("daycare_parent.detail", ref=ref))


@web.page(pages, "/my/<ref>/receipts/<payment>", actions.MINE, methods=["POST"], service=SERVICE)
def receipt(ref: str, payment: str) -> Response:
    """The PDF of a payment: made at the first press, the same one at every other."""
    with web.unit() as uow:
        one = booking_detail(uow, ref)
        if not any(row.ref == payment for row in parent_records.receipts_of(uow, ref)):
            raise NotFound("payment")
        paper = receipt_paper(uow, daycare_by_ref(uow, one.row.daycare_ref), one, payment)
        url = url_for("documents.paper", ref=paper.ref)
    return web.see_other(url)


@web.page(pages, "/my/<ref>/change", actions.MINE, service=SERVICE)
def change(ref: str) -> Response:
    """Other days or hours: the same page of days and hours as when booking."""
    choice = read_choice(request.args)
    return show_change(ref, choice, [])


def show_change(
    ref: str,
    choice: Choice,
    problems: Sequence[Problem],
    *,
    full: Sequence[Period] = (),
    alternatives: Sequence[Wish] = (),
    status: int = 0,
) -> Response:
    here = url_for("daycare_parent.change", ref=ref)
    with web.unit() as uow:
        one = booking_detail(uow, ref)
        row = one.row
        daycare = daycare_by_ref(uow, row.daycare_ref)
        planned = [stay for stay in one.stays if stay.state is StayState.PLANNED]
        base = Choice(children=(row.child_ref,), daycare=row.daycare_ref)
        shown = _of(choice, base) if choice.day else _as_booked(base, one, planned)
        context = when_context(uow, daycare, shown, here)
        today = uow.today
    if row.state not in CHANGEABLE or not planned:
        return web.see_other(url_for("daycare_parent.detail", ref=ref))
    return web.render(
        "daycare/parent/change.html",
        status=status or (422 if problems else 200),
        row=row,
        daycare=daycare,
        before=stays_text([Period(stay.start, stay.end) for stay in planned], today),
        problems=placed(problems, *FIELDS),
        errors=errors_of(problems, *FIELDS),
        full=stays_text(full, today),
        alternatives=[
            (" / ".join(stays_text(wish.stays(), today)), f"{here}?{shown.like(wish).query()}#hours")
            for wish in alternatives
        ],
        version=request.form.get("version", row.version, int),
        summary=summary_of(shown, today),
        back=url_for("daycare_parent.detail", ref=ref),
        action=here,
        **context,
    )


def _of(choice: Choice, base: Choice) -> Choice:
    """The days and hours of an address, for the booking's own child and daycare."""
    return Choice(
        base.children, base.daycare, choice.day, choice.start, choice.end, choice.run, choice.unreadable
    )


def _as_booked(base: Choice, one: BookingDetail, planned: Sequence[StayRow]) -> Choice:
    if not planned:
        return base
    first = planned[0]
    days = (one.row.last_day - one.row.first_day).days
    start = minute_of(first.start, first.operating_day)
    end = minute_of(first.end, one.row.last_day if len(planned) == 1 else first.operating_day)
    wish = Wish(one.row.first_day, one.row.last_day, start, end, continuous=len(planned) == 1 and days > 0)
    return base.like(wish)


@web.page(pages, "/my/<ref>/change", actions.MINE, methods=["POST"], service=SERVICE)
def save_change(ref: str) -> Response:
    choice = read_choice(request.form)
    unsaid = [one for one in choice.unsaid() if one.field != "child"]
    wish = choice.wish()
    if unsaid or wish is None:
        return show_change(ref, choice, unsaid)
    try:
        with web.unit() as uow:
            change_booking(uow, ref, wish, version=request.form.get("version", 0, int))
    except RuleBroken as refused:
        return show_change(
            ref,
            choice,
            refused.problems,
            full=getattr(refused, "full", ()),
            alternatives=getattr(refused, "alternatives", ()),
        )
    except StaleVersion:
        return show_detail(ref, [CHANGED_SINCE], 409)
    flash(_("예약을 바꿨어요."), "success")
    return web.see_other(url_for("daycare_parent.detail", ref=ref))
