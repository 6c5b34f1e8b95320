"""Who may do what: every page and command names one action, every action lists the roles and how far they reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.kernel.actor import Actor, Role
from app.kernel.errors import Forbidden, NotFound


class Reach(StrEnum):
    """How far a role's permission goes."""

    OPEN = "open"
    """Anything public."""
    OWN = "own"
    """Records of the person (a guardian's own family)."""
    SCOPE = "scope"
    """The centre or district the role is bound to."""
    TENANT = "tenant"
    """The whole municipality."""


@dataclass(frozen=True, slots=True)
class Action:
    key: str
    label: str
    grants: Mapping[Role, Reach]

    def allows(self, role: Role) -> bool:
        return role in self.grants

    def reach(self, role: Role) -> Reach:
        try:
            return self.grants[role]
        except KeyError:
            raise Forbidden(self.key) from None

    def check(self, actor: Actor, institution_id: int, parent_id: int | None = None) -> None:
        """403 for a role that may not; 404 for an institution outside the actor's scope."""
        reach = self.reach(actor.role)
        if reach is Reach.SCOPE and not actor.covers(institution_id, parent_id):
            raise NotFound(self.key)


_actions: dict[str, Action] = {}


def action(key: str, label: str, grants: Mapping[Role, Reach]) -> Action:
    """Register an action under its key (``room.verb``), once."""
    if key in _actions:
        raise ValueError(f"action {key} is defined twice")
    _actions[key] = made = Action(key, label, grants)
    return made


def grant(reach: Reach, *roles: Role) -> dict[Role, Reach]:
    return dict.fromkeys(roles, reach)


EVERYBODY: dict[Role, Reach] = {role: Reach.OPEN for role in Role if role is not Role.SYSTEM}
SIGNED_IN: dict[Role, Reach] = {role: Reach.OWN for role in Role if role not in (Role.SYSTEM, Role.VISITOR)}
