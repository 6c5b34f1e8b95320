"""The page on which a new centre sets all four quarters at once (KQ-03)."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, request, url_for
from flask_babel import gettext as _

from app.centres import actions, rules
from app.centres.forms import FirstYearForm, refuse
from app.centres.queries import CentreRow, centre_policy, quarters_of
from app.centres.rules import Meals, QuarterKind, QuarterPlan
from app.centres.service.facility import own_centre
from app.centres.service.quarters import fresh_plan, set_first_year
from app.centres.staff_pages import pages
from app.centres.week import Week, lines_of, read_week
from app.kernel import submission, web
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.ranges import DateSpan


@web.page(pages, "/centre/quarters/first", actions.PLAN_QUARTERS, service="KIUM")
def first_year() -> Response:
    """The year's table filled in (KQ-13), with a week of semester and one of vacation to start from."""
    with web.unit() as uow:
        centre = own_centre(uow)
        policy, today = centre_policy(uow, centre), uow.today
        if quarters_of(uow, centre.id):
            return web.see_other(url_for("centres_staff.quarters"))
    year = request.args.get("year", today.year, type=int) or today.year
    year = min(max(year, 2000), 2100)
    data: dict[str, Any] = {"year_label": year}
    for kind, span in rules.proposed_quarters(year):
        data[f"first_{kind}"], data[f"last_{kind}"] = span.first, span.last
    weeks = {}
    for name, kind in (("sem", QuarterKind.SEM1), ("vac", QuarterKind.SUMMER)):
        plan = fresh_plan(centre.kind, kind, year, DateSpan(today, today), policy)
        weeks[name] = lines_of(plan.hours, plan.staff)
    return _first_year(FirstYearForm(formdata=None, data=data), centre, weeks)


@web.page(pages, "/centre/quarters/first", actions.PLAN_QUARTERS, methods=["POST"], service="KIUM")
def save_first_year() -> Response:
    form = FirstYearForm()
    weeks = {name: read_week(request.form, f"{name}_") for name in ("sem", "vac")}
    lines = {name: week.lines for name, week in weeks.items()}
    with web.unit() as uow:
        centre = own_centre(uow)
    problems = [problem for week in weeks.values() for problem in week.problems]
    if not form.validate() or problems:
        refuse(form, problems)
        return _first_year(form, centre, lines, 422)
    request_id, done = (
        request.form.get("request_id", ""),
        url_for("centres_staff.quarters", year=form.year_label.data),
    )
    try:
        plans = _first_plans(form, weeks)
        with web.unit() as uow:
            submission.submit_once(uow, request_id)
            set_first_year(uow, centre.ref, plans)
            submission.answered_at(uow, request_id, done)
    except RuleBroken as error:
        # Two semesters share a week, so the same sentence may come twice.
        refuse(form, {problem.sentence: problem.of(field="") for problem in error.problems}.values())
        return _first_year(form, centre, lines, 422)
    flash(_("네 분기를 정했어요. 이제 예약을 받을 수 있어요."), "success")
    return web.see_other(done)


BACKWARDS = Problem("quarter.backwards", N_("{kind}: 종료일은 시작일과 같거나 그 뒤여야 해요."), rule="KQ-01")


def _first_plans(form: FirstYearForm, weeks: dict[str, Week]) -> list[QuarterPlan]:
    plans, backwards = [], []
    for kind in QuarterKind:
        first, last = form[f"first_{kind}"].data, form[f"last_{kind}"].data
        if last < first:
            backwards.append(BACKWARDS.of(kind=kind.label))
            continue
        week = weeks["vac" if kind.is_vacation else "sem"]
        plans.append(
            QuarterPlan(
                kind,
                form.year_label.data or 0,
                DateSpan(first, last),
                week.hours,
                week.staff,
                Meals(lunch=kind.is_vacation, snack=True),
            )
        )
    if backwards:
        raise RuleBroken(backwards)
    return plans


def _first_year(form: FirstYearForm, centre: CentreRow, weeks: dict[str, Any], status: int = 200) -> Response:
    return web.render(
        "centres/staff/first_year.html",
        status=status,
        form=form,
        centre=centre,
        weeks=weeks,
        kinds=[kind for kind, _span in rules.proposed_quarters(2026)],
    )
