"""Development only: the messages that would have left the house, so that a demonstration can read its codes."""

from __future__ import annotations

from typing import Any

from flask import current_app

from app.kernel import audit, web
from app.kernel.errors import NotFound
from app.messaging.actions import OUTBOX
from app.messaging.queries import newest_messages
from app.messaging.rules import Channel, MessageState

pages = web.tenant_blueprint("messaging", __name__)


@web.page(pages, "/messages-outbox", OUTBOX)
def outbox() -> Any:
    if current_app.config["SETTINGS"].production:
        raise NotFound("outbox")
    with web.unit() as uow:
        rows = newest_messages(uow.session)
        audit.record_access(uow, "messages.outbox", "message", None, row_count=len(rows))
    return web.render("messaging/public/outbox.html", rows=rows, channel=Channel, state=MessageState)
