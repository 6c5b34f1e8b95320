"""A guardian makes an account: agrees, proves the phone, chooses id and password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.accounts import hooks, passwords, session_rows
from app.accounts.models import RoleAssignment, UserAccount
from app.accounts.parameters import PASSWORD_LEAST
from app.accounts.queries import guardian_login_of_phone
from app.accounts.rules import (
    BAD_LOGIN_ID,
    BAD_NAME,
    BAD_PHONE,
    JOIN_AGAIN,
    LOGIN_ID,
    LOGIN_ID_TAKEN,
    PASSWORD_AGAIN,
    PHONE_TAKEN,
    UserState,
    clean_name,
    fold_login_id,
    masked_login,
    password_problems,
)
from app.accounts.service.codes import Purpose, send_code, take_code, verified_code
from app.kernel import audit
from app.kernel.actor import Role
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem, RuleBroken
from app.messaging.rules import mobile_number
from app.tenancy import settings

TERMS_VERSION = 1
PRIVACY_VERSION = 1
TIME_TO_FINISH = timedelta(minutes=30)


def ask_code(uow: UnitOfWork, name: str, phone: str) -> str:
    """Send a code to the phone of somebody who agreed to the terms; returns the code row's ref."""
    cleaned, number = clean_name(name), mobile_number(phone)
    problems = [BAD_NAME] * (cleaned is None) + [BAD_PHONE] * (number is None)
    if cleaned is None or number is None:
        raise RuleBroken(problems)
    data = {"name": cleaned, "phone": number, "agreed_at": uow.now.isoformat()}
    return send_code(uow, Purpose.JOIN, number, phone=number, data=data)


def prove_phone(uow: UnitOfWork, ref: str, typed: str) -> Problem | None:
    """Compare the code. A phone that has an account already is told so only to its owner."""
    row, problem = take_code(uow, Purpose.JOIN, ref, typed, life=TIME_TO_FINISH)
    if row is None or problem is not None:
        return problem
    known = guardian_login_of_phone(uow.session, row.data["phone"])
    return PHONE_TAKEN.of(login_id=masked_login(known)) if known else None


@dataclass(frozen=True, slots=True)
class Joined:
    user: UserAccount
    sid: str


def join(uow: UnitOfWork, ref: str, *, login_id: str, password: str, again: str, agent: str = "") -> Joined:
    """Make the account and sign in. Raises RuleBroken; the code can then still be used to try again."""
    row = verified_code(uow, Purpose.JOIN, ref)
    if row is None:
        raise RuleBroken(JOIN_AGAIN)
    phone = row.data["phone"]
    uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"join|{phone}", 0))))
    known = guardian_login_of_phone(uow.session, phone)
    if known:
        raise RuleBroken(PHONE_TAKEN.of(login_id=masked_login(known)))
    login = fold_login_id(login_id)
    _check(uow, login, password, again)
    row.used_at = uow.now
    user = new_account(
        uow,
        UserAccount(
            login_id=login,
            name=row.data["name"],
            phone=phone,
            phone_verified_at=row.verified_at,
            password_hash=passwords.hashed(password),
            state=UserState.ACTIVE,
            state_at=uow.now,
            last_login_at=uow.now,
            agreed={"terms": TERMS_VERSION, "privacy": PRIVACY_VERSION, "at": row.data["agreed_at"]},
            created_at=uow.now,
        ),
    )
    role = RoleAssignment(user_id=user.id, role=Role.GUARDIAN, starts_on=uow.today, created_at=uow.now)
    uow.session.add(role)
    uow.session.flush()
    audit.record(uow, "account.join", "user_account", user.id, to_state=UserState.ACTIVE)
    hooks.guardian_joined(uow, user)
    return Joined(user, session_rows.open_session(uow, role, ip=uow.actor.ip, agent=agent))


def _check(uow: UnitOfWork, login: str, password: str, again: str) -> None:
    problems: list[Problem] = []
    if not LOGIN_ID.fullmatch(login):
        problems.append(BAD_LOGIN_ID)
    least = settings.value(uow, PASSWORD_LEAST)
    problems += password_problems(password, staff=False, login_id=login, least=least)
    if password != again:
        problems.append(PASSWORD_AGAIN)
    if problems:
        raise RuleBroken(problems)


def new_account(uow: UnitOfWork, user: UserAccount) -> UserAccount:
    """Insert; somebody faster with the same id is a problem to show, not a crash."""
    try:
        with uow.session.begin_nested():
            uow.session.add(user)
            uow.session.flush()
    except IntegrityError as error:
        if "login_id" not in str(error.orig):
            raise
        raise RuleBroken(LOGIN_ID_TAKEN) from None
    return user
