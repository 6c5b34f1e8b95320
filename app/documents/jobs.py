"""What papers leave behind goes at night: print files (XX-12), thrown-away drafts, numbers of ended links (XX-10).

A second run finds nothing left to do. J-52 asks here whether the seals are well.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from app.documents.keys import seal_troubles
from app.documents.service.forgetting import (
    AT_ONCE,
    Forgotten,
    forget_dropped_drafts,
    forget_link_phones,
)
from app.documents.service.printing import clear_prints
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.files import files
from app.kernel.jobs import CatchUp, Job
from app.tenancy.watching import watch_also


def clear_old_prints(place: TenantRef, slot: datetime) -> None:
    """Rows first: a file without a row is swept, a row without its file would be a broken promise."""
    with unit_of_work(place, SYSTEM) as uow:
        names = clear_prints(uow)
    for name in names:
        files().delete(place, name)


def forget_drafts(place: TenantRef, slot: datetime) -> None:
    _forget(place, forget_dropped_drafts)


def forget_phones(place: TenantRef, slot: datetime) -> None:
    _forget(place, forget_link_phones)


def _forget(place: TenantRef, command: Callable[[UnitOfWork], Forgotten]) -> None:
    """In batches, so that no lock is held for long."""
    while True:
        with unit_of_work(place, SYSTEM) as uow:
            done = command(uow)
        for name in done.files:
            files().delete(place, name)
        if done.count < AT_ONCE:
            return


JOBS = (
    Job(
        "J-56", "보관 기간이 지난 출력 파일 삭제", clear_old_prints, {"hour": 3, "minute": 20}, CatchUp.LATEST
    ),
    Job("J-57", "버린 초안의 내용 삭제", forget_drafts, {"hour": 3, "minute": 35}, CatchUp.LATEST),
    Job("J-58", "끝난 서명 링크의 전화번호 삭제", forget_phones, {"hour": 3, "minute": 40}, CatchUp.LATEST),
)
watch_also(seal_troubles)
