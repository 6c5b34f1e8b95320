"""``./dolbom demo``: a lively municipality to try everything on, always around today, the same people every time.

Everything that happens goes through the real commands, so the data checks hold. Refused in production.
"""

import argparse
import shutil
import sys
import time
from datetime import datetime

from sqlalchemy import Engine, select

from app.command.database import running_database
from app.command.problem import CommandProblem
from app.kernel.config import Settings, load_settings
from app.kernel.db import open_engine
from app.kernel.ranges import KST
from app.tenancy.models import Tenant

PASSWORD = "Dolbom-2026!"  # noqa: S105 - printed on purpose
LOGINS = [
    ("보호자", "/seoul/login", "parent1", PASSWORD),
    ("센터장 (온수동 키움센터)", "/seoul/login", "director1", PASSWORD),
    ("팀장 (구로융합형 키움센터)", "/seoul/login", "leader1", PASSWORD),
    ("돌봄선생님 (온수동 키움센터)", "/seoul/login", "teacher1", PASSWORD),
    ("자치구 담당자 (구로구)", "/seoul/login", "guro", PASSWORD),
    ("서울시 관리자", "/seoul/login", "seoul", PASSWORD),
    ("어린이집 원장 (김포시)", "/gimpo/login", "director1", PASSWORD),
    ("보육교사 (김포시)", "/gimpo/login", "teacher1", PASSWORD),
    ("보호자 (김포시)", "/gimpo/login", "parent1", PASSWORD),
    ("시 담당자 (김포시)", "/gimpo/login", "city", PASSWORD),
    ("아동돌봄센터장 (김포시)", "/gimpo/login", "regional", PASSWORD),
    ("아동돌봄센터 간사 (김포시)", "/gimpo/login", "coordinator", PASSWORD),
    ("플랫폼 운영자", "/platform/login", "operator", PASSWORD),
]
"""(who, where, login id, password). The daycares of Hanam, Icheon, Bucheon and Namyangju have the same login ids."""


def add_parser(sub: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the verb; without a task it creates what is missing."""
    words = "지어낸 사람들로 시연 자료를 만듭니다. 운영 환경에서는 할 수 없습니다."
    parser = sub.add_parser("demo", help="시연 자료", description=words)
    tasks = parser.add_subparsers(dest="task", metavar="create|reset")
    tasks.add_parser("create", help="없으면 만듭니다 (기본)")
    tasks.add_parser("reset", help="시연용 시군을 모두 지우고 오늘을 중심으로 다시 만듭니다")
    parser.set_defaults(task="create")


def main(args: argparse.Namespace) -> int:
    """Create, or drop what is marked as demonstration and create again."""
    with running_database():
        settings = load_settings()
        if settings.production:
            raise CommandProblem("운영 환경에서는 시연 자료를 만들 수 없습니다.")
        _make(settings, reset=args.task == "reset")
    return 0


def _make(settings: Settings, *, reset: bool) -> None:
    # Loaded late: importing every room takes a second, and ./dolbom run only wants the logins.
    from app import house
    from app.command.demo.play import how_far, play
    from app.command.keys import give_test_keys

    opened = house.open_house(settings)
    engine = open_engine(settings.owner_url)
    try:
        if reset:
            _drop(engine, settings)
        _towns(engine, settings)
        _only_in_a_demonstration(engine)
        give_test_keys(settings)
        if (far := how_far()) == "played":
            print("시연 자료가 이미 있습니다. 처음으로 되돌리려면: ./dolbom demo reset")
            return
        if far == "begun":
            print("만들다 만 시연 자료가 있어 처음부터 다시 만듭니다.")
            _drop(engine, settings)
            _towns(engine, settings)
            give_test_keys(settings)
        started = time.monotonic()
        play(_tell)
        print(f"시연 자료를 만들었습니다 ({time.monotonic() - started:.0f}초).")
    finally:
        engine.dispose()
        opened.engine.dispose()


def _towns(engine: Engine, settings: Settings) -> None:
    from app.command.tenant import create_all, seeds
    from app.tenancy.registry import registry

    create_all(engine, seeds().values(), settings.role_prefix, demo=True)
    registry.forget()


def _only_in_a_demonstration(engine: Engine) -> None:
    """A municipality that was made for real is never filled with invented people."""
    with engine.connect() as connection:
        demo = connection.execute(select(Tenant.demo).where(Tenant.slug == "seoul")).scalar()
    if not demo:
        raise CommandProblem(
            "서울특별시가 시연용으로 만들어지지 않아 시연 자료를 넣지 않습니다. 시연은 다른 데이터베이스에서 해 주세요."
        )


def _drop(engine: Engine, settings: Settings) -> None:
    from app.tenancy.seeding import drop_tenant

    with engine.connect() as connection:
        slugs = list(connection.execute(select(Tenant.slug).where(Tenant.demo)).scalars())
    for slug in slugs:
        drop_tenant(engine, slug, settings.role_prefix, datetime.now(KST))
        shutil.rmtree(settings.var / "files" / slug, ignore_errors=True)
    print(f"시연용 시군 {len(slugs)}곳을 지웠습니다.")


def _tell(words: str) -> None:
    """What is being made right now, on one line of a terminal."""
    if sys.stderr.isatty():
        print(f"\r{words} …\033[K", end="", file=sys.stderr, flush=True)
