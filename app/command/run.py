"""``./dolbom run``: database, web server, clock and worker, started together and ended together."""

import argparse
import http.client
import importlib
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

from app.command.children import Children
from app.command.database import running_database
from app.command.place import ROOT, var_folder
from app.command.problem import PARTLY, CommandProblem
from app.command.single import only_one

HOST = "127.0.0.1"
START_LIMIT = 60.0  # seconds until the first page must answer


def add_parser(sub: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the verb."""
    parser = sub.add_parser(
        "run",
        help="시작",
        description="데이터베이스, 웹 서버, 시계, 일꾼을 함께 시작합니다. Ctrl-C로 모두 끝냅니다.",
    )
    parser.add_argument("--port", type=int, default=8000, help="웹 주소의 포트 (기본 8000)")
    parser.add_argument("--no-demo", action="store_true", help="시연 자료를 만들지 않습니다")


def main(args: argparse.Namespace) -> int:
    """Run until Ctrl-C or SIGTERM (0) or until a part dies (CommandProblem)."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    signal.signal(signal.SIGHUP, _as_interrupt)
    address = f"http://{HOST}:{args.port}/"
    os.environ.setdefault("DOLBOM_BASE_URL", address)
    try:
        with only_one(address):
            _require_free_port(args.port)
            print("데이터베이스를 시작합니다 …", flush=True)
            with running_database():
                # A municipality left behind answers 점검 중; the others must not wait for it.
                _run_step("데이터베이스를 이 버전에 맞춥니다", "migrate", accepted=(0, PARTLY))
                demo = not args.no_demo and _exists("app.command.demo")
                if demo:
                    _run_step("시연 자료를 확인합니다", "demo")
                _serve(args.port, address, demo)
    except KeyboardInterrupt:
        print("모두 끝냈습니다.", flush=True)
    return 0


def _serve(port: int, address: str, demo: bool) -> None:
    children = Children(var_folder() / "log")
    try:
        children.start("웹 서버", "web", _gunicorn(port))
        children.start("시계", "clock", [sys.executable, "scheduler.py"])
        children.start("일꾼", "worker", [sys.executable, "scheduler.py", "--work"])
        _wait_for_first_answer(children, port)
        print(f"\n준비되었습니다: {address}   (끝내기: Ctrl-C, 기록: {var_folder() / 'log'})", flush=True)
        if demo:
            _print_logins()
        children.watch()
    finally:
        # An impatient second Ctrl-C must not leave half of it running.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        print("\n끝내는 중입니다 …", flush=True)
        children.stop()


def _gunicorn(port: int) -> list[str]:
    line = ["--config", "python:app.web_server", "--bind", f"{HOST}:{port}"]
    return [sys.executable, "-m", "gunicorn", *line, "app.factory:create_app()"]


def _run_step(title: str, verb: str, accepted: tuple[int, ...] = (0,)) -> None:
    """Another verb as a process of its own: what it loads is gone before the servers start."""
    print(f"{title} …", flush=True)
    call = subprocess.run([sys.executable, "-m", "app.command", verb], cwd=ROOT, check=False)
    if call.returncode not in accepted:
        raise CommandProblem(f"'./dolbom {verb}' 단계가 끝나지 못해 시작하지 않습니다. 위의 안내를 보세요.")


def _wait_for_first_answer(children: Children, port: int) -> None:
    """Any answer will do: if it is not a happy one, the page itself says what is wrong."""
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until:
        children.check()
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse()
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)
        finally:
            connection.close()
    raise CommandProblem(
        f"{START_LIMIT:.0f}초 안에 첫 화면이 열리지 않았습니다. 기록: {var_folder() / 'log'}"
    )


def _print_logins() -> None:
    logins = importlib.import_module("app.command.demo").LOGINS
    print("\n시연용 로그인")
    for row in logins:
        print("  " + ("   ".join(map(str, row)) if isinstance(row, tuple) else str(row)))
    sys.stdout.flush()


def _require_free_port(port: int) -> None:
    if not 1 <= port <= 65535:
        raise CommandProblem("포트는 1부터 65535까지의 수입니다. 예: ./dolbom run --port 8001")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise CommandProblem(
                f"{port}번 포트를 열 권한이 없습니다. 1024 이상을 골라 주세요: ./dolbom run --port 8000"
            ) from None
        except OSError:
            raise CommandProblem(
                f"{port}번 포트를 다른 프로그램이 쓰고 있습니다. 다른 포트로 시작해 주세요: "
                f"./dolbom run --port {port + 1}"
            ) from None


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _exists(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
