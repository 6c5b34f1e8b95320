"""Who may do what with accounts (roles.md: accounts)."""

from __future__ import annotations

from app.kernel.actions import EVERYBODY, SIGNED_IN, Reach, action, grant
from app.kernel.actor import Role
from app.kernel.errors import N_

ENTER = action("accounts.enter", N_("로그인·가입·비밀번호 찾기"), EVERYBODY)
PEOPLE_WITH_ACCOUNTS = frozenset(SIGNED_IN) - {Role.PLATFORM_OPERATOR}
"""The platform's operator has no account in a municipality."""
OWN = action("accounts.own", N_("내 계정"), grant(Reach.OWN, *PEOPLE_WITH_ACCOUNTS))
ISSUE = action(
    "accounts.issue",
    N_("계정 발급과 관리"),
    {
        **grant(Reach.SCOPE, Role.DISTRICT_OFFICER),
        **grant(Reach.TENANT, Role.SEOUL_ADMIN, Role.CITY_OFFICER),
    },
)
