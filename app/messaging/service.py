"""Plan a message in the transaction that causes it; record one that a person delivered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.kernel import audit, work
from app.kernel.columns import new_ref
from app.kernel.db import UnitOfWork
from app.messaging.models import Message
from app.messaging.parameters import QUIET_HOURS
from app.messaging.rules import Channel, MessageState, channel_for, quiet_until
from app.messaging.templates import template as find_template
from app.tenancy import settings

SEND = "message.send"


def plan_message(
    uow: UnitOfWork,
    template: str,
    to: str,
    values: Mapping[str, Any],
    *,
    subject: str = "",
    subject_id: int | None = None,
    urgent: bool = False,
    key: str | None = None,
    channel: str | None = None,
) -> str | None:
    """Plan one message of a registered template to a phone (digits) or an address; returns its ref.

    ``urgent`` (attendance, safety, something the person asked for this minute) ignores the quiet hours (KP-10).
    ``key`` names the occasion: a second plan with the same key does nothing and returns None.
    An empty ``to`` (somebody without a phone) plans nothing.
    """
    if not to:
        return None
    title, body = find_template(template).fill(values)
    ref = new_ref()
    quiet = None if urgent else quiet_until(uow.now, settings.value(uow, QUIET_HOURS))
    planned = work.plan(uow, SEND, {"message": ref}, key=f"message|{key}" if key else None, not_before=quiet)
    if planned is None:
        return None
    uow.last.add(
        Message,
        ref=ref,
        template=template,
        channel=channel_for(to, Channel(channel) if channel else None),
        to=to,
        title=title,
        body=body,
        values={name: str(value) for name, value in values.items()},
        state=MessageState.PENDING,
        subject=subject,
        subject_id=subject_id,
        urgent=urgent,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.write_soon()
    return ref


def record_call(
    uow: UnitOfWork,
    to: str,
    said: str,
    *,
    at: datetime,
    subject: str,
    subject_id: int,
    template: str = "by_hand",
) -> str:
    """KB-23: somebody told the family by telephone at ``at``; who recorded it stands in the row. Returns its ref."""
    row = Message(
        ref=new_ref(),
        template=template,
        channel=Channel.PHONE_MANUAL,
        to=to,
        body=said,
        state=MessageState.SENT,
        subject=subject,
        subject_id=subject_id,
        sent_at=at,
        created_at=uow.now,
        created_by=uow.actor.user_id,
    )
    uow.session.add(row)
    uow.session.flush()
    audit.record(uow, "message.record_call", "message", row.id, to_state=MessageState.SENT)
    return row.ref
