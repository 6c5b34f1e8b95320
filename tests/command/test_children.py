"""Programs started together: one that dies is named, and all end together."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.command.children import Children
from app.command.problem import CommandProblem

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    made = Children(tmp_path)
    yield made
    made.stop(grace=0.1)


def script(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def wait_for(log: Path, word: str) -> str:
    until = time.monotonic() + 10
    while word not in log.read_text() and time.monotonic() < until:
        time.sleep(0.02)
    return log.read_text()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_that_dies_is_named_with_its_last_words(children: Children, tmp_path: Path) -> None:
    (tmp_path / "clock.log").write_text("어제의 기록\n")
    children.start("웹 서버", "web", script("import time; time.sleep(60)"))
    children.start("시계", "clock", script("print('시각을 읽지 못함'); raise SystemExit(4)"))
    with pytest.raises(CommandProblem) as problem:
        children.watch()
    assert "모두 멈춥니다: 시계 (코드 4)" in str(problem.value)
    assert "시각을 읽지 못함" in str(problem.value)
    assert "어제의 기록" not in str(problem.value)
    assert "어제의 기록" in (tmp_path / "clock.log").read_text()


def test_stop_ends_the_polite_and_the_stubborn(children: Children, tmp_path: Path) -> None:
    children.start("가", "polite", script("import os, time; print(os.getpid(), flush=True); time.sleep(60)"))
    children.start("나", "stubborn", script("import os; print(os.getpid(), flush=True)\n" + STUBBORN))
    pids = [
        int(wait_for(tmp_path / "polite.log", "\n")),
        int(wait_for(tmp_path / "stubborn.log", "ready").split()[0]),
    ]
    assert all(alive(pid) for pid in pids)
    began = time.monotonic()
    children.stop(grace=0.5)
    assert not any(alive(pid) for pid in pids)
    assert time.monotonic() - began < 5
