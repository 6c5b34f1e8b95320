"""What has to happen next with a case, by whom, and until when: the one button of its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.kernel.actor import Role
from app.kernel.errors import N_
from app.kernel.texts import day_text, long_day
from app.restrictions.rules.kinds import BINDING, HEARD, State


class Step(StrEnum):
    CHECK = "CHECK"
    ASK = "ASK"
    HEAR = "HEAR"
    DECIDE = "DECIDE"
    SECOND = "SECOND"
    OBJECTION = "OBJECTION"
    CONSENT = "CONSENT"
    NOTHING = "NOTHING"

    @property
    def label(self) -> str:
        return STEP_LABELS[self]


STEP_LABELS = {
    Step.CHECK: N_("사실확인 시작"),
    Step.ASK: N_("소명 요청"),
    Step.HEAR: N_("소명 기다림"),
    Step.DECIDE: N_("결정"),
    Step.SECOND: N_("두 번째 확인"),
    Step.OBJECTION: N_("이의신청 심사"),
    Step.CONSENT: N_("일찍 풀기 동의"),
    Step.NOTHING: "",
}
WHOSE = {
    Step.CHECK: Role.COORDINATOR,
    Step.ASK: Role.COORDINATOR,
    Step.HEAR: Role.COORDINATOR,
    Step.DECIDE: Role.REGIONAL_DIRECTOR,
    Step.SECOND: Role.CITY_OFFICER,
    Step.OBJECTION: Role.CITY_OFFICER,
    Step.CONSENT: Role.CITY_OFFICER,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A case as far as its next step hangs on it."""

    state: State
    statement_given: bool
    statement_due: date | None
    first_decided: bool
    objection_open: bool
    lift_proposed: bool
    starts_on: date | None
    ends_on: date | None


def next_step(case: Standing, today: date) -> Step:
    if case.objection_open and case.state in HEARD:
        return Step.OBJECTION
    if case.lift_proposed and case.state in BINDING:
        return Step.CONSENT
    if case.state is State.STATEMENT:
        if case.first_decided:
            return Step.SECOND
        over = case.statement_due is not None and today > case.statement_due
        return Step.DECIDE if case.statement_given or over else Step.HEAR
    return {State.REPORTED: Step.CHECK, State.FACT_CHECK: Step.ASK}.get(case.state, Step.NOTHING)


def days_left(until: date, today: date) -> str:
    """3일 남음, 오늘까지, 2일 지남."""
    days = (until - today).days
    if days == 0:
        return N_("오늘까지")
    return f"{days}일 남음" if days > 0 else f"{-days}일 지남"


def deadline_words(case: Standing, today: date) -> str:
    """Until when, in a sentence's half; empty where nothing runs."""
    step = next_step(case, today)
    if step is Step.HEAR and case.statement_due:
        return f"{day_text(case.statement_due)}까지 소명, {days_left(case.statement_due, today)}"
    if step is Step.DECIDE:
        return N_("소명을 받았어요") if case.statement_given else N_("소명 기한이 지났어요")
    if case.state not in BINDING or case.starts_on is None:
        return ""
    if today < case.starts_on:
        return f"{day_text(case.starts_on)}부터 제한"
    if case.ends_on is None:
        return N_("기한 없이 제한")
    return f"{long_day(case.ends_on)}까지, {days_left(case.ends_on, today)}"
