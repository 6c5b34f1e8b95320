"""``./dolbom check``: does what is stored make sense? Counts and invariants of every municipality."""

import argparse

from app import house
from app.command.database import running_database
from app.command.problem import PARTLY, CommandProblem
from app.kernel.actor import SYSTEM
from app.kernel.config import load_settings
from app.kernel.db import unit_of_work
from app.tenancy.registry import registry


def add_parser(sub: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the verb."""
    parser = sub.add_parser(
        "check", help="자료 점검", description="자리 수와 자료 사이의 약속을 다시 셉니다."
    )
    parser.add_argument("slugs", nargs="*", metavar="시군", help="없으면 모두")


def main(args: argparse.Namespace) -> int:
    """0 all is well, PARTLY when something was found; each finding is a line without names."""
    with running_database():
        opened = house.open_house(load_settings(), pool_size=1)
        try:
            return _check(args.slugs)
        finally:
            opened.engine.dispose()


def _check(slugs: list[str]) -> int:
    places = [place for place in registry.active() if not slugs or place.slug in slugs]
    if unknown := set(slugs) - {place.slug for place in places}:
        raise CommandProblem(f"열려 있는 시군이 아닙니다: {', '.join(sorted(unknown))}")
    wrong = 0
    for place in places:
        with unit_of_work(place, SYSTEM) as uow:
            found = house.all_checks(uow)
        wrong += len(found)
        for line in found:
            print(f"{place.slug}: {line}")
    print(
        f"시군 {len(places)}곳을 살펴보았습니다. {f'맞지 않는 것 {wrong}가지' if wrong else '모두 맞습니다.'}"
    )
    return PARTLY if wrong else 0
