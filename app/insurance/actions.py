"""Who may do what with an institution's insurance: its director looks after it, the city looks on (AD-25)."""

from __future__ import annotations

from app.kernel.actions import Reach, action, grant
from app.kernel.actor import Role
from app.kernel.errors import N_

_HERE = grant(Reach.SCOPE, Role.DAYCARE_DIRECTOR)
_CITY = grant(Reach.TENANT, Role.CITY_OFFICER)

OWN = action("insurance.own", N_("우리 보험"), _HERE)
EDIT = action("insurance.edit", N_("보험 등록·해지"), _HERE)
CERTIFICATE = action("insurance.certificate", N_("보험 증권 보기"), {**_HERE, **_CITY})
OVERSEE = action("insurance.oversee", N_("보험 현황"), _CITY)
