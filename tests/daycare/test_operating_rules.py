"""운영 안내 of the application names the daycare's own figures (AD-05, AD-12, AD-28, AE-17, AE-18)."""

from __future__ import annotations

import pytest

from app.daycare.operating_rules import ROWS, operating_rules, rules_by_row
from app.daycare.rules.policy import STANDARD, DaycarePolicy
from app.documents.catalogue import load
from app.kernel.ranges import TimeSpan

ICHEON = DaycarePolicy(
    fee_hour=1000, free_categories=("vulnerable",), min_months=0, age_max=12, preschool_only=False
)
BUCHEON = DaycarePolicy(holiday_open=TimeSpan(540, 1080))


def test_every_replaced_row_is_a_row_and_a_field_of_the_form() -> None:
    form = load("daycare-application")
    section = form.section("operation")
    printed = {name for name, *_ in section.rows}
    fields = {field.name: field.label for field in section.fields if field.computed}
    assert fields == dict(ROWS)
    assert set(ROWS.values()) <= printed
    assert set(operating_rules(STANDARD)) == set(ROWS)


@pytest.mark.rule("AE-17")
@pytest.mark.rule("AE-18")
@pytest.mark.parametrize(
    ("policy", "said", "unsaid"),
    [
        (STANDARD, ("6개월 이상 7세 이하", "취학 전"), ("0세",)),
        (ICHEON, ("0세부터 12세 이하", "학교에 다녀도"), ("취학 전", "6개월")),
    ],
)
def test_who_may_come(policy: DaycarePolicy, said: tuple[str, ...], unsaid: tuple[str, ...]) -> None:
    words = rules_by_row(policy)["이용대상"]
    assert all(part in words for part in said)
    assert not any(part in words for part in unsaid)


@pytest.mark.rule("AD-12")
@pytest.mark.parametrize(
    ("policy", "said", "unsaid"),
    [
        (STANDARD, "1시간에 3,000원이며", "취약계층"),
        (ICHEON, "1시간에 1,000원이며 보호자가 부담합니다. 취약계층은 무료", "3,000"),
        (DaycarePolicy(fee_hour=0), "이용료는 무료입니다.", "0원"),
    ],
)
def test_what_it_costs(policy: DaycarePolicy, said: str, unsaid: str) -> None:
    words = operating_rules(policy)["rules_hours"]
    assert said in words
    assert unsaid not in words


@pytest.mark.rule("AD-28")
@pytest.mark.rule("AD-30")
@pytest.mark.parametrize(
    ("policy", "hours", "lines"),
    [
        (STANDARD, None, []),
        (BUCHEON, None, ["· 토·일·공휴일은 09:00~18:00에 엽니다."]),
        (BUCHEON, {"holiday": None}, ["· 토·일·공휴일은 열지 않습니다."]),
        (STANDARD, {"weekday": ["07:30", "22:00"]}, ["· 평일은 07:30–22:00에 엽니다."]),
        (STANDARD, {"holiday": ["09:00", "31:30"]}, ["· 토·일·공휴일은 09:00–다음 날 07:30에 엽니다."]),
    ],
)
def test_when_it_is_open(policy: DaycarePolicy, hours: dict[str, object] | None, lines: list[str]) -> None:
    assert operating_rules(policy, hours)["rules_hours"].split("\n")[2:] == lines


@pytest.mark.rule("AD-07")
@pytest.mark.rule("AD-08")
@pytest.mark.rule("AD-16")
def test_deadlines_are_those_in_force() -> None:
    moved = DaycarePolicy(cutoff=840, night_cutoff=1020, cancel_cutoff=960, group_max=4)
    words = operating_rules(moved)
    assert "이용하는 날 14:00까지" in words["rules_booking"]
    assert "정원 4명" in words["rules_booking"]
    assert "(22:00~다음날 07:30)은 전날 17:00까지" in words["rules_booking"]
    assert "늦어도 16:00까지" in words["rules_cancelling"]
