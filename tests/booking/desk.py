"""A centre's staff at their browsers, and the quickest ways to a booking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask.testing import FlaskClient

from app.booking import service
from app.kernel.actor import Actor
from tests.booking.town import TUESDAY, Town, found_town

As = Callable[[Actor], FlaskClient]
HX = {"HX-Request": "true"}


def one(applied: service.Applied) -> str:
    ref = applied.outcomes[0].ref
    assert ref is not None
    return ref


def applied(town: Town, name: str = "김하늘", day: date = TUESDAY, **family: object) -> str:
    return one(town.temporary(town.family(name, **family), day))


def stranger_ref(town: Town) -> str:
    """A booking of another centre of the same city."""
    return applied(found_town(town.place), "남의집")
