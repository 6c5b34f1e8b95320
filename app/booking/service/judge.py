"""Asking the rules about hours and child, capacity apart: for an application, an edit, or once more at the decision."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.booking.facts import Elder, busy_times, child_facts, elders_on
from app.booking.models import Booking
from app.booking.place import Place, openings, plan_of, quarter_on
from app.booking.rules.request import (
    RegularRequest,
    TemporaryRequest,
    UsageDays,
    check_eligibility,
    check_regular,
    check_temporary_list,
    clip_to_quarter,
    is_walk_in,
    usage_days,
)
from app.booking.rules.states import BookingKind
from app.booking.times import hours_of, planned_days, read_times, span_of
from app.centres.rules import ClosedReason, Opening
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem
from app.kernel.ranges import DateSpan, TimeSpan
from app.people.queries import SeenChild

NO_PERIOD = Problem(
    "booking.no_period", N_("이용 시작일과 종료일을 골라 주세요."), rule="KB-02", field="first"
)
ONLY_WHEN_ASKED = frozenset({"booking.too_short", "booking.beyond_window", "booking.illness_missing"})
"""Judged at the application only: a later cut by the quarter leaves a short booking valid (KQ-04)."""
SHUT = Opening(None, reason=ClosedReason.NO_QUARTER)


@dataclass(frozen=True, slots=True)
class Judged:
    """One booking as asked for: what stands against it, or the days it would be used on."""

    span: DateSpan
    days: UsageDays
    problems: tuple[Problem, ...]
    quarter_id: int = 0
    notice: Problem | None = None
    walk_in: bool = False
    elder: Elder | None = None


def judge_regular(
    uow: UnitOfWork,
    place: Place,
    child: SeenChild,
    span: DateSpan | None,
    times: Mapping[str, TimeSpan],
    *,
    without: Collection[int] = (),
) -> Judged:
    """Regular care; its period is cut at the end of the quarter it starts in (KB-06)."""
    if span is None:
        return Judged(DateSpan(uow.today, uow.today), [], (NO_PERIOD,))
    quarter = quarter_on(uow, place.centre.id, span.first)
    notice = None
    if quarter is not None:
        span, notice = clip_to_quarter(span, quarter.span)
    calendar = openings(uow, place, (span.first, span.last)) if quarter else {}
    problems = check_regular(
        RegularRequest(span, times),
        plan_of(quarter),
        uow.today,
        uow.now,
        place.terms.booking,
        centre_kind=place.centre.kind,
        opening_of=lambda day: calendar.get(day, SHUT),
        busy=busy_times(uow, child.id, span.first, span.last, without=without) if quarter else (),
    )
    facts = child_facts(child, span.first, uow.today)
    refused = check_eligibility(BookingKind.REGULAR, facts, span.first, place.terms.eligibility)
    if refused:
        problems.append(refused)
    if problems or quarter is None:
        return Judged(span, [], tuple(problems))
    return Judged(span, usage_days(span, times, calendar.__getitem__), (), quarter.id, notice)


def judge_single(
    uow: UnitOfWork,
    place: Place,
    child: SeenChild,
    kind: BookingKind,
    wishes: Sequence[tuple[date, TimeSpan]],
    *,
    illness: str = "",
    disease_class: int | None = None,
    without: Collection[int] = (),
) -> list[Judged]:
    """Temporary or sick-child care: every date by itself (KB-07)."""
    last = uow.today + timedelta(days=place.terms.booking.temp_window_days)
    days = [day for day, _ in wishes if uow.today <= day <= last]
    calendar = openings(uow, place, days)
    elders = _elders(uow, place, child, kind, days)
    answers = check_temporary_list(
        [TemporaryRequest(day, hours, kind, illness, disease_class) for day, hours in wishes],
        uow.now,
        place.terms.booking,
        opening_of=lambda day: calendar.get(day, SHUT),
        by_staff=uow.actor.role is not Role.GUARDIAN,
        busy=busy_times(uow, child.id, min(days), max(days), without=without) if days else (),
    )
    return [
        _single(uow, place, child, request, problems, elders.get(request.day, []))
        for request, problems in answers
    ]


def _elders(
    uow: UnitOfWork, place: Place, child: SeenChild, kind: BookingKind, days: Sequence[date]
) -> dict[date, list[Elder]]:
    """Brothers and sisters who are there, asked only for a child who could not come alone (KB-36)."""
    if not days:
        return {}
    facts = child_facts(child, min(days), uow.today)
    alone = check_eligibility(kind, facts, min(days), place.terms.eligibility)
    return {} if alone is None else elders_on(uow, place.centre.id, child.id, days)


def _single(
    uow: UnitOfWork,
    place: Place,
    child: SeenChild,
    request: TemporaryRequest,
    problems: list[Problem],
    elders: Sequence[Elder],
) -> Judged:
    span = DateSpan(request.day, request.day)
    refused = check_eligibility(
        request.kind,
        child_facts(child, request.day, uow.today),
        request.day,
        place.terms.eligibility,
        hours=request.hours,
        elders=[elder.stay for elder in elders],
    )
    found = [*problems, *([refused] if refused else [])]
    quarter = None if found else quarter_on(uow, place.centre.id, request.day)
    if quarter is None:
        return Judged(span, [(request.day, request.hours)], tuple(found))
    return Judged(
        span,
        [(request.day, request.hours)],
        (),
        quarter.id,
        walk_in=is_walk_in(request, uow.now),
        elder=_elder_beside(child, request, elders, place, uow.today),
    )


def _elder_beside(
    child: SeenChild, request: TemporaryRequest, elders: Sequence[Elder], place: Place, today: date
) -> Elder | None:
    """The elder's booking it hangs on: only where the child could not come alone (KB-36)."""
    alone = check_eligibility(
        request.kind, child_facts(child, request.day, today), request.day, place.terms.eligibility
    )
    if alone is None:
        return None
    return next((elder for elder in elders if elder.stay.hours.contains(request.hours)), None)


def judge_again(uow: UnitOfWork, place: Place, booking: Booking, child: SeenChild) -> Judged:
    """The same questions at the decision (KB-22), about what is booked and without its own seat."""
    if booking.kind == BookingKind.REGULAR:
        judged = judge_regular(
            uow, place, child, span_of(booking), read_times(booking.times), without=[booking.id]
        )
    else:
        wish = (booking.starts_on, hours_of(booking))
        (judged,) = judge_single(uow, place, child, BookingKind(booking.kind), [wish], without=[booking.id])
    kept = tuple(problem for problem in judged.problems if problem.code not in ONLY_WHEN_ASKED)
    if kept or not judged.problems:
        return Judged(judged.span, judged.days, kept, judged.quarter_id)
    return _without_problems(uow, place, booking)


def _without_problems(uow: UnitOfWork, place: Place, booking: Booking) -> Judged:
    calendar = openings(uow, place, (booking.starts_on, booking.ends_on))
    return Judged(span_of(booking), planned_days(booking, calendar.__getitem__), (), booking.quarter_id)
