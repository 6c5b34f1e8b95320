"""예약하기: 아이 → 어디서 → 언제 → 확인, a page each; the choice stands in the address, so back and reload work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for

from app.daycare import actions
from app.daycare.parent_choice import Choice, read_choice
from app.daycare.parent_days import day_facts, end_options, month_of, run_options, start_options
from app.daycare.parent_pages import SERVICE, errors_of, pages, placed, step_names
from app.daycare.parent_words import stays_text
from app.daycare.queries import DaycareRow, availability, daycare_by_ref, own_applications, policy_of
from app.daycare.rules.days import operating_day
from app.daycare.rules.request import Wish
from app.daycare.rules.states import VALID
from app.daycare.views_public import cards_of, in_service
from app.kernel import web
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem
from app.kernel.language import gettext as _
from app.kernel.ranges import age_on
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


@web.page(pages, "/book", actions.BOOK, service=SERVICE)
def child_step() -> Response:
    """1. Who. With one child there is nothing to ask."""
    choice = read_choice(request.args)
    with web.unit() as uow:
        children = children_of(uow, uow.actor.guardian_id or 0)
        today = uow.today
    if len(children) == 1 and not choice.children and not choice.unreadable:
        return web.see_other(step_url("where_step", choice, children=(children[0].ref,)))
    return show_children(choice, children, [], [child_note(child, today) for child in children])


def child_note(child: ChildRow, today: Any) -> str:
    years = age_on(child.birth_date, today)
    if years >= 2:
        return _("만 %(age)d세", age=years)
    return _("%(n)d개월", n=months(child.birth_date, today))


def months(birth: Any, today: Any) -> int:
    from app.daycare.rules.eligibility import months_on

    return months_on(birth, today)
