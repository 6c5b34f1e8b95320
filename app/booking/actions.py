"""Who may do what with bookings (roles: Kium matrix)."""

from __future__ import annotations

from app.kernel.actions import Reach, action, grant
from app.kernel.actor import CENTRE_STAFF, DECIDERS, Role
from app.kernel.errors import N_

STAFF_HERE = grant(Reach.SCOPE, *CENTRE_STAFF)
DECIDERS_HERE = grant(Reach.SCOPE, *DECIDERS)
FAMILY = grant(Reach.OWN, Role.GUARDIAN)
CITY = grant(Reach.TENANT, Role.SEOUL_ADMIN)

APPLY = action("booking.apply", N_("예약 신청"), {**FAMILY, **STAFF_HERE})
APPLY_ONLINE = action("booking.apply_online", N_("온라인 예약 화면"), FAMILY)
MINE = action("booking.mine", N_("내 예약"), FAMILY)
READ = action("booking.read", N_("예약 보기"), {**FAMILY, **STAFF_HERE})
EDIT = action("booking.edit", N_("승인 전 신청 수정·취소"), {**FAMILY, **STAFF_HERE})
ASK_CANCEL = action("booking.ask_cancel", N_("이용취소 요청"), FAMILY)
QUEUE = action("booking.queue", N_("신청·대기 목록"), STAFF_HERE)
PREPARE = action("booking.prepare", N_("신청 준비(상담일, 서류 요청, 통보 기록)"), STAFF_HERE)
# Teachers decide only where the municipality lets them; the rule of deciders says when (KB-21).
DECIDE = action("booking.decide", N_("승인·미승인"), STAFF_HERE)
REVERSE = action("booking.reverse", N_("미승인 해제"), CITY)
MANAGE = action("booking.manage", N_("승인된 예약의 변경·이용취소"), {**FAMILY, **STAFF_HERE, **CITY})
START = action("booking.start", N_("이용 시작"), STAFF_HERE)
CLOSE = action("booking.close", N_("운영규정에 따른 이용 종결"), DECIDERS_HERE)
ANSWER_OFFER = action("booking.answer_offer", N_("대기 제안 답하기"), {**FAMILY, **STAFF_HERE})
OFFER = action("booking.offer", N_("대기자에게 자리 제안"), DECIDERS_HERE)
CARE_CARD = action("booking.care_card", N_("개인별 관리카드"), STAFF_HERE)
DAILY_USERS = action("booking.daily_users", N_("일일 이용자"), STAFF_HERE)
QUARTER_NOTICE = action(
    "booking.quarter_notice",
    N_("짧은 여름방학 안내"),
    {**STAFF_HERE, **grant(Reach.SCOPE, Role.DISTRICT_OFFICER), **CITY},
)
COUNTS = action(
    "booking.counts",
    N_("예약 현황 숫자"),
    {**STAFF_HERE, **grant(Reach.SCOPE, Role.DISTRICT_OFFICER), **CITY},
)
