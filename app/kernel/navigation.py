"""The main menu: rooms register their entries, the acting role decides which are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import g, request, url_for
from flask_babel import gettext

from app.kernel.actor import VISITOR, Role


@dataclass(frozen=True, slots=True)
class Entry:
    """``order`` sorts the menu; ``service`` hides it where a municipality does not offer it (GC-22)."""

    label: str
    endpoint: str
    roles: frozenset[Role]
    order: int
    service: str | None = None


_entries: list[Entry] = []


def register(*entries: Entry) -> None:
    known = {(e.endpoint, e.label) for e in _entries}
    _entries.extend(e for e in entries if (e.endpoint, e.label) not in known)
    _entries.sort(key=lambda entry: entry.order)


def entries() -> Iterable[Entry]:
    return tuple(_entries)


def items() -> list[dict[str, object]]:
    """The menu of this request's person: label, url, active, count."""
    tenant = g.get("tenant")
    if tenant is None:
        return []
    role = g.get("actor", VISITOR).role
    return [
        {
            "label": gettext(entry.label),
            "url": url_for(entry.endpoint),
            "active": request.endpoint == entry.endpoint,
            "count": 0,
        }
        for entry in _entries
        if role in entry.roles and (entry.service is None or tenant.offers(entry.service))
    ]
