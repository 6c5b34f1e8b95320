"""``./dolbom tenant``: municipalities from their folders: make, list, show, bring up to date, suspend, remove."""

import argparse
import shutil
import sys
import time
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Engine, select

from app import house
from app.command.database import running_database
from app.command.problem import CommandProblem
from app.kernel.config import Settings, load_settings
from app.kernel.db import open_engine
from app.kernel.ranges import KST
from app.tenancy import seeding
from app.tenancy.models import Tenant
from app.tenancy.seed import SeedProblem, TenantSeed, read_seeds
from app.tenancy.seeding import Difference

TASKS = "create|list|show|sync|suspend|resume|drop"


def add_parser(sub: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the verb with its tasks."""
    parser = sub.add_parser("tenant", help="시군", description="tenants/ 폴더의 시군을 만들고 관리합니다.")
    tasks = parser.add_subparsers(dest="task", required=True, metavar=TASKS)
    create = tasks.add_parser("create", help="폴더의 시군을 만듭니다 (있는 것은 건너뜁니다)")
    create.add_argument("slugs", nargs="*", metavar="시군", help="폴더 이름, 예: seoul")
    create.add_argument("--all", action="store_true", help="폴더의 모든 시군")
    tasks.add_parser("list", help="데이터베이스의 시군을 봅니다")
    for name, words in (
        ("show", "한 시군을 봅니다"),
        ("suspend", "화면과 예약된 일을 멈춥니다"),
        ("resume", "멈춘 것을 다시 엽니다"),
    ):
        tasks.add_parser(name, help=words).add_argument("slug", metavar="시군")
    sync = tasks.add_parser("sync", help="폴더와 다른 점을 봅니다")
    sync.add_argument("slugs", nargs="*", metavar="시군", help="없으면 모두")
    sync.add_argument(
        "--yes", action="store_true", help="다른 점을 적용합니다 (사람이 바꾼 값은 그대로 둡니다)"
    )
    drop = tasks.add_parser("drop", help="시군의 모든 자료를 지웁니다 (되돌릴 수 없습니다)")
    drop.add_argument("slug", metavar="시군")
    drop.add_argument(
        "--yes-drop", metavar="시군", default="", help="묻지 않고 지우려면 시군을 한 번 더 적습니다"
    )


def main(args: argparse.Namespace) -> int:
    """Do the task on the running database."""
    house.load_models()
    house.load_parameters()
    with running_database():
        settings = load_settings()
        engine = open_engine(settings.owner_url)
        try:
            TASK[args.task](args, engine, settings)
        finally:
            engine.dispose()
    return 0


def create_all(engine: Engine, seeds: Iterable[TenantSeed], prefix: str, *, demo: bool = False) -> int:
    """Make those that do not exist, with a progress bar; returns how many were made."""
    wanted, made, started = list(seeds), 0, time.monotonic()
    for number, seed in enumerate(wanted, 1):
        made += seeding.create_tenant(engine, seed, prefix, datetime.now(KST), demo=demo)
        _bar(number, len(wanted), seed.name)
    print(
        f"시군 {made}곳을 만들었습니다 ({time.monotonic() - started:.1f}초). 이미 있던 곳: {len(wanted) - made}"
    )
    return made


def seeds() -> dict[str, TenantSeed]:
    """The folder's municipalities; its mistakes become the command's answer."""
    try:
        return read_seeds()
    except SeedProblem as problem:
        raise CommandProblem(f"tenants/ 폴더에 고칠 것이 있습니다.\n{problem}") from None


def _bar(done: int, total: int, name: str) -> None:
    if sys.stderr.isatty():
        filled = round(30 * done / total)
        end = "\n" if done == total else ""
        print(
            f"\r[{'█' * filled}{'·' * (30 - filled)}] {done}/{total} {name}\033[K", end=end, file=sys.stderr
        )


def _create(args: argparse.Namespace, engine: Engine, settings: Settings) -> None:
    known = seeds()
    if not args.all and not args.slugs:
        raise CommandProblem("만들 시군을 적거나 --all을 붙여 주세요. 예: ./dolbom tenant create seoul")
    create_all(engine, known.values() if args.all else _chosen(known, args.slugs), settings.role_prefix)


def _chosen(known: dict[str, TenantSeed], slugs: list[str]) -> list[TenantSeed]:
    if unknown := [slug for slug in slugs if slug not in known]:
        raise CommandProblem(f"tenants/ 폴더에 없는 시군입니다: {', '.join(unknown)}")
    return [known[slug] for slug in slugs]


def _list(_args: argparse.Namespace, engine: Engine, _settings: Settings) -> None:
    with engine.connect() as connection:
        rows = connection.execute(select(*Tenant.__table__.c).order_by(Tenant.code)).all()
    for row in rows:
        state = "열림" if row.active else ("멈춤" if row.revision else "서비스 없음")
        marks = "시연" if row.demo else ""
        print(f"{row.code}  {row.slug:12}  {state:8}  {', '.join(row.services):28}  {row.name} {marks}")


def _show(args: argparse.Namespace, engine: Engine, _settings: Settings) -> None:
    row = _row(engine, args.slug)
    for name, value in row.items():
        if name != "seed":
            print(f"{name:14} {value}")


def _row(engine: Engine, slug: str) -> dict[str, object]:
    with engine.connect() as connection:
        row = (
            connection.execute(select(*Tenant.__table__.c).where(Tenant.slug == slug))
            .mappings()
            .one_or_none()
        )
    if row is None:
        raise CommandProblem(f"'{slug}'라는 시군이 없습니다. ./dolbom tenant list로 볼 수 있습니다.")
    return dict(row)


def _sync(args: argparse.Namespace, engine: Engine, settings: Settings) -> None:
    known = seeds()
    with engine.connect() as connection:
        made = list(connection.execute(select(Tenant.slug).order_by(Tenant.code)).scalars())
    chosen = _chosen(known, args.slugs) if args.slugs else [known[slug] for slug in made if slug in known]
    open_changes = 0
    for seed in chosen:
        _row(engine, seed.slug)
        now = datetime.now(KST)
        with engine.begin() as connection:
            found = seeding.differences(connection, seed, settings.role_prefix, now)
            _print_differences(seed, found)
            if args.yes:
                print(f"  → {seeding.apply(connection, found, seed, now)}가지를 적용했습니다.")
            else:
                open_changes += sum(row.change is not None for row in found)
    if open_changes:
        print(f"적용할 것이 {open_changes}가지 있습니다. 적용하려면 --yes를 붙여 주세요.")


def _print_differences(seed: TenantSeed, found: list[Difference]) -> None:
    print(f"{seed.name}: {'폴더와 같습니다.' if not found else f'다른 점 {len(found)}가지'}")
    for row in found:
        print(f"  {row.what}: {row.here} → {row.folder}{f'  ({row.note})' if row.note else ''}")


def _suspend(args: argparse.Namespace, engine: Engine, _settings: Settings) -> None:
    _set_active(engine, args.slug, False, "화면과 예약된 일을 멈추었습니다.")


def _resume(args: argparse.Namespace, engine: Engine, _settings: Settings) -> None:
    _set_active(engine, args.slug, True, "다시 열었습니다.")


def _set_active(engine: Engine, slug: str, active: bool, words: str) -> None:
    name = _row(engine, slug)["name"]
    changed = seeding.set_active(engine, slug, active, datetime.now(KST))
    print(f"{name}: {f'{words} 30초 안에 모든 화면에 나타납니다.' if changed else '바꿀 것이 없습니다.'}")


def _drop(args: argparse.Namespace, engine: Engine, settings: Settings) -> None:
    name = str(_row(engine, args.slug)["name"])
    if args.yes_drop:
        if args.yes_drop != args.slug:
            raise CommandProblem(
                "--yes-drop에는 지울 시군을 똑같이 적어야 합니다. 아무것도 지우지 않았습니다."
            )
    else:
        print(f"{name}의 아동·보호자·예약·서류·기록과 보관 파일이 모두 사라지고 되돌릴 수 없습니다.")
        answer = input(f"지우려면 이름을 그대로 적어 주세요 ({name}): ") if sys.stdin.isatty() else ""
        if answer.strip() != name:
            raise CommandProblem("이름이 달라 아무것도 지우지 않았습니다.")
    seeding.drop_tenant(engine, args.slug, settings.role_prefix, datetime.now(KST))
    shutil.rmtree(settings.var / "files" / args.slug, ignore_errors=True)
    print(f"{name}을(를) 지웠습니다.")


TASK = {
    "create": _create,
    "list": _list,
    "show": _show,
    "sync": _sync,
    "suspend": _suspend,
    "resume": _resume,
    "drop": _drop,
}
