"""The people around restrictions: a family, the regional centre, the city, a daycare that knows the child."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.ranges import kst
from app.messaging.queries import newest_messages
from app.people.models import Guardian, GuardianChild
from app.people.service import know_child
from app.restrictions import service
from app.restrictions.models import Restriction, RestrictionEvent
from app.restrictions.queries.blocks import Block, blocks
from app.restrictions.rules.kinds import EventKind, State
from app.restrictions.service import NewEvent
from app.tenancy.models import Institution
from app.tenancy.rules import InstitutionKind
from tests.cast import make_family
from tests.cast_accounts import make_user

TODAY = date(2026, 11, 20)
"""A Friday."""


@dataclass(frozen=True)
class Office:
    place: TenantRef
    guardian_id: int
    guardian_ref: str
    child_id: int
    spouse_id: int
    stranger_id: int
    daycare_id: int
    other_daycare_id: int
    centre_id: int | None
    parent: Actor
    stranger: Actor
    coordinator: Actor
    director: Actor
    officer: Actor
    second_officer: Actor
    daycare: Actor

    @contextmanager
    def acting(self, actor: Actor = SYSTEM) -> Iterator[UnitOfWork]:
        with unit_of_work(self.place, actor) as uow:
            yield uow

    def event(
        self,
        kind: EventKind = EventKind.LATE_END,
        day: date = TODAY,
        *,
        by: Actor | None = None,
        service_name: str = "FACILITY",
        minute: int = 9 * 60,
        again: bool = False,
        **more: object,
    ) -> str:
        """Entered by hand, of the family unless told; returns its ref."""
        whose = {} if "phone" in more else {"guardian_id": self.guardian_id}
        with self.acting(by or self.coordinator) as uow:
            new = NewEvent(kind, service_name, kst(day, minute), note="확인한 일", **{**whose, **more})  # type: ignore[arg-type]
            return service.enter_event(uow, new, again=again).ref

    def late_ends(self, count: int, month: date = date(2026, 11, 2)) -> None:
        for number in range(count):
            self.event(day=month + timedelta(days=number))

    def cases(self, **wanted: object) -> list[Restriction]:
        with self.acting() as uow:
            return uow.session.query(Restriction).filter_by(**wanted).order_by(Restriction.id).all()

    def events(self) -> list[RestrictionEvent]:
        with self.acting() as uow:
            return uow.session.query(RestrictionEvent).order_by(RestrictionEvent.id).all()

    def case(self, ref: str) -> Restriction:
        return self.cases(ref=ref)[0]

    def heard(self, ref: str, *, by: Actor | None = None) -> Restriction:
        """A reported case brought to where it can be decided: checked, asked, answered."""
        by = by or self.coordinator
        with self.acting(by) as uow:
            case = service.check_facts(uow, ref, version=self._version(uow, ref))
            case = service.ask_statement(uow, ref, version=case.version, found="기록으로 확인함")
            return service.give_statement(uow, ref, version=case.version, text="죄송합니다")

    def decided(self, ref: str, *, by: Actor | None = None, **how: object) -> Restriction:
        case = self.heard(ref)
        with self.acting(by or self.director) as uow:
            return service.decide(uow, ref, version=case.version, reason="기준에 따름", **how)  # type: ignore[arg-type]

    def _version(self, uow: UnitOfWork, ref: str) -> int:
        return uow.session.query(Restriction).filter_by(ref=ref).one().version

    def blocked(
        self,
        *days: date,
        service_name: str = "FACILITY",
        guardian: int | None = None,
        children: tuple[int, ...] = (),
        daycare: int | None = None,
    ) -> list[Block]:
        with self.acting() as uow:
            return blocks(
                uow,
                service=service_name,
                days=days or (uow.today,),
                guardian_ids=[guardian or self.guardian_id] if not children else [],
                child_ids=children,
                institution_id=daycare,
            )

    def told(self) -> list[str]:
        """Templates of what was sent, oldest first."""
        with self.acting() as uow:
            return [row.template for row in reversed(newest_messages(uow.session))]

    def words_of(self, template: str) -> str:
        with self.acting() as uow:
            return next(row.body for row in newest_messages(uow.session) if row.template == template)

    def force(self, ref: str, **columns: object) -> None:
        """Put a case where the test starts."""
        with self.acting() as uow:
            row = uow.session.query(Restriction).filter_by(ref=ref).one()
            for name, value in columns.items():
                setattr(row, name, value)


def restriction(office: Office, **columns: object) -> Restriction:
    """One that is in force from 1 November 2026 for a month, unless told."""
    row = Restriction(
        **{
            "number": f"R-{len(office.cases())}",
            "guardian_id": office.guardian_id,
            "service": "ANYTIME",
            "ground": "LATE_ENDS",
            "level": "M1",
            "months": 1,
            "state": State.ACTIVE,
            "starts_on": date(2026, 11, 1),
            "ends_on": date(2026, 11, 30),
            "notified_at": datetime(2026, 10, 31, 1, 0, tzinfo=kst(TODAY).tzinfo),
            "objection_due": date(2026, 11, 16),
            "created_at": kst(date(2026, 10, 20)),
            **columns,
        }
    )
    with office.acting() as uow:
        uow.session.add(row)
        uow.session.flush()
    return row


def settle(place: TenantRef, *, regional_centre: bool = True) -> Office:
    with unit_of_work(place, SYSTEM) as uow:
        daycare, other = (
            _house(uow, InstitutionKind.DAYCARE, name) for name in ("금빛 어린이집", "샛별 어린이집")
        )
        centre = (
            _house(uow, InstitutionKind.REGIONAL_CENTRE, "경기도아동돌봄과천센터")
            if regional_centre
            else None
        )
        user = make_user(uow, Role.GUARDIAN, name="김보호", phone="01011112222")
        other_user = make_user(uow, Role.GUARDIAN, name="남모르", phone="01099998888")
        guardian, child = make_family(uow, user_id=user.id)
        stranger, _ = make_family(
            uow, guardian="남모르", phone="01099998888", child="남이슬", user_id=other_user.id
        )
        spouse = Guardian(name="박배우", phone="01055556666", created_at=uow.now)
        uow.session.add(spouse)
        uow.session.flush()
        uow.session.add(
            GuardianChild(guardian_id=spouse.id, child_id=child.id, relation="PARENT", created_at=uow.now)
        )
        know_child(uow, child.id, daycare)
        return Office(
            place=place,
            guardian_id=guardian.id,
            guardian_ref=guardian.ref,
            child_id=child.id,
            spouse_id=spouse.id,
            stranger_id=stranger.id,
            daycare_id=daycare,
            other_daycare_id=other,
            centre_id=centre,
            parent=Actor(Role.GUARDIAN, user_id=user.id, name="김보호", guardian_id=guardian.id),
            stranger=Actor(Role.GUARDIAN, user_id=other_user.id, name="남모르", guardian_id=stranger.id),
            coordinator=Actor(Role.COORDINATOR, user_id=801, name="이간사", scope=centre),
            director=Actor(Role.REGIONAL_DIRECTOR, user_id=802, name="최센터", scope=centre),
            officer=Actor(Role.CITY_OFFICER, user_id=803, name="한담당"),
            second_officer=Actor(Role.CITY_OFFICER, user_id=804, name="두담당"),
            daycare=Actor(Role.DAYCARE_DIRECTOR, user_id=805, name="문원장", scope=daycare),
        )


def _house(uow: UnitOfWork, kind: InstitutionKind, name: str) -> int:
    row = Institution(kind=kind, name=name, phone="0319880271")
    uow.session.add(row)
    uow.session.flush()
    return row.id


def colleague(actor: Actor, user_id: int = 899) -> Actor:
    """The same role, another person."""
    return replace(actor, user_id=user_id, name="다른이")
