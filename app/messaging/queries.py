"""Reads of messages."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.messaging.models import Message


def messages_about(session: Session, subject: str, subject_id: int) -> list[Message]:
    """What was told about one thing (a booking, an offer), oldest first: channel, state and time (KB-23)."""
    query = select(Message).where(Message.subject == subject, Message.subject_id == subject_id)
    return list(session.scalars(query.order_by(Message.id)))


def newest_messages(session: Session, limit: int = 50) -> list[Message]:
    return list(session.scalars(select(Message).order_by(Message.id.desc()).limit(limit)))
