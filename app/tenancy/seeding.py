"""Brings a municipality into being from its folder, and later shows and applies what the folder changed.

At run time the database is the truth. Each row remembers what its folder said when it was last applied; whatever
differs from that was set by a person and is never touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Executable, func, insert, select, text, update

from app.kernel.db import TenantRef, tenant_ref
from app.tenancy import migrate
from app.tenancy.models import Institution, ParameterValue, PlatformLog, Tenant
from app.tenancy.provision import create_tenant_schema, drop_tenant_schema
from app.tenancy.seed import InstitutionSeed, TenantSeed

FROM_THE_START = date(2024, 1, 1)
"""Since when a parameter of the folder is in force: before any use the system may hold."""
BY_FOLDER = "folder"
REASON = "처음 설정"
TENANT_FIELDS = ("name", "kind", "adm", "services", "service_title", "phone", "operator", "official")
BY_PERSON = "사람이 바꾼 값이라 그대로 둡니다"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing the folder and the database disagree on. ``change`` mends it; None: left alone, ``note`` says why."""

    what: str
    here: str
    folder: str
    change: Executable | None
    note: str = ""


def create_tenant(
    engine: Engine, seed: TenantSeed, prefix: str, now: datetime, *, demo: bool = False
) -> bool:
    """Registry row, role, schema, tables, grants, stamp, rows of the folder: all or nothing. False: it exists.

    A municipality without services gets its registry row only; it is not active and has no schema.
    """
    place = tenant_ref(seed.slug, prefix)
    with engine.begin() as connection:
        known = connection.execute(select(Tenant.services).where(Tenant.slug == seed.slug)).one_or_none()
        if known is not None and (_has_schema(connection, place) or not seed.services):
            return False
        row = {**_tenant_row(seed), "seed": _as_seed(seed), "active": bool(seed.services), "demo": demo}
        if known is None:
            connection.execute(insert(Tenant).values(slug=seed.slug, code=seed.code, created_at=now, **row))
        else:
            connection.execute(update(Tenant).where(Tenant.slug == seed.slug).values(created_at=now, **row))
        if seed.services:
            create_tenant_schema(connection, place, prefix)
            migrate.stamp(connection, place.schema, "tenant", prefix)
            migrate.note_revision(connection, seed.slug)
            _enter(connection, place)
            _insert_rows(connection, seed, now)
        _log(connection, "tenant.create", seed.slug, now)
    return True


def set_active(engine: Engine, slug: str, active: bool, now: datetime) -> bool:
    """Suspend (its pages answer 404, its jobs rest) or resume. False: it is so already or has no schema."""
    with engine.begin() as connection:
        changed = connection.execute(
            update(Tenant)
            .where(Tenant.slug == slug, Tenant.active != active, Tenant.revision != "")
            .values(active=active)
            .returning(Tenant.slug)
        ).scalar()
        if changed:
            _log(connection, "tenant.resume" if active else "tenant.suspend", slug, now)
    return changed is not None


def drop_tenant(engine: Engine, slug: str, prefix: str, now: datetime) -> None:
    """Schema, role and registry row, for good. Its files stay until the caller removes them."""
    with engine.begin() as connection:
        drop_tenant_schema(connection, tenant_ref(slug, prefix))
        for table, column in (("job_run", "tenant"), ("operator_alert", "tenant"), ("tenant", "slug")):
            connection.execute(text(f"DELETE FROM public.{table} WHERE {column} = :s"), {"s": slug})  # noqa: S608
        _log(connection, "tenant.drop", slug, now)


def differences(connection: Connection, seed: TenantSeed, prefix: str, now: datetime) -> list[Difference]:
    """What ``apply`` would change, and what it would leave. The connection enters the municipality's schema."""
    found = list(_tenant_differences(connection, seed))
    place = tenant_ref(seed.slug, prefix)
    if seed.services and _has_schema(connection, place):
        _enter(connection, place)
        found += [*_institution_differences(connection, seed), *_parameter_differences(connection, seed, now)]
    return found


def apply(connection: Connection, found: list[Difference], seed: TenantSeed, now: datetime) -> int:
    """Run the changes inside the caller's transaction; returns how many there were."""
    changes = [row.change for row in found if row.change is not None]
    for change in changes:
        connection.execute(change)
    connection.execute(update(Tenant).where(Tenant.slug == seed.slug).values(seed=_as_seed(seed)))
    if changes:
        _log(connection, "tenant.sync", seed.slug, now)
    return len(changes)


def _enter(connection: Connection, place: TenantRef) -> None:
    connection.execute(text(f"SET LOCAL search_path TO {place.schema}, ext"))


def _has_schema(connection: Connection, place: TenantRef) -> bool:
    return connection.execute(select(func.to_regnamespace(place.schema))).scalar() is not None


def _log(connection: Connection, action: str, slug: str, now: datetime) -> None:
    connection.execute(insert(PlatformLog).values(at=now, action=action, subject=slug))


def _tenant_row(seed: TenantSeed) -> dict[str, Any]:
    row = {name: getattr(seed, name) for name in TENANT_FIELDS}
    return row | {"services": [service.value for service in seed.services], "kind": seed.kind.value}


def _as_seed(seed: TenantSeed) -> dict[str, Any]:
    return {**_tenant_row(seed), "parameters": seed.parameters}


def _institution_row(row: InstitutionSeed) -> dict[str, Any]:
    """Phones are kept without punctuation; the host stands behind the address."""
    address = f"{row.address} ({row.host})" if row.address and row.host else row.address or row.host
    return {"name": row.name, "phone": row.phone.replace("-", ""), "address": address}


def _insert_rows(connection: Connection, seed: TenantSeed, now: datetime) -> None:
    for row in seed.institution:
        connection.execute(_new_institution(row))
    for key, raw in seed.parameters.items():
        connection.execute(_new_parameter(key, raw, now))


def _new_institution(row: InstitutionSeed) -> Executable:
    parent = (
        select(Institution.id).where(Institution.name == row.parent, Institution.seeded).scalar_subquery()
    )
    return insert(Institution).values(
        kind=row.kind.value,
        code=row.code,
        seeded=True,
        parent_id=parent if row.parent else None,
        **_institution_row(row),
    )


def _new_parameter(key: str, raw: Any, now: datetime) -> Executable:
    return insert(ParameterValue).values(
        key=key,
        value={"v": raw, "by": BY_FOLDER},
        effective_from=FROM_THE_START,
        set_at=now,
        reason=REASON,
    )


def _tenant_differences(connection: Connection, seed: TenantSeed) -> Iterator[Difference]:
    columns = [getattr(Tenant, name) for name in (*TENANT_FIELDS, "seed")]
    here = dict(connection.execute(select(*columns).where(Tenant.slug == seed.slug)).mappings().one())
    last = here.pop("seed")
    for name, wanted in _tenant_row(seed).items():
        if here[name] == wanted or last.get(name) == wanted:
            continue
        mine = name in last and here[name] != last[name]
        change = None if mine else update(Tenant).where(Tenant.slug == seed.slug).values({name: wanted})
        yield Difference(name, str(here[name]), str(wanted), change, BY_PERSON if mine else "")


def _institution_differences(connection: Connection, seed: TenantSeed) -> Iterator[Difference]:
    columns = (Institution.id, Institution.kind, Institution.code, Institution.name, Institution.phone)
    rows = connection.execute(
        select(*columns, Institution.address, Institution.version).where(Institution.seeded)
    ).all()
    left = {(row.kind, row.code or row.name): row for row in rows}
    for wanted in seed.institution:
        row = left.pop((wanted.kind, wanted.code or wanted.name), None)
        if row is None:
            yield Difference(f"기관 {wanted.name}", "없음", "새로 만듦", _new_institution(wanted))
            continue
        for name, value in _institution_row(wanted).items():
            if getattr(row, name) != value:
                mine = row.version > 1
                change = None if mine else _renew(row.id, {name: value})
                note = BY_PERSON if mine else ""
                yield Difference(f"기관 {wanted.name}: {name}", getattr(row, name), value, change, note)
    for row in left.values():
        yield Difference(f"기관 {row.name}", "있음", "없음", None, "쓰는 사람이 있을 수 있어 그대로 둡니다")


def _renew(institution_id: int, values: dict[str, Any]) -> Executable:
    return update(Institution).where(Institution.id == institution_id).values(values)


def _parameter_differences(connection: Connection, seed: TenantSeed, now: datetime) -> Iterator[Difference]:
    rows = connection.execute(
        select(ParameterValue.id, ParameterValue.key, ParameterValue.value)
        .where(ParameterValue.institution_id.is_(None))
        .order_by(ParameterValue.effective_from, ParameterValue.id)
    ).all()
    newest = {row.key: row for row in rows}
    for key, raw in seed.parameters.items():
        row = newest.get(key)
        if row is None:
            yield Difference(f"설정 {key}", "없음", str(raw), _new_parameter(key, raw, now))
        elif row.value["v"] != raw:
            mine = row.value.get("by") != BY_FOLDER
            change = update(ParameterValue).where(ParameterValue.id == row.id)
            value = change.values(value={"v": raw, "by": BY_FOLDER}, set_at=now)
            note = BY_PERSON if mine else ""
            yield Difference(f"설정 {key}", str(row.value["v"]), str(raw), None if mine else value, note)
