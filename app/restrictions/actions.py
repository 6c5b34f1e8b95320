"""Who may do what with restrictions (roles: restriction events, restriction decision, daycare restriction).

Where a city has no regional centre its officer takes the centre's steps; which step is whose says ``rules.states``.
"""

from __future__ import annotations

from app.kernel.actions import Reach, action, grant
from app.kernel.actor import Role
from app.kernel.errors import N_

_CITY = grant(Reach.TENANT, Role.CITY_OFFICER)
_CHECKS = {**grant(Reach.TENANT, Role.COORDINATOR), **_CITY}
_DECIDES = {**grant(Reach.TENANT, Role.REGIONAL_DIRECTOR), **_CITY}
_OFFICE = {**_CHECKS, **_DECIDES}
_FAMILY = grant(Reach.OWN, Role.GUARDIAN)
_DAYCARE = grant(Reach.SCOPE, Role.DAYCARE_DIRECTOR)

SEE = action("restrictions.see", N_("이용제한 보기"), _OFFICE)
ENTER_EVENT = action("restrictions.enter_event", N_("이용제한 사유가 되는 일 적기"), _CHECKS)
EXCUSE_EVENT = action("restrictions.excuse_event", N_("세지 않기로 하기"), _OFFICE)
CHECK = action("restrictions.check", N_("사실확인과 소명 요청"), _CHECKS)
DECIDE = action("restrictions.decide", N_("이용제한 결정"), _DECIDES)
STATE = action("restrictions.state", N_("소명"), {**_FAMILY, **_CHECKS})
OBJECT = action("restrictions.object", N_("이의신청"), {**_FAMILY, **_CHECKS})
DECIDE_OBJECTION = action("restrictions.decide_objection", N_("이의신청 심사"), _CITY)
PROPOSE_LIFT = action("restrictions.propose_lift", N_("일찍 풀기 제안"), _DECIDES)
CONSENT_LIFT = action("restrictions.consent_lift", N_("일찍 풀기 동의"), _CITY)
OPEN_NOTICE = action("restrictions.open_notice", N_("이용제한 통지서 받기"), {**_OFFICE, **_DAYCARE})
OWN = action("restrictions.own", N_("내 이용제한"), _FAMILY)
OF_DAYCARE = action("restrictions.of_daycare", N_("어린이집 이용제한"), _DAYCARE)
