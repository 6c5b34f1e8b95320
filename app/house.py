"""The house without its web: rooms, tables, keys, files and database, for the clock, the worker and the command too."""

from __future__ import annotations

import importlib

from app.kernel.config import ROOT, Settings
from app.kernel.crypto import load_keys, use_keys
from app.kernel.db import Database, UnitOfWork, use_database
from app.kernel.files import FileStore, use_files
from app.kernel.jobs import Job
from app.kernel.work import WorkKind
from app.tenancy.registry import registry

ROOMS = (
    "tenancy",
    "messaging",
    "accounts",
    "documents",
    "centres",
    "people",
    "incidents",
    "insurance",
    "restrictions",
    "fees",
    "booking",
    "daycare",
    "desks",
)
"""Built rooms, bottom up."""


def load_models() -> None:
    """Import every table of the kernel and the rooms, so that the metadata is complete."""
    for module in ("audit", "jobs", "numbering", "submission", "work"):
        importlib.import_module(f"app.kernel.{module}")
    for room in ROOMS:
        if (ROOT / "app" / room / "models.py").exists():
            importlib.import_module(f"app.{room}.models")


def load_parameters() -> None:
    """Import every room's parameters, so that the registry is complete."""
    for room in ROOMS:
        if (ROOT / "app" / room / "parameters.py").exists():
            importlib.import_module(f"app.{room}.parameters")


def load_hooks() -> None:
    """Import what rooms tell the rooms below them (``account_hooks.py``), so that it holds in every process."""
    for room in ROOMS:
        if (ROOT / "app" / room / "account_hooks.py").exists():
            importlib.import_module(f"app.{room}.account_hooks")


def open_house(settings: Settings, *, pool_size: int = 4) -> Database:
    """Keys, files and database for any process of the house (web, clock, worker, command)."""
    load_models()
    load_parameters()
    load_hooks()
    use_keys(load_keys(settings.keys, create=not settings.production))
    use_files(FileStore(settings.var / "files"))
    opened = Database(settings, pool_size=pool_size)
    use_database(opened)
    registry.forget()
    return opened


def _from_rooms(module: str, name: str) -> list[object]:
    found: list[object] = []
    for room in ROOMS:
        if (ROOT / "app" / room / f"{module}.py").exists():
            found.extend(getattr(importlib.import_module(f"app.{room}.{module}"), name))
    return found


def all_checks(uow: UnitOfWork) -> list[str]:
    """What every room's ``checks.py`` finds wrong in one municipality: a line each, without names."""
    found: list[str] = []
    for room in ROOMS:
        if (ROOT / "app" / room / "checks.py").exists():
            found += importlib.import_module(f"app.{room}.checks").data_checks(uow)
    return found


def all_jobs() -> tuple[Job, ...]:
    """``JOBS`` of every room's ``jobs.py``."""
    return tuple(job for job in _from_rooms("jobs", "JOBS") if isinstance(job, Job))


def all_work() -> dict[str, WorkKind]:
    """``WORK`` of every room's ``work.py`` by name."""
    return {kind.name: kind for kind in _from_rooms("work", "WORK") if isinstance(kind, WorkKind)}
