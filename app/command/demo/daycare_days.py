"""A week of stays behind, the night that runs, and the days ahead: booked, paid, signed in and out, written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.command.demo.daycare_houses import Nursery
from app.command.demo.stage import Parent
from app.daycare import actions
from app.daycare.queries.place import openings
from app.daycare.rules.cancellation import Caller
from app.daycare.rules.policy import DAY_END
from app.daycare.rules.request import Wish
from app.daycare.service import absence, booking, changing, door, journal, money, settling
from app.daycare.service.booking import BookingOrder
from app.daycare.service.case import open_case
from app.daycare.times import period_of
from app.fees.queries import balance_of
from app.kernel.errors import RuleBroken

BACK, AHEAD = 7, 6
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
class Taken:
    """A booking that was made: its ref, and its stays as the rows have them."""

    ref: str
    parent: Parent


def play_days(nursery: Nursery) -> None:
    """Everything up to now, then what is still to come."""
    for offset in range(-BACK, 0):
        for number in range(3):
            _stay(nursery, offset, number)
        _written(nursery, offset)
    _tonight(nursery)
    for offset in range(1, AHEAD):
        for number in range(2):
            _coming(nursery, offset, number)


def _stay(nursery: Nursery, offset: int, number: int) -> None:
    """One past stay; of the first of each day somebody forgets to come, of another somebody cancels."""
    parent, child = _pick(nursery, offset * 3 + number)
    taken = _book(
        nursery, parent, (child,), _wish(nursery, offset, PATTERNS[(offset + number) % 4]), offset - 2
    )
    for one in taken:
        if number == 0 and offset == -4:
            with nursery.stage.act(nursery.director, nursery.stage.at(offset, 7, 40)) as uow:
                version = open_case(uow, one.ref, actions.CANCEL).booking.version
                changing.cancel_booking(
                    uow, one.ref, version=version, caller=Caller(parent.phone, parent.actor.name)
                )
        else:
            pay(nursery, one.ref, offset - 1)
            play_until(nursery, one.ref, missed=number == 0 and offset == -6)


def _tonight(nursery: Nursery) -> None:
    """Who is inside whatever the hour, who comes tonight; as many as the house's sketch says."""
    families = _accepted(nursery)
    long_stay = Wish(nursery.today - timedelta(days=1), nursery.today + timedelta(days=1), 1140, 480, True)
    seated = 0
    for parent in families[:1]:
        seated += _seat(nursery, parent, parent.children, long_stay)
    for parent in families[1:]:
        if seated >= nursery.sketch.night:
            break
        seated += _seat(nursery, parent, parent.children[:1], _wish(nursery, 0, NIGHT))
    for parent in reversed(families[-3:]):
        _seat(nursery, parent, parent.children[-1:], _wish(nursery, 0, DAYTIME))


def _seat(nursery: Nursery, parent: Parent, children: Sequence[str], wish: Wish | None) -> int:
    taken = _book(nursery, parent, tuple(children), wish, -3)
    for one in taken:
        pay(nursery, one.ref, -2)
        play_until(nursery, one.ref)
    return len(taken)


def _coming(nursery: Nursery, offset: int, number: int) -> None:
    """Asked for yesterday: some not decided, some confirmed, some paid."""
    parent, child = _pick(nursery, offset * 5 + number)
    wish = _wish(nursery, offset + 1, PATTERNS[(offset + number) % 4])
    for one in _book(nursery, parent, (child,), wish, -1, decide=(offset + number) % 3 != 0):
        if (offset + number) % 3 == 2:
            pay(nursery, one.ref, 0, early=True)


def _pick(nursery: Nursery, number: int) -> tuple[Parent, str]:
    pairs = [(parent, child) for parent in _accepted(nursery) for child in parent.children]
    return pairs[number % len(pairs)]


def _accepted(nursery: Nursery) -> list[Parent]:
    """All but the last families: those have other stories."""
    return nursery.families[: len(nursery.families) - STORIES]


STORIES = 3


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
) -> list[Taken]:
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
    return [Taken(one.ref, parent) for one in made]


def pay(nursery: Nursery, ref: str, days: int, *, early: bool = False) -> None:
    """The whole amount, by card or to the account, as a teacher writes it down."""
    stage = nursery.stage
    with stage.act(nursery.teacher, None if early else stage.at(days, 16)) as uow:
        case = open_case(uow, ref, actions.PAY)
        owed = balance_of(uow, "daycare_booking", case.booking.id)
        if owed > 0:
            method = stage.rng.choice(("card", "account_transfer"))
            money.record_payment(uow, stage.request_id(), ref, amount=owed, method=method)


def play_until(nursery: Nursery, ref: str, *, missed: bool = False) -> None:
    """Entries and exits of a booking's stays as far as the clock has come."""
    stage = nursery.stage
    with stage.act() as uow:
        now = uow.now
        stays = [(row.ref, period_of(row.planned)) for row in open_case(uow, ref, actions.READ).stays]
    for stay, planned in stays:
        start, end = planned.start, planned.end
        if missed:
            with stage.act(nursery.director, start + timedelta(minutes=61)) as uow:
                absence.mark_no_show(uow, stay)
            continue
        came = start + timedelta(minutes=stage.rng.randint(0, 12))
        if came > now:
            continue
        with stage.act(nursery.teacher, came) as uow:
            door.enter(uow, door.Entry(stay, 1, "known", SIGNATURE, belongings="기저귀, 이불, 여벌 옷"))
        left = end + timedelta(
            minutes=stage.rng.randint(-3, 14) if end.hour >= 8 else stage.rng.randint(0, 14)
        )
        if left <= now:
            with stage.act(nursery.teacher, left) as uow:
                door.leave(uow, door.Exit(stay, stage.rng.choice((1, 2)), "id_card", OTHER_SIGNATURE))


def _written(nursery: Nursery, offset: int) -> None:
    """The journal of a past operating day: written and signed by the teacher, closed by the director."""
    stage, day = nursery.stage, nursery.today + timedelta(days=offset)
    for group in nursery.classes:
        with stage.act(nursery.teacher, stage.at(offset + 1, 7, 10)) as uow:
            row = journal.write_journal(uow, group.ref, day, ENTRIES)
            journal.sign_journal(uow, row.ref, version=row.version)
            ref, version = row.ref, row.version
        if offset < -1:
            with stage.act(nursery.director, stage.at(offset + 1, 15)) as uow:
                journal.close_journal(uow, ref, version=version)
