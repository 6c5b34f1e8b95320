"""Reads of centres: what a place is, its quarters and special days, and when it is open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Executable, Row, Select, any_, bindparam, select
from sqlalchemy.orm import aliased

from app.centres import parameters, rules
from app.centres.models import CapacityChange, Gate, KiumCentre, Quarter, SpecialDay
from app.centres.rules import CapacityChangeState, CentreKind, QuarterKind, QuarterState, SpecialDayKind
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound
from app.kernel.ranges import DateSpan, TimeSpan, parse_minute
from app.tenancy import queries as tenancy
from app.tenancy import settings
from app.tenancy.models import Institution
from app.tenancy.rules import InstitutionKind
from app.tenancy.settings import Place


@dataclass(frozen=True, slots=True)
class CentreRow:
    """A centre with its district; ``area`` in m², ``version`` of its facility record."""

    id: int
    ref: str
    name: str
    kind: CentreKind
    district_id: int
    district_name: str
    phone: str
    address: str
    base_capacity: int
    area: Decimal
    capacity_reason: str
    sick_care: bool
    sick_seats: int
    allow_preschool_sibling: bool
    preschool_sibling_min_age: int
    opened_on: date | None
    introduction: str
    operating_rules: dict[str, Any]
    invented: bool
    active: bool
    version: int

    @property
    def place(self) -> Place:
        """Where its parameters are looked up: centre, district, municipality, platform."""
        return Place(self.id, self.district_id)


@dataclass(frozen=True, slots=True)
class QuarterRow:
    id: int
    ref: str
    centre_id: int
    state: QuarterState
    version: int
    plan: rules.QuarterPlan

    @property
    def span(self) -> DateSpan:
        return self.plan.span

    @property
    def label(self) -> str:
        return self.plan.label


@dataclass(frozen=True, slots=True)
class SpecialDayRow:
    ref: str
    day: date
    special: rules.SpecialDay
    note: str

    @property
    def kind(self) -> SpecialDayKind:
        return self.special.kind


District = aliased(Institution, name="district")


def select_centres() -> Select[KiumCentre, Institution, Institution]:
    return (
        select(KiumCentre, Institution, District)
        .join(Institution, Institution.id == KiumCentre.id)
        .join(District, District.id == Institution.parent_id)
        .where(Institution.kind == InstitutionKind.KIUM_CENTRE)
    )


def centre_row(row: Row[KiumCentre, Institution, Institution]) -> CentreRow:
    centre, place, district = row
    return CentreRow(
        id=centre.id,
        ref=place.ref,
        name=place.name,
        kind=CentreKind(centre.kind),
        district_id=district.id,
        district_name=district.name,
        phone=place.phone,
        address=place.address,
        base_capacity=centre.base_capacity,
        area=centre.exclusive_area,
        capacity_reason=centre.capacity_reason,
        sick_care=centre.sick_care,
        sick_seats=centre.sick_seats,
        allow_preschool_sibling=centre.allow_preschool_sibling,
        preschool_sibling_min_age=centre.preschool_sibling_min_age,
        opened_on=centre.opened_on,
        introduction=centre.introduction,
        operating_rules=centre.operating_rules,
        invented=centre.invented,
        active=place.active,
        version=centre.version,
    )


def centre_by_ref(uow: UnitOfWork, ref: str) -> CentreRow:
    """Raises NotFound."""
    return _one_centre(uow, _CENTRE_BY_REF, key=ref)


def centre_by_id(uow: UnitOfWork, centre_id: int) -> CentreRow:
    """Raises NotFound."""
    return _one_centre(uow, _CENTRE_BY_ID, key=centre_id)


_CENTRE = (
    select(
        KiumCentre.id,
        Institution.ref,
        Institution.name,
        KiumCentre.kind,
        District.id.label("district_id"),
        District.name.label("district_name"),
        Institution.phone,
        Institution.address,
        KiumCentre.base_capacity,
        KiumCentre.exclusive_area.label("area"),
        KiumCentre.capacity_reason,
        KiumCentre.sick_care,
        KiumCentre.sick_seats,
        KiumCentre.allow_preschool_sibling,
        KiumCentre.preschool_sibling_min_age,
        KiumCentre.opened_on,
        KiumCentre.introduction,
        KiumCentre.operating_rules,
        KiumCentre.invented,
        Institution.active,
        KiumCentre.version,
    )
    .join(Institution, Institution.id == KiumCentre.id)
    .join(District, District.id == Institution.parent_id)
    .where(Institution.kind == InstitutionKind.KIUM_CENTRE)
)
"""The fields of ``CentreRow``, by name: one centre is read on every page about it."""
_CENTRE_BY_REF = _CENTRE.where(Institution.ref == bindparam("key"))
_CENTRE_BY_ID = _CENTRE.where(KiumCentre.id == bindparam("key"))


def _one_centre(uow: UnitOfWork, statement: Executable, key: str | int) -> CentreRow:
    row = uow.rows(statement, key=key).first()
    if row is None:
        raise NotFound("centre")
    return CentreRow(**{**row._asdict(), "kind": CentreKind(row.kind)})


def lock_gate(uow: UnitOfWork, *centre_ids: int) -> None:
    """Lock the gates of these places, in order of id, until the unit ends.

    Read what is in a place in a later statement: this one's snapshot is older than the lock.
    """
    wanted = sorted(set(centre_ids))
    if uow.rows(_LOCK_GATES, places=wanted).scalars() != wanted:
        raise NotFound("gate")


_LOCK_GATES = (
    select(Gate.centre_id)
    .where(Gate.centre_id == any_(bindparam("places", type_=ARRAY(BigInteger))))
    .order_by(Gate.centre_id)
    .with_for_update()
)


def quarter_row(row: Quarter) -> QuarterRow:
    plan = quarter_plan(
        row.kind,
        row.year_label,
        row.starts_on,
        row.ends_on,
        row.hours,
        row.staff,
        row.meals,
        row.vacation_hours,
    )
    return QuarterRow(row.id, row.ref, row.centre_id, QuarterState(row.state), row.version, plan)


def quarter_plan(
    kind: str,
    year_label: int,
    first: date | str,
    last: date | str,
    hours: dict[str, Any],
    staff: dict[str, Any],
    meals: dict[str, Any],
    vacation_hours: dict[str, Any],
) -> rules.QuarterPlan:
    """The columns of a row, or of a row as JSON (its dates are words then)."""
    return rules.QuarterPlan(
        kind=QuarterKind(kind),
        year_label=year_label,
        span=DateSpan(_date(first), _date(last)),
        hours=rules.WeekHours.from_json(hours),
        staff=rules.StaffPlan.from_json(staff),
        meals=rules.Meals.from_json(meals),
        vacation_hours=rules.WeekHours.from_json(vacation_hours),
    )


def _date(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def quarters_of(uow: UnitOfWork, centre_id: int, span: DateSpan | None = None) -> list[QuarterRow]:
    """In order of date; with ``span`` only those that touch it."""
    statement = _select_quarters().where(Quarter.centre_id == centre_id)
    if span is not None:
        statement = statement.where(Quarter.starts_on <= span.last, Quarter.ends_on >= span.first)
    return [quarter_row(row) for row in uow.session.scalars(statement)]


def quarters_by_centre(uow: UnitOfWork, centre_ids: Iterable[int]) -> dict[int, list[QuarterRow]]:
    """Every named centre, also one without quarters."""
    grouped: dict[int, list[QuarterRow]] = {centre_id: [] for centre_id in centre_ids}
    for row in uow.session.scalars(_select_quarters().where(Quarter.centre_id.in_(grouped))):
        grouped[row.centre_id].append(quarter_row(row))
    return grouped


def _select_quarters() -> Select[Quarter]:
    return select(Quarter).order_by(Quarter.starts_on).execution_options(populate_existing=True)


def quarter_by_ref(uow: UnitOfWork, ref: str) -> QuarterRow:
    """Raises NotFound."""
    row = uow.session.scalars(
        select(Quarter).where(Quarter.ref == ref).execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("quarter")
    return quarter_row(row)


def quarter_on(quarters: Iterable[QuarterRow], day: date) -> QuarterRow | None:
    return next((quarter for quarter in quarters if day in quarter.span), None)


def special_days(uow: UnitOfWork, centre_id: int, span: DateSpan | None = None) -> list[SpecialDayRow]:
    """In order of date; with ``span`` only those within."""
    statement = select(SpecialDay).where(SpecialDay.centre_id == centre_id).order_by(SpecialDay.day)
    if span is not None:
        statement = statement.where(SpecialDay.day.between(span.first, span.last))
    return [special_day_row(row) for row in uow.session.scalars(statement)]


def special_day_row(row: SpecialDay) -> SpecialDayRow:
    return SpecialDayRow(row.ref, row.day, special_day(row.kind, row.hours, row.staff), row.note)


def special_day(kind: str, hours: list[Any] | None, staff: list[Any] | None) -> rules.SpecialDay:
    """The columns of a row as the rules want them."""
    span = TimeSpan(parse_minute(hours[0]), parse_minute(hours[1])) if hours else None
    duty = rules.StaffPlan.from_json({"holiday": staff or []}).spans("holiday")
    return rules.SpecialDay(SpecialDayKind(kind), span, duty)


def opening_calendar(
    uow: UnitOfWork, centre_id: int, span: DateSpan, centre: CentreRow | None = None
) -> dict[date, rules.Opening]:
    """The opening of every day of ``span``; pass ``centre`` when it has been read already."""
    centre = centre or centre_by_id(uow, centre_id)
    return openings_from(
        uow, centre, span, quarters_of(uow, centre_id, span), special_days(uow, centre_id, span)
    )


def openings_from(
    uow: UnitOfWork,
    centre: CentreRow,
    span: DateSpan,
    quarters: Iterable[QuarterRow],
    special_rows: Iterable[SpecialDayRow],
) -> dict[date, rules.Opening]:
    """The same of quarters and special days that have been read already."""
    plans = [quarter.plan for quarter in quarters]
    special = {row.day: row.special for row in special_rows}
    calendar = tenancy.holidays(uow)
    ordinary = centre_policy(uow, centre, span.first)
    openings = {}
    for day in span:
        plan = next((plan for plan in plans if day in plan.span), None)
        # Only special days ask the policy, so only they look up the value of their own date (GC-20).
        policy = centre_policy(uow, centre, day) if day in special else ordinary
        openings[day] = rules.opening_on(day, plan, special, calendar, centre.kind, policy)
    return openings


def opening_of(uow: UnitOfWork, centre: CentreRow, day: date) -> rules.Opening:
    return opening_calendar(uow, centre.id, DateSpan(day, day), centre)[day]


def centre_policy(uow: UnitOfWork, centre: CentreRow, on: date | None = None) -> rules.CentrePolicy:
    """The figures in force for a centre on a day (default: today)."""
    return policy_at(uow, centre.place, on)


def policy_at(uow: UnitOfWork, place: Place, on: date | None = None) -> rules.CentrePolicy:
    day = on or uow.today
    return settings.made_once(uow, ("centre policy", place, day), lambda: _policy_at(uow, place, day))


def _policy_at(uow: UnitOfWork, place: Place, on: date) -> rules.CentrePolicy:
    return rules.CentrePolicy(
        **{name: settings.value(uow, parameter, on, place) for name, parameter in parameters.POLICY.items()}
    )


@dataclass(frozen=True, slots=True)
class CapacityChangeRow:
    id: int
    ref: str
    centre_id: int
    change: rules.CapacityChange
    state: CapacityChangeState
    asked_by: int | None
    decision_reason: str
    version: int

    @property
    def is_effective(self) -> bool:
        return self.state is CapacityChangeState.EFFECTIVE


def capacity_change_by_ref(uow: UnitOfWork, ref: str) -> CapacityChangeRow:
    """Raises NotFound."""
    row = uow.session.scalars(select(CapacityChange).where(CapacityChange.ref == ref)).first()
    if row is None:
        raise NotFound("capacity_change")
    return capacity_change_row(row)


def capacity_change_row(row: CapacityChange) -> CapacityChangeRow:
    change = rules.CapacityChange(
        row.old_capacity, row.new_capacity, row.old_area, row.new_area, row.effective_on, row.reason
    )
    return CapacityChangeRow(
        row.id,
        row.ref,
        row.centre_id,
        change,
        CapacityChangeState(row.state),
        row.created_by,
        row.decision_reason,
        row.version,
    )


def capacity_changes(uow: UnitOfWork, centre_id: int, limit: int = 20) -> list[CapacityChangeRow]:
    """Newest first."""
    rows = uow.session.scalars(
        select(CapacityChange)
        .where(CapacityChange.centre_id == centre_id)
        .order_by(CapacityChange.id.desc())
        .limit(limit)
    )
    return [capacity_change_row(row) for row in rows]


def coming_change(uow: UnitOfWork, centre_id: int) -> CapacityChangeRow | None:
    """The approved change that still waits for its date; it may hold new regular approvals (KC-11)."""
    row = uow.session.scalars(
        select(CapacityChange)
        .where(CapacityChange.centre_id == centre_id, CapacityChange.state == CapacityChangeState.APPROVED)
        .order_by(CapacityChange.effective_on)
    ).first()
    return None if row is None else capacity_change_row(row)
