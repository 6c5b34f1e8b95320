"""The daycare most tests happen in, on a fixed Monday morning."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import UserAccount
from app.kernel.actor import Actor
from app.kernel.db import TenantRef
from app.tenancy.rules import Service
from tests.cast import offer
from tests.cast_accounts import sign_in
from tests.cast_daycare import NOW, DaycareTown, found_daycare
from tests.daycare import house
from tests.daycare.house import House

As = Callable[[Actor], FlaskClient]


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    """Monday 2026-11-16 10:00; ``clock.move_to`` goes elsewhere."""
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def town(clock: time_machine.Coordinates, gwacheon: TenantRef) -> DaycareTown:
    """One class of five with one teacher, open every day round the clock, insured."""
    return found_daycare(gwacheon)


@pytest.fixture
def morning() -> Iterator[time_machine.Coordinates]:
    """Tuesday 2026-10-13 10:00, when the pages of staff are looked at."""
    with time_machine.travel(house.NOW, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def home(morning: time_machine.Coordinates, gwacheon: TenantRef) -> House:
    """A daycare with pages: its municipality offers the service."""
    offer(gwacheon, Service.DAYCARE)
    return house.found_house(gwacheon)


@pytest.fixture
def as_(app: Flask, home: House) -> As:
    """A browser in which that person is signed in."""

    def open_browser(actor: Actor) -> FlaskClient:
        client = app.test_client()
        with home.unit() as uow:
            sign_in(client, uow, uow.session.get_one(UserAccount, actor.user_id))
        return client

    return open_browser


@pytest.fixture
def desk(as_: As, home: House) -> FlaskClient:
    """The director's browser."""
    return as_(home.director)


@pytest.fixture
def teacher(as_: As, home: House) -> FlaskClient:
    return as_(home.teacher)
