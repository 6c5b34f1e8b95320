"""How gunicorn serves the house: two processes with four threads each, started from one that has everything loaded.

``python -m gunicorn --config python:app.web_server …``. What the first process has loaded the others share, as long as
nobody writes to it: so the collector must not touch it (it would copy every page), and no connection may be open yet.
"""

from __future__ import annotations

import gc
from typing import Any

workers = 2
worker_class = "gthread"
threads = 4
preload_app = True
MANY_OBJECTS = 10_000
"""A page makes some thousand objects: looking for rubbish after every 700, as is usual, is a twentieth of its time."""
control_socket_disable = True


def pre_fork(server: Any, worker: Any) -> None:
    """What is rubbish goes, what is left is here to stay."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(MANY_OBJECTS, 20, 20)
