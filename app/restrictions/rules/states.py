"""The way of a case from the report to its end, and who takes each step (AS-17)."""

from __future__ import annotations

from datetime import date

from app.kernel.actor import Role
from app.kernel.errors import N_, Problem
from app.kernel.states import StateTable
from app.restrictions.rules.kinds import BINDING, State

_CHECKS = frozenset({Role.COORDINATOR})
_DECIDES = frozenset({Role.REGIONAL_DIRECTOR})
_CITY = frozenset({Role.CITY_OFFICER})
_CLOCK = frozenset({Role.SYSTEM})

STEPS: StateTable[State] = StateTable(
    {
        (State.REPORTED, State.FACT_CHECK): _CHECKS,
        (State.FACT_CHECK, State.STATEMENT): _CHECKS,
        # A check that finds nothing need not trouble the family with a hearing.
        (State.FACT_CHECK, State.DISMISSED): _DECIDES,
        (State.STATEMENT, State.DISMISSED): _DECIDES,
        (State.STATEMENT, State.DECIDED): _DECIDES,
        (State.DECIDED, State.NOTIFIED): _CLOCK,
        (State.NOTIFIED, State.ACTIVE): _CLOCK,
        (State.NOTIFIED, State.EXPIRED): _CLOCK,
        (State.ACTIVE, State.EXPIRED): _CLOCK,
        (State.SHORTENED, State.EXPIRED): _CLOCK,
        **{
            (before, after): _CITY
            for before in (State.NOTIFIED, State.ACTIVE)
            for after in (State.LIFTED, State.OVERTURNED, State.SHORTENED)
        },
        (State.SHORTENED, State.LIFTED): _CITY,
        # An objection in time is heard even when the restriction binds no more; the counters forget it (AS-21).
        (State.EXPIRED, State.OVERTURNED): _CITY,
        (State.LIFTED, State.OVERTURNED): _CITY,
        (State.REPLACED, State.OVERTURNED): _CITY,
        (State.NOTIFIED, State.REPLACED): _CLOCK,
        (State.ACTIVE, State.REPLACED): _CLOCK,
        (State.SHORTENED, State.REPLACED): _CLOCK,
        # What took its place was cancelled: the lighter one runs to its own last day.
        (State.REPLACED, State.ACTIVE): _CLOCK,
    }
)

OWN_REPORT = Problem(
    "decision.own_report",
    N_("직접 신고했거나 적은 일은 스스로 결정할 수 없어요. 다른 담당자에게 맡겨 주세요."),
    rule="AS-17",
)
SAME_PERSON = Problem(
    "decision.same_person",
    N_("두 사람이 정해야 하는 제한이에요. 처음 결정한 사람이 아닌 담당자가 확인해 주세요."),
    rule="AS-16",
)
OWN_DECISION = Problem(
    "objection.own_decision",
    N_("스스로 내린 결정에 대한 이의는 심사할 수 없어요. 다른 담당자에게 맡겨 주세요."),
    rule="AS-21",
)
OWN_PROPOSAL = Problem(
    "lift.own_proposal", N_("제안한 사람은 동의할 수 없어요. 다른 담당자가 동의해 주세요."), rule="AS-21"
)


def seen_state(state: State, first: date | None, last: date | None, today: date) -> State:
    """Where a case stands today by its dates, whether or not the clock has noticed (AS-22)."""
    if state not in BINDING or first is None or today < first:
        return state
    if last is not None and last < today:
        return State.EXPIRED
    return State.ACTIVE if state is State.NOTIFIED else state


def acts_as(role: Role, *, regional_centre: bool) -> frozenset[Role]:
    """Whose steps a role takes: where a city has no regional centre, its officer takes the centre's too."""
    if role is Role.CITY_OFFICER and not regional_centre:
        return frozenset({role, Role.COORDINATOR, Role.REGIONAL_DIRECTOR})
    return frozenset({role})


def step_problem(before: State, after: State, roles: frozenset[Role]) -> Problem | None:
    """None when one of the roles may take the step; else why not."""
    problems = [STEPS.check(before, after, role) for role in sorted(roles)]
    return None if None in problems else problems[0]
