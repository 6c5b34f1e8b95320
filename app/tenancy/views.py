"""설정: what a municipality decided for itself, searchable, with what a change does before it is saved (GC-20)."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any

from flask import Response, flash, g, request, url_for
from flask_babel import gettext as _

from app.kernel import navigation, submission, web
from app.kernel.actor import Role
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.ranges import parse_day
from app.tenancy import decisions, kinds
from app.tenancy.actions import DECIDE_SETTING, SEE_SETTINGS

pages = web.tenant_blueprint("settings", __name__)
navigation.register(
    navigation.Entry(
        N_("설정"),
        "settings.index",
        frozenset(
            {
                Role.CENTRE_DIRECTOR,
                Role.TEAM_LEADER,
                Role.DAYCARE_DIRECTOR,
                Role.DISTRICT_OFFICER,
                Role.SEOUL_ADMIN,
                Role.CITY_OFFICER,
            }
        ),
        80,
    )
)

NO_DAY = Problem("parameter.no_day", N_("적용일을 적어 주세요."), rule="GC-20", field="effective_from")
NO_REASON = Problem("parameter.no_reason", N_("바꾸는 까닭을 적어 주세요."), rule="GC-20", field="reason")
LONGEST = {"value": 2000, "reason": 500}


@web.page(pages, "/settings", SEE_SETTINGS)
def index() -> Response:
    words = request.args.get("q", "").strip()[:60]
    with web.unit() as uow:
        rows = decisions.settings_of(uow, g.tenant, words)
    groups = [(name, list(items)) for name, items in groupby(rows, key=lambda row: row.group)]
    return web.render("tenancy/settings.html", block="rows", groups=groups, words=words)


@web.page(pages, "/settings/<key>", SEE_SETTINGS)
def setting(key: str) -> Response:
    return _page(key)


@web.page(pages, "/settings/<key>", DECIDE_SETTING, methods=["POST"])
def decide(key: str) -> Response:
    """First shows what the change does; the second press, with ``step=save``, decides it."""
    typed = {name: request.form.get(name, "").strip()[:longest] for name, longest in LONGEST.items()}
    typed["effective_from"] = request.form.get("effective_from", "").strip()[:10]
    day, problems = _day(typed["effective_from"])
    if not typed["reason"]:
        problems.append(NO_REASON)
    step = request.form.get("step", "")
    try:
        with web.unit() as uow:
            if step == "save":
                submission.submit_once(uow, request.form.get("request_id", ""))
            if day is not None:
                parameter, raw = decisions.check_decision(uow, g.tenant, key, typed["value"], day)
                decisions.refuse_past(uow, day)
            if problems or day is None:
                raise RuleBroken(problems)
            if step == "save":
                decisions.decide(uow, g.tenant, key, typed["value"], day, typed["reason"])
                submission.answered_at(uow, request.form["request_id"], url_for("settings.setting", key=key))
    except RuleBroken as error:
        return _page(key, typed, error.problems, status=422)
    if step == "save":
        flash(_("정했어요. %(day)s부터 적용해요.", day=day.isoformat()), "success")
        return web.see_other(url_for("settings.setting", key=key))
    if step == "edit":
        return _page(key, typed)
    return _page(key, typed, new_value=kinds.shown(parameter, raw), day=day)


def _day(text: str) -> tuple[date | None, list[Problem]]:
    try:
        return parse_day(text), []
    except ValueError:
        return None, [NO_DAY]


def _page(
    key: str,
    typed: dict[str, str] | None = None,
    problems: Any = (),
    status: int = 200,
    new_value: str = "",
    day: date | None = None,
) -> Response:
    with web.unit() as uow:
        row, history = decisions.setting(uow, g.tenant, key)
        today = uow.today
    stands = {
        "value": kinds.as_typed(row.parameter, row.raw),
        "effective_from": today.isoformat(),
        "reason": "",
    }
    return web.render(
        "tenancy/setting.html",
        status=status,
        row=row,
        history=history,
        typed=typed or stands,
        errors={problem.field: web.sentence(problem) for problem in problems},
        problems=problems,
        options=list(kinds.options_of(row.parameter).items()),
        lines=kinds.takes_lines(row.parameter),
        new_value=new_value,
        day=day,
        today=today,
    )
