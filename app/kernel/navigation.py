"""The main menu: rooms register their entries, the acting role decides which are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from flask import g, request, url_for

from app.kernel.actor import VISITOR, Role
from app.kernel.db import UnitOfWork
from app.kernel.language import gettext

Counter = Callable[[UnitOfWork], Mapping[str, int]]
"""What waits behind menu entries, by endpoint. It runs for every whole page, so it is one small statement."""


@dataclass(frozen=True, slots=True)
class Entry:
    """``order`` sorts; ``service`` hides it where a municipality does not offer it, or none of them (GC-22).

    ``where``: the ``menu``, beside the person's name (``who``), or the ``foot`` of the page.
    """

    label: str
    endpoint: str
    roles: frozenset[Role]
    order: int
    service: str | frozenset[str] | None = None
    where: str = "menu"


_entries: list[Entry] = []
_counters: dict[Role, Counter] = {}
_folds: dict[Role, dict[str, str]] = {}
"""By role: the endpoint of an entry → the label it is folded under."""
_shown: dict[tuple[object, ...], list[tuple[Entry, str]]] = {}
"""What ``items`` found for a place, a role and a municipality: the same until an entry is registered."""


def register(*entries: Entry) -> None:
    known = set(_entries)
    _entries.extend(entry for entry in entries if entry not in known)
    _entries.sort(key=lambda entry: entry.order)
    _shown.clear()


def fold(roles: Iterable[Role], label: str, endpoints: Iterable[str]) -> None:
    """For these roles the entries stand together, in this order, where the first in the menu would stand."""
    folded = dict.fromkeys(endpoints, label)
    for role in roles:
        _folds.setdefault(role, {}).update(folded)


def count_for(roles: Iterable[Role], counter: Counter) -> None:
    """These roles see numbers beside their menu entries."""
    _counters.update(dict.fromkeys(roles, counter))


def counter_of(role: Role) -> Counter | None:
    return _counters.get(role)


def entries() -> Iterable[Entry]:
    return tuple(_entries)


def items(where: str = "menu") -> list[dict[str, object]]:
    """This request's person's entries of one place: label, url, active, count. The longest matching path is active.

    Entries folded together are one item with ``entries`` instead of a url; a fold of one is that entry itself.
    """
    tenant = g.get("tenant")
    if tenant is None:
        return []
    role = g.get("actor", VISITOR).role
    key = (where, role, tenant.slug, tenant.services, request.script_root)
    shown = _shown.get(key)
    if shown is None:
        shown = _shown[key] = [
            (entry, url_for(entry.endpoint))
            for entry in _entries
            if entry.where == where
            and role in entry.roles
            and (entry.service is None or tenant.offers(entry.service))
        ]
    here = max((url for _, url in shown if _inside(request.path, url)), key=len, default=None)
    counts = g.get("menu_counts", {})
    folds = _folds.get(role, {}) if where == "menu" else {}
    place = {endpoint: number for number, endpoint in enumerate(folds)}
    found: dict[str, dict[int, dict[str, object]]] = {}
    for entry, url in shown:
        item = {
            "label": gettext(entry.label),
            "url": url,
            "active": url == here,
            "count": counts.get(entry.endpoint, 0),
        }
        found.setdefault(folds.get(entry.endpoint, url), {})[place.get(entry.endpoint, 0)] = item
    return [_folded(label, [rows[number] for number in sorted(rows)]) for label, rows in found.items()]


def _folded(label: str, rows: list[dict[str, object]]) -> dict[str, object]:
    if len(rows) == 1:
        return rows[0]
    waiting = sum(count for row in rows if isinstance(count := row["count"], int))
    return {
        "label": gettext(label),
        "entries": rows,
        "active": any(row["active"] for row in rows),
        "count": waiting,
    }


def _inside(path: str, url: str) -> bool:
    return path == url or path.startswith(url.rstrip("/") + "/")
