"""The family behind a telephone number, among those this daycare knows (AD-18, KB-32)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import exists, or_, select

from app.daycare.family import is_outdated
from app.daycare.models import ApplicationChild, ApplicationGuardian, DaycareApplication
from app.daycare.queries import DaycareRow
from app.daycare.queries.applications import is_unseen_draft
from app.daycare.rules.states import ApplicationState
from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import N_, NotFound, Problem, RuleBroken
from app.people.models import Child, Guardian, GuardianChild
from app.people.queries import known_to

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


@dataclass(frozen=True, slots=True)
class KnownFamily:
    """A guardian with those children the daycare knows. ``state``: of the newest application here, if there is one;
    ``unseen``: that one is a draft the family writes itself."""

    ref: str
    name: str
    phone: str
    children: tuple[str, ...]
    application_ref: str = ""
    state: ApplicationState | None = None
    unseen: bool = False


def known_families(uow: UnitOfWork, daycare: DaycareRow, phone: str) -> list[KnownFamily]:
    """As ``families_by_phone``, also those who have not applied yet: registered here, or taken on (KB-32)."""
    digits = _digits(phone)
    named = exists().where(
        ApplicationGuardian.application_id == DaycareApplication.id,
        ApplicationGuardian.phone.endswith(digits, autoescape=True),
        DaycareApplication.guardian_id == Guardian.id,
        DaycareApplication.daycare_id == daycare.id,
        DaycareApplication.state.in_(KNOWN),
    )
    found: dict[int, tuple[Guardian, list[str]]] = {}
    for guardian, name in uow.session.execute(
        select(Guardian, Child.name)
        .join(GuardianChild, GuardianChild.guardian_id == Guardian.id)
        .join(Child, Child.id == GuardianChild.child_id)
        .where(or_(Guardian.phone.endswith(digits, autoescape=True), named), known_to(daycare.id))
        .order_by(Guardian.id, Child.birth_date, Child.id)
        .limit(MOST_FAMILIES * 3)
    ):
        found.setdefault(guardian.id, (guardian, []))[1].append(name)
    audit.record_access(uow, "daycare.family_search", "guardian", None, row_count=len(found))
    newest = _newest(uow, daycare, list(found))
    return [
        _known(uow, guardian, names, newest.get(guardian.id))
        for guardian, names in list(found.values())[:MOST_FAMILIES]
    ]


def _newest(
    uow: UnitOfWork, daycare: DaycareRow, guardian_ids: Sequence[int]
) -> dict[int, DaycareApplication]:
    rows = uow.session.scalars(
        select(DaycareApplication)
        .where(
            DaycareApplication.daycare_id == daycare.id,
            DaycareApplication.guardian_id.in_(guardian_ids),
            DaycareApplication.state != ApplicationState.WITHDRAWN,
        )
        .order_by(DaycareApplication.id)
    )
    return {row.guardian_id: row for row in rows}


def _known(
    uow: UnitOfWork, guardian: Guardian, names: Sequence[str], row: DaycareApplication | None
) -> KnownFamily:
    one = KnownFamily(guardian.ref, guardian.name, guardian.phone, tuple(names))
    if row is None:
        return one
    if is_unseen_draft(uow, row):
        return replace(one, unseen=True)
    state = ApplicationState.OUTDATED if is_outdated(uow, row) else ApplicationState(row.state)
    return replace(one, application_ref=row.ref, state=state)


def families_by_phone(uow: UnitOfWork, daycare: DaycareRow, phone: str) -> list[FamilyRow]:
    """By the end of the number of the guardian or of anybody on the application. RuleBroken for too few digits."""
    digits = _digits(phone)
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


def _digits(phone: str) -> str:
    digits = "".join(c for c in phone if c.isascii() and c.isdigit())
    if len(digits) < FEWEST_DIGITS:
        raise RuleBroken(TOO_FEW_DIGITS)
    return digits


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
