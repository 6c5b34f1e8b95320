from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.ranges import KST

MORNING = datetime(2026, 11, 20, 9, 0, tzinfo=KST)
"""A Friday."""


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The time of a test: it stands at 9 o'clock until moved."""
    with time_machine.travel(MORNING, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def client(app: Flask, clock: time_machine.Traveller) -> FlaskClient:
    return app.test_client()
