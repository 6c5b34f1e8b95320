"""Settings, read once from the environment (names begin with ``DOLBOM_``)."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = "http://127.0.0.1:8000"
BASE_URL = re.compile(r"https?://[\w.-]+(:\d{1,5})?(/[\w./-]*)?", re.ASCII)


class ConfigurationError(RuntimeError):
    """The process must not start; the message names the remedy."""


@dataclass(frozen=True, slots=True)
class Settings:
    env: str
    """``development`` (demonstration, movable clock, message page) or ``production``."""
    database_url: str
    """Login role ``<prefix>_web``: NOINHERIT, no rights of its own."""
    owner_url: str
    """Bootstrap connection, only for migrations, tenants and back-ups; empty in web processes of production."""
    var: Path
    """Keys, files, logs. Never inside the web root."""
    keys: Path
    role_prefix: str = "dolbom"
    behind_old_pgbouncer: bool = False
    proxies: int = 0
    """How many proxies of one's own stand before the web processes: who asks is what the outermost of them says."""
    base_url: str = LOCAL
    """Where people reach the house, e.g. ``https://dolbom.example.kr``: printed on papers, so known without a request.
    Empty in a production that has not named it: papers then carry no QR code."""

    @property
    def production(self) -> bool:
        return self.env == "production"


def load_settings(environ: dict[str, str] | None = None) -> Settings:
    env = os.environ if environ is None else environ
    kind = env.get("DOLBOM_ENV", "development")
    if kind not in ("development", "production"):
        raise ConfigurationError("DOLBOM_ENV는 development 또는 production이어야 합니다.")
    var = Path(env.get("DOLBOM_VAR", str(ROOT / "var")))
    if kind == "production" and not env.get("DOLBOM_KEYS"):
        raise ConfigurationError(
            "운영 환경에서는 열쇠 폴더를 DOLBOM_KEYS로 지정해야 합니다. 기본 열쇠로는 시작하지 않습니다."
        )
    if not env.get("DOLBOM_DATABASE_URL"):
        raise ConfigurationError(
            "데이터베이스 주소가 없습니다. DOLBOM_DATABASE_URL을 지정하거나 ./dolbom run으로 시작하세요."
        )
    return Settings(
        env=kind,
        database_url=env["DOLBOM_DATABASE_URL"],
        owner_url=env.get("DOLBOM_OWNER_URL", ""),
        var=var,
        keys=Path(env.get("DOLBOM_KEYS", str(var / "keys"))),
        role_prefix=env.get("DOLBOM_ROLE_PREFIX", "dolbom"),
        behind_old_pgbouncer=env.get("DOLBOM_OLD_PGBOUNCER", "") == "1",
        proxies=_proxies(env.get("DOLBOM_PROXIES", "0")),
        base_url=_base_url(env.get("DOLBOM_BASE_URL", "" if kind == "production" else LOCAL)),
    )


def _base_url(text: str) -> str:
    address = text.strip().rstrip("/")
    if address and not BASE_URL.fullmatch(address):
        raise ConfigurationError("DOLBOM_BASE_URL은 https://dolbom.example.kr 처럼 사람들이 여는 주소입니다.")
    return address


def _proxies(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 5):
        raise ConfigurationError("DOLBOM_PROXIES는 앞단 프록시의 수(0~5)입니다.")
    return int(text)
