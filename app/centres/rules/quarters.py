"""Quarters: what a centre may save, and what a change does to what is already booked (KQ-01 … KQ-15)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from app.centres.rules.hours import DAY_KEY_KO, SCHOOL_DAYS, Meals, StaffPlan, WeekHours, uncovered
from app.centres.rules.kinds import CentreKind, QuarterKind
from app.centres.rules.policy import STANDARD, CentrePolicy
from app.kernel.errors import N_, Problem
from app.kernel.ranges import DateSpan, TimeSpan
from app.kernel.texts import day_text

OVERLAP = Problem(
    "quarter.overlap",
    N_("{label}({span})과 날짜가 겹쳐요. 겹치지 않게 시작일이나 종료일을 고쳐 주세요."),
    rule="KQ-02",
    field="first",
)
TWICE = Problem(
    "quarter.twice",
    N_("{label} 분기가 이미 있어요. 연도나 분기 종류를 확인해 주세요."),
    rule="KQ-01",
    field="kind",
)
ALL_FOUR = Problem(
    "quarter.year_incomplete",
    N_("처음에는 한 해의 네 분기를 모두 정해 주세요. 빠진 분기: {missing}"),
    rule="KQ-03",
    field="kind",
)
STARTS_AFTER_ATTENDANCE = Problem(
    "quarter.attendance_outside",
    N_("{day}에 이미 출결 기록이 있어요. 그날이 분기 안에 들도록 날짜를 정해 주세요."),
    rule="KQ-04",
    field="first",
)
GAP = Problem(
    "quarter.gap",
    N_("{span} 동안은 어느 분기에도 들지 않아 예약을 받지 않아요. 의도한 것인지 확인해 주세요."),
    rule="KQ-06",
    field="last",
    soft=True,
)
STANDARD_HOURS = Problem(
    "quarter.standard_hours",
    N_("{day}요일 운영시간이 표준시간({standard})을 모두 담아야 해요. 운영시간을 늘려 주세요."),
    rule="KQ-08",
    field="hours",
)
TOO_SHORT = Problem(
    "quarter.day_too_short",
    N_("{day}요일은 하루 {hours}시간 이상 열어야 해요. 운영시간을 늘려 주세요."),
    rule="KQ-09",
    field="hours",
)
TOO_FEW_DAYS = Problem(
    "quarter.too_few_days",
    N_("한 주에 {days}일 이상 열어야 해요. 여는 요일을 더해 주세요."),
    rule="KQ-09",
    field="hours",
)
SATURDAY_SHORT = Problem(
    "quarter.saturday_short",
    N_("융합형은 토요일에 {hours}시간 이상 열어야 해요. 토요일 운영시간을 정해 주세요."),
    rule="KQ-10",
    field="hours",
)
HOLIDAY_STAFF = Problem(
    "quarter.holiday_staff",
    N_("{day} {span}에 돌봄필수인력이 없어요. 센터장·팀장·돌봄선생님 중 한 명 이상을 배치해 주세요."),
    rule="KQ-12",
    field="staff",
)
NO_STAFF_NO_SEATS = Problem(
    "quarter.staff_missing",
    N_("{day} {span}에 돌봄필수인력이 없어 그 시간에는 자리가 열리지 않아요."),
    rule="KC-08",
    field="staff",
    soft=True,
)
IN_USE = Problem(
    "quarter.in_use",
    N_("예약 {bookings}건, 연장 {extensions}건, 출결 {attendances}건이 있어 지울 수 없어요."),
    rule="KQ-15",
)


@dataclass(frozen=True, slots=True)
class QuarterPlan:
    """One quarter as the centre enters it.

    ``year_label`` is the year it is counted to (KQ-05); ``vacation_hours`` hold on school-free days of a semester
    (KQ-11), a kind of day missing there opens at the standard vacation hours.
    """

    kind: QuarterKind
    year_label: int
    span: DateSpan
    hours: WeekHours = field(default_factory=WeekHours)
    staff: StaffPlan = field(default_factory=StaffPlan)
    meals: Meals = field(default_factory=Meals)
    vacation_hours: WeekHours = field(default_factory=WeekHours)

    @property
    def label(self) -> str:
        return f"{self.year_label} {self.kind.label}"


def standard_hours(kind: CentreKind, *, vacation: bool, policy: CentrePolicy = STANDARD) -> TimeSpan:
    """The hours a centre must offer Monday to Friday (KQ-08); a hub is held to those of the general type."""
    if vacation:
        return policy.std_vacation
    return policy.std_fusion_semester if kind is CentreKind.FUSION else policy.std_general_semester


def check_quarter(
    plan: QuarterPlan,
    centre_kind: CentreKind,
    others: Sequence[QuarterPlan] = (),
    policy: CentrePolicy = STANDARD,
) -> list[Problem]:
    """Everything that stands against saving ``plan`` beside the centre's ``others``; soft ones are warnings."""
    overlaps = [
        OVERLAP.of(label=other.label, span=_days_text(other.span))
        for other in others
        if plan.span.overlaps(other.span)
    ]
    twins = [
        TWICE.of(label=other.label)
        for other in others
        if (plan.kind, plan.year_label) == (other.kind, other.year_label)
    ]
    open_days = gaps([plan.span, *(other.span for other in others)])
    beside = [GAP.of(span=_days_text(gap)) for gap in open_days if _touches(gap, plan.span)]
    return overlaps + twins + _check_hours(plan, centre_kind, policy) + _check_staff(plan) + beside


def check_first_setup(plans: Sequence[QuarterPlan], year: int) -> list[Problem]:
    """KQ-03: the first time, all four quarters of the year are set at once."""
    missing = year_completeness(plans, year)
    return [ALL_FOUR.of(missing=", ".join(kind.label for kind in missing))] if missing else []


def year_completeness(plans: Iterable[QuarterPlan], year: int) -> tuple[QuarterKind, ...]:
    """The kinds still missing for ``year``; an empty tuple means the year is complete (KQ-05)."""
    present = {plan.kind for plan in plans if plan.year_label == year}
    return tuple(kind for kind in QuarterKind if kind not in present)


def default_year_label(span: DateSpan) -> int:
    """The year in which most of its days lie; an even split counts to the later year (KQ-05)."""
    years = range(span.first.year, span.last.year + 1)
    return max(years, key=lambda year: (_days_in_year(span, year), year))


def proposed_quarters(year: int) -> tuple[tuple[QuarterKind, DateSpan], ...]:
    """The template of KQ-13, in order of date; a centre edits it."""
    july, august = _third_sunday(year, 7), _third_sunday(year, 8)
    march, day = date(year, 3, 1), timedelta(days=1)
    return (
        (QuarterKind.WINTER, DateSpan(date(year, 1, 1), march - day)),
        (QuarterKind.SEM1, DateSpan(march, july)),
        (QuarterKind.SUMMER, DateSpan(july + day, august)),
        (QuarterKind.SEM2, DateSpan(august + day, date(year, 12, 31))),
    )


def is_short(span: DateSpan, policy: CentrePolicy = STANDARD) -> bool:
    """KQ-14, KB-05: shorter than five weeks; exactly 35 days is not short."""
    return span.days < policy.short_quarter_days


def needs_notice(kind: QuarterKind, span: DateSpan, policy: CentrePolicy = STANDARD) -> bool:
    """KQ-14: a summer vacation shorter than five weeks is announced by itself."""
    return kind is QuarterKind.SUMMER and is_short(span, policy)


def gaps(spans: Iterable[DateSpan]) -> list[DateSpan]:
    """The stretches of days between the spans that lie in none of them (KQ-06)."""
    found: list[DateSpan] = []
    covered_to: date | None = None
    for span in sorted(spans):
        if covered_to is not None and span.first > covered_to + timedelta(days=1):
            found.append(DateSpan(covered_to + timedelta(days=1), span.first - timedelta(days=1)))
        covered_to = span.last if covered_to is None else max(covered_to, span.last)
    return found


@dataclass(frozen=True, slots=True)
class BookingImpact:
    """What new quarter dates do to one booking: ``after`` is None when none of its days is left."""

    ref: str
    before: DateSpan
    after: DateSpan | None


@dataclass(frozen=True, slots=True)
class QuarterImpact:
    """KQ-04: shown before saving. ``could_grow`` bookings ended with the quarter and stay as they are."""

    problems: tuple[Problem, ...]
    shortened: tuple[BookingImpact, ...]
    could_grow: tuple[str, ...]
    gaps: tuple[DateSpan, ...]


def quarter_change_impact(
    old: DateSpan,
    new: DateSpan,
    bookings: Iterable[tuple[str, DateSpan]],
    attended: Collection[date] = (),
    others: Iterable[DateSpan] = (),
) -> QuarterImpact:
    """The impact of moving a quarter from ``old`` to ``new``.

    ``bookings`` are (ref, period) of this quarter, ``attended`` the days of it with attendance, ``others`` the
    centre's other quarters. A clipped booking stays valid however short it becomes; none is ever lengthened.
    """
    rows = list(bookings)
    stranded = sorted(day for day in attended if day not in new)
    problems = tuple(
        STARTS_AFTER_ATTENDANCE.of(day=day_text(day), field="first" if day < new.first else "last")
        for day in stranded[:1]
    )
    clipped = ((ref, span, span.intersection(new)) for ref, span in rows)
    return QuarterImpact(
        problems=problems,
        shortened=tuple(BookingImpact(ref, span, after) for ref, span, after in clipped if after != span),
        could_grow=tuple(ref for ref, span in rows if span.last == old.last < new.last),
        gaps=tuple(gap for gap in gaps([new, *others]) if _touches(gap, new)),
    )


@dataclass(frozen=True, slots=True)
class QuarterUse:
    """How many rows refer to a date of a quarter."""

    bookings: int = 0
    extensions: int = 0
    attendances: int = 0


def can_delete_quarter(counts: QuarterUse) -> Problem | None:
    """KQ-15."""
    if not (counts.bookings or counts.extensions or counts.attendances):
        return None
    return IN_USE.of(bookings=counts.bookings, extensions=counts.extensions, attendances=counts.attendances)


def _check_hours(plan: QuarterPlan, centre_kind: CentreKind, policy: CentrePolicy) -> list[Problem]:
    standard = standard_hours(centre_kind, vacation=plan.kind.is_vacation, policy=policy)
    found = []
    for key in SCHOOL_DAYS:
        span = plan.hours.at(key)
        if span is None or not span.contains(standard):
            found.append(STANDARD_HOURS.of(day=DAY_KEY_KO[key], standard=standard))
        if centre_kind is CentreKind.GENERAL and plan.hours.minutes(key) < policy.min_open_minutes:
            found.append(TOO_SHORT.of(day=DAY_KEY_KO[key], hours=_hours_text(policy.min_open_minutes)))
    saturday_min = policy.fusion_saturday_min_minutes
    if centre_kind is CentreKind.FUSION and plan.hours.minutes("sat") < saturday_min:
        found.append(SATURDAY_SHORT.of(hours=_hours_text(saturday_min)))
    min_days = {CentreKind.GENERAL: policy.general_min_days, CentreKind.FUSION: policy.fusion_min_days}
    if len(plan.hours.open_weekdays) < min_days.get(centre_kind, 0):
        found.append(TOO_FEW_DAYS.of(days=min_days[centre_kind]))
    return found


def _check_staff(plan: QuarterPlan) -> list[Problem]:
    """Free days need somebody on duty (KQ-12); on school days an empty hour only has no seats (KC-08)."""
    found = []
    for key, span in plan.hours.by_key.items():
        alone = uncovered(span, plan.staff.spans(key)) if span else None
        if alone is not None:
            kind = NO_STAFF_NO_SEATS if key in SCHOOL_DAYS else HOLIDAY_STAFF
            name = DAY_KEY_KO[key] if key == "holiday" else f"{DAY_KEY_KO[key]}요일"
            found.append(kind.of(day=name, span=alone))
    return found


def _touches(gap: DateSpan, span: DateSpan) -> bool:
    day = timedelta(days=1)
    return gap.first == span.last + day or gap.last == span.first - day


def _days_in_year(span: DateSpan, year: int) -> int:
    inside = span.intersection(DateSpan(date(year, 1, 1), date(year, 12, 31)))
    return inside.days if inside else 0


def _third_sunday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 14)


def _days_text(span: DateSpan) -> str:
    return f"{day_text(span.first)}~{day_text(span.last)}"


def _hours_text(minutes: int) -> str:
    return f"{minutes / 60:g}"
