"""What a family has chosen so far, as it stands in the address of every step: refs, a day and hours, never names.

``child=…&child=…&daycare=…&day=2026-11-24&from=20:00&to=32:00&run=1``: hours count on past midnight, so 32:00 is 08:00
of the next day. ``run``: ``1``–``5`` the same hours on so many days in a row, ``c2``–``c5`` one stay until the nth day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from app.booking.choice import REF
from app.daycare.rules.days import parse_clock
from app.daycare.rules.policy import DAY_END, DAY_START
from app.daycare.rules.request import Wish
from app.kernel.errors import N_, Problem
from app.kernel.ranges import minute_text, parse_day

Fields = MultiDict[str, str]
MOST_CHILDREN = 3
NIGHT_IN_ONE = 720
"""A stay that ends by noon of the next day is one night, told as such."""
RUN = re.compile(r"^(?:[1-5]|c[2-5])$")
NO_CHILD = Problem("daycare.choose_child", N_("맡길 아이를 골라 주세요."), rule="AD-18", field="child")
TOO_MANY = Problem(
    "daycare.choose_fewer",
    N_("한 번에 아이 {most}명까지 예약할 수 있어요."),
    rule="AD-18",
    field="child",
).of(most=MOST_CHILDREN)
NO_DAY = Problem("daycare.choose_day", N_("맡길 날을 달력에서 골라 주세요."), rule="AD-10", field="days")
BAD_DAY = Problem(
    "daycare.bad_day", N_("날짜를 읽을 수 없어요. 달력에서 다시 골라 주세요."), rule="AD-10", field="days"
)
NO_TIME = Problem(
    "daycare.choose_time", N_("몇 시부터 몇 시까지 맡길지 골라 주세요."), rule="AD-11", field="hours"
)
BAD_TIME = Problem(
    "daycare.bad_time", N_("시각을 읽을 수 없어요. 목록에서 다시 골라 주세요."), rule="AD-11", field="hours"
)
BAD_RUN = Problem(
    "daycare.bad_run", N_("며칠 맡길지 다시 골라 주세요. 이어진 5일까지예요."), rule="AD-09", field="days"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """``start`` and ``end`` in minutes from midnight of ``day``."""

    children: tuple[str, ...] = ()
    daycare: str = ""
    day: date | None = None
    start: int | None = None
    end: int | None = None
    run: str = "1"
    unreadable: tuple[Problem, ...] = ()

    def wish(self) -> Wish | None:
        """What is asked for, once day and hours are said."""
        if self.day is None or self.start is None or self.end is None:
            return None
        days = int(self.run[-1])
        if not self.run.startswith("c") and (days > 1 or self.end <= DAY_END):
            return Wish(self.day, self.day + timedelta(days=days - 1), self.start, self.end)
        total = (days - 1) * 1440 + self.end
        if total <= DAY_END:
            return Wish(self.day, self.day, self.start, total)
        more = (total - DAY_START - 1) // 1440
        return Wish(
            self.day, self.day + timedelta(days=more), self.start, total - more * 1440, continuous=True
        )

    def like(self, wish: Wish) -> Choice:
        """The same family and daycare with another wish."""
        nights = (wish.last_day - wish.first_day).days
        if not wish.continuous:
            run, end = str(nights + 1), wish.end
        elif nights == 1 and wish.end <= NIGHT_IN_ONE:
            run, end = "1", wish.end + 1440
        else:
            run, end = f"c{nights + 1}", wish.end
        return replace(self, day=wish.first_day, start=wish.start, end=end, run=run, unreadable=())

    def unsaid(self) -> list[Problem]:
        """What has to be said, or said again, before anything can be judged."""
        found = list(self.unreadable)
        if not self.children and NO_CHILD not in found:
            found.append(NO_CHILD)
        if self.day is None and BAD_DAY not in found:
            found.append(NO_DAY)
        if (self.start is None or self.end is None) and BAD_TIME not in found:
            found.append(NO_TIME)
        return found

    def pairs(self) -> list[tuple[str, str]]:
        """Name and value of everything chosen, for an address or for hidden fields."""
        pairs = [("child", child) for child in self.children]
        pairs.append(("daycare", self.daycare))
        pairs.append(("day", self.day.isoformat() if self.day else ""))
        if self.start is not None:
            pairs.append(("from", minute_text(self.start)))
        if self.end is not None:
            pairs.append(("to", minute_text(self.end)))
        if self.run != "1":
            pairs.append(("run", self.run))
        return [(name, value) for name, value in pairs if value]

    def query(self, **changes: Any) -> str:
        return urlencode((replace(self, **changes) if changes else self).pairs())


def read_choice(fields: Fields) -> Choice:
    """Whatever stands in an address or a form; never raises."""
    problems: list[Problem] = []
    children = tuple(dict.fromkeys(ref for ref in fields.getlist("child") if REF.fullmatch(ref)))
    if len(children) > MOST_CHILDREN:
        problems.append(TOO_MANY)
        children = ()
    daycare = fields.get("daycare", "")
    run = fields.get("run", "1")
    if not RUN.fullmatch(run):
        problems.append(BAD_RUN)
        run = "1"
    return Choice(
        children=children,
        daycare=daycare if REF.fullmatch(daycare) else "",
        day=_day(fields.get("day", ""), problems),
        start=_minute(fields.get("from", ""), problems),
        end=_minute(fields.get("to", ""), problems),
        run=run,
        unreadable=tuple(problems),
    )


def _day(text: str, problems: list[Problem]) -> date | None:
    if not text:
        return None
    try:
        return parse_day(text)
    except ValueError:
        problems.append(BAD_DAY)
        return None


def _minute(text: str, problems: list[Problem]) -> int | None:
    """``20:00`` → 1200, ``32:00`` → 1920; two days at the most."""
    if not text:
        return None
    try:
        minute = parse_clock(text)
    except ValueError:
        minute = -1
    if 0 <= minute <= 2 * 1440:
        return minute
    if BAD_TIME not in problems:
        problems.append(BAD_TIME)
    return None
