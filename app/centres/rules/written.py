"""A centre's written operating rules: the order of enrolment, the grounds for ending use (KB-40, KB-51)."""

from __future__ import annotations

from datetime import date

from app.kernel.errors import N_, Problem

NO_PRIORITY = Problem(
    "rules.priority",
    N_("이용 우선순위를 적어 주세요. 입소를 정할 때 이 순서를 따릅니다."),
    rule="KB-51",
    field="priority",
)
NO_ENDING = Problem(
    "rules.ending", N_("이용 종결기준을 한 줄에 하나씩 적어 주세요."), rule="KB-51", field="ending"
)
NO_DELIBERATION = Problem(
    "rules.deliberation",
    N_("기본 순서와 다르면 운영위원회 심의일을 적어 주세요."),
    rule="KB-40",
    field="deliberated_on",
)
LATER_DELIBERATION = Problem(
    "rules.deliberation_future",
    N_("심의일은 오늘이나 그 전이어야 해요."),
    rule="KB-40",
    field="deliberated_on",
)


def ending_grounds(ending: str) -> list[str]:
    """The grounds for ending use that a decision may name, one a line, without its bullet (KB-51)."""
    return [ground for line in ending.splitlines() if (ground := line.strip(" -·•\t"))]


def check_operating_rules(
    priority: str, ending: str, deliberated_on: date | None, today: date, *, own_order: bool
) -> list[Problem]:
    """Both headings are filled (KB-51); an order of the centre's own names its committee's deliberation (KB-40)."""
    found = []
    if not priority.strip():
        found.append(NO_PRIORITY)
    if not ending_grounds(ending):
        found.append(NO_ENDING)
    if own_order and deliberated_on is None:
        found.append(NO_DELIBERATION)
    if deliberated_on is not None and deliberated_on > today:
        found.append(LATER_DELIBERATION)
    return found
