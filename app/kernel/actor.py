"""Who acts: a person in one role, a job, or nobody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.kernel.errors import N_


class Role(StrEnum):
    """Roles of the permission matrix; one of them acts in a session."""

    VISITOR = "visitor"
    GUARDIAN = "guardian"
    CARE_TEACHER = "care_teacher"
    TEAM_LEADER = "team_leader"
    CENTRE_DIRECTOR = "centre_director"
    DISTRICT_OFFICER = "district_officer"
    SEOUL_ADMIN = "seoul_admin"
    CITY_OFFICER = "city_officer"
    COORDINATOR = "coordinator"
    REGIONAL_DIRECTOR = "regional_director"
    DAYCARE_DIRECTOR = "daycare_director"
    DAYCARE_TEACHER = "daycare_teacher"
    PLATFORM_OPERATOR = "platform_operator"
    SYSTEM = "system"

    @property
    def label(self) -> str:
        return ROLE_LABELS[self]


ROLE_LABELS = {
    Role.VISITOR: N_("방문자"),
    Role.GUARDIAN: N_("보호자"),
    Role.CARE_TEACHER: N_("돌봄선생님"),
    Role.TEAM_LEADER: N_("팀장"),
    Role.CENTRE_DIRECTOR: N_("센터장"),
    Role.DISTRICT_OFFICER: N_("자치구 담당자"),
    Role.SEOUL_ADMIN: N_("서울시 관리자"),
    Role.CITY_OFFICER: N_("시군 담당자"),
    Role.COORDINATOR: N_("아동돌봄센터 간사"),
    Role.REGIONAL_DIRECTOR: N_("아동돌봄센터장"),
    Role.DAYCARE_DIRECTOR: N_("원장"),
    Role.DAYCARE_TEACHER: N_("보육교사"),
    Role.PLATFORM_OPERATOR: N_("플랫폼 운영자"),
    Role.SYSTEM: N_("시스템"),
}
CENTRE_STAFF = frozenset({Role.CARE_TEACHER, Role.TEAM_LEADER, Role.CENTRE_DIRECTOR})
DECIDERS = frozenset({Role.TEAM_LEADER, Role.CENTRE_DIRECTOR})
REGIONAL_STAFF = frozenset({Role.COORDINATOR, Role.REGIONAL_DIRECTOR})
DAYCARE_STAFF = frozenset({Role.DAYCARE_TEACHER, Role.DAYCARE_DIRECTOR})
PLACE_STAFF = CENTRE_STAFF | DAYCARE_STAFF | REGIONAL_STAFF
"""People at work in one place."""
OFFICERS = frozenset({Role.DISTRICT_OFFICER, Role.SEOUL_ADMIN, Role.CITY_OFFICER})


@dataclass(frozen=True, slots=True)
class Actor:
    """``scope`` is the institution the acting role is bound to (a centre, a district); None means the tenant."""

    role: Role
    user_id: int | None = None
    name: str = ""
    scope: int | None = None
    guardian_id: int | None = None
    ip: str = ""
    request_id: str = ""

    @property
    def is_staff(self) -> bool:
        return self.role in PLACE_STAFF or self.role in OFFICERS

    def covers(self, institution_id: int, parent_id: int | None) -> bool:
        """Does the acting scope hold this institution? A district holds its centres."""
        return self.scope is None or self.scope in (institution_id, parent_id)


VISITOR = Actor(Role.VISITOR)
SYSTEM = Actor(Role.SYSTEM, name="system")
