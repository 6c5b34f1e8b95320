"""``./dolbom lock``: make the lock files anew, with hashes and without addresses.

``uv.lock`` names hosts and stays out of the repository; what is committed is exported from it.
The resolver uv is a developer's tool, installed into the environment here when it is missing.
"""

import argparse
import importlib.util
import os
import subprocess
import sys

from app.command.lint import lock_files_with_addresses
from app.command.place import ROOT
from app.command.problem import CommandProblem

# file → the dependency groups it holds (besides the project's own for the first)
EXPORTS = {
    "requirements.lock": ("--group", "dev"),
    "requirements-embedded.lock": ("--only-group", "embedded"),
    "requirements-node.lock": ("--only-group", "node"),
}
NPM = ("npm", "install", "--package-lock-only", "--ignore-scripts", "--omit-lockfile-registry-resolved")


def add_parser(sub: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the verb."""
    parser = sub.add_parser("lock", help="잠금 파일", description="잠금 파일을 다시 만듭니다.")
    parser.add_argument("--upgrade", action="store_true", help="허용된 범위에서 가장 새 버전으로 올립니다")


def main(args: argparse.Namespace) -> int:
    """Resolve, export, check; raises CommandProblem when a file would hold an address."""
    # uv writes local indexes of the environment into the lock; they are nobody else's business.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
    if importlib.util.find_spec("uv") is None:
        _run([sys.executable, "-m", "pip", "install", "--quiet", "uv"], environment)
    uv = [sys.executable, "-m", "uv"]
    _run([*uv, "lock", "--quiet", *(["--upgrade"] if args.upgrade else [])], environment)
    for file, groups in EXPORTS.items():
        plain = ("--format", "requirements-txt", "--no-emit-project", "--no-header")
        _run([*uv, "export", "--quiet", "--frozen", *groups, *plain, "--output-file", file], environment)
    _run(list(NPM), environment)
    if bad := lock_files_with_addresses(ROOT):
        raise CommandProblem(f"주소가 든 잠금 파일: {', '.join(bad)}. 주소를 빼고 다시 만들어 주세요.")
    print("잠금 파일을 다시 만들었습니다.")
    return 0


def _run(line: list[str], environment: dict[str, str]) -> None:
    if subprocess.run(line, cwd=ROOT, env=environment, check=False).returncode != 0:
        raise CommandProblem(f"실패했습니다: {' '.join(line)}")
