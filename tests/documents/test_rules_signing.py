"""Whose turn it is, whose place it is, what a row is, and how a link ends: tables without a database."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app.documents.rules.links import LinkState, link_state
from app.documents.rules.papers import PaperState
from app.documents.rules.signing import (
    INK_MIN,
    PAD_HEIGHT,
    POINTS_MAX,
    SLIP,
    STROKES_MAX,
    RowPlace,
    clean_signer,
    read_strokes,
    row_of,
    same_name,
    signs_before,
)
from app.kernel.errors import Problem
from app.kernel.ranges import KST

END = datetime(2026, 11, 27, 10, 0, tzinfo=KST)
SECOND = timedelta(seconds=1)


@pytest.mark.rule("GC-24")
@pytest.mark.parametrize(
    ("ended_as", "paper", "now", "state"),
    [
        (None, PaperState.TO_SIGN, END - SECOND, LinkState.OPEN),
        (None, PaperState.TO_SIGN, END, LinkState.EXPIRED),
        (None, PaperState.TO_SIGN, END + SECOND, LinkState.EXPIRED),
        (None, PaperState.DRAFT, END - SECOND, LinkState.OPEN),
        (None, PaperState.VOID, END - SECOND, LinkState.VOID),
        (None, PaperState.VOID, END + SECOND, LinkState.VOID),
        (None, PaperState.DROPPED, END - SECOND, LinkState.VOID),
        ("SIGNED", PaperState.VOID, END + SECOND, LinkState.SIGNED),
        ("WITHDRAWN", PaperState.TO_SIGN, END - SECOND, LinkState.WITHDRAWN),
        ("OVERTAKEN", PaperState.ISSUED, END - SECOND, LinkState.OVERTAKEN),
    ],
)
def test_a_link_is_open_until_it_ends(
    ended_as: str | None, paper: PaperState, now: datetime, state: LinkState
) -> None:
    assert link_state(ended_as, END, paper, now) is state


def test_every_ended_link_has_words_for_both_sides() -> None:
    assert all(state.label for state in LinkState)
    assert [state for state in LinkState if not state.answer] == [LinkState.OPEN]


STAFF_THEN_HEAD = [("staff", True), ("witness", False), ("head", True)]
TWO_ROWS = [("t.0.a", True), ("t.0.b", True), ("t.1.a", True), ("t.1.b", True), ("head", True)]


@pytest.mark.rule("GC-24")
@pytest.mark.parametrize(
    ("name", "places", "done", "first"),
    [
        ("staff", STAFF_THEN_HEAD, set(), None),
        ("witness", STAFF_THEN_HEAD, set(), "staff"),
        ("head", STAFF_THEN_HEAD, set(), "staff"),
        ("head", STAFF_THEN_HEAD, {"staff"}, None),
        ("head", STAFF_THEN_HEAD, {"witness"}, "staff"),
        ("t.0.b", TWO_ROWS, set(), "t.0.a"),
        ("t.1.a", TWO_ROWS, set(), None),
        ("t.1.b", TWO_ROWS, {"t.0.a"}, "t.1.a"),
        ("t.1.b", TWO_ROWS, {"t.1.a"}, None),
        ("head", TWO_ROWS, set(), None),
        ("head", [], set(), None),
    ],
)
def test_in_order_the_required_places_before_come_first(
    name: str, places: list[tuple[str, bool]], done: set[str], first: str | None
) -> None:
    assert signs_before(name, places, done) == first


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("stays.0.guardian_in", RowPlace("stays", 0, "guardian_in")),
        ("stays.12.sign", RowPlace("stays", 12, "sign")),
        ("guardian_signature", None),
        ("stays.0", None),
        ("stays.x.sign", None),
        ("stays.-1.sign", None),
        ("stays..sign", None),
        ("", None),
    ],
)
def test_a_place_in_a_row(name: str, row: RowPlace | None) -> None:
    assert row_of(name) == row


@pytest.mark.parametrize(
    ("typed", "same"),
    [("한지원", True), (" 한 지원 ", True), ("한지완", False), ("", False), ("한지원😀", False)],
)
def test_a_typed_signature_is_the_invited_name(typed: str, same: bool) -> None:
    assert same_name(typed, "한지원") is same
    assert same_name("JOHN kim", "John Kim")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("가" * 40, "가" * 40),
        ("가" * 41, "paper.signer_bad"),
        ("  한\n지원 ", "한 지원"),
        ("한\u200b지원", "paper.signer_bad"),
        ("😀😀", "paper.signer_missing"),
        ("123", "paper.signer_missing"),
        ("", "paper.signer_missing"),
    ],
)
def test_a_name_of_letters_one_can_see(name: str, answer: str) -> None:
    cleaned = clean_signer(name)
    assert (cleaned.code if isinstance(cleaned, Problem) else cleaned) == answer


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ([[[0, 0], [INK_MIN * 1.5, 0]]], None),
        ([[[0, 0], [INK_MIN * 1.5 - 1, 0]]], "paper.only_a_dot"),
        ([[[0, PAD_HEIGHT + SLIP], [300, 0]]], None),
        ([[[0, PAD_HEIGHT + SLIP + 1], [300, 0]]], "paper.bad_strokes"),
        ([[[n % 600, 0] for n in range(POINTS_MAX)]], None),
        ([[[n % 600, 0] for n in range(POINTS_MAX + 1)]], "paper.bad_strokes"),
        ([[[0, 0], [30, 0]]] * STROKES_MAX, None),
        ([[[0, 0], [30, 0]]] * (STROKES_MAX + 1), "paper.bad_strokes"),
        ("[[[0, 0], [300, 40]]]", None),
        ("[[[0, 0], [300, 40]]", "paper.bad_strokes"),
        ('"[[[0, 0], [300, 40]]]"', "paper.bad_strokes"),
        ("[" * 100_000, "paper.bad_strokes"),
        ("[]", "paper.nothing_signed"),
        ("null", "paper.bad_strokes"),
    ],
)
def test_strokes_at_their_limits(raw: object, code: str | None) -> None:
    read = read_strokes(raw)
    assert (read.code if isinstance(read, Problem) else None) == code
