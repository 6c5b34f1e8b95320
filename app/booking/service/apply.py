"""An application: seated, put on the waiting list, or refused (KB-01 … KB-14, KC-06, KC-07, KW-01 … KW-04)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from app.booking import actions
from app.booking.facts import Elder, booking_numbers
from app.booking.models import Booking, WaitlistEntry
from app.booking.place import Place, enter_for_one, place_of, seat, survey
from app.booking.rules.capacity import NO_SEAT
from app.booking.rules.priority import Ground
from app.booking.rules.request import UsageDays, check_channel
from app.booking.rules.states import BookingKind, BookingState, WaitState
from app.booking.seats import hold_last
from app.booking.service.case import Case, tell
from app.booking.service.contest import Contest, Scene, is_full, line_on, scene
from app.booking.service.judge import Judged, judge_regular, judge_single
from app.booking.times import SINGLE, when_text, write_times
from app.booking.waits import UNRANKED, rule_entry
from app.centres.known import KnownCentre, is_still
from app.kernel import audit, submission
from app.kernel.actor import Role
from app.kernel.columns import new_ref
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.kernel.last_writes import new_rows
from app.kernel.ranges import DateSpan, TimeSpan
from app.people.models import Child, Guardian, GuardianChild
from app.people.phones import BAD_PHONE
from app.people.queries import SEEN, SeenChild, children_in_reach
from app.people.rules import Channel, HealthKind
from app.people.service.children import know_child
from app.people.service.health import add_health_note
from app.tenancy.models import Tenant

NO_DATE = Problem(
    "booking.no_date", N_("이용할 날짜와 시간을 하나 이상 골라 주세요."), rule="KB-07", field="days"
)
TOO_MANY_DATES = Problem(
    "booking.too_many_dates",
    N_("한 번에 {most}일까지 신청할 수 있어요. 나누어 신청해 주세요."),
    rule="KB-07",
    field="days",
)
NO_PHONE = Problem(
    "booking.no_phone", N_("연락받을 전화번호를 적어 주세요."), rule="KB-48", field="contact_phone"
)
CENTRE_INACTIVE = Problem(
    "booking.centre_inactive",
    N_("지금은 예약을 받지 않는 센터예요. 다른 센터를 찾아 주세요."),
    field="centre",
)
UNKNOWN_GROUND = Problem(
    "booking.unknown_ground", N_("우선순위 사유를 목록에서 골라 주세요."), rule="KB-37", field="ground"
)
MOST_DATES = 31


@dataclass(frozen=True, slots=True)
class Wish:
    """One date of temporary or sick-child care."""

    day: date
    hours: TimeSpan


@dataclass(frozen=True, slots=True)
class Application:
    """What a guardian asks for, or staff enter for one.

    REGULAR: ``span`` and ``weekday_times`` (``mon`` … ``sun``). TEMPORARY and SICK: ``wishes``.
    ``guardian`` is a ref and only for staff; a guardian applies for themselves. ``disease_class`` is 1–4 for a
    notifiable disease. The ``illness`` of sick-child care becomes a health note of the child (KB-47), nothing else.
    """

    request_id: str
    centre: str
    child: str
    kind: BookingKind
    contact_phone: str
    channel: Channel = Channel.ONLINE
    guardian: str | None = None
    span: DateSpan | None = None
    weekday_times: dict[str, TimeSpan] = field(default_factory=dict)
    wishes: tuple[Wish, ...] = ()
    ground: str = Ground.OTHER.value
    reason: str = ""
    illness: str = ""
    disease_class: int | None = None
    other_service: str = ""
    may_wait: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one booking of the submission; ``ref`` and ``state`` are None when it was refused.

    ``problems`` hold the refusal, or the notice that a period was cut at the quarter's end (KB-06).
    """

    day: date
    ref: str | None
    state: BookingState | None
    position: int | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    batch: str
    outcomes: tuple[Outcome, ...]


@dataclass(slots=True)
class Desk:
    """The application with the people and the place it concerns."""

    command: Application
    place: Place
    child: SeenChild
    guardian_id: int
    code: str
    batch: str
    made: list[tuple[Booking, UsageDays]] = field(default_factory=list)


def apply_booking(uow: UnitOfWork, command: Application) -> Applied:
    """Seat, queue or refuse every date by itself (KB-07); RuleBroken when nothing at all could be taken.

    Everything the gate does not guard is read before it. The rows are written when the unit ends (``uow.last``).
    The page that answers a second press is told with ``submission.answered_at`` by whoever knows its address.
    """
    uow.last.gathering = True
    submission.submit_once(uow, command.request_id)
    seen, desk = _come_to_desk(uow, command)
    _refuse_at_the_door(uow, seen, desk)
    know_child(uow, desk.child.id, seen.centre.id)
    desk.place = enter_for_one(uow, seen, desk.child.id)
    if not desk.place.centre.active:
        raise RuleBroken(CENTRE_INACTIVE)
    outcomes = _decide(uow, desk)
    if not desk.made:
        raise _nothing_taken(outcomes)
    if command.kind is BookingKind.SICK:
        add_health_note(uow, command.child, HealthKind.DISEASE, command.illness)
    _write(uow, desk)
    _confirm(uow, desk)
    return Applied(desk.batch, tuple(outcomes))


def _come_to_desk(uow: UnitOfWork, command: Application) -> tuple[KnownCentre, Desk]:
    """Everything the gate does not guard."""
    seen = survey(uow, command.centre)
    centre = seen.centre
    actions.APPLY.check(uow.actor, centre.id, centre.district_id)
    child, guardian_id, code = _family(uow, command)
    _check_form(uow, command)
    return seen, Desk(command, place_of(uow, centre), child, guardian_id, code, new_ref())


def _refuse_at_the_door(uow: UnitOfWork, seen: KnownCentre, desk: Desk) -> None:
    """Where the list is full nearly everybody is refused: they need not keep others waiting at the gate for that.

    It must be an answer the gate could have given: so it counts only if the list and the place stood still while the
    seats were counted. Whoever might be taken goes on to the gate.
    """
    kind, days = desk.command.kind, [wish.day for wish in desk.command.wishes]
    if not seen.centre.active or not is_full(desk.place, kind, line := line_on(uow, desk.place, kind, days)):
        return
    trial = replace(desk, made=[])
    outcomes = _decide(uow, trial)
    stood_still = line_on(uow, desk.place, kind, days) == line and is_still(uow, seen)
    if stood_still and not trial.made:
        raise _nothing_taken(outcomes)


def _decide(uow: UnitOfWork, desk: Desk) -> list[Outcome]:
    """What becomes of each date, and in ``desk.made`` what is to be written."""
    judged = _judge(uow, desk)
    possible = [one for one in judged if not one.problems]
    wanted = [(one.span, one.days) for one in possible]
    around = scene(uow, desk.place, desk.command.kind, wanted) if possible else None
    return [_settle(uow, desk, around, one) if around else _refused(one) for one in judged]


def _nothing_taken(outcomes: Sequence[Outcome]) -> RuleBroken:
    return RuleBroken([problem for outcome in outcomes for problem in outcome.problems])


def _family(uow: UnitOfWork, command: Application) -> tuple[SeenChild, int, str]:
    """The child, who asks (the signed-in guardian, or the one of its guardians that staff named), the city's code."""
    if uow.actor.role is Role.GUARDIAN:
        own = {"tenant": uow.tenant.slug, "child": command.child, "guardian": uow.actor.guardian_id or 0}
        row = uow.rows(_OWN_FAMILY, **own).first()
    else:
        named = _FAMILY.where(children_in_reach(uow), Guardian.ref == (command.guardian or ""))
        row = uow.session.execute(named, {"tenant": uow.tenant.slug, "child": command.child}).first()
    if row is None:
        raise NotFound("child")
    return row, row.guardian_id, row.code


_FAMILY = (
    select(*SEEN, Guardian.id.label("guardian_id"), Tenant.code)
    .join(GuardianChild, GuardianChild.child_id == Child.id)
    .join(Guardian, Guardian.id == GuardianChild.guardian_id)
    .join(Tenant, Tenant.slug == bindparam("tenant"))
    .where(Child.ref == bindparam("child"))
)
_OWN_FAMILY = _FAMILY.where(Guardian.id == bindparam("guardian"))


def _judge(uow: UnitOfWork, desk: Desk) -> list[Judged]:
    command = desk.command
    if command.kind is BookingKind.REGULAR:
        return [judge_regular(uow, desk.place, desk.child, command.span, command.weekday_times)]
    return judge_single(
        uow,
        desk.place,
        desk.child,
        command.kind,
        [(wish.day, wish.hours) for wish in sorted(command.wishes, key=lambda w: (w.day, w.hours))],
        illness=command.illness,
        disease_class=command.disease_class,
    )


def _check_form(uow: UnitOfWork, command: Application) -> None:
    found = [problem] if (problem := check_channel(command.channel, uow.actor.role.value)) else []
    if refused := contact_problem(command.contact_phone):
        found.append(refused)
    if command.ground not in set(Ground):
        found.append(UNKNOWN_GROUND)
    if command.kind is not BookingKind.REGULAR and not command.wishes:
        found.append(NO_DATE)
    if len(command.wishes) > MOST_DATES:
        found.append(TOO_MANY_DATES.of(most=MOST_DATES))
    if found:
        raise RuleBroken(found)


def contact_problem(phone: str) -> Problem | None:
    """The number must come as stored digits; whoever reads the form turns what was typed into them (KB-48)."""
    if not phone:
        return NO_PHONE
    stored = phone.isascii() and phone.isdigit() and 8 <= len(phone) <= 12
    return None if stored else BAD_PHONE.of(field="contact_phone")


def _refused(judged: Judged) -> Outcome:
    return Outcome(judged.span.first, None, None, None, judged.problems)


def _settle(uow: UnitOfWork, desk: Desk, around: Scene, judged: Judged) -> Outcome:
    """Seat it, queue it, or say why not."""
    if judged.problems:
        return _refused(judged)
    booking = _draft(uow, desk, judged)
    asked = around.contest(rule_entry(booking, desk.child, UNRANKED, judged.days), judged.span)
    if judged.walk_in and _by_staff(uow):
        # A child who is already there is recorded, over the limit if need be (KB-09, GC-19).
        booking.over_limit = not asked.free
    elif asked.must_wait:
        return _queue(uow, desk, booking, judged, asked)
    return _seat(desk, around, booking, judged)


def _draft(uow: UnitOfWork, desk: Desk, judged: Judged) -> Booking:
    command = desk.command
    times = command.weekday_times or {SINGLE: judged.days[0][1]}
    return Booking(
        ref=new_ref(),
        number="",
        batch=desk.batch,
        centre_id=desk.place.centre.id,
        child_id=desk.child.id,
        guardian_id=desk.guardian_id,
        quarter_id=judged.quarter_id,
        kind=command.kind,
        channel=command.channel,
        starts_on=judged.span.first,
        ends_on=judged.span.last,
        times=write_times(times),
        state=BookingState.APPLIED,
        applied_at=uow.now,
        contact_phone=command.contact_phone,
        ground=command.ground,
        reason=command.reason.strip(),
        other_service=command.other_service.strip(),
        walk_in=judged.walk_in,
        over_limit=False,
        sibling_booking_id=_elder_id(judged.elder),
        created_at=uow.now,
        created_by=uow.actor.user_id,
        version=1,
    )


def _elder_id(elder: Elder | None) -> int | None:
    return elder.booking_id if elder else None


def _by_staff(uow: UnitOfWork) -> bool:
    return uow.actor.role is not Role.GUARDIAN


def _seat(desk: Desk, around: Scene, booking: Booking, judged: Judged) -> Outcome:
    desk.made.append((booking, judged.days))
    seat(around.loads, desk.command.kind, judged.span, judged.days)  # the next date of this form counts it
    notice = (judged.notice,) if judged.notice else ()
    return Outcome(judged.span.first, booking.ref, BookingState.APPLIED, None, notice)


def _queue(uow: UnitOfWork, desk: Desk, booking: Booking, judged: Judged, asked: Contest) -> Outcome:
    """KW-01, where the guardian wants to wait and the list has room."""
    refused = asked.list_problem() if desk.command.may_wait else NO_SEAT
    if refused:
        return Outcome(judged.span.first, None, None, None, (refused,))
    place_in_line = asked.position(uow, booking, desk.child.grade)
    booking.state = BookingState.WAITING
    desk.made.append((booking, []))
    notice = (judged.notice,) if judged.notice else ()
    return Outcome(judged.span.first, booking.ref, BookingState.WAITING, place_in_line, notice)


def _write(uow: UnitOfWork, desk: Desk) -> None:
    """The numbers come as late as can be: every centre of the municipality draws them from one counter."""
    numbers = booking_numbers(uow, desk.code, len(desk.made))
    bookings = [booking for booking, _ in desk.made]
    for booking, number in zip(bookings, numbers, strict=True):
        booking.number = number
    statement, values = new_rows(Booking, [_columns_of(booking) for booking in bookings])
    ids = {row.ref: row.id for row in uow.rows(statement, **values)}
    for booking in bookings:
        booking.id = ids[booking.ref]
    for booking, days in desk.made:
        if booking.state is BookingState.WAITING:
            _wait(uow, booking)
        else:
            hold_last(uow, booking, days)
        audit.record(
            uow,
            "booking.apply",
            "booking",
            booking.id,
            to_state=str(booking.state),
            diff={"channel": [None, str(booking.channel)], "over_limit": [None, booking.over_limit]},
        )


def _columns_of(booking: Booking) -> dict[str, Any]:
    """What was said of a row that is not in the session."""
    return {name: value for name, value in vars(booking).items() if not name.startswith("_")}


def _wait(uow: UnitOfWork, booking: Booking) -> None:
    uow.last.add(
        WaitlistEntry,
        booking_id=booking.id,
        centre_id=booking.centre_id,
        kind=booking.kind,
        quarter_id=booking.quarter_id,
        day=None if booking.kind is BookingKind.REGULAR else booking.starts_on,
        state=WaitState.WAITING,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )


def _confirm(uow: UnitOfWork, desk: Desk) -> None:
    """One message for the whole submission; it answers what the family did this minute, so no quiet hours."""
    lines = [f"{when_text(row)} ({BookingState(row.state).label})" for row, _ in desk.made]
    case = Case(desk.place, desk.made[0][0], None, desk.child)
    tell(uow, case, "booking.applied", urgent=True, summary="\n".join(lines))
