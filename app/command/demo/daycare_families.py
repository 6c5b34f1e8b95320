"""Families with small children, and the application each daycare keeps of them (AD-18 – AD-20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import update

from app.command.demo.daycare_houses import Nursery
from app.command.demo.names import ChildSketch, FamilySketch
from app.command.demo.people import Accounts
from app.command.demo.stage import Parent, as_parent
from app.daycare.rules.application import DECISIONS, CheckKind, ChildAnswers, GuardianAnswers, Purpose
from app.daycare.service import applications
from app.daycare.service.application_rows import ApplicationData
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.ranges import age_on
from app.people import service as people
from app.people.models import Child
from app.people.queries import guardian_of_user
from app.people.rules import Relation, Sex
from app.people.service import ChildData, LegalConsent

RETURNED, WAITING, NONE, RESTRICTED = -1, -2, -3, -4
"""Families counted from the last, none of whom books: the application was returned, waits, is not there yet; the last
one's was accepted, but it may not use the daycare."""
ALLERGIES = (("땅콩", "두드러기", "호박죽"), ("달걀", "구토", "두부"), ("우유", "설사", "두유"))
HABITS = ("자기 전에 책을 읽어 주면 잘 자요.", "쪽쪽이를 물고 자요.", "밤에 한 번 깨서 물을 찾아요.")
PURPOSES = (Purpose.DOUBLE_INCOME, Purpose.HOLIDAY_NIGHT_WORK, Purpose.SELF_EMPLOYED, Purpose.FAMILY_EVENT)


def move_in(nursery: Nursery) -> None:
    """Every family joins, registers its children and applies; the daycare sees the papers and decides."""
    accounts = Accounts(nursery.stage)
    number = nursery.sketch.families
    for index in range(number):
        _family(nursery, accounts, index, index - number)


def _family(nursery: Nursery, accounts: Accounts, index: int, from_last: int) -> None:
    stage = nursery.stage
    sketch = _sketch(nursery, index)
    joined = stage.at(-60 + index, 10)
    with stage.act(when=joined) as uow:
        user = accounts.make(uow, f"parent{index + 1}", sketch.guardian, sketch.phone, Role.GUARDIAN)
        people.guardian_joined(uow, user)
        guardian = guardian_of_user(uow, user.id)
        if guardian is None:
            raise LookupError("a guardian's account has a family record")
        actor, ref = as_parent(user.id, guardian.id, user.name), guardian.ref
    with stage.act(actor, joined) as uow:
        children = tuple(_register(uow, nursery, child) for child in sketch.children)
        if index == 2 and nursery.sketch.slug != "hanam":
            mild = update(Child).where(Child.ref == children[0]).values(disability="MILD")
            uow.session.execute(mild)
    parent = Parent(actor, ref, sketch.phone, children)
    if from_last != NONE:
        _apply(nursery, parent, sketch, from_last)
    nursery.families.append(parent)


def _sketch(nursery: Nursery, index: int) -> FamilySketch:
    """A family with one or two children young enough for the daycare; every third has a baby."""
    stage = nursery.stage
    family = stage.cast.family(stage.today.year)
    babies = index % 3 == 1
    ages = [stage.rng.randint(8, 22) if babies else stage.rng.randint(26, nursery.sketch.oldest)]
    if stage.rng.random() < 0.6:
        ages.append(stage.rng.randint(26, nursery.sketch.oldest))
    names = _names(family, len(ages))
    children = tuple(
        ChildSketch(name, _born(stage.today, months, stage.rng.randint(1, 28)), sex, 0, "", "")
        for name, months, sex in zip(names, ages, ("FEMALE", "MALE"), strict=False)
    )
    return replace(family, children=children)


def _names(family: FamilySketch, number: int) -> list[str]:
    names = [child.name for child in family.children]
    spare = [f"{family.surname}가온", f"{family.surname}도담", f"{family.surname}새봄"]
    return [*names, *(name for name in spare if name not in names)][:number]


def _born(today: date, months: int, day: int) -> date:
    first = (today.replace(day=15) - timedelta(days=months * 30.44)).replace(day=1)
    return first.replace(day=day)


def _register(uow: UnitOfWork, nursery: Nursery, sketch: ChildSketch) -> str:
    age = age_on(sketch.birth_date, uow.today)
    school = age >= 8
    data = ChildData(
        name=sketch.name,
        birth_date=sketch.birth_date,
        sex=Sex(sketch.sex),
        in_school=school,
        school="가온초" if school else "",
        grade=min(6, age - 6) if school else None,
        address=f"경기도 {nursery.sketch.city} (시연용 주소)",
    )
    child = people.register_child(
        uow, uow.actor.guardian_id or 0, data, relation=Relation.PARENT, consent=LegalConsent(given=True)
    )
    return child.ref


def _apply(nursery: Nursery, parent: Parent, sketch: FamilySketch, from_last: int) -> None:
    """Most are accepted; one waits since this morning, one was returned."""
    stage, new = nursery.stage, from_last in (WAITING, RETURNED)
    days = -1 if new else -40
    with stage.act(parent.actor, stage.at(days, 9)) as uow:
        row = applications.submit_application(uow, stage.request_id(), _form(nursery, parent, sketch))
        ref, version = row.ref, row.version
    if from_last == WAITING:
        return
    if from_last == RETURNED:
        with stage.act(nursery.director, stage.at(days, 11)) as uow:
            reason = "2순위 보호자의 전화번호가 1순위와 같아요. 다시 확인해 주세요."
            applications.return_application(uow, ref, reason, version=version)
        return
    with stage.act(nursery.teacher, stage.at(days, 14)) as uow:
        papers = ((CheckKind.FAMILY, "resident_register"), (CheckKind.IDENTITY, "id_card"))
        for kind, paper in papers:
            resident = True if kind is CheckKind.FAMILY else None
            applications.record_check(uow, ref, kind, paper, returned=True, resident=resident, related=True)
    with stage.act(nursery.director, stage.at(days, 15)) as uow:
        free = {parent.children[0]: "vulnerable"} if _free(nursery) else {}
        applications.accept_application(uow, ref, version=version + len(papers), free=free)


def _free(nursery: Nursery) -> bool:
    """Icheon takes nothing from vulnerable families: its first two are."""
    return nursery.sketch.slug == "icheon" and len(nursery.families) < 2


def _form(nursery: Nursery, parent: Parent, sketch: FamilySketch) -> ApplicationData:
    rng = nursery.stage.rng
    address = f"경기도 {nursery.sketch.city} (시연용 주소)"
    first = GuardianAnswers(
        "모", sketch.guardian, parent.phone, date(1990, 3, 1), address, parent.guardian_ref
    )
    second = GuardianAnswers("부", sketch.partner, sketch.partner_phone, date(1989, 8, 1), address)
    return ApplicationData(
        daycare=nursery.daycare.ref,
        purpose=rng.choice(PURPOSES),
        children=tuple(_answers(nursery, ref) for ref in parent.children),
        guardians=(first, second),
        consents=dict.fromkeys(DECISIONS, True),
    )


def _answers(nursery: Nursery, child: str) -> ChildAnswers:
    rng = nursery.stage.rng
    food, symptom, instead = rng.choice(ALLERGIES) if rng.random() < 0.25 else ("", "", "")
    ill = rng.random() < 0.12
    return ChildAnswers(
        child=child,
        qualification=rng.choice(("DAYCARE", "HOME", "KINDERGARTEN")),
        disease=ill,
        disease_words="천식. 찬 바람을 쐬면 기침을 해요." if ill else "",
        allergy=bool(food),
        allergy_food=food,
        allergy_symptom=symptom,
        allergy_substitute=instead,
        medicine=False,
        habits=rng.choice(HABITS),
        blood_type=rng.choice(("A", "B", "O", "AB")),
    )
