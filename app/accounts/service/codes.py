"""One-time codes: six digits to a phone, three minutes, five tries (KP-07, KP-08)."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select

from app.accounts.messages import CODE
from app.accounts.models import OneTimeCode
from app.accounts.queries import place_name
from app.accounts.rules import CODE_LIFE, WRONG_CODE, CodeFacts, code_problem, may_send_code
from app.kernel.columns import new_ref
from app.kernel.crypto import keys
from app.kernel.db import UnitOfWork
from app.kernel.errors import Problem, RuleBroken
from app.messaging.service import plan_message

HOUR = timedelta(hours=1)


class Purpose(StrEnum):
    JOIN = "JOIN"
    RECOVER = "RECOVER"
    SIGN = "SIGN"


def send_code(
    uow: UnitOfWork,
    purpose: Purpose,
    receiver: str,
    *,
    phone: str,
    user_id: int | None = None,
    data: dict[str, Any] | None = None,
) -> str:
    """Write a code and plan its message; returns the row's ref for the next form.

    ``receiver`` is what was typed (a phone, a login id): the brake counts by it and by address. Without a ``phone``
    nothing is sent, but the row is the same, so that nobody learns which login ids exist.
    Raises RuleBroken when it is too soon or too often.
    """
    target = keys().fingerprint("code-receiver", f"{purpose}|{receiver}")
    uow.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(target, 0))))
    problem = may_send_code(_sent(uow, target), _from_address(uow), uow.now)
    if problem is not None:
        raise RuleBroken(problem)
    code, ref = f"{secrets.randbelow(1_000_000):06d}", new_ref()
    uow.session.add(
        OneTimeCode(
            ref=ref,
            purpose=purpose,
            target=target,
            user_id=user_id,
            code=_sealed(ref, code),
            data=data or {},
            ip=uow.actor.ip,
            sent_at=uow.now,
            expires_at=uow.now + CODE_LIFE,
        )
    )
    uow.session.flush()
    values = {"place": place_name(uow), "code": code}
    plan_message(uow, CODE, phone, values, subject="one_time_code", urgent=True)
    return ref


def _sealed(ref: str, code: str) -> str:
    return keys().fingerprint("code", f"{ref}|{code}")


def _sent(uow: UnitOfWork, target: str) -> list[Any]:
    query = select(OneTimeCode.sent_at).where(
        OneTimeCode.target == target, OneTimeCode.sent_at > uow.now - HOUR
    )
    return list(uow.session.scalars(query))


def _from_address(uow: UnitOfWork) -> int:
    return uow.session.execute(
        select(func.count()).where(OneTimeCode.ip == uow.actor.ip, OneTimeCode.sent_at > uow.now - HOUR)
    ).scalar_one()


def take_code(
    uow: UnitOfWork, purpose: Purpose, ref: str, typed: str, *, life: timedelta
) -> tuple[OneTimeCode | None, Problem | None]:
    """Compare a typed code under the row's lock. A right one stays good for ``life`` to finish the form.

    The answer is a value and no exception: a wrong try has to be counted, so the unit of work must commit.
    """
    row = _locked(uow, purpose, ref)
    if row is None:
        return None, WRONG_CODE
    matches = hmac.compare_digest(row.code, _sealed(row.ref, typed.strip()))
    problem = code_problem(CodeFacts(row.expires_at, row.attempts, row.used_at is not None), matches, uow.now)
    if not matches:
        row.attempts += 1
    if problem is None and row.verified_at is None:
        row.verified_at, row.expires_at = uow.now, uow.now + life
    uow.session.flush()
    return row, problem


def waived_code(uow: UnitOfWork, purpose: Purpose, ref: str) -> tuple[OneTimeCode | None, Problem | None]:
    """The row where the municipality asks for no code (kp.reset_requires_code off): it only ages and is used once."""
    row = _locked(uow, purpose, ref)
    if row is None:
        return None, WRONG_CODE
    return row, code_problem(CodeFacts(row.expires_at, row.attempts, row.used_at is not None), True, uow.now)


def _locked(uow: UnitOfWork, purpose: Purpose, ref: str) -> OneTimeCode | None:
    query = select(OneTimeCode).where(OneTimeCode.ref == ref, OneTimeCode.purpose == purpose)
    return uow.session.scalars(query.with_for_update()).first()


def verified_code(uow: UnitOfWork, purpose: Purpose, ref: str) -> OneTimeCode | None:
    """The row of a code that was typed rightly, is still good and not used up; locked."""
    row = _locked(uow, purpose, ref)
    fresh = row is not None and row.verified_at and not row.used_at and uow.now < row.expires_at
    return row if fresh else None
