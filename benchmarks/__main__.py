"""``python -m benchmarks [web] [schemas] [daycare] [papers]``: started by ./dolbom bench."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Line

PARTS = ("web", "schemas", "daycare", "papers")


def main(words: list[str]) -> int:
    """Prints a line as soon as it is measured; 1 when an aim was missed."""
    unknown = set(words) - set(PARTS)
    if unknown:
        print(
            f"모르는 측정: {', '.join(sorted(unknown))}. 고를 수 있는 것: {', '.join(PARTS)}", file=sys.stderr
        )
        return 2
    print(f"우리 / 기준 = 비율.  코어 {os.cpu_count()}개, 부하 {os.getloadavg()[0]:.1f}", flush=True)
    missed = 0
    for line in _lines(words or list(PARTS)):
        print(line, flush=True)
        missed += not line.reached
    print(f"목표에 미치지 못한 것 {missed}가지." if missed else "목표를 모두 이루었습니다.")
    return 1 if missed else 0


def _lines(parts: list[str]) -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        if {"web", "schemas", "daycare"} & set(parts):
            from benchmarks import daycare, schemas, web
            from benchmarks.ground import ground

            with ground() as settings:
                if "web" in parts:
                    yield from web.measure(settings, Path(folder))
                if "daycare" in parts:
                    yield from daycare.measure(settings, Path(folder) / "daycare")
                if "schemas" in parts:
                    yield from schemas.measure(settings, Path(folder))
        if "papers" in parts:
            from benchmarks import papers

            yield from papers.measure()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
