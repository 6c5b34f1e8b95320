"""Reads of accounts and roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import RoleAssignment, UserAccount, UserSession
from app.accounts.rules import UserState
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.tenancy.models import Institution, Tenant
from app.tenancy.rules import InstitutionKind


def account_by_login(session: Session, login_id: str, *, lock: bool = False) -> UserAccount | None:
    """``login_id`` already folded; ``lock``: the row stays ours until the unit ends."""
    query = select(UserAccount).where(UserAccount.login_id == login_id)
    return session.scalars(query.with_for_update() if lock else query).first()


def place_name(uow: UnitOfWork) -> str:
    """The municipality's service as messages name it: 서울특별시 우리동네키움."""
    name, title = uow.session.execute(
        select(Tenant.name, Tenant.service_title).where(Tenant.slug == uow.tenant.slug)
    ).one()
    return f"{name} {title}".strip()


def in_force_on(day: date) -> ColumnElement[bool]:
    """Condition: the role counts on this day."""
    return and_(
        RoleAssignment.starts_on <= day,
        or_(RoleAssignment.ends_on.is_(None), RoleAssignment.ends_on >= day),
    )


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role a person has, with the names a page shows."""

    ref: str
    id: int
    role: Role
    institution_id: int | None
    parent_id: int | None
    institution: str
    starts_on: date
    ends_on: date | None

    @property
    def label(self) -> str:
        return f"{self.institution} {self.role.label}".strip()


def _roles(user_id: int) -> Select[RoleAssignment, Institution]:
    return (
        select(RoleAssignment, Institution)
        .outerjoin(Institution, Institution.id == RoleAssignment.institution_id)
        .where(RoleAssignment.user_id == user_id)
        .order_by(RoleAssignment.starts_on, RoleAssignment.id)
    )


def _role_row(role: RoleAssignment, place: Institution | None) -> RoleRow:
    return RoleRow(
        ref=role.ref,
        id=role.id,
        role=Role(role.role),
        institution_id=role.institution_id,
        parent_id=place.parent_id if place else None,
        institution=place.name if place else "",
        starts_on=role.starts_on,
        ends_on=role.ends_on,
    )


def roles_of(session: Session, user_id: int) -> list[RoleRow]:
    """Every role the person has, had or will have, oldest first."""
    return [_role_row(role, place) for role, place in session.execute(_roles(user_id))]


def roles_in_force(session: Session, user_id: int, on: date) -> list[RoleRow]:
    """Oldest first."""
    rows = session.execute(_roles(user_id).where(in_force_on(on)))
    return [_role_row(role, place) for role, place in rows]


def last_acting(session: Session, user_id: int) -> int | None:
    """The assignment the person acted in last."""
    return session.scalars(
        select(UserSession.assignment_id)
        .where(UserSession.user_id == user_id)
        .order_by(UserSession.id.desc())
        .limit(1)
    ).first()


def guardian_login_of_phone(session: Session, phone: str) -> str | None:
    """The login id of the guardian's account with this verified phone."""
    return session.scalars(
        select(UserAccount.login_id)
        .join(RoleAssignment, RoleAssignment.user_id == UserAccount.id)
        .where(
            UserAccount.phone == phone,
            UserAccount.phone_verified_at.is_not(None),
            UserAccount.state != UserState.DISABLED,
            RoleAssignment.role == Role.GUARDIAN,
        )
        .limit(1)
    ).first()


PAGE = 50


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """What an officer's list shows. ``name`` is searched for by POST only."""

    scope: int | None = None
    """The officer's district; None: the whole municipality."""
    state: str = ""
    name: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class AccountRow:
    ref: str
    login_id: str
    name: str
    state: UserState
    last_login_at: datetime | None
    roles: tuple[str, ...]


def staff_accounts(session: Session, wanted: AccountFilter) -> tuple[list[AccountRow], int]:
    """Accounts of people at work in the scope, by name, one page; and how many there are."""
    in_scope = (
        select(RoleAssignment.user_id)
        .outerjoin(Institution, Institution.id == RoleAssignment.institution_id)
        .where(RoleAssignment.role != Role.GUARDIAN)
    )
    if wanted.scope is not None:
        in_scope = in_scope.where(or_(Institution.id == wanted.scope, Institution.parent_id == wanted.scope))
    query = select(UserAccount).where(UserAccount.id.in_(in_scope))
    if wanted.state:
        query = query.where(UserAccount.state == wanted.state)
    if wanted.name:
        query = query.where(
            or_(
                UserAccount.name.icontains(wanted.name, autoescape=True),
                UserAccount.login_id.icontains(wanted.name, autoescape=True),
            )
        )
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    page = query.order_by(UserAccount.name, UserAccount.id).limit(PAGE).offset((wanted.page - 1) * PAGE)
    people = list(session.scalars(page))
    labels = _labels(session, [person.id for person in people])
    return [
        AccountRow(
            p.ref, p.login_id, p.name, UserState(p.state), p.last_login_at, tuple(labels.get(p.id, ()))
        )
        for p in people
    ], total


def _labels(session: Session, users: list[int]) -> dict[int, list[str]]:
    rows = session.execute(
        select(RoleAssignment, Institution)
        .outerjoin(Institution, Institution.id == RoleAssignment.institution_id)
        .where(RoleAssignment.user_id.in_(users), RoleAssignment.role != Role.GUARDIAN)
        .order_by(RoleAssignment.id)
    )
    labels: dict[int, list[str]] = {}
    for role, place in rows:
        labels.setdefault(role.user_id, []).append(_role_row(role, place).label)
    return labels


HOUSES = (
    InstitutionKind.DISTRICT,
    InstitutionKind.KIUM_CENTRE,
    InstitutionKind.REGIONAL_CENTRE,
    InstitutionKind.DAYCARE,
)


def places_for_roles(session: Session, scope: int | None) -> list[Institution]:
    """The institutions a role can stand in, inside the officer's scope."""
    query = select(Institution).where(Institution.kind.in_(HOUSES), Institution.active)
    if scope is not None:
        query = query.where(or_(Institution.id == scope, Institution.parent_id == scope))
    return list(session.scalars(query.order_by(Institution.kind, Institution.name, Institution.id)))
