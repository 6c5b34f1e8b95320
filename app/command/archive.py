"""A backup: one tar file with the database, the encrypted files, and a manifest of checksums.

The keys are no part of it: whoever finds the archive without them reads neither files nor encrypted fields.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, make_url, text

from app.command.postgres_programs import find_programs
from app.command.problem import CommandProblem

FORMAT = 1
DUMP, MANIFEST, FILES = "database.dump", "manifest.json", "files"


def run_client(program: str, url: str, *arguments: str) -> None:
    """pg_dump or pg_restore against ``url``; the password travels in the environment, not in the process list."""
    address = make_url(url)
    plain = address.set(drivername="postgresql", password=None).render_as_string()
    environment = {**os.environ, **({"PGPASSWORD": str(address.password)} if address.password else {})}
    line = [str(find_programs() / program), *arguments, "--dbname", plain]
    call = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    if call.returncode != 0:
        raise CommandProblem(f"{program} 실행에 실패했습니다.\n{call.stderr[-2000:].strip()}")


def read_roles(connection: Connection, prefix: str) -> list[dict[str, Any]]:
    """Our roles with their members; a dump of one database speaks of roles but does not hold them."""
    query = """
        SELECT r.rolname AS name, r.rolcanlogin AS login, r.rolinherit AS inherit,
               coalesce(array_agg(m.rolname ORDER BY m.rolname) FILTER (WHERE m.rolname IS NOT NULL), '{}') AS members
        FROM pg_roles r LEFT JOIN pg_auth_members a ON a.roleid = r.oid LEFT JOIN pg_roles m ON m.oid = a.member
        WHERE starts_with(r.rolname, :begin) AND NOT r.rolsuper GROUP BY r.oid, r.rolname, r.rolcanlogin, r.rolinherit
        ORDER BY r.rolname"""
    return [dict(row._mapping) for row in connection.execute(text(query), {"begin": f"{prefix}_"})]


def make_roles(connection: Connection, roles: list[dict[str, Any]]) -> None:
    """Create the roles that are missing and repeat the memberships. Passwords come with the migration."""
    known = set(connection.execute(text("SELECT rolname FROM pg_roles")).scalars())
    quote = connection.dialect.identifier_preparer.quote
    for role in roles:
        if role["name"] not in known:
            login = "LOGIN" if role["login"] else "NOLOGIN"
            inherit = "INHERIT" if role["inherit"] else "NOINHERIT"
            connection.execute(text(f"CREATE ROLE {quote(role['name'])} NOSUPERUSER {login} {inherit}"))
    names = known | {role["name"] for role in roles}
    for role in roles:
        for member in (name for name in role["members"] if name in names):
            connection.execute(text(f"GRANT {quote(role['name'])} TO {quote(member)}"))


def pack(archive: Path, parts: Path, files: Path, facts: dict[str, Any]) -> None:
    """Write the tar file under a provisional name, force it to disk, then give it its name."""
    unfinished = archive.with_name(archive.name + ".part")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    with unfinished.open("wb") as output:
        with tarfile.open(fileobj=output, mode="w") as tar:
            tar.add(parts / DUMP, DUMP)
            stored = _add_files(tar, files)
            manifest = {"format": FORMAT, **facts, "sha256": {DUMP: checksum(parts / DUMP)}, "files": stored}
            (parts / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1), "utf-8")
            tar.add(parts / MANIFEST, MANIFEST)
        output.flush()
        os.fsync(output.fileno())
    unfinished.rename(archive)


def _add_files(tar: tarfile.TarFile, files: Path) -> int:
    """How many went in. One that is deleted meanwhile has lost its row and may stay out."""
    count = 0
    for path in sorted(files.rglob("*")) if files.exists() else []:
        if path.is_file():
            with contextlib.suppress(FileNotFoundError):
                tar.add(path, f"{FILES}/{path.relative_to(files)}")
                count += 1
    return count


def unpack(archive: Path, parts: Path) -> dict[str, Any]:
    """Unpack below ``parts`` and return the manifest; CommandProblem when the archive is not whole."""
    try:
        with tarfile.open(archive) as tar:
            _extract(tar, parts)
        manifest: dict[str, Any] = json.loads((parts / MANIFEST).read_text("utf-8"))
    except (OSError, tarfile.TarError, ValueError) as error:
        raise CommandProblem(f"{archive}는 읽을 수 있는 백업이 아닙니다: {error}") from None
    if manifest.get("format") != FORMAT:
        raise CommandProblem(f"{archive}는 이 버전이 모르는 모양의 백업입니다.")
    files = [path for path in (parts / FILES).rglob("*") if path.is_file()]
    if checksum(parts / DUMP) != manifest["sha256"][DUMP] or len(files) != manifest["files"]:
        raise CommandProblem(f"{archive}의 내용이 상했습니다. 다른 백업을 써 주세요.")
    return manifest


def _extract(tar: tarfile.TarFile, parts: Path) -> None:
    """Plain files below ``parts`` and nothing else (``filter="data"`` is missing in Debian 12's Python 3.11.2)."""
    for member in tar:
        target = (parts / member.name).resolve()
        content = tar.extractfile(member) if member.isfile() and parts.resolve() in target.parents else None
        if content is None:
            raise ValueError(f"unexpected member {member.name!r}")
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with content, target.open("wb") as output:
            shutil.copyfileobj(content, output)


def checksum(file: Path) -> str:
    """sha-256 in hex."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
