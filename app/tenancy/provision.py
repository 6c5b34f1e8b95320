"""Roles, schemas and grants: how a database and a municipality come into being.

Four kinds of role: the bootstrap superuser (makes the rest, never used at run time); ``<p>_owner`` (no login,
owns every schema); ``<p>_web`` (logs in, has no rights of its own); and one role without login per place, which the
wall puts on for one transaction: ``<p>_platform`` for the shared tables, ``<p>_t_<slug>`` for each municipality.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from app.kernel.db import SLUG, Base, PublicBase, TenantRef

APPEND_ONLY = ("audit_log", "access_log")
PUBLIC_APPEND_ONLY = ("platform_log",)
READ_BY_TENANTS = ("tenant", "public_holiday", "platform_parameter")
LOCK = 0x646F6C62  # "dolb": one provisioning or migration at a time


def _name(name: str) -> str:
    if not SLUG.fullmatch(name):
        raise ValueError(f"not a name for a role or schema: {name!r}")
    return name


def _role(connection: Connection, name: str, options: str) -> None:
    exists = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :n"), {"n": name}).scalar()
    if not exists:
        connection.execute(text(f"CREATE ROLE {_name(name)} {options}"))


def lock_provisioning(connection: Connection) -> None:
    """Roles belong to the whole server, so two set-ups wait for one another (until the transaction ends)."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:k)"), {"k": LOCK})


def prepare_database(connection: Connection, prefix: str) -> None:
    """Roles, the schema of extensions and its extensions. Repeatable; needs the bootstrap role."""
    _name(prefix)
    lock_provisioning(connection)
    _role(connection, f"{prefix}_owner", "NOLOGIN NOSUPERUSER")
    _role(connection, f"{prefix}_web", "LOGIN NOSUPERUSER NOINHERIT")
    _role(connection, f"{prefix}_platform", "NOLOGIN NOSUPERUSER")
    for statement in (
        f"GRANT {prefix}_platform TO {prefix}_web",
        "CREATE SCHEMA IF NOT EXISTS ext",
        "CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA ext",
        "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA ext",
        "GRANT USAGE ON SCHEMA ext TO PUBLIC",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE, CREATE ON SCHEMA public TO {prefix}_owner",
        f"GRANT USAGE ON SCHEMA public TO {prefix}_web, {prefix}_platform",
    ):
        connection.execute(text(statement))
    database = connection.execute(text("SELECT current_database()")).scalar_one()
    quoted = connection.dialect.identifier_preparer.quote(database)
    connection.execute(text(f"GRANT CREATE ON DATABASE {quoted} TO {prefix}_owner"))


def grant_public(connection: Connection, prefix: str) -> None:
    """Rights on the shared tables; repeated after every migration of ``public``."""
    _name(prefix)
    connection.execute(
        text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {prefix}_platform")
    )
    for table in PUBLIC_APPEND_ONLY:
        connection.execute(text(f"REVOKE UPDATE, DELETE, TRUNCATE ON public.{table} FROM {prefix}_platform"))
    # The wall's one statement reads it before any role is put on; it holds a single number.
    connection.execute(text("GRANT SELECT ON public.clock_offset TO PUBLIC"))


def create_public_tables(connection: Connection, prefix: str) -> None:
    connection.execute(text(f"SET LOCAL ROLE {_name(prefix)}_owner"))
    PublicBase.metadata.create_all(connection, checkfirst=False)
    grant_public(connection, prefix)
    connection.execute(text("RESET ROLE"))


def create_tenant_schema(
    connection: Connection, place: TenantRef, prefix: str, *, tables: bool = True
) -> None:
    """The municipality's role and schema, and (unless a backup brings them) its empty tables."""
    _name(prefix)
    lock_provisioning(connection)
    _role(connection, place.role, "NOLOGIN NOSUPERUSER")
    connection.execute(text(f"GRANT {place.role} TO {prefix}_web"))
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {place.role}"))
    for table in READ_BY_TENANTS:
        connection.execute(text(f"GRANT SELECT ON public.{table} TO {place.role}"))
    connection.execute(text(f"SET LOCAL ROLE {prefix}_owner"))
    connection.execute(text(f"CREATE SCHEMA {place.schema}"))
    connection.execute(
        text(
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA {place.schema}"
            f" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {place.role}"
        )
    )
    connection.execute(text(f"GRANT USAGE ON SCHEMA {place.schema} TO {place.role}"))
    if tables:
        connection.execute(text(f"SET LOCAL search_path TO {place.schema}, ext"))
        Base.metadata.create_all(connection, checkfirst=False)
        grant_tenant(connection, place)
    connection.execute(text("RESET ROLE"))
    connection.execute(text("SET LOCAL search_path TO public"))


def grant_tenant(connection: Connection, place: TenantRef) -> None:
    """Rights on the municipality's tables; the logs can only grow."""
    connection.execute(
        text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {place.schema} TO {place.role}")
    )
    for table in APPEND_ONLY:
        connection.execute(
            text(f"REVOKE UPDATE, DELETE, TRUNCATE ON {place.schema}.{table} FROM {place.role}")
        )
    has_heads = connection.execute(
        text("SELECT to_regclass(:t)"), {"t": f"{place.schema}.alembic_version"}
    ).scalar()
    if has_heads:
        connection.execute(text(f"REVOKE ALL ON {place.schema}.alembic_version FROM {place.role}"))


def drop_tenant_schema(connection: Connection, place: TenantRef) -> None:
    """Everything of the municipality, for good. Its role stays while another database of the server uses it."""
    lock_provisioning(connection)
    connection.execute(text(f"DROP SCHEMA IF EXISTS {place.schema} CASCADE"))
    if not connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :n"), {"n": place.role}).scalar():
        return
    connection.execute(text(f"DROP OWNED BY {place.role}"))
    elsewhere = connection.execute(
        text(
            "SELECT 1 FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid AND s.refclassid = 'pg_authid'::regclass"
            " WHERE r.rolname = :n AND s.dbid NOT IN"
            " (0, (SELECT oid FROM pg_database WHERE datname = current_database())) LIMIT 1"
        ),
        {"n": place.role},
    ).scalar()
    if not elsewhere:
        connection.execute(text(f"DROP ROLE IF EXISTS {place.role}"))
