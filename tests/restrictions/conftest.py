"""A settled municipality of Gyeonggi for every test of this room, on a fixed Friday."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from app.kernel.db import TenantRef
from app.kernel.ranges import kst
from app.tenancy.rules import Service
from tests.cast import offer
from tests.restrictions.office import TODAY, Office, settle


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(kst(TODAY, 10 * 60), tick=False) as traveller:
        yield traveller


@pytest.fixture
def office(gwacheon: TenantRef) -> Office:
    offer(gwacheon, Service.FACILITY, Service.DAYCARE)
    return settle(gwacheon)


@pytest.fixture
def small_city(gwacheon: TenantRef) -> Office:
    """Without a regional centre: its officers decide."""
    offer(gwacheon, Service.DAYCARE)
    return settle(gwacheon, regional_centre=False)
