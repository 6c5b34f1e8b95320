"""Accounts with readable passwords, and families with everything a centre needs to know about a child."""

from __future__ import annotations

from dataclasses import dataclass

from app.accounts import passwords
from app.accounts.models import RoleAssignment, UserAccount
from app.accounts.rules import UserState
from app.centres.queries import CentreRow
from app.command.demo.names import PICKUPS, ChildSketch, FamilySketch
from app.command.demo.stage import House, Parent, Stage, as_parent
from app.kernel.actor import Actor, Role
from app.kernel.db import UnitOfWork
from app.people import service as people
from app.people.queries import guardian_of_user
from app.people.rules import ConsentKind, HealthKind, Relation, Sex
from app.people.service import ChildData, GuardianData, LegalConsent

PASSWORD = "Dolbom-2026!"  # noqa: S105 - printed on purpose; the demonstration is refused in production
NOTES = (
    (HealthKind.ALLERGY, "땅콩이 든 간식을 먹지 않아요."),
    (HealthKind.ALLERGY, "달걀흰자를 먹으면 두드러기가 나요."),
    (HealthKind.MEDICINE, "점심을 먹고 30분 뒤에 시럽을 먹어요."),
    (HealthKind.DISEASE, "천식이 있어 찬 바람에 기침을 해요. 흡입기는 가방에 있어요."),
    (HealthKind.HABIT, "낮잠을 30분쯤 자요."),
)


@dataclass(frozen=True, slots=True)
class Login:
    login_id: str
    name: str
    role: Role


class Accounts:
    """Makes active accounts that all share one password, hashed once."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.hash = passwords.hashed(PASSWORD)

    def make(
        self,
        uow: UnitOfWork,
        login_id: str,
        name: str,
        phone: str,
        role: Role,
        institution_id: int | None = None,
    ) -> UserAccount:
        user = UserAccount(
            login_id=login_id,
            name=name,
            phone=phone,
            phone_verified_at=uow.now,
            password_hash=self.hash,
            state=UserState.ACTIVE,
            state_at=uow.now,
            last_login_at=uow.now,
            created_at=uow.now,
        )
        uow.session.add(user)
        uow.session.flush()
        uow.session.add(
            RoleAssignment(
                user_id=user.id,
                role=role,
                institution_id=institution_id,
                starts_on=uow.today.replace(month=1, day=1),
                created_at=uow.now,
            )
        )
        uow.session.flush()
        return user

    def staff(self, login_id: str, role: Role, institution_id: int | None = None) -> Actor:
        """An account of somebody at work, and the actor they are."""
        with self.stage.act() as uow:
            cast = self.stage.cast
            user = self.make(uow, login_id, cast.adult(), cast.phone(), role, institution_id)
            return Actor(role, user_id=user.id, name=user.name, scope=institution_id)


def hire(stage: Stage, accounts: Accounts, centres: list[CentreRow]) -> None:
    """A director and a teacher for every centre; the first of a kind get the logins that are printed."""
    for number, centre in enumerate(centres, 1):
        director = accounts.staff(f"director{number}", Role.CENTRE_DIRECTOR, centre.id)
        teacher = accounts.staff(f"teacher{number}", Role.CARE_TEACHER, centre.id)
        stage.houses.append(House(centre, director, teacher))


def move_in(stage: Stage, accounts: Accounts, house: House, families: int) -> None:
    """Families join and register their children, as parents do: with consents, people who fetch, and notes."""
    joined_at = stage.at(-120, 10)
    for _ in range(families):
        sketch = stage.cast.family(stage.today.year)
        number = 1 + sum(len(one.families) for one in stage.houses)
        with stage.act(when=joined_at) as uow:
            user = accounts.make(uow, f"parent{number}", sketch.guardian, sketch.phone, Role.GUARDIAN)
            people.guardian_joined(uow, user)
            guardian = guardian_of_user(uow, user.id)
            if guardian is None:
                raise LookupError("a guardian's account has a family record")
            actor, ref = as_parent(user.id, guardian.id, user.name), guardian.ref
        with stage.act(actor, joined_at) as uow:
            children = tuple(_register(uow, stage, sketch, child) for child in sketch.children)
        house.families.append(Parent(actor, ref, sketch.phone, children))


def _register(uow: UnitOfWork, stage: Stage, family: FamilySketch, sketch: ChildSketch) -> str:
    rng = stage.rng
    child = people.register_child(
        uow,
        uow.actor.guardian_id or 0,
        ChildData(
            name=sketch.name,
            birth_date=sketch.birth_date,
            sex=Sex(sketch.sex),
            in_school=True,
            school=sketch.school,
            grade=sketch.grade,
            school_class=sketch.school_class,
            address="서울특별시 구로구 (시연용 주소)",
        ),
        relation=Relation.PARENT,
        consent=LegalConsent(given=True),
    )
    for kind in (ConsentKind.SENSITIVE, ConsentKind.THIRD_PARTY, ConsentKind.ARRIVAL_DEPARTURE):
        people.give_consent(uow, child.ref, kind, decision=True)
    if rng.random() < 0.5:
        data = GuardianData(family.partner, family.partner_phone, Relation.PARENT)
        people.add_guardian(uow, child.ref, data)
    if rng.random() < 0.4:
        who, relation = rng.choice(PICKUPS)
        people.add_pickup_person(uow, child.ref, f"{family.surname}{who}", relation, stage.cast.phone())
    if rng.random() < 0.25:
        people.add_health_note(uow, child.ref, *rng.choice(NOTES))
    return child.ref
