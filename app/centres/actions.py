"""Who may do what with centres (rows "centre …" to "quarters" of the permission matrix)."""

from __future__ import annotations

from app.kernel.actions import EVERYBODY, Reach, action, grant
from app.kernel.actor import CENTRE_STAFF, DECIDERS, Role
from app.kernel.errors import N_

_OFFICERS = {**grant(Reach.SCOPE, Role.DISTRICT_OFFICER), **grant(Reach.TENANT, Role.SEOUL_ADMIN)}

SEE = action("centres.see", N_("센터 찾기"), EVERYBODY)
OWN = action("centres.own", N_("우리 센터"), grant(Reach.SCOPE, *CENTRE_STAFF))
EDIT = action("centres.edit", N_("시설 정보 수정"), {**grant(Reach.SCOPE, *CENTRE_STAFF), **_OFFICERS})
REGISTER = action("centres.register", N_("센터 등록"), _OFFICERS)
CLOSE_DOWN = action("centres.close_down", N_("센터 운영 종료"), _OFFICERS)
OVERSEE = action("centres.oversee", N_("센터 현황"), _OFFICERS)
ASK_CAPACITY = action("centres.ask_capacity", N_("정원 변경 요청"), grant(Reach.SCOPE, *DECIDERS))
DECIDE_CAPACITY = action("centres.decide_capacity", N_("정원 변경 승인"), _OFFICERS)
PLAN_QUARTERS = action("centres.plan_quarters", N_("분기 등록·삭제"), grant(Reach.SCOPE, *DECIDERS))
CHANGE_QUARTERS = action("centres.change_quarters", N_("분기 수정"), grant(Reach.SCOPE, *CENTRE_STAFF))
SPECIAL_DAYS = action("centres.special_days", N_("특별운영일"), grant(Reach.SCOPE, *CENTRE_STAFF))
WRITE_RULES = action("centres.write_rules", N_("운영규정"), grant(Reach.SCOPE, *DECIDERS))
DISTRICT_PAPERS = action("centres.district_papers", N_("자치구 증빙서류"), _OFFICERS)
