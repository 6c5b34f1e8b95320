"""What a municipality may decide about accounts."""

from __future__ import annotations

from app.kernel.errors import N_
from app.kernel.parameters import FLAG, POSITIVE, Parameter, register

RESET_REQUIRES_CODE = Parameter(
    "kp.reset_requires_code", FLAG, True, N_("비밀번호를 찾을 때 인증번호를 확인합니다."), rule="KP-07"
)
LOCK_AFTER_FAILURES = Parameter(
    "kp.lock_after_failures",
    POSITIVE,
    5,
    N_("로그인에 이만큼 실패하면 계정을 잠급니다."),
    rule="KP-08",
    unit="번",
)
SUSPEND_AFTER_DAYS = Parameter(
    "kp.suspend_after_days",
    POSITIVE,
    90,
    N_("이만큼 로그인하지 않은 계정은 사용중지합니다."),
    rule="KP-09",
    unit="일",
)
PASSWORD_LEAST = Parameter(
    "po.password_min_length", POSITIVE, 9, N_("비밀번호의 가장 짧은 길이입니다."), rule="PO-04", unit="자"
)
IDLE_STAFF = Parameter(
    "xx.idle_staff_min",
    POSITIVE,
    30,
    N_("직원이 이만큼 쓰지 않으면 로그아웃합니다."),
    rule="XX-14",
    unit="분",
)
IDLE_GUARDIAN = Parameter(
    "xx.idle_guardian_min",
    POSITIVE,
    60,
    N_("보호자가 이만큼 쓰지 않으면 로그아웃합니다."),
    rule="XX-14",
    unit="분",
)

register(
    RESET_REQUIRES_CODE, LOCK_AFTER_FAILURES, SUSPEND_AFTER_DAYS, PASSWORD_LEAST, IDLE_STAFF, IDLE_GUARDIAN
)
