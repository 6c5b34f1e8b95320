"""The wizard's last step: the price in its parts, what happens next, the reservation, and its result page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from flask import Response, flash, request, url_for

from app.daycare import actions
from app.daycare.accepted import unconfirmed
from app.daycare.forms_parent import ConfirmForm
from app.daycare.parent_book import Asked, asked, show_when, step_url, summary_of
from app.daycare.parent_choice import Choice, read_choice
from app.daycare.parent_pages import SERVICE, pages, placed, step_names
from app.daycare.parent_words import STATE_TONES, TO_BRING, day_name, from_to, state_words, stays_text
from app.daycare.queries import booking_detail, policy_of
from app.daycare.rules.policy import DAY_END, DAY_START, DaycarePolicy
from app.daycare.rules.request import NO_HOURS, touches_night
from app.daycare.rules.states import BookingState
from app.daycare.service import BookingOrder, QuoteLine, ask_call_back, book, quote
from app.kernel import submission, web
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem, RuleBroken
from app.kernel.language import gettext as _
from app.kernel.ranges import Period, minute_text
from app.kernel.texts import phone_text, won
from app.people.models import Guardian
from app.people.phones import clean_phone


@dataclass(frozen=True, slots=True)
class Line:
    """One child's price: when, how it is counted, what the state pays, what the family pays."""

    child: str
    whens: Sequence[str]
    sums: Sequence[str]
    amount: str


@web.page(pages, "/book/check", actions.MINE, service=SERVICE)
def check_step() -> Response:
    """4. Everything once more, with the price, before it is sent."""
    choice = read_choice(request.args)
    if early := _early(choice):
        return early
    with web.unit() as uow:
        phone = own_phone(uow)
    return _show_check(
        choice, ConfirmForm(formdata=None, contact_phone=phone_text(phone)), web.new_request_id()
    )


@web.page(pages, "/book", actions.MINE, methods=["POST"], service=SERVICE)
def reserve() -> Response:
    """Send it. A second press, or one after a lost connection, is led to the same result."""
    choice = read_choice(request.form)
    if early := _early(choice):
        return early
    form, request_id = ConfirmForm(), request.form.get("request_id", "")
    if not form.validate():
        return _show_check(choice, form, request_id, status=422)
    try:
        with web.unit() as uow:
            made = book(uow, order_of(choice, form, request_id))
            query = urlencode([("booking", one.ref) for one in made])
            target = f"{url_for('daycare_parent.done')}?{query}"
            submission.answered_at(uow, request_id, target)
    except RuleBroken as refused:
        fresh = request_id if submission.REQUEST_ID.fullmatch(request_id) else web.new_request_id()
        general = web.attach(form, refused.problems)
        if full := getattr(refused, "full", ()):
            return show_when(
                choice, refused.problems, full=full, alternatives=getattr(refused, "alternatives", ())
            )
        return _show_check(choice, form, fresh, problems=general, status=422)
    return web.see_other(target)


def _early(choice: Choice) -> Response | None:
    """A step back when something is still unsaid."""
    if not choice.children or not choice.daycare:
        return web.see_other(step_url("where_step" if choice.children else "child_step", choice))
    unsaid = choice.unsaid()
    return show_when(choice, unsaid) if unsaid else None


def own_phone(uow: UnitOfWork) -> str:
    own = uow.session.get(Guardian, uow.actor.guardian_id) if uow.actor.guardian_id else None
    return own.phone if own else ""


def order_of(choice: Choice, form: ConfirmForm | None, request_id: str = "") -> BookingOrder:
    wish = choice.wish()
    assert wish is not None  # noqa: S101 - the views have asked
    phone = clean_phone(form.contact_phone.data or "", field="contact_phone", mobile=True) if form else ""
    return BookingOrder(
        request_id=request_id,
        daycare=choice.daycare,
        children=choice.children,
        wish=wish,
        contact_phone=phone,
        purpose=(form.purpose.data or "") if form else "",
    )


def _show_check(
    choice: Choice,
    form: ConfirmForm,
    request_id: str,
    *,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    with web.unit() as uow:
        who = asked(uow, choice)
        made = quote(uow, order_of(choice, None))
        wish = choice.wish()
        policy = policy_of(uow, who.daycare, wish.first_day if wish else None)
        today = uow.today
        waiting = _waiting(uow, who) if policy.gov_priority else frozenset()
    hard = [one for one in made.problems if not one.soft]
    if hard or made.full:
        return show_when(choice, [*hard, *problems], full=made.full, alternatives=made.alternatives)
    stays = [stay for line in made.children for stay in line.stays]
    return web.render(
        "daycare/parent/check.html",
        status=status,
        step_names=step_names(),
        problems=placed(problems),
        daycare=who.daycare,
        lines=[_line(one, policy, today, waits=one.child_ref in waiting) for one in made.children],
        total=won(made.amount),
        several=len(made.children) > 1,
        soft=[web.sentence(one) for one in made.problems if one.soft],
        terms=terms_of(stays, who.daycare.phone, policy, today),
        bring=[_(each) for each in TO_BRING],
        form=form,
        request_id=request_id,
        kept=choice.pairs(),
        apply_url=url_for("daycare_parent.reserve"),
        summary=f"{summary_of(choice, today)} · {won(made.amount)}",
        back=step_url("when_step", choice),
    )


def _waiting(uow: UnitOfWork, who: Asked) -> frozenset[str]:
    """Children whose place in a daycare or kindergarten the director has not confirmed yet, by their refs."""
    refs = {child.id: child.ref for child in who.children}
    found = unconfirmed(uow, who.daycare.id, uow.actor.guardian_id or 0, list(refs))
    return frozenset(refs[child_id] for child_id in found)


def _line(one: QuoteLine, policy: DaycarePolicy, today: date, *, waits: bool) -> Line:
    """``waits``: the state's hours are not taken off before the application is accepted (AD-15)."""
    told = _("정부지원 시간은 어린이집이 신청서를 확인한 뒤 정해져요. 그때 이용료를 다시 알려 드려요.")
    return Line(
        child=one.child,
        whens=stays_text(one.stays, today),
        sums=[*sums_of(one, policy), *([told] if waits else [])],
        amount=won(one.amount),
    )


def sums_of(one: QuoteLine, policy: DaycarePolicy) -> list[str]:
    """The price in its parts: the hours, the state's hours, hours × won, and why nothing is due."""
    own = one.hours - one.government_hours
    minutes = sum(stay.minutes for stay in one.stays)
    lines = []
    if minutes % 60:
        whole, rest = divmod(minutes, 60)
        words = _("%(h)d시간 %(m)d분 → %(hours)d시간으로 계산해요.", h=whole, m=rest, hours=one.hours)
        lines.append(words)
    elif minutes != one.hours * 60:
        morning = minute_text(DAY_START)
        words = _("아침 %(at)s을 넘기면 앞뒤를 따로 세어 %(hours)d시간이에요.", at=morning, hours=one.hours)
        lines.append(words)
    if one.government_hours:
        lines.append(
            _(
                "%(all)d시간 가운데 %(n)d시간은 정부지원 보육료로 내요(연장·휴일보육).",
                all=one.hours,
                n=one.government_hours,
            )
        )
    if own and not one.amount:
        lines.append(_("%(n)d시간 · 무료 대상이라 내지 않아요.", n=own))
    elif own:
        lines.append(_("%(n)d시간 × %(fee)s", n=own, fee=won(policy.fee_hour)))
    return lines


def terms_of(stays: Sequence[Period], phone: str, policy: DaycarePolicy, today: date) -> list[str]:
    """What happens next, and until when it can be taken back (AD-13, AD-14, AD-16)."""
    first = min(stays, key=lambda stay: stay.start)
    lines = [
        _("신청하면 자리를 바로 잡아 둬요. 어린이집이 확인하면 문자로 알려 드려요."),
        _("이용료는 확정되면 이용 전에 내요. 실제 쓴 시간으로 정산해서 남으면 돌려드려요."),
    ]
    if touches_night(first, policy):
        lines.append(
            _(
                "취소는 전날까지 여기에서, 당일(%(day)s)은 %(cutoff)s까지 전화(%(phone)s)로 해 주세요."
                " 늦은 취소가 쌓이면 이용이 제한될 수 있어요.",
                day=day_name(first.start.date(), today),
                cutoff=minute_text(policy.cancel_cutoff),
                phone=phone_text(phone),
            )
        )
    else:
        lines.append(_("취소는 시작하기 전까지 여기에서 할 수 있어요. 취소 수수료는 없어요."))
    return lines


@web.page(pages, "/book/done", actions.MINE, service=SERVICE)
def done() -> Response:
    """What was reserved, and what happens next."""
    refs = list(dict.fromkeys(request.args.getlist("booking")))[:3]
    with web.unit() as uow:
        found = [booking_detail(uow, ref) for ref in refs]
        today = uow.today
    if not found:
        raise NotFound("booking")
    first = found[0].row
    waits = first.state is BookingState.REQUESTED
    return web.render(
        "daycare/parent/done.html",
        title=_("예약 신청을 받았어요") if waits else _("예약이 확정되었어요"),
        daycare=first.daycare,
        phone=first.daycare_phone,
        lines=[
            {
                "url": url_for("daycare_parent.detail", ref=one.row.ref),
                "text": one.row.child,
                "note": " / ".join(from_to(stay.start, stay.end, today) for stay in one.stays),
                "label": state_words(one.row.state, one.row.state.label),
                "tone": STATE_TONES[one.row.state],
            }
            for one in found
        ],
        waits=waits,
        total=won(sum(one.row.quoted for one in found)),
        bring=[_(each) for each in TO_BRING],
        list_url=url_for("daycare_parent.own_list"),
    )


@web.page(pages, "/call-back", actions.MINE, methods=["POST"], service=SERVICE)
def call_back() -> Response:
    """자리가 나면 전화 주세요: a note for the day; it holds nothing (AD-34)."""
    choice = read_choice(request.form)
    if early := _early(choice):
        return early
    wish = choice.wish()
    assert wish is not None  # noqa: S101 - unsaid() has asked
    try:
        stay = wish.stays()[0]
    except ValueError:
        return show_when(choice, [NO_HOURS])
    try:
        with web.unit() as uow:
            who = asked(uow, choice)
            for child in who.children:
                ask_call_back(
                    uow,
                    who.daycare.ref,
                    child.ref,
                    wish.first_day,
                    wish.start,
                    min(wish.start + stay.minutes, DAY_END),
                    own_phone(uow),
                )
    except RuleBroken as refused:
        return show_when(choice, refused.problems)
    flash(
        _("전화 메모를 남겼어요. 그날 자리가 나면 어린이집이 전화해요. 자리를 잡아 두는 것은 아니에요."),
        "success",
    )
    return web.see_other(step_url("when_step", choice))
