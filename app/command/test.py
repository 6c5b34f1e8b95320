"""``./dolbom test``: the static checks, then pytest with whatever options follow."""

import argparse
import subprocess
import sys

from app.command.lint import run_checks
from app.command.place import ROOT


def add_parser(sub: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the verb; unknown options go to pytest."""
    parser = sub.add_parser(
        "test",
        help="코드 검사와 시험",
        description="코드 검사를 하고 시험을 돌립니다. 나머지 옵션은 pytest에 넘깁니다 (예: -k 예약, tests/booking).",
    )
    parser.add_argument("--no-lint", action="store_true", help="코드 검사를 건너뜁니다")
    parser.set_defaults(passes_on=True)


def main(args: argparse.Namespace) -> int:
    """Both run even if the first fails, so that one run shows everything; pytest speaks last."""
    clean = args.no_lint or run_checks()
    # Two workers, as the smallest machine has two cores; a later -n among the options wins.
    line = [sys.executable, "-m", "pytest", "-n", "2", *args.rest]
    tests = subprocess.run(line, cwd=ROOT, check=False).returncode
    return tests or (0 if clean else 1)
