"""Officers make accounts, give roles, suspend and bring back (KP-05, KP-09, XX-15)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update

from app.accounts import passwords, session_rows
from app.accounts.actions import ISSUE
from app.accounts.messages import INVITATION
from app.accounts.models import Invitation, RoleAssignment, UserAccount
from app.accounts.queries import RoleRow, place_name, roles_of
from app.accounts.rules import (
    BAD_INVITATION,
    BAD_LOGIN_ID,
    BAD_NAME,
    BAD_PHONE,
    DATES_REVERSED,
    GRANTABLE,
    INVITATION_LIFE,
    LOGIN_ID,
    NO_REASON,
    NOT_YOUR_ROLE,
    OWN_ACCOUNT,
    PAST_END,
    ROLE_TWICE,
    STATES,
    WRONG_PLACE,
    UserState,
    clean_name,
    fits_place,
    fold_login_id,
)
from app.accounts.service.joining import new_account
from app.accounts.service.recovery import new_password_problems
from app.kernel import audit
from app.kernel.actions import Reach
from app.kernel.actor import Role
from app.kernel.crypto import keys
from app.kernel.db import UnitOfWork
from app.kernel.errors import Forbidden, NotFound, Problem, RuleBroken, StaleVersion
from app.kernel.texts import moment_text
from app.messaging.rules import mobile_number
from app.messaging.service import plan_message
from app.tenancy.models import Institution
from app.tenancy.queries import institution_by_ref

LinkOf = Callable[[str], str]
"""Token → the address that stands in the message."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who an account is for; phone and login id as typed."""

    login_id: str
    name: str
    phone: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """A role to give. ``institution`` is its ref, empty for roles of the whole municipality; both days included."""

    role: Role
    institution: str
    starts_on: date
    ends_on: date | None = None


def issue_account(uow: UnitOfWork, person: Person, post: Post, link: LinkOf) -> UserAccount:
    """INVITED account with one role, and the message with the link (KP-05). Raises RuleBroken, NotFound."""
    problems, name, phone = _person_problems(person)
    place = _place_for(uow, post, problems)
    if problems:
        raise RuleBroken(problems)
    user = new_account(
        uow,
        UserAccount(
            login_id=fold_login_id(person.login_id),
            name=name,
            phone=phone,
            email=person.email.strip(),
            state=UserState.INVITED,
            state_at=uow.now,
            created_at=uow.now,
            created_by=uow.actor.user_id,
        ),
    )
    audit.record(uow, "account.issue", "user_account", user.id, to_state=UserState.INVITED)
    _add_role(uow, user, post, place)
    _send_invitation(uow, user, link)
    return user


def _person_problems(person: Person) -> tuple[list[Problem], str, str]:
    name, phone = clean_name(person.name), mobile_number(person.phone)
    checks = (
        (LOGIN_ID.fullmatch(fold_login_id(person.login_id)), BAD_LOGIN_ID),
        (name, BAD_NAME),
        (phone, BAD_PHONE),
    )
    return [problem for good, problem in checks if not good], name or "", phone or ""


def _place_for(uow: UnitOfWork, post: Post, problems: list[Problem]) -> Institution | None:
    """The institution of a role, checked: may this officer give this role there?"""
    place = institution_by_ref(uow.session, post.institution) if post.institution else None
    if place is not None:
        ISSUE.check(uow.actor, place.id, place.parent_id)
    if post.role not in GRANTABLE.get(uow.actor.role, frozenset()):
        problems.append(NOT_YOUR_ROLE)
    elif not fits_place(post.role, place.kind if place else None):
        problems.append(WRONG_PLACE)
    if post.ends_on is not None and post.ends_on < post.starts_on:
        problems.append(DATES_REVERSED)
    return place


def _add_role(uow: UnitOfWork, user: UserAccount, post: Post, place: Institution | None) -> RoleAssignment:
    row = RoleAssignment(
        user_id=user.id,
        role=post.role,
        institution_id=place.id if place else None,
        starts_on=post.starts_on,
        ends_on=post.ends_on,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(row)
    uow.session.flush()
    audit.record(
        uow,
        "account.give_role",
        "user_account",
        user.id,
        diff={"role": [None, post.role.value], "institution": [None, row.institution_id]},
    )
    return row


def managed_account(uow: UnitOfWork, ref: str, *, lock: bool = False) -> tuple[UserAccount, list[RoleRow]]:
    """A staff account inside the officer's scope, with its roles. Raises NotFound."""
    query = select(UserAccount).where(UserAccount.ref == ref)
    user = uow.session.scalars(query.with_for_update() if lock else query).first()
    if user is None:
        raise NotFound("user_account")
    roles = roles_of(uow.session, user.id)
    staff = [row for row in roles if row.role is not Role.GUARDIAN]
    if ISSUE.reach(uow.actor.role) is Reach.SCOPE:
        staff = [row for row in staff if _covers(uow, row)]
    if not staff:
        raise NotFound("user_account")
    return user, roles


def _covers(uow: UnitOfWork, row: RoleRow) -> bool:
    return row.institution_id is not None and uow.actor.covers(row.institution_id, row.parent_id)


def _to_change(uow: UnitOfWork, ref: str) -> tuple[UserAccount, list[RoleRow]]:
    """Locked, not one's own, and without a current role in somebody else's scope (else 403)."""
    user, roles = managed_account(uow, ref, lock=True)
    if user.id == uow.actor.user_id:
        raise RuleBroken(OWN_ACCOUNT)
    current = [row for row in roles if row.ends_on is None or row.ends_on >= uow.today]
    narrow = ISSUE.reach(uow.actor.role) is Reach.SCOPE
    if narrow and not all(_covers(uow, row) for row in current if row.role is not Role.GUARDIAN):
        raise Forbidden(ISSUE.key)
    return user, roles


def give_role(uow: UnitOfWork, ref: str, post: Post) -> None:
    user, roles = _to_change(uow, ref)
    problems: list[Problem] = []
    place = _place_for(uow, post, problems)
    place_id = place.id if place else None
    same = [row for row in roles if row.role is post.role and row.institution_id == place_id]
    if any(_overlap(row, post) for row in same):
        problems.append(ROLE_TWICE)
    if problems:
        raise RuleBroken(problems)
    _add_role(uow, user, post, place)


def _overlap(row: RoleRow, post: Post) -> bool:
    return (post.ends_on is None or row.starts_on <= post.ends_on) and (
        row.ends_on is None or post.starts_on <= row.ends_on
    )


def end_role(uow: UnitOfWork, ref: str, role_ref: str, ends_on: date) -> None:
    """The last day of a role: today or later. It stops working with that day's end."""
    user, roles = _to_change(uow, ref)
    row = next((row for row in roles if row.ref == role_ref and row.role is not Role.GUARDIAN), None)
    if row is None:
        raise NotFound("role_assignment")
    if row.role not in GRANTABLE.get(uow.actor.role, frozenset()):
        raise RuleBroken(NOT_YOUR_ROLE)
    if ends_on < max(uow.today, row.starts_on):
        raise RuleBroken(PAST_END)
    uow.session.execute(update(RoleAssignment).where(RoleAssignment.id == row.id).values(ends_on=ends_on))
    audit.record(
        uow,
        "account.end_role",
        "user_account",
        user.id,
        diff={row.role.value: [str(row.ends_on or ""), ends_on.isoformat()]},
    )


def change_person(uow: UnitOfWork, ref: str, version: int, person: Person) -> None:
    """Another login id, name, phone or address. Raises StaleVersion, RuleBroken."""
    user, _ = _to_change(uow, ref)
    if user.version != version:
        raise StaleVersion("user_account")
    problems, name, phone = _person_problems(person)
    if problems:
        raise RuleBroken(problems)
    login = fold_login_id(person.login_id)
    changed = [
        field
        for field, new in (
            ("login_id", login),
            ("name", name),
            ("phone", phone),
            ("email", person.email.strip()),
        )
        if getattr(user, field) != new
    ]
    user.name, user.email, user.version = name, person.email.strip(), user.version + 1
    if user.phone != phone:
        user.phone, user.phone_verified_at = phone, None
    if user.login_id != login:
        user.login_id = login
    new_account(uow, user)
    audit.record(
        uow, "account.change", "user_account", user.id, diff={field: [None, None] for field in changed}
    )


def suspend(uow: UnitOfWork, ref: str, reason: str) -> None:
    """ACTIVE → SUSPENDED; the person is out at once (KP-09)."""
    user = _step(uow, ref, UserState.SUSPENDED, reason, "account.suspend")
    session_rows.end_sessions(uow, user.id)


def reactivate(uow: UnitOfWork, ref: str, reason: str) -> None:
    """SUSPENDED → ACTIVE, only by officers (KP-09)."""
    user = _step(uow, ref, UserState.ACTIVE, reason, "account.reactivate")
    user.failed_count = 0


def _step(uow: UnitOfWork, ref: str, after: UserState, reason: str, action: str) -> UserAccount:
    user, _ = _to_change(uow, ref)
    before = UserState(user.state)
    problem = STATES.check(before, after, uow.actor.role)
    if problem is None and not reason.strip():
        problem = NO_REASON
    if problem is not None:
        raise RuleBroken(problem)
    user.state, user.state_at, user.version = after, uow.now, user.version + 1
    audit.record(
        uow, action, "user_account", user.id, from_state=before, to_state=after, reason=reason.strip()
    )
    return user


def invite_again(uow: UnitOfWork, ref: str, link: LinkOf) -> None:
    """A new link for somebody who has not come yet; the older ones stop working."""
    user, _ = _to_change(uow, ref)
    if user.state != UserState.INVITED:
        raise RuleBroken(BAD_INVITATION)
    _send_invitation(uow, user, link)


def _token_hash(token: str) -> str:
    return keys().fingerprint("invitation", token)


def _send_invitation(uow: UnitOfWork, user: UserAccount, link: LinkOf) -> None:
    uow.session.execute(
        update(Invitation)
        .where(Invitation.user_id == user.id, Invitation.used_at.is_(None))
        .values(used_at=uow.now)
    )
    token, until = secrets.token_urlsafe(24), uow.now + INVITATION_LIFE
    uow.session.add(
        Invitation(
            token=_token_hash(token),
            user_id=user.id,
            expires_at=until,
            created_at=uow.now,
            created_by=uow.actor.user_id,
        )
    )
    values = {
        "place": place_name(uow),
        "name": user.name,
        "login_id": user.login_id,
        "until": moment_text(until),
        "link": link(token),
    }
    plan_message(uow, INVITATION, user.phone, values, subject="user_account", subject_id=user.id)
    audit.record(uow, "account.invite", "user_account", user.id)


def invited(uow: UnitOfWork, token: str) -> tuple[Invitation, UserAccount]:
    """Whose link this is, locked. Raises RuleBroken when it was used or is too old."""
    row = uow.session.scalars(
        select(Invitation).where(Invitation.token == _token_hash(token)).with_for_update()
    ).first()
    if row is None or row.used_at is not None or uow.now >= row.expires_at:
        raise RuleBroken(BAD_INVITATION)
    user = uow.session.get_one(UserAccount, row.user_id, with_for_update=True)
    if user.state != UserState.INVITED:
        raise RuleBroken(BAD_INVITATION)
    return row, user


def accept_invitation(uow: UnitOfWork, token: str, *, password: str, again: str) -> UserAccount:
    """INVITED → ACTIVE with the person's own password. The link came to the phone: that proves the phone."""
    row, user = invited(uow, token)
    problems = new_password_problems(uow, user, password, again)
    if problems:
        raise RuleBroken(problems)
    row.used_at = uow.now
    user.password_hash = passwords.hashed(password)
    user.state, user.state_at, user.phone_verified_at = UserState.ACTIVE, uow.now, uow.now
    user.version += 1
    audit.record(
        uow,
        "account.accept",
        "user_account",
        user.id,
        from_state=UserState.INVITED,
        to_state=UserState.ACTIVE,
    )
    return user
