"""The town most tests of booking happen in, on a fixed Monday morning."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import UserAccount
from app.kernel.actor import Actor
from app.kernel.db import TenantRef
from tests.booking.desk import As
from tests.booking.town import NOW, Town, found_town
from tests.cast_accounts import sign_in


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    """Monday 2026-10-12 10:00; ``clock.move_to`` goes elsewhere."""
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def town(clock: time_machine.Coordinates, seoul: TenantRef) -> Town:
    """A general centre: B=20, S=4, two carers."""
    return found_town(seoul)


@pytest.fixture
def small(clock: time_machine.Coordinates, seoul: TenantRef) -> Town:
    """B=1, S=0: the second child already waits."""
    return found_town(seoul, capacity=1)


@pytest.fixture
def as_(app: Flask, town: Town) -> As:
    """A browser in which that person is signed in."""

    def open_browser(actor: Actor) -> FlaskClient:
        client = app.test_client()
        with town.unit() as uow:
            sign_in(client, uow, uow.session.get_one(UserAccount, actor.user_id))
        return client

    return open_browser


@pytest.fixture
def desk(as_: As, town: Town) -> FlaskClient:
    return as_(town.director)
