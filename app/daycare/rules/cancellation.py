"""Taking back a booking, and not coming (AD-16, AD-17)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.daycare.rules.policy import DaycarePolicy
from app.daycare.rules.request import touches_night
from app.kernel.errors import N_, Problem
from app.kernel.ranges import Period, kst, kst_date, minute_text, to_minute

BEGUN = Problem(
    "daycare.begun",
    N_("시작 시각이 지나 취소할 수 없어요. 어린이집에 전화해 주세요."),
    rule="AD-16",
)
BY_PHONE = Problem(
    "daycare.by_phone",
    N_("밤을 포함한 예약을 당일에 취소하려면 {cutoff}까지 어린이집({phone})에 전화해 주세요."),
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
        return Cancellation(None, BEGUN)
    same_day = kst_date(first.start) == kst_date(asked)
    if not (same_day and touches_night(first, policy)):
        return Cancellation(Ending.CANCELLED)
    if not by_phone:
        return Cancellation(None, BY_PHONE.of(cutoff=minute_text(policy.cancel_cutoff), phone=phone))
    if asked <= kst(kst_date(asked), policy.cancel_cutoff):
        return Cancellation(Ending.CANCELLED)
    return Cancellation(Ending.LATE_CANCELLED, fee_hours=policy.late_cancel_fee_hours)


def no_show_at(start: datetime, policy: DaycarePolicy) -> datetime:
    """From this minute on somebody who has not arrived is a no-show (AD-17)."""
    return start + timedelta(minutes=policy.noshow_minutes)


def check_no_show(start: datetime, now: datetime, policy: DaycarePolicy) -> Problem | None:
    if to_minute(now) < no_show_at(start, policy):
        return NOT_YET_NO_SHOW.of(minutes=policy.noshow_minutes)
    return None
