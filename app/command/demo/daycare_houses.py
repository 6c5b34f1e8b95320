"""The five daycares of Gyeonggi by their real names, with invented people: designated, insured, with classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select, update

from app.command.demo.people import Accounts
from app.command.demo.stage import Parent, Stage
from app.daycare.models import Daycare
from app.daycare.queries.place import ClassRow, DaycareRow, classes_of, daycare_by_id
from app.daycare.rules.days import operating_day
from app.daycare.rules.policy import DAY_END, DAY_START
from app.daycare.service import running
from app.daycare.service.designating import Designation, designate
from app.daycare.service.rostering import Shift, set_week
from app.insurance.rules import Cover, PolicyKind
from app.insurance.service import NewPolicy, add_policy
from app.kernel.actor import Actor, Role
from app.kernel.db import TenantRef, UnitOfWork
from app.tenancy.models import Institution
from app.tenancy.rules import InstitutionKind

HANDOVER = 1170
"""19:30: the teacher of the night comes."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """A municipality's daycare. ``oldest``: months of its oldest children; ``insured_days``: until its rider ends."""

    slug: str
    city: str
    families: int
    classes: tuple[str, ...] = ("햇님반",)
    oldest: int = 80
    night: int = 3
    insured_days: int = 200


SKETCHES = (
    Sketch("gimpo", "김포시", 14, ("금빛반", "하늘반"), night=5),
    Sketch("hanam", "하남시", 12, night=5, insured_days=26),
    Sketch("icheon", "이천시", 9, oldest=140),
    Sketch("bucheon", "부천시", 9),
    Sketch("namyangju", "남양주시", 9),
)


@dataclass(slots=True)
class Nursery:
    """A daycare with its people; ``today`` is the operating day now."""

    sketch: Sketch
    stage: Stage
    daycare: DaycareRow
    classes: list[ClassRow]
    director: Actor
    teacher: Actor
    city: Actor
    regional: Actor | None
    coordinator: Actor | None
    families: list[Parent] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.stage.today


def found(place: TenantRef, sketch: Sketch) -> Nursery:
    """Accounts, designation, insurance, classes with teachers."""
    stage = Stage(place, date.min)
    with stage.act() as uow:
        stage.today = operating_day(uow.now)
        house = _institution(uow, InstitutionKind.DAYCARE)
        centre = _institution(uow, InstitutionKind.REGIONAL_CENTRE)
    accounts = Accounts(stage)
    city = accounts.staff("city", Role.CITY_OFFICER)
    regional = coordinator = None
    if centre is not None:
        regional = accounts.staff("regional", Role.REGIONAL_DIRECTOR, centre.id)
        coordinator = accounts.staff("coordinator", Role.COORDINATOR, centre.id)
    if house is None:
        raise LookupError(f"{place.slug} has no daycare")
    director = accounts.staff("director1", Role.DAYCARE_DIRECTOR, house.id)
    teacher = accounts.staff("teacher1", Role.DAYCARE_TEACHER, house.id)
    _designate(stage, city, house, len(sketch.classes))
    _insure(stage, director, house.id, sketch.insured_days)
    return _with_classes(stage, sketch, house.id, director, teacher, city, regional, coordinator)


def _institution(uow: UnitOfWork, kind: InstitutionKind) -> Institution | None:
    return uow.session.scalars(select(Institution).where(Institution.kind == kind).limit(1)).first()


def _designate(stage: Stage, city: Actor, house: Institution, groups: int) -> None:
    since = stage.today - timedelta(days=400)
    with stage.act(city, stage.at(-400, 10)) as uow:
        letter = f"경기도-{since.year}-{house.id:02d}"
        designate(uow, house.ref, Designation(letter, since, None, groups=groups))
        uow.session.execute(update(Daycare).where(Daycare.id == house.id).values(invented=True))


def _insure(stage: Stage, director: Actor, house_id: int, days: int) -> None:
    since = stage.today - timedelta(days=365 - days)
    for number, kind in enumerate((PolicyKind.DAYCARE_MUTUAL, PolicyKind.DAYCARE_HOURLY_RIDER), 1):
        with stage.act(director, stage.at(days - 365, 11)) as uow:
            cover = Cover(kind, since, since + timedelta(days=365))
            add_policy(uow, house_id, NewPolicy(cover, "어린이집안전공제회", f"{since.year}-000{number}"))


def _with_classes(
    stage: Stage,
    sketch: Sketch,
    house_id: int,
    director: Actor,
    teacher: Actor,
    city: Actor,
    regional: Actor | None,
    coordinator: Actor | None,
) -> Nursery:
    with stage.act(director) as uow:
        daycare = daycare_by_id(uow, house_id)
        info = running.FacilityData(
            phone=daycare.phone,
            account="농협 301-0000-0000-00 (시연용)",
            introduction="밤에도 문을 여는 어린이집이에요. 기저귀, 이불, 여벌 옷, 도시락을 챙겨 주세요.",
            emergency_manual="1. 응급처치 2. 1순위 보호자에게 전화 3. 119 신고 4. 원장에게 알림 5. 기록",
            hours={},
        )
        running.save_facility(uow, daycare.ref, info, version=daycare.version)
    since = stage.today - timedelta(days=400)
    with stage.act(director, stage.at(-399, 10)) as uow:
        made = classes_of(uow, house_id, since)
        for name, row in zip(sketch.classes, made, strict=True):
            data = running.ClassData(
                name, row.places, row.weekdays, row.start, row.end, row.teachers, row.starts_on, row.ends_on
            )
            running.save_class(uow, daycare.ref, data, ref=row.ref, version=row.version)
    if len(sketch.classes) > 1:
        _roster(stage, director, teacher, daycare.ref, made)
    with stage.act(director) as uow:
        return Nursery(
            sketch,
            stage,
            daycare_by_id(uow, house_id),
            classes_of(uow, house_id),
            director,
            teacher,
            city,
            regional,
            coordinator,
        )


def _roster(stage: Stage, director: Actor, teacher: Actor, daycare_ref: str, classes: list[ClassRow]) -> None:
    """This week's duties: one teacher by day, another by night."""
    monday = stage.today - timedelta(days=stage.today.weekday())
    names = [stage.cast.adult() for _ in range(2 * len(classes) - 1)]
    duties = []
    for number, row in enumerate(classes):
        by_day = (teacher.name, teacher.user_id) if number == 0 else (names[2 * number - 1], None)
        for day in (monday + timedelta(days=n) for n in range(7)):
            duties += [
                Shift(row.ref, day, by_day[0], DAY_START, HANDOVER, by_day[1]),
                Shift(row.ref, day, names[2 * number], HANDOVER, DAY_END),
            ]
    with stage.act(director, stage.at(-10, 17)) as uow:
        set_week(uow, daycare_ref, monday, duties)
