"""Reserving beds for one to three brothers and sisters at once: all of it or nothing (AD-05 – AD-11, AD-34)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import select

from app.daycare import actions, beds
from app.daycare.accepted import confirmed_of
from app.daycare.family import Family, Member, family_for
from app.daycare.gate import enter_gate
from app.daycare.messages import NEW_REQUEST, REQUESTED
from app.daycare.models import DaycareBooking
from app.daycare.policy import policy_at
from app.daycare.queries.place import DaycareRow, daycare_by_ref, plan_of
from app.daycare.rules.application import MOST_CHILDREN
from app.daycare.rules.capacity import Group, Load, Occupant, full_spans, nearest, place, refusal
from app.daycare.rules.days import operating_day, operating_span
from app.daycare.rules.eligibility import small_until
from app.daycare.rules.request import Wish, check_wish, touches_night
from app.daycare.rules.states import BookingState, Channel
from app.daycare.rules.tariff import Fee, Terms
from app.daycare.rules.tariff import quote as quote_fee
from app.daycare.service.case import Case, tell, tell_director
from app.daycare.service.judging import (
    Scene,
    busy_times,
    check_busy,
    check_family,
    check_place,
    judge,
    let_pass,
)
from app.daycare.service.settling import confirm_at_once
from app.daycare.times import stay_text
from app.kernel import audit, submission
from app.kernel.actor import Role
from app.kernel.calendar import reception_number
from app.kernel.columns import new_ref
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken
from app.kernel.numbering import next_number
from app.kernel.ranges import DateSpan, Period
from app.people.phones import clean_phone
from app.tenancy.models import Tenant
from app.tenancy.queries import holidays

NO_CHILD = Problem("daycare.no_child", N_("이용할 아이를 골라 주세요."), rule="AD-18", field="children")
TOO_MANY = Problem(
    "daycare.too_many_at_once",
    N_("한 번에 아이 {most}명까지 예약할 수 있어요."),
    rule="AD-18",
    field="children",
)
WRONG_CHANNEL = Problem(
    "daycare.wrong_channel",
    N_("전화·방문 예약은 어린이집이 입력해요. 접수 경로를 다시 골라 주세요."),
    rule="AD-07",
    field="channel",
)


@dataclass(frozen=True, slots=True)
class BookingOrder:
    """What is asked for. ``children``: 1–3 refs of one guardian; ``guardian``: a ref, only for staff.

    ``reasons``: code of a soft problem → why the director lets it pass.
    """

    request_id: str
    daycare: str
    children: tuple[str, ...]
    wish: Wish
    contact_phone: str
    channel: Channel = Channel.ONLINE
    guardian: str | None = None
    purpose: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One child's share: its stays, billed hours (``government_hours`` of them the state's), the parent's won."""

    child_ref: str
    child: str
    stays: tuple[Period, ...]
    hours: int
    government_hours: int
    amount: int
    class_name: str


@dataclass(frozen=True, slots=True)
class Quote:
    """``full`` and ``alternatives`` when beds are missing; ``problems`` hold everything, soft ones too."""

    children: tuple[QuoteLine, ...]
    amount: int
    problems: tuple[Problem, ...]
    full: tuple[Period, ...] = ()
    alternatives: tuple[Wish, ...] = ()


@dataclass(frozen=True, slots=True)
class Booked:
    ref: str
    number: str
    child_ref: str
    state: BookingState
    quoted: int


class Full(RuleBroken):
    """No bed for the whole wish: the full hours, and the nearest wishes that fit (AD-34)."""

    def __init__(self, problem: Problem, full: Sequence[Period], alternatives: Sequence[Wish]) -> None:
        self.full, self.alternatives = tuple(full), tuple(alternatives)
        super().__init__(problem)


NEAR_DAYS = timedelta(days=3)
Placed = list[tuple[Member, list[tuple[Period, Group]]]]


def book(uow: UnitOfWork, order: BookingOrder) -> list[Booked]:
    """Every child a booking of its own, all sharing a batch. Raises RuleBroken, ``Full``, AlreadySubmitted.

    A guardian's request waits for the director; what the director enters is confirmed at once.
    """
    submission.submit_once(uow, order.request_id)
    daycare, family = _come(uow, order)
    phone = clean_phone(order.contact_phone, field="contact_phone")
    decides = uow.actor.role is Role.DAYCARE_DIRECTOR
    # Nobody waits at the gate for somebody who is refused anyway: one reading of the beds is a picture of one moment.
    seen = scene_for(uow, daycare, order.wish)
    let_pass(judge(uow, seen, family, order.wish), order.reasons, may_decide=decides)
    _place_all(uow, seen, family, order.wish)
    daycare = enter_gate(uow, daycare.id, [member.child.id for member in family.members])
    scene = scene_for(uow, daycare, order.wish)
    passed = let_pass(judge(uow, scene, family, order.wish), order.reasons, may_decide=decides)
    if clash := check_busy(uow, family, order.wish.stays()):
        raise RuleBroken(clash)
    placed = _place_all(uow, scene, family, order.wish)
    batch = new_ref()
    cases = [
        _write(uow, scene, family, order, member, stays, batch=batch, contact_phone=phone, overrides=passed)
        for member, stays in placed
    ]
    for case in cases:
        if decides:
            confirm_at_once(uow, case)
        else:
            tell(uow, case, REQUESTED)
    if not decides:
        tell_director(uow, daycare, NEW_REQUEST, {"when": stay_text(order.wish.stays()[0])})
    return [Booked(c.booking.ref, c.booking.number, c.child.ref, c.state, c.booking.quoted) for c in cases]


def quote(uow: UnitOfWork, order: BookingOrder) -> Quote:
    """What it would cost and whether it would be taken. Nothing is locked or written."""
    daycare, family = _come(uow, order)
    scene = scene_for(uow, daycare, order.wish)
    problems = judge(uow, scene, family, order.wish)
    if any(not problem.soft for problem in problems):
        return Quote((), 0, tuple(problems))
    problems += check_busy(uow, family, order.wish.stays())
    try:
        placed = _place_all(uow, scene, family, order.wish)
    except Full as refused:
        return Quote((), 0, (*problems, *refused.problems), refused.full, refused.alternatives)
    lines = [_line(uow, scene, family, member, stays) for member, stays in placed]
    return Quote(tuple(lines), sum(line.amount for line in lines), tuple(problems))


def scene_for(uow: UnitOfWork, daycare: DaycareRow, wish: Wish) -> Scene:
    """The terms are those of the first day (GC-20)."""
    first, last = sorted((wish.first_day, wish.last_day))
    policy = policy_at(uow, daycare.place, first)
    last = min(last, first + timedelta(days=2 * policy.max_days))  # a longer wish is refused anyway
    return Scene(daycare, plan_of(uow, daycare, DateSpan(first, last)), policy)


def place_stays(
    uow: UnitOfWork,
    scene: Scene,
    newcomers: Sequence[tuple[Member, Family]],
    wish: Wish,
    *,
    without: Sequence[int] = (),
) -> Placed:
    """Each stay of each child into the first class that fits it whole. Raises ``Full``."""
    stays = wish.stays()
    over = Period(stays[0].start, stays[-1].end)
    loads = beds.loads(uow, scene.plan, over, scene.policy, without=without)
    placed, full, opens = _try(loads, newcomers, stays)
    if full or not opens:
        alternatives = _alternatives(uow, scene, newcomers, wish, without)
        raise Full(refusal(full, opens), full_spans(full), alternatives)
    return placed


def _come(uow: UnitOfWork, order: BookingOrder) -> tuple[DaycareRow, Family]:
    """What needs no lock: the place, who asks, the shape of the form."""
    daycare = daycare_by_ref(uow, order.daycare)
    actions.BOOK.check(uow.actor, daycare.id)
    found = []
    if not order.children:
        found.append(NO_CHILD)
    if len(set(order.children)) > MOST_CHILDREN:
        found.append(TOO_MANY.of(most=MOST_CHILDREN))
    if (uow.actor.role is Role.GUARDIAN) != (order.channel is Channel.ONLINE):
        found.append(WRONG_CHANNEL)
    if found:
        raise RuleBroken(found)
    children = list(dict.fromkeys(order.children))
    return daycare, family_for(uow, daycare.id, children, order.guardian)


def _place_all(uow: UnitOfWork, scene: Scene, family: Family, wish: Wish) -> Placed:
    return place_stays(uow, scene, [(member, family) for member in family.members], wish)


def _try(
    loads: Sequence[Load], newcomers: Sequence[tuple[Member, Family]], stays: Sequence[Period]
) -> tuple[Placed, list[int], bool]:
    """Placements, full half hours, and whether any class is open. The loads count whoever is placed."""
    placed: Placed = []
    full: list[int] = []
    opens = bool(loads)
    for member, family in newcomers:
        until = small_until(member.facts(family.guardian, family.checks))
        mine = []
        for stay in stays:
            answer = place(loads, Occupant(stay, until))
            if answer.group is None:
                full += answer.full
                opens = opens and answer.opens
            else:
                mine.append((stay, answer.group))
        placed.append((member, mine))
    return placed, full, opens


def _alternatives(
    uow: UnitOfWork,
    scene: Scene,
    newcomers: Sequence[tuple[Member, Family]],
    wish: Wish,
    without: Sequence[int],
) -> list[Wish]:
    """The nearest wishes that would be taken: rules, beds, insurance, designation, restrictions and the children's
    own time. One wide reading of beds and times serves them all; a day is judged once."""
    span = DateSpan(wish.first_day - NEAR_DAYS, wish.last_day + NEAR_DAYS)
    plan = plan_of(uow, scene.daycare, span)
    calendar = holidays(uow)
    whole = Period(operating_span(span.first).start, operating_span(span.last).end)
    held = beds.occupants(uow, [scene.daycare.id], whole, without=without)[scene.daycare.id]
    family = newcomers[0][1]
    busy = busy_times(uow, [member.child.id for member, _ in newcomers], whole, without=without)

    @cache
    def may_be_booked(day: date) -> bool:
        days = DateSpan(day, day)
        against = [*check_place(uow, scene.daycare, days), *check_family(uow, scene, family, days)]
        return all(problem.soft for problem in against)

    def fits(candidate: Wish) -> bool:
        found = check_wish(candidate, uow.now, scene.policy, opening_of=plan.opening_of, calendar=calendar)
        if found:
            return False
        stays = candidate.stays()
        if any(stay.overlaps(one.period) for stay in stays for one in busy):
            return False
        over = Period(stays[0].start, stays[-1].end)
        loads = [Load(group, held.get(group.id, ()), over, scene.policy) for group in plan.groups]
        _, full, opens = _try(loads, newcomers, stays)
        return opens and not full and all(may_be_booked(day) for day in candidate.span)

    return nearest(wish, fits)


def _line(
    uow: UnitOfWork, scene: Scene, family: Family, member: Member, stays: list[tuple[Period, Group]]
) -> QuoteLine:
    fee = _fee(uow, scene, family, member, [stay for stay, _ in stays])
    classes = dict.fromkeys(group.name for _, group in stays)
    return QuoteLine(
        member.child.ref,
        member.child.name,
        tuple(stay for stay, _ in stays),
        fee.hours,
        fee.government_hours,
        fee.amount,
        ", ".join(classes),
    )


def _terms(uow: UnitOfWork, scene: Scene, family: Family, member: Member) -> Terms:
    """Of what the director has accepted, whatever the family says since (AD-15)."""
    child_id = member.child.id
    accepted = confirmed_of(uow, scene.daycare.id, family.guardian.id, [child_id])[child_id]
    return Terms(scene.policy.fee_hour, accepted.qualification, accepted.free_category)


def _fee(uow: UnitOfWork, scene: Scene, family: Family, member: Member, stays: Sequence[Period]) -> Fee:
    return quote_fee(stays, _terms(uow, scene, family, member), scene.policy, holidays(uow))


def _write(
    uow: UnitOfWork,
    scene: Scene,
    family: Family,
    order: BookingOrder,
    member: Member,
    stays: list[tuple[Period, Group]],
    **shared: Any,
) -> Case:
    booking = _draft(uow, scene, family, order, member, [stay for stay, _ in stays])
    for name, value in shared.items():
        setattr(booking, name, value)
    uow.session.add(booking)
    uow.session.flush()
    until = small_until(member.facts(family.guardian, family.checks))
    rows = [beds.new_stay(booking, group.id, operating_day(stay.start), stay, until) for stay, group in stays]
    beds.take_beds(uow, rows)
    audit.record(
        uow,
        "daycare.booked",
        "daycare_booking",
        booking.id,
        to_state=BookingState.REQUESTED,
        diff={"channel": [None, order.channel.value], "stays": [None, len(rows)]},
    )
    return Case(scene.daycare, booking, rows, member.child, scene.policy)


def _draft(
    uow: UnitOfWork,
    scene: Scene,
    family: Family,
    order: BookingOrder,
    member: Member,
    stays: Sequence[Period],
) -> DaycareBooking:
    terms = _terms(uow, scene, family, member)
    return DaycareBooking(
        number=new_number(uow),
        daycare_id=scene.daycare.id,
        application_id=family.application_id,
        child_id=member.child.id,
        guardian_id=family.guardian.id,
        first_day=order.wish.first_day,
        last_day=order.wish.last_day,
        channel=order.channel,
        received_at=uow.now,
        touches_night=any(touches_night(stay, scene.policy) for stay in stays),
        purpose=order.purpose.strip()[:200],
        state=BookingState.REQUESTED,
        fee_hour=terms.fee_hour,
        free_category=terms.free_category,
        quoted=_fee(uow, scene, family, member, stays).amount,
        created_at=uow.now,
        created_by=uow.actor.user_id,
        version=1,
    )


def new_number(uow: UnitOfWork) -> str:
    """2026-23-0001 (GC-17): whoever takes one makes the others wait, so ask for it late."""
    code = uow.session.scalar(select(Tenant.code).where(Tenant.slug == uow.tenant.slug)) or "00"
    year = uow.today.year
    return reception_number(year, code, next_number(uow, "daycare_booking", "DAYCARE", year))
