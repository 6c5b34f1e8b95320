"""Which municipality a request is for: the registry, read from the database and remembered for half a minute."""

from __future__ import annotations

import threading
import time

from sqlalchemy import select

from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, database, platform_ref, tenant_ref, unit_of_work
from app.tenancy import settings
from app.tenancy.heads import head
from app.tenancy.models import Tenant
from app.tenancy.queries import forget_holidays, tenant_info
from app.tenancy.rules import Service, TenantInfo

FRESH_SECONDS = 30.0


class Registry:
    def __init__(self) -> None:
        self._tenants: dict[str, TenantInfo] = {}
        self._read_at = -FRESH_SECONDS
        self._lock = threading.Lock()

    def find(self, slug: str) -> TenantInfo | None:
        """The municipality of a path, also when it was suspended; None when there is none."""
        if time.monotonic() - self._read_at > FRESH_SECONDS:
            self._read()
        return self._tenants.get(slug)

    def forget(self) -> None:
        """Read anew at the next question (after a municipality was created, changed or migrated)."""
        forget_holidays()
        settings.forget()
        self._read_at = -FRESH_SECONDS

    def active(self, service: Service | str | None = None) -> list[TenantRef]:
        self.find("")
        prefix = database().settings.role_prefix
        return [
            tenant_ref(info.slug, prefix)
            for info in self._tenants.values()
            if info.active and (service is None or service in info.services)
        ]

    def everyone(self) -> list[TenantInfo]:
        self.find("")
        return list(self._tenants.values())

    def is_current(self, info: TenantInfo) -> bool:
        """Is the municipality's schema at the code's revision? Behind means 점검 중."""
        if info.revision != head("tenant"):
            self.forget()
        return info.revision == head("tenant")

    def _read(self) -> None:
        with self._lock:
            if time.monotonic() - self._read_at <= FRESH_SECONDS:
                return
            with unit_of_work(platform_ref(database().settings.role_prefix), SYSTEM) as uow:
                rows = uow.session.scalars(select(Tenant).order_by(Tenant.code))
                self._tenants = {row.slug: tenant_info(row) for row in rows}
            self._read_at = time.monotonic()


registry = Registry()
