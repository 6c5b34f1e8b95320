"""The wizard's last step: what would happen, the rest that is asked, the application, and its result page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import Response, request, url_for
from flask_babel import gettext as _

from app.booking import actions
from app.booking.choice import NO_TIME, Choice, distinct, read_choice
from app.booking.forms import ConfirmForm
from app.booking.own import positions_of
from app.booking.parent_apply import Asked, asked, show_when, step_url
from app.booking.parent_pages import choice_text, pages, state_words, step_names, unbroken
from app.booking.queries import FamilyBooking, bookings_of_guardian
from app.booking.rules.request import NO_WEEKDAY
from app.booking.rules.states import BookingKind, BookingState
from app.booking.service.apply import NO_DATE, Application, Applied, Wish
from app.booking.service.judge import NO_PERIOD
from app.booking.service.online import apply_online
from app.booking.times import week_text
from app.booking.wizard import Forecast, forecast
from app.kernel import submission, web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.kernel.ranges import DateSpan, parse_day
from app.kernel.texts import day_text, phone_text
from app.people.models import Guardian
from app.people.phones import clean_phone
from app.people.rules import ConsentKind
from app.people.service.consents import standing_consents

MOST_REFUSED_IN_URL = 12
"""The result's address is kept for the second press and has room for 300 characters."""
REFUSED = {
    "KB-08": N_("신청할 수 있는 날짜가 아니에요."),
    "KB-09": N_("시작 시각이 지났어요."),
    "KB-10": N_("센터가 쉬거나 운영시간이 아니에요."),
    "KB-12": N_("같은 시간에 다른 예약이 있어요."),
    "KB-36": N_("형제·자매가 예약한 시간 안에서만 이용할 수 있어요."),
    "KC-07": N_("빈자리가 없어요. 대기는 하지 않기로 하셨어요."),
    "KW-03": N_("대기가 마감됐어요."),
    "KW-08": N_("같은 시간에 이미 대기하고 있어요."),
}
"""A refused date on the result page, by the rule that refused it: the page must say the same after a reload."""
SAME_CARE = {BookingKind.TEMPORARY, BookingKind.SICK}


@dataclass(frozen=True, slots=True)
class Line:
    """One date or period with what becomes of it; ``url`` leads to the booking."""

    when: str
    word: str
    tone: str
    note: str = ""
    url: str = ""


@web.page(pages, "/book/check", actions.APPLY_ONLINE, service="KIUM")
def check_step() -> Response:
    """4. Everything once more, date by date, before it is sent."""
    choice = read_choice(request.args)
    if unsaid := _unsaid(choice):
        return show_when(choice, unsaid)
    with web.unit() as uow:
        phone = _own_phone(uow)
    form = ConfirmForm(formdata=None, contact_phone=phone_text(phone)).fit(choice.kind)
    return _show_check(choice, form, web.new_request_id())


@web.page(pages, "/book", actions.APPLY_ONLINE, methods=["POST"], service="KIUM")
def apply() -> Response:
    """Send it. A second press, or one after a lost connection, is led to the same result."""
    choice = read_choice(request.form)
    if unsaid := _unsaid(choice):
        return show_when(choice, unsaid)
    if choice.kind is None:
        return web.see_other(step_url("where_step", choice))
    form = ConfirmForm().fit(choice.kind)
    request_id = request.form.get("request_id", "")
    if not form.validate():
        return _show_check(choice, form, request_id, status=422)
    try:
        with web.unit() as uow:
            applied = apply_online(uow, _application(choice, form, request_id), illness=_illness(form))
            target = _result_url(applied)
            submission.answered_at(uow, request_id, target)
    except RuleBroken as refused:
        general = web.attach(form, refused.problems)
        fresh = request_id if submission.REQUEST_ID.fullmatch(request_id) else web.new_request_id()
        return _show_check(choice, form, fresh, problems=general, status=422)
    return web.see_other(target)


def _unsaid(choice: Choice) -> list[Problem]:
    """What has to be said before anything can be judged."""
    if choice.unreadable or choice.kind is None:
        return list(choice.unreadable)
    if choice.is_regular:
        found = [] if choice.first and choice.last else [NO_PERIOD]
        return found + ([] if choice.week else [NO_WEEKDAY])
    found = [] if choice.days else [NO_DATE.of(field="day")]
    return found + ([] if choice.hours else [NO_TIME])


def _own_phone(uow: UnitOfWork) -> str:
    own = uow.session.get(Guardian, uow.actor.guardian_id) if uow.actor.guardian_id else None
    return own.phone if own else ""


def _show_check(
    choice: Choice,
    form: ConfirmForm,
    request_id: str,
    *,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> Response:
    if choice.kind is None:
        return web.see_other(step_url("where_step", choice))
    with web.showing() as uow:
        who = asked(uow, choice)
        expected = forecast(uow, who.place, who.child, choice)
        missing = _missing_consents(uow, who, choice.kind)
    possible = any(one.possible for one in expected)
    if status == 200 and not possible:
        return show_when(choice, distinct(p for one in expected for p in one.problems))
    if all(one.free for one in expected if one.possible) and "may_wait" in form:
        del form.may_wait
    return web.render(
        "booking/parent/check.html",
        status=status,
        step_names=step_names(),
        problems=distinct(problems),
        phone=who.place.centre.phone,
        facts=[
            (_("아이"), who.child.name),
            (_("센터"), who.place.centre.name),
            (_("돌봄"), _(choice.kind.label)),
            (_("요일"), _week_of(choice)),
        ],
        lines=[_forecast_line(choice, one) for one in expected],
        form=form,
        request_id=request_id,
        kept=choice.pairs(),
        apply_url=url_for("booking_parent.apply"),
        missing=missing,
        consents_url=url_for("people.consents", ref=who.child.ref),
        possible=possible,
        summary=choice_text(_as_judged(choice, expected)),
        back=step_url("when_step", choice),
    )


def _as_judged(choice: Choice, expected: Sequence[Forecast]) -> Choice:
    """The period as it was cut at the quarter's end (KB-06)."""
    return replace(choice, last=expected[0].span.last) if choice.is_regular else choice


def _week_of(choice: Choice) -> str:
    return unbroken(week_text(dict(choice.week))) if choice.is_regular else ""


def _forecast_line(choice: Choice, one: Forecast) -> Line:
    regular = choice.is_regular
    when = f"{day_text(one.span.first)}~{day_text(one.span.last)}" if regular else day_text(one.span.first)
    when = unbroken(when if regular else f"{when} {choice.hours}")
    if one.problems:
        return Line(when, _("안 돼요"), "danger", " ".join(web.sentence(p) for p in one.problems))
    note = web.sentence(one.notice) if one.notice else ""
    if one.free:
        word = _("자리 있음") if one.seats is None else _("%(n)d자리", n=one.seats)
        return Line(when, word, "success", note)
    ahead = _("지금 자리가 없어 대기로 신청돼요. 앞에 %(n)d명이 기다려요.", n=one.waiting)
    return Line(when, _("대기 %(n)d번째", n=one.waiting + 1), "info", f"{ahead} {note}".strip())


@dataclass(frozen=True, slots=True)
class Missing:
    """Consents not given yet; ``first``: without them it cannot even be sent."""

    labels: tuple[str, ...]
    first: bool


def _missing_consents(uow: UnitOfWork, who: Asked, kind: BookingKind) -> Missing:
    """What must be consented to before the centre can approve (KB-17, KB-18); an illness is sensitive data."""
    needed = [ConsentKind.PRIVACY, ConsentKind.ARRIVAL_DEPARTURE]
    if kind is BookingKind.SICK:
        needed.append(ConsentKind.SENSITIVE)
    standing = standing_consents(uow, who.child.id)
    missing = [one for one in needed if one not in standing]
    return Missing(tuple(_(one.label) for one in missing), ConsentKind.SENSITIVE in missing)


def _illness(form: ConfirmForm) -> str:
    return (form.illness.data or "").strip() if "illness" in form else ""


def _application(choice: Choice, form: ConfirmForm, request_id: str) -> Application:
    data: dict[str, Any] = form.data
    assert choice.kind is not None  # noqa: S101 - the view has asked
    return Application(
        request_id=request_id,
        centre=choice.centre,
        child=choice.child,
        kind=choice.kind,
        contact_phone=clean_phone(data["contact_phone"], field="contact_phone", mobile=True),
        span=DateSpan(choice.first, choice.last) if choice.first and choice.last else None,
        weekday_times=dict(choice.week),
        wishes=tuple(Wish(day, choice.hours) for day in choice.days if choice.hours),
        ground=data.get("ground") or "other",
        reason=data.get("reason") or "",
        illness=_illness(form),
        disease_class=1 if data.get("notifiable") else None,
        other_service=data.get("other_service") or "",
        # Nobody is queued who saw seats and was not asked; a seat lost meanwhile is told, not silently waited for.
        may_wait=bool(request.form.get("may_wait")),
    )


def _result_url(applied: Applied) -> str:
    refused = [
        f"{outcome.day:%Y%m%d}_{outcome.problems[0].rule}"
        for outcome in applied.outcomes
        if outcome.ref is None and outcome.problems
    ]
    target = url_for("booking_parent.result", batch=applied.batch)
    query = urlencode([("no", text) for text in refused[:MOST_REFUSED_IN_URL]])
    return f"{target}?{query}" if query else target


@web.page(pages, "/book/result/<batch>", actions.MINE, service="KIUM")
def result(batch: str) -> Response:
    """What became of each date, and what happens next."""
    with web.unit() as uow:
        made = bookings_of_guardian(uow, uow.actor.guardian_id or 0, batch=batch)[::-1]
        places = positions_of(uow, made)
    if not made:
        raise NotFound("batch")
    lines = [_result_line(one, places.get(one.ref)) for one in made] + _refused_lines(
        request.args.getlist("no")
    )
    first = made[0]
    waiting = [one.state is BookingState.WAITING for one in made]
    again = Choice(child=first.child_ref, kind=first.kind, centre=first.centre_ref)
    return web.render(
        "booking/parent/result.html",
        title=_("대기 신청을 받았어요") if all(waiting) else _("신청을 받았어요"),
        place_line=f"{first.child_name} · {first.centre_name} · {_(first.kind.label)}",
        lines=lines,
        next_lines=_next_lines(first.kind, waiting),
        list_url=url_for("booking_parent.own_list"),
        again_url=step_url("when_step", again) if first.kind in SAME_CARE else "",
        phone=first.centre_phone,
    )


def _next_lines(kind: BookingKind, waiting: Sequence[bool]) -> list[str]:
    lines = []
    if kind is BookingKind.REGULAR:
        lines.append(_("정기돌봄은 승인 전에 센터에서 상담해요. 센터에 전화해 방문할 날을 정해 주세요."))
    if not all(waiting):
        lines.append(_("센터가 확인하면 문자로 알려 드려요. 보통 하루 안에 알려 드려요."))
    if any(waiting):
        lines.append(
            _("대기는 자리가 나면 순서대로 문자로 알려 드려요. 문자를 받으면 정해진 시간 안에 수락해 주세요.")
        )
    return lines


def _result_line(one: FamilyBooking, position: int | None) -> Line:
    word, tone = state_words(one.state, one.wait, position)
    if one.state is BookingState.APPLIED:
        word, tone = _("신청됨"), "success"
    return Line(unbroken(one.when), word, tone, url=url_for("booking_parent.detail", ref=one.ref))


def _refused_lines(texts: Sequence[str]) -> list[Line]:
    lines = []
    for text in texts[:MOST_REFUSED_IN_URL]:
        digits, _sep, rule = text.partition("_")
        try:
            day = parse_day(digits)
        except ValueError:
            continue
        why = REFUSED.get(rule, N_("이날은 신청하지 못했어요. 다시 고르면 이유를 알려 드려요."))
        lines.append(Line(day_text(day), _("안 됨"), "danger", _(why)))
    return lines
