"""Who comes first: grounds, their proof, and the order among equals (KB-37 … KB-40)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum

from app.kernel.errors import N_, Problem
from app.people.rules import EvidenceKind, EvidenceState

OrderKey = tuple[int, datetime, int]


class Ground(StrEnum):
    """Grounds of priority; values as in ``kb.priority_order``."""

    DUAL_INCOME = "dual_income"
    SINGLE_PARENT_WORKING = "single_parent_working"
    MULTI_CHILD_OR_CARE = "multi_child_or_care"
    LOW_GRADE = "low_grade"
    LONG_HOURS = "long_hours"
    OTHER = "other"
    COVID_MEDICAL_STAFF = "covid_medical_staff"

    @property
    def label(self) -> str:
        return {
            "dual_income": N_("맞벌이"),
            "single_parent_working": N_("취업 한부모"),
            "multi_child_or_care": N_("다자녀 또는 장애·간병·질병 가구"),
            "low_grade": N_("초등 저학년"),
            "long_hours": N_("장시간 근로·통근"),
            "other": N_("기타"),
            "covid_medical_staff": N_("코로나19 의료진"),
        }[self.value]


PriorityOrder = tuple[tuple[Ground, ...], ...]
Papers = Mapping[Ground, tuple[EvidenceKind, ...]]

INACTIVE = frozenset({Ground.COVID_MEDICAL_STAFF})
PROVED_BY_GRADE = frozenset({Ground.LOW_GRADE})
DEFAULT_ORDER: PriorityOrder = (
    (Ground.DUAL_INCOME, Ground.SINGLE_PARENT_WORKING),
    (Ground.MULTI_CHILD_OR_CARE,),
    (Ground.LOW_GRADE,),
    (Ground.LONG_HOURS,),
    (Ground.OTHER,),
)
DEFAULT_PAPERS: Papers = {
    Ground.DUAL_INCOME: (EvidenceKind.EMPLOYMENT_CERTIFICATE,),
    Ground.SINGLE_PARENT_WORKING: (EvidenceKind.SINGLE_PARENT_CERTIFICATE,),
    Ground.MULTI_CHILD_OR_CARE: (EvidenceKind.MULTI_CHILD, EvidenceKind.DISABILITY_OR_ILLNESS),
    Ground.LONG_HOURS: (EvidenceKind.EMPLOYMENT_CERTIFICATE,),
}

GROUND_TWICE = Problem(
    "priority.ground_twice",
    N_("우선순위마다 사유를 하나씩만 넣어 주세요. 두 번 들어간 사유: {grounds}"),
    rule="KB-37",
    field="order",
)
GROUND_MISSING = Problem(
    "priority.ground_missing",
    N_("빠진 사유를 순위에 넣어 주세요: {grounds}"),
    rule="KB-37",
    field="order",
)
SINGLE_PARENT_FIRST = Problem(
    "priority.single_parent_first",
    N_("맞벌이와 한부모를 나눌 때는 한부모를 앞에 두어야 해요. 순서를 바꿔 주세요."),
    rule="KB-37",
    field="order",
)
DELIBERATION_MISSING = Problem(
    "priority.deliberation_missing",
    N_("기본 순서와 다르면 운영위원회 심의일을 적어 주세요."),
    rule="KB-40",
    field="deliberated_on",
)


def read_order(raw: Sequence[Sequence[str]]) -> PriorityOrder:
    """``[["dual_income", …], …]`` as stored; ValueError for an unknown ground."""
    return tuple(tuple(Ground(name) for name in group) for group in raw)


def rank(
    claimed: Iterable[Ground],
    verified: Collection[Ground],
    order: PriorityOrder,
    grade: int | None = None,
    low_grade_max: int = 3,
) -> int:
    """1 … n: the best ground that staff have verified counts, anything else ranks as "other" (KB-37, KB-39).

    The lower grades need no paper: the child's ``grade`` shows them.
    """
    proven = {ground for ground in claimed if ground in verified} - INACTIVE - PROVED_BY_GRADE
    if grade is not None and 1 <= grade <= low_grade_max:
        proven.add(Ground.LOW_GRADE)
    for number, group in enumerate(order, start=1):
        if Ground.OTHER in group or proven.intersection(group):
            return number
    return len(order) + 1


def order_key(rank: int, applied_at: datetime, birth: date) -> OrderKey:
    """Sorts ascending: rank, then the earlier application, then the younger child (KB-38)."""
    return rank, applied_at, -birth.toordinal()


def evidence_counts(state: EvidenceState, verified_on: date | None, on: date) -> bool:
    """KB-39: verified, and in the calendar year of the application."""
    return state is EvidenceState.VERIFIED and verified_on is not None and verified_on.year == on.year


def needs_paper(claimed: Iterable[Ground], papers: Papers = DEFAULT_PAPERS) -> bool:
    """Whether any claimed ground is one the district wants proven on paper."""
    return any(papers.get(ground) for ground in claimed)


def proves(kind: EvidenceKind, ground: Ground, papers: Papers = DEFAULT_PAPERS) -> bool:
    """Whether the district accepts that paper for that ground (KB-40)."""
    return kind in papers.get(ground, ())


def check_order(
    order: PriorityOrder, deliberated_on: date | None, default: PriorityOrder = DEFAULT_ORDER
) -> list[Problem]:
    """What stands against a centre's order of grounds (KB-37, KB-40)."""
    listed = [ground for group in order for ground in group]
    twice = {ground for ground in listed if listed.count(ground) > 1}
    missing = set(Ground) - INACTIVE - set(listed)
    found = []
    if twice:
        found.append(GROUND_TWICE.of(grounds=_labels(twice)))
    if missing:
        found.append(GROUND_MISSING.of(grounds=_labels(missing)))
    if not missing and _place(order, Ground.DUAL_INCOME) < _place(order, Ground.SINGLE_PARENT_WORKING):
        found.append(SINGLE_PARENT_FIRST)
    if [set(group) for group in order] != [set(group) for group in default] and deliberated_on is None:
        found.append(DELIBERATION_MISSING)
    return found


def _place(order: PriorityOrder, ground: Ground) -> int:
    return next(number for number, group in enumerate(order) if ground in group)


def _labels(grounds: Collection[Ground]) -> str:
    return ", ".join(ground.label for ground in Ground if ground in grounds)
