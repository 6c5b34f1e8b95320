"""Passwords at rest: Argon2id, the same work for a login nobody has."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
"""46 MiB, one pass, one lane: about 45 ms; eight threads at once take 370 MiB."""
_nobody = ""


def use_hasher(hasher: PasswordHasher) -> None:
    """Other costs (tests take tiny ones)."""
    global _hasher, _nobody
    _hasher, _nobody = hasher, ""


def prepare() -> None:
    """Make the hash nobody's password is compared with, before the first question."""
    global _nobody
    _nobody = _nobody or _hasher.hash("nobody")


def hashed(password: str) -> str:
    return _hasher.hash(password)


def is_right(stored: str, password: str) -> bool:
    """Without a stored hash the same work is done for nothing."""
    prepare()
    try:
        return _hasher.verify(stored or _nobody, password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str) -> bool:
    """Hashed with other costs than today's."""
    return _hasher.check_needs_rehash(stored)
