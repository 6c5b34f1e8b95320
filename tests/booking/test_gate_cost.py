"""What others have to wait for while one family applies: the statements between the gate and the commit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Connection, event

from app.booking.rules.states import BookingState
from app.kernel.db import database
from app.kernel.errors import RuleBroken
from tests.booking.town import TUESDAY, WEDNESDAY, Town, codes


@contextmanager
def behind_the_gate() -> Iterator[list[str]]:
    """Every statement from the one that locks the gate on."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if seen or ("FROM gate" in statement and "FOR UPDATE" in statement):
            seen.append(statement)

    bind = database().bind
    event.listen(bind, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(bind, "before_cursor_execute", note)


def round_trips(seen: list[str]) -> list[str]:
    return [statement for statement in seen if "SAVEPOINT" not in statement]


SEATED = ["gate", "child", "child's time", "who waits", "who holds", "number", "booking", "the rest"]
QUEUED = [*SEATED, "evidence for the place in line"]


def test_a_seat_costs_eight_statements(town: Town) -> None:
    family = town.family()
    with behind_the_gate() as seen:
        assert town.temporary(family, TUESDAY).outcomes[0].state is BookingState.APPLIED
    assert len(round_trips(seen)) == len(SEATED)


def test_a_place_in_line_costs_one_more_however_many_wait(small: Town) -> None:
    small.temporary(small.family(), TUESDAY)
    lengths = set()
    for number in range(2):
        family = small.family(f"대기{number}")
        with behind_the_gate() as seen:
            outcome = small.temporary(family, TUESDAY).outcomes[0]
        assert (outcome.state, outcome.position) == (BookingState.WAITING, number + 1)
        lengths.add(len(round_trips(seen)))
    assert lengths == {len(QUEUED)}


def test_many_dates_cost_as_much_as_one(town: Town) -> None:
    family = town.family()
    with behind_the_gate() as seen:
        made = town.temporary(family, TUESDAY, WEDNESDAY, TUESDAY + timedelta(days=2)).outcomes
    assert [outcome.state for outcome in made] == [BookingState.APPLIED] * 3
    assert len(round_trips(seen)) == len(SEATED)
    town.check()


def test_the_counter_of_all_centres_is_locked_after_everything_has_been_read(town: Town) -> None:
    family = town.family()
    with behind_the_gate() as seen:
        town.temporary(family, TUESDAY)
    kinds = [statement.split()[0] for statement in round_trips(seen)]
    drawn = next(number for number, s in enumerate(round_trips(seen)) if s.startswith("INSERT INTO counter"))
    assert "SELECT" not in kinds[drawn:]
    assert len(kinds) - drawn == 3


def test_who_is_refused_stops_before_anything_is_written(small: Town) -> None:
    small.temporary(small.family(), TUESDAY)
    family = small.family("늦은아이")
    with behind_the_gate() as seen, pytest.raises(RuleBroken) as refused:
        small.temporary(family, TUESDAY, may_wait=False)
    assert codes(refused) == ["booking.no_seat"]
    assert len(round_trips(seen)) <= 5


@pytest.mark.rule("KW-03")
def test_where_the_list_is_full_nobody_needs_the_gate_to_hear_it(small: Town) -> None:
    fill_the_list(small)
    late = small.family("늦은아이")
    with behind_the_gate() as seen, pytest.raises(RuleBroken) as refused:
        small.temporary(late, TUESDAY)
    assert (codes(refused), seen) == (["waiting.list_full"], [])
    with behind_the_gate() as seen:  # another day has room: only the gate may say
        outcomes = small.temporary(late, TUESDAY, WEDNESDAY).outcomes
    assert [outcome.state for outcome in outcomes] == [None, BookingState.APPLIED]
    assert seen
    small.check()


@pytest.mark.rule("KW-03")
def test_a_list_that_moves_while_it_is_counted_is_asked_about_at_the_gate(small: Town) -> None:
    fill_the_list(small)
    late = small.family("늦은아이")
    leaves = "UPDATE waitlist_entry SET state = 'WITHDRAWN' WHERE id = (SELECT max(id) FROM waitlist_entry)"
    left: list[str] = []

    def change(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if not left and "FROM usage_day" in statement:
            left.append(statement)
            connection.exec_driver_sql(leaves)

    bind = database().bind
    event.listen(bind, "before_cursor_execute", change)
    try:
        with behind_the_gate() as seen:
            assert small.temporary(late, TUESDAY).outcomes[0].state is BookingState.WAITING
    finally:
        event.remove(bind, "before_cursor_execute", change)
    assert seen


def fill_the_list(town: Town) -> None:
    """Until the next one is refused."""
    for number in range(20):
        try:
            town.temporary(town.family(f"아이{number}"), TUESDAY)
        except RuleBroken:
            return
    raise AssertionError("the list has no end")


SHUT = """UPDATE quarter SET hours = hours || '{"tue": null}'"""
ROOM = "UPDATE kium_centre SET base_capacity = 2"


@contextmanager
def changed_by_who_held_the_gate(sql: str) -> Iterator[None]:
    """The change is there when the gate opens, after the newcomer has read the place."""

    def change(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if "FROM gate" in statement:
            connection.exec_driver_sql(sql)

    bind = database().bind
    event.listen(bind, "before_cursor_execute", change)
    try:
        yield
    finally:
        event.remove(bind, "before_cursor_execute", change)


@pytest.mark.rule("KB-10")
def test_a_day_closed_while_waiting_for_the_gate_is_closed(town: Town) -> None:
    family = town.family()
    with changed_by_who_held_the_gate(SHUT), pytest.raises(RuleBroken) as refused:
        town.temporary(family, TUESDAY)
    assert [problem.rule for problem in refused.value.problems] == ["KB-10"]


@pytest.mark.rule("KC-07")
def test_a_seat_added_while_waiting_for_the_gate_is_given(small: Town) -> None:
    small.temporary(small.family(), TUESDAY)
    family = small.family("새아이")
    with changed_by_who_held_the_gate(ROOM):
        assert small.temporary(family, TUESDAY).outcomes[0].state is BookingState.APPLIED
