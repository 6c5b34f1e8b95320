"""When the ledgers of an operating day are issued as papers (AD-21, AD-26, AD-32)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from app.daycare.rules.states import StayState
from app.kernel.errors import N_, Problem

DAY_RUNS = Problem(
    "daycare.day_runs",
    N_("운영일이 끝난 뒤(다음 날 07:30부터) 발급할 수 있어요."),
    rule="AD-32",
)
STILL_INSIDE = Problem(
    "daycare.still_inside",
    N_("이날 들어와 아직 나가지 않은 아이가 있어요. 귀가를 적은 뒤 발급해 주세요."),
    rule="AD-21",
)
NOBODY_CAME = Problem(
    "daycare.nobody_came", N_("이날 다녀간 아이가 없어서 발급할 대장이 없어요."), rule="AD-32"
)
REISSUE_REASON = Problem(
    "daycare.reissue_reason",
    N_("다시 발급하는 까닭을 적어 주세요. 먼저 발급한 대장은 무효가 돼요."),
    rule="GC-18",
    field="reason",
)


def check_issue(day: date, running: date, states: Collection[StayState]) -> Problem | None:
    """``running``: the operating day of this minute; ``states``: of those who were there, as that day saw them: who
    stays beyond it has left it."""
    if day >= running:
        return DAY_RUNS
    if StayState.INSIDE in states:
        return STILL_INSIDE
    return None if StayState.LEFT in states else NOBODY_CAME


def says_the_same(issued: Any, now: Any) -> bool:
    """Whether the records still say what was issued; what the form asks for in one version only is no difference."""
    if isinstance(issued, Mapping):
        both = issued.keys() & now.keys() if isinstance(now, Mapping) else ()
        return isinstance(now, Mapping) and all(says_the_same(issued[key], now[key]) for key in both)
    if isinstance(issued, list):
        same_length = isinstance(now, list) and len(issued) == len(now)
        return same_length and all(map(says_the_same, issued, now))
    return bool(issued == now)
