"""Which children a daycare is for, and who may ask (AE-17 – AE-20)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from app.daycare.rules.policy import DaycarePolicy
from app.kernel.errors import N_, Problem
from app.kernel.ranges import DateSpan, add_months, age_on, kst
from app.kernel.texts import day_text

SMALL_MONTHS = 24
FOREVER = datetime(9999, 12, 31, tzinfo=kst(date(2026, 1, 1)).tzinfo)
PROVINCE = re.compile(r"^\s*경기(도|\s)")
_CITIES = """
수원시 성남시 의정부시 안양시 부천시 광명시 평택시 동두천시 안산시 고양시 과천시 구리시 남양주시 오산시 시흥시 군포시
의왕시 하남시 용인시 파주시 이천시 안성시 김포시 화성시 양주시 포천시 여주시 연천군 가평군 양평군
"""
CITIES = frozenset(_CITIES.split())
"""Names of the province's municipalities that no other province shares; 광주시 needs the province before it."""
OTHER_PROVINCES = re.compile(
    r"^\s*(서울|부산|대구|인천|광주광역|대전|울산|세종|강원|충북|충남|충청|전북|전남|전라|경북|경남|경상|제주)"
)
TOO_YOUNG = Problem(
    "daycare.too_young",
    N_("생후 {months}개월부터 이용할 수 있어요. {from_day}부터 예약해 주세요."),
    rule="AE-17",
    field="child",
)
TOO_OLD = Problem(
    "daycare.too_old",
    N_("만 {age}세까지 이용할 수 있어요. {day}에는 나이가 넘어요."),
    rule="AE-17",
    field="child",
)
IN_SCHOOL = Problem(
    "daycare.in_school", N_("초등학교에 다니는 아이는 이용할 수 없어요."), rule="AE-17", field="child"
)
NOT_RESIDENT = Problem(
    "daycare.not_resident",
    N_("경기도에 주민등록을 둔 아이만 이용할 수 있어요."),
    rule="AE-17",
    field="child",
)
NOT_ENTITLED = Problem(
    "daycare.not_entitled",
    N_("부모, 조부모 같은 직계 존속이나 법정대리인이 신청해 주세요."),
    rule="AE-19",
    field="guardian",
)
NOT_SAME_REGISTER = Problem(
    "daycare.not_same_register",
    N_("아이와 주민등록을 함께 하지 않으면 가족관계증명서로 관계를 확인해야 해요."),
    rule="AE-19",
    field="guardian",
    soft=True,
)
SYMPTOMS = Problem(
    "daycare.symptoms",
    N_("감염병이나 식중독이 의심되는 증상이 있으면 의사의 완치 소견서를 낸 뒤에 들어올 수 있어요."),
    rule="AE-20",
    field="symptoms",
)
ENTITLED = frozenset({"PARENT", "GRANDPARENT", "LEGAL_REP"})


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """``resident``: whether the child is registered in the province; None while nobody has looked."""

    birth: date
    in_school: bool | None = None
    disabled: bool = False
    resident: bool | None = None


def months_on(birth: date, on: date) -> int:
    """Completed months of age (GC-06): born 31 August, six months on 1 March."""
    months = (on.year - birth.year) * 12 + on.month - birth.month
    return months - 1 if add_months(birth, months) > on else months


def small_until(child: ChildFacts) -> datetime:
    """Until when the child makes the class a small one: midnight of the 24th month, never-ending when disabled."""
    return FOREVER if child.disabled else kst(add_months(child.birth, SMALL_MONTHS))


def check_child(child: ChildFacts, days: DateSpan, policy: DaycarePolicy) -> list[Problem]:
    """AE-17, AE-18, judged on the first and the last day of a booking: a birthday may lie between them."""
    found = []
    if months_on(child.birth, days.first) < policy.min_months:
        begins = add_months(child.birth, policy.min_months)
        found.append(TOO_YOUNG.of(months=policy.min_months, from_day=day_text(begins)))
    if age_on(child.birth, days.last) > policy.age_max:
        found.append(TOO_OLD.of(age=policy.age_max, day=day_text(days.last)))
    if policy.preschool_only and child.in_school:
        found.append(IN_SCHOOL)
    if child.resident is False:
        found.append(NOT_RESIDENT)
    return found


def check_requester(relation: str, lives_together: bool, *, kinship_seen: bool = False) -> list[Problem]:
    """AE-19. ``kinship_seen``: the family certificate was shown, which proves what the register does not."""
    if relation not in ENTITLED:
        return [NOT_ENTITLED]
    return [] if lives_together or kinship_seen else [NOT_SAME_REGISTER]


def check_health(symptoms: bool, recovery_note: bool) -> Problem | None:
    """AE-20: with symptoms only a physician's note of recovery opens the door."""
    return SYMPTOMS if symptoms and not recovery_note else None


def province_of(address: str) -> bool | None:
    """Whether an address lies in Gyeonggi as far as its words tell; None when they do not."""
    if PROVINCE.match(address):
        return True
    first = address.split()[0] if address.split() else ""
    if first in CITIES:
        return True
    return False if OTHER_PROVINCES.match(address) else None
