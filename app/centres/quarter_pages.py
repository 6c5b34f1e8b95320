"""Pages of a centre's quarters: the year's line, and one quarter in two steps (KQ-04, KQ-15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from app.centres import actions, bookings, rules
from app.centres.bookings import QuarterContent
from app.centres.forms import QuarterForm, given, refuse
from app.centres.queries import (
    CentreRow,
    QuarterRow,
    centre_policy,
    lock_gate,
    quarter_by_ref,
    quarters_of,
)
from app.centres.rules import DAY_KEYS, Meals, QuarterKind, QuarterPlan, WeekHours
from app.centres.service.facility import own_centre
from app.centres.service.quarters import (
    Preview,
    add_quarter,
    delete_quarter,
    preview,
    proposal,
    set_quarter,
)
from app.centres.staff_pages import carried, pages
from app.centres.week import BAD_TIMES, DayLine, Week, lines_of, read_span, read_week
from app.centres.year_line import year_line
from app.kernel import submission, web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken, StaleVersion
from app.kernel.ranges import DateSpan, minute_text

SCHOOL_FREE = N_("학교가 쉬는 날")
CHANGED_MEANWHILE = N_("그 사이 다른 사람이 이 분기를 고쳤어요. 아래는 지금 저장된 값이에요.")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: the plan, or None with the problems that keep it from being one."""

    plan: QuarterPlan | None
    week: Week
    problems: tuple[Problem, ...]


@web.page(pages, "/centre/quarters", actions.OWN, service="KIUM")
def quarters() -> Response:
    with web.unit() as uow:
        centre = own_centre(uow)
        rows = quarters_of(uow, centre.id)
        policy, today = centre_policy(uow, centre), uow.today
        may_plan = actions.PLAN_QUARTERS.allows(uow.actor.role)
    year = request.args.get("year", today.year, type=int) or today.year
    year = min(max(year, 2000), 2100)
    plans = [row.plan for row in rows]
    return web.render(
        "centres/staff/quarters.html",
        centre=centre,
        year=year,
        line=year_line(rows, year, today),
        rows=[
            row
            for row in rows
            if row.plan.year_label == year or year in (row.span.first.year, row.span.last.year)
        ],
        first=not rows,
        missing=rules.year_completeness(plans, year),
        gaps=[
            gap for gap in rules.gaps(plan.span for plan in plans) if year in (gap.first.year, gap.last.year)
        ],
        short={row.ref for row in rows if rules.needs_notice(row.plan.kind, row.span, policy)},
        may_plan=may_plan,
    )


@web.page(pages, "/centre/quarters/new", actions.PLAN_QUARTERS, service="KIUM")
def new_quarter() -> Response:
    kind_name = request.args.get("kind", "")
    kind = QuarterKind(kind_name) if kind_name in QuarterKind.__members__ else QuarterKind.SEM1
    with web.unit() as uow:
        centre = own_centre(uow)
        rows = quarters_of(uow, centre.id)
        year = request.args.get("year", uow.today.year, type=int) or uow.today.year
        year = min(max(year, 2000), 2100)
        plan = proposal(centre, rows, kind, year, centre_policy(uow, centre))
    if not rows:
        return web.see_other(url_for("centres_staff.first_year"))
    return _form_page(form_of(plan), lines_of(plan.hours, plan.staff), centre)


@web.page(pages, "/centre/quarters/new", actions.PLAN_QUARTERS, methods=["POST"], service="KIUM")
def save_new_quarter() -> Response:
    form = QuarterForm()
    typed = read_quarter(form)
    if typed.plan is not None and _wants("save"):
        return _save_new(form, typed, typed.plan)
    with web.unit() as uow:
        centre = own_centre(uow)
        seen = preview(uow, centre, typed.plan) if typed.plan else None
    if typed.plan is None or seen is None or seen.hard or _wants("edit"):
        refuse(form, (*typed.problems, *(seen.hard if seen else ())))
        return _form_page(form, typed.week.lines, centre, status=200 if _wants("edit") else 422)
    return _confirm_page(form, typed, centre, seen)


def _save_new(form: QuarterForm, typed: Typed, plan: QuarterPlan) -> Response:
    request_id, done = (
        request.form.get("request_id", ""),
        url_for("centres_staff.quarters", year=plan.year_label),
    )
    try:
        with web.unit() as uow:
            centre = own_centre(uow)
            submission.submit_once(uow, request_id)
            add_quarter(uow, centre.ref, plan)
            submission.answered_at(uow, request_id, done)
    except RuleBroken as error:
        refuse(form, error.problems)
        return _form_page(form, typed.week.lines, centre, status=422)
    flash(_("분기를 등록했어요."), "success")
    return web.see_other(done)


@web.page(pages, "/centre/quarters/<ref>", actions.CHANGE_QUARTERS, service="KIUM")
def quarter(ref: str) -> Response:
    return _edit_page(ref)


def _edit_page(ref: str, *, stale: bool = False) -> Response:
    """The stored values; after somebody else saved first, with that said above them (409)."""
    with web.unit() as uow:
        centre, row = _mine(uow, ref)
    form = form_of(row.plan)
    if stale:
        form.form_errors = [_(CHANGED_MEANWHILE)]
    return _form_page(form, lines_of(row.plan.hours, row.plan.staff), centre, row, 409 if stale else 200)


@web.page(pages, "/centre/quarters/<ref>", actions.CHANGE_QUARTERS, methods=["POST"], service="KIUM")
def save_quarter(ref: str) -> Response:
    form = QuarterForm()
    typed = read_quarter(form)
    with web.unit() as uow:
        centre, quarter = _mine(uow, ref)
        content = bookings.of_this_house().content(uow, quarter)
        seen = preview(uow, centre, typed.plan, quarter, content) if typed.plan else None
    if form.version.data != quarter.version:
        return _edit_page(ref, stale=True)
    if typed.plan is None or seen is None or seen.hard or _wants("edit"):
        refuse(form, (*typed.problems, *(seen.hard if seen else ())))
        return _form_page(form, typed.week.lines, centre, quarter, 200 if _wants("edit") else 422)
    if not _wants("save"):
        return _confirm_page(form, typed, centre, seen, quarter)
    try:
        _change(quarter, typed.plan, form.version.data or 0)
    except RuleBroken as error:
        refuse(form, error.problems)
        return _form_page(form, typed.week.lines, centre, quarter, 422)
    flash(_("분기를 고쳤어요."), "success")
    return web.see_other(url_for("centres_staff.quarters", year=typed.plan.year_label))


def _change(quarter: QuarterRow, plan: QuarterPlan, version: int) -> None:
    """Change and refit in one unit, under the gate."""
    house = bookings.of_this_house()
    with web.unit() as uow:
        lock_gate(uow, quarter.centre_id)
        content: QuarterContent = house.content(uow, quarter)
        change = set_quarter(uow, quarter.ref, plan, version, content)
        house.refit_quarter(uow, change.before, change.after)


@web.page(pages, "/centre/quarters/<ref>/delete", actions.PLAN_QUARTERS, methods=["POST"], service="KIUM")
def remove_quarter(ref: str) -> Response:
    version = request.form.get("version", 0, type=int)
    house = bookings.of_this_house()
    try:
        with web.unit() as uow:
            centre, quarter = _mine(uow, ref)
            lock_gate(uow, centre.id)
            delete_quarter(uow, ref, version, house.content(uow, quarter).use)
    except RuleBroken as error:
        form = form_of(quarter.plan)
        refuse(form, error.problems)
        lines = lines_of(quarter.plan.hours, quarter.plan.staff)
        return _form_page(form, lines, centre, quarter, 422)
    except StaleVersion:
        return _edit_page(ref, stale=True)
    flash(_("분기를 지웠어요."), "success")
    return web.see_other(url_for("centres_staff.quarters"))


def read_quarter(form: QuarterForm) -> Typed:
    """The form and its week as a plan."""
    week = read_week(request.form)
    problems = list(week.problems)
    vacation: WeekHours = WeekHours()
    try:
        span = read_span((form.vacation_opens.data or "").strip(), (form.vacation_closes.data or "").strip())
        if span:
            vacation = WeekHours(dict.fromkeys(DAY_KEYS[:5], span))
    except ValueError:
        problems.append(BAD_TIMES.of(day=SCHOOL_FREE, field="vacation_opens"))
    if not form.validate() or problems:
        return Typed(None, week, tuple(problems))
    plan = QuarterPlan(
        kind=QuarterKind(form.kind.data),
        year_label=form.year_label.data or 0,
        span=DateSpan(given(form.first.data), given(form.last.data)),
        hours=week.hours,
        staff=week.staff,
        meals=Meals(form.lunch.data, form.dinner.data, form.snack.data),
        vacation_hours=vacation,
    )
    return Typed(plan, week, ())


def form_of(plan: QuarterPlan) -> QuarterForm:
    free = plan.vacation_hours.at("mon")
    return QuarterForm(
        formdata=None,
        data={
            "kind": plan.kind.value,
            "year_label": plan.year_label,
            "first": plan.span.first,
            "last": plan.span.last,
            "lunch": plan.meals.lunch,
            "dinner": plan.meals.dinner,
            "snack": plan.meals.snack,
            "vacation_opens": minute_text(free.start) if free else "",
            "vacation_closes": minute_text(free.end) if free else "",
        },
    )


def _wants(step: str) -> bool:
    return request.form.get("step") == step


def _mine(uow: UnitOfWork, ref: str) -> tuple[CentreRow, QuarterRow]:
    """The quarter and its centre; NotFound outside the actor's centre."""
    centre, quarter = own_centre(uow), quarter_by_ref(uow, ref)
    if quarter.centre_id != centre.id:
        raise NotFound("quarter")
    return centre, quarter


def _form_page(
    form: QuarterForm, lines: Any, centre: CentreRow, quarter: QuarterRow | None = None, status: int = 200
) -> Response:
    return web.render(
        "centres/staff/quarter.html",
        status=status,
        form=form,
        lines=lines,
        centre=centre,
        quarter=quarter,
        may_delete=quarter is not None and actions.PLAN_QUARTERS.allows(web.actor().role),
        action=_action(quarter),
    )


def _confirm_page(
    form: QuarterForm, typed: Typed, centre: CentreRow, seen: Preview, quarter: QuarterRow | None = None
) -> Response:
    touched = [*(row.ref for row in seen.impact.shortened), *seen.impact.could_grow]
    with web.unit() as uow:
        names = bookings.of_this_house().named(uow, centre, touched)
    return web.render(
        "centres/staff/quarter_confirm.html",
        names=names,
        plan=typed.plan,
        lines=[line for line in typed.week.lines if line.opens],
        changed=_changed_days(quarter, typed) if quarter else [],
        centre=centre,
        quarter=quarter,
        seen=seen,
        carried=carried(),
        version=form.version.data,
        action=_action(quarter),
    )


def _changed_days(quarter: QuarterRow, typed: Typed) -> list[tuple[DayLine, DayLine]]:
    """Before and after of each kind of day whose hours or staff differ."""
    if typed.plan is None:
        return []
    before = lines_of(quarter.plan.hours, quarter.plan.staff)
    after = lines_of(typed.plan.hours, typed.plan.staff)
    return [(old, new) for old, new in zip(before, after, strict=True) if old != new]


def _action(quarter: QuarterRow | None) -> str:
    if quarter is None:
        return url_for("centres_staff.save_new_quarter")
    return url_for("centres_staff.save_quarter", ref=quarter.ref)
