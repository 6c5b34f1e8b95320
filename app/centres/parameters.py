"""What a municipality may decide about its centres (``kc.*``, ``kq.*``) and the portal's help page."""

from __future__ import annotations

from app.kernel.errors import N_
from app.kernel.parameters import DECIMAL, FLAG, INTEGER, LIST, MONTH_DAY, SPAN, Parameter, register

NEW_CENTRES = N_("그 뒤에 등록하는 센터에만 씁니다. 운영 중인 센터는 우리 센터 화면에서 바꿉니다.")

HARD_AREA = Parameter(
    "kc.area_per_place_hard",
    DECIMAL,
    "3.3",
    N_("아동 한 명에게 꼭 있어야 하는 전용면적. 정원의 상한을 정합니다."),
    rule="KC-01",
    unit="㎡",
    effect=N_("그날부터 정하는 정원에 새 상한을 씁니다. 이미 정한 정원은 그대로입니다."),
)
RECOMMENDED_AREA = Parameter(
    "kc.area_per_place_recommended",
    DECIMAL,
    "4.0",
    N_("아동 한 명에게 권장하는 전용면적. 이보다 좁으면 사유를 적게 합니다."),
    rule="KC-02",
    unit="㎡",
    effect=N_("정원을 정할 때 제안하는 인원과 안내가 바뀝니다."),
)
SEPARATE_QUOTA = Parameter(
    "kc.separate_quota_pct",
    INTEGER,
    20,
    N_("기본정원에 더해 일시돌봄에 두는 별도정원의 비율(소수점 아래 버림)."),
    rule="KC-04",
    unit="%",
    effect=N_("그날부터의 일시돌봄 자리 수가 바뀝니다. 이미 받은 예약은 취소하지 않습니다."),
)
CHILDREN_PER_STAFF = Parameter(
    "kc.children_per_staff",
    INTEGER,
    20,
    N_("돌봄필수인력 한 명이 돌볼 수 있는 아동 수."),
    rule="KC-08",
    unit="명",
    effect=N_("그날부터의 자리 수가 바뀝니다. 이미 받은 예약은 취소하지 않습니다."),
)
GENERAL_SEMESTER = Parameter(
    "kq.std_general_semester",
    SPAN,
    "13:00-19:00",
    N_("일반형 센터가 학기 중 평일에 꼭 여는 시간."),
    rule="KQ-08",
    effect=N_("그 뒤에 저장하는 분기부터 이 시간을 담아야 합니다."),
)
FUSION_SEMESTER = Parameter(
    "kq.std_fusion_semester",
    SPAN,
    "13:00-20:00",
    N_("융합형 센터가 학기 중 평일에 꼭 여는 시간."),
    rule="KQ-08",
    effect=N_("그 뒤에 저장하는 분기부터 이 시간을 담아야 합니다."),
)
VACATION = Parameter(
    "kq.std_vacation",
    SPAN,
    "09:00-18:00",
    N_("방학 중 평일에 꼭 여는 시간. 단기방학과 재량휴교일에도 이 시간에 엽니다."),
    rule="KQ-08",
    effect=N_("그날부터의 단기방학·재량휴교일 운영시간과, 그 뒤에 저장하는 방학 분기에 씁니다."),
)
GENERAL_DAYS = Parameter(
    "kq.general_min_days",
    INTEGER,
    5,
    N_("일반형 센터가 한 주에 여는 최소 일수."),
    rule="KQ-09",
    unit="일",
    effect=N_("그 뒤에 저장하는 분기부터 확인합니다."),
)
MIN_OPEN_MINUTES = Parameter(
    "kq.min_open_minutes",
    INTEGER,
    480,
    N_("일반형 센터가 하루에 여는 최소 시간."),
    rule="KQ-09",
    unit="분",
    effect=N_("그 뒤에 저장하는 분기부터 확인합니다."),
)
FUSION_DAYS = Parameter(
    "kq.fusion_min_days",
    INTEGER,
    6,
    N_("융합형 센터가 한 주에 여는 최소 일수."),
    rule="KQ-10",
    unit="일",
    effect=N_("그 뒤에 저장하는 분기부터 확인합니다."),
)
FUSION_SATURDAY = Parameter(
    "kq.fusion_saturday_min_minutes",
    INTEGER,
    240,
    N_("융합형 센터가 토요일에 여는 최소 시간."),
    rule="KQ-10",
    unit="분",
    effect=N_("그 뒤에 저장하는 분기부터 확인합니다."),
)
SHORT_QUARTER = Parameter(
    "kb.short_quarter_days",
    INTEGER,
    35,
    N_("분기가 이 일수보다 짧으면 짧은 분기로 표시하고 별도 안내 대상으로 삼습니다."),
    rule="KQ-14",
    unit="일",
    effect=N_("짧은 분기의 표시와, 그 분기의 정기돌봄 최소 일수 예외가 바뀝니다."),
)
REMIND_ON = Parameter(
    "kq.remind_month_day",
    MONTH_DAY,
    "11-01",
    N_("다음 해 분기를 정하라고 센터에 알리는 날."),
    rule="KQ-16",
    effect=N_("다음 알림부터 이 날짜에 보냅니다."),
)
ESCALATE_ON = Parameter(
    "kq.escalate_month_day",
    MONTH_DAY,
    "12-01",
    N_("다음 해 분기가 아직 없는 센터를 자치구 담당자에게 알리는 날."),
    rule="KQ-16",
    effect=N_("다음 알림부터 이 날짜에 보냅니다."),
)
HELP_PHONES = Parameter(
    "kp.help_phones",
    LIST,
    ["02-2133-4947", "02-2133-4817"],
    N_("이용 안내 화면에 보여 주는 문의 전화."),
    rule="KP-16",
    effect=N_("이용 안내 화면의 전화번호가 바뀝니다."),
)
SICK_CARE = Parameter(
    "kb.sick_care",
    FLAG,
    False,
    N_("새로 등록하는 센터에서 아픈아이 돌봄을 켜 둡니다."),
    rule="KB-47",
    effect=NEW_CENTRES,
)
SICK_SEATS = Parameter(
    "kb.sick_seats",
    INTEGER,
    0,
    N_("새로 등록하는 센터의 아픈아이 돌봄 자리 수."),
    rule="KB-47",
    unit="명",
    effect=NEW_CENTRES,
)
PRESCHOOL_SIBLING = Parameter(
    "kb.preschool_sibling",
    FLAG,
    False,
    N_("새로 등록하는 센터에서 미취학 형제·자매의 일시돌봄을 받습니다."),
    rule="KB-36",
    effect=NEW_CENTRES,
)
PRESCHOOL_MIN_AGE = Parameter(
    "kb.preschool_sibling_min_age",
    INTEGER,
    5,
    N_("새로 등록하는 센터가 받는 미취학 형제·자매의 최소 나이(만)."),
    rule="KB-36",
    unit="세",
    effect=NEW_CENTRES,
)

POLICY = {
    "std_general_semester": GENERAL_SEMESTER,
    "std_fusion_semester": FUSION_SEMESTER,
    "std_vacation": VACATION,
    "general_min_days": GENERAL_DAYS,
    "min_open_minutes": MIN_OPEN_MINUTES,
    "fusion_min_days": FUSION_DAYS,
    "fusion_saturday_min_minutes": FUSION_SATURDAY,
    "short_quarter_days": SHORT_QUARTER,
    "area_per_place_hard": HARD_AREA,
    "area_per_place_recommended": RECOMMENDED_AREA,
    "separate_quota_pct": SEPARATE_QUOTA,
    "children_per_staff": CHILDREN_PER_STAFF,
}
"""Field of ``CentrePolicy`` → the parameter that fills it."""

register(
    *POLICY.values(),
    REMIND_ON,
    ESCALATE_ON,
    HELP_PHONES,
    SICK_CARE,
    SICK_SEATS,
    PRESCHOOL_SIBLING,
    PRESCHOOL_MIN_AGE,
)
