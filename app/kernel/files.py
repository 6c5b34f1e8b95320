"""Uploads and PDFs: content-addressed, encrypted, one folder per municipality, outside the web root (XX-19, XX-21)."""

from __future__ import annotations

import os
import tempfile
from hashlib import sha256
from pathlib import Path

from app.kernel.crypto import keys
from app.kernel.db import TenantRef


class FileStore:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, tenant: TenantRef, content: bytes) -> str:
        """Store and return the content's name (sha-256 hex). Call inside the unit of work that writes the row;
        a file whose row was rolled back is swept later."""
        name = sha256(content).hexdigest()
        path = self._path(tenant, name)
        if path.exists():
            return name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, staged = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(keys().encrypt_bytes(content, f"{tenant.slug}|file|{name}"))
            handle.flush()
            os.fsync(handle.fileno())
        Path(staged).replace(path)
        return name

    def read(self, tenant: TenantRef, name: str) -> bytes:
        return keys().decrypt_bytes(self._path(tenant, name).read_bytes(), f"{tenant.slug}|file|{name}")

    def delete(self, tenant: TenantRef, name: str) -> None:
        self._path(tenant, name).unlink(missing_ok=True)

    def names(self, tenant: TenantRef) -> list[str]:
        return [p.name for p in (self.folder / tenant.slug).glob("??/" + "?" * 64)]

    def _path(self, tenant: TenantRef, name: str) -> Path:
        if len(name) != 64 or not name.isalnum():
            raise FileNotFoundError(name)
        return self.folder / tenant.slug / name[:2] / name


_store: FileStore | None = None


def use_files(store: FileStore | None) -> None:
    global _store
    _store = store


def files() -> FileStore:
    if _store is None:
        raise FileNotFoundError("no file store has been opened")
    return _store
