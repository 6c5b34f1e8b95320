"""A week of stays behind, the night that runs, and the days ahead: booked, paid, signed in and out, written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.command.demo.daycare_families import RESTRICTED
from app.command.demo.daycare_houses import Nursery
from app.command.demo.stage import Parent, Stage
from app.daycare import actions
from app.daycare.queries.place import openings
from app.daycare.rules.cancellation import Caller
from app.daycare.rules.policy import DAY_END
from app.daycare.rules.request import Wish
from app.daycare.service import absence, booking, changing, door, journal, money, settling
from app.daycare.service.booking import BookingOrder
from app.daycare.service.case import open_case, open_stay
from app.daycare.times import period_of
from app.fees.queries import balance_of
from app.kernel.db import UnitOfWork
from app.kernel.errors import RuleBroken

BACK, AHEAD = 7, 6
LONG_AGO = (-35, -34, -33, -32)
"""A few days of the month before, so that this month has something to stand beside."""
DAYTIME, EVENING, NIGHT = (540, 1080), (1020, 1260), (1140, DAY_END)
PATTERNS = (NIGHT, DAYTIME, EVENING, NIGHT)
SIGNATURE = [[[12, 40], [30, 12], [48, 44], [70, 20]], [[80, 16], [84, 50], [120, 28]]]
OTHER_SIGNATURE = [[[10, 30], [40, 50], [66, 18]], [[70, 44], [104, 22], [130, 46]]]
ENTRIES = {
    "plan": "자유놀이를 하고 저녁 산책을 다녀와요.",
    "activities": "블록 쌓기와 그림책 읽기를 했어요. 동생들에게 장난감을 나누어 주었어요.",
    "sleep": "21시 30분에 모두 잠들었고 밤새 한 번씩 살폈어요.",
    "evaluation": "낯선 곳인데도 금방 편안해했어요. 다음에는 잠자리 인형을 미리 준비하면 좋겠어요.",
    "handover": "아침에 보호자에게 밤사이 모습을 전해 주세요.",
}


@dataclass(frozen=True, slots=True)
class AtDoor:
    """Somebody comes in, goes home, or does not come; in the order of time."""

    at: datetime
    stay: str
    what: str


def play_days(nursery: Nursery) -> None:
    """Everything up to now, then what is still to come."""
    kept: list[str] = []
    missed: list[str] = []
    for offset in (*LONG_AGO, *range(-BACK, 0)):
        for number in range(1 if offset in LONG_AGO else 3):
            refs = _booked_then(nursery, offset, number)
            (missed if (offset, number) == (-6, 0) else kept).extend(refs)
    kept += _tonight(nursery)
    _through_the_door(nursery, kept, missed)
    for offset in (*LONG_AGO, *range(-BACK, 0)):
        _written(nursery, offset)
    for offset in range(1, AHEAD):
        for number in range(2):
            _coming(nursery, offset, number)


def _booked_then(nursery: Nursery, offset: int, number: int) -> list[str]:
    """Bookings of a past day, paid; one family calls that morning and cancels."""
    parent, child = _pick(nursery, offset * 3 + number)
    refs = _book(
        nursery, parent, (child,), _wish(nursery, offset, PATTERNS[(offset + number) % 4]), offset - 2
    )
    if (offset, number) == (-4, 0):
        for ref in refs:
            with nursery.stage.act(nursery.director, nursery.stage.at(offset, 7, 40)) as uow:
                version = open_case(uow, ref, actions.CANCEL).booking.version
                caller = Caller(parent.phone, parent.actor.name)
                changing.cancel_booking(uow, ref, version=version, caller=caller)
        return []
    for ref in refs:
        _pay(nursery, ref, offset - 1)
    return refs


def _tonight(nursery: Nursery) -> list[str]:
    """Who is inside whatever the hour, who comes tonight; as many as the house's sketch says."""
    families = _accepted(nursery)
    long_stay = Wish(nursery.today - timedelta(days=1), nursery.today + timedelta(days=1), 1140, 480, True)
    seated = _seat(nursery, families[0], families[0].children, long_stay)
    for index, parent in enumerate(families[1:], 1):
        # a baby takes two beds from a class: where every bed is to be taken, babies sleep at home
        if len(seated) < nursery.sketch.night and (index % 3 != 1 or nursery.sketch.slug != "hanam"):
            seated += _seat(nursery, parent, parent.children[-1:], _wish(nursery, 0, NIGHT))
    for parent in reversed(families[-3:]):
        seated += _seat(nursery, parent, parent.children[:1], _wish(nursery, 0, DAYTIME))
    return seated


def _seat(nursery: Nursery, parent: Parent, children: Sequence[str], wish: Wish | None) -> list[str]:
    refs = _book(nursery, parent, tuple(children), wish, -3)
    for ref in refs:
        _pay(nursery, ref, -2)
    return refs


def _coming(nursery: Nursery, offset: int, number: int) -> None:
    """Asked for yesterday: some not decided, some confirmed, some paid."""
    parent, child = _pick(nursery, offset * 5 + number)
    wish = _wish(nursery, offset + 1, PATTERNS[(offset + number) % 4])
    fate = (offset + number) % 3
    for ref in _book(nursery, parent, (child,), wish, -1, decide=fate != 0):
        if fate == 2:
            _pay(nursery, ref)


def _pick(nursery: Nursery, number: int) -> tuple[Parent, str]:
    pairs = [(parent, child) for parent in _accepted(nursery) for child in parent.children]
    return pairs[number % len(pairs)]


def _accepted(nursery: Nursery) -> list[Parent]:
    """All but the last families: those have other stories."""
    return nursery.families[:RESTRICTED]


def _wish(nursery: Nursery, offset: int, hours: tuple[int, int]) -> Wish | None:
    """These hours of that operating day as far as it is open; None where less than two hours are left."""
    day = nursery.today + timedelta(days=offset)
    with nursery.stage.act() as uow:
        opening = openings(uow, nursery.daycare, day, day)[day]
    start, end = max(hours[0], opening.start), min(hours[1], opening.end)
    return Wish(day, day, start, end) if opening.is_open and end - start >= 120 else None


def _book(
    nursery: Nursery,
    parent: Parent,
    children: tuple[str, ...],
    wish: Wish | None,
    days: int,
    *,
    decide: bool = True,
) -> list[str]:
    """Asked for online that many days from today and confirmed in the afternoon; [] where it does not fit."""
    stage = nursery.stage
    if wish is None:
        return []
    try:
        with stage.act(parent.actor, stage.at(days, 10, stage.rng.randrange(60))) as uow:
            order = BookingOrder(stage.request_id(), nursery.daycare.ref, children, wish, parent.phone)
            made = booking.book(uow, order)
    except RuleBroken:
        return []
    for one in made if decide else ():
        with stage.act(nursery.director, stage.at(days, 13)) as uow:
            settling.confirm(uow, one.ref, version=1)
    return [one.ref for one in made]


def _pay(nursery: Nursery, ref: str, days: int | None = None) -> None:
    """The whole amount, by card or to the account, as a teacher writes it down; ``days`` from today, or now."""
    stage = nursery.stage
    with stage.act(nursery.teacher, None if days is None else stage.at(days, 16)) as uow:
        case = open_case(uow, ref, actions.PAY)
        owed = balance_of(uow, "daycare_booking", case.booking.id)
        if owed > 0:
            method = stage.rng.choice(("card", "account_transfer"))
            money.record_payment(uow, stage.request_id(), ref, amount=owed, method=method)


def _through_the_door(nursery: Nursery, kept: Sequence[str], missed: Sequence[str]) -> None:
    """Entries and exits in the order of time, as far as the clock has come; ``missed``: nobody came."""
    stage = nursery.stage
    with stage.act(nursery.teacher) as uow:
        now = uow.now
        coming = [moment for ref in kept for moment in _moments(stage, uow, ref)]
        absent = [
            AtDoor(period_of(stay.planned).start + timedelta(minutes=61), stay.ref, "missed")
            for ref in missed
            for stay in open_case(uow, ref, actions.READ).stays
        ]
    for one in sorted((*coming, *absent), key=lambda moment: (moment.at, moment.stay)):
        if one.at > now:
            break
        actor = nursery.director if one.what == "missed" else nursery.teacher
        with stage.act(actor, one.at) as uow:
            if one.what == "in":
                door.enter(
                    uow, door.Entry(one.stay, 1, "known", SIGNATURE, belongings="기저귀, 이불, 여벌 옷")
                )
            elif one.what == "out":
                leaving = door.Exit(one.stay, stage.rng.choice((1, 2)), "id_card", OTHER_SIGNATURE)
                balance = door.leave(uow, leaving).balance
            else:
                absence.mark_no_show(uow, one.stay)
        if one.what == "out" and balance < 0:
            _give_back(nursery, one, -balance)


def _give_back(nursery: Nursery, left: AtDoor, amount: int) -> None:
    """Fetched early: most families have the difference back the same day, the last ones still wait for it."""
    stage = nursery.stage
    if left.at > stage.at(-1, 0):
        return
    with stage.act(nursery.director, left.at + timedelta(minutes=30)) as uow:
        case, _ = open_stay(uow, left.stay, actions.REFUND)
        request_id, reason = stage.request_id(), "일찍 데려가서 남은 시간"
        money.refund(
            uow, request_id, case.booking.ref, amount=amount, method="account_transfer", reason=reason
        )


def _moments(stage: Stage, uow: UnitOfWork, ref: str) -> list[AtDoor]:
    """A few minutes after the beginning; near the end, in the morning never before the curfew ends."""
    found = []
    for stay in open_case(uow, ref, actions.READ).stays:
        planned = period_of(stay.planned)
        morning = planned.end.hour < 9
        early = 70 if not morning and stage.rng.random() < 0.25 else 0
        late = stage.rng.randint(0 if morning else -4, 14)
        found += [
            AtDoor(planned.start + timedelta(minutes=stage.rng.randint(0, 12)), stay.ref, "in"),
            AtDoor(planned.end + timedelta(minutes=late - early), stay.ref, "out"),
        ]
    return found


def _written(nursery: Nursery, offset: int) -> None:
    """The journal of a past operating day: written and signed by the teacher, closed by the director; yesterday's waits
    for what was eaten."""
    stage, day = nursery.stage, nursery.today + timedelta(days=offset)
    for group in nursery.classes:
        with stage.act(nursery.teacher, stage.at(offset + 1, 7, 10)) as uow:
            row = journal.write_journal(uow, group.ref, day, ENTRIES)
            if offset < -1:
                journal.sign_journal(uow, row.ref, version=row.version)
            ref, version = row.ref, row.version
        if offset < -1:
            with stage.act(nursery.director, stage.at(offset + 1, 15)) as uow:
                journal.close_journal(uow, ref, version=version)
