"""Who may do what in the 24-hour daycare (permission matrix, roles §5)."""

from __future__ import annotations

from app.kernel.actions import EVERYBODY, Reach, action, grant
from app.kernel.actor import DAYCARE_STAFF, Role
from app.kernel.errors import N_

STAFF_HERE = grant(Reach.SCOPE, *DAYCARE_STAFF)
DIRECTOR_HERE = grant(Reach.SCOPE, Role.DAYCARE_DIRECTOR)
FAMILY = grant(Reach.OWN, Role.GUARDIAN)
CITY = grant(Reach.TENANT, Role.CITY_OFFICER)

BROWSE = action("daycare.browse", N_("언제나어린이집 찾기"), EVERYBODY)
APPLY = action("daycare.apply", N_("이용신청서 쓰기"), {**FAMILY, **DIRECTOR_HERE})
TAKE_DOWN = action("daycare.take_down", N_("종이 신청서 옮겨 적기"), DIRECTOR_HERE)
MY_APPLICATIONS = action("daycare.my_applications", N_("내 이용신청서"), FAMILY)
READ_APPLICATIONS = action("daycare.read_applications", N_("이용신청서 보기"), {**FAMILY, **STAFF_HERE})
DECIDE_APPLICATION = action("daycare.decide_application", N_("이용신청서 접수·반려"), DIRECTOR_HERE)
CHECK_PAPERS = action("daycare.check_papers", N_("가족관계서류·신분증 확인"), STAFF_HERE)
BOOK = action("daycare.book", N_("어린이집 예약"), {**FAMILY, **DIRECTOR_HERE})
MINE = action("daycare.mine", N_("내 어린이집 예약"), FAMILY)
READ = action("daycare.read", N_("어린이집 예약 보기"), {**FAMILY, **STAFF_HERE})
BOOKINGS = action("daycare.bookings", N_("어린이집 예약 목록"), STAFF_HERE)
DECIDE = action("daycare.decide", N_("예약 확정·거절"), DIRECTOR_HERE)
CHANGE = action("daycare.change", N_("예약 변경"), {**FAMILY, **DIRECTOR_HERE})
CANCEL = action("daycare.cancel", N_("예약 취소"), {**FAMILY, **DIRECTOR_HERE})
PAY = action("daycare.pay", N_("이용료 수납"), STAFF_HERE)
REFUND = action("daycare.refund", N_("이용료 환불"), DIRECTOR_HERE)
ROOM = action("daycare.room", N_("지금 보육실"), STAFF_HERE)
HAND_OVER = action("daycare.hand_over", N_("인계·인수"), STAFF_HERE)
MOVE_CLASS = action("daycare.move_class", N_("다른 반으로 옮기기"), DIRECTOR_HERE)
NO_SHOW = action("daycare.no_show", N_("미입소 처리"), DIRECTOR_HERE)
PRIOR_CONTACT = action("daycare.prior_contact", N_("사전연락 기록"), STAFF_HERE)
CALL_BACK = action("daycare.call_back", N_("빈자리 연락 메모"), {**FAMILY, **STAFF_HERE})
ASK_MEDICINE = action("daycare.ask_medicine", N_("투약의뢰서"), {**FAMILY, **STAFF_HERE})
AGREE_MEALS = action("daycare.agree_meals", N_("급·간식 합의"), FAMILY)
HEAR_AGREEMENT = action("daycare.hear_agreement", N_("들은 급·간식 합의 적기"), STAFF_HERE)
GIVE_MEDICINE = action("daycare.give_medicine", N_("투약 기록"), STAFF_HERE)
WRITE_JOURNAL = action("daycare.write_journal", N_("보육일지 쓰기"), STAFF_HERE)
CLOSE_JOURNAL = action("daycare.close_journal", N_("보육일지 마감"), DIRECTOR_HERE)
LEDGERS = action("daycare.ledgers", N_("이용대장·인수인계대장"), {**STAFF_HERE, **CITY})
ISSUE_LEDGERS = action("daycare.issue_ledgers", N_("대장 발급"), DIRECTOR_HERE)
MANAGE = action("daycare.manage", N_("반·근무·휴원일 정하기"), DIRECTOR_HERE)
OVERVIEW = action("daycare.overview", N_("어린이집 현황"), {**DIRECTOR_HERE, **CITY})
DESIGNATE = action("daycare.designate", N_("어린이집 지정·지정 종료"), CITY)
