"""A centre's year of quarters: set up, changed, copied, deleted (KQ-01 … KQ-15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from app.centres import actions, rules
from app.centres.bookings import QuarterContent
from app.centres.models import Quarter
from app.centres.queries import (
    CentreRow,
    QuarterRow,
    centre_by_id,
    centre_by_ref,
    centre_policy,
    lock_gate,
    quarter_by_ref,
    quarters_of,
)
from app.centres.rules import QuarterKind, QuarterPlan, QuarterState
from app.kernel import audit
from app.kernel.actions import Action
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken, StaleVersion
from app.kernel.ranges import DateSpan, TimeSpan

OVERLAP = Problem(
    "quarter.overlap_now",
    N_("그 사이 다른 분기가 저장되어 날짜가 겹쳐요. 화면을 새로 고쳐 확인해 주세요."),
    rule="KQ-02",
    field="first",
)
CLOSED_QUARTER = Problem(
    "quarter.closed", N_("지난 분기는 고칠 수 없어요. 새 분기를 등록해 주세요."), rule="KQ-04"
)
ENDS_IN_PAST = Problem(
    "quarter.ends_in_past",
    N_("운영 중인 분기는 오늘({today})보다 앞선 날로 끝낼 수 없어요."),
    rule="KQ-04",
    field="last",
)
MIXED_YEARS = Problem(
    "quarter.mixed_years", N_("네 분기는 같은 연도로 정해 주세요."), rule="KQ-05", field="year_label"
)

NOTHING_HAPPENS = rules.QuarterImpact((), (), (), ())


@dataclass(frozen=True, slots=True)
class QuarterChange:
    """What a change of a quarter did: the centre, before and after, what happens to bookings, warnings read."""

    centre: CentreRow
    before: QuarterRow
    after: QuarterRow
    impact: rules.QuarterImpact


@dataclass(frozen=True, slots=True)
class Preview:
    """What stands against a plan and what it would do; ``hard`` problems keep it from being saved."""

    problems: tuple[Problem, ...]
    impact: rules.QuarterImpact
    short: bool

    @property
    def hard(self) -> list[Problem]:
        return [problem for problem in self.problems if not problem.soft]

    @property
    def warnings(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.soft]


def state_of(span: DateSpan, today: date) -> QuarterState:
    if today < span.first:
        return QuarterState.PLANNED
    return QuarterState.CURRENT if today in span else QuarterState.CLOSED


def preview(
    uow: UnitOfWork,
    centre: CentreRow,
    plan: QuarterPlan,
    editing: QuarterRow | None = None,
    content: QuarterContent | None = None,
) -> Preview:
    """What saving ``plan`` would meet: KQ-02 … KQ-12, and for a change its impact (KQ-04)."""
    others = [
        quarter.plan for quarter in quarters_of(uow, centre.id) if editing is None or quarter.id != editing.id
    ]
    policy = centre_policy(uow, centre, max(plan.span.first, uow.today))
    problems = rules.check_quarter(plan, centre.kind, others, policy)
    impact = NOTHING_HAPPENS
    if editing is not None:
        content = content or QuarterContent()
        if editing.state is QuarterState.CLOSED:
            problems.append(CLOSED_QUARTER)
        if editing.state is QuarterState.CURRENT and plan.span.last < uow.today:
            problems.append(ENDS_IN_PAST.of(today=uow.today.isoformat()))
        impact = rules.quarter_change_impact(
            editing.span,
            plan.span,
            content.bookings,
            content.attended,
            [other.span for other in others],
        )
        problems.extend(impact.problems)
    return Preview(tuple(problems), impact, rules.is_short(plan.span, policy))


def set_first_year(uow: UnitOfWork, centre_ref: str, plans: Sequence[QuarterPlan]) -> list[QuarterRow]:
    """KQ-03: all four quarters of the first year at once. Problems of a plan name its kind in ``values``."""
    centre = _centre_for(uow, centre_ref, actions.PLAN_QUARTERS)
    problems: list[Problem] = []
    if len({plan.year_label for plan in plans}) > 1:
        problems.append(MIXED_YEARS)
    elif plans:
        problems.extend(rules.check_first_setup(plans, plans[0].year_label))
    existing = [quarter.plan for quarter in quarters_of(uow, centre.id)]
    for number, plan in enumerate(plans):
        policy = centre_policy(uow, centre, max(plan.span.first, uow.today))
        # Against the plans before it: each pair is compared once.
        found = rules.check_quarter(plan, centre.kind, [*existing, *plans[:number]], policy)
        problems.extend(problem for problem in found if not problem.soft)
    if problems:
        raise RuleBroken(problems)
    return [_insert(uow, centre, plan) for plan in sorted(plans, key=lambda plan: plan.span)]


def add_quarter(uow: UnitOfWork, centre_ref: str, plan: QuarterPlan) -> QuarterRow:
    """A further quarter; a centre without any starts with its whole first year (KQ-03)."""
    centre = _centre_for(uow, centre_ref, actions.PLAN_QUARTERS)
    problems = preview(uow, centre, plan).hard
    if not quarters_of(uow, centre.id):
        problems += rules.check_first_setup([plan], plan.year_label)
    if problems:
        raise RuleBroken(problems)
    return _insert(uow, centre, plan)


def set_quarter(
    uow: UnitOfWork,
    quarter_ref: str,
    plan: QuarterPlan,
    version: int,
    content: QuarterContent | None = None,
) -> QuarterChange:
    """KQ-04: other dates, hours, staff or meals. ``content`` is what booking knows of the quarter's days.

    The caller refits the bookings named in ``impact`` in the same unit. Raises RuleBroken, StaleVersion.
    """
    quarter = quarter_by_ref(uow, quarter_ref)
    centre = centre_by_id(uow, quarter.centre_id)
    actions.CHANGE_QUARTERS.check(uow.actor, centre.id, centre.district_id)
    lock_gate(uow, centre.id)
    before = quarter_by_ref(uow, quarter_ref)
    if before.version != version:
        raise StaleVersion("quarter")
    seen = preview(uow, centre, plan, before, content)
    if seen.hard:
        raise RuleBroken(seen.hard)
    try:
        with uow.session.begin_nested():
            uow.session.execute(
                update(Quarter)
                .where(Quarter.id == before.id)
                .values(**_columns(plan), state=state_of(plan.span, uow.today), version=version + 1)
            )
    except IntegrityError as error:
        raise RuleBroken(OVERLAP) from error
    after = quarter_by_ref(uow, quarter_ref)
    audit.record(
        uow,
        "quarter.change",
        "quarter",
        after.id,
        from_state=before.state,
        to_state=after.state,
        diff=_diff(before.plan, after.plan),
    )
    return QuarterChange(centre, before, after, seen.impact)


def delete_quarter(uow: UnitOfWork, quarter_ref: str, version: int, use: rules.QuarterUse) -> CentreRow:
    """KQ-15; ``use`` counts what refers to its days, read by the caller under the gate."""
    quarter = quarter_by_ref(uow, quarter_ref)
    centre = centre_by_id(uow, quarter.centre_id)
    actions.PLAN_QUARTERS.check(uow.actor, centre.id, centre.district_id)
    lock_gate(uow, centre.id)
    problem = rules.can_delete_quarter(use)
    if problem:
        raise RuleBroken(problem)
    gone = uow.session.execute(
        delete(Quarter).where(Quarter.id == quarter.id, Quarter.version == version).returning(Quarter.id)
    ).scalar()
    if gone is None:
        raise StaleVersion("quarter")
    audit.record(
        uow, "quarter.delete", "quarter", quarter.id, from_state=quarter.state, diff=_diff(quarter.plan, None)
    )
    return centre


def proposal(
    centre: CentreRow,
    quarters: Sequence[QuarterRow],
    kind: QuarterKind,
    year: int,
    policy: rules.CentrePolicy,
) -> QuarterPlan:
    """Dates of the year's table (KQ-13), the rest copied from the last quarter of the kind (KQ-07)."""
    span = dict(rules.proposed_quarters(year))[kind]
    last = max((q for q in quarters if q.plan.kind is kind), key=lambda q: q.span, default=None)
    if last is not None:
        old = last.plan
        return QuarterPlan(kind, year, span, old.hours, old.staff, old.meals, old.vacation_hours)
    return fresh_plan(centre.kind, kind, year, span, policy)


def fresh_plan(
    centre_kind: rules.CentreKind,
    kind: QuarterKind,
    year: int,
    span: DateSpan,
    policy: rules.CentrePolicy,
) -> QuarterPlan:
    """A plan that meets the rules of its kind of centre, to start from (KQ-08 … KQ-10)."""
    standard = rules.standard_hours(centre_kind, vacation=kind.is_vacation, policy=policy)
    start = standard.start
    if centre_kind is rules.CentreKind.GENERAL:
        start = max(0, min(start, standard.end - policy.min_open_minutes))
    weekday = TimeSpan(start, standard.end)
    hours: dict[str, TimeSpan | None] = dict.fromkeys(rules.DAY_KEYS[:5], weekday)
    if centre_kind is rules.CentreKind.FUSION:
        hours["sat"] = TimeSpan(9 * 60, 9 * 60 + max(30, policy.fusion_saturday_min_minutes))
    staff = {key: ((opening, 1),) for key, opening in hours.items() if opening}
    return QuarterPlan(
        kind, year, span, rules.WeekHours(hours), rules.StaffPlan(staff), rules.Meals(snack=True)
    )


def _centre_for(uow: UnitOfWork, centre_ref: str, action: Action) -> CentreRow:
    centre = centre_by_ref(uow, centre_ref)
    action.check(uow.actor, centre.id, centre.district_id)
    lock_gate(uow, centre.id)
    return centre


def _insert(uow: UnitOfWork, centre: CentreRow, plan: QuarterPlan) -> QuarterRow:
    row = Quarter(
        centre_id=centre.id,
        state=state_of(plan.span, uow.today),
        created_at=uow.now,
        created_by=uow.actor.user_id,
        **_columns(plan),
    )
    try:
        with uow.session.begin_nested():
            uow.session.add(row)
            uow.session.flush()
    except IntegrityError as error:
        raise RuleBroken(OVERLAP) from error
    audit.record(uow, "quarter.add", "quarter", row.id, to_state=row.state, diff=_diff(None, plan))
    return quarter_by_ref(uow, row.ref)


def _columns(plan: QuarterPlan) -> dict[str, Any]:
    return {
        "kind": plan.kind,
        "year_label": plan.year_label,
        "starts_on": plan.span.first,
        "ends_on": plan.span.last,
        "hours": plan.hours.to_json(),
        "vacation_hours": plan.vacation_hours.to_json(),
        "staff": plan.staff.to_json(),
        "meals": plan.meals.to_json(),
    }


def _diff(before: QuarterPlan | None, after: QuarterPlan | None) -> dict[str, list[Any]]:
    old, new = (_plain(plan) for plan in (before, after))
    return {key: [old.get(key), new.get(key)] for key in {**old, **new} if old.get(key) != new.get(key)}


def _plain(plan: QuarterPlan | None) -> dict[str, Any]:
    if plan is None:
        return {}
    columns = _columns(plan)
    return {**columns, "starts_on": str(plan.span.first), "ends_on": str(plan.span.last)}
