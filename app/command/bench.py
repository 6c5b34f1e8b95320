"""``./dolbom bench``: how fast, beside a bare reference measured in the same run."""

import argparse
import subprocess
import sys

from app.command.place import ROOT


def add_parser(sub: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the verb."""
    parser = sub.add_parser(
        "bench",
        help="빠르기 측정",
        description="화면, 예약 경쟁, 시군 늘리기, 어린이집, 서식을 재고 같은 조건의 최소 프로그램과 견줍니다 (3~5분).",
    )
    parser.add_argument(
        "parts", nargs="*", metavar="무엇을", help="web schemas daycare papers 가운데; 없으면 모두"
    )


def main(args: argparse.Namespace) -> int:
    """0 all aims reached, 1 some missed, 2 unknown part."""
    return subprocess.run([sys.executable, "-m", "benchmarks", *args.parts], cwd=ROOT, check=False).returncode
