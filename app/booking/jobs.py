"""What the clock does to bookings (J-01, J-03, J-07, J-08, J-09). Each unit of work is one centre's.

Where the rows themselves say what is due (an offer's end, a state), they also say what is done; where they do not,
``first_time`` does. Jobs look at the day on which they run, so one that is late does everything that is due by then.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select

from app.booking import service
from app.booking.models import Booking, WaitlistEntry
from app.booking.parameters import CLOSING_GRACE
from app.booking.place import place_of
from app.booking.rules.demand import demand_spans
from app.booking.rules.states import OPEN_WAIT, BookingState
from app.booking.service.case import tell_centre
from app.centres import queries as centres
from app.centres.models import KiumCentre
from app.centres.rules import QuarterState
from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, UnitOfWork, unit_of_work
from app.kernel.jobs import CatchUp, Job, JobDone, first_time, for_each
from app.kernel.ranges import WEEKDAY_KO, kst, kst_date
from app.kernel.texts import day_text
from app.tenancy import settings
from app.tenancy.models import Institution

KIUM = "KIUM"
TURN, WAITS, CLOSE, LAPSE, DEMAND = "J-01", "J-03", "J-07", "J-08", "J-09"


def turn_quarters(tenant: TenantRef, slot: datetime) -> None:
    """J-01: what ended is closed, then what begins is opened (KQ-17); care whose last day is over ends (KB-31)."""
    with unit_of_work(tenant, SYSTEM) as uow:
        due = service.quarters_due(uow)
        ids, yesterday = _every_centre(uow), uow.today - timedelta(days=1)

    def turn(centre_id: int) -> None:
        for centre, quarter_id, after in due:
            if centre == centre_id:
                _turn_one(tenant, centre_id, quarter_id, after)
        with unit_of_work(tenant, SYSTEM) as uow:
            if first_time(uow, TURN, f"{centre_id}|END", yesterday.isoformat()):
                service.close_day(uow, centre_id, yesterday)

    for_each(TURN, ids, turn)


def _turn_one(tenant: TenantRef, centre_id: int, quarter_id: int, after: QuarterState) -> None:
    with unit_of_work(tenant, SYSTEM) as uow:
        centres.lock_gate(uow, centre_id)
        # Somebody may have moved its dates just before; a quarter moved into the future opens a second time.
        if (centre_id, quarter_id, after) not in service.quarters_due(uow):
            return
        closes = after is QuarterState.CLOSED
        if first_time(uow, TURN, f"{centre_id}|{quarter_id}|{'CLOSE' if closes else 'OPEN'}", f"{uow.today}"):
            (service.close_quarter if closes else service.open_quarter)(uow, centre_id, quarter_id)


def keep_waiting_lists(tenant: TenantRef, slot: datetime) -> None:
    """J-03: offers run out, waits whose time has come end, and what is free is offered (KW-05, KW-06, KW-09)."""
    with unit_of_work(tenant, SYSTEM) as uow:
        waited_for = select(WaitlistEntry.centre_id).where(WaitlistEntry.state.in_(OPEN_WAIT)).distinct()
        ids = sorted(uow.session.scalars(waited_for))

    def keep(centre_id: int) -> None:
        with unit_of_work(tenant, SYSTEM) as uow:
            service.keep_waiting_list(uow, centre_id)

    for_each(WAITS, ids, keep)


def close_days(tenant: TenantRef, slot: datetime) -> None:
    """J-07: half an hour after a centre's closing time its day is over, once.

    What it cannot see (the clock stood still, a centre closes at midnight) ends with J-01.
    """
    today = kst_date(slot)
    with unit_of_work(tenant, SYSTEM) as uow:
        closed = set(
            uow.session.scalars(select(JobDone.key).where(JobDone.job == CLOSE, JobDone.period == str(today)))
        )
        ids = [centre_id for centre_id in _every_centre(uow) if str(centre_id) not in closed]

    def close(centre_id: int) -> None:
        with unit_of_work(tenant, SYSTEM) as uow:
            if _is_over(uow, centre_id, slot) and first_time(uow, CLOSE, str(centre_id), str(today)):
                service.close_day(uow, centre_id, today)

    for_each(CLOSE, ids, close)


def _is_over(uow: UnitOfWork, centre_id: int, slot: datetime) -> bool:
    """Is it so long after closing time that whoever was there has left? A day that does not open has nobody."""
    centre, day = centres.centre_by_id(uow, centre_id), kst_date(slot)
    span = centres.opening_of(uow, centre, day).span
    if span is None:
        return False
    grace: int = settings.value(uow, CLOSING_GRACE, day, centre.place)
    return slot >= kst(day, span.end + grace)


def expire_undecided(tenant: TenantRef, slot: datetime) -> None:
    """J-08: applied for, never decided, and the start is past (KB-49)."""
    with unit_of_work(tenant, SYSTEM) as uow:
        late = select(Booking.centre_id).where(
            Booking.state == BookingState.APPLIED, Booking.starts_on < uow.today
        )
        ids = sorted(uow.session.scalars(late.distinct()))

    def expire(centre_id: int) -> None:
        with unit_of_work(tenant, SYSTEM) as uow:
            service.expire_undecided(uow, centre_id)

    for_each(LAPSE, ids, expire)


def report_demand(tenant: TenantRef, slot: datetime) -> None:
    """J-09: tell the centre which hours of temporary care are full week after week (KB-41)."""
    monday = kst_date(slot)
    with unit_of_work(tenant, SYSTEM) as uow:
        ids = _every_centre(uow, active=True)

    def report(centre_id: int) -> None:
        with unit_of_work(tenant, SYSTEM) as uow:
            _report(uow, centre_id, monday)

    for_each(DEMAND, ids, report)


def _report(uow: UnitOfWork, centre_id: int, monday: date) -> None:
    centre, week = centres.centre_by_id(uow, centre_id), monday.isocalendar()
    if not first_time(uow, DEMAND, str(centre_id), f"{week.year}-W{week.week:02d}"):
        return
    sunday = monday - timedelta(days=monday.weekday() + 1)
    found = service.demand_report(uow, centre, sunday)
    if not found.lines:
        return
    terms = place_of(uow, centre).terms.booking
    slots = ", ".join(
        f"{WEEKDAY_KO[key]} {span}" for key, span in demand_spans(found.lines, terms.slot_minutes)
    )
    values = {"until": day_text(sunday), "weeks": terms.demand_weeks, "slots": slots}
    tell_centre(uow, centre, "booking.demand", values)


def _every_centre(uow: UnitOfWork, *, active: bool = False) -> list[int]:
    """In order of id; ``active``: without those that were given up."""
    ids = select(KiumCentre.id).join(Institution, Institution.id == KiumCentre.id).order_by(KiumCentre.id)
    return list(uow.session.scalars(ids.where(Institution.active) if active else ids))


JOBS = (
    Job(TURN, "분기 전환과 이용 종료", turn_quarters, {"hour": 0, "minute": 5}, CatchUp.EACH, KIUM),
    Job(WAITS, "대기 제안 관리", keep_waiting_lists, {"minute": "*/5"}, CatchUp.LATEST, KIUM),
    Job(CLOSE, "하루 마감", close_days, {"hour": "7-23", "minute": "*/15"}, CatchUp.LATEST, KIUM),
    Job(LAPSE, "미처리 신청 기간만료", expire_undecided, {"hour": 0, "minute": 10}, CatchUp.LATEST, KIUM),
    Job(DEMAND, "일시돌봄 수요 보고", report_demand, {"day_of_week": "mon", "hour": 6}, CatchUp.LATEST, KIUM),
)
