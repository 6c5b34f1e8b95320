"""The development outbox."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask

from app.kernel.actor import SYSTEM
from app.kernel.db import TenantRef, unit_of_work
from app.messaging.service import plan_message
from tests.messaging.test_service import PHONE


def test_the_outbox_shows_this_municipalitys_messages_only(
    app: Flask, seoul: TenantRef, gwacheon: TenantRef
) -> None:
    with unit_of_work(seoul, SYSTEM) as uow:
        plan_message(uow, "test.approved", PHONE, {"child": "<b>김하늘</b>"}, urgent=True)
    client = app.test_client()
    page = client.get("/seoul/messages-outbox").text
    assert "&lt;b&gt;김하늘&lt;/b&gt; 어린이의" in page
    assert "010-****-5678" in page
    assert PHONE not in page
    assert "아직 보낸 메시지가 없어요" in client.get("/gwacheon/messages-outbox").text


def test_production_has_no_outbox(app: Flask, seoul: TenantRef) -> None:
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, env="production")
    try:
        assert app.test_client().get("/seoul/messages-outbox").status_code == 404
    finally:
        app.config["SETTINGS"] = before
