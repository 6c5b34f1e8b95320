"""A paper that waits for its signature, a drawing to sign with, and the parent who may."""

from __future__ import annotations

from typing import Any

from app.documents.catalogue import load
from app.documents.models import Paper
from app.documents.service.preparing import prepare_paper
from app.kernel.actor import Actor, Role
from app.kernel.db import TenantRef, unit_of_work
from tests.documents.papers import sample

PRIVACY = "kium-consent-privacy"
FIELD = "guardian_signature"
DRAWN = [[[10, 10], [200, 80], [300, 40]], [[50, 90], [250, 90]]]
PARENT = Actor(Role.GUARDIAN, user_id=11, name="한지원", guardian_id=90_007, ip="203.0.113.9")


def prepared(place: TenantRef, teacher: Actor, form_id: str = PRIVACY, **more: Any) -> Paper:
    """The form's sample as a paper of the teacher's centre, about 90_003, the child of PARENT."""
    given = {"data": sample(load(form_id)), "guardian_id": 90_007, "child_id": 90_003, **more}
    with unit_of_work(place, teacher) as uow:
        return prepare_paper(
            uow,
            form_id,
            given.pop("data"),
            subject="child",
            subject_id=90_003,
            institution_id=teacher.scope,
            **given,
        )
