"""Daycares, their classes and rosters; families' applications; bookings and stays; the room's records."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.columns import WithCreated, WithId, WithRef, WithVersion
from app.kernel.db import Base

HOLDING_SQL = "state IN ('REQUESTED', 'CONFIRMED', 'PAID', 'IN_CARE')"


class Daycare(WithVersion, Base):
    """One row per institution of kind DAYCARE."""

    __tablename__ = "daycare"

    id: Mapped[int] = mapped_column(ForeignKey("institution.id"), primary_key=True, autoincrement=False)
    letter: Mapped[str] = mapped_column(String(60), default="")
    """Number of the governor's designation letter (AD-33)."""
    designated_on: Mapped[date | None]
    designation_ends_on: Mapped[date | None]
    """Last day of the designation; None: open."""
    hours: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """{"weekday": ["07:30", "31:30"], "holiday": ["09:00", "18:00"] | null}: when it differs from the standard
    (AD-30); minutes past midnight go on counting. Empty: the municipality's parameters."""
    account: Mapped[str] = mapped_column(String(120), default="")
    """Where parents pay, in words: bank, number, holder."""
    introduction: Mapped[str] = mapped_column(default="")
    emergency_manual: Mapped[str] = mapped_column(default="")
    invented: Mapped[bool] = mapped_column(default=False)


class DaycareGate(Base):
    """The one row a command locks before it changes who is in a daycare."""

    __tablename__ = "daycare_gate"

    daycare_id: Mapped[int] = mapped_column(ForeignKey("daycare.id"), primary_key=True, autoincrement=False)


class DaycareClass(WithRef, WithCreated, WithVersion, Base):
    """반: a group of at most five children, open at the same minutes of the operating day on its weekdays (AD-02)."""

    __tablename__ = "daycare_class"

    daycare_id: Mapped[int] = mapped_column(ForeignKey("daycare.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    places: Mapped[int] = mapped_column(default=5)
    weekdays: Mapped[list[Any]]
    """["mon", …, "sun", "holiday"]: classes of operating day; holiday stands for Sundays and public holidays too."""
    start_minute: Mapped[int] = mapped_column(default=450)
    end_minute: Mapped[int] = mapped_column(default=1890)
    """Minutes from midnight of the operating day; 1890 is 07:30 of the next."""
    teachers: Mapped[int] = mapped_column(default=1)
    """On duty when no roster says otherwise."""
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class RosterShift(WithRef, WithCreated, Base):
    """A teacher's duty in a class. Where a class has shifts on an operating day, they say how many teachers it has."""

    __tablename__ = "roster_shift"
    __table_args__ = (Index(None, "daycare_id", "operating_day"),)

    daycare_id: Mapped[int] = mapped_column(ForeignKey("daycare.id"))
    class_id: Mapped[int] = mapped_column(ForeignKey("daycare_class.id"), index=True)
    operating_day: Mapped[date]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    teacher: Mapped[str] = mapped_column(String(40))
    period: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)


class DaycareClosure(WithRef, WithCreated, Base):
    """An operating day on which a daycare is closed beside the five statutory ones (GC-13)."""

    __tablename__ = "daycare_closure"
    __table_args__ = (UniqueConstraint("daycare_id", "operating_day"),)

    daycare_id: Mapped[int] = mapped_column(ForeignKey("daycare.id"))
    operating_day: Mapped[date]
    reason: Mapped[str] = mapped_column(String(120))


class DaycareApplication(WithRef, WithCreated, WithVersion, Base):
    """이용신청서 및 운영규정 서약서 of one family for one daycare: valid until something changes (AD-18 – AD-20)."""

    __tablename__ = "daycare_application"
    __table_args__ = (
        Index(
            "uq_daycare_application_open",
            "daycare_id",
            "guardian_id",
            unique=True,
            postgresql_where=text("state IN ('DRAFT', 'SUBMITTED', 'ACCEPTED', 'RETURNED')"),
        ),
    )

    daycare_id: Mapped[int] = mapped_column(ForeignKey("daycare.id"))
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id"), index=True)
    """Who applies."""
    state: Mapped[str] = mapped_column(String(10))
    """DRAFT, SUBMITTED, ACCEPTED, RETURNED, OUTDATED, WITHDRAWN."""
    channel: Mapped[str] = mapped_column(String(8))
    purpose: Mapped[str] = mapped_column(String(20), default="")
    purpose_words: Mapped[str] = mapped_column(default="")
    consents: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """{"first_aid": bool, "going_home": bool, "rules": bool, "privacy": bool, "survey": bool} (AD-20)."""
    passed: Mapped[list[Any]] = mapped_column(default=list)
    """Soft refusals the director let pass: [[consent, reason], …]."""
    checks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """{"family": {"paper": …, "at": iso, "by": name, "returned": true}, "identity": {…}} (AD-18)."""
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("paper.id"))
    submitted_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str] = mapped_column(default="")


class ApplicationChild(WithId, Base):
    """One of up to three children of an application."""

    __tablename__ = "application_child"
    __table_args__ = (UniqueConstraint("application_id", "child_id"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("daycare_application.id"))
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), index=True)
    position: Mapped[int]
    qualification: Mapped[str] = mapped_column(String(12))
    """DAYCARE, KINDERGARTEN, HOME: where the child is enrolled (AD-15, AD-19)."""
    free_category: Mapped[str] = mapped_column(String(20), default="")
    """E.g. ``vulnerable``, once the director has seen the proof (AD-12)."""
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Encrypted JSON: disease, allergy (food, symptom, substitute), medicine, habits, blood type."""


class ApplicationGuardian(WithId, Base):
    """One of up to three persons in the order of emergency calls; the child is given to these (AD-22)."""

    __tablename__ = "application_guardian"
    __table_args__ = (UniqueConstraint("application_id", "position"),)

    application_id: Mapped[int] = mapped_column(ForeignKey("daycare_application.id"))
    position: Mapped[int]
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("guardian.id"))
    relation: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(40))
    birth_date: Mapped[date | None]
    phone: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(200), default="")


class DaycareBooking(WithRef, WithCreated, WithVersion, Base):
    """One child's reservation of one to five operating days in a row. It holds its bed from REQUESTED on."""

    __tablename__ = "daycare_booking"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="span"),
        Index(None, "daycare_id", "state", "first_day"),
        Index(None, "child_id", "state"),
        Index(None, "guardian_id"),
    )

    number: Mapped[str] = mapped_column(String(20), unique=True)
    batch: Mapped[str] = mapped_column(String(16), default="")
    """Siblings booked by one submission share it."""
    daycare_id: Mapped[int] = mapped_column(ForeignKey("daycare.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("daycare_application.id"))
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"))
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    """Operating days, both included."""
    channel: Mapped[str] = mapped_column(String(12))
    """ONLINE, PHONE, VISIT, CALL_CENTRE."""
    received_at: Mapped[datetime]
    touches_night: Mapped[bool] = mapped_column(default=False)
    purpose: Mapped[str] = mapped_column(default="")
    contact_phone: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(14))
    """REQUESTED, CONFIRMED, PAID, IN_CARE, COMPLETED, CANCELLED, LATE_CANCELLED, NO_SHOW, REFUSED."""
    fee_hour: Mapped[int]
    """Won an hour as it was when it was booked (GC-20)."""
    free_category: Mapped[str] = mapped_column(String(20), default="")
    quoted: Mapped[int]
    """Won for the booked hours, after government-paid ones."""
    overrides: Mapped[list[Any]] = mapped_column(default=list)
    """Soft problems passed with a reason: [[code, reason], …]."""
    decided_by: Mapped[int | None] = mapped_column(BigInteger)
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str] = mapped_column(default="")
    cancelled_at: Mapped[datetime | None]
    cancelled_how: Mapped[str] = mapped_column(default="")
    """Who asked by which way, and how the caller was identified (AD-16)."""


class DaycareStay(WithRef, WithVersion, Base):
    """One child in one daycare from entry to exit; a night is one stay. ``planned`` holds the bed."""

    __tablename__ = "daycare_stay"
    __table_args__ = (
        Index("ix_daycare_stay_planned", "daycare_id", "planned", postgresql_using="gist"),
        Index(None, "daycare_id", "operating_day"),
        Index(None, "booking_id"),
        Index(
            "ix_daycare_stay_inside",
            "daycare_id",
            postgresql_where=text("in_at IS NOT NULL AND out_at IS NULL"),
        ),
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey("daycare_booking.id"))
    daycare_id: Mapped[int] = mapped_column(ForeignKey("daycare.id"))
    class_id: Mapped[int] = mapped_column(ForeignKey("daycare_class.id"))
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), index=True)
    operating_day: Mapped[date]
    """Of its start."""
    planned: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    small_until: Mapped[datetime | None]
    """Until then the child counts as under 24 months; disabled children: infinity is written as 9999-12-31 (AD-03)."""
    state: Mapped[str] = mapped_column(String(10))
    """PLANNED, INSIDE, LEFT, CANCELLED, NO_SHOW: PLANNED and INSIDE hold the bed."""
    in_at: Mapped[datetime | None]
    in_person: Mapped[str] = mapped_column(String(60), default="")
    """Who brought the child: name and relation."""
    in_identity: Mapped[str] = mapped_column(String(40), default="")
    """How the person was identified."""
    in_signature: Mapped[list[Any] | None]
    in_by: Mapped[str] = mapped_column(String(40), default="")
    out_at: Mapped[datetime | None]
    out_person: Mapped[str] = mapped_column(String(60), default="")
    out_identity: Mapped[str] = mapped_column(String(40), default="")
    out_signature: Mapped[list[Any] | None]
    out_by: Mapped[str] = mapped_column(String(40), default="")
    prior_contact_id: Mapped[int | None] = mapped_column(ForeignKey("prior_contact.id"))
    """The recorded call before a person not on the list took the child (AD-22)."""
    emergency: Mapped[str] = mapped_column(default="")
    """Why the curfew was broken (AD-06)."""
    unpaid_reason: Mapped[str] = mapped_column(default="")
    """Why entry was allowed unpaid (AD-13)."""
    belongings: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    violations: Mapped[list[Any]] = mapped_column(default=list)
    """Limits a recorded fact broke: [code, …] (GC-19)."""
    used_minutes: Mapped[int | None]
    billed_hours: Mapped[int | None]
    government_hours: Mapped[int] = mapped_column(default=0)
    amount: Mapped[int | None]


class PriorContact(WithRef, WithCreated, Base):
    """A call before a person who is not on the list comes for a child."""

    __tablename__ = "prior_contact"

    daycare_id: Mapped[int] = mapped_column(ForeignKey("daycare.id"))
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), index=True)
    called_at: Mapped[datetime]
    caller: Mapped[str] = mapped_column(String(40))
    """The registered guardian who called."""
    caller_phone: Mapped[str] = mapped_column(String(20))
    person: Mapped[str] = mapped_column(String(40))
    relation: Mapped[str] = mapped_column(String(20))
    phone: Mapped[str] = mapped_column(String(20), default="")
    valid_on: Mapped[date]
    recorded_by: Mapped[str] = mapped_column(String(40))


class MedicineRequest(WithRef, WithCreated, WithVersion, Base):
    """투약의뢰서: without it no medicine is given (AD-27)."""

    __tablename__ = "medicine_request"

    daycare_id: Mapped[int] = mapped_column(ForeignKey("daycare.id"), index=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"), index=True)
    stay_id: Mapped[int | None] = mapped_column(ForeignKey("daycare_stay.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted JSON: symptom, medicine, dose, how it is kept, remarks."""
    times: Mapped[list[Any]]
    """["21:00", …]"""
    signature: Mapped[list[Any] | None]
    signed_name: Mapped[str] = mapped_column(String(40), default="")
    withdrawn_at: Mapped[datetime | None]
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("paper.id"))


class MedicineGiven(WithRef, WithCreated, Base):
    """One dose that was given."""

    __tablename__ = "medicine_given"

    request_id: Mapped[int] = mapped_column(ForeignKey("medicine_request.id"), index=True)
    given_at: Mapped[datetime]
    given_by: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(default="")


class Journal(WithRef, WithCreated, WithVersion, Base):
    """보육일지 (서식8) of one class and operating day (AD-24)."""

    __tablename__ = "journal"
    __table_args__ = (UniqueConstraint("class_id", "operating_day"),)

    daycare_id: Mapped[int] = mapped_column(ForeignKey("daycare.id"))
    class_id: Mapped[int] = mapped_column(ForeignKey("daycare_class.id"))
    operating_day: Mapped[date] = mapped_column(index=True)
    teacher: Mapped[str] = mapped_column(String(40), default="")
    entries: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Words by heading: plan, activities, sleep, evaluation, handover …"""
    state: Mapped[str] = mapped_column(String(8), default="OPEN")
    """OPEN → SIGNED (teacher) → CLOSED (director)."""
    signed_by: Mapped[str] = mapped_column(String(40), default="")
    signed_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(String(40), default="")
    closed_at: Mapped[datetime | None]
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("paper.id"))


class Meal(WithRef, WithCreated, Base):
    """Food the daycare gave by agreement, with its picture (AD-23)."""

    __tablename__ = "meal"
    __table_args__ = (Index(None, "daycare_id", "operating_day"),)

    daycare_id: Mapped[int] = mapped_column(ForeignKey("daycare.id"))
    class_id: Mapped[int] = mapped_column(ForeignKey("daycare_class.id"))
    operating_day: Mapped[date]
    stay_id: Mapped[int | None] = mapped_column(ForeignKey("daycare_stay.id"))
    """None: for all who were there."""
    kind: Mapped[str] = mapped_column(String(10))
    """BREAKFAST, LUNCH, DINNER, SNACK."""
    menu: Mapped[str] = mapped_column(String(200))
    amount: Mapped[int] = mapped_column(default=0)
    not_reused: Mapped[bool]
    """Confirmed: no food of the regular hours was used again."""
    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id"))


class CallBack(WithRef, WithCreated, Base):
    """A note to call a guardian when a bed becomes free that day (AD-34); it holds nothing."""

    __tablename__ = "call_back"

    daycare_id: Mapped[int] = mapped_column(ForeignKey("daycare.id"), index=True)
    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardian.id"))
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id"))
    operating_day: Mapped[date]
    wanted: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    phone: Mapped[str] = mapped_column(String(20))
    done_at: Mapped[datetime | None]
