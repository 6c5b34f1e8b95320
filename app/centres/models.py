"""Kium centres: what a place is, when it is open, how many it may take."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.centres.rules import CentreKind, QuarterKind, QuarterState, SpecialDayKind
from app.kernel.columns import WithCreated, WithId, WithRef, WithVersion
from app.kernel.db import Base


class KiumCentre(WithVersion, Base):
    """One row per institution of kind KIUM_CENTRE. The separate quota S is derived, never stored (KC-04)."""

    __tablename__ = "kium_centre"

    id: Mapped[int] = mapped_column(ForeignKey("institution.id"), primary_key=True, autoincrement=False)
    kind: Mapped[CentreKind] = mapped_column(String(10))
    exclusive_area: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    """㎡ (KC-01)."""
    base_capacity: Mapped[int]
    capacity_reason: Mapped[str] = mapped_column(default="")
    """Why the recommended area is not met (KC-03)."""
    sick_care: Mapped[bool] = mapped_column(default=False)
    sick_seats: Mapped[int] = mapped_column(default=0)
    allow_preschool_sibling: Mapped[bool] = mapped_column(default=False)
    preschool_sibling_min_age: Mapped[int] = mapped_column(default=5)
    opened_on: Mapped[date | None]
    introduction: Mapped[str] = mapped_column(default="")
    operating_rules: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """KB-51: {"priority": text, "ending": text, "deliberated_on": iso date}."""
    invented: Mapped[bool] = mapped_column(default=False)
    """Area and capacity are demonstration values, marked as such on every page."""


class Gate(Base):
    """The one row a command locks before it changes who is in a place."""

    __tablename__ = "gate"

    centre_id: Mapped[int] = mapped_column(
        ForeignKey("kium_centre.id"), primary_key=True, autoincrement=False
    )


class CapacityChange(WithRef, WithCreated, WithVersion, Base):
    """A request for another capacity or floor area, decided by the district (KC-10 – KC-12)."""

    __tablename__ = "capacity_change"
    __table_args__ = (
        Index(
            "uq_capacity_change_open", "centre_id", unique=True, postgresql_where=text("state = 'REQUESTED'")
        ),
    )

    centre_id: Mapped[int] = mapped_column(ForeignKey("kium_centre.id"), index=True)
    old_capacity: Mapped[int]
    new_capacity: Mapped[int]
    old_area: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    new_area: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    effective_on: Mapped[date]
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(String(10))
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str] = mapped_column(default="")


class Quarter(WithRef, WithCreated, WithVersion, Base):
    """An operating period; no two of a centre overlap (KQ-02)."""

    __tablename__ = "quarter"
    __table_args__ = (
        ExcludeConstraint(
            ("centre_id", "="),
            (func.daterange(text("starts_on"), text("ends_on"), text("'[]'")), "&&"),
            name="ex_quarter_overlap",
            using="gist",
        ),
        UniqueConstraint("centre_id", "year_label", "kind"),
        CheckConstraint("starts_on <= ends_on", name="span"),
    )

    centre_id: Mapped[int] = mapped_column(ForeignKey("kium_centre.id"))
    year_label: Mapped[int]
    kind: Mapped[QuarterKind] = mapped_column(String(10))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    hours: Mapped[dict[str, Any]]
    """{"mon": ["13:00", "19:00"], …, "sat": null, "holiday": null} (KQ-07)."""
    vacation_hours: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Hours used on short-vacation and discretionary days inside a semester (KQ-11); empty means the standard ones."""
    staff: Mapped[dict[str, Any]]
    """{"mon": [["13:00", "19:00", 2]], …}: essential staff on duty (KC-09)."""
    meals: Mapped[dict[str, Any]]
    """{"lunch": bool, "dinner": bool, "snack": bool}."""
    state: Mapped[QuarterState] = mapped_column(String(10), default=QuarterState.PLANNED)


class SpecialDay(WithRef, WithCreated, Base):
    __tablename__ = "special_day"
    __table_args__ = (UniqueConstraint("centre_id", "day"),)

    centre_id: Mapped[int] = mapped_column(ForeignKey("kium_centre.id"))
    day: Mapped[date]
    kind: Mapped[SpecialDayKind] = mapped_column(String(24))
    hours: Mapped[list[Any] | None]
    """["09:00", "18:00"] for EXTRA_OPEN; else None."""
    staff: Mapped[list[Any] | None]
    """[["09:00", "18:00", 1]] for EXTRA_OPEN (KQ-12)."""
    note: Mapped[str] = mapped_column(default="")


class DistrictRule(WithId, WithCreated, Base):
    """The kinds of evidence a district accepts for each priority ground (KB-40)."""

    __tablename__ = "district_rule"
    __table_args__ = (UniqueConstraint("district_id", "ground"),)

    district_id: Mapped[int] = mapped_column(ForeignKey("institution.id"))
    ground: Mapped[str] = mapped_column(String(30))
    papers: Mapped[list[Any]]
