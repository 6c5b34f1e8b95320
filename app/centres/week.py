"""A week as typed: from, to and who is on duty for each kind of day, and back into a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.centres.rules import DAY_KEY_KO, DAY_KEYS, StaffPlan, StaffSpans, WeekHours
from app.kernel.errors import N_, Problem
from app.kernel.ranges import TimeSpan, minute_text, parse_minute

BAD_TIMES = Problem(
    "week.times",
    N_("{day}: 여는 시각과 닫는 시각을 13:00처럼 차례대로 적어 주세요. 쉬는 날은 둘 다 비워 두세요."),
)
BAD_STAFF = Problem(
    "week.staff", N_("{day}: 근무를 ‘13:00-19:00 2명’처럼 적고, 여럿이면 쉼표로 나눠 주세요.")
)
MOST_HEADS = 99


@dataclass(frozen=True, slots=True)
class DayLine:
    """One line of the week's table: what stands in its three inputs."""

    key: str
    label: str
    opens: str
    closes: str
    staff: str


@dataclass(frozen=True, slots=True)
class Week:
    hours: WeekHours
    staff: StaffPlan
    problems: tuple[Problem, ...]
    lines: tuple[DayLine, ...]


def day_name(key: str) -> str:
    return DAY_KEY_KO[key] if key == "holiday" else f"{DAY_KEY_KO[key]}요일"


def lines_of(hours: WeekHours, staff: StaffPlan) -> tuple[DayLine, ...]:
    """What stands in the form for a stored week."""
    return tuple(_line(key, hours.at(key), staff.spans(key)) for key in DAY_KEYS)


def read_week(values: Mapping[str, str], prefix: str = "") -> Week:
    """Inputs ``<prefix>opens_mon``, ``<prefix>closes_mon``, ``<prefix>staff_mon`` …; nobody on duty on a closed day."""
    lines = tuple(
        DayLine(
            key,
            day_name(key),
            *(values.get(f"{prefix}{name}_{key}", "").strip()[:100] for name in ("opens", "closes", "staff")),
        )
        for key in DAY_KEYS
    )
    hours: dict[str, TimeSpan | None] = {}
    staff: dict[str, StaffSpans] = {}
    problems = []
    for line in lines:
        try:
            hours[line.key] = read_span(line.opens, line.closes)
        except ValueError:
            problems.append(BAD_TIMES.of(day=line.label, field=f"{prefix}opens_{line.key}"))
            continue
        try:
            if hours[line.key]:
                staff[line.key] = read_staff(line.staff)
        except ValueError:
            problems.append(BAD_STAFF.of(day=line.label, field=f"{prefix}staff_{line.key}"))
    return Week(WeekHours(hours), StaffPlan(staff), tuple(problems), lines)


def read_span(opens: str, closes: str) -> TimeSpan | None:
    """None when both are empty; ValueError when they are no span."""
    if not opens and not closes:
        return None
    return TimeSpan(parse_minute(opens), parse_minute(closes))


def read_staff(text: str) -> StaffSpans:
    """``13:00-19:00 2명, 15:00-18:00 1`` → spans with heads; ValueError otherwise."""
    found = []
    for part in filter(None, (piece.strip() for piece in text.replace("\n", ",").split(","))):
        times, _, count = part.replace("–", "-").replace("~", "-").rpartition(" ")
        heads = int(count.removesuffix("명"))
        if not 1 <= heads <= MOST_HEADS:
            raise ValueError(part)
        found.append((TimeSpan.parse(times), heads))
    return tuple(found)


def staff_text(spans: StaffSpans) -> str:
    return ", ".join(f"{minute_text(span.start)}-{minute_text(span.end)} {heads}명" for span, heads in spans)


def _line(key: str, span: TimeSpan | None, staff: StaffSpans) -> DayLine:
    opens, closes = (minute_text(span.start), minute_text(span.end)) if span else ("", "")
    return DayLine(key, day_name(key), opens, closes, staff_text(staff))
