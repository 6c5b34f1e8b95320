"""Reads of policies: what covers which day, and the lists of a director and of the city."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select

from app.documents.models import Upload
from app.insurance import rules
from app.insurance.models import InsurancePolicy
from app.insurance.rules import Cover, PolicyKind, PolicyState
from app.kernel.db import UnitOfWork
from app.kernel.ranges import DateSpan
from app.tenancy.models import Institution
from app.tenancy.rules import InstitutionKind


def covers_of(uow: UnitOfWork, institution_ids: Collection[int]) -> dict[int, list[Cover]]:
    """The policies of many institutions in one statement; every one asked for is there."""
    found: dict[int, list[Cover]] = {place: [] for place in institution_ids}
    policy = InsurancePolicy
    rows = uow.session.execute(
        select(policy.institution_id, policy.kind, policy.starts_on, policy.ends_on)
        .where(policy.institution_id.in_(found))
        .order_by(policy.starts_on, policy.id)
    )
    for place, kind, starts_on, ends_on in rows:
        found[place].append(Cover(PolicyKind(kind), starts_on, ends_on))
    return found


def missing(
    uow: UnitOfWork, institution_id: int, kinds: Collection[PolicyKind], day: date
) -> tuple[PolicyKind, ...]:
    """Which of ``kinds`` do not cover the institution on ``day`` (AD-25)."""
    return rules.missing_on(covers_of(uow, (institution_id,))[institution_id], kinds, day)


def covered(uow: UnitOfWork, institution_id: int, kinds: Collection[PolicyKind], day: date) -> bool:
    """Whether every one of ``kinds`` covers the institution on ``day``: judged at read time, no job is needed."""
    return not missing(uow, institution_id, kinds, day)


def covered_days(
    uow: UnitOfWork, institution_ids: Collection[int], kinds: Collection[PolicyKind], span: DateSpan
) -> dict[int, frozenset[date]]:
    """The insured days of ``span`` by institution, in one statement."""
    return {
        place: rules.covered_days(covers, kinds, span)
        for place, covers in covers_of(uow, institution_ids).items()
    }


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A policy as lists show it; ``state`` and ``left`` (days, negative after its end) are today's."""

    id: int
    ref: str
    version: int
    institution_id: int
    institution: str
    cover: Cover
    insurer: str
    number: str
    state: PolicyState
    left: int
    renewed: bool
    certificate: str
    """The name of the scanned file; empty without one."""

    @property
    def left_words(self) -> str:
        if self.state is PolicyState.COMING:
            return ""
        return rules.left_words(self.left)


@dataclass(frozen=True, slots=True)
class KindRow:
    """How an institution stands with one kind it must have; ``until``: last day of unbroken cover."""

    kind: PolicyKind
    until: date | None
    left: int | None

    @property
    def is_covered(self) -> bool:
        return self.until is not None


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One institution in the city's list."""

    id: int
    ref: str
    name: str
    phone: str
    kinds: Sequence[KindRow]
    policies: Sequence[PolicyRow]

    @property
    def bookable(self) -> bool:
        return all(row.is_covered for row in self.kinds)

    @property
    def least(self) -> int:
        """Days until the first gap; -1 when there is one now."""
        return min((-1 if row.left is None else row.left for row in self.kinds), default=-1)


def policies_of(uow: UnitOfWork, institution_id: int) -> list[PolicyRow]:
    """Those that still cover something first, the longest at the top."""
    return _policy_rows(uow, _select().where(InsurancePolicy.institution_id == institution_id))


def kinds_of(policies: Collection[PolicyRow], kinds: Collection[PolicyKind], today: date) -> list[KindRow]:
    covers = [row.cover for row in policies]
    rows = []
    for kind in kinds:
        until = rules.insured_until(covers, kind, today)
        rows.append(KindRow(kind, until, None if until is None else (until - today).days))
    return rows


def daycares(uow: UnitOfWork) -> list[PlaceRow]:
    """Every active daycare of the municipality, the most urgent first."""
    places = uow.session.scalars(
        select(Institution)
        .where(Institution.kind == InstitutionKind.DAYCARE, Institution.active)
        .order_by(Institution.name, Institution.id)
    ).all()
    policies = _policy_rows(
        uow, _select().where(InsurancePolicy.institution_id.in_([place.id for place in places]))
    )
    rows = []
    for place in places:
        own = [row for row in policies if row.institution_id == place.id]
        kinds = kinds_of(own, rules.DAYCARE_KINDS, uow.today)
        rows.append(PlaceRow(place.id, place.ref, place.name, place.phone, kinds, own))
    return sorted(rows, key=lambda row: row.least)


def _select() -> Select[InsurancePolicy, Institution, str | None]:
    return (
        select(InsurancePolicy, Institution, Upload.name)
        .join(Institution, Institution.id == InsurancePolicy.institution_id)
        .outerjoin(Upload, Upload.id == InsurancePolicy.upload_id)
        .order_by(InsurancePolicy.ends_on.desc(), InsurancePolicy.id)
    )


def _policy_rows(
    uow: UnitOfWork, wanted: Select[InsurancePolicy, Institution, str | None]
) -> list[PolicyRow]:
    found = [
        (row, place, name, Cover(PolicyKind(row.kind), row.starts_on, row.ends_on))
        for row, place, name in uow.session.execute(wanted.execution_options(populate_existing=True))
    ]
    return [
        PolicyRow(
            id=row.id,
            ref=row.ref,
            version=row.version,
            institution_id=place.id,
            institution=place.name,
            cover=cover,
            insurer=row.insurer,
            number=row.number,
            state=rules.state_on(cover, uow.today),
            left=cover.days_left(uow.today),
            renewed=rules.renewed(cover, [c for _, p, _, c in found if p.id == place.id], uow.today),
            certificate=name or "",
        )
        for row, place, name, cover in found
    ]


def to_remind(uow: UnitOfWork) -> list[PolicyRow]:
    """Policies of active institutions for which a reminder is due today (J-26); sending once is the job's affair."""
    rows = _policy_rows(uow, _select().where(Institution.active))
    by_place: dict[int, list[Cover]] = {}
    for row in rows:
        by_place.setdefault(row.institution_id, []).append(row.cover)
    return [
        row for row in rows if rules.due_step(row.cover, by_place[row.institution_id], uow.today) is not None
    ]
