"""Many at once: what each of them is answered, when all start together on connections of their own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from app.kernel.errors import DolbomError

MOST = 12
"""So many connections a house of one's own has; more attempts than that follow each other closely."""


def at_once(*attempts: Callable[[], object]) -> list[object]:
    """What each attempt answered, in their order: its result, or the refusal it met."""
    start = Barrier(min(MOST, len(attempts)))

    def run(attempt: Callable[[], object]) -> object:
        if len(attempts) <= MOST:
            start.wait(10)
        try:
            return attempt()
        except DolbomError as refused:
            return refused

    with ThreadPoolExecutor(MOST) as pool:
        return [future.result(60) for future in [pool.submit(run, attempt) for attempt in attempts]]
