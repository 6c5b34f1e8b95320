"""A new password for somebody who forgot it or is locked out (KP-07, KP-08).

Staff name their login id and the telephone number of their facility, guardians their login id; both prove themselves
with a code sent to their own phone. Whatever was typed, the next page is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from app.accounts import passwords, session_rows
from app.accounts.messages import PASSWORD_CHANGED
from app.accounts.models import UserAccount
from app.accounts.parameters import PASSWORD_LEAST, RESET_REQUIRES_CODE
from app.accounts.queries import RoleRow, account_by_login, place_name, roles_in_force
from app.accounts.rules import PASSWORD_AGAIN, WRONG_CODE, UserState, fold_login_id, password_problems
from app.accounts.service.codes import Purpose, send_code, take_code, waived_code
from app.kernel import audit
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem
from app.messaging.rules import digits_of
from app.messaging.service import plan_message
from app.tenancy import settings
from app.tenancy.models import Institution, Tenant

TIME_TO_FINISH = timedelta(minutes=10)
RECOVERABLE = (UserState.ACTIVE, UserState.LOCKED)


def code_needed(uow: UnitOfWork) -> bool:
    return bool(settings.value(uow, RESET_REQUIRES_CODE))


def ask_code(uow: UnitOfWork, login_id: str, facility_phone: str) -> str:
    """Send a code if id and facility phone belong together; returns the ref of the code's row in any case."""
    login = fold_login_id(login_id)
    user = account_by_login(uow.session, login)
    known = user is not None and user.state in RECOVERABLE and _proves(uow, user, facility_phone)
    return send_code(
        uow,
        Purpose.RECOVER,
        login,
        phone=user.phone if user and known and code_needed(uow) else "",
        user_id=user.id if user and known else None,
    )


def _proves(uow: UnitOfWork, user: UserAccount, facility_phone: str) -> bool:
    roles = roles_in_force(uow.session, user.id, uow.today)
    if not is_staff(roles):
        # A guardian has nothing to show but the code: where none is asked, the login id alone would let anyone in.
        return bool(roles) and user.phone_verified_at is not None and code_needed(uow)
    typed = digits_of(facility_phone)
    return bool(typed) and typed in _facility_phones(uow, roles)


def is_staff(roles: list[RoleRow]) -> bool:
    return any(row.role is not Role.GUARDIAN for row in roles)


def _facility_phones(uow: UnitOfWork, roles: list[RoleRow]) -> set[str]:
    """Of the institutions the person works in; the municipality's own for roles of the whole municipality."""
    places = [row.institution_id for row in roles if row.institution_id is not None]
    numbers = list(uow.session.scalars(select(Institution.phone).where(Institution.id.in_(places))))
    if any(row.institution_id is None and row.role is not Role.GUARDIAN for row in roles):
        numbers += uow.session.scalars(select(Tenant.phone).where(Tenant.slug == uow.tenant.slug))
    return {digits_of(number) for number in numbers if number}


@dataclass(frozen=True, slots=True)
class Recovery:
    """Done, or what is still wrong. A wrong code is counted: the unit of work must commit."""

    problems: tuple[Problem, ...] = ()


def set_password(uow: UnitOfWork, ref: str, *, code: str, password: str, again: str) -> Recovery:
    """With a right code: a new password, LOCKED → ACTIVE, every session ended, the owner told."""
    if code_needed(uow):
        row, problem = take_code(uow, Purpose.RECOVER, ref, code, life=TIME_TO_FINISH)
    else:
        row, problem = waived_code(uow, Purpose.RECOVER, ref)
    if problem is not None or row is None or row.user_id is None:
        return Recovery((problem or WRONG_CODE,))
    user = uow.session.get_one(UserAccount, row.user_id, with_for_update=True)
    if user.state not in RECOVERABLE:
        return Recovery((WRONG_CODE,))
    problems = new_password_problems(uow, user, password, again)
    if problems:
        return Recovery(tuple(problems))
    row.used_at = uow.now
    renew_password(uow, user, password)
    session_rows.end_sessions(uow, user.id)
    return Recovery()


def new_password_problems(uow: UnitOfWork, user: UserAccount, password: str, again: str) -> list[Problem]:
    roles = roles_in_force(uow.session, user.id, uow.today)
    least = settings.value(uow, PASSWORD_LEAST)
    staff = is_staff(roles) or user.state == UserState.INVITED
    problems = password_problems(password, staff=staff, login_id=user.login_id, least=least)
    if password != again:
        problems.append(PASSWORD_AGAIN)
    return problems


def renew_password(uow: UnitOfWork, user: UserAccount, password: str) -> None:
    """Store it, open the lock, tell the owner."""
    before = user.state
    if before == UserState.LOCKED:
        user.state, user.state_at = UserState.ACTIVE, uow.now
    user.password_hash = passwords.hashed(password)
    user.failed_count, user.must_change = 0, False
    user.version += 1
    uow.session.flush()
    audit.record(uow, "account.password", "user_account", user.id, from_state=before, to_state=user.state)
    values = {"place": place_name(uow), "name": user.name}
    plan_message(
        uow, PASSWORD_CHANGED, user.phone, values, subject="user_account", subject_id=user.id, urgent=True
    )
