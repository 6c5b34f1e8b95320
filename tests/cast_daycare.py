"""A daycare tests speak of: the house, its people, families with accepted applications, and the usual acts.

town = found_daycare(gwacheon)                   # one class of five, one teacher, insured, open all week
sky = town.family()                              # a mother with a three-year-old, application accepted
[booked] = town.book(sky, wish=evening(TUESDAY))
town.pay(booked); town.enter(booked); town.leave(booked)
town.check()
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.daycare import service
from app.daycare.checks import data_checks
from app.daycare.models import (
    ApplicationChild,
    ApplicationGuardian,
    Daycare,
    DaycareApplication,
    DaycareBooking,
    DaycareClass,
    DaycareGate,
    DaycareStay,
)
from app.daycare.queries.place import DaycareRow, daycare_by_id
from app.daycare.rules.application import DECISIONS, ChildAnswers, GuardianAnswers
from app.daycare.rules.request import Wish
from app.daycare.rules.states import BookingState, Channel, StayState
from app.daycare.sealed import seal
from app.daycare.service import BookingOrder, Caller, Entry, Exit
from app.daycare.service.booking import Booked
from app.fees.queries import balance_of
from app.insurance.models import InsurancePolicy
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.ranges import KST
from app.people.models import Child, ChildCentre, Guardian, GuardianChild
from app.tenancy.models import Institution
from app.tenancy.rules import InstitutionKind
from tests.cast import LONG_AGO
from tests.cast_accounts import make_user

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = (date(2026, 11, n) for n in range(16, 23))
NOW = datetime(2026, 11, 16, 10, 0, tzinfo=KST)
"""A Monday morning; no public holiday in this week."""
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday")
NIGHT = (1200, 1890)
INK = [[[10, 10], [20, 18], [30, 12]]]
OTHER_INK = [[[12, 9], [25, 20], [33, 14]]]
YES = dict.fromkeys(DECISIONS, True)
ADDRESS = "경기도 과천시 별양로 1"
_phone = itertools.count(20_000_000)


def evening(day: date, start: int = 1080, end: int = 1260) -> Wish:
    """18:00–21:00 of one day unless told."""
    return Wish(day, day, start, end)


def night(day: date) -> Wish:
    """20:00–07:30."""
    return Wish(day, day, *NIGHT)


def make_daycare(
    uow: UnitOfWork,
    *,
    name: str = "시립햇살 어린이집",
    hours: dict[str, Any] | None = None,
    designated_on: date | None = date(2024, 7, 1),
    insured: bool = True,
) -> Daycare:
    """A designated and insured daycare without classes."""
    place = Institution(kind=InstitutionKind.DAYCARE, name=name, phone="0315550100", address=ADDRESS)
    uow.session.add(place)
    uow.session.flush()
    row = Daycare(id=place.id, letter="보육-1", designated_on=designated_on, hours=hours or {}, version=1)
    uow.session.add(row)
    uow.session.flush()
    uow.session.add(DaycareGate(daycare_id=row.id))
    if insured:
        for kind in ("DAYCARE_MUTUAL", "DAYCARE_HOURLY_RIDER"):
            make_policy(uow, row, kind)
    uow.session.flush()
    return row


def make_policy(
    uow: UnitOfWork,
    daycare: Daycare,
    kind: str,
    starts_on: date = date(2024, 1, 1),
    ends_on: date = date(2028, 12, 31),
) -> InsurancePolicy:
    row = InsurancePolicy(
        institution_id=daycare.id,
        kind=kind,
        insurer="어린이집안전공제회",
        number="2026-1",
        starts_on=starts_on,
        ends_on=ends_on,
        created_at=LONG_AGO,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def make_class(
    uow: UnitOfWork,
    daycare: Daycare,
    *,
    name: str = "새싹반",
    places: int = 5,
    teachers: int = 1,
    weekdays: tuple[str, ...] = EVERY_DAY,
    start: int = 450,
    end: int = 1890,
) -> DaycareClass:
    row = DaycareClass(
        daycare_id=daycare.id,
        name=name,
        places=places,
        weekdays=list(weekdays),
        start_minute=start,
        end_minute=end,
        teachers=teachers,
        starts_on=date(2024, 7, 1),
        created_at=LONG_AGO,
        version=1,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def make_child(
    uow: UnitOfWork,
    parent: Guardian,
    name: str = "김하늘",
    birth: date = date(2023, 5, 5),
    *,
    disability: str = "NONE",
    in_school: bool = False,
    relation: str = "PARENT",
    lives_together: bool = True,
) -> Child:
    child = Child(
        name=name,
        birth_date=birth,
        sex="FEMALE",
        in_school=in_school,
        address=ADDRESS,
        disability=disability,
        created_at=LONG_AGO,
        version=1,
    )
    uow.session.add(child)
    uow.session.flush()
    uow.session.add(
        GuardianChild(
            guardian_id=parent.id,
            child_id=child.id,
            relation=relation,
            lives_together=lives_together,
            created_at=LONG_AGO,
        )
    )
    uow.session.flush()
    return child


def make_application(
    uow: UnitOfWork,
    daycare_id: int,
    parent: Guardian,
    children: list[Child],
    *,
    state: str = "ACCEPTED",
    checked: bool = True,
    qualification: str = "HOME",
    free: str = "",
) -> DaycareApplication:
    """Handed in, accepted and the papers seen unless told."""
    seen = {"paper": "resident_register", "at": "2026-01-02T09:00:00+09:00", "by": "이다솜", "returned": True}
    checks = {"family": {**seen, "resident": True, "related": True}, "identity": seen} if checked else {}
    row = DaycareApplication(
        daycare_id=daycare_id,
        guardian_id=parent.id,
        state=state,
        channel=Channel.ONLINE,
        purpose="double_income",
        consents=dict(YES),
        passed=[],
        checks=checks,
        submitted_at=LONG_AGO,
        created_at=LONG_AGO,
        version=1,
    )
    uow.session.add(row)
    uow.session.flush()
    for position, child in enumerate(children, 1):
        entry = ApplicationChild(
            application_id=row.id,
            child_id=child.id,
            position=position,
            qualification=qualification,
            free_category=free,
        )
        uow.session.add(entry)
        uow.session.flush()
        entry.sealed = seal(
            uow, "application_child", entry.id, {"disease": False, "allergy": False, "medicine": False}
        )
        uow.session.add(ChildCentre(child_id=child.id, centre_id=daycare_id, since=LONG_AGO))
    uow.session.add(
        ApplicationGuardian(
            application_id=row.id,
            position=1,
            guardian_id=parent.id,
            relation="모",
            name=parent.name,
            birth_date=date(1990, 1, 1),
            phone=parent.phone,
            address=ADDRESS,
        )
    )
    uow.session.flush()
    return row


@dataclass(frozen=True)
class Home:
    """A family of tests: the guardian, its children's refs, and who acts for them."""

    guardian_id: int
    guardian: str
    phone: str
    children: tuple[str, ...]
    child_ids: tuple[int, ...]
    application: str
    actor: Actor

    @property
    def child(self) -> str:
        return self.children[0]


@dataclass
class DaycareTown:
    place: TenantRef
    daycare_id: int
    daycare: str
    class_id: int
    class_ref: str
    director: Actor
    teacher: Actor
    officer: Actor
    homes: list[Home] = field(default_factory=list)

    @contextmanager
    def unit(self, actor: Actor = SYSTEM) -> Iterator[UnitOfWork]:
        with unit_of_work(self.place, actor) as uow:
            yield uow

    def row(self, uow: UnitOfWork) -> DaycareRow:
        return daycare_by_id(uow, self.daycare_id)

    def family(
        self,
        name: str = "김하늘",
        birth: date = date(2023, 5, 5),
        *siblings: tuple[str, date],
        apply: bool = True,
        **application: Any,
    ) -> Home:
        with self.unit() as uow:
            parent = Guardian(
                name=f"{name} 어머니",
                phone=f"010{next(_phone)}",
                address=ADDRESS,
                created_at=LONG_AGO,
                version=1,
            )
            uow.session.add(parent)
            uow.session.flush()
            about = {key: application.pop(key) for key in ("disability", "in_school") if key in application}
            link = {key: application.pop(key) for key in ("relation", "lives_together") if key in application}
            children = [make_child(uow, parent, name, birth, **about, **link)]
            children += [make_child(uow, parent, *sibling, **link) for sibling in siblings]
            row = make_application(uow, self.daycare_id, parent, children, **application) if apply else None
            home = Home(
                parent.id,
                parent.ref,
                parent.phone,
                tuple(child.ref for child in children),
                tuple(child.id for child in children),
                row.ref if row else "",
                Actor(Role.GUARDIAN, None, parent.name, guardian_id=parent.id),
            )
        self.homes.append(home)
        return home

    def order(self, home: Home, wish: Wish, **more: Any) -> BookingOrder:
        by_staff = more.pop("by_staff", False)
        order = BookingOrder(
            request_id=secrets.token_hex(16),
            daycare=self.daycare,
            children=home.children,
            wish=wish,
            contact_phone=home.phone,
            channel=Channel.PHONE if by_staff else Channel.ONLINE,
            guardian=home.guardian if by_staff else None,
        )
        return replace(order, **more)

    def book(self, home: Home, wish: Wish, *, by: Actor | None = None, **more: Any) -> list[Booked]:
        """As the guardian online, or with ``by`` the director by telephone (confirmed at once)."""
        order = self.order(home, wish, by_staff=by is not None, **more)
        with self.unit(by or home.actor) as uow:
            return service.book(uow, order)

    def confirmed(self, home: Home, wish: Wish, **more: Any) -> Booked:
        return self.book(home, wish, by=self.director, **more)[0]

    def confirm(self, booked: Booked, **reasons: str) -> None:
        with self.unit(self.director) as uow:
            service.confirm(uow, booked.ref, version=self.booking(booked).version, reasons=reasons)

    def pay(self, booked: Booked, amount: int | None = None) -> None:
        """What is open unless told."""
        if amount is None:
            with self.unit() as uow:
                amount = max(balance_of(uow, "daycare_booking", self.booking(booked).id), 0)
        if amount:
            with self.unit(self.teacher) as uow:
                service.record_payment(
                    uow, secrets.token_hex(16), booked.ref, amount=amount, method="account_transfer"
                )

    def enter(self, booked: Booked, number: int = 0, **more: Any) -> DaycareStay:
        """The number-th stay of the booking, cancelled ones counted too; by the teacher unless told."""
        by = more.pop("by", self.teacher)
        entry = {"person": 1, "identity": "id_card", "signature": INK, **more}
        with self.unit(by) as uow:
            return service.enter(uow, Entry(stay=self.stays(booked, all_=True)[number].ref, **entry))

    def leave(self, booked: Booked, number: int = 0, **more: Any) -> service.Settled:
        by = more.pop("by", self.teacher)
        exit_ = {"person": 1, "identity": "id_card", "signature": OTHER_INK, **more}
        with self.unit(by) as uow:
            return service.leave(uow, Exit(stay=self.stays(booked, all_=True)[number].ref, **exit_))

    def cancel(self, booked: Booked, *, by: Actor, caller: Caller | None = None) -> service.Cancelled:
        with self.unit(by) as uow:
            return service.cancel_booking(
                uow, booked.ref, version=self.booking(booked).version, caller=caller
            )

    def booking(self, booked: Booked) -> DaycareBooking:
        with self.unit() as uow:
            return uow.session.scalars(select(DaycareBooking).where(DaycareBooking.ref == booked.ref)).one()

    def state(self, booked: Booked) -> BookingState:
        return BookingState(self.booking(booked).state)

    def stays(self, booked: Booked, *, all_: bool = False) -> list[DaycareStay]:
        with self.unit() as uow:
            wanted = (
                select(DaycareStay)
                .join(DaycareBooking, DaycareBooking.id == DaycareStay.booking_id)
                .where(DaycareBooking.ref == booked.ref)
                .order_by(DaycareStay.planned, DaycareStay.id)
            )
            if not all_:
                wanted = wanted.where(DaycareStay.state != StayState.CANCELLED)
            return list(uow.session.scalars(wanted))

    def check(self) -> None:
        """The data checks find nothing."""
        with self.unit() as uow:
            assert data_checks(uow) == []


def found_daycare(
    place: TenantRef,
    *,
    places: int = 5,
    teachers: int = 1,
    hours: dict[str, Any] | None = None,
    insured: bool = True,
    name: str = "시립햇살 어린이집",
) -> DaycareTown:
    with unit_of_work(place, SYSTEM) as uow:
        daycare = make_daycare(uow, name=name, hours=hours, insured=insured)
        group = make_class(uow, daycare, places=places, teachers=teachers)
        ref = uow.session.get_one(Institution, daycare.id).ref
        people = {}
        for role in (Role.DAYCARE_DIRECTOR, Role.DAYCARE_TEACHER):
            user = make_user(uow, role, daycare.id, name="이다솜", phone="01044440000")
            people[role] = Actor(role, user.id, user.name, scope=daycare.id)
        officer = make_user(uow, Role.CITY_OFFICER, name="박주무")
        return DaycareTown(
            place,
            daycare.id,
            ref,
            group.id,
            group.ref,
            people[Role.DAYCARE_DIRECTOR],
            people[Role.DAYCARE_TEACHER],
            Actor(Role.CITY_OFFICER, officer.id, officer.name),
        )


def child_answers(child: str, **changes: Any) -> ChildAnswers:
    """Complete answers: healthy, cared for at home."""
    return replace(ChildAnswers(child, "HOME", disease=False, allergy=False, medicine=False), **changes)


def guardian_answers(name: str = "김보호", phone: str = "01011112222") -> GuardianAnswers:
    return GuardianAnswers("모", name, phone, date(1990, 1, 1), ADDRESS)
