"""The dispatcher: ``python -m app.command <verb>``, started by ./dolbom.

A verb is a module of this package with ``add_parser(sub)`` and ``main(args) -> int`` (the exit
code). To add one, name it in VERBS and in ``help.txt``. Only the module of the wanted verb is
imported, so each works whatever state the rest is in. A verb that passes unknown options on (to
pytest) sets ``passes_on=True``; they arrive as ``args.rest``.
"""

import argparse
import importlib
import sys
from pathlib import Path

from app.command.problem import CommandProblem
from app.kernel.config import ConfigurationError

VERBS = (
    "run",
    "test",
    "lint",
    "bench",
    "forms",
    "rules",
    "tenant",
    "demo",
    "operator",
    "keys",
    "clock",
    "check",
    "migrate",
    "backup",
    "restore",
    "revision",
    "lock",
)
HELP = Path(__file__).with_name("help.txt")


def main(words: list[str]) -> int:
    """Run one verb; the exit code."""
    if not words or words[0] in ("help", "-h", "--help"):
        print(HELP.read_text("utf-8"), end="")
        return 0
    try:
        args = _parse(words)
        return int(args.main(args))
    except (CommandProblem, ConfigurationError) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except PermissionError as problem:
        print(
            f"\n{problem.filename}에 쓸 수 없습니다. 전에 다른 계정(예: root)으로 실행했다면 "
            "그 계정으로 실행하거나 'sudo chown -R $(id -u) .venv var node_modules'로 주인을 바꿔 주세요.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("\n멈췄습니다.", file=sys.stderr)
        return 130


def _parse(words: list[str]) -> argparse.Namespace:
    verb = words[0]
    if verb not in VERBS:
        raise CommandProblem(f"'{verb}'라는 명령은 없습니다. ./dolbom help로 명령을 볼 수 있습니다.")
    parser = argparse.ArgumentParser(prog="./dolbom")
    sub = parser.add_subparsers(prog="./dolbom")
    module = importlib.import_module(f"app.command.{verb}")
    module.add_parser(sub)
    sub.choices[verb].set_defaults(main=module.main)
    args, rest = parser.parse_known_args(words)
    if rest and not getattr(args, "passes_on", False):
        parser.exit(2, f"'{' '.join(rest)}'은(는) 모르는 옵션입니다. ./dolbom {verb} --help를 보세요.\n")
    args.rest = rest
    return args


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
