"""What the pages of centres are tested on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from flask import Flask

from app.centres.queries import centre_by_id
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, unit_of_work
from tests.cast import make_centre, make_district, make_quarter
from tests.centres.town import World


@pytest.fixture
def world(app: Flask, seoul: TenantRef) -> Iterator[World]:
    with time_machine.travel("2026-11-20 10:00+09:00", tick=False):
        with unit_of_work(seoul, SYSTEM) as uow:
            mine, other = make_district(uow, "구로구"), make_district(uow, "은평구")
            centre = make_centre(uow, district=mine)
            make_quarter(uow, centre, date(2026, 8, 17), date(2026, 12, 31))
            ref = centre_by_id(uow, centre.id).ref
        yield World(seoul, app.test_client(), mine, other, centre, ref)
