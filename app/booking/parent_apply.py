"""예약하기: 아이 → 어디서 → 언제 → 확인, a page each; the choice stands in the address, so back and reload work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Response, flash, request, url_for

from app.booking import actions
from app.booking.choice import Choice, read_choice, read_month
from app.booking.parent_month import gives, hour_options, kind_notes, month_view, week_view
from app.booking.parent_pages import choice_text, days_text, pages, step_names, unbroken
from app.booking.parent_where import centres_for, own_district
from app.booking.place import Place, place_of, survey
from app.booking.rules.states import BookingKind
from app.booking.wizard import seat_month, slots_of
from app.centres import queries as centres
from app.centres.queries import QuarterRow
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem
from app.kernel.language import gettext as _
from app.kernel.ranges import age_on
from app.kernel.texts import day_text
from app.people import queries as people
from app.people.queries import SeenChild
from app.tenancy.queries import districts


@dataclass(frozen=True, slots=True)
class Asked:
    """The child and the place of a choice, both checked: another family's child is not found."""

    child: SeenChild
    place: Place

    @property
    def line(self) -> str:
        """김하늘 · 온수동 키움센터"""
        return f"{self.child.name} · {self.place.centre.name}"


def asked(uow: UnitOfWork, choice: Choice) -> Asked:
    """Raises NotFound for unknown, foreign and closed ones alike."""
    child = people.own_child(uow, choice.child)
    centre = survey(uow, choice.centre).centre
    if not centre.active:
        raise NotFound("centre")
    return Asked(child, place_of(uow, centre))


def step_url(step: str, choice: Choice, **changes: Any) -> str:
    return f"{url_for(f'booking_parent.{step}')}?{choice.query(**changes)}"


@web.page(pages, "/book", actions.APPLY_ONLINE, service="KIUM")
def child_step() -> Response:
    """1. Who. With one child there is nothing to ask."""
    choice = read_choice(request.args)
    with web.unit() as uow:
        children = people.children_of(uow, uow.actor.guardian_id or 0)
        today = uow.today
    if len(children) == 1 and not choice.child:
        return web.see_other(step_url("where_step", choice, child=children[0].ref))
    tiles = [
        {
            "name": child.name,
            "note": _child_note(child.birth_date, child.grade, today),
            "url": step_url("where_step", choice, child=child.ref),
        }
        for child in children
    ]
    return web.render(
        "booking/parent/child.html",
        step_names=step_names(),
        children=tiles,
        register_url=url_for("people_parent.new_child"),
    )


def _child_note(birth: date, grade: int | None, today: date) -> str:
    age = _("만 %(age)d세", age=age_on(birth, today))
    return f"{age} · {_('%(grade)d학년', grade=grade)}" if grade and grade <= 6 else age


@web.page(pages, "/book/where", actions.APPLY_ONLINE, service="KIUM")
def where_step() -> Response:
    """2. Which care, and where: the centres of one's own district first."""
    choice = read_choice(request.args)
    with web.unit() as uow:
        child = people.child_for(uow, choice.child)
        wanted = centres.centre_by_ref(uow, choice.centre) if choice.centre else None
        places = districts(uow.session)
        district = request.args.get("district")
        if district is None:
            district = own_district(uow, child)
        page = request.args.get("page", 1, type=int) or 1
        found = centres_for(uow, choice.kind, district[:16], page) if choice.kind and not wanted else None
    if wanted and choice.kind:
        return web.see_other(step_url("when_step", choice))
    return web.render(
        "booking/parent/where.html",
        status=422 if choice.unreadable else 200,
        step_names=step_names(),
        problems=choice.unreadable,
        child=child,
        kinds=[
            {
                "label": _(kind.label),
                "note": note,
                "selected": kind is choice.kind,
                "url": step_url("where_step", Choice(child=choice.child, kind=kind, centre=choice.centre))
                + "#found",
            }
            for kind, note in kind_notes(wanted)
        ],
        found=found,
        centre_urls={row.ref: step_url("when_step", choice, centre=row.ref) for row in found.rows}
        if found
        else {},
        kept=choice.pairs(),
        here=url_for("booking_parent.where_step"),
        districts=[("", _("모든 자치구")), *((row.ref, row.name) for row in places)],
        district=district,
        everywhere=f"{step_url('where_step', choice)}&district=#found" if district else "",
        back=url_for("booking_parent.child_step", child=choice.child),
    )


@web.page(pages, "/book/when", actions.APPLY_ONLINE, service="KIUM", shows=True)
def when_step() -> Response:
    """3. When: days of a month and half hours, or a period and hours of the week."""
    choice = read_choice(request.args)
    return show_when(choice, list(choice.unreadable))


def show_when(choice: Choice, problems: list[Problem]) -> Response:
    """Step 3 with what stands against the choice so far; 422 when something does."""
    if choice.kind is None:
        return web.see_other(step_url("where_step", choice))
    with web.showing() as uow:
        who = asked(uow, choice)
        given = gives(who.place.centre, choice.kind)
        quarter = _coming_quarter(uow, who, choice) if given and choice.is_regular else None
        if quarter is not None:
            template, context = _regular_page(uow, who, choice, quarter)
        elif given and not choice.is_regular:
            template, context = _single_page(uow, who, choice, choice.kind)
        else:
            flash(
                _(
                    "%(centre)s는 지금 그 돌봄을 하지 않아요. 다른 센터를 골라 주세요.",
                    centre=who.place.centre.name,
                )
            )
            return web.see_other(step_url("where_step", choice.without_time(), centre=""))
    return web.render(
        template,
        status=422 if problems else 200,
        step_names=step_names(),
        place_line=f"{who.line} · {_(choice.kind.label)}",
        problems=problems,
        phone=who.place.centre.phone,
        summary=choice_text(choice) or _("언제 이용할지 골라 주세요."),
        back=step_url("where_step", choice.without_time(), centre=""),
        check_url=url_for("booking_parent.check_step"),
        **context,
    )


def _single_page(
    uow: UnitOfWork, who: Asked, choice: Choice, kind: BookingKind
) -> tuple[str, dict[str, Any]]:
    first = read_month(request.args.get("month", ""), choice.days[0] if choice.days else uow.today)
    # One read serves the month and the hours: the window is short, whatever month is shown.
    last = uow.today + timedelta(days=who.place.terms.booking.temp_window_days)
    month = seat_month(uow, who.place, kind, uow.today, last, who.child)
    slots = slots_of(month, choice.days, uow.now)
    starts, ends = hour_options(slots, choice.hours, month.slot_minutes, name_day=len(choice.days) > 1)
    here = url_for("booking_parent.when_step")
    return "booking/parent/when.html", {
        "view": month_view(first, month, uow.now, choice, here, here),
        "days": choice.days,
        "kept": [pair for pair in choice.pairs() if pair[0] not in ("from", "to")],
        "starts": starts,
        "ends": ends,
        "legend": _("고른 시간에 남은 자리예요.")
        if choice.hours
        else _(
            "온종일 남은 자리예요. ‘일부 있음’은 자리가 있는 시간이 따로 있어요. 여러 날을 고를 수 있어요."
        ),
        "hours_line": unbroken(_("%(days)s · 30분 단위로 골라요.", days=days_text(choice.days))),
        "hours_hint": _("고른 날 모두 같은 시간이에요. 시간이 다른 날은 따로 신청해 주세요.")
        if len(choice.days) > 1
        else "",
    }


def _regular_page(
    uow: UnitOfWork, who: Asked, choice: Choice, quarter: QuarterRow
) -> tuple[str, dict[str, Any]]:
    first = choice.first or max(uow.today, quarter.span.first)
    return "booking/parent/when_regular.html", {
        "kept": choice.without_time().pairs(),
        "first": first.isoformat(),
        "last": (choice.last or quarter.span.last).isoformat(),
        "earliest": uow.today.isoformat(),
        "week": week_view(quarter.plan, dict(choice.week), who.place.terms.booking.slot_minutes),
        "period_line": unbroken(
            _(
                "%(quarter)s 이용기간은 %(last)s까지예요. 더 길게 적으면 그날까지로 맞춰요."
                " 이어서 쓰려면 연장을 신청해 주세요.",
                quarter=quarter.label,
                last=day_text(quarter.span.last),
            )
        ),
    }


def _coming_quarter(uow: UnitOfWork, who: Asked, choice: Choice) -> QuarterRow | None:
    """The quarter of the chosen first day (else of today), or the next one that begins."""
    day = choice.first or uow.today
    rows = centres.quarters_of(uow, who.place.centre.id)
    return centres.quarter_on(rows, day) or next((row for row in rows if row.span.first > day), None)
