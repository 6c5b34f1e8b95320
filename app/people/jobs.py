"""The nightly look at evidence whose year is over (J-47, KB-39)."""

from __future__ import annotations

from datetime import datetime

from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.jobs import CatchUp, Job
from app.people.service import expire_evidence


def end_last_years_evidence(place: TenantRef, slot: datetime) -> None:
    """Verified papers of earlier years no longer count; a second run finds nothing left to do."""
    with unit_of_work(place, SYSTEM) as uow:
        expire_evidence(uow)


JOBS = (
    Job(
        "J-47",
        "지난해 증빙서류 만료",
        end_last_years_evidence,
        {"hour": 2, "minute": 0},
        CatchUp.LATEST,
        service="KIUM",
    ),
)
