"""What the rules ask about a child and its bookings, read from the rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import aliased

from app.accounts.models import UserAccount
from app.booking.models import Booking, CareCard, UsageDay
from app.booking.place import Place
from app.booking.rules.decision import DocumentKind, Documents, DocumentStatus
from app.booking.rules.priority import (
    DEFAULT_PAPERS,
    Ground,
    Papers,
    needs_paper,
    rank,
)
from app.booking.rules.request import Busy, ChildFacts
from app.booking.rules.states import BookingKind, UsageDayState
from app.booking.seats import SOURCE
from app.booking.times import hours_between
from app.centres.models import DistrictRule
from app.documents.models import Paper, Upload
from app.kernel.calendar import reception_number
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_
from app.kernel.numbering import next_number
from app.kernel.ranges import MINUTES_PER_DAY, Period, kst, kst_date
from app.people.models import Child, ChildTime, Consent, Evidence, GuardianChild
from app.people.rules import (
    Channel,
    ConsentChannel,
    ConsentKind,
    ElderStay,
    EvidenceKind,
    EvidenceState,
    grade_on,
)
from app.tenancy.models import Institution, Tenant

APPLICATION_FORM = "kium-application"
APPLICATION_UPLOAD = "APPLICATION"


def next_booking_number(uow: UnitOfWork) -> str:
    """2026-00-0001 (GC-17). Takes the counter's lock, so ask for it last."""
    code = uow.memory.get("tenant_code")
    if code is None:
        code = uow.session.execute(select(Tenant.code).where(Tenant.slug == uow.tenant.slug)).scalar_one()
        uow.memory["tenant_code"] = code
    year = uow.today.year
    return reception_number(year, code, next_number(uow, "booking", "KIUM", year))


def busy_times(
    uow: UnitOfWork, child_id: int, first: date, last: date, *, without: Collection[int] = ()
) -> list[Busy]:
    """The child's taken time in all services from ``first`` to ``last``, in words a guardian knows it by."""
    rows = uow.session.execute(
        select(ChildTime.period, Institution.name, Booking.kind, ChildTime.kind, ChildTime.source_id)
        .outerjoin(Booking, (Booking.id == ChildTime.source_id) & (ChildTime.source == SOURCE))
        .outerjoin(Institution, Institution.id == Booking.centre_id)
        .where(
            ChildTime.child_id == child_id,
            ChildTime.period.op("&&")(func.tstzrange(kst(first), kst(last, MINUTES_PER_DAY))),
        )
    )
    return [
        Busy(
            _period(period),
            f"{name} {BookingKind(kind).label}" if name else N_("다른 돌봄서비스"),
        )
        for period, name, kind, _, source_id in rows
        if not (name and source_id in without)
    ]


def _period(stored: Range[datetime]) -> Period:
    """A child's time always has both ends."""
    if stored.lower is None or stored.upper is None:
        raise ValueError("a child's time needs a beginning and an end")
    return Period(stored.lower, stored.upper)


@dataclass(frozen=True, slots=True)
class Elder:
    """A brother's or sister's stay at the same centre, and the booking it comes from (KB-36)."""

    booking_id: int
    stay: ElderStay


def elders_on(
    uow: UnitOfWork, centre_id: int, child_id: int, days: Collection[date]
) -> dict[date, list[Elder]]:
    """Stays of children who share a guardian with this child."""
    mine, theirs = aliased(GuardianChild), aliased(GuardianChild)
    siblings = (
        select(theirs.child_id)
        .join(mine, mine.guardian_id == theirs.guardian_id)
        .where(mine.child_id == child_id, theirs.child_id != child_id)
    )
    rows = uow.session.execute(
        select(
            UsageDay.day, UsageDay.booking_id, Child.birth_date, UsageDay.start_minute, UsageDay.end_minute
        )
        .join(Child, Child.id == UsageDay.child_id)
        .where(
            UsageDay.centre_id == centre_id,
            UsageDay.day.in_(days),
            UsageDay.state != UsageDayState.CANCELLED,
            UsageDay.child_id.in_(siblings),
        )
    )
    found: dict[date, list[Elder]] = {}
    for day, booking_id, birth, start, end in rows:
        found.setdefault(day, []).append(Elder(booking_id, ElderStay(birth, hours_between(start, end))))
    return found


def child_facts(child: Child, on: date, today: date) -> ChildFacts:
    """What eligibility needs, with the grade the child will be in on that day."""
    grade = None if child.grade is None else grade_on(child.grade, today, on)
    return ChildFacts(child.birth_date, child.in_school, grade)


def district_papers(uow: UnitOfWork, district_id: int) -> Papers:
    """The evidence a district accepts per ground (KB-40); where it laid down nothing, the usual papers."""
    rows = uow.session.execute(
        select(DistrictRule.ground, DistrictRule.papers).where(DistrictRule.district_id == district_id)
    )
    own = {Ground(ground): tuple(EvidenceKind(paper) for paper in papers) for ground, papers in rows}
    return {**DEFAULT_PAPERS, **own}


@dataclass(frozen=True, slots=True)
class Rank:
    """Where a booking stands: its number, and the verified ground that gives it (None: no ground counts)."""

    number: int
    ground: Ground | None
    claimed: Ground
    verified: bool


class Claim(Protocol):
    """A booking, or the few columns of it that rank and papers depend on."""

    @property
    def id(self) -> int: ...

    @property
    def child_id(self) -> int: ...

    @property
    def kind(self) -> str: ...

    @property
    def channel(self) -> str: ...

    @property
    def ground(self) -> str: ...

    @property
    def applied_at(self) -> datetime: ...


def ranks_of(
    uow: UnitOfWork, place: Place, claims: Sequence[Claim], grades: Mapping[int, int | None]
) -> dict[int, Rank]:
    """Rank per booking id (KB-37 – KB-39). ``grades``: child id → grade."""
    verified = _verified_grounds(uow, {claim.child_id for claim in claims})
    policy, order = place.terms.booking, place.terms.order
    ranks = {}
    for claim in claims:
        claimed = Ground(claim.ground)
        year = kst_date(claim.applied_at).year
        proven = {ground for ground, proven_in in verified.get(claim.child_id, ()) if proven_in == year}
        number = rank([claimed], proven, order, grades[claim.child_id], policy.low_grade_max)
        ground = _ground_of(number, claimed, proven, order)
        ranks[claim.id] = Rank(number, ground, claimed, verified=claimed in proven)
    return ranks


def _ground_of(
    number: int, claimed: Ground, proven: Collection[Ground], order: Sequence[Sequence[Ground]]
) -> Ground | None:
    if number > len(order) or Ground.OTHER in order[number - 1]:
        return None
    return claimed if claimed in proven and claimed in order[number - 1] else Ground.LOW_GRADE


def _verified_grounds(uow: UnitOfWork, children: Collection[int]) -> dict[int, set[tuple[Ground, int]]]:
    """Per child the verified grounds, with the calendar year of their verification (KB-39)."""
    if not children:
        return {}
    rows = uow.session.execute(
        select(Evidence.child_id, Evidence.ground, Evidence.state, Evidence.decided_at).where(
            Evidence.child_id.in_(children), Evidence.state == EvidenceState.VERIFIED
        )
    )
    found: dict[int, set[tuple[Ground, int]]] = {}
    for child_id, ground, _, decided_at in rows:
        if decided_at is None:
            continue
        found.setdefault(child_id, set()).add((Ground(ground), kst_date(decided_at).year))
    return found


def documents_of(uow: UnitOfWork, bookings: Sequence[Claim]) -> dict[int, Documents]:
    """Which papers of each booking are there, online or scanned (KB-16). An online application is its own paper."""
    ids = [booking.id for booking in bookings]
    children = {booking.child_id for booking in bookings}
    if not ids:
        return {}
    scanned = set(
        uow.session.scalars(
            select(Upload.owner_id).where(
                Upload.owner == SOURCE,
                Upload.kind == APPLICATION_UPLOAD,
                Upload.owner_id.in_(ids),
                Upload.purged_at.is_(None),
            )
        )
    )
    signed = set(
        uow.session.scalars(
            select(Paper.subject_id).where(
                Paper.subject == SOURCE,
                Paper.subject_id.in_(ids),
                Paper.form_id == APPLICATION_FORM,
                Paper.state == "ISSUED",
            )
        )
    )
    consents, evidence = _consents(uow, children), _evidence(uow, children)
    missing = DocumentStatus.MISSING
    found: dict[int, Documents] = {}
    for booking in bookings:
        online = booking.channel == Channel.ONLINE or booking.id in signed
        scan = DocumentStatus.OFFLINE if booking.id in scanned else missing
        consent = consents.get(booking.child_id, {})
        found[booking.id] = {
            DocumentKind.APPLICATION: DocumentStatus.ONLINE if online else scan,
            DocumentKind.PRIVACY_CONSENT: consent.get(ConsentKind.PRIVACY, missing),
            DocumentKind.ARRIVAL_CONSENT: consent.get(ConsentKind.ARRIVAL_DEPARTURE, missing),
            DocumentKind.EVIDENCE: evidence.get(
                (booking.child_id, kst_date(booking.applied_at).year), missing
            ),
        }
    return found


def _consents(uow: UnitOfWork, children: Collection[int]) -> dict[int, dict[ConsentKind, DocumentStatus]]:
    """The latest word of each kind counts, if it is a yes that was not taken back."""
    rows = uow.session.execute(
        select(Consent.child_id, Consent.kind, Consent.decision, Consent.withdrawn_at, Consent.channel)
        .where(Consent.child_id.in_(children))
        .order_by(Consent.given_at, Consent.id)
    )
    found: dict[int, dict[ConsentKind, DocumentStatus]] = {}
    for child_id, kind, decision, withdrawn_at, channel in rows:
        if child_id is None:
            continue
        given = decision and withdrawn_at is None
        on_paper = channel != ConsentChannel.ONLINE
        status = DocumentStatus.OFFLINE if on_paper else DocumentStatus.ONLINE
        found.setdefault(child_id, {})[ConsentKind(kind)] = status if given else DocumentStatus.MISSING
    return found


def _evidence(uow: UnitOfWork, children: Collection[int]) -> dict[tuple[int, int], DocumentStatus]:
    """(child, year) → how the evidence of that year was handed in; a rejected paper is none."""
    rows = uow.session.execute(
        select(Evidence.child_id, Evidence.year, Upload.on_paper)
        .join(Upload, Upload.id == Evidence.upload_id)
        .where(
            Evidence.child_id.in_(children),
            Evidence.state.in_([EvidenceState.UPLOADED, EvidenceState.VERIFIED]),
        )
    )
    return {
        (child_id, year): DocumentStatus.OFFLINE if on_paper else DocumentStatus.ONLINE
        for child_id, year, on_paper in rows
    }


def evidence_required(booking: Claim, papers: Papers) -> bool:
    """Whether the claimed ground is one the district wants proven (KB-17)."""
    return needs_paper([Ground(booking.ground)], papers)


def has_care_card(uow: UnitOfWork, child_id: int, centre_id: int) -> bool:
    return bool(
        uow.session.scalar(
            select(CareCard.id).where(CareCard.child_id == child_id, CareCard.centre_id == centre_id).limit(1)
        )
    )


def user_name(uow: UnitOfWork, user_id: int | None) -> str:
    """Who did it, for a sentence; the system has no account."""
    if user_id is None:
        return N_("시스템")
    return uow.session.scalar(select(UserAccount.name).where(UserAccount.id == user_id)) or N_("담당자")
