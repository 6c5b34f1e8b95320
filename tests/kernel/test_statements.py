"""Statements that go straight to the driver: the same values, the same errors, heard by the same ears."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import ARRAY, Date, Integer, String, bindparam, event, func, literal, select, text
from sqlalchemy.dialects.postgresql import JSONB, Range, insert
from sqlalchemy.exc import IntegrityError, MultipleResultsFound, NoResultFound, StatementError

from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, database, unit_of_work
from app.kernel.submission import Submission
from app.people.models import ChildTime

ONE = select(literal(7).label("seven"), bindparam("given", type_=JSONB).label("given"))
DAYS = select(
    func.unnest(bindparam("days", type_=ARRAY(Date))).label("day"), literal(Decimal("1.50")).label("amount")
)
PERCENT = select(literal("100%", String).label("share"), bindparam("more", type_=Integer).label("more"))


def test_values_come_back_as_their_columns_say(seoul: TenantRef) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        row = uow.rows(ONE, given={"가": [1, None]}).one()
        days = uow.rows(DAYS, days=[date(2026, 11, 24), date(2026, 11, 25)])
        assert (row.seven, row.given) == (7, {"가": [1, None]})
        assert [line.day for line in days] == days.scalars() == [date(2026, 11, 24), date(2026, 11, 25)]
        assert days[0].amount == Decimal("1.50")
        assert uow.rows(PERCENT, more=3).one() == ("100%", 3)


def test_a_type_with_its_own_python_form_keeps_it(seoul: TenantRef) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        period = uow.rows(select(func.tstzrange(None, None, type_=ChildTime.period.type).label("period")))
        assert period.scalar_one() == Range(None, None)


def test_no_row_one_row_too_many_rows(seoul: TenantRef) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        none = uow.rows(DAYS, days=[])
        two = uow.rows(DAYS, days=[date(2026, 11, 24)] * 2)
    assert (none.first(), none.scalar(), len(none)) == (None, None, 0)
    with pytest.raises(NoResultFound):
        none.one()
    with pytest.raises(MultipleResultsFound):
        two.scalar_one()


def test_a_missing_value_is_no_null(seoul: TenantRef) -> None:
    with unit_of_work(seoul, SYSTEM) as uow, pytest.raises((KeyError, StatementError)):
        uow.rows(DAYS)


def test_an_error_is_sqlalchemys_and_quotes_no_row(seoul: TenantRef) -> None:
    twice = insert(Submission).values(
        request_id="f" * 32, user_id=None, at=text("TIMESTAMPTZ '2026-11-24'"), result_url="/비밀"
    )
    with unit_of_work(seoul, SYSTEM) as uow:
        uow.rows(twice)
    with pytest.raises(IntegrityError) as refused, unit_of_work(seoul, SYSTEM) as uow:
        uow.rows(twice)
    assert "비밀" not in str(refused.value)
    assert "f" * 32 not in str(refused.value)


def test_a_default_in_python_is_not_forgotten_silently(seoul: TenantRef) -> None:
    with unit_of_work(seoul, SYSTEM) as uow, pytest.raises(TypeError):
        uow.rows(insert(Submission).values(request_id="e" * 32, at=text("TIMESTAMPTZ '2026-11-24'")))


def test_who_listens_hears_it(seoul: TenantRef) -> None:
    heard: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        heard.append(statement)

    bind = database().bind
    event.listen(bind, "before_cursor_execute", note)
    try:
        with unit_of_work(seoul, SYSTEM) as uow:
            uow.rows(ONE, given=None)
    finally:
        event.remove(bind, "before_cursor_execute", note)
    assert any("seven" in statement for statement in heard)
