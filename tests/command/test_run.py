"""``./dolbom run`` refuses to start where it could only fail."""

import fcntl
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.command.place import ROOT


def run(var: Path, *options: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "app.command", "run", *options]
    environment = {**os.environ, "DOLBOM_VAR": str(var)}
    return subprocess.run(
        line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_second_one_in_the_same_folder_is_told_where_the_first_is(tmp_path: Path) -> None:
    with (tmp_path / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("http://127.0.0.1:8123/")
        lock.flush()
        answer = run(tmp_path)
    assert answer.returncode == 1
    assert "이미 실행 중입니다: http://127.0.0.1:8123/" in answer.stderr


def test_the_lock_file_of_one_that_was_killed_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "run.lock").write_text("http://127.0.0.1:8123/")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answer = run(tmp_path, "--port", str(taken.getsockname()[1]))
    assert "이미 실행 중" not in answer.stderr
    assert (tmp_path / "run.lock").read_text() != "http://127.0.0.1:8123/"


def test_a_taken_port_is_named_with_a_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = run(tmp_path, "--port", str(port))
    assert answer.returncode == 1
    assert f"{port}번 포트를 다른 프로그램이 쓰고 있습니다" in answer.stderr
    assert f"./dolbom run --port {port + 1}" in answer.stderr
    assert not (tmp_path / "pg").exists()  # refused before anything was started


@pytest.mark.parametrize("port", ["0", "65536", "-1"])
def test_a_number_that_is_no_port_is_refused(tmp_path: Path, port: str) -> None:
    answer = run(tmp_path, "--port", port)
    assert answer.returncode == 1
    assert "1부터 65535까지" in answer.stderr
