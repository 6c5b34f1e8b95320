"""Encryption at rest: AES-GCM with a key id, bound to tenant, table, column and row (XX-08)."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass
from hashlib import sha256
from hmac import new as hmac
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.kernel.config import ConfigurationError

FORMAT = b"\x01"


@dataclass(frozen=True, slots=True)
class Keys:
    """``data`` maps key id (1–65535) to 32 bytes; the highest id encrypts, all decrypt."""

    data: dict[int, bytes]
    secret_key: str
    index_key: bytes

    @property
    def current(self) -> int:
        return max(self.data)

    def encrypt(self, text: str, place: str) -> bytes:
        """``place`` names tenant|table.column|row; the same bytes elsewhere do not open."""
        return self.encrypt_bytes(text.encode(), place)

    def decrypt(self, sealed: bytes, place: str) -> str:
        return self.decrypt_bytes(sealed, place).decode()

    def encrypt_bytes(self, plain: bytes, place: str) -> bytes:
        nonce = secrets.token_bytes(12)
        key_id = self.current
        sealed = AESGCM(self.data[key_id]).encrypt(nonce, plain, place.encode())
        return FORMAT + key_id.to_bytes(2, "big") + nonce + sealed

    def decrypt_bytes(self, sealed: bytes, place: str) -> bytes:
        key_id = int.from_bytes(sealed[1:3], "big")
        if sealed[:1] != FORMAT or key_id not in self.data:
            raise InvalidTag
        return AESGCM(self.data[key_id]).decrypt(sealed[3:15], sealed[15:], place.encode())

    def fingerprint(self, purpose: str, text: str) -> str:
        """A keyed hash for secrets that are only compared (one-time codes, session ids)."""
        return hmac(self.index_key, f"{purpose}|{text}".encode(), sha256).hexdigest()


def load_keys(folder: Path, *, create: bool) -> Keys:
    """Read ``keys.json``; made at first run of a development machine, never in production."""
    path = folder / "keys.json"
    if not path.exists():
        if not create:
            raise ConfigurationError(
                f"열쇠 파일이 없습니다: {path}. 보관해 둔 열쇠를 이 폴더에 놓고 다시 시작하세요."
            )
        _make_keys(path)
    raw = json.loads(path.read_text())
    return Keys(
        data={int(number): base64.b64decode(value) for number, value in raw["data"].items()},
        secret_key=raw["secret_key"],
        index_key=base64.b64decode(raw["index_key"]),
    )


def _make_keys(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    raw = {
        "data": {"1": base64.b64encode(secrets.token_bytes(32)).decode()},
        "secret_key": secrets.token_hex(32),
        "index_key": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    staged = path.with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        json.dump(raw, handle)
    try:
        os.link(staged, path)  # two first starts at once: the first link wins, both read the same keys
    except FileExistsError:
        pass
    finally:
        staged.unlink()


_keys: Keys | None = None


def use_keys(keys: Keys | None) -> None:
    global _keys
    _keys = keys


def keys() -> Keys:
    if _keys is None:
        raise ConfigurationError("열쇠를 아직 읽지 않았습니다.")
    return _keys
