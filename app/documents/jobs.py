"""Finished print runs wait for a few days; then their files go (XX-12). J-52 asks here whether the seals are well."""

from __future__ import annotations

from datetime import datetime

from app.documents.keys import seal_troubles
from app.documents.service.printing import clear_prints
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.files import files
from app.kernel.jobs import CatchUp, Job
from app.tenancy.watching import watch_also


def clear_old_prints(place: TenantRef, slot: datetime) -> None:
    """Rows first: a file without a row is swept, a row without its file would be a broken promise."""
    with unit_of_work(place, SYSTEM) as uow:
        names = clear_prints(uow)
    for name in names:
        files().delete(place, name)


JOBS = (
    Job(
        "J-56", "보관 기간이 지난 출력 파일 삭제", clear_old_prints, {"hour": 3, "minute": 20}, CatchUp.LATEST
    ),
)
watch_also(seal_troubles)
