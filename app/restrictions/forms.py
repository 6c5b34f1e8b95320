"""What people typed about restrictions, read plainly; what it means is decided by the rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from flask import g, request

from app.kernel import web
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.ranges import kst, parse_day, parse_minute
from app.restrictions.rules.counting import OF_DAYCARES
from app.restrictions.rules.kinds import EventKind
from app.restrictions.service import NewEvent
from app.restrictions.service.taking import Handed
from app.tenancy.rules import Service

BAD_DATE = Problem("form.date", N_("날짜를 2026-11-20처럼 적어 주세요."), field="occurred_on")
BAD_TIME = Problem("form.time", N_("시각을 14:30처럼 적어 주세요."), field="occurred_time")
NOT_CHOSEN = Problem("form.choice", N_("하나를 골라 주세요."))
STALE = Problem("form.stale", N_("그사이 다른 담당자가 처리했어요. 지금 상태를 확인하고 다시 눌러 주세요."))
K = TypeVar("K", bound=StrEnum)
SERVICES = {"FACILITY": N_("시설형"), "VISITING": N_("방문형"), "DAYCARE": N_("언제나어린이집")}


def version() -> int:
    typed = request.form.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 8 else 0


def text(name: str) -> str:
    return request.form.get(name, "")


def number(name: str) -> int | None:
    """None when nothing was typed; 0 for what is no number, which the rule refuses."""
    typed = text(name).strip()
    if not typed:
        return None
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 0


def day(name: str, *, needed: bool = True) -> date | None:
    """Raises RuleBroken beside the field for what is no date, or (``needed``) nothing."""
    typed = text(name).strip()
    if not typed and not needed:
        return None
    try:
        return parse_day(typed)
    except ValueError:
        raise RuleBroken(BAD_DATE.of(field=name)) from None


def one_of(kind: type[K], name: str) -> K:
    """Raises RuleBroken beside the field."""
    try:
        return kind(text(name))
    except ValueError:
        raise RuleBroken(NOT_CHOSEN.of(field=name)) from None


def handed() -> Handed | None:
    """The file of the form, if one was chosen."""
    file = request.files.get("file")
    return Handed(file.filename, file.read()) if file and file.filename else None


def labelled(kinds: Iterable[Any]) -> list[tuple[str, str]]:
    return [(kind.value, kind.label) for kind in kinds]


def kind_choices(kinds: Iterable[EventKind]) -> list[tuple[str, str]]:
    """A kind of the daycares says so."""
    return [
        (kind.value, f"{kind.label} ({SERVICES['DAYCARE']}만)" if kind in OF_DAYCARES else kind.label)
        for kind in kinds
    ]


def offered_services() -> list[tuple[str, str]]:
    """Those of 언제나돌봄 that the municipality offers."""
    return [(key, label) for key, label in SERVICES.items() if g.tenant.offers(Service(key))]


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form shows again: the words and what is wrong with each."""

    values: dict[str, str]
    errors: dict[str, str]
    problems: tuple[Problem, ...] = ()

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        return self.errors.get(name, "")


def typed(problems: Iterable[Problem] = (), **first: str) -> Typed:
    """``first``: what stands in the fields before anybody typed."""
    found = tuple(problems)
    values = dict(request.form.items()) if request.method == "POST" else first
    return Typed(values, {p.field: web.sentence(p) for p in found if p.field}, found)


def new_event() -> NewEvent:
    """The entry form, the guardian not yet looked up. Raises RuleBroken naming every wrong field."""
    problems: list[Problem] = []
    event = NewEvent(EventKind.DEMAND, "FACILITY", kst(date(2000, 1, 1)))
    try:
        event = replace(event, kind=one_of(EventKind, "kind"))
    except RuleBroken as wrong:
        problems += wrong.problems
    if (service := text("service")) in SERVICES:
        event = replace(event, service=service)
    else:
        problems.append(NOT_CHOSEN.of(field="service"))
    try:
        on = day("occurred_on")
        minute = parse_minute(text("occurred_time") or "00:00")
        event = replace(event, occurred_at=kst(on or date(2000, 1, 1), minute))
    except RuleBroken as wrong:
        problems += wrong.problems
    except ValueError:
        problems.append(BAD_TIME)
    if problems:
        raise RuleBroken(problems)
    return replace(event, phone=text("phone"), note=text("note"))


def page_asked() -> int:
    """The page of a list in the address; the first one for anything else."""
    page = request.args.get("page", "1")
    return max(1, int(page)) if page.isascii() and page.isdigit() and 0 < len(page) < 5 else 1
