"""Nobody judges what is their own, whatever their role: who is barred from a step (AS-16, AS-17, AS-21)."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.errors import Problem
from app.restrictions.rules.next_step import Step
from app.restrictions.rules.states import OWN_DECISION, OWN_PROPOSAL, OWN_REPORT, SAME_PERSON


@dataclass(frozen=True, slots=True)
class Hands:
    """Who had a hand in a case so far, by account."""

    reporters: frozenset[int]
    decided_by: int | None = None
    also_decided_by: int | None = None
    proposed_by: int | None = None


def barred(hands: Hands, step: Step, person: int | None) -> Problem | None:
    """Why this person may not take the step though the role may; dismissing is deciding."""
    if person is None:
        return None
    if step is Step.SECOND and person == hands.decided_by:
        return SAME_PERSON
    if step in (Step.DECIDE, Step.SECOND) and person in hands.reporters:
        return OWN_REPORT
    if step is Step.OBJECTION and person in (hands.decided_by, hands.also_decided_by):
        return OWN_DECISION
    if step is Step.CONSENT and person == hands.proposed_by:
        return OWN_PROPOSAL
    return None
