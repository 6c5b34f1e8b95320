"""What families and daycares are told about pick-up notes."""

from __future__ import annotations

from app.kernel.errors import N_
from app.messaging.templates import Template, register_template

PICKUP_ANNOUNCED = "daycare.pickup_announced"
PICKUP_CONFIRMED = "daycare.pickup_confirmed"

register_template(
    Template(
        PICKUP_ANNOUNCED,
        N_("데리러 올 사람이 바뀌었어요"),
        N_(
            "{day}에 신청서에 없는 분이 데리러 온다고 보호자({phone})가 알려 왔어요. "
            "전화로 확인하고 사전연락을 적어 주세요."
        ),
    ),
    Template(
        PICKUP_CONFIRMED,
        N_("데리러 올 분을 확인했어요"),
        N_("[{daycare}] {day}에 {person}님이 데리러 오는 것을 확인했어요. 신분증을 가져오시게 해 주세요."),
    ),
)
