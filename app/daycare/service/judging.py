"""Everything that may stand against a booking, beds apart: place, family, days (AD-05 – AD-10, AD-25, AD-33, AE)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range

from app.daycare.beds import SOURCE
from app.daycare.family import Family
from app.daycare.models import DaycareStay
from app.daycare.queries.place import DaycareRow, Plan
from app.daycare.rules import bookable, eligibility
from app.daycare.rules.policy import DaycarePolicy
from app.daycare.rules.request import Wish, check_wish
from app.daycare.rules.states import VALID
from app.daycare.times import period_of
from app.insurance.queries import covered_days, missing
from app.insurance.rules import PolicyKind
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.ranges import DateSpan, Period
from app.kernel.texts import day_text, moment_text
from app.people.models import ChildTime
from app.restrictions.queries.blocks import blocks
from app.tenancy.models import Institution
from app.tenancy.queries import holidays

POLICIES = (PolicyKind.DAYCARE_MUTUAL, PolicyKind.DAYCARE_HOURLY_RIDER)
SERVICE = "DAYCARE"


@dataclass(frozen=True, slots=True)
class Scene:
    """A daycare as one booking sees it."""

    daycare: DaycareRow
    plan: Plan
    policy: DaycarePolicy


def judge(
    uow: UnitOfWork, scene: Scene, family: Family, wish: Wish, *, held: Sequence[Period] = ()
) -> list[Problem]:
    """Hard and soft problems, the most telling first; empty when only beds may be missing.

    ``held``: the stays of the booking that is to be changed.
    """
    found = check_wish(
        wish,
        uow.now,
        scene.policy,
        opening_of=scene.plan.opening_of,
        calendar=holidays(uow),
        held=held,
    )
    if wish.last_day < wish.first_day:
        return found
    days = wish.span
    found += check_place(uow, scene.daycare, days)
    found += check_family(uow, scene, family, days)
    return found


def check_place(uow: UnitOfWork, daycare: DaycareRow, days: DateSpan) -> list[Problem]:
    """Active, designated and insured on every day (AD-25, AD-33)."""
    if not daycare.active:
        return [bookable.INACTIVE]
    if refused := bookable.check_designation(daycare.designation, days):
        return [refused]
    insured = covered_days(uow, (daycare.id,), POLICIES, days)[daycare.id]
    for day in days:
        if day not in insured:
            labels = ", ".join(kind.label for kind in missing(uow, daycare.id, POLICIES, day))
            return [bookable.NOT_INSURED.of(day=day_text(day), policies=labels)]
    return []


def check_family(uow: UnitOfWork, scene: Scene, family: Family, days: DateSpan) -> list[Problem]:
    """Application, eligibility, kinship, restrictions."""
    found = list(_application(family))
    for member in family.members:
        facts = member.facts(family.guardian, family.checks)
        found += eligibility.check_child(facts, days, scene.policy)
        seen = bool(family.checks.get("family", {}).get("related"))
        found += eligibility.check_requester(member.relation, member.lives_together, kinship_seen=seen)
    stopped = blocks(
        uow,
        service=SERVICE,
        days=list(days),
        guardian_ids=[family.guardian.id],
        child_ids=[member.child.id for member in family.members],
        institution_id=scene.daycare.id,
    )
    found += [block.problem for block in stopped[:1]]
    return _once(found)


def check_busy(
    uow: UnitOfWork, family: Family, stays: Sequence[Period], *, without: Sequence[int] = ()
) -> list[Problem]:
    """A child is in one place at a time, whatever the service. ``without``: stays that are given back."""
    over = Period(min(stay.start for stay in stays), max(stay.end for stay in stays))
    names = {member.child.id: member.child.name for member in family.members}
    return [
        bookable.BUSY.of(
            child=names[busy.child_id],
            when=moment_text(busy.period.start),
            where=busy.where or N_("다른 돌봄서비스"),
        )
        for busy in busy_times(uow, names, over, without=without)
        if any(stay.overlaps(busy.period) for stay in stays)
    ]


@dataclass(frozen=True, slots=True)
class Busy:
    """A time a child spends somewhere already; ``where``: the daycare's name, "" for another service."""

    child_id: int
    period: Period
    where: str


def busy_times(
    uow: UnitOfWork, child_ids: Collection[int], over: Period, *, without: Sequence[int] = ()
) -> list[Busy]:
    rows = uow.session.execute(
        select(ChildTime.child_id, ChildTime.period, Institution.name, ChildTime.source, ChildTime.source_id)
        .outerjoin(DaycareStay, (ChildTime.source == SOURCE) & (DaycareStay.id == ChildTime.source_id))
        .outerjoin(Institution, Institution.id == DaycareStay.daycare_id)
        .where(
            ChildTime.child_id.in_(list(child_ids)),
            ChildTime.period.overlaps(_range(over.start, over.end)),
        )
        .order_by(ChildTime.period)
    )
    return [
        Busy(child_id, period_of(period), where or "")
        for child_id, period, where, source, source_id in rows
        if source != SOURCE or source_id not in without
    ]


def _application(family: Family) -> list[Problem]:
    """A valid application that names every child (AD-18)."""
    state = family.application_state
    if state is None:
        return [bookable.NO_APPLICATION]
    if state not in VALID:
        return [bookable.APPLICATION_CLOSED.of(state=state.label)]
    missing = [member.child.name for member in family.members if member.entry is None]
    return [bookable.CHILD_NOT_NAMED.of(child=", ".join(missing))] if missing else []


def _once(problems: Sequence[Problem]) -> list[Problem]:
    """Brothers and sisters share most problems: each sentence once."""
    return list({(problem.code, problem.sentence): problem for problem in problems}.values())


def _range(start: datetime, end: datetime) -> Range[datetime]:
    return Range(start, end, bounds="[)")


def let_pass(problems: Sequence[Problem], reasons: Mapping[str, str], *, may_decide: bool) -> list[list[str]]:
    """What the booking keeps of its soft problems: [code, reason]; an empty reason waits for the director.

    Raises RuleBroken on hard problems, and for whoever may decide also on soft ones without a reason.
    """
    hard = [problem for problem in problems if not problem.soft]
    open_ = [p for p in problems if p.soft and may_decide and not reasons.get(p.code, "").strip()]
    if hard or open_:
        raise RuleBroken([*hard, *open_])
    return [
        [problem.code, reasons.get(problem.code, "").strip() if may_decide else ""] for problem in problems
    ]
