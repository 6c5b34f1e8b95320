"""Two weeks behind and two weeks ahead: regular and temporary care in every state, through the real commands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from app.booking import service as booking
from app.booking.rules.priority import Ground
from app.booking.rules.states import BookingKind, BookingState
from app.booking.service import Application, Card, Outcome, Wish
from app.centres.queries import CentreRow, QuarterRow, opening_of, quarter_on, quarters_of
from app.centres.rules import CentreKind
from app.command.demo.stage import House, Parent, Stage
from app.kernel.db import UnitOfWork
from app.kernel.errors import RuleBroken
from app.kernel.ranges import WEEKDAYS, DateSpan, TimeSpan
from app.people import service as people
from app.people.service.evidence import Handed

SCHOOL_WEEK = WEEKDAYS[:5]
BACK, AHEAD = 14, 14
PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
EMPLOYMENT = "employment_certificate"
REFUSALS = ("같은 시간에 정원이 모두 찼습니다.", "다른 돌봄 서비스와 시간이 겹칩니다.")
"""Reasons a director gives, in the words of a notice."""


def afternoon(stage: Stage, opening: TimeSpan) -> TimeSpan:
    """Two to five hours of an opening, ending at the latest an hour before it closes; most children leave by then."""
    last = opening.end - 60
    length = stage.rng.choice((120, 150, 180, 210, 240))
    start = max(opening.start, last - length - stage.rng.choice((0, 30, 60)))
    return TimeSpan(start, min(start + length, last))


def open_days(uow: UnitOfWork, centre: CentreRow, first: date, last: date) -> list[tuple[date, TimeSpan]]:
    found = []
    for day in DateSpan(first, last):
        span = opening_of(uow, centre, day).span
        if span is not None:
            found.append((day, span))
    return found


class Season:
    """The quarter that runs today and the one that a new regular booking starts in."""

    def __init__(self, stage: Stage, centre: CentreRow) -> None:
        with stage.act() as uow:
            quarters = quarters_of(uow, centre.id)
        today = stage.today
        current = quarter_on(quarters, today)
        if current is None:
            raise LookupError("the template's quarters leave no day out")
        self.current: QuarterRow = current
        begin = today + timedelta(days=3)
        coming = quarter_on(quarters, self.current.span.last + timedelta(days=1))
        room = (self.current.span.last - begin).days + 1 >= 30
        target = self.current if room or coming is None else coming
        self.pending = DateSpan(max(begin, target.span.first), target.span.last)
        started = max(self.current.span.first, today - timedelta(days=60))
        latest = self.current.span.last - timedelta(days=29)
        self.running = DateSpan(max(self.current.span.first, min(started, latest)), self.current.span.last)


def apply(
    stage: Stage,
    house: House,
    parent: Parent,
    child: str,
    days: int,
    hour: int,
    *,
    now: bool = False,
    **wanted: Any,
) -> Outcome | None:
    """A parent applies that many days from today (or right now); None when nothing could be taken."""
    moment = None if now else stage.at(days, hour, stage.rng.randrange(60))
    try:
        with stage.act(parent.actor, moment) as uow:
            command = Application(
                request_id=stage.request_id(),
                centre=house.centre.ref,
                child=child,
                contact_phone=parent.phone,
                **wanted,
            )
            return booking.apply_booking(uow, command).outcomes[0]
    except RuleBroken:
        return None


def prove_work(stage: Stage, house: House, parent: Parent, child: str, days: int) -> None:
    """The certificate of employment, and the centre's look at it (KB-17, KB-39)."""
    with stage.act(parent.actor, stage.at(days, 9)) as uow:
        handed = Handed("재직증명서.pdf", PAPER)
        row = booking.hand_in_evidence(uow, child, Ground.DUAL_INCOME.value, EMPLOYMENT, handed)
        ref, version = row.ref, row.version
    with stage.act(house.teacher, stage.at(days, 15)) as uow:
        people.verify_evidence(uow, ref, version=version)


def enrol(stage: Stage, house: House, season: Season, seats: int) -> None:
    """Regular care of the running quarter: applied, counselled, approved, begun."""
    span, taken = season.running, 0
    before = (span.first - stage.today).days
    for parent in house.families:
        for child in parent.children:
            if taken == seats:
                return
            # Evidence counts for the year of the application (KB-17), so no year may end in between.
            proven = (
                stage.rng.random() < 0.4 and stage.at(before - 7, 10).year == stage.at(before - 6, 9).year
            )
            ground = Ground.DUAL_INCOME if proven else stage.rng.choice((Ground.LOW_GRADE, Ground.OTHER))
            outcome = apply(
                stage, house, parent, child, before - 7, 10,
                kind=BookingKind.REGULAR,
                span=span,
                weekday_times=week_of(stage, season.current),
                ground=ground.value,
            )  # fmt: skip
            if outcome is not None and outcome.state is BookingState.APPLIED and outcome.ref:
                if proven:
                    prove_work(stage, house, parent, child, before - 6)
                _begin(stage, house, child, outcome.ref, before)
                taken += 1


def _begin(stage: Stage, house: House, child: str, ref: str, first: int) -> None:
    with stage.act(house.director, stage.at(first - 5, 14)) as uow:
        booking.record_counselling(uow, ref, uow.today - timedelta(days=1))
        booking.approve(uow, ref)
    with stage.act(house.teacher, stage.at(max(first - 2, first), 13)) as uow:
        card = Card(child, house.centre.ref, "14:00", "18:00", going_home="보호자와 함께")
        booking.save_care_card(uow, card)
        booking.start_use(uow, ref)


def week_of(stage: Stage, quarter: QuarterRow) -> dict[str, TimeSpan]:
    """Three or five school days at the same hours."""
    days = stage.rng.sample(SCHOOL_WEEK, stage.rng.choice((3, 5, 5, 5)))
    opening = {key: quarter.plan.hours.at(key) for key in SCHOOL_WEEK if key in days}
    hours = afternoon(stage, next(span for span in opening.values() if span))
    return {key: hours for key, span in opening.items() if span}


def ask_regular(stage: Stage, house: House, season: Season, wanted: int) -> list[Outcome]:
    """Applications for regular care that nobody has decided yet."""
    found: list[Outcome] = []
    for parent, child in _free_children(house):
        if len(found) == wanted:
            break
        outcome = apply(
            stage, house, parent, child, -1, 11,
            kind=BookingKind.REGULAR,
            span=season.pending,
            weekday_times=week_of(stage, season.current),
            ground=Ground.LOW_GRADE.value,
            other_service=stage.rng.choice(("", "", "아이돌봄서비스")),
        )  # fmt: skip
        if outcome is not None and outcome.ref:
            found.append(outcome)
    return found


def _free_children(house: House) -> list[tuple[Parent, str]]:
    """Every child, the last families first: they have no regular care."""
    return [(parent, child) for parent in reversed(house.families) for child in parent.children]


def past_visits(stage: Stage, house: House, visits: int) -> None:
    """Temporary care of the last two weeks: used, refused, withdrawn, cancelled; then each day is closed."""
    fates: tuple[Callable[[Stage, House, Parent, str, int], None], ...] = (
        _approve, _approve, _approve, _approve, _disapprove, _withdraw, _cancel, _forget,
    )  # fmt: skip
    first = stage.today - timedelta(days=BACK)
    with stage.act(when=stage.at(-BACK, 9)) as uow:
        days = open_days(uow, house.centre, first, stage.today - timedelta(days=1))
    people_here = _free_children(house)
    for number in range(visits if days else 0):
        day, opening = days[number % len(days)]
        parent, child = people_here[number % len(people_here)]
        offset = (day - stage.today).days
        outcome = apply(stage, house, parent, child, offset - 2, 12, kind=BookingKind.TEMPORARY,
                        wishes=(Wish(day, afternoon(stage, opening)),), reason="보호자 일정")  # fmt: skip
        if outcome is not None and outcome.ref and outcome.state is BookingState.APPLIED:
            fates[number % len(fates)](stage, house, parent, outcome.ref, offset)
    for day, opening in days:
        offset = (day - stage.today).days
        with stage.act(when=stage.at(offset, 0) + timedelta(minutes=opening.end + 40)) as uow:
            booking.close_day(uow, house.centre.id, day)
        with stage.act(when=stage.at(offset + 1, 0, 10)) as uow:
            booking.expire_undecided(uow, house.centre.id)


def _approve(stage: Stage, house: House, parent: Parent, ref: str, offset: int) -> None:
    with stage.act(house.director, stage.at(offset - 1, 10)) as uow:
        booking.approve(uow, ref)


def _disapprove(stage: Stage, house: House, parent: Parent, ref: str, offset: int) -> None:
    with stage.act(house.director, stage.at(offset - 1, 10)) as uow:
        booking.disapprove(uow, ref, stage.rng.choice(REFUSALS))


def _withdraw(stage: Stage, house: House, parent: Parent, ref: str, offset: int) -> None:
    with stage.act(parent.actor, stage.at(offset - 1, 8)) as uow:
        booking.withdraw_booking(uow, ref)


def _cancel(stage: Stage, house: House, parent: Parent, ref: str, offset: int) -> None:
    _approve(stage, house, parent, ref, offset)
    with stage.act(house.director, stage.at(offset, 9)) as uow:
        booking.cancel_booking(uow, ref, uow.today, "보호자가 전화로 이용취소를 요청함")


def _forget(stage: Stage, house: House, parent: Parent, ref: str, offset: int) -> None:
    """Nobody decides: it expires."""


def coming_visits(stage: Stage, house: House, visits: int) -> None:
    """Temporary care of the next two weeks: half of it approved, half still in the queue."""
    with stage.act() as uow:
        days = open_days(
            uow, house.centre, stage.today + timedelta(days=1), stage.today + timedelta(days=AHEAD - 1)
        )
    people_here = _free_children(house)
    for number in range(visits if days else 0):
        day, opening = days[number * 2 % len(days)]
        parent, child = people_here[number % len(people_here)]
        outcome = apply(stage, house, parent, child, -1, 9 + number % 10, kind=BookingKind.TEMPORARY,
                        wishes=(Wish(day, afternoon(stage, opening)),), reason="보호자 근무")  # fmt: skip
        if outcome is not None and outcome.ref and outcome.state is BookingState.APPLIED and number % 2:
            with stage.act(house.director) as uow:
                booking.approve(uow, outcome.ref)


def is_hub(house: House) -> bool:
    return house.centre.kind is CentreKind.HUB
