"""What a decision needs and what it comes to (AS-12 – AS-18)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from app.kernel.calendar import sanction_last_day
from app.kernel.errors import N_, Problem
from app.kernel.texts import day_text
from app.restrictions.rules.grounds import GroundRule
from app.restrictions.rules.kinds import Ground, Level
from app.restrictions.rules.period import months_of, months_problem
from app.restrictions.rules.policy import RestrictionPolicy
from app.restrictions.rules.states import OWN_REPORT

HEARING_OPEN = Problem(
    "decision.hearing_open",
    N_("보호자가 {due} 밤 12시까지 소명할 수 있어요. 소명을 받거나 기한이 지난 뒤에 결정해 주세요."),
    rule="AS-18",
)
HEARING_MISSING = Problem(
    "decision.hearing_missing",
    N_("보호자에게 아직 소명을 요청하지 않았어요. 먼저 소명을 요청해 주세요."),
    rule="AS-18",
)
DOCUMENT_MISSING = Problem(
    "decision.document_missing",
    N_("영구 제한에는 수사·재판 기관의 결과 문서가 있어야 해요. 파일을 올려 주세요."),
    rule="AS-16",
    field="file",
)
TOO_FEW = Problem(
    "decision.too_few",
    N_("인정되는 횟수가 {count}번으로 기준({threshold}번)보다 적어요. 제한하지 않음으로 끝내 주세요."),
    rule="AS-17",
)
NO_REASON = Problem("decision.no_reason", N_("결정한 이유를 적어 주세요."), rule="GC-18", field="reason")


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is known of a case when somebody decides it. ``standing``: its events that were not excused."""

    line: GroundRule
    standing: int
    statement_given: bool
    statement_due: date | None
    has_document: bool
    reporters: frozenset[int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a case comes to. ``accumulated``: six months instead of the third single one (AS-13)."""

    ground: Ground
    level: Level
    months: int | None
    accumulated: bool = False


def decision_problems(
    case: CaseFacts,
    *,
    decider: int | None,
    months: int | None,
    reason: str,
    today: date,
    policy: RestrictionPolicy,
) -> list[Problem]:
    """Everything that stands against imposing it now."""
    problems = []
    if decider is not None and decider in case.reporters:
        problems.append(OWN_REPORT)
    if not case.statement_given and case.statement_due is None:
        problems.append(HEARING_MISSING)
    elif not case.statement_given and case.statement_due and today <= case.statement_due:
        problems.append(HEARING_OPEN.of(due=day_text(case.statement_due)))
    if case.line.needs_document and not case.has_document:
        problems.append(DOCUMENT_MISSING)
    if case.standing < (threshold := case.line.threshold(policy)):
        problems.append(TOO_FEW.of(count=case.standing, threshold=threshold))
    if problem := months_problem(case.line.level, months, reason, policy):
        problems.append(problem)
    elif not reason.strip():
        problems.append(NO_REASON)
    return problems


def adds_up(m1_start: date, today: date, policy: RestrictionPolicy) -> bool:
    """Did a single month start within the rolling twelve to today (AS-13)?"""
    return sanction_last_day(m1_start, policy.accumulate_months) >= today


def accumulates(m1_starts: Collection[date], today: date, policy: RestrictionPolicy) -> bool:
    """Would one more single month be the third of those that add up (AS-13)?

    ``m1_starts``: first days of the household's one-month restrictions that were not overturned.
    """
    recent = [day for day in m1_starts if adds_up(day, today, policy)]
    return len(recent) + 1 >= policy.accumulate_count


def verdict(
    line: GroundRule,
    *,
    months: int | None,
    m1_starts: Sequence[date],
    today: date,
    policy: RestrictionPolicy,
) -> Verdict:
    """The level a case comes to: its ground's, or six months when it would be the third single month."""
    if line.level is Level.M1 and accumulates(m1_starts, today, policy):
        return Verdict(line.ground, Level.M6, months_of(Level.M6), accumulated=True)
    return Verdict(line.ground, line.level, months_of(line.level, months))
