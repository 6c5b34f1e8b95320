"""What happened: the list, excusing, and entering by hand, also for a caller who is not registered (AS-06)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask import flash, request, url_for

from app.kernel import web
from app.kernel.errors import Problem, RuleBroken, StaleVersion
from app.kernel.submission import answered_at, submit_once
from app.restrictions import actions, forms, service
from app.restrictions.queries import lists
from app.restrictions.queries.people import find_guardians, guardian_in_reach
from app.restrictions.rules.counting import OF_DAYCARES, earliest_day
from app.restrictions.rules.kinds import EventKind
from app.restrictions.staff_pages import HERE, pages
from app.restrictions.subjects import household_children

__all__ = ["pages"]


@web.page(pages, "/events", actions.SEE, service=HERE)
def events() -> Any:
    return _events_page()


def _events_page(problems: Iterable[Problem] = (), status: int = 200) -> Any:
    page = forms.page_asked()
    with web.unit() as uow:
        rows, total = lists.newest_events(uow, page)
    return web.render(
        "restrictions/staff/events.html",
        rows=rows,
        page=page,
        pages=max(1, -(-total // lists.EVENTS_PAGE)),
        total=total,
        services=forms.SERVICES,
        typed=forms.typed(problems),
        may_enter=actions.ENTER_EVENT.allows(web.actor().role),
        status=status,
    )


@web.page(pages, "/events/<ref>/excuse", actions.EXCUSE_EVENT, methods=["POST"], service=HERE)
def excuse(ref: str) -> Any:
    try:
        with web.unit() as uow:
            service.excuse_event(uow, ref, version=forms.version(), reason=forms.text("reason"))
    except RuleBroken as refused:
        return _events_page(refused.problems, 422)
    except StaleVersion:
        return _events_page([forms.STALE], 409)
    flash("이 일은 세지 않아요.", "success")
    return web.see_other(url_for("restrictions_staff.events"))


@web.page(pages, "/events/find", actions.ENTER_EVENT, service=HERE)
def find() -> Any:
    return _find_page()


@web.page(pages, "/events/find", actions.ENTER_EVENT, methods=["POST"], service=HERE)
def found() -> Any:
    """By POST: no name and no number ever stands in an address."""
    try:
        with web.unit() as uow:
            rows = find_guardians(uow, forms.text("q"))
    except RuleBroken as refused:
        return _find_page(problems=refused.problems, status=422)
    return _find_page(rows)


def _find_page(rows: Any = None, problems: Iterable[Problem] = (), status: int = 200) -> Any:
    return web.render("restrictions/staff/find.html", rows=rows, typed=forms.typed(problems), status=status)


@web.page(pages, "/events/new", actions.ENTER_EVENT, service=HERE)
def new_event() -> Any:
    return _event_page(request.args.get("guardian", ""))


def _event_page(guardian_ref: str, problems: Iterable[Problem] = (), status: int = 200) -> Any:
    with web.unit() as uow:
        guardian = guardian_in_reach(uow, guardian_ref) if guardian_ref else None
        children = household_children(uow, guardian.id) if guardian else []
        today = uow.today
    services = forms.offered_services()
    first = {"occurred_on": today.isoformat(), "service": services[0][0]}
    here = {key for key, _ in services}
    kinds = [kind for kind in EventKind if guardian or kind is EventKind.DEMAND]
    kinds = [kind for kind in kinds if kind not in OF_DAYCARES or "DAYCARE" in here]
    return web.render(
        "restrictions/staff/new_event.html",
        guardian=guardian,
        children=[("", "고르지 않음"), *((child.ref, child.name) for child in children)],
        kinds=[("", "골라 주세요"), *forms.kind_choices(kinds)] if guardian else forms.kind_choices(kinds),
        services=services,
        earliest=earliest_day(today).isoformat(),
        today=today.isoformat(),
        typed=forms.typed(problems, **first),
        request_id=request.form.get("request_id") or web.new_request_id(),
        status=status,
    )


@web.page(pages, "/events/new", actions.ENTER_EVENT, methods=["POST"], service=HERE)
def enter_event() -> Any:
    guardian_ref, request_id = forms.text("guardian"), forms.text("request_id")
    try:
        new = forms.new_event()
        with web.unit() as uow:
            submit_once(uow, request_id)
            if guardian_ref:
                guardian = guardian_in_reach(uow, guardian_ref)
                children = household_children(uow, guardian.id)
                chosen = next((child.id for child in children if child.ref == forms.text("child")), None)
                new = replace(new, guardian_id=guardian.id, child_id=chosen, phone="")
            service.enter_event(uow, new, forms.handed(), again=forms.text("again") == "y")
            answered_at(uow, request_id, url_for("restrictions_staff.events"))
    except RuleBroken as refused:
        return _event_page(guardian_ref, refused.problems, 422)
    flash("적었어요. 횟수가 차면 건이 저절로 열려요.", "success")
    return web.see_other(url_for("restrictions_staff.events"))
