"""One at a time in a folder: what runs there, and what must not run beside it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from app.command.place import var_folder
from app.command.problem import CommandProblem


@contextmanager
def only_one(what: str) -> Iterator[None]:
    """Hold the folder's lock, noting ``what`` in it; CommandProblem names what already holds it.

    The kernel drops the lock of a killed program, so a file left behind means nothing.
    """
    with (var_folder() / "run.lock").open("a+") as lock:
        lock.seek(0)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandProblem(f"이 폴더에서 이미 실행 중입니다: {lock.read().strip()}") from None
        lock.truncate(0)
        lock.write(what)
        lock.flush()
        yield
