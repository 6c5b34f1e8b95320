"""``./dolbom restore``: bring an archive of ``backup`` back, all of it or nothing."""

import argparse
import shutil
import tempfile
from pathlib import Path

from sqlalchemy import Engine, make_url, text

from app.command.archive import DUMP, FILES, make_roles, run_client, unpack
from app.command.database import running_database
from app.command.problem import CommandProblem
from app.command.single import only_one
from app.kernel.config import Settings, load_settings
from app.kernel.db import open_engine


def add_parser(sub: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the verb."""
    parser = sub.add_parser(
        "restore",
        help="되살리기",
        description="백업 파일을 되살립니다. 실행 중인 ./dolbom run은 먼저 끝내 주세요.",
    )
    parser.add_argument("archive", type=Path, help="백업 파일")
    parser.add_argument(
        "--replace", action="store_true", help="지금 있는 데이터베이스와 파일을 버리고 바꿉니다"
    )


def main(args: argparse.Namespace) -> int:
    """Restore beside what is there, then change places; a failure leaves everything as it was."""
    with only_one("./dolbom restore"), running_database():
        settings = load_settings()
        settings.var.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.var) as parts:
            manifest = unpack(args.archive, Path(parts))
            _restore(settings, Path(parts), manifest["roles"], replace=args.replace)
        print(f"{manifest['made_at']}의 백업을 되살렸습니다. 이어서 ./dolbom migrate를 실행해 주세요.")
        if not (settings.keys / "keys.json").exists():
            print(
                f"열쇠가 없습니다. 따로 보관한 열쇠를 {settings.keys}에 넣어야 암호화된 자료를 읽을 수 있습니다."
            )
    return 0


def _restore(settings: Settings, parts: Path, roles: list[dict[str, object]], *, replace: bool) -> None:
    wanted = make_url(settings.owner_url)
    name = wanted.database or ""
    server = open_engine(wanted.set(database="postgres").render_as_string(hide_password=False))
    files = settings.var / FILES
    try:
        if not replace and (_exists(server, name) or files.exists()):
            raise CommandProblem(
                f"데이터베이스 {name}나 보관 파일이 이미 있습니다. 버리고 바꾸려면 --replace를 붙여 주세요."
            )
        fresh = f"{name}_restoring"
        _execute(
            server, f'DROP DATABASE IF EXISTS "{fresh}"', f'CREATE DATABASE "{fresh}" TEMPLATE template0'
        )
        with server.begin() as connection:
            make_roles(connection, roles)
        target = wanted.set(database=fresh).render_as_string(hide_password=False)
        run_client("pg_restore", target, "--exit-on-error", "--single-transaction", f"{parts}/{DUMP}")
        _change_places(server, name, fresh, parts / FILES, files)
    finally:
        server.dispose()


def _change_places(server: Engine, name: str, fresh: str, new_files: Path, files: Path) -> None:
    """From here on only renames: the moment between the two is the only one in which they differ."""
    if _exists(server, name):
        _execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')
    _execute(server, f'ALTER DATABASE "{fresh}" RENAME TO "{name}"')
    shutil.rmtree(files, ignore_errors=True)
    if new_files.exists():
        new_files.rename(files)


def _exists(server: Engine, name: str) -> bool:
    with server.connect() as connection:
        known = text("SELECT 1 FROM pg_database WHERE datname = :name")
        return connection.execute(known, {"name": name}).scalar() is not None


def _execute(server: Engine, *statements: str) -> None:
    """Statements that no transaction may hold."""
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in statements:
            connection.execute(text(statement))
