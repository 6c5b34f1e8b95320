"""어린이집 이용제한: what a daycare's director decides for the own house (AS-25)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from flask import flash, request, url_for

from app.kernel import audit, navigation, web
from app.kernel.actor import Role
from app.kernel.calendar import sanction_last_day
from app.kernel.errors import N_, Problem, RuleBroken, StaleVersion
from app.kernel.submission import answered_at, submit_once
from app.restrictions import actions, forms, service
from app.restrictions.papers import happened_on
from app.restrictions.policy import policy_of
from app.restrictions.queries import lists
from app.restrictions.queries.at_daycare import earlier_at
from app.restrictions.queries.people import find_guardians, guardian_in_reach
from app.restrictions.rules.kinds import BINDING, DAYCARE_GROUNDS, Ground
from app.restrictions.rules.period import LATEST_START_DAYS, latest_start
from app.restrictions.service.taking import read_case
from app.restrictions.subjects import household_children
from app.tenancy.settings import Place

pages = web.tenant_blueprint("restrictions", __name__, "/daycare/restrictions")
DAYCARE = "DAYCARE"
navigation.register(
    navigation.Entry(N_("이용제한"), "restrictions.daycare", frozenset({Role.DAYCARE_DIRECTOR}), 60, DAYCARE)
)


@web.page(pages, "", actions.OF_DAYCARE, service=DAYCARE)
def daycare() -> Any:
    with web.unit() as uow:
        running, _ = lists.board(uow, "running")
        over, _ = lists.board(uow, "over")
        seen, _total = lists.newest_events(uow)
    return web.render("restrictions/daycare/list.html", running=running, over=over, events=seen)


@web.page(pages, "/find", actions.OF_DAYCARE, service=DAYCARE)
def find() -> Any:
    return _find_page()


@web.page(pages, "/find", actions.OF_DAYCARE, methods=["POST"], service=DAYCARE)
def found() -> Any:
    """By POST: no name and no number ever stands in an address."""
    try:
        with web.unit() as uow:
            rows = find_guardians(uow, forms.text("q"))
    except RuleBroken as refused:
        return _find_page(problems=refused.problems, status=422)
    return _find_page(rows)


def _find_page(rows: Any = None, problems: Iterable[Problem] = (), status: int = 200) -> Any:
    return web.render("restrictions/daycare/find.html", rows=rows, typed=forms.typed(problems), status=status)


@web.page(pages, "/new", actions.OF_DAYCARE, service=DAYCARE)
def new() -> Any:
    guardian_ref = request.args.get("guardian", "")
    return _new_page(guardian_ref) if guardian_ref else web.see_other(url_for("restrictions.find"))


def _new_page(guardian_ref: str, problems: Iterable[Problem] = (), status: int = 200) -> Any:
    with web.unit() as uow:
        guardian = guardian_in_reach(uow, guardian_ref)
        children = household_children(uow, guardian.id)
        policy = policy_of(uow, place=Place(uow.actor.scope))
        earlier = earlier_at(uow, uow.actor.scope or 0, guardian.id)
        first = _usual_start(uow.today, [one.span.last for one in earlier if one.binds])
        audit.record_access(uow, "guardian.read", "guardian", guardian.id)
    last = sanction_last_day(first, policy.daycare_months_default)
    return web.render(
        "restrictions/daycare/new.html",
        guardian=guardian,
        children=children,
        grounds=forms.labelled(DAYCARE_GROUNDS),
        most=policy.daycare_months_max,
        start_days=LATEST_START_DAYS,
        earlier=earlier,
        typed=forms.typed(problems, starts_on=first.isoformat(), ends_on=last.isoformat()),
        request_id=request.form.get("request_id") or web.new_request_id(),
        status=status,
    )


def _usual_start(today: date, ends: Iterable[date]) -> date:
    """The day after the notice, or after what binds already if that is soon enough."""
    tomorrow = today + timedelta(days=1)
    free = max([tomorrow, *(last + timedelta(days=1) for last in ends)])
    return free if free <= latest_start(today) else tomorrow


@web.page(pages, "/new", actions.OF_DAYCARE, methods=["POST"], service=DAYCARE)
def impose() -> Any:
    guardian_ref, request_id = forms.text("guardian"), forms.text("request_id")
    try:
        ground = forms.one_of(Ground, "ground")
        first, last = forms.day("starts_on"), forms.day("ends_on")
        happened = forms.day("happened_on", needed=False)
        assert first is not None  # noqa: S101 - a needed day is there or refused
        assert last is not None  # noqa: S101
        with web.unit() as uow:
            submit_once(uow, request_id)
            case = service.impose_at_daycare(
                uow,
                guardian_ref,
                ground=ground,
                first=first,
                last=last,
                reason=forms.text("reason"),
                happened_on=happened,
            )
            url = url_for("restrictions.restriction", ref=case.ref)
            answered_at(uow, request_id, url)
    except RuleBroken as refused:
        return _new_page(guardian_ref, refused.problems, 422)
    flash("제한하고 보호자에게 알렸어요. 그 기간의 예약은 첫날 취소돼요.", "success")
    return web.see_other(url)


@web.page(pages, "/<ref>", actions.OF_DAYCARE, service=DAYCARE)
def restriction(ref: str) -> Any:
    return _page(ref)


def _page(ref: str, problems: Iterable[Problem] = (), status: int = 200) -> Any:
    with web.unit() as uow:
        case = read_case(uow, ref)
        audit.record_access(uow, "restriction.read", "restriction", case.id)
        row, history = lists.case_row(uow, case), lists.history(uow, case.id)
    return web.render(
        "restrictions/daycare/restriction.html",
        row=row,
        case=case,
        history=history,
        binding=row.state in BINDING,
        happened_on=happened_on(case),
        typed=forms.typed(problems),
        status=status,
    )


@web.page(pages, "/<ref>/lift", actions.OF_DAYCARE, methods=["POST"], service=DAYCARE)
def lift(ref: str) -> Any:
    try:
        with web.unit() as uow:
            service.lift_at_daycare(uow, ref, version=forms.version(), reason=forms.text("reason"))
    except RuleBroken as refused:
        return _page(ref, refused.problems, 422)
    except StaleVersion:
        return _page(ref, [forms.STALE], 409)
    flash("제한을 풀고 보호자에게 알렸어요.", "success")
    return web.see_other(url_for("restrictions.restriction", ref=ref))
