"""Who may do what with incidents: those who care record and tell, the city sees that it was told, without names."""

from __future__ import annotations

from app.kernel.actions import Reach, action, grant
from app.kernel.actor import DAYCARE_STAFF, Role
from app.kernel.errors import N_

_HERE = grant(Reach.SCOPE, *DAYCARE_STAFF)

LIST = action("incidents.list", N_("사고·질병 기록 보기"), _HERE)
RECORD = action("incidents.record", N_("사고·질병 기록하기"), _HERE)
READ = action("incidents.read", N_("사고·질병 기록 열기"), _HERE)
TELL = action("incidents.tell", N_("보호자 연락 기록"), _HERE)
CLOSE = action("incidents.close", N_("사고·질병 기록 마감"), _HERE)
OVERSEE = action("incidents.oversee", N_("사고·질병 현황"), grant(Reach.TENANT, Role.CITY_OFFICER))
