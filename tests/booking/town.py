"""A small town for tests of booking: one centre with two quarters, families, and the people who act."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from app.booking import service
from app.booking.checks import data_checks
from app.booking.models import Booking, UsageDay, WaitlistEntry
from app.booking.rules.states import BookingKind, BookingState
from app.centres.queries import CentreRow, centre_by_id
from app.centres.rules import CentreKind, QuarterKind, QuarterState
from app.documents.models import Upload
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.errors import RuleBroken
from app.kernel.ranges import KST, DateSpan, TimeSpan
from app.people.models import Child, Consent, Evidence, Guardian, GuardianChild
from app.people.rules import Channel, ConsentKind
from tests.cast import make_centre, make_family, make_quarter
from tests.cast_accounts import make_user

MONDAY = date(2026, 10, 12)
NOW = datetime(2026, 10, 12, 10, 0, tzinfo=KST)
TUESDAY, WEDNESDAY = date(2026, 10, 13), date(2026, 10, 14)
SEM2 = DateSpan(date(2026, 8, 17), date(2026, 12, 31))
WINTER = DateSpan(date(2027, 1, 1), date(2027, 2, 28))
AFTERNOON = TimeSpan.parse("14:00-17:00")
EVERY_DAY = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), AFTERNOON)
_phone = itertools.count(10_000_000)


@dataclass(frozen=True)
class Family:
    guardian_id: int
    guardian: str
    child_id: int
    child: str
    actor: Actor


@dataclass
class Town:
    place: TenantRef
    centre_id: int
    centre: str
    district_id: int
    sem2: int
    director: Actor
    teacher: Actor
    leader: Actor
    city: Actor
    families: list[Family] = field(default_factory=list)

    @contextmanager
    def unit(self, actor: Actor = SYSTEM) -> Iterator[UnitOfWork]:
        with unit_of_work(self.place, actor) as uow:
            yield uow

    def row(self, uow: UnitOfWork) -> CentreRow:
        return centre_by_id(uow, self.centre_id)

    def family(
        self,
        name: str = "김하늘",
        birth: date | None = None,
        *,
        grade: int | None = 2,
        papers: bool = True,
        ground: str | None = None,
    ) -> Family:
        """A guardian with one child; with ``papers`` every consent is there, with ``ground`` verified evidence.

        Tests happen in one instant, so each child is a day older than the one before: the first comes first (KB-38).
        """
        birth = birth or date(2018, 12, 31) - timedelta(days=len(self.families))
        with self.unit() as uow:
            parent, child = make_family(uow, child=name, birth=birth, grade=grade, phone=f"010{next(_phone)}")
            if papers:
                for kind in ConsentKind:
                    consent(uow, parent, child, kind)
            if ground:
                evidence(uow, child, ground)
            made = Family(
                parent.id,
                parent.ref,
                child.id,
                child.ref,
                Actor(Role.GUARDIAN, None, parent.name, guardian_id=parent.id),
            )
        self.families.append(made)
        return made

    def sibling(self, family: Family, name: str, birth: date, *, grade: int | None = None) -> Family:
        with self.unit() as uow:
            child = Child(
                name=name,
                birth_date=birth,
                sex="MALE",
                in_school=grade is not None,
                grade=grade,
                created_at=NOW,
            )
            uow.session.add(child)
            uow.session.flush()
            uow.session.add(
                GuardianChild(
                    guardian_id=family.guardian_id, child_id=child.id, relation="PARENT", created_at=NOW
                )
            )
            parent = uow.session.get_one(Guardian, family.guardian_id)
            for kind in ConsentKind:
                consent(uow, parent, child, kind)
            return Family(family.guardian_id, family.guardian, child.id, child.ref, family.actor)

    def temporary(
        self, family: Family, *days: date, hours: TimeSpan = AFTERNOON, **more: object
    ) -> service.Applied:
        wishes = tuple(service.Wish(day, hours) for day in days)
        return self.apply(family, kind=BookingKind.TEMPORARY, wishes=wishes, **more)

    def regular(
        self,
        family: Family,
        first: date = TUESDAY,
        last: date = SEM2.last,
        times: dict[str, TimeSpan] | None = None,
        **more: object,
    ) -> service.Applied:
        return self.apply(
            family,
            kind=BookingKind.REGULAR,
            span=DateSpan(first, last),
            weekday_times=times or dict(EVERY_DAY),
            **more,
        )

    def apply(self, family: Family, **wanted: object) -> service.Applied:
        """As the guardian online, or with ``by`` a member of staff by telephone."""
        by = wanted.pop("by", None)
        command = service.Application(
            **{
                "request_id": secrets.token_hex(16),
                "centre": self.centre,
                "child": family.child,
                "contact_phone": "01055556666",
                "channel": Channel.PHONE if by else Channel.ONLINE,
                "guardian": family.guardian if by else None,
                **wanted,
            }
        )
        with self.unit(by or family.actor) as uow:
            return service.apply_booking(uow, command)

    def approve(self, *applied: service.Applied) -> None:
        for one in applied:
            for outcome in one.outcomes:
                self.approve_ref(outcome.ref)

    def approve_ref(self, ref: str) -> None:
        with self.unit(self.director) as uow:
            service.approve(uow, ref, {"decision.not_counselled": "전화로 상담"})

    def state(self, ref: str) -> BookingState:
        return BookingState(self.booking(ref).state)

    def booking(self, ref: str) -> Booking:
        with self.unit() as uow:
            return uow.session.scalars(select(Booking).where(Booking.ref == ref)).one()

    def wait(self, ref: str) -> WaitlistEntry:
        with self.unit() as uow:
            return uow.session.scalars(
                select(WaitlistEntry)
                .join(Booking, Booking.id == WaitlistEntry.booking_id)
                .where(Booking.ref == ref)
            ).one()

    def days(self, ref: str) -> dict[date, str]:
        with self.unit() as uow:
            rows = uow.session.execute(
                select(UsageDay.day, UsageDay.state)
                .join(Booking, Booking.id == UsageDay.booking_id)
                .where(Booking.ref == ref)
                .order_by(UsageDay.day)
            )
            return {row.day: row.state for row in rows}

    def check(self) -> None:
        """Nothing in the rows contradicts anything else."""
        with self.unit() as uow:
            assert data_checks(uow) == []


def codes(refused: pytest.ExceptionInfo[RuleBroken]) -> list[str]:
    return [problem.code for problem in refused.value.problems]


def consent(uow: UnitOfWork, guardian: Guardian, child: Child, kind: ConsentKind) -> None:
    uow.session.add(
        Consent(
            child_id=child.id,
            guardian_id=guardian.id,
            kind=kind,
            text_version=1,
            text_sha256="0" * 64,
            decision=True,
            channel="ONLINE",
            given_at=uow.now,
            created_at=uow.now,
        )
    )
    uow.session.flush()


def evidence(uow: UnitOfWork, child: Child, ground: str, state: str = "VERIFIED") -> None:
    paper = Upload(
        owner="child",
        owner_id=child.id,
        kind="evidence",
        name="재직증명서.pdf",
        media_type="application/pdf",
        size=10,
        sha256="0" * 64,
        created_at=uow.now,
    )
    uow.session.add(paper)
    uow.session.flush()
    uow.session.add(
        Evidence(
            child_id=child.id,
            ground=ground,
            paper="employment_certificate",
            upload_id=paper.id,
            state=state,
            year=uow.today.year,
            decided_at=uow.now if state == "VERIFIED" else None,
            created_at=uow.now,
        )
    )
    uow.session.flush()


def found_town(
    place: TenantRef,
    *,
    kind: CentreKind = CentreKind.GENERAL,
    capacity: int = 20,
    heads: int = 2,
    **centre: object,
) -> Town:
    """Weekdays 11:00–19:00 from August to February, ``heads`` essential staff all the time."""
    with unit_of_work(place, SYSTEM) as uow:
        row = make_centre(uow, kind=kind, capacity=capacity)
        for name, value in centre.items():
            setattr(row, name, value)
        sem2 = make_quarter(uow, row, SEM2.first, SEM2.last, heads=heads)
        winter = make_quarter(uow, row, WINTER.first, WINTER.last, kind=QuarterKind.WINTER, heads=heads)
        winter.state = QuarterState.PLANNED
        facts = centre_by_id(uow, row.id)
        actors = {
            role: Actor(role, make_user(uow, role, scope, name=name).id, name, scope=scope)
            for role, scope, name in (
                (Role.CENTRE_DIRECTOR, row.id, "한센터"),
                (Role.CARE_TEACHER, row.id, "서돌봄"),
                (Role.TEAM_LEADER, row.id, "팀이끎"),
                (Role.SEOUL_ADMIN, None, "시관리"),
            )
        }
        return Town(
            place,
            row.id,
            facts.ref,
            facts.district_id,
            sem2.id,
            actors[Role.CENTRE_DIRECTOR],
            actors[Role.CARE_TEACHER],
            actors[Role.TEAM_LEADER],
            actors[Role.SEOUL_ADMIN],
        )
