"""Acting a part of the demonstration: somebody does something at a moment, through the real services."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from app.centres.queries import CentreRow
from app.command.demo.names import Cast
from app.kernel.actor import SYSTEM, Actor, Role
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.ranges import KST, kst

SEED = 20260301
"""The same people come to the same centres every time; only the dates follow today."""


@dataclass(frozen=True, slots=True)
class Parent:
    """A family with its account: the guardian's actor and the children's refs."""

    actor: Actor
    guardian_ref: str
    phone: str
    children: tuple[str, ...]
    """Refs, eldest first."""


@dataclass(slots=True)
class House:
    """A centre with its people."""

    centre: CentreRow
    director: Actor
    teacher: Actor
    families: list[Parent] = field(default_factory=list)


class Stage:
    """Where and when the demonstration plays; ``rng`` decides everything that could be otherwise."""

    def __init__(self, place: TenantRef, today: date) -> None:
        self.place, self.today = place, today
        self.rng = random.Random(SEED)  # noqa: S311 - invented people, no secret
        self.cast = Cast(self.rng)
        self.houses: list[House] = []

    def at(self, days: int, hour: int, minute: int = 0) -> datetime:
        """A moment that many days from today, KST."""
        return kst(self.today + timedelta(days=days), hour * 60 + minute)

    @contextmanager
    def act(self, actor: Actor = SYSTEM, when: datetime | None = None) -> Iterator[UnitOfWork]:
        """One unit of work of somebody at a moment (None: now)."""
        with unit_of_work(self.place, actor) as uow:
            if when is not None:
                uow.now = when.astimezone(KST)
            yield uow

    def request_id(self) -> str:
        return f"{self.rng.getrandbits(128):032x}"


def as_parent(user_id: int, guardian_id: int, name: str) -> Actor:
    return Actor(Role.GUARDIAN, user_id=user_id, guardian_id=guardian_id, name=name)
