"""Priority grounds and the papers that prove them, as far as a family hands them in (KB-17, KB-40).

Ranking by them belongs to booking; the values are those of ``kb.priority_order``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from app.kernel.errors import N_
from app.people.rules import EvidenceKind


class ProvableGround(StrEnum):
    """Grounds that need a paper; the lower grades need none."""

    DUAL_INCOME = "dual_income"
    SINGLE_PARENT_WORKING = "single_parent_working"
    MULTI_CHILD_OR_CARE = "multi_child_or_care"
    LONG_HOURS = "long_hours"

    @property
    def label(self) -> str:
        return {
            "dual_income": N_("맞벌이"),
            "single_parent_working": N_("취업 한부모"),
            "multi_child_or_care": N_("다자녀 또는 장애·간병·질병 가구"),
            "long_hours": N_("장시간 근로·통근"),
        }[self.value]


DEFAULT_PAPERS: Mapping[ProvableGround, tuple[EvidenceKind, ...]] = {
    ProvableGround.DUAL_INCOME: (EvidenceKind.EMPLOYMENT_CERTIFICATE,),
    ProvableGround.SINGLE_PARENT_WORKING: (EvidenceKind.SINGLE_PARENT_CERTIFICATE,),
    ProvableGround.MULTI_CHILD_OR_CARE: (EvidenceKind.MULTI_CHILD, EvidenceKind.DISABILITY_OR_ILLNESS),
    ProvableGround.LONG_HOURS: (EvidenceKind.EMPLOYMENT_CERTIFICATE,),
}


def paper_label(paper: str) -> str:
    """A kind of the list by its label; a district's own kind is its own words."""
    try:
        return EvidenceKind(paper).label
    except ValueError:
        return paper
