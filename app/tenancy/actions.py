"""Who may do what on the platform: the start page is for everybody, the rest for its operators."""

from __future__ import annotations

from app.kernel.actions import EVERYBODY, Reach, action, grant
from app.kernel.actor import Role

_OPERATOR = grant(Reach.TENANT, Role.PLATFORM_OPERATOR)

CHOOSE_TOWN = action("platform.choose_town", "시군 고르기", EVERYBODY)
ASK_HEALTH = action("platform.ask_health", "상태 확인", EVERYBODY)
SEE_PRIVACY = action("tenancy.see_privacy", "개인정보처리방침 보기", EVERYBODY)
SIGN_IN = action("platform.sign_in", "운영자 로그인", EVERYBODY)
SEE_TOWNS = action("platform.see_towns", "시군 상태 보기", _OPERATOR)
SEE_CLOCK = action("platform.see_clock", "시계 기록 보기", _OPERATOR)
REVIVE_WORK = action("platform.revive_work", "멈춘 일 다시 하기", _OPERATOR)
EDIT_HOLIDAYS = action("platform.edit_holidays", "휴일 정하기", _OPERATOR)

# A municipality's own decisions (row "parameters"): a house its own keys, a district its own, the rest the city.
_DECIDERS = {
    **grant(
        Reach.SCOPE, Role.CENTRE_DIRECTOR, Role.TEAM_LEADER, Role.DAYCARE_DIRECTOR, Role.DISTRICT_OFFICER
    ),
    **grant(Reach.TENANT, Role.SEOUL_ADMIN, Role.CITY_OFFICER),
}
SEE_SETTINGS = action("settings.see", "설정 보기", _DECIDERS)
DECIDE_SETTING = action("settings.decide", "설정 바꾸기", _DECIDERS)
