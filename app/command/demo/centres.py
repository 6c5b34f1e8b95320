"""The centres of the demonstration: 구로구's by their real names and opening dates, areas and capacities invented;
three of the neighbouring districts invented altogether. All are marked as invented on every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import select, update

from app.centres import rules
from app.centres.models import KiumCentre
from app.centres.queries import CentreRow, centre_by_id, centre_policy
from app.centres.rules import CentreKind, QuarterPlan
from app.centres.service.facility import NewCentre, register_centre
from app.centres.service.quarters import add_quarter, fresh_plan, set_first_year
from app.command.demo.stage import Stage
from app.kernel.actor import Actor, Role
from app.kernel.db import UnitOfWork
from app.kernel.ranges import TimeSpan
from app.tenancy.models import Institution
from app.tenancy.rules import InstitutionKind

GENERAL, FUSION, HUB = CentreKind.GENERAL, CentreKind.FUSION, CentreKind.HUB
AREA_PER_PLACE = Decimal("4.20")


@dataclass(frozen=True, slots=True)
class CentreSketch:
    district: str
    name: str
    kind: CentreKind
    opened_on: date
    capacity: int


CENTRES = (
    CentreSketch("구로구", "온수동", GENERAL, date(2020, 11, 25), 24),
    CentreSketch("구로구", "구로융합형", FUSION, date(2020, 4, 1), 40),
    CentreSketch("구로구", "오류2동", GENERAL, date(2020, 11, 25), 20),
    CentreSketch("구로구", "천왕숲", GENERAL, date(2020, 11, 25), 22),
    CentreSketch("구로구", "항동", GENERAL, date(2020, 11, 25), 20),
    CentreSketch("구로구", "구로3동", GENERAL, date(2021, 4, 1), 20),
    CentreSketch("구로구", "개봉융합형", FUSION, date(2021, 4, 1), 36),
    CentreSketch("구로구", "궁동", GENERAL, date(2021, 5, 1), 18),
    CentreSketch("구로구", "오정", GENERAL, date(2021, 9, 1), 20),
    CentreSketch("구로구", "구로신도림", GENERAL, date(2022, 5, 1), 22),
    CentreSketch("구로구", "항동융합형", FUSION, date(2022, 6, 1), 36),
    CentreSketch("구로구", "개봉1동", GENERAL, date(2022, 12, 1), 20),
    CentreSketch("영등포구", "한빛거점형", HUB, date(2023, 3, 1), 40),
    CentreSketch("양천구", "나래마을", GENERAL, date(2022, 9, 1), 20),
    CentreSketch("금천구", "다솜마을", GENERAL, date(2023, 9, 1), 18),
)


def open_centres(stage: Stage, admin: Actor, sketches: Sequence[CentreSketch]) -> list[CentreRow]:
    """Register them and plan this year's and the next year's quarters."""
    made = []
    for number, sketch in enumerate(sketches):
        with stage.act(admin) as uow:
            row = register_centre(uow, _new_centre(uow, sketch, number))
            uow.session.execute(update(KiumCentre).where(KiumCentre.id == row.id).values(invented=True))
        director = Actor(Role.CENTRE_DIRECTOR, name="센터장", scope=row.id)
        with stage.act(director) as uow:
            centre = centre_by_id(uow, row.id)
            set_first_year(uow, centre.ref, _year(uow, centre, stage.today.year))
            for plan in _year(uow, centre, stage.today.year + 1):
                add_quarter(uow, centre.ref, plan)
            made.append(centre)
    return made


def _new_centre(uow: UnitOfWork, sketch: CentreSketch, number: int) -> NewCentre:
    district = uow.session.scalars(
        select(Institution).where(
            Institution.kind == InstitutionKind.DISTRICT, Institution.name == sketch.district
        )
    ).one()
    return NewCentre(
        district_ref=district.ref,
        name=f"{sketch.name} 키움센터",
        kind=sketch.kind,
        area=AREA_PER_PLACE * sketch.capacity,
        capacity=sketch.capacity,
        phone=f"02000010{number + 1:02d}",
        address=f"서울특별시 {sketch.district} (시연용 주소)",
        opened_on=sketch.opened_on,
    )


def _year(uow: UnitOfWork, centre: CentreRow, year: int) -> list[QuarterPlan]:
    """The template's four quarters with two essential staff, one in the last hour: there the ratio is the limit."""
    policy = centre_policy(uow, centre)
    plans = []
    for kind, span in rules.proposed_quarters(year):
        plan = fresh_plan(centre.kind, kind, year, span, policy)
        staff = {key: _two_then_one(hours) for key, hours in plan.hours.by_key.items() if hours}
        plans.append(replace(plan, staff=rules.StaffPlan(staff)))
    return plans


def _two_then_one(hours: TimeSpan) -> tuple[tuple[TimeSpan, int], ...]:
    last_hour = hours.end - 60
    return ((TimeSpan(hours.start, last_hour), 2), (TimeSpan(last_hour, hours.end), 1))
