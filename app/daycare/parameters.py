"""What a municipality or a daycare may decide about 24-hour care (``ad.*``, ``ae.daycare_*``, ``gc.*``)."""

from __future__ import annotations

from typing import Any

from app.daycare.rules.policy import FEE_CEILING
from app.daycare.rules.tariff import check_fee
from app.kernel.errors import N_
from app.kernel.parameters import (
    FLAG,
    INTEGER,
    NIGHT,
    OPTIONAL_INTEGER,
    POSITIVE,
    Kind,
    Parameter,
    Scope,
    register,
    whole,
)
from app.kernel.ranges import TimeSpan, parse_minute
from app.tenancy.kinds import several

FREE_CATEGORIES = {"vulnerable": N_("취약계층")}
METHODS = {"account_transfer": N_("계좌입금"), "card": N_("신용카드")}
CLOSED_KEYS = {
    "0101": N_("1월 1일"),
    "seollal": N_("설날"),
    "chuseok": N_("추석"),
    "buddha": N_("부처님오신날"),
    "christmas": N_("성탄절"),
}


def _minute(raw: Any) -> int:
    minute = parse_minute(str(raw))
    if minute >= 1440:
        raise ValueError(raw)
    return minute


def _optional_span(raw: Any) -> TimeSpan | None:
    return None if raw in (None, "") else TimeSpan.parse(str(raw))


def _fee(raw: Any) -> int:
    value: int = INTEGER.read(raw)
    if check_fee(value) or value % 10:
        raise ValueError(raw)
    return value


def _hours(raw: Any) -> int:
    value: int = POSITIVE.read(raw)
    if value % 60 or value > 720:
        raise ValueError(raw)
    return value


def _over_midnight(raw: Any) -> tuple[int, int]:
    start, end = NIGHT.read(raw)
    if not end < MIDDAY <= start:
        raise ValueError(raw)
    return start, end


def _window(raw: Any) -> tuple[int, int]:
    span = TimeSpan.parse(str(raw))
    return span.start, span.end


GROUP_CEILING = 5
"""S2 Ⅳ-3 1): 1개반 당 최대 5명, 교사 1명이 5명까지 (AD-02, AD-03). A municipality may ask for more care, not less."""
SMALL_CEILING = 3
DAYS_CEILING = 5
"""S2 Ⅳ-3: 연속 5일까지 (AD-09)."""
MIDDAY = 720
HOURS = Kind("hours", N_("60, 120처럼 60분 단위로, 720분까지 적어 주세요."), _hours)
OVER_MIDNIGHT = Kind(
    "over_midnight", N_("22:00-07:30처럼 밤에서 다음 날 아침까지로 적어 주세요."), _over_midnight
)
MINUTE = Kind("minute", N_("15:00처럼 적어 주세요."), _minute)
WINDOW = Kind("window", N_("07:30-22:00처럼 적어 주세요."), _window)
OPTIONAL_SPAN = Kind(
    "optional_span", N_("09:00-18:00처럼 적거나, 하루 내내 열면 비워 두세요."), _optional_span
)
HOURLY_FEE = Kind(
    "hourly_fee",
    N_("{most}원을 넘지 않는 10원 단위의 금액을 적어 주세요.").format(most=f"{FEE_CEILING:,}"),
    _fee,
)

FROM_THEN_ON = N_("그날부터의 이용에 씁니다. 이미 받은 예약은 그대로입니다.")
NEW_BOOKINGS = N_("그 뒤에 받는 예약에만 씁니다.")
SEATS = N_("그날부터의 자리 수가 바뀝니다. 이미 받은 예약은 취소하지 않습니다.")

GROUP_MAX = Parameter(
    "ad.group_max",
    whole(1, GROUP_CEILING),
    5,
    N_("한 반이 함께 돌보는 아동 수의 상한."),
    rule="AD-02",
    unit="명",
    effect=SEATS,
)
GROUPS = Parameter(
    "ad.groups",
    whole(1, 20),
    1,
    N_("어린이집을 지정할 때 만드는 반의 수."),
    rule="AD-02",
    unit="개",
    effect=N_("그 뒤에 지정하는 어린이집에만 씁니다."),
)
RATIO_NORMAL = Parameter(
    "ad.ratio_normal",
    whole(1, GROUP_CEILING),
    5,
    N_("교사 한 명이 돌보는 아동 수."),
    rule="AD-03",
    unit="명",
    effect=SEATS,
)
RATIO_SMALL = Parameter(
    "ad.ratio_small",
    whole(1, SMALL_CEILING),
    3,
    N_("24개월 미만이거나 장애가 있는 아동이 반에 있을 때 교사 한 명이 돌보는 아동 수."),
    rule="AD-03",
    unit="명",
    effect=SEATS,
)
RATIO_AUTO = Parameter(
    "ad.ratio_auto",
    FLAG,
    True,
    N_("어린 아동이나 장애 아동이 있으면 교사 비율을 저절로 낮춥니다."),
    rule="AD-03",
    scope=Scope.CENTRE,
    effect=N_("끄면 원장이 반의 정원을 직접 맞춥니다."),
)
ENTRY_WEEKDAY = Parameter(
    "ad.entry_weekday",
    WINDOW,
    "07:30-22:00",
    N_("평일에 입소할 수 있는 시간."),
    rule="AD-05",
    scope=Scope.CENTRE,
    effect=NEW_BOOKINGS,
)
ENTRY_HOLIDAY = Parameter(
    "ad.entry_holiday",
    WINDOW,
    "09:00-19:30",
    N_("토·일·공휴일에 입소할 수 있는 시간."),
    rule="AD-05",
    scope=Scope.CENTRE,
    effect=NEW_BOOKINGS,
)
CURFEW = Parameter(
    "ad.curfew",
    OVER_MIDNIGHT,
    "22:00-07:30",
    N_("드나들 수 없는 밤 시간."),
    rule="AD-06",
    effect=FROM_THEN_ON,
)
HOLIDAY_OPEN = Parameter(
    "ad.holiday_open",
    OPTIONAL_SPAN,
    None,
    N_("토·일·공휴일에 여는 시간. 비우면 하루 내내 엽니다."),
    rule="AD-28",
    scope=Scope.CENTRE,
    effect=NEW_BOOKINGS,
)
CUTOFF = Parameter(
    "ad.cutoff",
    MINUTE,
    "15:00",
    N_("그날 이용을 신청할 수 있는 마감 시각."),
    rule="AD-07",
    effect=NEW_BOOKINGS,
)
NIGHT_CUTOFF = Parameter(
    "ad.night_cutoff",
    MINUTE,
    "18:00",
    N_("밤을 포함한 이용을 전날 신청할 수 있는 마감 시각."),
    rule="AD-08",
    effect=NEW_BOOKINGS,
)
MAX_DAYS = Parameter(
    "ad.max_days",
    whole(1, DAYS_CEILING),
    5,
    N_("예약 한 번에 이어서 이용하는 날의 상한."),
    rule="AD-09",
    unit="일",
    effect=NEW_BOOKINGS,
)
MAX_DAYS_AHEAD = Parameter(
    "ad.max_days_ahead",
    whole(1, 366),
    30,
    N_("며칠 뒤까지 예약할 수 있는지."),
    rule="AD-10",
    unit="일",
    effect=NEW_BOOKINGS,
)
MIN_MINUTES = Parameter(
    "ad.min_minutes",
    HOURS,
    60,
    N_("가장 짧은 이용시간."),
    rule="AD-11",
    unit="분",
    effect=NEW_BOOKINGS,
)
FEE_HOUR = Parameter(
    "ad.fee_hour",
    HOURLY_FEE,
    3000,
    N_("한 시간 이용료. 3,000원을 넘을 수 없습니다."),
    rule="AD-12",
    unit="원",
    effect=N_("그 뒤에 받는 예약부터 새 이용료를 씁니다. 이미 받은 예약의 이용료는 그대로입니다."),
)
FREE = Parameter(
    "ad.free_categories",
    several("free_categories", FREE_CATEGORIES),
    [],
    N_("이용료를 내지 않는 가정."),
    rule="AD-12",
    effect=N_("그 뒤에 받는 예약부터 씁니다."),
)
PAYMENT_METHODS = Parameter(
    "ad.methods",
    several("payment_methods", METHODS, least=1),
    ["account_transfer", "card"],
    N_("이용료를 받는 방법."),
    rule="AD-13",
    scope=Scope.CENTRE,
    effect=N_("그날부터 고를 수 있는 결제 방법이 바뀝니다."),
)
OVERRUN = Parameter(
    "ad.overrun_threshold_min",
    whole(1, 60),
    30,
    N_("한 시간을 더 받기 시작하는 초과 시간."),
    rule="AD-14",
    unit="분",
    effect=FROM_THEN_ON,
)
GOV_PRIORITY = Parameter(
    "ad.gov_priority",
    FLAG,
    True,
    N_("어린이집·유치원에 다니는 아동은 정부지원 보육료(연장·휴일보육)를 먼저 씁니다."),
    rule="AD-15",
    effect=FROM_THEN_ON,
)
CANCEL_CUTOFF = Parameter(
    "ad.cancel_cutoff",
    MINUTE,
    "15:00",
    N_("밤을 포함한 예약을 당일에 전화로 취소할 수 있는 마감 시각."),
    rule="AD-16",
    effect=FROM_THEN_ON,
)
LATE_CANCEL_HOURS = Parameter(
    "ad.late_cancel_fee_hours",
    whole(0, 24),
    0,
    N_("늦은 취소에 받는 시간."),
    rule="AD-16",
    unit="시간",
    effect=FROM_THEN_ON,
)
NOSHOW_HOURS = Parameter(
    "ad.noshow_fee_hours",
    whole(0, 24),
    0,
    N_("미입소에 받는 시간."),
    rule="AD-17",
    unit="시간",
    effect=FROM_THEN_ON,
)
NOSHOW_MINUTES = Parameter(
    "ad.noshow_minutes",
    whole(5, 720),
    60,
    N_("시작하고 이 시간이 지나도 오지 않으면 미입소로 적습니다."),
    rule="AD-17",
    unit="분",
    effect=FROM_THEN_ON,
)
MEAL_CAP = Parameter(
    "ad.meal_cap",
    OPTIONAL_INTEGER,
    None,
    N_("급·간식비로 받을 수 있는 금액의 상한. 비우면 상한이 없습니다."),
    rule="AD-23",
    scope=Scope.CENTRE,
    unit="원",
    effect=FROM_THEN_ON,
)
MIN_MONTHS = Parameter(
    "ae.daycare_min_months",
    whole(0, 84),
    6,
    N_("이용할 수 있는 가장 어린 개월 수."),
    rule="AE-17",
    unit="개월",
    effect=NEW_BOOKINGS,
)
AGE_MAX = Parameter(
    "ae.daycare_age_max",
    whole(0, 18),
    7,
    N_("이용할 수 있는 가장 많은 만 나이."),
    rule="AE-17",
    unit="세",
    effect=NEW_BOOKINGS,
)
PRESCHOOL_ONLY = Parameter(
    "ae.daycare_preschool_only",
    FLAG,
    True,
    N_("초등학교에 다니지 않는 아동만 이용합니다."),
    rule="AE-17",
    effect=NEW_BOOKINGS,
)
CLOSED_DAYS = Parameter(
    "gc.closed_days_daycare",
    several("closed_days", CLOSED_KEYS),
    list(CLOSED_KEYS),
    N_("어린이집이 쉬는 법정 휴원일."),
    rule="GC-13",
    effect=N_("그 뒤에 받는 예약에만 씁니다. 이미 받은 예약은 취소하지 않습니다."),
)

FIGURES = {
    "group_max": GROUP_MAX,
    "groups": GROUPS,
    "ratio_normal": RATIO_NORMAL,
    "ratio_small": RATIO_SMALL,
    "ratio_auto": RATIO_AUTO,
    "entry_weekday": ENTRY_WEEKDAY,
    "entry_holiday": ENTRY_HOLIDAY,
    "curfew": CURFEW,
    "holiday_open": HOLIDAY_OPEN,
    "cutoff": CUTOFF,
    "night_cutoff": NIGHT_CUTOFF,
    "cancel_cutoff": CANCEL_CUTOFF,
    "max_days": MAX_DAYS,
    "max_days_ahead": MAX_DAYS_AHEAD,
    "min_minutes": MIN_MINUTES,
    "fee_hour": FEE_HOUR,
    "free_categories": FREE,
    "methods": PAYMENT_METHODS,
    "overrun_threshold": OVERRUN,
    "gov_priority": GOV_PRIORITY,
    "late_cancel_fee_hours": LATE_CANCEL_HOURS,
    "noshow_fee_hours": NOSHOW_HOURS,
    "noshow_minutes": NOSHOW_MINUTES,
    "meal_cap": MEAL_CAP,
    "min_months": MIN_MONTHS,
    "age_max": AGE_MAX,
    "preschool_only": PRESCHOOL_ONLY,
    "closed_days": CLOSED_DAYS,
}
"""Field of ``DaycarePolicy`` → the parameter that fills it."""

register(*FIGURES.values())
