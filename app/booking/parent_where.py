"""Which centres a parent is offered, the own district first, with what is free there in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.booking.models import Booking, UsageDay
from app.booking.parent_month import gives
from app.booking.rules.capacity import DayLoad, SeatLimits, day_load, seats_left, sick_seats_left
from app.booking.rules.states import HOLDING, BookingKind, UsageDayState
from app.centres import queries as centres
from app.centres.lists import search_centres
from app.centres.models import SpecialDay
from app.centres.queries import CentreRow
from app.centres.rules import SpecialDay as SpecialDayRule
from app.centres.rules import opening_on
from app.kernel.db import UnitOfWork
from app.kernel.ranges import KST, TimeSpan
from app.people.models import Child, Guardian
from app.tenancy import queries as tenancy
from app.tenancy.models import Institution
from app.tenancy.queries import districts


@dataclass(frozen=True, slots=True)
class CentreChoice:
    """A centre with one line about it; a page holds at most twenty."""

    ref: str
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class CentrePage:
    rows: list[CentreChoice]
    page: int
    pages: int


def own_district(uow: UnitOfWork, child: Child) -> str:
    """Where the child was last booked, else the district its or the guardian's address names; "" if none does."""
    centre, district = aliased(Institution), aliased(Institution)
    last = uow.session.scalar(
        select(district.ref)
        .join(centre, centre.parent_id == district.id)
        .join(Booking, Booking.centre_id == centre.id)
        .where(Booking.child_id == child.id)
        .order_by(Booking.id.desc())
        .limit(1)
    )
    if last:
        return last
    home = uow.session.scalar(select(Guardian.address).where(Guardian.id == uow.actor.guardian_id))
    words = f"{child.address} {home or ''}".split()
    return next((row.ref for row in districts(uow.session) if row.name in words), "")


def centres_for(uow: UnitOfWork, kind: BookingKind, district: str, page: int) -> CentrePage:
    """Centres that give this kind of care (KB-01, KB-47)."""
    found = search_centres(uow, district_ref=district, page=page)
    giving = [row for row in found.rows if gives(row, kind)]
    regular = kind is BookingKind.REGULAR
    words = _regular_words(uow, giving) if regular else _single_words(uow, giving, kind)
    rows = [
        CentreChoice(row.ref, row.name, _note(row, words[row.id], with_district=not district))
        for row in giving
    ]
    return CentrePage(rows, found.page, found.pages)


def _note(centre: CentreRow, words: str, *, with_district: bool) -> str:
    parts = [centre.district_name if with_district else "", centre.kind.label, words]
    return " · ".join(part for part in parts if part)


def _regular_words(uow: UnitOfWork, rows: Sequence[CentreRow]) -> dict[int, str]:
    enrolled = _enrolled(uow, rows)
    left = {row.id: max(0, row.base_capacity - enrolled.get(row.id, 0)) for row in rows}
    full = _("정기 자리 없음(대기)")
    return {key: _("정기 %(n)d자리", n=seats) if seats else full for key, seats in left.items()}


def _single_words(uow: UnitOfWork, rows: Sequence[CentreRow], kind: BookingKind) -> dict[int, str]:
    """오늘 3자리, 내일 쉼: the most seats of any half hour still to come, in three reads for all centres together."""
    today, tomorrow = uow.today, uow.today + timedelta(days=1)
    ids = [row.id for row in rows]
    quarters = centres.quarters_by_centre(uow, ids)
    special, taken = _special_days(uow, ids, today, tomorrow), _taken(uow, ids, today, tomorrow)
    local = uow.now.astimezone(KST)
    minute = local.hour * 60 + local.minute
    words = {}
    for row in rows:
        policy = centres.centre_policy(uow, row)
        limits = SeatLimits.of_centre(row.kind, row.base_capacity, policy, row.sick_seats)
        parts = []
        for name, day, since in ((_("오늘"), today, minute), (_("내일"), tomorrow, 0)):
            quarter = centres.quarter_on(quarters[row.id], day)
            opening = opening_on(
                day,
                quarter.plan if quarter else None,
                special.get(row.id, {}),
                tenancy.holidays(uow),
                row.kind,
                policy,
            )
            seats = taken.get((row.id, day), {})
            load = day_load(
                limits,
                staff=opening.staff,
                regular=seats.get(BookingKind.REGULAR, ()),
                temporary=seats.get(BookingKind.TEMPORARY, ()),
                sick=seats.get(BookingKind.SICK, ()),
            )
            parts.append(
                _day_words(name, most_free(load, opening.span, kind, since), over=opening.span is not None)
            )
        words[row.id] = ", ".join(parts)
    return words


def _day_words(name: str, seats: int | None, *, over: bool) -> str:
    if seats is None:
        return _("%(day)s 끝남", day=name) if over else _("%(day)s 쉼", day=name)
    return _("%(day)s %(n)d자리", day=name, n=seats) if seats else _("%(day)s 자리 없음", day=name)


def most_free(load: DayLoad, span: TimeSpan | None, kind: BookingKind, since: int) -> int | None:
    """The most seats of any half hour from minute ``since`` on; None when the centre does not open any more."""
    starts = [minute for minute in span.slots(load.slot_minutes) if minute >= since] if span else []
    left = sick_seats_left if kind is BookingKind.SICK else seats_left
    return max((left(load, TimeSpan(at, at + load.slot_minutes)) for at in starts), default=None)


def _special_days(
    uow: UnitOfWork, ids: Sequence[int], first: date, last: date
) -> dict[int, dict[date, SpecialDayRule]]:
    rows = uow.session.scalars(
        select(SpecialDay).where(SpecialDay.centre_id.in_(ids), SpecialDay.day.between(first, last))
    )
    found: dict[int, dict[date, SpecialDayRule]] = {}
    for row in rows:
        found.setdefault(row.centre_id, {})[row.day] = centres.special_day_row(row).special
    return found


def _taken(
    uow: UnitOfWork, ids: Sequence[int], first: date, last: date
) -> dict[tuple[int, date], dict[BookingKind, list[TimeSpan]]]:
    """Per centre and day the hours of children who hold a seat, by kind of care."""
    rows = uow.session.execute(
        select(
            UsageDay.centre_id, UsageDay.day, UsageDay.kind, UsageDay.start_minute, UsageDay.end_minute
        ).where(
            UsageDay.centre_id.in_(ids),
            UsageDay.day.between(first, last),
            UsageDay.state != UsageDayState.CANCELLED,
        )
    )
    found: dict[tuple[int, date], dict[BookingKind, list[TimeSpan]]] = {}
    for centre_id, day, kind, start, end in rows:
        by_kind = found.setdefault((centre_id, day), {})
        by_kind.setdefault(BookingKind(kind), []).append(TimeSpan(start, end))
    return found


def _enrolled(uow: UnitOfWork, rows: Sequence[CentreRow]) -> dict[int, int]:
    """Heads with regular care valid today or later, per centre."""
    counted = uow.session.execute(
        select(Booking.centre_id, func.count(func.distinct(Booking.child_id)))
        .where(
            Booking.centre_id.in_([row.id for row in rows]),
            Booking.kind == BookingKind.REGULAR,
            Booking.state.in_(HOLDING),
            Booking.ends_on >= uow.today,
        )
        .group_by(Booking.centre_id)
    )
    return {row[0]: row[1] for row in counted}
