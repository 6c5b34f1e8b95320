"""What a municipality, a district or a centre may decide about booking and waiting (``kb.*``, ``kw.*``)."""

from __future__ import annotations

from app.booking.rules.priority import DEFAULT_ORDER, DELIBERATION_MISSING, Ground, check_order, read_order
from app.kernel.errors import N_
from app.kernel.parameters import (
    DECIMAL,
    FLAG,
    INTEGER,
    NIGHT,
    OPTIONAL_INTEGER,
    POSITIVE,
    Parameter,
    Scope,
    register,
)
from app.people.rules import EvidenceKind
from app.tenancy.kinds import choice, ranking, several

NEW_BOOKINGS = N_("그날부터 새로 받는 신청에 씁니다. 이미 받은 신청은 그대로입니다.")
FROM_THAT_DAY = N_("그날부터 하는 처리에 씁니다.")

GROUNDS = {ground.value: ground.label for ground in Ground}


def _complete_order(raw: list[list[str]]) -> bool:
    """Everything but the deliberation, which is no part of the value (KB-37)."""
    return all(problem.code == DELIBERATION_MISSING.code for problem in check_order(read_order(raw), None))


RANKING = ranking(
    "ranking",
    GROUNDS,
    _complete_order,
    N_(
        "한 줄이 한 순위예요. 사유를 한 번씩 적고 같은 순위는 쉼표로 나눠요. 한부모는 맞벌이와 같거나 앞이어야 해요."
    ),
)

REGULAR_MIN_DAYS = Parameter(
    "kb.regular_min_days",
    INTEGER,
    30,
    N_("정기돌봄을 한 번에 신청하는 최소 기간(첫날과 마지막 날 포함)."),
    rule="KB-02",
    unit="일",
    effect=NEW_BOOKINGS,
)
SHORT_QUARTER_WAIVER = Parameter(
    "kb.short_quarter_waiver",
    FLAG,
    True,
    N_("짧은 분기에는 분기 끝까지 신청하면 최소 기간보다 짧아도 정기돌봄을 받습니다."),
    rule="KB-05",
    effect=NEW_BOOKINGS,
)
QUARTER_END_WAIVER = Parameter(
    "kb.quarter_end_waiver",
    FLAG,
    False,
    N_("짧지 않은 분기에서도 분기 끝까지 신청하면 최소 기간보다 짧은 정기돌봄을 받습니다."),
    rule="KB-05",
    effect=NEW_BOOKINGS,
)
TEMP_WINDOW = Parameter(
    "kb.temp_window_days",
    INTEGER,
    14,
    N_("일시돌봄을 오늘부터 며칠 뒤까지 신청할 수 있는지 정합니다."),
    rule="KB-08",
    unit="일",
    effect=NEW_BOOKINGS,
)
SLOT_MINUTES = Parameter(
    "kb.slot_minutes",
    POSITIVE,
    30,
    N_("예약 시간과 자리를 세는 단위. 모든 센터에서 같아 바꾸지 않습니다."),
    rule="KB-11",
    scope=Scope.PLATFORM,
    unit="분",
)
COUNSELLING = Parameter(
    "kb.counselling_required_regular",
    FLAG,
    True,
    N_("정기돌봄을 승인하기 전에 방문상담 날짜를 적게 합니다."),
    rule="KB-15",
    effect=FROM_THAT_DAY,
)
EVIDENCE_KINDS = Parameter(
    "kb.evidence_kinds",
    several("evidence_kinds", {kind.value: kind.label for kind in EvidenceKind}),
    [kind.value for kind in EvidenceKind],
    N_("우선순위 증빙으로 받을 수 있는 서류의 종류."),
    rule="KB-17",
    effect=N_("자치구가 고를 수 있는 서류가 바뀝니다. 이미 낸 서류는 그대로입니다."),
)
TEACHER_MAY_APPROVE = Parameter(
    "kb.teacher_may_approve_temp",
    FLAG,
    False,
    N_("돌봄선생님도 일시돌봄을 승인할 수 있습니다."),
    rule="KB-21",
    effect=FROM_THAT_DAY,
)
DECISION_CHANNEL = Parameter(
    "kb.decision_channel",
    choice("channel", {"alimtalk": N_("알림톡"), "sms": N_("문자"), "email": N_("전자우편")}),
    "alimtalk",
    N_("승인·미승인 결과를 알리는 방법."),
    rule="KB-23",
    effect=N_("그날부터 알리는 결과를 이 방법으로 보냅니다."),
)
SELF_CANCEL = Parameter(
    "kb.guardian_self_cancel",
    FLAG,
    False,
    N_("승인된 예약을 보호자가 직접 취소할 수 있습니다. 끄면 센터에 취소를 요청합니다."),
    rule="KB-28",
    effect=FROM_THAT_DAY,
)
AUTO_START = Parameter(
    "kb.auto_start_new",
    FLAG,
    False,
    N_("일시돌봄은 카드를 찍으면 이용중으로 바꿉니다."),
    rule="KB-29",
    effect=FROM_THAT_DAY,
)
AGE_MIN = Parameter(
    "kb.age_min",
    INTEGER,
    6,
    N_("학교를 모를 때 이용할 수 있는 가장 어린 나이(만)."),
    rule="KB-35",
    unit="세",
    effect=NEW_BOOKINGS,
)
AGE_MAX = Parameter(
    "kb.age_max",
    INTEGER,
    12,
    N_("학교를 모를 때 이용할 수 있는 가장 많은 나이(만)."),
    rule="KB-35",
    unit="세",
    effect=NEW_BOOKINGS,
)
PUPIL_EXTENDS = Parameter(
    "kb.pupil_extends_age",
    FLAG,
    True,
    N_("초등학교에 다니는 동안은 나이가 넘어도 이용할 수 있습니다."),
    rule="KB-35",
    effect=NEW_BOOKINGS,
)
PRIORITY_ORDER = Parameter(
    "kb.priority_order",
    RANKING,
    [[ground.value for ground in group] for group in DEFAULT_ORDER],
    N_("이용 우선순위의 순서. 센터가 다르게 정하려면 운영위원회 심의를 거칩니다."),
    rule="KB-37",
    scope=Scope.CENTRE,
    effect=N_("그날부터 기다리는 순서를 이 순위로 셉니다. 맞벌이와 한부모를 나누면 한부모가 먼저입니다."),
)
LOW_GRADE_MAX = Parameter(
    "kb.low_grade_max",
    INTEGER,
    3,
    N_("우선순위에서 저학년으로 보는 가장 높은 학년."),
    rule="KB-37",
    unit="학년",
    effect=N_("그날부터 우선순위를 셀 때 씁니다."),
)
TIE_BREAK = Parameter(
    "kb.tie_break",
    choice("tie_break", {"applied_at": N_("먼저 신청한 순서")}),
    "applied_at",
    N_("순위가 같을 때 누가 먼저인지 정합니다. 신청 시각도 같으면 어린 아동이 먼저입니다."),
    rule="KB-38",
    scope=Scope.PLATFORM,
)
DEMAND_WEEKS = Parameter(
    "kb.demand_weeks",
    INTEGER,
    4,
    N_("일시돌봄이 몇 주 이어서 붐비면 운영시간을 살펴보라고 알릴지 정합니다."),
    rule="KB-41",
    unit="주",
    effect=N_("다음 보고부터 이 기준으로 셉니다."),
)
DEMAND_RATIO = Parameter(
    "kb.demand_ratio",
    DECIMAL,
    "0.8",
    N_("자리의 얼마가 차야 붐비는 것으로 볼지 정합니다(0.8은 80%)."),
    rule="KB-41",
    effect=N_("다음 보고부터 이 기준으로 셉니다."),
)
WAIT_TEMP_MULTIPLE = Parameter(
    "kw.temp_multiple",
    INTEGER,
    2,
    N_("일시돌봄 대기를 정원의 몇 배까지 받을지 정합니다."),
    rule="KW-03",
    unit="배",
    effect=N_("그날부터 새로 받는 대기에 씁니다. 이미 기다리는 신청은 그대로입니다."),
)
WAIT_TEMP_BASE = Parameter(
    "kw.temp_base",
    choice("temp_base", {"capacity": N_("기본정원"), "separate_quota": N_("별도정원")}),
    "capacity",
    N_("일시돌봄 대기 배수를 곱하는 정원. 별도정원이 0명이면 기본정원을 씁니다."),
    rule="KW-03",
    effect=N_("그날부터 새로 받는 대기에 씁니다. 이미 기다리는 신청은 그대로입니다."),
)
WAIT_REGULAR_MULTIPLE = Parameter(
    "kw.regular_multiple",
    OPTIONAL_INTEGER,
    None,
    N_("정기돌봄 대기를 정원의 몇 배까지 받을지 정합니다. 비워 두면 제한이 없습니다."),
    rule="KW-04",
    unit="배",
    effect=N_("그날부터 새로 받는 대기에 씁니다. 이미 기다리는 신청은 그대로입니다."),
)
AUTO_OFFER = Parameter(
    "kw.auto_offer",
    FLAG,
    True,
    N_("자리가 나면 다음 순서의 보호자에게 바로 알립니다."),
    rule="KW-05",
    effect=N_("끄면 센터가 대기 화면에서 직접 알려야 합니다."),
)
OFFER_HOURS_REGULAR = Parameter(
    "kw.offer_hours_regular",
    POSITIVE,
    24,
    N_("정기돌봄 대기 안내에 답할 시간."),
    rule="KW-06",
    unit="시간",
    effect=N_("그날부터 보내는 안내에 씁니다. 이미 보낸 안내의 마감은 그대로입니다."),
)
OFFER_HOURS_TEMP = Parameter(
    "kw.offer_hours_temp",
    POSITIVE,
    2,
    N_("일시돌봄 대기 안내에 답할 시간."),
    rule="KW-06",
    unit="시간",
    effect=N_("그날부터 보내는 안내에 씁니다. 이미 보낸 안내의 마감은 그대로입니다."),
)
OFFER_QUIET_HOURS = Parameter(
    "kw.quiet_hours",
    NIGHT,
    "21:00-08:00",
    N_("이 시간에 난 자리는 끝나는 시각부터 답할 시간을 셉니다."),
    rule="KW-06",
    effect=N_("그날부터 보내는 안내에 씁니다."),
)
CLOSING_GRACE = Parameter(
    "ka.missing_out_grace_min",
    INTEGER,
    30,
    N_("운영이 끝나고 하루를 마감하기까지 기다리는 시간."),
    rule="KA-13",
    unit="분",
    effect=N_("그날부터 하루를 마감하는 시각이 바뀝니다."),
)

register(
    REGULAR_MIN_DAYS,
    SHORT_QUARTER_WAIVER,
    QUARTER_END_WAIVER,
    TEMP_WINDOW,
    SLOT_MINUTES,
    COUNSELLING,
    EVIDENCE_KINDS,
    TEACHER_MAY_APPROVE,
    DECISION_CHANNEL,
    SELF_CANCEL,
    AUTO_START,
    AGE_MIN,
    AGE_MAX,
    PUPIL_EXTENDS,
    PRIORITY_ORDER,
    LOW_GRADE_MAX,
    TIE_BREAK,
    DEMAND_WEEKS,
    DEMAND_RATIO,
    WAIT_TEMP_MULTIPLE,
    WAIT_TEMP_BASE,
    WAIT_REGULAR_MULTIPLE,
    AUTO_OFFER,
    OFFER_HOURS_REGULAR,
    OFFER_HOURS_TEMP,
    OFFER_QUIET_HOURS,
    CLOSING_GRACE,
)
