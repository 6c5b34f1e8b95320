"""운영 안내 of the application form, with the figures of the daycare (AD-05 – AD-12, AD-16, AE-17, AE-18).

The form prints the province's standard; where it is filled in, these words of the municipality's own figures stand in
its place, on the paper and on the screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.daycare.policy import policy_at
from app.daycare.queries.place import daycare_by_id, policy_of
from app.daycare.rules.days import parse_clock, span_text
from app.daycare.rules.policy import DAY_START, DaycarePolicy
from app.kernel.actor import DAYCARE_STAFF
from app.kernel.db import UnitOfWork
from app.kernel.ranges import minute_text
from app.tenancy.settings import TENANT_WIDE

ROWS: Mapping[str, str] = {
    "rules_target": "이용대상",
    "rules_hours": "이용시간 및 지원단가",
    "rules_booking": "예약",
    "rules_cancelling": "예약 취소",
}
"""Field of the form → the printed row whose words it replaces."""
VULNERABLE = "vulnerable"


def operating_rules(policy: DaycarePolicy, hours: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Words by field of the form. ``hours``: the daycare's own opening hours (AD-30)."""
    return {
        "rules_target": _target(policy),
        "rules_hours": "\n".join(_hours(policy, hours or {})),
        "rules_booking": "\n".join(_booking(policy)),
        "rules_cancelling": (
            f"· 야간·새벽보육을 당일에 취소하려면 늦어도 {minute_text(policy.cancel_cutoff)}까지 "
            "어린이집에 전화합니다.\n"
            "· 어린이집은 예약한 사람과 취소하는 사람이 같은지 확인한 뒤 취소를 접수합니다."
        ),
    }


def rules_here(uow: UnitOfWork) -> dict[str, str]:
    """For a blank form: the acting person's daycare, else the municipality."""
    if uow.actor.role in DAYCARE_STAFF and uow.actor.scope is not None:
        place = daycare_by_id(uow, uow.actor.scope)
        return operating_rules(policy_of(uow, place), place.hours)
    return operating_rules(policy_at(uow, TENANT_WIDE))


def rules_by_row(policy: DaycarePolicy, hours: Mapping[str, Any] | None = None) -> dict[str, str]:
    """The same by the printed row's name, for the screen."""
    return {ROWS[key]: words for key, words in operating_rules(policy, hours).items()}


def _target(policy: DaycarePolicy) -> str:
    youngest = f"{policy.min_months}개월 이상" if policy.min_months else "0세부터"
    if policy.preschool_only:
        return f"· {youngest} {policy.age_max}세 이하의 취학 전 영유아가 이용할 수 있습니다."
    return f"· {youngest} {policy.age_max}세 이하의 아동이 이용할 수 있습니다. 학교에 다녀도 됩니다."


def _hours(policy: DaycarePolicy, hours: Mapping[str, Any]) -> list[str]:
    fee = f"1시간에 {policy.fee_hour:,}원이며 보호자가 부담합니다" if policy.fee_hour else "무료입니다"
    free = " 취약계층은 무료입니다." if policy.fee_hour and VULNERABLE in policy.free_categories else ""
    least = f"{policy.min_minutes // 60}시간부터 이용할 수 있습니다."
    leave, back = (minute_text(minute) for minute in policy.curfew)
    lines = [f"· 이용료는 {fee}.{free} {least}", f"· 입소와 퇴소는 {back}~{leave}에 할 수 있습니다."]
    if own := hours.get("weekday"):
        lines.append(f"· 평일은 {span_text(*map(parse_clock, own))}에 엽니다.")
    if "holiday" in hours:
        own = hours["holiday"]
        opens = f"{span_text(*map(parse_clock, own))}에 엽니다" if own else "열지 않습니다"
        lines.append(f"· 토·일·공휴일은 {opens}.")
    elif policy.holiday_open is not None:
        span = f"{minute_text(policy.holiday_open.start)}~{minute_text(policy.holiday_open.end)}"
        lines.append(f"· 토·일·공휴일은 {span}에 엽니다.")
    return lines


def _booking(policy: DaycarePolicy) -> list[str]:
    start, end = minute_text(policy.curfew[0]), minute_text(DAY_START)
    return [
        f"· 이용하는 날 {minute_text(policy.cutoff)}까지 신청합니다. "
        f"한 반 정원 {policy.group_max}명을 넘으면 이용할 수 없습니다.",
        f"· 야간·새벽보육({start}~다음날 {end})은 전날 {minute_text(policy.night_cutoff)}까지 예약합니다.",
        "· 예약한 시간을 넘기면 넘긴 시간의 이용료를 더 냅니다.",
    ]
