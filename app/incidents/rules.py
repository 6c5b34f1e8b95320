"""Who is called when something happens to a child in care, and when a record may be closed (AD-26)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.kernel.errors import N_, Problem
from app.kernel.ranges import to_minute


class IncidentKind(StrEnum):
    ACCIDENT = "ACCIDENT"
    ILLNESS = "ILLNESS"
    INFECTION = "INFECTION"
    OTHER = "OTHER"

    @property
    def label(self) -> str:
        return {
            "ACCIDENT": N_("사고"),
            "ILLNESS": N_("질병"),
            "INFECTION": N_("감염병 의심"),
            "OTHER": N_("기타"),
        }[self.value]


class How(StrEnum):
    """The way somebody was told."""

    PHONE = "PHONE"
    SMS = "SMS"
    FACE = "FACE"

    @property
    def label(self) -> str:
        return {"PHONE": N_("전화"), "SMS": N_("문자"), "FACE": N_("대면")}[self.value]


class Stage(StrEnum):
    """How far a record has come: nobody is told yet, told, closed."""

    UNTOLD = "UNTOLD"
    TOLD = "TOLD"
    CLOSED = "CLOSED"

    @property
    def label(self) -> str:
        return _STAGES[self][0]

    @property
    def tone(self) -> str:
        return _STAGES[self][1]


_STAGES = {
    Stage.UNTOLD: (N_("보호자에게 알리기 전"), "danger"),
    Stage.TOLD: (N_("조치 중"), "warning"),
    Stage.CLOSED: (N_("마감"), "success"),
}


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call; ``order`` 1 is called first."""

    order: int
    name: str
    relation: str
    phone: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to tell somebody. ``by``: who tried."""

    at: datetime
    order: int
    who: str
    reached: bool
    by: str
    how: How = How.PHONE


WHAT_MISSING = Problem("incident.what", N_("무슨 일이 있었는지 적어 주세요."), rule="AD-26", field="what")
CHILD_MISSING = Problem("incident.child", N_("어느 아이인지 골라 주세요."), rule="AD-26", field="child")
IN_THE_FUTURE = Problem(
    "incident.future",
    N_("아직 오지 않은 시각이에요. 어젯밤 일이면 날짜를 어제로 바꿔 주세요."),
    rule="AD-26",
    field="time",
)
CALL_IN_THE_FUTURE = Problem(
    "incident.call_future", N_("연락한 시각은 지금보다 앞이어야 해요."), rule="AD-26", field="at"
)
CALL_TOO_EARLY = Problem(
    "incident.call_early", N_("연락한 시각이 일이 일어난 때보다 앞이에요."), rule="AD-26", field="at"
)
NOT_ON_LIST = Problem(
    "incident.not_on_list",
    N_("비상연락 순서에 없는 사람이에요. 목록에서 골라 주세요."),
    rule="AD-26",
    field="order",
)
NOT_TOLD = Problem(
    "incident.not_told",
    N_("보호자에게 알린 뒤에 마감할 수 있어요. 순서대로 연락하고 결과를 적어 주세요."),
    rule="AD-26",
)
NO_MEASURES = Problem(
    "incident.no_measures", N_("어떤 조치를 했는지 적은 뒤에 마감해 주세요."), rule="AD-26", field="text"
)
MEASURE_MISSING = Problem("incident.measure", N_("조치한 내용을 적어 주세요."), rule="AD-26", field="text")
CLOSED_ALREADY = Problem(
    "incident.closed", N_("이미 마감한 기록이에요. 더 적을 것은 조치에 남겨 주세요."), rule="AD-26"
)


def check_new(
    kind: IncidentKind, happened_at: datetime, now: datetime, *, what: str, has_child: bool
) -> list[Problem]:
    """Whatever happened can be written down (GC-19), except what has not happened yet."""
    problems = []
    if kind is not IncidentKind.OTHER and not has_child:
        problems.append(CHILD_MISSING)
    if to_minute(happened_at) > to_minute(now):
        problems.append(IN_THE_FUTURE)
    if not what.strip():
        problems.append(WHAT_MISSING)
    return problems


def check_attempt(
    people: Iterable[Contact], order: int, at: datetime, happened_at: datetime, now: datetime
) -> list[Problem]:
    """Somebody of the list, between then and now. Calling out of turn is recorded as it was (GC-19)."""
    problems = []
    if order not in {person.order for person in people}:
        problems.append(NOT_ON_LIST)
    if to_minute(at) > to_minute(now):
        problems.append(CALL_IN_THE_FUTURE)
    elif to_minute(at) < to_minute(happened_at):
        problems.append(CALL_TOO_EARLY)
    return problems


def check_close(*, has_child: bool, notified_at: datetime | None, measures: Collection[str]) -> list[Problem]:
    """A record of a child is closed only when a guardian knows, and when it says what was done (AD-26)."""
    problems = []
    if has_child and notified_at is None:
        problems.append(NOT_TOLD)
    if not any(text.strip() for text in measures):
        problems.append(NO_MEASURES)
    return problems


def first_reached(attempts: Iterable[Attempt]) -> datetime | None:
    """When a guardian first knew."""
    return min((attempt.at for attempt in attempts if attempt.reached), default=None)


def next_to_call(people: Sequence[Contact], attempts: Collection[Attempt]) -> Contact | None:
    """The first in order who was tried least, so that after the last one the round begins again.

    None once somebody was reached, or when there is nobody to call.
    """
    if first_reached(attempts) is not None:
        return None
    tries = [attempt.order for attempt in attempts]
    return min(people, key=lambda person: (tries.count(person.order), person.order), default=None)


def all_silent(people: Collection[Contact], attempts: Collection[Attempt]) -> bool:
    """Everybody was tried and nobody answered, or there is nobody to try: time for 119 (AD-26)."""
    tried = {attempt.order for attempt in attempts}
    return first_reached(attempts) is None and all(person.order in tried for person in people)


def out_of_turn(people: Iterable[Contact], attempts: Iterable[Attempt], order: int) -> bool:
    """Somebody earlier in the order has not been tried yet."""
    tried = {attempt.order for attempt in attempts}
    return any(person.order < order and person.order not in tried for person in people)


def stage(*, has_child: bool, notified_at: datetime | None, closed_at: datetime | None) -> Stage:
    if closed_at is not None:
        return Stage.CLOSED
    return Stage.UNTOLD if has_child and notified_at is None else Stage.TOLD


def minutes_until_told(happened_at: datetime, notified_at: datetime | None, now: datetime) -> int:
    """From the happening until a guardian knew, or until now."""
    passed = to_minute(notified_at or now) - to_minute(happened_at)
    return max(0, int(passed.total_seconds() // 60))


def minutes_words(minutes: int) -> str:
    """``바로`` / ``12분`` / ``1시간 5분`` / ``2일``"""
    if minutes >= 1440:
        return f"{minutes // 1440}일"
    hours, rest = divmod(minutes, 60)
    return " ".join([f"{hours}시간"] * bool(hours) + [f"{rest}분"] * bool(rest)) or "바로"
