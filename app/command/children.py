"""Programs that run beside each other and end together."""

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from app.command.place import ROOT
from app.command.problem import CommandProblem

GRACE = 20.0  # seconds between the polite and the hard end
LOOK = 0.2  # seconds between two looks at the children


@dataclass(frozen=True)
class Child:
    """A started program; its output goes to ``log``, this time from byte ``begin`` on."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    begin: int

    def last_words(self, lines: int = 15) -> str:
        """The end of what it printed since its start."""
        said = self.log.read_bytes()[self.begin :].decode(errors="replace")
        return "\n".join(said.splitlines()[-lines:])


class Children:
    """Starts programs, watches them, ends them in the reverse order of their start."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._children: list[Child] = []
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, file: str, line: list[str]) -> Child:
        """Start one. A session of its own: Ctrl-C in the terminal reaches us, and we end them in order."""
        log = self._logs / f"{file}.log"
        with log.open("ab") as output:
            begin = output.tell()
            process = subprocess.Popen(
                # If we are killed outright, the kernel ends the child: nothing goes on without us.
                ["setpriv", "--pdeathsig", "TERM", "--", *line],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children.append(child := Child(name, process, log, begin))
        return child

    def check(self) -> None:
        """Raise CommandProblem, quoting its last words, when one has ended by itself."""
        for child in self._children:
            code = child.process.poll()
            if code is not None:
                raise CommandProblem(
                    f"뜻밖에 끝난 프로그램이 있어 모두 멈춥니다: {child.name} (코드 {code})\n"
                    f"{child.last_words()}\n전체 기록: {child.log}"
                )

    def watch(self) -> None:
        """Return never; raises CommandProblem as ``check`` does."""
        while True:
            self.check()
            time.sleep(LOOK)

    def stop(self, grace: float = GRACE) -> None:
        """End all: politely, then hard after ``grace`` seconds."""
        for child in reversed(self._children):
            _signal(child, signal.SIGTERM)
        until = time.monotonic() + grace
        for child in reversed(self._children):
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, until - time.monotonic()))
            _signal(child, signal.SIGKILL)  # also whatever the child itself left behind
            child.process.wait()
        self._children.clear()


def _signal(child: Child, number: signal.Signals) -> None:
    """SIGTERM to the program, which ends its own workers; SIGKILL to its whole group."""
    with contextlib.suppress(ProcessLookupError):
        if number is signal.SIGKILL:
            os.killpg(child.process.pid, number)
        elif child.process.poll() is None:
            child.process.send_signal(number)
