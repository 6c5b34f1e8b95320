"""What rooms above want the operator to hear of: asked for each municipality whenever J-52 looks around.

A room says so when its jobs are loaded: ``watch_also(seal_troubles)``; ``seal_troubles(uow)`` answers alert key →
sentence, keys beginning with ``room:``. An alert that is not repeated is closed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app.kernel.db import UnitOfWork

Watcher = Callable[[UnitOfWork], Mapping[str, str]]

_watchers: list[Watcher] = []


def watch_also(watcher: Watcher) -> None:
    if watcher not in _watchers:
        _watchers.append(watcher)


def room_troubles(uow: UnitOfWork) -> dict[str, str]:
    return {key: words for watcher in _watchers for key, words in watcher(uow).items()}
