"""The blueprint that the files of the daycare's desk share, and what several of them ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from flask import flash, request

from app.daycare.queries import DaycareRow, daycare_by_id
from app.daycare.rules.days import operating_day
from app.daycare.rules.states import ApplicationState, BookingState, JournalState, StayState
from app.kernel import submission, web
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken, StaleVersion
from app.kernel.ranges import parse_day

pages = web.tenant_blueprint("daycare_staff", "app.daycare.views_staff", "/room")
SERVICE = "DAYCARE"
DAY = timedelta(days=1)

STALE = Problem(
    "stale", N_("그 사이 다른 사람이 먼저 처리했거나 고쳤어요. 지금 저장된 내용을 다시 확인해 주세요.")
)
BOOKING_TONES = {
    BookingState.REQUESTED: "warning",
    BookingState.CONFIRMED: "info",
    BookingState.PAID: "success",
    BookingState.IN_CARE: "primary",
    BookingState.REFUSED: "danger",
    BookingState.LATE_CANCELLED: "danger",
    BookingState.NO_SHOW: "danger",
}
STAY_TONES = {StayState.INSIDE: "primary", StayState.NO_SHOW: "danger", StayState.PLANNED: "info"}
APPLICATION_TONES = {
    ApplicationState.SUBMITTED: "warning",
    ApplicationState.ACCEPTED: "success",
    ApplicationState.RETURNED: "danger",
    ApplicationState.OUTDATED: "danger",
}
JOURNAL_TONES = {JournalState.OPEN: "warning", JournalState.SIGNED: "info", JournalState.CLOSED: "success"}
MARKS = {"DISEASE": N_("질병"), "ALLERGY": N_("알레르기"), "MEDICINE": N_("투약")}
"""What to watch, in a word; the words themselves are opened one by one."""


def own_daycare(uow: UnitOfWork) -> DaycareRow:
    """Where the acting person works. NotFound for whoever works nowhere."""
    if uow.actor.scope is None:
        raise NotFound("daycare")
    return daycare_by_id(uow, uow.actor.scope)


def tried(command: Callable[[UnitOfWork], Any]) -> tuple[list[Problem], int]:
    """Run a command in a unit of its own: what stands in its way, with 422 or 409; nothing and 303 when it is done."""
    try:
        with web.unit() as uow:
            command(uow)
    except RuleBroken as refused:
        return list(refused.problems), 422
    except StaleVersion:
        return [STALE], 409
    return [], 303


def done(url: str, words: str, tone: str = "success") -> Any:
    flash(words, tone)
    return web.see_other(url)


def read_reasons(fields: Mapping[str, str]) -> dict[str, str]:
    """Words that pass soft problems: inputs named ``why:<code of the problem>``."""
    return {
        key[4:]: words.strip()[:300]
        for key, words in fields.items()
        if key.startswith("why:") and words.strip()
    }


def posted_version() -> int:
    return request.form.get("version", 0, type=int)


def posted_request_id() -> str:
    """The one a refused form carried, so that pressing it again is the same submission; else a new one."""
    given = request.form.get("request_id", "")
    return given if submission.REQUEST_ID.fullmatch(given) else web.new_request_id()


def asked_day(uow: UnitOfWork, name: str = "day") -> date:
    """The operating day of the address; the running one when there is none or it cannot be read."""
    try:
        return parse_day(request.args.get(name, ""))
    except ValueError:
        return operating_day(uow.now)


def first_name(name: str) -> str:
    """What other families at the door may read of a child: 김하늘 → 하늘, Anna Kim → Anna."""
    words = name.split()
    if len(words) > 1:
        return words[0]
    return name[1:] if 2 <= len(name) <= 4 and "가" <= name[0] <= "힣" else name


def by_field(problems: list[Problem]) -> dict[str, str]:
    """The first sentence for each field that a problem names."""
    found: dict[str, str] = {}
    for problem in problems:
        if problem.field:
            found.setdefault(problem.field, web.sentence(problem))
    return found
