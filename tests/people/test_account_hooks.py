"""Somebody who joins gets a family record at once, in whichever process the house runs."""

from __future__ import annotations

import subprocess
import sys

from flask import Flask
from sqlalchemy import select

from app.accounts.models import UserAccount
from app.kernel.actor import SYSTEM
from app.kernel.audit import AuditLog
from app.kernel.config import ROOT
from app.kernel.db import TenantRef, unit_of_work
from app.people.models import Guardian
from tests.cast_accounts import last_code

PHONE = "01055556666"
STEPS = (
    ("", {"terms": "y", "privacy": "y"}),
    ("/phone", {"name": "김보호", "phone": PHONE}),
    ("/code", {}),
    ("/account", {"login_id": "haneul.mom", "password": "haneul2026", "again": "haneul2026"}),
)
LOADED = """
import sys
from app import house
from app.accounts import hooks
house.load_hooks()
print(len(hooks._joined), "NULL" not in str(hooks.guardian_column(1)), "flask" in sys.modules)
"""


def test_joining_makes_the_guardian_and_the_session_knows_it(app: Flask, seoul: TenantRef) -> None:
    browser = app.test_client()
    for step, filled in STEPS:
        answer = browser.post(f"/seoul/join{step}", data=filled or {"code": last_code(seoul, PHONE)})
        assert answer.status_code == 303
    with unit_of_work(seoul, SYSTEM) as uow:
        guardian = uow.session.scalars(select(Guardian)).one()
        account = uow.session.scalars(select(UserAccount)).one()
        logged = uow.session.scalars(select(AuditLog.entity_id).where(AuditLog.action == "guardian.joined"))
        assert logged.all() == [guardian.id]
    assert (guardian.user_id, guardian.name, guardian.phone) == (account.id, "김보호", PHONE)
    assert guardian.phone_verified_at == account.phone_verified_at
    assert browser.get("/seoul/children").status_code == 200


def test_a_process_without_pages_knows_it_too() -> None:
    """The clock, the worker and the command open the house without importing a view."""
    said = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert said.stdout.split() == ["1", "True", "False"]
