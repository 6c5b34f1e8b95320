"""What the rules ask about a child and its bookings, read from the rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    String,
    and_,
    any_,
    bindparam,
    cast,
    false,
    func,
    literal,
    select,
    true,
    union_all,
)
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
    evidence_counts,
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
from app.people.queries import SeenChild
from app.people.rules import (
    Channel,
    ConsentChannel,
    ConsentKind,
    ElderStay,
    EvidenceKind,
    EvidenceState,
    grade_on,
)
from app.tenancy.models import Institution

APPLICATION_FORM = "kium-application"
APPLICATION_UPLOAD = "APPLICATION"


def booking_numbers(uow: UnitOfWork, code: str, count: int) -> list[str]:
    """2026-00-0001 (GC-17). Takes the counter's lock, for which all centres queue, so ask for them last."""
    year = uow.today.year
    last = next_number(uow, "booking", "KIUM", year, count)
    return [reception_number(year, code, last - count + n) for n in range(1, count + 1)]


def busy_times(
    uow: UnitOfWork, child_id: int, first: date, last: date, *, without: Collection[int] = ()
) -> list[Busy]:
    """The child's taken time in all services from ``first`` to ``last``, in words a guardian knows it by."""
    rows = uow.rows(_BUSY, child=child_id, begins=kst(first), stops=kst(last, MINUTES_PER_DAY))
    return [
        Busy(
            _period(period),
            f"{name} {BookingKind(kind).label}" if name else N_("다른 돌봄서비스"),
        )
        for period, name, kind, source_id in rows
        if not (name and source_id in without)
    ]


_BUSY = (
    select(ChildTime.period, Institution.name, Booking.kind, ChildTime.source_id)
    .outerjoin(Booking, (Booking.id == ChildTime.source_id) & (ChildTime.source == SOURCE))
    .outerjoin(Institution, Institution.id == Booking.centre_id)
    .where(
        ChildTime.child_id == bindparam("child"),
        ChildTime.period.op("&&")(
            func.tstzrange(
                bindparam("begins", type_=DateTime(timezone=True)),
                bindparam("stops", type_=DateTime(timezone=True)),
            )
        ),
    )
)


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


def child_facts(child: SeenChild, on: date, today: date) -> ChildFacts:
    """What eligibility needs, with the grade the child will be in on that day."""
    grade = None if child.grade is None else grade_on(child.grade, today, on)
    return ChildFacts(child.birth_date, child.in_school, grade)


def district_papers(uow: UnitOfWork, district_id: int) -> Papers:
    """The evidence a district accepts per ground (KB-40); where it laid down nothing, the usual papers."""
    rows = uow.rows(_DISTRICT_PAPERS, district=district_id)
    own = {Ground(ground): tuple(EvidenceKind(paper) for paper in papers) for ground, papers in rows}
    return {**DEFAULT_PAPERS, **own}


_DISTRICT_PAPERS = select(DistrictRule.ground, DistrictRule.papers).where(
    DistrictRule.district_id == bindparam("district")
)


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
    known: dict[tuple[str, bool, int | None], Rank] = {}
    ranks = {}
    for claim in claims:
        applied_on = kst_date(claim.applied_at)
        proven = any(
            ground == claim.ground and evidence_counts(EvidenceState.VERIFIED, verified_on, applied_on)
            for ground, verified_on in verified.get(claim.child_id, ())
        )
        case = claim.ground, proven, grades[claim.child_id]
        if case not in known:  # a thousand claims are a handful of cases
            known[case] = rank_for(place, Ground(claim.ground), proven, case[2])
        ranks[claim.id] = known[case]
    return ranks


def rank_for(place: Place, claimed: Ground, verified: bool, grade: int | None) -> Rank:
    """Of a ground that is ``verified`` or not in the year of the application (KB-37, KB-39)."""
    policy, order = place.terms.booking, place.terms.order
    proven = {claimed} if verified else set()
    number = rank([claimed], proven, order, grade, policy.low_grade_max)
    return Rank(number, _ground_of(number, claimed, proven, order), claimed, verified)


def _ground_of(
    number: int, claimed: Ground, proven: Collection[Ground], order: Sequence[Sequence[Ground]]
) -> Ground | None:
    if number > len(order) or Ground.OTHER in order[number - 1]:
        return None
    return claimed if claimed in proven and claimed in order[number - 1] else Ground.LOW_GRADE


def _verified_grounds(uow: UnitOfWork, children: Collection[int]) -> dict[int, list[tuple[Ground, date]]]:
    """Per child the verified grounds, each with the day of its verification."""
    if not children:
        return {}
    rows = uow.rows(_VERIFIED, children=list(children))
    found: dict[int, list[tuple[Ground, date]]] = {}
    for child_id, ground, decided_at in rows:
        if decided_at is not None:
            found.setdefault(child_id, []).append((Ground(ground), kst_date(decided_at)))
    return found


_VERIFIED = select(Evidence.child_id, Evidence.ground, Evidence.decided_at).where(
    Evidence.child_id == any_(bindparam("children", type_=ARRAY(BigInteger))),
    Evidence.state == EvidenceState.VERIFIED,
)


def documents_of(uow: UnitOfWork, bookings: Sequence[Claim]) -> dict[int, Documents]:
    """Which papers of each booking are there, online or scanned (KB-16). An online application is its own paper."""
    if not bookings:
        return {}
    lying = _lying(uow, [booking.id for booking in bookings], {booking.child_id for booking in bookings})
    online, missing = DocumentStatus.ONLINE, DocumentStatus.MISSING
    found: dict[int, Documents] = {}
    for booking in bookings:
        child, year = booking.child_id, kst_date(booking.applied_at).year
        signed = booking.channel == Channel.ONLINE or (PAPER, booking.id, "") in lying
        found[booking.id] = {
            DocumentKind.APPLICATION: online if signed else lying.get((SCAN, booking.id, ""), missing),
            DocumentKind.PRIVACY_CONSENT: lying.get((CONSENT, child, ConsentKind.PRIVACY), missing),
            DocumentKind.ARRIVAL_CONSENT: lying.get((CONSENT, child, ConsentKind.ARRIVAL_DEPARTURE), missing),
            DocumentKind.EVIDENCE: lying.get((EVIDENCE, child, str(year)), missing),
        }
    return found


SCAN, PAPER, CONSENT, EVIDENCE = "scan", "paper", "consent", "evidence"


def _lying(
    uow: UnitOfWork, bookings: Collection[int], children: Collection[int]
) -> dict[tuple[str, int, str], DocumentStatus]:
    """(table, booking or child, kind or year) → how it was handed in: four tables in one statement."""
    found: dict[tuple[str, int, str], DocumentStatus] = {}
    wanted = {"bookings": list(bookings), "children": list(children)}
    for table, whose, which, valid, on_paper, _at, _row in uow.rows(_LYING, **wanted):
        status = DocumentStatus.OFFLINE if on_paper else DocumentStatus.ONLINE
        found[table, whose, which] = status if valid else DocumentStatus.MISSING
    return found


def _select_lying() -> Any:
    """The latest last: of consents the latest word of each kind counts, if it is a yes that was not taken back."""
    bookings = any_(bindparam("bookings", type_=ARRAY(BigInteger)))
    children = any_(bindparam("children", type_=ARRAY(BigInteger)))
    scans = select(
        literal(SCAN), Upload.owner_id, literal(""), true(), true(), Upload.created_at, Upload.id
    ).where(
        Upload.owner == SOURCE,
        Upload.kind == APPLICATION_UPLOAD,
        Upload.owner_id == bookings,
        Upload.purged_at.is_(None),
    )
    signed = select(
        literal(PAPER), Paper.subject_id, literal(""), true(), false(), Paper.created_at, Paper.id
    ).where(
        Paper.subject == SOURCE,
        Paper.subject_id == bookings,
        Paper.form_id == APPLICATION_FORM,
        Paper.state == "ISSUED",
    )
    consents = select(
        literal(CONSENT),
        Consent.child_id,
        Consent.kind,
        and_(Consent.decision, Consent.withdrawn_at.is_(None)),
        Consent.channel != ConsentChannel.ONLINE,
        Consent.given_at.label("at"),
        Consent.id.label("row"),
    ).where(Consent.child_id == children)
    # A rejected paper is none.
    evidence = (
        select(
            literal(EVIDENCE),
            Evidence.child_id,
            cast(Evidence.year, String),
            true(),
            Upload.on_paper,
            Evidence.created_at,
            Evidence.id,
        )
        .join(Upload, Upload.id == Evidence.upload_id)
        .where(
            Evidence.child_id == children,
            Evidence.state.in_([EvidenceState.UPLOADED, EvidenceState.VERIFIED]),
        )
    )
    return union_all(consents, scans, signed, evidence).order_by("at", "row")


_LYING = _select_lying()


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
