"""What centres and districts are told about quarters (KQ-16)."""

from __future__ import annotations

from app.kernel.errors import N_
from app.messaging.templates import Template, register_template

QUARTERS_DUE = "centres.quarters_due"
QUARTERS_MISSING = "centres.quarters_missing"

register_template(
    Template(
        QUARTERS_DUE,
        N_("다음 해 분기를 정해 주세요"),
        N_(
            "[{centre}] 아직 정하지 않은 {year}년 분기: {missing}\n분기를 정해야 {year}년 예약을 받을 수 있어요. "
            "분기 화면에서 정해 주세요."
        ),
    ),
    Template(
        QUARTERS_MISSING,
        N_("다음 해 분기가 없는 센터가 있어요"),
        N_(
            "[{district}] {year}년 분기를 다 정하지 않은 센터가 {count}곳 있어요: {centres}\n센터에 확인해 주세요."
        ),
    ),
)
