"""When an institution is insured, and when somebody must hear that it soon is not (AD-25, J-26)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum

from app.kernel.errors import N_, Problem
from app.kernel.ranges import DateSpan

LONGEST_YEARS = 10
STILL_TOLD_DAYS = 7
"""A clock that stood still tells of an end up to so many days late; of older ones nobody needs to hear."""


class PolicyKind(StrEnum):
    DAYCARE_MUTUAL = "DAYCARE_MUTUAL"
    DAYCARE_HOURLY_RIDER = "DAYCARE_HOURLY_RIDER"
    LIABILITY = "LIABILITY"
    INJURY = "INJURY"
    MUTUAL_AID = "MUTUAL_AID"
    INDUSTRIAL_ACCIDENT = "INDUSTRIAL_ACCIDENT"
    FIRE = "FIRE"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    PolicyKind.DAYCARE_MUTUAL: N_("어린이집안전공제회"),
    PolicyKind.DAYCARE_HOURLY_RIDER: N_("시간제보육 특약"),
    PolicyKind.LIABILITY: N_("배상책임보험"),
    PolicyKind.INJURY: N_("상해보험"),
    PolicyKind.MUTUAL_AID: N_("공제"),
    PolicyKind.INDUSTRIAL_ACCIDENT: N_("산재보험"),
    PolicyKind.FIRE: N_("화재보험"),
}
DAYCARE_KINDS = (PolicyKind.DAYCARE_MUTUAL, PolicyKind.DAYCARE_HOURLY_RIDER)
"""Both must cover a day before it can be booked in a 24-hour daycare (AD-25)."""


class Step(IntEnum):
    """Days before the last insured day on which somebody is told."""

    MONTH = 30
    WEEK = 7
    LAST_DAY = 0


class PolicyState(StrEnum):
    COMING = "COMING"
    VALID = "VALID"
    ENDING = "ENDING"
    ENDED = "ENDED"

    @property
    def label(self) -> str:
        return _STATES[self][0]

    @property
    def tone(self) -> str:
        return _STATES[self][1]


_STATES = {
    PolicyState.COMING: (N_("시작 전"), "info"),
    PolicyState.VALID: (N_("가입 중"), "success"),
    PolicyState.ENDING: (N_("곧 끝남"), "warning"),
    PolicyState.ENDED: (N_("끝남"), "danger"),
}


@dataclass(frozen=True, slots=True)
class Cover:
    """A policy as far as days are concerned; both ends are insured."""

    kind: PolicyKind
    starts_on: date
    ends_on: date

    def covers(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on

    def days_left(self, on: date) -> int:
        """0 on the last insured day, negative afterwards."""
        return (self.ends_on - on).days


ENDS_BEFORE_START = Problem(
    "insurance.span", N_("끝나는 날은 시작하는 날과 같거나 그 뒤여야 해요."), rule="AD-25", field="ends_on"
)
ALREADY_OVER = Problem(
    "insurance.over",
    N_("이미 끝난 보험이에요. 증권에 적힌 날짜를 다시 확인해 주세요."),
    rule="AD-25",
    field="ends_on",
)
TOO_LONG = Problem(
    "insurance.too_long",
    N_("보험 기간이 {years}년을 넘어요. 증권에 적힌 날짜를 다시 확인해 주세요."),
    rule="AD-25",
    field="ends_on",
)
SAME_POLICY = Problem(
    "insurance.same",
    N_("같은 증권번호로 이 기간에 등록한 보험이 이미 있어요. 목록에서 확인해 주세요."),
    rule="AD-25",
    field="number",
)
INSURER_MISSING = Problem(
    "insurance.insurer", N_("보험사나 공제회 이름을 적어 주세요."), rule="AD-25", field="insurer"
)
NUMBER_MISSING = Problem("insurance.number", N_("증권번호를 적어 주세요."), rule="AD-25", field="number")
END_NOT_EARLIER = Problem(
    "insurance.end_not_earlier",
    N_("해지일은 지금 끝나는 날({ends})보다 앞이어야 해요. 기간을 늘리려면 새 증권을 등록해 주세요."),
    rule="AD-25",
    field="last_day",
)
END_BEFORE_START = Problem(
    "insurance.end_before_start",
    N_("해지일은 시작하는 날({starts})과 같거나 그 뒤여야 해요."),
    rule="AD-25",
    field="last_day",
)
REASON_MISSING = Problem("insurance.reason", N_("해지하는 까닭을 적어 주세요."), rule="GC-18", field="reason")


def check_new(cover: Cover, today: date) -> list[Problem]:
    if cover.ends_on < cover.starts_on:
        return [ENDS_BEFORE_START]
    if cover.ends_on < today:
        return [ALREADY_OVER]
    if cover.ends_on.year - cover.starts_on.year > LONGEST_YEARS:
        return [TOO_LONG.of(years=LONGEST_YEARS)]
    return []


def check_ending(cover: Cover, last_day: date, reason: str) -> list[Problem]:
    """A policy can be ended earlier than it says, never prolonged: that is a new certificate."""
    problems = []
    if last_day >= cover.ends_on:
        problems.append(END_NOT_EARLIER.of(ends=cover.ends_on.isoformat()))
    elif last_day < cover.starts_on:
        problems.append(END_BEFORE_START.of(starts=cover.starts_on.isoformat()))
    if not reason.strip():
        problems.append(REASON_MISSING)
    return problems


def valid_on(covers: Iterable[Cover], kind: PolicyKind, day: date) -> bool:
    return any(cover.kind is kind and cover.covers(day) for cover in covers)


def missing_on(covers: Collection[Cover], kinds: Iterable[PolicyKind], day: date) -> tuple[PolicyKind, ...]:
    """Which of ``kinds`` do not cover the day; nothing missing: the day can be booked (AD-25)."""
    return tuple(kind for kind in kinds if not valid_on(covers, kind, day))


def covered_days(covers: Collection[Cover], kinds: Collection[PolicyKind], span: DateSpan) -> frozenset[date]:
    """The days of ``span`` on which every one of ``kinds`` covers."""
    return frozenset(day for day in span if not missing_on(covers, kinds, day))


def insured_until(covers: Collection[Cover], kind: PolicyKind, day: date) -> date | None:
    """The last day of unbroken cover from ``day`` on, over all policies of the kind; None when it is not covered."""
    last = None
    wanted = day
    for cover in sorted((c for c in covers if c.kind is kind), key=lambda c: c.starts_on):
        if cover.covers(wanted):
            last = cover.ends_on
            wanted = last + timedelta(days=1)
    return last


def state_on(cover: Cover, today: date) -> PolicyState:
    if today < cover.starts_on:
        return PolicyState.COMING
    left = cover.days_left(today)
    if left < 0:
        return PolicyState.ENDED
    return PolicyState.ENDING if left <= Step.MONTH else PolicyState.VALID


def renewed(cover: Cover, others: Iterable[Cover], today: date) -> bool:
    """Another policy of the kind goes on without a gap, or covers today again: no reminder is needed of this one."""
    following = cover.ends_on + timedelta(days=1)
    return valid_on(others, cover.kind, max(following, today))


def due_step(cover: Cover, others: Iterable[Cover], today: date) -> Step | None:
    """The reminder this policy has come to: the last step reached, also when the clock slept over its day (J-26)."""
    left = cover.days_left(today)
    if left > Step.MONTH or left < -STILL_TOLD_DAYS or renewed(cover, others, today):
        return None
    return next(step for step in (Step.LAST_DAY, Step.WEEK, Step.MONTH) if left <= step)


def left_words(days: int) -> str:
    """``30일 남았어요`` / ``오늘까지예요`` / ``3일 전에 끝났어요``"""
    if days == 0:
        return "오늘까지예요"
    return f"{days}일 남았어요" if days > 0 else f"{-days}일 전에 끝났어요"
