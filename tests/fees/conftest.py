"""One daycare, one family, and an account of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
import time_machine

from app.fees import service
from app.fees.rules import ChargeKind
from app.fees.service import Account
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.tenancy.models import Institution
from app.tenancy.rules import InstitutionKind
from tests.cast import make_family

NOW = "2026-11-20 10:00+09:00"
TODAY = date(2026, 11, 20)
METHODS = ("account_transfer", "card")


@dataclass
class Family:
    place: TenantRef
    account: Account
    child_id: int

    def charge(self, uow: UnitOfWork, amount: int, kind: ChargeKind = ChargeKind.BOOKING) -> str:
        row = service.charge(
            uow,
            self.account,
            kind,
            amount,
            child_id=self.child_id,
            service_date=TODAY,
            due_on=TODAY,
        )
        return row.ref


def make_account(uow: UnitOfWork) -> tuple[Account, int]:
    daycare = Institution(kind=InstitutionKind.DAYCARE, name="김포 어린이집")
    uow.session.add(daycare)
    parent, child = make_family(uow)
    return Account("DAYCARE", daycare.id, parent.id, "daycare_booking", 1), child.id


@pytest.fixture
def family(gwacheon: TenantRef) -> Iterator[Family]:
    with time_machine.travel(NOW, tick=False):
        with unit_of_work(gwacheon, SYSTEM) as uow:
            account, child_id = make_account(uow)
        yield Family(gwacheon, account, child_id)
