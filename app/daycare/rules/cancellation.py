"""Taking back a booking, and not coming (AD-16, AD-17)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.daycare.rules.policy import DaycarePolicy
from app.daycare.rules.request import first_night, nights, touches_night
from app.kernel.errors import N_, Problem
from app.kernel.ranges import Period, kst, kst_date, minute_text, to_minute

BEGUN = Problem(
    "daycare.begun",
    N_("시작 시각이 지나 취소할 수 없어요. 어린이집에 전화해 주세요."),
    rule="AD-16",
)
BEGUN_AT_DESK = Problem(
    "daycare.begun_at_desk",
    N_("시작 시각이 지나 취소할 수 없어요. 오지 않으면 미입소로 적어 주세요."),
    rule="AD-16",
)
BY_PHONE = Problem(
    "daycare.by_phone",
    N_("밤을 포함한 예약을 당일에 취소하려면 {cutoff}까지 어린이집({phone})에 전화해 주세요."),
    rule="AD-16",
)
BEGUN_TO_CHANGE = Problem(
    "daycare.begun_to_change",
    N_("시작 시각이 지나 바꿀 수 없어요."),
    rule="AD-16",
)
CHANGE_BY_PHONE = Problem(
    "daycare.change_by_phone",
    N_("오늘 밤 예약을 바꾸거나 취소하려면 {cutoff}까지 어린이집({phone})에 전화해 주세요."),
    rule="AD-16",
)
LATE_TO_CHANGE = Problem(
    "daycare.late_to_change",
    N_(
        "마감 시각({cutoff})이 지나 오늘 밤을 다른 때로 바꿀 수 없어요. 오지 않는다면 늦은 취소로 적어 주세요."
    ),
    rule="AD-16",
)
NOT_THE_BOOKER = Problem(
    "daycare.not_the_booker",
    N_(
        "전화한 사람이 예약한 보호자인지 확인되지 않았어요. 예약자의 번호로 걸게 하거나 확인한 내용을 적어 주세요."
    ),
    rule="AD-16",
    field="caller_phone",
)
NOT_YET_NO_SHOW = Problem(
    "daycare.not_yet_no_show",
    N_("시작하고 {minutes}분이 지나야 미입소로 적을 수 있어요."),
    rule="AD-17",
)


class Ending(StrEnum):
    CANCELLED = "CANCELLED"
    LATE_CANCELLED = "LATE_CANCELLED"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the number they call from, their name, and in words any other way they were recognised."""

    phone: str
    name: str = ""
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Cancellation:
    """``refused`` when it is not possible this way; ``fee_hours`` the parent owes for it."""

    ending: Ending | None
    refused: Problem | None = None
    fee_hours: int = 0


def is_booker(caller: Caller, phones: Collection[str]) -> bool:
    """The number belongs to the booking or its guardian, or somebody checked in another way and wrote down how."""
    return caller.phone in phones or bool(caller.identity.strip())


def cancellation(
    stays: Sequence[Period],
    now: datetime,
    policy: DaycarePolicy,
    *,
    by_phone: bool,
    identified: bool,
    phone: str = "",
) -> Cancellation:
    """What becomes of the stays that were not begun. ``stays`` in order, not empty.

    On the day itself a night is cancelled on the telephone only: until 15:00 in time, later it counts. Everything
    else can be taken back until it starts, without a fee.
    """
    asked, first = to_minute(now), stays[0]
    if by_phone and not identified:
        return Cancellation(None, NOT_THE_BOOKER)
    if asked >= first.start:
        return Cancellation(None, BEGUN_AT_DESK if by_phone else BEGUN)
    same_day = kst_date(first.start) == kst_date(asked)
    if not (same_day and touches_night(first, policy)):
        return Cancellation(Ending.CANCELLED)
    if not by_phone:
        return Cancellation(None, BY_PHONE.of(cutoff=minute_text(policy.cancel_cutoff), phone=phone))
    if asked <= kst(kst_date(asked), policy.cancel_cutoff):
        return Cancellation(Ending.CANCELLED)
    return Cancellation(Ending.LATE_CANCELLED, fee_hours=policy.late_cancel_fee_hours)


def check_change(
    old: Sequence[Period],
    new: Sequence[Period],
    now: datetime,
    policy: DaycarePolicy,
    *,
    by_phone: bool,
    phone: str = "",
) -> Problem | None:
    """May what is booked give way to other hours now? ``old`` and ``new`` in order, not empty.

    A night of today that the new hours leave out is a night taken back on its day: on the telephone, until 15:00.
    Whoever keeps it may change what stands around it until the stay begins.
    """
    asked, first = to_minute(now), old[0]
    if asked >= first.start:
        return BEGUN_TO_CHANGE
    tonight = first_night(first, policy) if kst_date(first.start) == kst_date(asked) else None
    if tonight is None or tonight in nights(new, policy):
        return None
    cutoff = minute_text(policy.cancel_cutoff)
    if not by_phone:
        return CHANGE_BY_PHONE.of(cutoff=cutoff, phone=phone)
    in_time = asked <= kst(kst_date(asked), policy.cancel_cutoff)
    return None if in_time else LATE_TO_CHANGE.of(cutoff=cutoff)


def no_show_at(start: datetime, policy: DaycarePolicy) -> datetime:
    """From this minute on somebody who has not arrived is a no-show (AD-17)."""
    return start + timedelta(minutes=policy.noshow_minutes)


def check_no_show(start: datetime, now: datetime, policy: DaycarePolicy) -> Problem | None:
    if to_minute(now) < no_show_at(start, policy):
        return NOT_YET_NO_SHOW.of(minutes=policy.noshow_minutes)
    return None
