from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.centres.rules import check_operating_rules, ending_grounds

TODAY = date(2026, 4, 15)


@pytest.mark.rule("KB-51")
@pytest.mark.parametrize(
    ("priority", "ending", "missing"),
    [
        ("1순위 맞벌이", "3개월 미이용", []),
        ("", "3개월 미이용", ["rules.priority"]),
        ("1순위 맞벌이", " \n ", ["rules.ending"]),
        (" ", "", ["rules.priority", "rules.ending"]),
    ],
)
def test_operating_rules_hold_both_headings(priority: str, ending: str, missing: list[str]) -> None:
    found = check_operating_rules(priority, ending, None, TODAY, own_order=False)
    assert [problem.code for problem in found] == missing


@pytest.mark.rule("KB-40")
@pytest.mark.parametrize(
    ("own_order", "deliberated_on", "missing"),
    [
        (False, None, []),
        (True, None, ["rules.deliberation"]),
        (True, TODAY, []),
        (True, TODAY - timedelta(days=400), []),
        (True, TODAY + timedelta(days=1), ["rules.deliberation_future"]),
        (False, TODAY + timedelta(days=1), ["rules.deliberation_future"]),
    ],
)
def test_an_order_of_its_own_names_the_deliberation(
    own_order: bool, deliberated_on: date | None, missing: list[str]
) -> None:
    found = check_operating_rules("순위", "사유", deliberated_on, TODAY, own_order=own_order)
    assert [problem.code for problem in found] == missing


@pytest.mark.rule("KB-51")
def test_each_line_is_a_ground_for_ending_use() -> None:
    assert ending_grounds("장기 미이용\n\n  이사 \n- 거짓 서류\n") == ["장기 미이용", "이사", "거짓 서류"]
