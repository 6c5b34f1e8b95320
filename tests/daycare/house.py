"""A daycare with one class of five, its director and teacher, and families whose application is accepted."""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.daycare import service
from app.daycare.models import (
    Daycare,
    DaycareApplication,
    DaycareBooking,
    DaycareClass,
    DaycareGate,
    DaycareStay,
)
from app.daycare.rules.application import DECISIONS, CheckKind
from app.daycare.rules.states import Channel
from app.daycare.service import ChildAnswers, GuardianAnswers, Wish
from app.daycare.times import period_of
from app.insurance.models import InsurancePolicy
from app.insurance.rules import DAYCARE_KINDS
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.ranges import KST, Period
from app.tenancy.models import Institution
from app.tenancy.rules import InstitutionKind
from tests.cast import LONG_AGO, make_family
from tests.cast_accounts import make_user

MONDAY, TUESDAY, WEDNESDAY = date(2026, 10, 12), date(2026, 10, 13), date(2026, 10, 14)
NOW = datetime(2026, 10, 13, 10, 0, tzinfo=KST)
INK = [[[10, 10], [60, 40], [120, 20]], [[80, 60], [90, 90]]]
OTHER_INK = [[[15, 12], [70, 44], [130, 26]]]
EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"]
ADDRESS = "경기도 김포시 사우중로 1"
_phone = itertools.count(40_000_000)


@dataclass(frozen=True)
class Family:
    guardian: str
    phone: str
    child: str
    name: str
    application: str
    actor: Actor


@dataclass
class House:
    place: TenantRef
    daycare_id: int
    daycare: str
    class_id: int
    class_ref: str
    director: Actor
    teacher: Actor

    @contextmanager
    def unit(self, actor: Actor = SYSTEM) -> Iterator[UnitOfWork]:
        with unit_of_work(self.place, actor) as uow:
            yield uow

    def family(
        self,
        name: str = "김하늘",
        birth: date = date(2023, 5, 5),
        *,
        guardian: str = "김보호",
        accepted: bool = True,
        checked: bool = True,
        consents: dict[str, bool] | None = None,
    ) -> Family:
        """A guardian with one child and an application, written by the guardian."""
        phone = f"010{next(_phone)}"
        with self.unit() as uow:
            parent, child = make_family(
                uow, guardian=guardian, child=name, birth=birth, grade=None, phone=phone
            )
            parent.address = child.address = ADDRESS
            parent.birth_date, child.in_school = date(1990, 1, 1), False
            made = Family(
                parent.ref,
                phone,
                child.ref,
                name,
                "",
                Actor(Role.GUARDIAN, None, parent.name, guardian_id=parent.id),
            )
        with self.unit(made.actor) as uow:
            row = service.submit_application(
                uow, secrets.token_hex(16), answers(self.daycare, made, guardian, consents)
            )
            made = Family(made.guardian, phone, made.child, name, row.ref, made.actor)
        if checked:
            with self.unit(self.teacher) as uow:
                service.record_check(
                    uow,
                    made.application,
                    CheckKind.FAMILY,
                    "resident_register",
                    returned=True,
                    resident=True,
                    related=True,
                )
                service.record_check(uow, made.application, CheckKind.IDENTITY, "id_card", returned=True)
        if accepted:
            with self.unit(self.director) as uow:
                version = self.version(uow, made.application)
                service.accept_application(uow, made.application, version=version)
        return made

    def version(self, uow: UnitOfWork, ref: str) -> int:
        return uow.session.scalars(
            select(DaycareApplication.version).where(DaycareApplication.ref == ref)
        ).one()

    def book(
        self,
        family: Family,
        start: int = 660,
        end: int = 840,
        *,
        first: date = TUESDAY,
        last: date | None = None,
        online: bool = False,
        paid: bool = True,
    ) -> str:
        """A booking's ref. By telephone it is confirmed at once; online it waits for the director."""
        order = service.BookingOrder(
            request_id=secrets.token_hex(16),
            daycare=self.daycare,
            children=(family.child,),
            wish=Wish(first, last or first, start, end),
            contact_phone=family.phone,
            channel=Channel.ONLINE if online else Channel.PHONE,
            guardian=None if online else family.guardian,
        )
        with self.unit(family.actor if online else self.director) as uow:
            [booked] = service.book(uow, order)
        if paid and not online:
            self.pay(booked.ref)
        return booked.ref

    def pay(self, ref: str) -> None:
        with self.unit(self.teacher) as uow:
            quoted = self.booking(uow, ref).quoted
            if quoted:
                service.record_payment(
                    uow, secrets.token_hex(16), ref, amount=quoted, method="card", payer="김보호"
                )

    def booking(self, uow: UnitOfWork, ref: str) -> DaycareBooking:
        return uow.session.scalars(select(DaycareBooking).where(DaycareBooking.ref == ref)).one()

    def stay(self, booking_ref: str) -> DaycareStay:
        """The first one, as it stands."""
        with self.unit() as uow:
            return uow.session.scalars(
                select(DaycareStay)
                .join(DaycareBooking, DaycareBooking.id == DaycareStay.booking_id)
                .where(DaycareBooking.ref == booking_ref)
                .order_by(DaycareStay.id)
            ).first()

    def stay_now(self, booking_ref: str) -> Period:
        """When the booking's one standing stay is, in Korean time."""
        with self.unit() as uow:
            planned = uow.session.scalars(
                select(DaycareStay.planned)
                .join(DaycareBooking, DaycareBooking.id == DaycareStay.booking_id)
                .where(DaycareBooking.ref == booking_ref, DaycareStay.state == "PLANNED")
            ).one()
            return period_of(planned)

    def enter(self, booking_ref: str) -> str:
        """The first stay begins; returns its ref."""
        ref = self.stay(booking_ref).ref
        with self.unit(self.teacher) as uow:
            service.enter(uow, service.Entry(stay=ref, person=1, identity="id_card", signature=INK))
        return ref

    def leave(self, stay_ref: str) -> None:
        with self.unit(self.teacher) as uow:
            service.leave(uow, service.Exit(stay=stay_ref, person=1, identity="id_card", signature=OTHER_INK))


def answers(
    daycare: str, family: Family, guardian: str, consents: dict[str, bool] | None = None
) -> service.ApplicationData:
    agreed = dict.fromkeys(DECISIONS, True)
    return service.ApplicationData(
        daycare=daycare,
        purpose="double_income",
        children=(
            ChildAnswers(
                child=family.child,
                qualification="HOME",
                disease=False,
                allergy=True,
                allergy_food="땅콩",
                allergy_symptom="두드러기",
                allergy_substitute="호두",
                medicine=False,
                habits="이불을 꼭 쥐고 자요",
                blood_type="A",
            ),
        ),
        guardians=(
            GuardianAnswers("모", guardian, family.phone, date(1990, 1, 1), ADDRESS),
            GuardianAnswers("조모", "박조모", "01099990000", date(1960, 2, 2), ADDRESS),
        ),
        consents={**agreed, **(consents or {})},
    )


def found_house(place: TenantRef, name: str = "햇살어린이집", *, places: int = 5) -> House:
    """Insured, designated, open day and night."""
    with unit_of_work(place, SYSTEM) as uow:
        home = Institution(kind=InstitutionKind.DAYCARE, name=name, phone="0311234567", address=ADDRESS)
        uow.session.add(home)
        uow.session.flush()
        uow.session.add(
            Daycare(
                id=home.id,
                letter="보육정책과-1",
                designated_on=LONG_AGO.date(),
                hours={},
                account="농협 301-0000-0000-01 햇살어린이집",
                version=1,
            )
        )
        uow.session.flush()
        uow.session.add(DaycareGate(daycare_id=home.id))
        group = DaycareClass(
            daycare_id=home.id,
            name="햇살반",
            places=places,
            weekdays=EVERY_DAY,
            teachers=1,
            starts_on=LONG_AGO.date(),
            created_at=LONG_AGO,
            version=1,
        )
        uow.session.add(group)
        for kind in DAYCARE_KINDS:
            uow.session.add(
                InsurancePolicy(
                    institution_id=home.id,
                    kind=kind,
                    insurer="공제회",
                    number=f"{kind}-1",
                    starts_on=date(2026, 1, 1),
                    ends_on=date(2027, 12, 31),
                    created_at=LONG_AGO,
                    version=1,
                )
            )
        uow.session.flush()
        people = []
        for role, who in ((Role.DAYCARE_DIRECTOR, "원다정"), (Role.DAYCARE_TEACHER, "문하준")):
            user = make_user(uow, role, home.id, name=who)
            people.append(Actor(role, user.id, who, scope=home.id))
        return House(place, home.id, home.ref, group.id, group.ref, *people)


def ink(strokes: object = INK) -> str:
    """As the tablet sends it."""
    return json.dumps(strokes)
