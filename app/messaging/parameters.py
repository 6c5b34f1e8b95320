"""What a municipality may decide about messages."""

from __future__ import annotations

from app.kernel.errors import N_
from app.kernel.parameters import NIGHT, Parameter, register

QUIET_HOURS = Parameter(
    "kp.quiet_hours",
    NIGHT,
    "21:00-08:00",
    N_("이 시간에는 출결·안전 알림 말고는 보내지 않습니다. 끝나는 시각에 모아 보냅니다."),
    rule="KP-10",
)

register(QUIET_HOURS)
