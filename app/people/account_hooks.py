"""What accounts cannot know: whose family record belongs to an account, and that one is made when somebody joins."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, select

from app.accounts import hooks
from app.people.models import Guardian
from app.people.service.guardians import guardian_joined


def _guardian_of(user_id: Any) -> ScalarSelect[Any]:
    return select(Guardian.id).where(Guardian.user_id == user_id).scalar_subquery()


hooks.register_actor_detail(_guardian_of)
hooks.on_guardian_joined(guardian_joined)
