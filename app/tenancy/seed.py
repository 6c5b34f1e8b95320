"""What a municipality is born with: the folder ``tenants/``, read and checked as a whole.

``tenants/<slug>/tenant.toml`` holds one municipality with its institutions and decided parameters;
``tenants/others.toml`` lists those without a service, which exist for residence checks only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.kernel.config import ROOT
from app.kernel.db import SLUG
from app.kernel.errors import RuleBroken
from app.kernel.parameters import all_parameters
from app.tenancy.rules import InstitutionKind, Service, TenantKind

FOLDER = ROOT / "tenants"
RESERVED = frozenset({"platform", "static", "site", "public", "healthz", "readyz"})
"""First parts of paths that are no municipality."""
PHONE = r"^\d{2,4}(-\d{3,4}){1,2}$"
SENTENCES = {
    "missing": "꼭 있어야 합니다.",
    "extra_forbidden": "모르는 이름입니다. 철자를 확인해 주세요.",
    "string_pattern_mismatch": "형식이 맞지 않습니다.",
    "string_too_short": "비어 있습니다.",
    "string_too_long": "너무 깁니다({max_length}자까지).",
    "string_type": "글자여야 합니다.",
    "enum": "다음 가운데 하나여야 합니다: {expected}.",
    "list_type": "목록이어야 합니다.",
    "dict_type": "표([ ])여야 합니다.",
    "frozen_set_type": "목록이어야 합니다.",
}
UNKNOWN_PARAMETER = "아직 없는 설정입니다. [later]로 옮기거나 철자를 확인해 주세요."
RESERVED_SLUG = "화면 주소로 이미 쓰는 이름입니다. 폴더 이름을 바꿔 주세요."
KNOWN_NOW = "이제 쓰이는 설정입니다. [parameters]로 옮겨 주세요."
NO_SUCH_PARENT = "'{parent}'라는 기관이 이 파일에 없습니다."
TWICE = "{field} '{value}'을(를) {file}에서도 쓰고 있습니다."


class _Checked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InstitutionSeed(_Checked):
    """``parent`` is the name of another institution of the file; ``host`` the facility that houses this one."""

    kind: InstitutionKind
    name: str = Field(min_length=1, max_length=80)
    code: str = Field("", max_length=10, pattern=r"^\d*$")
    parent: str = ""
    host: str = Field("", max_length=80)
    phone: str = Field("", pattern=rf"{PHONE}|^$")
    address: str = Field("", max_length=110)


class TenantSeed(_Checked):
    """``parameters``: key → raw value, decided municipality-wide; ``later``: keys of services not built yet."""

    slug: str = Field(pattern=SLUG.pattern)
    code: str = Field(pattern=r"^\d{2}$")
    name: str = Field(min_length=1, max_length=40)
    kind: TenantKind
    adm: str = Field(pattern=r"^\d{2,5}$")
    services: tuple[Service, ...] = ()
    service_title: str = Field("", max_length=60)
    phone: str = Field("", pattern=rf"{PHONE}|^$")
    operator: str = Field("", max_length=60)
    official: bool = False
    parameters: dict[str, Any] = {}
    later: dict[str, Any] = {}
    institution: tuple[InstitutionSeed, ...] = ()


class _Others(_Checked):
    tenant: tuple[TenantSeed, ...]


class SeedProblem(Exception):
    """The folder holds mistakes; the message lists all of them, one a line: file, key, what to do."""


def read_seeds(folder: Path = FOLDER) -> dict[str, TenantSeed]:
    """Every municipality of the folder by slug, in the order of their codes. Raises SeedProblem."""
    wrong: list[str] = []
    found: list[tuple[str, TenantSeed]] = []
    for path in sorted(folder.glob("*/tenant.toml")):
        label = f"{path.parent.name}/{path.name}"
        seed = _read(path, label, wrong, partial(TenantSeed, slug=path.parent.name))
        if seed is not None:
            found.append((label, seed))
    others = folder / "others.toml"
    if others.exists():
        listed = _read(others, others.name, wrong, _Others)
        found.extend((others.name, seed) for seed in (listed.tenant if listed else ()))
    for label, seed in found:
        wrong.extend(f"{label}: {line}" for line in _sense(seed))
    wrong.extend(_used_twice(found))
    if wrong:
        raise SeedProblem("\n".join(wrong))
    return {seed.slug: seed for _, seed in sorted(found, key=lambda pair: pair[1].code)}


def _read(path: Path, label: str, wrong: list[str], build: Callable[..., Any]) -> Any:
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        if path.name == "tenant.toml" and "slug" in raw:
            wrong.append(f"{label}: slug: 폴더 이름이 곧 slug이므로 적지 않습니다.")
            return None
        return build(**raw)
    except tomllib.TOMLDecodeError as error:
        wrong.append(f"{label}: TOML로 읽을 수 없습니다 ({error}).")
    except ValidationError as error:
        wrong.extend(f"{label}: {_key(item['loc'])}: {_sentence(item)}" for item in error.errors())
    return None


def _key(location: tuple[int | str, ...]) -> str:
    """``("institution", 2, "phone")`` → ``institution[3].phone``: counted as a person counts."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")


def _sentence(item: Any) -> str:
    known = SENTENCES.get(item["type"])
    return known.format(**item.get("ctx", {})) if known else f"값이 맞지 않습니다 ({item['msg']})."


def _sense(seed: TenantSeed) -> Iterator[str]:
    """What the shape alone does not show."""
    known = all_parameters()
    if seed.slug in RESERVED:
        yield f"slug: {RESERVED_SLUG}"
    for key, raw in seed.parameters.items():
        if key not in known:
            yield f"parameters.{key}: {UNKNOWN_PARAMETER}"
            continue
        try:
            known[key].read(raw)
        except RuleBroken as error:
            yield f"parameters.{key}: {error.problems[0].sentence}"
    yield from (f"later.{key}: {KNOWN_NOW}" for key in seed.later if key in known)
    names = {row.name for row in seed.institution}
    for number, row in enumerate(seed.institution, 1):
        if row.parent and row.parent not in names:
            yield f"institution[{number}].parent: {NO_SUCH_PARENT.format(parent=row.parent)}"


def _used_twice(found: list[tuple[str, TenantSeed]]) -> Iterator[str]:
    for field in ("code", "slug", "name"):
        first: dict[str, str] = {}
        for label, seed in found:
            value = getattr(seed, field)
            if value in first:
                yield f"{label}: {field}: {TWICE.format(field=field, value=value, file=first[value])}"
            first.setdefault(value, label)
