"""The one renderer of a worker process, lent to one piece of work at a time. Web processes never call it."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.documents.render import Renderer

_renderer: Renderer | None = None
_one_at_a_time = threading.Lock()


@contextmanager
def the_renderer() -> Iterator[Renderer]:
    """Made once per process: reading fonts and style sheet costs as much as a page."""
    global _renderer
    with _one_at_a_time:
        if _renderer is None:
            from app.documents.render import Renderer

            _renderer = Renderer()
        yield _renderer


@atexit.register
def _forget_renderer() -> None:
    """Its fonts want to be freed while the interpreter still stands."""
    global _renderer
    _renderer = None
