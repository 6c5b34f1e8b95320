"""A settled Seoul for every test of this room, on a fixed day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from flask import Flask

from app.kernel.db import TenantRef
from app.kernel.ranges import kst
from tests.people.browsers import Stage, make_stage
from tests.people.folk import Folk, settle


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(kst(date(2026, 11, 20), 10 * 60), tick=False):
        yield


@pytest.fixture
def folk(seoul: TenantRef) -> Folk:
    return settle(seoul)


@pytest.fixture
def stage(app: Flask, seoul: TenantRef) -> Stage:
    return make_stage(app, seoul)
