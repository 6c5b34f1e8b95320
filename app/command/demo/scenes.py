"""What whoever tries it out meets today: a waiting list, an offer that runs, papers to sign, a capacity request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, select, update

from app.booking import deciding, papers
from app.booking import service as booking
from app.booking.dossiers import dossiers
from app.booking.models import Booking
from app.booking.rules.priority import Ground
from app.booking.rules.states import BookingKind, BookingState
from app.booking.service import Application, Outcome, Wish
from app.centres.rules import SpecialDayKind
from app.centres.service.capacity import Wish as CapacityWish
from app.centres.service.capacity import request_capacity_change
from app.centres.service.facility import FacilityInfo, edit_facility
from app.centres.service.special_days import NewSpecialDay
from app.command.demo.bookings import EMPLOYMENT, PAPER, Season, apply, is_hub, open_days, week_of
from app.command.demo.stage import House, Parent, Stage
from app.documents.service.preparing import prepare_paper
from app.kernel.config import ROOT
from app.kernel.ranges import TimeSpan
from app.kernel.work import Work, WorkState
from app.messaging.models import Message
from app.messaging.rules import MessageState
from app.people import service as people
from app.people.models import Child
from app.people.rules import Channel, ConsentChannel, Relation, Sex
from app.people.service import ChildData, LegalConsent
from app.people.service.evidence import Handed

WAITERS = 3
FAMILY_ANSWERS = (
    "arrival_way", "leaving_way", "consent_homegoing", "consent_outdoor", "consent_firstaid", "consent_photo",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LastHour:
    """An hour of a coming day with one person on duty: there the ratio decides, not the room."""

    day: date
    hours: TimeSpan


def play_scenes(stage: Stage) -> None:
    """Most at the first centre, where the printed logins work."""
    main, hub = stage.houses[0], next((house for house in stage.houses if is_hub(house)), None)
    crowded_hour(stage, main)
    by_telephone(stage, main)
    papers_to_sign(stage, main)
    paper_to_check(stage, main)
    wish_to_cancel(stage, main)
    full_house(stage, stage.houses[-1])
    more_places(stage, stage.houses[1])
    closed_day(stage, stage.houses[1])
    if hub is not None:
        sick_child(stage, hub)
    history_is_sent(stage)


def crowded_hour(stage: Stage, house: House) -> None:
    """Every seat of an hour is taken, the first family waits, a seat comes free and is offered to them."""
    hour = _last_hour(stage, house)
    first, *others = _one_child_each(house)
    seated = []
    for parent, child in others:
        outcome = _ask_hour(stage, house, parent, child, hour)
        if outcome is None or outcome.state is not BookingState.APPLIED:
            break
        seated.append((parent, outcome))
    _ask_hour(stage, house, *first, hour)
    if seated:
        parent, outcome = seated[0]
        with stage.act(parent.actor) as uow:
            booking.withdraw_booking(uow, outcome.ref or "")
    for parent, child in others[len(seated) : len(seated) + WAITERS]:
        _ask_hour(stage, house, parent, child, hour)
    with stage.act(house.director) as uow:
        booking.approve_many(uow, [outcome.ref or "" for _, outcome in seated[1:12]])


def _last_hour(stage: Stage, house: House) -> LastHour:
    with stage.act() as uow:
        days = open_days(uow, house.centre, stage.today + timedelta(days=4), stage.today + timedelta(days=13))
    day, opening = days[0]
    return LastHour(day, TimeSpan(opening.end - 60, opening.end))


def _one_child_each(house: House) -> list[tuple[Parent, str]]:
    """The first family's eldest, then every other child."""
    first, *others = house.families
    return [(first, first.children[0])] + [(parent, child) for parent in others for child in parent.children]


def _ask_hour(stage: Stage, house: House, parent: Parent, child: str, hour: LastHour) -> Outcome | None:
    return apply(stage, house, parent, child, 0, 0, now=True, kind=BookingKind.TEMPORARY,
                 wishes=(Wish(hour.day, hour.hours),), reason="보호자 야근")  # fmt: skip


def by_telephone(stage: Stage, house: House) -> None:
    """A family without an account calls; the teacher enters it, the signed application is still missing (KB-16)."""
    with stage.act(house.teacher) as uow:
        guardian, child = people.register_family(
            uow,
            guardian_name=stage.cast.adult(),
            phone=stage.cast.phone(),
            child=ChildData(
                "한가람", date(stage.today.year - 8, 4, 11), Sex.FEMALE, True, "누리초", 2, "3반"
            ),
            relation=Relation.PARENT,
            consent=LegalConsent(given=True, channel=ConsentChannel.PHONE),
            channel=Channel.PHONE,
        )
        child_ref, guardian_ref, phone = child.ref, guardian.ref, guardian.phone
        days = open_days(uow, house.centre, stage.today + timedelta(days=2), stage.today + timedelta(days=12))
        day, opening = days[0]
        booking.apply_booking(
            uow,
            Application(
                request_id=stage.request_id(),
                centre=house.centre.ref,
                child=child_ref,
                kind=BookingKind.TEMPORARY,
                contact_phone=phone,
                channel=Channel.PHONE,
                guardian=guardian_ref,
                wishes=(Wish(day, TimeSpan(opening.start, opening.start + 120)),),
                reason="전화로 신청",
            ),
        )


def papers_to_sign(stage: Stage, house: House) -> None:
    """서식5 of the first families' children waits for a signature; two notices are on their way to the printer."""
    answers = json.loads((ROOT / "pdf_forms/kium/kium-consent-5/sample.json").read_text("utf-8"))
    own = {name: answers[name] for name in FAMILY_ANSWERS if name in answers}
    with stage.act(house.teacher) as uow:
        refs = uow.session.scalars(_of_families(house, BookingState.IN_USE).limit(3)).all()
        for file in dossiers(uow, refs):
            data = {
                "health_notes": "없음",
                **papers.consent5(file),
                **own,
                "sign_date": uow.today.isoformat(),
            }
            prepare_paper(
                uow, papers.CONSENT5, data,
                subject="child", subject_id=file.child.id, institution_id=file.centre.id,
                guardian_id=file.guardian.id, child_id=file.child.id,
            )  # fmt: skip
    with stage.act(house.director) as uow:
        scheduled = uow.session.scalars(_of_families(house, BookingState.SCHEDULED).limit(2)).all()
        deciding.issue_notices(uow, scheduled)


def _of_families(house: House, state: BookingState) -> Select[str]:
    guardians = [parent.actor.guardian_id for parent in house.families]
    return (
        select(Booking.ref)
        .where(
            Booking.centre_id == house.centre.id,
            Booking.state == state,
            Booking.guardian_id.in_(guardians),
        )
        .order_by(Booking.guardian_id, Booking.id)
    )


def paper_to_check(stage: Stage, house: House) -> None:
    """A certificate was handed in this morning; nobody has looked at it."""
    with stage.act() as uow:
        regular = uow.session.execute(
            select(Booking.guardian_id, Child.ref)
            .join(Child, Child.id == Booking.child_id)
            .where(
                Booking.centre_id == house.centre.id,
                Booking.kind == BookingKind.REGULAR,
                Booking.state == BookingState.IN_USE,
            )
            .order_by(Booking.guardian_id, Booking.id)
        ).first()
    parents = {parent.actor.guardian_id: parent for parent in house.families}
    if regular is not None and regular.guardian_id in parents:
        with stage.act(parents[regular.guardian_id].actor) as uow:
            handed = Handed("재직증명서.pdf", PAPER)
            booking.hand_in_evidence(uow, regular.ref, Ground.LONG_HOURS.value, EMPLOYMENT, handed)


def wish_to_cancel(stage: Stage, house: House) -> None:
    """A family asks to cancel what was approved (KB-28)."""
    with stage.act() as uow:
        row = uow.session.execute(
            select(Booking.ref, Booking.guardian_id)
            .where(Booking.centre_id == house.centre.id, Booking.state == BookingState.SCHEDULED)
            .order_by(Booking.id)
        ).first()
    parents = {parent.actor.guardian_id: parent for parent in house.families}
    if row is not None and row.guardian_id in parents:
        with stage.act(parents[row.guardian_id].actor) as uow:
            booking.ask_cancel(uow, row.ref)


def full_house(stage: Stage, house: House) -> None:
    """Regular care until nobody fits any more: the last ones wait."""
    season, waiting = Season(stage, house.centre), 0
    for parent, child in _one_child_each(house):
        if waiting == 2:
            break
        outcome = apply(
            stage, house, parent, child, 0, 0, now=True,
            kind=BookingKind.REGULAR, span=season.pending, weekday_times=week_of(stage, season.current),
            ground=Ground.OTHER.value,
        )  # fmt: skip
        waiting += outcome is not None and outcome.state is BookingState.WAITING


def more_places(stage: Stage, house: House) -> None:
    """The centre asks its district for two places more (KC-10)."""
    with stage.act(house.director) as uow:
        wish = CapacityWish(
            capacity=house.centre.base_capacity + 2,
            area=house.centre.area,
            effective_on=stage.today + timedelta(days=21),
            reason="대기 아동이 많아 활동실을 나누어 쓰기로 함",
        )
        request_capacity_change(uow, house.centre.ref, wish, {})


def closed_day(stage: Stage, house: House) -> None:
    """Closed for an inspection in ten days; whoever was booked has been told (KQ-11)."""
    with stage.act(house.director) as uow:
        days = open_days(uow, house.centre, stage.today + timedelta(days=9), stage.today + timedelta(days=20))
        new = NewSpecialDay(days[0][0], SpecialDayKind.CENTRE_CLOSED, note="시설 안전점검")
        booking.declare_special_day(uow, house.centre.ref, new)


def sick_child(stage: Stage, house: House) -> None:
    """The hub takes sick children; one has a cold (KB-47)."""
    with stage.act(house.director) as uow:
        info = FacilityInfo(
            house.centre.phone, house.centre.address, "아픈 아이도 돌봐요.", True, 3, False, 5
        )
        edit_facility(uow, house.centre.ref, info, house.centre.version)
        days = open_days(uow, house.centre, stage.today + timedelta(days=1), stage.today + timedelta(days=12))
    day, opening = days[0]
    for parent in house.families:
        outcome = apply(
            stage, house, parent, parent.children[-1], 0, 0, now=True,
            kind=BookingKind.SICK, wishes=(Wish(day, TimeSpan(opening.start, opening.start + 120)),), illness="감기",
        )  # fmt: skip
        if outcome is not None:
            return


def history_is_sent(stage: Stage) -> None:
    """What was planned before today was sent in its time; only today's messages are still to go."""
    midnight = stage.at(0, 0)
    with stage.act() as uow:
        old = update(Message).where(Message.created_at < midnight, Message.state == MessageState.PENDING)
        uow.session.execute(old.values(state=MessageState.SENT, sent_at=Message.created_at))
        done = update(Work).where(Work.created_at < midnight, Work.kind == "message.send")
        uow.session.execute(
            done.values(state=WorkState.DONE, done_at=Work.created_at, progress=1, attempts=1)
        )
