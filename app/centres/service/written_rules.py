"""What a centre lays down with its committee, and what a district accepts as proof (KB-40, KB-51)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.centres import actions
from app.centres.models import DistrictRule, KiumCentre
from app.centres.queries import CentreRow, centre_by_id, centre_by_ref
from app.centres.rules import check_operating_rules, ending_grounds
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, Problem, RuleBroken, StaleVersion
from app.kernel.parameters import Parameter
from app.tenancy import settings
from app.tenancy.queries import institution_by_ref
from app.tenancy.rules import InstitutionKind
from app.tenancy.settings import Place

UNKNOWN_PAPER = Problem(
    "papers.unknown", N_("목록에 있는 사유와 서류 가운데 골라 주세요."), rule="KB-40", field="papers"
)


@dataclass(frozen=True, slots=True)
class OperatingRules:
    """``ending`` is one ground a line; ``order`` the ranks of priority grounds (None: leave them as they are)."""

    priority: str
    ending: str
    deliberated_on: date | None
    order: list[list[str]] | None = None


def write_rules(
    uow: UnitOfWork, centre_ref: str, written: OperatingRules, order: Parameter, version: int
) -> CentreRow:
    """KB-51: both headings; an order of its own names the committee's deliberation (KB-40).

    ``order`` is the parameter that holds the ranks (``kb.priority_order``).
    """
    centre = centre_by_ref(uow, centre_ref)
    actions.WRITE_RULES.check(uow.actor, centre.id, centre.district_id)
    differs = written.order is not None and written.order != common_order(uow, centre, order)
    problems = check_operating_rules(
        written.priority, written.ending, written.deliberated_on, uow.today, own_order=differs
    )
    if problems:
        raise RuleBroken(problems)
    content = {
        "priority": written.priority.strip(),
        "ending": "\n".join(ending_grounds(written.ending)),
        "deliberated_on": written.deliberated_on.isoformat() if written.deliberated_on else None,
    }
    changed = uow.session.execute(
        update(KiumCentre)
        .where(KiumCentre.id == centre.id, KiumCentre.version == version)
        .values(operating_rules=content, version=version + 1)
        .returning(KiumCentre.id)
    ).scalar()
    if changed is None:
        raise StaleVersion("centre")
    if written.order is not None and written.order != settings.value(uow, order, place=centre.place):
        settings.set_value(
            uow,
            order,
            written.order,
            effective_from=uow.today,
            reason=_order_reason(written.deliberated_on),
            institution_id=centre.id,
        )
    audit.record(
        uow, "centre.rules", "centre", centre.id, diff={"operating_rules": [centre.operating_rules, content]}
    )
    return centre_by_id(uow, centre.id)


def common_order(uow: UnitOfWork, centre: CentreRow, order: Parameter) -> list[list[str]]:
    """The ranks a centre follows that lays down none of its own."""
    ranks: list[list[str]] = settings.value(uow, order, place=Place(None, centre.district_id))
    return ranks


def _order_reason(deliberated_on: date | None) -> str:
    return f"운영위원회 심의 {deliberated_on.isoformat()}" if deliberated_on else "공통 순서를 따름"


def district_papers(uow: UnitOfWork, district_id: int) -> dict[str, list[str]]:
    """Priority ground → the kinds of paper this district accepts; a ground that is missing follows the default."""
    rows = uow.session.execute(
        select(DistrictRule.ground, DistrictRule.papers).where(DistrictRule.district_id == district_id)
    )
    return {ground: list(papers) for ground, papers in rows}


def set_district_papers(
    uow: UnitOfWork,
    district_ref: str,
    papers: Mapping[str, Sequence[str]],
    *,
    grounds: Sequence[str],
    kinds: Sequence[str],
) -> None:
    """KB-40: which papers prove which ground here; ``grounds`` and ``kinds`` are what there is to choose from.

    A ground for which nothing was ever chosen goes on following the default.
    """
    district = institution_by_ref(uow.session, district_ref, InstitutionKind.DISTRICT)
    actions.DISTRICT_PAPERS.check(uow.actor, district.id)
    if set(papers) - set(grounds) or any(set(chosen) - set(kinds) for chosen in papers.values()):
        raise RuleBroken(UNKNOWN_PAPER)
    before = district_papers(uow, district.id)
    for ground, chosen in papers.items():
        wanted = [kind for kind in kinds if kind in chosen]
        if wanted == before.get(ground, []):
            continue
        statement = insert(DistrictRule).values(
            district_id=district.id,
            ground=ground,
            papers=wanted,
            created_at=uow.now,
            created_by=uow.actor.user_id,
        )
        uow.session.execute(
            statement.on_conflict_do_update(
                index_elements=[DistrictRule.district_id, DistrictRule.ground],
                set_={"papers": wanted, "created_at": uow.now, "created_by": uow.actor.user_id},
            )
        )
        audit.record(
            uow,
            "district.papers",
            "district",
            district.id,
            diff={ground: [before.get(ground), wanted]},
        )
