"""``./dolbom lint``: every static check, none of which changes a file or needs the network."""

import argparse
import subprocess
import sys
from pathlib import Path

from app.command.place import ROOT, var_folder

LOCK_FILES = ("*.lock", "package-lock.json")
NOT_COMMITTED = "uv.lock"  # the resolver's own file; it names hosts and is git-ignored


def add_parser(sub: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the verb."""
    sub.add_parser("lint", help="코드 검사", description="코드 검사를 모두 합니다. 파일을 바꾸지 않습니다.")


def main(_args: argparse.Namespace) -> int:
    """Run all checks; 1 when one found something."""
    return 0 if run_checks() else 1


def run_checks() -> bool:
    """All checks, each reported in one line, with its output only when it found something."""
    results = [_run(title, line) for title, line in _checks()]
    bad = lock_files_with_addresses(ROOT)
    results.append(_report("잠금 파일에 주소 없음", not bad, "\n".join(bad)))
    return all(results)


def lock_files_with_addresses(root: Path) -> list[str]:
    """Lock files that name an address; they carry versions and hashes only."""
    files = [file for pattern in LOCK_FILES for file in root.glob(pattern) if file.name != NOT_COMMITTED]
    return [file.name for file in sorted(files) if "://" in file.read_text("utf-8")]


def _checks() -> list[tuple[str, list[str]]]:
    tools = Path(sys.executable).parent
    cache = var_folder() / "cache" / "import-linter"
    checks = [
        ("코드 규칙 (ruff)", [str(tools / "ruff"), "check", "--output-format=concise", "."]),
        (
            "코드 모양 (ruff format)",
            [str(tools / "ruff"), "format", "--check", "--output-format=concise", "."],
        ),
        ("자료형 (mypy)", [str(tools / "mypy")]),
        ("층 구조 (import-linter)", [str(tools / "lint-imports"), "--cache-dir", str(cache), "--no-logo"]),
        ("셸 문법", ["sh", "-n", "dolbom"]),
    ]
    if (ROOT / "templates").exists():
        checks.append(("화면 틀 (djlint)", [str(tools / "djlint"), "--lint", "--quiet", "templates"]))
    return checks


def _run(title: str, line: list[str]) -> bool:
    call = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    return _report(title, call.returncode == 0, call.stdout + call.stderr)


def _report(title: str, passed: bool, output: str) -> bool:
    print(f"{'통과' if passed else '실패'}  {title}", flush=True)
    if not passed:
        print(output.rstrip(), flush=True)
    return passed
