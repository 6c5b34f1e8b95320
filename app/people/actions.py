"""Who may do what with families (permission matrix, rows "child, guardian record" and "priority evidence")."""

from __future__ import annotations

from app.kernel.actions import Reach, action, grant
from app.kernel.actor import CENTRE_STAFF, Role

_STAFF = grant(Reach.SCOPE, *CENTRE_STAFF)
_FAMILY = grant(Reach.OWN, Role.GUARDIAN)
_BOTH = {**_FAMILY, **_STAFF}
_DESKS = {**_STAFF, **grant(Reach.SCOPE, Role.DAYCARE_DIRECTOR)}
"""Where families come who have no account: a Kium centre, and a daycare with the application on paper."""

MY_CHILDREN = action("people.my_children", "우리 아이 보기", _FAMILY)
REGISTER_OWN_CHILD = action("people.register_own", "아이 등록", _FAMILY)
ASK_LINK = action("people.ask_link", "등록된 아이 연결 신청", _FAMILY)
SEARCH_CHILDREN = action("people.search", "이용자 검색", _STAFF)
FAMILY_DESK = action("people.family_desk", "이용자 화면의 전화·방문 등록", _STAFF)
REGISTER_FAMILY = action("people.register_family", "전화·방문 아동 등록", _DESKS)
DECIDE_LINK = action("people.decide_link", "아이 연결 확인", _STAFF)
INVITE_GUARDIAN = action("people.invite", "회원가입 안내", _DESKS)
EDIT_GUARDIAN = action("people.edit_guardian", "보호자 정보 수정", _DESKS)
READ_CHILD = action("people.read_child", "아동 정보 보기", _BOTH)
CHILD_PAGES = action("people.child_pages", "아동 정보 화면", _BOTH)
EDIT_CHILD = action("people.edit_child", "아동 정보 수정", {**_FAMILY, **_DESKS})
EDIT_CIRCLE = action("people.edit_circle", "보호자·데리러 올 사람 정하기", _BOTH)
READ_HEALTH = action("people.read_health", "건강 특이사항 열기", _BOTH)
EDIT_HEALTH = action("people.edit_health", "건강 특이사항 적기", _BOTH)
GIVE_CONSENT = action("people.give_consent", "동의와 철회", _BOTH)
ADD_EVIDENCE = action("people.add_evidence", "증빙서류 올리기", _BOTH)
VERIFY_EVIDENCE = action("people.verify_evidence", "증빙서류 확인", _STAFF)
