"""예약하기: 아이 → 어디서 → 언제 → 확인, a page each; the choice stands in the address, so back and reload work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask import Response, request, url_for

from app.daycare import actions, parent_days
from app.daycare.parent_choice import Choice, read_choice
from app.daycare.parent_pages import SERVICE, errors_of, pages, placed, step_names
from app.daycare.parent_words import stays_text
from app.daycare.queries import DaycareRow, availability, daycare_by_ref, own_applications, policy_of
from app.daycare.rules.eligibility import months_on
from app.daycare.rules.request import Wish
from app.daycare.rules.states import VALID, ApplicationState
from app.daycare.views_public import cards_of, in_service
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem
from app.kernel.language import gettext as _
from app.kernel.ranges import Period, age_on
from app.people.queries import ChildRow, SeenChild, children_of, own_child

FIELDS = ("days", "hours")


@dataclass(frozen=True, slots=True)
class Asked:
    """The children and the daycare of a choice, both checked: another family's child is not found."""

    children: tuple[SeenChild, ...]
    daycare: DaycareRow

    @property
    def line(self) -> str:
        """김하늘, 김바다 · 시립금빛하늘 어린이집"""
        return f"{', '.join(child.name for child in self.children)} · {self.daycare.name}"


def asked(uow: UnitOfWork, choice: Choice) -> Asked:
    """Raises NotFound for unknown, foreign and closed ones alike."""
    daycare = daycare_by_ref(uow, choice.daycare)
    if not daycare.active:
        raise NotFound("daycare")
    return Asked(tuple(own_child(uow, ref) for ref in choice.children), daycare)


def step_url(step: str, choice: Choice, **changes: Any) -> str:
    return f"{url_for(f'daycare_parent.{step}')}?{choice.query(**changes)}"


@web.page(pages, "/book", actions.MINE, service=SERVICE)
def child_step() -> Response:
    """1. Who. With one child there is nothing to ask."""
    return show_children(read_choice(request.args), [])


def show_children(choice: Choice, problems: Sequence[Problem]) -> Response:
    with web.unit() as uow:
        children = children_of(uow, uow.actor.guardian_id or 0)
        today = uow.today
    if len(children) == 1 and not choice.children and not problems:
        return web.see_other(step_url("where_step", choice, children=(children[0].ref,)))
    return web.render(
        "daycare/parent/child.html",
        status=422 if problems else 200,
        step_names=step_names(),
        problems=placed(problems, "child"),
        error=errors_of(problems, "child")["child"],
        children=[(child.ref, child.name, child_note(child, today)) for child in children],
        chosen=list(choice.children),
        kept=replace(choice, children=()).pairs(),
        register_url=url_for("people_parent.new_child"),
        next_url=url_for("daycare_parent.where_step"),
    )


def child_note(child: ChildRow, today: date) -> str:
    """만 4세; a child under two by its months, as nurseries count."""
    years = age_on(child.birth_date, today)
    if years >= 2:
        return _("만 %(age)d세", age=years)
    return _("%(n)d개월", n=max(0, months_on(child.birth_date, today)))


@web.page(pages, "/book/where", actions.MINE, service=SERVICE)
def where_step() -> Response:
    """2. Which daycare. Where a municipality has one, there is nothing to ask."""
    choice = read_choice(request.args)
    found = [one for one in choice.unsaid() if one.field == "child"]
    if found:
        return show_children(choice, found)
    with web.unit() as uow:
        for ref in choice.children:
            own_child(uow, ref)
        places = in_service(uow)
        cards = cards_of(uow, places) if len(places) != 1 else []
    if len(places) == 1:
        return web.see_other(step_url("when_step", choice, daycare=places[0].ref))
    return web.render(
        "daycare/parent/where.html",
        step_names=step_names(),
        places=[(card, step_url("when_step", choice, daycare=card.daycare.ref)) for card in cards],
        back=url_for("daycare_parent.child_step"),
    )


@web.page(pages, "/book/when", actions.MINE, service=SERVICE, shows=True)
def when_step() -> Response:
    """3. When: a day of the month, hours, and how often."""
    choice = read_choice(request.args)
    if not choice.daycare or not choice.children:
        return web.see_other(step_url("where_step" if choice.children else "child_step", choice))
    return show_when(choice, [one for one in choice.unreadable if one.field != "child"])


def show_when(
    choice: Choice,
    problems: Sequence[Problem],
    *,
    full: Sequence[Period] = (),
    alternatives: Sequence[Wish] = (),
) -> Response:
    """Step 3 with what stands against the choice so far, and what would fit instead; 422 when something does."""
    with web.showing() as uow:
        who = asked(uow, choice)
        context = when_context(uow, who.daycare, choice, url_for("daycare_parent.when_step"))
        application = application_of(uow, who.daycare.ref)
        today = uow.today
    return web.render(
        "daycare/parent/when.html",
        status=422 if problems else 200,
        step_names=step_names(),
        place_line=who.line,
        problems=placed(problems, *FIELDS),
        errors=errors_of(problems, *FIELDS),
        daycare=who.daycare,
        full=stays_text(full, today),
        alternatives=[
            (" / ".join(stays_text(wish.stays(), today)), step_url("check_step", choice.like(wish)))
            for wish in alternatives
        ],
        call_back=_call_back(choice, full),
        to_apply="" if application else url_for("daycare_parent.apply_start", ref=who.daycare.ref),
        summary=summary_of(choice, today),
        back=url_for("daycare_parent.child_step"),
        action=url_for("daycare_parent.check_step"),
        **context,
    )


def when_context(uow: UnitOfWork, daycare: DaycareRow, choice: Choice, here: str) -> dict[str, Any]:
    """The month, the pressed day and the hours of a daycare, for booking and for changing a booking."""
    policy, today = policy_of(uow, daycare), uow.today
    last = today + timedelta(days=policy.max_days_ahead)
    free = parent_days.by_day(availability(uow, [daycare], today, last).get(daycare.id, []))
    first = parent_days.first_of_month(request.args.get("month", ""), choice.day or today)
    chosen = free.get(choice.day) if choice.day else None
    return {
        "view": parent_days.month_of(first, free, uow.now, policy, choice, here),
        "chosen": parent_days.day_facts(chosen, policy, uow.now),
        "picked": choice.day is not None,
        "starts": parent_days.start_options(chosen, policy, choice, uow.now),
        "ends": parent_days.end_options(chosen, policy, choice, uow.now),
        "runs": parent_days.run_options(policy, choice),
        "kept": [pair for pair in choice.pairs() if pair[0] not in ("from", "to", "run")],
    }


def application_of(uow: UnitOfWork, daycare_ref: str) -> ApplicationState | None:
    """The state of the family's application for a daycare when it counts for booking, else None."""
    states = [row.state for row in own_applications(uow) if row.daycare_ref == daycare_ref]
    return next((state for state in states if state in VALID), None)


def summary_of(choice: Choice, today: date) -> str:
    wish = choice.wish()
    if wish is None:
        return _("날과 시간을 골라 주세요.")
    try:
        stays = wish.stays()
    except ValueError:
        return _("날과 시간을 다시 골라 주세요.")
    words = stays_text(stays[:1], today)[0]
    return words if len(stays) == 1 else _("%(first)s 등 %(n)d일", first=words, n=len(stays))


def _call_back(choice: Choice, full: Sequence[Period]) -> list[tuple[str, str]]:
    """Hidden fields of "자리가 나면 전화 주세요"; nothing when the hours were not full."""
    return choice.pairs() if full else []
