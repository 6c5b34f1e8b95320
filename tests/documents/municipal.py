"""Keys of a municipality for tests, and its worker."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from app.documents import certificates
from app.documents.certificates import KeyPair
from app.documents.keys import create_test_key
from app.documents.models import SigningKey
from app.documents.work import WORK
from app.kernel import work
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, unit_of_work
from app.kernel.ranges import KST
from app.kernel.work import RetryLater

LONG_AGO = datetime(2025, 1, 1, tzinfo=KST)
AUTHORITY = certificates.make_authority(LONG_AGO)
ROOT = certificates.chain_pem(AUTHORITY.chain)


def give_key(place: TenantRef, *, days: int = 400, authority: KeyPair = AUTHORITY) -> SigningKey:
    with unit_of_work(place, SYSTEM) as uow:
        since = uow.now - timedelta(days=1)
        return create_test_key(uow, authority, "서울특별시", since, timedelta(days=days))


def work_off(place: TenantRef) -> list[dict[str, Any]]:
    """Everything that is due, as a worker does it; what has to wait is put back."""
    kinds, results = {kind.name: kind for kind in WORK}, []
    while True:
        with unit_of_work(place, SYSTEM) as uow:
            row = work.claim(uow)
        if row is None:
            return results
        if row.kind not in kinds:
            result: dict[str, Any] = {}
        else:
            try:
                result = kinds[row.kind].run(place, row.id, row.payload)
            except RetryLater as later:
                with unit_of_work(place, SYSTEM) as uow:
                    work.postpone(uow, row.id, later.reason, retry_after=later.seconds)
                continue
        with unit_of_work(place, SYSTEM) as uow:
            work.finish(uow, row.id, result)
        results.append(result)
