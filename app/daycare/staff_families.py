"""The family behind a telephone number, among those who handed an application in here (AD-18, KB-32)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, or_, select

from app.daycare.models import ApplicationChild, ApplicationGuardian, DaycareApplication
from app.daycare.queries import DaycareRow
from app.daycare.rules.states import ApplicationState
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.people.models import Child, Guardian

FEWEST_DIGITS = 4
MOST_FAMILIES = 20
TOO_FEW_DIGITS = Problem(
    "daycare.too_few_digits",
    N_("전화번호를 네 자리 이상 적어 주세요. 끝자리만 적어도 찾아요."),
    field="phone",
)
KNOWN = tuple(
    state.value
    for state in ApplicationState
    if state not in (ApplicationState.DRAFT, ApplicationState.WITHDRAWN)
)


@dataclass(frozen=True, slots=True)
class FamilyChild:
    ref: str
    name: str
    birth_date: object


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """A guardian with the children of their newest application; ``state`` is that application's."""

    ref: str
    name: str
    phone: str
    application_ref: str
    state: ApplicationState
    children: tuple[FamilyChild, ...]


def families_by_phone(uow: UnitOfWork, daycare: DaycareRow, phone: str) -> list[FamilyRow]:
    """By the end of the number of the guardian or of anybody on the application. RuleBroken for too few digits."""
    digits = "".join(c for c in phone if c.isascii() and c.isdigit())
    if len(digits) < FEWEST_DIGITS:
        raise RuleBroken(TOO_FEW_DIGITS)
    named = exists().where(
        ApplicationGuardian.application_id == DaycareApplication.id,
        ApplicationGuardian.phone.endswith(digits, autoescape=True),
    )
    wanted = or_(Guardian.phone.endswith(digits, autoescape=True), named)
    found = _families(uow, daycare, wanted)
    audit.record_access(uow, "daycare.family_search", "guardian", None, row_count=len(found))
    return found


def family_of(uow: UnitOfWork, daycare: DaycareRow, guardian_ref: str) -> FamilyRow:
    """Raises NotFound for a family that never applied here."""
    found = _families(uow, daycare, Guardian.ref == guardian_ref)
    if not found:
        raise NotFound("family")
    audit.record_access(uow, "daycare.family", "guardian", None, row_count=1)
    return found[0]


def _families(uow: UnitOfWork, daycare: DaycareRow, wanted: object) -> list[FamilyRow]:
    rows = uow.session.execute(
        select(DaycareApplication, Guardian)
        .join(Guardian, Guardian.id == DaycareApplication.guardian_id)
        .where(
            DaycareApplication.daycare_id == daycare.id,
            DaycareApplication.state.in_(KNOWN),
            wanted,  # type: ignore[arg-type]
        )
        .order_by(DaycareApplication.id.desc())
        .limit(MOST_FAMILIES)
    ).all()
    newest: dict[int, tuple[DaycareApplication, Guardian]] = {}
    for application, guardian in rows:
        newest.setdefault(guardian.id, (application, guardian))
    children = _children(uow, [application.id for application, _ in newest.values()])
    return [
        FamilyRow(
            guardian.ref,
            guardian.name,
            guardian.phone,
            application.ref,
            ApplicationState(application.state),
            tuple(children.get(application.id, ())),
        )
        for application, guardian in newest.values()
    ]


def _children(uow: UnitOfWork, application_ids: Sequence[int]) -> dict[int, list[FamilyChild]]:
    found: dict[int, list[FamilyChild]] = {}
    for application_id, child in uow.session.execute(
        select(ApplicationChild.application_id, Child)
        .join(Child, Child.id == ApplicationChild.child_id)
        .where(ApplicationChild.application_id.in_(application_ids))
        .order_by(ApplicationChild.application_id, ApplicationChild.position)
    ):
        found.setdefault(application_id, []).append(FamilyChild(child.ref, child.name, child.birth_date))
    return found
