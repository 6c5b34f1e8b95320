"""Conventions every table keeps, and what every column says about a person."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import Float, LargeBinary, Numeric, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.types import DateTime

from app import house
from app.kernel.db import Base, PublicBase

house.load_models()
TABLES: list[Table] = [*PublicBase.metadata.sorted_tables, *Base.metadata.sorted_tables]
CLASSES = ("public", "personal", "sensitive", "unique")
CLASSIFIED: dict[str, dict[str, list[str]]] = tomllib.loads(
    Path(__file__).with_name("columns.toml").read_text("utf-8")
)
EVERYWHERE = {name: kind for kind, names in CLASSIFIED.pop("every").items() for name in names}

# Deleting a parent or looking down from it would read the whole child table. These parents are never deleted and
# nobody asks from their side, or the child table stays small; an index would only make every insert dearer.
NO_INDEX = {
    "application_guardian.guardian_id": "read with its application; guardians are never deleted",
    "booking.sibling_booking_id": "bookings are never deleted; the younger child's page asks from the other side",
    "care_card.centre_id": "a card is asked for by child",
    "consent.upload_id": "an upload knows its owner",
    "evidence.upload_id": "an upload knows its owner",
    "signature.upload_id": "an upload knows its owner",
    "signature.link_id": "asked for by paper; links are never deleted",
    "paper.key_id": "keys are never deleted, and a key's page asks for nothing",
    "link_request.centre_id": "a handful of open requests",
    "link_request.child_id": "a handful of open requests",
    "link_request.guardian_id": "a handful of open requests",
    "one_time_code.user_id": "the brake counts by target and ip; rows live for minutes",
    "parameter.institution_id": "some dozens of rows, read by key",
    "user_session.assignment_id": "sessions are asked for by person",
    "call_back.child_id": "a handful of open notes of a daycare",
    "call_back.guardian_id": "a handful of open notes of a daycare",
    "charge.child_id": "a charge is asked for by what it is owed for, or by who owes it",
    "daycare_application.paper_id": "asked for by application; papers are never deleted",
    "daycare_booking.application_id": "applications are never deleted; a booking knows its own",
    "daycare_stay.class_id": "a class asks for its stays by daycare and day",
    "daycare_stay.prior_contact_id": "calls are never deleted and never ask",
    "incident.paper_id": "asked for by incident; papers are never deleted",
    "insurance_policy.upload_id": "an upload knows its owner",
    "journal.daycare_id": "asked for by class and day, or by day",
    "journal.paper_id": "asked for by journal; papers are never deleted",
    "meal.class_id": "a class asks for its meals by daycare and day",
    "meal.stay_id": "a stay's meals are among those of its daycare and day",
    "meal.upload_id": "an upload knows its owner",
    "medicine_request.paper_id": "asked for by request; papers are never deleted",
    "medicine_request.stay_id": "asked for by child; stays are never deleted",
    "payment.paper_id": "asked for by payment; papers are never deleted",
    "prior_contact.daycare_id": "asked for by child",
    "restriction.document_id": "an upload knows its owner",
    "restriction.institution_id": "some dozens of cases in a municipality",
    "restriction.paper_id": "asked for by case; papers are never deleted",
    "restriction.replaced_by_id": "some dozens of cases; read from the older one",
    "restriction_event.child_id": "counted by guardian or telephone number",
    "restriction_event.institution_id": "counted by guardian or telephone number",
    "restriction_event.upload_id": "an upload knows its owner",
    "waitlist_entry.quarter_id": "the partial index holds the open ones of a centre",
}


def named(tables: list[Table]) -> list[object]:
    return [pytest.param(table, id=table.fullname) for table in tables]


@pytest.mark.parametrize("table", named(TABLES))
def test_names_are_small_and_short(table: Table) -> None:
    names = [table.name, *table.columns.keys()]
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)
    things = [*(index.name for index in table.indexes), *(c.name for c in table.constraints)]
    assert all(name is not None and len(str(name)) <= 63 for name in things)
    assert table.primary_key.columns


@pytest.mark.parametrize("table", named(TABLES))
def test_moments_are_aware_and_no_number_is_inexact(table: Table) -> None:
    for column in table.columns:
        assert not isinstance(column.type, DateTime) or column.type.timezone, column
        assert type(column.type) is not Float, f"{column}: money and counts are whole numbers"
        assert not isinstance(column.type, Numeric) or column.type.scale is not None, column


@pytest.mark.parametrize("table", named(TABLES))
def test_the_database_never_tells_the_time(table: Table) -> None:
    """The clock can be moved; a default of the database would not move with it."""
    assert [c.name for c in table.columns if c.server_default is not None and c.identity is None] == []


def leading_columns(table: Table) -> set[str]:
    """Columns that some index begins with; partial ones count, they hold the rows that are asked for."""
    brings_an_index = (PrimaryKeyConstraint, UniqueConstraint, ExcludeConstraint)
    things = [*table.indexes, *(c for c in table.constraints if isinstance(c, brings_an_index))]
    return {next(iter(thing.columns)).name for thing in things}


def test_foreign_keys_are_indexed_or_argued() -> None:
    bare = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.foreign_keys and column.name not in leading_columns(table)
    }
    assert bare == set(NO_INDEX), "index it, or say here why not; drop arguments that are no longer needed"


@pytest.mark.rule("XX-03")
@pytest.mark.parametrize("table", named(TABLES))
def test_every_column_is_classified_once(table: Table) -> None:
    own = CLASSIFIED.get(table.fullname, {})
    assert set(own) <= set(CLASSES)
    listed = [name for names in own.values() for name in names]
    assert len(listed) == len(set(listed))
    columns = set(table.columns.keys())
    assert set(listed) <= columns, "no such column any more"
    assert columns - set(EVERYWHERE) <= set(listed), "a new column: what does it say about a person?"


def test_no_table_is_classified_that_is_gone() -> None:
    assert set(CLASSIFIED) <= {table.fullname for table in TABLES}


@pytest.mark.rule("GC-21")
def test_shared_tables_know_no_citizen() -> None:
    """Only the operators' own accounts; everything of a citizen lies in a municipality's schema."""
    personal = {
        name.partition(".")[2]
        for name, own in CLASSIFIED.items()
        if name.startswith("public.") and set(own) - {"public"}
    }
    assert personal == {"platform_user", "platform_session"}


@pytest.mark.rule("XX-08")
def test_what_must_be_encrypted_is_bytes() -> None:
    """Numbers of the state and health notes; a text column could be read by whoever reads the table."""
    columns = {f"{t.fullname}.{c.name}": c for t in TABLES for c in t.columns}
    unique = [f"{table}.{name}" for table, own in CLASSIFIED.items() for name in own.get("unique", ())]
    sealed = [name for name in columns if name.endswith(".sealed")]
    assert "health_note.sealed" in sealed
    for name in [*unique, *sealed]:
        assert isinstance(columns[name].type, LargeBinary), name
