"""What lower rooms cannot know about families, said to them at start.

To accounts: whose family record belongs to an account, and that one is made when somebody joins. To documents: that a
signed consent form is a consent.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, select

from app.accounts import hooks as accounts
from app.documents import hooks as documents
from app.people.models import Guardian
from app.people.service.consents import consent_form_issued
from app.people.service.guardians import guardian_joined


def _guardian_of(user_id: Any) -> ScalarSelect[Any]:
    return select(Guardian.id).where(Guardian.user_id == user_id).scalar_subquery()


accounts.register_actor_detail(_guardian_of)
accounts.on_guardian_joined(guardian_joined)
documents.on_issued(consent_form_issued)
