"""An application: seated, put on the waiting list, or refused (KB-01 … KB-14, KC-06, KC-07, KW-01 … KW-04)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import select

from app.booking import actions
from app.booking.facts import Elder, Rank, next_booking_number, ranks_of
from app.booking.models import Booking, WaitlistEntry
from app.booking.place import Place, enter
from app.booking.rules.capacity import NO_SEAT
from app.booking.rules.priority import Ground
from app.booking.rules.request import check_channel
from app.booking.rules.states import BookingKind, BookingState, WaitState
from app.booking.seats import hold
from app.booking.service.case import Case, tell
from app.booking.service.contest import Contest, contest
from app.booking.service.judge import Judged, judge_regular, judge_single
from app.booking.times import SINGLE, when_text, write_times
from app.booking.waits import rule_entry
from app.centres import queries as centres
from app.kernel import audit, submission
from app.kernel.actor import Role
from app.kernel.columns import new_ref
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.kernel.ranges import DateSpan, TimeSpan
from app.people.models import Child, Guardian, GuardianChild
from app.people.phones import BAD_PHONE
from app.people.queries import child_for
from app.people.rules import Channel, HealthKind
from app.people.service.children import know_child
from app.people.service.health import add_health_note

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
UNRANKED = Rank(0, None, Ground.OTHER, verified=False)
"""A seat that is free is given without asking for the rank; who has to wait gets one."""


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
    """The application with the people and the place it concerns, behind the gate."""

    command: Application
    place: Place
    child: Child
    guardian: Guardian
    batch: str
    made: list[Booking] = field(default_factory=list)


def apply_booking(uow: UnitOfWork, command: Application) -> Applied:
    """Seat, queue or refuse every date by itself (KB-07); RuleBroken when nothing at all could be taken.

    The page that answers a second press is told with ``submission.answered_at`` by whoever knows its address.
    """
    submission.submit_once(uow, command.request_id)
    desk = _come_to_desk(uow, command)
    _check_form(uow, desk)
    if command.kind is BookingKind.REGULAR:
        judged = [judge_regular(uow, desk.place, desk.child, command.span, command.weekday_times)]
    else:
        judged = judge_single(
            uow,
            desk.place,
            desk.child,
            command.kind,
            [(wish.day, wish.hours) for wish in sorted(command.wishes, key=lambda w: (w.day, w.hours))],
            illness=command.illness,
            disease_class=command.disease_class,
        )
    outcomes = [_settle(uow, desk, one) for one in judged]
    if not desk.made:
        raise RuleBroken([problem for outcome in outcomes for problem in outcome.problems])
    know_child(uow, desk.child.id, desk.place.centre.id)
    if command.kind is BookingKind.SICK:
        add_health_note(uow, command.child, HealthKind.DISEASE, command.illness)
    _confirm(uow, desk)
    return Applied(desk.batch, tuple(outcomes))


def _come_to_desk(uow: UnitOfWork, command: Application) -> Desk:
    centre = centres.centre_by_ref(uow, command.centre)
    actions.APPLY.check(uow.actor, centre.id, centre.district_id)
    child = child_for(uow, command.child)
    guardian = _guardian(uow, command, child)
    if not centre.active:
        raise RuleBroken(CENTRE_INACTIVE)
    place = enter(uow, centre.id, children={child.id})
    return Desk(command, place, child, guardian, new_ref())


def _guardian(uow: UnitOfWork, command: Application, child: Child) -> Guardian:
    """The one who asks: the signed-in guardian, or the child's guardian that staff named."""
    mine = uow.actor.role is Role.GUARDIAN
    wanted = Guardian.id == uow.actor.guardian_id if mine else Guardian.ref == (command.guardian or "")
    row = uow.session.scalars(
        select(Guardian)
        .join(GuardianChild, GuardianChild.guardian_id == Guardian.id)
        .where(GuardianChild.child_id == child.id, wanted)
    ).first()
    if row is None:
        raise NotFound("guardian")
    return row


def _check_form(uow: UnitOfWork, desk: Desk) -> None:
    command = desk.command
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


def _settle(uow: UnitOfWork, desk: Desk, judged: Judged) -> Outcome:
    """Seat it, queue it, or say why not."""
    if judged.problems:
        return Outcome(judged.span.first, None, None, None, judged.problems)
    booking = _draft(uow, desk, judged)
    asked = contest(uow, desk.place, rule_entry(booking, desk.child, UNRANKED, judged.days), judged.span)
    if judged.walk_in and _by_staff(uow):
        # A child who is already there is recorded, over the limit if need be (KB-09, GC-19).
        booking.over_limit = not asked.free
    elif asked.must_wait:
        return _queue(uow, desk, booking, judged, asked)
    return _seat(uow, desk, booking, judged)


def _draft(uow: UnitOfWork, desk: Desk, judged: Judged) -> Booking:
    command = desk.command
    times = command.weekday_times or {SINGLE: judged.days[0][1]}
    return Booking(
        ref=new_ref(),
        number="",
        batch=desk.batch,
        centre_id=desk.place.centre.id,
        child_id=desk.child.id,
        guardian_id=desk.guardian.id,
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


def _seat(uow: UnitOfWork, desk: Desk, booking: Booking, judged: Judged) -> Outcome:
    _write(uow, desk, booking)
    hold(uow, booking, judged.days)
    notice = (judged.notice,) if judged.notice else ()
    return Outcome(judged.span.first, booking.ref, BookingState.APPLIED, None, notice)


def _queue(uow: UnitOfWork, desk: Desk, booking: Booking, judged: Judged, asked: Contest) -> Outcome:
    """KW-01, where the guardian wants to wait and the list has room."""
    refused = asked.list_problem() if desk.command.may_wait else NO_SEAT
    if refused:
        return Outcome(judged.span.first, None, None, None, (refused,))
    rank = ranks_of(uow, desk.place, [booking], {desk.child.id: desk.child.grade})[booking.id]
    place_in_line = replace(asked, new=replace(asked.new, rank=rank.number)).position
    booking.state = BookingState.WAITING
    _write(uow, desk, booking)
    uow.session.add(
        WaitlistEntry(
            booking_id=booking.id,
            centre_id=booking.centre_id,
            kind=booking.kind,
            quarter_id=booking.quarter_id,
            day=None if booking.kind is BookingKind.REGULAR else booking.starts_on,
            state=WaitState.WAITING,
            created_at=uow.now,
            created_by=uow.actor.user_id,
            version=1,
        )
    )
    notice = (judged.notice,) if judged.notice else ()
    return Outcome(judged.span.first, booking.ref, BookingState.WAITING, place_in_line, notice)


def _write(uow: UnitOfWork, desk: Desk, booking: Booking) -> None:
    desk.made.append(booking)
    booking.number = next_booking_number(uow)
    uow.session.add(booking)
    uow.session.flush()
    audit.record(
        uow,
        "booking.apply",
        "booking",
        booking.id,
        to_state=str(booking.state),
        diff={"channel": [None, str(booking.channel)], "over_limit": [None, booking.over_limit]},
    )


def _confirm(uow: UnitOfWork, desk: Desk) -> None:
    """One message for the whole submission; it answers what the family did this minute, so no quiet hours."""
    lines = [f"{when_text(row)} ({BookingState(row.state).label})" for row in desk.made]
    case = Case(desk.place, desk.made[0], None, desk.child)
    tell(uow, case, "booking.applied", urgent=True, summary="\n".join(lines))
