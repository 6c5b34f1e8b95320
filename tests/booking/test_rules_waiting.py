"""The waiting list (KW-01 … KW-10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.booking.rules.policy import BookingPolicy, WaitBase
from app.booking.rules.states import BookingKind, WaitState
from app.booking.rules.waiting import (
    WaitEntry,
    check_acceptance,
    check_duplicate,
    check_wait_room,
    must_wait,
    next_fitting,
    offer_expiry,
    position,
    positions,
    same_list,
    wait_limit,
    waiting_per_slot,
    waits_until,
    withdrawn_by,
)
from app.kernel.ranges import KST, DateSpan, TimeSpan, kst
from tests.booking.spring import T, at

POLICY = BookingPolicy()
DAY = date(2026, 4, 1)
TEMPORARY, REGULAR, SICK = BookingKind.TEMPORARY, BookingKind.REGULAR, BookingKind.SICK


def entry(ref: str = "a", hours: str = "14:00-17:00", **fields: object) -> WaitEntry:
    usual = WaitEntry(
        ref=ref,
        child=1,
        centre=1,
        kind=TEMPORARY,
        quarter=1,
        days=((DAY, T(hours)),),
        rank=3,
        applied_at=at("2026-03-30 09:00"),
        birth=date(2018, 5, 1),
    )
    return replace(usual, **fields)  # type: ignore[arg-type]


@pytest.mark.rule("KW-01")
@pytest.mark.parametrize(
    ("seat_free", "waiting_fits", "waits"),
    [(True, False, False), (True, True, True), (False, False, True), (False, True, True)],
)
def test_who_waits(seat_free: bool, waiting_fits: bool, waits: bool) -> None:
    assert must_wait([entry()], lambda _: waiting_fits, seat_free=seat_free) is waits


@pytest.mark.rule("KC-07")
@pytest.mark.parametrize("state", list(WaitState))
def test_only_those_still_waiting_are_not_overtaken(state: WaitState) -> None:
    waits = must_wait([entry(state=state)], lambda _: True, seat_free=True)
    assert waits is (state is WaitState.WAITING)


@pytest.mark.rule("KW-02")
@pytest.mark.parametrize(
    ("fields", "same"),
    [
        ({}, True),
        ({"days": ((DAY, T("16:30-18:00")),)}, True),
        ({"days": ((DAY, T("17:00-18:00")),)}, False),
        ({"days": ((DAY + timedelta(days=1), T("14:00-17:00")),)}, False),
        ({"kind": SICK}, False),
        ({"kind": REGULAR}, False),
        ({"centre": 2}, False),
        ({"quarter": 2}, True),
    ],
)
def test_temporary_lists_are_by_time(fields: dict[str, object], same: bool) -> None:
    assert same_list(entry(), entry("b", **fields)) is same


@pytest.mark.rule("KW-02")
def test_regular_lists_are_by_quarter() -> None:
    one = entry(kind=REGULAR)
    other_hours = entry("b", "11:00-12:00", kind=REGULAR)
    assert same_list(one, other_hours)
    assert not same_list(one, replace(other_hours, quarter=2))


@pytest.mark.rule("KW-03")
@pytest.mark.parametrize(("count", "full"), [(39, False), (40, True), (41, True)])
def test_twice_the_capacity_may_wait_for_a_slot(count: int, full: bool) -> None:
    limit = wait_limit(TEMPORARY, 20, 4, POLICY)
    assert limit == 40
    assert (check_wait_room([0, count, 3], limit) is not None) is full


@pytest.mark.rule("KW-03")
@pytest.mark.parametrize(
    ("base", "separate", "policy", "limit"),
    [
        (20, 4, BookingPolicy(temp_base=WaitBase.SEPARATE_QUOTA), 8),
        (4, 0, BookingPolicy(temp_base=WaitBase.SEPARATE_QUOTA), 8),
        (20, 0, BookingPolicy(temp_base=WaitBase.SEPARATE_QUOTA), 40),
        (5, 1, BookingPolicy(temp_base=WaitBase.SEPARATE_QUOTA), 2),
        (20, 4, BookingPolicy(temp_multiple=3), 60),
    ],
)
def test_another_base_but_never_none(base: int, separate: int, policy: BookingPolicy, limit: int) -> None:
    assert wait_limit(TEMPORARY, base, separate, policy) == limit
    assert wait_limit(SICK, base, separate, policy) == limit


@pytest.mark.rule("KW-03")
def test_waiting_is_counted_per_slot() -> None:
    entries = [
        entry("a", "14:00-15:00"),
        entry("b", "14:30-15:30"),
        entry("c", "14:30-15:00", state=WaitState.OFFERED),
        entry("d", "14:00-16:00", state=WaitState.DECLINED),
        entry("e", days=((DAY + timedelta(days=1), T("14:00-16:00")),)),
    ]
    assert waiting_per_slot(entries, DAY, T("13:30-16:00"), 30) == [0, 1, 3, 1, 0]


@pytest.mark.rule("KW-04")
@pytest.mark.parametrize(("multiple", "limit"), [(None, None), (1, 20), (2, 40)])
def test_regular_waiting_is_unlimited_unless_set(multiple: int | None, limit: int | None) -> None:
    assert wait_limit(REGULAR, 20, 4, BookingPolicy(regular_multiple=multiple)) == limit
    assert check_wait_room([10_000], None) is None


@pytest.mark.rule("KW-05")
@pytest.mark.parametrize(
    ("fitting", "chosen"),
    [
        ({"first", "second", "third"}, "first"),
        ({"second", "third"}, "second"),
        ({"third"}, "third"),
        (set(), None),
    ],
)
def test_the_first_that_fits_is_offered_the_seat(fitting: set[str], chosen: str | None) -> None:
    entries = [
        entry("third", rank=2, applied_at=at("2026-03-30 10:00")),
        entry("first", rank=1, applied_at=at("2026-03-31 09:00")),
        entry("offered", rank=1, applied_at=at("2026-03-01 09:00"), state=WaitState.OFFERED),
        entry("second", rank=2, applied_at=at("2026-03-30 09:00")),
    ]
    found = next_fitting(entries, lambda one: one.ref in fitting | {"offered"})
    assert (found.ref if found else None) == chosen


@pytest.mark.rule("KW-06")
@pytest.mark.parametrize(
    ("offered", "kind", "starts", "expires"),
    [
        ("2026-04-01 10:00", REGULAR, "2026-05-01 14:00", "2026-04-02 10:00"),
        ("2026-04-01 10:00", TEMPORARY, "2026-04-02 14:00", "2026-04-01 12:00"),
        ("2026-04-01 10:00", SICK, "2026-04-02 14:00", "2026-04-01 12:00"),
        ("2026-04-01 10:00", TEMPORARY, "2026-04-01 12:00", "2026-04-01 12:00"),
        ("2026-04-01 10:00", TEMPORARY, "2026-04-01 11:59", "2026-04-01 11:59"),
        ("2026-04-01 10:00", REGULAR, "2026-04-01 14:00", "2026-04-01 14:00"),
        ("2026-04-01 20:59", TEMPORARY, "2026-04-05 14:00", "2026-04-01 22:59"),
        ("2026-04-01 21:00", TEMPORARY, "2026-04-05 14:00", "2026-04-02 10:00"),
        ("2026-04-01 23:59", TEMPORARY, "2026-04-05 14:00", "2026-04-02 10:00"),
        ("2026-04-02 00:00", TEMPORARY, "2026-04-05 14:00", "2026-04-02 10:00"),
        ("2026-04-02 07:59", TEMPORARY, "2026-04-05 14:00", "2026-04-02 10:00"),
        ("2026-04-02 08:00", TEMPORARY, "2026-04-05 14:00", "2026-04-02 10:00"),
        ("2026-04-02 08:01", TEMPORARY, "2026-04-05 14:00", "2026-04-02 10:01"),
        ("2026-04-01 21:30", REGULAR, "2026-05-01 14:00", "2026-04-03 08:00"),
        ("2026-04-01 22:00", TEMPORARY, "2026-04-02 09:00", "2026-04-02 09:00"),
    ],
)
def test_how_long_an_offer_stands(offered: str, kind: BookingKind, starts: str, expires: str) -> None:
    assert offer_expiry(at(offered), kind, at(starts), POLICY) == at(expires)


@pytest.mark.rule("KW-06")
@pytest.mark.parametrize(
    ("offered", "expires"),
    [
        ("2026-04-01 12:59", "2026-04-01 14:59"),
        ("2026-04-01 13:00", "2026-04-01 16:00"),
        ("2026-04-01 13:59", "2026-04-01 16:00"),
        ("2026-04-01 14:00", "2026-04-01 16:00"),
        ("2026-04-01 23:00", "2026-04-02 01:00"),
    ],
)
def test_quiet_hours_may_lie_within_a_day(offered: str, expires: str) -> None:
    policy = BookingPolicy(quiet_hours=(13 * 60, 14 * 60))
    assert offer_expiry(at(offered), TEMPORARY, at("2026-04-09 14:00"), policy) == at(expires)


@pytest.mark.rule("KW-06")
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(KST)),  # noqa: DTZ001
    st.integers(1, 60 * 24 * 40),
    st.sampled_from(list(BookingKind)),
)
def test_an_offer_lies_between_its_hours_and_the_start(
    offered: datetime, lead: int, kind: BookingKind
) -> None:
    starts = offered + timedelta(minutes=lead)
    expires = offer_expiry(offered, kind, starts, POLICY)
    hours = timedelta(hours=24 if kind is REGULAR else 2)
    assert offered < expires <= starts
    assert expires == starts or hours <= expires - offered <= hours + timedelta(hours=11)
    if expires != starts:
        counted_from = expires - hours
        assert 8 * 60 <= counted_from.hour * 60 + counted_from.minute < 21 * 60


@pytest.mark.rule("KW-06")
@pytest.mark.parametrize(
    ("state", "now", "refused"),
    [
        (WaitState.OFFERED, "2026-04-01 11:59:59", False),
        (WaitState.OFFERED, "2026-04-01 12:00", True),
        (WaitState.EXPIRED, "2026-04-01 11:00", True),
        (WaitState.WAITING, "2026-04-01 11:00", True),
    ],
)
def test_only_a_standing_offer_is_accepted(state: WaitState, now: str, refused: bool) -> None:
    assert (check_acceptance(state, at("2026-04-01 12:00"), at(now)) is not None) is refused
    assert check_acceptance(state, None, at(now)) is not None


@pytest.mark.rule("KW-08")
@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({}, True),
        ({"days": ((DAY, T("16:59-18:00")),)}, True),
        ({"days": ((DAY, T("17:00-18:00")),)}, False),
        ({"child": 2}, False),
        ({"centre": 2}, False),
        ({"kind": SICK}, False),
        ({"state": WaitState.OFFERED}, True),
        ({"state": WaitState.WITHDRAWN}, False),
        ({"state": WaitState.EXPIRED}, False),
        ({"ref": "new"}, False),
    ],
)
def test_one_open_entry_per_child_and_time(fields: dict[str, object], refused: bool) -> None:
    assert (check_duplicate(entry("new"), [entry(**{"ref": "old", **fields})]) is not None) is refused  # type: ignore[arg-type]


@pytest.mark.rule("KW-08")
def test_a_seat_withdraws_what_it_overlaps_at_any_centre() -> None:
    entries = [
        entry("here", "15:00-16:00"),
        entry("elsewhere", "16:30-18:00", centre=2),
        entry("later", "17:00-18:00", centre=2),
        entry("sibling", child=2),
        entry("over", state=WaitState.DECLINED),
        entry(
            "regular",
            kind=REGULAR,
            days=((DAY - timedelta(days=7), T("9:00-10:00")), (DAY, T("14:00-15:00"))),
        ),
    ]
    withdrawn = withdrawn_by(1, [(DAY, T("14:00-17:00"))], entries)
    assert [one.ref for one in withdrawn] == ["here", "elsewhere", "regular"]


@pytest.mark.rule("KW-09")
@pytest.mark.parametrize(
    ("kind", "until"),
    [
        (TEMPORARY, at("2026-04-01 14:00")),
        (SICK, at("2026-04-01 14:00")),
        (REGULAR, at("2026-07-20 00:00")),
    ],
)
def test_waiting_ends(kind: BookingKind, until: datetime) -> None:
    quarter = DateSpan(date(2026, 3, 1), date(2026, 7, 19))
    assert waits_until(kind, kst(DAY, 14 * 60), quarter) == until


@pytest.mark.rule("KW-10")
def test_the_position_counts_who_is_ahead_in_the_same_list() -> None:
    me = entry("me", rank=2, applied_at=at("2026-03-30 09:00"))
    others = [
        entry("better rank", rank=1, applied_at=at("2026-03-31 09:00")),
        entry("earlier", rank=2, applied_at=at("2026-03-30 08:59")),
        entry("younger", rank=2, birth=date(2019, 1, 1)),
        entry("offered", rank=1, state=WaitState.OFFERED),
        entry("older", rank=2, birth=date(2017, 1, 1)),
        entry("later", rank=2, applied_at=at("2026-03-30 09:01")),
        entry("worse rank", rank=3, applied_at=at("2026-03-01 09:00")),
        entry("gone", rank=1, state=WaitState.WITHDRAWN),
        entry("other hours", "18:00-19:00", rank=1),
        entry("other centre", rank=1, centre=2),
    ]
    assert position(me, [me, *others]) == 5
    assert position(me, [me]) == 1


@pytest.mark.rule("KW-10")
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 3)), min_size=1, max_size=8))
def test_positions_number_the_list_without_gaps(raw: list[tuple[int, int]]) -> None:
    entries = [
        entry(str(number), rank=rank, applied_at=at("2026-03-30 09:00") + timedelta(minutes=minute))
        for number, (rank, minute) in enumerate(raw)
    ]
    assert sorted(position(one, entries) for one in entries) == list(range(1, len(entries) + 1))
    first = next_fitting(entries, lambda _: True)
    assert first is not None
    assert position(first, entries) == 1


@pytest.mark.rule("KW-02")
@pytest.mark.rule("KW-10")
@given(
    st.lists(
        st.builds(
            dict,
            kind=st.sampled_from([TEMPORARY, REGULAR, SICK]),
            centre=st.integers(1, 2),
            quarter=st.integers(1, 2),
            hours=st.sampled_from(["14:00-15:00", "14:30-16:00", "15:00-17:00"]),
            rank=st.integers(1, 3),
            state=st.sampled_from([WaitState.WAITING, WaitState.OFFERED, WaitState.WITHDRAWN]),
        ),
        max_size=12,
    )
)
def test_the_positions_of_all_are_those_of_each(raw: list[dict[str, object]]) -> None:
    entries = [entry(str(number), **fields) for number, fields in enumerate(raw)]
    assert positions(entries) == {one.ref: position(one, entries) for one in entries}


def test_spans_of_other_days_do_not_meet() -> None:
    assert not same_list(entry(days=()), entry("b"))
    assert isinstance(entry().days[0][1], TimeSpan)
