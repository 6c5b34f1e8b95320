"""Finding families, and opening what is masked; both leave a trace (KB-32, XX-05, XX-12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.kernel import audit
from app.kernel.db import UnitOfWork
from app.kernel.errors import RuleBroken
from app.people.actions import READ_CHILD, SEARCH_CHILDREN
from app.people.models import Child, PickupPerson
from app.people.problems import BAD_TAIL, NO_CRITERION, clean_line
from app.people.queries import FoundChild, GuardianRow, child_for, find_children, guardians_of, pickup_people


@dataclass(frozen=True, slots=True)
class SearchWords:
    """At least one of them; all that are given must match."""

    name: str = ""
    phone_tail: str = ""
    birth_date: date | None = None


def search_children(uow: UnitOfWork, words: SearchWords) -> Sequence[FoundChild]:
    """Registered children of the acting centre that match; nothing found means: offer to register (KB-32)."""
    SEARCH_CHILDREN.reach(uow.actor.role)
    name, tail = clean_line(words.name, 40, "name"), words.phone_tail.strip()
    if tail and not (len(tail) == 4 and tail.isascii() and tail.isdigit()):
        raise RuleBroken(BAD_TAIL)
    if not (name or tail or words.birth_date):
        raise RuleBroken(NO_CRITERION)
    found = find_children(uow, name=name, phone_tail=tail, birth_date=words.birth_date)
    audit.record_access(uow, "child.search", "child", None, row_count=len(found))
    return found


@dataclass(frozen=True, slots=True)
class Contacts:
    """What stays masked until somebody opens it."""

    child: Child
    guardians: Sequence[GuardianRow]
    pickups: Sequence[PickupPerson]


def open_contacts(uow: UnitOfWork, child_ref: str, *, reason: str = "") -> Contacts:
    """Numbers and address of a child's people, unmasked; the opening is logged."""
    READ_CHILD.reach(uow.actor.role)
    child = child_for(uow, child_ref)
    audit.record_access(uow, "child.contacts", "child", child.id, reason=reason.strip()[:200] or None)
    return Contacts(child, guardians_of(uow, child.id), pickup_people(uow, child.id))
