"""The rows of an application: who it names, its sealed answers, and which papers seen before still speak for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, select

from app.daycare.accepted import TERMS, confirmed_of
from app.daycare.family import versions_now
from app.daycare.models import ApplicationChild, ApplicationGuardian, DaycareApplication
from app.daycare.queries.place import DaycareRow
from app.daycare.rules import eligibility
from app.daycare.rules.application import WORDS_MAX, ChildAnswers, GuardianAnswers
from app.daycare.rules.states import ApplicationState, Channel
from app.daycare.sealed import seal
from app.kernel import audit
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import NotFound, Problem
from app.people.models import Child, Guardian, GuardianChild
from app.people.phones import clean_phone, phone_problem
from app.people.queries import children_in_reach, guardian_for

SEALED = (
    "disease",
    "disease_words",
    "allergy",
    "allergy_food",
    "allergy_symptom",
    "allergy_substitute",
    "medicine",
    "medicine_words",
    "habits",
    "blood_type",
)


@dataclass(frozen=True, slots=True)
class ApplicationData:
    """The form as typed. ``guardians``: by position, None for an empty line; ``consents``: True, False or None."""

    daycare: str
    purpose: str
    children: tuple[ChildAnswers, ...]
    guardians: tuple[GuardianAnswers | None, ...]
    consents: Mapping[str, bool | None]
    purpose_words: str = ""


def new_application(uow: UnitOfWork, daycare: DaycareRow, guardian: Guardian) -> DaycareApplication:
    row = DaycareApplication(
        daycare_id=daycare.id,
        guardian_id=guardian.id,
        state=ApplicationState.DRAFT,
        channel=Channel.ONLINE,
        consents={},
        passed=[],
        checks=_checks_before(uow, daycare.id, guardian.id),
        created_at=uow.now,
        created_by=uow.actor.user_id,
        version=1,
    )
    uow.session.add(row)
    uow.session.flush()
    audit.record(uow, "daycare.application_begun", "daycare_application", row.id, to_state=row.state)
    return row


def _checks_before(uow: UnitOfWork, daycare_id: int, guardian_id: int) -> dict[str, object]:
    """Papers seen with an earlier application of the family need not be brought again."""
    found = uow.session.scalar(
        select(DaycareApplication.checks)
        .where(
            DaycareApplication.daycare_id == daycare_id,
            DaycareApplication.guardian_id == guardian_id,
            DaycareApplication.state == ApplicationState.OUTDATED,
        )
        .order_by(DaycareApplication.id.desc())
        .limit(1)
    )
    return {key: note for key, note in (found or {}).items() if key != TERMS}


def homes_of(uow: UnitOfWork, row: DaycareApplication) -> str:
    """A digest of where the family lives, as its records and its application say: it tells that one of them changed."""
    guardian = uow.session.get_one(Guardian, row.guardian_id)
    written = uow.session.scalars(
        select(ApplicationGuardian.address)
        .where(
            ApplicationGuardian.application_id == row.id, ApplicationGuardian.guardian_id == row.guardian_id
        )
        .order_by(ApplicationGuardian.position)
    )
    homes = {address.strip() for address in (guardian.address, *_addresses(uow, row), *written)} - {""}
    return sha256("\n".join(sorted(homes)).encode()).hexdigest()[:16]


def still_seen(uow: UnitOfWork, row: DaycareApplication) -> dict[str, Any]:
    """The checks without a family document that was seen before somebody moved: it has to be seen anew (AE-17).

    A check that does not say where the family lived holds as long as none of its records changed.
    """
    seen = row.checks.get("family", {})
    if "homes" in seen:
        holds = seen["homes"] == homes_of(uow, row)
    else:
        holds = row.checks.get("data") in (None, versions_now(uow, row))
    return {key: note for key, note in row.checks.items() if holds or key != "family"}


def lives_elsewhere(uow: UnitOfWork, row: DaycareApplication) -> bool:
    """A child's address lies outside the province, and no family document says otherwise (AE-17)."""
    if row.checks.get("family", {}).get("resident"):
        return False
    own = uow.session.get_one(Guardian, row.guardian_id).address
    return any(eligibility.province_of(address or own) is False for address in _addresses(uow, row))


def _addresses(uow: UnitOfWork, row: DaycareApplication) -> list[str]:
    return list(
        uow.session.scalars(
            select(Child.address)
            .join(ApplicationChild, ApplicationChild.child_id == Child.id)
            .where(ApplicationChild.application_id == row.id)
            .order_by(Child.id)
        )
    )


def guardian_who_applies(uow: UnitOfWork, ref: str | None) -> Guardian:
    """Oneself, or whom staff write for: a family their daycare knows (KB-32). Raises NotFound."""
    if uow.actor.role is not Role.GUARDIAN:
        return guardian_for(uow, ref or "")
    row = uow.session.get(Guardian, uow.actor.guardian_id or 0)
    if row is None:
        raise NotFound("guardian")
    return row


def children_of(uow: UnitOfWork, guardian_id: int, refs: Sequence[str]) -> dict[str, Child]:
    rows = uow.session.scalars(
        select(Child)
        .join(GuardianChild, GuardianChild.child_id == Child.id)
        .where(GuardianChild.guardian_id == guardian_id, Child.ref.in_(list(refs)), children_in_reach(uow))
    )
    found = {child.ref: child for child in rows}
    if set(refs) - set(found):
        raise NotFound("child")
    return found


def kinship_problems(
    uow: UnitOfWork, row: DaycareApplication, children: Mapping[str, Child]
) -> list[Problem]:
    """AE-19: who applies is a parent, lineal ascendant or legal representative of every child."""
    links = uow.session.execute(
        select(GuardianChild.relation, GuardianChild.lives_together).where(
            GuardianChild.guardian_id == row.guardian_id,
            GuardianChild.child_id.in_([child.id for child in children.values()]),
        )
    )
    seen = bool(row.checks.get("family", {}).get("related"))
    found = [
        problem
        for relation, together in links
        for problem in eligibility.check_requester(relation, together, kinship_seen=seen)
        if not problem.soft  # the family document answers it at the first visit
    ]
    return found[:1]


def phone_problems(guardians: Sequence[GuardianAnswers | None]) -> list[Problem]:
    found = []
    for position, one in enumerate(guardians, 1):
        if one is not None and one.phone and (problem := phone_problem(one.phone)):
            found.append(problem.of(field=f"guardian_{position}"))
    return found


def fill(
    uow: UnitOfWork, row: DaycareApplication, data: ApplicationData, children: Mapping[str, Child]
) -> None:
    """Everything of the form; what the director has seen proven of a child stays with it."""
    row.purpose, row.purpose_words = data.purpose[:20], data.purpose_words.strip()[:WORDS_MAX]
    row.consents = {key: value for key, value in data.consents.items() if value is not None}
    row.version += 1
    old = uow.session.scalars(select(ApplicationChild).where(ApplicationChild.application_id == row.id)).all()
    known = confirmed_of(uow, row.daycare_id, row.guardian_id, [child.id for child in children.values()])
    free = {child_id: one.free_category for child_id, one in known.items()}
    free |= {entry.child_id: entry.free_category for entry in old}
    for table in (ApplicationChild, ApplicationGuardian):
        uow.session.execute(delete(table).where(table.application_id == row.id))
    for entry in old:
        uow.session.expunge(entry)
    for position, answers in enumerate(data.children, 1):
        _add_child(uow, row, position, answers, children[answers.child].id, free)
    for position, one in enumerate(data.guardians, 1):
        if one is not None:
            _add_guardian(uow, row, position, one)
    uow.session.flush()


def _add_child(
    uow: UnitOfWork,
    row: DaycareApplication,
    position: int,
    answers: ChildAnswers,
    child_id: int,
    free: Mapping[int, str],
) -> None:
    entry = ApplicationChild(
        application_id=row.id,
        child_id=child_id,
        position=position,
        qualification=answers.qualification,
        free_category=free.get(child_id, ""),
    )
    uow.session.add(entry)
    uow.session.flush()
    words = {key: value for key, value in asdict(answers).items() if key in SEALED}
    entry.sealed = seal(uow, "application_child", entry.id, words)


def _add_guardian(uow: UnitOfWork, row: DaycareApplication, position: int, one: GuardianAnswers) -> None:
    known = None
    if one.guardian:
        known = uow.session.scalar(select(Guardian.id).where(Guardian.ref == one.guardian))
    phone = one.phone if phone_problem(one.phone) else clean_phone(one.phone)
    uow.session.add(
        ApplicationGuardian(
            application_id=row.id,
            position=position,
            guardian_id=known,
            relation=one.relation.strip()[:20],
            name=one.name.strip()[:40],
            birth_date=one.birth_date,
            phone=phone[:20],
            address=one.address.strip()[:200],
        )
    )
