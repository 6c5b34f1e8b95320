"""내 이용제한: what counts against the household, and answering in time (AS-18, AS-21, AS-23)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from app.kernel import navigation, web
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken, StaleVersion
from app.restrictions import actions, forms, service
from app.restrictions.queries.own import own_case, own_cases, own_counts
from app.restrictions.subjects import office_of
from app.tenancy.rules import ANYTIME_SERVICES

pages = web.tenant_blueprint("restrictions_parent", __name__, "/my/restrictions")
HERE = ANYTIME_SERVICES
navigation.register(
    navigation.Entry(N_("내 이용제한"), "restrictions_parent.own", frozenset({Role.GUARDIAN}), 80, HERE)
)


@web.page(pages, "", actions.OWN, service=HERE)
def own() -> Any:
    with web.unit() as uow:
        cases, counts, office = own_cases(uow), own_counts(uow), office_of(uow, None)
    return web.render("restrictions/parent/own.html", cases=cases, counts=counts, office=office)


@web.page(pages, "/<ref>", actions.OWN, service=HERE)
def case(ref: str) -> Any:
    return _page(ref)


def _page(ref: str, problems: Iterable[Problem] = (), status: int = 200) -> Any:
    with web.unit() as uow:
        row, events = own_case(uow, ref)
    return web.render(
        "restrictions/parent/case.html",
        row=row,
        events=[event for event in events if event.counted],
        typed=forms.typed(problems),
        status=status,
    )


def _take(ref: str, command: Callable[[UnitOfWork], object], done: str) -> Any:
    try:
        with web.unit() as uow:
            command(uow)
    except RuleBroken as refused:
        return _page(ref, refused.problems, 422)
    except StaleVersion:
        return _page(ref, [forms.STALE], 409)
    flash(done, "success")
    return web.see_other(url_for("restrictions_parent.case", ref=ref))


@web.page(pages, "/<ref>/statement", actions.STATE, methods=["POST"], service=HERE)
def statement(ref: str) -> Any:
    return _take(
        ref,
        lambda uow: service.give_statement(uow, ref, version=forms.version(), text=forms.text("words")),
        _("말씀을 전했어요. 결정되면 문자로 알려 드려요."),
    )


@web.page(pages, "/<ref>/objection", actions.OBJECT, methods=["POST"], service=HERE)
def objection(ref: str) -> Any:
    return _take(
        ref,
        lambda uow: service.object_to(uow, ref, version=forms.version(), text=forms.text("words")),
        _("이의신청을 받았어요. 심사가 끝나면 문자로 알려 드려요."),
    )
