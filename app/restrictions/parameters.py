"""What a municipality or a daycare may decide about restrictions (``as.*``)."""

from __future__ import annotations

from app.kernel.errors import N_
from app.kernel.parameters import FLAG, Parameter, Scope, register, whole
from app.tenancy.kinds import choice

FROM_THAT_DAY = N_("그날부터 여는 건에 씁니다. 이미 결정한 제한은 그대로입니다.")
DAYS, TIMES, MONTHS, MINUTES = N_("일"), N_("번"), N_("개월"), N_("분")


MOST = {DAYS: 90, TIMES: 20, MONTHS: 12, MINUTES: 1440}
"""Beyond it a deadline, a count or a restriction would be none (a year is the longest but for ever, AS-02)."""


def _number(key: str, default: int, label: str, rule: str, unit: str, *, zero: bool = False) -> Parameter:
    kind = whole(0 if zero else 1, MOST[unit])
    return Parameter(key, kind, default, label, rule, unit=unit, effect=FROM_THAT_DAY)


UNPAID_DAYS = _number(
    "as.unpaid_days", 3, N_("이용일 뒤 며칠 안에 이용료를 내야 하는지 정합니다."), "AS-03", DAYS
)
CANCEL_MONTH_COUNT = _number(
    "as.cancel_month_count",
    2,
    N_("한 달에 몇 번 예고 없이 취소하면 1개월 제한인지 정합니다."),
    "AS-04",
    TIMES,
)
CANCEL_NOTICE_MINUTES = _number(
    "as.cancel_notice_minutes",
    0,
    N_("시작 몇 분 전까지 알려야 예고한 취소로 보는지 정합니다."),
    "AS-04",
    MINUTES,
    zero=True,
)
NOSHOW_AS_CANCELLATION = Parameter(
    "as.noshow_counts_as_cancellation",
    FLAG,
    False,
    N_("연락 없이 오지 않은 것도 예고 없는 취소로 셀지 정합니다."),
    "AS-04",
    effect=FROM_THAT_DAY,
)
NOSHOW_COUNT = _number(
    "as.noshow_count", 3, N_("연락 없이 오지 않은 것이 몇 번이면 1개월 제한인지 정합니다."), "AS-05", TIMES
)
NOSHOW_WINDOW = Parameter(
    "as.noshow_window",
    choice("noshow_window", {"calendar_year": N_("한 해(1월~12월)"), "calendar_month": N_("한 달")}),
    "calendar_year",
    N_("연락 없이 오지 않은 횟수를 어느 기간으로 셀지 정합니다."),
    "AS-05",
    effect=FROM_THAT_DAY,
)
DEMAND_MONTH_COUNT = _number(
    "as.demand_month_count",
    3,
    N_("한 달에 몇 번 등록 없이 무리하게 요구하면 1개월 제한인지 정합니다."),
    "AS-06",
    TIMES,
)
UNREACHABLE_MONTH_COUNT = _number(
    "as.unreachable_month_count",
    3,
    N_("한 달에 몇 번 인계 없이 연락이 끊기면 1개월 제한인지 정합니다."),
    "AS-09",
    TIMES,
)
LATE_END_MONTH_COUNT = _number(
    "as.late_end_month_count",
    3,
    N_("한 달에 몇 번 종료시간을 넘기면 3개월 제한인지 정합니다."),
    "AS-11",
    TIMES,
)
CONFLICT_TOTAL = _number(
    "as.conflict_total", 3, N_("갈등행위가 모두 몇 번이면 1년 이내 제한인지 정합니다."), "AS-12", TIMES
)
ACCUMULATE_COUNT = _number(
    "as.accumulate_count", 3, N_("1개월 제한이 몇 번째면 6개월 제한이 되는지 정합니다."), "AS-13", TIMES
)
ACCUMULATE_MONTHS = _number(
    "as.accumulate_months", 12, N_("최근 몇 개월의 1개월 제한을 더해 셀지 정합니다."), "AS-13", MONTHS
)
YEAR_DEFAULT_MONTHS = _number(
    "as.year_default_months", 12, N_("‘1년 이내’ 제한을 보통 몇 개월로 할지 정합니다."), "AS-14", MONTHS
)
STATEMENT_DAYS_SHORT = _number(
    "as.statement_days_short", 3, N_("1개월 사유는 소명을 며칠 기다릴지 정합니다."), "AS-18", DAYS
)
STATEMENT_DAYS_LONG = _number(
    "as.statement_days_long", 10, N_("1개월보다 긴 사유는 소명을 며칠 기다릴지 정합니다."), "AS-18", DAYS
)
HOLD_DAYS = _number(
    "as.hold_days", 14, N_("결정 전에 새 이용을 며칠까지 미룰 수 있는지 정합니다."), "AS-19", DAYS
)
OBJECTION_DAYS = _number(
    "as.objection_days", 14, N_("통지한 뒤 며칠 안에 이의를 신청할 수 있는지 정합니다."), "AS-21", DAYS
)
WARN_BEFORE = Parameter(
    "as.warn_before",
    FLAG,
    True,
    N_("제한되기 한 번 전에 보호자에게 미리 알릴지 정합니다."),
    "AS-23",
    effect=FROM_THAT_DAY,
)
HOLIDAY_MAX_MINUTES = _number(
    "as.holiday_max_minutes",
    360,
    N_("주말과 휴일에 하루 몇 분까지 이용할 수 있는지 정합니다."),
    "AS-24",
    MINUTES,
)
DAYCARE_MONTHS_DEFAULT = Parameter(
    "as.daycare_months_default",
    whole(1, MOST[MONTHS]),
    1,
    N_("어린이집 이용제한을 보통 몇 개월로 할지 정합니다."),
    "AS-25",
    scope=Scope.CENTRE,
    unit=MONTHS,
    effect=FROM_THAT_DAY,
)
DAYCARE_MONTHS_MAX = _number(
    "as.daycare_months_max",
    3,
    N_("어린이집이 길어도 몇 개월까지 제한할 수 있는지 정합니다."),
    "AS-25",
    MONTHS,
)
CITIZEN_DEADLINE_ROLLS = Parameter(
    "gc.citizen_deadline_rolls",
    FLAG,
    True,
    N_("시민의 기한이 쉬는 날에 끝나면 다음 업무일로 넘길지 정합니다."),
    "GC-09",
    effect=N_("그날부터 정하는 기한에 씁니다. 이미 알린 기한은 그대로입니다."),
)
FIGURES = {
    "unpaid_days": UNPAID_DAYS,
    "cancel_month_count": CANCEL_MONTH_COUNT,
    "cancel_notice_minutes": CANCEL_NOTICE_MINUTES,
    "noshow_counts_as_cancellation": NOSHOW_AS_CANCELLATION,
    "noshow_count": NOSHOW_COUNT,
    "noshow_window": NOSHOW_WINDOW,
    "demand_month_count": DEMAND_MONTH_COUNT,
    "unreachable_month_count": UNREACHABLE_MONTH_COUNT,
    "late_end_month_count": LATE_END_MONTH_COUNT,
    "conflict_total": CONFLICT_TOTAL,
    "accumulate_count": ACCUMULATE_COUNT,
    "accumulate_months": ACCUMULATE_MONTHS,
    "year_default_months": YEAR_DEFAULT_MONTHS,
    "statement_days_short": STATEMENT_DAYS_SHORT,
    "statement_days_long": STATEMENT_DAYS_LONG,
    "hold_days": HOLD_DAYS,
    "objection_days": OBJECTION_DAYS,
    "warn_before": WARN_BEFORE,
    "holiday_max_minutes": HOLIDAY_MAX_MINUTES,
    "deadline_rolls": CITIZEN_DEADLINE_ROLLS,
    "daycare_months_default": DAYCARE_MONTHS_DEFAULT,
    "daycare_months_max": DAYCARE_MONTHS_MAX,
}
"""Field of ``RestrictionPolicy`` → the parameter that fills it."""

register(*FIGURES.values())
