"""Reads: free seats, the queue, today's users, the numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import Connection, event, select

from app.booking import queries, service
from app.booking.queries import QueueFilter
from app.booking.rules.decision import DocumentKind
from app.booking.rules.priority import Ground
from app.booking.rules.states import BookingKind, BookingState, WaitState
from app.kernel.actor import Actor, Role
from app.kernel.audit import AccessLog
from app.kernel.db import Database, TenantRef
from app.kernel.errors import Forbidden, NotFound
from app.kernel.ranges import TimeSpan
from app.people.models import HealthNote, PickupPerson
from tests.booking.town import MONDAY, NOW, TUESDAY, WEDNESDAY, Town, found_town


@pytest.mark.rule("KC-07")
def test_a_month_counts_the_rows(town: Town) -> None:
    for n in range(3):
        town.temporary(town.family(f"아이{n}"), TUESDAY)
    town.regular(town.family("박노을"), WEDNESDAY)
    with town.unit() as uow:
        days = {
            row.day: row for row in queries.month_seats(uow, town.row(uow), MONDAY, BookingKind.TEMPORARY)
        }
        heads = {row.day: row for row in queries.month_seats(uow, town.row(uow), MONDAY, BookingKind.REGULAR)}
    assert len(days) == 31
    assert (days[TUESDAY].most, days[TUESDAY].least) == (24, 21)
    assert (days[WEDNESDAY].most, days[WEDNESDAY].least) == (24, 23)
    assert (heads[TUESDAY].least, heads[WEDNESDAY].least) == (20, 19)
    assert days[date(2026, 10, 17)].opening is None
    assert days[date(2026, 10, 9)].closed is not None
    assert days[date(2026, 10, 8)].most == 0  # past


def test_a_month_costs_few_statements(town: Town, db: Database) -> None:
    town.regular(town.family(), TUESDAY)
    seen: list[str] = []

    def note(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        with town.unit() as uow:
            centre = town.row(uow)
            seen.clear()
            queries.month_seats(uow, centre, MONDAY, BookingKind.TEMPORARY)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    rows = [statement for statement in seen if "usage_day" in statement or "booking" in statement]
    assert len(rows) == 1
    assert len(seen) <= 7  # quarters, special days, holidays, two of parameters, a coming change of capacity


def test_half_hours_of_a_day(town: Town) -> None:
    town.temporary(town.family(), TUESDAY, hours=TimeSpan.parse("14:00-15:00"))
    with town.unit() as uow:
        slots = queries.day_slots(uow, town.row(uow), TUESDAY)
        assert queries.seats_for(uow, town.row(uow), TUESDAY, TimeSpan.parse("13:00-14:30")) == 23
        assert queries.seats_for(uow, town.row(uow), TUESDAY, TimeSpan.parse("18:00-19:30")) == 0
        assert queries.day_slots(uow, town.row(uow), date(2026, 10, 17)) == []
    assert (slots[0].start, slots[-1].start, len(slots)) == (660, 1110, 16)
    assert [(slot.temporary, slot.seats, slot.staff) for slot in slots if slot.start in (840, 900)] == [
        (1, 23, 2),
        (0, 24, 2),
    ]


@pytest.mark.rule("KB-37")
@pytest.mark.rule("KB-38")
def test_the_queue_is_in_the_order_of_decision(town: Town, clock: time_machine.Coordinates) -> None:
    refs = {}
    for name, more in {
        "셋째": {"grade": 5},
        "둘째": {"grade": 2},
        "첫째": {"grade": 5, "ground": "dual_income"},
        "넷째": {"grade": 5},
    }.items():
        ground = more.get("ground", "other")
        refs[name] = town.temporary(town.family(name, **more), TUESDAY, ground=ground).outcomes[0].ref
        clock.shift(timedelta(minutes=1))
    with town.unit(town.director) as uow:
        page = queries.queue(uow, town.row(uow))
    assert [row.child_name for row in page.rows] == ["첫째", "둘째", "셋째", "넷째"]
    first = page.rows[0]
    assert (first.rank.number, first.rank.ground) == (1, Ground.DUAL_INCOME)
    assert (first.seats_before, first.seats_after) == (21, 20)
    assert (page.total, page.page, page.pages) == (4, 1, 1)


def test_the_queue_filters_and_shows_what_is_missing(town: Town) -> None:
    town.temporary(town.family("다있음"), TUESDAY)
    bare = town.family("없음", papers=False)
    town.temporary(bare, WEDNESDAY)
    regular = town.regular(town.family("정기"), ground="dual_income")
    town.approve()
    with town.unit(town.director) as uow:
        centre = town.row(uow)

        def names(**wanted: object) -> list[str]:
            return sorted(row.child_name for row in queries.queue(uow, centre, QueueFilter(**wanted)).rows)

        assert names() == ["다있음", "없음", "정기"]
        assert names(kind=BookingKind.REGULAR) == ["정기"]
        assert names(complete=True) == ["다있음"]
        assert names(last=TUESDAY) == ["다있음", "정기"]
        assert names(first=date(2026, 10, 20)) == ["정기"]
        assert names(ground=Ground.DUAL_INCOME) == ["정기"]
        assert names(child_ids=[bare.child_id]) == ["없음"]
        assert names(states=[BookingState.SCHEDULED]) == []
        rows = {row.child_name: row for row in queries.queue(uow, centre).rows}
    assert rows["없음"].missing == (DocumentKind.APPLICATION, DocumentKind.PRIVACY_CONSENT)[1:]
    assert rows["정기"].missing == (DocumentKind.EVIDENCE,)
    assert rows["정기"].ref == regular.outcomes[0].ref
    assert (rows["정기"].seats_before, rows["정기"].seats_after) == (20, 19)


@pytest.mark.rule("KC-07")
def test_waiting_applicants_of_higher_rank_stand_beside(small: Town) -> None:
    small.temporary(small.family("자리", grade=5), TUESDAY)
    small.temporary(small.family("앞순위", grade=1), TUESDAY)
    small.temporary(small.family("뒷순위", grade=6), TUESDAY)
    with small.unit(small.director) as uow:
        (row,) = queries.queue(uow, small.row(uow)).rows
    assert [rival.child_name for rival in row.rivals] == ["앞순위"]
    assert (row.seats_before, row.seats_after) == (1, 0)


def test_pages_of_the_queue(town: Town) -> None:
    family = town.family()
    for day in (TUESDAY, WEDNESDAY):
        for start in range(660, 1140, 30):
            town.temporary(family, day, hours=TimeSpan(start, start + 30))
    for day in (date(2026, 10, 15), date(2026, 10, 16)):
        for start in range(660, 1140, 30):
            town.temporary(family, day, hours=TimeSpan(start, start + 30))
    with town.unit(town.director) as uow:
        last = queries.queue(uow, town.row(uow), page=99)
        assert (last.total, last.page, last.pages, len(last.rows)) == (64, 2, 2, 14)


@pytest.mark.rule("KB-43")
def test_daily_users(town: Town, clock: time_machine.Coordinates) -> None:
    later = town.temporary(town.family("나중"), TUESDAY, hours=TimeSpan.parse("15:00-17:00"))
    family = town.family("먼저")
    first = town.regular(family, MONDAY, times={"tue": TimeSpan.parse("13:00-16:00")})
    town.temporary(town.family("미정"), TUESDAY)
    town.approve(later, first)
    with town.unit() as uow:
        uow.session.add(
            PickupPerson(
                child_id=family.child_id, name="김할머", relation="조모", phone="010", created_at=NOW
            )
        )
        uow.session.add(HealthNote(child_id=family.child_id, kind="ALLERGY", sealed=b"x", created_at=NOW))
    with town.unit(town.teacher) as uow:
        rows = queries.daily_users(uow, town.row(uow), TUESDAY)
        assert uow.session.scalars(select(AccessLog.what)).all()[-1] == "booking.daily_users"
    assert [(row.child_name, str(row.hours), row.kind) for row in rows] == [
        ("먼저", "13:00–16:00", BookingKind.REGULAR),
        ("나중", "15:00–17:00", BookingKind.TEMPORARY),
    ]
    assert (rows[0].pickup, rows[0].health_mark, rows[1].health_mark) == (("김할머(조모)",), True, False)


def test_numbers_without_names(town: Town, clock: time_machine.Coordinates) -> None:
    old = town.temporary(town.family(), date(2026, 10, 20))
    clock.shift(timedelta(days=3))
    today = town.temporary(town.family("이바다"), date(2026, 10, 15))
    town.approve(today)
    officer = Actor(Role.DISTRICT_OFFICER, None, scope=town.district_id)
    with town.unit(officer) as uow:
        counts = queries.counts_for(uow, town.row(uow))
    assert counts.by_state == {BookingState.APPLIED: 1, BookingState.SCHEDULED: 1}
    assert (counts.held_today, counts.undecided_late, counts.waiting) == (1, 1, 0)
    assert old.outcomes[0].ref
    with pytest.raises(Forbidden), town.unit(officer) as uow:
        queries.queue(uow, town.row(uow))


def test_a_family_sees_its_own(small: Town) -> None:
    holder, waiter = small.family("첫아이"), small.family("이바다")
    held = small.temporary(holder, TUESDAY).outcomes[0].ref
    waiting = small.temporary(waiter, TUESDAY).outcomes[0].ref
    with small.unit(waiter.actor) as uow:
        (row,) = queries.bookings_of_guardian(uow, waiter.guardian_id)
        detail = queries.booking_detail(uow, waiting)
        assert queries.own_days(uow, waiter.guardian_id, MONDAY, WEDNESDAY) == []
        with pytest.raises(NotFound):
            queries.booking_detail(uow, held)
    assert (row.ref, row.state, row.wait) == (waiting, BookingState.WAITING, WaitState.WAITING)
    assert row.when == "10월 13일(화) 14:00–17:00"
    assert (detail.position, detail.offer_until) == (1, None)
    with small.unit(holder.actor) as uow:
        service.withdraw_booking(uow, held)
    with small.unit(waiter.actor) as uow:
        (row,) = queries.bookings_of_guardian(uow, waiter.guardian_id, since=MONDAY)
        (day,) = queries.own_days(uow, waiter.guardian_id, MONDAY, WEDNESDAY)
        assert queries.booking_detail(uow, waiting).days[0][0] == TUESDAY
        assert queries.bookings_of_guardian(uow, waiter.guardian_id, since=WEDNESDAY) == []
    assert row.offer_until == datetime(2026, 10, 12, 3, 0, tzinfo=UTC)
    assert (day.day, day.booking_ref) == (TUESDAY, waiting)


def test_staff_open_a_detail_and_leave_a_trace(town: Town, seoul: TenantRef) -> None:
    ref = town.temporary(town.family(), TUESDAY).outcomes[0].ref
    town.approve_ref(ref)
    with town.unit(town.teacher) as uow:
        detail = queries.booking_detail(uow, ref)
        assert uow.session.scalars(select(AccessLog.what)).all()[-1] == "booking.detail"
    assert (detail.decided_by, detail.state, detail.number) == (
        "한센터",
        BookingState.SCHEDULED,
        "2026-00-0001",
    )
    other = found_town(seoul)
    with pytest.raises(NotFound), other.unit(other.teacher) as uow:
        queries.booking_detail(uow, ref)


def test_nothing_crosses_into_another_municipality(town: Town, gwacheon: TenantRef) -> None:
    ref = town.temporary(town.family(), TUESDAY).outcomes[0].ref
    there = found_town(gwacheon)
    with there.unit(there.director) as uow:
        assert queries.queue(uow, there.row(uow)).rows == ()
        with pytest.raises(NotFound):
            queries.booking_detail(uow, ref)
