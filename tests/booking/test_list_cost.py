"""What a centre's lists cost: as many statements for fifty children as for two, and the rank the database orders by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, event

from app.accounts.models import UserAccount
from app.booking import queries
from app.booking.dossiers import dossiers
from app.booking.queries import QueueFilter
from app.booking.rules.priority import Ground
from app.booking.rules.states import BookingKind, BookingState
from app.kernel.db import Database
from app.kernel.ranges import TimeSpan
from tests.booking.desk import one
from tests.booking.town import MONDAY, TUESDAY, WEDNESDAY, Town
from tests.cast_accounts import sign_in

MOST = {"/seoul/bookings": 22, "/seoul/waiting": 22, "/seoul/daily": 16, "/seoul/today": 22}
"""Everything counted: session, menu, page, log."""


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def desk(app: Flask, town: Town) -> FlaskClient:
    client = app.test_client()
    with town.unit() as uow:
        sign_in(client, uow, uow.session.get_one(UserAccount, town.director.user_id))
    return client


def comers(town: Town, families: int) -> None:
    """Each is expected today and asks for tomorrow."""
    for _ in range(families):
        family = town.family(f"오늘{len(town.families)}")
        town.approve(town.temporary(family, MONDAY, hours=TimeSpan.parse("14:00-15:00")))
        town.temporary(family, TUESDAY)


def askers(town: Town, families: int, day: date = TUESDAY) -> None:
    """Of 24 seats a day; the last ones wait."""
    for _ in range(families):
        town.temporary(town.family(f"내일{len(town.families)}"), day)


@pytest.mark.parametrize("path", MOST)
def test_a_longer_list_takes_no_more_statements(
    path: str, town: Town, desk: FlaskClient, db: Database
) -> None:
    def statements() -> tuple[int, int]:
        desk.get(path)
        with counted(db) as seen:
            answer = desk.get(path)
        assert answer.status_code == 200
        return len([s for s in seen if not s.startswith(("SAVEPOINT", "RELEASE"))]), answer.text.count(
            "data-row"
        )

    comers(town, 2)
    town.regular(town.family("정기"))
    askers(town, 24)
    few, short = statements()
    comers(town, 15)
    askers(town, 15, WEDNESDAY)
    many, long = statements()
    assert long > short
    assert many <= few
    assert many <= MOST[path]


@pytest.mark.rule("KB-37")
@pytest.mark.rule("KB-38")
@pytest.mark.rule("KB-39")
def test_the_database_orders_as_the_rule_does(town: Town) -> None:
    """Every ground, proven this year or not, in a lower grade or not; two of each, the younger child first."""
    for ground in (ground for ground in Ground if ground is not Ground.COVID_MEDICAL_STAFF):
        for day, grade in enumerate((None, 1, 3, 4)):
            for proof in (None, ground.value, "other"):
                family = town.family(f"아이{len(town.families)}", grade=grade, ground=proof)
                town.temporary(family, TUESDAY + timedelta(days=day), ground=ground.value)
    with town.unit(town.director) as uow:
        centre, filters = town.row(uow), QueueFilter(states=tuple(BookingState))
        first = queries.queue(uow, centre, filters)
        rows = [row for n in range(1, first.pages + 1) for row in queries.queue(uow, centre, filters, n).rows]
        details = [queries.booking_detail(uow, row.ref) for row in rows]
    births = {family.child: number for number, family in enumerate(town.families)}
    assert first.total == len(rows) == 6 * 4 * 3
    assert [row.rank for row in rows] == [detail.rank for detail in details]
    numbers = [(row.rank.number, births[row.child_ref]) for row in rows]
    assert numbers == sorted(numbers)
    assert len({row.rank.number for row in rows}) == 5


def test_a_page_after_the_last_is_the_last(town: Town) -> None:
    for number in range(3):
        town.temporary(town.family(f"아이{number}"), TUESDAY)
    with town.unit(town.director) as uow:
        beyond = queries.queue(uow, town.row(uow), page=9)
        nobody = queries.queue(uow, town.row(uow), QueueFilter(kind=BookingKind.SICK), page=9)
    assert (beyond.page, beyond.pages, beyond.total, len(beyond.rows)) == (1, 1, 3, 3)
    assert (nobody.page, nobody.pages, nobody.total, nobody.rows) == (1, 1, 0, ())


@pytest.mark.rule("KB-37")
def test_rivals_want_the_same_hours_or_the_same_quarter_and_stand_higher(small: Town) -> None:
    """One seat: whoever has it is looked at; those who wait are its rivals only where hours meet and rank is higher."""
    holder = small.family("앉은아이", grade=5)
    small.temporary(holder, TUESDAY, hours=TimeSpan.parse("14:00-16:00"))
    waiting = {
        "겹침": ("15:00-17:00", "dual_income"),
        "안겹침": ("16:00-17:00", "dual_income"),
        "같은순위": ("14:00-15:00", None),
        "먼저": ("14:00-15:00", "dual_income"),
    }
    small.temporary(small.family("뒤시간", grade=5), TUESDAY, hours=TimeSpan.parse("16:00-17:00"))
    for name, (hours, ground) in waiting.items():
        family = small.family(name, grade=5, ground=ground)
        small.temporary(family, TUESDAY, hours=TimeSpan.parse(hours), ground=ground or "other")
    with small.unit(small.director) as uow:
        rows = {row.child_name: row for row in queries.queue(uow, small.row(uow)).rows}
    assert [rival.child_name for rival in rows["앉은아이"].rivals] == ["겹침", "먼저"]
    assert [rival.child_name for rival in rows["뒤시간"].rivals] == ["겹침", "안겹침"]


def test_the_papers_of_a_whole_list_are_read_at_once(town: Town, db: Database) -> None:
    def statements(children: int) -> int:
        made = [town.temporary(town.family(f"출력{children}-{n}"), TUESDAY) for n in range(children)]
        refs = [one(applied) for applied in made]
        with town.unit(town.director) as uow, counted(db) as seen:
            files = dossiers(uow, refs)
        assert [len(file.guardians) for file in files] == [1] * children
        return len(seen)

    assert statements(6) == statements(1)
