"""The month of free seats: it counts as the gate does, takes few statements, and shows a booking at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Connection, event

from app.booking.place import loads_on, place_of
from app.booking.rules.capacity import seats_left, sick_seats_left
from app.booking.rules.states import BookingKind
from app.booking.wizard import seat_month
from app.kernel.db import Database
from app.kernel.ranges import TimeSpan
from tests.booking.parents import parent, words
from tests.booking.town import MONDAY, TUESDAY, WEDNESDAY, Town

MOST = {"/seoul/book/when?{query}": 5, "/seoul/centres/{centre}/seats": 3, "/seoul/centres/{centre}": 5}
"""Everything counted: the wall, the session, the page; figures and holidays are remembered."""


@pytest.mark.parametrize("kind", [BookingKind.TEMPORARY, BookingKind.SICK])
def test_every_half_hour_counts_as_behind_the_gate(town: Town, kind: BookingKind) -> None:
    first = town.temporary(town.family("하나"), TUESDAY, hours=TimeSpan.parse("13:30-15:00"))
    town.temporary(town.family("둘"), TUESDAY)
    town.regular(town.family("셋"), MONDAY)
    gone = {town.booking(first.outcomes[0].ref).id}
    with town.unit() as uow:
        place = place_of(uow, town.row(uow))
        for without in ((), gone):
            month = seat_month(uow, place, kind, uow.today, uow.today + timedelta(days=40), without=without)
            days = [day for day, view in month.days.items() if view.opening.is_open]
            loads = loads_on(uow, place, days, without=without)
            left = sick_seats_left if kind is BookingKind.SICK else seats_left
            assert len(days) > 5
            for day in days:
                halves = [TimeSpan(at, at + 30) for at in range(0, 1440, 30)]
                assert month.days[day].free == tuple(left(loads[day], half) for half in halves)


def test_few_statements_however_full(app: Flask, town: Town, db: Database) -> None:
    mother = parent(app, town)
    for number in range(4):
        town.temporary(town.family(f"아이{number}"), WEDNESDAY)
    for address, most in MOST.items():
        path = address.format(query=mother.query(TUESDAY), centre=town.centre)
        client = app.test_client() if "/centres/" in path else mother.client
        client.get(path)
        seen: list[str] = []

        def note(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
            seen.append(statement)  # noqa: B023 - listened to only within this turn

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            assert client.get(path).status_code == 200
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        assert len([s for s in seen if not s.startswith(("SAVEPOINT", "RELEASE"))]) <= most, path


def test_a_new_booking_is_seen_at_once(app: Flask, town: Town) -> None:
    mother, page = parent(app, town), f"/seoul/centres/{town.centre}/seats"
    before = words(app.test_client().get(page))
    mother.send(TUESDAY)
    assert words(app.test_client().get(page)) != before
