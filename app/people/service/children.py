"""Registering a child and keeping its record right (KB-14, KB-32, XX-01, XX-02)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.kernel import audit
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import Forbidden, NotFound, Problem, RuleBroken, StaleVersion
from app.kernel.ranges import age_on
from app.people.actions import EDIT_CHILD, REGISTER_FAMILY, REGISTER_OWN_CHILD
from app.people.models import Child, ChildCentre, Guardian, GuardianChild
from app.people.phones import clean_phone, phone_problem
from app.people.problems import (
    ALREADY_YOURS,
    CHANNEL_BAD,
    GRADE_BAD,
    LEGAL_CONSENT_MISSING,
    LEGAL_REP_UNNAMED,
    LIKELY_TWICE,
    RELATION_MISSING,
    SEX_MISSING,
    clean_line,
)
from app.people.queries import child_for, child_row
from app.people.rules import (
    Channel,
    ConsentChannel,
    ConsentKind,
    Disability,
    Relation,
    Sex,
    check_child,
    check_name,
    clean_name,
    same_child,
)
from app.people.service.consents import record_consent

LEGAL_AGE = 14
"""Below it the legal representative consents (XX-02)."""
LEGAL_REPRESENTATIVES = frozenset({Relation.PARENT, Relation.LEGAL_REP})
GRADES = range(1, 10)


@dataclass(frozen=True, slots=True)
class ChildData:
    """A child as it was typed. ``grade`` 1–6, 7 and above for middle school; None while not yet known.

    ``disability``: None where it was not asked; what is known then stays.
    """

    name: str
    birth_date: date
    sex: Sex | None
    in_school: bool | None = None
    school: str = ""
    grade: int | None = None
    school_class: str = ""
    address: str = ""
    disability: Disability | None = None


@dataclass(frozen=True, slots=True)
class LegalConsent:
    """The legal representative's consent: without it nothing about the child is written (XX-02)."""

    given: bool
    channel: ConsentChannel = ConsentChannel.ONLINE
    legal_rep: str = ""
    """Who consented, when the registering guardian is neither parent nor legal representative."""


class LikelyTwice(RuleBroken):
    """The child seems to be registered already; ``matches`` are offered instead of a second record."""

    def __init__(self, matches: Sequence[Child]) -> None:
        self.matches = tuple(child_row(child) for child in matches)
        super().__init__(LIKELY_TWICE)


def register_child(
    uow: UnitOfWork,
    guardian_id: int,
    data: ChildData,
    *,
    relation: Relation | None,
    consent: LegalConsent,
    channel: Channel = Channel.ONLINE,
    lives_together: bool = True,
    confirmed_new: bool = False,
) -> Child:
    """A new child of a guardian, with the consent that allows its data to be kept.

    A guardian registers online and only for oneself; centre staff by telephone or visit. Raises ``LikelyTwice`` when
    name, birth date and a guardian's number meet a known child, unless ``confirmed_new``.
    """
    _check_registering(uow, guardian_id, channel)
    guardian = uow.session.get(Guardian, guardian_id, with_for_update=True)
    if guardian is None:
        raise NotFound("guardian")
    problems = [*_problems(data, uow.today), *_consent_problems(data, relation, consent, uow.today)]
    if relation is None:
        problems.append(RELATION_MISSING)
    if problems or relation is None:
        raise RuleBroken(problems)
    _refuse_twins(uow, guardian, data, confirmed_new=confirmed_new)
    child = Child(
        **_columns(data),
        home_centre_id=uow.actor.scope if uow.actor.is_staff else None,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(child)
    uow.session.flush()
    uow.session.add(
        GuardianChild(
            guardian_id=guardian_id,
            child_id=child.id,
            relation=relation,
            lives_together=lives_together,
            created_at=uow.now,
            created_by=uow.actor.user_id,
        )
    )
    uow.session.flush()
    audit.record(uow, "child.registered", "child", child.id, diff={"channel": [None, channel.value]})
    record_consent(
        uow,
        ConsentKind.PRIVACY,
        child.id,
        guardian_id,
        consent.channel,
        decision=True,
        details={"legal_representative": clean_name(consent.legal_rep) or guardian.name},
    )
    return child


def register_family(
    uow: UnitOfWork,
    *,
    guardian_name: str,
    phone: str,
    child: ChildData,
    relation: Relation | None,
    consent: LegalConsent,
    channel: Channel,
    confirmed_new: bool = False,
) -> tuple[Guardian, Child]:
    """Telephone or visit: the guardian (found again by name and number, or new without an account) and the child."""
    REGISTER_FAMILY.reach(uow.actor.role)
    problems = [
        problem.of(field=field)
        for problem, field in ((check_name(guardian_name), "guardian_name"), (phone_problem(phone), "phone"))
        if problem
    ]
    problems += [*_problems(child, uow.today), *_consent_problems(child, relation, consent, uow.today)]
    if relation is None:
        problems.append(RELATION_MISSING)
    if problems:
        raise RuleBroken(problems)
    guardian = known_guardian(uow, guardian_name, clean_phone(phone)) or new_guardian(
        uow, guardian_name, phone
    )
    made = register_child(
        uow,
        guardian.id,
        child,
        relation=relation,
        consent=consent,
        channel=channel,
        confirmed_new=confirmed_new,
    )
    return guardian, made


def known_guardian(uow: UnitOfWork, name: str, phone: str) -> Guardian | None:
    """The same person again: same number and same name; one with an account first."""
    rows = uow.session.scalars(
        select(Guardian)
        .where(Guardian.phone == phone, Guardian.name == clean_name(name))
        .order_by(Guardian.user_id.nulls_last(), Guardian.id)
    )
    return rows.first()


def new_guardian(uow: UnitOfWork, name: str, phone: str) -> Guardian:
    """A guardian served without an account (KB-33)."""
    row = Guardian(
        name=clean_name(name), phone=clean_phone(phone), created_at=uow.now, created_by=uow.actor.user_id
    )
    uow.session.add(row)
    uow.session.flush()
    audit.record(uow, "guardian.registered", "guardian", row.id)
    return row


def edit_child(uow: UnitOfWork, ref: str, data: ChildData, *, version: int) -> Child:
    """Correct a child's record. StaleVersion when it changed since the page was fetched."""
    EDIT_CHILD.reach(uow.actor.role)
    child = child_for(uow, ref, lock=True)
    if child.version != version:
        raise StaleVersion("child")
    if problems := _problems(data, uow.today):
        raise RuleBroken(problems)
    fresh = _columns(data)
    diff = {
        name: [_plain(getattr(child, name)), _plain(value)]
        for name, value in fresh.items()
        if getattr(child, name) != value
    }
    for name, value in fresh.items():
        setattr(child, name, value)
    child.version += 1
    uow.session.flush()
    audit.record(uow, "child.edited", "child", child.id, diff=diff)
    return child


def know_child(uow: UnitOfWork, child_id: int, centre_id: int) -> None:
    """From now on the centre may see and search the child (KB-32): it was booked there, or a link was confirmed."""
    if uow.rows(_KNOW, child_id=child_id, centre_id=centre_id, since=uow.now):
        audit.record(uow, "child.known", "child", child_id, diff={"centre": [None, centre_id]})


_KNOW = insert(ChildCentre).on_conflict_do_nothing().returning(ChildCentre.child_id)


def take_on_child(uow: UnitOfWork, ref: str, *, name: str, birth_date: date, phone: str) -> Child:
    """A centre takes on a child that is registered elsewhere instead of doubling it (KB-32).

    Only who can say name, birth date and a guardian's number gets it; NotFound for any other child.
    """
    REGISTER_FAMILY.reach(uow.actor.role)
    similar = similar_children(uow, name, birth_date, [clean_phone(phone)])
    child = next((row for row, _ in similar if row.ref == ref), None)
    if child is None or uow.actor.scope is None:
        raise NotFound("child")
    know_child(uow, child.id, uow.actor.scope)
    audit.record_access(uow, "child.taken_on", "child", child.id)
    return child


def similar_children(
    uow: UnitOfWork, name: str, birth_date: date, phones: Collection[str]
) -> list[tuple[Child, int]]:
    """Children of that name and birth date that have a guardian with one of the numbers, with that guardian's id."""
    rows = uow.session.execute(
        select(Child, Guardian.id)
        .join(GuardianChild, GuardianChild.child_id == Child.id)
        .join(Guardian, Guardian.id == GuardianChild.guardian_id)
        .where(Child.birth_date == birth_date, Guardian.phone.in_(list(phones)))
        .order_by(Child.id)
    )
    asked = _Named(name, birth_date)
    return [(child, guardian_id) for child, guardian_id in rows if same_child(child, asked)]


@dataclass(frozen=True, slots=True)
class _Named:
    name: str
    birth_date: date


def _check_registering(uow: UnitOfWork, guardian_id: int, channel: Channel) -> None:
    if uow.actor.role is Role.GUARDIAN:
        REGISTER_OWN_CHILD.reach(uow.actor.role)
        if uow.actor.guardian_id != guardian_id:
            raise NotFound("guardian")
        if channel is not Channel.ONLINE:
            raise Forbidden(REGISTER_OWN_CHILD.key)
        return
    REGISTER_FAMILY.reach(uow.actor.role)
    if channel is Channel.ONLINE:
        raise RuleBroken(CHANNEL_BAD)


def _problems(data: ChildData, today: date) -> list[Problem]:
    found = check_child(data.name, data.birth_date, today)
    if data.sex is None:
        found.append(SEX_MISSING)
    if data.grade is not None and data.grade not in GRADES:
        found.append(GRADE_BAD)
    return found


def _consent_problems(
    data: ChildData, relation: Relation | None, consent: LegalConsent, today: date
) -> list[Problem]:
    found = []
    if not consent.given:
        found.append(LEGAL_CONSENT_MISSING)
    needs_name = relation not in LEGAL_REPRESENTATIVES and age_on(data.birth_date, today) < LEGAL_AGE
    if consent.given and needs_name and check_name(consent.legal_rep):
        found.append(LEGAL_REP_UNNAMED)
    return found


def _refuse_twins(uow: UnitOfWork, guardian: Guardian, data: ChildData, *, confirmed_new: bool) -> None:
    similar = similar_children(uow, data.name, data.birth_date, [guardian.phone])
    if any(guardian_id == guardian.id for _, guardian_id in similar):
        if uow.actor.role is Role.GUARDIAN:
            raise RuleBroken(ALREADY_YOURS)
        raise LikelyTwice([child for child, _ in similar])
    if similar and not confirmed_new:
        raise LikelyTwice([child for child, _ in similar])


def _columns(data: ChildData) -> dict[str, Any]:
    return {
        "name": clean_name(data.name),
        "birth_date": data.birth_date,
        "sex": data.sex.value if data.sex else "",
        "in_school": True if data.grade is not None else data.in_school,
        "school": clean_line(data.school, 60, "school"),
        "grade": data.grade,
        "school_class": clean_line(data.school_class, 20, "school_class"),
        "address": clean_line(data.address, 200, "address"),
        **({"disability": data.disability.value} if data.disability is not None else {}),
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
