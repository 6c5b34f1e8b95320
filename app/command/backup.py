"""``./dolbom backup``: database and files into one archive, while everything goes on running."""

import argparse
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from app.command.archive import DUMP, pack, read_roles, run_client
from app.command.database import running_database
from app.command.place import var_folder
from app.command.problem import CommandProblem
from app.kernel.config import load_settings
from app.kernel.db import open_engine


def add_parser(sub: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the verb."""
    parser = sub.add_parser(
        "backup",
        help="백업",
        description="데이터베이스와 보관 파일을 한 파일로 만듭니다. 열쇠 폴더는 넣지 않으니 따로 보관해 주세요.",
    )
    words = "만들 파일 (기본: 자료 폴더의 backup/dolbom-날짜-시각.tar)"
    parser.add_argument("to", nargs="?", type=Path, metavar="파일", help=words)


def main(args: argparse.Namespace) -> int:
    """Write the archive; nothing stands under its name unless it is whole."""
    archive = (args.to or _default_name()).absolute()
    if archive.exists():
        raise CommandProblem(f"{archive}가 이미 있습니다. 다른 이름을 정해 주세요.")
    archive.parent.mkdir(parents=True, exist_ok=True)
    with running_database(), tempfile.TemporaryDirectory(dir=archive.parent) as parts:
        settings = load_settings()
        engine = open_engine(settings.owner_url)
        with engine.connect() as connection:
            roles = read_roles(connection, settings.role_prefix)
        engine.dispose()
        # The database first: a file is stored before its row, so every row of the dump finds its file afterwards.
        run_client("pg_dump", settings.owner_url, "--format=custom", f"--file={parts}/{DUMP}")
        facts = {"made_at": datetime.now(UTC).isoformat(timespec="seconds"), "roles": roles}
        pack(archive, Path(parts), settings.var / "files", facts)
        print(f"백업했습니다: {archive} ({archive.stat().st_size / 1e6:.1f} MB)")
        print(f"열쇠는 들어 있지 않습니다. {settings.keys} 폴더를 다른 곳에 따로 보관해 주세요.")
    return 0


def _default_name() -> Path:
    now = datetime.now(ZoneInfo("Asia/Seoul"))
    return var_folder() / "backup" / f"dolbom-{now:%Y%m%d-%H%M%S}.tar"
