"""What directors and officers are told when an insurance ends (J-26)."""

from __future__ import annotations

from app.kernel.errors import N_
from app.messaging.templates import Template, register_template

ENDING = "insurance.ending"

register_template(
    Template(
        ENDING,
        N_("보험 만료 안내"),
        N_(
            "[{place}] {kind} ({insurer}, 증권번호 {number}): {ends}까지, {left}.\n"
            "끝난 다음 날부터는 예약을 받을 수 없어요. 갱신한 증권을 보험 화면에 등록해 주세요."
        ),
    ),
)
